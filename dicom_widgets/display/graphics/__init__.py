"""Shapes, texts, overlays and shutters over images, and where their words lie."""

__all__ = ["overlay", "pen", "shapes", "shutter"]
