"""Reading values of real files: absent, empty, undecodable or hostile ones never raise."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any

from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.valuerep import DA, TM, PersonName

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset


def value(ds: Dataset, keyword: str, default: Any = None) -> Any:
    """Return a value, or `default` where it is absent, empty or undecodable (requirement X6)."""
    try:
        found = ds.get(keyword)
    except Exception:  # noqa: BLE001  pydicom converts on access and may raise nearly anything for a broken value
        return default
    if found is None or found == "" or (isinstance(found, (MultiValue, list)) and not found):
        return default
    return found


def element(ds: Dataset, tag: int) -> DataElement | None:
    """Return an element by its tag, which may have no keyword; None where it is absent or undecodable."""
    try:
        return ds.get(tag)
    except Exception:  # noqa: BLE001  as above
        return None


def items(ds: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence; an empty list where it is absent or not a sequence."""
    found = value(ds, keyword, ())
    return list(found) if isinstance(found, Sequence) else []


def listed(ds: Dataset, keyword: str) -> list[Any]:
    """Return the values of an attribute as a list, whether it has none, one or several."""
    found = value(ds, keyword)
    if found is None:
        return []
    return list(found) if isinstance(found, (MultiValue, list, tuple)) else [found]


def number(ds: Dataset, keyword: str) -> float | None:
    """Return a value as a finite float, the first one of several, or None."""
    found = value(ds, keyword)
    return finite(found[0] if isinstance(found, (MultiValue, list, tuple)) else found)


def numbers(ds: Dataset, keyword: str, count: int) -> tuple[float, ...] | None:
    """Return the values of an attribute as exactly `count` finite numbers, or None."""
    return exactly(value(ds, keyword), count)


def exactly(found: Any, count: int) -> tuple[float, ...] | None:
    """Return several values as exactly `count` finite numbers, or None."""
    if isinstance(found, (str, bytes)):  # "12" is not 1 and 2
        return None
    with contextlib.suppress(TypeError):
        result = tuple(x for x in map(finite, found) if x is not None)
        return result if len(result) == len(found) == count else None
    return None


def finite(found: Any) -> float | None:
    """Return one value as a finite float, or None where it is not a number."""
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        result = float(found)
        return result if abs(result) < float("inf") else None
    return None


def whole(found: Any) -> int | None:
    """Return one value as an integer, truncated, or None where it is not a number."""
    with contextlib.suppress(TypeError, ValueError, OverflowError):
        return int(found)
    return None


def moment(date: object, time: object) -> dt.datetime | None:
    """Return a date (DA) and a time (TM) as one datetime, or None where one of them is absent or invalid."""
    said = text(date), text(time)
    try:
        return dt.datetime.combine(DA(said[0]), TM(said[1])) if all(said) else None
    except (TypeError, ValueError):
        return None


def text(found: object, limit: int = 200) -> str:
    """Return a value as one bounded line of text; several values are joined, a name is written as people read it."""
    if found is None:
        return ""
    if isinstance(found, (MultiValue, list, tuple)):
        return ", ".join(text(x, limit) for x in list(found)[:20])[:limit]
    if isinstance(found, PersonName):
        return person(found)[:limit]
    line = " ".join("".join(c if c.isprintable() else " " for c in str(found)).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def person(name: PersonName) -> str:
    """Return a name as it is read: `Yamada, Tarou (山田 太郎, やまだ たろう)` (PS3.5 6.2)."""
    groups = []
    for i, group in enumerate((name.alphabetic, name.ideographic, name.phonetic)):
        family, *given = [part for part in str(group).split("^") if part.strip()] or [""]
        groups.append((", " if i == 0 and given else " ").join([family, " ".join(given)]).strip())
    first, *others = [text(g) for g in groups if g] or [""]
    return f"{first} ({', '.join(others)})" if others else first
