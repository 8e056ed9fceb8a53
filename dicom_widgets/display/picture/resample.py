"""From image pixels to screen pixels by whole-number tables; the page's script has the same formulas.

One axis of the screen is `start + u * scale` for the border `u` of an image pixel: everything else follows. The
order of operations is part of the contract, as the page computes the same in JavaScript and must agree to the bit.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from dicom_widgets.display.graphics.shapes import Point
    from dicom_widgets.display.pipeline.view_settings import Zoom

Side = Literal["", "left", "top", "right", "bottom"]
FINE = 256
"""Borders of area averaging are counted in 1/256 image pixels."""


def edge(side: Side, turns: int, flip: bool) -> Side:
    """Return where an edge of an image lies after quarter turns clockwise and then a flip from left to right."""
    around: tuple[Side, ...] = ("left", "top", "right", "bottom")
    place = (around.index(side) + turns) % 4
    return around[2 - place if flip and place % 2 == 0 else place]


def lying(point: Point, shape: tuple[int, int], turns: int, flip: bool) -> Point:
    """Return where a point (x, y) of an image of (rows, columns) lies after its quarter turns and then its flip."""
    (u, v), w, h = point, float(shape[1]), float(shape[0])
    for _ in range(turns):
        u, v, w, h = h - v, u, h, w
    return (w - u if flip else u), v


@dataclass(frozen=True)
class Axis:
    """One axis of the screen over one axis of the (turned) image."""

    count: int
    """Image pixels."""
    scale: float
    """Screen pixels for each image pixel."""
    start: float
    """Screen coordinate of the border of the first image pixel."""
    size: int
    """Screen pixels."""

    def nearest(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the image pixel under the centre of each screen pixel (clipped), and whether it is inside."""
        u = np.floor((np.arange(self.size) + 0.5 - self.start) / self.scale)
        return np.clip(u, 0, self.count - 1).astype(np.intp), (u >= 0) & (u < self.count)

    def borders(self) -> np.ndarray:
        """Return the borders of screen pixels in 1/256 image pixels, (size + 1,), within the image."""
        b = np.floor((np.arange(self.size + 1) - self.start) / self.scale * FINE + 0.5)
        return np.clip(b, 0, self.count * FINE).astype(np.int64)

    def between(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the two image pixels that each screen pixel lies between, and the weight of the second in 1/256."""
        q = np.floor(((np.arange(self.size) + 0.5 - self.start) / self.scale - 0.5) * FINE + 0.5)
        q = np.clip(q, -FINE, self.count * FINE).astype(np.int64)
        first, last = q // FINE, self.count - 1
        return np.clip(first, 0, last), np.clip(first + 1, 0, last), q % FINE


@dataclass(frozen=True)
class Home:
    """What is shown before the hand moves anything: the displayed area of a state (PS3.3 C.10.4), or how it hangs."""

    area: tuple[float, float, float, float] | None = None
    """Left, top, right and bottom in pixels of the (turned) image; its middle is in the middle of the screen. None is
    the whole image."""
    magnification: float | None = None
    """Screen pixels for each image pixel; without it the area is fitted into the screen."""
    millimetres: float | None = None
    """From one column to the next, where it is meant to be seen in true size; fitted where the screen's pixel pitch is
    not known."""
    side: Side = ""
    """The edge of the (turned) image that lies at the same edge of the screen, at any zoom; "" is the middle."""
    extent: tuple[float, float] | None = None
    """Across and down of the screen, in columns of the image: what is to be seen at least, for one scale of several."""

    def lying(self, shape: tuple[int, int], turns: int, flip: bool) -> Home:
        """Return the same of an image of (rows, columns) after its quarter turns and then its flip."""
        area, side = self.area, self.side
        if area is not None:
            corners = [lying(p, shape, turns, flip) for p in (area[:2], area[2:])]
            (left, right), (top, bottom) = (sorted(p) for p in zip(*corners, strict=True))
            area = left, top, right, bottom
        return dataclasses.replace(self, area=area, side=edge(side, turns, flip) if side else "")


def axes(
    shape: tuple[int, int],
    size: tuple[int, int],
    zoom: Zoom,
    pan: tuple[float, float],
    aspect: float,
    odd: bool,
    home: Home | None = None,
) -> tuple[Axis, Axis, float]:
    """Return the axis down, the axis across, and the zoom in screen pixels for each image pixel.

    Parameters
    ----------
    shape : (rows, columns)
        Of the image as it is turned.
    size : (height, width)
        Of the screen in device pixels.
    zoom : float or "fit"
        "fit" is the largest zoom at which the whole image is seen.
    pan : (x, y)
        Device pixels by which the image is moved from the middle.
    aspect : float
        Height of a stored pixel divided by its width.
    odd : bool
        Whether the image is turned by a quarter, so that its height lies across.
    home : Home, optional
        What "fit" shows; without it the whole image.

    """
    (rows, columns), (height, width) = shape, size
    across, down = (aspect, 1.0) if odd else (1.0, aspect)
    home = home or Home()
    left, top, right, bottom = home.area or (0.0, 0.0, float(columns), float(rows))
    if zoom != "fit":
        z = float(zoom)
    elif home.magnification:
        z = home.magnification
    else:
        wide, high = home.extent or (0.0, 0.0)
        z = min(width / max((right - left) * across, wide), height / max((bottom - top) * down, high))

    def axis(
        count: int, unit: float, ends: tuple[float, float], length: int, moved: float, sides: tuple[str, str]
    ) -> Axis:
        held, anchor = (ends[0] + ends[1]) / 2, length / 2
        if home.side in sides:
            held, anchor = ((ends[0], 0.0), (ends[1], float(length)))[sides.index(home.side)]
        return Axis(count, z * unit, anchor - held * (z * unit) + moved, length)

    return (
        axis(rows, down, (top, bottom), height, pan[1], ("top", "bottom")),
        axis(columns, across, (left, right), width, pan[0], ("left", "right")),
        z,
    )


def way(interpolation: str, zoom: float, y: Axis, x: Axis) -> str:
    """Return how screen pixels are made of image pixels: a mean, something between four, or the nearest."""
    if interpolation == "nearest":
        return "nearest"
    if zoom < 1:
        return "area"
    return "linear" if interpolation == "linear" and max(y.scale, x.scale) > 1 else "nearest"


def touched(bits: np.ndarray, y: Axis, x: Axis) -> np.ndarray:
    """Return which screen pixels cover a set bit, (height, width): thin lines of an overlay are not lost.

    Parameters
    ----------
    bits : ndarray of bool
        (rows, columns).
    y, x : Axis
        The screen.

    """
    return _any(_any(bits, y).T, x).T


def _any(bits: np.ndarray, axis: Axis) -> np.ndarray:
    out = np.zeros((axis.size, bits.shape[1]), bool)
    for i, (low, high) in enumerate(itertools.pairwise(axis.borders().tolist())):
        if low < high:
            np.any(bits[low // FINE : -(-high // FINE)], axis=0, out=out[i])
    return out


def nearest(stored: np.ndarray, y: Axis, x: Axis) -> tuple[np.ndarray, np.ndarray]:
    """Return the stored value under each screen pixel, (height, width), and where there is one."""
    (v, in_y), (u, in_x) = y.nearest(), x.nearest()
    rows = stored[_run(v)] if _is_run(v) else stored[v]
    values = rows[:, _run(u)] if _is_run(u) else rows[:, u]
    return values, in_y[:, None] & in_x


def _is_run(index: np.ndarray) -> bool:
    return bool(index[-1] - index[0] == len(index) - 1 and (np.diff(index) == 1).all())


def _run(index: np.ndarray) -> slice:
    return slice(int(index[0]), int(index[-1]) + 1)


def area(stored: np.ndarray, y: Axis, x: Axis, keep: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of the stored values under each screen pixel, rounded half up, and where there is one.

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


def linear(stored: np.ndarray, y: Axis, x: Axis, keep: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the stored values between the four nearest pixels, rounded half up, and where there is one.

    Parameters
    ----------
    stored : ndarray
        (rows, columns) or (rows, columns, samples) of whole numbers of at most 16 bits.
    y, x : Axis
        The screen.
    keep : ndarray of bool or None
        Which pixels count: padding is not mixed in, and where it is the nearest pixel there is nothing.

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


def _sums(values: np.ndarray, y: Axis, x: Axis) -> np.ndarray:
    across = np.ascontiguousarray(_reduced(values, y).swapaxes(0, 1))
    return np.ascontiguousarray(_reduced(across, x).swapaxes(0, 1))


def _reduced(values: np.ndarray, axis: Axis) -> np.ndarray:
    """Weighted sums over the first dimension, (size, ...) float64."""
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
