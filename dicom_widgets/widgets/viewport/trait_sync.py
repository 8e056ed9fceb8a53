"""The state of a view and the traits of its viewport, kept the same."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import traitlets

from dicom_widgets.dicom.values import text
from dicom_widgets.display.picture.true_size import true_size
from dicom_widgets.display.pipeline.view_settings import VoiLut, Window
from dicom_widgets.display.values.subtraction import Subtraction, checked_choice
from dicom_widgets.errors import NotFound
from dicom_widgets.widgets.frames.sheets import ONE, tileable
from dicom_widgets.widgets.viewport.surface import TRAITS

if TYPE_CHECKING:
    from dicom_widgets.display.pipeline.view_settings import Zoom
    from dicom_widgets.display.values.subtraction import SubtractionChoice
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.viewport.masks import Masks
    from dicom_widgets.widgets.viewport.view_presenter import ViewPresenter
    from dicom_widgets.widgets.viewport.view_state import ViewState

CHECKED = ("window", "zoom", "rate", "index", "subtraction", "presentation", "tiles")
"""Traits that take less than their type says."""


class TraitSync:
    """Checks and takes what the notebook sets, and sets the traits to what pages did."""

    def __init__(
        self, widget: traitlets.HasTraits, session: Session, state: ViewState, presenter: ViewPresenter, masks: Masks
    ) -> None:
        self._widget, self._session, self._state = widget, session, state
        self._presenter, self._masks = presenter, masks
        self._here = threading.local()

    @property
    def is_mirroring(self) -> bool:
        """Whether a trait changes, in this thread, to what is shown already: nothing follows from that."""
        return getattr(self._here, "mirroring", False)

    def mirror(self, **others: Any) -> None:
        """Set the traits to what is shown, and others that nothing is to follow from."""
        surface = self._state.surface
        self._here.mirroring = True
        try:
            for name, value in [*others.items(), *((name, getattr(surface, name)) for name in TRAITS)]:
                if getattr(self._widget, name) != value:
                    setattr(self._widget, name, value)
        finally:
            self._here.mirroring = False

    def take(self, name: str, value: Any) -> None:
        """Take what the notebook set a trait to into the state."""
        difference = name == "window" and self._presenter.is_difference()
        with self._state.lock:
            surface = self._state.surface
            if name == "window":
                surface = surface.but(difference=difference)
            elif name == "presentation":  # another state starts clean (requirement PS18)
                surface = surface.reset()
            elif name == "subtraction":  # a window of the frames means nothing for their difference
                chosen = isinstance(value, Subtraction)
                surface = surface if chosen and surface.difference else surface.but(window=None)
                self._masks.own = value if chosen else self._masks.own
            self._state.surface = surface.but(**{name: value})
        self.mirror()

    # --- what a trait may be

    def check(self, name: str, value: Any) -> Any:
        """Return a value that a trait can have, which may be corrected.

        Raises
        ------
        TraitError, ValueError, NotFound
            It cannot be, with the reason.

        """
        return getattr(self, f"_check_{name}")(value)

    def _check_window(self, value: Any) -> Window | VoiLut | None:
        if value is None or isinstance(value, (Window, VoiLut)):
            return value
        return self._presenter.picture().named_window(value)

    def _check_zoom(self, zoom: Any) -> Zoom:
        if zoom == "fit":
            return "fit"
        if zoom == "true size":
            if not self.is_mirroring:
                self._refuse_true_size()
            return "true size"
        if not isinstance(zoom, (int, float)) or not 0 < zoom < float("inf"):
            raise traitlets.TraitError(
                f'zoom={zoom!r}: give "fit", "true size", or device pixels for each image pixel, above 0.'
            )
        return float(zoom)

    def _refuse_true_size(self) -> None:
        """Refuse it where the image does not say what a pixel measures; the screen may be calibrated later."""
        if self._state.count:
            shown = self._presenter.picture()
            if why := true_size(shown.home, shown.spacing, shown.aspect, 1.0).why:
                raise traitlets.TraitError(f"zoom='true size': {why}.")

    def _check_rate(self, rate: float | None) -> float | None:
        if rate is not None and not 0 < rate < float("inf"):
            raise traitlets.TraitError(f"rate={rate!r}: give frames a second, above 0, or None for the file's own.")
        return rate

    def _check_index(self, index: int) -> int:
        return max(0, min(int(index), self._state.count - 1))

    def _check_subtraction(self, wish: Any) -> SubtractionChoice:
        try:
            return checked_choice(wish)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from None

    def _check_presentation(self, presentation: Any) -> str | None:
        if presentation in (None, "newest"):
            return presentation
        uid = str(getattr(presentation, "uid", presentation))
        if uid not in self._session.store or self._session.instance(uid).kind != "presentation state":
            raise NotFound(
                f'The session holds no presentation state {text(uid, 64)}: give "newest", None, or one of'
                " session.presentation_states(viewport.instance)."
            )
        return uid

    def _check_tiles(self, grid: tuple[int, int]) -> tuple[int, int]:
        if grid != ONE:
            tileable(self._state.frames)
        return grid
