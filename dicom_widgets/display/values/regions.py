"""Ultrasound regions: physical values of points and distances in each of them (PS3.3 C.8.5.5.

Requirements US1 to US4).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import items, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom.dataset import Dataset

    from dicom_widgets.geometry.point import Point

UNITS: Final = ("", "%", "dB", "cm", "s", "Hz", "dB/s", "cm/s", "cm²", "cm²/s", "cm³", "cm³/s", "°")
"""Physical Units X and Y Direction (0018,6024/6026), by number."""
SOURCE: Final = "Sequence of Ultrasound Regions (0018,6011)"


@dataclass(frozen=True)
class AxisUnit:
    """One direction of a region."""

    unit: str
    delta: float
    """Units per pixel to the right or downwards; may be negative."""
    origin: float
    """Column or row, from 0 in the whole image, of the reference pixel."""
    value: float = 0.0
    """Physical value of the reference pixel."""

    def __call__(self, at: float) -> float:
        """Return the physical value of a column or row, from 0 in the whole image."""
        return (at - self.origin) * self.delta + self.value


@dataclass(frozen=True)
class Region:
    """A part of an ultrasound image with scales of its own."""

    left: int
    top: int
    right: int
    """The last column, inclusive."""
    bottom: int
    x: AxisUnit
    y: AxisUnit
    low: bool = False
    """Whether a region that overlaps it is on top (Region Flags bit 0)."""

    @property
    def lengths(self) -> bool:
        """Whether distances in it are lengths: it is in cm both ways."""
        return (self.x.unit, self.y.unit) == ("cm", "cm")

    def __contains__(self, point: Point) -> bool:
        return self.left <= math.floor(point[0] + 0.5) <= self.right and (
            self.top <= math.floor(point[1] + 0.5) <= self.bottom
        )


def regions_of(ds: Dataset) -> tuple[Region, ...]:
    """Return the regions of an ultrasound image, those of high priority first; broken ones are left out.

    The reference pixel is counted from the upper left corner of its region (requirement US3).
    """
    found = []
    for item in items(ds, "SequenceOfUltrasoundRegions"):
        box = [number(item, f"RegionLocation{k}") for k in ("MinX0", "MinY0", "MaxX1", "MaxY1")]
        if any(edge is None for edge in box):
            continue
        left, top, right, bottom = (int(edge or 0) for edge in box)
        x, y = _scale(item, "X", left), _scale(item, "Y", top)
        if x and y and left <= right and top <= bottom:
            found.append(Region(left, top, right, bottom, x, y, bool(int(number(item, "RegionFlags") or 0) & 1)))
    return tuple(sorted(found, key=lambda r: r.low))


def _scale(item: Dataset, axis: str, corner: int) -> AxisUnit | None:
    code, delta = number(item, f"PhysicalUnits{axis}Direction"), number(item, f"PhysicalDelta{axis}")
    if code is None or not delta:
        return None
    unit = UNITS[int(code)] if 0 <= code < len(UNITS) else ""
    reference = number(item, f"ReferencePixel{axis}0") or 0.0
    return AxisUnit(unit, delta, corner + reference, number(item, f"ReferencePixelPhysicalValue{axis}") or 0.0)


def region_at(regions: Sequence[Region], point: Point) -> Region | None:
    """Return the region on top at a point (column, row), counted from 0 at the centre of the first pixel."""
    return next((r for r in regions if point in r), None)


@dataclass(frozen=True)
class Distance:
    """The quantities between two points of an ultrasound image."""

    quantities: tuple[tuple[str, float, str], ...]
    """Name, value and unit of each."""
    why: str = ""
    """Why there is only a distance in pixels; empty if there is more."""


def distance(regions: Sequence[Region], a: Point, b: Point) -> Distance:
    """Measure between two points (column, row), counted from 0 at the centre of the first pixel (requirement US2).

    A region that contains both points is used even if another region is on top at one of them: its scales hold there
    too.
    """
    shared = next((r for r in regions if a in r and b in r), None)
    if shared is None:
        inside = any(a in r or b in r for r in regions)
        why = "the points are not in one region" if inside else "no ultrasound region is there"
        return Distance((("length", math.dist(a, b), "px"),), why)
    across, down = shared.x(b[0]) - shared.x(a[0]), shared.y(b[1]) - shared.y(a[1])
    units = shared.x.unit, shared.y.unit
    if shared.lengths:
        return Distance((("length", 10 * math.hypot(across, down), "mm"),))
    if units == ("s", "cm/s"):
        slope = (("slope", down / across, "cm/s²"),) if across else ()
        return Distance((("time", abs(across), "s"), ("velocity", down, "cm/s"), *slope))
    if units == ("s", "cm"):
        slope = (("slope", down / across, "cm/s"),) if across else ()
        return Distance((("time", abs(across), "s"), ("depth", down, "cm"), *slope))
    if units[0] and units[1] and units[0] != units[1]:
        return Distance((("horizontal", across, units[0]), ("vertical", down, units[1])))
    why = f"the region's units are {units[0] or 'none'} and {units[1] or 'none'}: no length"
    return Distance((("length", math.dist(a, b), "px"),), why)
