"""The ledger never says complete where something is missing: peers that hang up, count nothing, leave things out."""

from __future__ import annotations

import contextlib
import signal
import time
from functools import partial

import pytest

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.network.association import operation as line
from dicom_widgets.network.retrieve import move as moves
from tests.peers.loopback import eventually
from tests.peers.misbehaving import (
    Mover,
    answers_the_first,
    fails,
    hangs_up_after,
    sends_uncounted,
    stores_without_pending,
)
from tests.peers.study import STUDY, ct, of

pytestmark = pytest.mark.usefixtures("quick_ends", "short")

OTHER = f"{STUDY}.99"


@pytest.fixture
def short(monkeypatch):
    """Shorter times of grace."""
    monkeypatch.setattr(moves, "GRACE", 0.4)
    monkeypatch.setattr(line, "GRACE", 0.4)


@pytest.fixture(params=["C-GET", "C-MOVE"])
def way(request):
    return request.param


@pytest.fixture
def holder(session):
    """Start a peer with a script and what it holds."""
    with contextlib.ExitStack() as stack:
        yield lambda script, holds: stack.enter_context(Mover(script, session.local.port, holds=holds))


def uids(datasets):
    return {ds.SOPInstanceUID for ds in datasets}


def study(uid=STUDY):
    return dw.Entity.of(uid, sop_classes=[ct().SOPClassUID])


def retrieve(session, peer, *entities, way):
    return session.retrieve(peer.remote, list(entities) or study(), way=way, progress=False)


# --- a request without an answer


def test_a_cut_between_two_studies_is_not_complete_and_names_the_second(session, holder, way):
    first, second = [ct() for _ in range(5)], [ct(OTHER) for _ in range(4)]
    peer = holder(answers_the_first, [*first, *second])
    done = retrieve(session, peer, study(), study(OTHER), way=way)
    assert set(done.received) == uids(first)
    assert set(done.missing) == uids(second)
    assert (done.expected, done.complete) == (9, False)
    assert any("not answered to the end" in w for w in done.warnings)


def test_a_cut_behind_the_last_instance_is_not_complete_either(session, holder, way):
    datasets = [ct() for _ in range(3)]
    done = retrieve(session, holder(hangs_up_after(3), datasets), *of(uids(datasets)), way=way)
    assert set(done.received) == uids(datasets)
    assert (done.missing, done.confirmed, done.complete) == ({}, False, False)
    assert "not confirmed" in str(done)


def test_after_a_break_off_the_missing_are_named_on_the_path_of_the_readme(session, holder, way):
    datasets = [ct() for _ in range(8)]
    peer = holder(hangs_up_after(3), datasets)
    peer.counts = 8
    found = session.find(peer.remote).one()
    assert found.NumberOfStudyRelatedInstances == 8
    done = session.retrieve(found, way=way, progress=False)
    assert set(done.received) == uids(datasets[:3])
    assert set(done.missing) == uids(datasets[3:])
    assert (done.expected, done.complete) == (8, False)


def test_after_a_cancel_the_missing_are_named_and_it_is_quick(session, holder, way):
    datasets = [ct() for _ in range(8)]

    def script(move):
        move.store(*datasets[:3])
        move.answer(0xFF00, Remaining=5, Completed=3, Failed=0, Warning=0)
        move.wait(600 if way == "C-MOVE" else 0.5)
        move.answer(0xFE00, Remaining=5, Completed=3, Failed=0, Warning=0)

    peer = holder(script, datasets)
    peer.counts = 8
    transfer = session.fetch(session.find(peer.remote).one(), way=way)
    eventually(lambda: transfer.progress.received == 3)
    begin = time.monotonic()
    transfer.cancel()
    done = transfer.result()
    assert time.monotonic() - begin < 4
    assert set(done.missing) == uids(datasets[3:])
    assert set(done.missing.values()) == {"the retrieval was cancelled before it came"}
    assert (done.cancelled, done.complete) == (True, False)


def test_closing_asks_for_nothing_more(way):
    datasets = [ct() for _ in range(3)]

    def script(move):
        move.store(datasets[0])
        move.answer(0xFF00, Remaining=2, Completed=1, Failed=0, Warning=0)
        move.wait(600 if way == "C-MOVE" else 0.5)

    with dw.Session(listen_port=0) as session, Mover(script, session.local.port, holds=datasets) as peer:
        peer.counts = 3
        found = session.find(peer.remote).one()
        transfer = session.fetch(found, way=way)
        eventually(lambda: transfer.progress.received == 1)
        session.close()
        assert transfer.result().cancelled
        assert transfer.result().missing == {}
        assert peer.queries == ["STUDY"]


