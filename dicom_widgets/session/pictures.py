"""Pictures of what a session holds, what their pixels are, and which presentation states and masks they have."""

from __future__ import annotations

import dataclasses
import weakref
from typing import TYPE_CHECKING, Any

from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.pipeline.view_settings import ViewSettings, VoiLut, Window
from dicom_widgets.display.present.digital_subtraction import difference_words, scale_of, semantics_of_difference
from dicom_widgets.display.present.presenters import present
from dicom_widgets.display.present.request import Request
from dicom_widgets.display.presentation_state.applied import modality_stage
from dicom_widgets.display.presentation_state.state import State, applicable_states
from dicom_widgets.display.presentation_state.state_check import state_problem
from dicom_widgets.display.values.probe import Probe, probe
from dicom_widgets.display.values.subtraction import (
    RECOMMENDED,
    Subtraction,
    SubtractionChoice,
    checked_choice,
    choose_subtraction,
    has_mask,
)
from dicom_widgets.display.values.value_semantics import ValueSemantics, semantics_of
from dicom_widgets.errors import DicomWidgetsError, NotAnImage, NotFound
from dicom_widgets.measurements.figures import Figures, figures
from dicom_widgets.measurements.measurements import Measurements
from dicom_widgets.session.inventory import Inventory, Which

if TYPE_CHECKING:
    import numpy as np

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.measurements.measurement import Measurement


