"""Bounds on what a peer may send: the length of every PDU, the first one too, and the time that it takes to arrive.

pynetdicom announces a maximum PDU length but reads whatever is announced to it, and waits for a PDU that has begun
as long as it takes. Here everything is bounded, over TLS too, and in every version of pynetdicom; what is out of bounds
ends the association.
"""

from __future__ import annotations

import logging
import queue
import socket
import struct
from contextlib import suppress
from typing import Any, Final

from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider
from pynetdicom.fsm import AA_4, AA_5, TRANSITION_TABLE, StateMachine

from dicom_widgets.network.transport.sockets import BoundedSocket

LONGEST_NEGOTIATION: Final = 1 << 20
"""Bytes of a PDU that carries no data; 128 presentation contexts of nine syntaxes take 40 KB."""
LONGEST_DATA: Final = 1 << 26
"""Bytes of a PDU that carries data, where we announced that there is no maximum."""
SLACK: Final = 1 << 10
"""Bytes that a PDU may have above the maximum that was announced: some peers do not count its headers."""
_P_DATA: Final = 4
_TYPES: Final = range(1, 8)
_HEADER: Final = struct.Struct(">BxL")
_OURS: Final = ("Evt7", "Evt8", "Evt9", "Evt11", "Evt14", "Evt15")
"""Events of the state machine for something that we want to send."""
_LOGGED: Final = (evt.EVT_DIMSE_RECV, evt.EVT_DIMSE_SENT, evt.EVT_PDU_RECV, evt.EVT_PDU_SENT)


class BoundedMachine(StateMachine):
    """The state machine, which survives events in any order; pynetdicom's dies of some and leaves the socket open."""

    def do_action(self, event: str) -> None:
        """Do the action of an event; drop what can no longer be sent, and end the association where an action fails."""
        if event in _OURS and (event, self.current_state) not in TRANSITION_TABLE:
            with suppress(queue.Empty):
                self.dul.to_provider_queue.get(block=False)
            return
        try:
            super().do_action(event)
        except Exception as error:  # noqa: BLE001  whatever a peer's bytes lead to
            if isinstance(self.dul.socket, BoundedSocket):
                self.dul.socket.trouble = error
            closed = AA_5 if self.current_state == "Sta2" else AA_4  # as if the connection had been closed
            self.transition(closed(self.dul))


class BoundedAssociation(Association):
    """An association that is aborted where a request raises while it is negotiated or served."""

    def run(self) -> None:
        """Run until the association ends."""
        try:
            super().run()
        except Exception:  # noqa: BLE001  whatever a peer's request leads to
            self.abort()

    def settle(self) -> None:
        """End the association if the peer has released or aborted it, is gone, or has been idle for too long."""
        if self.is_established and self.acse.is_release_requested():
            self.acse.send_release(is_response=True)
            self.is_released, self.is_established = True, False
            evt.trigger(self, evt.EVT_RELEASED, {})
            self.kill()
        elif self.acse.is_aborted():
            self.dul.receive_pdu(wait=False)
            self.is_aborted, self.is_established = True, False
            evt.trigger(self, evt.EVT_ABORTED, {})
            self.kill()
        elif not self.dul.is_alive():
            self.kill()
        elif self.dul.idle_timer_expired():
            self.abort()

    def _serve_request(self, msg: Any, context_id: int) -> None:
        try:
            super()._serve_request(msg, context_id)
        except Exception:  # noqa: BLE001  whatever a peer's request leads to
            self.abort()

    def _c_store_scp(self, req: Any) -> None:  # the requests of a C-GET do not come by `_serve_request`
        try:
            super()._c_store_scp(req)
        except Exception:  # noqa: BLE001  a command set without what it has to have
            self.abort()


class BoundedDUL(DULServiceProvider):
    """The upper layer, with a bound on every PDU that arrives."""

    _invalid = False  # after an invalid PDU the rest of the stream has no meaning

    def run(self) -> None:
        """Run until the association ends, then wake all threads that wait for an answer."""
        try:
            super().run()
        finally:
            answers: Any = self.to_user_queue
            answers.put(None)  # for a thread that waits for a request, or for the answer to ours
            self.assoc.dimse.msg_queue.put((None, None))

    @property
    def longest(self) -> int:
        """Bytes that a P-DATA-TF PDU may have: the maximum that we announced, with `SLACK`."""
        ours = self.assoc.requestor if self.assoc.is_requestor else self.assoc.acceptor
        announced = ours.maximum_length
        return announced + SLACK if announced else LONGEST_DATA

    def allowed(self, pdu_type: int, length: int) -> bool:
        """Whether a PDU may be read; if not, end the association."""
        if pdu_type in _TYPES and length <= (self.longest if pdu_type == _P_DATA else LONGEST_NEGOTIATION):
            return True
        self.invalid()
        return False

    def invalid(self) -> None:
        """End the association because of an invalid PDU: the state machine sends an abort and closes the connection."""
        self._invalid = True
        self.event_queue.put("Evt19")

    def take(self, count: int) -> bytearray:
        """Return the next bytes of the stream, fewer at its end."""
        assert self.socket is not None
        return self.socket.recv(count)

    def _read_pdu_data(self) -> None:
        """Read one PDU, unless it is too long."""
        try:
            head = self.take(_HEADER.size)
            if len(head) < _HEADER.size:
                raise OSError("the connection was closed")  # noqa: TRY301  as if the read had failed
            pdu_type, length = _HEADER.unpack(head)
            if not self.allowed(pdu_type, length):
                return
            body = self.take(length)
            if len(body) < length:
                raise OSError("the connection was closed")  # noqa: TRY301
        except OSError as error:
            self.closed(error)
            return
        self.received(head + body)

    def closed(self, why: Exception | None = None) -> None:
        """End the association, as its connection has ended."""
        if why is not None and isinstance(self.socket, BoundedSocket):
            self.socket.trouble = why
        self.event_queue.put("Evt17")

    def received(self, data: bytearray) -> None:
        """Decode a whole PDU and hand it to the state machine."""
        try:
            pdu, event = self._decode_pdu(data)
        except Exception:  # noqa: BLE001  whatever a decoder of hostile bytes raises
            self.invalid()
            return
        self._recv_pdu.put(pdu)
        self.event_queue.put(event)

    def _is_transport_event(self) -> bool:
        """Read, unless an invalid PDU has come."""
        if not self._invalid:
            return super()._is_transport_event()
        closing = self.state_machine.current_state == "Sta13"
        if closing and self.socket is not None:
            self.socket.close()
        return closing


def bound(association: Association, patience: float) -> None:
    """Bound what an association may receive; to be called before anything is read."""
    if association.is_acceptor:
        association.__class__ = BoundedAssociation
    association.dul.__class__ = BoundedDUL
    association.dul.state_machine.__class__ = BoundedMachine
    carrier: Any = association.dul.socket
    if carrier is not None:  # an acceptor has one already; a requestor gets one of ours
        carrier.__class__ = BoundedSocket
        carrier.patience = patience
        carrier.socket.settimeout(patience)
        carrier.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    quiet(association)


def quiet(bound_to: Any) -> None:
    """Remove the handlers that describe each PDU in a log that is off; they take a tenth of the time."""
    if logging.getLogger("pynetdicom").isEnabledFor(logging.INFO):
        return
    for event in _LOGGED:
        for handler, _ in list(bound_to.get_handlers(event)):
            if handler.__module__.startswith("pynetdicom"):
                bound_to.unbind(event, handler)
