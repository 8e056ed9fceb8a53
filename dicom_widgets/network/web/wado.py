"""WADO-URI (PS3.18 9): one GET for each instance, several at a time."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import text
from dicom_widgets.errors import ConnectionFailed, NetworkError
from dicom_widgets.network.web.body import NoAnswer, Refused, Room, Status
from dicom_widgets.network.web.client import Client
from dicom_widgets.network.web.service import WebService
from dicom_widgets.sources.way import Way

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress

_PACE: Final = 0.05
"""Seconds between two steps of progress."""


def wado_uri(order: Order[Peer]) -> Iterator[Progress]:
    """Retrieve by WADO-URI: the first instance alone, which shows whether we are authorized, then several at a time.

    Raises
    ------
    ConnectionFailed
        There was no connection, or the peer fell silent; what came before is in the ledger.
    NetworkError
        The instances are not known, and the peer could not be queried for them.
    ValueError
        The remote AE has no address for WADO-URI, or credentials that cannot be sent.

    """
    service = WebService(order.source)
    yield order.ledger.progress("Looking for what is inside")
    wanted = _instances(order)
    pool = _Pool(order, service, min(order.source.http_parallel, len(wanted)))
    with order.cancellation.doing(pool.stop), closing(pool):
        yield from pool.fetch(wanted[:1])
        yield from pool.fetch(wanted[1:])
    if pool.shut_out and (left := order.ledger.left_out):
        order.ledger.warn(
            f"{order.source} does not let us in, so the other {left} instances were not asked for: asking on could lock"
            " the account."
        )
    if pool.trouble:
        raise pool.trouble


def _instances(order: Order[Peer]) -> list[Entity]:
    """Return all instances by name, as WADO-URI can ask for nothing else."""
    try:
        return order.instances()
    except NetworkError as error:
        raise type(error)(
            f"WADO-URI asks for instances by name, and they could not be queried: {error} Give instances that are known"
            " instead: session.tree(...), or Entity.of(study, series, instance)."
        ) from error


class _Pool:
    """The clients that fetch the instances of one order, each in a thread of its own."""

    def __init__(self, order: Order[Peer], service: WebService, count: int) -> None:
        self._order = order
        self.trouble: NetworkError | None = None
        self.shut_out = False
        """Whether the peer wants other credentials, or does not allow this at all."""
        self._todo: deque[Entity] = deque()
        self._silent, self._answered, self._ended = 0, False, False
        room = Room(order.ledger.sink.room)
        self._clients = [Client(service, room) for _ in range(count)]

    def fetch(self, entities: Sequence[Entity]) -> Iterator[Progress]:
        """Fetch instances, as many at a time as there are clients; when it ends, no thread is left."""
        if self._ended:
            return
        self._todo.extend(entities)
        name = f"WADO-URI {self._order.source.ae_title}"
        threads = [threading.Thread(target=self._work, args=(c,), name=name, daemon=True) for c in self._clients]
        running: list[threading.Thread] = []
        try:
            for thread in threads[: len(entities)]:
                thread.start()
                running.append(thread)
            for thread in running:
                while thread.is_alive():
                    thread.join(_PACE)
                    yield self._order.ledger.progress()
        finally:
            if any(t.is_alive() for t in running):  # the generator was closed
                self.stop()
            for thread in running:
                thread.join()

    @property
    def _stopped(self) -> bool:
        """Whether the connections were ended, so that what went wrong since means nothing."""
        return any(c.connections.ended for c in self._clients)

    def _end(self, trouble: NetworkError | None = None) -> None:
        """Ask for nothing further; what is under way may come."""
        self._ended = True
        self.trouble = self.trouble or trouble

    def stop(self) -> None:
        """Ask for nothing further, and hang up."""
        self._end()
        for client in self._clients:
            client.connections.end()

    def close(self) -> None:
        """Close all connections."""
        for client in self._clients:
            client.close()

    def _work(self, client: Client) -> None:
        """Fetch instances until none is left; runs in a thread of its own."""
        while self._todo and not self._ended:
            try:
                entity = self._todo.popleft()
            except IndexError:  # another client was quicker
                return
            try:
                self._take(entity, client.fetch(entity, self._order.ledger.sink.room()))
            except Refused as refusal:
                if not self._stopped:
                    self._refuse(entity, refusal)
            except ConnectionFailed as error:
                self._end(None if self._stopped else error)
            except Exception as error:  # noqa: BLE001  the rest of the study is not lost because of one
                if not self._stopped:
                    why = text(error) or type(error).__name__
                    self._refuse(entity, Refused(f"it could not be read ({why})"))

    def _refuse(self, entity: Entity, refusal: Refused) -> None:
        """Record what did not come, and stop where there is no point in going on."""
        ledger, why = self._order.ledger, str(refusal)
        if isinstance(refusal, NoAnswer):
            self._silent += 1
            if not self._answered or self._silent >= max(2, len(self._clients)):
                self._end(ConnectionFailed(f"{ledger.source} did not send by WADO-URI: {why}."))
                if not self._answered:
                    return
        else:
            self._silent, self._answered = 0, True
        ledger.refuse(entity.uid, why)
        if isinstance(refusal, Status) and (refusal.code == 401 or (refusal.code == 403 and not ledger.received)):
            self.shut_out = True
            self._end()

    def _take(self, entity: Entity, blob: Blob) -> None:
        """Hand an instance to the ledger."""
        self._silent, self._answered = 0, True
        ledger = self._order.ledger
        if not ledger.take(entity.uid, blob, only=True) and blob.guessed:
            ledger.remark(entity.uid, "it came without meta information, so its transfer syntax is guessed")


WADO_URI: Final[Way[Peer]] = Way("WADO-URI", wado_uri, requires="wado_uri")
