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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import BaseTag
from pydicom.uid import UID_dictionary  # type: ignore[attr-defined]

from dicom_widgets.dicom import charsets
from dicom_widgets.dicom.tags.scope import ITEM, Path, Scope, described, is_empty, length_of, private_name
from dicom_widgets.dicom.tags.texts import BULK, NUMBERS, PLAIN, TEXTS, ValueText, printable, tag_text
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence

    from dicom_widgets.dicom.instance import Instance

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
    vr = scope.vr(element)
    if vr == "SQ" or vr in BULK:
        return _row(scope, path[-1]).value, False
    found = scope.text(element, vr, limit)
    return printable(found.text, "\n\t"), found.cut


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
    open_: list[Iterator[Scope | tuple[Scope, int]]] = [iter([Scope.of(ds)])]
    while open_:
        found = next(open_[-1], None)
        if found is None:
            open_.pop()
        elif isinstance(found, Scope):
            open_.append(iter([(found, t) for t in found.tags(private=private, empty=empty)]))
        else:
            scope, at = found
            vr = scope.vr(scope.element(at))
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
            keyword = described(step)[0]
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
    scope = Scope.of(ds)
    for element in [scope.element(t) for t in ds.keys()]:  # noqa: SIM118  a data set is iterated by its values
        if isinstance(element, RawDataElement) and element.value is None and element.length:
            ds[element.tag] = _filled(element, scope.vr(element), data)
    return ds


# --- rows


def _each(scope: Scope, tag: int, items: Sequence) -> Iterator[Scope]:
    return (scope.inside(tag, items, i) for i in range(len(items)))


def _resolved(ds: Dataset, path: Path) -> tuple[Scope, Sequence | None]:
    """Return the data set or item of a path; or, for the path of a sequence, what it is in, and its items."""
    scope = Scope.of(ds)
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


def _item(scope: Scope) -> Row:
    """Return the row of an item; a coded one says what it means."""
    said = ""
    if 0x00080104 in scope.ds:
        said = _row(scope, 0x00080104).value
    return Row(scope.path, name=f"Item {scope.path[-1] + 1}", value=said, children=len(scope.ds))


def _row(scope: Scope, at: int) -> Row:
    element = scope.element(at)
    tag, vr = BaseTag(at), scope.vr(element)
    keyword, name = described(at)
    creator = scope.creator(tag)
    if tag.is_private:
        keyword, name = "", private_name(tag, creator)
    children, found = 0, ValueText()
    if vr == "SQ":
        items = scope.items(at)
        children = len(items or ())
        said = f"{children:,} item{'s' * (children != 1)}"
        found = ValueText(said, 1) if items else found
        if items is None and not is_empty(element):
            found = ValueText(f"{length_of(element) or 0:,} bytes", 1, note="its bytes cannot be read as items")
    else:
        found = scope.text(element, vr, SHORT)
    if at == 0x00080005 and (unknown := charsets.unknown(scope.ds)):
        found = found._replace(note=f"unknown character set: {text(', '.join(unknown), 60)}")
    line = printable(found.text)
    return Row(
        (*scope.path, at),
        tag_text(at),
        keyword,
        text(name, 100),
        text(creator, 64),
        text(vr, 16),
        found.vm,
        length_of(element),
        line,
        _meaning(line) if vr == "UI" else "",
        found.cut,
        children,
        tag.is_private,
        "; ".join(n for n in (_unusual(at, vr), found.note) if n),
    )


def _matches(scope: Scope, at: int, vr: str, wanted: list[str]) -> bool:
    names = " ".join(described(at)).casefold()
    tag = BaseTag(at)
    if tag.is_private:
        creator = scope.creator(tag)
        names = f"{private_name(tag, creator)} {creator}".casefold()
    missing = [w for w in wanted if w not in names]
    if not missing:
        return True
    if vr == "SQ" or vr in BULK:
        return False
    said = scope.text(scope.element(at), vr, SEARCHED).text
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


def _meaning(uid: str) -> str:
    found = UID_dictionary.get(uid.strip())
    return found[0] if found else ""


def _unusual(tag: int, vr: str) -> str:
    """Return what the Standard says of the VR where the object says something else."""
    if vr not in NUMBERS and vr not in TEXTS and vr not in PLAIN and vr not in BULK and vr not in ("SQ", "AT"):
        return "unknown VR"
    try:
        expected = dictionary_VR(tag)
    except KeyError:
        return ""
    return "" if vr == "UN" or vr in expected.split(" or ") or expected == "NONE" else f"the Standard says {expected}"


# --- bulk data


def _filled(element: RawDataElement, vr: str, data: memoryview) -> RawDataElement:
    """Return a long element with its value where that can be shown, else with its length."""
    start = element.value_tell
    if element.length == 0xFFFFFFFF:
        return element._replace(length=_fragments(data[start:], little=element.is_little_endian))
    if vr != "SQ" and (vr in BULK or element.length > LARGEST):
        return element
    return element._replace(value=data[start : start + element.length].tobytes())


def _fragments(data: memoryview, *, little: bool) -> int:
    """Return the bytes of encapsulated pixel data: items up to a delimiter (PS3.5 A.4)."""
    order, at, total = "little" if little else "big", 0, 0
    while at + 8 <= len(data) and bytes(data[at : at + 4]) in ITEM:
        length = int.from_bytes(data[at + 4 : at + 8], order)  # type: ignore[arg-type]
        at, total = at + 8 + length, total + length
    return total
