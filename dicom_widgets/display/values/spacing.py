"""Pixel spacing, and how far it can be trusted (PS3.3 10.7.1; requirements ME2, ME3, ME5).

The same attribute means different things in different classes: Pixel Spacing alone on a projection is "calibration
unknown", and equal to the imager's it is "at detector". Ultrasound is measured by its regions only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import listed, numbers, text, value
from dicom_widgets.display.values.regions import SOURCE, regions_of

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_CLASSES: Final = "1.2.840.10008.5.1.4.1.1."
_PROJECTIONS: Final = frozenset(_CLASSES + n for n in ("1", "1.1", "1.2", "1.3", "7", "7.4", "12.1", "12.2"))
_ULTRASOUND: Final = frozenset(_CLASSES + n for n in ("3", "3.1", "6", "6.1"))
_RETINA: Final = _CLASSES + "77.1.5.1"
_CROSS_SECTIONS: Final = frozenset(
    _CLASSES + n for n in ("2", "2.1", "4", "4.1", "6.2", "13.1.3", "14.1", "20", "66.4", "128", "481.2")
)
_AGREEING: Final = 0.01
"""Relative difference up to which the scales of ultrasound regions agree."""


@dataclass(frozen=True)
class Spacing:
    """Distances between the centres of neighbouring pixels."""

    down: float = 1.0
    """Between rows."""
    across: float = 1.0
    """Between columns."""
    unit: str = "px"
    """mm, or px where no spacing is known."""
    label: str = ""
    """Qualifies a length: calibrated, at detector, ...; empty for millimetres of the patient."""
    source: str = "no spacing"
    """The attribute, or why there is none. A spacing of ultrasound regions holds inside of them only."""


def spacing_of(ds: Dataset, sop_class: str) -> Spacing:
    """Return the spacing of a frame, by which lengths are measured.

    Parameters
    ----------
    ds : Dataset
        Attributes of the frame (`Instance.attributes(frame)`).
    sop_class : str
        SOP Class UID: the same attribute means something else in a projection and in a cross-section.

    """
    if text(value(ds, "VolumetricProperties", "")) == "DISTORTED":
        return Spacing(source="Volumetric Properties (0008,9206) DISTORTED: distances mean nothing")
    if sop_class in _ULTRASOUND:
        return _of_regions(ds)
    pixel, imager, scanned = (
        _pair(ds, k) for k in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
    )
    own = "Pixel Spacing (0028,0030)"
    if pixel and sop_class == _RETINA:
        return Spacing(*pixel, "mm", "nominal", own)
    if pixel and sop_class in _CROSS_SECTIONS:
        localizer = "LOCALIZER" in [text(t) for t in listed(ds, "ImageType")]
        return Spacing(*pixel, "mm", "localizer" if localizer else "", own)
    if pixel and (label := _calibration(ds, sop_class, pixel, imager, scanned)):
        return Spacing(*pixel, "mm", label, own)
    if imager and (pixel is None or pixel == imager):
        # Estimated Radiographic Magnification Factor (0018,1114) is not applied: lengths are those at the detector
        return Spacing(*imager, "mm", "at detector", "Imager Pixel Spacing (0018,1164)")
    if scanned:
        return Spacing(*scanned, "mm", "nominal", "Nominal Scanned Pixel Spacing (0018,2010)")
    return Spacing()


def _of_regions(ds: Dataset) -> Spacing:
    """Return the spacing inside of the regions of an ultrasound image that are measured in cm, where they agree (US1).

    Outside of them lengths stay in pixels (`measurements.figures`).
    """
    found = regions_of(ds)
    pairs = [(10 * abs(r.y.delta), 10 * abs(r.x.delta)) for r in found if r.lengths]
    if not pairs:
        return Spacing(source=f"ultrasound: no region in cm, {SOURCE}")
    if any(abs(a / b - 1) > _AGREEING for pair in pairs for a, b in zip(pair, pairs[0], strict=True)):
        words = ", ".join(f"{down:.3g} x {across:.3g} mm" for down, across in dict.fromkeys(pairs))
        return Spacing(source=f"ultrasound: regions that differ, {words}, {SOURCE}")
    return Spacing(*pairs[0], "mm", "" if all(r.lengths for r in found) else "2D region", SOURCE)


def _calibration(
    ds: Dataset,
    sop_class: str,
    pixel: tuple[float, float],
    imager: tuple[float, float] | None,
    scanned: tuple[float, float] | None,
) -> str:
    """Return how Pixel Spacing was calibrated.

    Empty where it only repeats the spacing of the detector or the scanner.
    """
    kind = text(value(ds, "PixelSpacingCalibrationType", "")).upper()
    if kind in ("GEOMETRY", "FIDUCIAL") and sop_class in _PROJECTIONS:
        return f"calibrated ({kind.lower()})"
    return "" if pixel in (imager, scanned) else "calibration unknown"


def _pair(ds: Dataset, keyword: str) -> tuple[float, float] | None:
    """Return two positive distances: the first one between rows (PS3.3 10.7.1.3)."""
    found = numbers(ds, keyword, 2)
    return (found[0], found[1]) if found and min(found) > 0 else None
