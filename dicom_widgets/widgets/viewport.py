"""Viewport: one view of a series, an instance or several of them."""

from __future__ import annotations

import base64
import dataclasses
import threading
from typing import TYPE_CHECKING, Any, Final

import traitlets

from dicom_widgets.config import options
from dicom_widgets.display.layer import ICC
from dicom_widgets.display.look import Look, VoiLut, Window
from dicom_widgets.display.picture import KEPT_BACK, Picture
from dicom_widgets.display.pullback import Pullback
from dicom_widgets.display.subtraction import RECOMMENDED, Subtraction, Wish, checked
from dicom_widgets.errors import DicomWidgetsError, NotAnImage, NotFound
from dicom_widgets.model import Entity
from dicom_widgets.widgets.angles import Angles
from dicom_widgets.widgets.drawing import Drawn
from dicom_widgets.widgets.gather import Gather
from dicom_widgets.widgets.layers import Layered
from dicom_widgets.widgets.links import LINKS
from dicom_widgets.widgets.marks import Marks
from dicom_widgets.widgets.measuring import Measuring
from dicom_widgets.widgets.part import Part
from dicom_widgets.widgets.reel import Reel, is_image, reel_of
from dicom_widgets.widgets.runtime import stem
from dicom_widgets.widgets.sheets import ONE, Sheets, Tiled
from dicom_widgets.widgets.subtracting import Subtracting
from dicom_widgets.widgets.surface import TEXTS, Surface
from dicom_widgets.widgets.zooming import Zoomed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dicom_widgets.display.shown import Shown
    from dicom_widgets.display.states import State
    from dicom_widgets.instance import Instance
    from dicom_widgets.inventory import Which
    from dicom_widgets.session import Session

Bundle = tuple[dict[str, Any], dict[str, Any]] | None
"""What IPython shows: MIME type -> data, and metadata."""
TOOLS: Final = (
    *("window", "levels", "pan", "zoom", "scroll", "probe"),
    *("length", "angle", "rectangle", "ellipse", "magnifier", "crosshair"),
)
_LOOK: Final = ("window", "invert", "turns", "flip", "hidden")
_VIEW: Final = ("index", "zoom", "pan", "tool", "texts", "interpolation", "opacity", "playing", "rate")
_PRESENTED: Final = ("presentation", "subtraction")  # what the kernel makes of a frame
_SYNCED: Final = (*_PRESENTED, *_VIEW, *_LOOK)  # a new presentation starts clean, so it comes first


