"""Viewport: one view of a series, an instance or several of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from dicom_widgets.config import is_pitch, options
from dicom_widgets.dicom.entities import Entity
from dicom_widgets.display.derived.pullback import Pullback
from dicom_widgets.widgets.frames.angles import Angles
from dicom_widgets.widgets.frames.frame_sequence import FrameSequence, first_series, frame_sequence_of
from dicom_widgets.widgets.frames.sheets import ONE, arrange, best_grid
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.runtime.handlers import handles
from dicom_widgets.widgets.viewport.arrivals import Arrivals
from dicom_widgets.widgets.viewport.drawn.drawing import Drawing
from dicom_widgets.widgets.viewport.drawn.fallback import Fallback
from dicom_widgets.widgets.viewport.frame_offer import FrameOffer
from dicom_widgets.widgets.viewport.layers import Layers
from dicom_widgets.widgets.viewport.masks import Masks
from dicom_widgets.widgets.viewport.measurement_sync import MeasurementSync
from dicom_widgets.widgets.viewport.measuring import Measuring
from dicom_widgets.widgets.viewport.page_sync import PageSync
from dicom_widgets.widgets.viewport.snapshot import Snapshot
from dicom_widgets.widgets.viewport.surface import LINKS, ROWS, TRAITS, ViewTraits
from dicom_widgets.widgets.viewport.trait_sync import CHECKED, TraitSync
from dicom_widgets.widgets.viewport.view_presenter import ViewPresenter
from dicom_widgets.widgets.viewport.view_state import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np
    from ipycanvas import Canvas

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.picture.picture import Picture
    from dicom_widgets.geometry.point import Point
    from dicom_widgets.measurements.measurement import Measurement
    from dicom_widgets.measurements.measurements import MeasurementList
    from dicom_widgets.session.inventory import Selector
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.runtime.page_messages import (
        More,
        PageMessage,
        PresentationChoice,
        Settle,
        Size,
        SubtractionMessage,
    )
    from dicom_widgets.widgets.viewport.drawn.drawing import Draw
    from dicom_widgets.widgets.viewport.layers import AddedLayer
    from dicom_widgets.widgets.viewport.snapshot import Bundle


class Viewport(SessionWidget, ViewTraits):
    """A view of images: scroll, window/level, zoom, pan; the newest presentation state is applied by itself.

    What the user changes is a trait (`ViewTraits`): set it, read it or observe it from the notebook.

    Parameters
    ----------
    session : Session
        Where the instances are.
    entity : Entity, Instance, UID, or several, or Pullback
        What to show: a series is shown slice by slice, a pullback cut by cut.
    on_more : callable, optional
        Called with "tags" or "planes" and the instance that is shown, when the user wants to see more of it.
    mask : bool
        Whether names, IDs and dates are hidden.
    static : bool, optional
        Whether a saved notebook keeps a picture, as it is when the view is displayed; without it, as `options.static`
        says.

    """

    part = traitlets.Unicode("viewport").tag(sync=True)
    width = traitlets.Unicode("100%").tag(sync=True)
    """CSS width."""
    height = traitlets.Unicode("512px").tag(sync=True)
    """CSS height of the picture."""
    static = traitlets.Bool(None, allow_none=True)
    """Whether a saved notebook keeps a picture; None is as `options.static` says."""
    tiles = traitlets.Tuple(traitlets.Int(min=1, max=16), traitlets.Int(min=1, max=16), default_value=ONE)
    """Rows and columns of frames side by side; (1, 1) is one frame, and so is what is shown anew."""
    link = traitlets.Dict(value_trait=traitlets.Unicode(), key_trait=traitlets.Enum(LINKS)).tag(sync=True)
    """What follows the hand on other viewports: "scroll", "window" or "zoom" -> the name of a group (`dw.link`)."""
    overlay = traitlets.Any(None, allow_none=True).tag(sync=True, **ipywidgets.widget_serialization)
    """The canvas, once there is one."""

    def __init__(
        self,
        session: Session,
        entity: Selector | Iterable[Selector] | FrameSequence | Pullback | None = None,
        on_more: Callable[[str, Instance], None] | None = None,
        **kwargs: Any,
    ) -> None:
        self._on_more = on_more
        values = {k: kwargs.pop(k) for k in (*TRAITS, "tiles") if k in kwargs}
        super().__init__(session, **kwargs)
        self._fallback: Fallback | None = None
        self._state = state = ViewState()
        self._masks = Masks(session, state)
        self._layers = Layers(session, state, self.set_trait, self._renew)
        self._presenter = ViewPresenter(session, state, self._layers, self._masks)
        self._sync = TraitSync(self, session, state, self._presenter, self._masks)
        self._measuring = Measuring(session, state, self._presenter, self._masks)
        self._drawing = Drawing(state, self._lay_over)
        self._snapshot = Snapshot(state, self._presenter, self._measuring, self._layers, self._masks)
        self._offer = FrameOffer(self, state, self._presenter, self._masks)
        self._page = PageSync(self, state, self._offer, self._masks, self._follow, more=on_more is not None)
        self._arrivals = Arrivals(session, state, self._show_arrivals)
        self._endings += [self._arrivals.close, self._offer.withdraw, self._drawing.close]
        session.own("marks", lambda: MeasurementSync(session), MeasurementSync.close)
        self.observe(self._follow_trait, names=TRAITS)
        if entity is not None:
            self.show(entity)
        for name, value in values.items():
            setattr(self, name, value)

    # --- what is shown

    @property
    def instance(self) -> Instance | None:
        """The instance that is shown now."""
        return self._state.instance

    @property
    def frame(self) -> int | None:
        """The frame that is shown now, from 1."""
        here = self._state.here
        return here[1] if here else None

    @property
    def count(self) -> int:
        """How many images there are to scroll through."""
        return self._state.count

    def show(
        self,
        entity: Selector | Iterable[Selector] | FrameSequence | Pullback,
        index: int | None = None,
        *,
        keep: bool = False,
    ) -> None:
        """Show something else; window, zoom and the other settings start anew.

        Parameters
        ----------
        entity : Entity, Instance, UID, or several, or FrameSequence, or Pullback
            Of a study, the first series with images is shown; of a pullback, its longitudinal cuts.
        index : int, optional
            Which slice; without it the middle one of a series, or the representative frame of an object.
        keep : bool
            The settings stay as they are.

        """
        if isinstance(entity, Entity) and entity.level == "STUDY":
            entity = first_series(self.session, entity)
        elif isinstance(entity, Pullback):
            entity = Angles.of(entity)
        frames, state = frame_sequence_of(self.session, entity), self._state
        with state.lock:
            surface = state.surface if keep else state.surface.fresh()
            state.entity, state.frames, self._page.note = entity, frames, ""
            state.surface = surface.but(index=frames.first if index is None else index)
        if not keep:
            self._masks.own = None
        self._sync.mirror(tiles=ONE)
        self._page.renew()

    def reset(self) -> None:
        """Show everything as it was presented: window, inversion, turns, zoom and pan."""
        with self._state.lock:
            self._state.surface = self._state.surface.reset()
        self._sync.mirror()
        self._page.tell()

    def picture(self) -> Picture:
        """Return the Picture of what is shown now.

        Raises
        ------
        NotFound
            Nothing is shown.
        SessionClosed
        NotAnImage
            What is shown is a page.

        """
        return self._presenter.picture()

    def tile(self) -> None:
        """Put frames side by side, in the rows and columns in which they are seen largest.

        Raises
        ------
        NotFound
            There are not two images of one stack.

        """
        self.tiles = best_grid(self._state.frames, self._state.size)

    # --- what lies over it

    @property
    def layers(self) -> tuple[AddedLayer, ...]:
        """What was added, in the order of painting."""
        return self._layers.added

    def add(
        self, what: Any, cmap: str | None = None, opacity: float = 0.5, window: Any = None, name: str | None = None
    ) -> AddedLayer:
        """Lay an array or a series over the images; it stays with them when one scrolls.

        Parameters
        ----------
        what : array, xarray or entity
            (rows, columns) for the image that is shown, (slices, rows, columns) for all of the viewport, or a series of
            the same grid. Truth values and whole numbers are labels, each in a colour of its own, 0 is transparent;
            other numbers are shown in a colour map, NaN transparent.
        cmap : str, optional
            "hot_iron" (where one is needed), "pet", "hot_metal_blue", "pet_20_step" or "grey"; whole numbers are then
            values, not labels.
        opacity : float
            From 0 to 1.
        window : Window or (center, width), optional
            What the colour map is spread over; without it, from the smallest to the largest value.
        name : str, optional
            Its name in the Layers menu; a layer of the same name is replaced.

        Returns
        -------
        AddedLayer
            `.opacity`, `.visible`, `.remove()`.

        Raises
        ------
        ValueError, TypeError
            An array of another size or kind, an unknown colour map.
        GeometryError
            A series of another grid: it would have to be resampled.
        NotFound
            Nothing is shown, or the session does not hold the series.

        """
        return self._layers.add(what, cmap, opacity, window, name)

    def discard(self, layer: AddedLayer) -> None:
        """Take a layer off the images (`AddedLayer.remove`)."""
        self._layers.discard(layer)

    @property
    def canvas(self) -> Canvas:
        """An ipycanvas Canvas over the picture, transparent, one of its pixels for each pixel of the screen.

        A page that is reloaded or opened later has lost what was drawn: give `on_draw` a function.
        """
        return self._drawing.canvas

    def on_draw(self, draw: Draw) -> Draw:
        """Draw with a function: at once, again for each page, and when the image was scrolled, moved or resized.

        Parameters
        ----------
        draw : callable
            Gets the canvas, which is empty then; what it draws travels as one message. `viewport.to_screen` says where
            a point of the image is.

        """
        self._drawing.add(draw)
        return draw

    def draw(self) -> None:
        """Draw everything anew."""
        self._drawing.draw()

    def to_screen(self, points: Any) -> np.ndarray:
        """Return where points of the image are on the canvas.

        Parameters
        ----------
        points : array
            (..., 2): column and row; 0, 0 is the outer corner of the first pixel.

        """
        return self._presenter.to_screen(points)

    # --- measurements

    @property
    def measurements(self) -> MeasurementList:
        """The measurements on all that this viewport scrolls through; they belong to the session.

        It takes a list of measurements or the text of `measurements.to_json()` in place of them; those of other images
        are added to the session.

        Raises
        ------
        ValueError
            One of what is given is no measurement, with the reason; then nothing has changed.

        """
        return self._measuring.all()

    @measurements.setter
    def measurements(self, source: str | Iterable[Any]) -> None:
        self._measuring.replace(source)

    def measure(self, kind: str, *points: Point, label: str = "") -> Measurement:
        """Measure on the frame that is shown, or on its difference; the measurement stays there.

        Parameters
        ----------
        kind : str
            length, angle (its corner is the second point), rectangle, ellipse (two opposite corners) or probe.
        *points : (x, y)
            Pixels of the image; 0, 0 is the outer corner of the first pixel and 0.5, 0.5 its centre.
        label : str
            What it is called.

        Raises
        ------
        NotFound
            Nothing is shown.
        SessionClosed
        ValueError
            It is no measurement, with the reason.

        """
        return self._measuring.add(kind, points, label)

    def measured(self) -> Picture:
        """Return the Picture of what is shown now, with the measurements among its shapes."""
        return self._measuring.picture()

    # --- outside of the page

    def snapshot(self, *, graphics: bool = False) -> bytes:
        """Return what is shown as a PNG of the size that it has on the page.

        Without graphics it is equal to the page's pixel plane, the element `canvas.dw-pixels`; with them the shapes of
        the presentation state and the measurements are drawn.
        """
        return self._snapshot.png(graphics=graphics)

    def code(self) -> str:
        """Return the lines of code that give the same picture."""
        return self._snapshot.code()

    def fallback(self, size: tuple[int, int] | None = None) -> Fallback:
        """Return a widget that shows the same without the page's script, where that is blocked: the kernel draws.

        With `dw.options.script = False` a viewport is displayed so by itself.

        Parameters
        ----------
        size : (height, width), optional
            In pixels; without it a square of the viewport's height.

        """
        if self._fallback is None or (size and size != self._state.size):
            if self._fallback is not None:
                self._fallback.close()
            side = int(self.height.removesuffix("px")) if self.height.removesuffix("px").isdecimal() else 512
            self._state.size = size or (side, side)
            self._fallback = shown = Fallback(self, self._state.size)
            self._endings += [shown.close, self.session.measurements.watch(lambda *_: shown.renew())]
        return self._fallback

    def kept(self, bundle: Bundle) -> Bundle:
        """Return an output with a picture beside the widget, where a saved notebook is to have one."""
        return self._snapshot.beside(bundle, static=self.static)

    def _repr_mimebundle_(self, **kwargs: Any) -> Bundle:
        if options.script:
            return self.kept(super()._repr_mimebundle_(**kwargs))
        return self.kept((self.fallback()._repr_mimebundle_(**kwargs), {}))

    # --- the notebook's side

    @traitlets.validate(*CHECKED)
    def _check(self, proposal: dict[str, Any]) -> Any:
        return self._sync.check(proposal["trait"].name, proposal["value"])

    def _follow_trait(self, change: dict[str, Any]) -> None:
        """Show what the notebook set a trait to."""
        if self.ended or self._sync.is_mirroring:
            return
        self._sync.take(change["name"], change["new"])
        if ROWS[change["name"]].read is None:  # the kernel makes other frames
            self._page.renew()
        else:
            self._page.tell()

    @traitlets.observe("tiles")
    def _follow_tiles(self, change: dict[str, Any]) -> None:
        """Show sheets instead of frames, or frames again."""
        if self._sync.is_mirroring:
            return
        state = self._state
        with state.lock:
            state.frames, index = arrange(state.frames, state.surface.index, change["new"])
            state.surface = state.surface.but(index=index, zoom="fit", pan=(0.0, 0.0))
        self._renew()

    # --- the page's side

    @handles("ready")
    def _tell_all(self, _message: PageMessage) -> None:
        self.runtime.extend()  # first: the state may name a tool of another package
        self._page.tell(series=True)

    @handles("settle")
    def _settle(self, message: Settle) -> None:
        if self._page.settle(message):
            self._sync.mirror()
            self._page.tell()

    @handles("presentation")
    def _choose_presentation(self, message: PresentationChoice) -> None:
        self.presentation = message["presentation"] or None

    @handles("subtraction")
    def _choose_subtraction(self, message: SubtractionMessage) -> None:
        self.subtraction = self._masks.wish(message)

    @handles("size")
    def _resize(self, message: Size) -> None:
        """Take what a page says of its size and of its screen."""
        self._state.size = (int(message["size"][0]), int(message["size"][1]))
        pitch: Any = message.get("pitch")
        self._state.pitch = float(pitch) if is_pitch(pitch) else None
        self._follow()

    @handles("drawing")
    def _draw_for_page(self, _message: PageMessage) -> None:
        self.draw()

    @handles("tags", "planes")
    def _show_more(self, message: More) -> None:
        instance = self.instance
        if self._on_more is not None and instance is not None:
            self._on_more(message["type"], instance)

    @handles("tiles")
    def _toggle_tiles(self, _message: PageMessage) -> None:
        self.tile() if self.tiles == ONE else self.set_trait("tiles", ONE)

    def show_error(self, words: str) -> None:
        """Show an error below the picture."""
        self._page.note = self.redact(words)
        self._page.tell()

    def _renew(self) -> None:
        """Show the frames anew, as what is presented of them has changed."""
        self._sync.mirror()
        self._page.renew()

    def _follow(self) -> None:
        """Have what the kernel draws follow what is shown."""
        self._drawing.follow()
        if self._fallback is not None:
            self._fallback.renew()

    def _lay_over(self, canvas: Canvas) -> None:
        self.overlay = canvas

    def _show_arrivals(self, renew: bool) -> None:
        """Show what has come: frames presented in another way, or more of them."""
        self._sync.mirror()
        self._page.renew() if renew else self._page.refill()

    def _let_go(self) -> None:
        self._state.entity, self._state.frames, self.overlay = None, FrameSequence(), None
        self._layers.clear()
