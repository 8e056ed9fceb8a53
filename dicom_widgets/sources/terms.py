"""The terms of a query: keys of a level and their values, checked before anything is sent (PS3.4 C.2.2.2, C.4.1.2)."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Final

from pydicom.datadict import dictionary_VR

from dicom_widgets.dicom.conformance import KEYS, LEVELS, Level
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import QueryKeyError

if TYPE_CHECKING:
    from collections.abc import Mapping

UIDS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
"""The unique keys of the levels, from the study down."""
RANGED: Final = frozenset({"DA", "TM", "DT"})
"""Value representations in which a hyphen makes a range (PS3.4 C.2.2.2.5)."""
_DATE: Final = re.compile(r"\d{8}|\d{8}-(\d{8})?|-\d{8}")
_ONE_TIME: Final = r"\d\d(\d\d(\d\d(\.\d{1,6})?)?)?"
_TIME: Final = re.compile(rf"{_ONE_TIME}|{_ONE_TIME}-({_ONE_TIME})?|-{_ONE_TIME}")
_UID: Final = re.compile(r"[0-9.]{1,64}")


def is_uid(uid: str) -> bool:
    """Whether something has the form of a UID: digits and dots, at most 64 (PS3.5 9)."""
    return _UID.fullmatch(uid) is not None


def checked(level: Level, path: tuple[str, ...], keys: Mapping[str, object]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the unique keys above a level, and the terms: keyword -> value as it is sent.

    Raises
    ------
    QueryKeyError

    """
    if level not in LEVELS:
        raise QueryKeyError(f"{level!r} is no level of the study root; {', '.join(LEVELS)} are.")
    rest, above = _unique(level, path, keys)
    return above, {k: term(level, k, v) for k, v in rest.items()}


def term(level: Level, keyword: str, wanted: object) -> str:
    """Return the value of a key in the form in which it is sent.

    Raises
    ------
    QueryKeyError
        The key does not exist at this level, or cannot be matched by such a value.

    """
    if keyword not in KEYS[level]:
        raise QueryKeyError(f"{keyword} is no key at the {level} level; these are: {', '.join(sorted(KEYS[level]))}.")
    kinds, vr = KEYS[level][keyword], dictionary_VR(keyword)
    words = _range(wanted) if vr in RANGED else _plain(wanted)
    if not words:
        return ""
    if kinds == {"universal"}:
        raise QueryKeyError(f"{keyword} is returned at the {level} level but cannot be searched by; leave it out.")
    if re.search(r"[*?]", words) and ("wildcard" not in kinds or vr in (*RANGED, "UI")):
        raise QueryKeyError(
            f"{keyword}={words!r}: wildcards are not defined for this key; give the exact value or a range."
        )
    if vr == "DA" and not _DATE.fullmatch(words):
        raise QueryKeyError(f"{keyword}={words!r} is no date: YYYYMMDD, or a range YYYYMMDD-YYYYMMDD open at one end.")
    if vr == "TM" and not _TIME.fullmatch(words):
        raise QueryKeyError(f"{keyword}={words!r} is no time: HHMMSS, or a range HHMMSS-HHMMSS open at one end.")
    if vr == "IS":
        words = "\\".join(whole(w) or w for w in words.split("\\"))
    if vr == "IS" and not re.fullmatch(r"[-+0-9*?\\]+", words):
        raise QueryKeyError(f"{keyword}={words!r} is no whole number.")
    if vr == "UI" and not all(_UID.fullmatch(uid) for uid in words.split("\\")):
        raise QueryKeyError(f"{keyword}={words!r} is no UID: digits and dots, at most 64 (PS3.5 9).")
    return words


def whole(words: str) -> str:
    """Return a whole number in its shortest form, as "0003", "+3" and "3.0" are one; empty where it is none."""
    number = re.fullmatch(r"\s*([-+]?)0*(\d+)(\.0*)?\s*", words)
    return f"{'-' if number[1] == '-' and number[2] != '0' else ''}{number[2]}" if number else ""


def _plain(wanted: object) -> str:
    if wanted is None:
        return ""
    if isinstance(wanted, (list, tuple, set, frozenset)):
        return "\\".join(_plain(w) for w in wanted)
    return str(wanted).strip()


def _range(wanted: object) -> str:
    """Return a date, a time, or a range of them in DICOM's form."""
    if isinstance(wanted, tuple) and len(wanted) == 2:
        return "-".join(_range(w) for w in wanted) if any(wanted) else ""
    if isinstance(wanted, (dt.date, dt.datetime)):
        return wanted.strftime("%Y%m%d")
    if isinstance(wanted, dt.time):
        return wanted.strftime("%H%M%S")
    return re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\1\2\3", _plain(wanted)).replace(":", "")


def _unique(
    level: Level, path: tuple[str, ...], keys: Mapping[str, object]
) -> tuple[dict[str, object], tuple[str, ...]]:
    """Move the unique keys of the levels above from the keys to the path; raise QueryKeyError where one is missing."""
    depth = LEVELS.index(level)
    rest = dict(keys)
    above = [text(rest.pop(k, None)) or (path[i] if i < len(path) else "") for i, k in enumerate(UIDS[:depth])]
    if "" in above:
        missing = UIDS[above.index("")]
        raise QueryKeyError(
            f"A query at the {level} level needs {missing}: give under=, the entity above, or {missing}=."
        )
    for uid in above:
        if not _UID.fullmatch(uid):
            raise QueryKeyError(f"{uid!r} is no UID: digits and dots, at most 64 (PS3.5 9).")
    return rest, tuple(above)
