"""Reference lines: where the plane of another image crosses an image (requirement GE6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dicom_widgets.geometry.plane import PARALLEL

if TYPE_CHECKING:
    from dicom_widgets.display.values.spacing import Spacing
    from dicom_widgets.geometry.plane import Plane
    from dicom_widgets.geometry.point import Point

Image = tuple["Plane", "Spacing", int, int]
"""Plane, spacing in mm, rows and columns of a frame."""


def reference_line(here: Image, there: Image) -> tuple[Point, Point] | None:
    """Return the line on which the area of another image meets the plane of this one.

    Callers make sure that both have the same Frame of Reference.

    Returns
    -------
    pair of (column, row) or None
        The ends, counted from 0 at the centre of this image's first pixel; they may lie outside of it. None where the
        planes are parallel (to one degree), or the other image ends before it reaches this plane.

    """
    plane, spacing, _, _ = here
    if abs(float(np.dot(plane.normal, there[0].normal))) > PARALLEL:
        return None
    corners = _corners(there)
    sides = [float(np.dot(plane.normal, c)) - plane.distance for c in corners]
    ends: list[np.ndarray] = []
    for i in range(4):
        a, b = sides[i], sides[(i + 1) % 4]
        if (a < 0) != (b < 0):
            ends.append(corners[i] + (corners[(i + 1) % 4] - corners[i]) * (a / (a - b)))
    if len(ends) != 2:
        return None
    first, second = (_on(plane, spacing, e) for e in ends)
    return first, second


def _corners(image: Image) -> list[np.ndarray]:
    """Return the outer corners of an image, clockwise: half a pixel outside of the pixel centres."""
    plane, spacing, rows, columns = image
    row, column = np.array(plane.row) * spacing.across, np.array(plane.column) * spacing.down
    around = ((-0.5, -0.5), (columns - 0.5, -0.5), (columns - 0.5, rows - 0.5), (-0.5, rows - 0.5))
    return [np.array(plane.position) + x * row + y * column for x, y in around]


def _on(plane: Plane, spacing: Spacing, point: np.ndarray) -> Point:
    offset = point - np.array(plane.position)
    return float(np.dot(offset, plane.row)) / spacing.across, float(np.dot(offset, plane.column)) / spacing.down
