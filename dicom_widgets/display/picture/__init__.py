"""Pictures: one frame with its layers, covers, graphics and texts, and how it is resampled to the screen."""

__all__ = ["color_overlay", "layer", "picture", "placement", "shown", "true_size"]
