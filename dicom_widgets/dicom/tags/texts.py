"""The text of a value, from its encoded bytes or from what pydicom has made of them; bounded, and never raises.

A note says what is wrong with a value.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

import numpy as np
from pydicom.tag import BaseTag

from dicom_widgets.dicom import charsets
from dicom_widgets.dicom.charsets import MARK

NUMBERS: Final = {"US": "u2", "SS": "i2", "UL": "u4", "SL": "i4", "UV": "u8", "SV": "i8", "FL": "f4", "FD": "f8"}
"""Value representations of binary numbers, and their dtypes."""
PLAIN: Final = frozenset("AE AS CS DA DS DT IS TM UI UR".split())
SINGLE: Final = frozenset("ST LT UT UR".split())
"""Those in which a backslash is a character of the text."""
BULK: Final = frozenset("OB OD OF OL OV OW UN".split())
_JOINERS: Final = frozenset("\u200c\u200d")  # some scripts need them inside of words
_FORMS: Final = {
    "DS": (r" *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *", "a decimal number"),
    "IS": (r" *[+-]?\d+ *", "a whole number"),
    "DA": (r"\d{8} *|\d{4}\.\d\d\.\d\d|[\d-]{8,18} *", "a date"),
    "UI": (r"[0-9.]{1,64}", "a UID"),
    "AS": (r"\d{3}[DWMY]", "an age"),
}


class ValueText(NamedTuple):
    """The text of an element: the text, the number of its values, whether it is cut off, and what is wrong with it."""

    text: str = ""
    vm: int = 0
    cut: bool = False
    note: str = ""


def of_numbers(data: bytes, vr: str, limit: int, *, little: bool) -> ValueText:
    """Return the text of binary numbers."""
    kind = np.dtype(NUMBERS[vr]).newbyteorder("<" if little else ">")
    vm, rest = divmod(len(data), kind.itemsize)
    found = np.frombuffer(data, kind, min(vm, limit))  # a number has one character at least
    return _joined([str(x) for x in found], vm, limit, rest, f"{rest} of its bytes are no whole {vr}")


def of_tags(data: bytes, limit: int, *, little: bool) -> ValueText:
    """Return the text of tags (AT)."""
    vm, rest = divmod(len(data), 4)
    pairs = np.frombuffer(data, "<u2" if little else ">u2", 2 * min(vm, limit)).reshape(-1, 2)
    return _joined([f"({g:04X},{e:04X})" for g, e in pairs], vm, limit, rest, f"{rest} of its bytes are no whole tag")


def _joined(parts: list[str], vm: int, limit: int, rest: int, why: str) -> ValueText:
    if rest and len(parts) == vm:
        parts.append(MARK)
    said = "\\".join(parts)
    cut = len(said) > limit or len(parts) < vm
    return ValueText(said[:limit], vm, cut, why if rest else "")


def of_words(data: bytes, vr: str, encodings: tuple[str, ...], limit: int) -> ValueText:
    """Return the text of encoded characters; the first encoding is in force at the beginning of a value."""
    part = data[: 4 * limit + 64]
    said = charsets.decode_text(part, encodings, vr)
    if len(part) < len(data):
        said = said.rstrip(MARK)  # a character that is cut in two
    said = said.rstrip(" \0")
    single = vr in SINGLE
    vm = 1 if single else (data.count(b"\\") if len(part) < len(data) else said.count("\\")) + 1
    cut = len(said) > limit or len(part) < len(data)
    return ValueText(said[:limit], vm, cut, _wrong(said, vr, cut=cut))


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


def of_python(found: Any, limit: int) -> ValueText:
    """Return the text of a value that was set by code or converted by pydicom."""
    try:
        if isinstance(found, (bytes, bytearray)):
            return ValueText(f"{len(found):,} bytes", 1)
        several = not isinstance(found, str) and hasattr(found, "__len__") and hasattr(found, "__getitem__")
        parts = list(found[:limit]) if several and not hasattr(found, "alphabetic") else [found]
        vm = len(found) if len(parts) != 1 else 1
        said = "\\".join(tag_text(p) if isinstance(p, BaseTag) else str(p) for p in parts)
    except Exception as error:  # noqa: BLE001  an object of any class may stand there
        return ValueText("", 0, note=f"it cannot be shown: {type(error).__name__}")
    return ValueText(said[:limit], vm, len(said) > limit or len(parts) < vm)


def printable(said: str, kept: str = "") -> str:
    """Return a text in which white space other than `kept` is a blank, and other unprintable characters are marks."""
    if kept:
        said = said.replace("\r\n", "\n").replace("\r", "\n")
    if said.isprintable():
        return said
    return "".join(c if c.isprintable() or c in kept or c in _JOINERS else " " if c.isspace() else MARK for c in said)


def tag_text(tag: int) -> str:
    """Return a tag as the Standard writes it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
