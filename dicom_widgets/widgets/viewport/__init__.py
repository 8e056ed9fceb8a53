"""The viewport: one view of images."""

__all__ = ["layer_kinds", "links", "snapshot", "surface", "viewport"]
