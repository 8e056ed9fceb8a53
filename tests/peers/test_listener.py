"""The listener of C-MOVE: who may send what, what is refused and said, how little it can be harmed, how it ends."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import zlib
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from pydicom.uid import generate_uid
from pynetdicom.pdu import A_ASSOCIATE_RQ
from pynetdicom.presentation import build_context

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom.conformance import DEFLATED, EXPLICIT, IMPLEMENTATION_CLASS_UID, VERIFICATION
from dicom_widgets.network.retrieve import lease as leases
from dicom_widgets.network.retrieve import listener as listeners
from dicom_widgets.sources.ledger import FULL
from tests import samples
from tests.peers.loopback import HOST, accepts, free_port
from tests.peers.misbehaving import Mover, servers_that_end_quickly, store_bytes, storing

CT = samples.CT
CONTEXT = build_context(CT, EXPLICIT)
ECHO = build_context(VERIFICATION, EXPLICIT)


def says_nothing(move):
    """The script of a mover that has others store, until it is cancelled."""
    move.wait()
    move.answer(0xFE00)


def fails(move):
    """The script of a mover that sends nothing, and says so."""
    move.answer(0xA801)


def until(happens, seconds=10):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.005)


def ct(study, **attributes):
    return samples.plain(CT, **{"StudyInstanceUID": study, "SeriesInstanceUID": f"{study}.1", **attributes})


def store(session, *datasets, **options):
    """Store data sets as the mover would; return the statuses."""
    with storing(session.local.port, [CONTEXT], called=session.ae_title, **options) as association:
        return [association.send_c_store(ds).get("Status") for ds in datasets]


def rejection(port, **options):
    """Return (result, source, reason) with which an association is rejected."""
    with storing(port, [CONTEXT], **options) as association:
        assert association.is_rejected
        answer = association.acceptor.primitive
        return answer.result, answer.result_source, answer.diagnostic


@contextmanager
def moving(session, *studies, asked=None, **options):
    """Let a session wait for studies from a mover that sends nothing; yield the transfer."""
    with ExitStack() as stack:
        mover = stack.enter_context(Mover(says_nothing, session.local.port, **options))
        asked = mover.remote_with(dimse_timeout=600, **(asked or {}))
        transfer = session.fetch(asked, [dw.Entity.of(s) for s in studies], way="C-MOVE")
        stack.callback(transfer.wait)
        stack.callback(transfer.cancel)
        until(lambda: mover.moves or transfer.done)
        yield transfer


@pytest.fixture(scope="module", autouse=True)
def quick_ends():
    with servers_that_end_quickly():
        yield


@pytest.fixture
def study():
    return generate_uid(prefix="1.2.826.0.1.3680043.10.1.")[:50].rstrip(".")


@pytest.fixture
def session():
    with dw.Session(listen_port=0) as made:
        yield made


@pytest.fixture(scope="module")
def shared():
    """A session that waits for one study, for tests that disturb neither."""
    with dw.Session(listen_port=0) as session, moving(session, "1.2.826.0.1.1") as transfer:
        yield session, transfer


@pytest.fixture(scope="module")
def idle():
    """A session that listens, as it had a C-MOVE, and waits for nothing."""
    with dw.Session(listen_port=0) as session, Mover(fails) as mover:
        with pytest.raises(errors.RetrieveFailed):
            session.retrieve(mover.remote, dw.Entity.of("1.2"), way="C-MOVE", progress=False)
        yield session


def descriptors_now():
    """Return how many files and sockets are open, 0 where nobody tells."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


# --- one address, several sessions


def test_the_listener_begins_with_the_first_move_and_ends_with_the_session(study):
    before, descriptors = set(threading.enumerate()), descriptors_now()
    with dw.Session(listen_port=0) as session:
        title, host, port = session.address
        assert (title, host) == ("DICOM_WIDGETS", HOST)
        assert session.listener is None
        assert not accepts(port)
        with moving(session, study):
            assert session.listener.port == port
            assert accepts(port)
            assert store(session, ct(study)) == [0]
        assert session.listener.port == port
        assert accepts(port)
    assert session.listener is None
    assert not accepts(port)
    until(lambda: set(threading.enumerate()) <= before)
    until(lambda: descriptors_now() <= descriptors)
    socket.create_server((HOST, port)).close()  # free


