"""The listener: a STORAGE-SCP in the background, for what C-MOVEs bring (PS3.4 B, C.4.2).

There is one for each address in the process (`lease`). It takes an instance only while a C-MOVE for it is outstanding,
from the peer that was asked or from those that this peer's `store_from` names, and gives it to every session that asked
for it. Everything else is refused and counted; the refusal names the line of code that would allow it. A C-ECHO is
answered to everybody who calls us by our AE title.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import register_uid, uid_to_service_class
from pynetdicom.transport import AssociationServer

from dicom_widgets.dicom.blob import Blob
from dicom_widgets.dicom.conformance import (
    EXPLICIT,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    IMPLICIT,
    RECEIVED_SYNTAXES,
    VERIFICATION,
    storage_name,
    syntax_name,
)
from dicom_widgets.dicom.instance import path_of
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import ListenerFailed, NotDicom, StoreFull
from dicom_widgets.network.retrieve.expectation import Expectation
from dicom_widgets.network.transport.bounds import bound, quiet
from dicom_widgets.network.transport.fast import quicken
from dicom_widgets.network.transport.upper_layer import Overflow
from dicom_widgets.sources.ledger import CANNOT_UNDERSTAND, OUT_OF_RESOURCES

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Mapping

    from pynetdicom.association import Association

    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.local import LocalAE
    from dicom_widgets.sources.order import Order

NOT_AUTHORIZED: Final = 0x0124
PATIENCE: Final = 10.0
"""Seconds in which an association has to be requested once there is a connection (ARTIM), and a PDU to arrive."""
IDLE: Final = 60.0
"""Seconds after which an association on which nothing happens is aborted."""
MOST_REFUSALS: Final = 1000
"""Different reasons that are remembered."""
_UNLIMITED: Final = 1 << 30
_END: Final = 1.0
"""Seconds in which a connection that is ended gives its thread back."""
_NO_MOVE: Final = (
    "no C-MOVE of ours is outstanding, so nothing is taken. Retrieve it: session.retrieve(..., way='C-MOVE')"
)


class Listener:
    """The STORAGE-SCP at one address, for all sessions that have a `Lease` of it."""

    def __init__(self, ours: LocalAE) -> None:
        self._lock = threading.Lock()
        self._most = 0
        self._titles: Counter[str] = Counter()
        self._expectations: list[Expectation] = []
        self._refusals: Counter[str] = Counter()
        self._ae = _entity(ours)
        try:
            server = self._ae.start_server(
                (ours.host, ours.port),
                block=False,
                ssl_context=_Patient(ours.tls) if ours.tls else None,  # type: ignore[arg-type]
                evt_handlers=[
                    (evt.EVT_CONN_OPEN, self._opened),
                    (evt.EVT_CONN_CLOSE, _gone),
                    (evt.EVT_REQUESTED, self._requested),
                    (evt.EVT_ACCEPTED, self._accepted),
                    (evt.EVT_C_ECHO, lambda _: 0x0000),
                    (evt.EVT_C_STORE, self._store),
                ],
            )
        except (OSError, OverflowError) as error:
            raise ListenerFailed(_cannot(ours, error)) from error
        assert server is not None  # it is None only with block=True
        quiet(server)
        server.verify_request = self._admits  # type: ignore[assignment,method-assign]
        # not in a thread of its own, so that those which were admitted are counted when the next one comes
        server.process_request = partial(AssociationServer.process_request, server)  # type: ignore[method-assign]
        self._server: AssociationServer = server
        self.host, self.tls = ours.host, ours.tls
        self.port = int(server.server_address[1])
        """The port that it listens at."""

    def __repr__(self) -> str:
        count = sum(self._refusals.values())
        return f"<Listener {', '.join(sorted(self._titles))} at {self.host}:{self.port}, {count} refusals>"

    @property
    def refusals(self) -> Mapping[str, int]:
        """What was refused: a sentence -> how often."""
        with self._lock:
            return MappingProxyType(dict(self._refusals))

    @contextmanager
    def expecting(self, order: Order[Peer]) -> Iterator[Expectation]:
        """Take what a C-MOVE brings, within this block."""
        expectation = Expectation(order)
        with self._lock:
            self._expectations.append(expectation)
        try:
            yield expectation
        finally:
            with self._lock:
                self._expectations.remove(expectation)

    def admit(self, ours: LocalAE) -> None:
        """Answer to a further AE title, take its classes too, with room for at least so many associations."""
        with self._lock:
            self._titles[ours.ae_title] += 1
            self._most = max(self._most, ours.max_associations)
            _support(self._ae, ours)
            self._server.contexts = self._ae.supported_contexts

    def dismiss(self, ours: LocalAE) -> bool:
        """Stop answering to an AE title; return whether none is left."""
        with self._lock:
            self._titles[ours.ae_title] -= 1
            self._titles += Counter()  # without those at zero
            return not self._titles

    def close(self) -> None:
        """Stop listening and end all associations."""
        associations = self._ae.active_associations
        self._ae.shutdown()
        for association in associations:
            _no_request(association)
        for association in associations:
            association.join(PATIENCE)

    # --- what a peer does

    def _admits(self, _request: Any, _address: Any) -> bool:
        """Make room for a connection: those that have requested nothing are no associations, and block nobody.

        Each takes a thread, so where there are too many of them the oldest one is ended.
        """
        silent = [a for a in self._ae.active_associations if a.requestor.primitive is None]
        if len(silent) > self._most:
            self._refuse(
                f"a connection from {silent[0].requestor.address}: it had requested nothing when more than"
                f" {self._most} like it were open"
            )
            _hang_up(silent[0])
        return True

    def _opened(self, event: Any) -> None:
        bound(event.assoc, PATIENCE)
        quicken(event.assoc, partial(self._room, event.assoc.requestor))

    def _room(self, requestor: Any) -> int:
        """Return how many bytes an instance may have: the most that any C-MOVE of its sender has room for."""
        calling, address = text(requestor.primitive.calling_ae_title, 16), requestor.address
        return max((e.ledger.sink.room() for e in self._all() if e.allows(calling, address)), default=0)

    def _all(self) -> list[Expectation]:
        with self._lock:
            return list(self._expectations)

    def _requested(self, event: Any) -> None:
        """Check who calls whom, from where and for what, and reject whom no C-MOVE concerns (PS3.8 9.3.4)."""
        association = event.assoc
        request, address = association.requestor.primitive, association.requestor.address
        calling, called = text(request.calling_ae_title, 16), text(request.called_ae_title, 16)
        who = f"an association of {calling!r} from {address}"
        contexts = request.presentation_context_definition_list
        with self._lock:
            known, most = called in self._titles, self._most
        if not known:
            self._refuse(f"{who}: it called {called!r}, which is none of our AE titles", calling, address)
            _reject(association, 1, 1, 7)
        elif sum(a.requestor.primitive is not None for a in self._ae.active_associations) > most:
            why = f"an association from {address}: {most} are open, which is the maximum (max_associations)"
            self._refuse(why, calling, address)
            _reject(association, 2, 3, 2)
        elif all(c.abstract_syntax == VERIFICATION for c in contexts):
            return  # a C-ECHO harms nobody, and is how an administrator tries the address
        elif not (outstanding := self._all()):
            self._refuse(f"{who}: {_NO_MOVE}")
            _reject(association, 2, 1, 1)
        elif allowed := [e for e in outstanding if e.allows(calling, address)]:
            for expectation in allowed:
                expectation.connections += 1
        else:
            asked = " and ".join(sorted({str(e) for e in outstanding}))
            why = (
                f"{who}: only {asked} was asked to send. If it answers for that one, add it there:"
                f" RemoteAE(..., store_from=[({calling!r}, {address!r})])"
            )
            self._refuse(why)
            for expectation in outstanding:
                expectation.ledger.warn(f"The listener refused {why}.")
            _reject(association, 1, 1, 3)

    def _accepted(self, event: Any) -> None:
        """Write down the classes of which no context was accepted, with the syntaxes that were offered."""
        association, offers = event.assoc, dict[str, list[str]]()
        calling, address = text(association.requestor.primitive.calling_ae_title, 16), association.requestor.address
        taken = {c.abstract_syntax for c in association.accepted_contexts}
        refused = {c.context_id: c for c in association.rejected_contexts}
        for context in association.requestor.primitive.presentation_context_definition_list:
            if context.context_id in refused and context.abstract_syntax not in taken:
                offers.setdefault(str(context.abstract_syntax), []).extend(map(syntax_name, context.transfer_syntax))
        ours = {c.abstract_syntax for c in self._ae.supported_contexts}
        for uid, syntaxes in offers.items():
            name = storage_name(uid) if storage_name(uid) == uid else f"{storage_name(uid)} ({uid})"
            what = f"{name} in {', '.join(dict.fromkeys(syntaxes))} of {calling!r} from {address}"
            why = (
                "of these transfer syntaxes it takes none"
                if uid in ours
                else f'it does not listen for this class; Session(listen_for=["Standard", {uid!r}]) does'
            )
            self._refuse(f"{what}: {why}", calling, address)

    def _store(self, event: Any) -> int | Dataset:
        """Give an instance to every C-MOVE that it belongs to; return the C-STORE status."""
        request, requestor = event.request, event.assoc.requestor
        calling, address = text(requestor.primitive.calling_ae_title, 16), requestor.address
        allowed = [e for e in self._all() if e.allows(calling, address)]
        uid, who = text(request.AffectedSOPInstanceUID, 64), f"an instance of {calling!r} from {address}"
        if not allowed:
            return self._refused(f"{who}: {_NO_MOVE}", NOT_AUTHORIZED)
        try:
            blob, path = self._read(event, calling)
        except (StoreFull, NotDicom) as error:
            status = OUT_OF_RESOURCES if isinstance(error, StoreFull) else CANNOT_UNDERSTAND
            for expectation in allowed:
                expectation.miss(uid, status)
            return status
        wanted = [e for e in allowed if e.covers(path)]
        if not wanted:
            return self._refused(f"{who}: it was not asked for by a C-MOVE of ours", NOT_AUTHORIZED)
        return min(e.take(path[2], blob) for e in wanted)  # success where one of them has taken it

    def _read(self, event: Any, calling: str) -> tuple[Blob, tuple[str, str, str]]:
        """Return the data set that came, and its study, series and SOP Instance UID."""
        data, syntax = event.request.DataSet, event.context.transfer_syntax
        if isinstance(data, Overflow):
            raise StoreFull("It was too long to be received.")
        room = self._room(event.assoc.requestor)
        blob = Blob.of(data.getvalue(), syntax, limit=room, origin=f"{calling} via C-MOVE")
        return blob, path_of(blob)

    def _refused(self, why: str, status: int) -> Dataset:
        self._refuse(why)
        answer = Dataset()
        answer.Status = status
        answer.ErrorComment = why.split(": ", 1)[-1][:64]
        return answer

    def _refuse(self, why: str, calling: str = "", address: str = "") -> None:
        """Count a refusal, and tell the retrievals that it may have hurt: those which wait for this caller."""
        for expectation in self._all() if calling else ():
            if expectation.allows(calling, address):
                expectation.advise(f"Our listener refused {why}.")
        with self._lock:
            if why in self._refusals or len(self._refusals) < MOST_REFUSALS:
                self._refusals[why] += 1
            else:
                self._refusals["others"] += 1


class _Patient:
    """A TLS context whose handshake happens with the first read: a silent client holds up nobody else."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def wrap_socket(self, connection: socket.socket, *, server_side: bool) -> ssl.SSLSocket:
        """Secure an accepted connection."""
        connection.settimeout(PATIENCE)
        return self._context.wrap_socket(connection, server_side=server_side, do_handshake_on_connect=False)


