"""Associations as a requestor: the one place that opens them, or raises because of one."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import AE, evt
from pynetdicom.pdu import A_ASSOCIATE_RJ
from pynetdicom.pdu_primitives import A_ABORT, A_P_ABORT, UserIdentityNegotiation

from dicom_widgets.conformance import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    storage_name,
    syntax_name,
)
from dicom_widgets.errors import AssociationAborted, AssociationRejected, ConnectionFailed, ContextsRefused
from dicom_widgets.sources.bounds import BoundedSocket, bound
from dicom_widgets.sources.fast import quicken
from dicom_widgets.sources.requestor import Requestor
from dicom_widgets.statuses import REJECTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydicom.dataset import Dataset
    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext
    from pynetdicom.transport import AssociationSocket

    from dicom_widgets.sources.local import LocalAE
    from dicom_widgets.sources.remote import RemoteAE


LINGER: Final = 1.0
"""Seconds that a peer has to close the connection after an abort, and our threads to end."""


@contextmanager
def associate(
    remote: RemoteAE,
    ours: LocalAE,
    contexts: Sequence[PresentationContext],
    *,
    roles: Sequence[Any] = (),
    handlers: Sequence[Any] = (),
    room: Callable[[], int] = lambda: 0,
) -> Iterator[Association]:
    """Open an association, and release it at the end (abort it after an exception).

    Parameters
    ----------
    remote, ours : RemoteAE, LocalAE
    contexts : sequence of PresentationContext
        What is proposed; the first is the service itself, without which there is no association.
    roles, handlers
        Role selections, and handlers of pynetdicom's events.
    room : callable
        Returns the bytes that an instance which comes over the association may have.

    Raises
    ------
    ConnectionFailed, AssociationRejected, ContextsRefused, AssociationAborted

    """
    association = _requested(remote, ours, contexts, roles, handlers, room)
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
    ours: LocalAE,
    contexts: Sequence[PresentationContext],
    roles: Sequence[Any],
    handlers: Sequence[Any],
    room: Callable[[], int],
) -> Association:
    """Return an established association, in which the first context (the service's own) was accepted."""
    rejections: list[A_ASSOCIATE_RJ] = []
    opened: list[Any] = []

    def keep(event: Any) -> None:
        if isinstance(event.pdu, A_ASSOCIATE_RJ):
            rejections.append(event.pdu)

    ae = _AE(ours.ae_title, remote.dimse_timeout, room)
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
            max_pdu=ours.max_pdu,
            ext_neg=[*roles, *_identity(remote)] or None,
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
    """Ours: its associations are bounded and fast."""

    def __init__(self, ae_title: str, patience: float, room: Callable[[], int]) -> None:
        super().__init__(ae_title)
        self._patience, self._room = patience, room

    def _create_socket(self, assoc: Association, address: Any, tls_args: Any) -> AssociationSocket:
        assoc.__class__ = Requestor
        bound(assoc, self._patience)
        quicken(assoc, self._room)
        made = BoundedSocket(assoc, address=address)
        made.patience, made.tls_args = self._patience, tls_args
        return made


def _identity(remote: RemoteAE) -> list[UserIdentityNegotiation]:
    """Return who we are, where the remote AE is to be told (PS3.7 D.3.3.7)."""
    if remote.identity is None:
        return []
    name, *password = (remote.identity,) if isinstance(remote.identity, str) else remote.identity
    item = UserIdentityNegotiation()
    item.user_identity_type = 2 if password else 1  # with a passcode, or a name alone
    item.primary_field = name.encode()
    item.secondary_field = password[0].encode() if password else None
    return [item]


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


def _refusal(remote: RemoteAE, ours: LocalAE, association: Association, rejections: list[A_ASSOCIATE_RJ]) -> Exception:
    """Return the exception for what the peer did not accept, with what to do about it."""
    if rejections:
        source, diagnostic = int(rejections[0].source or 0), int(rejections[0].reason_diagnostic or 0)
        words = REJECTIONS.get((source, diagnostic), f"its reason is {source}/{diagnostic}")
        words = words.format(ours=repr(ours.ae_title), theirs=repr(remote.ae_title))
        return AssociationRejected(f"{remote} rejected the association of {ours.ae_title!r}: {words}.")
    service = association.requestor.requested_contexts[0]
    name, syntaxes = storage_name(str(service.abstract_syntax)), [syntax_name(x) for x in service.transfer_syntax]
    return ContextsRefused(
        f"{remote} accepted the association of {ours.ae_title!r} but not what it is for: {name}"
        f" ({', '.join(syntaxes)}). It does not offer this, or not to {ours.ae_title!r}; ask its administrator."
    )


def _silence(remote: RemoteAE, ours: LocalAE, seconds: float, *, connected: bool) -> str:
    """Say why nothing was answered: no connection, or silence after it."""
    if connected:
        return (
            f"{remote} took the connection but did not answer the association request of {ours.ae_title!r} within"
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
        with socket.create_connection((remote.host, remote.port), min(2.0, remote.connect_timeout)) as connection:
            if remote.tls:
                remote.tls.wrap_socket(connection, server_hostname=remote.host).close()
    except (socket.gaierror, UnicodeError):
        return f"The host name {remote.host!r} of {remote} is not known here. Correct it, or use the address."
    except ConnectionRefusedError:
        return (
            f"Nothing listens at {remote.host}:{remote.port} ({remote}). Is the peer running, is this its DICOM port?"
        )
    except ssl.SSLError as error:
        return (
            f"There is no secure connection to {remote}: {error.reason or error}. Does it speak TLS at this port, is"
            f" its certificate made for {remote.host!r} by an authority that tls= trusts, and does it want one of ours?"
        )
    except TimeoutError:
        return _no_answer(remote)
    except OSError as error:
        return f"There is no way to {remote}: {error.strerror or error}. Correct the address or the network."
    return f"{remote} took no connection at first, and does now. It may be starting, or may speak TLS only; try again."
