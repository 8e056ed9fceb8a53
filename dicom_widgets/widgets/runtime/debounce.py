"""One action for many events that come in quick succession."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Debounce:
    """Calls an action once, some seconds after the first of several calls; in a thread of its own."""

    def __init__(self, action: Callable[[], None], seconds: float = 0.25) -> None:
        self._action = action
        self._seconds = seconds
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def __call__(self, *_: object) -> None:
        """Note that something happened; returns at once."""
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(self._seconds, self._run)
                self._timer.daemon = True
                self._timer.start()

    def _run(self) -> None:
        with self._lock:
            self._timer = None
        with contextlib.suppress(RuntimeError):  # the session was closed meanwhile
            self._action()

    def close(self) -> None:
        """Forget what is due."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
