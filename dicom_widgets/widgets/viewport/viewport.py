"""Viewport: one view of a series, an instance or several of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import traitlets

from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.values import text
from dicom_widgets.display.derived.pullback import Pullback
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.pipeline.view_settings import ViewSettings, VoiLut, Window
from dicom_widgets.display.values.subtraction import RECOMMENDED, Subtraction
from dicom_widgets.errors import NotAnImage, NotFound
from dicom_widgets.widgets.frames.angles import Angles
from dicom_widgets.widgets.frames.frame_sequence import FrameSequence, first_series, frame_sequence_of
from dicom_widgets.widgets.frames.sheets import ONE, Sheets, Tiled
from dicom_widgets.widgets.runtime.debounce import Debounce
from dicom_widgets.widgets.viewport.links import LINKS
from dicom_widgets.widgets.viewport.measurement_sync import MeasurementSync
from dicom_widgets.widgets.viewport.snapshot import Kept
from dicom_widgets.widgets.viewport.surface import TEXTS, Surface
from dicom_widgets.widgets.viewport.zooming import Zoomed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.session.inventory import Which
    from dicom_widgets.session.session import Session

TOOLS: Final = (
    *("window", "levels", "pan", "zoom", "scroll", "probe"),
    *("length", "angle", "rectangle", "ellipse", "magnifier", "crosshair"),
)
_LOOK: Final = ("window", "invert", "turns", "flip", "hidden")
_VIEW: Final = ("index", "zoom", "pan", "tool", "texts", "interpolation", "opacity", "playing", "rate")
_PRESENTED: Final = ("presentation", "subtraction")  # what the kernel makes of a frame
_SYNCED: Final = (*_PRESENTED, *_VIEW, *_LOOK)  # a new presentation starts clean, so it comes first


class Viewport(Kept, Tiled, Zoomed):
    """A view of images: scroll, window/level, zoom, pan; the newest presentation state is applied by itself.

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
    index = traitlets.Int(0)
    """Slice in the series, from 0."""
    window = traitlets.Any(None, allow_none=True)
    """None is the picture's own; a Window, (center, width) or the name of a preset replaces it."""
    invert = traitlets.Bool(False)
    """Whether black and white change places."""
    turns = traitlets.Int(0)
    """Quarter turns clockwise."""
    flip = traitlets.Bool(False)
    """Whether it is flipped left to right after the turns."""
    hidden = traitlets.Tuple()
    """Names of what is switched off: shutter, overlays, graphic layers, ICC profile (`viewport.picture().switches`)."""
    tool = traitlets.Enum(TOOLS, "window")
    """What the left button does."""
    texts = traitlets.Enum(TEXTS, "all")
    """How much is written on the image; what must be said of it stays."""
    interpolation = traitlets.Enum(("area", "linear"), "area")
    """How an enlarged image is shown: its pixels, or what lies between them; reduced, both show means."""
    playing = traitlets.Bool(False)
    """Whether the frames run by themselves."""
    rate = traitlets.Float(None, allow_none=True)
    """Frames a second; None is the file's own rate."""
    presentation = traitlets.Any("newest", allow_none=True)
    """"newest", None, or the SOP Instance UID of a presentation state."""
    link = traitlets.Dict(value_trait=traitlets.Unicode(), key_trait=traitlets.Enum(LINKS)).tag(sync=True)
    """What follows the hand on other viewports: "scroll", "window" or "zoom" -> the name of a group (`dw.link`)."""

    def __init__(
        self,
        session: Session,
        entity: Which | Iterable[Which] | FrameSequence | Pullback | None = None,
        on_more: Callable[[str, Instance], None] | None = None,
        **kwargs: Any,
    ) -> None:
        self._on_more = on_more
        looks = {k: kwargs.pop(k) for k in (*_SYNCED, "tiles") if k in kwargs}
        super().__init__(session, **kwargs)
        self._entity: Any = None
        self._renewed = False  # a presentation state came
        self._gather = Debounce(self._refresh)
        self._endings += [session.watch(self._arrived), self._gather.close, lambda: self.runtime.withdraw(self._offer)]
        session.own("marks", lambda: MeasurementSync(session), MeasurementSync.close)
        self.observe(self._set, names=_SYNCED)
        if entity is not None:
            self.show(entity)
        for name, value in looks.items():
            setattr(self, name, value)

    # --- what is shown

    def show(
        self,
        entity: Which | Iterable[Which] | FrameSequence | Pullback,
        index: int | None = None,
        *,
        keep: bool = False,
    ) -> None:
        """Show something else; the look starts anew.

        Parameters
        ----------
        entity : Entity, Instance, UID, or several, or Reel, or Pullback
            Of a study, the first series with images is shown; of a pullback, its longitudinal cuts.
        index : int, optional
            Which slice; without it the middle one of a series, or the representative frame of an object.
        keep : bool
            The look, zoom and pan stay.

        """
        if isinstance(entity, Entity) and entity.level == "STUDY":
            entity = first_series(self.session, entity)
        elif isinstance(entity, Pullback):
            entity = Angles.of(entity)
        reel = frame_sequence_of(self.session, entity)
        self._follow_not({"tiles": ONE})
        with self._lock:
            self._entity, self._reel, self._note = entity, reel, ""
            before = self._surface
            kept = {name: getattr(before, name) for name in ("tool", "texts", "interpolation", "opacity")}
            fresh = before if keep else Surface(**kept)
            self._surface = dataclasses.replace(fresh, index=reel.first if index is None else index)
        if not keep:
            self._own_mask = None
            self._follow_not({"subtraction": RECOMMENDED})
        self._mirror()
        self._offered()

    def reset(self) -> None:
        """Show everything as it was presented: window, inversion, turns, zoom and pan."""
        with self._lock:
            self._surface = dataclasses.replace(self._surface, look=ViewSettings(), zoom="fit", pan=(0.0, 0.0))
        self._mirror()
        self._tell()

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
        reel, index = self._reel, self._surface.index
        if not 0 <= index < len(reel.frames):
            raise self._nothing()
        shown = self._presented(reel, index)
        if not isinstance(shown, Picture):
            raise NotAnImage(f"What is shown is no picture: {shown.record['why']}")
        look = self._surface.looking(difference=shown.meaning.subtraction is not None)
        return dataclasses.replace(shown.looking(look), pitch=self._pitch)

    # --- the notebook's side

    def _set(self, change: dict[str, Any]) -> None:
        """Follow a trait that the notebook set."""
        if self.ended or self._echoes:
            return
        name, value = change["name"], change["new"]
        difference = name == "window" and self._is_difference()
        with self._lock:
            surface = self._surface
            if name in _LOOK:
                changes: dict[str, Any] = {name: value}
                kind = difference if name == "window" else surface.difference
                look = dataclasses.replace(surface.look, **changes)
                surface = dataclasses.replace(surface, look=look, difference=kind)
            elif name == "presentation":  # another state starts clean (requirement PS18)
                surface = dataclasses.replace(surface, look=ViewSettings(), zoom="fit", pan=(0.0, 0.0))
            elif name == "subtraction":  # a window of the frames means nothing for their difference
                keep = isinstance(value, Subtraction) and surface.difference
                look = surface.look if keep else dataclasses.replace(surface.look, window=None)
                surface = dataclasses.replace(surface, look=look)
                self._own_mask = value if isinstance(value, Subtraction) else self._own_mask
            else:
                surface = dataclasses.replace(surface, **{name: value})
            self._surface = surface
        self._mirror()
        if name in _PRESENTED:
            self._offered()
        else:
            self._tell()

    @traitlets.validate("window")
    def _window(self, proposal: dict[str, Any]) -> Window | VoiLut | None:
        value = proposal["value"]
        if value is None or isinstance(value, (Window, VoiLut)):
            return value
        return self.picture().named_window(value)

    @traitlets.validate("rate")
    def _rate(self, proposal: dict[str, Any]) -> float | None:
        rate: float | None = proposal["value"]
        if rate is not None and not 0 < rate < float("inf"):
            raise traitlets.TraitError(f"rate={rate!r}: give frames a second, above 0, or None for the file's own.")
        return rate

    @traitlets.validate("index")
    def _index(self, proposal: dict[str, Any]) -> int:
        return max(0, min(int(proposal["value"]), len(self._reel.frames) - 1)) if self._reel.frames else 0

    @traitlets.validate("presentation")
    def _chosen(self, proposal: dict[str, Any]) -> str | None:
        chosen = proposal["value"]
        if chosen in (None, "newest"):
            return chosen
        uid = str(getattr(chosen, "uid", chosen))
        if uid not in self.session.store or self.session.instance(uid).kind != "presentation state":
            raise NotFound(
                f'The session holds no presentation state {text(uid, 64)}: give "newest", None, or one of'
                " session.presentation_states(viewport.instance)."
            )
        return uid

    def _mirror(self) -> None:
        """Set the traits to what is shown, without following them."""
        surface = self._surface
        values = {name: getattr(surface, name) for name in _VIEW}
        self._follow_not(values | {name: getattr(surface.look, name) for name in _LOOK})

    # --- the page's side

    def _heard(self, content: dict[str, Any]) -> None:
        kind = content["type"]
        if kind == "settle":
            self._rested(content)
        elif kind == "presentation":
            self.presentation = content["presentation"] or None
        elif kind == "subtraction":
            self.subtraction = self._asked(content)
        elif kind == "size":
            self._sized(content)
            self._follow()
        elif kind == "drawing":
            self.draw()
        elif kind in ("tags", "planes"):
            instance = self.instance
            if self._on_more is not None and instance is not None:
                self._on_more(kind, instance)
        elif kind == "tiles":
            self.tile() if self.tiles == ONE else self.set_trait("tiles", ONE)
        elif kind == "ready":
            self._tell(series=True)

    def _let_go(self) -> None:
        self._reel, self._entity, self._added, self.overlay = FrameSequence(), None, (), None

    # --- what arrives later

    def _arrived(self, instance: Instance) -> None:
        """Note that something came that may belong here; runs in the thread that brings it."""
        ours = self._entity
        if isinstance(ours, FrameSequence):  # is complete
            return
        if ours is not None and (
            instance.references or not isinstance(ours, Entity) or instance.path[0] == ours.path[0]
        ):
            self._renewed = self._renewed or bool(instance.references)
            self._gather()

    def _refresh(self) -> None:
        """Bring the view up to date: more slices, or another presentation state."""
        with self._lock:
            here, entity, known, before = self._here(), self._entity, self._reel, self._reel.frames
            renewed, self._renewed = self._renewed, False
        try:
            reel = frame_sequence_of(self.session, entity)
        except (NotFound, NotAnImage):
            return
        with self._lock:
            if self._entity is not entity:
                return
            self._reel = reel = Sheets.of(reel, self.tiles) if self.tiles != ONE else reel
            if here and reel.frames != before:
                index = next((i for i, s in enumerate(reel.frames) if s[0].uid == here[0].uid and s[1] == here[1]), 0)
                self._surface = dataclasses.replace(self._surface, index=index)
        self._mirror()
        if renewed or not reel.as_before(self.session, known):
            self._offered()
        elif reel.frames != before:
            self._filled()
