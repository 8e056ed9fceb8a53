"""A client of a WADO-URI service: it asks for one instance after another, over connections of its own."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.part10 import part10
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom, StoreFull
from dicom_widgets.network.web.body import BROKEN, Body, NoAnswer, Refused, Room, Status, chunks
from dicom_widgets.network.web.connections import ERRORS, Adapter, Connections, root
from dicom_widgets.network.web.service import WebService, origin
from dicom_widgets.sources.ledger import FULL

if TYPE_CHECKING:
    from requests import PreparedRequest
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.dicom.entities import Entity

REDIRECTS: Final = 5
"""Redirects that are followed for one instance."""
_REDIRECTED: Final = frozenset({301, 302, 303, 307, 308})
_SHORT: Final = 1 << 16
"""Bytes of a refusal that are read, so that its connection can be used again."""


class Client:
    """Asks for one instance after another, over connections of its own.

    Parameters
    ----------
    service : WebService
    room : Room
        The bytes that all clients of an order may have under way together.

    """

    def __init__(self, service: WebService, room: Room) -> None:
        self._service, self._room = service, room
        self.connections = Connections()
        self._adapter = Adapter(self.connections, service.context)
        self._pools: dict[str, HTTPConnectionPool] = {}

    def close(self) -> None:
        """Close its connections."""
        self._adapter.close()
        self.connections.close()

    def fetch(self, entity: Entity, limit: int) -> Blob:
        """Return an instance, of at most `limit` bytes where it has to be inflated.

        Raises
        ------
        Refused
            It did not come, or is none: why, without a full stop.
        ConnectionFailed
            There is no connection.

        """
        response = self._answer(self._service.request(entity))
        try:
            if response.status != 200:
                _dismiss(response)
                raise Status(response.status)
            data = self._body(response)
        finally:
            response.close()
            self.connections.tidy()
        remote = self._service.remote
        try:
            found = part10(data, f"{remote.ae_title} via WADO-URI", limit=limit)
            blob = replace(found, invented=remote.invented)
        except StoreFull:  # it is deflated, and large
            raise Refused(FULL) from None
        except NotDicom as error:
            raise Refused(f"it cannot be read ({text(error).rstrip('.')})") from None
        return blob

    def _answer(self, request: PreparedRequest) -> BaseHTTPResponse:
        """Return the response to a request, after all redirects."""
        for _ in range(REDIRECTS + 1):
            response = self._sent(request)
            location = response.headers.get("Location")
            if response.status not in _REDIRECTED or not location:
                return response
            _dismiss(response)
            request = self._service.redirected(request, location)
        raise Refused("it redirects again and again. Correct wado_uri")

    def _sent(self, request: PreparedRequest) -> BaseHTTPResponse:
        """Send a request; repeat it where the peer had closed the connection that was kept alive.

        The pool that requests chooses is used directly: what requests does around it takes as long as the pool itself.
        """
        service = self._service
        pool, address = self._pool(request), request.path_url
        if pool.proxy:
            address = self._adapter.request_url(request, service.environment(request)["proxies"])
        while True:
            self.connections.fresh, self.connections.connected = False, True
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
            self.connections.tidy()
            if not self.connections.connected:
                raise service.unreachable(request, cause) from cause
            if isinstance(cause, TimeoutError):
                raise NoAnswer(f"it did not answer within {service.patience:g} s. Raise http_timeout")
            if self.connections.fresh or self.connections.ended:
                raise NoAnswer("it hung up, or its answer was no HTTP. Its log may tell; is wado_uri right")

    def _pool(self, request: PreparedRequest) -> HTTPConnectionPool:
        """Return the pool for a request as requests chooses it, with its proxy and authorities."""
        at = origin(request)
        if at not in self._pools:
            proxies, verify = (self._service.environment(request)[k] for k in ("proxies", "verify"))
            verify = self._service.context is not None or verify
            pool = self._adapter.get_connection_with_tls_context(request, verify, proxies)
            self._adapter.cert_verify(pool, request.url, verify, None)
            self._pools[at] = pool
        return self._pools[at]

    def _body(self, response: BaseHTTPResponse) -> memoryview:
        """Return the body of a response: a DICOM file."""
        claimed = 0
        body = Body(response)
        try:
            self._room.check(body.length or 0)
            for chunk in chunks(response):
                claimed += len(chunk)
                self._room.claim(len(chunk))
                body.add(chunk)
        except ERRORS as error:
            if isinstance(root(error), TimeoutError):
                seconds = self._service.patience
                raise NoAnswer(f"it fell silent for {seconds:g} s while it sent. Raise http_timeout") from None
            raise Refused(BROKEN) from None
        finally:
            self._room.give_back(claimed)
        return body.whole()


def _dismiss(response: BaseHTTPResponse) -> None:
    """Close a response; a short one is read first, so that its connection can be reused."""
    with suppress(*ERRORS):
        if (response.length_remaining or 0) <= _SHORT:
            response.read(_SHORT, decode_content=False)
    response.close()
