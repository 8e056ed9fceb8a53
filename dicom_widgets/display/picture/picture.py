"""A picture: one frame with its layers, covers, graphics and texts, how it lies on the screen, and its record."""

from __future__ import annotations

import base64
import dataclasses
import io
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, Self

import numpy as np
from PIL import Image

from dicom_widgets.config import options
from dicom_widgets.dicom.privacy import MASK
from dicom_widgets.display.graphics.pen import draw
from dicom_widgets.display.picture.color_overlay import ColorOverlay
from dicom_widgets.display.picture.covers import cover_masks
from dicom_widgets.display.picture.layer import BLACK, ICC, Color, Grey, Layer
from dicom_widgets.display.picture.placement import Home, ScreenAxis, Side, screen_axes, turned_point
from dicom_widgets.display.picture.resample import choose_resampling
from dicom_widgets.display.picture.shown import Shown
from dicom_widgets.display.picture.true_size import TrueSize, true_size
from dicom_widgets.display.pipeline.view_settings import ViewSettings, VoiLut, Window, Zoom, find_window
from dicom_widgets.display.values.value_semantics import ValueSemantics
from dicom_widgets.geometry.plane import edge_letters

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.display.graphics.overlay import Overlay
    from dicom_widgets.display.graphics.shapes import Shape
    from dicom_widgets.display.graphics.shutter import Shutter
    from dicom_widgets.display.pipeline.grayscale import Table
    from dicom_widgets.display.values.spacing import Spacing
    from dicom_widgets.geometry.point import Point

INTERPOLATIONS: Final = ("area", "linear", "nearest")
_SEEN: Final = 256, 1024
"""Pixels of the longer side of a picture in a notebook.

Small images are enlarged to about 256, large reduced to 1024.
"""

