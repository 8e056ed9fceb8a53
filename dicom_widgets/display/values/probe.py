"""A pixel readout.

Column and row, stored value, modality value with unit, position in the patient (requirement ME1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from dicom_widgets.display.values.regions import region_at

if TYPE_CHECKING:
    from dicom_widgets.display.values.value_semantics import ValueSemantics


@dataclass(frozen=True)
class Probe:
    """One pixel of a frame."""

    column: int
    """From 1."""
    row: int
    stored: int | float | None = None
    """None for colours."""
    modality: float | None = None
    """None for colours, indices of a palette, and padding."""
    unit: str = ""
    rgb: tuple[int, int, int] | None = None
    patient: tuple[float, float, float] | None = None
    """Centre of the pixel in the patient's coordinates (LPS, mm)."""
    padding: bool = False
    suv: float | None = None
    region: tuple[tuple[float, str], tuple[float, str]] | None = None
    """Horizontal and vertical value of an ultrasound region, with their units."""
    note: str = ""
    """Why a value is not available: `SUV n/a: ...`."""
    difference: str = ""
    """Whose difference the value is, in words, where it is one; then there is no stored value."""
    real: tuple[tuple[str, float, str], ...] = ()
    """Name, value and unit of each Real World Value Mapping that has this stored value."""

    def __str__(self) -> str:
        words = [f"{self.column}, {self.row}"]
        if self.rgb is not None:
            words.append(f"RGB {', '.join(map(str, self.rgb))}")
        elif self.padding:
            words.append("no difference" if self.difference else f"padding ({self.stored:g})")
        elif self.modality is None:
            words.append(f"palette index {self.stored:g}")
        elif self.difference:
            words.append(f"{self.modality:.5g} {self.unit}".strip() + f" ({self.difference})")
        else:
            words.append(f"{self.modality:.5g} {self.unit}".strip() + f" (stored {self.stored:g})")
        if self.suv is not None:
            words.append(f"SUVbw {self.suv:.3g}")
        words += [f"{name} {found:.5g} {unit}".strip() for name, found, unit in self.real]
        words += [self.note] if self.note else []
        if self.region:
            words.append(" × ".join(f"{amount:.4g} {unit}".strip() for amount, unit in self.region))
        if self.patient:
            words.append("x {:.1f}, y {:.1f}, z {:.1f} mm".format(*self.patient))
        return " · ".join(words)


def probe(semantics: ValueSemantics, pixels: np.ndarray, column: int, row: int) -> Probe:
    """Read one pixel; window, inversion and presentation state do not matter.

    Parameters
    ----------
    semantics : ValueSemantics
        What the values of the frame mean.
    pixels : ndarray
        The decoded frame: (rows, columns) of stored values, or (rows, columns, 3) RGB; or the words of a difference.
    column, row : int
        From 1.

    Raises
    ------
    IndexError
        There is no such pixel.

    """
    if not (1 <= row <= pixels.shape[0] and 1 <= column <= pixels.shape[1]):
        raise IndexError(f"There is no pixel {column}, {row}: the image has {pixels.shape[1]} x {pixels.shape[0]}.")
    found = pixels[row - 1, column - 1]
    patient = semantics.point(column - 1, row - 1)
    here = region_at(semantics.regions, (column - 1, row - 1))
    region = ((here.x(column - 1), here.x.unit), (here.y(row - 1), here.y.unit)) if here else None
    if pixels.ndim == 3:
        return Probe(column, row, rgb=tuple(int(x) for x in found), patient=patient, region=region)  # type: ignore[arg-type]
    stored, difference = None if semantics.subtraction else found.item(), semantics.difference
    if semantics.modality is None or semantics.is_padding(found):
        hidden = semantics.modality is not None
        return Probe(column, row, stored, patient=patient, padding=hidden, region=region, difference=difference)
    measured = float(semantics.modality(np.array(found)))
    uptake = None if semantics.suv is None else measured * semantics.suv
    return Probe(
        column,
        row,
        stored,
        measured,
        semantics.unit,
        None,
        patient,
        False,
        uptake,
        region,
        semantics.note,
        difference,
        semantics.reality(found),
    )
