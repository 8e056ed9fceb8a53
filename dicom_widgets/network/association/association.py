"""Associations that we request. This is the only place that opens one, or raises because one cannot be opened."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import AE, evt
from pynetdicom._handlers import standard_pdu_sent_handler
from pynetdicom.pdu import A_ASSOCIATE_RJ
from pynetdicom.pdu_primitives import UserIdentityNegotiation
from pynetdicom.presentation import build_context

from dicom_widgets.dicom.conformance import (
    EXPLICIT,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    IMPLICIT,
    storage_name,
    syntax_name,
)
from dicom_widgets.dicom.statuses import REJECTIONS
from dicom_widgets.errors import AssociationAborted, AssociationRejected, ConnectionFailed, ContextsRefused
from dicom_widgets.network.transport.fast import quicken
from dicom_widgets.network.transport.requestor import own
from dicom_widgets.network.transport.sockets import BoundedSocket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydicom.dataset import Dataset
    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext
    from pynetdicom.transport import AssociationSocket

    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.local import LocalAE


LINGER: Final = 1.0
"""Seconds that a peer has to close the connection after an abort, and that our threads have to end."""


def service_context(sop_class: str) -> PresentationContext:
    """Return the presentation context of a service: explicit and implicit little endian."""
    return build_context(sop_class, [EXPLICIT, IMPLICIT])


@contextmanager
def associate(
    remote: Peer,
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
    remote, ours : Peer, LocalAE
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
    except BaseException as error:
        association.abort()
        if isinstance(error, RuntimeError) and "must be established" in str(error):  # so pynetdicom says it
            raise AssociationAborted(
                f"{remote} ended the association before it was asked for anything more. Its log may say why; try again."
            ) from error
        raise
    finally:
        _ended(association)


def _requested(
    remote: Peer,
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

    ae = _AE(ours.ae_title, remote, room)
    ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    ae.connection_timeout, ae.acse_timeout = remote.connect_timeout, remote.acse_timeout
    ae.dimse_timeout, ae.network_timeout = remote.dimse_timeout, max(60.0, 2 * remote.dimse_timeout)
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
        raise ConnectionFailed(_unreachable(remote, error)) from error
    association.dul.artim_timer.timeout = LINGER
    if odd := association.is_established and _nonsense(association):
        association.abort()
        _ended(association)
        raise AssociationAborted(
            f"{remote} accepted the association with an answer that makes no sense: {odd} (PS3.8 9.3.3). Its software"
            " is at fault, or something between us; its log may say more."
        )
    if contexts[0].abstract_syntax in {c.abstract_syntax for c in association.accepted_contexts}:
        return association
    if association.is_established:
        association.abort()
    _ended(association)
    if rejections or association.rejected_contexts:
        raise _refusal(remote, ours, association, rejections)
    trouble = getattr(association.dul.socket, "trouble", None)
    why = _silence(remote, ours, trouble) if opened else _unreachable(remote, trouble)
    raise ConnectionFailed(why) from trouble


def _nonsense(association: Association) -> str:
    """Say what is wrong with the A-ASSOCIATE-AC of a peer, in which pynetdicom would stumble later; else nothing."""
    if association.acceptor.maximum_length is None:
        return "no maximum length of a PDU"
    proposed = {c.context_id: c for c in association.requestor.requested_contexts}
    for context in association.accepted_contexts:
        known = proposed.get(context.context_id)
        if known is None or not set(context.transfer_syntax) & set(known.transfer_syntax):
            return "a presentation context with a transfer syntax that was not proposed in it"
    return ""


def _ended(association: Association) -> None:
    """Wait for the threads of an association, which end a moment after it, and close its socket."""
    for thread in (association, association.dul):
        if thread.is_alive():
            thread.join(LINGER)
    if association.dul.socket is not None:  # after bytes that are no PDU pynetdicom leaves it open
        association.dul.socket._shutdown_socket()  # noqa: SLF001  the closing one of ours


class _AE(AE):
    """pynetdicom's AE, whose associations are bounded and fast."""

    def __init__(self, ae_title: str, remote: Peer, room: Callable[[], int]) -> None:
        super().__init__(ae_title)
        self._remote, self._room = remote, room

    def _create_socket(self, assoc: Association, address: Any, tls_args: Any) -> AssociationSocket:
        patience = self._remote.dimse_timeout
        own(assoc, patience)
        quicken(assoc, self._room)
        if self._remote.identity is not None:  # the log would show it, with the password
            assoc.unbind(evt.EVT_PDU_SENT, standard_pdu_sent_handler)
        made = BoundedSocket(assoc, address=address)
        made.patience, made.tls_args = patience, tls_args
        return made


