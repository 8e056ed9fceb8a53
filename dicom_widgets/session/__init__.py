"""The session: what it holds, what it is doing, and what is made of its instances."""

__all__ = ["inventory", "remotes", "session", "transfer"]
