"""Pictures derived from several frames: planes of a volume, slabs, cuts of a pullback, sheets."""

__all__ = ["planes", "pullback", "sheet", "slab"]
