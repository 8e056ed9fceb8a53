"""The viewport: one view of images."""

__all__ = ["links", "snapshot", "surface", "viewport"]
