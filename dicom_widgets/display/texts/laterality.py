"""Side and view of a projection, as they are written: `R MLO ID` (requirements XR2, XR6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import items, text, value

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_VIEWS: Final = {
    "399188001": "SIO", "R-102D0": "SIO",
    "399260004": "ML", "R-10224": "ML",
    "399192008": "XCCL", "R-1024A": "XCCL",
    "399368009": "MLO", "R-10226": "MLO",
    "399352003": "LM", "R-10228": "LM",
    "399099002": "LMO", "R-10230": "LMO",
    "399162004": "CC", "R-10242": "CC",
    "441555000": "ISO", "R-40AAA": "ISO",
    "399196006": "FB", "R-10244": "FB",
    "399101009": "XCCM", "R-1024B": "XCCM",
}  # fmt: skip
"""View Code of mammography (PS3.16 CID 4014), as SNOMED CT and as it was before, and their abbreviations."""
_MODIFIERS: Final = {
    "399226006": "RM", "R-102D4": "RM",
    "399197002": "RL", "R-102D3": "RL",
    "415670009": "RS", "R-102C9": "RS",
    "414493004": "RI", "R-102CA": "RI",
    "399055006": "S", "R-102D7": "S",
    "399163009": "M", "R-102D6": "M",
    "399161006": "CV", "R-102D2": "CV",
    "399011000": "AT", "R-102D1": "AT",
    "399110001": "TAN", "R-102C2": "TAN",
    "399209000": "ID", "R-102D5": "ID",
    "441752004": "AC", "P2-00161": "AC",
    "442593008": "IMF", "R-40ABE": "IMF",
    "442580003": "AX", "R-40AB2": "AX",
    "442581004": "NP", "R-40AB3": "NP",
}  # fmt: skip
"""View Modifier Code (PS3.16 CID 4015)."""


def laterality_of(ds: Dataset) -> str:
    """Return L, R, B (both) or U (unpaired), or empty where the object does not say.

    Image Laterality (0020,0062), else Laterality (0020,0060) of the series, else Frame Laterality (0020,9072), which
    `Instance.attributes(frame)` has laid over the top level.
    """
    for keyword in ("ImageLaterality", "Laterality", "FrameLaterality"):
        side = text(value(ds, keyword, "")).upper()
        if side in ("L", "R", "B", "U"):
            return side
    return ""


def view_of(ds: Dataset) -> str:
    """Return the view with its modifiers: `MLO ID`, or View Position (0018,5101) where no code names it.

    A code without an abbreviation is written with its meaning.
    """
    for code in items(ds, "ViewCodeSequence")[:1]:
        modifiers = [_short(m, _MODIFIERS) for m in items(code, "ViewModifierCodeSequence")]
        words = " ".join(w for w in (_short(code, _VIEWS), *modifiers) if w)
        if words:
            return words
    return text(value(ds, "ViewPosition", ""), 16)


def _short(code: Dataset, names: dict[str, str]) -> str:
    return names.get(text(value(code, "CodeValue", "")), "") or text(value(code, "CodeMeaning", ""), 40)


def side_and_view(ds: Dataset) -> str:
    """Return side and view: `R MLO ID`; an unpaired part has no side."""
    return " ".join(w for w in (laterality_of(ds).replace("U", ""), view_of(ds)) if w)
