"""Pictures made of several frames: planes of a volume, cuts of a pullback, sheets."""

__all__ = ["planes", "pullback", "sheet", "slab"]
