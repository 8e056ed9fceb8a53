"""A stack: frames to scroll through, in order, with the axes along which they change."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dicom_widgets.geometry.grid import Axis, Gap, missing_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.dicom.instance import Instance


Frame = tuple["Instance", int]
"""An instance and one of its frames, from 1."""


@dataclass(frozen=True)
class Stack:
    """Frames in display order, with the axes along which they change."""

    frames: tuple[Frame, ...]
    axes: tuple[Axis, ...] = ()
    """The slowest first."""
    notes: tuple[str, ...] = ()
    """Why it is no regular volume; empty if it is one, or if positions are not known."""
    gaps: tuple[Gap, ...] = ()
    """What is known to be missing: cells of its grid, parts of its concatenation."""

    def missing(self, *, of: Sequence[Frame] | None = None, timeless: bool = False) -> str:
        """Return what is missing, in words: `echo 2/3 at H 5.0 mm`; empty where nothing is known to be.

        Parameters
        ----------
        of : sequence of frames, optional
            Some frames of the stack: gaps at other times, echoes, ... than theirs are left out.
        timeless : bool
            Whether times of day are left out.

        """
        wanted = {*(self.frames if of is None else of)}
        chosen = {(a.name, c) for a in self.axes for f, c in zip(self.frames, a.indices, strict=True) if f in wanted}
        gaps = (g for g in self.gaps if not g.axis or (g.axis, g.choice) in chosen)
        return missing_words(gaps, self.axes, timeless=timeless)

    def __repr__(self) -> str:
        axes = "".join(f", {a.name} ({len(a.choices)})" for a in self.axes if len(a.choices) > 1)
        count = len(self.frames)
        return f"<Stack of {count} frame{'s' * (count != 1)}{axes}{''.join(f'; {n}' for n in self.notes)}>"

    def label(self, index: int, *, timeless: bool = False) -> str:
        """Return the position of a frame on the axes: `echo 2/3 · b-value 1000`."""
        axes = ((a.name, a.called(timeless=timeless)[a.indices[index]]) for a in self.axes if len(a.choices) > 1)
        return " · ".join(f"{name} {words}" for name, words in axes)

    def dimensions(self) -> tuple[Axis, ...]:
        """Return the axes that a view offers: those with several values, and the slices where frames share values.

        Empty where there is one axis only, which scrolling covers.
        """
        moved = [a for a in self.axes if len(a.choices) > 1]
        seen: Counter[tuple[int, ...]] = Counter()
        rest = []
        for key in zip(*(a.indices for a in moved), strict=True):
            seen[key] += 1
            rest.append(seen[key])
        found = [*moved, Axis("slice", tuple(rest))] if len(set(rest)) > 1 else moved
        return tuple(found) if len(found) > 1 else ()
