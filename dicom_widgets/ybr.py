"""YCbCr -> RGB (PS3.3 C.7.6.3.1.2)."""

from __future__ import annotations

from typing import Final

import numpy as np

_FULL: Final = np.array([[1, 0, 1.402], [1, -0.114 * 1.772 / 0.587, -0.299 * 1.402 / 0.587], [1, 1.772, 0]])
_PARTIAL: Final = np.array(
    [[1.1644, 0, 1.5960], [1.1644, -0.3917, -0.8130], [1.1644, 2.0173, 0]],
)


def to_rgb(ybr: np.ndarray, *, partial: bool = False) -> np.ndarray:
    """Return RGB of the same shape and dtype.

    Parameters
    ----------
    ybr : ndarray
        (..., 3) uint8 or uint16: luminance and two differences around the middle of the range.
    partial : bool
        Whether the luminance runs from 16 to 235, of 255, and the differences from 16 to 240.

    """
    if ybr.dtype == np.uint8:
        return _fast(ybr, partial=partial)
    top = float(np.iinfo(ybr.dtype).max)
    return _converted(ybr.astype(np.float64), top, partial=partial).astype(ybr.dtype)


def _converted(values: np.ndarray, top: float, *, partial: bool) -> np.ndarray:
    middle = (top + 1) / 2
    shift = np.array([(top + 1) / 16 if partial else 0.0, middle, middle])
    rgb = (values - shift) @ (_PARTIAL if partial else _FULL).T
    clipped: np.ndarray = np.clip(np.floor(rgb + 0.5), 0, top)
    return clipped


def _fast(ybr: np.ndarray, *, partial: bool) -> np.ndarray:
    """Do it in whole numbers of 1/65536: three products a pixel come from tables of 256 entries."""
    matrix = _PARTIAL if partial else _FULL
    shift = np.array([16.0 if partial else 0.0, 128.0, 128.0])
    steps = (np.arange(256)[:, None, None] - shift) * matrix * 65536  # (value, out, in)
    tables = np.floor(steps + 0.5).astype(np.int32)
    y, cb, cr = (ybr[..., i] for i in range(3))
    rgb = np.empty(ybr.shape, np.uint8)
    for i in range(3):
        total = tables[:, i, 0][y] + 32768
        if matrix[i, 1]:
            total += tables[:, i, 1][cb]
        if matrix[i, 2]:
            total += tables[:, i, 2][cr]
        total >>= 16
        np.clip(total, 0, 255, out=total)
        rgb[..., i] = total
    return rgb