def test_a_query_or_a_c_get_starts_no_listener(session):
    with dw.PracticePacs() as pacs:
        found = session.find(pacs.remote)
        session.retrieve(found[0], progress=False)
    assert session.listener is None
    assert not accepts(session.local.port)


def test_listen_port_0_is_a_free_port_of_its_own():
    with dw.Session(listen_port=0) as one, dw.Session(listen_port=0) as two:
        assert one.address[2] != two.address[2]
        assert min(one.address[2], two.address[2]) > 1023


def test_sessions_at_one_address_move_at_the_same_time_and_do_not_mix(study):
    port = free_port()
    other, datasets = f"{study}.9", {}
    with dw.Session(listen_port=port) as one, dw.Session(listen_port=port) as two:
        with moving(one, study), moving(two, other):
            assert one.listener is two.listener
            for uid in (study, other):
                datasets[uid] = [ct(uid) for _ in range(5)]
            mixed = [ds for pair in zip(*datasets.values(), strict=True) for ds in pair]
            assert store(one, *mixed) == [0] * 10
        for session, uid in ((one, study), (two, other)):
            assert {i.uid for i in session.instances(session.studies)} == {d.SOPInstanceUID for d in datasets[uid]}


def test_sessions_at_one_address_move_from_two_peers_that_may_each_send_its_own_only(study):
    port, other = free_port(), f"{study}.9"
    with dw.Session(listen_port=port) as one, dw.Session(listen_port=port) as two:
        with moving(one, study, ae_title="FIRST"), moving(two, other, ae_title="SECOND"):
            assert store(one, ct(study), ct(other), calling="FIRST") == [0, 0x0124]
            assert store(one, ct(study), ct(other), calling="SECOND") == [0x0124, 0]
            assert sum(one.listener.refusals.values()) == 2
        assert {s.uid for s in one.studies} == {study}
        assert {s.uid for s in two.studies} == {other}


def test_two_sessions_that_ask_for_the_same_study_both_get_it(study):
    port = free_port()
    ds = ct(study)
    with (
        dw.Session(listen_port=port) as one,
        dw.Session(listen_port=port) as two,
        moving(one, study),
        moving(two, study),
    ):
        assert store(one, ds) == [0]
        assert [s.instance(ds.SOPInstanceUID).uid for s in (one, two)] == [ds.SOPInstanceUID] * 2


def test_of_two_sessions_that_ask_for_the_same_the_one_with_room_takes_it(study):
    port, ds = free_port(), ct(study, ImageComments="x" * 5000)
    with dw.Session(listen_port=port, memory_limit=2000) as small, dw.Session(listen_port=port) as large:
        with moving(small, study) as transfer, moving(large, study):
            assert store(large, ds) == [0]
            assert ds.SOPInstanceUID in large.store
            assert ds.SOPInstanceUID not in small.store
            assert transfer.progress.received == 0
        failed = small.store.room(), transfer.result().failed
    assert failed == (2000, {ds.SOPInstanceUID: FULL})


def test_what_one_session_has_no_room_for_is_no_failure_of_another(study):
    """Which knows what it waits for by name."""
    port, ds = free_port(), ct(study, ImageComments="x" * 5000)
    with (
        dw.Session(listen_port=port, memory_limit=2000) as one,
        dw.Session(listen_port=port, memory_limit=2000) as two,
        moving(one, study) as transfer,
        Mover(says_nothing) as mover,
        two.fetch(mover.remote, dw.Entity.of(f"{study}.9", "1.2", "1.2.3"), way="C-MOVE") as others,
    ):
        until(lambda: mover.moves)
        assert store(one, ds) == [0xA700]
        for running in (transfer, others):
            running.cancel()
        assert dict(transfer.result().failed) == {ds.SOPInstanceUID: FULL}
        assert dict(others.result().failed) == {}


