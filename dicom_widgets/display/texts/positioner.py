"""Angles of a C-arm, as they are written: `RAO 30° CRA 15°` (PS3.3 C.8.7.5; requirement CI4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import number, text, value

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_ANGLES: Final = (
    ("PositionerPrimaryAngle", "LAO", "RAO", 180.0),
    ("PositionerSecondaryAngle", "CRA", "CAU", 90.0),
)
"""Attribute, names of positive and negative angles, and the largest possible one."""

_UPRIGHT: Final = ("MG", "DX", "CR", "IO", "PX")


def angles_of(ds: Dataset) -> str:
    """Return the angles of the positioner; of a moving one those of the first frame. Empty where they are not known.

    Mammography and other devices without a C-arm count them differently (PS3.3 C.8.11.5, C.8.11.7): empty for them.
    """
    if text(value(ds, "Modality", "")) in _UPRIGHT and text(value(ds, "PositionerType", "")).upper() != "CARM":
        return ""
    words = []
    for keyword, positive, negative, most in _ANGLES:
        found = number(ds, keyword)
        if found is not None and abs(found) <= most:
            degrees = round(abs(found), 1)
            side = positive if found > 0 else negative
            words.append(f"{side} {degrees:g}°" if degrees else f"{positive}/{negative} 0°")
    moving = words and text(value(ds, "PositionerMotion", "")).upper() == "DYNAMIC"
    return " ".join([*words, "at its start, moving"] if moving else words)
