"""Decoded frames, and arrays that are computed from them, within a byte budget."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

Key = tuple[Hashable, Hashable]
"""An instance, and a frame's number or the name of what is computed from its frames."""


class FrameCache:
    """Keeps arrays in the order of their last use, within a limit of bytes. Safe for threads."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._frames: OrderedDict[Key, np.ndarray] = OrderedDict()
        self._decoding: dict[Key, threading.Event] = {}
        self.nbytes = 0

    def __contains__(self, key: Key) -> bool:
        with self._lock:
            return key in self._frames

    def get(self, key: Key, decode: Callable[[], np.ndarray]) -> np.ndarray:
        """Return an array; `decode` runs without the lock, and once for all threads that need the array meanwhile."""
        while True:
            with self._lock:
                if key in self._frames:
                    self._frames.move_to_end(key)
                    return self._frames[key]
                under_way = self._decoding.get(key)
                if under_way is None:
                    mine = self._decoding[key] = threading.Event()
                    break
            under_way.wait()  # then it is there, or the other thread has failed and this one tries
        try:
            return self._add(key, decode())
        finally:
            with self._lock:
                del self._decoding[key]
            mine.set()

    def _add(self, key: Key, frame: np.ndarray) -> np.ndarray:
        with self._lock:
            if key not in self._frames:
                self._frames[key] = frame
                self.nbytes += frame.nbytes
            while self.nbytes > self.limit and len(self._frames) > 1:
                self.nbytes -= self._frames.popitem(last=False)[1].nbytes
        return frame

    def forget(self, instance: Hashable) -> None:
        """Remove all arrays of an instance."""
        with self._lock:
            for key in [k for k in self._frames if k[0] == instance]:
                self.nbytes -= self._frames.pop(key).nbytes

    def clear(self) -> None:
        """Remove all arrays."""
        with self._lock:
            self._frames.clear()
            self.nbytes = 0
