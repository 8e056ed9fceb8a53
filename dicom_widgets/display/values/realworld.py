"""Real world values of stored values (PS3.3 C.7.6.16.2.11; MF5).

They stand beside the modality values and never replace them: a mapping starts from stored values and has a range,
outside of which there is no value (NaN in arrays).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.values import finite, items, listed, number, text, value
from dicom_widgets.display.pipeline.grayscale import signed_value
from dicom_widgets.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

FIRST: Final = "real world"
"""The name for the first mapping, whatever its label is."""
_KEYS: Final = ("RealWorldValue{}ValueMapped", "DoubleFloatRealWorldValue{}ValueMapped")
_UNITS: Final = {"1": "", "[hnsf'U]": "HU", "[arb'U]": ""}
"""UCUM units that are shown differently, or not at all."""


@dataclass(frozen=True, eq=False)
class RealWorld:
    """One mapping of stored values: a straight line, or a table."""

    name: str
    """LUT Label (0040,9210)."""
    unit: str = ""
    """Measurement Units Code Sequence (0040,08EA), as UCUM writes it."""
    first: float = -math.inf
    """The smallest stored value that is mapped."""
    last: float = math.inf
    slope: float = 1.0
    intercept: float = 0.0
    table: np.ndarray | None = None
    """float64, (n,): what `first`, `first` + 1, ... stand for, instead of the line."""

    def __call__(self, stored: np.ndarray) -> np.ndarray:
        """Return real world values, float64, of the same shape; NaN where a value is not mapped."""
        x = stored.astype(np.float64)
        if self.table is None:
            found = x * self.slope + self.intercept
        else:
            index = np.clip(np.floor(x - self.first + 0.5), 0, len(self.table) - 1).astype(np.intp)
            found = self.table[index]
        return np.where((x >= self.first) & (x <= self.last), found, np.nan)

    def message(self) -> dict[str, Any]:
        """Return the mapping as pages get it, JSON-able; a table travels as a buffer of its own."""
        ends = {k: v if math.isfinite(v) else None for k, v in (("first", self.first), ("last", self.last))}
        return {"name": self.name, "unit": self.unit, "slope": self.slope, "intercept": self.intercept, **ends}


def real_world_named(ds: Dataset, values: str) -> RealWorld:
    """Return a mapping of a frame by its name; "real world" is the first one.

    Raises
    ------
    NotFound
        There is none at all.
    ValueError
        None has this name.

    """
    found = real_world_of(ds)
    if values == FIRST:
        if not found:
            raise NotFound(
                "This image has no Real World Value Mapping (0040,9096) that could be read; its modality values are"
                ' what values="modality" gives.'
            )
        return found[0]
    named = next((r for r in found if r.name.casefold() == values.casefold()), None)
    if named is None:
        names = "".join(f", {r.name}" for r in found)
        raise ValueError(f"values={values!r} is not known; modality, stored, display, {FIRST}{names} are.")
    return named


def real_world_of(ds: Dataset) -> tuple[RealWorld, ...]:
    """Return the usable mappings of a frame; equal names are numbered.

    Parameters
    ----------
    ds : Dataset
        Attributes of the frame: `Instance.attributes(frame)` takes the mappings of its functional groups.

    """
    found: dict[str, RealWorld] = {}
    for mapping in _mappings(ds):
        name, n = mapping.name, 2
        while name in found:
            name, n = f"{mapping.name} ({n})", n + 1
        found[name] = RealWorld(**{**vars(mapping), "name": name})
    return tuple(found.values())


def _mappings(ds: Dataset) -> Iterator[RealWorld]:
    signed = number(ds, "PixelRepresentation") == 1
    for item in items(ds, "RealWorldValueMappingSequence")[:16]:
        name = text(value(item, "LUTLabel") or value(item, "LUTExplanation", ""), 24) or "real world value"
        first, last = (_end(item, which, signed=signed) for which in ("First", "Last"))
        unit = _unit(item)
        table = _table(item)
        if table is not None and first is not None:
            top = first + len(table) - 1
            yield RealWorld(name, unit, first, top if last is None else min(last, top), table=table)
            continue
        slope, intercept = number(item, "RealWorldValueSlope"), number(item, "RealWorldValueIntercept")
        if slope is not None and intercept is not None:
            ends = -math.inf if first is None else first, math.inf if last is None else last
            yield RealWorld(name, unit, *ends, slope, intercept)


def _end(item: Dataset, which: str, *, signed: bool) -> float | None:
    """Return the first or last value mapped: of 16 bits with the sign of the pixels, else as a double float."""
    plain, double = (key.format(which) for key in _KEYS)
    found = signed_value(value(item, plain), signed=signed)
    return number(item, double) if found is None else float(found)


def _table(item: Dataset) -> np.ndarray | None:
    entries = np.array([finite(x) for x in listed(item, "RealWorldValueLUTData")], float)
    return entries if np.isfinite(entries).any() else None


def _unit(item: Dataset) -> str:
    """Return the unit: that of UCUM, `{SUVbw}g/ml` as `SUVbw g/ml`; of another scheme its Code Meaning."""
    code = next(iter(items(item, "MeasurementUnitsCodeSequence")), None)
    if code is None:
        return ""
    found, scheme = (text(value(code, k, ""), 24) for k in ("CodeValue", "CodingSchemeDesignator"))
    if scheme != "UCUM" or not found:
        return text(value(code, "CodeMeaning", ""), 24)
    return _UNITS.get(found, " ".join(found.replace("{", " ").replace("}", " ").split()))