def test_sessions_with_different_titles_answer_at_one_address_to_both(study):
    port = free_port()
    with dw.Session("FIRST_TITLE", listen_port=port) as one, dw.Session("SECOND_TITLE", listen_port=port) as two:
        with moving(one, study), moving(two, f"{study}.9"):
            assert store(one, ct(study)) == [0]
            assert store(two, ct(f"{study}.9")) == [0]
            assert "FIRST_TITLE, SECOND_TITLE" in repr(one.listener)
            assert rejection(port, called="DICOM_WIDGETS") == (1, 1, 7)
        two.close()
        assert rejection(port, called="SECOND_TITLE") == (1, 1, 7)
        with moving(one, study):
            assert store(one, ct(study)) == [0]
    assert not accepts(port)


def test_closing_one_session_leaves_the_listener_to_the_other(study):
    port = free_port()
    with dw.Session(listen_port=port) as one:
        with dw.Session(listen_port=port) as two, moving(two, study), moving(one, study):
            assert store(two, ct(study)) == [0]
            two.close()
            assert store(one, ct(study)) == [0]
            assert one.listener.port == port
        assert accepts(port)
        assert len(one.instances(one.studies)) == 2
    assert not accepts(port)


def test_the_room_for_associations_is_that_of_the_session_that_wants_most(study):
    port = free_port()
    with (
        dw.Session(listen_port=port, max_associations=1) as one,
        moving(one, study),
        dw.Session(listen_port=port, max_associations=3) as two,
        moving(two, study),
        ExitStack() as stack,
    ):
        opened = [stack.enter_context(storing(port, [CONTEXT])) for _ in range(3)]
        assert all(a.is_established for a in opened)


