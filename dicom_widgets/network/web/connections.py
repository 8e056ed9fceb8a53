"""HTTP connections that can be ended at any moment, also while they are being made."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    import ssl

    from urllib3 import HTTPConnectionPool

ERRORS: Final = (OSError, HTTPError, HTTPException, ValueError)
"""What requests and urllib3 raise; an exception of requests is an OSError."""


class Connections:
    """The connections of one client, which any thread may end.

    A duplicate of each socket is kept, as urllib3 hands the first one on, to TLS for example.
    """

    def __init__(self) -> None:
        self._handles: dict[_Connection, socket.socket] = {}
        self._lock = threading.Lock()
        self.ended = False
        self.fresh = False
        """Whether the last request made a new connection, rather than reusing one that the peer may have closed."""
        self.connected = True

    def dial(self, connection: _Connection) -> socket.socket:
        """Return a socket that is connected to one of the addresses of a host."""
        try:
            addresses = socket.getaddrinfo(connection.host, connection.port, type=socket.SOCK_STREAM)
        except UnicodeError as error:  # a label that is too long, say
            raise socket.gaierror(socket.EAI_NONAME, "the name is none") from error
        trouble: OSError = socket.gaierror(socket.EAI_NONAME, "the name has no address")
        for family, kind, protocol, _, address in addresses:
            made = socket.socket(family, kind, protocol)
            try:
                for option in connection.socket_options or ():
                    made.setsockopt(*option)
                made.settimeout(connection.timeout)
                self._keep(connection, made)
                made.connect(address)
                if self.ended:  # a socket that is shut down while it connects looks connected
                    raise ConnectionAbortedError("it was to end")
            except OSError as error:
                made.close()
                trouble = error
            else:
                return made
        raise trouble

    def _keep(self, connection: _Connection, made: socket.socket) -> None:
        with self._lock:
            if self.ended:
                raise ConnectionAbortedError("it was to end")
            if connection in self._handles:
                self._handles.pop(connection).close()
            self._handles[connection] = made.dup()

    def tidy(self) -> None:
        """Close the duplicates of connections that are closed, so that the peer sees their end."""
        with self._lock:
            for connection in [x for x in self._handles if x.sock is None]:
                self._handles.pop(connection).close()

    def end(self) -> None:
        """End all of them, and make no further ones."""
        with self._lock:
            self.ended = True
            for handle in self._handles.values():
                with suppress(OSError):
                    handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """End all of them and close the handles."""
        self.end()
        with self._lock:
            while self._handles:
                self._handles.popitem()[1].close()


class _Connection(HTTPConnection):
    """A connection that can be ended while it is made or read from."""

    owner: Connections

    def _new_conn(self) -> socket.socket:
        return self.owner.dial(self)

    def connect(self) -> None:
        """Connect, and record that it succeeded."""
        self.owner.fresh, self.owner.connected = True, False
        super().connect()
        self.owner.connected = True


class _SecureConnection(_Connection, HTTPSConnection):
    """The same with TLS."""


class Adapter(HTTPAdapter):
    """The adapter of requests, whose connections can be ended and trust only whom the context trusts."""

    def __init__(self, owner: Connections, context: ssl.SSLContext | None) -> None:
        self._kinds = {
            HTTPConnection: type("Connection", (_Connection,), {"owner": owner}),
            HTTPSConnection: type("SecureConnection", (_SecureConnection,), {"owner": owner}),
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
        """Leave certificates to our context; requests would add its own authorities to it."""
        if self._context is None:
            super().cert_verify(conn, url, verify, cert)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """Return the pool of a host; its connections are ours (a SOCKS proxy's are not)."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.ConnectionCls = self._kinds.get(pool.ConnectionCls, pool.ConnectionCls)
        made: HTTPConnectionPool = pool
        return made


def root(error: BaseException) -> BaseException:
    """Return the first cause of an exception: the one of the operating system, of TLS or of HTTP."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    return error
