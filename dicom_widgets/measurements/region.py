"""The values in a region of a frame: area, mean, spread, extremes (requirements ME4, ME5).

A kind of region says which pixels lie inside; its figures are computed here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dicom_widgets.geometry.point import Point
from dicom_widgets.measurements.kind import figures_by, spacing_at

if TYPE_CHECKING:
    from dicom_widgets.display.values.spacing import Spacing
    from dicom_widgets.display.values.value_semantics import ValueSemantics
    from dicom_widgets.measurements.figures import Figures, Quantity
    from dicom_widgets.measurements.kind import Compute


@dataclass(frozen=True)
class Region:
    """A region of a frame."""

    inside: np.ndarray
    """(rows, columns) of bool: the pixels whose centres lie inside."""
    area: float
    """Of the shape itself, not of the pixels inside; in pixels of the image."""


@dataclass(frozen=True)
class Statistics:
    """What lies in a region; the figures are NaN where it has no pixels."""

    count: int
    mean: float
    sd: float
    """Of the sample: the sum of squares is divided by count - 1."""
    min: float
    max: float
    area: float
    """Of the shape itself, in squared units of the spacing."""


MakeRegion = Callable[[Sequence[Point], tuple[int, int]], Region]
"""Takes points, where 0, 0 is the centre of the first pixel, and (rows, columns) of the frame."""


def statistics(values: np.ndarray, region: Region, spacing: Spacing, padding: np.ndarray | None = None) -> Statistics:
    """Return the statistics of the pixels in a region.

    Parameters
    ----------
    values : ndarray
        (rows, columns) of modality values.
    region : Region
    spacing : Spacing
    padding : ndarray of bool, optional
        (rows, columns); True is left out.

    """
    area = region.area * spacing.across * spacing.down
    found = values[region.inside if padding is None else region.inside & ~padding].astype(np.float64)
    if not found.size:
        return Statistics(0, math.nan, math.nan, math.nan, math.nan, area)
    sd = float(found.std(ddof=1)) if found.size > 1 else 0.0
    return Statistics(found.size, float(found.mean()), sd, float(found.min()), float(found.max()), area)


def region_figures(region_of: MakeRegion) -> Compute:
    """Return what computes the figures of a kind of region."""

    def compute(points: Sequence[Point], semantics: ValueSemantics, stored: np.ndarray) -> Figures:
        rows, columns = stored.shape[:2]
        return _figures(region_of(points, (rows, columns)), *spacing_at(semantics, points), semantics, stored)

    return compute


def _figures(region: Region, spacing: Spacing, why: str, semantics: ValueSemantics, stored: np.ndarray) -> Figures:
    gray = semantics.modality is not None
    values = semantics.modality(stored) if semantics.modality is not None else np.zeros(stored.shape[:2])
    found = statistics(values, region, spacing, semantics.is_padding(stored) if gray and semantics.padding else None)
    size: list[Quantity] = [("area", found.area, f"{spacing.unit}²"), ("count", float(found.count), "px")]
    if not found.count:
        return figures_by(spacing, "no pixel lies inside", *size)
    if not gray:  # colours and indices of a palette have no mean
        return figures_by(spacing, why, *size)
    why = " · ".join(w for w in (semantics.difference, why) if w)
    unit = semantics.unit
    amounts: list[Quantity] = [(k, getattr(found, k), unit) for k in ("mean", "sd", "min", "max")]
    if semantics.suv is not None:
        amounts += [(f"SUVbw {k}", getattr(found, k) * semantics.suv, "g/ml") for k in ("mean", "max")]
    for real in semantics.real:
        mapped = real(stored)
        inside = statistics(mapped, region, spacing, np.isnan(mapped) | semantics.is_padding(stored))
        if inside.count:
            amounts += [(f"{real.name} mean", inside.mean, real.unit), (f"{real.name} SD", inside.sd, real.unit)]
    return figures_by(spacing, why, *amounts, *size)
