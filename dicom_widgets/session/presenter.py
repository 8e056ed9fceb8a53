"""Pictures of the instances that a session holds, with the presentation states and masks that apply to them."""

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
from dicom_widgets.measurements.figures import Figures
from dicom_widgets.measurements.kinds import figures

if TYPE_CHECKING:
    import numpy as np

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.measurements.measurement import Measurement
    from dicom_widgets.session.inventory import Inventory, Selector


class Presenter:
    """Makes pictures of held instances, with their presentation states and masks; `Session` documents its methods."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory, self._store = inventory, inventory.store
        self._defects: weakref.WeakKeyDictionary[Instance, str] = weakref.WeakKeyDictionary()
        """Presentation state -> why it is broken, or empty; kept, as the check takes as long as a frame."""

    def present(
        self,
        which: Selector,
        frame: int = 1,
        presentation: Any = "newest",
        window: Window | VoiLut | tuple[float, float] | str | None = None,
        subtraction: SubtractionChoice = RECOMMENDED,
        **look: Any,
    ) -> Shown:
        """See `Session.present`."""
        image = self._inventory.instance(which)
        unknown = look.keys() - {f.name for f in dataclasses.fields(ViewSettings)}
        if unknown:
            raise TypeError(f"{min(unknown)!r} is nothing that can be changed; invert, turns, flip and hidden are.")
        found = self._states(image, frame)
        state, why = _state_to_apply(presentation, found)
        kept, wish = (self._store.frame, self._store.cached), checked_choice(subtraction)
        began = self._inventory.began(image)
        shown = present(Request(image, frame, *kept, tuple(found), state, why, ViewSettings(**look), wish, began))
        if window is None or not isinstance(shown, Picture):
            return shown
        return shown.looked_at(window, **look)

    def picture(self, instance: Instance, frame: int) -> Picture:
        """Return a frame as it is presented without a presentation state and without a mask, or raise NotAnImage."""
        shown = self.present(instance, frame, presentation=None, subtraction=False)
        if not isinstance(shown, Picture):
            raise NotAnImage(f"Frame {frame} is no picture: {shown.record['why']}")
        return shown

    def subtraction(
        self,
        which: Selector,
        frame: int = 1,
        presentation: Any = "newest",
        subtraction: SubtractionChoice = RECOMMENDED,
    ) -> Subtraction:
        """See `Session.subtraction`."""
        image, wish = self._inventory.instance(which), checked_choice(subtraction)
        if not (has_mask(image) or isinstance(wish, Subtraction) or self._store.states_of(image.uid)):
            return choose_subtraction(
                image, frame, None, wish
            )  # the usual case, and a view asks for thousands of slices at once
        state, _ = _state_to_apply(presentation, self._states(image, frame))
        return choose_subtraction(image, frame, state.instance if state else None, wish)

    def presentation_states(self, which: Selector, frame: int = 1, *, refused: bool = False) -> list[State]:
        """See `Session.presentation_states`."""
        return [s for s in self._states(self._inventory.instance(which), frame) if refused or not s.refused]

    def _states(self, image: Instance, frame: int) -> list[State]:
        return applicable_states(self._store.states_of(image.uid), image, frame, self._defect)

    def _defect(self, state: Instance) -> str:
        if state not in self._defects:
            self._defects[state] = state_problem(state)
        return self._defects[state]

    def probe(
        self, which: Selector, column: int, row: int, frame: int = 1, subtraction: SubtractionChoice = False
    ) -> Probe:
        """See `Session.probe`."""
        instance = self._inventory.instance(which)
        wanted = self.subtraction(instance, frame, subtraction=subtraction) if subtraction else None
        return probe(*self._semantics(instance, frame, wanted), column, row)

    def _semantics(
        self, instance: Instance, frame: int, wanted: Subtraction | None
    ) -> tuple[ValueSemantics, np.ndarray]:
        """Return what the values of a frame, or of its difference to a mask, mean; and the stored values."""
        if not wanted:
            return semantics_of(instance, frame, self._inventory.began(instance)), self._store.frame(instance, frame)
        ds, lut = instance.attributes(frame), None
        if wanted.behind:
            lut = modality_stage(self._store.get(wanted.behind).attributes(), ds)[0].table
        scale = scale_of(ds, lut)
        words = difference_words(instance, frame, wanted, scale, self._store.frame, self._store.cached)
        return semantics_of_difference(instance, frame, wanted, scale), words

    def figures_of(self, measurement: Measurement) -> Figures:
        """Return the figures of a measurement; where it cannot be computed, they say why."""
        frame = measurement.frame
        try:
            instance = self._inventory.instance(measurement.instance)
            return figures(
                measurement.kind, measurement.points, *self._semantics(instance, frame, measurement.subtraction)
            )
        except DicomWidgetsError as error:
            return Figures(why=str(error))


def _state_to_apply(presentation: Any, found: list[State]) -> tuple[State | None, str]:
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
