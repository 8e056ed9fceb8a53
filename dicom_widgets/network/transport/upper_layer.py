"""The upper layer of a fast association: whole blocks are read, and fragments go straight to where they are collected.

One thread waits for the socket and for what is to be sent, reads what is there, and writes each fragment of a data set
once. Messages, their events and everything else stay pynetdicom's own.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from struct import Struct
from typing import TYPE_CHECKING, Any, Final

from pynetdicom.dimse_messages import C_STORE_RQ, DIMSEMessage
from pynetdicom.pdu_primitives import P_DATA

from dicom_widgets.network.transport.bounds import BoundedDUL
from dicom_widgets.network.transport.commands import store_request
from dicom_widgets.network.transport.sockets import acknowledge, pending, readable

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK: Final = 1 << 20
LONGEST_COMMAND: Final = 1 << 16
"""Bytes of a command set; a real one has some hundred."""
LONGEST_ANSWER: Final = 1 << 26
"""Bytes of a data set that is no instance: the identifier of an answer."""
MOST_WAITING: Final = 100
"""Messages that may wait for being served."""
WAIT: Final = 0.05
"""Seconds after which a thread that waits looks whether the association has ended."""
_OPEN: Final = ("Sta6", "Sta7")
"""States in which data may come: the association is established, or its release was asked for."""
_HEAD: Final = Struct(">BxL")
_FRAGMENT: Final = Struct(">LBB")


class Overflow(io.BytesIO):
    """Stands for a data set for which there is no room: it is read to its end, and dropped."""

    def write(self, data: Any) -> int:
        """Drop it."""
        return len(data)


class FastDUL(BoundedDUL):
    """The upper layer service, which waits for events instead of polling, and copies data once."""

    def begin(self, room: Callable[[], int]) -> None:
        """Add what pynetdicom's class does not have; to be called before the association begins.

        `room` returns the bytes that a data set of a C-STORE may have.
        """
        self._room = room
        self._allowed = 0  # bytes that the data set which is arriving may have
        self._command = 0  # bytes of the command set that is arriving
        self._buffer = bytearray(BLOCK)
        self._view = memoryview(self._buffer)
        self._start = self._end = 0
        self._whole = 0.0  # when the buffer last held no part of a PDU
        self._wake, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._run_loop_delay = 0

    def run(self) -> None:
        """Run until the association ends, and close what was opened."""
        try:
            super().run()
        finally:
            self._wake.close()
            self._woken.close()

    def send_pdu(self, primitive: Any) -> None:
        """Send something, without waiting for the next round of the loop."""
        super().send_pdu(primitive)
        self.wake()

    def wake(self) -> None:
        """End the wait for the socket; may be called by any thread."""
        try:
            self._wake.send(b"\0")
        except OSError:  # it has ended
            return

    def take(self, count: int) -> bytearray:
        """Return the next bytes: first those in the buffer, then those of the socket."""
        buffered = self._view[self._start : min(self._end, self._start + count)]
        self._start += len(buffered)
        data = bytearray(buffered)
        return data if len(data) == count else data + super().take(count - len(data))

    def _is_transport_event(self) -> bool:
        """Read what there is and process it; wait for it in the states in which data may come."""
        carrier: Any = self.socket
        if self.state_machine.current_state not in _OPEN or carrier is None or carrier.socket is None:
            waiting = self._start < self._end and not self._invalid
            if waiting and self.state_machine.current_state not in ("Sta1", "Sta13"):
                self._read_pdu_data()
                return True
            self._rest()
            return super()._is_transport_event()
        if self._complete():  # it followed a PDU that went to the state machine
            return self._parse()
        try:
            count = self._read(carrier)
        except (OSError, ValueError) as error:
            self.closed(error)
            return False
        if count == 0:
            self.closed()
        return bool(count) and self._parse()

    def _read(self, carrier: Any) -> int | None:
        """Wait, and read what there is; return the bytes: 0 at the end of the connection, None where nothing came."""
        now = time.monotonic()
        if self._start == self._end:
            self._whole = now
        if self._crowded():
            self._whole = now
            self._listen(0.001)
            return None
        if now - self._whole > carrier.patience:
            raise TimeoutError("the rest of a PDU did not come")
        if not pending(carrier.socket) and not self._listen(WAIT, carrier.socket):
            return None
        count = _receive(carrier.socket, self._space())
        if count:
            acknowledge(carrier.socket)
            self._end += count
        return count

    def _crowded(self) -> bool:
        """Whether too many messages wait to be served: then a peer that does not wait for answers is not read."""
        messages = self.assoc.dimse.msg_queue
        if messages.qsize() < 2:
            return False
        with messages.mutex:
            waiting = [vars(m).values() for _, m in messages.queue if m is not None]
        sizes = (v.getbuffer().nbytes for values in waiting for v in values if isinstance(v, io.BytesIO))
        return len(waiting) > MOST_WAITING or sum(sizes) > LONGEST_ANSWER

    def _listen(self, seconds: float, *connection: socket.socket) -> bool:
        """Wait for the connection, or until `wake` is called; return whether there is something to read."""
        found = readable(seconds, self._woken, *connection)
        if self._woken.fileno() in found:
            self._woken.recv(1024)
        return any(c.fileno() in found for c in connection)

    def _rest(self) -> None:
        """Wait a millisecond for the socket, where pynetdicom sleeps: while an association begins or ends."""
        carrier: Any = self.socket
        try:
            if carrier is None or carrier.socket is None or self.state_machine.current_state == "Sta1":
                self._listen(0.001)
            elif not pending(carrier.socket):
                self._listen(0.001, carrier.socket)
        except (OSError, ValueError):
            return

    def _space(self) -> memoryview:
        """Return where the next bytes go: after those still to be read, which move to the front of the buffer."""
        if self._start:
            rest = bytes(self._view[self._start : self._end])  # at most a part of one PDU
            self._view[: len(rest)] = rest
            self._start, self._end = 0, len(rest)
        if self._end >= _HEAD.size:
            needed = _HEAD.size + _HEAD.unpack_from(self._buffer)[1]  # bounded, as `_complete` has checked it
            if needed > len(self._buffer):
                grown = bytearray(needed)
                grown[: self._end] = self._view[: self._end]
                self._buffer, self._view = grown, memoryview(grown)
        return self._view[self._end :]

    def _complete(self) -> bool:
        """Whether the buffer holds a whole PDU that may be read."""
        if self._invalid or self._end - self._start < _HEAD.size:
            return False
        pdu_type, length = _HEAD.unpack_from(self._buffer, self._start)
        return self.allowed(pdu_type, length) and self._end - self._start >= _HEAD.size + length

    def _parse(self) -> bool:
        """Process the whole PDUs in the buffer, up to one that the state machine has to see; return True."""
        while self.event_queue.empty() and self._complete():
            start = self._start
            pdu_type, length = _HEAD.unpack_from(self._buffer, start)
            self._start = end = start + _HEAD.size + length
            self._whole = time.monotonic()
            if pdu_type != 4:
                self.received(self._buffer[start:end])
                continue
            try:
                valid = self._fragments(start + _HEAD.size, end)
            except Exception:  # noqa: BLE001  whatever a decoder of hostile bytes raises
                valid = False
            if not valid:
                self.invalid()
        return True

    def _fragments(self, at: int, end: int) -> bool:
        """Take the fragments of a P-DATA PDU (PS3.8 9.3.5); return whether they were valid."""
        dimse = self.assoc.dimse
        while at < end:
            if at + _FRAGMENT.size > end:
                return False
            length, context, head = _FRAGMENT.unpack_from(self._buffer, at)
            at, begin = at + 4 + length, at + _FRAGMENT.size
            if length < 2 or at > end:
                return False
            message: Any = dimse.message
            commanded = message is not None and message.__class__ is not DIMSEMessage  # its command set is whole
            if head & 1:
                self._command = self._command + length if message is not None else length
                if commanded or self._command > LONGEST_COMMAND or context not in self.assoc._accepted_cx:  # noqa: SLF001
                    return False
                if head & 2 and message is None:
                    dimse.message = store_request(bytes(self._view[begin:at]), context)
                    if dimse.message is not None:
                        continue
            elif not commanded or context != message.context_id:
                return False
            else:
                self._bounded(message, at - begin)
                if not head & 2 and message._data_set_file is None:  # noqa: SLF001
                    message.data_set.write(self._view[begin:at])
                    continue
            primitive = P_DATA()
            primitive.presentation_data_value_list = [[context, bytes(self._view[begin - 1 : at])]]  # type: ignore[list-item]
            dimse.receive_primitive(primitive)
        return True

    def _bounded(self, message: Any, length: int) -> None:
        """Drop a data set that has become longer than there is room for."""
        size = message.data_set.tell()
        if not size:
            self._allowed = self._room() if isinstance(message, C_STORE_RQ) else LONGEST_ANSWER
        if size + length > self._allowed and not isinstance(message.data_set, Overflow):
            message.data_set = Overflow()


def _receive(connection: socket.socket, space: memoryview) -> int | None:
    """Read what there is; None where a part of a TLS record has to wait for its rest."""
    if not isinstance(connection, ssl.SSLSocket):
        return connection.recv_into(space)
    patience, count = connection.gettimeout(), 0
    connection.settimeout(0)  # else a read waits for the rest of a record, and nothing can be sent meanwhile
    try:
        while count < len(space):
            read = connection.recv_into(space[count:])
            if not read:
                return count
            count += read
    except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return count or None
    finally:
        connection.settimeout(patience)
    return count
