"""The texts in the corners of a picture, and the letters at its edges (requirements CI4, TX1, TX3, TX4, XR2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.dicom.charsets import MARK
from dicom_widgets.dicom.values import finite, listed, number, text, value
from dicom_widgets.display.texts.anatomy import anatomy_of
from dicom_widgets.display.texts.laterality import side_and_view
from dicom_widgets.display.texts.positioner import angles_of
from dicom_widgets.display.values.spacing import spacing_of
from dicom_widgets.geometry.plane import plane_of, position_label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.instance import Instance

_FLAGS: Final = {
    "PatientIdentityRemoved": "De-identified",
    "BurnedInAnnotation": "Text in the pixels may name the patient",
    "QualityControlImage": "Quality control",
    "BreastImplantPresent": "Implant",
    "PartialView": "Partial view",
}
"""Attribute -> text where it is YES (requirements TX4, XR3)."""
_LOSSY: Final = frozenset({50, 51, 81, 91, 203})
_METHODS: Final = {
    "ISO_10918_1": "JPEG",
    "ISO_14495_1": "JPEG-LS",
    "ISO_15444_1": "JPEG 2000",
    "ISO_15444_15": "HTJ2K",
    "ISO_13818_2": "MPEG-2",
    "ISO_14496_10": "H.264",
    "ISO_23008_2": "H.265",
}
"""Lossy Image Compression Method (0028,2114)."""
_CAPTURES: Final = tuple(f"1.2.840.10008.5.1.4.1.1.7{n}" for n in ("", ".1", ".2", ".3", ".4"))
_CONVERSIONS: Final = {
    "DV": "Digitized video",
    "DI": "Digital interface",
    "DF": "Digitized film",
    "WSD": "Workstation",
    "SD": "Scanned document",
    "SI": "Scanned image",
    "DRW": "Drawing",
    "SYN": "Synthetic image",
}
"""Conversion Type (0008,0064) of secondary captures."""


def is_lossy(instance: Instance, ds: Dataset) -> bool:
    """Whether the pixels were compressed with loss at any time, or may have been."""
    suffix = instance.blob.transfer_syntax.rpartition(".4.")[2]
    return text(value(ds, "LossyImageCompression", "")) == "01" or (suffix.isdigit() and int(suffix) in _LOSSY)


def orientation_letters(instance: Instance, frame: int, ds: Dataset) -> tuple[str, str]:
    """Return the letters of the directions of rows and columns; empty where they are not known, and for animals."""
    if value(ds, "AnatomicalOrientationType") == "QUADRUPED":  # the letters are those of a person (requirement TX2)
        return "", ""
    here = plane_of(instance, frame)
    if here:
        return here.letters()
    found = listed(ds, "PatientOrientation")
    letters = [text(x).upper() for x in found] if len(found) == 2 else ["", ""]
    return tuple(x if x and set(x) <= set("RLAPHF") else "" for x in letters)  # type: ignore[return-value]


def corner_texts(instance: Instance, frame: int, ds: Dataset, notes: Iterable[str]) -> dict[str, list[str]]:
    """Return the lines of each corner (tl, tr, bl, br); pages add what changes: window, zoom, slice.

    Parameters
    ----------
    instance, frame : Instance, int
    ds : Dataset
        Attributes of the frame.
    notes : iterable of str
        Notes on the picture, for the bottom right.

    """

    def get(keyword: str) -> str:
        return text(value(ds, keyword, ""), 64)

    born = " ".join(w for w in (_date(get("PatientBirthDate")), get("PatientSex")) if w)
    when = " ".join(w for w in (_date(get("StudyDate")), _time(get("StudyTime"))) if w)
    thick, pulled = number(ds, "SliceThickness"), number(ds, "IntravascularLongitudinalDistance")
    here, said = plane_of(instance, frame), number(ds, "SliceLocation")
    place = (
        position_label(here.normal, here.distance) if here else "" if said is None else f"Slice Location {said:g} mm"
    )
    lossy = [_lossy(ds)] if is_lossy(instance, ds) else []
    array = "PatientName" not in ds and get("ConversionType") == "SYN"  # an array of the notebook has no patient
    who = [get("PatientName") or "(no name)", get("PatientID") or "(no ID)", born]
    part = get("PartialViewDescription") if get("PartialView").upper() == "YES" else ""
    lines = {
        "tl": [] if array else who,
        "tr": [get("InstitutionName"), get("StudyDescription"), when, get("AccessionNumber")],
        "bl": [
            series_of(ds),
            get("DataType").replace("_", " ").lower(),
            side_and_view(ds),
            anatomy_of(ds, instance.sop_class),
            angles_of(ds),
            " · ".join(w for w in (place, f"{thick:g} mm thick" if thick else "") if w),
            f"{pulled:g} mm along the pullback" if pulled is not None else "",
            "" if array else _captured(ds, instance.sop_class),
        ],
        "br": [*lossy, *(words for keyword, words in _FLAGS.items() if get(keyword).upper() == "YES"), part, *notes],
    }
    if any(MARK in line for words in lines.values() for line in words):
        lines["br"].append(f"{MARK}: bytes that the character set does not have")
    return {corner: [w for w in words if w] for corner, words in lines.items()}


def series_of(ds: Dataset) -> str:
    """Return the name of a series: `CT 3 Head 2.5 mm`."""
    return " ".join(w for k in ("Modality", "SeriesNumber", "SeriesDescription") if (w := text(value(ds, k, ""), 64)))


def _lossy(ds: Dataset) -> str:
    """Return how an image was compressed: `Lossy 8:1 JPEG`."""
    ratio = ", ".join(map(_ratio, listed(ds, "LossyImageCompressionRatio")))
    named = [text(m, 16) for m in listed(ds, "LossyImageCompressionMethod")]
    methods = ", ".join(dict.fromkeys(_METHODS.get(m, m) for m in named))
    return " ".join(w for w in ("Lossy", f"{ratio}:1" if ratio else "", methods) if w)


def _captured(ds: Dataset, sop_class: str) -> str:
    """Return how a secondary capture was made, and that it is not for measurement where it has no spacing (VL2)."""
    if sop_class not in _CAPTURES:
        return ""
    kind = text(value(ds, "ConversionType", ""), 16).upper()
    plain = "" if spacing_of(ds, sop_class).unit == "mm" else "not for measurement"
    return " · ".join(w for w in (_CONVERSIONS.get(kind, kind), plain) if w)


def _ratio(raw: Any) -> str:
    """Return a compression ratio with three digits; writers give up to 16."""
    ratio = finite(raw)
    return text(raw, 16) if ratio is None else f"{ratio:.3g}"


def _date(raw: Any) -> str:
    d = text(raw).replace(".", "")  # as ACR-NEMA had it
    return f"{d[:4]}-{d[4:6]}-{d[6:8]}" if len(d) == 8 and d.isdigit() else d


def _time(raw: Any) -> str:
    """Return hours and minutes."""
    t = text(raw).replace(":", "")
    return f"{t[:2]}:{t[2:4]}" if t[:4].isdigit() and len(t) >= 4 else t