# --- success without counts


@pytest.mark.parametrize("count", [3, 8])
def test_success_without_counts_is_verified_by_a_query(session, holder, way, count):
    datasets = [ct() for _ in range(8)]
    done = retrieve(session, holder(sends_uncounted(count), datasets), way=way)
    assert set(done.received) == uids(datasets[:count])
    assert set(done.missing) == uids(datasets[count:])
    assert (done.expected, done.complete) == (8, count == 8)


def test_success_without_counts_is_not_verified_where_no_query_is_answered(session, holder, way):
    datasets = [ct() for _ in range(8)]

    def script(move):
        move.store(*datasets[:3])
        move.answer()

    done = retrieve(session, holder(script, ()), way=way)
    assert len(done.received) == 3
    assert (done.expected, done.complete) == (None, False)
    assert any("not verified" in w for w in done.warnings)
    assert "unknown" in str(done)


def test_a_query_that_does_not_name_what_came_verifies_nothing(session, holder, way):
    datasets = [ct() for _ in range(4)]

    def script(move):
        move.store(*datasets)
        move.answer()

    done = retrieve(session, holder(script, datasets[:2]), way=way)
    assert len(done.received) == 4
    assert not done.complete
    assert any("not verified" in w for w in done.warnings)


def test_counts_that_are_wrong_in_opposite_directions_are_not_believed(session, holder, way):
    """One study is said to have come and did not; of the other nothing is said to have come, and it did."""
    first, second = ct(), ct(OTHER)

    def script(move):
        if move.identifier.StudyInstanceUID == OTHER:
            move.store(second)
        move.answer(0, Completed=int(move.identifier.StudyInstanceUID == STUDY), Failed=0, Warning=0)

    peer = holder(script, [first, second])
    done = retrieve(session, peer, study(), study(OTHER), way=way)
    assert set(done.received) == uids([second])
    assert set(done.missing) | set(done.failed) == uids([first])
    assert (done.expected, done.complete) == (2, False)


@pytest.mark.parametrize(("counts", "complete"), [(3, True), (2, False)])
def test_the_count_of_a_study_stands_for_counts_of_responses(session, holder, way, counts, complete):
    """Where it says fewer than came, the query at IMAGE level names what there is."""
    datasets = [ct() for _ in range(3 if complete else 4)]
    peer = holder(sends_uncounted(3), datasets)
    peer.counts = counts
    done = session.retrieve(session.find(peer.remote).one(), way=way, progress=False)
    assert (len(done.received), done.complete) == (3, complete)
    assert set(done.missing) == uids(datasets[3:])


# --- C-MOVE without pending responses


def test_arriving_stores_are_life_of_a_move_without_pending_responses(session, holder):
    datasets = [ct() for _ in range(6)]
    peer = holder(stores_without_pending(0.5), datasets)
    done = session.retrieve(peer.remote_with(dimse_timeout=1.5), study(), way="C-MOVE", progress=False)
    assert done.seconds > 2
    assert set(done.received) == uids(datasets)
    assert done.complete, done


def test_a_move_that_stops_sending_is_given_up_after_the_time_out(session, holder):
    datasets = [ct() for _ in range(4)]

    def script(move):
        move.store(*datasets[:2])
        move.wait(60)

    peer = holder(script, datasets)
    done = session.retrieve(peer.remote_with(dimse_timeout=0.5), study(), way="C-MOVE", progress=False)
    assert set(done.missing) == uids(datasets[2:])
    assert not done.complete


@pytest.mark.parametrize("known", [True, False])
def test_late_stores_after_success_without_counts_are_taken(session, holder, monkeypatch, known):
    """The query says how many there are; where there is none, the grace passes without a further one."""
    monkeypatch.setattr(moves, "GRACE", 1.5)
    datasets = [ct() for _ in range(5)]
    peer = holder(stores_without_pending(0.1, late=3), datasets)
    peer.finds = known
    done = retrieve(session, peer, way="C-MOVE")
    assert set(done.received) == uids(datasets)
    assert done.complete is known


# --- no hammering


