"""What a pixel is: place, stored value, modality value with its unit, millimetres of the patient (requirement ME1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.display.grayscale import modality_of, padding_of
from dicom_widgets.display.regions import region_at, regions_of
from dicom_widgets.display.suv import suvbw
from dicom_widgets.geometry import plane
from dicom_widgets.values import listed, number, numbers, text, value

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicom_widgets.instance import Instance

_UNITS: Final = {"US": "", "UNSPECIFIED": "", "OD": "OD", "HU": "HU", "GY": "Gy", "CNTS": "counts", "BQML": "Bq/ml"} | {
    "GML": "g/ml", "PROPCNTS": "", "PROPCPS": "", "NONE": "", "PCNT": "%", "CPS": "counts/s", "MLMING": "ml/min/g",
}  # fmt: skip
"""Rescale Type (0028,1054), Units (0054,1001) and Dose Units (3004,0002), and how they are written."""
_CT: Final = frozenset("1.2.840.10008.5.1.4.1.1." + n for n in ("2", "2.1"))
_NM: Final = "1.2.840.10008.5.1.4.1.1.20"


@dataclass(frozen=True)
class Probe:
    """One pixel of a frame."""

    column: int
    """From 1."""
    row: int
    stored: int | float | None = None
    """None for colours."""
    modality: float | None = None
    """None for colours and padding."""
    unit: str = ""
    rgb: tuple[int, int, int] | None = None
    patient: tuple[float, float, float] | None = None
    """Centre of the pixel in the patient's coordinates (LPS, mm)."""
    padding: bool = False
    suv: float | None = None
    region: tuple[tuple[float, str], tuple[float, str]] | None = None
    """Horizontal and vertical value of an ultrasound region, with their units."""
    note: str = ""
    """What the value is not, and why: `SUV n/a: ...`."""

    def __str__(self) -> str:
        words = [f"{self.column}, {self.row}"]
        if self.rgb is not None:
            words.append(f"RGB {', '.join(map(str, self.rgb))}")
        elif self.padding:
            words.append(f"padding ({self.stored:g})")
        else:
            words.append(f"{self.modality:.5g} {self.unit}".strip() + f" (stored {self.stored:g})")
        if self.suv is not None:
            words.append(f"SUVbw {self.suv:.3g}")
        words += [self.note] if self.note else []
        if self.region:
            words.append(" × ".join(f"{amount:.4g} {unit}".strip() for amount, unit in self.region))
        if self.patient:
            words.append("x {:.1f}, y {:.1f}, z {:.1f} mm".format(*self.patient))
        return " · ".join(words)


def probe(instance: Instance, frame: int, pixels: np.ndarray, column: int, row: int) -> Probe:
    """Return what a pixel is, whatever window, inversion or presentation state it is looked at with.

    Parameters
    ----------
    instance : Instance
    frame : int
        From 1.
    pixels : ndarray
        The decoded frame: (rows, columns) of stored values, or (rows, columns, 3) RGB.
    column, row : int
        From 1.

    Raises
    ------
    IndexError
        There is no such pixel.

    """
    if not (1 <= row <= pixels.shape[0] and 1 <= column <= pixels.shape[1]):
        raise IndexError(f"There is no pixel {column}, {row}: the image has {pixels.shape[1]} x {pixels.shape[0]}.")
    ds, found = instance.attributes(frame), pixels[row - 1, column - 1]
    patient = point(instance, frame, column - 1, row - 1)
    here = region_at(regions_of(ds), (column - 1, row - 1))
    region = ((here.x(column - 1), here.x.unit), (here.y(row - 1), here.y.unit)) if here else None
    if pixels.ndim == 3:
        return Probe(column, row, rgb=tuple(int(x) for x in found), patient=patient, region=region)  # type: ignore[arg-type]
    stored = found.item()
    padded = padding_of(ds, signed=pixels.dtype.kind == "i")
    if padded and padded[0] <= stored <= padded[1]:
        return Probe(column, row, stored, patient=patient, padding=True, region=region)
    measured = float(modality_of(ds)[0](np.array(found)))
    suv = suvbw(ds) if value(ds, "Units") is not None else None
    uptake = measured * suv.factor if suv and suv.factor is not None else None
    note = str(suv) if suv and uptake is None else ""
    return Probe(
        column, row, stored, measured, unit_of(ds, instance.sop_class), None, patient, False, uptake, region, note
    )


def point(instance: Instance, frame: int, column: float, row: float) -> tuple[float, float, float] | None:
    """Return where a point of a frame lies in the patient (LPS, mm), counted from 0 at the first pixel's centre.

    None where the frame has no plane or no spacing (PS3.3 equation C.7.6.2.1-1).
    """
    here = plane(instance, frame)
    pair = numbers(instance.attributes(frame), "PixelSpacing", 2)
    if here is None or pair is None:
        return None
    x, y, z = np.array(here.position) + pair[1] * column * np.array(here.row) + pair[0] * row * np.array(here.column)
    return float(x), float(y), float(z)


def unit_of(ds: Dataset, sop_class: str) -> str:
    """Return the unit of modality values: HU only where the object or its class says so (requirement ME1)."""
    if number(ds, "DoseGridScaling") is not None:
        return _UNITS.get(text(value(ds, "DoseUnits", "")).upper(), "")
    units = text(value(ds, "Units", ""))
    if units:
        return _UNITS.get(units.upper(), units)
    kind = text(value(ds, "RescaleType", ""))
    if kind:
        return _UNITS.get(kind.upper(), kind)
    kinds = {text(t).upper() for t in listed(ds, "ImageType")} | {text(t).upper() for t in listed(ds, "FrameType")}
    if sop_class in _CT and number(ds, "RescaleSlope") is not None and "LOCALIZER" not in kinds:
        return "HU"  # PS3.3 C.8.2.1: for other than localizers
    return "counts" if sop_class == _NM else ""
