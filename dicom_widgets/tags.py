"""Tags: the elements of a data set as rows to be read; bulk data are never looked at, wrong values do no harm.

>>> for row in rows(ds):
...     print(row.tag, row.keyword, row.value)
>>> next(search(ds, "0020,000D")).path

A path names an element or an item: tags and numbers of items (from 0) in turn, from the data set inwards.
`(0x00081115,)` is the Referenced Series Sequence, `(0x00081115, 0)` its first item, `(0x00081115, 0, 0x0020000E)` the
Series Instance UID in that.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from pydicom.datadict import (
    dictionary_description,
    dictionary_keyword,
    dictionary_VR,
    private_dictionary_description,
    private_dictionary_VR,
    tag_for_keyword,
)
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag
from pydicom.uid import UID_dictionary  # type: ignore[attr-defined]

from dicom_widgets import charsets
from dicom_widgets.charsets import MARK
from dicom_widgets.errors import NotDicom, NotFound
from dicom_widgets.values import number, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

    from dicom_widgets.instance import Instance

Path = tuple[int, ...]

SHORT: Final = 200
"""Characters of a value in a row."""
LONG: Final = 20_000
"""Characters of a value that is asked for."""
SEARCHED: Final = 4_000
"""Characters of a value that are searched."""
HELD: Final = 64 << 10
"""Bytes of an element above which `without_bulk` asks what it is."""
LARGEST: Final = 64 << 20
"""Bytes of a value that is no sequence and no bulk data, above which it is not read either."""

_ENCODED: Final = "encoded_length"
_ITEM: Final = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
_JOINERS: Final = frozenset("\u200c\u200d")  # some scripts need them inside of words
_NUMBERS: Final = {"US": "u2", "SS": "i2", "UL": "u4", "SL": "i4", "UV": "u8", "SV": "i8", "FL": "f4", "FD": "f8"}
_TEXTS: Final = frozenset("SH LO UC PN ST LT UT".split())  # in the data set's character set
_PLAIN: Final = frozenset("AE AS CS DA DS DT IS TM UI UR".split())
_SINGLE: Final = frozenset("ST LT UT UR".split())  # a backslash is a character of the text
_BULK: Final = frozenset("OB OD OF OL OV OW UN".split())
_FORMS: Final = {
    "DS": (r" *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *", "a decimal number"),
    "IS": (r" *[+-]?\d+ *", "a whole number"),
    "DA": (r"\d{8} *|\d{4}\.\d\d\.\d\d|[\d-]{8,18} *", "a date"),
    "UI": (r"[0-9.]{1,64}", "a UID"),
    "AS": (r"\d{3}[DWMY]", "an age"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An element of a data set, or an item of a sequence, as it is read; all texts are bounded single lines."""

    path: Path
    tag: str = ""
    """As the Standard writes it: (0010,0010). Empty for an item."""
    keyword: str = ""
    name: str = ""
    creator: str = ""
    """Who defines a private element."""
    vr: str = ""
    vm: int = 0
    length: int | None = None
    """Bytes of the encoded value; None where that is not known."""
    value: str = ""
    meaning: str = ""
    """What a UID stands for."""
    cut: bool = False
    """Whether the value goes on; `value` has more of it."""
    children: int = 0
    """Items of a sequence, or elements of an item."""
    private: bool = False
    note: str = ""
    """What is wrong with the value."""

    @property
    def has_children(self) -> bool:
        """Whether there is something below."""
        return self.children > 0


