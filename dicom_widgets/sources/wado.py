"""WADO-URI (PS3.18 9): one GET for each instance, several at a time."""

from __future__ import annotations

import socket
import ssl
import threading
import zlib
from base64 import b64encode
from collections import deque
from contextlib import closing, suppress
from dataclasses import replace
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

import numpy as np
import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from dicom_widgets.conformance import IMPLEMENTATION_VERSION_NAME
from dicom_widgets.errors import ConnectionFailed, NetworkError, NotDicom, StoreFull
from dicom_widgets.header import Unusual, header
from dicom_widgets.instance import path_of
from dicom_widgets.sources.ledger import FULL
from dicom_widgets.sources.media import PREAMBLE, part10
from dicom_widgets.statuses import explain_http
from dicom_widgets.values import text, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from requests import PreparedRequest
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool

    from dicom_widgets.blob import Blob
    from dicom_widgets.model import Entity, Progress
    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.remote import RemoteAE

TYPE: Final = "application/dicom"
REDIRECTS: Final = 5
"""Redirects that are followed for one instance."""
_DIRECTIONS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 1 << 18
"""Bytes that are read at a time."""
_COMPRESSED: Final = 1 << 16
_GZIP_OR_ZLIB: Final = zlib.MAX_WBITS | 32
_FILE: Final = 1 << 12
"""Bytes that a file may have in front of its data set: preamble and meta information (PS3.10 7.1)."""
_TRIFLE: Final = 1 << 16
"""Bytes of a refusal that are read, so that its connection can be used again."""
_BROKEN: Final = "the connection broke before all of it had come"
_PACE: Final = 0.05
"""Seconds between two steps of progress."""
_UID: Final = frozenset({0x00080018})
_BEHIND_UID: Final = range(0x00080019, 1 << 32)
_ERRORS: Final = (OSError, HTTPError, HTTPException, ValueError)
"""What requests and urllib3 raise; an exception of requests is an OSError."""


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
    service = _Service(order.remote)
    yield order.book.progress("Looking for what is inside")
    wanted = _instances(order)
    crew = _Crew(order, service, min(order.remote.http_parallel, len(wanted)))
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


# --- what is asked, and of whom


class _Service:
    """A WADO-URI service: its address, who we are there, how its answers are secured."""

    def __init__(self, remote: RemoteAE) -> None:
        if remote.wado_uri is None:
            raise ValueError(f"{remote} has no wado_uri: give it as RemoteAE(..., wado_uri='https://...').")
        self.remote = remote
        try:
            parts = urlsplit(remote.wado_uri)
            login, _, place = parts.netloc.rpartition("@")
            address = parts._replace(netloc=place, fragment="").geturl()
            self._first = requests.Request("GET", address, headers=_headers(_credentials(remote, login))).prepare()
        except (ValueError, OSError) as error:
            if isinstance(error, _Unsendable):
                raise
            raise ValueError(  # what is wrong with it is not quoted: it may hold a password
                f"The wado_uri of {remote} is no address that can be used. Write it as https://host:port/path."
            ) from None
        self.context = remote.http_tls or self._trusting()
        self.timeout = Timeout(connect=remote.connect_timeout, read=remote.http_timeout)
        self.patience = remote.http_timeout

    def request(self, entity: Entity) -> PreparedRequest:
        """Return the request for an instance (PS3.18 9.1.2).

        The content type has a literal slash: some peers compare it without decoding it.
        """
        made, base = self._first.copy(), self._first.url or ""
        given = urlsplit(base).query
        terms = {"requestType": "WADO", "studyUID": entity.path[0], "seriesUID": entity.path[1]}
        terms |= {"objectUID": entity.uid, "contentType": TYPE}
        known = parse_qs(given, keep_blank_values=True)
        query = "&".join(f"{k}={quote(v, safe='/')}" for k, v in terms.items() if k not in known)
        made.url = f"{base}{'&' if given else '' if base.endswith('?') else '?'}{query}"
        return made

    def redirected(self, request: PreparedRequest, location: str) -> PreparedRequest:
        """Return the request that a redirect asks for; another host is not told who we are (RFC 9110 15.4)."""
        before, made = request.url or "", request.copy()
        try:
            parts = urlsplit(urljoin(before, location))
            after = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
            made.prepare_url(after, None)
        except (ValueError, OSError):
            raise _Refused("it redirects to something that is no address. Correct wado_uri") from None
        if parts.scheme not in ("http", "https") or (parts.scheme == "http" and before.startswith("https:")):
            raise _Refused("it redirects to where nothing is secured, which is refused. Correct wado_uri")
        if requests.Session().should_strip_auth(before, after):
            made.headers.pop("Authorization", None)
        return made

    def way(self, request: PreparedRequest) -> Any:
        """Return the proxies, and the authorities to be trusted (`verify`), as the environment names them."""
        with requests.Session() as session:
            return session.merge_environment_settings(request.url or "", {}, True, None, None)

    def unreachable(self, request: PreparedRequest, error: BaseException) -> ConnectionFailed:
        """Say why there is no connection."""
        words = f"{_unreachable(_plain(request), self.remote, error)}"
        if select_proxy(request.url or "", self.way(request)["proxies"]):
            words += " The environment names a proxy for it (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)."
        return ConnectionFailed(words)

    def _trusting(self) -> ssl.SSLContext | None:
        """Return one context for all connections, unless the environment names other authorities."""
        if not (self._first.url or "").startswith("https:"):
            return None
        named = self.way(self._first)["verify"] is not True
        return None if named else ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)


