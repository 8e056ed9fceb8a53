"""The presenter of all objects without a presenter of their own: a page of their main attributes (requirement X4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydicom.datadict import dictionary_description

from dicom_widgets.dicom.conformance import storage_name, syntax_name
from dicom_widgets.dicom.privacy import MASK, PATIENT, masked
from dicom_widgets.dicom.values import text
from dicom_widgets.display.picture.shown import Page, page

if TYPE_CHECKING:
    from dicom_widgets.display.present.request import Request


_WHY: Final = {
    "other": "This object is outside of the classes that are displayed",
    "presentation state": "A presentation state is applied to the images that it names, and chosen in their menu",
}
"""Kind -> first part of the sentence on its page, where it is not "... are not drawn yet"."""


def present_attributes(request: Request) -> Page:
    """Present the main attributes of an object that is not drawn."""
    kind = request.instance.kind
    why = _WHY.get(kind, f"{kind.removesuffix('s').capitalize()}s are not drawn yet")
    return page_of(request, f"{why}; the main attributes are below, session.dataset(...) gives all of them.")


def page_of(request: Request, sentence: str, *, failed: bool = False) -> Page:
    """Return a page of the main attributes of an object, with a sentence.

    `failed` for an image that cannot be shown.
    """
    instance = request.instance
    keys = (
        "PatientName PatientID StudyDate StudyDescription Modality SeriesNumber SeriesDescription InstanceNumber"
        " ContentLabel ContentDescription Rows Columns NumberOfFrames PhotometricInterpretation SOPInstanceUID"
    ).split()
    rows = [
        ("SOP class", storage_name(instance.sop_class)),
        ("Transfer syntax", syntax_name(instance.blob.transfer_syntax)),
    ]
    values = [(k, text(found)) for k in keys if (found := instance.value(k)) is not None]
    hidden = [*rows, *((dictionary_description(k), MASK if k in PATIENT else v) for k, v in values)]
    rows += [(dictionary_description(k), masked(v, instance.blob) if k in PATIENT else v) for k, v in values]
    record = {"sop_instance": instance.uid, "sop_class": storage_name(instance.sop_class), "frame": request.frame}
    record |= {"stages": [], "why": sentence, "failed": failed}
    title = text(instance.value("SeriesDescription", "")) or storage_name(instance.sop_class)
    return page(instance.kind, title, sentence, rows, record, hidden)
