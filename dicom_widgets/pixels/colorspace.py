"""The colour space of a frame, and the conversion of YCbCr to RGB (PS3.3 C.7.6.3.1.2; requirements CO1, CO2).

Whether a stream is YCbCr is decided by its markers first (Adobe, JFIF, component identifiers, the transformation of
JPEG 2000), then by the header of the object, which is often wrong. From the decoder on, colours are RGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.dicom.values import text

if TYPE_CHECKING:
    from dicom_widgets.pixels.codestream import Codestream

_FULL: Final = np.array([[1, 0, 1.402], [1, -0.114 * 1.772 / 0.587, -0.299 * 1.402 / 0.587], [1, 1.772, 0]])
_PARTIAL: Final = np.array([[1.1644, 0, 1.5960], [1.1644, -0.3917, -0.8130], [1.1644, 2.0173, 0]])
_BLOCK: Final = 1 << 14
"""Pixels that are converted at a time: their intermediate values stay in the processor's cache."""


@dataclass(frozen=True)
class ColorSpace:
    """The colour space of decoded samples, and what says so."""

    ybr: bool
    why: str
    partial: bool = False
    """Whether luminance runs from 16 to 235, of 255, and the differences from 16 to 240."""

    def __str__(self) -> str:
        return f"{'YBR -> RGB' if self.ybr else 'RGB'} ({self.why})"


def color_space_of(photometric_interpretation: str, stream: Codestream | None) -> ColorSpace | None:
    """Decide by the codestream where it says something, else by Photometric Interpretation; None is neither.

    Decoders of JPEG 2000 give YBR_ICT and YBR_RCT as RGB.
    """
    if stream is not None and stream.color:
        return ColorSpace(stream.color == "YBR", stream.why)
    why = f"Photometric Interpretation {text(photometric_interpretation, 20)}"
    if photometric_interpretation in ("YBR_FULL", "YBR_FULL_422"):
        return ColorSpace(True, why)
    if photometric_interpretation.startswith("YBR_PARTIAL"):
        return ColorSpace(True, why, partial=True)
    return ColorSpace(False, why) if photometric_interpretation in ("RGB", "YBR_ICT", "YBR_RCT") else None


def to_rgb(ybr: np.ndarray, bits: int = 8, *, partial: bool = False) -> np.ndarray:
    """Return RGB of the same shape and dtype.

    Parameters
    ----------
    ybr : ndarray
        (..., 3), unsigned: luminance and two differences around the middle of the range.
    bits : int
        Bits of a sample that are used.
    partial : bool
        As of `Space`.

    """
    top = (1 << bits) - 1
    shift = np.array([(top + 1) / 16 if partial else 0, (top + 1) / 2, (top + 1) / 2])
    matrix = (_PARTIAL if partial else _FULL).T
    real = np.float32 if bits <= 16 else np.float64
    turned: np.ndarray = matrix.astype(real)
    offset = (0.5 - shift @ matrix).astype(real)
    flat = ybr.reshape(-1, 3)
    rgb = np.empty_like(flat)
    for at in range(0, len(flat), _BLOCK):
        values: np.ndarray = flat[at : at + _BLOCK].astype(real) @ turned
        values += offset
        rgb[at : at + _BLOCK] = np.clip(values, 0, top, out=values)  # the assignment truncates
    return rgb.reshape(ybr.shape)
