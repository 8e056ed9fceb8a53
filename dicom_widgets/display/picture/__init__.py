"""A picture: one frame with all that is painted and said of it."""
