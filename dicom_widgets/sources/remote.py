"""A remote AE, and the one place that opens an association or raises because of one."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import AE, evt
from pynetdicom.pdu import A_ASSOCIATE_RJ
from pynetdicom.pdu_primitives import A_ABORT, A_P_ABORT
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.transport import AssociationSocket

from dicom_widgets.config import AE_TITLE, is_ae_title
from dicom_widgets.conformance import (
    EXPLICIT,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    IMPLICIT,
    MAXIMUM_PDU,
    VERIFICATION,
    storage_name,
    syntax_name,
)
from dicom_widgets.errors import AssociationAborted, AssociationRejected, ConnectionFailed, ContextsRefused
from dicom_widgets.statuses import REJECTIONS, explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydicom.dataset import Dataset
    from pynetdicom.association import Association


LINGER: Final = 1.0
"""Seconds that a peer has to close the connection after an abort, and our threads to end."""
_QUICK: Final = getattr(socket, "TCP_QUICKACK", None)  # Linux only


@dataclass(frozen=True)
class RemoteAE:
    """A remote application entity: where it is, how things are fetched from it, how long to wait.

    Parameters
    ----------
    ae_title, host, port
        The peer's AE title (at most 16 characters; upper and lower case count), host and port.
    way : "C-GET", "C-MOVE" or "WADO-URI"
        How instances are retrieved, unless a retrieval says otherwise.
    wado_uri : str, optional
        Base address of its WADO-URI service.
    store_from : tuple of (AE title, host or network)
        Further peers that may answer a C-MOVE.
    tls : ssl.SSLContext, optional
        Secures the association.
    auth
        Credentials for WADO-URI: (user, password), or a token.
    connect_timeout, acse_timeout, dimse_timeout, http_timeout : float
        Seconds: for the TCP connection, for answers to association requests, between two messages of an operation,
        for an HTTP answer.
    invented : bool
        Whether its patients are invented ones, as the practice PACS's: nothing is masked.

    """

    ae_title: str
    host: str
    port: int
    way: str = "C-GET"
    wado_uri: str | None = None
    store_from: tuple[tuple[str, str], ...] = ()
    tls: ssl.SSLContext | None = None
    auth: Any = None
    connect_timeout: float = 5
    acse_timeout: float = 10
    dimse_timeout: float = 30
    http_timeout: float = 30
    invented: bool = False

    def __post_init__(self) -> None:
        given: dict[str, Any] = dict(vars(self))  # from a file they may be anything
        if not is_ae_title(given["ae_title"]):
            raise ValueError(f"{self.ae_title!r} is no AE title: {AE_TITLE}.")
        host, port = given["host"], given["port"]
        if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
            raise ValueError(f"{port!r} is no port: a whole number from 1 to 65535; 104 and 11112 are common.")
        if not isinstance(host, str) or not host.strip():
            raise ValueError(f"{host!r} is no host: give a name or an address.")
        if self.way not in (ways := ("C-GET", "C-MOVE", "WADO-URI")):
            raise ValueError(f"The way {self.way!r} is not known; {', '.join(ways)} are.")
        if given["tls"] is not None and not isinstance(given["tls"], ssl.SSLContext):
            raise ValueError(f"tls={self.tls!r}: pass an ssl.SSLContext, as ssl.create_default_context() makes it.")
        for name in ("connect_timeout", "acse_timeout", "dimse_timeout", "http_timeout"):
            if isinstance(given[name], bool) or not isinstance(given[name], (int, float)) or not given[name] > 0:
                raise ValueError(f"{name}={given[name]!r}: give the seconds, more than 0.")
        object.__setattr__(self, "store_from", _peers(given["store_from"]))

    def __str__(self) -> str:
        return f"{self.ae_title} at {self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"RemoteAE({self.ae_title!r}, {self.host!r}, {self.port}, way={self.way!r})"

    def echo(self, ours: str) -> float:
        """Verify the connection by C-ECHO (PS3.4 A); return the seconds that it took.

        Raises
        ------
        NetworkError
            With the reason in words.

        """
        start = time.perf_counter()
        with associate(self, ours, [build_context(VERIFICATION, [EXPLICIT, IMPLICIT])]) as association:
            status = association.send_c_echo()
            code = answered(status, self, "C-ECHO")
        if code:
            raise AssociationAborted(f"{self} answered the C-ECHO with a failure: {explain(code)}.")
        return time.perf_counter() - start


@contextmanager
def associate(
    remote: RemoteAE,
    ours: str,
    contexts: Sequence[PresentationContext],
    *,
    maximum_pdu: int = MAXIMUM_PDU,
    roles: Sequence[Any] = (),
    handlers: Sequence[Any] = (),
) -> Iterator[Association]:
    """Open an association, and release it at the end (abort it after an exception).

    Raises
    ------
    ConnectionFailed, AssociationRejected, ContextsRefused, AssociationAborted

    """
    association = _requested(remote, ours, contexts, maximum_pdu, roles, handlers)
    try:
        yield association
        if association.is_established:
            association.release()
    except BaseException:
        association.abort()
        raise
    finally:
        _ended(association)


def _requested(
    remote: RemoteAE,
    ours: str,
    contexts: Sequence[PresentationContext],
    maximum_pdu: int,
    roles: Sequence[Any],
    handlers: Sequence[Any],
) -> Association:
    """Return an established association, in which the first context (the service's own) was accepted."""
    rejections: list[A_ASSOCIATE_RJ] = []
    opened: list[Any] = []

    def keep(event: Any) -> None:
        if isinstance(event.pdu, A_ASSOCIATE_RJ):
            rejections.append(event.pdu)

    ae = _AE(ours)
    ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    ae.connection_timeout, ae.acse_timeout = remote.connect_timeout, remote.acse_timeout
    ae.dimse_timeout, ae.network_timeout = remote.dimse_timeout, max(60.0, 2 * remote.dimse_timeout)
    start = time.monotonic()
    try:
        association = ae.associate(
            remote.host,
            remote.port,
            contexts=list(contexts),
            ae_title=remote.ae_title,
            max_pdu=maximum_pdu,
            ext_neg=list(roles) or None,
            evt_handlers=[(evt.EVT_PDU_RECV, keep), (evt.EVT_CONN_OPEN, opened.append), *handlers],
            tls_args=(remote.tls, remote.host) if remote.tls else None,
        )
    except (OSError, UnicodeError) as error:  # the host name, which pynetdicom resolves before it does anything else
        raise ConnectionFailed(_unreachable(remote)) from error
    seconds = time.monotonic() - start
    association.dul.artim_timer.timeout = LINGER
    if contexts[0].abstract_syntax in {c.abstract_syntax for c in association.accepted_contexts}:
        return association
    if association.is_established:
        association.abort()
    _ended(association)
    if rejections or association.rejected_contexts:
        raise _refusal(remote, ours, association, rejections)
    raise ConnectionFailed(_silence(remote, ours, seconds, connected=bool(opened)))


def _ended(association: Association) -> None:
    """Wait for the threads of an association, which end a moment after it, and close its socket."""
    for thread in (association, association.dul):
        if thread.is_alive():
            thread.join(LINGER)
    if association.dul.socket is not None:  # after bytes that are no PDU pynetdicom leaves it open
        association.dul.socket._shutdown_socket()  # noqa: SLF001  the closing one of ours


class _AE(AE):
    """Ours, with a socket of ours."""

    def _create_socket(self, assoc: Association, address: Any, tls_args: Any) -> AssociationSocket:
        made = QuickSocket(assoc, address=address)
        made.tls_args = tls_args
        return made


class QuickSocket(AssociationSocket):
    """A socket that acknowledges at once, and is closed whatever happens."""

    def recv(self, nr_bytes: int) -> bytearray:
        """Read, and ask for quick acknowledgements: the kernel forgets that with each read.

        Most peers leave Nagle's algorithm on, and then each small instance waits 40 ms for our delayed
        acknowledgement: 93 CTs of 10 KB take 4.5 s, with this 0.6 s.
        """
        read = super().recv(nr_bytes)
        if _QUICK is not None and self.socket is not None:
            with suppress(OSError):
                self.socket.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)
        return read

    def _shutdown_socket(self) -> None:
        """Close a socket that was never connected too, or that the peer has closed: the original leaves it open."""
        super()._shutdown_socket()
        if self.socket is not None:
            self.socket.close()


