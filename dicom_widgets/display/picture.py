"""What a presenter makes of an instance: a Picture to be painted, or a Page to be read."""

from __future__ import annotations

import base64
import dataclasses
import html
import io
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from dicom_widgets.display import resample
from dicom_widgets.display.graphics import Point, Shape, draw
from dicom_widgets.display.look import Look, Window, Zoom
from dicom_widgets.geometry import edges

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.display.grayscale import Chain

Record = dict[str, Any]


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Shown:
    """What pictures and pages have in common."""

    kind: str
    """How the instance is displayed (`conformance.Kind`)."""
    record: Record
    """For each stage: what was used, from which attribute, and why. JSON-able."""
    title: str = ""

    def __repr__(self) -> str:
        """Return the title only: the fields say who the patient is."""
        return f"<{type(self).__name__} {self.title}>"

    def _repr_mimebundle_(self, **_kwargs: object) -> dict[str, str]:
        return {"text/plain": repr(self)}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Page(Shown):
    """Something to be read: HTML in which everything from the object is escaped."""

    html: str

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return {**super()._repr_mimebundle_(**kwargs), "text/html": self.html}


@dataclass(frozen=True, eq=False)
class Layer:
    """A grid of stored values and the chain that makes grey of them."""

    stored: np.ndarray
    """(rows, columns), at most 16 bits, read-only."""
    chain: Chain
    reductions: dict[tuple[object, ...], tuple[np.ndarray, np.ndarray]] = field(default_factory=dict, repr=False)
    """The last area-averaged reduction: it depends on the geometry only, so a change of window reuses it."""

    @cached_property
    def grey(self) -> np.ndarray:
        """Display value of each 16-bit pattern, (65536,) uint8."""
        return self.chain.lut()

    @cached_property
    def lut(self) -> np.ndarray:
        """Display value of each 16-bit pattern as an opaque RGBA pixel, (65536,) uint32."""
        y = self.grey
        return np.stack([y, y, y, np.full_like(y, 255)], axis=1).view(np.uint32).reshape(-1)

    @cached_property
    def range(self) -> tuple[float, float]:
        """Smallest and largest modality value of the frame, padding left out."""
        padding = self.chain.is_padding(self.stored)
        seen = self.stored if padding is None or padding.all() else self.stored[~padding]
        ends = self.chain.modality(np.array([seen.min(), seen.max()]))
        return float(ends.min()), float(ends.max())


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Picture(Shown):
    """One frame, whole and immutable: its layers, how they lie, what is drawn on them, and the record of it all."""

    key: str
    """Names the frame as it is presented: UID, frame and presentation state."""
    layers: tuple[Layer, ...]
    turns: int = 0
    """Quarter turns clockwise, from the presentation state."""
    flip: bool = False
    aspect: float = 1.0
    """Height of a stored pixel divided by its width."""
    shapes: tuple[Shape, ...] = ()
    runs: tuple[str, str] = ("", "")
    """Letters of where rows and columns of the stored image run to."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """Corner -> lines: tl, tr, bl, br."""
    private: frozenset[str] = frozenset({"tl", "tr"})
    """Corners that name the patient or a date."""
    windows: tuple[Window, ...] = ()
    """Named windows that can be chosen: the object's, then the presets of its modality."""
    state: dict[str, str] = field(default_factory=dict)
    """Label, description, ... of the presentation state that is applied; empty without one."""
    look: Look = Look()

    @property
    def window(self) -> Window | None:
        """The window that is shown, or None where a LUT is in its place."""
        voi = self.layers[0].chain.voi if self.look.window is None else self.look.window
        return voi if isinstance(voi, Window) else None

    @property
    def orientation(self) -> tuple[int, bool]:
        """Quarter turns clockwise and then a flip: the presentation state's, then the user's."""
        turns = self.turns + (-self.look.turns if self.flip else self.look.turns)
        return turns % 4, self.flip != self.look.flip

    @property
    def letters(self) -> tuple[str, str, str, str]:
        """Orientation letters at the left, top, right and bottom edge; empty strings where they are unknown."""
        return edges(*self.runs, *self.orientation)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns as the image lies, in stored pixels."""
        rows, columns = self.layers[0].stored.shape
        return (columns, rows) if self.orientation[0] % 2 else (rows, columns)

    def looking(self, look: Look) -> Picture:
        """Return the same picture with another look; what was computed for its geometry is kept."""
        return dataclasses.replace(self, look=look)

    @cached_property
    def base(self) -> Layer:
        """The base layer with the look's window and inversion."""
        layer, look = self.layers[0], self.look
        if look.window is None and not look.invert:
            return layer
        chain = dataclasses.replace(
            layer.chain, voi=look.window or layer.chain.voi, inverse=layer.chain.inverse != look.invert
        )
        return dataclasses.replace(layer, chain=chain)

    def natural_size(self) -> tuple[int, int]:
        """Return (height, width) at which one stored pixel across is one screen pixel."""
        rows, columns = self.shape
        across, down = (self.aspect, 1.0) if self.orientation[0] % 2 else (1.0, self.aspect)
        return max(1, round(rows * down)), max(1, round(columns * across))

    def _axes(
        self, size: tuple[int, int], zoom: Zoom, pan: tuple[float, float]
    ) -> tuple[resample.Axis, resample.Axis, float]:
        return resample.axes(self.shape, size, zoom, pan, self.aspect, odd=self.orientation[0] % 2 == 1)

    def rgba(
        self,
        size: tuple[int, int] | None = None,
        zoom: Zoom = "fit",
        pan: tuple[float, float] = (0, 0),
        interpolation: str = "area",
    ) -> np.ndarray:
        """Return the pixels of the screen.

        Parameters
        ----------
        size : (height, width), optional
            In device pixels; without it the whole image, one screen pixel for each stored pixel.
        zoom : float or "fit"
            Device pixels for each image pixel.
        pan : (x, y)
            Device pixels by which the image is moved from the middle.
        interpolation : "area" or "nearest"
            "area" takes the mean of the stored values where the image is reduced, and the nearest where it is
            enlarged; padding is left out of the means.

        Returns
        -------
        ndarray
            (height, width, 4) uint8, opaque, black outside of the image. Without shapes and texts.

        """
        if interpolation not in ("area", "nearest"):
            raise ValueError(f"The interpolation {interpolation!r} is not known; area and nearest are.")
        if size is None:
            size, zoom, pan = self.natural_size(), 1.0, (0.0, 0.0)
        layer = self.base
        y, x, z = self._axes(size, zoom, pan)
        turns, flip = self.orientation
        key = (size, y, x, turns, flip)
        if interpolation == "area" and z < 1:
            if key not in layer.reductions:
                layer.reductions.clear()
                stored = _turned(layer.stored, turns, flip=flip)
                padding = layer.chain.is_padding(stored)
                mean, inside = resample.area(stored, y, x, None if padding is None else ~padding)
                layer.reductions[key] = (mean & 0xFFFF).astype(np.uint16), inside
            index, inside = layer.reductions[key]
        else:
            index, inside = resample.nearest(_turned(layer.stored, turns, flip=flip), y, x)
        pixels = np.take(layer.lut, _pattern(index), mode="clip")
        if not inside.all():
            pixels = np.where(inside, pixels, np.uint32(0xFF000000) if np.little_endian else np.uint32(0xFF))
        return pixels.view(np.uint8).reshape(*size, 4)

    def display(self) -> np.ndarray:
        """Return the display values of the stored image as it lies in the object: (rows, columns) uint8."""
        layer = self.base
        return np.take(layer.grey, _pattern(layer.stored), mode="clip")

    def png(
        self,
        size: tuple[int, int] | None = None,
        zoom: Zoom = "fit",
        pan: tuple[float, float] = (0, 0),
        *,
        graphics: bool = True,
    ) -> bytes:
        """Return the picture as a PNG, with the presentation state's graphics unless told otherwise."""
        image = Image.fromarray(self.rgba(size, zoom, pan))
        if graphics and self.shapes:
            whole = self.natural_size()
            draw(image, self.shapes, self.to_screen(size or whole, zoom if size else 1.0, pan if size else (0, 0)))
        out = io.BytesIO()
        image.convert("RGB").save(out, "PNG")
        return out.getvalue()

    def to_screen(self, size: tuple[int, int], zoom: Zoom, pan: tuple[float, float]) -> Callable[[Point], Point]:
        """Return the function from image coordinates (0, 0 is the outer corner) to screen coordinates."""
        y, x, _ = self._axes(size, zoom, pan)
        turns, flip = self.orientation
        rows, columns = self.layers[0].stored.shape

        def place(point: Point) -> Point:
            u, v = point
            w, h = float(columns), float(rows)
            for _ in range(turns):
                u, v, w, h = h - v, u, h, w
            if flip:
                u = w - u
            return x.start + u * x.scale, y.start + v * y.scale

        return place

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        png = base64.b64encode(self.png()).decode()
        return {**super()._repr_mimebundle_(**kwargs), "image/png": png}


def _turned(stored: np.ndarray, turns: int, *, flip: bool) -> np.ndarray:
    turned = np.rot90(stored, -turns) if turns else stored
    return turned[:, ::-1] if flip else turned


def _pattern(stored: np.ndarray) -> np.ndarray:
    """Return stored values as the 16-bit patterns that index a table."""
    if stored.dtype == np.int8:
        stored = stored.astype(np.int16)
    return stored.view(np.uint16) if stored.dtype == np.int16 else stored


def page(kind: str, title: str, sentence: str, rows: list[tuple[str, str]], record: Record) -> Page:
    """Return a page of a title, a sentence and a table of names and values; all of it is escaped."""
    body = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in rows)
    text = (
        f'<div class="dw-page"><h3>{html.escape(title)}</h3><p>{html.escape(sentence)}</p>'
        f"<table><tbody>{body}</tbody></table></div>"
    )
    json.dumps(record)  # a record that is no JSON is a defect here, not at the user's
    return Page(kind=kind, title=title, html=text, record=record)
