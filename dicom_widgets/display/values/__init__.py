"""What values and distances of a frame mean: units, spacing, SUV, real world values, which mask is subtracted.

None of it depends on the window or the presentation state.
"""

__all__ = ["probe", "realworld", "regions", "spacing", "subtraction", "suv", "value_semantics"]
