"""The connection doctor: every step from our configuration to one instance that has come."""

__all__ = ["diagnosis", "doctor"]
