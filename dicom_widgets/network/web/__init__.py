"""Retrieval over HTTP: WADO-URI (PS3.18 9)."""

__all__ = ["wado"]