def _peers(given: Any) -> tuple[tuple[str, str], ...]:
    """Return (AE title, host or network) pairs; a configuration file has lists."""
    pairs = [] if isinstance(given, str) else [tuple(p) for p in given if not isinstance(p, str)]
    if len(pairs) != len(given) or any(len(p) != 2 or not is_ae_title(p[0]) for p in pairs):
        raise ValueError(f"store_from={given!r}: give pairs of AE title and host or network.")
    return tuple((title, str(host)) for title, host in pairs)


def hang_up(association: Association) -> None:
    """End an association now, whoever waits for an answer over it. May be called by any thread."""
    dul: Any = association.dul
    send = dul.send_pdu

    def only_aborts(primitive: Any) -> None:
        if isinstance(primitive, (A_ABORT, A_P_ABORT)):
            send(primitive)

    dul.artim_timer.timeout = LINGER
    dul.send_pdu = only_aborts  # a response of another thread behind the abort would be an error of the state machine
    association.abort()
    dul.to_user_queue.put(None)  # who waits for the association
    association.dimse.msg_queue.put((None, None))  # who waits for a message


def answered(status: Dataset, remote: RemoteAE, what: str) -> int:
    """Return the status code of a response; an empty one means that the peer fell silent or hung up."""
    if "Status" in status:
        return int(status.Status)
    raise AssociationAborted(
        f"{remote} did not answer the {what} within {remote.dimse_timeout:g} s, or ended the association."
        " It may be overloaded, or have had an error (its log says); try again, or raise dimse_timeout."
    )


