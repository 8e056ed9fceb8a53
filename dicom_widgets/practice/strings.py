"""The values of an element as strings, without the conversions (and warnings) that pydicom makes of unusual ones.

A query may hold ``20200101-`` in a date or ``1*`` in a number, which pydicom's value types warn of or refuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.tag import Tag
from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pydicom.tag import BaseTag

_CODED: Final = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"})
"""In the default repertoire, whatever the Specific Character Set (PS3.5 6.1.2.2)."""
_LOCALISED: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
TEXT: Final = _CODED | _LOCALISED
"""Value representations whose values are character strings."""
_ONE_VALUE: Final = frozenset({"LT", "ST", "UR", "UT"})
"""A backslash is text in these."""


def vr_of(dataset: Dataset, tag: BaseTag) -> str:
    """Return the VR of an element: its own, or the dictionary's; UN for what neither knows."""
    own = dataset.get_item(tag).VR if tag in dataset else None
    if own and own != "UN":
        return own
    return dictionary_VR(tag) if dictionary_has_tag(tag) else "UN"


def strings_of(dataset: Dataset, tag: BaseTag) -> tuple[str, ...]:
    """Return the values of an element that is no sequence; nothing where it is absent or empty."""
    element = dataset.get_item(tag) if tag in dataset else None
    if element is None:
        return ()
    if not isinstance(element, RawDataElement):
        return _converted(element)
    if not element.value:  # an ambiguous VR could not be resolved, and need not be
        return ()
    vr = vr_of(dataset, tag)
    return _decoded(element.value, vr, dataset) if vr in TEXT else _converted(dataset[tag])


def _decoded(value: bytes, vr: str, dataset: Dataset) -> tuple[str, ...]:
    """Return the strings of an element that is still encoded."""
    if vr in _CODED:
        text = value.decode("iso8859")
    else:
        delimiters = PN_DELIMS if vr == "PN" else TEXT_VR_DELIMS
        text = decode_bytes(value, convert_encodings(_character_sets(dataset)), delimiters)
    text = text.rstrip(" \0")
    if not text:
        return ()
    return (text,) if vr in _ONE_VALUE else tuple(part.strip(" \0") for part in text.split("\\"))


def _character_sets(dataset: Dataset) -> list[str]:
    """Return the terms of Specific Character Set (0008,0005)."""
    return list(strings_of(dataset, Tag("SpecificCharacterSet"))) or [""]


def _converted(element: DataElement) -> tuple[str, ...]:
    """Return the strings of an element that pydicom has converted."""
    if element.VM == 0:
        return ()
    values = element.value if element.VM > 1 else [element.value]
    return tuple(str(value) for value in values)