class Pictures(Inventory):
    """How its instances are seen."""

    def __init__(self, limit: int, cache_limit: int) -> None:
        super().__init__(limit, cache_limit)
        self.measurements = Measurements(self._figures)
        """Lengths, angles and regions on its images; they stay when an image is dropped."""
        self._defects: weakref.WeakKeyDictionary[Instance, str] = weakref.WeakKeyDictionary()
        """Presentation state -> why it is broken, or nothing; to look takes as long as a frame."""

    def present(
        self,
        which: Which,
        frame: int = 1,
        presentation: Any = "newest",
        window: Window | VoiLut | tuple[float, float] | str | None = None,
        subtraction: SubtractionChoice = RECOMMENDED,
        **look: Any,
    ) -> Shown:
        """Present an instance: a Picture, or a Page of what is no picture.

        Parameters
        ----------
        which : Entity, Instance or UID
        frame : int
            From 1.
        presentation : "newest", None, UID, State or Entity
            The presentation state to apply: the newest that refers to the frame, none, or this one.
        window : Window, (center, width) or name, optional
            Instead of the picture's own: a name is that of a preset ("lung") or one that the object gives.
        subtraction : "recommended", bool or Subtraction
            Which mask is subtracted: as the object, or the presentation state, recommends it; the one that they name
            (True), none (False), or this one.
        **look
            invert, turns, flip, hidden (`ViewSettings`).

        """
        image = self.instance(which)
        unknown = look.keys() - {f.name for f in dataclasses.fields(ViewSettings)}
        if unknown:
            raise TypeError(f"{min(unknown)!r} is nothing that can be changed; invert, turns, flip and hidden are.")
        found = self._states(image, frame)
        state, why = _chosen(presentation, found)
        kept, wish = (self.store.frame, self.store.kept), checked_choice(subtraction)
        began = self.began(image)
        shown = present(Request(image, frame, *kept, tuple(found), state, why, ViewSettings(**look), wish, began))
        if window is None or not isinstance(shown, Picture):
            return shown
        return shown.looked_at(window, **look)

    def _picture(self, instance: Instance, frame: int) -> Picture:
        """Return a frame as it is presented without a presentation state and a mask."""
        shown = self.present(instance, frame, presentation=None, subtraction=False)
        if not isinstance(shown, Picture):
            raise NotAnImage(f"Frame {frame} is no picture: {shown.record['why']}")
        return shown

    def subtraction(
        self, which: Which, frame: int = 1, presentation: Any = "newest", subtraction: SubtractionChoice = RECOMMENDED
    ) -> Subtraction:
        """Return the mask that `present` subtracts with these arguments; one that is false where there is none.

        Its `source` says by which attribute, and `why` what hinders it.
        """
        image, wish = self.instance(which), checked_choice(subtraction)
        if not (has_mask(image) or isinstance(wish, Subtraction) or self.store.states_of(image.uid)):
            return choose_subtraction(image, frame, None, wish)  # the usual case: thousands of slices are asked at once
        state, _ = _chosen(presentation, self._states(image, frame))
        return choose_subtraction(image, frame, state.instance if state else None, wish)

    def presentation_states(self, which: Which, frame: int = 1, *, refused: bool = False) -> list[State]:
        """Return the presentation states that apply to a frame, the newest first.

        Parameters
        ----------
        which : Entity, Instance or UID
        frame : int
            From 1.
        refused : bool
            Also those that refer to it and are not applied by themselves; `.refused` says why.

        """
        return [s for s in self._states(self.instance(which), frame) if refused or not s.refused]

    def _states(self, image: Instance, frame: int) -> list[State]:
        return applicable_states(self.store.states_of(image.uid), image, frame, self._defect)

    def _defect(self, state: Instance) -> str:
        if state not in self._defects:
            self._defects[state] = state_problem(state)
        return self._defects[state]

    def probe(
        self, which: Which, column: int, row: int, frame: int = 1, subtraction: SubtractionChoice = False
    ) -> Probe:
        """Return what a pixel is: stored value, modality value and unit, and where it lies in the patient.

        Parameters
        ----------
        which : Entity, Instance or UID
        column, row : int
            From 1, as DICOM counts.
        frame : int
            From 1.
        subtraction : bool, "recommended" or Subtraction
            As `present` takes it: the value is that of the difference then.

        Raises
        ------
        NotAnImage, DecodeError
        IndexError
            There is no such pixel.

        """
        instance = self.instance(which)
        wanted = self.subtraction(instance, frame, subtraction=subtraction) if subtraction else None
        return probe(*self._meant(instance, frame, wanted), column, row)

    def _meant(self, instance: Instance, frame: int, wanted: Subtraction | None) -> tuple[ValueSemantics, np.ndarray]:
        """Return the values of a frame, or of its difference, and what they mean."""
        if not wanted:
            return semantics_of(instance, frame, self.began(instance)), self.store.frame(instance, frame)
        ds, lut = instance.attributes(frame), None
        if wanted.behind:
            lut = modality_stage(self.store.get(wanted.behind).attributes(), ds)[0].table
        scale = scale_of(ds, lut)
        words = difference_words(instance, frame, wanted, scale, self.store.frame, self.store.kept)
        return semantics_of_difference(instance, frame, wanted, scale), words

    def _figures(self, measurement: Measurement) -> Figures:
        """Return the figures of a measurement, or why there are none."""
        frame = measurement.frame
        try:
            instance = self.instance(measurement.instance)
            return figures(measurement.kind, measurement.points, *self._meant(instance, frame, measurement.subtraction))
        except DicomWidgetsError as error:
            return Figures(why=str(error))


def _chosen(presentation: Any, found: list[State]) -> tuple[State | None, str]:
    """Return the state to apply, and why that one (requirement PS2, PS3)."""
    usable = [s for s in found if not s.refused]
    if presentation is None:
        return None, "taken off by the user"
    if presentation == "newest":
        return (
            (usable[0], f"the newest of {len(usable)} that refer to this frame")
            if usable
            else (None, "none refers to this frame")
        )
    uid = str(getattr(presentation, "uid", presentation))
    for state in found:
        if state.uid == uid:
            return state, "chosen" + (f" although {state.refused}" if state.refused else "")
    raise NotFound(
        f"The presentation state {uid} does not refer to this frame, or is not held;"
        " session.presentation_states(...) lists those that do."
    )
