"""The records of a DICOMDIR as a tree (PS3.3 F), also as real writers have got them wrong.

At first only offsets, types and file references are read; what identifies a record is decoded when its level is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError  # noqa: N812  it is an exception
from typing import TYPE_CHECKING, Final

from pydicom.dataset import Dataset

from dicom_widgets.dicom.blob import MappedFile, MappedView
from dicom_widgets.dicom.header import ELEMENT, ITEM, UNDEFINED, Unusual, end_of_item, header, implicit_element
from dicom_widgets.dicom.readable import read
from dicom_widgets.dicom.values import items, listed, number, text, value
from dicom_widgets.errors import NotDicom

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator

    from dicom_widgets.dicom.blob import Blob

_FIRST, _SEQUENCE = 0x00041200, 0x00041220
_NEXT, _IN_USE, _LOWER, _TYPE, _FILE = 0x00041400, 0x00041410, 0x00041420, 0x00041430, 0x00041500
_KEYS: Final = 0x00050000  # behind the elements of the directory itself
_UL: Final = Struct("<L")
_US: Final = Struct("<H")
_RANKS: Final = {"PATIENT": 0, "STUDY": 1, "SERIES": 2}
_LOWEST: Final = 3
_LONGEST: Final = 1024
"""Bytes of a File ID that are looked at; the Standard allows 71, real media have long names."""


@dataclass(slots=True, eq=False)
class Record:
    """One directory record: a patient, a study, a series, or what a file holds."""

    kind: str
    """Directory Record Type."""
    file: tuple[str, ...] = ()
    """Referenced File ID: folders and name, as they are written."""
    children: list[Record] = field(default_factory=list)
    next: int = 0
    lower: int = 0
    used: bool = True
    keys: memoryview | Dataset | None = None
    """The elements that identify it, encoded or as a data set."""
    implicit: bool = False

    @property
    def rank(self) -> int:
        """Its level: 0 is a patient, 3 a file."""
        return _RANKS.get(self.kind, _LOWEST)

    def attributes(self, wanted: Container[int]) -> Dataset:
        """Return the wanted attributes that stand in the record itself."""
        if isinstance(self.keys, memoryview):
            try:
                return header(self.keys, implicit=self.implicit, wanted=wanted, stop=())[0]
            except Unusual:
                return _salvaged(self.keys, self.implicit)
        return self.keys if self.keys is not None else Dataset()

    def files(self) -> Iterator[Record]:
        """Yield all records below, or itself, that refer to a file."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            if one.file:
                yield one
            waiting += reversed(one.children)


def _salvaged(data: memoryview, implicit: bool) -> Dataset:
    """Read by pydicom what the header walk cannot; empty where that fails too."""
    try:
        return read(MappedView(data), implicit, True)
    except Exception:  # noqa: BLE001  whatever a damaged record leads to
        return Dataset()


@dataclass(frozen=True, slots=True)
class _Directory:
    """The records of a DICOMDIR as they are found, before they are a tree."""

    first: int = 0
    """Offset of the first record of the root."""
    found: dict[int, Record] = field(default_factory=dict)
    """The records by their offset in the file."""
    whole: bool = False
    """Whether nothing was out of the ordinary."""


def records(blob: Blob) -> list[Record]:
    """Return the top records of a DICOMDIR, with all that is below them.

    Offsets are followed where they lead to records; what they do not lead to is put below the last record of a higher
    level in front of it, which is where every known writer has put it. Inactive records are left out, and what is cut
    off too.

    Raises
    ------
    NotDicom
        It has no records at all.

    """
    base = blob.source.start if isinstance(blob.source, MappedFile) else 0
    best = _walked(blob, base) if blob.transfer_syntax.is_little_endian else _Directory()
    if not best.whole:
        best = max(best, _parsed(blob, base), key=lambda d: (len(d.found), d.whole))
    if not best.whole and not best.found:
        raise NotDicom(f"{blob.origin} is a DICOMDIR, but no record in it can be read. Copy it again.")
    return _used(_tree(best))


def _walked(blob: Blob, base: int) -> _Directory:
    """Find the records by a walk over the bytes, up to the first that is out of the ordinary."""
    data, implicit = blob.data, blob.transfer_syntax.is_implicit_VR
    at, first, element = 0, 0, ELEMENT[implicit]
    try:
        while at < len(data):
            tag, _, begin, length = element(data, at)
            if tag == _FIRST and length == 4:
                (first,) = _UL.unpack_from(data, begin)
            elif tag == _SEQUENCE:
                return _Directory(first, *_items(data, implicit, base, begin, length))
            elif length == UNDEFINED or tag > _SEQUENCE:
                break
            at = begin + length
    except (Unusual, StructError):
        pass
    return _Directory(first)


