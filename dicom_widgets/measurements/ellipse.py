"""The ellipse that fills the box between two opposite corners (requirement ME4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.display.graphics.shapes import outline
from dicom_widgets.measurements.kind import MeasurementKind
from dicom_widgets.measurements.region import Region, region_figures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.geometry.point import Point
    from dicom_widgets.measurements.kind import Polyline


def ellipse(points: Sequence[Point], shape: tuple[int, int]) -> Region:
    """Return the ellipse that fills the box of two opposite corners, its edge included."""
    a, b = points
    (cx, cy), (rx, ry) = np.add(a, b) / 2, np.abs(np.subtract(b, a)) / 2
    if not rx or not ry:
        return Region(np.zeros(shape, bool), 0.0)
    row, column = np.ogrid[: shape[0], : shape[1]]
    return Region(((column - cx) / rx) ** 2 + ((row - cy) / ry) ** 2 <= 1, math.pi * rx * ry)


def _outline(points: Polyline) -> tuple[Polyline, ...]:
    (left, top), (right, bottom) = points
    x, y = (left + right) / 2, (top + bottom) / 2
    return (outline("ELLIPSE", ((left, y), (right, y), (x, top), (x, bottom))),)


ELLIPSE: Final = MeasurementKind("ellipse", 2, _outline, region_figures(ellipse))
