"""Sockets of associations: every wait has a time-out, and what comes is acknowledged at once."""

from __future__ import annotations

import select
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import evt
from pynetdicom.transport import AddressInformation, AssociationSocket

if TYPE_CHECKING:
    from pynetdicom.transport import T_CONNECT

_QUICK: Final = getattr(socket, "TCP_QUICKACK", None)
"""The socket option for quick acknowledgements; only Linux has it."""


def readable(timeout: float, *sockets: socket.socket) -> list[int]:
    """Return the descriptors that can be read from, waiting for at most some seconds.

    Raises
    ------
    OSError, ValueError
        One of them is closed.

    """
    numbers = [s.fileno() for s in sockets]
    if -1 in numbers:
        raise ValueError("closed")
    if hasattr(select, "poll"):  # select itself fails for descriptors above 1023
        poll = select.poll()
        for number in numbers:
            poll.register(number, select.POLLIN)
        return [n for n, _ in poll.poll(timeout * 1000)]
    return select.select(numbers, [], [], timeout)[0]


class BoundedSocket(AssociationSocket):
    """A socket that acknowledges at once, has a time-out for everything, and is always closed at the end."""

    patience: float = 30.0
    """Seconds in which the rest of a PDU has to arrive, and in which a peer has to take what we send."""
    trouble: Exception | None = None
    """Why there is no connection, or why it ended."""

    def connect(self, primitive: T_CONNECT) -> None:
        """Connect and secure the connection within one time-out; keep what went wrong in `trouble`."""
        assert self.socket is not None
        address, seconds = primitive.address_info.as_tuple, self.assoc.connection_timeout or self.patience
        deadline = time.monotonic() + seconds
        try:
            self.socket.settimeout(seconds)
            self.socket.connect(address)
            if self.tls_args is not None:
                context, name = self.tls_args
                self.socket.settimeout(max(0.001, deadline - time.monotonic()))
                self.socket = context.wrap_socket(self.socket, server_hostname=name)
            self.socket.settimeout(self.patience)
            self.assoc.requestor.address_info = AddressInformation.from_tuple(self.socket.getsockname())
            self._is_connected = True
            evt.trigger(self.assoc, evt.EVT_CONN_OPEN, {"address": address})
            primitive.result = "Evt2"  # connected
        except (OSError, ValueError) as error:  # a name that TLS cannot ask for is a ValueError
            self.trouble = error
            self._shutdown_socket()
            self.socket = None
            primitive.result = "Evt17"
        finally:
            self.provider_queue.put(primitive)
            self._ready.set()

    def _create_socket(self, address: Any) -> socket.socket:
        """Make a socket that sends at once: else the second of two requests waits for an acknowledgement."""
        made = super()._create_socket(address)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    @property
    def ready(self) -> bool:
        """Whether there is something to read."""
        if self.socket is None or self._is_connected is False:
            return False
        try:
            found = readable(0, self.socket)
        except (OSError, ValueError):
            self.event_queue.put("Evt17")  # the connection is closed
            return False
        return bool(found) or pending(self.socket) > 0

    def recv(self, nr_bytes: int) -> bytearray:
        """Read so many bytes, or fewer where the peer closes the connection.

        Raises
        ------
        OSError
            The peer did not send them in time, or the connection broke.

        """
        assert self.socket is not None
        data = bytearray(nr_bytes)
        view, end = memoryview(data), 0
        deadline = time.monotonic() + self.patience
        while end < nr_bytes:
            self.socket.settimeout(max(0.001, deadline - time.monotonic()))
            count = self.socket.recv_into(view[end:])
            acknowledge(self.socket)
            if not count:
                break
            end += count
        self.socket.settimeout(self.patience)
        view.release()
        del data[end:]
        return data

    def _shutdown_socket(self) -> None:
        """Close the socket, also one that was never connected or that the peer has closed, unlike pynetdicom."""
        super()._shutdown_socket()
        if self.socket is not None:
            self.socket.close()


def pending(connection: socket.socket) -> int:
    """Return the number of bytes that TLS has decrypted already; poll and select do not count them."""
    return connection.pending() if isinstance(connection, ssl.SSLSocket) else 0


def acknowledge(connection: socket.socket) -> None:
    """Ask for quick acknowledgements; the operating system resets the option, so this follows each read.

    Most peers leave Nagle's algorithm on, and then each small instance waits 40 ms for our delayed acknowledgement:
    93 CTs of 10 KB take 4.5 s, with this 0.6 s.
    """
    if _QUICK is not None:
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)
