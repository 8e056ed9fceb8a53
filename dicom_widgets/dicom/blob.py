"""The encoded data set of one instance and its transfer syntax: bytes in memory, or a part of a mapped file.

What arrives is kept as it arrived: a header index is made of it at once, a complete data set only when it is asked for.
"""

from __future__ import annotations

import io
import mmap
import os
import stat
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Self

from pydicom.uid import UID

from dicom_widgets.dicom.conformance import DEFLATED, EXPLICIT
from dicom_widgets.errors import NotDicom, StoreFull

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined]


LARGEST_INFLATED: Final = 1 << 31
"""The largest size of a deflated data set after inflation, in bytes."""


OPEN_FILES: Final = 64
"""The most files that are mapped at the same time: each takes a descriptor, of which a process has few."""


@dataclass(frozen=True)
class MappedFile:
    """A file, or the rest of it from an offset on, that is mapped into memory while it is used."""

    path: str
    size: int
    modified: int
    start: int = 0

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> Self:
        """Return the file as it is now; if it changes later, reading it raises.

        Raises
        ------
        NotDicom
            The path is a folder, a device or the like.
        OSError

        """
        found = os.stat(path)  # noqa: PTH116  thousands of files are looked at
        if not stat.S_ISREG(found.st_mode):
            raise NotDicom(f"{path} is no regular file, so it is not read.")
        return cls(os.fspath(path), found.st_size, found.st_mtime_ns)

    @property
    def nbytes(self) -> int:
        """Number of bytes from the offset on."""
        return self.size - self.start

    def view(self) -> memoryview:
        """Return its bytes.

        Raises
        ------
        NotDicom
            It was changed or removed since it was loaded.

        """
        try:
            return memoryview(_mapping(self.path, self.size, self.modified))[self.start :]
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise NotDicom(f"{self.path} cannot be read any more: {why}. Load it again.") from error


@lru_cache(OPEN_FILES)
def _mapping(path: str, size: int, modified: int) -> mmap.mmap:
    """Map a file; one that leaves the cache is closed when the last view of it is gone."""
    with open(path, "rb") as file:  # noqa: PTH123  a path object for each access would cost more than the mapping
        found = os.fstat(file.fileno())
        if (found.st_size, found.st_mtime_ns) != (size, modified):
            raise OSError("it was changed since it was loaded")
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


@dataclass(frozen=True, eq=False)
class Blob:
    """An encoded data set as it arrived, without preamble and file meta information."""

    source: memoryview | MappedFile
    """The encoded data set, or where it lies."""
    transfer_syntax: UID
    guessed: bool = False
    """Whether the transfer syntax was guessed, as the file does not say it."""
    invented: bool = False
    """Whether the patient is fictitious (the practice PACS's), so that nothing needs to be masked."""
    origin: str = ""
    """Where it came from, in words: a path, or `AE title via C-GET`."""

    @property
    def note(self) -> str:
        """What a list says beside it: that the transfer syntax is a guess; else empty."""
        return f"header guessed: {self.transfer_syntax.name}" if self.guessed else ""

    @classmethod
    def of(cls, data: Buffer, transfer_syntax: str, *, limit: int = LARGEST_INFLATED, **kwargs: object) -> Blob:
        """Make a blob of any buffer; a deflated data set is inflated, to at most `limit` bytes.

        Raises
        ------
        NotDicom
            It is deflated and damaged.
        StoreFull
            It is deflated and would be too large.

        """
        view = memoryview(data).toreadonly().cast("B")
        if transfer_syntax == DEFLATED:
            inflated = _inflated(view, kwargs.get("origin") or "A data set", limit)
            view, transfer_syntax = memoryview(inflated), EXPLICIT
        return cls(view, UID(transfer_syntax), **kwargs)  # type: ignore[arg-type]

    @property
    def data(self) -> memoryview:
        """The encoded data set.

        Keep the view if you need it repeatedly: a file may have to be mapped anew each time.
        """
        return self.source.view() if isinstance(self.source, MappedFile) else self.source

    @property
    def owned(self) -> bool:
        """Whether the bytes are in memory, so that they count against the session's limit.

        Those of a mapped file do not.
        """
        return not isinstance(self.source, MappedFile)

    @property
    def nbytes(self) -> int:
        """Length of the encoded data set."""
        return self.source.nbytes

    def open(self) -> MappedView:
        """Return a new reader; each thread needs its own."""
        return MappedView(self.data)


def _inflated(data: memoryview, origin: object, limit: int) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise NotDicom(f"{origin} is deflated, and damaged: {error}.") from error
    if len(inflated) > limit:
        raise StoreFull(f"{origin} is deflated, and has more than {limit >> 20} MiB; there is no room for that.")
    return inflated


class MappedView(io.RawIOBase):
    """A reader over a memoryview; unlike `io.BytesIO` it does not copy a mapped file."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """Return the next `size` bytes, or all that is left."""
        start = self._position
        end = len(self._data) if size is None or size < 0 else min(len(self._data), start + size)
        self._position = max(start, end)
        return self._data[start:end].tobytes()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; a position behind the end is allowed and reads as empty."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: len(self._data)}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        """Return the position."""
        return self._position
