"""The records of a DICOMDIR as a tree (PS3.3 F), however real media have written them."""

from __future__ import annotations

from dataclasses import dataclass, field
from struct import Struct
from struct import error as StructError  # noqa: N812  it is an exception
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from dicom_widgets.blob import MappedFile, View
from dicom_widgets.errors import NotDicom
from dicom_widgets.header import ELEMENT, ITEM, UNDEFINED, Unusual, behind_item, header, implicit_element
from dicom_widgets.values import items, number, text, value

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from dicom_widgets.blob import Blob

MEDIA_STORAGE_DIRECTORY: Final = "1.2.840.10008.1.3.10"
_FIRST, _SEQUENCE = 0x00041200, 0x00041220
_NEXT, _IN_USE, _LOWER, _TYPE, _FILE = 0x00041400, 0x00041410, 0x00041420, 0x00041430, 0x00041500
_KEYS: Final = 0x00050000  # behind the elements of the directory itself
_UL: Final = Struct("<L")
_US: Final = Struct("<H")
_RANKS: Final = {"PATIENT": 0, "STUDY": 1, "SERIES": 2}
_LOWEST: Final = 3


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
    """What identifies it: encoded, or read."""
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
                return _read(self.keys, self.implicit)
        return self.keys if self.keys is not None else Dataset()

    def files(self) -> Iterator[Record]:
        """Yield all records below, or itself, that refer to a file."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            if one.file:
                yield one
            waiting += reversed(one.children)


def _read(data: memoryview, implicit: bool) -> Dataset:
    """Read what a walk cannot, as far as it can be read."""
    try:
        return read_dataset(View(data), implicit, True)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001  whatever a damaged record leads to
        return Dataset()


def records(blob: Blob) -> list[Record]:
    """Return the top records of a DICOMDIR, with all that is below them.

    Offsets are followed where they lead to records; what they do not lead to is put below the last record of a higher
    level in front of it, which is where every known writer has put it. Inactive records are left out.

    Raises
    ------
    NotDicom
        It has no records at all.

    """
    base = blob.source.start if isinstance(blob.source, MappedFile) else 0
    syntax = blob.transfer_syntax
    walk = _walked if syntax.is_little_endian else _parsed
    try:
        first, found = walk(blob, base)
    except (Unusual, StructError):
        first, found = _parsed(blob, base)
    if found is None:
        raise NotDicom(f"{blob.origin} is a DICOMDIR without records. Load its folder file by file: Media(folder).")
    return _tree(first, found)


def _walked(blob: Blob, base: int) -> tuple[int, dict[int, Record] | None]:
    """Return the offset of the first record, and the records by their offset in the file, quickly."""
    data, implicit = blob.data, blob.transfer_syntax.is_implicit_VR
    at, first, element = 0, 0, ELEMENT[implicit]
    while at < len(data):
        tag, _, begin, length = element(data, at)
        if tag == _FIRST and length == 4:
            (first,) = _UL.unpack_from(data, begin)
        elif tag == _SEQUENCE:
            end = len(data) if length == UNDEFINED else min(len(data), begin + length)
            return first, _items(data, implicit, base, begin, end)
        elif length == UNDEFINED or tag > _SEQUENCE:
            break
        at = begin + length
    return first, None


def _items(data: memoryview, implicit: bool, base: int, at: int, end: int) -> dict[int, Record]:
    found: dict[int, Record] = {}
    while at + 8 <= end:
        tag, _, begin, length = implicit_element(data, at)
        if tag != ITEM:
            break
        finish = behind_item(data, begin, implicit, 0) if length == UNDEFINED else begin + length
        inside = finish - 8 if length == UNDEFINED else min(finish, end)
        found[base + at] = _record(data[begin:inside], implicit)
        at = finish
    return found


def _record(data: memoryview, implicit: bool) -> Record:
    """Return a record from its encoded item; only what the directory itself needs is read."""
    made, at, element = Record("", implicit=implicit), 0, ELEMENT[implicit]
    while at < len(data):
        tag, _, begin, length = element(data, at)
        if tag >= _KEYS:
            break
        if tag == _TYPE:
            made.kind = text(bytes(data[begin : begin + min(length, 16)]).decode("latin-1").strip("\0 "), 16)
        elif tag == _FILE:
            made.file = _components(bytes(data[begin : begin + min(length, 256)]).decode("latin-1"))
        elif tag in (_NEXT, _LOWER) and length == 4:
            (offset,) = _UL.unpack_from(data, begin)
            made.next, made.lower = (offset, made.lower) if tag == _NEXT else (made.next, offset)
        elif tag == _IN_USE and length == 2:
            made.used = _US.unpack_from(data, begin)[0] != 0
        at = begin + length
    made.keys = data
    return made


def _components(written: str) -> tuple[str, ...]:
    return tuple(c.strip("\0 ") for c in written.split("\\") if c.strip("\0 "))


def _parsed(blob: Blob, base: int) -> tuple[int, dict[int, Record] | None]:
    """Do the same by pydicom: big endian, or out of the ordinary."""
    syntax = blob.transfer_syntax
    try:
        ds = read_dataset(blob.open(), syntax.is_implicit_VR, syntax.is_little_endian)  # type: ignore[arg-type]
    except Exception as error:
        raise NotDicom(f"The DICOMDIR {blob.origin} cannot be read: {text(error)}.") from error
    if "DirectoryRecordSequence" not in ds:
        return 0, None
    found = {}
    for position, item in enumerate(items(ds, "DirectoryRecordSequence")):
        tell = getattr(item, "seq_item_tell", None)
        made = Record(text(value(item, "DirectoryRecordType", ""), 16), keys=item)
        written: Any = value(item, "ReferencedFileID", ())
        made.file = tuple(text(c, 64) for c in ([written] if isinstance(written, str) else written))
        made.next = int(number(item, "OffsetOfTheNextDirectoryRecord") or 0)
        made.lower = int(number(item, "OffsetOfReferencedLowerLevelDirectoryEntity") or 0)
        made.used = number(item, "RecordInUseFlag") != 0
        found[position if tell is None else base + tell] = made
    return int(number(ds, "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity") or 0), found


def _tree(first: int, found: dict[int, Record]) -> list[Record]:
    claimed: set[int] = set()

    def chain(offset: int, above: int) -> list[Record]:
        """Return the records that follow each other below a level; each belongs to one chain only."""
        links = []
        while offset in found and offset not in claimed and found[offset].rank > above:
            claimed.add(offset)
            links.append(found[offset])
            offset = found[offset].next
        return links

    for one in found.values():
        one.children = chain(one.lower, one.rank if one.rank < _LOWEST else -1)
    top = chain(first, -1)
    reached = {id(r) for r in _below(top)}
    roots = {id(r) for offset, r in found.items() if offset not in claimed}
    _place(top, reached, found.values(), roots)
    _place(top, reached, found.values(), {id(r) for r in found.values()})  # what is left goes round in circles
    return _used(top)


def _below(top: Iterable[Record]) -> Iterator[Record]:
    """Yield records and all that is below them, each once."""
    waiting, seen = list(top), set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += one.children


def _place(top: list[Record], reached: set[int], sequence: Iterable[Record], roots: set[int]) -> None:
    """Put those that no offset leads to below the last one of a higher level in front of them."""
    above: dict[int, Record] = {}
    for one in sequence:
        rank = min([one.rank, *(c.rank - 1 for c in one.children)])  # of a kind that we do not know, with studies
        if id(one) in roots and id(one) not in reached:
            one.children = [c for c in one.children if id(c) not in reached]  # no circles
            parent = next((above[r] for r in range(rank - 1, -1, -1) if r in above), None)
            (top if parent is None else parent.children).append(one)
            reached |= {id(r) for r in _below([one])}
        above[rank] = one
        for lower in range(rank + 1, _LOWEST + 1):
            above.pop(lower, None)


def _used(top: list[Record]) -> list[Record]:
    """Leave out what is inactive, with all below it."""
    kept = [r for r in top if r.used]
    waiting = list(kept)
    while waiting:
        one = waiting.pop()
        one.children = [c for c in one.children if c.used]
        waiting += one.children
    return kept
