"""Encapsulated pixel data: where the fragments lie, and which of them make a frame (PS3.5 A.4)."""

from __future__ import annotations

import itertools
import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

Span = tuple[int, int]
"""First byte of a fragment in the data set, and the byte after its last."""

MOST: Final = 1 << 20
"""The most fragments that are indexed, so that millions of empty ones do not fill the memory."""
_ITEM: Final = 0xE000FFFE
_HEADER: Final = struct.Struct("<II")
_STARTS: Final = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\0\0\0\x0cjP  ")
"""First bytes of a codestream: JPEG and JPEG-LS, JPEG 2000, JP2 file."""


def header_length(data: memoryview, at: int) -> int:
    """Return the bytes of tag, VR and value length: 12 for long VRs, 8 for others and without VR (PS3.5 7.1.2, 7.1.3).

    The bytes decide, as some files are implicit although their meta information says explicit.
    """
    long = data[at + 4 : at + 6].tobytes() in (b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN")
    return 12 if long and data[at + 6 : at + 8].tobytes() == b"\0\0" else 8


def fragments_by_frame(data: memoryview, at: int, count: int) -> tuple[tuple[Span, ...], ...]:
    """Return the fragments of each frame.

    Offset tables are wrong in many files, so the Basic Offset Table is used only where the number of fragments does not
    settle it; an Extended Offset Table (7FE0,0001) always comes with one fragment for each frame.

    Parameters
    ----------
    data : memoryview
        The data set.
    at : int
        Where the element of Pixel Data begins.
    count : int
        Frames that the header announces.

    Returns
    -------
    tuple of tuple of (start, stop)
        Shorter than `count` where the object was cut off.

    """
    table, *fragments = _items(data, at + header_length(data, at)) or [(at, at)]
    if count == 1:
        return (tuple(fragments),) if fragments else ()
    if len(fragments) == count:
        return tuple((f,) for f in fragments)
    base = table[1]
    offsets = struct.unpack(f"<{(base - table[0]) // 4}I", data[table[0] : base - (base - table[0]) % 4])
    starts = {start - 8 - base: i for i, (start, _) in enumerate(fragments)}
    pointed = [starts.get(offset, -1) for offset in offsets]
    if len(pointed) == count and pointed[0] == 0 and all(a < b for a, b in itertools.pairwise(pointed)):
        return _grouped(fragments, pointed)
    begins = [i for i, (start, _) in enumerate(fragments) if data[start : start + 8].tobytes().startswith(_STARTS)]
    if begins[:1] == [0]:
        return _grouped(fragments, begins)[:count]
    return tuple((f,) for f in fragments[:count])


def _grouped(fragments: Sequence[Span], begins: Sequence[int]) -> tuple[tuple[Span, ...], ...]:
    return tuple(tuple(fragments[a:b]) for a, b in itertools.pairwise([*begins, len(fragments)]))


def _items(data: memoryview, at: int) -> list[Span]:
    """Return the items up to the delimiter, or up to where the data end."""
    found: list[Span] = []
    end = len(data)
    while at + 8 <= end and len(found) <= MOST:
        tag, length = _HEADER.unpack_from(data, at)
        if tag != _ITEM or length == 0xFFFFFFFF:
            break
        found.append((at + 8, min(at + 8 + length, end)))
        at += 8 + length
    return found
