"""WADO-URI over HTTP (PS3.18 9)."""

__all__ = ["wado"]
