"""A wish to stop, and what is to be done when it comes."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Cancellation:
    """A wish to stop something, made by any thread at any time."""

    def __init__(self, what: str = "") -> None:
        self._what = what
        self._wished = threading.Event()
        self._actions: list[Callable[[], None]] = []

    def __str__(self) -> str:
        return self._what

    @property
    def wished(self) -> bool:
        """Whether somebody wants it to stop."""
        return self._wished.is_set()

    def cancel(self) -> None:
        """Wish it to stop."""
        if not self._wished.is_set():
            self._wished.set()
            for action in tuple(self._actions):
                action()

    @contextmanager
    def doing(self, action: Callable[[], None]) -> Iterator[None]:
        """Do something when the wish comes within this block, or was there before."""
        self._actions.append(action)
        try:
            if self.wished:
                action()
            yield
        finally:
            self._actions.remove(action)
