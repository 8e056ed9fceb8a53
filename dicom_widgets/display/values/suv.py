"""Standardized uptake values by body weight of PET images (QIBA's vendor-neutral formula; requirement NP5).

Where Series Time is later than the images, all slices share one reference time: what GE says of the scan, else the
earliest acquisition of the series that is held. A start of the injection later than the scan was the day before.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydicom.valuerep import DT

from dicom_widgets.dicom.values import items, listed, moment, number, text, value
from dicom_widgets.display.pipeline.view_settings import Window

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

USUAL: Final = 7
"""The SUVbw at which the scale of a PET ends by default: the usual range is 5 to 10; at 7 a liver is grey."""
TOPS: Final = (5, USUAL, 10, 15, 20)
"""Ends of the scale that can be chosen: 5 for faint uptake; brains and somatostatin receptors need more."""
_PHILIPS: Final = "Philips PET Private Group"
_GE: Final = "GEMS_PETD_01"
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Suv:
    """The factor from modality values to SUVbw in g/ml."""

    factor: float | None
    why: str
    """Where the factor comes from, or why there is none."""

    def window(self, top: float) -> Window | None:
        """Return the window from SUVbw 0 to `top`, in modality values; None where SUV is not known."""
        width = top / self.factor if self.factor else 0.0
        return Window(width / 2, width, "LINEAR_EXACT", f"SUV 0-{top:g}") if 0 < width < float("inf") else None

    def __str__(self) -> str:
        return f"SUVbw: {self.why}" if self.factor is not None else f"SUV n/a: {self.why}"


def suv_of(ds: Dataset, earliest: dt.datetime | None = None) -> Suv | None:
    """Return `suvbw` of an image with Units (0054,1001), that is a PET; None for others."""
    return suvbw(ds, earliest) if value(ds, "Units") is not None else None


def suvbw(ds: Dataset, earliest: dt.datetime | None = None) -> Suv:
    """Return the factor from modality values (rescaled by the slice's own slope) to SUVbw.

    Parameters
    ----------
    ds : Dataset
        Attributes of a PET image.
    earliest : datetime, optional
        The earliest acquisition of the series (`Store.earliest`): the time to which all slices are decay corrected
        where Series Time is later (a derived series). By default that of this image.

    """
    units = text(value(ds, "Units", "")).upper()
    if units == "GML":
        kind = text(value(ds, "SUVType", "BW")).upper()
        return Suv(1.0, "Units (0054,1001) GML") if kind == "BW" else Suv(None, f"SUV Type (0054,1006) is {kind}")
    missing = {"ATTN", "DECY"} - {text(c).upper() for c in listed(ds, "CorrectedImage")}
    if missing:
        return Suv(None, f"Corrected Image (0028,0051) lacks {' and '.join(sorted(missing))}")
    if units == "CNTS":
        return _of_counts(ds, earliest)
    if units != "BQML":
        return Suv(None, f"Units (0054,1001) are {units or 'absent'}")
    return _of_activity(ds, earliest)


def _of_counts(ds: Dataset, earliest: dt.datetime | None) -> Suv:
    """Return the factor of Philips' private attributes (7053,xx00) to SUV, and (7053,xx09) to Bq/ml."""
    direct, activity = _factor(ds, 0x00), _factor(ds, 0x09)
    if direct:
        return Suv(direct, f"SUV scale factor of {_PHILIPS} (7053,1000)")
    if not activity:
        return Suv(None, f"Units (0054,1001) are CNTS, and there is no factor of {_PHILIPS}")
    found = _of_activity(ds, earliest)
    if found.factor is None:
        return found
    return Suv(found.factor * activity, f"{found.why}; activity scale factor of {_PHILIPS} (7053,1009)")


def _factor(ds: Dataset, offset: int) -> float | None:
    try:
        found = float(_private(ds, 0x7053, _PHILIPS, offset))
    except ValueError:
        return None
    return found if 0 < found < float("inf") else None


def _private(ds: Dataset, group: int, creator: str, offset: int) -> str:
    try:
        found = ds.private_block(group, creator)[offset].value
    except KeyError:
        return ""
    return found.decode("ascii", "replace").strip(" \0") if isinstance(found, bytes) else text(found)


def _of_activity(ds: Dataset, earliest: dt.datetime | None) -> Suv:
    """Return weight / dose at the time that the images are decay corrected to, in g/Bq."""
    drug = next(iter(items(ds, "RadiopharmaceuticalInformationSequence")), None)
    if drug is None:
        return Suv(None, "Radiopharmaceutical Information Sequence (0054,0016) is absent")
    weight, dose, half = (
        number(ds, "PatientWeight"),
        number(drug, "RadionuclideTotalDose"),
        number(drug, "RadionuclideHalfLife"),
    )
    for found, name in (
        (weight, "Patient's Weight (0010,1030)"),
        (dose, "Radionuclide Total Dose (0018,1074)"),
        (half, "Radionuclide Half Life (0018,1075)"),
    ):
        if not found or found <= 0:
            return Suv(None, f"{name} is absent or 0")
    assert weight is not None
    assert dose is not None
    assert half is not None
    correction = text(value(ds, "DecayCorrection", "")).upper()
    if correction == "ADMIN":
        return Suv(weight * 1000 / dose, "decay corrected to the administration")
    if correction != "START":
        return Suv(None, f"Decay Correction (0054,1102) is {correction or 'absent'}")
    scan, which = _scan(ds, earliest)
    if scan is None:
        return Suv(None, "neither Series Time (0008,0031) nor Acquisition Time (0008,0032) is usable")
    given = _given(drug, scan)
    if given is None:
        return Suv(None, "Radiopharmaceutical Start Time (0018,1072) is absent")
    elapsed = (scan - given).total_seconds()
    left = dose * 2 ** (-max(0.0, elapsed) / half)
    if elapsed < 0 or left == 0:
        late, gone = "the administration is later than the scan", f"of the dose nothing is left after {elapsed:g} s"
        return Suv(None, late if elapsed < 0 else f"{gone}: Half Life (0018,1075) or a time is wrong")
    return Suv(weight * 1000 / left, f"decay of {elapsed:g} s, from {which}")


def _scan(ds: Dataset, earliest: dt.datetime | None) -> tuple[dt.datetime | None, str]:
    """Return the time to which the images are decay corrected: Series Time, if it is not later than the images."""
    series = moment(value(ds, "SeriesDate"), value(ds, "SeriesTime"))
    first = earliest or moment(value(ds, "AcquisitionDate") or value(ds, "SeriesDate"), value(ds, "AcquisitionTime"))
    if series and (first is None or series <= first):
        return series, "Series Time (0008,0031)"
    why = f"as Series Time (0008,0031) is {'later' if series else 'absent'}"
    if scan := _whole(_private(ds, 0x0009, _GE, 0x0D)):
        return scan, f"Scan Date and Time of {_GE} (0009,100D), {why}"
    of = "the earliest of the images held of the series" if earliest else "of the image"
    return first, f"Acquisition Time (0008,0032), {of}, {why}"


def _given(drug: Dataset, scan: dt.datetime) -> dt.datetime | None:
    """Return the time of administration; a time of day without a date is the last one before the scan."""
    if whole := _whole(text(value(drug, "RadiopharmaceuticalStartDateTime", ""))):
        return whole
    found = moment(scan.strftime("%Y%m%d"), value(drug, "RadiopharmaceuticalStartTime"))
    return found - _DAY if found and found > scan else found


def _whole(said: str) -> dt.datetime | None:
    """Return a date and time (DT) as the clock at the scanner showed it, or None where it is invalid."""
    try:
        return DT(said).replace(tzinfo=None) if said else None
    except ValueError:
        return None
