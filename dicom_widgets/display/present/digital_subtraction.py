"""Digital subtraction: the difference of a frame and its mask, as 16-bit words (requirements CI6, CI7).

A difference is other values, not another table. Where Pixel Intensity Relationship (0028,1040) is LIN, natural
logarithms are subtracted, else stored values, as LOG and DISP are no intensities any more. Words are signed and linear
in the difference, in steps of a power of two that is the same for all frames of an object and large enough that the
largest difference fits: nothing wraps, tables stay, and a cine stays a look-up. `display/values/subtraction.py` says
which mask.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.dicom.values import text, value
from dicom_widgets.display.picture.layer import bit_patterns
from dicom_widgets.display.pipeline.grayscale import FULL, Modality, is_padding, padding_of, stored_range, voi_choices
from dicom_widgets.display.pipeline.view_settings import Window, with_names
from dicom_widgets.display.values.subtraction import choose_subtraction
from dicom_widgets.display.values.value_semantics import semantics_of
from dicom_widgets.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Hashable

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.pipeline.grayscale import Chain, Table
    from dicom_widgets.display.present.request import Frames, Keep, Request
    from dicom_widgets.display.presentation_state.applied import Applied
    from dicom_widgets.display.values.subtraction import Subtraction
    from dicom_widgets.display.values.value_semantics import ValueSemantics

NOTHING: Final = -32768
"""The word for pixels without a difference: padding in the frame or its mask, or no mask after a shift."""
_LARGEST: Final = 32767
_SHARE: Final = 4
"""Without a window that is meant for differences, a quarter of their range is shown, with zero as mid grey."""


@dataclass(frozen=True)
class DifferenceScale:
    """The conversion of stored values to what is subtracted, and the value of one word of the difference."""

    low: int
    high: int
    """Smallest and largest stored value."""
    log: bool
    signed: bool
    padding: tuple[int, int] | None
    lut: Table | None = None
    """The Modality LUT of a presentation state, which is applied before the subtraction."""

    @property
    def extent(self) -> float:
        """The largest difference: of stored values, of their natural logarithms, or of what a LUT makes of them."""
        if self.lut is not None:
            return max(1.0, float(self.lut.entries.max()) - float(self.lut.entries.min()))
        return math.log(max(self.high, 2)) if self.log else float(self.high - self.low)

    @property
    def step(self) -> float:
        """Value of one word."""
        return 2.0 ** math.ceil(math.log2(self.extent / -NOTHING))

    def table(self) -> np.ndarray:
        """Return the value of each 16-bit pattern in words, (65536,) float32; NaN for padding.

        A LIN value below 1 has no logarithm and counts as 1.
        """
        patterns = np.arange(65536, dtype=np.uint16)
        values = (patterns.view(np.int16) if self.signed else patterns).astype(np.float64)
        made = self.lut(values) if self.lut is not None else np.log(np.maximum(values, 1)) if self.log else values
        found = made / self.step
        found[is_padding(values, self.padding)] = np.nan
        return found.astype(np.float32)

    def __str__(self) -> str:
        kind = "natural logarithms of the values" if self.log else "the values"
        kind += " behind the Modality LUT" if self.lut is not None else ""
        return f"{kind}, in steps of {f'1/{1 / self.step:g}' if self.step < 1 else f'{self.step:g}'}"


def scale_of(ds: Dataset, lut: Table | None = None) -> DifferenceScale:
    """Return the scale of an object, from the attributes of any of its frames, and a Modality LUT that comes first.

    Such a LUT of a presentation state makes values that can be subtracted, so no logarithm is taken then.
    """
    signed = value(ds, "PixelRepresentation") == 1
    linear = text(value(ds, "PixelIntensityRelationship", ""), 16).upper() == "LIN"
    return DifferenceScale(*stored_range(ds), linear and lut is None, signed, padding_of(ds, signed=signed), lut)


def difference_words(
    instance: Instance, frame: int, subtraction: Subtraction, scale: DifferenceScale, frames: Frames, keep: Keep
) -> np.ndarray:
    """Return the difference of a frame, (rows, columns) int16, read-only.

    The mask is made once for all frames that share it.

    Raises
    ------
    DecodeError
        A frame, of the image or the mask, cannot be decoded, or is not a grey image of up to 16 bits.

    """
    if not text(instance.value("PhotometricInterpretation", "MONOCHROME2")).startswith("MONOCHROME"):
        raise DecodeError("Colours are not subtracted.")
    if frames(instance, frame).dtype.itemsize > 2:
        raise DecodeError("Values of more than 16 bits are not subtracted.")

    def mean(numbers: tuple[int, ...] | range, table: np.ndarray) -> np.ndarray:
        grids = (np.take(table, bit_patterns(frames(instance, n)), mode="clip") for n in numbers)
        if len(numbers) == 1:
            return next(grids)
        total = np.zeros(frames(instance, numbers[0]).shape, np.float64)
        for grid in grids:
            total += grid
        return (total / len(numbers)).astype(np.float32)

    def made() -> np.ndarray:
        table, name = scale.table(), mask_name(subtraction)

        def mask() -> np.ndarray:
            return shift(mean(subtraction.masks(frame), table), *subtraction.shift)

        below = keep(instance, name, mask) if name else mask()
        found = np.floor(mean(subtraction.contrasts(frame), table) - below + np.float32(0.5))
        words = np.clip(found, -_LARGEST, _LARGEST, out=found)
        words = np.nan_to_num(words, copy=False, nan=NOTHING).astype(np.int16)
        words.flags.writeable = False
        return words

    return keep(instance, ("difference", frame, subtraction), made)


def mask_name(subtraction: Subtraction) -> tuple[Hashable, ...] | None:
    """Return the name under which a mask that frames share is cached; None where each frame has its own."""
    return ("mask", subtraction.mask, subtraction.shift, subtraction.behind) if subtraction.mask else None


def shift(grid: np.ndarray, down: float, left: float) -> np.ndarray:
    """Return a grid, float32, shifted by fractions of pixels with linear interpolation.

    What comes in from outside is NaN. The Standard counts a positive row offset towards the lower rows, and a positive
    column offset towards the left hand side (PS3.3 C.7.6.10.1.2).
    """
    return _moved(_moved(grid, down).T, -left).T if down or left else grid


def _moved(grid: np.ndarray, by: float) -> np.ndarray:
    """Return a grid whose rows are shifted to larger indices."""
    count = len(grid)
    at = np.arange(count) - by
    first = np.floor(at).astype(int)
    share = (at - first).astype(np.float32)[:, None]
    second = first + (share[:, 0] > 0)
    inside = (first >= 0) & (second < count)
    near, far = (grid[np.clip(rows, 0, count - 1)] for rows in (first, second))
    found = near + (far - near) * share
    found[~inside] = np.nan
    return found


@dataclass(frozen=True, eq=False)
class Subtracted:
    """The stages of a frame after the subtraction, or without one."""

    applied: Applied
    """The stages, with "mask subtraction" among them."""
    words: np.ndarray | None = None
    """The difference, (rows, columns) int16; None where the frame is shown as it is."""
    meaning: ValueSemantics | None = None
    windows: tuple[Window, ...] = ()
    """Windows that can be chosen for the difference."""
    note: str = ""
    """A note for the picture."""


def subtract(request: Request, ds: Dataset, applied: Applied) -> Subtracted:
    """Subtract the mask of a frame, if one is wanted and possible.

    Parameters
    ----------
    request : Request
    ds : Dataset
        Attributes of the frame.
    applied : Applied
        The stages of the frame without subtraction.

    """
    instance, frame, speaker = request.instance, request.frame, request.state.instance if request.state else None
    wanted = choose_subtraction(instance, frame, speaker, request.subtraction)
    if not wanted:
        return _as_it_is(applied, wanted.source, wanted.why)
    lut = applied.chain.modality.table
    if lut is not None and not wanted.behind:
        return _as_it_is(applied, wanted.source, "a difference behind a Modality LUT of the image is not done")
    scale = scale_of(ds, lut)
    try:
        words = difference_words(instance, frame, wanted, scale, request.frames, request.keep)
    except DecodeError as error:
        return _as_it_is(applied, wanted.source, f"{wanted.words(frame)}: {error}")
    chain, windows, origin = _shown(applied, ds, scale, speaker or instance)
    meaning = semantics_of_difference(instance, frame, wanted, scale)
    (stage, modality, where), (_, _, voi_from), *rest = applied.stages
    stages = (
        (stage, modality, where),
        ("mask subtraction", f"{wanted.words(frame)}, of {scale}; no difference is 0", wanted.source),
        ("voi", str(chain.voi), origin or voi_from),
        *rest,
    )
    note = f"Subtracted: {meaning.difference}"
    return Subtracted(dataclasses.replace(applied, chain=chain, stages=stages), words, meaning, windows, note)


def _as_it_is(applied: Applied, source: str, why: str) -> Subtracted:
    """Return the stages of a frame that is shown without subtraction."""
    first, *rest = applied.stages or (None,)
    if first is None:  # colours
        return Subtracted(applied, note=f"Not subtracted: {why}" if why else "")
    stage = ("mask subtraction", "none", f"{source}: {why}" if why else source)
    not_applied = (*applied.not_applied, "mask subtraction") if why else applied.not_applied
    stages = (first, stage, *rest)
    return Subtracted(
        dataclasses.replace(applied, stages=stages, not_applied=not_applied),
        note=f"Not subtracted: {why}" if why else "",
    )


def _shown(
    applied: Applied, ds: Dataset, scale: DifferenceScale, speaker: Instance
) -> tuple[Chain, tuple[Window, ...], str]:
    """Return the chain of a difference, the windows that can be chosen, and why the window of the frame is not used.

    A window of the file counts for differences where the object is recommended to be viewed subtracted, values are not
    logarithms, whose scale no file can know, and a window of the image has zero inside.
    """
    chain, slope = applied.chain, 1.0 if scale.log else applied.chain.modality.slope
    line = Modality(scale.step * slope, unit="ln" if scale.log else "")
    plain = Window(0.0, abs(slope) * scale.extent / _SHARE, "LINEAR_EXACT", "difference")
    meant = not scale.log and text(speaker.value("RecommendedViewingMode", ""), 16).upper() == "SUB"
    of_state = speaker.kind == "presentation state"
    own = [w for w in voi_choices(ds) if isinstance(w, Window) and _has_zero(w)] if meant and not of_state else []
    given = chain.voi in own if isinstance(chain.voi, Window) and not of_state else of_state
    kept = meant and given and getattr(chain.voi, "explanation", "") != FULL
    windows = (*with_names(own), plain)
    voi = chain.voi if kept else plain
    changed = dataclasses.replace(chain, modality=line, voi=voi, padding=(NOTHING, NOTHING), signed=True)
    why = "" if kept else "no window is meant for differences: a quarter of their range, no difference is mid grey"
    return changed, windows, why


def _has_zero(window: Window) -> bool:
    low, high = window.levels
    return low < 0 < high


def semantics_of_difference(
    instance: Instance, frame: int, subtraction: Subtraction, scale: DifferenceScale
) -> ValueSemantics:
    """Return the value semantics of a difference: modality values where these are linear in stored values."""
    own = semantics_of(instance, frame)
    line = (
        None
        if scale.log or scale.lut is not None or own.modality is None or own.modality.table is not None
        else own.modality
    )
    return dataclasses.replace(
        own,
        modality=Modality(scale.step * (line.slope if line else 1.0)),
        unit="ln" if scale.log else own.unit if line else "",
        padding=(NOTHING, NOTHING),
        suv=None,
        note="",
        real=(),
        subtraction=subtraction,
    )
