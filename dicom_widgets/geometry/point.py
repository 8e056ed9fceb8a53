"""A point of an image or of the screen."""

Point = tuple[float, float]
"""x to the right, y down, in the unit and from the origin that the function says that takes or gives it."""
