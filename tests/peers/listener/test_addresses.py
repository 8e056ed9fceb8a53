"""Where the listener listens: from the first C-MOVE to the end of the session, and for several sessions at once."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.network.retrieve import lease as leases
from dicom_widgets.network.retrieve import listener as listeners
from dicom_widgets.sources.ledger import FULL
from tests.peers.listener.sending import CONTEXT, moving, rejection, store
from tests.peers.loopback import HOST, accepts, eventually, free_port
from tests.peers.misbehaving import Mover, fails, says_nothing, storing
from tests.peers.study import ct

pytestmark = pytest.mark.usefixtures("quick_ends")


def descriptors_now():
    """Return how many files and sockets are open, 0 where nobody tells."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


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
    eventually(lambda: set(threading.enumerate()) <= before)
    eventually(lambda: descriptors_now() <= descriptors)
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
        eventually(lambda: mover.moves)
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
        eventually(lambda: session.listener or transfer.done)
        with socket.create_connection(("::1", session.listener.port), 2):
            pass
        assert not transfer.done


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
        eventually(lambda: session.closed)
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
        eventually(lambda: not association.is_established)
    assert not accepts(session.local.port)
