"""Functional groups: the attributes of one frame of a multi-frame object (PS3.3 C.7.6.16; requirement MF1).

The Per-frame Functional Groups Sequence may have thousands of items: they are located by their lengths, and only the
item of the frame that is asked for is read. A group of the frame replaces the shared one as a whole; the attributes of
both are laid over the top level, so that every later step reads one plain data set.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.filebase import DicomBytesIO
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag, Tag
from pydicom.values import convert_value

from dicom_widgets.dicom.charsets import encodings_of
from dicom_widgets.dicom.header import ELEMENT, ITEM, UNDEFINED, Unusual, end_of, end_of_item, header, implicit_element
from dicom_widgets.dicom.readable import Readable, read
from dicom_widgets.dicom.values import element, items, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.header import Element

Path = tuple[str, str]
_SHARED: Final = 0x52009229
PER_FRAME: Final = 0x52009230
_KEPT: Final = frozenset(
    Tag(k)
    for k in (
        "ReferencedImageSequence",
        "DerivationImageSequence",
        "PurposeOfReferenceCodeSequence",
    )
)
"""Groups whose attributes describe another object: they are not laid over the top level."""
_SEVERAL: Final = frozenset({Tag("RealWorldValueMappingSequence")})
"""Groups that may have several items: laid over the top level as they are."""


class Groups:
    """The functional groups of one object.

    Parameters
    ----------
    common : Dataset
        Attributes in front of the pixel data, without the sequence of the frames.
    spans : list of (begin, end)
        Where the content of each frame's item lies in the data set.
    data : callable
        Returns the encoded data set; it may be a file that is mapped only while it is used.
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

    def values(self, *wanted: Path) -> list[list[Any]]:
        """Return values of all frames in one walk: for each path a list, None where a frame has none.

        Parameters
        ----------
        *wanted : (str, str)
            Keyword of a functional group, and of an attribute in it.

        """
        data, found = self._data(), []
        paths: dict[int, dict[int, int]] = {}
        for column, (macro, keyword) in enumerate(wanted):
            paths.setdefault(int(Tag(macro)), {})[int(Tag(keyword))] = column
            group = Tag(macro)
            shared = value(self._shared[group], keyword) if group in self._shared else value(self._common, keyword)
            found.append([shared] * len(self._spans))
        for frame, span in enumerate(self._spans):
            with suppress(Unusual):  # a damaged item gives what stands in front of the damage
                for tag, _, begin, length in _elements(data, *span, self._implicit):
                    if tag not in paths:
                        continue
                    for column in paths[tag].values():  # the group of the frame replaces the shared one as a whole
                        found[column][frame] = None
                    for inside, vr, at, size in _first(data, begin, length, self._implicit):
                        if inside in paths[tag]:
                            found[paths[tag][inside]][frame] = _read(data, inside, vr, at, size)
        return found

    def _item(self, frame: int) -> Dataset:
        begin, end = self._spans[frame - 1]
        return read(DicomBytesIO(self._data()[begin:end].tobytes()), self._implicit, True)


def groups_of(data: Callable[[], memoryview], pixels_at: int | None, *, implicit: bool) -> Groups | None:
    """Return the functional groups of an encoded little endian data set, or None where it has none.

    Raises
    ------
    Unusual
        The data set has to be read as a whole by pydicom.

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


def flatten(ds: Dataset, frame: int) -> Dataset:
    """Lay the functional groups of a frame over the top level of a data set that is read already, in place."""
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
        group = element(item, tag)
        if group is None or not isinstance(group.value, Sequence):
            continue
        if tag in _SEVERAL:
            yield int(tag), Readable({BaseTag(tag): group})
        elif len(group.value) == 1:
            yield int(tag), group.value[0]


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
            at = end_of_item(data, begin, implicit, 0)
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


def _first(data: memoryview, begin: int, length: int, implicit: bool) -> Iterator[Element]:
    """Yield the elements of the first item of a sequence."""
    span = next(_items(data, begin, length, implicit), None)
    return _elements(data, *span, implicit) if span else iter(())


def _read(data: memoryview, tag: int, vr: bytes | None, at: int, size: int) -> Any:
    """Return a value of a VR without character set; None where it is empty or broken."""
    if size in (0, UNDEFINED):
        return None
    known = vr.decode() if vr else dictionary_VR(tag)
    raw = RawDataElement(BaseTag(tag), known, size, data[at : at + size].tobytes(), at, vr is None, True)
    try:
        return convert_value(known, raw, None)
    except Exception:  # noqa: BLE001  whatever a broken value leads to
        return None


def _elements(data: memoryview, at: int, end: int, implicit: bool) -> Iterator[Element]:
    """Yield the elements of an item."""
    while at < end:
        tag, vr, begin, length = ELEMENT[implicit](data, at)
        yield tag, vr, begin, length
        at = end_of(data, vr, begin, length, implicit)
