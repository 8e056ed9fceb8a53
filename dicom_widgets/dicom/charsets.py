"""Texts in any Specific Character Set (PS3.5 6.1, PS3.3 C.12.1.1.2): what does not decode is marked, nothing fails.

pydicom warns of a character set that is misspelt or unknown and of bytes that do not decode, whatever its settings; it
does not end a code extension at the delimiters of a name, knows one of G0 and G1 at a time, and leaves the escape
sequence of ISO-IR 58 in the text. So texts that are not plain ASCII are decoded here, when somebody asks for them.
"""

from __future__ import annotations

import re
import threading
import warnings
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.hooks import raw_element_vr
from pydicom.tag import BaseTag, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydicom.dataelem import DataElement
    from pydicom.filebase import ReadableBuffer

MARK: Final = "\N{REPLACEMENT CHARACTER}"
"""Stands for each byte, or run of bytes, that is no text."""
DEFAULT: Final = ("latin-1",)
"""Where an object says nothing: its bytes may only be ASCII, and whoever forgot to say it has written Latin-1."""

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
_BREAKS: Final = _RESETS["LT"]
_CONTROLS: Final = re.compile("[\x1b\x80-\x9f]")

_NEITHER: Final = frozenset("AE AS AT CS DA DS DT FD FL IS OB OD OF OL OV OW SL SS SV TM UI UL UR US UV".split())
"""VRs of what is neither a text nor a sequence."""
_CHARACTER_SET: Final = BaseTag(0x00080005)
_ENCODED_TAG: Final = {True: b"\x08\x00\x05\x00", False: b"\x00\x08\x00\x05"}


# --- defined terms


def encodings_of(ds: Dataset, around: Sequence[str] = DEFAULT) -> tuple[str, ...]:
    """Return Python's names of the character sets of a data set or item; without any, those of what it is in."""
    written = _written(ds)
    return _encodings(written) if written else tuple(around)


def unknown(ds: Dataset) -> list[str]:
    """Return the terms of a Specific Character Set that nobody knows."""
    return [term.strip(" \0") for term in _written(ds).split("\\") if _encoding(term) is None]


def note(said: str) -> str:
    """Return what is to be known of a text: that something in it did not decode."""
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
    """Return the codecs of all terms; what nobody knows is ASCII, so that its other bytes are marked."""
    terms = written.split("\\")
    found = [_encoding(term) or "ascii" for term in terms]
    if found == ["ascii"] and _encoding(terms[0]):
        return DEFAULT
    return (found[0],) if found[0] in _ALONE else tuple(e for e in found if e not in _ALONE)


def _encoding(term: str) -> str | None:
    """Return the codec of a term; what stands between letters and numbers is often wrong, and is not looked at."""
    bare = re.sub(r"[\s\0._-]", "", term.upper())
    if number := _SPELT.fullmatch(bare):
        return _NUMBERED.get(int(number[1]))
    if part := _PART.fullmatch(bare):
        return _NUMBERED.get(_PARTS.get(int(part[1]), 0))
    return _NAMED.get(bare)


# --- bytes


def decoded_text(data: bytes, encodings: Sequence[str], vr: str = "LO") -> str:
    r"""Return a text with all its values, by code extensions where there are (PS3.5 6.1.2.5).

    >>> decoded(b"Yamada=\x1b$B;3ED\x1b(B", ("ascii", "iso2022_jp"), "PN")
    'Yamada=山田'
    """
    first = encodings[0]
    if _ESC not in data or first in _ALONE:
        said = data.decode("ascii" if first in _SHIFTS else first, "replace")
    else:
        said = "".join(_extended(data, "ascii" if first in _SHIFTS else first, _RESETS.get(vr, _BREAKS)))
    return _CONTROLS.sub(MARK, said)


def _extended(data: bytes, first: str, resets: re.Pattern[bytes]) -> Iterator[str]:
    """Yield the text between escape sequences and delimiters, each by what is in G0 and G1 there."""
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
    """Yield what the two halves of the code table stand for."""
    if low not in _SHIFTS:  # all that G1 may hold is encoded together with ASCII
        yield part.decode(high, "replace")
        return
    for run in _RUNS.findall(part):
        if run[0] >= 0x80:
            yield run.decode(high, "replace")
        else:
            yield (_SHIFTS[low] + run if run[0] > 0x20 and run[0] < 0x7F else run).decode(low, "replace")


