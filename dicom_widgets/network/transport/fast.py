"""A faster way for data to come in, put on an association by `quicken`.

pynetdicom reads 4 KB at a time, makes three objects of each PDU and sleeps 1 ms whenever it has nothing to do. The
classes of one association are exchanged for faster ones (`upper_layer`, `commands`); nothing of pynetdicom is patched.
Where pynetdicom is another version than the known one its own path is taken. What is read is bounded as in `bounds`.
"""

from __future__ import annotations

import queue
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.network.transport.bounds import BoundedAssociation
from dicom_widgets.network.transport.commands import FastDIMSE
from dicom_widgets.network.transport.upper_layer import WAIT, FastDUL

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynetdicom.association import Association

KNOWN: Final = "3.0."
"""Versions of pynetdicom whose inside this fits."""


class FastAssociation(BoundedAssociation):
    """An acceptor that waits for messages instead of polling every millisecond."""

    def _run_reactor(self) -> None:
        """Serve messages until the peer releases or aborts, as pynetdicom does, but without its sleep."""
        while not self._kill:
            context, message = _next(self.dimse.msg_queue)
            if message is not None:
                self._serve_request(message, context)
            if not self.dimse.msg_queue.empty():
                continue  # what came before the release or the abort is served before it
            self.settle()
        self.dul.join(1)  # an abort by another thread is followed by a closed connection


def _next(messages: queue.Queue[Any]) -> tuple[Any, Any]:
    try:
        found: tuple[Any, Any] = messages.get(timeout=WAIT)
    except queue.Empty:
        return None, None
    return found


class _Calling(queue.Queue[Any]):
    """A queue of the upper layer that also wakes the thread that waits for messages: a release or an abort has come."""

    def __init__(self, messages: queue.Queue[Any]) -> None:
        super().__init__()
        self._messages = messages

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put an item in, and wake the thread."""
        super().put(item, block, timeout)
        self._messages.put((None, None))


def quicken(association: Association, room: Callable[[], int]) -> None:
    """Make a bounded association fast; to be called before its threads start.

    Parameters
    ----------
    association : Association
        One that `bounds.bound` was called with.
    room : callable
        Returns the bytes that a data set of a C-STORE may have; what is longer arrives as an `Overflow`.

    """
    if not version("pynetdicom").startswith(KNOWN):
        return
    dul: Any = association.dul
    dul.__class__ = FastDUL
    dul.begin(room)
    association.dimse.__class__ = FastDIMSE
    if association.is_acceptor:
        association.__class__ = FastAssociation
        dul.to_user_queue = _Calling(association.dimse.msg_queue)
