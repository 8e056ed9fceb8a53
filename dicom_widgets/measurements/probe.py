"""The value at one point (requirements ME1, US3)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.display.graphics.shapes import outline
from dicom_widgets.display.values import regions
from dicom_widgets.measurements.figures import Figures
from dicom_widgets.measurements.kind import MeasurementKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.display.values.value_semantics import ValueSemantics
    from dicom_widgets.geometry.point import Point
    from dicom_widgets.measurements.figures import Quantity
    from dicom_widgets.measurements.kind import Polyline


def _figures(points: Sequence[Point], semantics: ValueSemantics, stored: np.ndarray) -> Figures:
    at = points[0]
    column, row = (math.floor(x + 0.5) for x in at)
    if not (0 <= row < stored.shape[0] and 0 <= column < stored.shape[1]):
        return Figures(why="outside of the image")
    found, here = stored[row, column], regions.region_at(semantics.regions, (column, row))
    values: list[Quantity] = []
    why = semantics.difference or semantics.note
    if stored.ndim == 3:
        values = [(name, float(x), "") for name, x in zip(("red", "green", "blue"), found, strict=True)]
    elif semantics.modality is None:
        values = [("index", float(found), "")]
    elif semantics.is_padding(found):
        why = f"no difference: {why}" if semantics.subtraction else f"padding ({found.item():g})"
    else:
        measured = float(semantics.modality(np.array(found)))
        values = [("value", measured, semantics.unit)]
        values += [("SUVbw", measured * semantics.suv, "g/ml")] if semantics.suv is not None else []
        values += semantics.reality(found)
    if here:
        values += [("horizontal", here.x(column), here.x.unit), ("vertical", here.y(row), here.y.unit)]
    return Figures(tuple(values), why=why)


def _outline(points: Polyline) -> tuple[Polyline, ...]:
    return (outline("POINT", points),)


PROBE: Final = MeasurementKind("probe", 1, _outline, _figures)
