"""The first contact with a peer: one association request, and what is seen of the connection while it is answered."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pynetdicom import evt

from dicom_widgets.dicom.conformance import VERIFICATION
from dicom_widgets.errors import ConnectionFailed, NetworkError
from dicom_widgets.network.association.association import associate, service_context
from dicom_widgets.network.association.operation import Operation
from dicom_widgets.network.doctor.tls import described

if TYPE_CHECKING:
    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.local import LocalAE


@dataclass
class Contact:
    """What was seen of a connection while an association was requested over it."""

    peer: str = ""
    """Address of the peer; empty where there was no connection."""
    ours: str = ""
    """Our address, as the peer sees it where nothing translates addresses."""
    tls: str = ""
    """Version of TLS and cipher, where the connection is secure."""
    error: NetworkError | None = None
    """Why there was no association."""

    def keep(self, event: Any) -> None:
        """Keep the addresses and the encryption of the open connection."""
        with suppress(OSError):  # it may have gone again
            connection = event.assoc.dul.socket.socket
            self.peer, self.ours = str(connection.getpeername()[0]), str(connection.getsockname()[0])
            if isinstance(connection, ssl.SSLSocket):
                self.tls = described(connection)


def first_contact(remote: Peer, ours: LocalAE, cancellation: Cancellation) -> Contact:
    """Request an association, and release it at once; return what was seen, and why there was none."""
    operation, seen = Operation(), Contact()
    handlers = [*operation.handlers, (evt.EVT_CONN_OPEN, seen.keep)]
    try:
        with (
            cancellation.doing(operation.stop),
            associate(remote, ours, [service_context(VERIFICATION)], handlers=handlers),
        ):
            pass
    except NetworkError as error:
        seen.error = error
    return seen


def connect(remote: Peer) -> tuple[str, str]:
    """Connect to a peer; return its address, and ours as it sees it where nothing translates addresses.

    Raises
    ------
    ConnectionFailed
        The name is not known, or there is no connection.

    """
    try:
        with socket.create_connection((remote.host, remote.port), remote.connect_timeout) as connection:
            return str(connection.getpeername()[0]), str(connection.getsockname()[0])
    except (OSError, UnicodeError) as error:
        raise ConnectionFailed(_unreached(remote, error)) from error


def _unreached(remote: Peer, error: Exception) -> str:
    """Say why there is no TCP connection, and what to do."""
    where = f"{remote.host}:{remote.port}"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return f"The host name {remote.host!r} is not known here. Correct it, or use the address."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens at {where}. Is the peer running, is this its DICOM port? 104 and 11112 are common."
    if isinstance(error, TimeoutError):
        return (
            f"{where} did not answer within {remote.connect_timeout:g} s."
            " The address may be wrong, or a firewall may be in between."
        )
    why = getattr(error, "strerror", None) or error
    return f"There is no way to {where}: {why}. Correct the address or the network."
