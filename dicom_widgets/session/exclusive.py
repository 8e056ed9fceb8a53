"""The one thing that a session does at a time (the Statement: one SCU activity a session)."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Protocol

from dicom_widgets.errors import SessionBusy
from dicom_widgets.sources.cancellation import Cancellation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Activity(Protocol):
    """Something that takes its time; as text it says what it is."""

    def cancel(self) -> None:
        """Ask it to stop."""


class Exclusive:
    """Lets one activity go on at a time."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check  # raises where nothing may begin any more
        self._idle = threading.Condition()
        self.running: Activity | None = None
        """What goes on now."""

    @contextlib.contextmanager
    def doing(self, what: Activity, *, wait: bool = False) -> Iterator[None]:
        """Do something within this block.

        Raises
        ------
        SessionBusy
            Something else goes on, and nobody wants to wait for it.
        SessionClosed

        """
        with self._idle:
            self._check()
            while wait and self.running is not None:
                self._idle.wait()
                self._check()
            if self.running is not None:
                raise SessionBusy(
                    f"The session is busy with {self.running}, so it cannot start {what}."
                    " Wait for it (wait=True), cancel it (session.cancel()), or use a second session."
                )
            self.running = what
        try:
            yield
        finally:
            with self._idle:
                self.running = None
                self._idle.notify_all()

    def cancel(self) -> None:
        """Ask what goes on now, if anything does, to stop."""
        running = self.running
        if running is not None:
            running.cancel()

    @contextlib.contextmanager
    def asking(self, what: str, *, wait: bool = False) -> Iterator[Cancellation]:
        """Ask a peer something within this block; it yields the wish to stop."""
        cancellation = Cancellation(what)
        with self.doing(cancellation, wait=wait):
            yield cancellation