class _Unsendable(ValueError):
    """Credentials that HTTP cannot carry."""


def _credentials(remote: RemoteAE, login: str) -> str:
    """Return the Authorization header (RFC 7617, RFC 6750), or nothing; `auth` counts more than the address."""
    given = remote.auth or (unquote(login) if login else None)
    if not given:
        return ""
    if isinstance(given, tuple) or ":" in given:
        pair = ":".join(given) if isinstance(given, tuple) else given
        return f"Basic {b64encode(pair.encode()).decode()}"
    token = given.strip().removeprefix("Bearer ")
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise _Unsendable(f"The token of {remote} (auth=) has characters that cannot be sent. Copy it again.")
    return f"Bearer {token}"


def _headers(authorization: str) -> dict[str, str]:
    """Return the headers of every request; compressing takes a peer ten times as long as sending."""
    always = {"Accept": TYPE, "Accept-Encoding": "identity", "User-Agent": IMPLEMENTATION_VERSION_NAME}
    return {**always, "Authorization": authorization} if authorization else always


def _place(request: PreparedRequest) -> str:
    """Return scheme, host and port."""
    return "/".join((request.url or "").split("/", 3)[:3])


def _plain(request: PreparedRequest) -> str:
    """Return an address as it may be shown."""
    parts = urlsplit(request.url or "")
    return text(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl())


# --- what became of it


class _Refused(Exception):
    """An instance that did not come, or was not taken: why."""


class _Status(_Refused):
    """An answer that is no success."""

    def __init__(self, code: int) -> None:
        super().__init__(explain_http(code))
        self.code = code


class _NoAnswer(_Refused):
    """A peer that fell silent, hung up, or speaks something else."""


# --- connections


