"""A picture: one frame with all that is painted and said of it."""

__all__ = ["color_overlay", "layer", "picture", "placement", "shown", "true_size"]
