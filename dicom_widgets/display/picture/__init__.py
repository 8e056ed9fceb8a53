"""Pictures: one frame with its layers, covers, graphics and texts, and how it is resampled to the screen."""
