"""A scope: a data set or an item of a sequence, with the character sets and the sign that it inherits.

Elements are read as they are encoded: pydicom would convert values on access, which may raise and makes copies.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from pydicom.datadict import (
    dictionary_description,
    dictionary_keyword,
    dictionary_VR,
    private_dictionary_description,
    private_dictionary_VR,
)
from pydicom.dataelem import RawDataElement
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from dicom_widgets.dicom import charsets
from dicom_widgets.dicom.charsets import TEXTS
from dicom_widgets.dicom.tags.texts import (
    BULK,
    NUMBERS,
    PLAIN,
    ValueText,
    of_numbers,
    of_python,
    of_tags,
    of_words,
    tag_text,
)
from dicom_widgets.dicom.values import number
from dicom_widgets.errors import NotFound

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

Path = tuple[int, ...]
"""Tags and numbers of items (from 0) in turn, from the data set inwards."""
ITEM: Final = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
"""The tag of an item, little and big endian."""
_ENCODED: Final = "encoded_length"


@dataclass(frozen=True, slots=True)
class Scope:
    """A data set or an item, with what it inherits from around it."""

    ds: Dataset
    path: Path
    encodings: tuple[str, ...]
    signed: bool

    @classmethod
    def of(cls, ds: Dataset, path: Path = (), around: Scope | None = None) -> Scope:
        """Return the whole data set, or an item of what is around it."""
        signed = number(ds, "PixelRepresentation")
        read_as = ds.original_character_set or list(charsets.DEFAULT)  # an item by itself: those of its parent
        known = around.encodings if around else [read_as] if isinstance(read_as, str) else read_as
        return cls(
            ds,
            path,
            charsets.encodings_of(ds, known),
            signed == 1 if signed is not None else around is not None and around.signed,
        )

    def tags(self, *, private: bool, empty: bool) -> list[int]:
        """Return the tags of the elements, in order."""
        found = sorted(self.ds.keys())
        return [t for t in found if (private or not t.is_private) and (empty or not is_empty(self.element(t)))]

    def element(self, tag: int) -> RawDataElement | DataElement:
        """Return an element without converting its value."""
        found = self.ds.get_item(BaseTag(tag), keep_deferred=True)
        if found is None:
            raise NotFound(f"There is no element {tag_text(tag)} here.")
        return found

    def items(self, tag: int) -> Sequence | None:
        """Return the items of a sequence; None where it cannot be read as one."""
        read = self.element(tag)
        with suppress(Exception):  # pydicom may raise nearly anything for damaged bytes
            if isinstance(read, RawDataElement) and (read.value or b"")[:4] not in (b"", *ITEM):
                return None
            element = self.ds[BaseTag(tag)]
            if isinstance(read, RawDataElement):
                setattr(element, _ENCODED, length_of(read))  # pydicom forgets it on conversion
            return element.value if isinstance(element.value, Sequence) else None
        return None

    def inside(self, tag: int, items: Sequence, i: int) -> Scope:
        """Return one item of a sequence."""
        return Scope.of(items[i], (*self.path, tag, i), self)

    def vr(self, element: RawDataElement | DataElement) -> str:
        """Return the VR as pydicom would find it, without converting a value."""
        vr = str(element.VR or "UN")
        if not isinstance(element, RawDataElement):
            return vr
        if vr == "UN":
            vr = self._known_vr(element)
        if " or " not in vr:
            return vr
        if "OW" in vr:
            return "US" if "US" in vr and element.length == 2 else "OW"
        return "SS" if self.signed else "US"

    def creator(self, tag: BaseTag) -> str:
        """Return the private creator that reserved the block of an element (PS3.5 7.8.1)."""
        if not tag.is_private or tag.element < 0x1000:
            return ""
        block = BaseTag(tag.group << 16 | tag.element >> 8)
        if block not in self.ds:
            return ""
        return self.text(self.element(block), "LO", 64).text.strip()

    def text(self, element: RawDataElement | DataElement, vr: str, limit: int) -> ValueText:
        """Return the text of a value, at most `limit` characters of it; never raises."""
        length = length_of(element)
        if is_empty(element):
            return ValueText()
        if vr in BULK or (isinstance(element, RawDataElement) and element.value is None):
            return ValueText(f"{length:,} bytes" if length is not None else "bytes", 1)
        if not isinstance(element, RawDataElement):
            return of_python(element.value, limit)
        data = bytes(element.value or b"")
        if vr in NUMBERS:
            found = of_numbers(data, vr, limit, little=element.is_little_endian)
        elif vr == "AT":
            found = of_tags(data, limit, little=element.is_little_endian)
        elif vr in TEXTS or vr in PLAIN:
            found = of_words(data, vr, self.encodings if vr in TEXTS else ("ascii",), limit)
        else:
            return ValueText(f"{len(data):,} bytes", 1)
        if length is not None and len(data) < length:
            return found._replace(note=f"only {len(data):,} of {length:,} bytes are there")
        return found

    def _known_vr(self, element: RawDataElement) -> str:
        """Return the dictionary's VR of an element that has none or UN (PS3.5 6.2.2)."""
        tag = element.tag
        with suppress(KeyError):
            if not tag.is_private:
                return dictionary_VR(tag) if element.VR is None or element.length < 0xFFFF else "UN"
            return "LO" if tag.is_private_creator else private_dictionary_VR(tag, self.creator(tag))
        return "UL" if tag.element == 0 and not tag.is_private else "UN"


def length_of(element: RawDataElement | DataElement) -> int | None:
    """Return the bytes of the encoded value; None where that is not known."""
    if not isinstance(element, RawDataElement):
        own = len(element.value) if isinstance(element.value, (bytes, bytearray)) else None
        return getattr(element, _ENCODED, own)
    if element.length != 0xFFFFFFFF:
        return int(element.length)
    return len(element.value) if element.value is not None else None


def is_empty(element: RawDataElement | DataElement) -> bool:
    """Whether an element has no value."""
    return not element.length if isinstance(element, RawDataElement) else bool(element.is_empty)


@lru_cache(20_000)
def names_of(tag: int) -> tuple[str, str]:
    """Return keyword and name of a tag of the Standard."""
    try:
        return dictionary_keyword(tag), dictionary_description(tag)
    except KeyError:
        return "", "" if tag & 0xFFFF else "Group Length"


@lru_cache(20_000)
def private_name(tag: BaseTag, creator: str) -> str:
    """Return the name of a private element as far as it is known."""
    if tag.is_private_creator:
        return "Private Creator"
    try:
        return private_dictionary_description(tag, creator)
    except KeyError:
        return "Private element" if creator else "Private element without a creator"
