"""What the values and the distances of a frame mean, whatever they are looked at with."""

__all__ = ["probe", "realworld", "regions", "spacing", "subtraction", "suv", "value_semantics"]