class Viewport(Layered, Drawn, Measuring, Subtracting, Tiled, Zoomed, Part):
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
    opacity = traitlets.Dict()
    """Of layers that were added and then changed, by their switch; `viewport.layers[0].opacity = 0.3` sets it."""
    playing = traitlets.Bool(False)
    """Whether the frames run by themselves."""
    rate = traitlets.Float(None, allow_none=True)
    """Frames a second; None is the file's own rate."""
    presentation = traitlets.Any("newest", allow_none=True)
    """"newest", None, or the SOP Instance UID of a presentation state."""
    subtraction = traitlets.Any("recommended")
    """Which mask is subtracted: "recommended" as the object is, True the one that it names, False none, or a
    Subtraction; something else that is shown begins as it is recommended."""
    static = traitlets.Bool(None, allow_none=True)
    """Whether a saved notebook keeps a picture; None is as `options.static` says."""
    link = traitlets.Dict(value_trait=traitlets.Unicode(), key_trait=traitlets.Enum(LINKS)).tag(sync=True)
    """What follows the hand on other viewports: "scroll", "window" or "zoom" -> the name of a group (`dw.link`)."""

    def __init__(
        self,
        session: Session,
        entity: Which | Iterable[Which] | Reel | Pullback | None = None,
        on_more: Callable[[str, Instance], None] | None = None,
        **kwargs: Any,
    ) -> None:
        self._on_more = on_more
        looks = {k: kwargs.pop(k) for k in (*_SYNCED, "tiles") if k in kwargs}
        super().__init__(session, **kwargs)
        self._lock = threading.Lock()
        self._surface = Surface()
        self._reel = Reel()
        self._names: list[str] = []
        """Of the frames of the reel, as the page knows them."""
        self._entity: Any = None
        self._offer = ""
        self._plain = False
        """Whether the frames that are offered have the colours of the device, without ICC profiles."""
        self._renewed = False  # a presentation state came
        self._seq = 0
        self._settled: dict[str, int] = {}
        """Client -> number of the last `settle` that was heard."""
        self._note = ""
        self._gather = Gather(self._refresh)
        self._echoing = threading.local()
        self._endings += [session.watch(self._arrived), self._gather.close, lambda: self.runtime.withdraw(self._offer)]
        session.own("marks", lambda: Marks(session), Marks.close)
        self.observe(self._set, names=_SYNCED)
        if entity is not None:
            self.show(entity)
        for name, value in looks.items():
            setattr(self, name, value)

    # --- what is shown

    @property
    def instance(self) -> Instance | None:
        """The instance that is shown now."""
        return self._reel.owner(self._surface.index)

    @property
    def frame(self) -> int | None:
        """The frame that is shown now, from 1."""
        here = self._here()
        return here[1] if here else None

    @property
    def count(self) -> int:
        """How many images there are to scroll through."""
        return len(self._reel.frames)

    def _here(self) -> tuple[Instance, int] | None:
        return self._reel.source(self._surface.index)

    def show(
        self, entity: Which | Iterable[Which] | Reel | Pullback, index: int | None = None, *, keep: bool = False
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
            entity = _first_series(self.session, entity)
        elif isinstance(entity, Pullback):
            entity = Angles.of(entity)
        reel = reel_of(self.session, entity)
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
            self._surface = dataclasses.replace(self._surface, look=Look(), zoom="fit", pan=(0.0, 0.0))
        self._mirror()
        self._tell()

    def picture(self) -> Picture:
        """Return the Picture of what is shown now.

        Raises
        ------
        NotFound
            Nothing is shown.
        NotAnImage
            What is shown is a page.

        """
        reel, index = self._reel, self._surface.index
        if not 0 <= index < len(reel.frames):
            raise NotFound("This viewport shows nothing yet: viewport.show(series).")
        shown = self._presented(reel, index)
        if not isinstance(shown, Picture):
            raise NotAnImage(f"What is shown is no picture: {shown.record['why']}")
        surface, difference = self._surface, shown.meaning.subtraction is not None
        meant = surface.look.window is None or surface.difference == difference
        look = surface.look if meant else dataclasses.replace(surface.look, window=None)
        return dataclasses.replace(shown.looking(look), pitch=self._pitch)

    def _presented(self, reel: Reel, index: int, subtraction: Wish | None = None) -> Shown:
        wish = self.subtraction if subtraction is None else subtraction
        shown, source = reel.present(self.session, index, self.presentation, wish), reel.source(index)
        place = (source[0].uid, source[1]) if source else None
        return self.layered(shown, place) if isinstance(shown, Picture) else shown

    def snapshot(self, *, graphics: bool = False) -> bytes:
        """Return what is shown as a PNG of the size that it has on the page.

        Without graphics it is equal to the page's pixel plane, the element `canvas.dw-pixels`; with them the shapes of
        the presentation state and the measurements are drawn.
        """
        surface, picture = self._surface, self.measured() if graphics else self.picture()
        return picture.png(self._size, surface.zoom, surface.pan, surface.interpolation, graphics=graphics)

    def code(self) -> str:
        """Return the lines of code that give the same picture."""
        reel, surface = self._reel, self._surface
        if not 0 <= surface.index < len(reel.frames):
            return "viewport.show(series)"
        look = surface.look
        window = look.window if surface.difference == self._is_difference() else None
        words = []
        if isinstance(window, Window):
            words.append(f"window=({window.center!r}, {window.width!r}, {window.function!r})")
        elif window:
            words.append(f"window={window.explanation!r}")
        words += [f"{k}={v!r}" for k in _LOOK[1:] if (v := getattr(look, k))]
        words += self._subtraction_words()
        screen = f"dw.options.pixel_pitch = {self._pitch!r}\n" if self._pitch and not options.pixel_pitch else ""
        added = "".join(f"# and over it what was added: {layer.name}\n" for layer in self._added if layer.visible)
        return (
            f"{screen}picture = {reel.code(surface.index, self.presentation, words)}\n{added}"
            f"picture.rgba(size={self._size!r}, zoom={surface.zoom!r}, pan={surface.pan!r},"
            f" interpolation={surface.interpolation!r})"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Bundle:
        return self.kept(super()._repr_mimebundle_(**kwargs))

    def kept(self, bundle: Bundle) -> Bundle:
        """Return an output with a picture beside the widget, where a saved notebook is to have one."""
        if bundle is None:
            return None
        if not (options.static if self.static is None else self.static):
            data, metadata = bundle
            words = f"{data['text/plain']}: seen while its kernel runs; static=True keeps a picture"
            return {**data, "text/plain": words}, metadata
        try:
            picture = self.picture()
        except DicomWidgetsError:  # nothing is shown yet, or a page
            return bundle
        (data, metadata), surface = bundle, self._surface
        if not picture.may_be_kept:
            return {**data, "text/plain": f"{data['text/plain']} {KEPT_BACK}"}, metadata
        png = picture.png(self._size, surface.zoom, surface.pan, surface.interpolation)
        return {**data, "image/png": base64.b64encode(png).decode()}, metadata

    # --- the notebook's side

    def _set(self, change: dict[str, Any]) -> None:
        """Follow a trait that the notebook set."""
        if getattr(self._echoing, "on", False):
            return
        name, value = change["name"], change["new"]
        difference = name == "window" and self._is_difference()
        with self._lock:
            surface = self._surface
            if name in _LOOK:
                changes: dict[str, Any] = {name: value}
                look = dataclasses.replace(surface.look, **changes)
                surface = dataclasses.replace(surface, look=look)
                surface = dataclasses.replace(surface, difference=difference) if name == "window" else surface
            elif name == "presentation":  # another state starts clean (requirement PS18)
                surface = dataclasses.replace(surface, look=Look(), zoom="fit", pan=(0.0, 0.0))
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

    @traitlets.validate("subtraction")
    def _wished(self, proposal: dict[str, Any]) -> Wish:
        try:
            return checked(proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    @traitlets.validate("presentation")
    def _chosen(self, proposal: dict[str, Any]) -> str | None:
        chosen = proposal["value"]
        return chosen if chosen in (None, "newest") else str(getattr(chosen, "uid", chosen))

    def _mirror(self) -> None:
        """Set the traits to what is shown, without following them."""
        surface = self._surface
        values = {name: getattr(surface, name) for name in _VIEW}
        self._follow_not(values | {name: getattr(surface.look, name) for name in _LOOK})

    def _follow_not(self, values: dict[str, Any]) -> None:
        """Set traits without following them."""
        self._echoing.on = True
        try:
            for name, value in values.items():
                if getattr(self, name) != value:
                    setattr(self, name, value)
        finally:
            self._echoing.on = False

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

    def _rested(self, content: dict[str, Any]) -> None:
        """Take the state in which the hand left a page."""
        surface = Surface.of(content)
        with self._lock:
            if content["n"] <= self._settled.get(content["client"], 0):
                return  # two threads may hear them in the wrong order
            self._settled[content["client"]] = content["n"]
            names, index = [stem(n) for n in self._names], surface.index
            if (shown := stem(str(content.get("frame", "")))) in names:  # the series may have grown since it was known
                index = names.index(shown)
            self._surface = dataclasses.replace(surface, index=max(0, min(index, len(names) - 1)))
        self._mirror()
        self._tell()

    def _offered(self) -> None:
        """Offer the frames under a new name, as what is presented has changed; stored values keep theirs."""
        with self._lock:
            self._reel = self._reel.renewed()
        old, self._offer = self._offer, self.runtime.offer(self._shown, self._prepare)
        self._filled()
        if old:
            self.runtime.withdraw(old)

    def _filled(self) -> None:
        """Say which frames there are now."""
        reel, plain = self._reel, ICC in self._surface.look.hidden
        subtractions, able = self._weighed(reel)
        variants = [s or ICC for s in subtractions or (None,) * len(reel.frames)] if plain else subtractions
        names = self.runtime.fill(self._offer, reel.frames, variants)
        with self._lock:
            self._plain = plain
            if reel is self._reel:
                self._names, self._subtractions, self._able = names, subtractions, able
        self._tell(series=True)

    def _tell(self, *, series: bool = False) -> None:
        if not series and self._offer and self._plain != (ICC in self._surface.look.hidden):
            self._offered()  # other stored values
            return
        with self._lock:
            self._seq += 1
            content = {"type": "state", "seq": self._seq, "note": self._note, **self._surface.message()}
            content["settled"] = dict(self._settled)
            here = self._here()
        content["presentation"] = self.presentation
        content["pitch"] = options.pixel_pitch
        content["more"] = self._on_more is not None
        content["subtraction"] = self._subtraction_state(here)
        if series:
            content["series"] = {"sid": self._offer, "frames": self._names, **self._reel.message(timeless=self.masks)}
            if self._subtracted:  # no window of other images is one of differences
                content["series"]["modality"] += " subtracted"
        if here:
            content["states"] = [self._described(s) for s in self.session.presentation_states(*here, refused=True)]
        self.send(content)
        self._follow()

    def _described(self, state: State) -> dict[str, str]:
        said = state.summary()
        return {**said, "creator": self.covered(said["creator"]), "created": self.covered(said["created"])}

    def _shown(self, *frame: Any, variant: Subtraction | str | None = None) -> Shown:
        reel = self._reel
        shown = self._presented(reel, reel.frames.index(frame), variant if isinstance(variant, Subtraction) else None)
        if variant == ICC and isinstance(shown, Picture):
            shown = shown.unprofiled()
        return shown.anonymous() if self.masks else shown

    def _prepare(self, wanted: list[Any]) -> None:
        reel = self._reel
        places = {frame: i for i, frame in enumerate(reel.frames)}
        reel.prepare(self.session, [places[frame] for frame in wanted if frame in places], self._subtractions)

    def _renew(self) -> None:
        self._offered()

    def _fail(self, words: str) -> None:
        self._note = self.spared(words)
        self._tell()

    # --- what arrives later

    def _arrived(self, instance: Instance) -> None:
        """Note that something came that may belong here; runs in the thread that brings it."""
        ours = self._entity
        if isinstance(ours, Reel):  # is complete
            return
        if ours is not None and (
            instance.references or not isinstance(ours, Entity) or instance.path[0] == ours.path[0]
        ):
            self._renewed = self._renewed or bool(instance.references)
            self._gather()

    def _refresh(self) -> None:
        """Bring the view up to date: more slices, or another presentation state."""
        with self._lock:
            here, entity, before = self._here(), self._entity, self._reel.frames
            renewed, self._renewed = self._renewed, False
        try:
            reel = reel_of(self.session, entity)
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
        if renewed:
            self._offered()
        elif reel.frames != before:
            self._filled()


def _first_series(session: Session, study: Entity) -> Entity:
    """Return the first series with images of a held study, else its first."""
    held = [s for e in session.studies if e.path == study.path for s in e.children]
    if not held:
        raise NotFound(f"The session holds nothing of {study!r}. Retrieve it first: session.retrieve(study).")
    return next((s for s in held if is_image(s)), held[0])
