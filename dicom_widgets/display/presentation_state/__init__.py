"""Grayscale Softcopy Presentation States: which apply to an image, and what they make of it (PS3.3 A.33.1)."""

__all__ = ["applied", "state", "state_check"]
