"""A client: one page that looks at a session's frames; what it wants, what it holds, what is under way to it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from dicom_widgets.widgets.pace import Pace


@dataclass
class Flight:
    """A frame that is under way, or about to leave."""

    buffer: str
    nbytes: int = 0
    spent: float = math.inf
    """When it gives its credit back, acknowledged or not."""
    lost: float = math.inf
    """When it may be asked for again."""


class Client:
    """What the kernel knows of a page. It is read and changed under the runtime's lock only."""

    CREDITS, PATIENCE, LOST, GONE = 2, 0.3, 2.5, 10.0  # frames, then seconds

    def __init__(self) -> None:
        self.heard = time.monotonic()
        self.pace = Pace()
        self.inflates = False
        """Whether it can read deflated values."""
        self.wants: list[str] = []
        """Keys, nearest first."""
        self.shown: set[str] = set()
        """Keys among them that a view shows now."""
        self.buffers: set[str] = set()
        self.flying: dict[str, Flight] = {}
        self._newest = -1
        self._credits = 1  # until the first acknowledgement: two frames may be much for what is not known yet

    def is_newest(self, number: int) -> bool:
        """Return whether no later message was heard: two threads may hear them in the wrong order."""
        newest, self._newest = self._newest, max(number, self._newest)
        return number > newest

    def wanted(self, content: dict[str, Any], now: float) -> None:
        """Take a new list of what the page wants and holds."""
        self.flying = {key: f for key, f in self.flying.items() if now < f.lost}
        self.wants = [key for key in content["keys"] if key not in self.flying]
        self.shown = set(content["keys"][: int(content.get("shown", 0))])
        self.buffers = {*content["buffers"], *(f.buffer for f in self.flying.values())}
        self.inflates = bool(content.get("inflates"))

    def acknowledged(self, key: str, took: float | None) -> None:
        """Take note that a frame arrived, so many milliseconds after its mark."""
        self._credits = self.CREDITS
        flight = self.flying.pop(key, None)
        if flight is not None and took is not None:
            self.pace.measured(flight.nbytes, took / 1e3)

    def may_have(self, now: float) -> bool:
        """Return whether it wants a frame and there is a credit for one."""
        return bool(self.wants) and sum(now < f.spent for f in self.flying.values()) < self._credits

    def take(self, key: str, buffer: str) -> None:
        """Strike a frame off the list: it is about to leave."""
        self.wants.remove(key)
        self.buffers.add(buffer)
        self.flying[key] = Flight(buffer)

    def leaves(self, key: str, nbytes: int, now: float) -> float:
        """Note that a frame leaves; return the seconds after which it counts as lost."""
        flight = self.flying.get(key)
        if flight is None:
            return 0.0
        flight.nbytes = nbytes
        under_way = sum(f.nbytes for f in self.flying.values())
        patience = self.LOST + self.pace.patience(under_way)
        flight.spent = now + self.PATIENCE + 1.5 * self.pace.seconds(under_way)
        flight.lost = now + patience
        return patience
