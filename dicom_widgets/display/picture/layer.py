"""Layers of a picture: grids of values, grey or colour, that are resampled to the screen and become pixels.

`Grey` is 16-bit values with the stages of the grayscale pipeline, `Color` is RGB. Palettes become colour in the kernel;
a supplemental palette stays a table, and such an image is never averaged.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.display.picture import resample
from dicom_widgets.display.picture.placement import ScreenAxis
from dicom_widgets.display.pipeline import gsdf

if TYPE_CHECKING:
    from dicom_widgets.display.pipeline.color import Palette
    from dicom_widgets.display.pipeline.grayscale import Chain, Table
    from dicom_widgets.display.pipeline.view_settings import Window

ResampledValues = tuple[np.ndarray, np.ndarray]
"""The value under each screen pixel, (height, width[, 3]), and whether the pixel lies on the layer, bool."""
Mix = Callable[[np.ndarray, ScreenAxis, ScreenAxis, np.ndarray | None], ResampledValues]
"""Resamples (values, axis down, axis across, which values count or None)."""
RESAMPLING: Final[dict[str, Mix]] = {"area": resample.area, "linear": resample.linear}

_LITTLE: Final = np.little_endian
BLACK: Final = np.uint32(0xFF000000 if _LITTLE else 0x000000FF)
INVERSION: Final = np.uint32(0x00FFFFFF if _LITTLE else 0xFFFFFF00)
"""XOR with it inverts an opaque pixel."""


def rgba_pixel(color: str) -> np.uint32:
    """Return `#rrggbb` as an opaque RGBA pixel."""
    return np.uint32(np.frombuffer(bytes.fromhex(color[1:]) + b"\xff", np.uint32)[0])


def rgba_pixels(rgb: np.ndarray) -> np.ndarray:
    """Return (..., 3) uint8 as opaque RGBA pixels, (...) uint32."""
    rgba = np.empty((*rgb.shape[:-1], 4), np.uint8)
    rgba[..., :3], rgba[..., 3] = rgb, 255
    return rgba.view(np.uint32)[..., 0]


@dataclass(frozen=True, eq=False)
class Layer:
    """A grid of values."""

    values: np.ndarray
    reductions: dict[tuple[object, ...], ResampledValues] = field(default_factory=dict, repr=False, kw_only=True)
    """The last resampled values by geometry: a change of window needs no new resampling, only a new look-up."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        rows, columns = self.values.shape[:2]
        return rows, columns

    @property
    def smooth(self) -> bool:
        """Whether values may be averaged."""
        return True

    def sample(
        self, y: ScreenAxis, x: ScreenAxis, turns: int, *, flip: bool, resampling: str = "nearest"
    ) -> ResampledValues:
        """Return the value under each screen pixel: the nearest one, or one that `RESAMPLING` makes of several."""
        if resampling not in RESAMPLING or not self.smooth:
            return resample.nearest(turn(self.values, turns, flip=flip), y, x)
        key = (y, x, turns, flip, resampling)
        if key not in self.reductions:
            self.reductions.clear()
            self.reductions[key] = self._resample(turn(self.values, turns, flip=flip), y, x, RESAMPLING[resampling])
        return self.reductions[key]

    def _resample(self, values: np.ndarray, y: ScreenAxis, x: ScreenAxis, mix: Mix) -> ResampledValues:
        raise NotImplementedError

    def paint(self, values: np.ndarray) -> np.ndarray:
        """Return values as opaque RGBA pixels, uint32."""
        raise NotImplementedError

    def with_voi(self, voi: Window | Table | None, *, invert: bool) -> Layer:
        """Return the layer with another VOI stage (None is its own), inverted if asked; resampled values are kept."""
        raise NotImplementedError

    def display(self) -> np.ndarray:
        """Return the display values in the grid of the object: (rows, columns) or (rows, columns, 3) uint8."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Grey(Layer):
    """Stored values, (rows, columns) of 16 bits, read-only, with the chain from them to display values."""

    chain: Chain
    palette: Palette | None = None
    """Supplemental palette: colours of the values from its first one on (PS3.3 C.7.6.19)."""
    code_values: Table | None = None
    """The stored value of each code, where the 16 bits are codes (`to_codes`)."""
    aliased: bool = False
    """Whether the largest value is next to the smallest, as of velocities that wrap: Aliased Data Type (0018,980B)."""

    @property
    def smooth(self) -> bool:
        """Values may be averaged where modality values are linear in them."""
        return self.palette is None and not self.chain.coded and not self.aliased

    @cached_property
    def grey(self) -> np.ndarray:
        """Display value of each 16-bit pattern, (65536,) uint8."""
        return self.chain.lut()

    @cached_property
    def lut(self) -> np.ndarray:
        """Opaque RGBA pixel of each 16-bit pattern, (65536,) uint32.

        Its display value, after the GSDF if that is on.
        """
        shade = self.grey if self.chain.luminance is None else gsdf.table(*self.chain.luminance)[self.grey]
        lut = rgba_pixels(np.repeat(shade[:, None], 3, axis=1))
        if self.palette is not None:
            colors = rgba_pixels(self.palette.entries)
            values = np.arange(65536, dtype=np.uint16)
            index = values.view(np.int16).astype(int) if self.chain.signed else values.astype(int)
            index = index - self.palette.first
            lut = np.where(index < 0, lut, colors[np.clip(index, 0, len(colors) - 1)])
        return lut

    @cached_property
    def range(self) -> tuple[float, float]:
        """Smallest and largest modality value of the frame, without padding."""
        padding = self.chain.is_padding(self.values)
        seen = self.values if padding is None or padding.all() else self.values[~padding]
        ends = self.chain.modality(np.array([seen.min(), seen.max()]))
        return float(ends.min()), float(ends.max())

    def with_voi(self, voi: Window | Table | None, *, invert: bool) -> Grey:
        """Return the layer with another VOI stage, inverted once more if asked."""
        if voi is None and not invert:
            return self
        chain = dataclasses.replace(self.chain, voi=voi or self.chain.voi, inverse=self.chain.inverse != invert)
        return dataclasses.replace(self, chain=chain)

    def _resample(self, values: np.ndarray, y: ScreenAxis, x: ScreenAxis, mix: Mix) -> ResampledValues:
        padding = self.chain.is_padding(values)
        mean, inside = mix(values, y, x, None if padding is None else ~padding)
        if (found := self.chain.is_padding(mean)) is not None and self.chain.padding:
            mean[found & inside] = self.chain.padding[1] + 1  # the mean of pixels on both sides of padding is none
        return (mean & 0xFFFF).astype(np.uint16), inside

    def paint(self, values: np.ndarray) -> np.ndarray:
        """Return the RGBA pixels of stored values, by look-up."""
        return np.take(self.lut, bit_patterns(values), mode="clip")

    def display(self) -> np.ndarray:
        """Return grey as (rows, columns), colour as (rows, columns, 3)."""
        if self.palette is None:
            return np.take(self.grey, bit_patterns(self.values), mode="clip")
        return self.paint(self.values).view(np.uint8).reshape(*self.shape, 4)[..., :3]


ICC: Final = "icc profile"
"""Name of an ICC profile among what can be switched off."""


@dataclass(frozen=True, eq=False)
class Color(Layer):
    """Colours, (rows, columns, 3) uint8, read-only; windows do not apply to them (requirement US6)."""

    inverted: bool = False
    plain: np.ndarray | None = None
    """The colours of the device, where an ICC profile has converted the values (requirement CO5)."""
    profile: str = ""
    """What the profile was used for, in words."""

    @cached_property
    def words(self) -> np.ndarray:
        """The grid as opaque RGBA pixels, (rows, columns) uint32."""
        return rgba_pixels(self.values)

    def with_voi(self, voi: Window | Table | None, *, invert: bool) -> Color:  # noqa: ARG002
        """Return the layer, inverted if asked."""
        return dataclasses.replace(self, inverted=True) if invert else self

    def _resample(self, values: np.ndarray, y: ScreenAxis, x: ScreenAxis, mix: Mix) -> ResampledValues:
        mean, inside = mix(values, y, x, None)
        return mean.astype(np.uint8), inside

    def paint(self, values: np.ndarray) -> np.ndarray:
        """Return colours as pixels."""
        pixels = rgba_pixels(values)
        return pixels ^ INVERSION if self.inverted else pixels

    def display(self) -> np.ndarray:
        """Return the colours."""
        return 255 - self.values if self.inverted else self.values


def turn(values: np.ndarray, turns: int, *, flip: bool) -> np.ndarray:
    """Return a grid after quarter turns clockwise and then a flip from left to right."""
    lying = np.rot90(values, -turns) if turns else values
    return lying[:, ::-1] if flip else lying


def bit_patterns(stored: np.ndarray) -> np.ndarray:
    """Return stored values as the 16-bit patterns that index a table."""
    if stored.dtype == np.int8:
        stored = stored.astype(np.int16)
    return stored.view(np.uint16) if stored.dtype == np.int16 else stored
