"""Who may send what to the listener of C-MOVE, and what a refusal says."""

from __future__ import annotations

import socket
import subprocess
from contextlib import ExitStack

import pytest

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom.conformance import IMPLEMENTATION_CLASS_UID
from tests import samples
from tests.peers.listener.sending import CONTEXT, ECHO, association_context, moving, rejection, store
from tests.peers.loopback import HOST, eventually
from tests.peers.misbehaving import Mover, says_nothing, store_bytes, storing
from tests.peers.study import CT, ct

pytestmark = pytest.mark.usefixtures("quick_ends")


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
        eventually(lambda: mover.moves)
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
        eventually(lambda: not session.listener._ae.active_associations)
        assert store(session, ct(study)) == [0]


def test_connections_that_ask_for_nothing_do_not_take_a_thread_each(study):
    with dw.Session(listen_port=0, max_associations=2) as session, moving(session, study), ExitStack() as stack:
        crowd = [stack.enter_context(socket.create_connection((HOST, session.local.port), 2)) for _ in range(12)]
        eventually(lambda: session.listener.refusals)
        assert all("a connection from 127.0.0.1" in why for why in session.listener.refusals)
        eventually(lambda: sum(session.listener.refusals.values()) >= 12 - 5)
        assert len(session.listener._ae.active_associations) <= 5
        for connection in crowd:
            connection.close()
        eventually(lambda: not session.listener._ae.active_associations)
        assert store(session, ct(study)) == [0]


@pytest.mark.parametrize("idle", [3, 10])
def test_connections_that_have_requested_nothing_keep_no_association_out(study, idle):
    """They are no associations, however many there are."""
    with dw.Session(listen_port=0, max_associations=2) as session, moving(session, study), ExitStack() as stack:
        for _ in range(idle):
            stack.enter_context(socket.create_connection((HOST, session.local.port), 2))
        opened = [stack.enter_context(storing(session.local.port, [CONTEXT])) for _ in range(2)]
        assert [a.send_c_store(ct(study)).Status for a in opened] == [0, 0]
        assert rejection(session.local.port) == (2, 3, 2)


def test_a_refusal_stands_in_the_error_of_the_retrieval_that_it_hurts(study):
    """A peer that wants more associations than may be."""

    def script(asked):
        with ExitStack() as stack:
            for _ in range(2):
                stack.enter_context(storing(asked.mover.destination, [CONTEXT]))
        asked.answer(0xA702, Completed=0, Failed=1, Warning=0)

    with dw.Session(listen_port=0, max_associations=1) as session, Mover(script, session.local.port) as mover:
        with pytest.raises(errors.RetrieveFailed) as caught:
            session.retrieve(mover.remote, dw.Entity.of(study), way="C-MOVE", progress=False)
        assert "Our listener refused an association from 127.0.0.1: 1 are open" in str(caught.value)


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
