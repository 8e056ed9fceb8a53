"""The grayscale pipeline: stored value -> modality value -> VOI -> presentation LUT -> 8 bits (PS3.4 N.2).

The whole chain is one look-up in a table of 65,536 entries, indexed by the 16-bit pattern, which is made from the
formulas of the Standard once per change. Pages make the same table from the same numbers
(frontend/core/grayscale.js), so the order of operations is part of the contract; both round by `floor(x + 0.5)`.
Padding is black in the table itself, and so under any window and inversion. Values of more than 16 bits, or with
fractions, become 16-bit codes with a table of what they stand for.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.values import items, listed, number, text, value, whole
from dicom_widgets.display.pipeline.view_settings import VoiFunction, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

_HUGE: Final = 1e30
"""Larger than any physical quantity; sums in the pipeline would overflow with it."""
FULL: Final = "full range"
"""Name of the window over the whole output range of the modality stage, where nothing gives one."""
FUNCTIONS: Final[tuple[VoiFunction, ...]] = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


@dataclass(frozen=True, eq=False)
class Table:
    """A LUT of the Modality or VOI LUT Sequence (PS3.3 C.11.1, C.11.2)."""

    first: int
    """Input of the first entry; inputs below and above the table have the first and the last entry."""
    entries: np.ndarray
    """uint16, (n,); float64 where they are the values of codes."""
    bits: int
    """Bits for each entry: the output's range is 0 to 2**bits - 1."""
    explanation: str = ""
    above: int = 0
    """Number of entries that exceed their bits, and are white."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the entries of inputs, rounded to whole numbers, as float64."""
        index = np.clip(np.floor(x + 0.5) - self.first, 0, len(self.entries) - 1).astype(np.intp)
        return self.entries[index].astype(np.float64)

    def __str__(self) -> str:
        words = f", {self.above} entries above its {self.bits} bits" if self.above else ""
        return f"table of {len(self.entries)}{f' ({self.explanation})' if self.explanation else ''}{words}"

    @property
    def top(self) -> int:
        """The largest output."""
        return (1 << self.bits) - 1


@dataclass(frozen=True)
class Modality:
    """Stored value -> modality value: a straight line, or a table."""

    slope: float = 1.0
    intercept: float = 0.0
    table: Table | None = None
    unit: str = ""

    def __call__(self, stored: np.ndarray) -> np.ndarray:
        """Return modality values, float64, of the same shape."""
        if self.table is not None:
            return self.table(stored.astype(np.float64))
        with np.errstate(over="ignore"):
            return stored.astype(np.float64) * self.slope + self.intercept

    def __str__(self) -> str:
        return str(self.table) if self.table else f"{self.slope:g} x + {self.intercept:g}"

    def span(self, low: int, high: int) -> tuple[float, float]:
        """Return the range of the output for stored values from `low` to `high`."""
        if self.table is not None:
            return 0.0, float(self.table.top)
        ends = (low * self.slope + self.intercept, high * self.slope + self.intercept)
        return min(ends), max(ends)


@dataclass(frozen=True)
class Chain:
    """All stages of one grey layer, from stored values to display values."""

    modality: Modality
    voi: Window | Table
    inverse: bool = False
    """Whether small values are white: MONOCHROME1, Presentation LUT Shape and the user's inversion together (GP9)."""
    padding: tuple[int, int] | None = None
    """First and last stored value of padding, inclusive: always black."""
    signed: bool = False
    presentation: Table | None = None
    """Presentation LUT: its input is the whole range of the VOI stage (PS3.3 C.11.4)."""
    luminance: tuple[float, float] | None = None
    """Luminance of black and white, cd/m², where the GSDF is applied after this; display values are P-values anyway."""

    @property
    def coded(self) -> bool:
        """Whether the 16 bits are codes of values that do not fit into them (`codes`)."""
        return self.modality.table is not None and self.modality.table.entries.dtype.kind == "f"

    def lut(self) -> np.ndarray:
        """Return the display value (uint8) of each 16-bit pattern, (65536,); index by `stored & 0xffff`."""
        stored = np.arange(65536, dtype=np.uint16)
        values = stored.view(np.int16) if self.signed else stored
        y = self.display(self.modality(values))
        y[is_padding(values, self.padding)] = 0
        return y

    def display(self, x: np.ndarray) -> np.ndarray:
        """Return the display values, uint8, of modality values."""
        y = self.voi(x) / self.voi.top if isinstance(self.voi, Table) else _windowed(x, self.voi)
        if self.presentation is not None:
            y = self.presentation(y * (len(self.presentation.entries) - 1)) / self.presentation.top
        y = y * 255
        return np.floor((255 - y if self.inverse else y) + 0.5).astype(np.uint8)

    def is_padding(self, stored: np.ndarray) -> np.ndarray | None:
        """Return which stored values are padding, or None where none is."""
        found = None if self.padding is None else is_padding(stored, self.padding)
        return found if found is not None and found.any() else None


