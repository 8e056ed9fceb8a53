"""A data set whose long bulk data stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydicom.dataelem import RawDataElement

from dicom_widgets.dicom.readable import read
from dicom_widgets.dicom.tags.scope import ITEM, Scope
from dicom_widgets.dicom.tags.texts import BULK
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.instance import Instance


HELD: Final = 64 << 10
"""Length of an element, in bytes, above which `without_bulk` reads it only if it is not bulk data."""

LARGEST: Final = 64 << 20
"""Length of a value, in bytes, above which it is not read even if it is not bulk data; sequences are."""


def without_bulk(instance: Instance) -> Dataset:
    """Return the data set of an instance without its long bulk data, of which it has the lengths only.

    Raises
    ------
    NotDicom
        It cannot be read.

    """
    syntax, data = instance.blob.transfer_syntax, instance.blob.data
    with instance.blob.open() as reader:
        try:
            ds = read(reader, syntax.is_implicit_VR, syntax.is_little_endian, defer_size=HELD)
        except Exception as error:
            raise NotDicom(f"The object cannot be read as {syntax.name}: {text(error)}.") from error
    scope = Scope.of(ds)
    for element in [scope.element(t) for t in ds.keys()]:  # noqa: SIM118  a data set is iterated by its values
        if isinstance(element, RawDataElement) and element.value is None and element.length:
            ds[element.tag] = _filled(element, scope.vr(element), data)
    return ds


def _filled(element: RawDataElement, vr: str, data: memoryview) -> RawDataElement:
    """Return a long element with its value where that can be shown as text, else with its length only."""
    start = element.value_tell
    if element.length == 0xFFFFFFFF:
        return element._replace(length=_fragments(data[start:], little=element.is_little_endian))
    if vr != "SQ" and (vr in BULK or element.length > LARGEST):
        return element
    return element._replace(value=data[start : start + element.length].tobytes())


def _fragments(data: memoryview, *, little: bool) -> int:
    """Return the bytes of encapsulated pixel data: items up to a delimiter (PS3.5 A.4)."""
    order, at, total = "little" if little else "big", 0, 0
    while at + 8 <= len(data) and bytes(data[at : at + 4]) in ITEM:
        length = int.from_bytes(data[at + 4 : at + 8], order)  # type: ignore[arg-type]
        at, total = at + 8 + length, total + length
    return total
