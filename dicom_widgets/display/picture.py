"""What a presenter makes of an instance: a Picture to be painted, or a Page to be read."""

from __future__ import annotations

import base64
import dataclasses
import html
import io
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from PIL import Image

from dicom_widgets.config import options
from dicom_widgets.display import resample
from dicom_widgets.display.graphics import Point, Shape, draw
from dicom_widgets.display.layer import BLACK, ICC, Color, Grey, Layer, turned, word
from dicom_widgets.display.look import Look, VoiLut, Window, Zoom
from dicom_widgets.display.meaning import Meaning
from dicom_widgets.display.tint import Tint
from dicom_widgets.display.truesize import TrueSize, true_size
from dicom_widgets.geometry import edges
from dicom_widgets.privacy import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dicom_widgets.display.grayscale import Table
    from dicom_widgets.display.overlay import Overlay
    from dicom_widgets.display.shutter import Shutter
    from dicom_widgets.display.spacing import Spacing

Record = dict[str, Any]
INTERPOLATIONS: Final = ("area", "linear", "nearest")

KEPT_BACK: Final = '(not kept: its pixels may name the patient; dw.options.phi = "show" keeps it)'


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

    def anonymous(self) -> Self:
        """Return the same without names, IDs and dates in its texts; pixels are what they are."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **_kwargs: object) -> dict[str, str]:
        return {"text/plain": repr(self)}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Page(Shown):
    """Something to be read: HTML in which everything from the object is escaped."""

    html: str
    hidden: str = ""
    """The same HTML without names, IDs and dates."""

    def anonymous(self) -> Self:
        """Return the same without names, IDs and dates."""
        return dataclasses.replace(self, html=self.hidden)

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        return {**super()._repr_mimebundle_(**kwargs), "text/html": self.html}


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Picture(Shown):
    """One frame, whole and immutable: its layers, how they lie, what is drawn on them, and the record of it all."""

    key: str
    """Names the frame as it is presented: UID, frame and presentation state."""
    layers: tuple[Layer, ...]
    """The image, and what is laid over it."""
    turns: int = 0
    """Quarter turns clockwise, from the presentation state."""
    flip: bool = False
    aspect: float = 1.0
    """Height of a stored pixel divided by its width."""
    meaning: Meaning = field(default_factory=Meaning)
    """What its values and distances mean, whatever it is looked at with."""
    home: resample.Home | None = None
    """Displayed area of the presentation state, in pixels of the image before its turns; None is the whole image."""
    shutter: Shutter | None = None
    overlays: tuple[Overlay, ...] = ()
    shapes: tuple[Shape, ...] = ()
    runs: tuple[str, str] = ("", "")
    """Letters of where rows and columns of the stored image run to."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """Corner -> lines: tl, tr, bl, br."""
    private: frozenset[str] = frozenset({"tl", "tr"})
    """Corners that name the patient or a date."""
    burned: bool = False
    """Whether the pixels say who the patient is (Burned In Annotation): no static output shows them."""
    windows: tuple[Window, ...] = ()
    """Named windows that can be chosen: the object's, then the presets of its modality."""
    luts: tuple[Table, ...] = ()
    """The VOI LUTs of the image, which can be chosen like windows (requirement GP5)."""
    state: dict[str, str] = field(default_factory=dict)
    """Label, description, ... of the presentation state that is applied; empty without one."""
    look: Look = Look()
    pitch: float | None = None
    """Millimetres from one pixel of the screen to the next, where `options.pixel_pitch` does not say it."""

    @property
    def spacing(self) -> Spacing:
        """What a pixel measures, and how far that can be trusted."""
        return self.meaning.spacing

    @property
    def window(self) -> Window | None:
        """The window that is shown, or None where a LUT is in its place, or colour."""
        chain = self.base.chain if isinstance(self.base, Grey) else None
        return chain.voi if chain and isinstance(chain.voi, Window) else None

    @property
    def switches(self) -> dict[str, str]:
        """What can be switched off (`Look.hidden`), name -> words."""
        found = {"shutter": f"Shutter ({self.shutter.words})"} if self.shutter else {}
        if self._profiled is not None:
            found[ICC] = "ICC profile"
        found |= {o.name: o.words for o in self.overlays}
        found |= {t.switch: t.name for t in self.tints}
        return found | {f"layer {s.layer}": s.layer or "Annotations" for s in self.shapes}

    @property
    def tints(self) -> tuple[Tint, ...]:
        """The layers over the base layer."""
        return tuple(layer for layer in self.layers[1:] if isinstance(layer, Tint))

    def over(self, *tints: Tint) -> Picture:
        """Return the picture with further layers of its size over it (`tint.tint`)."""
        if wrong := next((t for t in tints if t.shape != self.layers[0].shape), None):
            raise ValueError(
                f"The layer {wrong.name!r} has {wrong.shape[0]} x {wrong.shape[1]} pixels and the image"
                f" {self.layers[0].shape[0]} x {self.layers[0].shape[1]}: they must be equal."
            )
        record = {**self.record, "added": [t.name for t in (*self.tints, *tints)]}
        return dataclasses.replace(self, layers=(*self.layers, *tints), record=record)

    @property
    def drawn(self) -> tuple[Shape, ...]:
        """The shapes of the graphic layers that are not switched off."""
        return tuple(s for s in self.shapes if f"layer {s.layer}" not in self.look.hidden)

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
        rows, columns = self.layers[0].shape
        return (columns, rows) if self.orientation[0] % 2 else (rows, columns)

    def anonymous(self) -> Self:
        """Return the same without names, IDs and dates in its corners and about its state; pixels are what they are."""
        texts = {corner: [MASK] if corner in self.private and lines else lines for corner, lines in self.texts.items()}
        state = {k: MASK if v and k in ("creator", "created") else v for k, v in self.state.items()}
        return dataclasses.replace(self, texts=texts, state=state)

    def looking(self, look: Look) -> Picture:
        """Return the same picture with another look; what was computed for its geometry is kept."""
        record, color = self.record, self._profiled
        if color is not None:
            used = "switched off: the colours of the device" if ICC in look.hidden else color.profile
            stages = [{**s, "used": used} if s["stage"] == ICC else s for s in record["stages"]]
            record = {**record, "stages": stages}
        return dataclasses.replace(self, look=look, record=record)

    @property
    def _profiled(self) -> Color | None:
        """The base layer, if an ICC profile made its colours."""
        base = self.layers[0]
        return base if isinstance(base, Color) and base.plain is not None else None

    def unprofiled(self) -> Picture:
        """Return the picture with the colours of the device in the place of those of its ICC profile."""
        color = self._profiled
        if color is None or color.plain is None:
            return self
        layers = dataclasses.replace(color, values=color.plain, reductions={}), *self.layers[1:]
        return dataclasses.replace(self, key=f"{self.key} {ICC} off", layers=layers)

    @cached_property
    def base(self) -> Layer:
        """The base layer with the look's window and inversion."""
        if ICC in self.look.hidden and self._profiled is not None:
            return self.unprofiled().layers[0].looking(None, invert=self.look.invert)
        chosen = self.look.window
        if isinstance(chosen, VoiLut) and not 1 <= chosen.number <= len(self.luts):
            raise ValueError(f"The image has {len(self.luts)} VOI LUTs; there is no number {chosen.number}.")
        voi = self.luts[chosen.number - 1] if isinstance(chosen, VoiLut) else chosen
        return self.layers[0].looking(voi, invert=self.look.invert)

    def hung(
        self, side: resample.Side = "", extent: tuple[float, float] | None = None, turns: int = 0, *, flip: bool = False
    ) -> Picture:
        """Return the picture as it hangs beside others (requirement XR3); what a presentation state says stays.

        Parameters
        ----------
        side : str
            The edge of the stored image that lies at the edge of the screen; "" is none.
        extent : (width, height), optional
            Millimetres of the screen's width and height that are to be seen at least, so that several have one scale.
        turns : int
            Quarter turns clockwise.
        flip : bool
            Whether it is flipped left to right after the turns.

        """
        if self.state:
            turns, flip = self.turns, self.flip
        home = self.home
        if home is None:
            across = self.spacing.across
            shown = (extent[0] / across, extent[1] / across) if extent and self.spacing.unit == "mm" else None
            home = resample.Home(side=side, extent=shown)
        return dataclasses.replace(self, turns=turns, flip=flip, home=home)

    def natural_size(self) -> tuple[int, int]:
        """Return (height, width) at which one stored pixel across is one screen pixel."""
        rows, columns = self.shape
        across, down = (self.aspect, 1.0) if self.orientation[0] % 2 else (1.0, self.aspect)
        return max(1, round(rows * down)), max(1, round(columns * across))

    def _whole(self) -> Picture:
        """Return the picture with all of the image as its displayed area."""
        return self if self.home is None else dataclasses.replace(self, home=None)

    def _axes(
        self, size: tuple[int, int], zoom: Zoom, pan: tuple[float, float]
    ) -> tuple[resample.Axis, resample.Axis, float]:
        if zoom == "true size" or (zoom == "fit" and self.home is not None and self.home.millimetres):
            zoom = self.true_size.zoom or "fit"
        return resample.axes(self.shape, size, zoom, pan, self.aspect, self.orientation[0] % 2 == 1, self._home())

    @property
    def true_size(self) -> TrueSize:
        """At which zoom a millimetre of the image is one of the screen, or why at none."""
        return true_size(self.home, self.spacing, self.aspect, options.pixel_pitch or self.pitch)

    def _home(self) -> resample.Home | None:
        """Return the displayed area as the image lies."""
        if self.home is None:
            return None
        area, side = self.home.area, self.home.side
        if area is not None:
            corners = [self._lying(area[:2]), self._lying(area[2:])]
            (left, right), (top, bottom) = (sorted(p) for p in zip(*corners, strict=True))
            area = left, top, right, bottom
        if side:
            side = resample.lying(side, *self.orientation)
        return dataclasses.replace(self.home, area=area, side=side)

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
        zoom : float, "fit" or "true size"
            Device pixels for each image pixel; "true size" is fitted where `true_size` says why there is none.
        pan : (x, y)
            Device pixels by which the image is moved from the middle.
        interpolation : "area", "linear" or "nearest"
            "area" takes the mean of the stored values where the image is reduced, and the nearest where it is
            enlarged; "linear" takes the same means, and what lies between the four nearest where it is enlarged.
            Padding is left out; values whose means say nothing are never mixed.

        Returns
        -------
        ndarray
            (height, width, 4) uint8, opaque, black outside of the image. Without shapes and texts.

        """
        if interpolation not in INTERPOLATIONS:
            raise ValueError(f"The interpolation {interpolation!r} is not known; area, linear and nearest are.")
        if size is None:
            return self._whole().rgba(self.natural_size(), 1.0, interpolation=interpolation)
        y, x, z = self._axes(size, zoom, pan)
        turns, flip = self.orientation
        way = resample.way(interpolation, z, y, x)
        values, inside = self.base.sample(y, x, turns, flip=flip, way=way)
        pixels = self.base.paint(values)
        if not inside.all():
            pixels = np.where(inside, pixels, BLACK)
        for added in self.tints:
            if added.switch not in self.look.hidden:
                pixels = added.over(pixels, added.sample(y, x, turns, flip=flip, way=way))
        for cover, color in self._covers(y, x, area=way == "area"):
            pixels[cover] = color
        return pixels.view(np.uint8).reshape(*size, 4)

    def _covers(self, y: resample.Axis, x: resample.Axis, *, area: bool) -> Iterator[tuple[np.ndarray, np.uint32]]:
        """Yield what is painted over the image, and with which pixel: the shutter, then the overlays."""
        turns, flip = self.orientation
        if self.shutter is not None and "shutter" not in self.look.hidden:
            hidden, inside = resample.nearest(turned(self.shutter.hidden, turns, flip=flip), y, x)
            yield hidden & inside, word(self.shutter.color)
        for overlay in self.overlays:
            if overlay.name in self.look.hidden:
                continue
            bits = turned(overlay.bits, turns, flip=flip)
            if area:
                yield resample.touched(bits, y, x), word(overlay.color)
            else:
                found, inside = resample.nearest(bits, y, x)
                yield found & inside, word(overlay.color)

    def display(self) -> np.ndarray:
        """Return the display values of the image as it lies in the object: (rows, columns[, 3]) uint8."""
        return self.base.display()

    def png(
        self,
        size: tuple[int, int] | None = None,
        zoom: Zoom = "fit",
        pan: tuple[float, float] = (0, 0),
        interpolation: str = "area",
        *,
        graphics: bool = True,
    ) -> bytes:
        """Return the picture as a PNG, with the presentation state's graphics unless told otherwise."""
        if size is None:
            return self._whole().png(self.natural_size(), 1.0, interpolation=interpolation, graphics=graphics)
        out = io.BytesIO()
        self.image(size, zoom, pan, interpolation, graphics=graphics).convert("RGB").save(out, "PNG")
        return out.getvalue()

    def image(
        self,
        size: tuple[int, int],
        zoom: Zoom = "fit",
        pan: tuple[float, float] = (0, 0),
        interpolation: str = "area",
        *,
        graphics: bool = True,
    ) -> Image.Image:
        """Return the pixels of the screen as a PIL image, RGBA, with the presentation state's graphics."""
        image = Image.fromarray(self.rgba(size, zoom, pan, interpolation))
        if graphics and self.drawn:
            draw(image, self.drawn, self.to_screen(size, zoom, pan))
        return image

    def to_screen(self, size: tuple[int, int], zoom: Zoom, pan: tuple[float, float]) -> Callable[[Point], Point]:
        """Return the function from image coordinates (0, 0 is the outer corner) to screen coordinates."""
        y, x, _ = self._axes(size, zoom, pan)

        def place(point: Point) -> Point:
            u, v = self._lying(point)
            return x.start + u * x.scale, y.start + v * y.scale

        return place

    def _lying(self, point: Point) -> Point:
        """Return a point of the image after its turns and flip."""
        turns, flip = self.orientation
        rows, columns = self.layers[0].shape
        (u, v), w, h = point, float(columns), float(rows)
        for _ in range(turns):
            u, v, w, h = h - v, u, h, w
        return (w - u if flip else u), v

    def _repr_mimebundle_(self, **kwargs: object) -> dict[str, str]:
        text = super()._repr_mimebundle_(**kwargs)
        if not self.may_be_kept:
            return {"text/plain": f"{text['text/plain']} {KEPT_BACK}"}
        height, width = self.natural_size()
        side = max(height, width)
        scale = max(1, _SEEN[0] // side) if side <= _SEEN[1] else _SEEN[1] / side
        png = self._whole().png((max(1, round(height * scale)), max(1, round(width * scale))))
        return {**text, "image/png": base64.b64encode(png).decode()}

    @property
    def may_be_kept(self) -> bool:
        """Whether a saved notebook may have these pixels."""
        return not self.burned or options.phi == "show"


def named_window(picture: Picture, window: Any) -> Window | VoiLut:
    """Return a window by what a user says: itself, (center, width), or the name of a window or a LUT."""
    if isinstance(window, (Window, VoiLut)):
        return window
    if isinstance(window, str):
        luts = (VoiLut(i, t.explanation) for i, t in enumerate(picture.luts, 1))
        choices: list[Window | VoiLut] = [*picture.windows, *luts]
        for choice in choices:
            if choice.explanation.casefold() == window.casefold():
                return choice
        known = ", ".join(c.explanation for c in choices) or "none"
        raise ValueError(f"There is no window {window!r} for this image; there are: {known}.")
    numbers = window if isinstance(window, (tuple, list)) else ()
    if len(numbers) not in (2, 3) or not all(isinstance(n, (int, float, np.number)) for n in numbers[:2]):
        raise ValueError(f"window={window!r} is none: give (center, width), a dw.Window, or the name of one.")
    return Window(*numbers)


_SEEN: Final = 256, 1024
"""Pixels of the longer side of a picture in a notebook, at least about and at most: stamps."""
Rows = list[tuple[str, str]]


def page(kind: str, title: str, sentence: str, rows: Rows, record: Record, hidden: Rows | None = None) -> Page:
    """Return a page of a title, a sentence and a table of names and values; all of it is escaped.

    `hidden` are the same rows without names, IDs and dates, where there are any.
    """

    def written(rows: Rows) -> str:
        body = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(v)}</td></tr>" for k, v in rows)
        return (
            f'<div class="dw-page"><h3>{html.escape(title)}</h3><p>{html.escape(sentence)}</p>'
            f"<table><tbody>{body}</tbody></table></div>"
        )

    json.dumps(record)  # a record that is no JSON is a defect here, not at the user's
    anonymous = written(rows if hidden is None else hidden)
    return Page(kind=kind, title=title, html=written(rows), hidden=anonymous, record=record)
