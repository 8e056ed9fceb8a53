"""The anatomy that an image shows, by its codes: `Maxilla · tooth 11` (requirement XR4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import items, text, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

_DENTAL: Final = "1.2.840.10008.5.1.4.1.1.1.3"
"""Digital Intra-Oral X-Ray Image, for presentation; with .1 for processing."""
_SEQUENCES: Final = ("AnatomicRegion", "PrimaryAnatomicStructure")
_MOST: Final = 8
"""The most codes that are named: a full mouth series has a few teeth an image."""


def anatomy_of(ds: Dataset, sop_class: str) -> str:
    """Return region and teeth of an intra-oral image, as these look alike; empty for other classes.

    Anatomic Region (0008,2218) and Primary Anatomic Structure Sequence (0008,2228), with their modifiers.
    """
    if not sop_class.startswith(_DENTAL):
        return ""
    return " · ".join(dict.fromkeys(w for name in _SEQUENCES for w in _said(ds, name) if w))


def _said(ds: Dataset, name: str) -> Iterator[str]:
    for code in items(ds, f"{name}Sequence")[:_MOST]:
        modifiers = [_meaning(m) for m in items(code, f"{name}ModifierSequence")[:_MOST]]
        yield " ".join(w for w in (_meaning(code), ", ".join(m for m in modifiers if m)) if w)


def _meaning(code: Dataset) -> str:
    """Return Code Meaning; for a tooth with a code of ISO 3950 its two digits first."""
    meaning, number, scheme = (
        text(value(code, k, ""), 64) for k in ("CodeMeaning", "CodeValue", "CodingSchemeDesignator")
    )
    if scheme.upper().startswith(("ISO3950", "ISO 3950", "IS3950")) and number:
        return f"tooth {number}" + (f" ({meaning})" if meaning and meaning != number else "")
    return meaning or number
