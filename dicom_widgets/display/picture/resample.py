"""Resampling of image pixels to screen pixels; the script has the same formulas.

Weights are whole numbers, and sums of 16-bit values stay below 2^53, so they are exact in any order and both sides give
the same bytes. A view at rest shows means of stored values where it is reduced; while it is panned, zoomed or scrolled,
pages show the nearest pixel. At 1:1 nothing is averaged, also where the image lies half a pixel off.

One axis of the screen is `start + u * scale` for the border `u` of an image pixel: everything else follows. The
order of operations is part of the contract, as the page computes the same in JavaScript and must agree to the bit.
"""

from __future__ import annotations

import itertools

import numpy as np

from dicom_widgets.display.picture.placement import FINE, ScreenAxis


def choose_resampling(interpolation: str, zoom: float, y: ScreenAxis, x: ScreenAxis) -> str:
    """Return how screen pixels are made of image pixels: "area", "linear" or "nearest"."""
    if interpolation == "nearest":
        return "nearest"
    if zoom < 1:
        return "area"
    return "linear" if interpolation == "linear" and max(y.scale, x.scale) > 1 else "nearest"


def any_set(bits: np.ndarray, y: ScreenAxis, x: ScreenAxis) -> np.ndarray:
    """Return which screen pixels cover a bit that is set, (height, width) bool; thin lines of an overlay are not lost.

    Parameters
    ----------
    bits : ndarray of bool
        (rows, columns).
    y, x : Axis
        The screen.

    """
    return _any(_any(bits, y).T, x).T


def _any(bits: np.ndarray, axis: ScreenAxis) -> np.ndarray:
    out = np.zeros((axis.size, bits.shape[1]), bool)
    for i, (low, high) in enumerate(itertools.pairwise(axis.borders().tolist())):
        if low < high:
            np.any(bits[low // FINE : -(-high // FINE)], axis=0, out=out[i])
    return out


def nearest(stored: np.ndarray, y: ScreenAxis, x: ScreenAxis) -> tuple[np.ndarray, np.ndarray]:
    """Return the stored value under each screen pixel, (height, width), and where there is one."""
    (v, in_y), (u, in_x) = y.nearest(), x.nearest()
    rows = stored[_run(v)] if _is_run(v) else stored[v]
    values = rows[:, _run(u)] if _is_run(u) else rows[:, u]
    return values, in_y[:, None] & in_x


def _is_run(index: np.ndarray) -> bool:
    return bool(index[-1] - index[0] == len(index) - 1 and (np.diff(index) == 1).all())


def _run(index: np.ndarray) -> slice:
    return slice(int(index[0]), int(index[-1]) + 1)


def area(stored: np.ndarray, y: ScreenAxis, x: ScreenAxis, keep: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the stored values under each screen pixel, rounded half up, and where there are any.

    Parameters
    ----------
    stored : ndarray
        (rows, columns) or (rows, columns, samples) of whole numbers of at most 16 bits: all sums stay below 2**53 and
        are exact in float64, whatever their order.
    y, x : Axis
        The screen.
    keep : ndarray of bool or None
        Which pixels count; padding is left out of the mean.

    """
    weight_y, weight_x = np.diff(y.borders()), np.diff(x.borders())
    if keep is None:
        total, weight = _sums(stored, y, x), weight_y[:, None] * weight_x
        if stored.ndim == 3:
            inside = weight > 0
            return (2 * total.astype(np.int64) + weight[..., None]) // np.maximum(2 * weight, 1)[..., None], inside
    else:
        total, weight = _sums(np.where(keep, stored, 0), y, x), _sums(keep, y, x).astype(np.int64)
    mean = np.floor((2 * total + weight) / np.maximum(2 * weight, 1))
    return mean.astype(np.int64), weight > 0


def linear(stored: np.ndarray, y: ScreenAxis, x: ScreenAxis, keep: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the stored values between the four nearest pixels, rounded half up, and where there is one.

    Parameters
    ----------
    stored : ndarray
        (rows, columns) or (rows, columns, samples) of whole numbers of at most 16 bits.
    y, x : Axis
        The screen.
    keep : ndarray of bool or None
        Which pixels count; padding has no weight, and stays padding where it is the nearest pixel.

    """
    (v, in_y), (u, in_x) = y.nearest(), x.nearest()
    (top, bottom, down), (left, right, across) = y.between(), x.between()
    rows = slice(int(top[0]), int(bottom[-1]) + 1)

    def weighted(values: np.ndarray) -> np.ndarray:
        def both(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
            weight = weight.reshape(-1, *[1] * (first.ndim - 1))
            return first * (FINE - weight) + second * weight

        columns = values[rows].astype(np.int64).swapaxes(0, 1)
        lines = both(columns[left], columns[right], across).swapaxes(0, 1)
        return both(lines[top - rows.start], lines[bottom - rows.start], down)

    inside = in_y[:, None] & in_x
    if keep is None:
        return (2 * weighted(stored) + FINE**2) // (2 * FINE**2), inside
    total, weight = weighted(np.where(keep, stored, 0)), weighted(keep)
    return (2 * total + weight) // np.maximum(2 * weight, 1), inside & keep[v[:, None], u]


def _sums(values: np.ndarray, y: ScreenAxis, x: ScreenAxis) -> np.ndarray:
    across = np.ascontiguousarray(_reduced(values, y).swapaxes(0, 1))
    return np.ascontiguousarray(_reduced(across, x).swapaxes(0, 1))


def _reduced(values: np.ndarray, axis: ScreenAxis) -> np.ndarray:
    """Return weighted sums over the first dimension, (size, ...) float64."""
    out = np.zeros((axis.size, *values.shape[1:]))
    for i, (low, high) in enumerate(itertools.pairwise(axis.borders().tolist())):
        if low == high:
            continue
        first, last = low // FINE, -(-high // FINE)
        weights = np.full(last - first, float(FINE))
        weights[0] -= low - first * FINE
        weights[-1] -= last * FINE - high
        np.einsum("i,i...->...", weights, values[first:last].astype(np.float64), out=out[i])
    return out