class _Lines:
    """The connections of one clerk, which any thread may end.

    A second handle on each of them is kept, as urllib3 gives away the first one, to TLS for example.
    """

    def __init__(self) -> None:
        self._handles: dict[_Line, socket.socket] = {}
        self._lock = threading.Lock()
        self.ended = False
        self.fresh = False
        """Whether the last request made a connection, so that it was none that the peer had kept too long."""
        self.connected = True

    def dial(self, line: _Line) -> socket.socket:
        """Return a socket that is connected to one of the addresses of a host."""
        try:
            addresses = socket.getaddrinfo(line.host, line.port, type=socket.SOCK_STREAM)
        except UnicodeError as error:  # a label that is too long, say
            raise socket.gaierror(socket.EAI_NONAME, "the name is none") from error
        trouble: OSError = socket.gaierror(socket.EAI_NONAME, "the name has no address")
        for family, kind, protocol, _, address in addresses:
            made = socket.socket(family, kind, protocol)
            try:
                for option in line.socket_options or ():
                    made.setsockopt(*option)
                made.settimeout(line.timeout)
                self._keep(line, made)
                made.connect(address)
                if self.ended:  # a connection that was ended while it was made looks like one that was made
                    raise ConnectionAbortedError("it was to end")
            except OSError as error:
                made.close()
                trouble = error
            else:
                return made
        raise trouble

    def _keep(self, line: _Line, made: socket.socket) -> None:
        with self._lock:
            if self.ended:
                raise ConnectionAbortedError("it was to end")
            if line in self._handles:
                self._handles.pop(line).close()
            self._handles[line] = made.dup()

    def tidy(self) -> None:
        """Let go of connections that are closed, so that the peer sees their end."""
        with self._lock:
            for line in [x for x in self._handles if x.sock is None]:
                self._handles.pop(line).close()

    def end(self) -> None:
        """End all of them, now and for ever."""
        with self._lock:
            self.ended = True
            for handle in self._handles.values():
                with suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Forget all of them."""
        self.end()
        with self._lock:
            while self._handles:
                self._handles.popitem()[1].close()


class _Line(HTTPConnection):
    """A connection that can be ended while it is made or read from."""

    lines: _Lines

    def _new_conn(self) -> socket.socket:
        return self.lines.dial(self)

    def connect(self) -> None:
        """Connect, and note that it is done."""
        self.lines.fresh, self.lines.connected = True, False
        super().connect()
        self.lines.connected = True


class _SecureLine(_Line, HTTPSConnection):
    """The same with TLS."""


class _Adapter(HTTPAdapter):
    """Ours: its connections can be ended, and it trusts whom the context trusts, nobody else."""

    def __init__(self, lines: _Lines, context: ssl.SSLContext | None) -> None:
        self._kinds = {
            HTTPConnection: type("Line", (_Line,), {"lines": lines}),
            HTTPSConnection: type("SecureLine", (_SecureLine,), {"lines": lines}),
        }
        self._context = context
        super().__init__(pool_maxsize=1)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        """Make the pool, with our context."""
        super().init_poolmanager(connections, maxsize, block, **kwargs, **self._secured())

    def proxy_manager_for(self, proxy: Any, **kwargs: Any) -> Any:
        """Return the pool of a proxy, with our context."""
        return super().proxy_manager_for(proxy, **kwargs, **self._secured())

    def _secured(self) -> dict[str, Any]:
        return {"ssl_context": self._context} if self._context else {}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Leave it to our context: requests would add its own authorities to it."""
        if self._context is None:
            super().cert_verify(conn, url, verify, cert)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """Return the pool of a host; its connections are ours (a SOCKS proxy's are not)."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = self._kinds.get(pool.ConnectionCls, pool.ConnectionCls)
        made: HTTPConnectionPool = pool
        return made


def _root(error: BaseException) -> BaseException:
    """Return what an exception began with: the one of the operating system, of TLS or of HTTP."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return error


def _unreachable(address: str, remote: RemoteAE, error: BaseException) -> str:
    """Say why there is no connection, and what to do."""
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return f"The host name in {address} (WADO-URI of {remote}) is not known here. Correct it, or use the address."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens at {address} (WADO-URI of {remote}). Is its web server running, is this its port?"
    if isinstance(error, TimeoutError):
        return (
            f"{address} (WADO-URI of {remote}) did not answer the connection within {remote.connect_timeout:g} s. The"
            " address may be wrong, the port may not speak this protocol, or a firewall may be in between."
        )
    names = ("verify_message", "reason", "strerror")
    known = str(error) if isinstance(error, OSError) else ""  # others may quote the request
    why = str(next(filter(None, (getattr(error, n, None) for n in names)), known or type(error).__name__)).rstrip(".")
    if isinstance(error, ssl.SSLError) or (address.startswith("https:") and isinstance(error, ConnectionError)):
        return (
            f"There is no secure connection to {address} (WADO-URI of {remote}): {text(why)}. Does it speak TLS at this"
            " port, is its certificate made for this host by an authority that http_tls= trusts, and does it want one"
            " of ours?"
        )
    return f"There is no way to {address} (WADO-URI of {remote}): {text(why)}. Correct the address or the network."


# --- those who ask


