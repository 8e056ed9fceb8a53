"""Texts in any Specific Character Set (PS3.5 6.1, PS3.3 C.12.1.1.2): what does not decode is marked; nothing raises.

pydicom warns of a character set that is misspelt or unknown and of bytes that do not decode, whatever its settings; it
does not end a code extension at the delimiters of a name, knows one of G0 and G1 at a time, and leaves the escape
sequence of ISO-IR 58 in the text. So texts that are not plain ASCII are decoded here (`readable.py` calls this when a
value is read).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pydicom.tag import BaseTag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydicom.dataset import Dataset


MARK: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for each byte, or run of bytes, that is not text."""
DEFAULT: Final = ("latin-1",)
"""For objects that say nothing. Only ASCII is allowed then; writers that break this rule mostly write Latin-1."""

_NUMBERED: Final = {
    6: "ascii",
    13: "shift_jis",  # JIS X 0201, of which Shift-JIS makes more: some write that under this name
    58: "gb2312",
    87: "iso2022_jp",
    100: "latin-1",
    101: "iso8859-2",
    109: "iso8859-3",
    110: "iso8859-4",
    126: "iso8859-7",
    127: "iso8859-6",
    138: "iso8859-8",
    144: "iso8859-5",
    148: "iso8859-9",
    149: "euc_kr",
    159: "iso2022_jp_2",
    166: "tis-620",
    192: "utf-8",
    203: "iso8859-15",
}
"""Numbers in the register of ISO -> Python's codecs."""
_NAMED: Final = {
    "": "ascii",
    "ASCII": "ascii",
    "GB18030": "gb18030",
    "GB2312": "gb2312",
    "GBK": "gbk",
    "ISO2022GBK": "gbk",
    "UTF8": "utf-8",
}
_SPELT: Final = re.compile(r"(?:ISO)?(?:2022)?(?:IR)?(\d{1,3})")
_PART: Final = re.compile(r"ISO8859(\d\d?)")  # how others than the Standard call the same sets
_PARTS: Final = {1: 100, 2: 101, 3: 109, 4: 110, 5: 144, 6: 127, 7: 126, 8: 138, 9: 148, 11: 166, 15: 203}
_ALONE: Final = frozenset({"utf-8", "gbk", "gb18030"})  # no code extensions (PS3.3 C.12.1.1.2)

_ESC: Final = b"\x1b"
_ESCAPES: Final = {
    b"(B": (0, "ascii"),
    b"(J": (0, "ascii"),  # JIS X 0201's romaji, with the yen sign instead of the backslash, which is the delimiter
    b"$B": (0, "iso2022_jp"),
    b"$@": (0, "iso2022_jp"),  # its edition of 1978
    b"$(D": (0, "iso2022_jp_2"),
    b")I": (1, "shift_jis"),
    b"-A": (1, "latin-1"),
    b"-B": (1, "iso8859-2"),
    b"-C": (1, "iso8859-3"),
    b"-D": (1, "iso8859-4"),
    b"-F": (1, "iso8859-7"),
    b"-G": (1, "iso8859-6"),
    b"-H": (1, "iso8859-8"),
    b"-L": (1, "iso8859-5"),
    b"-M": (1, "iso8859-9"),
    b"-T": (1, "tis-620"),
    b"-b": (1, "iso8859-15"),
    b"$)A": (1, "gb2312"),
    b"$)C": (1, "euc_kr"),
}
"""What follows ESC -> G0 or G1, and the set that is there from then on (PS3.3 Tables C.12-3 and C.12-4)."""
_SHIFTS: Final = {"iso2022_jp": b"\x1b$B", "iso2022_jp_2": b"\x1b$(D"}  # sets of two bytes in G0, and how they begin
_ESCAPE: Final = re.compile(rb"\x1b([-()][@-~]|\$[()]?[@-~])")
_RUNS: Final = re.compile(rb"[!-~]+|[\x80-\xff]+|[\x00-\x20\x7f]+")
_LINES: Final = rb"\t\n\f\r"
_RESETS: Final = {
    "PN": re.compile(rb"[\\^=%s]" % _LINES),
    **{vr: re.compile(rb"[\\%s]" % _LINES) for vr in ("SH", "LO", "UC")},
    **{vr: re.compile(rb"[%s]" % _LINES) for vr in ("ST", "LT", "UT")},
}
"""VR of a text -> what puts the first character set in force again (PS3.5 6.1.2.5.3)."""
TEXTS: Final = frozenset(_RESETS)
"""Value representations in the data set's character set."""
_BREAKS: Final = _RESETS["LT"]
_CONTROLS: Final = re.compile("[\x1b\x80-\x9f]")

