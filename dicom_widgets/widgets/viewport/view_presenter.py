"""What a viewport shows, as a picture: a frame with its layers, and with what the hand changed of it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np

from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.errors import DicomWidgetsError, NotAnImage, NotFound, SessionClosed

if TYPE_CHECKING:
    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.display.values.subtraction import SubtractionChoice
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.frames.frame_sequence import FrameSequence
    from dicom_widgets.widgets.viewport.layers import Layers
    from dicom_widgets.widgets.viewport.masks import Masks
    from dicom_widgets.widgets.viewport.view_state import ViewState


class ViewPresenter:
    """Presents the frames of a view."""

    def __init__(self, session: Session, state: ViewState, layers: Layers, masks: Masks) -> None:
        self._session, self._state, self._layers, self._masks = session, state, layers, masks

    def present(self, frames: FrameSequence, index: int, subtraction: SubtractionChoice | None = None) -> Shown:
        """Return what is shown of a frame, with the layers over it; the user's settings are not in it yet.

        Parameters
        ----------
        frames : FrameSequence
        index : int
            Of the frame.
        subtraction : optional
            Another mask than the one that is chosen for the view.

        """
        surface, source = self._state.surface, frames.source(index)
        wish = surface.subtraction if subtraction is None else subtraction
        shown = frames.present(self._session, index, surface.presentation, wish)
        key = (source[0].uid, source[1]) if source else None
        return self._layers.over(shown, key) if isinstance(shown, Picture) else shown

    def picture(self) -> Picture:
        """Return the picture that is shown now.

        Raises
        ------
        NotFound
            Nothing is shown.
        SessionClosed
        NotAnImage
            What is shown is a page.

        """
        frames, surface = self._state.frames, self._state.surface
        if not 0 <= surface.index < len(frames.frames):
            raise self.nothing()
        shown = self.present(frames, surface.index)
        if not isinstance(shown, Picture):
            raise NotAnImage(f"What is shown is no picture: {shown.record['why']}")
        settings = surface.settings(difference=shown.meaning.subtraction is not None)
        return dataclasses.replace(shown.looking(settings), pitch=self._state.pitch)

    def is_difference(self) -> bool:
        """Return whether what is shown now is a difference."""
        try:
            return self._masks.on and self.picture().meaning.subtraction is not None
        except DicomWidgetsError:
            return False

    def nothing(self) -> DicomWidgetsError:
        """Return the error that says why nothing is shown."""
        if self._session.closed:
            return SessionClosed()
        return NotFound("This viewport shows nothing yet: viewport.show(series).")

    def to_screen(self, points: Any) -> np.ndarray:
        """Return where points of the image, (..., 2) as column and row, are on the page, in device pixels."""
        surface, found = self._state.surface, np.asarray(points, float)
        place = self.picture().to_screen(self._state.size, surface.zoom, surface.pan)
        return np.array([place((x, y)) for x, y in found.reshape(-1, 2).tolist()]).reshape(found.shape)
