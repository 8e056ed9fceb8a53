"""The messages from pages to the kernel: one type for each kind.

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


class ViewFields(TypedDict):
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


class Settle(ViewFields):
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