def _identity(remote: Peer) -> list[UserIdentityNegotiation]:
    """Return who we are, where the remote AE is to be told (PS3.7 D.3.3.7)."""
    if remote.identity is None:
        return []
    name, *password = (remote.identity,) if isinstance(remote.identity, str) else remote.identity
    item = UserIdentityNegotiation()
    item.user_identity_type = 2 if password else 1  # with a passcode, or a name alone
    item.primary_field = name.encode()
    item.secondary_field = password[0].encode() if password else b""  # without one pynetdicom cannot encode it
    return [item]


def hang_up(association: Association) -> None:
    """Abort an association now, and wake whoever waits for an answer over it. May be called by any thread."""
    dul: Any = association.dul
    dul.artim_timer.timeout = LINGER
    association.abort()
    dul.to_user_queue.put(None)  # who waits for the association
    association.dimse.msg_queue.put((None, None))  # who waits for a message


def answered(status: Dataset, remote: Peer, what: str) -> int:
    """Return the status code of a response; an empty one means that the peer fell silent or hung up."""
    if "Status" in status:
        return int(status.Status)
    raise AssociationAborted(
        f"{remote} did not answer the {what} within {remote.dimse_timeout:g} s, or ended the association."
        " It may be overloaded, or have had an error (its log says); try again, or raise dimse_timeout."
    )


def _refusal(remote: Peer, ours: LocalAE, association: Association, rejections: list[A_ASSOCIATE_RJ]) -> Exception:
    """Return the exception for what the peer did not accept, with what to do about it."""
    if rejections:  # read from the PDU: where a peer closes at once, pynetdicom takes a rejection for an abort
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


def _silence(remote: Peer, ours: LocalAE, error: Exception | None) -> str:
    """Say why nothing was answered over a connection."""
    if remote.tls and isinstance(error, ssl.SSLError):
        return (
            f"{remote} ended the secure connection of {ours.ae_title!r}: {_reason(error)}. It may want a certificate"
            " of ours, from an authority that it trusts: load it into tls= (load_cert_chain)."
        )
    return (
        f"{remote} took the connection but did not answer the association request of {ours.ae_title!r} within"
        f" {remote.acse_timeout:g} s, or hung up. It may not be a DICOM port, or may"
        f" {'want a certificate of ours (load_cert_chain)' if remote.tls else 'speak TLS only'}."
    )


def _unreachable(remote: Peer, error: Exception | None) -> str:
    """Say why there is no connection."""
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return f"The host name {remote.host!r} of {remote} is not known here. Correct it, or use the address."
    if isinstance(error, ConnectionRefusedError):
        return (
            f"Nothing listens at {remote.host}:{remote.port} ({remote}). Is the peer running, is this its DICOM port?"
        )
    if isinstance(error, TimeoutError):
        return (
            f"{remote} did not answer the connection within {remote.connect_timeout:g} s. The address may be wrong,"
            f" {'the port may not speak TLS, ' if remote.tls else ''}or a firewall may be in between."
        )
    if remote.tls and isinstance(error, (ssl.SSLError, ConnectionError)):
        return (
            f"There is no secure connection to {remote}: {_reason(error)}. Does it speak TLS at this port, is"
            f" its certificate made for {remote.host!r} by an authority that tls= trusts, and does it want one of ours?"
        )
    return f"There is no way to {remote}: {_reason(error)}. Correct the address or the network."


def _reason(error: Exception | None) -> str:
    """Return what the operating system or TLS says."""
    words = (getattr(error, name, None) for name in ("verify_message", "reason", "strerror"))
    return str(next(filter(None, words), error or "it was given up")).rstrip(".")
