"""The longitudinal cuts through a pullback at all angles; scrolling turns the cut (requirement OC2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dicom_widgets.display.derived.pullback import ANGLES
from dicom_widgets.display.values.subtraction import RECOMMENDED, SubtractionChoice
from dicom_widgets.widgets.frames.frame_sequence import DerivedFrames

if TYPE_CHECKING:
    from dicom_widgets.display.derived.pullback import Pullback
    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.session.session import Session


@dataclass(frozen=True)
class Angles(DerivedFrames):
    """Cuts, each a pullback and an angle in degrees."""

    @classmethod
    def of(cls, pullback: Pullback) -> Angles:
        """Return the cuts at all angles."""
        return cls(tuple((pullback, angle) for angle in range(ANGLES)))

    @property
    def first(self) -> int:
        """The cut from the top."""
        return 0

    def present(
        self,
        session: Session,  # noqa: ARG002
        index: int,
        presentation: str | None,  # noqa: ARG002  they belong to frames
        subtraction: SubtractionChoice = RECOMMENDED,  # noqa: ARG002
    ) -> Shown:
        """Return the cut at an angle."""
        pullback, angle = self.frames[index]
        shown: Shown = pullback.picture(angle)
        return shown

    def code(self, index: int, presentation: str | None, words: list[str]) -> str:  # noqa: ARG002
        """Return the code that gives the cut at an angle."""
        pullback, angle = self.frames[index]
        run = pullback.source.meaning.instance
        return f"session.pullback({run!r}).picture({', '.join([str(angle), *words])})"

    def message(self, *, timeless: bool = False) -> dict[str, Any]:
        """Return bytes and angles of the cuts, and the instance on whose frames the page draws the line of the cut."""
        sizes = [p.lines[a].nbytes for p, a in self.frames]
        return {
            **super().message(timeless=timeless),
            "sizes": sizes,
            "labels": [f"cut at {a}°" for _, a in self.frames],
            "cut": self.frames[0][0].source.meaning.instance,
        }
