"""A reference implementation of `Picture.rgba`: one screen pixel at a time, in exact fractions, slow and simple."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from dicom_widgets import Window
from dicom_widgets.display.picture.layer import Grey
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.pipeline.grayscale import Chain, Modality
from dicom_widgets.display.pipeline.view_settings import ViewSettings

BLACK = [0, 0, 0, 255]


def picture(stored, *, padding=None, turns=0, flip=False, aspect=1.0, look=ViewSettings(), shown=(0, 65535)) -> Picture:
    """Return a grayscale picture of these stored values; its window is the range `shown`."""
    grid = np.asarray(stored)
    grid.flags.writeable = False
    chain = Chain(Modality(), Window.over(*shown), padding=padding, signed=grid.dtype.kind == "i")
    return Picture(
        kind="image",
        record={},
        key="k",
        layers=(Grey(grid, chain),),
        turns=turns,
        flip=flip,
        aspect=aspect,
        look=look,
        runs=("L", "P"),
    )


def lying(grid: np.ndarray, turns: int, flip: bool) -> np.ndarray:
    """Return the grid turned clockwise by quarters, then flipped left to right (PS8)."""
    for _ in range(turns):
        rows, columns = grid.shape
        grid = np.array([[grid[rows - 1 - x][y] for x in range(rows)] for y in range(columns)], grid.dtype)
    return np.array([row[::-1] for row in grid.tolist()], grid.dtype) if flip else grid


def axis(count: int, unit: float, size: int, zoom: float, moved: float) -> tuple[float, float]:
    """Return where an axis begins on the screen, and how many screen pixels an image pixel takes."""
    scale = zoom * unit
    return (size - count * scale) / 2 + moved, scale


def naive(pic: Picture, size, zoom, pan, interpolation) -> np.ndarray:
    """Return the RGBA pixels of the screen (height, width, 4), each computed by itself."""
    turns, flip = (pic.turns + (-pic.look.turns if pic.flip else pic.look.turns)) % 4, pic.flip != pic.look.flip
    grid = lying(pic.layers[0].values, turns, flip)
    (rows, columns), (height, width) = grid.shape, size
    down, across = (1.0, pic.aspect) if turns % 2 else (pic.aspect, 1.0)
    z = min(width / (columns * across), height / (rows * down)) if zoom == "fit" else zoom
    (top, dy), (left, dx) = axis(rows, down, height, z, pan[1]), axis(columns, across, width, z, pan[0])
    chain, out = pic.base.chain, np.empty((height, width, 4), np.uint8)
    for y in range(height):
        for x in range(width):
            if interpolation != "nearest" and z < 1:
                found = mean(grid, chain.padding, (y, top, dy), (x, left, dx))
            elif interpolation == "linear" and max(dx, dy) > 1:
                found = between(grid, chain.padding, (y, top, dy), (x, left, dx))
            else:
                v, u = math.floor((y + 0.5 - top) / dy), math.floor((x + 0.5 - left) / dx)
                found = grid[v, u].item() if 0 <= v < rows and 0 <= u < columns else None
            out[y, x] = BLACK if found is None else [*[level(chain, found)] * 3, 255]
    return out


def mean(grid: np.ndarray, padding, down, across) -> int | None:
    """Return the mean of the stored values under a screen pixel, exactly; borders are in 1/256 image pixels."""
    total = weight = Fraction(0)
    for v, h in overlaps(grid.shape[0], *down):
        for u, w in overlaps(grid.shape[1], *across):
            value = grid[v, u].item()
            if padding is None or not padding[0] <= value <= padding[1]:
                total, weight = total + h * w * value, weight + h * w
    if not weight:
        return None
    found = math.floor(total / weight + Fraction(1, 2))
    return padding[1] + 1 if padding and padding[0] <= found <= padding[1] else found  # pixels are no padding


def between(grid: np.ndarray, padding, down, across) -> int | None:
    """Return the bilinear mean of the four nearest pixels, exactly; positions are in 1/256 pixels."""
    places = [tent(n, *axis) for n, axis in zip(grid.shape, (down, across), strict=True)]
    nearest = [math.floor((at + 0.5 - start) / scale) for at, start, scale in (down, across)]
    if not all(0 <= i < n for i, n in zip(nearest, grid.shape, strict=True)):
        return None
    hidden = lambda value: padding is not None and padding[0] <= value <= padding[1]  # noqa: E731
    if hidden(grid[tuple(nearest)].item()):
        return None
    seen = [(grid[v, u].item(), h * w) for v, h in places[0] for u, w in places[1] if not hidden(grid[v, u].item())]
    found = math.floor(sum(s * w for s, w in seen) / sum(w for _, w in seen) + Fraction(1, 2))
    return padding[1] + 1 if hidden(found) else found


def tent(count: int, at: int, start: float, scale: float) -> list[tuple[int, Fraction]]:
    """Return the two image pixels nearest to the middle of a screen pixel, and their weights."""
    place = Fraction(math.floor(((at + 0.5 - start) / scale - 0.5) * 256 + 0.5), 256)
    first = math.floor(place)
    clamped = [min(max(i, 0), count - 1) for i in (first, first + 1)]
    return [(clamped[0], 1 - (place - first)), (clamped[1], place - first)]


def overlaps(count: int, at: int, start: float, scale: float) -> list[tuple[int, Fraction]]:
    """Return the image pixels under a screen pixel, and how much of each."""
    low, high = (math.floor((i - start) / scale * 256 + 0.5) for i in (at, at + 1))
    low, high = max(0, min(count * 256, low)), max(0, min(count * 256, high))
    return [
        (i, Fraction(min(high, i * 256 + 256) - max(low, i * 256), 256))
        for i in range(low // 256, -(-high // 256))
        if min(high, i * 256 + 256) > max(low, i * 256)
    ]


def level(chain: Chain, stored: int) -> int:
    """Return the gray level of a stored value: the LINEAR function of PS3.3 C.11.2.1.2."""
    if chain.padding and chain.padding[0] <= stored <= chain.padding[1]:
        return 0
    window = chain.voi
    c, w = window.center - 0.5, window.width - 1
    y = 0.0 if stored <= c - w / 2 else 1.0 if stored > c + w / 2 else (stored - c) / w + 0.5
    return math.floor((255 - y * 255 if chain.inverse else y * 255) + 0.5)


def grid_of(rows: int, columns: int, dtype=np.uint16, seed: int = 0) -> np.ndarray:
    limits = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(limits.min, limits.max, (rows, columns), dtype, endpoint=True)
