"""DIMSE statuses and rejections: what happened and what to do, as tables (PS3.4 C.4, PS3.7 C, PS3.8 9.3.4)."""

from __future__ import annotations

from typing import Final

REJECTIONS: Final[dict[tuple[int, int], str]] = {
    (1, 1): "it gives no reason. Its log may",
    (1, 2): "it does not know the application context; it may not be a DICOM server",
    (
        1,
        3,
    ): "it does not know our AE title {ours}. Add it to the peer's list of known AEs, or use a title that it knows",
    (1, 7): "its AE title is not {theirs}. Ask for the right one; upper and lower case count",
    (2, 1): "it gives no reason. Its log may",
    (2, 2): "it does not support our protocol version",
    (3, 1): "it is congested at the moment. Try again later",
    (3, 2): "it has too many associations open. Close others or try again later",
}
"""(source, diagnostic) of an A-ASSOCIATE-RJ -> the rest of `The peer rejected the association: ...`."""

_RANGES: Final[list[tuple[range, str]]] = [
    (range(0xA702, 0xA703), "it could send none of it: the classes or transfer syntaxes may not be what it has"),
    (range(0xA700, 0xA800), "it is out of resources. Ask for less at a time, or try again later"),
    (
        range(0xA801, 0xA802),
        "it does not know the destination of the move. Add our AE title, host and port at the peer",
    ),
    (
        range(0xA900, 0xAA00),
        "it says that the request does not match its SOP class. A key may be missing or not allowed",
    ),
    (range(0xB000, 0xB001), "some of the instances could not be sent"),
    (
        range(0xC000, 0xD000),
        "it could not process the request: it found nothing, or could not send it. Its log says which",
    ),
    (range(0xFE00, 0xFE01), "the operation was cancelled"),
    (range(0x0122, 0x0123), "it does not support this SOP class"),
    (range(0x0124, 0x0125), "it does not allow this to our AE title. Give it the right there"),
]


def explain(status: int, comment: str = "") -> str:
    """Return a DIMSE status in words, with the peer's own comment where it gave one."""
    words = next((w for r, w in _RANGES if status in r), "it gives a status that the Standard does not name here")
    return f"{words} (status 0x{status:04X}{f': {comment}' if comment else ''})"


def is_pending(status: int) -> bool:
    """Whether more responses follow."""
    return status in (0xFF00, 0xFF01)


def is_failure(status: int) -> bool:
    """Whether the operation as a whole failed: no success, cancellation, warning or pending one (PS3.7 C)."""
    warning = status in (0x0001, 0x0107, 0x0116) or 0xB000 <= status < 0xC000
    return status not in (0x0000, 0xFE00) and not warning and not is_pending(status)
