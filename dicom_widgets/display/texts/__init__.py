"""What an image is called on the screen: the texts in its corners, side and view, anatomy, angles, letters."""

__all__ = ["corner_texts", "laterality", "positioner"]
