"""The state of a view, declared once: a row is a trait of the viewport, a field of `Surface` and a name in messages."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

import traitlets

from dicom_widgets.display.pipeline.view_settings import ViewSettings, VoiLut, Window, Zoom
from dicom_widgets.display.values.subtraction import RECOMMENDED
from dicom_widgets.widgets.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dicom_widgets.widgets.runtime.page_messages import ViewFields

TEXTS: Final = ("all", "minimal", "off")
"""How much is written on the image; what must be said of it stays (requirements TX1, TX3, TX4)."""
LINKS: Final = ("scroll", "window", "zoom")
"""What viewports can have in common (`dw.link`); zoom goes with pan."""


@dataclass(frozen=True)
class Row:
    """What is declared of one part of a view's state beside its trait.

    Without a reader the page does not report it: the kernel makes frames of it, so pages get other frames instead.
    """

    read: Callable[[Any], Any] | None = None
    """From a page's message to the value. A page may say anything, so it corrects or raises."""
    write: Callable[[Any], Any] = lambda value: value
    """From the value to a page's message."""
    settings: bool = False
    """Whether it is one of `ViewSettings`; those travel together, as `look`."""
    resets: bool = False
    """Whether `Viewport.reset` and another presentation state set it to its default."""
    stays: bool = False
    """Whether it outlives what is shown; everything else starts anew with another series."""
    default: Any = None
    """Of a row without a trait."""


def _zoom(said: Any) -> Zoom:
    return "fit" if said is None else "true size" if said == "true size" else float(said)


def _window(said: Any) -> Window | VoiLut | None:
    if not said:
        return None
    words = str(said.get("explanation") or "")
    if "lut" in said:
        return VoiLut(int(said["lut"]), words)
    return Window(float(said["center"]), float(said["width"]), said["function"], words)


def _window_message(window: Window | VoiLut | None) -> dict[str, Any] | None:
    if isinstance(window, VoiLut):
        return {"lut": window.number, "explanation": window.explanation}
    return asdict(window) if window is not None else None


def _tool(said: Any) -> str:
    return str(said) if str(said) in TOOLS else "window"  # the row of another package may have gone


def _opacity(said: Any) -> dict[str, float]:
    return {str(name): min(1.0, max(0.0, float(a))) for name, a in said.items()}


class ViewTraits(traitlets.HasTraits):
    """The table: adding a state is adding a trait here, tagged with its `Row`.

    A bare `Row` whose name begins with an underscore is state of the view without being a trait. The order is that in
    which the constructor of a viewport sets them: another presentation starts clean, so it comes first.
    """

    presentation = traitlets.Any("newest", allow_none=True).tag(row=Row(stays=True))
    """"newest", None, or the SOP Instance UID of a presentation state."""
    subtraction = traitlets.Any(RECOMMENDED).tag(row=Row())
    """Which mask is subtracted: "recommended" as the object is, True the one that it names, False none, or a
    Subtraction; something else that is shown begins as it is recommended."""
    index = traitlets.Int(0).tag(row=Row(int))
    """Slice in the series, from 0."""
    zoom = traitlets.Any("fit").tag(row=Row(_zoom, lambda zoom: None if zoom == "fit" else zoom, resets=True))
    """Device pixels for each image pixel, "fit" or "true size"."""
    pan = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.0, 0.0)).tag(
        row=Row(lambda said: (float(said[0]), float(said[1])), list, resets=True)
    )
    """Device pixels (x, y) by which the image is moved from the middle."""
    tool = traitlets.Enum(cast("Sequence[str]", TOOLS), "window").tag(row=Row(_tool, stays=True))
    """What the left button does."""
    texts = traitlets.Enum(TEXTS, "all").tag(row=Row(lambda said: said if said in TEXTS else "all", stays=True))
    """How much is written on the image; what must be said of it stays."""
    interpolation = traitlets.Enum(("area", "linear"), "area").tag(
        row=Row(lambda said: "linear" if said == "linear" else "area", stays=True)
    )
    """How an enlarged image is shown: its pixels, or what lies between them; reduced, both show means."""
    opacity = traitlets.Dict().tag(row=Row(_opacity, dict, stays=True))
    """Of layers that were added and then changed, by their switch; `viewport.layers[0].opacity = 0.3` sets it."""
    playing = traitlets.Bool(False).tag(row=Row(bool))
    """Whether the frames run by themselves."""
    rate = traitlets.Float(None, allow_none=True).tag(row=Row(lambda said: float(said) if said else None))
    """Frames a second; None is the file's own rate."""
    window = traitlets.Any(None, allow_none=True).tag(row=Row(_window, _window_message, settings=True, resets=True))
    """None is the picture's own; a Window, (center, width) or the name of a preset replaces it."""
    invert = traitlets.Bool(False).tag(row=Row(bool, settings=True, resets=True))
    """Whether black and white change places."""
    turns = traitlets.Int(0).tag(row=Row(lambda said: int(said) % 4, settings=True, resets=True))
    """Quarter turns clockwise."""
    flip = traitlets.Bool(False).tag(row=Row(bool, settings=True, resets=True))
    """Whether it is flipped left to right after the turns."""
    hidden = traitlets.Tuple().tag(
        row=Row(lambda said: tuple(str(name) for name in said or ()), list, settings=True, resets=True)
    )
    """Names of what is switched off: shutter, overlays, graphic layers, ICC profile (`viewport.picture().switches`)."""
    _difference = Row(bool, default=False)
    """Whether the window is one of differences, and not of frames that are shown as they are."""