class _Crew:
    """Those who fetch the instances of one order, each in a thread."""

    def __init__(self, order: Order, service: _Service, count: int) -> None:
        self.order, self.room = order, _Room(order.book.sink.room)
        self.trouble: NetworkError | None = None
        self.shut_out = False
        """Whether the peer wants to know who asks, or does not allow it."""
        self._todo: deque[Entity] = deque()
        self._silent, self._answered, self._ended = 0, False, False
        self._clerks = [_Clerk(self, service) for _ in range(count)]

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

    def refuse(self, entity: Entity, refusal: _Refused) -> None:
        """Write down what did not come, and judge whether it is worth while to go on."""
        book, why = self.order.book, str(refusal)
        if isinstance(refusal, _NoAnswer):
            self._silent += 1
            if not self._answered or self._silent >= max(2, len(self._clerks)):
                self.end(ConnectionFailed(f"{book.remote} did not send by WADO-URI: {why}."))
                if not self._answered:
                    return
        else:
            self._silent, self._answered = 0, True
        book.refuse(entity.uid, why)
        if isinstance(refusal, _Status) and (refusal.code == 401 or (refusal.code == 403 and not book.received)):
            self.shut_out = True
            self.end()

    def take(self, entity: Entity, blob: Blob) -> None:
        """Hand over what came."""
        self._silent, self._answered = 0, True
        self.order.book.take(entity.uid, blob)


class _Clerk:
    """Asks for one instance after another, over a connection of its own."""

    def __init__(self, crew: _Crew, service: _Service) -> None:
        self._crew, self._service = crew, service
        self.lines = _Lines()
        self._adapter = _Adapter(self.lines, service.context)
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
            except _Refused as refusal:
                if not self._crew.stopped:
                    self._crew.refuse(entity, refusal)
            except ConnectionFailed as error:
                self._crew.end(None if self._crew.stopped else error)
            except Exception as error:  # noqa: BLE001  the rest of the study is not lost because of one
                if not self._crew.stopped:
                    why = text(error) or type(error).__name__
                    self._crew.refuse(entity, _Refused(f"it could not be read ({why})"))

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
                raise _Status(response.status)
            data = self._body(response)
        finally:
            response.close()
            self.lines.tidy()
        remote = self._service.remote
        try:
            blob = replace(part10(data, f"{remote.ae_title} via WADO-URI"), invented=remote.invented)
            if not _is(entity.uid, blob):
                raise _Refused("another instance came than was asked for")
        except NotDicom as error:
            raise _Refused(f"it cannot be read ({text(error).rstrip('.')})") from None
        except StoreFull:  # it is deflated, and large
            raise _Refused(FULL) from None
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
        raise _Refused("it redirects again and again. Correct wado_uri")

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
            except _ERRORS as error:
                root = _root(error)
            self.lines.tidy()
            if not self.lines.connected:
                raise service.unreachable(request, root) from root
            if isinstance(root, TimeoutError):
                raise _NoAnswer(f"it did not answer within {service.patience:g} s. Raise http_timeout")
            if self.lines.fresh or self.lines.ended:
                raise _NoAnswer("it hung up, or its answer was no HTTP. Its log may tell; is wado_uri right")

    def _pool(self, request: PreparedRequest) -> HTTPConnectionPool:
        """Return the pool for a request, as requests chooses it: with proxy, authorities and all."""
        place = _place(request)
        if place not in self._pools:
            proxies, verify = (self._service.way(request)[k] for k in ("proxies", "verify"))
            verify = self._service.context is not None or verify
            pool = self._adapter.get_connection_with_tls_context(request, verify, proxies)
            self._adapter.cert_verify(pool, request.url, verify, None)
            self._pools[place] = pool
        return self._pools[place]

    def _body(self, response: BaseHTTPResponse) -> memoryview:
        """Return the file that an answer brings."""
        claimed = 0
        body, chunks = _Body(response), _chunks(response)
        try:
            self._crew.room.check(body.length or 0)
            for chunk in chunks:
                claimed += len(chunk)
                self._crew.room.claim(len(chunk))
                body.add(chunk)
        except _ERRORS as error:
            root = _root(error)
            if isinstance(root, TimeoutError):
                seconds = self._service.patience
                raise _NoAnswer(f"it fell silent for {seconds:g} s while it sent. Raise http_timeout") from None
            raise _Refused(_BROKEN) from None
        finally:
            self._crew.room.give_back(claimed)
        return body.whole()


# --- what comes


