"""An operation over an association, C-FIND, C-GET or C-MOVE, that can be stopped at any moment."""

from __future__ import annotations

import queue
import threading
import time
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import evt

from dicom_widgets.dicom.conformance import FIND, GET, MOVE
from dicom_widgets.errors import Cancelled, NetworkError
from dicom_widgets.network.association.association import associate, hang_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydicom.dataset import Dataset
    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext

    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.local import LocalAE

GRACE: Final = 3.0
"""Seconds that a peer has to answer a C-CANCEL before the association is aborted."""
_SENDS: Final = {FIND: "send_c_find", GET: "send_c_get", MOVE: "send_c_move"}


class Operation:
    """Sends requests over one association, one after the other, and stops them.

    It is told of the association as soon as there is a connection, so that a stop works before the peer has accepted.
    A stop sends C-CANCEL (PS3.7 9.3.2.3) and aborts the association if the operation has not ended after `GRACE`; where
    no request is under way it aborts at once.

    Parameters
    ----------
    heard : callable, optional
        Returns when the peer last gave a sign of life elsewhere (`time.monotonic`); the time-out of a message counts
        from there. Instances of a C-MOVE come over other associations, and its pending responses are optional.

    """

    def __init__(self, heard: Callable[[], float] | None = None) -> None:
        self._heard = heard
        self.handlers: list[Any] = [(evt.EVT_CONN_OPEN, self._opened)]
        """Handlers of pynetdicom's events, for `associate`."""
        self._lock = threading.Lock()
        self._association: Association | None = None
        self._asking: tuple[int, str] | None = None  # message ID and SOP class of the request under way
        self._last = 0
        self._stopped = False
        self._grace: threading.Timer | None = None

    def _opened(self, event: Any) -> None:
        with self._lock:
            self._association, stopped = event.assoc, self._stopped
        if self._heard is not None:
            event.assoc.dimse.get_msg = partial(_next_message, event.assoc.dimse, self._heard)
        if stopped:
            hang_up(event.assoc)

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped

    def ask(self, model: str, request: Dataset, *destination: str) -> Iterator[tuple[Dataset, Any]]:
        """Send a C-FIND, C-GET or C-MOVE and yield its responses; send nothing once it was stopped."""
        with self._lock:
            if self._stopped or self._association is None:
                return
            self._last = self._last % 0xFFFF + 1
            send = getattr(self._association, _SENDS[model])
            responses = send(request, *destination, query_model=model, msg_id=self._last)
            self._asking = (self._last, model)
        try:
            yield from responses
        finally:
            with self._lock:
                self._asking, grace = None, self._grace
            if grace is not None:
                grace.cancel()
                grace.join()

    def stop(self) -> None:
        """Cancel the request under way and abort if it does not end within `GRACE`; without one abort at once."""
        with self._lock:
            self._stopped = True
            association, asking = self._association, self._asking
            if asking is not None and association is not None and association.is_established:
                self._grace = _later(GRACE, association)
        if association is None:
            return
        if self._grace is None:
            hang_up(association)
        elif asking is not None:
            with suppress(RuntimeError, ValueError):  # it has ended meanwhile
                association.send_c_cancel(asking[0], query_model=asking[1])


@contextmanager
def operation(
    remote: Peer, ours: LocalAE, contexts: Sequence[PresentationContext], cancellation: Cancellation
) -> Iterator[tuple[Operation, Association]]:
    """Open an association that a cancellation ends.

    Raises
    ------
    Cancelled
        It was requested.
    NetworkError

    """
    running = Operation()
    with cancellation.doing(running.stop):
        try:
            with associate(remote, ours, contexts, handlers=running.handlers) as association:
                yield running, association
        except NetworkError as error:
            if cancellation.requested:  # the error is how the cancellation shows
                what = str(cancellation) or f"the conversation with {remote}"
                raise Cancelled(f"{what[:1].upper()}{what[1:]} was cancelled. Ask again.") from error
            raise


def _next_message(dimse: Any, heard: Callable[[], float], block: bool = False) -> tuple[Any, Any]:
    """Return the next message; (None, None) where none comes within the time-out after the last sign of life."""
    began = time.monotonic()
    while True:
        left = max(began, heard()) + dimse.dimse_timeout - time.monotonic()
        try:
            message: tuple[Any, Any] = dimse.msg_queue.get(block=block, timeout=max(0.0, left))
        except queue.Empty:
            if not block or left <= 0:
                return None, None
        else:
            return message


def _later(seconds: float, association: Association) -> threading.Timer | None:
    """Start a timer that aborts; None where the interpreter is shutting down and starts no threads any more."""
    timer = threading.Timer(seconds, hang_up, [association])
    timer.daemon = True
    try:
        timer.start()
    except RuntimeError:
        return None
    return timer
