"""The parser of the fast path without a network: however a stream is cut, its messages are those of pynetdicom."""

from __future__ import annotations

import contextlib
import hashlib
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pynetdicom import AE, build_context
from pynetdicom.association import Association
from pynetdicom.pdu import P_DATA_TF
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.transport import AssociationSocket

from dicom_widgets.network.transport import fast, upper_layer
from dicom_widgets.network.transport.bounds import LONGEST_DATA, bound
from tests.peers import wire

ROOM = 1 << 20


def acceptor():
    """An association that accepted what `wire.request` proposes."""
    made: Any = Association(AE("RECEIVER"), "acceptor")
    contexts = [build_context(Verification), build_context(CTImageStorage)]
    for number, context in zip((wire.ECHO_CONTEXT, wire.STORE_CONTEXT), contexts, strict=True):
        context.context_id, made._accepted_cx[number] = number, context
    made.acceptor.maximum_length = 0
    return made


class Receiver:
    """The upper layer of one, run step by step."""

    def __init__(self, patience: float = 10.0) -> None:
        self.association = acceptor()
        self.far, near = socket.socketpair()
        self.association.set_socket(AssociationSocket(self.association, client_socket=near))
        self.dul = self.association.dul
        bound_to_pair(self.association, patience)
        fast.quicken(self.association, lambda: ROOM)
        self.dul.event_queue.get()  # of the connection
        self.dul.state_machine.current_state = "Sta6"

    def close(self):
        self.far.close()
        self.dul.socket._shutdown_socket()
        self.dul._wake.close()
        self.dul._woken.close()

    def take(self, data):
        """Take bytes, and return the events of the state machine that they lead to."""
        self.far.sendall(data)
        while self.waits() and self.dul.event_queue.empty():
            self.dul._is_transport_event()
        return list(self.dul.event_queue.queue)

    def waits(self):
        carrier = self.dul.socket.socket
        return bool(upper_layer.readable(0, carrier)) or self.dul._complete()

    @property
    def messages(self):
        return [described(*m) for m in self.association.dimse.msg_queue.queue]


