"""The masks of a viewport: which of its frames have one, and what the hand may switch on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import text
from dicom_widgets.display.values.subtraction import RECOMMENDED, Subtraction, SubtractionChoice, checked_choice

if TYPE_CHECKING:
    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.geometry.stack import Frame
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.frames.frame_sequence import FrameSequence
    from dicom_widgets.widgets.runtime.kernel_messages import SubtractionState
    from dicom_widgets.widgets.runtime.page_messages import SubtractionMessage
    from dicom_widgets.widgets.viewport.view_state import ViewState

_MODALITIES: Final = frozenset({"XA", "RF"})
"""Of which a frame may be chosen as the mask by hand; by code, of any grey object with several frames."""


class Masks:
    """What is subtracted from the frames of a view."""

    def __init__(self, session: Session, state: ViewState) -> None:
        self._session, self._state = session, state
        self.frames: tuple[Subtraction, ...] = ()
        """The mask of each frame, as pages know them; empty where frames have none."""
        self.can_switch = False
        """Whether there is something to be switched on or off."""
        self.own: Subtraction | None = None
        """The last one that was chosen here: the hand switches it off and on."""

    @property
    def on(self) -> bool:
        """Whether something is subtracted from some frame."""
        return any(self.frames)

    def find(self, frames: FrameSequence) -> tuple[tuple[Subtraction, ...], bool]:
        """Return the mask of each frame, and whether the hand may switch them on or off."""
        surface = self._state.surface
        found = frames.subtractions(self._session, surface.presentation, surface.subtraction)
        return found, any(found) or any(frames.subtractions(self._session, surface.presentation, self.own or True))

    def wish(self, message: SubtractionMessage) -> SubtractionChoice:
        """Return what the hand wants: another mask, or the mask off or on."""
        if given := Subtraction.of(message.get("given")):
            return given
        return (self.own or True) if message["on"] else False

    def message(self, here: Frame | None) -> SubtractionState:
        """Return what pages show of it at a frame."""
        return {"on": self.on, "able": self.can_switch, "run": here is not None and _is_run(here[0])}

    def words(self) -> list[str]:
        """Return the argument of `session.present` that subtracts the same."""
        wish = checked_choice(self._state.surface.subtraction)
        if wish == RECOMMENDED:
            return []
        return [f"subtraction=dw.{wish!r}" if isinstance(wish, Subtraction) else f"subtraction={wish}"]


def _is_run(instance: Instance) -> bool:
    return instance.frames > 1 and text(instance.value("Modality", "")) in _MODALITIES
