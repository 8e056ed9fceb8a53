"""The figures of a measurement: its quantities with units, where they come from, and how they are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

Quantity = tuple[str, float, str]
"""Name, value, unit."""


@dataclass(frozen=True)
class Figures:
    """What a measurement says."""

    quantities: tuple[Quantity, ...] = ()
    """Name, value and unit of each; the first one is what was measured."""
    label: str = ""
    """What its lengths are said to be: at detector, calibration unknown, ..."""
    source: str = ""
    """The attribute that its lengths come from."""
    why: str = ""
    """Why it is only pixels, or why there is no value; empty where nothing is to be said."""

    def __getitem__(self, name: str) -> float:
        """Return a quantity by its name: `figures["mean"]`."""
        return next(value for own, value, _ in self.quantities if own == name) if name in self else math.nan

    def __contains__(self, name: str) -> bool:
        return any(own == name for own, _, _ in self.quantities)

    def lines(self) -> list[str]:
        """Return it as it is written beside the measurement."""
        found = [
            f"{name if name != 'sd' else 'SD'} {shown(value)} {unit}".strip() for name, value, unit in self.quantities
        ]
        if "mean" in self and "sd" in self:  # two quantities a line
            found = ["   ".join(found[i : i + 2]) for i in range(0, len(found), 2)]
        elif len(self.quantities) == 1:
            found = [found[0].partition(" ")[2]]
        return found + [note for note in (f"({self.label})" if self.label else "", self.why) if note]


def shown(value: float) -> str:
    """Return a number with four significant digits, and no exponent as long as it is of a usual size."""
    if not math.isfinite(value) or (value and not 1e-6 <= abs(value) < 1e9):
        return f"{value:.4g}"
    places = max(0, 3 - math.floor(math.log10(abs(value)))) if value else 0
    rounded = f"{math.floor(value * 10**places + 0.5) / 10**places:.{places}f}"
    return rounded.rstrip("0").rstrip(".") if places else rounded
