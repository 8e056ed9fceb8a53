"""What a kind of measurement is: how many points it has, how it is drawn, and what its figures are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dicom_widgets.display.values import regions
from dicom_widgets.display.values.spacing import Spacing
from dicom_widgets.geometry.point import Point
from dicom_widgets.measurements.figures import Figures, Quantity

if TYPE_CHECKING:
    import numpy as np

    from dicom_widgets.display.values.value_semantics import ValueSemantics

Polyline = tuple[Point, ...]
Compute = Callable[[Sequence[Point], "ValueSemantics", "np.ndarray"], Figures]
"""Takes points, what the values of the frame mean, and its stored values: (rows, columns), or (rows, columns, 3) RGB.

Here 0, 0 is the centre of the first pixel, so that a whole number is an index of the array.
"""


@dataclass(frozen=True)
class MeasurementKind:
    """A kind of measurement; `register` makes one available to all sessions."""

    name: str
    """What notebooks and files call it: `viewport.measure("length", ...)`."""
    points: int
    """How many points it has; with `more`, how many it has at least."""
    outline: Callable[[Polyline], tuple[Polyline, ...]]
    """Returns the lines that are drawn, of points in image coordinates: 0, 0 is the outer corner of the first pixel and
    0.5, 0.5 its centre (PS3.3 C.10.5.1.2)."""
    figures: Compute
    """Computes its figures."""
    more: bool = False
    """Whether it may have any number of points, as a freehand region."""
    label: str = ""
    """What readers call it; empty is its name."""
    script: str = ""
    """Text of an ES module with its twin for the page, which draws and computes it while the hand moves."""

    @property
    def title(self) -> str:
        """What readers call it."""
        return self.label or self.name

    @property
    def number(self) -> str:
        """How many points it has, in words."""
        return f"{self.points} points" + (" or more" if self.more else "")


def as_given(points: Polyline) -> tuple[Polyline, ...]:
    """Return the outline of what is drawn from point to point."""
    return (points,)


def spacing_at(semantics: ValueSemantics, points: Sequence[Point]) -> tuple[Spacing, str]:
    """Return the spacing that holds at all of the points, and why it is only pixels (requirements ME2, US1, US2).

    Ultrasound is measured by its regions only: pixels outside of them, or in two of them, have no common unit.
    """
    spacing = semantics.spacing
    if spacing.unit != "px" and spacing.source != regions.SOURCE:
        return spacing, ""
    if not semantics.regions:
        return spacing, spacing.source
    pixels = Spacing(source=regions.SOURCE)
    shared = next((r for r in semantics.regions if all(p in r for p in points)), None)
    if shared is None:
        return pixels, "the points are not in one region"
    if not shared.lengths:
        return pixels, f"the region's units are {shared.x.unit or 'none'} and {shared.y.unit or 'none'}"
    return Spacing(10 * abs(shared.y.delta), 10 * abs(shared.x.delta), "mm", source=regions.SOURCE), ""


def figures_by(spacing: Spacing, why: str, *quantities: Quantity) -> Figures:
    """Return quantities as figures that say which spacing they were computed with."""
    return Figures(quantities, spacing.label, "" if spacing.unit == "px" else spacing.source, why)
