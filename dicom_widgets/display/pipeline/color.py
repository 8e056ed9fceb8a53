"""Palettes: stored value -> colour (PS3.3 C.7.6.3.1.5, C.7.9; requirements CO3, CO4).

Palette images become colour in the kernel, as the mean of two indices means nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.dicom.values import listed, value, whole

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_PRIMARIES: Final = ("Red", "Green", "Blue")
_LONGEST: Final = 65536
_DEPTH: Final = 8
"""Nested indirect segments that are followed; the Standard allows one."""


@dataclass(frozen=True, eq=False)
class Palette:
    """A table of colours."""

    first: int
    """Stored value of the first colour; values below and above the table have the first and the last colour."""
    entries: np.ndarray
    """(n, 3) uint8."""
    source: str = ""
    """From which attributes."""

    def rgb(self, stored: np.ndarray) -> np.ndarray:
        """Return the colours of stored values: (rows, columns, 3) uint8."""
        index = np.clip(stored.astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries[index]


def palette_of(ds: Dataset, *, signed: bool = False) -> Palette | None:
    """Return the palette of an image, or None where it has no usable one.

    Parameters
    ----------
    ds : Dataset
        Attributes of the image.
    signed : bool
        Whether stored values may be negative: the first value mapped is read so.

    """
    found = [palette_channel(ds, name, signed=signed) for name in _PRIMARIES]
    tables = [f for f in found if f is not None]
    if len(tables) != len(found):
        return None
    firsts, columns, _, sources = zip(*tables, strict=True)
    length = max(len(c) for c in columns)
    entries = np.stack([np.pad(c, (0, length - len(c)), mode="edge") for c in columns], axis=1)
    return Palette(firsts[0], _eight(entries), sources[0])


def palette_channel(ds: Dataset, name: str, *, signed: bool) -> tuple[int, np.ndarray, int, str] | None:
    """Return one table of a palette, Red, Green, Blue or Alpha, or None where there is no usable one.

    Returns
    -------
    (first, entries, bits, source)
        The first value mapped; (n,) int64; bits of an entry; from which attributes.

    """
    descriptor = [whole(x) for x in listed(ds, f"{name}PaletteColorLookupTableDescriptor")]
    if len(descriptor) != 3 or None in descriptor:
        return None
    count, first, bits = (x or 0 for x in descriptor)
    count = count & 0xFFFF or _LONGEST
    first = (first & 0xFFFF) - 65536 if signed and first & 0x8000 else first & 0xFFFF
    big = ds.original_encoding[1] is False
    plain = value(ds, f"{name}PaletteColorLookupTableData")
    segmented = value(ds, f"Segmented{name}PaletteColorLookupTableData")
    if isinstance(plain, bytes):
        entries, source = _plain(plain, count, bits, big=big), "Palette Color Lookup Table (0028,1201-1203)"
    elif isinstance(segmented, bytes):
        entries, source = _expanded(_words(segmented, bits, big=big), bits), "segmented palette (0028,1221-1223)"
    else:
        return None
    entries = entries[:count]
    if not len(entries):
        return None
    return first, entries & 0xFF if bits <= 8 else entries, 8 if bits <= 8 else 16, source


def _words(data: bytes, bits: int, *, big: bool) -> np.ndarray:
    if bits <= 8:
        return np.frombuffer(data, np.uint8).astype(np.int64)
    return np.frombuffer(data[: len(data) // 2 * 2], ">u2" if big else "<u2").astype(np.int64)


def _plain(data: bytes, count: int, bits: int, *, big: bool) -> np.ndarray:
    """Return the entries: one word each, or, with 8 bits, also one byte each."""
    if bits <= 8 and len(data) < 2 * count:
        if big:  # bytes of words (PS3.5 A.3)
            data = np.frombuffer(data[: len(data) // 2 * 2], ">u2").astype("<u2").tobytes()
        return np.frombuffer(data, np.uint8).astype(np.int64)
    return np.frombuffer(data[: len(data) // 2 * 2], ">u2" if big else "<u2").astype(np.int64)


def _eight(entries: np.ndarray) -> np.ndarray:
    """Return the three tables as 8 bits: the high byte of 16-bit entries, unless all high bytes are 0 (CO3)."""
    return (entries >> 8 if entries.max() > 255 else entries).astype(np.uint8)


def _expanded(words: np.ndarray, bits: int) -> np.ndarray:
    """Return the entries of a segmented table (PS3.3 C.7.9.2); the result ends at the first invalid segment."""
    out: list[int] = []
    _expand(words.tolist(), 0, len(words), out, unit=1 if bits <= 8 else 2, depth=0)
    return np.array(out[:_LONGEST], np.int64)


def _expand(words: list[int], at: int, segments: int, out: list[int], *, unit: int, depth: int) -> None:
    """Append the entries of `segments` segments from a position on; `unit` is the size of a word in bytes."""
    while segments > 0 and at + 1 < len(words) and len(out) < _LONGEST:
        opcode, length = words[at : at + 2]
        at, segments = at + 2, segments - 1
        if opcode == 0:  # discrete
            out += words[at : at + length]
            at += length
        elif opcode == 1 and out and at < len(words):  # linear, from the last entry, which is not repeated
            start, end = out[-1], words[at]
            out += [start + round((end - start) * i / length) for i in range(1, min(length, _LONGEST) + 1)]
            at += 1
        elif opcode == 2 and depth < _DEPTH and at + 4 // unit <= len(words):  # indirect: segments from before
            parts = words[at : at + 4 // unit]
            offset = sum(part << 8 * unit * i for i, part in enumerate(parts)) // unit
            at += len(parts)
            if offset >= at - 2 - len(parts):
                return
            _expand(words, offset, length, out, unit=unit, depth=depth + 1)
        else:
            return