_CHARACTER_SET: Final = BaseTag(0x00080005)


# --- defined terms


def encodings_of(ds: Dataset, around: Sequence[str] = DEFAULT) -> tuple[str, ...]:
    """Return Python's codecs for the character sets of a data set or item; `around` where it names none."""
    written = _written(ds)
    return _encodings(written) if written else tuple(around)


def unknown(ds: Dataset) -> list[str]:
    """Return the terms of Specific Character Set (0008,0005) that are not known."""
    return [term.strip(" \0") for term in _written(ds).split("\\") if _encoding(term) is None]


def note(said: str) -> str:
    """Return a note on a text in which something did not decode; else empty."""
    return f"bytes that are no text are shown as {MARK}" if MARK in said else ""


def _written(ds: Dataset) -> str:
    """Return a Specific Character Set as it is encoded."""
    element = ds._dict.get(_CHARACTER_SET)  # noqa: SLF001  for each object that is loaded
    found: Any = element and element.value
    if isinstance(found, bytes):
        return found.decode("latin-1")
    return "\\".join(str(term) for term in ([found] if isinstance(found, str) else found or ()))


@lru_cache(256)
def _encodings(written: str) -> tuple[str, ...]:
    """Return the codecs of all terms; an unknown one is taken as ASCII, so that its other bytes are marked."""
    terms = written.split("\\")
    found = [_encoding(term) or "ascii" for term in terms]
    if found == ["ascii"] and _encoding(terms[0]):
        return DEFAULT
    return (found[0],) if found[0] in _ALONE else tuple(e for e in found if e not in _ALONE)


def _encoding(term: str) -> str | None:
    """Return the codec of a term; separators are ignored, as they are often wrong."""
    bare = re.sub(r"[\s\0._-]", "", term.upper())
    if number := _SPELT.fullmatch(bare):
        return _NUMBERED.get(int(number[1]))
    if part := _PART.fullmatch(bare):
        return _NUMBERED.get(_PARTS.get(int(part[1]), 0))
    return _NAMED.get(bare)


# --- bytes


def decode_text(data: bytes, encodings: Sequence[str], vr: str = "LO") -> str:
    r"""Return an encoded text, with all its values, as a string; follows code extensions (PS3.5 6.1.2.5).

    >>> decode_text(b"Yamada=\x1b$B;3ED\x1b(B", ("ascii", "iso2022_jp"), "PN")
    'Yamada=山田'
    """
    first = encodings[0]
    if _ESC not in data or first in _ALONE:
        said = data.decode("ascii" if first in _SHIFTS else first, "replace")
    else:
        said = "".join(_extended(data, "ascii" if first in _SHIFTS else first, _RESETS.get(vr, _BREAKS)))
    return _CONTROLS.sub(MARK, said)


def is_ascii(data: bytes) -> bool:
    """Whether a text is plain ASCII without code extensions, so that every character set reads it alike."""
    return data.isascii() and _ESC not in data


def _extended(data: bytes, first: str, resets: re.Pattern[bytes]) -> Iterator[str]:
    """Yield the text between escape sequences and delimiters, each piece by the sets that are in G0 and G1 there."""
    at, active = 0, ["ascii", first]
    while at < len(data):
        if data[at] == _ESC[0]:
            found = _ESCAPE.match(data, at)
            if found and found[1] in _ESCAPES:
                half, encoding = _ESCAPES[found[1]]
                active[half] = encoding
            else:
                yield MARK
            at = found.end() if found else at + 1
        stop = data.find(_ESC, at)
        stop = len(data) if stop < 0 else stop
        # the bytes of the delimiters are parts of characters where these have two bytes of G0
        reset = (_BREAKS if active[0] in _SHIFTS else resets).search(data, at, stop)
        end = reset.start() if reset else stop
        yield from _halves(data[at:end], *active)
        at = end
        if reset:
            active = ["ascii", first]
            yield chr(data[end])
            at = end + 1


def _halves(part: bytes, low: str, high: str) -> Iterator[str]:
    """Yield the text of bytes of which the lower and the upper half of the code table belong to different sets."""
    if low not in _SHIFTS:  # all that G1 may hold is encoded together with ASCII
        yield part.decode(high, "replace")
        return
    for run in _RUNS.findall(part):
        if run[0] >= 0x80:
            yield run.decode(high, "replace")
        else:
            yield (_SHIFTS[low] + run if run[0] > 0x20 and run[0] < 0x7F else run).decode(low, "replace")


# --- data sets
