"""Which mask is subtracted from a frame, and what says so (PS3.3 C.7.6.10, C.11.13; requirements CI5, CI7, PS17).

`display/present/digital_subtraction.py` subtracts it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field, fields
from numbers import Integral
from typing import TYPE_CHECKING, Any, Final, Literal

from dicom_widgets.dicom.values import items, listed, number, numbers, text, value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.instance import Instance

_FARTHEST: Final = 1000.0
"""The largest shift of a mask that is accepted, in pixels."""
_MOST: Final = 65535
"""The most frames that are averaged."""
_SEQUENCE: Final = "Mask Subtraction Sequence (0028,6100)"
_MODE: Final = "Recommended Viewing Mode (0028,1090)"


@dataclass(frozen=True, repr=False)
class Subtraction:
    """What is subtracted from the frames of a multi-frame object; frames are counted from 1.

    Raises
    ------
    ValueError
        The arguments are no mask operation; the message says why.

    """

    mask: tuple[int, ...] = ()
    """The frames whose mean is the mask (AVG_SUB); one number may be given as it is."""
    offset: int | None = None
    """Instead of them: the mask of frame n is frame n - offset (TID)."""
    contrast: int = 1
    """How many frames, from the shown one on, are averaged first (Contrast Frame Averaging (0028,6112))."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Pixels by which the mask is shifted first: down, then to the left, as in Mask Sub-pixel Shift (0028,6114)."""
    behind: str = ""
    """SOP Instance UID of the presentation state whose Modality LUT comes first; empty where none does."""
    source: str = field(default="chosen", compare=False)
    """What says so: an attribute, or the user."""
    why: str = field(default="", compare=False)
    """Why nothing is subtracted although it was asked for; else empty."""

    def __post_init__(self) -> None:
        given: Any = self.mask
        frames = (given,) if _is_whole(given) else tuple(given)
        if not all(_is_whole(n) and n >= 1 for n in frames):
            raise ValueError(f"Mask frames are whole numbers from 1 on, not {frames!r:.60}.")
        object.__setattr__(self, "mask", tuple(int(n) for n in frames))
        if self.offset is not None and (self.mask or not _is_whole(self.offset) or not self.offset):
            raise ValueError("An offset is a whole number other than 0, and there are no mask frames beside it.")
        if not _is_whole(self.contrast) or not 1 <= self.contrast <= _MOST:
            raise ValueError(f"The number of contrast frames is from 1 to {_MOST}, not {self.contrast!r:.20}.")
        object.__setattr__(self, "offset", None if self.offset is None else int(self.offset))
        object.__setattr__(self, "contrast", int(self.contrast))
        pair = tuple(float(x) for x in self.shift)
        if len(pair) != 2 or not all(abs(x) <= _FARTHEST for x in pair):
            raise ValueError(f"A shift is (rows, columns) of up to {_FARTHEST:g} pixels, not {self.shift!r:.60}.")
        object.__setattr__(self, "shift", pair)
        uid: Any = self.behind
        if not isinstance(uid, str) or len(uid) > 64:
            raise ValueError(f"A presentation state is named by its SOP Instance UID, not by {uid!r:.60}.")

    def __bool__(self) -> bool:
        return bool(self.mask) or self.offset is not None

    def __repr__(self) -> str:
        """Return it as code: `Subtraction(mask=(1, 2), shift=(0.5, 0.0))`."""
        said = [
            (f.name, getattr(self, f.name)) for f in fields(self) if f.compare and getattr(self, f.name) != f.default
        ]
        return f"Subtraction({', '.join(f'{name}={found!r}' for name, found in said)})"

    @property
    def operation(self) -> Literal["AVG_SUB", "TID", "NONE"]:
        """Mask Operation (0028,6101)."""
        return "AVG_SUB" if self.mask else "NONE" if self.offset is None else "TID"

    def masks(self, frame: int) -> tuple[int, ...]:
        """Return the frames that are the mask of a frame."""
        return self.mask if self.offset is None else (frame - self.offset,)

    def contrasts(self, frame: int) -> range:
        """Return the frames that it is subtracted from."""
        return range(frame, frame + self.contrast)

    def words(self, frame: int) -> str:
        """Return the operation on a frame in words: `frame 5 − mean of masks 1–3`."""
        pairs = ("frame", self.contrasts(frame)), ("mask", self.masks(frame))
        parts = [f"mean of {name}s {_short(f)}" if len(f) > 1 else f"{name} {_short(f)}" for name, f in pairs]
        moved = f", moved {self.shift[0]:g} down, {self.shift[1]:g} left" if any(self.shift) else ""
        return f"{parts[0]} − {parts[1]}{moved}"

    def message(self) -> list[Any] | None:
        """Return it as pages get it, JSON-able; None where nothing is subtracted."""
        return [list(self.mask), self.offset, self.contrast, list(self.shift), self.behind] if self else None

    @classmethod
    def of(cls, found: Any) -> Subtraction | None:
        """Read what `message` gave.

        Raises
        ------
        ValueError
            `found` is not such a list.

        """
        try:
            return None if found is None else cls(*found[:5])
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"{found!r:.60} is no subtraction: mask frames, offset, contrast frames, shift.") from None


SubtractionChoice = Subtraction | bool | Literal["recommended"]
"""A given subtraction, that of the object (True), none (False), or that of the object if it recommends it."""
RECOMMENDED: Final = "recommended"


