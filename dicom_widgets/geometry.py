"""Where slices lie in the patient: order, spacing, affine, orientation letters (PS3.3 C.7.6.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.values import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.instance import Instance

PARALLEL: Final = np.cos(np.deg2rad(1.0))
"""Two slices belong to one stack if their normals differ by at most one degree."""


@dataclass(frozen=True)
class Plane:
    """The plane of an image in the patient's coordinates (LPS, mm)."""

    position: tuple[float, float, float]
    """Centre of the first pixel."""
    row: tuple[float, float, float]
    """Unit vector along a row: where columns increase."""
    column: tuple[float, float, float]

    @property
    def normal(self) -> np.ndarray:
        """Unit normal, (3,)."""
        (a, b, c), (d, e, f) = self.row, self.column  # np.cross takes twenty times as long
        return np.array((b * f - c * e, c * d - a * f, a * e - b * d))

    @property
    def distance(self) -> float:
        """Position along the normal in mm."""
        return float(np.dot(self.normal, self.position))

    def letters(self) -> tuple[str, str]:
        """Return where the row and the column run to: letters of L P H and their opposites."""
        return direction(self.row), direction(self.column)


def plane(instance: Instance, frame: int = 1) -> Plane | None:
    """Return the plane of a frame, or None where the object does not say or says nonsense (PS3.3 C.7.6.2, C.7.6.16)."""
    if instance.groups is None:
        return plane_from(instance.numbers("ImageOrientationPatient", 6), instance.numbers("ImagePositionPatient", 3))
    source = instance.attributes(frame)
    return plane_from(numbers(source, "ImageOrientationPatient", 6), numbers(source, "ImagePositionPatient", 3))


def plane_from(cosines: Any, position: Any) -> Plane | None:
    """Return a plane from six direction cosines and a position in mm, or None where they are no plane."""
    if cosines is None or position is None or len(cosines) != 6 or len(position) != 3:
        return None
    row, column = ([float(x) for x in part] for part in (cosines[:3], cosines[3:]))
    lengths = math.hypot(*row), math.hypot(*column)
    if min(lengths) < 1e-3 or abs(sum(x * y for x, y in zip(row, column, strict=True))) > 0.1 * lengths[0] * lengths[1]:
        return None
    unit_row, unit_column = (tuple(x / n for x in v) for v, n in zip((row, column), lengths, strict=True))
    return Plane(tuple(float(x) for x in position), unit_row, unit_column)  # type: ignore[arg-type]


def direction(vector: Sequence[float]) -> str:
    """Return up to three letters of where a vector points, the largest component first (PS3.3 C.7.6.1.1.1)."""
    pairs = ("RL", "AP", "FH")
    parts = sorted(((abs(v), pair[int(v > 0)]) for v, pair in zip(vector, pairs, strict=True)), reverse=True)
    return "".join(letter for size, letter in parts if size > 0.1)


_OPPOSITE: Final = str.maketrans("RLAPFH", "LRPAHF")


def opposite(letters: str) -> str:
    """Return the letters of the other side."""
    return letters.translate(_OPPOSITE)


def edges(row: str, column: str, turns: int, flip: bool) -> tuple[str, str, str, str]:
    """Return the letters at the left, top, right and bottom edge of an image that is turned and flipped.

    Parameters
    ----------
    row, column : str
        Where rows (to the right) and columns (downwards) of the untouched image run to.
    turns : int
        Quarter turns clockwise.
    flip : bool
        Whether it is then flipped left to right.

    """
    around = [opposite(row), opposite(column), row, column]  # left, top, right, bottom
    for _ in range(turns % 4):
        around = [around[3], *around[:3]]  # clockwise: what was at the bottom comes to the left
    if flip:
        around[0], around[2] = around[2], around[0]
    return around[0], around[1], around[2], around[3]


def aspect(instance: Instance, frame: int = 1) -> float:
    """Return the height of a pixel divided by its width (requirement GE5)."""
    source = instance.header if instance.groups is None else instance.attributes(frame)
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "PixelAspectRatio"):
        pair = numbers(source, keyword, 2)
        if pair and min(pair) > 0:
            return pair[0] / pair[1]
    return 1.0
