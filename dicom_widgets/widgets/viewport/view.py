"""View: what all sides of a viewport share, its reel and the state in which the hand left it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from dicom_widgets.errors import NotFound, SessionClosed
from dicom_widgets.widgets.frames.frame_sequence import FrameSequence
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.viewport.surface import Surface

if TYPE_CHECKING:
    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.picture.picture import Picture
    from dicom_widgets.errors import DicomWidgetsError
    from dicom_widgets.session.session import Session


class View(SessionWidget):
    """One view of a reel; what it can do has a class of its own, which derives from this one."""

    def __init__(self, session: Session, **kwargs: Any) -> None:
        super().__init__(session, **kwargs)
        self._lock = threading.Lock()
        """Held while reel and surface are swapped, never while something is computed or sent."""
        self._surface = Surface()
        self._reel = FrameSequence()
        self._size = (512, 512)
        """Height and width on the page in device pixels."""
        self._pitch: float | None = None
        """Of the page's screen in millimetres, as the user matched it."""
        self._echoing = threading.local()
        """`on` in a thread that sets traits to what is shown already."""

    @property
    def instance(self) -> Instance | None:
        """The instance that is shown now."""
        return self._reel.owner(self._surface.index)

    @property
    def frame(self) -> int | None:
        """The frame that is shown now, from 1."""
        here = self._here()
        return here[1] if here else None

    @property
    def count(self) -> int:
        """How many images there are to scroll through."""
        return len(self._reel.frames)

    def _here(self) -> tuple[Instance, int] | None:
        return self._reel.source(self._surface.index)

    def picture(self) -> Picture:
        """Return the Picture of what is shown now."""
        raise NotImplementedError

    def _nothing(self) -> DicomWidgetsError:
        """Return why nothing is shown."""
        if self.session.closed:
            return SessionClosed()
        return NotFound("This viewport shows nothing yet: viewport.show(series).")

    def _offered(self) -> None:
        """Offer the frames under a new name, as what is presented has changed."""
        raise NotImplementedError

    def _mirror(self) -> None:
        """Set the traits to what is shown, without following them."""
        raise NotImplementedError

    @property
    def _echoes(self) -> bool:
        """Whether a trait changes, in this thread, to what is shown already."""
        return getattr(self._echoing, "on", False)

    def _follow_not(self, values: dict[str, Any]) -> None:
        """Set traits without following them."""
        self._echoing.on = True
        try:
            for name, value in values.items():
                if getattr(self, name) != value:
                    setattr(self, name, value)
        finally:
            self._echoing.on = False
