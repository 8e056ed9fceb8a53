"""TLS as the connection doctor looks at it: whether both sides agree, and whether a peer speaks it at all."""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from dicom_widgets.errors import ConnectionFailed

if TYPE_CHECKING:
    from dicom_widgets.network.peer import Peer

_ALERT: Final = 0.5
"""Seconds in which a peer refuses us after a handshake of TLS 1.3, in which the client ends first."""
_GREETING: Final = 3.0
"""Seconds that a peer has to answer a TLS greeting."""


def handshake(remote: Peer, tls: ssl.SSLContext) -> str:
    """Make a secure connection and close it; return the version of TLS and the cipher.

    Raises
    ------
    ConnectionFailed
        The two sides do not agree.

    """
    try:
        return _tried(remote, tls)
    except OSError as error:
        raise ConnectionFailed(_insecure(remote, error)) from error


def _tried(remote: Peer, tls: ssl.SSLContext) -> str:
    with socket.create_connection((remote.host, remote.port), remote.connect_timeout) as connection:
        connection.settimeout(remote.acse_timeout)
        with tls.wrap_socket(connection, server_hostname=remote.host) as secured:
            secured.settimeout(_ALERT)
            with suppress(TimeoutError):
                if not secured.recv(1):
                    raise ConnectionResetError("the peer hung up after the handshake")
            return described(secured)


def described(secured: ssl.SSLSocket) -> str:
    """Return the version of TLS and the cipher of a connection."""
    cipher = secured.cipher()
    return f"{secured.version()}, {cipher[0] if cipher else 'no cipher'}"


def speaks_tls(remote: Peer) -> bool:
    """Whether a peer answers a TLS greeting as one who understands it; nothing is verified."""
    try:
        with socket.create_connection((remote.host, remote.port), remote.connect_timeout) as connection:
            connection.settimeout(_GREETING)
            unverified().wrap_socket(connection).close()
    except ssl.SSLError as error:
        return "ALERT" in (error.reason or "").upper()  # anything else is no TLS at all
    except OSError:
        return False
    return True


def unverified() -> ssl.SSLContext:
    """Return a context that takes any certificate, for a greeting, or a C-ECHO to our own listener."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


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
