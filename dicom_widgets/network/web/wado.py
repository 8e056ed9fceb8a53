"""WADO-URI (PS3.18 9): one GET for each instance, several at a time."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import text
from dicom_widgets.errors import ConnectionFailed, NetworkError, NotDicom, StoreFull
from dicom_widgets.media.files import part10
from dicom_widgets.network.web.body import BROKEN, Body, NoAnswer, Refused, Room, Status, chunks
from dicom_widgets.network.web.connections import ERRORS, Adapter, Connections, root
from dicom_widgets.network.web.service import WebService, place
from dicom_widgets.sources.ledger import FULL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from requests import PreparedRequest
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress

REDIRECTS: Final = 5
"""Redirects that are followed for one instance."""
_DIRECTIONS: Final = frozenset({301, 302, 303, 307, 308})
_TRIFLE: Final = 1 << 16
"""Bytes of a refusal that are read, so that its connection can be used again."""
_PACE: Final = 0.05
"""Seconds between two steps of progress."""


def wado_uri(order: Order) -> Iterator[Progress]:
    """Retrieve by WADO-URI: the first instance alone, which shows whether we are let in, then several at a time.

    Raises
    ------
    ConnectionFailed
        There was no connection, or the peer fell silent; what came before is in the ledger.
    NetworkError
        The instances are not known, and the peer could not be asked for them.
    ValueError
        The remote AE has no address for WADO-URI, or credentials that cannot be sent.

    """
    service = WebService(order.remote)
    yield order.book.progress("Looking for what is inside")
    wanted = _instances(order)
    crew = _WorkerPool(order, service, min(order.remote.http_parallel, len(wanted)))
    with order.cancellation.doing(crew.stop), closing(crew):
        yield from crew.fetch(wanted[:1])
        yield from crew.fetch(wanted[1:])
    if crew.shut_out and (left := order.book.left_out):
        order.book.warn(
            f"{order.remote} does not let us in, so the other {left} instances were not asked for: asking on could lock"
            " the account."
        )
    if crew.trouble:
        raise crew.trouble


def _instances(order: Order) -> list[Entity]:
    """Return all instances by name: WADO-URI knows no others."""
    try:
        return order.instances()
    except NetworkError as error:
        raise type(error)(
            f"WADO-URI asks for instances by name, and they could not be queried: {error} Give instances that are known"
            " instead: session.tree(...), or Entity.of(study, series, instance)."
        ) from error


class _WorkerPool:
    """Those who fetch the instances of one order, each in a thread."""

    def __init__(self, order: Order, service: WebService, count: int) -> None:
        self.order, self.room = order, Room(order.book.sink.room)
        self.trouble: NetworkError | None = None
        self.shut_out = False
        """Whether the peer wants to know who asks, or does not allow it."""
        self._todo: deque[Entity] = deque()
        self._silent, self._answered, self._ended = 0, False, False
        self._clerks = [_Worker(self, service) for _ in range(count)]

    def fetch(self, entities: Sequence[Entity]) -> Iterator[Progress]:
        """Fetch instances, as many at a time as there are clerks; when it ends, no thread is left."""
        if self._ended:
            return
        self._todo.extend(entities)
        name = f"WADO-URI {self.order.remote.ae_title}"
        threads = [threading.Thread(target=c.run, args=(self._todo,), name=name, daemon=True) for c in self._clerks]
        running: list[threading.Thread] = []
        try:
            for thread in threads[: len(entities)]:
                thread.start()
                running.append(thread)
            for thread in running:
                while thread.is_alive():
                    thread.join(_PACE)
                    yield self.order.book.progress()
        finally:
            if any(t.is_alive() for t in running):  # nobody waits for the rest
                self.stop()
            for thread in running:
                thread.join()

    @property
    def ended(self) -> bool:
        """Whether nothing further is asked for."""
        return self._ended

    @property
    def stopped(self) -> bool:
        """Whether the connections were ended, so that what went wrong since means nothing."""
        return any(c.lines.ended for c in self._clerks)

    def end(self, trouble: NetworkError | None = None) -> None:
        """Ask for nothing further; what is under way may come."""
        self._ended = True
        self.trouble = self.trouble or trouble

    def stop(self) -> None:
        """Ask for nothing further, and hang up."""
        self.end()
        for clerk in self._clerks:
            clerk.lines.end()

    def close(self) -> None:
        """Close all connections."""
        for clerk in self._clerks:
            clerk.close()

    def refuse(self, entity: Entity, refusal: Refused) -> None:
        """Write down what did not come, and judge whether it is worth while to go on."""
        book, why = self.order.book, str(refusal)
        if isinstance(refusal, NoAnswer):
            self._silent += 1
            if not self._answered or self._silent >= max(2, len(self._clerks)):
                self.end(ConnectionFailed(f"{book.remote} did not send by WADO-URI: {why}."))
                if not self._answered:
                    return
        else:
            self._silent, self._answered = 0, True
        book.refuse(entity.uid, why)
        if isinstance(refusal, Status) and (refusal.code == 401 or (refusal.code == 403 and not book.received)):
            self.shut_out = True
            self.end()

    def take(self, entity: Entity, blob: Blob) -> None:
        """Hand over what came."""
        self._silent, self._answered = 0, True
        self.order.book.take(entity.uid, blob, only=True)


class _Worker:
    """Asks for one instance after another, over a connection of its own."""

    def __init__(self, crew: _WorkerPool, service: WebService) -> None:
        self._crew, self._service = crew, service
        self.lines = Connections()
        self._adapter = Adapter(self.lines, service.context)
        self._pools: dict[str, HTTPConnectionPool] = {}

    def run(self, todo: deque[Entity]) -> None:
        """Ask for what is to be done, until there is nothing."""
        while todo and not self._crew.ended:
            try:
                entity = todo.popleft()
            except IndexError:  # another one was quicker
                return
            try:
                self._crew.take(entity, self._fetched(entity))
            except Refused as refusal:
                if not self._crew.stopped:
                    self._crew.refuse(entity, refusal)
            except ConnectionFailed as error:
                self._crew.end(None if self._crew.stopped else error)
            except Exception as error:  # noqa: BLE001  the rest of the study is not lost because of one
                if not self._crew.stopped:
                    why = text(error) or type(error).__name__
                    self._crew.refuse(entity, Refused(f"it could not be read ({why})"))

    def close(self) -> None:
        """Close its connections."""
        self._adapter.close()
        self.lines.close()

    def _fetched(self, entity: Entity) -> Blob:
        """Return one instance."""
        response = self._answer(self._service.request(entity))
        try:
            if response.status != 200:
                _dismiss(response)
                raise Status(response.status)
            data = self._body(response)
        finally:
            response.close()
            self.lines.tidy()
        remote = self._service.remote
        try:
            found = part10(data, f"{remote.ae_title} via WADO-URI", limit=self._crew.order.book.sink.room())
            blob = replace(found, invented=remote.invented)
        except StoreFull:  # it is deflated, and large
            raise Refused(FULL) from None
        except NotDicom as error:
            raise Refused(f"it cannot be read ({text(error).rstrip('.')})") from None
        return blob

    def _answer(self, request: PreparedRequest) -> BaseHTTPResponse:
        """Return the answer to a request, behind all redirects."""
        for _ in range(REDIRECTS + 1):
            response = self._sent(request)
            location = response.headers.get("Location")
            if response.status not in _DIRECTIONS or not location:
                return response
            _dismiss(response)
            request = self._service.redirected(request, location)
        raise Refused("it redirects again and again. Correct wado_uri")

    def _sent(self, request: PreparedRequest) -> BaseHTTPResponse:
        """Send a request; once more where the peer had closed the connection that it kept alive.

        The pool that requests has chosen is used directly: around it requests takes as long as the pool itself.
        """
        service = self._service
        pool, address = self._pool(request), request.path_url
        if pool.proxy:
            address = self._adapter.request_url(request, service.way(request)["proxies"])
        while True:
            self.lines.fresh, self.lines.connected = False, True
            try:
                return pool.urlopen(
                    "GET",
                    address,
                    headers=request.headers,
                    retries=False,
                    redirect=False,
                    assert_same_host=False,
                    timeout=service.timeout,
                    preload_content=False,
                    decode_content=False,
                )
            except ERRORS as error:
                cause = root(error)
            self.lines.tidy()
            if not self.lines.connected:
                raise service.unreachable(request, cause) from cause
            if isinstance(cause, TimeoutError):
                raise NoAnswer(f"it did not answer within {service.patience:g} s. Raise http_timeout")
            if self.lines.fresh or self.lines.ended:
                raise NoAnswer("it hung up, or its answer was no HTTP. Its log may tell; is wado_uri right")

    def _pool(self, request: PreparedRequest) -> HTTPConnectionPool:
        """Return the pool for a request, as requests chooses it: with proxy, authorities and all."""
        at = place(request)
        if at not in self._pools:
            proxies, verify = (self._service.way(request)[k] for k in ("proxies", "verify"))
            verify = self._service.context is not None or verify
            pool = self._adapter.get_connection_with_tls_context(request, verify, proxies)
            self._adapter.cert_verify(pool, request.url, verify, None)
            self._pools[at] = pool
        return self._pools[at]

    def _body(self, response: BaseHTTPResponse) -> memoryview:
        """Return the file that an answer brings."""
        claimed = 0
        body = Body(response)
        try:
            self._crew.room.check(body.length or 0)
            for chunk in chunks(response):
                claimed += len(chunk)
                self._crew.room.claim(len(chunk))
                body.add(chunk)
        except ERRORS as error:
            if isinstance(root(error), TimeoutError):
                seconds = self._service.patience
                raise NoAnswer(f"it fell silent for {seconds:g} s while it sent. Raise http_timeout") from None
            raise Refused(BROKEN) from None
        finally:
            self._crew.room.give_back(claimed)
        return body.whole()


def _dismiss(response: BaseHTTPResponse) -> None:
    """Let an answer go; a short one is read, so that its connection can be used again."""
    with suppress(*ERRORS):
        if (response.length_remaining or 0) <= _TRIFLE:
            response.read(_TRIFLE, decode_content=False)
    response.close()
