"""Search for elements at all depths of a data set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pydicom.tag import BaseTag

from dicom_widgets.dicom.tags.elements import Row, row_at, uid_meaning
from dicom_widgets.dicom.tags.scope import Scope, names_of, private_name
from dicom_widgets.dicom.tags.texts import BULK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence


SEARCHED: Final = 4_000
"""Characters of a value that are searched."""


def search(ds: Dataset, words: str, *, private: bool = True, empty: bool = True) -> Iterator[Row]:
    """Find elements at all depths, in the order of the data set.

    Parameters
    ----------
    ds : Dataset
    words : str
        A tag (`0010,0010`, `00100010`, `(0010,0010)`), or words that all have to be in the keyword, the name or the
        text of the value; case does not matter.
    private, empty : bool
        Whether private elements and those without a value are searched.

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
                yield row_at(scope, at)
            if vr == "SQ" and (items := scope.items(at)):
                open_.append(_each(scope, at, items))


def _each(scope: Scope, tag: int, items: Sequence) -> Iterator[Scope]:
    return (scope.inside(tag, items, i) for i in range(len(items)))


def _matches(scope: Scope, at: int, vr: str, wanted: list[str]) -> bool:
    names = " ".join(names_of(at)).casefold()
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
        said += " " + uid_meaning(said)
    said = said.casefold()
    return all(w in said for w in missing)


def _asked(words: str) -> tuple[int | None, list[str]]:
    """Return the tag and the words of a search; eight digits may be both."""
    found = re.fullmatch(r"\s*(\()?\s*([0-9a-f]{4})\s*(,)?\s*([0-9a-f]{4})\s*\)?\s*", words, re.IGNORECASE)
    if found is None:
        return None, words.casefold().split()
    tag = int(found[2] + found[4], 16)
    return tag, [] if found[1] or found[3] else words.casefold().split()
