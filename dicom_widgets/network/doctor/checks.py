"""Probes: what a peer does below and beside its services, one thing at a time, for the connection doctor."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import build_role, evt
from pynetdicom.presentation import build_context

from dicom_widgets.dicom.conformance import (
    FIND,
    GET,
    MOVE,
    STORAGE,
    TRANSFER_SYNTAXES,
    VERIFICATION,
)
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import ConnectionFailed, ContextsRefused, NetworkError
from dicom_widgets.network.association.association import associate, service_context
from dicom_widgets.network.association.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext

    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.local import LocalAE

SAMPLE_CLASS: Final = "1.2.840.10008.5.1.4.1.1.2"
"""CT Image Storage: the class that each transfer syntax is proposed for by itself."""
_SERVICES: Final = (VERIFICATION, FIND, GET, MOVE)
_ALERT: Final = 0.5
"""Seconds in which a peer refuses us after a handshake of TLS 1.3, in which the client ends first."""
_HELLO: Final = 3.0
"""Seconds that a peer has to answer a TLS greeting."""


@dataclass(frozen=True)
class Offers:
    """What a peer accepted of all that we know."""

    services: frozenset[str]
    """SOP classes of the services."""
    sends: tuple[str, ...]
    """Storage classes that it would send by C-GET: accepted, and the role too."""
    keeps: tuple[str, ...]
    """Storage classes that it accepts, but would not send to us over the same association."""
    refused: tuple[str, ...]
    """Storage classes that it does not accept."""
    syntaxes: tuple[str, ...]
    """Transfer syntaxes that it accepts for `SAMPLE_CLASS`."""
    version: str
    """Its implementation version name."""


@dataclass
class Reach:
    """An association that was requested for nothing but to see what happens."""

    peer: str = ""
    """Address of the peer; empty where there was no connection."""
    ours: str = ""
    """Our address, as the peer sees it where nothing translates addresses."""
    tls: str = ""
    """Version of TLS and cipher, where the connection is secure."""
    error: NetworkError | None = None
    """Why there was no association."""

    def see(self, event: Any) -> None:
        """Keep what the open connection tells."""
        with suppress(OSError):  # it may have gone again
            connection = event.assoc.dul.socket.socket
            self.peer, self.ours = str(connection.getpeername()[0]), str(connection.getsockname()[0])
            if isinstance(connection, ssl.SSLSocket):
                self.tls = _described(connection)


def knock(remote: Peer, ours: LocalAE, cancellation: Cancellation) -> Reach:
    """Request an association, and release it at once."""
    line, seen = Operation(), Reach()
    handlers = [*line.handlers, (evt.EVT_CONN_OPEN, seen.see)]
    try:
        with cancellation.doing(line.stop), associate(remote, ours, [service_context(VERIFICATION)], handlers=handlers):
            pass
    except NetworkError as error:
        seen.error = error
    return seen


def reach(remote: Peer) -> tuple[str, str]:
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


def secure(remote: Peer, tls: ssl.SSLContext) -> str:
    """Make a secure connection; return the version of TLS and the cipher.

    Raises
    ------
    ConnectionFailed
        The two sides do not agree.

    """
    try:
        return _secured(remote, tls)
    except OSError as error:
        raise ConnectionFailed(_insecure(remote, error)) from error


def _secured(remote: Peer, tls: ssl.SSLContext) -> str:
    with socket.create_connection((remote.host, remote.port), remote.connect_timeout) as connection:
        connection.settimeout(remote.acse_timeout)
        with tls.wrap_socket(connection, server_hostname=remote.host) as secured:
            secured.settimeout(_ALERT)
            with suppress(TimeoutError):
                if not secured.recv(1):
                    raise ConnectionResetError("the peer hung up after the handshake")
            return _described(secured)


def _described(secured: ssl.SSLSocket) -> str:
    cipher = secured.cipher()
    return f"{secured.version()}, {cipher[0] if cipher else 'no cipher'}"


def speaks_tls(remote: Peer) -> bool:
    """Whether a peer answers a TLS greeting as one who understands it; nothing is verified."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((remote.host, remote.port), remote.connect_timeout) as connection:
            connection.settimeout(_HELLO)
            tls.wrap_socket(connection).close()
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "").upper()  # anything else is no TLS at all
    except OSError:
        return False
    return True


def offers(remote: Peer, ours: LocalAE, cancellation: Cancellation) -> Offers:
    """Propose everything that we know over one association; return what the peer accepts.

    Raises
    ------
    ContextsRefused
        It accepts none of the services.
    NetworkError

    """
    stores = [build_context(c, list(TRANSFER_SYNTAXES)) for c in STORAGE]
    stores += [build_context(SAMPLE_CLASS, s) for s in TRANSFER_SYNTAXES]
    roles = [build_role(c, scp_role=True) for c in STORAGE]
    refused: ContextsRefused | None = None
    for first in _SERVICES:  # the first context has to be accepted, so each has its turn
        services = sorted(_SERVICES, key=lambda s, first=first: s != first)  # type: ignore[misc]
        contexts, line = [*map(service_context, services), *stores], Operation()
        try:
            with (
                cancellation.doing(line.stop),
                associate(remote, ours, contexts, roles=roles, handlers=line.handlers) as association,
            ):
                return _offers(association, contexts)
        except ContextsRefused as error:
            refused = error
    assert refused is not None
    raise refused


def _offers(association: Association, contexts: Sequence[PresentationContext]) -> Offers:
    """Read the answers; pynetdicom numbers the contexts 1, 3, 5 and so on."""
    answers = {c.context_id: c for c in association.accepted_contexts}
    answered = [(str(c.abstract_syntax), answers.get(2 * i + 1)) for i, c in enumerate(contexts)]
    first, last = len(_SERVICES), len(_SERVICES) + len(STORAGE)
    classes, single = answered[first:last], answered[last:]
    return Offers(
        frozenset(uid for uid, a in answered[:first] if a),
        tuple(uid for uid, a in classes if a and a.as_scp),
        tuple(uid for uid, a in classes if a and not a.as_scp),
        tuple(uid for uid, a in classes if not a),
        tuple(s for s, (_, a) in zip(TRANSFER_SYNTAXES, single, strict=True) if a),
        text(association.acceptor.implementation_version_name, 16),
    )


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


def _insecure(remote: Peer, error: OSError) -> str:
    """Say why there is no secure connection, and what to do."""
    where = f"{remote.host}:{remote.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"The certificate of {where} is not trusted: {error.verify_message.rstrip('.')}. It has to be made for"
            f" {remote.host!r}, by an authority that tls= trusts (load_verify_locations)."
        )
    if isinstance(error, ssl.SSLError):
        words = f"{where} and we do not agree on TLS: {error.reason or error}."
    elif isinstance(error, TimeoutError):
        words = f"{where} did not answer the TLS handshake within {remote.acse_timeout:g} s."
    else:
        words = f"{where} ended the connection during or after the TLS handshake."
    return (
        f"{words} Does it speak TLS at this port (if not: tls=None), and does it want a certificate of ours"
        " (load_cert_chain)?"
    )
