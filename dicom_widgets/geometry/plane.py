"""Planes: where images lie in the patient, and the letters of their orientation (PS3.3 C.7.6.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.values import exactly, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.instance import Instance

PARALLEL: Final = np.cos(np.deg2rad(1.0))
"""Cosine of one degree: normals that differ by less are parallel."""

SMALL: Final = 0.01
"""Positions that differ by less are one; mm."""
_FARTHEST: Final = 1e7
"""The largest plausible coordinate; mm."""
_SQUARE: Final = 0.002
"""The largest difference of a component of two equal directions: about a tenth of a degree."""


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
        x, y, z = b * f - c * e, c * d - a * f, a * e - b * d
        return np.array((x, y, z)) / math.hypot(x, y, z)  # rows and columns may not be at right angles

    @property
    def distance(self) -> float:
        """Position along the normal in mm."""
        return float(np.dot(self.normal, self.position))

    def letters(self) -> tuple[str, str]:
        """Return the letters of where a row and a column run to, as `L` and `P`."""
        return direction_letters(self.row), direction_letters(self.column)


def plane_of(instance: Instance, frame: int = 1) -> Plane | None:
    """Return the plane of a frame, or None where the object lacks it or has nonsense.

    PS3.3 C.7.6.2, C.7.6.16; for reconstructions of nuclear medicine C.8.4.15.
    """
    if slices := instance.slices:
        return plane_from(*slices[frame - 1]) if 1 <= frame <= len(slices) else None
    if instance.groups is None:
        return plane_from(instance.numbers("ImageOrientationPatient", 6), instance.numbers("ImagePositionPatient", 3))
    source = instance.attributes(frame)
    return plane_from(numbers(source, "ImageOrientationPatient", 6), numbers(source, "ImagePositionPatient", 3))


def plane_from(cosines: Any, position: Any) -> Plane | None:
    """Return a plane from six direction cosines and a position in mm, or None where they are invalid."""
    cosines, position = exactly(cosines, 6), exactly(position, 3)
    if cosines is None or position is None or max(map(abs, position)) > _FARTHEST:
        return None
    row, column = cosines[:3], cosines[3:]
    lengths = math.hypot(*row), math.hypot(*column)
    slant = abs(sum(x * y for x, y in zip(row, column, strict=True)))
    if min(lengths) < 1e-3 or max(lengths) > 1e3 or slant > 0.1 * lengths[0] * lengths[1]:
        return None
    unit_row, unit_column = (tuple(x / n for x in v) for v, n in zip((row, column), lengths, strict=True))
    return Plane(position, unit_row, unit_column)


def parallel(one: Plane, other: Plane) -> bool:
    """Whether two planes have one normal, to one degree."""
    return bool(np.dot(one.normal, other.normal) > PARALLEL)


def irregularities(planes: Sequence[Plane]) -> tuple[str, ...]:
    """Return why planes, in the order along their normal, are no regular volume; empty where they are one (GE4).

    Refused are steps that differ by more than 1 %, a shear of more than 1 degree, slices that are shifted sideways by
    more than a tenth of a step or turned by more than about 0.1 degree, and rows and columns that are not at right
    angles.
    """
    if len(planes) < 2:
        return ()
    steps, first = np.diff([p.distance for p in planes]), planes[0]
    step = float(np.median(steps))
    notes = []
    if steps.min() <= SMALL:
        notes.append("positions repeat")
    elif steps.max() - steps.min() > max(SMALL, 0.01 * step):
        notes.append(f"the distances of slices differ: {steps.min():.3g} to {steps.max():.3g} mm")
    places = np.array([p.position for p in planes])
    shift = places[-1] - places[0]
    length = float(np.linalg.norm(shift))
    if length > SMALL and float(np.dot(shift / length, first.normal)) < PARALLEL:
        notes.append("the slices are sheared (gantry tilt)")
    elif length > SMALL:
        along = shift / length
        beside = (places - places[0]) - np.outer((places - places[0]) @ along, along)
        if np.linalg.norm(beside, axis=1).max() > max(SMALL, 0.1 * step):
            notes.append("slices are shifted sideways")
    rows, columns = np.array([p.row for p in planes]), np.array([p.column for p in planes])
    if max(np.abs(rows - rows[0]).max(), np.abs(columns - columns[0]).max()) > _SQUARE:
        notes.append("slices are turned against each other")
    if abs(float(rows[0] @ columns[0])) > _SQUARE:
        notes.append("rows and columns are not at right angles")
    return tuple(notes)


def direction_letters(vector: Sequence[float]) -> str:
    """Return up to three letters of where a vector points, the largest component first (PS3.3 C.7.6.1.1.1)."""
    pairs = ("RL", "AP", "FH")
    parts = sorted(((abs(v), pair[int(v > 0)]) for v, pair in zip(vector, pairs, strict=True)), reverse=True)
    return "".join(letter for size, letter in parts if size > 0.1)


def position_label(normal: np.ndarray, distance: float) -> str:
    """Return where a plane lies along its unit normal, with the letter of that side: `H 12.5 mm` (requirement GE7)."""
    side = direction_letters((normal if distance >= 0 else -normal).tolist())[:1]
    return f"{side} {abs(distance):.1f} mm"


_OPPOSITE: Final = str.maketrans("RLAPFH", "LRPAHF")


def opposite_letters(letters: str) -> str:
    """Return the letters of the opposite direction."""
    return letters.translate(_OPPOSITE)


def edge_letters(row: str, column: str, turns: int, flip: bool) -> tuple[str, str, str, str]:
    """Return the letters at the left, top, right and bottom edge of an image that is turned and flipped.

    Parameters
    ----------
    row, column : str
        Letters of where rows (to the right) and columns (downwards) of the stored image run to.
    turns : int
        Quarter turns clockwise.
    flip : bool
        Whether the image is then flipped from left to right.

    """
    around = [opposite_letters(row), opposite_letters(column), row, column]  # left, top, right, bottom
    for _ in range(turns % 4):
        around = [around[3], *around[:3]]  # clockwise: what was at the bottom comes to the left
    if flip:
        around[0], around[2] = around[2], around[0]
    return around[0], around[1], around[2], around[3]


def pixel_aspect(instance: Instance, frame: int = 1) -> float:
    """Return the height of a pixel divided by its width (PS3.3 C.7.6.3.1.7; requirement GE5)."""
    return pixel_aspect_of(instance.header if instance.groups is None else instance.attributes(frame))


def pixel_aspect_of(ds: Dataset) -> float:
    """Return the height of a pixel divided by its width, from the attributes of a frame; 1 where nothing says it."""
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio"):
        pair = numbers(ds, keyword, 2)
        if pair and min(pair) > 0:
            return pair[0] / pair[1]
    return 1.0
