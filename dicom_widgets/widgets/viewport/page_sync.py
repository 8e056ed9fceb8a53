"""The state of a view, kept the same in the kernel and in all of its pages.

It lives in the kernel and is sent again to each page that comes. It travels in messages, never in traits: the value of
a trait is saved with the notebook.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.config import options
from dicom_widgets.widgets.viewport.surface import FIELDS, Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.display.presentation_state.state import State
    from dicom_widgets.widgets.runtime.base import SessionWidget
    from dicom_widgets.widgets.runtime.kernel_messages import StateMessage
    from dicom_widgets.widgets.runtime.page_messages import Settle
    from dicom_widgets.widgets.viewport.frame_offer import FrameOffer
    from dicom_widgets.widgets.viewport.masks import Masks
    from dicom_widgets.widgets.viewport.view_state import ViewState


class PageSync:
    """Tells pages the state of a view, and takes the state in which a hand left it.

    Parameters
    ----------
    widget : SessionWidget
        Whose pages they are.
    state : ViewState
    offer : FrameOffer
    masks : Masks
    follow : callable
        Called after each change: what is drawn by the kernel follows.
    more : bool
        Whether the page may ask for more of what it shows: tags and planes.

    """

    def __init__(
        self,
        widget: SessionWidget,
        state: ViewState,
        offer: FrameOffer,
        masks: Masks,
        follow: Callable[[], None],
        *,
        more: bool,
    ) -> None:
        self._widget, self._state, self._offer, self._masks = widget, state, offer, masks
        self._follow, self._more = follow, more
        self.note = ""
        """What the page says of the view: an error."""
        self._number = 0
        self._settled: dict[str, int] = {}
        """Client -> number of the last `settle` that was heard. Each state says it, so a page knows which states are
        older than what its hand did."""

    def renew(self) -> None:
        """Offer the frames under a new name, as what is presented has changed."""
        old = self._offer.open()
        self.refill()
        if old:
            self._offer.withdraw(old)

    def refill(self) -> None:
        """Say which frames there are now; those that pages know keep their names."""
        self._offer.fill()
        self.tell(series=True)

    def tell(self, *, series: bool = False) -> None:
        """Send the state, and with it what there is to scroll through where that has changed or a page has come."""
        if not series and self._offer.is_stale:
            self.renew()
            return
        state = self._state
        with state.lock:
            self._number += 1
            number, settled, surface, here = self._number, dict(self._settled), state.surface, state.here
        content: StateMessage = {
            **surface.message(),  # type: ignore[typeddict-item]  # it might have a `series`, says mypy
            "type": "state",
            "seq": number,
            "note": self.note,
            "fields": FIELDS,
            "settled": settled,
            "presentation": surface.presentation,
            "pitch": options.pixel_pitch,
            "more": self._more,
            "subtraction": self._masks.message(here),
        }
        if series:
            content["series"] = self._offer.message()
        if here:
            found = self._widget.session.presentation_states(*here, refused=True)
            content["states"] = [self._describe(s) for s in found]
        self._widget.send(content)
        self._follow()

    def settle(self, message: Settle) -> bool:
        """Take the state in which a hand left a page; return False where a newer one was heard already."""
        values = Surface.read(message)
        with self._state.lock:
            if message["n"] <= self._settled.get(message["client"], 0):
                return False  # two threads may hear them in the wrong order
            self._settled[message["client"]] = message["n"]
            known = self._offer.index(str(message.get("frame", "")))  # the series may have grown since it was known
            index = values["index"] if known is None else known
            values["index"] = max(0, min(index, len(self._offer.names) - 1))
            self._state.surface = self._state.surface.but(**values)
        return True

    def _describe(self, state: State) -> dict[str, str]:
        said, mask = state.summary(), self._widget.mask_text
        return {**said, "creator": mask(said["creator"]), "created": mask(said["created"])}
