"""Cancellation: a request to stop, made by any thread, and what is to be done then."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Cancellation:
    """A request to stop an operation, which any thread may make at any time.

    Parameters
    ----------
    what : str
        What is stopped, in words: "a query of PACS at host:104". `str` returns it.

    """

    def __init__(self, what: str = "") -> None:
        self._what = what
        self._requested = threading.Event()
        self._actions: list[Callable[[], None]] = []

    def __str__(self) -> str:
        return self._what

    @property
    def requested(self) -> bool:
        """Whether the request was made."""
        return self._requested.is_set()

    def cancel(self) -> None:
        """Request the stop; the actions of all `doing` blocks are called once, in this thread."""
        if not self._requested.is_set():
            self._requested.set()
            for action in tuple(self._actions):
                action()

    @contextmanager
    def doing(self, action: Callable[[], None]) -> Iterator[None]:
        """Call an action when the request is made within this block, or at once if it was made before."""
        self._actions.append(action)
        try:
            if self.requested:
                action()
            yield
        finally:
            self._actions.remove(action)