def _refusal(remote: RemoteAE, ours: str, association: Association, rejections: list[A_ASSOCIATE_RJ]) -> Exception:
    """Return the exception for what the peer did not accept, with what to do about it."""
    if rejections:
        source, diagnostic = int(rejections[0].source or 0), int(rejections[0].reason_diagnostic or 0)
        words = REJECTIONS.get((source, diagnostic), f"its reason is {source}/{diagnostic}")
        words = words.format(ours=repr(ours), theirs=repr(remote.ae_title))
        return AssociationRejected(f"{remote} rejected the association of {ours!r}: {words}.")
    service = association.requestor.requested_contexts[0]
    name, syntaxes = storage_name(str(service.abstract_syntax)), [syntax_name(x) for x in service.transfer_syntax]
    return ContextsRefused(
        f"{remote} accepted the association of {ours!r} but not what it is for: {name} ({', '.join(syntaxes)})."
        f" It does not offer this, or not to {ours!r}; ask its administrator."
    )


def _silence(remote: RemoteAE, ours: str, seconds: float, *, connected: bool) -> str:
    """Say why nothing was answered: no connection, or silence after it."""
    if connected:
        return (
            f"{remote} took the connection but did not answer the association request of {ours!r} within"
            f" {remote.acse_timeout:g} s, or hung up. It may not be a DICOM port, or may speak TLS only."
        )
    if seconds >= remote.connect_timeout:
        return _no_answer(remote)
    return _unreachable(remote)


def _no_answer(remote: RemoteAE) -> str:
    return (
        f"{remote} did not answer the connection within {remote.connect_timeout:g} s."
        " The address may be wrong, or a firewall may be in between."
    )


def _unreachable(remote: RemoteAE) -> str:
    """Say why there is no connection; pynetdicom does not tell, so it is tried once more."""
    try:
        with socket.create_connection((remote.host, remote.port), min(2.0, remote.connect_timeout)):
            pass
    except (socket.gaierror, UnicodeError):
        return f"The host name {remote.host!r} of {remote} is not known here. Correct it, or use the address."
    except ConnectionRefusedError:
        return (
            f"Nothing listens at {remote.host}:{remote.port} ({remote}). Is the peer running, is this its DICOM port?"
        )
    except TimeoutError:
        return _no_answer(remote)
    except OSError as error:
        return f"There is no way to {remote}: {error.strerror or error}. Correct the address or the network."
    return f"{remote} took no connection at first, and does now. It may be starting, or may speak TLS only; try again."
