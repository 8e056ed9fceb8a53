"""The messages from the kernel to pages: one type for each kind. The page's script has the same types."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

from dicom_widgets.widgets.runtime.page_messages import ViewFields

# ------------------------------------------------------------------------------------------ from the runtime


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


# ----------------------------------------------------------------------------------------- from a viewport


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


class StateMessage(ViewFields):
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


# --------------------------------------------------------------------------------------------- from the other widgets


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
    """Client and number of the `slab` that it answers."""


class SeriesCard(TypedDict):
    """A series, or a stack of it (`part`)."""

    path: str
    title: str
    detail: str
    tile: str
    """The modality, where there is no small picture."""
    count: int
    image: bool
    part: bool


class SeriesListMessage(TypedDict):
    """`series`: the cards of the list, study by study."""

    type: Literal["series"]
    studies: list[dict[str, Any]]
    """Each a `title`, and `series`: cards."""
    chosen: str
    """Path of the series that is shown."""


class SourceMessage(TypedDict):
    """A source of the browser: its name, what pages call it, and its ways of retrieval where it has several."""

    name: str
    words: str
    ways: list[str]


class SourcesMessage(TypedDict):
    """`remotes`: where the browser can ask."""

    type: Literal["remotes"]
    remotes: list[SourceMessage]
    chosen: str
    views: bool
    """Whether there is something that shows what is retrieved."""
    address: str
    """That of the session, for the administrators of a peer."""
    hints: dict[str, str]
    """Way of retrieval -> what is said while it is chosen; {source} and {address} stand for both."""


class ResultRow(TypedDict):
    """A study, series or instance in the browser's table."""

    path: str
    level: str
    cells: list[str]


class LedgerMessage(TypedDict):
    """`ledger`: what became of a retrieval."""

    type: Literal["ledger"]
    words: str
    warnings: list[str]
    absent: list[str]
    more: int
    """How many more are absent."""
    accepted: list[str]
    refused: list[str]


class FolderEntry(TypedDict):
    """A file or a folder of the kernel's machine."""

    name: str
    folder: bool
    size: int | None
    mark: str
    """DICOM, DICOMDIR, zip, or nothing."""


class FolderMessage(TypedDict):
    """`folder`: what is in a folder."""

    type: Literal["folder"]
    path: str
    entries: list[FolderEntry]
    more: int
    recent: list[str]
    filter: str