KEPT_BACK: Final = '(not kept: its pixels may name the patient; dw.options.phi = "show" keeps it)'


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Picture(Shown):
    """One presented frame, immutable: layers, orientation, covers, graphics, texts, and the record of how it was made.

    It goes to pages as one unit, so scrolling on a busy kernel never shows a frame with the rescale, window or
    presentation state of another. `look` is what the user changed on top; zoom and pan belong to the view.
    """

    key: str
    """Identifies the frame as it is presented: UID, frame and presentation state."""
    layers: tuple[Layer, ...]
    """The image, and the layers over it."""
    turns: int = 0
    """Quarter turns clockwise, from the presentation state."""
    flip: bool = False
    aspect: float = 1.0
    """Height of a stored pixel divided by its width."""
    meaning: ValueSemantics = field(default_factory=ValueSemantics)
    """What its values and distances mean, whatever window or presentation state is applied."""
    home: Home | None = None
    """What "fit" shows: the displayed area of the presentation state, or how the image hangs.

    None is the whole image.
    """
    shutter: Shutter | None = None
    overlays: tuple[Overlay, ...] = ()
    shapes: tuple[Shape, ...] = ()
    runs: tuple[str, str] = ("", "")
    """Letters of the directions in which rows and columns of the stored image run."""
    texts: dict[str, list[str]] = field(default_factory=dict)
    """Corner -> lines: tl, tr, bl, br."""
    private: frozenset[str] = frozenset({"tl", "tr"})
    """Corners whose texts name the patient or a date."""
    burned: bool = False
    """Whether the pixels may name the patient (Burned In Annotation (0028,0301)): no static output shows them then."""
    windows: tuple[Window, ...] = ()
    """Named windows that can be chosen: the object's, then the presets of its modality."""
    luts: tuple[Table, ...] = ()
    """The VOI LUTs of the image, which can be chosen like windows (requirement GP5)."""
    automatic: Literal["", "frame", "stack"] = ""
    """Where nothing gives a window: whether it was made from the values of this frame, or of frames of its stack."""
    state: dict[str, str] = field(default_factory=dict)
    """Label, description, ... of the presentation state that is applied; empty without one."""
    look: ViewSettings = ViewSettings()
    pitch: float | None = None
    """Millimetres from one pixel of the screen to the next, where `options.pixel_pitch` does not say it."""

    @property
    def spacing(self) -> Spacing:
        """Pixel spacing, and how far it can be trusted."""
        return self.meaning.spacing

    @property
    def window(self) -> Window | None:
        """The window that is applied; None for a VOI LUT and for colours."""
        chain = self.base.chain if isinstance(self.base, Grey) else None
        return chain.voi if chain and isinstance(chain.voi, Window) else None

    @property
    def switches(self) -> dict[str, str]:
        """What can be switched off: name in `ViewSettings.hidden` -> label."""
        found = {"shutter": f"Shutter ({self.shutter.words})"} if self.shutter else {}
        if self._profiled is not None:
            found[ICC] = "ICC profile"
        found |= {o.name: o.words for o in self.overlays}
        found |= {t.switch: t.name for t in self.tints}
        found |= {f"layer {s.layer}": s.layer or "Annotations" for s in self.shapes}
        return found | {f"group {s.group}": s.group for s in self.shapes if s.group}

    @property
    def tints(self) -> tuple[ColorOverlay, ...]:
        """The layers over the base layer."""
        return tuple(layer for layer in self.layers[1:] if isinstance(layer, ColorOverlay))

    def over(self, *tints: ColorOverlay) -> Picture:
        """Return the picture with further layers of its size over it (`color_overlay`)."""
        if wrong := next((t for t in tints if t.shape != self.layers[0].shape), None):
            raise ValueError(
                f"The layer {wrong.name!r} has {wrong.shape[0]} x {wrong.shape[1]} pixels and the image"
                f" {self.layers[0].shape[0]} x {self.layers[0].shape[1]}: they must be equal."
            )
        record = {**self.record, "added": [t.name for t in (*self.tints, *tints)]}
        return dataclasses.replace(self, layers=(*self.layers, *tints), record=record)

    @property
    def drawn(self) -> tuple[Shape, ...]:
        """The shapes of the graphic layers and groups that are not switched off."""
        hidden = self.look.hidden
        return tuple(s for s in self.shapes if f"layer {s.layer}" not in hidden and f"group {s.group}" not in hidden)

    @property
    def orientation(self) -> tuple[int, bool]:
        """Quarter turns clockwise and then a flip: the presentation state's, then the user's."""
        turns = self.turns + (-self.look.turns if self.flip else self.look.turns)
        return turns % 4, self.flip != self.look.flip

    @property
    def letters(self) -> tuple[str, str, str, str]:
        """Orientation letters at the left, top, right and bottom edge; empty strings where they are unknown."""
        return edge_letters(*self.runs, *self.orientation)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the image after its turns, in stored pixels."""
        rows, columns = self.layers[0].shape
        return (columns, rows) if self.orientation[0] % 2 else (rows, columns)

    def anonymous(self) -> Self:
        """Return the picture without names, IDs and dates in its texts and its state; pixels are not changed."""
        texts = {corner: [MASK] if corner in self.private and lines else lines for corner, lines in self.texts.items()}
        state = {k: MASK if v and k in ("creator", "created") else v for k, v in self.state.items()}
        return dataclasses.replace(self, texts=texts, state=state)

    def looking(self, look: ViewSettings) -> Picture:
        """Return the picture with other view settings; resampled values are kept."""
        record, color = self.record, self._profiled
        if color is not None:
            used = "switched off: the colours of the device" if ICC in look.hidden else color.profile
            stages = [{**s, "used": used} if s["stage"] == ICC else s for s in record["stages"]]
            record = {**record, "stages": stages}
        return dataclasses.replace(self, look=look, record=record)

    def looked_at(self, window: Any = None, **look: Any) -> Picture:
        """Return the picture with view settings as a user gives them.

        Parameters
        ----------
        window : Window, VoiLut, (center, width) or name, optional
            None is the picture's own.
        **look
            invert, turns, flip, hidden (`ViewSettings`).

        Raises
        ------
        ValueError
            There is no such window.

        """
        return self.looking(ViewSettings(None if window is None else self.named_window(window), **look))

    def named_window(self, window: Any) -> Window | VoiLut:
        """Return the window or VOI LUT that a user means (`find_window`)."""
        luts = (VoiLut(i, t.explanation) for i, t in enumerate(self.luts, 1))
        return find_window(window, (*self.windows, *luts))

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
        """The base layer with the window and the inversion of the view settings."""
        if ICC in self.look.hidden and self._profiled is not None:
            return self.unprofiled().layers[0].with_voi(None, invert=self.look.invert)
        chosen = self.look.window
        if isinstance(chosen, VoiLut) and not 1 <= chosen.number <= len(self.luts):
            raise ValueError(f"The image has {len(self.luts)} VOI LUTs; there is no number {chosen.number}.")
        voi = self.luts[chosen.number - 1] if isinstance(chosen, VoiLut) else chosen
        return self.layers[0].with_voi(voi, invert=self.look.invert)

    def hung(
        self, side: Side = "", extent: tuple[float, float] | None = None, turns: int = 0, *, flip: bool = False
    ) -> Picture:
        """Return the picture as it hangs beside others (requirement XR3); a presentation state takes precedence.

        Parameters
        ----------
        side : str
            The edge of the stored image that lies at the edge of the screen; "" is none.
        extent : (width, height), optional
            Millimetres that the screen shows at least, so that several pictures have one scale.
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
            home = Home(side=side, extent=shown)
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
    ) -> tuple[ScreenAxis, ScreenAxis, float]:
        if zoom == "true size" or (zoom == "fit" and self.home is not None and self.home.millimetres):
            zoom = self.true_size.zoom or "fit"
        home = self.home.lying(self.layers[0].shape, *self.orientation) if self.home else None
        return screen_axes(self.shape, size, zoom, pan, self.aspect, self.orientation[0] % 2 == 1, home)

    @property
    def true_size(self) -> TrueSize:
        """The zoom at which a millimetre of the image is one of the screen, or why there is none."""
        return true_size(self.home, self.spacing, self.aspect, options.pixel_pitch or self.pitch)

    def rgba(
        self,
        size: tuple[int, int] | None = None,
        zoom: Zoom = "fit",
        pan: tuple[float, float] = (0, 0),
        interpolation: str = "area",
    ) -> np.ndarray:
        """Return the pixels of the screen: the image and its covers, without shapes and texts.

        Parameters
        ----------
        size : (height, width), optional
            In device pixels; without it the whole image, one screen pixel for each stored pixel.
        zoom : float, "fit" or "true size"
            Device pixels for each image pixel; "true size" is fitted where `true_size` has none.
        pan : (x, y)
            Device pixels by which the image is moved from the middle.
        interpolation : "area", "linear" or "nearest"
            "area" takes the mean of stored values where the image is reduced, and the nearest value where it is
            enlarged. "linear" takes the same means, and interpolates the four nearest values where it is enlarged.
            Padding has no weight; values that have no mean (labels, palettes, codes) are never averaged.

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
        resampling = choose_resampling(interpolation, z, y, x)
        values, inside = self.base.sample(y, x, turns, flip=flip, resampling=resampling)
        pixels = self.base.paint(values)
        if not inside.all():
            pixels = np.where(inside, pixels, BLACK)
        for added in self.tints:
            if added.switch not in self.look.hidden:
                pixels = added.paint_over(pixels, added.sample(y, x, turns, flip=flip, resampling=resampling))
        hidden = self.look.hidden
        shutter = None if "shutter" in hidden else self.shutter
        overlays = [o for o in self.overlays if o.name not in hidden]
        for cover, color in cover_masks(shutter, overlays, self.orientation, y, x, reduced=resampling == "area"):
            pixels[cover] = color
        return pixels.view(np.uint8).reshape(*size, 4)

    def display(self) -> np.ndarray:
        """Return the display values in the grid of the object: (rows, columns) or (rows, columns, 3) uint8."""
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
        shape, orientation = self.layers[0].shape, self.orientation

        def place(point: Point) -> Point:
            u, v = turned_point(point, shape, *orientation)
            return x.start + u * x.scale, y.start + v * y.scale

        return place

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