def _windowed(x: np.ndarray, w: Window) -> np.ndarray:
    """Return 0 to 1 (PS3.3 C.11.2.1.2.1, C.11.2.1.3)."""
    with np.errstate(over="ignore"):  # infinity lies outside of any window, as it should
        if w.function == "SIGMOID":
            return np.asarray(1 / (1 + np.exp(-4 * (x - w.center) / w.width)))
        center, width = (w.center, w.width) if w.function == "LINEAR_EXACT" else (w.center - 0.5, w.width - 1)
        low, high = center - width / 2, center + width / 2
        y = (x - center) / width + 0.5 if width else np.zeros_like(x)
        return np.where(x <= low, 0.0, np.where(x >= high, 1.0, y))


# --- reading the stages from a data set


def to_codes(stored: np.ndarray) -> tuple[np.ndarray, Table, bool]:
    """Return values of more than 16 bits, or with fractions, as 16-bit codes and the table of their values.

    Parameters
    ----------
    stored : ndarray
        (rows, columns) of any real dtype. Values that are not finite become the smallest finite one.

    Returns
    -------
    (codes, table, exact)
        uint16, increasing with the stored values; the stored value of each code, float64; and
        whether every value has a code of its own. Where there are more than 65,536, the codes divide their range
        evenly.

    """
    finite = np.isfinite(stored)
    if not finite.all():
        stored = np.where(finite, stored, stored[finite].min() if finite.any() else 0)
    low, high = stored.min(), stored.max()
    if stored.dtype.kind in "iu" and int(high) - int(low) < 65536:  # the usual case, without sorting
        values: np.ndarray = np.arange(int(low), int(high) + 1, dtype=np.float64)
        found = (stored - low).astype(np.uint16)
        exact = True
    else:
        values, index = np.unique(stored, return_inverse=True)
        exact = len(values) <= 65536
        if exact:
            found = index.reshape(stored.shape).astype(np.uint16)
        else:
            values = np.linspace(float(low), float(high), 65536)
            found = np.floor((stored.astype(np.float64) - float(low)) / (values[-1] - values[0]) * 65535 + 0.5)
            found = found.astype(np.uint16)
    return found, Table(0, values.astype(np.float64), 0), exact


def modality_of(ds: Dataset) -> tuple[Modality, str]:
    """Return the modality stage of a frame and where it comes from (requirements GP2, RT4, X6).

    Parameters
    ----------
    ds : Dataset
        Attributes of the frame: `Instance.attributes(frame)` lays its functional groups over the top level.

    """
    dose = number(ds, "DoseGridScaling")
    if dose is not None:  # PS3.3 C.8.8.3: rescale is not used
        return Modality(dose, 0.0, unit=text(value(ds, "DoseUnits", ""))), "Dose Grid Scaling (3004,000E)"
    slope, intercept = number(ds, "RescaleSlope"), number(ds, "RescaleIntercept")
    for item in items(ds, "ModalityLUTSequence")[:1]:
        table = table_of(item, signed=number(ds, "PixelRepresentation") == 1)
        if table is not None:
            both = "" if slope is None and intercept is None else "; the rescale (0028,1052/1053) beside it is not used"
            unit = text(value(item, "ModalityLUTType", ""))
            return Modality(table=table, unit=unit), f"Modality LUT Sequence (0028,3000){both}"
    if slope is None and intercept is None:
        return Modality(), "absent: identity"
    unit = text(value(ds, "RescaleType", ""))
    shift = intercept if intercept is not None and abs(intercept) < _HUGE else 0.0
    if not slope or abs(slope) > _HUGE:
        return Modality(
            1.0, shift, unit=unit
        ), "Rescale Intercept (0028,1052); the slope is absent or 0 (or impossible): taken as 1"
    return Modality(slope, shift, unit=unit), "Rescale Slope and Intercept (0028,1053/1052)"


