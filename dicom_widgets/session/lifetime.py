"""Whether a session is open, and what it made and closes at its end."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import weakref
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dicom_widgets.errors import SessionClosed

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Lifetime:
    """What lives as long as a session: things made at first use, and actions for its end. Safe for threads.

    All of it belongs to the process that made it. A forked child has copies of the objects, but neither their threads
    nor their connections to itself: it closes nothing, as it would wait for a thread that it does not have.
    """

    def __init__(self) -> None:
        self.closed = False
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._making = threading.RLock()  # making a thing may take long, and may need another
        self._closers: list[Callable[[], None]] = []
        self._owned: dict[str, Any] = {}

    def check(self) -> None:
        """Raise SessionClosed where the session was closed."""
        if self.closed:
            raise SessionClosed

    def own(self, name: str, make: Callable[[], T], close: Callable[[T], None]) -> T:
        """Return the one thing of this name; it is made at first use and closed with the session."""
        self.check()
        with self._making:
            if name not in self._owned:
                self._owned[name] = thing = make()
                self._closers.append(lambda: close(thing))
            owned: T = self._owned[name]
            return owned

    def owned(self, name: str) -> Any:
        """Return the thing of this name, or None where nothing has used it yet or the session is closed."""
        return None if self.closed else self._owned.get(name)

    def on_close(self, action: Callable[[], None]) -> Callable[[], None]:
        """Call something when the session closes; return what takes that back."""
        self._closers.append(action)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._closers.remove(action)

        return end

    def end(self) -> bool:
        """Let nothing begin any more; return whether there is something to close: not again, nor in a forked child."""
        if os.getpid() != self._process:
            self.closed = True  # without the lock, which a thread of the parent may have held at the fork
            return False
        with self._lock:
            ended, self.closed = self.closed, True
        return not ended

    def close_owned(self) -> None:
        """Close what is owned, the last one first: it may use what was there before it."""
        for close in [*reversed(self._closers)]:
            close()


class Closable(Protocol):
    """Something that can be closed, more than once."""

    def close(self) -> None:
        """End it."""


def close_at_exit(thing: Closable) -> None:
    """Close something when Python ends, if it is still there.

    That is before Python waits for threads that are no daemons: those of pynetdicom end only with their association.
    A forked child inherits the wish, and does not follow it.
    """
    register: Callable[..., object] = getattr(threading, "_register_atexit", atexit.register)
    register(_close, weakref.ref(thing), os.getpid())


def _close(reference: weakref.ref[Closable], process: int) -> None:
    thing = reference()
    if thing is not None and os.getpid() == process:
        thing.close()
