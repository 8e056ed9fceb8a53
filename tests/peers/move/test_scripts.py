"""C-MOVE from a peer that does what a test tells it: what is counted, named, waited for, asked for again."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from pynetdicom.presentation import build_context

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom.conformance import EXPLICIT
from dicom_widgets.network.retrieve import move as moves
from tests.peers.loopback import eventually, free_port
from tests.peers.misbehaving import Mover, storing
from tests.peers.study import CT, SERIES, STUDY, ct, move, of

pytestmark = pytest.mark.usefixtures("quick_ends")


def test_the_order_of_arrival_is_kept_and_an_instance_that_comes_twice_counts_once(session, mover, short):
    datasets = [ct() for _ in range(4)]
    order = [datasets[i] for i in (2, 0, 2, 3, 1)]

    def script(asked):
        asked.store(*order)
        asked.answer(0, Completed=4, Failed=0, Warning=0)

    done = move(session, mover(script).remote)
    assert done.received == tuple(datasets[i].SOPInstanceUID for i in (2, 0, 3, 1))
    assert (done.expected, done.complete) == (4, True)
    assert done.nbytes >= int(session.memory)


def test_what_is_asked_for_twice_is_expected_once_and_not_waited_for(session, mover):
    """An entity and one of its parts."""
    ds = ct()

    def script(asked):
        asked.store(ds)
        asked.answer(0, Completed=1, Failed=0, Warning=0)

    done = move(session, mover(script).remote, [dw.Entity.of(STUDY), dw.Entity.of(STUDY, SERIES)])
    assert done.received == (ds.SOPInstanceUID,)
    assert done.seconds < 2
    assert done.complete


@pytest.mark.parametrize("counts", [{}, {"Completed": 0}, {"Completed": 0, "Failed": 0, "Warning": 0, "Remaining": 0}])
def test_a_peer_that_counts_nothing_is_not_believed_where_it_cannot_be_asked(session, mover, short, counts):
    datasets = [ct() for _ in range(3)]

    def script(asked):
        asked.store(*datasets)
        asked.answer(0, **counts)

    done = move(session, mover(script).remote)
    assert len(done.received) == 3
    assert not done.complete
    assert any("not verified" in w for w in done.warnings)


def test_success_without_anything_is_an_error(session, mover):
    with pytest.raises(errors.RetrieveFailed, match="peer reported success and sent nothing") as caught:
        move(session, mover(lambda asked: asked.answer(0, Completed=0)).remote)
    assert "Nothing connected to our listener" in str(caught.value)


def test_what_is_sent_after_the_final_response_is_waited_for_as_long_as_something_comes(session, mover, monkeypatch):
    """In all they take longer than the grace does, and each by itself far less."""
    monkeypatch.setattr(moves, "GRACE", 3.0)
    datasets = [ct() for _ in range(4)]
    threads = []

    def script(asked):
        asked.answer(0, Completed=4, Failed=0, Warning=0)

        def later():
            for ds in datasets:
                time.sleep(0.9)
                asked.store(ds)

        threads.append(threading.Thread(target=later))
        threads[0].start()

    done = move(session, mover(script).remote)
    threads[0].join()
    assert len(done.received) == 4
    assert done.complete


def test_what_does_not_come_within_the_grace_is_missing_by_name(session, mover, short):
    datasets = [ct() for _ in range(3)]

    def script(asked):
        asked.store(*datasets[:2])
        asked.answer(0, Completed=3, Failed=0, Warning=0)

    done = move(session, mover(script).remote, of(ds.SOPInstanceUID for ds in datasets))
    assert done.missing == {datasets[2].SOPInstanceUID: "it did not come"}
    assert len(done.received) == 2
    assert done.seconds < 3
    assert not done.complete


def test_what_a_peer_left_out_is_asked_for_one_by_one(session, mover):
    """It ends everything at the first that it cannot send, as Orthanc does."""
    datasets = {ds.SOPInstanceUID: ds for ds in (ct() for _ in range(5))}
    bad = [*datasets][1]

    def script(asked):
        uids = asked.identifier.SOPInstanceUID
        uids = [uids] if isinstance(uids, str) else list(uids)
        for uid in uids:
            if uid == bad:
                asked.answer(0xC000, Completed=0, Failed=0, Warning=0)
                return
            asked.store(datasets[uid])
        asked.answer(0, Completed=len(uids), Failed=0, Warning=0)

    peer = mover(script)
    done = move(session, peer.remote, of(datasets))
    assert set(done.received) == set(datasets) - {bad}
    assert dict(done.failed) == {bad: "the peer could not send it"}
    assert len(peer.moves) == 1 + 4
    assert any("asked for again one by one" in w for w in done.warnings)
    assert any("0xC000" in w for w in done.warnings)


def test_what_a_peer_names_as_failed_is_failed_by_name(session, mover):
    good, bad = ct(), ct()

    def script(asked):
        asked.store(good)
        asked.answer(0xB000, [bad.SOPInstanceUID], Completed=1, Failed=1, Warning=0)

    done = move(session, mover(script).remote, of([good.SOPInstanceUID, bad.SOPInstanceUID]))
    assert done.received == (good.SOPInstanceUID,)
    assert dict(done.failed) == {bad.SOPInstanceUID: "the peer could not send it"}
    assert any("0xB000" in w for w in done.warnings)


def test_a_peer_that_counts_warnings_has_sent_them(session, mover):
    def script(asked):
        asked.store(ct(), ct())
        asked.answer(0xB000, Completed=0, Failed=0, Warning=2)

    done = move(session, mover(script).remote)
    assert (len(done.received), done.expected, done.complete) == (2, 2, True)


@pytest.mark.parametrize(
    ("status", "comment", "words"),
    [
        (0xA701, "", "out of resources"),
        (0xA702, "", "could send none of it"),
        (0xA801, "Unknown", "does not know the destination"),
        (0xA900, "", "does not match its SOP class"),
        (0xC123, "disk\r\nerror", "disk error"),
        (0x0124, "", "does not allow this"),
        (0x0211, "", "0x0211"),
    ],
)
def test_a_refused_move_is_told_with_its_status_and_the_way_out(session, mover, status, comment, words):
    peer = mover(lambda asked: asked.answer(status, comment=comment))
    with pytest.raises(errors.RetrieveFailed) as caught:
        move(session, peer.remote)
    assert words in str(caught.value)
    assert f"0x{status:04X}" in str(caught.value)
    assert "Nothing connected to our listener" in str(caught.value)
    assert session.busy == ""


def test_a_peer_that_connected_and_sent_nothing_is_told_from_one_that_did_not(session, mover):
    def script(asked):
        with storing(asked.mover.destination, [build_context(CT, EXPLICIT)]):
            pass
        asked.answer(0xA702, Completed=0, Failed=3, Warning=0)

    with pytest.raises(errors.RetrieveFailed) as caught:
        move(session, mover(script).remote)
    assert "did connect to our listener" in str(caught.value)
    assert "Nothing connected" not in str(caught.value)


def test_what_another_than_the_mover_sends_is_told_in_the_error(session, mover):
    def script(asked):
        with storing(asked.mover.destination, [build_context(CT, EXPLICIT)], calling="ARCHIVE") as association:
            assert association.is_rejected
        asked.answer(0xA702, Completed=0, Failed=1, Warning=0)

    with pytest.raises(errors.RetrieveFailed) as caught:
        move(session, mover(script).remote)
    assert "store_from=[('ARCHIVE', '127.0.0.1')]" in str(caught.value)


def test_the_memory_limit_refuses_by_name_and_the_rest_comes(listener_port):
    sizes = [100, 5000, 100]
    datasets = [ct(ImageComments="x" * n) for n in sizes]

    def script(asked):
        statuses = asked.store(*datasets)
        assert statuses == [0, 0xA700, 0]
        asked.answer(0xB000, Completed=2, Failed=1, Warning=0)

    with dw.Session(memory_limit=3000, listen_port=0) as session, Mover(script, session.local.port) as peer:
        done = move(session, peer.remote)
        assert done.received == (datasets[0].SOPInstanceUID, datasets[2].SOPInstanceUID)
        assert list(done.failed) == [datasets[1].SOPInstanceUID]
        assert "memory limit is reached" in done.failed[datasets[1].SOPInstanceUID]
        assert int(session.memory) <= 3000
        assert not any("B000" in w for w in done.warnings)  # it says nothing new


def test_a_move_in_the_middle_of_which_the_peer_ends_keeps_what_came(session, mover):
    def script(asked):
        asked.store(ct(), ct())
        asked.answer(0xFF00, Remaining=3, Completed=2, Failed=0, Warning=0)
        asked.association.abort()

    peer = mover(script)
    done = move(session, peer.remote)
    assert (len(done.received), done.expected) == (2, 5)
    assert not done.complete
    assert any("ended the association" in w for w in done.warnings)
    assert session.echo(peer.remote) > 0


def test_a_real_peer_that_is_killed_in_the_middle_ends_the_move(start_dcmqrscp, loaded):
    """What came before is kept."""
    port, (study, series, uids) = free_port(), loaded.largest_series
    if len(uids) < 5:
        pytest.skip("the series that the wheels have are too short")
    paths = [p for p, u in zip(loaded.files, loaded.datasets, strict=True) if u in set(uids)]
    pacs = start_dcmqrscp(paths, peers={"DICOM_WIDGETS": port})
    with dw.Session(listen_port=port) as session:
        session.watch(lambda _: os.killpg(pacs.process.pid, signal.SIGKILL) if len(session.store.under(())) == 2 else 0)
        done = session.retrieve(pacs.remote_with(dimse_timeout=3), dw.Entity.of(study, series), way="C-MOVE")
        assert 2 <= len(done.received) < len(uids)
        assert not done.complete
        assert session.busy == ""
        assert {i.uid for i in session.store.under(())} == set(done.received)


def test_a_mute_peer_is_given_up_after_the_dimse_timeout(session, mover):
    peer = mover(lambda asked: asked.wait())
    begin = time.monotonic()
    with pytest.raises(errors.AssociationAborted, match=r"did not answer the C-MOVE within 0\.5 s"):
        move(session, peer.remote_with(dimse_timeout=0.5))
    assert time.monotonic() - begin < 3
    assert session.listener.port  # it stays for the next


def test_a_cancelled_move_keeps_what_came(session, mover):
    def script(asked):
        asked.store(ct(), ct())
        asked.answer(0xFF00, Remaining=8, Completed=2, Failed=0, Warning=0)
        asked.wait()
        assert asked.cancelled
        asked.answer(0xFE00, Remaining=8, Completed=2, Failed=0, Warning=0)

    peer = mover(script)
    transfer = session.fetch(peer.remote, dw.Entity.of(STUDY), way="C-MOVE")
    eventually(lambda: transfer.progress.received == 2 and transfer.progress.expected)
    begin = time.monotonic()
    session.cancel()
    done = transfer.result()
    assert time.monotonic() - begin < 2
    assert (len(done.received), done.expected, done.cancelled, done.complete) == (2, 10, True, False)
    assert done.warnings == ()
    assert session.busy == ""


def test_a_peer_that_ignores_the_cancel_is_hung_up_on(session, mover, short):
    def script(asked):
        while not asked.deserted:
            time.sleep(0.02)

    transfer = session.fetch(mover(script).remote, dw.Entity.of(STUDY), way="C-MOVE")
    eventually(lambda: session.listener)
    transfer.wait(0.2)
    begin = time.monotonic()
    transfer.cancel()
    assert transfer.result().cancelled
    assert time.monotonic() - begin < 3


def test_a_cancel_in_the_time_of_grace_ends_it(session, mover):
    peer = mover(lambda asked: asked.answer(0, Completed=3, Failed=0, Warning=0))
    transfer = session.fetch(peer.remote, dw.Entity.of(STUDY), way="C-MOVE")
    eventually(lambda: peer.moves)
    transfer.wait(0.3)
    assert not transfer.done
    begin = time.monotonic()
    transfer.cancel()
    assert transfer.result().cancelled
    assert time.monotonic() - begin < 2


def test_a_move_that_is_cancelled_at_a_real_peer_frees_the_session(session, pacs):
    study = max(session.find(pacs.remote), key=lambda s: int(s.NumberOfStudyRelatedInstances or 0))
    transfer = session.fetch(study, way="C-MOVE")
    session.cancel()
    assert transfer.result().cancelled
    assert session.busy == ""
    assert session.echo(pacs.remote) > 0
