"""Frames side by side: what a viewport scrolls through where several are seen at once (requirement NP2)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dicom_widgets.display.derived.sheet import arrangement, sheet, without
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.values.subtraction import RECOMMENDED, SubtractionChoice
from dicom_widgets.errors import NotFound
from dicom_widgets.geometry.plane import pixel_aspect
from dicom_widgets.widgets.frames import frame_positions
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


class _Owner:
    """What the stored values of sheets belong to: they depend on what is presented, so no page may keep them."""


@dataclass(frozen=True)
class Sheets(FrameSequence):
    """Sheets of other frames: (what its values belong to, index of the first frame, index after the last).

    A sheet is one picture that the kernel makes; the page does not know that it shows several frames. So there is one
    window for all of them, kernel and page agree, and a sheet of 36 frames is one message. It belongs to no image, so
    nothing is measured on it.
    """

    base: FrameSequence = dataclasses.field(default_factory=FrameSequence)
    grid: Arrangement = ONE

    @classmethod
    def of(cls, base: FrameSequence, grid: Arrangement) -> Sheets:
        """Return the sheets of frames; a sheet has frames of one stack."""
        owner, step, frames = _Owner(), grid[0] * grid[1], []
        for start, stack in base.starts():
            end = start + len(stack.frames)
            frames += [(owner, at, min(at + step, end)) for at in range(start, end, step)]
        return cls(tuple(frames), (), base, grid)

    def renew(self) -> Sheets:
        """Return the same sheets under other names."""
        return Sheets.of(self.base, self.grid)

    @property
    def first(self) -> int:
        """The sheet with the frame to begin with."""
        return self.sheet_of(self.base.first)

    def sheet_of(self, frame: int) -> int:
        """Return the index of the sheet on which a frame lies."""
        return next((n for n, (_, at, end) in enumerate(self.frames) if at <= frame < end), 0)

    def source(self, index: int) -> None:
        """Return nothing: what is measured belongs to a frame."""

    def owner(self, index: int) -> Instance | None:
        """Return the instance of the first frame of a sheet."""
        return self.base.owner(self.frames[index][1]) if 0 <= index < len(self.frames) else None

    def present(
        self, session: Session, index: int, presentation: str | None, subtraction: SubtractionChoice = RECOMMENDED
    ) -> Shown:
        """Return a sheet; a frame that cannot be shown leaves a gap."""
        _, at, end = self.frames[index]
        shown = [self.base.present(session, i, presentation, subtraction) for i in range(at, end)]
        pictures = [s if isinstance(s, Picture) else None for s in shown]
        if not any(pictures):
            return shown[0]
        made = sheet(pictures, self.grid, [self._label(i, s) for i, s in zip(range(at, end), shown, strict=True)])
        sources = [f for i in range(at, end) if (f := self.base.source(i))]
        measured = any(session.measurements.of(instance.uid, frame) for instance, frame in sources)
        return without(made, "measurements") if measured else made

    def _label(self, frame: int, shown: Shown) -> str:
        words = str(frame + 1)
        if self.grid[0] * self.grid[1] <= _FEW and (found := self.base.stack_at(frame)):
            start, stack = found
            words = stack.label(frame - start) or words
        return words if isinstance(shown, Picture) else f"{words}: not shown"

    def subtractions(self, *_: Any) -> tuple[Subtraction, ...]:
        """Return nothing: masks are subtracted from the frames before they lie side by side."""
        return ()

    def prepare(self, session: Session, indices: list[int], _: Sequence[Subtraction] = ()) -> None:
        """Decode ahead the frames of sheets."""
        wanted = [self.frames[i] for i in indices if i < len(self.frames)]
        self.base.prepare(session, [i for _, at, end in wanted for i in range(at, end)])

    def code(self, index: int, presentation: str | None, words: list[str]) -> str:
        """Return the code that gives a sheet."""
        _, at, end = self.frames[index]
        each = [w for w in words if w.startswith("subtraction=")]
        frames = ",\n    ".join(self.base.code(i, presentation, each) for i in range(at, end))
        return f"dw.sheet([\n    {frames},\n], {', '.join([repr(self.grid), *(w for w in words if w not in each)])})"

    def missing(self, *, timeless: bool) -> list[dict[str, Any]]:
        """Return what the stacks lack, and on which sheets that is said."""
        found = self.base.missing(timeless=timeless)
        return [{**m, "from": self.sheet_of(m["from"]), "to": self.sheet_of(m["to"] - 1) + 1} for m in found]

    def message(self, *, timeless: bool = False) -> dict[str, Any]:
        """Return what pages need to know; sheets have no dimensions, no schedule and no positions."""
        count, each = len(self.base.frames), self.grid[0] * self.grid[1]
        return {
            "sizes": [each * nbytes(self.base.frames[at][0]) for _, at, _ in self.frames],
            "labels": [f"Frames {at + 1} to {end} of {count}" for _, at, end in self.frames],
            "missing": self.missing(timeless=timeless),
            "dims": [],
            "cine": None,
            "cross": None,
            "places": None,
            "modality": frame_positions.modality(self.base.frames),
            "tiled": True,
        }


def untile(frames: FrameSequence) -> FrameSequence:
    """Return the frames that sheets are made of; of other frames themselves."""
    return frames.base if isinstance(frames, Sheets) else frames


def tileable(frames: FrameSequence) -> FrameSequence:
    """Return the frames that can lie side by side.

    Raises
    ------
    NotFound
        There are not two images of one stack.

    """
    base = untile(frames)
    if not base.stacks or max(len(s.frames) for s in base.stacks) < 2:
        raise NotFound("There are not two images of one stack to be put side by side: viewport.show(series).")
    return base


def arrange(frames: FrameSequence, index: int, grid: Arrangement) -> tuple[FrameSequence, int]:
    """Return sheets of frames, or the frames again where the grid is `ONE`, and the index to go on with.

    That is the sheet with the frame that was seen, or the first frame of the sheet that was seen.
    """
    frame = frames.frames[index][1] if isinstance(frames, Sheets) and frames.frames else index
    base = untile(frames)
    if grid == ONE:
        return base, frame
    sheets = Sheets.of(base, grid)
    return sheets, sheets.sheet_of(frame)


def best_grid(frames: FrameSequence, size: tuple[int, int]) -> Arrangement:
    """Return the rows and columns in which frames are seen largest on so many pixels, (height, width)."""
    base = tileable(frames)
    instance, frame = base.frames[0]
    pixels = (instance.number("Rows") or 1) * pixel_aspect(instance, frame), instance.number("Columns") or 1
    return arrangement(max(len(s.frames) for s in base.stacks), pixels, size)
