"""Functional groups: the attributes of one frame of a multi-frame object (PS3.3 C.7.6.16; requirement MF1).

The sequence of all frames may have thousands of items: they are found by their lengths, and only the one that is asked
for is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydicom.filebase import DicomBytesIO
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from dicom_widgets.charsets import Readable, encodings_of, read
from dicom_widgets.header import ELEMENT, ITEM, UNDEFINED, Unusual, behind, behind_item, header, implicit_element
from dicom_widgets.values import items, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom.dataset import Dataset

_SHARED: Final = 0x52009229
PER_FRAME: Final = 0x52009230
_KEPT: Final = frozenset(
    Tag(k)
    for k in (
        "ReferencedImageSequence",
        "DerivationImageSequence",
        "RealWorldValueMappingSequence",
        "PurposeOfReferenceCodeSequence",
    )
)
"""Groups whose attributes say something of another object, or may come several times: they stay where they are."""


class Groups:
    """The functional groups of one object.

    Parameters
    ----------
    common : Dataset
        Attributes in front of the pixel data, without the sequence of the frames.
    spans : list of (begin, end)
        Where the content of each frame's item lies in the data set.
    data : callable
        Gives the data set; it may be a file that is mapped only for a while.
    implicit : bool
        Whether it has no VRs.

    """

    def __init__(
        self, common: Dataset, spans: list[tuple[int, int]], data: Callable[[], memoryview], *, implicit: bool
    ) -> None:
        self._common = common
        self._spans = spans
        self._data = data
        self._implicit = implicit
        self._shared = dict(_macros((items(common, "SharedFunctionalGroupsSequence") or [Readable()])[0]))

    def attributes(self, frame: int) -> Dataset:
        """Return the attributes of a frame: its groups, then the shared ones, laid over the top level.

        A group of the frame replaces the shared one as a whole. Where there is no such frame, the shared ones are all.
        """
        own = dict(_macros(self._item(frame))) if 1 <= frame <= len(self._spans) else {}
        laid = Readable(dict(self._common._dict))  # noqa: SLF001  a copy of the elements as they are, read or not
        for group in (self._shared | own).values():
            laid.update(group)
        laid.set_original_encoding(self._implicit, True, list(encodings_of(self._common)))
        return laid

    def values(self, macro: str, keyword: str) -> list[object]:
        """Return one value for each frame, None where it has none: all frames in one walk.

        Parameters
        ----------
        macro, keyword : str
            Keyword of the functional group, and of the attribute in it.

        """
        data, group, tag = self._data(), Tag(macro), Tag(keyword)
        shared = value(self._shared[group], keyword) if group in self._shared else value(self._common, keyword)
        return [self._value(data, span, group, tag, keyword, shared) for span in self._spans]

    def _value(
        self, data: memoryview, span: tuple[int, int], group: int, tag: int, keyword: str, shared: object
    ) -> object:
        for found, _, begin, length in _elements(data, *span, self._implicit):
            if found == group:
                first = next(_items(data, begin, length, self._implicit), None)
                if first is None:
                    return None
                part = data[first[0] : first[1]]
                ds, _ = header(part, implicit=self._implicit, wanted=(tag, 0x00080005), stop=())
                return value(ds, keyword)
        return shared

    def _item(self, frame: int) -> Dataset:
        begin, end = self._spans[frame - 1]
        return read(DicomBytesIO(self._data()[begin:end].tobytes()), self._implicit, True)


def groups_of(data: Callable[[], memoryview], pixels_at: int | None, *, implicit: bool) -> Groups | None:
    """Return the functional groups of an encoded data set of little endian, or None where it has none.

    Raises
    ------
    Unusual
        It has to be read as a whole.

    """
    whole = data()
    end = len(whole) if pixels_at is None else pixels_at
    _, first = header(whole[:end], implicit=implicit, wanted=(), stop=(_SHARED, PER_FRAME))
    if first is None:
        return None
    _, at = header(whole[first:end], implicit=implicit, wanted=(), stop=(PER_FRAME,))
    if at is None:
        return Groups(read(DicomBytesIO(whole[:end].tobytes()), implicit, True), [], data, implicit=implicit)
    at += first
    _, _, begin, length = ELEMENT[implicit](whole, at)
    spans = list(_items(whole, begin, length, implicit))
    behind = begin + length if length != UNDEFINED else (spans[-1][1] if spans else begin)
    if length == UNDEFINED:
        behind = _after(whole, behind)
    rest = whole[:at].tobytes() + whole[behind:end].tobytes()
    return Groups(read(DicomBytesIO(rest), implicit, True), spans, data, implicit=implicit)


def flattened(ds: Dataset, frame: int) -> Dataset:
    """Return the same of a data set that is read already; it is changed."""
    frames = items(ds, "PerFrameFunctionalGroupsSequence")
    shared = dict(_macros((items(ds, "SharedFunctionalGroupsSequence") or [Readable()])[0]))
    own = dict(_macros(frames[frame - 1])) if 1 <= frame <= len(frames) else {}
    for group in (shared | own).values():
        ds.update(group)
    return ds


def _macros(item: Dataset) -> Iterator[tuple[int, Dataset]]:
    """Yield tag and content of the functional groups in an item."""
    for tag in list(item.keys()):
        if tag in _KEPT:
            continue
        element = item[tag]
        if element.VR == "SQ" and isinstance(element.value, Sequence) and len(element.value) == 1:
            yield int(tag), element.value[0]


def _items(data: memoryview, at: int, length: int, implicit: bool) -> Iterator[tuple[int, int]]:
    """Yield where the content of each item of a sequence begins and ends."""
    end = len(data) if length == UNDEFINED else at + length
    if end > len(data):
        raise Unusual
    while at + 8 <= end:
        tag, _, begin, size = implicit_element(data, at)
        if tag != ITEM:
            return
        if size == UNDEFINED:
            at = behind_item(data, begin, implicit, 0)
            yield begin, at - 8
        else:
            at = begin + size
            if at > end:
                raise Unusual
            yield begin, at


def _after(data: memoryview, at: int) -> int:
    """Return where a sequence of undefined length ends, from the end of its last item on."""
    while at + 8 <= len(data):
        tag, _, at, _ = implicit_element(data, at)
        if tag == 0xFFFEE0DD:  # a delimiter of the item may come first
            return at
        if tag != 0xFFFEE00D:
            break
    raise Unusual


def _elements(data: memoryview, at: int, end: int, implicit: bool) -> Iterator[tuple[int, bytes | None, int, int]]:
    """Yield the elements of an item."""
    while at < end:
        tag, vr, begin, length = ELEMENT[implicit](data, at)
        yield tag, vr, begin, length
        at = behind(data, vr, begin, length, implicit)