@pytest.mark.parametrize(("status", "most"), [(0xA801, 1), (0xC000, 10), (0, 10)])
@pytest.mark.parametrize("named", [True, False])
def test_a_peer_that_fails_alike_is_not_asked_for_each_of_two_hundred(session, holder, way, status, most, named):
    datasets = [ct() for _ in range(200)]
    peer = holder(partial(fails, status=status), datasets)
    peer.counts = 200
    wanted = of(uids(datasets)) if named else session.find(peer.remote)
    with pytest.raises(errors.RetrieveFailed) as caught:
        session.retrieve(peer.remote, wanted, way=way, progress=False)
    assert len(peer.moves) <= most
    assert "is asked for nothing more" in str(caught.value)


def test_what_came_before_the_failures_is_kept_and_the_rest_is_named(session, holder, way):
    datasets = [ct() for _ in range(40)]

    def script(move):
        if len(move.mover.moves) == 1:
            move.store(*datasets[:10])
        move.answer(0xC000, Completed=0, Failed=0, Warning=0)

    peer = holder(script, datasets)
    done = retrieve(session, peer, *of(ds.SOPInstanceUID for ds in datasets), way=way)
    assert set(done.received) == uids(datasets[:10])
    assert set(done.missing) | set(done.failed) == uids(datasets[10:])
    assert len(peer.moves) < 10
    assert any("is asked for nothing more" in w and "0xC000" in w for w in done.warnings)


def test_many_studies_that_fail_alike_are_not_all_asked_for(session, holder, way):
    datasets = [ct(f"{STUDY}.{n}") for n in range(30)]

    def script(move):
        move.store(*move.wanted) if len(move.mover.moves) == 1 else None
        move.answer(0 if len(move.mover.moves) == 1 else 0xC000, Completed=1, Failed=0, Warning=0)

    peer = holder(script, datasets)
    done = retrieve(session, peer, *(study(f"{STUDY}.{n}") for n in range(30)), way=way)
    assert set(done.received) == uids(datasets[:1])
    assert set(done.missing) == uids(datasets[1:])
    assert len(peer.moves) < 10
    assert not done.complete


# --- further lies


def test_the_same_uid_with_other_content_is_a_warning_and_not_complete(session, holder, way):
    one, other = ct(ImageComments="one"), ct(ImageComments="another")
    other.SOPInstanceUID = one.SOPInstanceUID

    def script(move):
        move.store(one, other)
        move.answer(0, Completed=2, Failed=0, Warning=0)

    done = retrieve(session, holder(script, [one]), way=way)
    assert done.received == (one.SOPInstanceUID,)
    assert any("different content" in w for w in done.warnings)
    assert not done.complete


def test_the_same_uid_with_the_same_content_is_a_remark_only(session, holder, way):
    one = ct()

    def script(move):
        move.store(one, one)
        move.answer(0, Completed=2, Failed=0, Warning=0)

    done = retrieve(session, holder(script, [one]), way=way)
    assert (done.warnings, done.complete) == ((), True)
    assert "more than once" in done.remarks[one.SOPInstanceUID]


def test_success_without_anything_is_said_in_these_words(session, holder, way):
    with pytest.raises(errors.RetrieveFailed, match="The peer reported success and sent nothing"):
        retrieve(session, holder(lambda move: move.answer(0, Completed=0), ()), way=way)


def pends(move):
    """Send one instance, and say for ever that the others are pending."""
    move.store(move.wanted[0])
    while not move.deserted:
        move.answer(0xFF00, Remaining=2, Completed=1, Failed=0, Warning=0)
        time.sleep(0.05)


def test_a_peer_that_is_pending_for_ever_is_ended_at_the_bound(session, holder, way):
    datasets = [ct() for _ in range(3)]
    peer = holder(pends, datasets)
    done = session.retrieve(peer.remote_with(pending_timeout=0.7), study(), way=way, progress=False)
    assert 0.7 < done.seconds < 10
    assert any("is pending" in w and "pending_timeout" in w for w in done.warnings)
    assert set(done.missing) == uids(datasets[1:])
    assert not done.complete


def test_an_interrupt_keeps_the_ledger(session, holder, way):
    datasets = [ct() for _ in range(3)]
    peer = holder(pends, datasets)

    def interrupt(step):
        if step.received:
            signal.raise_signal(signal.SIGINT)

    assert session.last is None
    with pytest.raises(KeyboardInterrupt) as caught:
        session.retrieve(peer.remote, study(), way=way, progress=interrupt)
    done = session.last
    assert caught.value.retrieval is done
    assert (done.received, done.cancelled) == ((datasets[0].SOPInstanceUID,), True)
    assert set(done.missing) == uids(datasets[1:])
    assert session.busy == ""