class _Room:
    """The bytes that may be under way: what all clerks read at the moment has to fit together."""

    def __init__(self, room: Callable[[], int]) -> None:
        self._room, self._lock, self._claimed = room, threading.Lock(), 0

    def check(self, count: int) -> None:
        """Refuse what will not fit, before it is read."""
        if self._claimed + count > self._room() + _FILE:
            raise _Refused(FULL)

    def claim(self, count: int) -> None:
        """Take room for what has come; it is given back in any case."""
        with self._lock:
            self._claimed += count
        self.check(0)

    def give_back(self, count: int) -> None:
        """Leave the rest to the sink."""
        with self._lock:
            self._claimed -= count


class _Body:
    """The body of an answer while it comes; in one piece from the beginning where its length is known."""

    def __init__(self, response: BaseHTTPResponse) -> None:
        self.length: int | None = None if _encodings(response) else response.length_remaining
        self._type = text(response.headers.get("Content-Type", ""), 60)
        self._size, self._checked = 0, False
        self._known: memoryview | None = None
        self._grown = bytearray()

    def add(self, chunk: bytes) -> None:
        """Take what has come."""
        if self.length is None:
            self._grown += chunk
        else:
            if self._known is None:  # numpy leaves the pages alone: an announced length costs nothing until it comes
                self._known = np.empty(self.length, np.uint8).data
            self._known[self._size : self._size + len(chunk)] = chunk
        self._size += len(chunk)
        if not self._checked and self._size >= PREAMBLE + 4:
            self._check()

    def whole(self) -> memoryview:
        """Return it when all has come."""
        if not self._checked:
            self._check()
        return self._view

    @property
    def _view(self) -> memoryview:
        return (memoryview(self._grown) if self._known is None else self._known)[: self._size]

    def _check(self) -> None:
        """Refuse what is no file of PS3.10 7.1, whatever its label says."""
        self._checked = True
        if bytes(self._view[PREAMBLE : PREAMBLE + 4]) != b"DICM":
            what = f"{self._type!r}" if self._type else "something without a Content-Type"
            page = ", perhaps a page to log in" if "html" in self._type else ""
            raise _Refused(f"{what} came instead of a DICOM file{page}. Is wado_uri right")


def _encodings(response: BaseHTTPResponse) -> list[str]:
    """Return how a body is compressed, although it was not to be."""
    given = response.headers.get("Content-Encoding", "").lower().split(",")
    return [x.strip() for x in given if x.strip() not in ("", "identity")]


def _chunks(response: BaseHTTPResponse) -> Iterator[bytes]:
    """Yield a body in pieces."""
    encodings = _encodings(response)
    if not encodings:
        while chunk := response.read(_CHUNK, decode_content=False):
            yield chunk
    elif len(encodings) == 1 and encodings[0] in ("gzip", "x-gzip", "deflate"):
        yield from _inflated(response)
    else:
        raise _Refused(f"it came compressed ({text(', '.join(encodings), 40)}), which was not asked for")


def _inflated(response: BaseHTTPResponse) -> Iterator[bytes]:
    """Yield a compressed body in bounded pieces (RFC 9110 8.4.1)."""
    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        while compressed := response.read(_COMPRESSED, decode_content=False):
            while compressed:
                if stream.eof:  # another member follows (RFC 1952 2.2)
                    stream = zlib.decompressobj(_GZIP_OR_ZLIB)
                if chunk := stream.decompress(compressed, _CHUNK):
                    yield chunk
                compressed = stream.unconsumed_tail or stream.unused_data
        yield stream.flush()
    except zlib.error:
        raise _Refused("it came compressed, and damaged") from None
    if not stream.eof:
        raise _Refused(_BROKEN)


def _is(uid: str, blob: Blob) -> bool:
    """Whether a data set is the instance that was asked for; the meta information could say anything."""
    syntax = blob.transfer_syntax
    if syntax.is_little_endian:
        with suppress(Unusual):
            found, _ = header(blob.data, implicit=syntax.is_implicit_VR, wanted=_UID, stop=_BEHIND_UID)
            return str(value(found, "SOPInstanceUID", "")) == uid
    return path_of(blob)[2] == uid


def _dismiss(response: BaseHTTPResponse) -> None:
    """Let an answer go; a short one is read, so that its connection can be used again."""
    with suppress(*_ERRORS):
        if (response.length_remaining or 0) <= _TRIFLE:
            response.read(_TRIFLE, decode_content=False)
    response.close()
