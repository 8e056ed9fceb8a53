"""How little a connection can do to the listener: silence, trickles, other protocols, hostile titles."""

from __future__ import annotations

import socket
import time
from contextlib import suppress

import pytest
from pynetdicom.pdu import A_ASSOCIATE_RQ

import dicom_widgets as dw
from dicom_widgets.network.retrieve import listener as listeners
from tests.peers.listener.sending import CONTEXT, ended, moving, rejection, store
from tests.peers.loopback import HOST, eventually
from tests.peers.misbehaving import store_bytes, storing
from tests.peers.study import CT, ct

pytestmark = pytest.mark.usefixtures("quick_ends")


@pytest.fixture
def impatient(monkeypatch):
    """A session that waits for a study, with a listener that waits for half a second for what a peer began."""
    monkeypatch.setattr(listeners, "PATIENCE", 0.4)
    monkeypatch.setattr(listeners, "IDLE", 0.8)
    with dw.Session(listen_port=0) as session, moving(session, "1.2.826.0.1.1"):
        yield session


@pytest.mark.parametrize(
    "said", [b"", b"\x01", b"\x01\0\0\0", b"\x01\0\0\0\x01\0", b"\x01\0\0\0\x01\0\0\x01", b"\x04\0\0\0\0\x20half"]
)
def test_a_connection_without_a_request_or_with_half_of_one_is_ended(impatient, said):
    with socket.create_connection((HOST, impatient.local.port), 2) as connection:
        connection.sendall(said)
        assert ended(connection) < 2
    eventually(lambda: not impatient.listener._ae.active_associations)
    assert store(impatient, ct("1.2.826.0.1.1")) == [0]


@pytest.mark.parametrize("said", [b"", b"\x04\0\0\0", b"\x04\0\0\0\x10\0 half of some data"])
def test_an_association_that_falls_silent_is_aborted(impatient, said):
    with storing(impatient.local.port, [CONTEXT]) as association:
        association.dul.socket.socket.sendall(said)
        begin = time.monotonic()
        eventually(lambda: association.is_aborted, 4)
        assert time.monotonic() - begin > 0.3
    eventually(lambda: not impatient.listener._ae.active_associations)


def test_a_pdu_that_trickles_in_is_given_up(impatient):
    """A byte now and then is no silence, but the PDU has its time."""
    with storing(impatient.local.port, [CONTEXT]) as association:
        connection = association.dul.socket.socket
        connection.sendall(b"\x04\0\0\0\x10\0")
        end = time.monotonic() + 3
        while not association.is_aborted and time.monotonic() < end:
            try:
                connection.sendall(b"x")
            except OSError:
                break
            time.sleep(0.05)
        assert time.monotonic() < end


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(200),  # TLS
        b"\x01\0\0\0\0\x04\0\1\0\0",
        b"\x02\0\0\0\0\x04\0\1\0\0",
        b"\x05\0\0\0\0\x04\0\0\0\0",
        b"\x08\0\0\0\0\x04\0\0\0\0",
        b"\xff" * 100,
        b"\x01\0\xff\xff\xff\xff" + bytes(1000),
    ],
)
def test_bytes_that_are_no_request_end_their_connection_and_nothing_else(shared, said):
    session, transfer = shared
    with socket.create_connection((HOST, session.local.port), 2) as connection:
        connection.sendall(said)
        connection.settimeout(3)
        with suppress(ConnectionResetError):
            assert connection.recv(100)[:1] in {b"", b"\x07"}  # an abort, or the end
    assert not transfer.done
    assert store(session, ct("1.2.826.0.1.1")) == [0]


def request_bytes(calling, called, contexts=(CONTEXT,)):
    """An A-ASSOCIATE-RQ with any bytes as AE titles."""
    from pynetdicom.pdu_primitives import A_ASSOCIATE, ImplementationClassUIDNotification, MaximumLengthNotification

    primitive = A_ASSOCIATE()
    primitive.application_context_name = "1.2.840.10008.3.1.1.1"
    primitive.calling_ae_title, primitive.called_ae_title = "CALLING", "CALLED"
    for number, context in enumerate(contexts):
        context.context_id = 2 * number + 1
    primitive.presentation_context_definition_list = list(contexts)
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received, implementation.implementation_class_uid = 16384, "1.2.3"
    primitive.user_information = [length, implementation]
    pdu = A_ASSOCIATE_RQ()
    pdu.from_primitive(primitive)
    data = pdu.encode()
    return data[:10] + called.ljust(16)[:16] + calling.ljust(16)[:16] + data[42:]


def says(port, data):
    """Return what is answered to some bytes until the connection is ended."""
    with socket.create_connection((HOST, port), 2) as connection:
        connection.sendall(data)
        connection.settimeout(3)
        answer = b""
        try:
            while more := connection.recv(4096):
                answer += more
        except (ConnectionResetError, TimeoutError):
            pass
        return answer


HOSTILE = [
    b"<b>\x1b[31m'\");x",
    b"\x00" * 16,
    b"\r\n\r\nmore",
    b"\xff\xfe\xfd",
    "AÄÖ\u202e".encode(),
    b"A\\B\\C",
    b" " * 16,
]


@pytest.mark.parametrize("title", HOSTILE, ids=repr)
@pytest.mark.parametrize("place", ["calling", "called"])
def test_hostile_titles_are_refused_in_one_bounded_line_of_text(shared, title, place):
    session, transfer = shared
    titles = {"calling": b"MOVER", "called": session.ae_title.encode(), place: title}
    answer = says(session.local.port, request_bytes(**titles))
    assert answer == b"" or answer[0] in {3, 7}  # rejected or aborted
    for why in session.listener.refusals:
        assert why.isprintable()
        assert len(why) < 400
    assert not transfer.done
    assert store(session, ct("1.2.826.0.1.1")) == [0]


def test_the_reasons_that_are_remembered_are_bounded(idle, monkeypatch):
    most = len(idle.listener.refusals) + 3
    monkeypatch.setattr(listeners, "MOST_REFUSALS", most)
    before = sum(idle.listener.refusals.values())
    for number in range(8):
        assert rejection(idle.local.port, calling=f"CALLER_{number}") == (2, 1, 1)
    assert len(idle.listener.refusals) == most + 1
    assert idle.listener.refusals["others"] == 5
    assert sum(idle.listener.refusals.values()) == before + 8


def test_a_hostile_uid_is_bounded_text_in_the_ledger(session, study):
    with moving(session, study) as transfer, storing(session.local.port, [CONTEXT]) as association:
        uid = "1." + "9" * 62
        assert store_bytes(association, CT, uid, bytes(100)) in {0xC000, 0x0124}
        transfer.cancel()
        assert all(len(u) <= 64 and u.isprintable() for u in transfer.result().failed)
