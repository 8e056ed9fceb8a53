"""One activity at a time for a session (the Statement: one SCU activity a session)."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Protocol

from dicom_widgets.errors import SessionBusy
from dicom_widgets.sources.cancellation import Cancellation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Activity(Protocol):
    """A query, a retrieval, ... that is running; its text says what it is."""

    def cancel(self) -> None:
        """Ask it to stop."""


class Exclusive:
    """Runs one activity at a time. A second one fails, and names the first, or waits for it.

    So a user who starts a query while a retrieval runs learns what is in the way, and one `cancel` ends what runs.

    Parameters
    ----------
    check_open : callable
        Raises SessionClosed where the session was closed.

    """

    def __init__(self, check_open: Callable[[], None]) -> None:
        self._check_open = check_open
        self._idle = threading.Condition()
        self.running: Activity | None = None
        """The activity that is running."""

    @contextlib.contextmanager
    def doing(self, what: Activity, *, wait: bool = False) -> Iterator[None]:
        """Run an activity within this block.

        Raises
        ------
        SessionBusy
            Another one is running, and `wait` is False.
        SessionClosed

        """
        with self._idle:
            self._check_open()
            while wait and self.running is not None:
                self._idle.wait()
                self._check_open()
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
        """Ask the activity that is running, if there is one, to stop."""
        running = self.running
        if running is not None:
            running.cancel()

    @contextlib.contextmanager
    def asking(self, what: str, *, wait: bool = False) -> Iterator[Cancellation]:
        """Ask a peer something within this block, which gets the Cancellation that the peer's answers are read with."""
        cancellation = Cancellation(what)
        with self.doing(cancellation, wait=wait):
            yield cancellation
