"""What arrives while a viewport shows something: more slices of its series, or another presentation state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.dicom.entities import Entity
from dicom_widgets.errors import NotAnImage, NotFound
from dicom_widgets.widgets.frames.frame_sequence import FrameSequence, frame_sequence_of
from dicom_widgets.widgets.frames.sheets import Sheets
from dicom_widgets.widgets.runtime.debounce import Debounce

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.viewport.view_state import ViewState


class Arrivals:
    """Brings a view up to date with its session, a short while after something has come.

    Parameters
    ----------
    session : Session
    state : ViewState
    show : callable
        Shows the frames that the state has now: presented anew (True), or more of them (False).

    """

    def __init__(self, session: Session, state: ViewState, show: Callable[[bool], None]) -> None:
        self._session, self._state, self._show = session, state, show
        self._state_came = False
        """Whether a presentation state is among what has come."""
        self._debounce = Debounce(self._refresh)
        self._end = session.watch(self._note)

    def close(self) -> None:
        """Follow the session no longer."""
        self._end()
        self._debounce.close()

    def _note(self, instance: Instance) -> None:
        """Note that something came that may belong here; runs in the thread that brings it."""
        entity = self._state.entity
        if entity is None or isinstance(entity, FrameSequence):  # which is complete
            return
        if instance.references or not isinstance(entity, Entity) or instance.path[0] == entity.path[0]:
            self._state_came = self._state_came or bool(instance.references)
            self._debounce()

    def _refresh(self) -> None:
        state = self._state
        with state.lock:
            here, entity, before = state.here, state.entity, state.frames
            renew, self._state_came = self._state_came, False
        try:
            frames = frame_sequence_of(self._session, entity)
        except (NotFound, NotAnImage):
            return
        with state.lock:
            if state.entity is not entity:
                return
            if isinstance(state.frames, Sheets):
                frames = Sheets.of(frames, state.frames.grid)
            state.frames = frames
            if here and frames.frames != before.frames:
                same = (i for i, f in enumerate(frames.frames) if (f[0].uid, f[1]) == (here[0].uid, here[1]))
                state.surface = state.surface.but(index=next(same, 0))
        if renew or not frames.as_before(self._session, before):
            self._show(True)
        elif frames.frames != before.frames:
            self._show(False)
