"""A page that looks at a session's frames, as the kernel knows it: what it wants, has, and what is under way to it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dicom_widgets.widgets.runtime.link_speed import LinkSpeed

if TYPE_CHECKING:
    from dicom_widgets.widgets.runtime.page_messages import Want


@dataclass
class Flight:
    """A frame that is under way to a page, or about to leave."""

    buffer: str
    whole: bool = True
    """Whether its values are those of all pixels, not of a preview."""
    nbytes: int = 0
    spent: float = math.inf
    """When it gives its credit back, acknowledged or not (`time.monotonic`)."""
    lost: float = math.inf
    """When it may be sent again: a large frame takes long on a slow link, and is not lost for that."""


class Client:
    """What the kernel knows of a page. It is read and changed under the runtime's lock only.

    So many frames may be under way at once as it has credits. A page acknowledges frames with what it asks for next,
    since each of its messages costs the kernel, the server and itself a busy and an idle as well; so time gives a
    credit back too, but not the frame.
    """

    CREDITS = 2
    PREVIEWS = 4
    """Previews that are sent for the credit of one frame."""
    PATIENCE, LOST = 0.3, 2.5
    """Seconds after which a frame gives its credit back, and is lost, beside those that its bytes take."""
    GONE = 10.0
    """Seconds without a message after which a page is taken for closed."""

    def __init__(self) -> None:
        self.heard = time.monotonic()
        self.speed = LinkSpeed()
        self.inflates = False
        """Whether it can read deflated values."""
        self.wants: list[str] = []
        """Keys of frames, nearest first."""
        self.shown: set[str] = set()
        """Keys among them that a view shows now."""
        self.previews: set[str] = set()
        """Keys among them of which it has a preview, or will have one."""
        self.scrolling = False
        """Whether a hand scrolls there: then a preview is enough."""
        self.buffers: set[str] = set()
        self.flying: dict[str, Flight] = {}
        self._newest = -1
        self._credits = 1  # until the first acknowledgement: two frames may be much for what is not known yet

    def is_newest(self, number: int) -> bool:
        """Return whether no later message has come: two threads may take them in the wrong order."""
        newest, self._newest = self._newest, max(number, self._newest)
        return number > newest

    def want(self, message: Want, now: float) -> None:
        """Take a new list of what the page wants and holds."""
        self.flying = {key: f for key, f in self.flying.items() if now < f.lost}
        self.scrolling = bool(message.get("scrolling"))
        coming = {key for key, f in self.flying.items() if f.whole or self.scrolling}  # at rest a preview is not enough
        self.wants = [key for key in message["keys"] if key not in coming]
        self.shown = set(message["keys"][: int(message.get("shown", 0))])
        self.buffers = {*message["buffers"], *(f.buffer for f in self.flying.values() if f.whole)}
        self.previews = {*message.get("previews", ()), *(self.flying.keys() - coming)}
        self.inflates = bool(message.get("inflates"))

    def acknowledge(self, *, key: str, took: float | None, whole: bool) -> None:
        """Note that a frame or a preview arrived, `took` milliseconds after its mark."""
        self._credits = self.CREDITS
        flight = self.flying.get(key)
        if flight is None or flight.whole != whole:
            return
        del self.flying[key]
        if took is not None:
            self.speed.measure(flight.nbytes, took / 1e3)

    def may_have(self, now: float) -> bool:
        """Return whether it wants a frame and there is a credit for one."""
        under_way = [f for f in self.flying.values() if now < f.spent]
        return bool(self.wants) and sum(1 if f.whole else 1 / self.PREVIEWS for f in under_way) < self._credits

    def take(self, key: str, buffer: str) -> None:
        """Strike a frame off the list, as it is about to leave."""
        self.wants.remove(key)
        self.buffers.add(buffer)
        self.flying[key] = Flight(buffer)

    def leaves(self, key: str, nbytes: int, now: float, *, whole: bool) -> float:
        """Note that a frame, or only its preview, leaves; return the seconds after which it counts as lost."""
        flight = self.flying.get(key)
        if flight is None:
            return 0.0
        if not whole:
            self.buffers.discard(flight.buffer)
        flight.whole, flight.nbytes = whole, nbytes
        under_way = sum(f.nbytes for f in self.flying.values())
        patience = self.LOST + self.speed.patience(under_way)
        flight.spent = now + self.PATIENCE + 1.5 * self.speed.seconds(under_way)
        flight.lost = now + patience
        return patience
