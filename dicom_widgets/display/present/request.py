"""What is to be shown, and how: the question that presenters answer."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dicom_widgets.display.pipeline.view_settings import ViewSettings
from dicom_widgets.display.values.subtraction import RECOMMENDED, SubtractionChoice

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.presentation_state.state import State

Frames = Callable[["Instance", int], "np.ndarray"]
"""(instance, frame from 1) -> stored values or RGB."""
Keep = Callable[["Instance", Hashable, Callable[[], "np.ndarray"]], "np.ndarray"]
"""(instance, name, what makes it) -> an array that belongs to the instance, from a cache if it is there."""


@dataclass(frozen=True)
class Request:
    """What is to be shown, and how."""

    instance: Instance
    frame: int
    frames: Frames
    """Decodes a frame, or takes it from a cache."""
    keep: Keep
    """Takes what is made of frames from the same cache, or makes it."""
    states: tuple[State, ...] = ()
    """All states that refer to the frame, the newest first."""
    state: State | None = None
    """The one to apply."""
    why: str = ""
    """Why that one."""
    look: ViewSettings = ViewSettings()
    subtraction: SubtractionChoice = RECOMMENDED
    """Which mask is subtracted."""
    earliest: dt.datetime | None = None
    """When the series of a PET began, as far as it is held: what all of its slices are decay corrected to."""