# --- data sets


class Readable(Dataset):
    """A data set, or an item, whose texts are decoded here as soon as they are asked for; all else is pydicom's."""

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return super().__getitem__(key)
        found = self._dict.get(key if isinstance(key, BaseTag) else _tag(key))  # type: ignore[arg-type]
        if isinstance(found, RawDataElement):
            found = self._converted(found)
        elif found is None:
            return super().__getitem__(key)  # which says that there is none
        return self._inherited(found) if found.VR == "SQ" else found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        return self.keys() == other.keys() and all(self[tag] == other[tag] for tag in self.keys())

    __hash__ = None  # type: ignore[assignment]  # as that of its parent: it can be changed

    @property
    def _character_set(self) -> list[str]:
        """What pydicom compares with what was read."""
        return list(encodings_of(self, self.original_character_set or DEFAULT))

    def _converted(self, raw: RawDataElement) -> DataElement:
        """Convert an element, a text by what it is here, all else as pydicom does it."""
        if raw.VR not in _NEITHER and raw.value:
            vr = self._vr(raw)
            if vr in _RESETS and (not raw.value.isascii() or _ESC in raw.value):
                self._settle(raw, vr)
            elif vr == "SQ" and _ENCODED_TAG[raw.is_little_endian] in raw.value:
                with quiet():
                    return super().__getitem__(raw.tag)
        return super().__getitem__(raw.tag)

    def _vr(self, raw: RawDataElement) -> str:
        if raw.VR is not None and raw.VR != "UN":
            return raw.VR
        kind: dict[str, str] = {}
        raw_element_vr(raw, kind, ds=self)
        return kind["VR"]

    def _settle(self, raw: RawDataElement, vr: str) -> None:
        """Put a text in its place: its values are divided, and their blanks taken away, as pydicom does it."""
        assert raw.value is not None
        said = decoded_text(raw.value, self.original_character_set or DEFAULT, vr)
        plain = raw._replace(VR=vr, value=said.encode())
        self[raw.tag] = convert_raw_data_element(plain, encoding=["utf-8"], ds=self)

    def _inherited(self, element: DataElement) -> DataElement:
        """Let the items of a sequence be as this is."""
        if element.value and type(element.value[0]) is Dataset:
            for item in element.value:
                readable(item, self.original_character_set or DEFAULT)
        return element


def _tag(key: Any) -> BaseTag | None:
    """Return what a key names, if anything: pydicom says so where it does not."""
    try:
        return Tag(key)
    except Exception:  # noqa: BLE001  any object may be asked for
        return None


def readable(ds: Dataset, around: Sequence[str] = DEFAULT) -> Dataset:
    """Let a data set that nobody has looked into yet be decoded here, its items too; return it."""
    ds.__class__ = Readable
    ds._read_charset = list(encodings_of(ds, around))  # noqa: SLF001  to set it alone there is no other way
    return ds


def read(reader: ReadableBuffer, implicit: bool, little: bool, **options: Any) -> Dataset:
    """Read a data set by pydicom, with the options of its `read_dataset`, without its warnings of character sets."""
    with quiet():
        return readable(read_dataset(reader, implicit, little, **options))  # type: ignore[arg-type]


_COMPLAINTS: Final = (
    "Unknown encoding |Incorrect value for Specific Character Set |Value '.*' for Specific Character Set does not allow"
    "|Value '.*' cannot be used as code extension"
)


class _Quiet:
    """Filters of warnings belong to the process: there is one, for all threads that want it.

    It is taken out again by itself, since `warnings.catch_warnings` puts back a list that others may have changed.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Keep pydicom from warning of character sets."""
        with self._lock:
            self._inside += 1
            warnings.filterwarnings("ignore", _COMPLAINTS, UserWarning)
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    filters: Any = warnings.filters
                    for one in [f for f in filters if getattr(f[1], "pattern", f[1]) == _COMPLAINTS]:
                        filters.remove(one)


quiet: Final = _Quiet()
