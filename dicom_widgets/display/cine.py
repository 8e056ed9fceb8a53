"""The schedule of a cine loop: which frames, in which order, how long each (PS3.3 C.7.6.5; requirements CI1, CI2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import listed, number, numbers, whole

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

DEFAULT_RATE: Final = 10.0
"""Frames a second where neither object nor user gives a rate."""
_FRAME_TIME_VECTOR: Final = 0x00181065
_FASTEST, _SLOWEST = 1.0, 60_000.0
"""Plausible duration of a frame, from .. to, in milliseconds; others are taken for mistakes."""


@dataclass(frozen=True)
class Schedule:
    """How a multi-frame object is played."""

    frames: tuple[int, ...]
    """Frame numbers of one round, from 1."""
    delays: tuple[float, ...]
    """Duration of each of them in milliseconds."""
    sweep: bool = False
    """Whether it runs back from the end, instead of starting again (Preferred Playback Sequencing)."""
    first: int = 1
    """The frame to show before it plays (Representative Frame Number (0028,6010))."""
    why: str = ""
    """Where the rate comes from."""

    @property
    def rate(self) -> float:
        """Mean frames a second."""
        return 1000 * len(self.delays) / sum(self.delays)

    def round(self) -> tuple[int, ...]:
        """Return the frame numbers of a whole round, with the way back of a sweep."""
        return self.frames + self.frames[-2:0:-1] if self.sweep else self.frames


def schedule(ds: Dataset, frames: int, rate: float | None = None) -> Schedule:
    """Return the schedule of an object.

    Parameters
    ----------
    ds : Dataset
        Its attributes.
    frames : int
        How many it has.
    rate : float, optional
        Frames a second that the user wants.

    """
    start, stop = (int(number(ds, k) or 0) for k in ("StartTrim", "StopTrim"))
    start, stop = start if 1 <= start <= frames else 1, stop if 1 <= stop <= frames else frames
    shown = tuple(range(start, stop + 1)) if start <= stop else tuple(range(1, frames + 1))
    delays, why = _delays(ds, shown, frames, rate)
    representative = int(number(ds, "RepresentativeFrameNumber") or 0)
    return Schedule(
        shown,
        delays,
        number(ds, "PreferredPlaybackSequencing") == 1,
        representative if 1 <= representative <= frames else shown[0],
        why,
    )


def _delays(ds: Dataset, shown: tuple[int, ...], frames: int, rate: float | None) -> tuple[tuple[float, ...], str]:
    """Return the duration of each frame in milliseconds, and where it comes from."""
    rates = (
        (rate, "chosen"),
        (number(ds, "RecommendedDisplayFrameRate"), "Recommended Display Frame Rate (0008,2144)"),
        (number(ds, "CineRate"), "Cine Rate (0018,0040)"),
    )
    for found, why in rates:
        if found and _is_delay(1000 / found):
            return (1000 / found,) * len(shown), why
    time = number(ds, "FrameTime")
    varying = _FRAME_TIME_VECTOR in map(whole, listed(ds, "FrameIncrementPointer"))
    if (vector := _vector(ds, frames)) and (varying or not time):
        return tuple(vector[n - 1] for n in shown), "Frame Time Vector (0018,1065)"
    if time and _is_delay(time):
        return (time,) * len(shown), "Frame Time (0018,1063)"
    return (1000 / DEFAULT_RATE,) * len(shown), f"nothing: {DEFAULT_RATE:g} a second"


def _vector(ds: Dataset, frames: int) -> tuple[float, ...]:
    """Return the duration of each frame by Frame Time Vector (0018,1065), or empty where it is unusable.

    The vector has the time since the previous frame, so the duration of a frame is the entry of the next one; the last
    frame gets the mean.
    """
    steps = numbers(ds, "FrameTimeVector", frames)
    if steps is None or frames < 2 or not all(_is_delay(s) for s in steps[1:]):
        return ()
    return (*steps[1:], sum(steps[1:]) / (frames - 1))


def _is_delay(milliseconds: float) -> bool:
    return _FASTEST <= milliseconds <= _SLOWEST
