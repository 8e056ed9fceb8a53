"""Slabs: the largest, smallest or mean value of neighbouring planes of a volume.

Stored values are projected where one line leads to all modality values (a falling one exchanges MIP and MinIP), else
modality values, as codes. Padding is left out.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

from dicom_widgets.display.picture.layer import Grey
from dicom_widgets.display.pipeline.grayscale import Chain, Modality, is_padding, to_codes
from dicom_widgets.display.present.image import grey_layer

if TYPE_CHECKING:
    from dicom_widgets.display.present.record import Stages


SlabMode = Literal["MIP", "MinIP", "mean"]

SLAB_MODES: Final[tuple[SlabMode, ...]] = get_args(SlabMode)
"""Largest, smallest and mean value along a slab."""


def project(part: np.ndarray, mode: SlabMode, hidden: np.ndarray | None = None) -> np.ndarray:
    """Return the largest, smallest or mean value along the first axis.

    Parameters
    ----------
    part : ndarray
        (planes, rows, columns). Means of whole numbers are rounded half up.
    mode : "MIP", "MinIP" or "mean"
    hidden : ndarray of bool, optional
        Values to leave out; where all are, the first value is taken.

    """
    if len(part) == 1:
        return part[0]
    kept = np.ones((1, 1, 1), bool) if hidden is None else ~hidden
    whole = part.dtype.kind in "iu"
    if mode == "mean":
        number = np.broadcast_to(kept, part.shape).sum(axis=0)
        total = part.sum(axis=0, where=kept, dtype=np.int64 if whole else np.float64)
        some = np.maximum(number, 1)
        found = ((2 * total + some) // (2 * some) if whole else total / some).astype(part.dtype)
    else:
        limits = np.iinfo(part.dtype) if whole else np.finfo(part.dtype)
        found = (
            part.max(axis=0, where=kept, initial=limits.min)
            if mode == "MIP"
            else part.min(axis=0, where=kept, initial=limits.max)
        )
    return found if hidden is None else np.where(hidden.all(axis=0), part[0], found)


def layer_of_stored(chain: Chain, part: np.ndarray, mode: SlabMode, hidden: np.ndarray | None) -> tuple[Grey, Stages]:
    """Return a layer of stored values of a slab, where one line leads to all modality values."""
    if chain.modality.slope < 0:
        mode = {"MIP": "MinIP", "MinIP": "MIP", "mean": "mean"}[mode]  # type: ignore[assignment]
    found = project(part, mode, hidden)
    if mode == "mean" and hidden is not None and chain.padding:  # the mean of pixels on both sides of padding is none
        fell = is_padding(found, chain.padding) & ~hidden.all(axis=0)
        found = np.where(fell, chain.padding[1] + 1, found).astype(found.dtype)
    return grey_layer(chain, found)


def layer_of_values(chain: Chain, values: np.ndarray, mode: SlabMode, hidden: np.ndarray | None) -> tuple[Grey, Stages]:
    """Return a layer of codes of modality values, for slices with rescales of their own; one more code is padding."""
    found, table, exact = to_codes(project(values, mode, hidden))
    padding, free = None, len(table.entries)
    if hidden is not None and free < 65536 and (gone := hidden.all(axis=0)).any():
        found, padding = np.where(gone, np.uint16(free), found), (free, free)
    found.flags.writeable = False
    used = "every value" if exact else "65,536 steps of the range of the plane"
    modality = Modality(table=table, unit=chain.modality.unit)
    chain = dataclasses.replace(chain, modality=modality, padding=padding, signed=False)
    return Grey(np.ascontiguousarray(found), chain, code_values=table), [
        ("codes", used, "each slice has its own rescale")
    ]
