"""Data sets whose texts are decoded by `charsets` as soon as they are asked for."""

from __future__ import annotations

import threading
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.hooks import raw_element_vr
from pydicom.tag import BaseTag, Tag

from dicom_widgets.dicom.charsets import DEFAULT, TEXTS, decode_text, encodings_of, is_ascii

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydicom.dataelem import DataElement
    from pydicom.filebase import ReadableBuffer


_NEITHER: Final = frozenset("AE AS AT CS DA DS DT FD FL IS OB OD OF OL OV OW SL SS SV TM UI UL UR US UV".split())
"""VRs of what is neither a text nor a sequence."""

_ENCODED_TAG: Final = {True: b"\x08\x00\x05\x00", False: b"\x00\x08\x00\x05"}


class Readable(Dataset):
    """A data set or item whose texts are decoded by `charsets` when they are first read; all else is pydicom's."""

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice):
            return super().__getitem__(key)
        found = self._dict.get(key if isinstance(key, BaseTag) else _tag(key))  # type: ignore[arg-type]
        if isinstance(found, RawDataElement):
            found = self._converted(found)
        elif found is None:
            return super().__getitem__(key)  # which raises KeyError
        return self._inherited(found) if found.VR == "SQ" else found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Dataset):
            return NotImplemented
        return self.keys() == other.keys() and all(self[tag] == other[tag] for tag in self.keys())

    __hash__ = None  # type: ignore[assignment]  # as that of its parent: it can be changed

    @property
    def _character_set(self) -> list[str]:
        """The character sets that pydicom compares with those at the time of reading."""
        return list(encodings_of(self, self.original_character_set or DEFAULT))

    def _converted(self, raw: RawDataElement) -> DataElement:
        """Convert an element: a text by `charsets`, all else as pydicom does it."""
        if raw.VR not in _NEITHER and raw.value:
            vr = self._vr(raw)
            if vr in TEXTS and not is_ascii(raw.value):
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
        """Replace an encoded text by a decoded element; pydicom splits its values and strips their blanks."""
        assert raw.value is not None
        said = decode_text(raw.value, self.original_character_set or DEFAULT, vr)
        plain = raw._replace(VR=vr, value=said.encode())
        self[raw.tag] = convert_raw_data_element(plain, encoding=["utf-8"], ds=self)

    def _inherited(self, element: DataElement) -> DataElement:
        """Make the items of a sequence `Readable` too, with the character sets of this data set as theirs."""
        if element.value and type(element.value[0]) is Dataset:
            for item in element.value:
                readable(item, self.original_character_set or DEFAULT)
        return element


def _tag(key: Any) -> BaseTag | None:
    """Return the tag that a key names, or None, for which pydicom then raises."""
    try:
        return Tag(key)
    except Exception:  # noqa: BLE001  any object may be asked for
        return None


def readable(ds: Dataset, around: Sequence[str] = DEFAULT) -> Dataset:
    """Turn a data set of which no value has been read yet into a `Readable`, in place, and return it."""
    ds.__class__ = Readable
    ds._read_charset = list(encodings_of(ds, around))  # noqa: SLF001  to set it alone there is no other way
    return ds


def read(reader: ReadableBuffer, implicit: bool, little: bool, **options: Any) -> Dataset:
    """Read a data set by pydicom, with the options of its `read_dataset`, without its warnings of character sets."""
    with quiet():
        return readable(read_dataset(reader, implicit, little, **options))  # type: ignore[arg-type]


_COMPLAINTS: Final = (
    "Unknown encoding |Incorrect value for Specific Character Set |Value '.*' for Specific Character Set does not allow"
    "|Value '.*' cannot be used as code extension|Invalid value for VR UI"
)


class _Quiet:
    """Silences pydicom's warnings of texts and UIDs by one filter for all threads, as a process has one list.

    `warnings.catch_warnings` would restore a list of filters that other threads may have changed meanwhile.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Keep pydicom from warning of character sets and UIDs."""
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