class _Text(NamedTuple):
    text: str = ""
    vm: int = 0
    cut: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Scope:
    """A data set or an item, with what it inherits from around it."""

    ds: Dataset
    path: Path
    encodings: tuple[str, ...]
    signed: bool

    @classmethod
    def of(cls, ds: Dataset, path: Path = (), around: _Scope | None = None) -> _Scope:
        signed = number(ds, "PixelRepresentation")
        read_as = ds.original_character_set or list(charsets.DEFAULT)  # an item that stands alone: by its parent's
        known = around.encodings if around else [read_as] if isinstance(read_as, str) else read_as
        return cls(
            ds,
            path,
            charsets.encodings_of(ds, known),
            signed == 1 if signed is not None else around is not None and around.signed,
        )

    def tags(self, *, private: bool, empty: bool) -> list[int]:
        """Return what is to be seen."""
        found = sorted(self.ds.keys())
        return [t for t in found if (private or not t.is_private) and (empty or not _is_empty(self.element(t)))]

    def element(self, tag: int) -> RawDataElement | DataElement:
        """Return an element as it was read, not converted."""
        found = self.ds.get_item(BaseTag(tag), keep_deferred=True)
        if found is None:
            raise NotFound(f"There is no element {tag_text(tag)} here.")
        return found

    def items(self, tag: int) -> Sequence | None:
        """Return the items of a sequence; None where it cannot be read as one."""
        read = self.element(tag)
        with suppress(Exception):  # pydicom may raise nearly anything for damaged bytes
            if isinstance(read, RawDataElement) and (read.value or b"")[:4] not in (b"", *_ITEM):
                return None
            element = self.ds[BaseTag(tag)]
            if isinstance(read, RawDataElement):
                setattr(element, _ENCODED, _length(read))  # which pydicom forgets when it converts
            return element.value if isinstance(element.value, Sequence) else None
        return None

    def inside(self, tag: int, items: Sequence, i: int) -> _Scope:
        """Return one item of a sequence."""
        return _Scope.of(items[i], (*self.path, tag, i), self)


# --- what is asked for


def rows(
    ds: Dataset, path: Path = (), *, private: bool = True, empty: bool = True, start: int = 0, stop: int | None = None
) -> list[Row]:
    """Return one level of a data set: its elements, those of an item, or the items of a sequence.

    Parameters
    ----------
    ds : Dataset
        The whole data set.
    path : tuple of int
        What to look into; empty for the data set itself.
    private, empty : bool
        Whether private elements and those without a value are there.
    start, stop : int
        Which part of the level, as in a slice.

    Raises
    ------
    NotFound
        There is no such path.

    """
    scope, items = _resolved(ds, path)
    if items is not None:
        return [_item(scope.inside(path[-1], items, i)) for i in range(len(items))[start:stop]]
    return [_row(scope, tag) for tag in scope.tags(private=private, empty=empty)[start:stop]]


def count(ds: Dataset, path: Path = (), *, private: bool = True, empty: bool = True) -> int:
    """Return how many rows a level has.

    Raises
    ------
    NotFound
        There is no such path.

    """
    scope, items = _resolved(ds, path)
    return len(items) if items is not None else len(scope.tags(private=private, empty=empty))


def value(ds: Dataset, path: Path, limit: int = LONG) -> tuple[str, bool]:
    """Return the value of an element with its line breaks, up to so many characters, and whether it goes on.

    Raises
    ------
    NotFound
        There is no such element.

    """
    if len(path) % 2 == 0:
        raise NotFound("An item of a sequence has no value of its own.")
    scope, _ = _resolved(ds, path[:-1])
    element = scope.element(path[-1])
    vr = _vr(scope, element)
    if vr == "SQ" or vr in _BULK:
        return _row(scope, path[-1]).value, False
    found = _decoded(scope, element, vr, limit)
    return _printable(found.text, "\n\t"), found.cut


def row(ds: Dataset, path: Path) -> Row:
    """Return the row of one element.

    Raises
    ------
    NotFound
        There is no such element.

    """
    scope, _ = _resolved(ds, path[:-1])
    return _row(scope, path[-1])


def search(ds: Dataset, words: str, *, private: bool = True, empty: bool = True) -> Iterator[Row]:
    """Find elements at all depths, in the order of the data set.

    Parameters
    ----------
    ds : Dataset
    words : str
        A tag (`0010,0010`, `00100010`, `(0010,0010)`), or words that all have to be in the keyword, the name or the
        text of the value; case does not matter.
    private, empty : bool
        Whether private elements and those without a value are looked at.

    Yields
    ------
    Row

    """
    tag, wanted = _asked(words)
    if tag is None and not wanted:
        return
    open_: list[Iterator[_Scope | tuple[_Scope, int]]] = [iter([_Scope.of(ds)])]
    while open_:
        found = next(open_[-1], None)
        if found is None:
            open_.pop()
        elif isinstance(found, _Scope):
            open_.append(iter([(found, t) for t in found.tags(private=private, empty=empty)]))
        else:
            scope, at = found
            vr = _vr(scope, scope.element(at))
            if at == tag or (wanted and _matches(scope, at, vr, wanted)):
                yield _row(scope, at)
            if vr == "SQ" and (items := scope.items(at)):
                open_.append(_each(scope, at, items))