def table_of(item: Dataset, *, signed: bool) -> Table | None:
    """Return the table of a LUT item, or None where its descriptor or data are unusable (requirement GP7)."""
    descriptor, data = [whole(x) for x in listed(item, "LUTDescriptor")], value(item, "LUTData")
    if len(descriptor) != 3 or None in descriptor:
        return None
    count, first, bits = (x or 0 for x in descriptor)
    count = count & 0xFFFF or 65536
    first = (first & 0xFFFF) - 65536 if signed and first & 0x8000 else first & 0xFFFF
    if isinstance(data, bytes):  # OW: pydicom gives the bytes as they are in the object
        big = item.original_encoding[1] is False
        words = np.frombuffer(data[: len(data) // 2 * 2], ">u2" if big else "<u2").astype(np.uint16)
    else:
        words = np.array([x & 0xFFFF for x in listed(item, "LUTData") if isinstance(x, int)], np.uint16)
    packed = bits <= 8 and len(words) == (count + 1) // 2 < count  # two entries in a word, the lower byte first
    entries = (words.astype("<u2").view(np.uint8).astype(np.uint16) if packed else words)[:count]
    usable = len(entries) > 0 and 1 <= bits <= 16
    return Table(first, entries, bits, text(value(item, "LUTExplanation", ""))) if usable else None


def voi_choices(ds: Dataset, *, signed: bool = False) -> Iterator[Window | Table]:
    """Yield every window pair, then every VOI LUT, with its explanation (PS3.3 C.11.2; requirements GP5, GP7).

    Parameters
    ----------
    ds : Dataset
    signed : bool
        Whether modality values may be negative: the first value of a LUT is then read as signed.

    """
    function = text(value(ds, "VOILUTFunction", "LINEAR")).upper()
    name: VoiFunction = next((f for f in FUNCTIONS if f == function), "LINEAR")
    centers, widths = (listed(ds, k) for k in ("WindowCenter", "WindowWidth"))
    explanations = listed(ds, "WindowCenterWidthExplanation")
    for center, width, words in itertools.zip_longest(centers, widths, explanations[: len(centers)]):
        try:
            yield Window(float(center), float(width), name, text(words))
        except (TypeError, ValueError, OverflowError):
            continue
    for item in items(ds, "VOILUTSequence"):
        table = table_of(item, signed=signed)
        if table is not None:  # entries above the declared bits are white
            entries = np.minimum(table.entries, table.top).astype(np.uint16)
            yield dataclasses.replace(table, entries=entries, above=int((table.entries > table.top).sum()))


def problems_of(ds: Dataset) -> tuple[str, ...]:
    """Return which stages of an image cannot be applied as it defines them (requirements GP6, GP7, X2)."""
    found = []
    if any(table_of(item, signed=False) is None for item in items(ds, "ModalityLUTSequence")[:1]):
        found.append("the Modality LUT (0028,3000) is broken")
    if any(table_of(item, signed=False) is None for item in items(ds, "VOILUTSequence")):
        found.append("a VOI LUT (0028,3010) is broken")
    function = text(value(ds, "VOILUTFunction", "LINEAR"), 16).upper()
    if function not in FUNCTIONS and value(ds, "WindowWidth") is not None:
        found.append(f"the VOI LUT Function {function} is not known and taken as LINEAR")
    return tuple(found)


def padding_of(ds: Dataset, *, signed: bool) -> tuple[int, int] | None:
    """Return the range of padding values, inclusive, in stored values (PS3.3 C.7.5.1.1.2; requirement GP10)."""
    ends = [signed_value(value(ds, k), signed=signed) for k in ("PixelPaddingValue", "PixelPaddingRangeLimit")]
    if ends[0] is None:
        return None
    last = ends[0] if ends[1] is None else ends[1]
    return min(ends[0], last), max(ends[0], last)


def is_padding(stored: np.ndarray, padding: tuple[int, int] | None) -> np.ndarray:
    """Return which stored values are padding, bool of the same shape; both ends are padding."""
    low, high = padding or (1, 0)
    return (stored >= low) & (stored <= high)


def signed_value(found: Any, *, signed: bool) -> int | None:
    """Return a 16-bit value with the signedness of the pixels, whatever VR it was read with; None where it is none."""
    if isinstance(found, bytes):
        found = int.from_bytes(found[:2], "little")
    number_of = whole(found)
    if number_of is None:
        return None
    pattern = number_of & 0xFFFF
    return pattern - 65536 if signed and pattern > 0x7FFF else pattern


def stored_range(ds: Dataset) -> tuple[int, int]:
    """Return the smallest and the largest stored value that Bits Stored allows."""
    bits = max(1, min(32, int(number(ds, "BitsStored") or number(ds, "BitsAllocated") or 16)))
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if number(ds, "PixelRepresentation") == 1 else (0, (1 << bits) - 1)
