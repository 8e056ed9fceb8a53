"""Overlay planes: bits over an image (PS3.3 C.9.2, C.9.3; requirements OV1 to OV5, PS15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.values import element, exactly, finite, text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom.dataset import Dataset

COLOR: Final = "#00e5ff"
"""Visible on black and on white, and not the colour of annotations."""
_STATISTICS: Final = ((0x1301, "area {:g} px"), (0x1302, "mean {:g}"), (0x1303, "SD {:g}"))
"""ROI Area, Mean and Standard Deviation (60xx,1301 to 1303), as the object gives them."""
GROUPS: Final = range(0x6000, 0x6020, 2)


@dataclass(frozen=True, eq=False)
class Overlay:
    """One overlay of a frame."""

    group: int
    bits: np.ndarray
    """(rows, columns) of the image, bool."""
    label: str = ""
    description: str = ""
    layer: str = ""
    """Overlay Activation Layer (60xx,1001)."""
    color: str = COLOR
    facts: str = ""
    """Subtype, whether it is a region of interest, and its statistics, in words."""

    @property
    def words(self) -> str:
        """Its label in lists of layers."""
        called = self.label or self.description or f"Overlay {self.group:04X}"
        return f"{called} ({self.facts})" if self.facts else called

    @property
    def name(self) -> str:
        """Its name among what can be switched off (`Picture.switches`)."""
        return f"overlay {self.group:04X}"


def overlays_of(
    ds: Dataset, shape: tuple[int, int], frame: int = 1, words: Callable[[], np.ndarray] | None = None
) -> Iterator[Overlay | str]:
    """Yield the overlays of a frame, and a sentence for each that cannot be read.

    Parameters
    ----------
    ds : Dataset
        Attributes of an image or a presentation state.
    shape : (rows, columns)
        Of the image; overlays are cropped to it.
    frame : int
        Of the image, from 1.
    words : callable, optional
        Returns the samples of the image with all their bits: retired overlays lie in the unused ones.

    """
    for group in GROUPS:
        rows, columns = _number(ds, group, 0x0010), _number(ds, group, 0x0011)
        position = _number(ds, group, 0x0102)
        if words is not None and position > 0 and (group, 0x3000) not in ds:
            stored = words()
            if stored.ndim != 2 or position >= 8 * stored.itemsize:
                yield f"Overlay {group:04X} says that it is bit {position} of each pixel, and pixels have no such bit"
                continue
            bits = (stored >> position & 1).astype(bool)
        elif rows and columns and (group, 0x3000) in ds:
            plane = _plane(ds, group, (rows, columns), frame)
            if plane is None:
                continue
            if isinstance(plane, str):
                yield plane
                continue
            bits = _placed(plane, _origin(ds, group), shape)
        else:
            continue
        bits.flags.writeable = False
        label, description, layer = (_text(ds, group, n) for n in (0x1500, 0x0022, 0x1001))
        yield Overlay(group, bits, label, description, layer, facts=_facts(ds, group))


def _facts(ds: Dataset, group: int) -> str:
    """Return Overlay Subtype (60xx,0045), whether it is a region of interest, and its statistics (requirement OV5)."""
    facts = [_text(ds, group, 0x0045).lower()]
    facts += ["region of interest"] if _text(ds, group, 0x0040).upper() == "R" else []
    found = ((words, finite(_value(ds, group, number))) for number, words in _STATISTICS)
    facts += [words.format(figure) for words, figure in found if figure is not None]
    return ", ".join(f for f in facts if f)


def _plane(ds: Dataset, group: int, size: tuple[int, int], frame: int) -> np.ndarray | str | None:
    """Return the bits of an overlay for a frame of the image, None, or a sentence on what is wrong with it."""
    frames = max(1, _number(ds, group, 0x0015))
    first = _number(ds, group, 0x0051) or 1
    index = frame - first if frames > 1 or (group, 0x0051) in ds else 0
    if not 0 <= index < frames:
        return None
    data = _value(ds, group, 0x3000)
    count = size[0] * size[1]
    start = index * count  # frames follow each other without a gap
    if not isinstance(data, bytes) or len(data) * 8 < start + count:
        return f"Overlay {group:04X} is cut off: {size[1]} x {size[0]} bits do not fit into its data"
    if ds.original_encoding[1] is False and ds[group, 0x3000].VR == "OW":
        data = np.frombuffer(data[: len(data) // 2 * 2], ">u2").astype("<u2").tobytes()
    packed = np.frombuffer(data[start // 8 : -(-(start + count) // 8)], np.uint8)
    return np.unpackbits(packed, bitorder="little")[start % 8 :][:count].reshape(size).astype(bool)


def _placed(plane: np.ndarray, origin: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """Return a plane in the grid of the image; its origin (row, column) counts from 1 and may lie outside."""
    bits = np.zeros(shape, bool)
    (top, left), (rows, columns) = (o - 1 for o in origin), plane.shape
    y0, x0, y1, x1 = max(0, top), max(0, left), min(shape[0], top + rows), min(shape[1], left + columns)
    if y1 > y0 and x1 > x0:
        bits[y0:y1, x0:x1] = plane[y0 - top : y1 - top, x0 - left : x1 - left]
    return bits


def _origin(ds: Dataset, group: int) -> tuple[int, int]:
    row, column = exactly(_value(ds, group, 0x0050), 2) or (1, 1)
    return int(row), int(column)


def _value(ds: Dataset, group: int, number: int) -> Any:
    found = element(ds, group << 16 | number)
    return None if found is None else found.value


def _number(ds: Dataset, group: int, number: int) -> int:
    return whole(_value(ds, group, number)) or 0


def _text(ds: Dataset, group: int, number: int) -> str:
    return text(_value(ds, group, number), 64)