def expression(path: Path, name: str = "ds") -> str:
    """Return how pydicom is asked for it: `ds.ReferencedSeriesSequence[0].StudyInstanceUID`."""
    said = name
    for i, step in enumerate(path):
        if i % 2:
            said += f"[{step}]"
        else:
            keyword = _described(step)[0]
            known = keyword and tag_for_keyword(keyword) == step  # a repeating group has a keyword, but not one tag
            said += f".{keyword}" if known else f"[0x{step:08X}].value"
    return said


def without_bulk(instance: Instance) -> Dataset:
    """Return the data set of an instance; long bulk data stay where they are, and are known by their length.

    Raises
    ------
    NotDicom
        It cannot be read.

    """
    syntax, data = instance.blob.transfer_syntax, instance.blob.data
    with instance.blob.open() as reader:
        try:
            ds = charsets.read(reader, syntax.is_implicit_VR, syntax.is_little_endian, defer_size=HELD)
        except Exception as error:
            raise NotDicom(f"The object cannot be read as {syntax.name}: {text(error)}.") from error
    scope = _Scope.of(ds)
    for element in [scope.element(t) for t in ds.keys()]:  # noqa: SIM118  a data set is iterated by its values
        if isinstance(element, RawDataElement) and element.value is None and element.length:
            ds[element.tag] = _filled(element, _vr(scope, element), data)
    return ds


def tag_text(tag: int) -> str:
    """Return a tag as the Standard writes it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


# --- rows


def _each(scope: _Scope, tag: int, items: Sequence) -> Iterator[_Scope]:
    return (scope.inside(tag, items, i) for i in range(len(items)))


def _resolved(ds: Dataset, path: Path) -> tuple[_Scope, Sequence | None]:
    """Return the data set or item of a path; or, for the path of a sequence, what it is in, and its items."""
    scope = _Scope.of(ds)
    for tag, i in zip(path[::2], path[1::2], strict=False):
        items = scope.items(tag)
        if items is None or not 0 <= i < len(items):
            raise NotFound(f"There is no item {i + 1} in {tag_text(tag)}.")
        scope = scope.inside(tag, items, i)
    if len(path) % 2 == 0:
        return scope, None
    items = scope.items(path[-1])
    if items is None:
        raise NotFound(f"{tag_text(path[-1])} has no items that could be read.")
    return scope, items


def _item(scope: _Scope) -> Row:
    """Return the row of an item; a coded one says what it means."""
    said = ""
    if 0x00080104 in scope.ds:
        said = _row(scope, 0x00080104).value
    return Row(scope.path, name=f"Item {scope.path[-1] + 1}", value=said, children=len(scope.ds))


def _row(scope: _Scope, at: int) -> Row:
    element = scope.element(at)
    tag, vr = BaseTag(at), _vr(scope, element)
    keyword, name = _described(at)
    creator = _creator(scope, tag)
    if tag.is_private:
        keyword, name = "", _private_name(tag, creator)
    children, found = 0, _Text()
    if vr == "SQ":
        items = scope.items(at)
        children = len(items or ())
        said = f"{children:,} item{'s' * (children != 1)}"
        found = _Text(said, 1) if items else found
        if items is None and not _is_empty(element):
            found = _Text(f"{_length(element) or 0:,} bytes", 1, note="its bytes cannot be read as items")
    else:
        found = _decoded(scope, element, vr, SHORT)
    if at == 0x00080005 and (unknown := charsets.unknown(scope.ds)):
        found = found._replace(note=f"unknown character set: {text(', '.join(unknown), 60)}")
    line = _printable(found.text)
    return Row(
        (*scope.path, at),
        tag_text(at),
        keyword,
        text(name, 100),
        text(creator, 64),
        text(vr, 16),
        found.vm,
        _length(element),
        line,
        _meaning(line) if vr == "UI" else "",
        found.cut,
        children,
        tag.is_private,
        "; ".join(n for n in (_unusual(at, vr), found.note) if n),
    )


def _matches(scope: _Scope, at: int, vr: str, wanted: list[str]) -> bool:
    names = " ".join(_described(at)).casefold()
    tag = BaseTag(at)
    if tag.is_private:
        creator = _creator(scope, tag)
        names = f"{_private_name(tag, creator)} {creator}".casefold()
    missing = [w for w in wanted if w not in names]
    if not missing:
        return True
    if vr == "SQ" or vr in _BULK:
        return False
    said = _decoded(scope, scope.element(at), vr, SEARCHED).text
    if vr == "UI":
        said += " " + _meaning(said)
    said = said.casefold()
    return all(w in said for w in missing)


def _asked(words: str) -> tuple[int | None, list[str]]:
    """Return a tag that is asked for, and words; eight digits may be both."""
    found = re.fullmatch(r"\s*(\()?\s*([0-9a-f]{4})\s*(,)?\s*([0-9a-f]{4})\s*\)?\s*", words, re.IGNORECASE)
    if found is None:
        return None, words.casefold().split()
    tag = int(found[2] + found[4], 16)
    return tag, [] if found[1] or found[3] else words.casefold().split()


@lru_cache(20_000)
def _described(tag: int) -> tuple[str, str]:
    """Return keyword and name of a tag of the Standard."""
    try:
        return dictionary_keyword(tag), dictionary_description(tag)
    except KeyError:
        return "", "" if tag & 0xFFFF else "Group Length"


def _creator(scope: _Scope, tag: BaseTag) -> str:
    """Return who has reserved the block of a private element."""
    if not tag.is_private or tag.element < 0x1000:
        return ""
    block = BaseTag(tag.group << 16 | tag.element >> 8)
    if block not in scope.ds:
        return ""
    return _decoded(scope, scope.element(block), "LO", 64).text.strip()


@lru_cache(20_000)
def _private_name(tag: BaseTag, creator: str) -> str:
    if tag.is_private_creator:
        return "Private Creator"
    try:
        return private_dictionary_description(tag, creator)
    except KeyError:
        return "Private element" if creator else "Private element without a creator"


def _meaning(uid: str) -> str:
    found = UID_dictionary.get(uid.strip())
    return found[0] if found else ""


def _unusual(tag: int, vr: str) -> str:
    """Return what the Standard says of the VR where the object says something else."""
    if vr not in _NUMBERS and vr not in _TEXTS and vr not in _PLAIN and vr not in _BULK and vr not in ("SQ", "AT"):
        return "unknown VR"
    try:
        expected = dictionary_VR(tag)
    except KeyError:
        return ""
    return "" if vr == "UN" or vr in expected.split(" or ") or expected == "NONE" else f"the Standard says {expected}"


# --- value representations and lengths


def _vr(scope: _Scope, element: RawDataElement | DataElement) -> str:
    """Return the VR as pydicom would find it, without converting a value."""
    vr = str(element.VR or "UN")
    if not isinstance(element, RawDataElement):
        return vr
    if vr == "UN":
        vr = _known_vr(scope, element)
    if " or " not in vr:
        return vr
    if "OW" in vr:
        return "US" if "US" in vr and element.length == 2 else "OW"
    return "SS" if scope.signed else "US"


def _known_vr(scope: _Scope, element: RawDataElement) -> str:
    """Return the dictionary's VR of an element that does not say it (PS3.5 6.2.2)."""
    tag = element.tag
    with suppress(KeyError):
        if not tag.is_private:
            return dictionary_VR(tag) if element.VR is None or element.length < 0xFFFF else "UN"
        return "LO" if tag.is_private_creator else private_dictionary_VR(tag, _creator(scope, tag))
    return "UL" if tag.element == 0 and not tag.is_private else "UN"


