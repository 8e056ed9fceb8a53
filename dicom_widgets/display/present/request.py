"""The request that a presenter gets: which frame to show, and how."""

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
    """Which frame of which instance to show, with which presentation state, view settings and mask."""

    instance: Instance
    frame: int
    frames: Frames
    """Returns the decoded frame, from a cache if it is there."""
    keep: Keep
    """Returns an array derived from frames, from the same cache if it is there."""
    states: tuple[State, ...] = ()
    """All states that refer to the frame, the newest first."""
    state: State | None = None
    """The state to apply."""
    why: str = ""
    """Why this state, or none."""
    look: ViewSettings = ViewSettings()
    subtraction: SubtractionChoice = RECOMMENDED
    """Which mask is subtracted."""
    earliest: dt.datetime | None = None
    """The earliest acquisition of a PET series that is held: the time to which its slices are decay corrected."""
