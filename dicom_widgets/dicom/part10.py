"""The Part 10 file format (PS3.10 7.1): the object in a file, by its meta information or by the best guess."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final, Literal

from pydicom.filereader import read_dataset
from pydicom.uid import UID
from pydicom.valuerep import VR

from dicom_widgets.dicom.blob import LARGEST_INFLATED, Blob, MappedFile, MappedView
from dicom_widgets.dicom.conformance import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT
from dicom_widgets.dicom.header import Unusual, header
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom

PREAMBLE: Final = 128
"""Bytes in front of the prefix "DICM"; nothing in them has a meaning."""
_SYNTAX: Final = frozenset({0x00020010})
_BEHIND_META: Final = range(0x00030000, 1 << 32)
_NATIVE: Final = (EXPLICIT, IMPLICIT, BIG_ENDIAN)
_GROUPS: Final = frozenset({2, 4, 6, *range(8, 0x41)})
"""Groups that a data set may begin with."""
_VRS: Final = frozenset(v.value for v in VR if len(v.value) == 2)


def part10(source: memoryview | MappedFile, origin: str, *, limit: int = LARGEST_INFLATED) -> Blob:
    """Return the object in the bytes of a file: with meta information, or by the best guess (PS3.10 7.1).

    Raises
    ------
    NotDicom
    StoreFull
        It is deflated, and has more than `limit` bytes.

    """
    data = source.view() if isinstance(source, MappedFile) else source.toreadonly()
    begin = _prefixed(data)
    said, start = None, 0
    if begin is not None:
        try:
            said, start = _meta(data, begin)
        except Exception as error:
            raise NotDicom(
                f"{origin} starts as a DICOM file, but its meta information cannot be read: {text(error)}."
                " Copy it again."
            ) from error
    likely = partial(_plausible, bytes(data[start : start + 4096]), len(data) - start)
    if said == DEFLATED:
        return Blob.of(data[start:], DEFLATED, limit=limit, origin=origin)
    if said and not said.is_transfer_syntax:  # a private one
        said = None
    if said and (said not in _NATIVE or likely(said)):
        return Blob(_behind(source, start), said, origin=origin)
    guess = next((s for s in _NATIVE if likely(s)), None)
    if guess is None and said:  # it looks odd, but nothing else is likelier
        return Blob(_behind(source, start), said, origin=origin)
    if guess is None:
        raise NotDicom(
            f"{origin} is no DICOM file: it has no 'DICM' after {PREAMBLE} bytes, and does not look like a data set."
            if begin is None
            else f"{origin} does not say its transfer syntax, and its data set looks like none that can be guessed: it"
            " may be deflated, or damaged. Export it again."
        )
    return Blob(_behind(source, start), guess, guessed=True, origin=origin)


def is_likely(head: bytes, total: int) -> bool:
    """Whether bytes begin as a DICOM file does, or as a data set without preamble and meta information."""
    return _prefixed(memoryview(head)) is not None or any(_plausible(head, total, s) for s in _NATIVE)


def _prefixed(data: memoryview) -> int | None:
    """Return where the meta information begins; some writers leave out the preamble, or the prefix too."""
    if bytes(data[PREAMBLE : PREAMBLE + 4]) == b"DICM":
        return PREAMBLE + 4
    if bytes(data[:4]) == b"DICM":
        return 4
    return 0 if bytes(data[:6]) == b"\2\0\0\0UL" else None


def _meta(data: memoryview, begin: int) -> tuple[UID, int]:
    """Return the transfer syntax that the meta information says, and where the data set begins (PS3.10 7.1)."""
    try:
        meta, end = header(data[begin:], implicit=False, wanted=_SYNTAX, stop=_BEHIND_META)
        start = len(data) if end is None else begin + end
    except Unusual:
        reader = MappedView(data)
        reader.seek(begin)
        meta = read_dataset(reader, False, True, stop_when=lambda tag, _vr, _n: tag >> 16 != 2)  # type: ignore[arg-type]
        start = reader.tell()
    return UID(text(meta.get("TransferSyntaxUID", ""), 64)), start


def _behind(source: memoryview | MappedFile, start: int) -> memoryview | MappedFile:
    return replace(source, start=start) if isinstance(source, MappedFile) else source[start:].toreadonly()


def _plausible(head: bytes, total: int, syntax: UID) -> bool:
    """Whether the first elements make sense in a syntax: ascending tags, plausible VRs and lengths."""
    order: Literal["little", "big"] = "little" if syntax.is_little_endian else "big"

    def word(at: int, size: int = 2) -> int:
        return int.from_bytes(head[at : at + size], order)

    at, last, seen = 0, 0, 0
    while at + 8 <= len(head) and seen < 4:
        group, tag, vr = word(at), word(at) << 16 | word(at + 2), head[at + 4 : at + 6]
        if tag <= last or group not in _GROUPS:
            return False
        if syntax.is_implicit_VR:
            length = word(at + 4, 4)
        elif vr.decode("latin-1") not in _VRS:
            return False
        else:
            length = word(at + 6)
            if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
                return True
        if length > min(total, 1 << 20):  # also undefined length: a sequence that early is odd but possible
            break
        at, last, seen = at + 8 + length, tag, seen + 1
    return seen > 0