def _length(element: RawDataElement | DataElement) -> int | None:
    if not isinstance(element, RawDataElement):
        own = len(element.value) if isinstance(element.value, (bytes, bytearray)) else None
        return getattr(element, _ENCODED, own)
    if element.length != 0xFFFFFFFF:
        return int(element.length)
    return len(element.value) if element.value is not None else None


def _is_empty(element: RawDataElement | DataElement) -> bool:
    return not element.length if isinstance(element, RawDataElement) else bool(element.is_empty)


def _filled(element: RawDataElement, vr: str, data: memoryview) -> RawDataElement:
    """Return a long element with its value where that can be shown, else with its length."""
    start = element.value_tell
    if element.length == 0xFFFFFFFF:
        return element._replace(length=_fragments(data[start:], little=element.is_little_endian))
    if vr != "SQ" and (vr in _BULK or element.length > LARGEST):
        return element
    return element._replace(value=data[start : start + element.length].tobytes())


def _fragments(data: memoryview, *, little: bool) -> int:
    """Return the bytes of encapsulated pixel data: items up to a delimiter (PS3.5 A.4)."""
    order, at, total = "little" if little else "big", 0, 0
    while at + 8 <= len(data) and bytes(data[at : at + 4]) in _ITEM:
        length = int.from_bytes(data[at + 4 : at + 8], order)  # type: ignore[arg-type]
        at, total = at + 8 + length, total + length
    return total


# --- values