def checked_choice(wish: Any) -> SubtractionChoice:
    """Return a choice of mask as it is, if it is valid.

    Raises
    ------
    ValueError
        It is not valid.

    """
    if isinstance(wish, (Subtraction, bool)) or wish == RECOMMENDED:
        found: SubtractionChoice = wish
        return found
    raise ValueError(f'subtraction={wish!r:.60}: give "recommended", True, False or dw.Subtraction(mask=1).')


def has_mask(one: Instance) -> bool:
    """Whether an image, or a presentation state, says how to subtract."""
    return bool(one.value("MaskSubtractionSequence"))


def choose_subtraction(image: Instance, frame: int, state: Instance | None, wish: SubtractionChoice) -> Subtraction:
    """Return what is subtracted from a frame; a false one, with the reason, where the frame is shown as it is.

    Parameters
    ----------
    image : Instance
    frame : int
        From 1.
    state : Instance, optional
        The presentation state that is applied: then the image's own recommendation is not used (PS3.4 N.2).
    wish : Subtraction, bool or "recommended"

    """
    found = _possible(_wanted(image, frame, state, wish), image, frame)
    behind = state.uid if found and state is not None and state.has_modality_lut else ""
    return found if found.behind == behind else dataclasses.replace(found, behind=behind)


def _wanted(image: Instance, frame: int, state: Instance | None, wish: SubtractionChoice) -> Subtraction:
    """Return what is subtracted, whether the frames that it names exist or not."""
    if isinstance(wish, Subtraction):
        return wish
    if wish is False:
        return Subtraction(source="switched off")
    if wish is True:
        speaker = next((s for s in (state, image) if s is not None and has_mask(s)), None)
        if speaker is None:
            why = "the object names no mask; viewport.subtraction = dw.Subtraction(mask=1) takes its first frame"
            return Subtraction(source=f"{_SEQUENCE} is absent", why=why)
    else:
        speaker = image if state is None else state
        if not has_mask(speaker):
            return Subtraction(source=f"{_SEQUENCE}{_by(speaker, image)} is absent")
        mode = text(speaker.value("RecommendedViewingMode", ""), 16).upper()
        if mode != "SUB" and (speaker is image or mode):  # a state has no other mode (C.11.13)
            return Subtraction(source=f"{_MODE} is {mode or 'absent'}: shown as it is")
    return _said(speaker, image, frame)


def _by(speaker: Instance, image: Instance) -> str:
    return "" if speaker is image else " of the presentation state"


def _said(speaker: Instance, image: Instance, frame: int) -> Subtraction:
    """Return what the first item that applies to a frame says."""
    source = _SEQUENCE + _by(speaker, image)
    found = items(speaker.header, "MaskSubtractionSequence")
    for item in found if speaker is image else found[:1]:
        if speaker is image and not _covers(item, frame):
            continue
        operation = text(value(item, "MaskOperation", ""), 16).upper()
        if operation == "NONE":
            return Subtraction(source=f"{source}: NONE")
        if operation not in ("AVG_SUB", "TID"):
            return Subtraction(source=source, why=f"the Mask Operation {operation or '(none)'} is not done")
        try:
            return _read(item, operation, source)
        except (TypeError, ValueError, OverflowError):
            return Subtraction(source=source, why=f"what it says of {operation} cannot be used")
    return Subtraction(source=source, why=f"no Applicable Frame Range (0028,6102) has frame {frame}")


def _read(item: Dataset, operation: str, source: str) -> Subtraction:
    contrast = max(1, int(number(item, "ContrastFrameAveraging") or 1))
    pair = numbers(item, "MaskSubPixelShift", 2) or (0.0, 0.0)
    shift = pair[0], pair[1]
    if operation == "TID":
        offset = number(item, "TIDOffset")
        return Subtraction((), 1 if offset is None else int(offset), contrast, shift, source=source)
    mask = tuple(int(n) for n in listed(item, "MaskFrameNumbers"))
    if not mask:
        return Subtraction(source=source, why="its AVG_SUB names no Mask Frame Numbers (0028,6110)")
    return Subtraction(mask, None, contrast, shift, source=source)


def _covers(item: Dataset, frame: int) -> bool:
    """Whether one of the Applicable Frame Ranges has a frame; without any, each has."""
    ends = listed(item, "ApplicableFrameRange")
    try:
        pairs = list(zip(map(int, ends[::2]), map(int, ends[1::2]), strict=True))
    except (TypeError, ValueError, OverflowError):  # half a pair has no meaning
        return False
    return not pairs or any(first <= frame <= last for first, last in pairs)


def _possible(wanted: Subtraction, image: Instance, frame: int) -> Subtraction:
    """Return the same, or a false one with the reason where frames that it names do not exist."""
    if not wanted:
        return wanted
    count, needed = image.frames, (*wanted.masks(frame), wanted.contrasts(frame)[-1])
    if count < 2:
        return Subtraction(source=wanted.source, why="the object has one frame only")
    missing = next((n for n in needed if not 1 <= n <= count), None)
    if missing is None:
        return wanted
    return Subtraction(source=wanted.source, why=f"{wanted.words(frame)}: there is no frame {missing} of {count}")


def _short(frames: Sequence[int]) -> str:
    """Return frame numbers in words: `1–3, 7`."""
    runs: list[list[int]] = []
    for n in sorted(set(frames)):
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return text(", ".join(f"{r[0]}–{r[-1]}" if len(r) > 1 else f"{r[0]}" for r in runs), 60)


def _is_whole(found: Any) -> bool:
    return isinstance(found, Integral) and not isinstance(found, bool)
