"""What a viewport offers to pages: its frames, each under a name, with what is made of its values."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dicom_widgets.display.picture.layer import ICC
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.values.subtraction import Subtraction
from dicom_widgets.widgets.runtime.frame_names import stem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.widgets.frames.frame_sequence import FrameSequence
    from dicom_widgets.widgets.runtime.base import SessionWidget
    from dicom_widgets.widgets.runtime.kernel_messages import SeriesState
    from dicom_widgets.widgets.viewport.masks import Masks
    from dicom_widgets.widgets.viewport.view_presenter import ViewPresenter
    from dicom_widgets.widgets.viewport.view_state import ViewState


class FrameOffer:
    """The frames of a view, as the runtime serves them to its pages.

    An offer presents what its names say, whatever is chosen meanwhile: the frames, their masks and the profile are
    those with which it was filled.
    """

    def __init__(self, widget: SessionWidget, state: ViewState, presenter: ViewPresenter, masks: Masks) -> None:
        self._widget, self._state, self._presenter, self._masks = widget, state, presenter, masks
        self.name = ""
        """By which the runtime knows it; empty before anything is shown."""
        self.names: list[str] = []
        """Of the frames, in the order of scrolling."""
        self._indices: dict[str, int] = {}
        """Stem of a name -> index of the frame."""
        self._unprofiled = False
        """Whether the frames have the colours of the device, without ICC profiles: other values, so other names."""

    def open(self) -> str:
        """Take a new name, as what is presented has changed; return the old one, to be withdrawn.

        Stored values keep their names, so a page asks for the presentation alone.
        """
        with self._state.lock:
            self._state.frames = self._state.frames.renew()
        old, self.name = self.name, self._widget.runtime.offer()
        return old

    def fill(self) -> None:
        """Say which frames there are now."""
        frames, unprofiled = self._state.frames, ICC in self._state.surface.hidden
        masks, can_switch = self._masks.find(frames)
        variants: Sequence[Any] = [m or ICC for m in masks or (None,) * len(frames.frames)] if unprofiled else masks
        present, prepare = partial(self._present, frames, variants), partial(self._prepare, frames, masks)
        names = self._widget.runtime.fill(self.name, frames.frames, present, prepare, variants)
        indices = {stem(name): i for i, name in reversed([*enumerate(names)])}  # of equal frames the first one counts
        with self._state.lock:
            self._unprofiled = unprofiled
            if frames is self._state.frames:
                self.names, self._indices = names, indices
                self._masks.frames, self._masks.can_switch = masks, can_switch

    def withdraw(self, name: str = "") -> None:
        """Offer nothing any longer under a name, or under the present one."""
        self._widget.runtime.withdraw(name or self.name)

    @property
    def is_stale(self) -> bool:
        """Whether profiles were switched on or off since it was filled."""
        return bool(self.name) and self._unprofiled != (ICC in self._state.surface.hidden)

    def index(self, name: str) -> int | None:
        """Return where a frame is that a page names, whatever is made of it; None where it is not among these."""
        return self._indices.get(stem(name))

    def message(self) -> SeriesState:
        """Return what pages need to know of the frames."""
        series = self._state.frames.message(timeless=self._widget.masks)
        if self._masks.on:  # no window of other images is one of differences
            series["modality"] += " subtracted"
        return {"sid": self.name, "frames": self.names, **series}  # type: ignore[typeddict-item]

    def _present(self, frames: FrameSequence, variants: Sequence[Any], index: int) -> Shown:
        variant = variants[index] if variants else None
        shown = self._presenter.present(frames, index, variant if isinstance(variant, Subtraction) else None)
        if variant == ICC and isinstance(shown, Picture):
            shown = shown.unprofiled()
        return shown.anonymous() if self._widget.masks else shown

    def _prepare(self, frames: FrameSequence, masks: Sequence[Subtraction], indices: list[int]) -> None:
        frames.prepare(self._widget.session, indices, masks)