def _items(data: memoryview, implicit: bool, base: int, at: int, length: int) -> tuple[dict[int, Record], bool]:
    """Return the records of the sequence, and whether its length was right."""
    found: dict[int, Record] = {}
    end = len(data) if length == UNDEFINED else at + length
    try:
        while at + 8 <= len(data):
            tag, _, begin, length = implicit_element(data, at)
            if tag != ITEM:
                break
            finish = end_of_item(data, begin, implicit, 0) if length == UNDEFINED else begin + length
            if finish > len(data):
                return found, False
            found[base + at] = _record(data[begin : finish - 8 if length == UNDEFINED else finish], implicit)
            at = finish
    except Unusual:
        return found, False
    return found, end in (at, len(data))


def _record(data: memoryview, implicit: bool) -> Record:
    """Return a record from its encoded item; only what the directory itself needs is read."""
    made, at, element = Record("", implicit=implicit, keys=data), 0, ELEMENT[implicit]
    try:
        while at < len(data):
            tag, _, begin, length = element(data, at)
            if tag >= _KEYS:
                break
            if tag == _TYPE:
                made.kind = _text(data[begin : begin + min(length, 16)])
            elif tag == _FILE:
                made.file = _components(_text(data[begin : begin + min(length, _LONGEST)]).split("\\"))
            elif tag == _NEXT and length == 4:
                (made.next,) = _UL.unpack_from(data, begin)
            elif tag == _LOWER and length == 4:
                (made.lower,) = _UL.unpack_from(data, begin)
            elif tag == _IN_USE and length == 2:
                made.used = _US.unpack_from(data, begin)[0] != 0
            at = begin + length
    except (Unusual, StructError):  # other records may be sound
        pass
    return made


def _text(data: memoryview) -> str:
    return bytes(data).decode("latin-1").strip("\0 ")


def _components(written: Collection[object]) -> tuple[str, ...]:
    return tuple(c for w in written if (c := str(w).strip("\0 ")))


def _parsed(blob: Blob, base: int) -> _Directory:
    """Find the records by pydicom: for big endian, and for what is out of the ordinary."""
    syntax = blob.transfer_syntax
    try:
        ds = read(blob.open(), syntax.is_implicit_VR, syntax.is_little_endian)
        found = {}
        for position, item in enumerate(items(ds, "DirectoryRecordSequence")):
            tell = getattr(item, "seq_item_tell", None)
            made = Record(text(value(item, "DirectoryRecordType", ""), 16), keys=item)
            made.file = _components(listed(item, "ReferencedFileID"))
            made.next = int(number(item, "OffsetOfTheNextDirectoryRecord") or 0)
            made.lower = int(number(item, "OffsetOfReferencedLowerLevelDirectoryEntity") or 0)
            made.used = number(item, "RecordInUseFlag") != 0
            found[position if tell is None else base + tell] = made
        first = int(number(ds, "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity") or 0)
        return _Directory(first, found, "DirectoryRecordSequence" in ds)
    except Exception:  # noqa: BLE001  whatever a damaged file leads to
        return _Directory()


def _tree(directory: _Directory) -> list[Record]:
    """Return the top records with all below them; each record is placed once, so offsets in circles do no harm."""
    found = directory.found
    placed: set[int] = set()

    def chain(offset: int, above: int) -> list[Record]:
        """Return the records that follow each other from an offset, below a level, and are not placed yet."""
        links = []
        while (one := found.get(offset)) is not None and id(one) not in placed and one.rank > above:
            placed.add(id(one))
            links.append(one)
            offset = one.next
        return links

    def grow(top: list[Record]) -> list[Record]:
        waiting = list(top)
        while waiting:
            one = waiting.pop()
            if one.lower:
                one.children = chain(one.lower, one.rank if one.rank < _LOWEST else -1)
                waiting += one.children
        return top

    def adopt(wanted: Container[int]) -> None:
        """Place records that are not placed yet below the last one of a higher level before them in the file."""
        above: dict[int, Record] = {}
        for offset, one in found.items():
            if id(one) not in placed:
                if offset not in wanted:
                    continue
                placed.add(id(one))
                grow([one])
                rank = _rank(one)
                parent = next((above[r] for r in range(rank - 1, -1, -1) if r in above), None)
                (top if parent is None else parent.children).append(one)
            above = {r: a for r, a in above.items() if r < _rank(one)} | {_rank(one): one}

    following, lower = {r.next for r in found.values()}, {r.lower for r in found.values()}
    # where the offset of the first record is one of a lower level it is wrong
    top = [] if directory.first in lower else grow(chain(directory.first, -1))
    adopt(found.keys() - following - lower)  # first those that no offset leads to
    adopt(found)  # then those in circles of offsets
    return top


def _rank(one: Record) -> int:
    """Return the level of a record; a type that is not known is one above its children."""
    return one.rank if one.rank < _LOWEST else min([_LOWEST, *(c.rank - 1 for c in one.children)])


def _used(top: list[Record]) -> list[Record]:
    """Return the tree without inactive records and all below them."""
    kept = [r for r in top if r.used]
    waiting = list(kept)
    while waiting:
        one = waiting.pop()
        one.children = [c for c in one.children if c.used]
        waiting += one.children
    return kept