def test_a_session_that_wants_a_secured_listener_does_not_share_one_that_is_not(study):
    port = free_port()
    secured = dw.Session(listen_port=port, listen_tls=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    with dw.Session(listen_port=port) as one, secured as two, moving(one, study), Mover(fails) as mover:
        with pytest.raises(errors.ListenerFailed, match="secured"):
            two.retrieve(mover.remote, dw.Entity.of(study), way="C-MOVE", progress=False)
        assert two.busy == ""
        assert mover.moves == []
        assert store(one, ct(study)) == [0]


@pytest.mark.parametrize("host", [HOST, "localhost", "0.0.0.0"])
def test_a_port_that_another_program_has_is_an_error_that_says_what_to_do(host, study):
    with socket.create_server((HOST, 0)) as taken, Mover(fails) as mover:
        port = taken.getsockname()[1]
        with dw.Session(listen_host=host, listen_port=port) as session:
            with pytest.raises(errors.ListenerFailed) as caught:
                session.retrieve(mover.remote, dw.Entity.of(study), way="C-MOVE", progress=False)
            for words in (f"{host}:{port}", "Address already in use", "listen_port=", "C-GET"):
                assert words in str(caught.value)
            assert (session.listener, session.busy, mover.moves) == (None, "", [])
            taken.close()
            with pytest.raises(errors.RetrieveFailed):  # now it listens, and the peer sends nothing
                session.retrieve(mover.remote, dw.Entity.of(study), way="C-MOVE", progress=False)
            assert session.listener.port == port


def test_a_host_that_is_not_ours_is_an_error_that_names_it(study):
    with (
        dw.Session(listen_host="192.0.2.1", listen_port=free_port()) as session,
        Mover(fails) as mover,
        pytest.raises(errors.ListenerFailed, match=r"192\.0\.2\.1"),
    ):
        session.retrieve(mover.remote, dw.Entity.of(study), way="C-MOVE", progress=False)


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
def test_an_address_of_ipv6_is_listened_at(study):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("there is no IPv6 on loopback")
    with dw.Session(listen_host="::1", listen_port=0) as session, moving(session, study) as transfer:
        until(lambda: session.listener or transfer.done)
        with socket.create_connection(("::1", session.listener.port), 2):
            pass
        assert not transfer.done


# --- who may send what


def test_a_wrong_called_title_is_rejected(shared):
    session, transfer = shared
    assert rejection(session.local.port, called="SOMEBODY") == (1, 1, 7)
    (why,) = [w for w in session.listener.refusals if "SOMEBODY" in w]
    assert "none of our AE titles" in why
    assert not transfer.done


def test_titles_are_compared_with_their_case(shared):
    session, _ = shared
    assert rejection(session.local.port, called="dicom_widgets") == (1, 1, 7)
    assert rejection(session.local.port, calling="Mover") == (1, 1, 3)


@pytest.mark.parametrize(("calling", "origin"), [("ARCHIVE", HOST), ("MOVER", "127.0.0.2")])
def test_whoever_was_not_asked_is_rejected_with_the_line_that_would_let_it_in(session, study, calling, origin):
    with moving(session, study) as transfer:
        assert rejection(session.local.port, calling=calling, origin=origin) == (1, 1, 3)
        assert rejection(session.local.port, calling=calling, origin=origin) == (1, 1, 3)
        ((why, count),) = session.listener.refusals.items()
        assert count == 2
        line = f"store_from=[({calling!r}, {origin!r})]"
        assert line in why
        transfer.cancel()
        (warning,) = [w for w in transfer.result().warnings if "store_from" in w]  # once
        assert line in warning
        given = eval(line.partition("=")[2])

    with moving(session, study, asked={"store_from": given}):
        assert store(session, ct(study), calling=calling, origin=origin) == [0]
        assert store(session, ct(study)) == [0]  # the mover itself too


@pytest.mark.parametrize(
    ("store_from", "origin", "allowed"),
    [
        (("ARCHIVE", "127.0.0.0/8"), "127.0.0.77", True),
        (("ARCHIVE", "127.0.0.0/30"), "127.0.0.77", False),
        (("ARCHIVE", "localhost"), HOST, True),
        (("ARCHIVE", "no-such-host.invalid"), HOST, False),
        (("OTHER", HOST), HOST, False),
    ],
)
def test_store_from_is_a_title_at_a_host_or_in_a_network(session, study, store_from, origin, allowed):
    with moving(session, study, asked={"store_from": [store_from]}):
        if allowed:
            assert store(session, ct(study), calling="ARCHIVE", origin=origin) == [0]
        else:
            assert rejection(session.local.port, calling="ARCHIVE", origin=origin) == (1, 1, 3)


def test_a_mover_that_is_known_by_its_name_may_send(session, study):
    with moving(session, study, asked={"host": "localhost"}):
        assert store(session, ct(study)) == [0]


def test_with_no_move_outstanding_an_association_is_rejected_for_the_moment(idle):
    before = sum(idle.listener.refusals.values())
    assert rejection(idle.local.port) == (2, 1, 1)
    assert sum(idle.listener.refusals.values()) == before + 1
    assert any("no C-MOVE of ours is outstanding" in why for why in idle.listener.refusals)


def test_an_association_that_outlives_its_move_brings_nothing_more(session, study):
    """It was opened while a C-MOVE was outstanding."""
    with ExitStack() as stack:
        with moving(session, study):
            association = stack.enter_context(storing(session.local.port, [CONTEXT]))
            assert association.send_c_store(ct(study)).Status == 0
        late = ct(study)
        answer = association.send_c_store(late)
        assert answer.Status in {0x0124, 0xA700}
        assert late.SOPInstanceUID not in session.store
        assert len(session.studies.one().instances) == 1


@pytest.mark.parametrize("level", ["STUDY", "SERIES", "IMAGE"])
def test_what_was_not_asked_for_is_refused_counted_and_not_kept(session, study, level):
    wanted = ct(study)
    near = {"STUDY": ct(f"{study}.9"), "SERIES": ct(study, SeriesInstanceUID="1.2.9"), "IMAGE": ct(study)}[level]
    depth = ["STUDY", "SERIES", "IMAGE"].index(level) + 1
    entity = dw.Entity.of(*(study, wanted.SeriesInstanceUID, wanted.SOPInstanceUID)[:depth])
    with Mover(says_nothing, session.local.port) as mover, session.fetch(mover.remote, entity, way="C-MOVE") as running:
        until(lambda: mover.moves)
        assert store(session, near, wanted) == [0x0124, 0]
        running.cancel()
        assert running.result().received == (wanted.SOPInstanceUID,)
        assert dict(running.result().failed) == {}
    assert near.SOPInstanceUID not in session.store
    ((why, count),) = session.listener.refusals.items()
    assert (count, "it was not asked for" in why) == (1, True)


def test_an_object_whose_uids_lie_is_taken_for_what_it_is(session, study):
    """The command names an instance that was asked for, the data set is another."""
    wanted, other = ct(study), ct(f"{study}.9")
    with moving(session, study), storing(session.local.port, [CONTEXT]) as association:
        assert store_bytes(association, CT, wanted.SOPInstanceUID, samples.encoded(other)) == 0x0124
        assert store_bytes(association, CT, other.SOPInstanceUID, samples.encoded(wanted)) == 0
        assert wanted.SOPInstanceUID in session.store
        assert other.SOPInstanceUID not in session.store


@pytest.mark.parametrize("data", [b"\0" * 8, b"\xff" * 1000, b"\x08\x00\x18\x00UI\xff\x7f1.2"])
def test_what_cannot_be_read_is_refused_and_the_next_is_taken(session, study, data):
    with moving(session, study) as transfer, storing(session.local.port, [CONTEXT]) as association:
        assert store_bytes(association, CT, "2.25.1", data) in {0x0124, 0xC000, 0xC210, 0xA900}
        assert association.send_c_store(ct(study)).Status == 0
        assert transfer.progress.received <= 1
    assert len(session.studies.one().instances) == 1


def test_more_associations_than_the_maximum_are_rejected_and_counted(study):
    with dw.Session(listen_port=0, max_associations=2) as session, moving(session, study):
        with ExitStack() as stack:
            opened = [stack.enter_context(storing(session.local.port, [CONTEXT])) for _ in range(2)]
            assert all(a.is_established for a in opened)
            assert rejection(session.local.port) == (2, 3, 2)
            ((why, count),) = session.listener.refusals.items()
            assert count == 1
            assert "2 are open, which is the maximum (max_associations)" in why
            assert [a.send_c_store(ct(study)).Status for a in opened] == [0, 0]
        until(lambda: not session.listener._ae.active_associations)
        assert store(session, ct(study)) == [0]


def test_connections_that_ask_for_nothing_do_not_take_a_thread_each(study):
    with dw.Session(listen_port=0, max_associations=2) as session, moving(session, study), ExitStack() as stack:
        crowd = [stack.enter_context(socket.create_connection((HOST, session.local.port), 2)) for _ in range(12)]
        until(lambda: session.listener.refusals)
        assert all("a connection from 127.0.0.1" in why for why in session.listener.refusals)
        until(lambda: sum(session.listener.refusals.values()) >= 12 - 5)
        assert len(session.listener._ae.active_associations) <= 5
        for connection in crowd:
            connection.close()
        until(lambda: not session.listener._ae.active_associations)
        assert store(session, ct(study)) == [0]


# --- C-ECHO


def test_an_echo_of_anybody_is_answered_also_when_nothing_is_outstanding(idle, dcmtk):
    command = [dcmtk("echoscu"), "-aet", "ADMIN", "-aec", idle.ae_title, HOST, str(idle.local.port)]
    done = subprocess.run(command, capture_output=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    with dw.Session("NOTEBOOK", listen_port=0) as other:
        assert other.echo(dw.RemoteAE(idle.ae_title, HOST, idle.local.port)) < 1
    assert not any("ADMIN" in w or "NOTEBOOK" in w for w in idle.listener.refusals)


def test_an_echo_to_another_title_is_rejected(idle, dcmtk):
    command = [dcmtk("echoscu"), "-aec", "SOMEBODY", HOST, str(idle.local.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode
    assert "Called AE Title Not Recognized" in done.stderr


def test_the_listener_says_what_it_is(shared):
    session, _ = shared
    with storing(session.local.port, [ECHO], calling="ADMIN") as association:
        assert association.acceptor.implementation_class_uid == IMPLEMENTATION_CLASS_UID
        assert association.acceptor.implementation_version_name == "DICOM_WIDGETS_01"
        assert association.acceptor.maximum_length == 16384
        assert association.send_c_echo().Status == 0


def test_an_association_for_an_echo_stores_nothing(shared):
    session, _ = shared
    ds = ct("1.2.826.0.1.1")
    with storing(session.local.port, [ECHO], calling="ADMIN") as association:
        status = store_bytes(association, CT, ds.SOPInstanceUID, samples.encoded(ds), association_context(association))
    assert status != 0
    assert ds.SOPInstanceUID not in session.store


def association_context(association):
    """Return the number of the only context."""
    (context,) = association.accepted_contexts
    return context.context_id


# --- what a connection may do


@pytest.fixture
def impatient(monkeypatch):
    """A session that waits for a study, with a listener that waits for half a second for what a peer began."""
    monkeypatch.setattr(listeners, "PATIENCE", 0.4)
    monkeypatch.setattr(listeners, "IDLE", 0.8)
    with dw.Session(listen_port=0) as session, moving(session, "1.2.826.0.1.1"):
        yield session


def ended(connection, seconds=4):
    """Return how long it takes until the other side ends a connection."""
    connection.settimeout(seconds)
    begin = time.monotonic()
    try:
        while connection.recv(4096):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - begin


@pytest.mark.parametrize(
    "said", [b"", b"\x01", b"\x01\0\0\0", b"\x01\0\0\0\x01\0", b"\x01\0\0\0\x01\0\0\x01", b"\x04\0\0\0\0\x20half"]
)
def test_a_connection_without_a_request_or_with_half_of_one_is_ended(impatient, said):
    with socket.create_connection((HOST, impatient.local.port), 2) as connection:
        connection.sendall(said)
        assert ended(connection) < 2
    until(lambda: not impatient.listener._ae.active_associations)
    assert store(impatient, ct("1.2.826.0.1.1")) == [0]


@pytest.mark.parametrize("said", [b"", b"\x04\0\0\0", b"\x04\0\0\0\x10\0 half of some data"])
def test_an_association_that_falls_silent_is_aborted(impatient, said):
    with storing(impatient.local.port, [CONTEXT]) as association:
        association.dul.socket.socket.sendall(said)
        begin = time.monotonic()
        until(lambda: association.is_aborted, 4)
        assert time.monotonic() - begin > 0.3
    until(lambda: not impatient.listener._ae.active_associations)


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


# --- memory and disk


CHILD = """
import re, sys
import dicom_widgets as dw

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024

session = dw.Session(listen_port=0, memory_limit={limit})
remote = dw.RemoteAE("MOVER", "127.0.0.1", {port})
transfer = session.fetch(remote, dw.Entity.of("1.2.826.0.1.1"), way="C-MOVE")
print(session.local.port, flush=True)
for line in sys.stdin:
    print(peak(), flush=True)
session.close()
"""


class Child:
    """A kernel of its own whose session waits for a study; its memory is looked at."""

    def __init__(self, limit):
        self.limit = limit

    def __enter__(self):
        self.mover = Mover(says_nothing).__enter__()
        code = CHILD.format(limit=self.limit, port=self.mover.port)
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline())
        until(lambda: self.mover.moves)
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=20)
        self.mover.__exit__()

    def ask(self, what):
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    @contextmanager
    def grows_by_less_than(self, megabytes):
        before = int(self.ask("peak"))
        yield
        assert int(self.ask("peak")) - before < megabytes


on_linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")


@pytest.fixture(scope="module")
def tight():
    """One that has room for a megabyte."""
    with Child(1 << 20) as child:
        yield child


@pytest.fixture(scope="module")
def roomy():
    """One that has room for much."""
    with Child(1 << 31) as child:
        yield child


@on_linux
@pytest.mark.parametrize("size", [2, 64])
def test_an_instance_without_room_takes_no_memory_and_is_refused_by_name(tight, size):
    data = samples.encoded(ct("1.2.826.0.1.1", PixelData=bytes(size << 20), BitsAllocated=16))
    with tight.grows_by_less_than(12), storing(tight.port, [CONTEXT]) as association:
        assert store_bytes(association, CT, f"2.25.{size}", data) == 0xA700


@on_linux
def test_what_is_deflated_is_bounded_by_what_it_inflates_to(tight):
    ds = samples.encoded(ct("1.2.826.0.1.1"))
    tail = struct.pack("<HH2sHL", 0x7FE0, 0x10, b"OB", 0, 200 << 20)
    squeeze = zlib.compressobj(wbits=-15)
    data = squeeze.compress(ds + tail) + b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(200))
    data += squeeze.flush()
    assert len(data) < 1 << 20
    with tight.grows_by_less_than(12), storing(tight.port, [build_context(CT, DEFLATED)]) as association:
        assert store_bytes(association, CT, "2.25.99", data + bytes(len(data) % 2)) in {0xA700, 0xC000}


def flood(connection, data, count):
    """Send much until it is all sent, or the other side has had enough."""
    for _ in range(count):
        try:
            connection.sendall(data)
        except OSError:
            return


@on_linux
@pytest.mark.parametrize("length", [100 << 20, 0xFFFFFFFF])
def test_a_huge_association_request_takes_no_memory(tight, length):
    with tight.grows_by_less_than(12), socket.create_connection((HOST, tight.port), 5) as connection:
        connection.sendall(struct.pack(">BxL", 1, length))
        flood(connection, bytes(1 << 20), 100)
        assert ended(connection) < 5


@on_linux
def test_a_pdu_of_data_that_is_longer_than_announced_takes_no_memory(roomy):
    with roomy.grows_by_less_than(12), storing(roomy.port, [CONTEXT]) as association:
        connection = association.dul.socket.socket
        flood(connection, struct.pack(">BxL", 4, 100 << 20) + bytes(1 << 20), 1)
        until(lambda: association.is_aborted)


@on_linux
def test_an_association_that_anybody_may_have_takes_no_memory(roomy):
    """It is for C-ECHO, there is room, and a C-MOVE is outstanding."""
    with roomy.grows_by_less_than(12), storing(roomy.port, [ECHO], calling="ANYBODY") as association:
        store_bytes(association, CT, "2.25.5", bytes(64 << 20), association_context(association))


def test_the_ledger_names_what_there_was_no_room_for(session, study):
    with dw.Session(listen_port=0, memory_limit=2000) as small, moving(small, study) as transfer:
        big, little = ct(study, ImageComments="x" * 5000), ct(study)
        assert store(small, big, little) == [0xA700, 0]
        transfer.cancel()
        done = transfer.result()
        assert (done.received, dict(done.failed)) == ((little.SOPInstanceUID,), {big.SOPInstanceUID: FULL})


WRITES = """
import os, sys
import dicom_widgets as dw
written = []

def look(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path != os.devnull:
            written.append(str(path))
    elif event in ("os.mkdir", "os.rename", "tempfile.mkstemp"):
        written.append(f"{event} {arguments}")

with dw.PracticePacs() as pacs, dw.Session(listen_port=0) as session:
    pacs.destinations["DICOM_WIDGETS"] = ("127.0.0.1", session.local.port)
    study = session.find(pacs.remote, PatientName="*Hand*")[:1] or session.find(pacs.remote)[:1]
    sys.addaudithook(look)
    done = session.retrieve(study, way="C-MOVE", progress=False)
    assert done.complete, done
    session.array(session.instances(study[0])[0])
print(written)
"""


def test_nothing_that_is_received_is_written_to_a_disk(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", WRITES], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert list(tmp_path.iterdir()) == []


# --- the end


def test_a_session_that_is_closed_while_its_listener_starts_leaves_none(monkeypatch, study):
    """The transfer's thread begins to listen at the moment at which the session is closed."""
    begun, closing = threading.Event(), threading.Event()
    start = listeners.Listener.__init__

    def slowly(self, ours):
        begun.set()
        closing.wait(5)
        start(self, ours)

    monkeypatch.setattr(listeners.Listener, "__init__", slowly)
    with Mover(fails) as mover:
        session = dw.Session(listen_port=0)
        session.fetch(mover.remote, dw.Entity.of(study), way="C-MOVE")
        assert begun.wait(5)
        closer = threading.Thread(target=session.close)
        closer.start()
        until(lambda: session._closed)
        closing.set()
        closer.join(10)
        left = accepts(session.local.port)
        for lease in [*leases._listeners.values()]:  # for the tests that follow
            if lease.port == session.local.port:
                lease.close()
                leases._listeners.pop((session.local.host, session.local.port))
        assert not left


def test_closing_while_an_association_is_open_ends_it(study):
    session = dw.Session(listen_port=0)
    with moving(session, study), storing(session.local.port, [CONTEXT]) as association:
        begin = time.monotonic()
        session.close()
        assert time.monotonic() - begin < 4
        until(lambda: not association.is_established)
    assert not accepts(session.local.port)
