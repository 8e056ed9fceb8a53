"""The header of a compressed frame: size, samples, colours.

It is read before anything is decoded: where it differs from the header of the object, nothing is allocated.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

_SIZE: Final = struct.Struct(">BHHB")
_JPEG_FRAMES: Final = frozenset({*range(0xC0, 0xD0), 0xF7}) - {0xC4, 0xC8, 0xCC}
"""Markers of a frame header: SOF0 to SOF15 without DHT, JPG and DAC; SOF55 is JPEG-LS."""
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""


@dataclass(frozen=True)
class Codestream:
    """The header of a JPEG, JPEG-LS or JPEG 2000 codestream."""

    rows: int
    columns: int
    samples: int
    precision: int
    """Bits a sample."""
    signed: bool = False
    color: str = ""
    """"RGB" or "YBR" where the stream says which; empty where it leaves that to the header."""
    why: str = ""
    """The marker that says so."""


def codestream_of(src: bytes) -> Codestream | None:
    """Return what the header of a codestream says, or None for an unknown one and for RLE, which has none."""
    try:
        if src[:2] == b"\xff\xd8":
            return _jpeg(src)
        at = _contiguous(src) if src[4:8] == b"jP  " else 0
        return _jpeg2000(src, at + 4) if src[at : at + 4] == b"\xff\x4f\xff\x51" else None
    except (struct.error, IndexError):
        return None


def _jpeg(src: bytes) -> Codestream | None:
    """Walk the markers (ITU-T T.81 B.1); those of JFIF and Adobe tell RGB from YCbCr."""
    at, color, why, jfif = 2, "", "", False
    while at + 4 <= len(src):
        if src[at] != 0xFF or src[at + 1] == 0xFF:  # fill bytes
            at += 1
            continue
        marker = src[at + 1]
        if marker in _BARE:
            at += 2
            continue
        (length,) = struct.unpack_from(">H", src, at + 2)
        body = src[at + 4 : at + 2 + length]
        if marker == 0xE0 and body[:5] == b"JFIF\0":
            jfif = True
        elif marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12:
            color, why = ("YBR", "Adobe marker, transform 1") if body[11] == 1 else ("RGB", "Adobe marker, transform 0")
        elif marker in _JPEG_FRAMES:
            precision, rows, columns, samples = _SIZE.unpack_from(body)
            lossy = marker in (0xC0, 0xC1, 0xC2)
            if samples == 3 and lossy and not color:
                if body[6::3][:3] == b"RGB":
                    color, why = "RGB", "component identifiers R, G, B"
                elif jfif:
                    color, why = "YBR", "JFIF marker"
            return Codestream(rows, columns, samples, precision, color=color if lossy else "", why=why)
        at += 2 + length
    return None


def _contiguous(src: bytes) -> int:
    """Return where the codestream begins in a JP2 file (ISO/IEC 15444-1 I.4), which some writers encapsulate."""
    at = 0
    while src[at + 4 : at + 8] != b"jp2c":
        (length,) = struct.unpack_from(">I", src, at)
        if length == 1:
            (length,) = struct.unpack_from(">Q", src, at + 8)
        at += max(length, 8)
    return at + (16 if src[at : at + 4] == b"\0\0\0\1" else 8)


def _jpeg2000(src: bytes, at: int) -> Codestream | None:
    """Read SIZ and, if it comes soon, COD (ISO/IEC 15444-1 A.5.1, A.6.1)."""
    (length,) = struct.unpack_from(">H", src, at)
    _, width, height, left, top, across, down, first, above = struct.unpack_from(">H8I", src, at + 2)
    samples, depth = struct.unpack_from(">HB", src, at + 36)
    if not (first <= left < first + across and above <= top < above + down):
        return None  # the first tile holds no pixel of the image (B.3): some decoders divide by its size
    color = why = ""
    at += length
    while src[at : at + 2] and src[at] == 0xFF and src[at + 1] not in (0x90, 0x93):  # up to the first tile
        if src[at + 1] == 0x52:
            transformed = src[at + 8] == 1  # the decoder takes it back
            color, why = ("RGB", "multiple component transformation of the codestream") if transformed else ("", "")
            break
        (length,) = struct.unpack_from(">H", src, at + 2)
        at += 2 + length
    return Codestream(height - top, width - left, samples, (depth & 0x7F) + 1, bool(depth & 0x80), color, why)