def bound_to_pair(association, patience):
    """Bind an association whose connection is no TCP one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "setsockopt", lambda *_: None)
        bound(association, patience)


def described(context, primitive):
    data = getattr(primitive, "DataSet", None)
    held = None if data is None else hashlib.sha256(data.getvalue()).hexdigest()
    return context, type(primitive).__name__, primitive.MessageID, type(data).__name__, held


def stock(stream):
    """The messages of a stream by pynetdicom alone."""
    association, at = acceptor(), 0
    while at < len(stream):
        end = at + 6 + wire.HEAD.unpack_from(stream, at)[1]
        pdu = P_DATA_TF()
        pdu.decode(stream[at:end])
        association.dimse.receive_primitive(pdu.to_primitive())
        at = end
    return [described(*m) for m in association.dimse.msg_queue.queue]


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.close()


def stored(number, data, size=16378, *, together=False):
    return wire.message(wire.STORE_CONTEXT, wire.store_command(f"1.2.{number}", number), data, size, together=together)


ECHO = wire.message(wire.ECHO_CONTEXT, wire.echo_command(7), None)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("size", [1, 7, 100])
def test_a_stream_that_is_cut_anywhere_has_the_messages_of_pynetdicom(size, together):
    stream = stored(1, bytes(range(40)), size, together=together) + ECHO + stored(2, b"", size)
    expected = stock(stream)
    assert len(expected) == 3
    for at in range(0, len(stream), 1 if len(stream) < 1000 else 13):
        made = Receiver()
        try:
            assert made.take(stream[:at]) + made.take(stream[at:]) == []
            assert made.messages == expected
        finally:
            made.close()


def test_a_stream_that_comes_byte_by_byte_has_the_messages_of_pynetdicom(receiver):
    stream = stored(1, bytes(100), 30, together=True) + ECHO
    for byte in wire.pieces(stream, 1):
        assert receiver.take(byte) == []
    assert receiver.messages == stock(stream)


@st.composite
def streams(draw):
    made = b""
    for number in range(1, draw(st.integers(1, 4)) + 1):
        data = draw(st.binary(max_size=300))
        size, together = draw(st.integers(1, 200)), draw(st.booleans())
        made += draw(st.sampled_from([ECHO, stored(number, data, size, together=together)]))
    return made


@settings(max_examples=150, deadline=None)
@given(stream=streams(), data=st.data())
def test_any_stream_in_any_pieces_has_the_messages_of_pynetdicom(stream, data):
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    made = Receiver()
    try:
        for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
            assert made.take(stream[start:end]) == []
        assert made.messages == stock(stream)
    finally:
        made.close()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(stream=streams(), data=st.data())
def test_a_changed_stream_is_taken_or_ends_the_association_and_raises_nothing(stream, data):
    changed = bytearray(stream)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    made = Receiver()
    try:
        events = made.take(bytes(changed))
        assert set(events) <= {"Evt3", "Evt4", "Evt6", "Evt12", "Evt13", "Evt16", "Evt19"}
        assert len(made.dul._buffer) <= LONGEST_DATA + 6
    finally:
        made.close()


@pytest.mark.parametrize("size", [1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_pdu_that_is_larger_than_the_block_is_taken(size):
    made, stream = Receiver(), stored(1, bytes(1000) + b"\1" * size, 1 << 30)
    made.dul._room = lambda: 1 << 30
    try:
        for piece in wire.pieces(stream, 50_000):
            assert made.take(piece) == []
        assert made.messages == stock(stream)
    finally:
        made.close()


def test_a_data_set_that_has_no_room_is_dropped_and_the_next_is_taken(receiver):
    receiver.dul._room = lambda: 100
    assert receiver.take(stored(1, bytes(101), 40) + stored(2, bytes(100), 40)) == []
    (_, _, first, kind, _), (_, _, second, other, _) = receiver.messages
    assert (first, kind, second, other) == (1, "Overflow", 2, "BytesIO")


COMMAND = wire.store_command("1.2.3")
WRONG = {
    "data without a command": wire.pdv(3, 2, b"data"),
    "data in the middle of a command": wire.pdv(3, 1, COMMAND[:20]) + wire.pdv(3, 2, b"data"),
    "a command in the middle of a data set": wire.pdv(3, 3, COMMAND) + wire.pdv(3, 3, COMMAND),
    "a context that was not accepted": wire.pdv(5, 3, COMMAND),
    "data of another context": wire.pdv(3, 3, COMMAND) + wire.pdv(1, 2, b"data"),
    "a fragment without a head": b"\0\0\0\1\3",
    "a fragment of no length": b"\0\0\0\0\3\3",
    "a fragment beyond its PDU": wire.pdv(3, 3, COMMAND)[:-1],
    "a part of a header": wire.pdv(3, 1, COMMAND[:20]) + b"\0\0",
    "a command that is none": wire.pdv(3, 3, b"\1\2\3\4\5"),
    "an unknown command": wire.pdv(3, 3, COMMAND.replace(b"\0\0\0\1\2\0\0\0\1\0", b"\0\0\0\1\2\0\0\0\x99\x99")),
    "a command set of 64 KB": b"".join(wire.pdv(3, 1, bytes(1000)) for _ in range(70)),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_has_no_place_in_a_stream_ends_it(receiver, what):
    assert receiver.take(wire.pdu(4, WRONG[what])) == ["Evt19"]
    assert receiver.messages == []
    assert not receiver.dul._complete()  # nothing behind it is looked at


def test_a_command_set_that_never_ends_does(receiver):
    for _ in range(upper_layer.LONGEST_COMMAND // 1002):
        assert receiver.take(wire.pdu(4, wire.pdv(3, 1, bytes(1000)))) == []
    assert receiver.take(wire.pdu(4, wire.pdv(3, 1, bytes(1000)))) == ["Evt19"]


@pytest.mark.parametrize("part", [b"\4", b"\4\0\0\0", wire.pdu(4, length=100), wire.pdu(4, bytes(50), length=100)])
def test_a_part_of_a_pdu_is_waited_for_no_longer_than_the_patience(part):
    made = Receiver(patience=0.1)
    try:
        assert made.take(part) == []
        for _ in range(4):  # each waits for 50 ms
            made.dul._is_transport_event()
        assert list(made.dul.event_queue.queue)[:1] == ["Evt17"]
        assert isinstance(made.dul.socket.trouble, TimeoutError)
    finally:
        made.close()


def test_silence_between_two_pdus_is_no_part_of_one():
    made = Receiver(patience=0.1)
    try:
        assert made.take(ECHO) == []
        for _ in range(4):
            made.dul._is_transport_event()
        assert made.take(ECHO) == []
        assert len(made.messages) == 2
    finally:
        made.close()


def test_a_peer_that_does_not_wait_for_answers_is_read_no_further_than_can_be_held(receiver):
    flood = ECHO * (2 * upper_layer.BLOCK // len(ECHO))
    receiver.far.setblocking(False)
    sent = 0
    for _ in range(200):
        with contextlib.suppress(BlockingIOError):
            sent += receiver.far.send(flood[sent % len(ECHO) :])
        receiver.dul._is_transport_event()
    queue = receiver.association.dimse.msg_queue
    assert upper_layer.MOST_WAITING < queue.qsize() <= upper_layer.MOST_WAITING + upper_layer.BLOCK // len(ECHO) + 1
    assert list(receiver.dul.event_queue.queue) == []
    held = queue.qsize()
    while queue.qsize() > upper_layer.MOST_WAITING:
        queue.get()
    receiver.dul._is_transport_event()
    assert upper_layer.MOST_WAITING < queue.qsize() <= held + upper_layer.BLOCK  # it goes on where somebody serves


def test_large_data_sets_wait_for_the_one_before_them(receiver, monkeypatch):
    monkeypatch.setattr(upper_layer, "LONGEST_ANSWER", 1000)
    receiver.take(stored(1, bytes(600)) + stored(2, bytes(600)))
    assert receiver.dul._crowded()
    receiver.association.dimse.msg_queue.get()
    assert not receiver.dul._crowded()


def test_another_version_of_pynetdicom_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(fast, "KNOWN", "no version")
    made = acceptor()
    fast.quicken(made, lambda: 0)
    assert type(made) is Association
    assert not isinstance(made.dul, upper_layer.FastDUL)


def test_a_peer_that_never_reads_is_given_up_after_the_patience():
    made = Receiver(patience=0.2)
    try:
        made.dul.socket.send(bytes(10 << 20))
        assert list(made.dul.event_queue.queue) == ["Evt17"]
    finally:
        made.close()
