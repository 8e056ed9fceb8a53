"""Files that are uploaded in pieces: numbered, checked, and put together in memory; nothing touches a disk.

The page keeps two pieces under way, and sends one again that was damaged or is late.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotFound, StoreFull

if TYPE_CHECKING:
    from collections.abc import Sequence

PIECE: Final = 4 << 20
"""Bytes of a piece: messages above 10 MiB are silently lost on their way to a kernel."""
MOST: Final = 20_000
"""Files of one upload."""


@dataclass(frozen=True)
class Announced:
    """A file as the page announces it."""

    name: str
    """The name on the user's machine, perhaps with folders before it; never used as a path here."""
    size: int

    @property
    def pieces(self) -> int:
        """How many pieces it comes in."""
        return -(-self.size // PIECE)


@dataclass(eq=False)
class Upload:
    """One upload under way.

    Raises
    ------
    StoreFull
        The files together are larger than `room`; this is refused before anything comes.

    """

    files: Sequence[Announced]
    room: int
    received: int = 0
    """Bytes that came, each counted once."""
    _pieces: dict[tuple[int, int], bytes] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if len(self.files) > MOST:
            raise StoreFull(f"An upload has {MOST:,} files at most, not {len(self.files):,}. Put them into a zip file.")
        if self.total > self.room:
            raise StoreFull(
                f"The upload has {self.total / 1e6:,.0f} MB, for which there is no room ({self.room / 1e6:,.0f} MB)."
                " Drop what is not needed (session.drop), or give the session a larger memory_limit."
            )

    @property
    def total(self) -> int:
        """Bytes of all files."""
        return sum(f.size for f in self.files)

    @property
    def complete(self) -> bool:
        """Whether every piece is here."""
        return len(self._pieces) == sum(f.pieces for f in self.files)

    def take(self, file: int, number: int, data: bytes, checksum: int) -> bool:
        """Take a piece; False asks for it again, as it was damaged on its way.

        Parameters
        ----------
        file, number : int
            Of the file and of the piece in it, from 0. A piece may come twice, and in any order.
        data : bytes
        checksum : int
            CRC-32 of the piece.

        Raises
        ------
        NotFound
            There is no such piece.

        """
        if not 0 <= file < len(self.files) or not 0 <= number < self.files[file].pieces:
            raise NotFound("The upload has no such piece. Start it again.")
        expected = min(PIECE, self.files[file].size - number * PIECE)
        if len(data) != expected or zlib.crc32(data) != checksum:
            return False
        if (file, number) not in self._pieces:
            self._pieces[file, number] = data
            self.received += len(data)
        return True

    def contents(self) -> dict[str, bytes]:
        """Return name -> bytes of all files, once it is complete; a name that comes twice gets a number."""
        found: dict[str, bytes] = {}
        for i, announced in enumerate(self.files):
            name = unique = text(announced.name, 400) or "file"
            number = 2
            while unique in found:
                unique, number = f"{name} ({number})", number + 1
            found[unique] = b"".join(self._pieces.pop((i, n)) for n in range(announced.pieces))
        return found
