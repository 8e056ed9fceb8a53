"""The figures of a measurement: its quantities with units, where they come from, and how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

Quantity = tuple[str, float, str]
"""Name, value, unit."""


@dataclass(frozen=True)
class Figures:
    """The quantities of a measurement, and what a reader has to know about them."""

    quantities: tuple[Quantity, ...] = ()
    """Name, value and unit of each; the first one is the `value` of the measurement."""
    label: str = ""
    """What kind of lengths they are: at detector, calibration unknown, ..."""
    source: str = ""
    """The attribute that the lengths are computed with."""
    why: str = ""
    """Why lengths are in pixels, or why there is no value; else empty."""

    def __getitem__(self, name: str) -> float:
        """Return the value of a quantity by its name, `figures["mean"]`; NaN where there is none."""
        return next(value for own, value, _ in self.quantities if own == name) if name in self else math.nan

    def __contains__(self, name: str) -> bool:
        return any(own == name for own, _, _ in self.quantities)

    def lines(self) -> list[str]:
        """Return the lines of text that stand beside the measurement."""
        found = [
            f"{name if name != 'sd' else 'SD'} {shown(value)} {unit}".strip() for name, value, unit in self.quantities
        ]
        if "mean" in self and "sd" in self:  # two quantities a line
            found = ["   ".join(found[i : i + 2]) for i in range(0, len(found), 2)]
        elif len(self.quantities) == 1:
            found = [found[0].partition(" ")[2]]
        return found + [note for note in (f"({self.label})" if self.label else "", self.why) if note]


def shown(value: float) -> str:
    """Return a number with four significant digits, with an exponent only where it is very small or very large."""
    if not math.isfinite(value) or (value and not 1e-6 <= abs(value) < 1e9):
        return f"{value:.4g}"
    places = max(0, 3 - math.floor(math.log10(abs(value)))) if value else 0
    rounded = f"{math.floor(value * 10**places + 0.5) / 10**places:.{places}f}"
    return rounded.rstrip("0").rstrip(".") if places else rounded
