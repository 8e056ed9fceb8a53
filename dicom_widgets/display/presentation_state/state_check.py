"""Whether a presentation state is sound: a broken one is not applied by itself (requirement PS20).

Half a state would be another picture than its author meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.dicom.header import Truncated, Unusual, header
from dicom_widgets.dicom.values import items, number, value
from dicom_widgets.display.pipeline.grayscale import table_of, voi_choices
from dicom_widgets.errors import NotDicom

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.instance import Instance


def state_problem(state: Instance) -> str:
    """Return why a state is broken; empty where it is sound."""
    syntax = state.blob.transfer_syntax
    try:
        if syntax.is_little_endian:
            header(state.blob.data, implicit=syntax.is_implicit_VR, wanted=(), stop=())
    except Truncated:
        return "it is cut off"
    except Unusual:
        pass  # pydicom decides
    try:
        return _unusable(state.attributes())
    except NotDicom:
        return "it cannot be read"


def _unusable(ds: Dataset) -> str:
    """Return which stage of a state is unusable; empty where none is (PS3.3 C.11.1, C.11.6, C.11.8, C.10.6)."""
    if any(table_of(item, signed=False) is None for item in items(ds, "ModalityLUTSequence")[:1]):
        return "its Modality LUT (0028,3000) is broken"
    if any(not list(voi_choices(item)) for item in items(ds, "SoftcopyVOILUTSequence")):
        return "an item of its Softcopy VOI LUT Sequence (0028,3110) has neither a window nor a usable LUT"
    if any(table_of(item, signed=False) is None for item in items(ds, "PresentationLUTSequence")):
        return "its Presentation LUT (2050,0010) is broken"
    if value(ds, "ImageRotation") is not None and number(ds, "ImageRotation") not in (0, 90, 180, 270):
        return "its Image Rotation (0070,0042) is no quarter turn"
    return ""
