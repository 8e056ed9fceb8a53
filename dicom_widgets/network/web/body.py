"""The body of an HTTP response, whose size is bounded while it comes."""

from __future__ import annotations

import threading
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.dicom.part10 import PREAMBLE, is_likely
from dicom_widgets.dicom.statuses import explain_http
from dicom_widgets.dicom.values import text
from dicom_widgets.sources.ledger import FULL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from urllib3 import BaseHTTPResponse

_CHUNK: Final = 1 << 18
"""Bytes that are read at a time."""
_COMPRESSED: Final = 1 << 16
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_FILE: Final = 1 << 12
"""Bytes that a file may have in front of its data set: preamble and meta information (PS3.10 7.1)."""
_LONGEST: Final = 1 << 32
"""Bytes that an element may have where the length of the body is not known."""
BROKEN: Final = "the connection broke before all of it had come"


class Refused(Exception):
    """An instance did not come, or was not taken; the message says why, without a full stop."""


class Status(Refused):
    """The response has a status other than success."""

    def __init__(self, code: int) -> None:
        super().__init__(explain_http(code))
        self.code = code


class NoAnswer(Refused):
    """The peer fell silent, hung up, or does not speak HTTP."""


class Room:
    """The bytes that may be under way: what all clients read at the moment has to fit."""

    def __init__(self, room: Callable[[], int]) -> None:
        self._room, self._lock, self._claimed = room, threading.Lock(), 0

    def check(self, count: int) -> None:
        """Raise Refused where so many bytes more will not fit."""
        if self._claimed + count > self._room() + _FILE:
            raise Refused(FULL)

    def claim(self, count: int) -> None:
        """Reserve room for what has come; the caller gives it back in any case."""
        with self._lock:
            self._claimed += count
        self.check(0)

    def give_back(self, count: int) -> None:
        """Return what was claimed: from here on the sink counts it."""
        with self._lock:
            self._claimed -= count


class Body:
    """The body of a response while it comes; allocated at once where its length is known."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self.length: int | None = None if _encodings(response) else response.length_remaining
        self._type = text(response.headers.get("Content-Type", ""), 60)
        self._size, self._checked = 0, False
        self._known: memoryview | None = None
        self._grown = bytearray()

    def add(self, chunk: bytes) -> None:
        """Add a piece that has come."""
        if self.length is None:
            self._grown += chunk
        else:
            if self._known is None:  # numpy leaves the pages alone: an announced length costs nothing until it comes
                self._known = np.empty(self.length, np.uint8).data
            self._known[self._size : self._size + len(chunk)] = chunk
        self._size += len(chunk)
        if not self._checked and self._size >= PREAMBLE + 4:
            self._check()

    def whole(self) -> memoryview:
        """Return the whole body, once all of it has come."""
        if not self._checked:
            self._check()
        return self._view

    @property
    def _view(self) -> memoryview:
        return (memoryview(self._grown) if self._known is None else self._known)[: self._size]

    def _check(self) -> None:
        """Raise Refused where the body is no DICOM file (PS3.10 7.1), whatever its Content-Type says.

        Some servers send a stored file as it is, also one without preamble and meta information.
        """
        self._checked = True
        if not is_likely(bytes(self._view[: PREAMBLE + 4]), self.length or _LONGEST):
            what = f"{self._type!r}" if self._type else "something without a Content-Type"
            page = ", perhaps a page to log in" if "html" in self._type else ""
            raise Refused(f"{what} came instead of a DICOM file{page}. Is wado_uri right")


def _encodings(response: BaseHTTPResponse) -> list[str]:
    """Return the content encodings of a body; none was asked for."""
    given = response.headers.get("Content-Encoding", "").lower().split(",")
    return [x.strip() for x in given if x.strip() not in ("", "identity")]


def chunks(response: BaseHTTPResponse) -> Iterator[bytes]:
    """Yield a body in pieces."""
    encodings = _encodings(response)
    if not encodings:
        while chunk := response.read(_CHUNK, decode_content=False):
            yield chunk
    elif len(encodings) == 1 and encodings[0] in ("gzip", "x-gzip", "deflate"):
        yield from _inflated(response)
    else:
        raise Refused(f"it came compressed ({text(', '.join(encodings), 40)}), which was not asked for")


def _inflated(response: BaseHTTPResponse) -> Iterator[bytes]:
    """Yield a compressed body in bounded pieces (RFC 9110 8.4.1)."""
    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        while compressed := response.read(_COMPRESSED, decode_content=False):
            while compressed:
                if stream.eof:  # another member follows (RFC 1952 2.2)
                    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
                if chunk := stream.decompress(compressed, _CHUNK):
                    yield chunk
                compressed = stream.unconsumed_tail or stream.unused_data
        yield stream.flush()
    except zlib.error:
        raise Refused("it came compressed, and damaged") from None
    if not stream.eof:
        raise Refused(BROKEN)
