"""Pictures made of several frames: planes of a volume, cuts of a pullback, sheets."""
