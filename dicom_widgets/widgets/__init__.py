"""The widgets: they paint what the display core made, and pass on what the hand did."""

__all__ = ["panels", "tools", "viewer", "viewport"]
