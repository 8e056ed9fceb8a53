"""Sheets: what a viewport scrolls through where frames lie side by side (requirement NP2)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dicom_widgets.display.derived.sheet import arrangement, sheet, without
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.values.subtraction import RECOMMENDED, SubtractionChoice
from dicom_widgets.errors import NotFound
from dicom_widgets.geometry.plane import pixel_aspect
from dicom_widgets.widgets.frames import frame_positions as places
from dicom_widgets.widgets.frames.frame_sequence import FrameSequence, nbytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.derived.sheet import Arrangement
    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.display.values.subtraction import Subtraction
    from dicom_widgets.session.session import Session

ONE: Arrangement = (1, 1)
_FEW = 6
"""Frames of a sheet that has room for more than their numbers."""


class _Made:
    """What the stored values of sheets belong to: they depend on what is presented, so they are never taken over."""


@dataclass(frozen=True)
class Sheets(FrameSequence):
    """Frames of another reel side by side: (what they belong to, index of the first, index after the last)."""

    base: FrameSequence = dataclasses.field(default_factory=FrameSequence)
    grid: Arrangement = ONE

    @classmethod
    def of(cls, base: FrameSequence, grid: Arrangement) -> Sheets:
        """Return the sheets of a reel; a sheet has frames of one stack."""
        made, step, frames = _Made(), grid[0] * grid[1], []
        for start, stack in base.starts():
            end = start + len(stack.frames)
            frames += [(made, at, min(at + step, end)) for at in range(start, end, step)]
        return cls(tuple(frames), (), base, grid)

    def renewed(self) -> Sheets:
        """Return the same under other names."""
        return Sheets.of(self.base, self.grid)

    @property
    def first(self) -> int:
        """The sheet on which the reel begins."""
        return self.place(self.base.first)

    def place(self, frame: int) -> int:
        """Return the sheet on which a frame of the reel lies."""
        return next((n for n, (_, at, end) in enumerate(self.frames) if at <= frame < end), 0)

    def source(self, index: int) -> None:
        """Return nothing: what is measured belongs to a frame."""

    def owner(self, index: int) -> Instance | None:
        """Return the instance of the first frame of a sheet."""
        return self.base.owner(self.frames[index][1]) if 0 <= index < len(self.frames) else None

    def present(
        self, session: Session, index: int, presentation: str | None, subtraction: SubtractionChoice = RECOMMENDED
    ) -> Shown:
        """Return a sheet; where a frame cannot be shown its place is empty."""
        _, at, end = self.frames[index]
        shown = [self.base.present(session, i, presentation, subtraction) for i in range(at, end)]
        pictures = [s if isinstance(s, Picture) else None for s in shown]
        if not any(pictures):
            return shown[0]
        made = sheet(pictures, self.grid, [self._label(i, s) for i, s in zip(range(at, end), shown, strict=True)])
        on_it = [f for i in range(at, end) if (f := self.base.source(i))]
        measured = any(session.measurements.of(instance.uid, frame) for instance, frame in on_it)
        return without(made, "measurements") if measured else made

    def _label(self, frame: int, shown: Shown) -> str:
        words = str(frame + 1)
        if self.grid[0] * self.grid[1] <= _FEW and (found := self.base.stack_at(frame)):
            start, stack = found
            words = stack.label(frame - start) or words
        return words if isinstance(shown, Picture) else f"{words}: not shown"

    def subtractions(self, *_: Any) -> tuple[Subtraction, ...]:
        """Return nothing: masks are subtracted from the frames, before they lie side by side."""
        return ()

    def prepare(self, session: Session, indices: list[int], _: Sequence[Subtraction] = ()) -> None:
        """Make ready the frames of sheets."""
        wanted = [self.frames[i] for i in indices if i < len(self.frames)]
        self.base.prepare(session, [i for _, at, end in wanted for i in range(at, end)])

    def code(self, index: int, presentation: str | None, words: list[str]) -> str:
        """Return the expression that gives a sheet."""
        _, at, end = self.frames[index]
        each = [w for w in words if w.startswith("subtraction=")]
        frames = ",\n    ".join(self.base.code(i, presentation, each) for i in range(at, end))
        return f"dw.sheet([\n    {frames},\n], {', '.join([repr(self.grid), *(w for w in words if w not in each)])})"

    def missing(self, *, timeless: bool) -> list[dict[str, Any]]:
        """Return what the stacks lack on whose sheets it is."""
        found = self.base.missing(timeless=timeless)
        return [{**m, "from": self.place(m["from"]), "to": self.place(m["to"] - 1) + 1} for m in found]

    def message(self, *, timeless: bool = False) -> dict[str, Any]:
        """Return it as the page gets it: sheets have no dimensions, no schedule and no places."""
        count, each = len(self.base.frames), self.grid[0] * self.grid[1]
        return {
            "sizes": [each * nbytes(self.base.frames[at][0]) for _, at, _ in self.frames],
            "labels": [f"Frames {at + 1} to {end} of {count}" for _, at, end in self.frames],
            "missing": self.missing(timeless=timeless),
            "dims": [],
            "cine": None,
            "cross": None,
            "places": None,
            "modality": places.modality(self.base.frames),
            "tiled": True,
        }


def untiled(frames: FrameSequence) -> FrameSequence:
    """Return the frames that sheets are made of; of other frames themselves."""
    return frames.base if isinstance(frames, Sheets) else frames


def tileable(frames: FrameSequence) -> FrameSequence:
    """Return the frames that can lie side by side.

    Raises
    ------
    NotFound
        There are not two images of one stack.

    """
    base = untiled(frames)
    if not base.stacks or max(len(s.frames) for s in base.stacks) < 2:
        raise NotFound("There are not two images of one stack to be put side by side: viewport.show(series).")
    return base


def tiled(frames: FrameSequence, index: int, grid: Arrangement) -> tuple[FrameSequence, int]:
    """Return sheets of frames, or the frames again where the grid has one place, and which of them is to be shown.

    It is the one on which the frame lies that was seen, or the first of a sheet that was seen.
    """
    frame = frames.frames[index][1] if isinstance(frames, Sheets) and frames.frames else index
    base = untiled(frames)
    if grid == ONE:
        return base, frame
    sheets = Sheets.of(base, grid)
    return sheets, sheets.place(frame)


def best_grid(frames: FrameSequence, size: tuple[int, int]) -> Arrangement:
    """Return the rows and columns in which frames are seen largest on so many pixels, (height, width)."""
    base = tileable(frames)
    instance, frame = base.frames[0]
    pixels = (instance.number("Rows") or 1) * pixel_aspect(instance, frame), instance.number("Columns") or 1
    return arrangement(max(len(s.frames) for s in base.stacks), pixels, size)
