"""Tables that put DIMSE and HTTP statuses and rejections into words (PS3.4 C.4, PS3.7 C, PS3.8 9.3.4, PS3.18 8.5)."""

from __future__ import annotations

from typing import Final

REJECTIONS: Final[dict[tuple[int, int], str]] = {
    (1, 1): "it gives no reason; where it asks who we are, identity= may be missing or wrong. Its log may tell",
    (1, 2): "it does not know the application context; it may not be a DICOM server",
    (
        1,
        3,
    ): "it does not know our AE title {ours}. Add it to the peer's list of known AEs, or use a title that it knows",
    (1, 7): "its AE title is not {theirs}. Ask for the right one; upper and lower case count",
    (2, 1): "it gives no reason; it may ask who we are, and identity= (a user name, or a user name and a password) is"
    " missing or wrong. Its log may tell",
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

HTTP: Final[dict[int, str]] = {
    400: "it does not understand the request: the address may not be that of its WADO-URI service (wado_uri)",
    401: "it does not know who asks: give RemoteAE(auth=(user, password)) or auth=token, or correct it",
    403: "it does not allow this to who asks. Give the right to that user there, or ask as another (auth=)",
    404: "it does not hold it, or its WADO-URI service is at another address (wado_uri)",
    406: "it cannot send it as a DICOM file",
    410: "it does not hold it any more",
    413: "it finds it too large to be sent. C-GET may do better",
    429: "it was asked too much at a time. Try again later, or with a smaller http_parallel",
    500: "it had an error. Its log says which",
    502: "a gateway in front of it got no proper answer from it. It may not be running",
    503: "it is overloaded or being maintained. Try again later",
    504: "a gateway in front of it waited for it too long. Try again later",
}
"""Status code of an HTTP answer -> what happened and what to do (RFC 9110 15, PS3.18 8.5)."""


def explain_http(status: int) -> str:
    """Return what the status code of an HTTP answer means, in words."""
    kinds = {3: "it points elsewhere, without saying where", 4: "it refuses the request", 5: "it had an error"}
    words = HTTP.get(status, kinds.get(status // 100, "it answers, but with no instance"))
    return f"{words} (HTTP {status})"


def explain(status: int, comment: str = "") -> str:
    """Return what a DIMSE status means, in words, with the peer's comment if it sent one."""
    words = next((w for r, w in _RANGES if status in r), "it gives a status that the Standard does not name here")
    return f"{words} (status 0x{status:04X}{f': {comment}' if comment else ''})"


def is_pending(status: int) -> bool:
    """Whether more responses follow."""
    return status in (0xFF00, 0xFF01)


def is_failure(status: int) -> bool:
    """Whether the operation as a whole failed: no success, cancellation, warning or pending one (PS3.7 C)."""
    warning = status in (0x0001, 0x0107, 0x0116) or 0xB000 <= status < 0xC000
    return status not in (0x0000, 0xFE00) and not warning and not is_pending(status)
