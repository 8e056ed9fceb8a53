"""Value semantics: what values and distances of a frame mean, whatever window or state is applied (requirement ME1).

Pages get them with each frame, so that probe and figures of measurements work while the kernel is busy; both sides use
the same formulas. An XA, for example, is displayed without its Modality LUT, but probed with it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.values import items, listed, number, numbers, text, value
from dicom_widgets.display.pipeline.grayscale import Modality, is_padding, modality_of, padding_of, table_of
from dicom_widgets.display.values.realworld import RealWorld, real_world_of
from dicom_widgets.display.values.regions import Region, regions_of
from dicom_widgets.display.values.spacing import Spacing, spacing_of
from dicom_widgets.display.values.suv import suv_of
from dicom_widgets.geometry.plane import Plane, pixel_aspect, plane_of

if TYPE_CHECKING:
    import datetime as dt

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.values.subtraction import Subtraction

_UNITS: Final = {
    "US": "", "UNSPECIFIED": "", "OD": "mOD", "HU": "HU", "HU_MOD": "HU (modified)", "MGML": "mg/ml", "Z_EFF": "Z",
    "ED": "10²³ e/ml", "EDW": "of water", "PCT": "%", "GY": "Gy",
    "CNTS": "counts", "NONE": "", "CM2": "cm²", "CM2ML": "cm²/ml", "PCNT": "%", "CPS": "counts/s", "BQML": "Bq/ml",
    "MGMINML": "mg/min/ml", "UMOLMINML": "µmol/min/ml", "MLMING": "ml/min/g", "MLG": "ml/g", "1CM": "1/cm",
    "UMOLML": "µmol/ml", "PROPCNTS": "", "PROPCPS": "", "MLMINML": "ml/min/ml", "MLML": "ml/ml", "GML": "g/ml",
    "STDDEV": "SD",
}  # fmt: skip
"""Rescale Type (0028,1054), Modality LUT Type (0028,3004), Units (0054,1001) and Dose Units (3004,0002), and how they
are written; 2140 of OD is an optical density of 2.140 (PS3.3 C.11.1.1.2, C.8.9.1.1.3)."""
_CT: Final = frozenset("1.2.840.10008.5.1.4.1.1." + n for n in ("2", "2.1"))
_NM: Final = "1.2.840.10008.5.1.4.1.1.20"


@dataclass(frozen=True, eq=False)
class ValueSemantics:
    """All that is needed to read values and distances of one frame; pages get the same."""

    instance: str = ""
    """SOP Instance UID."""
    frame: int = 1
    modality: Modality | None = None
    """From stored to modality values, as the object itself says; None for colours."""
    unit: str = ""
    """Unit of modality values."""
    padding: tuple[int, int] | None = None
    """First and last stored value of padding, inclusive."""
    spacing: Spacing = field(default_factory=Spacing)
    aspect: float = 1.0
    """Height of a pixel divided by its width, known even where the spacing is not."""
    plane: Plane | None = None
    pitch: tuple[float, float] | None = None
    """Millimetres of the patient between rows and between columns."""
    regions: tuple[Region, ...] = ()
    suv: float | None = None
    """Factor from modality values to SUVbw in g/ml."""
    note: str = ""
    """Why a value is not available: `SUV n/a: ...`."""
    real: tuple[RealWorld, ...] = ()
    """Real World Value Mappings, but those that say the same as the rescale."""
    tile: tuple[int, int] | None = None
    """Columns and rows after which the next frame of a sheet begins."""
    subtraction: Subtraction | None = None
    """The mask, where the values are differences of the frame and a mask."""

    @property
    def difference(self) -> str:
        """Whose difference the values are, in words: `frame 5 − 1`; else empty."""
        return (
            self.subtraction.words(self.frame) + (", logarithms" if self.unit == "ln" else "")
            if self.subtraction
            else ""
        )

    def point(self, column: float, row: float) -> tuple[float, float, float] | None:
        """Return the position of a point in the patient (LPS, mm); 0, 0 is the centre of the first pixel.

        None where the frame has no plane or no spacing (PS3.3 equation C.7.6.2.1-1).
        """
        if self.plane is None or self.pitch is None:
            return None
        across, down = np.array(self.plane.row), np.array(self.plane.column)
        x, y, z = np.array(self.plane.position) + self.pitch[1] * column * across + self.pitch[0] * row * down
        return float(x), float(y), float(z)

    def is_padding(self, stored: np.ndarray) -> np.ndarray:
        """Return where stored values are padding."""
        return is_padding(stored, self.padding)

    def reality(self, stored: np.ndarray) -> tuple[tuple[str, float, str], ...]:
        """Return name, real world value and unit of one stored value, for each mapping whose range contains it."""
        found = ((r.name, float(r(stored)), r.unit) for r in self.real)
        return tuple(f for f in found if not np.isnan(f[1]))

    def message(self) -> dict[str, Any]:
        """Return them as pages get them, JSON-able; a table travels as a buffer of its own."""
        table = self.modality.table if self.modality else None
        line = {"slope": self.modality.slope, "intercept": self.modality.intercept} if self.modality else None
        here = self.plane
        return {
            "instance": self.instance,
            "frame": self.frame,
            "modality": {"first": table.first} if table else line,
            "unit": self.unit,
            "padding": self.padding,
            "aspect": self.aspect,
            "plane": [here.position, here.row, here.column] if here and self.pitch else None,
            "pitch": self.pitch,
            "regions": [asdict(r) for r in self.regions],
            "suv": self.suv,
            "note": self.note,
            "subtraction": self.subtraction.message() if self.subtraction else None,
            "difference": self.difference,
            "tile": self.tile,
            "real": [r.message() for r in self.real],
        }


def semantics_of(instance: Instance, frame: int, earliest: dt.datetime | None = None) -> ValueSemantics:
    """Return what the values of a frame mean.

    Parameters
    ----------
    instance, frame : Instance, int
    earliest : datetime, optional
        The earliest acquisition of its series, as `suvbw` takes it.

    """
    ds = instance.attributes(frame)
    color = (number(ds, "SamplesPerPixel") or 1) > 1 or value(ds, "PhotometricInterpretation") == "PALETTE COLOR"
    suv = None if color else suv_of(ds, earliest)
    pair = numbers(ds, "PixelSpacing", 2)
    modality = None if color else modality_of(ds)[0]
    unit = "" if color else unit_of(ds, instance.sop_class)
    return ValueSemantics(
        instance.uid,
        frame,
        modality,
        unit,
        None if color else padding_of(ds, signed=number(ds, "PixelRepresentation") == 1),
        spacing_of(ds, instance.sop_class),
        pixel_aspect(instance, frame),
        plane_of(instance, frame),
        (pair[0], pair[1]) if pair else None,
        regions_of(ds),
        suv.factor if suv else None,
        str(suv) if suv and suv.factor is None else "",
        tuple(r for r in real_world_of(ds) if not _same(r, modality, unit)) if modality is not None else (),
    )


def _same(real: RealWorld, modality: Modality, unit: str) -> bool:
    """Whether a mapping only repeats the rescale, as in many enhanced MR objects."""
    line = (real.slope, real.intercept) == (modality.slope, modality.intercept)
    return line and real.table is None and modality.table is None and real.unit in ("", unit)


def unit_of(ds: Dataset, sop_class: str) -> str:
    """Return the unit of modality values: HU only where the object or its class says so (requirement ME1)."""
    if number(ds, "DoseGridScaling") is not None:
        return _UNITS.get(text(value(ds, "DoseUnits", "")).upper(), "")
    units = text(value(ds, "Units", ""))
    if units:
        return _UNITS.get(units.upper(), units)
    lut = next(iter(items(ds, "ModalityLUTSequence")), None)
    usable = lut is not None and table_of(lut, signed=False) is not None
    kind = text(value(lut, "ModalityLUTType", "") if lut is not None and usable else value(ds, "RescaleType", ""))
    if kind or usable:
        return _UNITS.get(kind.upper(), kind)
    kinds = {text(t).upper() for t in listed(ds, "ImageType")} | {text(t).upper() for t in listed(ds, "FrameType")}
    if sop_class in _CT and number(ds, "RescaleSlope") is not None and "LOCALIZER" not in kinds:
        return "HU"  # PS3.3 C.8.2.1: for other than localizers
    return "counts" if sop_class == _NM else ""
