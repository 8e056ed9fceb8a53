"""The images of a mammography, hung: frames for each of the four standard views (requirement XR3)."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dicom_widgets.display.mammography import (
    FOUR,
    SOP_CLASS,
    chest_wall,
    extent_in_mm,
    hanging_orientation,
    is_plain,
    standard_view,
)
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.values.subtraction import RECOMMENDED, SubtractionChoice
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.geometry.stack import Stack
from dicom_widgets.widgets.frames.frame_sequence import FrameSequence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.mammography import StandardView
    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.session.inventory import Selector
    from dicom_widgets.session.session import Session

Hang = dict[str, Any]
"""Arguments of `Picture.hung`."""


@dataclass(frozen=True)
class HangingFrames(FrameSequence):
    """The images of one view, the plain one first, at the scale that all views have.

    How an image hangs is part of its home, as a displayed area is: so it holds in cells of any size, and after a reset.
    """

    arguments: tuple[Hang, ...] = ()
    """How each of them hangs."""

    @property
    def first(self) -> int:
        """The plain image."""
        return 0

    def present(
        self, session: Session, index: int, presentation: str | None, subtraction: SubtractionChoice = RECOMMENDED
    ) -> Shown:
        """Return what is shown at an index, as it hangs."""
        shown = super().present(session, index, presentation, subtraction)
        return shown.hung(**self.arguments[index]) if isinstance(shown, Picture) else shown

    def code(self, index: int, presentation: str | None, words: list[str]) -> str:
        """Return the code that gives the picture at an index, as it hangs."""
        hanging = ", ".join(f"{k}={v!r}" for k, v in self.arguments[index].items())
        return f"{super().code(index, presentation, words)}.hung({hanging})"


def four_views(session: Session, which: Selector | Iterable[Selector]) -> tuple[HangingFrames | None, ...]:
    """Return the four standard views of what is held, as `FOUR` has them; None for one that is missing."""
    piles: defaultdict[StandardView, list[tuple[Instance, Any]]] = defaultdict(list)
    for instance in session.instances(which):
        if instance.sop_class != SOP_CLASS:
            continue
        with contextlib.suppress(DicomWidgetsError):  # a broken one is none of the four
            ds = instance.attributes(1)
            if view := standard_view(ds):
                piles[view].append((instance, ds))
    for pile in piles.values():
        pile.sort(key=lambda image: not is_plain(image[1]))  # else in the order of the study
    sizes = [extent_in_mm(pile[0][1], hanging_orientation(pile[0][1], view)[0]) for view, pile in piles.items()]
    known = [size for size in sizes if size is not None]
    scale = (max(w for w, _ in known), max(h for _, h in known)) if known and len(known) == len(sizes) else None
    return tuple(_hang(view, piles[view], scale) if view in piles else None for view in FOUR)


def _hang(view: StandardView, pile: list[tuple[Instance, Any]], scale: tuple[float, float] | None) -> HangingFrames:
    frames = tuple((instance, 1) for instance, _ in pile)
    arguments = []
    for _, ds in pile:
        turns, flip = hanging_orientation(ds, view)
        arguments.append({"side": chest_wall(ds), "extent": scale, "turns": turns, "flip": flip})
    return HangingFrames(frames, tuple(Stack((frame,)) for frame in frames), tuple(arguments))