ROWS: Final[dict[str, Row]] = {
    name.lstrip("_"): found if isinstance(found, Row) else found.metadata["row"]
    for name, found in vars(ViewTraits).items()
    if isinstance(found, Row) or (isinstance(found, traitlets.TraitType) and "row" in found.metadata)
}
"""Name of a part of the state -> what is declared of it."""
TRAITS: Final = tuple(name for name in ROWS if name in vars(ViewTraits))
"""The parts that are traits."""
FIELDS: Final = tuple({"look" if row.settings else name: None for name, row in ROWS.items() if row.read})
"""What a page reports when a hand rests (`Surface.read`); each state that it gets lists these names as `fields`."""
_SETTINGS: Final = tuple(name for name, row in ROWS.items() if row.settings)
_RESET: Final = tuple(name for name, row in ROWS.items() if row.resets)


def _defaults() -> dict[str, Any]:
    traits = vars(ViewTraits)
    return {name: traits[name].default() if name in TRAITS else row.default for name, row in ROWS.items()}


@dataclass(frozen=True)
class Surface:
    """The state of one view as the kernel holds it: a frozen value with an attribute for each row of the table.

    It is swapped as a whole, so whoever reads one while a hand moves gets values that belong together.
    """

    values: Mapping[str, Any] = field(default_factory=_defaults)

    def __getattr__(self, name: str) -> Any:
        if name not in ROWS:
            raise AttributeError(name)
        return self.values[name]

    def but(self, **changes: Any) -> Surface:
        """Return the same with other values."""
        return Surface({**self.values, **changes})

    def reset(self) -> Surface:
        """Return the same with everything as it was presented: window, inversion, turns, zoom, pan."""
        fresh = _defaults()
        return self.but(**{name: fresh[name] for name in _RESET})

    def fresh(self) -> Surface:
        """Return the state in which something else is shown: what belongs to the view stays."""
        return Surface(_defaults() | {name: self.values[name] for name, row in ROWS.items() if row.stays})

    def settings(self, *, difference: bool) -> ViewSettings:
        """Return what the user changed of a picture, which is a difference or a frame as it is.

        A window that was set on the other kind is left out: what spreads a difference means nothing for the frame
        itself, nor the reverse.
        """
        values = {name: self.values[name] for name in _SETTINGS}
        if difference != self.difference:
            values["window"] = None
        return ViewSettings(**values)

    def message(self) -> ViewFields:
        """Return it as pages get it; what they report has the same form."""
        fields = {name: row.write(self.values[name]) for name, row in ROWS.items() if row.read}
        fields["look"] = {name: fields.pop(name) for name in _SETTINGS}
        return cast("ViewFields", fields)

    @staticmethod
    def read(message: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that a page reports, by the names of the rows."""
        look = message["look"]
        return {name: row.read((look if row.settings else message).get(name)) for name, row in ROWS.items() if row.read}
