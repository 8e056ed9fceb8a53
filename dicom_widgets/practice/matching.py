r"""Attribute matching of C-FIND (PS3.4 C.2.2.2): whether a value matches a key.

Single value, list, wild card, range and universal matching. A key with several values matches what any of them
matches (`CT\MR`), and an attribute with several values matches if any value does (PS3.4 C.2.2.3).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

WILDCARD: Final = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"})
"""Value representations in which * and ? are wild cards (PS3.4 C.2.2.2.4); in others they are what they are."""
RANGE: Final = frozenset({"DA", "TM"})
"""Value representations in which a hyphen makes a range (PS3.4 C.2.2.2.5)."""
_NUMBER: Final = frozenset({"DS", "IS"})
_MIDNIGHT, _LAST = "000000.000000", "235959.999999"


def matches(vr: str, keys: Sequence[str], values: Sequence[str]) -> bool:
    """Whether an attribute matches a key attribute of the same VR.

    Parameters
    ----------
    vr
        The value representation: it decides on wild cards, ranges and the case of letters.
    keys
        The values of the key; none, or empty ones only, match everything (universal matching, PS3.4 C.2.2.2.3).
    values
        The values of the attribute; where there are none, only universal matching succeeds.

    """
    if not any(keys) or ("*" in keys and vr in WILDCARD):  # "*" alone is universal too (PS3.4 C.2.2.2.4)
        return True
    return any(_matches_one(vr, key, value) for key in keys if key for value in values if value)


def _matches_one(vr: str, key: str, value: str) -> bool:
    """Whether one value matches one value of the key."""
    if vr == "PN":
        return _name_matches(key, value)
    if vr in RANGE:
        return _range_matches(vr, key, value)
    if vr in WILDCARD:
        return _wildcard(key, value)
    if vr in _NUMBER:
        return _number(key) == _number(value)
    return key == value


def _wildcard(key: str, value: str) -> bool:
    """Match with * for any characters, none included, and ? for exactly one (PS3.4 C.2.2.2.4); case counts."""
    pattern = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in key)
    return re.fullmatch(pattern, value, re.DOTALL) is not None


def _name_matches(key: str, value: str) -> bool:
    """Match a person's name without regard to case (PS3.4 C.2.2.2.1.1 allows it).

    A key without ``=`` may match the whole value or any component group: the alphabetic, ideographic or phonetic one
    (PS3.5 6.2.1.2). One with ``=`` is matched group by group, where empty groups match everything.
    """
    key, value = (unicodedata.normalize("NFC", text).casefold() for text in (key, value))
    groups = [_without_trailing(group) for group in value.split("=")]
    if "=" not in key:
        return any(_wildcard(_without_trailing(key), text) for text in (value, *groups))
    wanted = [_without_trailing(group) for group in key.split("=")]
    groups += [""] * (len(wanted) - len(groups))
    return all(not part or _wildcard(part, group) for part, group in zip(wanted, groups, strict=False))


def _without_trailing(group: str) -> str:
    """Return a component group without the delimiters at its end, which say nothing (PS3.5 6.2.1.1)."""
    return group.rstrip(" ^")


def _range_matches(vr: str, key: str, value: str) -> bool:
    """Match ``a-b``, ``a-`` and ``-b``, ends included (PS3.4 C.2.2.2.5), or one date or time."""
    first, hyphen, last = (part.strip() for part in key.partition("-"))
    if not hyphen:
        last = first
    if vr == "DA":
        return (not first or first <= value) and (not last or value <= last)
    return (not first or _time(first, _MIDNIGHT) <= _time(value, _MIDNIGHT)) and (
        not last or _time(value, _MIDNIGHT) <= _time(last, _LAST)
    )


def _time(text: str, rest: str) -> str:
    """Return a TM in full length: components that are left out at its end are unspecified (PS3.5 6.2)."""
    return text + rest[len(text) :]


def _number(text: str) -> float | str:
    """Return a number string as the number it means: 01 equals 1."""
    try:
        return float(text)
    except ValueError:
        return text
