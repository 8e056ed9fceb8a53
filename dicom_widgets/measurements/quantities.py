"""Lengths, angles and regions of interest, on the untransformed image (requirements ME3, ME4, ME5).

Points are (column, row), counted from 0 at the centre of the first pixel, so that zoom, rotation and flip change
nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from dicom_widgets.display.values.spacing import Spacing
    from dicom_widgets.geometry.point import Point


def length(a: Point, b: Point, spacing: Spacing) -> float:
    """Return the distance of two points, in units of the spacing."""
    return math.hypot((b[0] - a[0]) * spacing.across, (b[1] - a[1]) * spacing.down)


def angle(a: Point, corner: Point, b: Point, spacing: Spacing) -> float | None:
    """Return the angle at a corner in degrees, 0 to 180, or None where a leg has no length."""
    scale = np.array([spacing.across, spacing.down])
    first, second = (np.subtract(p, corner) * scale for p in (a, b))
    if not first.any() or not second.any():
        return None
    crossed = first[0] * second[1] - first[1] * second[0]
    return math.degrees(math.atan2(abs(crossed), float(first @ second)))


@dataclass(frozen=True)
class Statistics:
    """What lies in a region of interest; the figures are NaN where it has no pixels."""

    count: int
    mean: float
    sd: float
    """Of the sample: the sum of squares is divided by count - 1."""
    min: float
    max: float
    area: float
    """Of the shape itself, in squared units of the spacing."""


def rectangle(
    values: np.ndarray, a: Point, b: Point, spacing: Spacing, padding: np.ndarray | None = None
) -> Statistics:
    """Return the statistics of the pixels whose centres lie in a rectangle, its edge included.

    Parameters
    ----------
    values : ndarray
        (rows, columns) of modality values.
    a, b : (float, float)
        Two opposite corners.
    spacing : Spacing
    padding : ndarray of bool, optional
        (rows, columns); True is left out.

    """
    (left, right), (top, bottom) = (sorted(pair) for pair in zip(a, b, strict=True))
    row, column = np.ogrid[: values.shape[0], : values.shape[1]]
    inside = (row >= top) & (row <= bottom) & (column >= left) & (column <= right)
    return _statistics(values, inside, padding, (right - left) * (bottom - top) * spacing.across * spacing.down)


def ellipse(values: np.ndarray, a: Point, b: Point, spacing: Spacing, padding: np.ndarray | None = None) -> Statistics:
    """Return the same for the ellipse that fills the rectangle of two corners."""
    (cx, cy), (rx, ry) = np.add(a, b) / 2, np.abs(np.subtract(b, a)) / 2
    if not rx or not ry:
        return _statistics(values, np.zeros(values.shape, bool), padding, 0.0)
    row, column = np.ogrid[: values.shape[0], : values.shape[1]]
    inside = ((column - cx) / rx) ** 2 + ((row - cy) / ry) ** 2 <= 1
    return _statistics(values, inside, padding, math.pi * rx * ry * spacing.across * spacing.down)


def _statistics(values: np.ndarray, inside: np.ndarray, padding: np.ndarray | None, area: float) -> Statistics:
    found = values[inside if padding is None else inside & ~padding].astype(np.float64)
    if not found.size:
        return Statistics(0, math.nan, math.nan, math.nan, math.nan, area)
    sd = float(found.std(ddof=1)) if found.size > 1 else 0.0
    return Statistics(found.size, float(found.mean()), sd, float(found.min()), float(found.max()), area)
