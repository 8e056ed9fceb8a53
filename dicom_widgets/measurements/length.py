"""The distance of two points (requirements ME3, US1 to US4)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from dicom_widgets.display.values import regions
from dicom_widgets.measurements.figures import Figures
from dicom_widgets.measurements.kind import MeasurementKind, as_given, figures_by, spacing_at

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from dicom_widgets.display.values.spacing import Spacing
    from dicom_widgets.display.values.value_semantics import ValueSemantics
    from dicom_widgets.geometry.point import Point


def length(a: Point, b: Point, spacing: Spacing) -> float:
    """Return the distance of two points, in units of the spacing."""
    return math.hypot((b[0] - a[0]) * spacing.across, (b[1] - a[1]) * spacing.down)


def _figures(points: Sequence[Point], semantics: ValueSemantics, _stored: np.ndarray) -> Figures:
    a, b = points
    spacing, why = spacing_at(semantics, points)
    if spacing.unit == "px" and semantics.regions:  # time and velocity in a Doppler, which are no length together
        found = regions.distance(semantics.regions, a, b)
        return Figures(found.quantities, source=regions.SOURCE, why=found.why)
    return figures_by(spacing, why, ("length", length(a, b, spacing), spacing.unit))


LENGTH: Final = MeasurementKind("length", 2, as_given, _figures)
