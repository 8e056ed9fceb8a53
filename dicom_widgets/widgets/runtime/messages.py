"""The messages between pages and kernel: one type for each kind, in both directions.

A message is a JSON object whose `type` names its kind; some have buffers beside it. What a page says is checked where
it is used: these types say what it is to be, not what it may be. The page's script has the same types.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

# ------------------------------------------------------------------------------------------ from a page, of any widget


class PageMessage(TypedDict):
    """What each message from a page has; alone, a message that says nothing but its kind."""

    type: str
    client: NotRequired[str]
    """The page: one for each document that knows the session's runtime."""


# ----------------------------------------------------------------------------------------------------- to the runtime


class Acknowledgement(TypedDict):
    """A frame has come."""

    key: str
    took: float | None
    """Milliseconds since its mark came; None where another mark came between."""
    whole: bool


class Want(PageMessage):
    """`want`: what a page wants, nearest first, and what it has."""

    n: int
    """Messages are numbered: two threads may hear them in the wrong order."""
    keys: list[str]
    shown: int
    """How many of them, from the first on, a view waits for."""
    buffers: list[str]
    """Stored values that the page has of these frames already."""
    previews: list[str]
    scrolling: bool
    acks: list[Acknowledgement]
    inflates: bool


class Measure(PageMessage):
    """`measure`: what the hand did to measurements; or, with `all`, the question which there are."""

    n: int
    all: bool
    changes: list[tuple[str, dict[str, Any] | None]]
    """UID, and the measurement as it is now; None where it was removed."""


# ----------------------------------------------------------------------------------------------------- to a viewport


class Look(TypedDict):
    """View settings: what the hand changed of a picture."""

    window: dict[str, Any] | None
    """`center`, `width`, `function`, `explanation`; or `lut` (from 1) and `explanation`."""
    invert: bool
    turns: int
    flip: bool
    hidden: list[str]


class Surface(TypedDict):
    """The state of a view; the names are `fields` of each state that a page gets."""

    index: int
    look: Look
    zoom: float | Literal["true size"] | None
    pan: list[float]
    tool: str
    texts: str
    interpolation: str
    opacity: dict[str, float]
    playing: bool
    rate: float | None
    difference: bool


class Settle(Surface):
    """`settle`: the hand rests."""

    type: str
    client: str
    n: int
    frame: NotRequired[str]
    """Name of the frame that is shown; it counts before the index, as the series may have grown."""


class PresentationChoice(PageMessage):
    """`presentation`: another presentation state."""

    presentation: str
    """A SOP Instance UID, "newest", or nothing for none."""


class SubtractionMessage(PageMessage):
    """`subtraction`: another mask, or the mask off or on."""

    on: NotRequired[bool]
    given: NotRequired[dict[str, Any]]


class Size(PageMessage):
    """`size`: of the view in device pixels, (height, width), and the pitch of the screen in mm where it is known."""

    size: list[int]
    pitch: NotRequired[float | None]


class More(PageMessage):
    """`tags` or `planes`: the user wants to see more of what is shown. The kind says of what."""


# -------------------------------------------------------------------------------------------- to the other widgets


class Drop(PageMessage):
    """`drop`: a series was dropped into a cell."""

    path: str
    """`study/series` or `study/series/stack`."""
    cell: str
    """Model of the viewport."""


class Slab(PageMessage):
    """`slab`: thickness in mm, and what is shown of it."""

    n: int
    slab: float
    mode: str


class Examine(PageMessage):
    """`doctor`: examine the connection to a remote AE."""

    remote: str


class Query(Examine):
    """`query`: ask for studies."""

    keys: dict[str, str]
    """Keyword -> value; `from` and `to` are study dates."""
    deep: NotRequired[bool]
    """Down to the instances."""


class Selection(PageMessage):
    """`select`, `expand`, `retrieve`, `view`: a study, series or instance, and what is to be done with it."""

    path: NotRequired[str]
    way: NotRequired[str]


class ShowSeries(PageMessage):
    """`show`: a series, or a stack of it."""

    path: str


class ThumbnailWish(ShowSeries):
    """`thumbnail`: the small picture of a card that is in view."""

    count: int


class TagsMessage(PageMessage):
    """What each message to a tag browser has; `ready` has no more."""

    view: NotRequired[str]
    path: NotRequired[list[int]]
    private: NotRequired[bool]
    empty: NotRequired[bool]


class RowsWish(TagsMessage):
    """`rows`: a page of a level."""

    node: NotRequired[int]
    start: NotRequired[int]


class ValueWish(TagsMessage):
    """`value`: more of a value, or all of it."""

    all: NotRequired[bool]
    copy: NotRequired[bool]


class Search(TagsMessage):
    """`search`: elements by tag or words."""

    n: int
    words: NotRequired[str]


class Filter(PageMessage):
    """`filter`: names that have these words."""

    words: str


class Go(PageMessage):
    """`enter`, `up`, `recent`, `path`, `open`: a folder or a file of the kernel's machine."""

    name: NotRequired[str | None]
    index: NotRequired[int]


class AnnouncedFile(TypedDict):
    """A file that is to be uploaded."""

    name: str
    size: int


class UploadStart(PageMessage):
    """`upload`: what is coming."""

    id: int
    files: list[AnnouncedFile]


