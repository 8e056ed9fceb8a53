"""Decoding: the stored values of a frame, from native or compressed pixel data."""

__all__ = ["frames"]
