"""Blending and display pipeline: frames of several data types as one image in colour (PS3.3 C.7.6.23; US8).

Tissue and flow of an enhanced ultrasound volume are separate frames. A frame of the primary path is shown with those of
the secondary path at the same position, by all dimensions but the data type, else by position and time. Each path
becomes colour and alpha by its own table; the weights of the two colours are constants or alphas. The palettes take
stored values, so a window does not apply. Frames of the secondary path stay grey, and so does what cannot be blended;
arrays give stored values still.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.functional_groups import Groups
from dicom_widgets.dicom.values import items, number, text, value
from dicom_widgets.display.pipeline.color import palette_channel
from dicom_widgets.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pydicom.dataset import Dataset

    from dicom_widgets.display.present.request import Request

_DATA_TYPE: Final = 0x00189808
_WALKED: Final = (
    ("ImageDataTypeSequence", "DataType"),
    ("FrameContentSequence", "DimensionIndexValues"),
    ("PlanePositionVolumeSequence", "ImagePositionVolume"),
    ("TemporalPositionSequence", "TemporalPositionTimeOffset"),
)
SOURCE: Final = "Data Frame Assignment Sequence (0028,1401)"


@dataclass(frozen=True)
class _Path:
    """Colours and alphas of one data path, from 0 to 1."""

    rgb: np.ndarray
    """(rows, columns, 3) float64, or (1, 1, 3) where there is no such path."""
    alpha: np.ndarray
    """(rows, columns, 1)."""


_NOTHING: Final = _Path(np.zeros((1, 1, 3)), np.ones((1, 1, 1)))


@dataclass(frozen=True)
class Blended:
    """A blended frame, or why there is none."""

    rgb: np.ndarray | None = None
    """(rows, columns, 3) uint8."""
    words: str = ""
    """What was blended, or why nothing was; empty where the object asks for no blending."""


class _Unusable(Exception):
    """The blending that the object asks for is not possible; the message says why."""


def blend(request: Request, ds: Dataset, stored: np.ndarray) -> Blended:
    """Return a frame of the primary path blended with its frames of the secondary path; other frames give `Blended()`.

    Parameters
    ----------
    request : Request
    ds : Dataset
        Attributes of the frame.
    stored : ndarray
        (rows, columns) of stored values.

    """
    paths = {
        text(value(a, "DataType", "")): (text(value(a, "DataPathAssignment", "")), a)
        for a in items(ds, "DataFrameAssignmentSequence")
    }
    kind = text(value(ds, "DataType", ""))
    if stored.ndim != 2 or paths.get(kind, ("",))[0] != "PRIMARY_SINGLE":  # PRIMARY_PVALUES is grey as it is
        return Blended()
    try:
        primary = _path(ds, "PRIMARY", [_index(ds, stored, paths[kind][1])])
        others = {p: (k, a) for k, (p, a) in paths.items() if p.startswith("SECONDARY")}
        parts = [others[p] for p in ("SECONDARY_SINGLE", "SECONDARY_HIGH", "SECONDARY_LOW") if p in others]
        beside = _beside(request, ds, [k for k, _ in parts]) if parts else []
        grids = [_index(ds, request.frames(request.instance, n), a) for n, (_, a) in zip(beside, parts, strict=True)]
        secondary = _path(ds, "SECONDARY", grids) if grids else _NOTHING
        first = _weight(ds, "BlendingLUT1Sequence", "BlendingLUT1TransferFunction", primary, secondary, None)
        second = _weight(ds, "BlendingLUT2Sequence", "BlendingLUT2TransferFunction", primary, secondary, first)
    except (_Unusable, DecodeError) as error:
        return Blended(words=f"the blending of {kind}: {error}")
    mixed = np.clip(first * primary.rgb + second * secondary.rgb, 0, 1)
    frames = "".join(f" and {k} of frame {n}" for n, (k, _) in zip(beside, parts, strict=True))
    return Blended(np.floor(mixed * 255 + 0.5).astype(np.uint8), f"{kind}{frames}")


def _index(ds: Dataset, stored: np.ndarray, assignment: Dataset) -> tuple[np.ndarray, int]:
    """Return the most significant bits of a frame, and how many: Bits Mapped to Color Lookup Table (0028,1403)."""
    stored_bits = int(number(ds, "BitsStored") or 8 * stored.itemsize)
    bits = int(number(assignment, "BitsMappedToColorLookupTable") or stored_bits)
    if stored.dtype.kind != "u" or not 1 <= bits <= stored_bits <= 16:
        raise _Unusable("only unsigned values of up to 16 bits are blended")
    return stored.astype(np.int64) >> stored_bits - bits, bits


def _path(ds: Dataset, name: str, parts: list[tuple[np.ndarray, int]]) -> _Path:
    """Return colours and alphas of a path by its table; its first frame gives the most significant bits."""
    index, bits = np.zeros_like(parts[0][0]), 0
    for part, more in parts:
        index, bits = index << more | part, bits + more
    tables = items(ds, "EnhancedPaletteColorLookupTableSequence")
    table = next((t for t in tables if text(value(t, "DataPathID", "")) == name), None)
    if table is None:
        raise _Unusable(f"there is no {name} palette (0028,140B)")
    level = (index / ((1 << bits) - 1))[..., None]
    functions = [text(value(table, k, "")) for k in ("RGBLUTTransferFunction", "AlphaLUTTransferFunction")]
    alphas = {"": np.ones_like(level), "NONE": np.ones_like(level), "IDENTITY": level}
    rgb = np.repeat(level, 3, axis=2) if functions[0] == "EQUAL_RGB" else None
    if functions[0] == "TABLE":
        rgb = np.concatenate([_looked_up(table, primary, index) for primary in ("Red", "Green", "Blue")], axis=2)
    alpha = _looked_up(table, "Alpha", index) if functions[1] == "TABLE" else alphas.get(functions[1])
    if rgb is None or alpha is None:
        raise _Unusable(f"the transfer functions {' and '.join(functions)} of its {name} palette are not known")
    return _Path(rgb, alpha)


def _looked_up(table: Dataset, primary: str, index: np.ndarray) -> np.ndarray:
    found = palette_channel(table, primary, signed=False)
    if found is None:
        raise _Unusable(f"a palette has no usable {primary} table")
    first, entries, bits, _ = found
    looked_up: np.ndarray = entries[np.clip(index - first, 0, len(entries) - 1)] / ((1 << bits) - 1)
    return looked_up[..., None]


def _weight(
    ds: Dataset, sequence: str, keyword: str, primary: _Path, secondary: _Path, first: Any
) -> float | np.ndarray:
    """Return the weight of a path by its Blending LUT, one value or (rows, columns, 1)."""
    item = next(iter(items(ds, sequence)), None)
    if item is None:
        raise _Unusable(f"{sequence} is absent")
    function = text(value(item, keyword, ""))
    constant = number(item, "BlendingWeightConstant")
    known = {"CONSTANT": constant, "ALPHA_1": primary.alpha, "ALPHA_2": secondary.alpha}
    known["ONE_MINUS"] = None if first is None else 1 - first
    weight = known.get(function)
    if weight is None:
        raise _Unusable(f"weights by {function or 'nothing'} are not done")
    return weight


def _beside(request: Request, ds: Dataset, kinds: list[str]) -> list[int]:
    """Return the frames of some data types with the position and time of this one."""
    instance = request.instance
    if not isinstance(instance.groups, Groups):
        raise _Unusable("its functional groups cannot be read frame by frame")
    groups = instance.groups
    types, indices, positions, times = groups.values(*_WALKED)
    pointers = [number(d, "DimensionIndexPointer") for d in items(ds, "DimensionIndexSequence")]
    rest = [i for i, pointer in enumerate(pointers) if pointer != _DATA_TYPE]
    typed = len(rest) < len(pointers) and all(found is not None for found in indices)

    def where(n: int) -> Hashable:
        index = np.atleast_1d(indices[n]) if typed else ()
        return tuple(index[i] for i in rest if i < len(index)) if typed else (text(positions[n]), text(times[n]))

    here, found = where(request.frame - 1), []
    for kind in kinds:
        one = next((n for n, t in enumerate(types, 1) if text(t) == kind and where(n - 1) == here), None)
        if one is None:
            raise _Unusable(f"there is no {kind} at its place")
        found.append(one)
    return found