def _decoded(scope: _Scope, element: RawDataElement | DataElement, vr: str, limit: int) -> _Text:
    """Return the text of a value, at most so many characters of it; never raises."""
    length = _length(element)
    if _is_empty(element):
        return _Text()
    if vr in _BULK or (isinstance(element, RawDataElement) and element.value is None):
        return _Text(f"{length:,} bytes" if length is not None else "bytes", 1)
    if not isinstance(element, RawDataElement):
        return _python(element.value, limit)
    data = bytes(element.value or b"")
    if vr in _NUMBERS:
        found = _numbers(data, vr, limit, little=element.is_little_endian)
    elif vr == "AT":
        found = _tags(data, limit, little=element.is_little_endian)
    elif vr in _TEXTS or vr in _PLAIN:
        found = _words(data, vr, scope.encodings if vr in _TEXTS else ("ascii",), limit)
    else:
        return _Text(f"{len(data):,} bytes", 1)
    if length is not None and len(data) < length:
        return found._replace(note=f"only {len(data):,} of {length:,} bytes are there")
    return found


def _numbers(data: bytes, vr: str, limit: int, *, little: bool) -> _Text:
    kind = np.dtype(_NUMBERS[vr]).newbyteorder("<" if little else ">")
    vm, rest = divmod(len(data), kind.itemsize)
    found = np.frombuffer(data, kind, min(vm, limit))  # a number has one character at least
    return _joined([str(x) for x in found], vm, limit, rest, f"{rest} of its bytes are no whole {vr}")


def _tags(data: bytes, limit: int, *, little: bool) -> _Text:
    vm, rest = divmod(len(data), 4)
    pairs = np.frombuffer(data, "<u2" if little else ">u2", 2 * min(vm, limit)).reshape(-1, 2)
    return _joined([f"({g:04X},{e:04X})" for g, e in pairs], vm, limit, rest, f"{rest} of its bytes are no whole tag")


def _joined(parts: list[str], vm: int, limit: int, rest: int, why: str) -> _Text:
    if rest and len(parts) == vm:
        parts.append(MARK)
    said = "\\".join(parts)
    cut = len(said) > limit or len(parts) < vm
    return _Text(said[:limit], vm, cut, why if rest else "")


def _words(data: bytes, vr: str, encodings: tuple[str, ...], limit: int) -> _Text:
    part = data[: 4 * limit + 64]
    said = charsets.decoded(part, encodings, vr)
    if len(part) < len(data):
        said = said.rstrip(MARK)  # a character that was cut in two
    said = said.rstrip(" \0")
    single = vr in _SINGLE
    vm = 1 if single else (data.count(b"\\") if len(part) < len(data) else said.count("\\")) + 1
    cut = len(said) > limit or len(part) < len(data)
    return _Text(said[:limit], vm, cut, _wrong(said, vr, cut=cut))


def _wrong(said: str, vr: str, *, cut: bool) -> str:
    if MARK in said:
        return charsets.note(said)
    if any(not c.isprintable() and not c.isspace() and c not in _JOINERS for c in said):
        return f"control characters are shown as {MARK}"
    if vr in _FORMS and not cut:
        form, noun = _FORMS[vr]
        if any(part.strip() and not re.fullmatch(form, part) for part in said.split("\\")):
            return f"not {noun}"
    return ""


def _python(found: Any, limit: int) -> _Text:
    """Return the text of a value that somebody has set, or pydicom has converted."""
    try:
        if isinstance(found, (bytes, bytearray)):
            return _Text(f"{len(found):,} bytes", 1)
        several = not isinstance(found, str) and hasattr(found, "__len__") and hasattr(found, "__getitem__")
        parts = list(found[:limit]) if several and not hasattr(found, "alphabetic") else [found]
        vm = len(found) if len(parts) != 1 else 1
        said = "\\".join(tag_text(p) if isinstance(p, BaseTag) else str(p) for p in parts)
    except Exception as error:  # noqa: BLE001  an object of any class may stand there
        return _Text("", 0, note=f"it cannot be shown: {type(error).__name__}")
    return _Text(said[:limit], vm, len(said) > limit or len(parts) < vm)


def _printable(said: str, kept: str = "") -> str:
    """Return a text with its white space, or with other white space than this as blanks, and marks for the rest."""
    if kept:
        said = said.replace("\r\n", "\n").replace("\r", "\n")
    if said.isprintable():
        return said
    return "".join(c if c.isprintable() or c in kept or c in _JOINERS else " " if c.isspace() else MARK for c in said)
