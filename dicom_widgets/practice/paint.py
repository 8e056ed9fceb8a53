"""Simple bodies painted into grids of values, in millimetres: what phantoms are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float32]
    Point = tuple[float, float, float]


@dataclass(frozen=True)
class VoxelGrid:
    """A volume (or, with one plane, an image) and where its samples lie.

    Parameters
    ----------
    z, y, x
        The coordinates of the planes, rows and columns in mm, ascending or descending.
    values
        Shape (planes, rows, columns).

    """

    z: Values
    y: Values
    x: Values
    values: Values

    @classmethod
    def of(cls, z: Values, y: Values, x: Values, value: float) -> VoxelGrid:
        """Return a grid that is filled with one value."""
        z, y, x = (np.asarray(axis, np.float32) for axis in (z, y, x))
        return cls(z, y, x, np.full((len(z), len(y), len(x)), value, np.float32))

    def box(self, center: Point, half: Point) -> tuple[VoxelGrid, tuple[slice, slice, slice]]:
        """Return the part within `half` mm of `center`, whose values are a view, and where it is; order (x, y, z)."""
        axes = (self.z, self.y, self.x)
        k, j, i = (
            _within(axis, middle - extent, middle + extent)
            for axis, middle, extent in zip(axes, reversed(center), reversed(half), strict=True)
        )
        return VoxelGrid(self.z[k], self.y[j], self.x[i], self.values[k, j, i]), (k, j, i)

    def radius(self, center: Point, half: Point) -> Values:
        """Return the distance from `center` in units of the semi-axes `half`, by broadcasting; order (x, y, z)."""
        x, y, z = ((axis - c) / h for axis, c, h in zip((self.x, self.y, self.z), center, half, strict=True))
        squares: Values = (z**2)[:, None, None] + (y**2)[:, None] + x**2
        return np.sqrt(squares, out=squares)

    def ellipsoid(self, center: Point, half: Point, value: float, over: float | None = None) -> None:
        """Paint an ellipsoid; where `over` is given, only over values above it."""
        part, _ = self.box(center, half)
        inside = part.radius(center, half) <= 1
        if over is not None:
            inside &= part.values > over
        part.values[inside] = value


def _within(axis: Values, low: float, high: float) -> slice:
    """Return where an axis lies between two coordinates."""
    if axis[0] > axis[-1]:
        axis, low, high = -axis, -high, -low
    return slice(*np.searchsorted(axis, (low, high)))


def smooth(values: Values, axes: tuple[int, ...] = (-2, -1)) -> Values:
    """Return the values blurred by (1 2 1)/4 along the axes: edges with partial volumes."""
    for axis in axes:
        pad = [(1, 1) if i == axis % values.ndim else (0, 0) for i in range(values.ndim)]
        wide = np.moveaxis(np.pad(values, pad, mode="edge"), axis, 0)
        values = np.moveaxis(0.25 * wide[:-2] + 0.5 * wide[1:-1] + 0.25 * wide[2:], 0, axis)
    return values


def texture(z: Values, y: Values, x: Values, period: float) -> Values:
    """Return smooth folds between -1 and 1 whose distance is about `period` mm; shape by broadcasting."""
    k = np.float32(2 * np.pi / period)
    warp = np.sin(k * 0.31 * y + 1.3) + np.sin(k * 0.37 * x) + np.sin(k * 0.29 * z + 0.7)
    folds: Values = np.sin(k * x + 1.7 * warp) * np.cos(k * y - 1.3 * warp) + np.sin(k * 0.8 * z + 2.1 * warp)
    return folds / np.float32(2)
