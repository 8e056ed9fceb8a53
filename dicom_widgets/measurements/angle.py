"""The angle between two legs (requirement ME4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.display.values.spacing import Spacing
from dicom_widgets.measurements.figures import Figures
from dicom_widgets.measurements.kind import MeasurementKind, as_given, figures_by, spacing_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.display.values.value_semantics import ValueSemantics
    from dicom_widgets.geometry.point import Point


def angle(a: Point, corner: Point, b: Point, spacing: Spacing) -> float | None:
    """Return the angle at a corner in degrees, 0 to 180, or None where a leg has no length."""
    scale = np.array([spacing.across, spacing.down])
    first, second = (np.subtract(p, corner) * scale for p in (a, b))
    if not first.any() or not second.any():
        return None
    crossed = first[0] * second[1] - first[1] * second[0]
    return math.degrees(math.atan2(abs(crossed), float(first @ second)))


def _figures(points: Sequence[Point], semantics: ValueSemantics, _stored: np.ndarray) -> Figures:
    a, corner, b = points
    spacing, why = spacing_at(semantics, points)
    if spacing.unit == "px":  # an angle needs no millimetres, but the shape of the pixels
        spacing = Spacing(down=semantics.aspect, source=spacing.source)
    found = angle(a, corner, b, spacing)
    return Figures(why="a leg has no length") if found is None else figures_by(spacing, why, ("angle", found, "°"))


ANGLE: Final = MeasurementKind("angle", 3, as_given, _figures)
