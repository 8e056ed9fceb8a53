"""The figures of a measurement, from what a frame means and its stored values (requirements ME2 to ME5, US1 to US4).

The page computes the same from the same numbers while the hand moves (frontend/core/measurements/).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.display.values import regions
from dicom_widgets.display.values.spacing import Spacing
from dicom_widgets.measurements import quantities as measure

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dicom_widgets.display.graphics.shapes import Point
    from dicom_widgets.display.values.value_semantics import ValueSemantics

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


def figures(kind: str, points: Sequence[Point], meaning: ValueSemantics, stored: np.ndarray) -> Figures:
    """Return the figures of a measurement.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    points : sequence of (x, y)
        In image coordinates: 0, 0 is the outer corner of the first pixel and 0.5, 0.5 its centre (PS3.3 C.10.5.1.2).
    meaning : Meaning
    stored : ndarray
        The decoded frame: (rows, columns) of stored values, or (rows, columns, 3) RGB.

    """
    centred = [(x - 0.5, y - 0.5) for x, y in points]  # from here on 0, 0 is the centre of the first pixel
    return KINDS[kind][1](kind, centred, meaning, stored)


def _length(_kind: str, points: list[Point], meaning: ValueSemantics, _stored: np.ndarray) -> Figures:
    a, b = points
    spacing, why = _spacing(meaning, points)
    if spacing.unit == "px" and meaning.regions:
        found = regions.distance(meaning.regions, a, b)
        return Figures(found.quantities, source=regions.SOURCE, why=found.why)
    return _said(spacing, why, ("length", measure.length(a, b, spacing), spacing.unit))


def _angle(_kind: str, points: list[Point], meaning: ValueSemantics, _stored: np.ndarray) -> Figures:
    a, corner, b = points
    spacing, why = _spacing(meaning, points)
    if spacing.unit == "px":
        spacing = Spacing(down=meaning.aspect, source=spacing.source)
    found = measure.angle(a, corner, b, spacing)
    return Figures(why="a leg has no length") if found is None else _said(spacing, why, ("angle", found, "°"))


def _region(kind: str, points: list[Point], meaning: ValueSemantics, stored: np.ndarray) -> Figures:
    a, b = points
    spacing, why = _spacing(meaning, points)
    shape = measure.rectangle if kind == "rectangle" else measure.ellipse
    grey = meaning.modality is not None
    values = meaning.modality(stored) if meaning.modality is not None else np.zeros(stored.shape[:2])
    found = shape(values, a, b, spacing, meaning.is_padding(stored) if grey and meaning.padding else None)
    size: list[Quantity] = [("area", found.area, f"{spacing.unit}²"), ("count", float(found.count), "px")]
    if not found.count:
        return _said(spacing, "no pixel lies inside", *size)
    if not grey:
        return _said(spacing, why, *size)
    why = " · ".join(w for w in (meaning.difference, why) if w)
    unit = meaning.unit
    amounts: list[Quantity] = [(k, getattr(found, k), unit) for k in ("mean", "sd", "min", "max")]
    if meaning.suv is not None:
        amounts += [(f"SUVbw {k}", getattr(found, k) * meaning.suv, "g/ml") for k in ("mean", "max")]
    for real in meaning.real:
        mapped = real(stored)
        seen = shape(mapped, a, b, spacing, np.isnan(mapped) | meaning.is_padding(stored))
        if seen.count:
            amounts += [(f"{real.name} mean", seen.mean, real.unit), (f"{real.name} SD", seen.sd, real.unit)]
    return _said(spacing, why, *amounts, *size)


def _point(_kind: str, points: list[Point], meaning: ValueSemantics, stored: np.ndarray) -> Figures:
    at = points[0]
    column, row = (math.floor(x + 0.5) for x in at)
    if not (0 <= row < stored.shape[0] and 0 <= column < stored.shape[1]):
        return Figures(why="outside of the image")
    found, here = stored[row, column], regions.region_at(meaning.regions, (column, row))
    values: list[Quantity] = []
    why = meaning.difference or meaning.note
    if stored.ndim == 3:
        values = [(name, float(x), "") for name, x in zip(("red", "green", "blue"), found, strict=True)]
    elif meaning.modality is None:
        values = [("index", float(found), "")]
    elif meaning.is_padding(found):
        why = f"no difference: {why}" if meaning.subtraction else f"padding ({found.item():g})"
    else:
        measured = float(meaning.modality(np.array(found)))
        values = [("value", measured, meaning.unit)]
        values += [("SUVbw", measured * meaning.suv, "g/ml")] if meaning.suv is not None else []
        values += meaning.reality(found)
    if here:
        values += [("horizontal", here.x(column), here.x.unit), ("vertical", here.y(row), here.y.unit)]
    return Figures(tuple(values), why=why)


def _spacing(meaning: ValueSemantics, points: list[Point]) -> tuple[Spacing, str]:
    """Return the spacing that holds at all of the points, and why it is only pixels."""
    spacing = meaning.spacing
    if spacing.unit != "px" and spacing.source != regions.SOURCE:
        return spacing, ""
    if not meaning.regions:
        return spacing, spacing.source
    pixels = Spacing(source=regions.SOURCE)
    shared = next((r for r in meaning.regions if all(p in r for p in points)), None)
    if shared is None:
        return pixels, "the points are not in one region"
    if not shared.lengths:
        return pixels, f"the region's units are {shared.x.unit or 'none'} and {shared.y.unit or 'none'}"
    return Spacing(10 * abs(shared.y.delta), 10 * abs(shared.x.delta), "mm", source=regions.SOURCE), ""


def _said(spacing: Spacing, why: str, *quantities: Quantity) -> Figures:
    return Figures(quantities, spacing.label, "" if spacing.unit == "px" else spacing.source, why)


KINDS: Final[dict[str, tuple[int, Callable[[str, list[Point], ValueSemantics, np.ndarray], Figures]]]] = {
    "length": (2, _length),
    "angle": (3, _angle),
    "rectangle": (2, _region),
    "ellipse": (2, _region),
    "probe": (1, _point),
}
"""Kind -> how many points it has, and what computes its figures."""
