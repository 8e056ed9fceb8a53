"""What a viewport shows now: its frames, where the hand left it, and its size on the page."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from dicom_widgets.widgets.frames.frame_sequence import FrameSequence
from dicom_widgets.widgets.viewport.surface import Surface

if TYPE_CHECKING:
    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.geometry.stack import Frame


class ViewState:
    """The state that the collaborators of one viewport share.

    Entity, frames and surface are immutable values. They are swapped under `lock`, which is never held while something
    is computed, sent or notified; whoever computes takes them once and works with these.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.entity: Any = None
        """What `Viewport.show` was given."""
        self.frames = FrameSequence()
        """What is scrolled through."""
        self.surface = Surface()
        self.size = (512, 512)
        """Height and width on the page in device pixels."""
        self.pitch: float | None = None
        """Pixel pitch of the page's screen in millimetres, as the user matched it."""

    def change(self, **values: Any) -> None:
        """Swap the surface for one with other values."""
        with self.lock:
            self.surface = self.surface.but(**values)

    @property
    def here(self) -> Frame | None:
        """The instance and the frame that are shown now; None where nothing is, or what is made of several frames."""
        return self.frames.source(self.surface.index)

    @property
    def instance(self) -> Instance | None:
        """The instance that is shown now, or the first of several."""
        return self.frames.owner(self.surface.index)

    @property
    def count(self) -> int:
        """How many images there are to scroll through."""
        return len(self.frames.frames)
