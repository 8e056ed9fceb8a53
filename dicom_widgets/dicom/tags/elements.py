"""Tags: the elements of a data set as rows of text. Bulk data are not read, and wrong values never raise.

>>> for row in rows(ds):
...     print(row.tag, row.keyword, row.value)
>>> next(search(ds, "0020,000D")).path

A path names an element or an item: tags and numbers of items (from 0) in turn, from the data set inwards.
`(0x00081115,)` is the Referenced Series Sequence, `(0x00081115, 0)` its first item, `(0x00081115, 0, 0x0020000E)` the
Series Instance UID in that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.tag import BaseTag
from pydicom.uid import UID_dictionary  # type: ignore[attr-defined]

from dicom_widgets.dicom import charsets
from dicom_widgets.dicom.charsets import TEXTS
from dicom_widgets.dicom.tags.scope import Path, Scope, is_empty, length_of, names_of, private_name
from dicom_widgets.dicom.tags.texts import BULK, NUMBERS, PLAIN, ValueText, printable, tag_text
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotFound

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence


SHORT: Final = 200
"""Characters of a value in a row."""
LONG: Final = 20_000
"""Characters of a value that is read by itself."""


@dataclass(frozen=True, slots=True)
class Row:
    """An element of a data set, or an item of a sequence; all texts are single lines of bounded length."""

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
    """Length of the encoded value in bytes; None where it is not known."""
    value: str = ""
    meaning: str = ""
    """The name of a UID."""
    cut: bool = False
    """Whether the value is cut off here; the function `value` returns more of it."""
    children: int = 0
    """Items of a sequence, or elements of an item."""
    private: bool = False
    note: str = ""
    """What is wrong with the value."""


# --- levels, values, rows


def rows(
    ds: Dataset, path: Path = (), *, private: bool = True, empty: bool = True, start: int = 0, stop: int | None = None
) -> list[Row]:
    """Return one level of a data set: its elements, those of an item, or the items of a sequence.

    Parameters
    ----------
    ds : Dataset
        The whole data set.
    path : tuple of int
        An item or a sequence; empty for the data set itself.
    private, empty : bool
        Whether private elements and those without a value are included.
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
    return [row_at(scope, tag) for tag in scope.tags(private=private, empty=empty)[start:stop]]


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
    """Return the value of an element with its line breaks, up to `limit` characters, and whether it is cut off.

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
        return row_at(scope, path[-1]).value, False
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
    return row_at(scope, path[-1])


def expression(path: Path, name: str = "ds") -> str:
    """Return the pydicom expression of a path: `ds.ReferencedSeriesSequence[0].StudyInstanceUID`."""
    said = name
    for i, step in enumerate(path):
        if i % 2:
            said += f"[{step}]"
        else:
            keyword = names_of(step)[0]
            known = keyword and tag_for_keyword(keyword) == step  # a repeating group has a keyword, but not one tag
            said += f".{keyword}" if known else f"[0x{step:08X}].value"
    return said


# --- rows


def _resolved(ds: Dataset, path: Path) -> tuple[Scope, Sequence | None]:
    """Return the data set or item of a path; for the path of a sequence, the scope that has it and its items."""
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
    """Return the row of an item; its value is Code Meaning (0008,0104) if it has one."""
    said = ""
    if 0x00080104 in scope.ds:
        said = row_at(scope, 0x00080104).value
    return Row(scope.path, name=f"Item {scope.path[-1] + 1}", value=said, children=len(scope.ds))


def row_at(scope: Scope, at: int) -> Row:
    """Return the row of one element of a data set or item."""
    element = scope.element(at)
    tag, vr = BaseTag(at), scope.vr(element)
    keyword, name = names_of(at)
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
        uid_meaning(line) if vr == "UI" else "",
        found.cut,
        children,
        tag.is_private,
        "; ".join(n for n in (_unusual(at, vr), found.note) if n),
    )


def uid_meaning(uid: str) -> str:
    """Return the name that the Standard has for a UID; empty where it has none."""
    found = UID_dictionary.get(uid.strip())
    return found[0] if found else ""


def _unusual(tag: int, vr: str) -> str:
    """Return a note where the VR is unknown or is not that of the Standard."""
    if vr not in NUMBERS and vr not in TEXTS and vr not in PLAIN and vr not in BULK and vr not in ("SQ", "AT"):
        return "unknown VR"
    try:
        expected = dictionary_VR(tag)
    except KeyError:
        return ""
    return "" if vr == "UN" or vr in expected.split(" or ") or expected == "NONE" else f"the Standard says {expected}"


# --- bulk data
