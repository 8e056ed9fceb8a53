"""Stored values of a frame, from native or compressed pixel data."""

__all__ = ["frames"]
