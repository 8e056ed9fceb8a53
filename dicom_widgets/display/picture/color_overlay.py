"""Colour overlays: labels in their colours, or values in a colour map, blended over a picture.

They are whole numbers that index colours; 0 is transparent. Labels are never averaged; values of a colour map are, as
their indices are proportional to them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydicom.pixels.processing import apply_color_lut

from dicom_widgets.display.picture.layer import Layer, Mix, ResampledValues, rgba_pixels
from dicom_widgets.display.pipeline.grayscale import Chain, Modality
from dicom_widgets.display.pipeline.view_settings import Window

if TYPE_CHECKING:
    from dicom_widgets.display.picture.placement import ScreenAxis


LABELS: Final = np.array(
    [bytes.fromhex(c) for c in
     "e6194b 3cb44b ffe119 4363d8 f58231 911eb4 42d4f4 f032e6 bfef45 fabed4 469990 9a6324".split()],
    dtype="V3",
).view(np.uint8).reshape(-1, 3)  # fmt: skip
"""Colours of the labels 1, 2, ..., repeated from the beginning after the last."""
COLOR_MAPS: Final = {
    "grey": "",
    "hot_iron": "1.2.840.10008.1.5.1",
    "pet": "1.2.840.10008.1.5.2",
    "hot_metal_blue": "1.2.840.10008.1.5.3",
    "pet_20_step": "1.2.840.10008.1.5.4",
}
"""Grey, and the well-known palettes by their SOP Instance UID (PS3.6 B)."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ColorOverlay(Layer):
    """A grid of whole numbers, (rows, columns), that index colours and are blended over the layers below."""

    colors: np.ndarray
    """Colours of 1, 2, ...: (n, 3) uint8."""
    name: str
    opacity: float = 0.5
    labels: bool = False

    @property
    def smooth(self) -> bool:
        """Labels have no mean."""
        return not self.labels

    @property
    def switch(self) -> str:
        """Its name in `ViewSettings.hidden`."""
        return f"added {self.name}"

    @cached_property
    def words(self) -> np.ndarray:
        """The colours as opaque RGBA pixels, (n,) uint32."""
        return rgba_pixels(self.colors)

    def _resample(self, values: np.ndarray, y: ScreenAxis, x: ScreenAxis, mix: Mix) -> ResampledValues:
        mean, inside = mix(values, y, x, values != 0)
        return mean.astype(values.dtype), inside

    def paint_over(self, pixels: np.ndarray, sample: ResampledValues) -> np.ndarray:
        """Return RGBA pixels, (height, width) uint32, with a sample of the layer blended over them.

        By channel and in whole numbers, `(a * color + (256 - a) * below + 128) >> 8` with an opacity `a` of 0 to 256:
        the page's script has the same formula.
        """
        index, inside = sample
        seen = inside & (index != 0)
        a = math.floor(self.opacity * 256 + 0.5)
        color = self.words[index[seen] - 1].view(np.uint8).astype(np.uint32)
        below = pixels[seen].view(np.uint8).astype(np.uint32)
        out = pixels.copy()
        out[seen] = ((a * color + (256 - a) * below + 128) >> 8).astype(np.uint8).view(np.uint32)
        return out


def is_mask(values: np.ndarray, cmap: str | None) -> bool:
    """Return whether an array is shown as labels: booleans always, whole numbers unless a colour map is given."""
    return values.dtype.kind == "b" or (values.dtype.kind in "iu" and cmap is None)


def color_overlay(
    values: np.ndarray, name: str, cmap: str | None = None, opacity: float = 0.5, window: Any = None
) -> ColorOverlay:
    """Return an array as a colour overlay.

    Parameters
    ----------
    values : ndarray
        (rows, columns). Booleans and whole numbers are labels with a colour each, 0 transparent. Other numbers, and
        whole numbers if `cmap` is given, are shown in the colour map, NaN transparent.
    name : str
    cmap : str, optional
        One of `COLOR_MAPS`; "hot_iron" by default.
    opacity : float
        From 0 to 1.
    window : Window or (center, width), optional
        The values that the colour map spans; by default from the smallest to the largest finite value.

    Raises
    ------
    ValueError
        An unknown colour map, or an opacity outside of 0 to 1.
    TypeError
        Values that are not real numbers.

    """
    if cmap is not None and cmap not in COLOR_MAPS:
        raise ValueError(f"The colour map {cmap!r} is not known; {', '.join(COLOR_MAPS)} are.")
    if values.dtype.kind not in "biuf":
        raise TypeError(f"Values of type {values.dtype} cannot be laid over an image: give real numbers.")
    opacity = checked_opacity(opacity)
    if is_mask(values, cmap):
        labels = np.where(values == 0, 0, (values.astype(np.int64) - 1) % len(LABELS) + 1).astype(np.uint8)
        return ColorOverlay(labels, colors=LABELS, name=name, opacity=opacity, labels=True)
    if window is not None and not isinstance(window, Window):
        window = Window(*window)
    absent = np.isnan(values)
    levels = Chain(Modality(), window or full_window(values)).display(np.where(absent, 0, values).astype(np.float64))
    index = np.where(absent, 0, levels + np.uint16(1)).astype(np.uint16)
    return ColorOverlay(index, colors=_colors(cmap or "hot_iron"), name=name, opacity=opacity)


def full_window(values: np.ndarray) -> Window:
    """Return the window from the smallest to the largest finite value."""
    finite = values[np.isfinite(values)]
    return Window.over(float(finite.min()), float(finite.max())) if finite.size else Window(0.5, 1)


def checked_opacity(opacity: float) -> float:
    """Return an opacity, or raise ValueError."""
    if not 0 <= opacity <= 1:
        raise ValueError(f"An opacity of {opacity!r} is none: give a number from 0 (transparent) to 1 (opaque).")
    return float(opacity)


def _colors(cmap: str) -> np.ndarray:
    steps = np.arange(256, dtype=np.uint8)
    uid = COLOR_MAPS[cmap]
    return np.asarray(apply_color_lut(steps, palette=uid), np.uint8) if uid else np.repeat(steps[:, None], 3, axis=1)