def _entity(ours: LocalAE) -> AE:
    """Return the application entity with all SOP classes and transfer syntaxes that it accepts."""
    ae = AE(ours.ae_title)
    ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    ae.maximum_pdu_size = ours.max_pdu
    ae.maximum_associations = _UNLIMITED  # it counts connections too; the listener counts by itself
    ae.acse_timeout, ae.dimse_timeout, ae.network_timeout = PATIENCE, IDLE, IDLE
    ae.add_supported_context(VERIFICATION, [EXPLICIT, IMPLICIT])
    _support(ae, ours)
    return ae


def _support(ae: AE, ours: LocalAE) -> None:
    """Take the classes that a session listens for, also those that pynetdicom does not know as storage classes."""
    for uid in ours.classes:
        if uid_to_service_class(uid) is not StorageServiceClass:
            register_uid(uid, f"Storage_{uid.replace('.', '_')}", StorageServiceClass)
        ae.add_supported_context(uid, list(RECEIVED_SYNTAXES))


def _gone(event: Any) -> None:
    """Stop waiting for an association request where the connection is closed."""
    _no_request(event.assoc)


def _hang_up(association: Association) -> None:
    """End a connection over which nothing was requested; its thread ends as if the peer had."""
    carrier: Any = association.dul.socket
    with suppress(OSError, AttributeError):  # it has ended meanwhile
        carrier.socket.shutdown(socket.SHUT_RDWR)
    association.join(_END)


def _no_request(association: Any) -> None:
    """End the wait for an association request; pynetdicom waits until the time-out even after a disconnect."""
    if association.requestor.primitive is None:
        association.dul.to_user_queue.put(None)


def _reject(association: Any, *reason: int) -> None:
    """Reject an association request, and wait until that was sent."""
    association.acse.send_reject(*reason)
    association.kill()


def _cannot(ours: LocalAE, error: Exception) -> str:
    """Say why there is no listener, and what to do."""
    return (
        f"The listener of C-MOVE cannot be started at {ours.host}:{ours.port}:"
        f" {getattr(error, 'strerror', None) or error}. Another kernel or program may use the port: give another one,"
        " Session(listen_port=...), tell it to the peer, or retrieve by C-GET, which needs none."
    )
