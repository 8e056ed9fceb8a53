"""What a viewport does with masks: which are wanted, which of its frames have one, and what its page may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import traitlets

from dicom_widgets.dicom.values import text
from dicom_widgets.display.values.subtraction import RECOMMENDED, Subtraction, SubtractionChoice, checked_choice
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.widgets.viewport.view import View

if TYPE_CHECKING:
    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.geometry.stack import Frame
    from dicom_widgets.widgets.frames.frame_sequence import FrameSequence

_MODALITIES: Final = frozenset({"XA", "RF"})
"""Of which a frame may be chosen as the mask by hand; by code, of any grey object with several frames."""


class Subtracting(View):
    """A viewport's masks."""

    subtraction = traitlets.Any("recommended")
    """Which mask is subtracted: "recommended" as the object is, True the one that it names, False none, or a
    Subtraction; something else that is shown begins as it is recommended."""
    presentation: str | None
    _subtractions: tuple[Subtraction, ...] = ()
    """Of the frames of the reel, as the page knows them; empty where they have none."""
    _own_mask: Subtraction | None = None
    """The last one that was chosen here: the hand switches it off and on."""
    _able = False
    """Whether there is something to be switched off and on."""

    @property
    def _subtracted(self) -> bool:
        return any(self._subtractions)

    def _is_difference(self) -> bool:
        """Return whether what is shown now is a difference."""
        try:
            return self._subtracted and self.picture().meaning.subtraction is not None
        except DicomWidgetsError:
            return False

    def _weighed(self, reel: FrameSequence) -> tuple[tuple[Subtraction, ...], bool]:
        """Return the mask of each frame, and whether the hand may switch them off or on."""
        found = reel.subtractions(self.session, self.presentation, self.subtraction)
        able = any(found) or any(reel.subtractions(self.session, self.presentation, self._own_mask or True))
        return found, able

    def _asked(self, content: dict[str, Any]) -> SubtractionChoice:
        """Return what the hand wants: another mask, or the mask off or on."""
        if given := Subtraction.of(content.get("given")):
            return given
        return (self._own_mask or True) if content["on"] else False

    def _subtraction_state(self, here: Frame | None) -> dict[str, bool]:
        """Return what the page shows of it."""
        return {"on": self._subtracted, "able": self._able, "run": here is not None and _is_run(here[0])}

    @traitlets.validate("subtraction")
    def _wished(self, proposal: dict[str, Any]) -> SubtractionChoice:
        try:
            return checked_choice(proposal["value"])
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    def _subtraction_words(self) -> list[str]:
        """Return the argument of `session.present` that does the same."""
        wish = checked_choice(self.subtraction)
        if wish == RECOMMENDED:
            return []
        return [f"subtraction=dw.{wish!r}" if isinstance(wish, Subtraction) else f"subtraction={wish}"]


def _is_run(instance: Instance) -> bool:
    return instance.frames > 1 and text(instance.value("Modality", "")) in _MODALITIES
