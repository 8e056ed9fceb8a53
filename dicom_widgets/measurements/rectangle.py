"""A rectangle between two opposite corners (requirement ME4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.measurements.kind import MeasurementKind
from dicom_widgets.measurements.region import Region, region_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.geometry.point import Point
    from dicom_widgets.measurements.kind import Polyline


def rectangle(points: Sequence[Point], shape: tuple[int, int]) -> Region:
    """Return the rectangle of two opposite corners, its edge included."""
    (left, right), (top, bottom) = (sorted(pair) for pair in zip(*points, strict=True))
    row, column = np.ogrid[: shape[0], : shape[1]]
    inside = (row >= top) & (row <= bottom) & (column >= left) & (column <= right)
    return Region(inside, (right - left) * (bottom - top))


def _outline(points: Polyline) -> tuple[Polyline, ...]:
    (left, top), (right, bottom) = points
    return (((left, top), (right, top), (right, bottom), (left, bottom), (left, top)),)


RECTANGLE: Final = MeasurementKind("rectangle", 2, _outline, region_figures(rectangle))
