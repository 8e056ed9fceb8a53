"""How fast the link to a page is, measured by the frames that it acknowledges."""

from __future__ import annotations

from collections import deque
from typing import Final

RAW: Final = 6e6
"""Bytes a second above which stored values go as they are: deflating takes longer than it saves, noise considered.

Below, they go as byte planes, deflated, to pages that can inflate."""
_ASSUMED: Final = 4e6
"""Bytes a second until the first frame is acknowledged."""
_LEAST: Final = 32 << 10
"""Bytes below which the time says more about the page than about the link."""
_WORST: Final = 1e5
"""Bytes a second that are assumed for patience before anything is measured."""


class LinkSpeed:
    """How fast one page takes bytes; each page is measured by itself.

    A small message, the mark, leaves right before a frame. The time from the mark to the frame by the page's own clock
    is what the frame's bytes took: neither the way there and back nor a kernel that hears acknowledgements late is in
    it, and where frames queue up the mark queues with them. A kernel that computes, or a page that paints, lets single
    times be too long, a page that hears both at once too short: the second fastest of the last six counts.
    """

    def __init__(self) -> None:
        self._rates: deque[float] = deque(maxlen=6)

    def measure(self, nbytes: int, seconds: float) -> None:
        """Note how long so many bytes took."""
        if nbytes >= _LEAST:
            self._rates.append(nbytes / max(seconds, 1e-4))

    @property
    def rate(self) -> float:
        """Bytes a second."""
        return sorted(self._rates)[-2:][0] if self._rates else _ASSUMED

    @property
    def raw(self) -> bool:
        """Whether stored values are best sent as they are."""
        return self.rate > RAW

    def seconds(self, nbytes: int) -> float:
        """Return how long so many bytes take."""
        return nbytes / self.rate

    def patience(self, nbytes: int) -> float:
        """Return the seconds after which so many bytes are lost, and not just slow."""
        return nbytes / (self.rate / 4 if self._rates else _WORST)