class Piece(PageMessage):
    """`piece`: a part of a file, as a buffer, with its CRC-32."""

    id: int
    file: int
    n: int
    crc: int
    data: NotRequired[bytes]


# ------------------------------------------------------------------------------------------ to pages, from the runtime


class Mark(TypedDict):
    """`mark`: a frame comes next; from here its time is measured."""

    type: Literal["mark"]
    key: str
    within: int
    """Milliseconds after which it counts as lost."""


Part = tuple[str, str, int]
"""A buffer: name, type of its numbers ("bits", "rgb" or a NumPy dtype), byte planes; 0 planes: it is not deflated."""


class PictureMessage(TypedDict):
    """What `frame_message` makes of a picture: how its stored values are painted, and what lies over them."""

    format: str
    chain: str
    """Equal for frames that are painted with the same tables."""
    signed: NotRequired[bool]
    modality: NotRequired[dict[str, Any]]
    voi: dict[str, Any] | None
    presentation: NotRequired[dict[str, Any] | None]
    palette: NotRequired[int | None]
    luts: NotRequired[list[dict[str, Any]]]
    linear: NotRequired[dict[str, Any]]
    inverse: NotRequired[bool]
    padding: NotRequired[Any]
    windows: list[dict[str, Any]]
    preview: int
    """Rows and columns between those that are sent; 0 is the whole."""
    base: int
    rows: int
    columns: int
    strideX: int
    strideY: int
    smooth: bool
    layers: list[dict[str, Any]]
    covers: list[dict[str, str]]
    home: dict[str, Any] | None
    turns: int
    flip: bool
    aspect: float
    spacing: dict[str, Any]
    meaning: dict[str, Any]
    runs: Any
    texts: dict[str, list[str]]
    shapes: list[dict[str, Any]]
    switches: dict[str, str]
    state: dict[str, Any]
    label: str
    fidelity: str
    parts: list[Part]


class SentFrame(PictureMessage):
    """`frame`: a picture with its stored values, or without them where all takers have them."""

    type: Literal["frame"]
    key: str
    buffer: str
    more: bool
    """Whether the whole values follow."""


class SentValues(TypedDict):
    """`values`: the stored values of a frame whose preview was sent."""

    type: Literal["values"]
    key: str
    buffer: str
    parts: list[Part]


class MeasurementChange(TypedDict):
    """How a measurement is now; `mark` is None where it is gone."""

    uid: str
    revision: int
    mark: dict[str, Any] | None


class MeasuredMessage(TypedDict):
    """`measured`: changes of measurements, or all of them."""

    type: Literal["measured"]
    echo: list[Any] | None
    """Client and number of the message that it answers."""
    changes: list[MeasurementChange]
    all: int | None
    """The revision, where these are all that there are."""


class ToolExtension(TypedDict):
    """A tool from outside of this package."""

    name: str
    label: str
    key: str
    script: str


class MeasurementExtension(TypedDict):
    """A kind of measurement from outside of this package."""

    name: str
    script: str


class Extensions(TypedDict):
    """`extensions`: what other packages add to the page; sent when there is something, and when it comes or goes."""

    type: Literal["extensions"]
    tools: list[ToolExtension]
    measurements: list[MeasurementExtension]


# ----------------------------------------------------------------------------------------- to pages, from a viewport


class SubtractionState(TypedDict):
    """Whether masks are subtracted, may be switched on or off, and whether it is a run of which a frame may be one."""

    on: bool
    able: bool
    run: bool


class SeriesState(TypedDict):
    """What there is to scroll through (`FrameSequence.message`), and the names of its frames."""

    sid: str
    frames: list[str]
    sizes: list[int]
    """Bytes of each frame in the page."""
    labels: list[str]
    missing: list[dict[str, Any]]
    dims: list[dict[str, Any]]
    cine: dict[str, Any] | None
    cross: dict[str, Any] | None
    places: dict[str, Any] | None
    modality: str
    tiled: NotRequired[bool]
    cut: NotRequired[str]


class StateMessage(Surface):
    """`state`: the state of a view."""

    type: Literal["state"]
    seq: int
    note: str
    """An error, in words."""
    fields: tuple[str, ...]
    """What a page reports of it when a hand rests."""
    settled: dict[str, int]
    """Client -> number of the last `settle` that was heard."""
    presentation: str | None
    pitch: float | None
    more: bool
    subtraction: SubtractionState
    series: NotRequired[SeriesState]
    states: NotRequired[list[dict[str, str]]]
    """The presentation states of the frame."""


# ------------------------------------------------------------------------------------ to pages, from the other widgets


class Status(TypedDict):
    """`status`: what a widget is doing, in words."""

    type: Literal["status"]
    words: str
    busy: NotRequired[bool]
    fraction: NotRequired[float | None]
    error: NotRequired[bool]


class MprState(TypedDict):
    """`mpr`: the slab of three planes."""

    type: Literal["mpr"]
    slab: float
    mode: str
    modes: tuple[str, ...]
    note: str
    echo: list[Any]


class SeriesListMessage(TypedDict):
    """`series`: the cards of the list, study by study."""

    type: Literal["series"]
    studies: list[dict[str, Any]]
    chosen: str
    """Path of the series that is shown."""
