"""Where an image lies on the screen: zoom, pan, quarter turns, flip and displayed area.

One axis of the screen is `start + u * scale` for the border `u` of an image pixel. The order of operations is part of
the contract: the script computes the same and must agree to the bit.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from dicom_widgets.display.pipeline.view_settings import Zoom
    from dicom_widgets.geometry.point import Point


Side = Literal["", "left", "top", "right", "bottom"]

FINE = 256
"""Fractions of image pixels are counted in 1/256."""


def turned_edge(side: Side, turns: int, flip: bool) -> Side:
    """Return the edge of the screen at which an edge of an image lies after quarter turns clockwise and then a flip."""
    around: tuple[Side, ...] = ("left", "top", "right", "bottom")
    place = (around.index(side) + turns) % 4
    return around[2 - place if flip and place % 2 == 0 else place]


def turned_point(point: Point, shape: tuple[int, int], turns: int, flip: bool) -> Point:
    """Return where a point (x, y) of an image of (rows, columns) lies after its quarter turns and then its flip."""
    (u, v), w, h = point, float(shape[1]), float(shape[0])
    for _ in range(turns):
        u, v, w, h = h - v, u, h, w
    return (w - u if flip else u), v


@dataclass(frozen=True)
class ScreenAxis:
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
        """Return the two image pixels around the centre of each screen pixel, and the weight of the second in 1/256."""
        q = np.floor(((np.arange(self.size) + 0.5 - self.start) / self.scale - 0.5) * FINE + 0.5)
        q = np.clip(q, -FINE, self.count * FINE).astype(np.int64)
        first, last = q // FINE, self.count - 1
        return np.clip(first, 0, last), np.clip(first + 1, 0, last), q % FINE


@dataclass(frozen=True)
class Home:
    """What "fit" shows: the displayed area of a presentation state (PS3.3 C.10.4), or how an image hangs.

    Zooming and panning start from it, and a reset returns to it.
    """

    area: tuple[float, float, float, float] | None = None
    """Left, top, right and bottom in pixels of the (turned) image; its middle is in the middle of the screen. None is
    the whole image."""
    magnification: float | None = None
    """Screen pixels for each image pixel; without it the area is fitted into the screen."""
    millimetres: float | None = None
    """Distance of columns in mm, where the area is to be shown in true size; it is fitted where the pixel pitch of the
    screen is not known."""
    side: Side = ""
    """The edge of the (turned) image that lies at the same edge of the screen, at any zoom; "" is the middle."""
    extent: tuple[float, float] | None = None
    """Width and height that the screen shows at least, in columns of the image; gives several images one scale."""

    def lying(self, shape: tuple[int, int], turns: int, flip: bool) -> Home:
        """Return it for an image of (rows, columns) that is turned by quarter turns and then flipped."""
        area, side = self.area, self.side
        if area is not None:
            corners = [turned_point(p, shape, turns, flip) for p in (area[:2], area[2:])]
            (left, right), (top, bottom) = (sorted(p) for p in zip(*corners, strict=True))
            area = left, top, right, bottom
        return dataclasses.replace(self, area=area, side=turned_edge(side, turns, flip) if side else "")


def screen_axes(
    shape: tuple[int, int],
    size: tuple[int, int],
    zoom: Zoom,
    pan: tuple[float, float],
    aspect: float,
    odd: bool,
    home: Home | None = None,
) -> tuple[ScreenAxis, ScreenAxis, float]:
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
    ) -> ScreenAxis:
        held, anchor = (ends[0] + ends[1]) / 2, length / 2
        if home.side in sides:
            held, anchor = ((ends[0], 0.0), (ends[1], float(length)))[sides.index(home.side)]
        return ScreenAxis(count, z * unit, anchor - held * (z * unit) + moved, length)

    return (
        axis(rows, down, (top, bottom), height, pan[1], ("top", "bottom")),
        axis(columns, across, (left, right), width, pan[0], ("left", "right")),
        z,
    )
