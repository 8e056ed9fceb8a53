"""A transfer while it runs: its progress, cancelling, one at a time, closing; and what is left of it afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
from pynetdicom.sop_class import CTImageStorage

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.network.association import operation as line
from dicom_widgets.network.association.operation import GRACE
from dicom_widgets.network.transport import sockets
from tests.peers.dcmqrscp import Dcmqrscp

CT = str(CTImageStorage)


@pytest.fixture
def large(loaded):
    """The largest plain series: entity and SOP Instance UIDs."""
    rows = [
        (study, series, uids)
        for study, all_series in loaded.tree.items()
        for series, uids in all_series.items()
        if loaded.datasets[uids[0]].file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    ]
    study, series, uids = max(rows, key=lambda row: len(row[2]))
    return dw.Entity.of(study, series, sop_classes={loaded.datasets[u].SOPClassUID for u in uids}), uids


@pytest.fixture
def trickle(misbehaving):
    """A peer that needs minutes for what it sends, and the study to ask it for."""
    peer = misbehaving("trickle", count=1000, delay=0.1)
    return peer, dw.Entity.of(peer.study, sop_classes=[CT])


def after(transfer, count):
    """Wait until some instances have arrived."""
    for step in transfer:
        if step.received >= count:
            return step
    raise AssertionError("it ended before")


@pytest.fixture(scope="module")
def slow_peer(dcmqrscp_here, loaded, data):
    """A dcmqrscp of the largest series that waits for acknowledgements before it goes on."""
    wanted = set(loaded.largest_series[2])
    with Dcmqrscp(
        [p for p, u in zip(loaded.files, loaded.datasets, strict=True) if u in wanted], nodelay=False
    ) as pacs:
        yield pacs


@pytest.fixture
def slow(slow_peer, loaded, monkeypatch):
    """The same while we send none quickly: 40 ms for each instance. The peer, the entity, and what it holds."""
    monkeypatch.setattr(sockets, "_QUICK", None)
    study, series, uids = loaded.largest_series
    return slow_peer, dw.Entity.of(study, series, sop_classes={loaded.datasets[u].SOPClassUID for u in uids}), uids


@pytest.fixture
def short(monkeypatch):
    """A shorter grace time, for tests of something else."""
    monkeypatch.setattr(line, "GRACE", 0.2)


@pytest.fixture(autouse=True)
def nothing_is_left():
    """No test leaves a thread of ours behind."""
    before = set(threading.enumerate())
    yield
    left = [t for t in set(threading.enumerate()) - before if not ("Acceptor" in t.name or "run_reactor" in t.name)]
    assert left == []


# --- progress


def test_iterating_a_transfer_gives_its_progress_to_the_end(session, pacs, large):
    entity, uids = large
    transfer = session.fetch(pacs.remote, entity)
    steps = list(transfer)
    assert transfer.done
    assert steps[-1] == transfer.progress
    assert (steps[-1].received, steps[-1].expected) == (len(uids), len(uids))
    assert [s.received for s in steps] == sorted(s.received for s in steps)
    assert sorted(transfer.result().received) == sorted(uids)
    assert list(transfer) == [steps[-1]]  # again: only how it ended


def test_a_transfer_that_nobody_looks_at_runs_to_its_end(session, pacs, large):
    entity, uids = large
    transfer = session.fetch(pacs.remote, entity)
    assert transfer.wait(30)
    assert len(session.studies.one().instances) == len(uids)
    assert transfer.result().complete
    assert transfer.result() is transfer.result()


def test_two_threads_may_follow_the_same_transfer(session, pacs, large):
    entity, uids = large
    transfer = session.fetch(pacs.remote, entity)
    ends = []
    followers = [threading.Thread(target=lambda: ends.append([*transfer][-1].received)) for _ in range(2)]
    for thread in followers:
        thread.start()
    for thread in followers:
        thread.join(30)
    assert ends == [len(uids)] * 2


def test_the_error_of_a_transfer_is_raised_by_its_result_and_not_by_its_steps(session, misbehaving):
    peer = misbehaving("reject")
    transfer = session.fetch(peer.remote, dw.Entity.of("1.2", sop_classes=[CT]))
    assert list(transfer)[-1].received == 0
    for _ in range(2):
        with pytest.raises(errors.AssociationRejected):
            transfer.result()


def test_instances_are_held_and_watched_as_they_arrive(session, trickle, short):
    peer, study = trickle
    seen = []
    session.watch(lambda instance: seen.append(instance.path))
    with session.fetch(peer.remote, study) as transfer:
        after(transfer, 3)
        assert len(session.studies.one().instances) >= 3
        assert len(seen) >= 3
    assert {path[:2] for path in seen} == {(peer.study, peer.series)}


# --- cancelling


def test_a_cancelled_transfer_keeps_what_arrived_and_the_session_goes_on(session, pacs, large):
    entity, uids = large
    arrived, started = [], threading.Event()

    def stop_at_the_second(instance):
        started.wait(10)
        arrived.append(instance.uid)
        if len(arrived) == 2:
            transfer.cancel()

    end = session.watch(stop_at_the_second)
    transfer = session.fetch(pacs.remote, entity)
    started.set()
    done = transfer.result()
    end()
    assert list(done.received) == arrived
    assert 2 <= len(arrived) <= len(uids)
    assert done.cancelled
    assert not done.complete
    assert {i.uid for i in session.studies.one().instances} == set(done.received)
    assert session.busy == ""
    assert session.find(pacs.remote, "SERIES", under=entity, SeriesInstanceUID=entity.uid).one().uid == entity.uid
    assert sorted(session.retrieve(pacs.remote, entity, progress=False).received) == sorted(uids)


def test_a_cancel_in_the_middle_stops_a_real_peer_at_once(session, slow):
    """It looks for C-CANCEL between two instances, each of which takes it 40 ms here."""
    pacs, entity, uids = slow
    transfer = session.fetch(pacs.remote, entity)
    after(transfer, 3)
    transfer.cancel()
    done = transfer.result()
    assert 3 <= len(done.received) < len(uids)
    assert done.cancelled
    assert done.expected == len(uids)
    assert done.seconds < GRACE
    assert not any("failure" in w or "abort" in w for w in done.warnings)
    assert len(session.studies.one().instances) == len(done.received)
    assert session.retrieve(pacs.remote, dw.Entity.of(*entity.path, uids[0]), progress=False).received == (uids[0],)


def test_a_peer_that_ignores_the_cancel_is_hung_up_on_after_the_grace_time(session, trickle):
    peer, study = trickle
    transfer = session.fetch(peer.remote, study)
    arrived = after(transfer, 2).received
    begin = time.monotonic()
    transfer.cancel()
    transfer.cancel()  # a second wish changes nothing
    done = transfer.result()
    assert time.monotonic() - begin < GRACE + 2
    assert done.cancelled
    assert arrived <= len(done.received) < 1000
    assert len(session.studies.one().instances) == len(done.received)
    assert session.busy == ""
    assert session.echo(peer.remote) > 0


@pytest.mark.parametrize("sop_classes", [[], [CT]])
@pytest.mark.parametrize("habit", ["silent", "mute"])
def test_cancelling_ends_the_wait_for_a_peer_that_says_nothing(session, misbehaving, habit, sop_classes, short):
    """Before the association, in the query for the classes, or before the first instance."""
    peer = misbehaving(habit)
    patient = peer.remote_with(acse_timeout=60, dimse_timeout=60)
    transfer = session.fetch(patient, dw.Entity.of("1.2", sop_classes=sop_classes))
    transfer.wait(0.3)
    begin = time.monotonic()
    transfer.cancel()
    done = transfer.result()
    assert time.monotonic() - begin < GRACE + 2
    assert done.cancelled
    assert done.received == ()
    assert session.busy == ""


def test_a_transfer_that_is_cancelled_at_once_asks_for_nothing(session, trickle, short):
    peer, study = trickle
    transfer = session.fetch(peer.remote, study)
    transfer.cancel()
    done = transfer.result()
    assert done.cancelled
    assert len(done.received) <= 1
    assert done.seconds < GRACE + 2


def test_leaving_the_block_of_a_transfer_cancels_it(session, trickle, short):
    peer, study = trickle
    with session.fetch(peer.remote, study) as transfer:
        after(transfer, 1)
    assert transfer.done
    assert transfer.result().cancelled
    assert session.busy == ""


def test_cancelling_what_has_ended_changes_nothing(session, pacs, large):
    transfer = session.fetch(pacs.remote, large[0])
    done = transfer.result()
    transfer.cancel()
    assert transfer.result() is done
    assert not done.cancelled
    assert done.complete


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="quick acknowledgements are Linux's")
def test_a_dcmqrscp_that_waits_for_acknowledgements_does_not_wait_for_ours(session, slow_peer, loaded):
    study, series, wanted = loaded.largest_series
    classes = {loaded.datasets[u].SOPClassUID for u in wanted}
    done = session.retrieve(slow_peer.remote, dw.Entity.of(study, series, sop_classes=classes), progress=False)
    assert len(done.received) == len(wanted)
    assert done.seconds < max(1.0, 0.03 * len(wanted))  # 0.04 each without


# --- one at a time


def test_a_second_activity_is_refused_with_the_name_and_the_progress_of_the_first(session, trickle, pacs, short):
    peer, study = trickle
    with session.fetch(peer.remote, study) as transfer:
        after(transfer, 2)
        for action, name in (
            (lambda: session.echo(pacs.remote), "C-ECHO"),
            (lambda: session.find(pacs.remote), "query"),
            (lambda: session.tree(pacs.remote), "query"),
            (lambda: session.retrieve(pacs.remote, study, progress=False), "C-GET"),
        ):
            with pytest.raises(errors.SessionBusy) as caught:
                action()
            sentence = str(caught.value)
            assert f"busy with a C-GET from {peer.remote}" in sentence
            assert "of 1000 instances" in sentence
            assert name in sentence.split("cannot start")[1]
            assert "or use a second session" in sentence
        assert session.busy.startswith(f"a C-GET from {peer.remote}")
    assert session.busy == ""
    assert session.echo(pacs.remote) > 0


def test_what_is_held_can_be_read_while_a_transfer_runs(session, trickle, short):
    peer, study = trickle
    with session.fetch(peer.remote, study) as transfer:
        after(transfer, 1)
        image = session.studies.one().instances[0]
        assert session.array(image).shape == (16, 16)
        assert session.dataset(image.uid).PatientID == "MISBEHAVING"


def test_two_sessions_work_at_once_and_see_nothing_of_each_other(trickle, pacs, large, short):
    peer, study = trickle
    entity, uids = large
    with dw.Session(listen_port=0) as one, dw.Session(listen_port=0) as two:
        with one.fetch(peer.remote, study) as running:
            after(running, 1)
            assert sorted(two.retrieve(pacs.remote, entity, progress=False).received) == sorted(uids)
            assert not running.done
        assert {s.uid for s in one.studies} == {peer.study}
        assert {s.uid for s in two.studies} == {entity.path[0]}


def test_two_sessions_transfer_the_same_series_at_once(pacs, large):
    entity, uids = large
    with dw.Session(listen_port=0) as one, dw.Session(listen_port=0) as two:
        transfers = [s.fetch(pacs.remote, entity) for s in (one, two)]
        for transfer in transfers:
            assert sorted(transfer.result().received) == sorted(uids)


# --- closing


def test_closing_ends_a_transfer_promptly_and_leaves_no_thread(trickle):
    peer, study = trickle
    before = {t for t in threading.enumerate() if "Acceptor" not in t.name}
    session = dw.Session(listen_port=0)
    transfer = session.fetch(peer.remote, study)
    after(transfer, 1)
    begin = time.monotonic()
    session.close()
    assert time.monotonic() - begin < GRACE + 2
    assert transfer.done
    assert transfer.result().cancelled
    mine = {t for t in threading.enumerate() if not ("Acceptor" in t.name or "run_reactor" in t.name)}
    assert mine <= before
    for action in (lambda: session.echo(peer.remote), lambda: session.fetch(peer.remote, study)):
        with pytest.raises(errors.SessionClosed, match="Make a new one"):
            action()
    session.close()  # again


def test_closing_leaves_no_thread_and_no_connection_at_a_real_peer(slow):
    pacs, entity, _ = slow
    before = set(threading.enumerate())
    with dw.Session(listen_port=0) as session:
        after(session.fetch(pacs.remote, entity), 2)
        assert set(threading.enumerate()) > before
    assert set(threading.enumerate()) == before


def test_closing_does_not_wait_for_a_frozen_peer(slow):
    pacs, entity, _ = slow
    before = set(threading.enumerate())
    session = dw.Session(listen_port=0)
    transfer = session.fetch(pacs.remote, entity)
    after(transfer, 2)
    os.killpg(pacs.process.pid, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        session.close()
        assert time.monotonic() - begin < GRACE + 3
    finally:
        os.killpg(pacs.process.pid, signal.SIGCONT)
    assert transfer.result().cancelled
    assert set(threading.enumerate()) == before


LEAVING = """
import threading
import dicom_widgets as dw
remote = dw.RemoteAE("MISBEHAVING", "127.0.0.1", {port}, dimse_timeout=120)
session = dw.Session(listen_port=0)
transfer = session.fetch(remote, dw.Entity.of("{study}", sop_classes=["{ct}"]))
for step in transfer:
    if step.received:
        break
print("leaving with", transfer.progress.received > 0, flush=True)
"""


def test_a_kernel_that_exits_in_the_middle_ends_the_transfer_and_itself(trickle):
    """The exit waits for threads that are no daemons, and pynetdicom's are none: the sessions close before."""
    peer, _ = trickle
    code = LEAVING.format(port=peer.port, study=peer.study, ct=CT)
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "leaving with True\n", "")
    assert time.monotonic() - begin < GRACE + 15
