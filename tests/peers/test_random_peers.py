"""Random peers that misbehave: a retrieval is complete only where everything came.

DICOM_WIDGETS_RANDOM_PEERS is the number of retrievals; `make random` has many.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.network.association import operation as line
from dicom_widgets.network.retrieve import move as moves
from tests.peers.loopback import HOST
from tests.peers.misbehaving import Mover
from tests.peers.study import CT, STUDY, ct

pytestmark = pytest.mark.usefixtures("quick_ends")

MOST = int(os.environ.get("DICOM_WIDGETS_RANDOM_PEERS", "20"))
ENDS = ("success", "success", "success", "failure", "cut")


@dataclass(frozen=True)
class Habit:
    """How a peer answers the request for one study."""

    sent: int
    """Instances that it sends before it answers."""
    late: int
    """Instances that it sends after the answer, of a C-MOVE."""
    twice: bool
    """Whether the first one comes twice."""
    pending: int | None
    """Instances that its first pending response tells of; without, it sends none."""
    counted: int | None
    """Instances that its last response tells of; without, it counts nothing."""
    end: str

    def __call__(self, move):
        """Answer a request by it."""
        wanted = move.wanted
        if self.pending is not None:
            move.answer(0xFF00, Remaining=self.pending, Completed=0, Failed=0, Warning=0)
        now, later = wanted[: self.sent], wanted[self.sent : self.sent + self.late]
        if now:
            move.store(*now, *now[: self.twice])
        if self.end == "cut":
            move.association.abort()
            return
        counts = {} if self.counted is None else {"Completed": self.counted, "Failed": 0, "Warning": 0}
        move.answer(0 if self.end == "success" else 0xC000, **counts)
        if later and move.destination:
            move.store(*later)


counts = st.one_of(st.none(), st.integers(0, 5))
habits = st.builds(Habit, st.integers(0, 4), st.integers(0, 2), st.booleans(), counts, counts, st.sampled_from(ENDS))


@dataclass
class Peer:
    """One peer and one session, for all examples: to start them takes longer than a retrieval."""

    session: dw.Session
    mover: Mover
    habits: dict[str, Habit]
    """Study -> how it answers the request for it."""


@pytest.fixture(scope="module")
def peer():
    with pytest.MonkeyPatch.context() as patch, dw.Session(listen_port=0) as session:
        patch.setattr(moves, "GRACE", 0.3)
        patch.setattr(line, "GRACE", 0.3)
        habits = {}
        mover = Mover(lambda move: habits[move.identifier.StudyInstanceUID](move), session.local.port, holds=[ct()])
        with mover:
            yield Peer(session, mover, habits)


def agrees(habit, held, promised):
    """Whether each count of a peer is what it sent, with or without late ones: nobody can tell that it holds more."""
    told = {c for c in (habit.pending, habit.counted, promised) if c is not None}
    sent = min(habit.sent, held)
    return told in ({sent}, {sent + min(habit.late, held - sent)})


@settings(
    max_examples=MOST,
    deadline=None,
    derandomize="DICOM_WIDGETS_RANDOM_PEERS" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.sampled_from(["C-GET", "C-MOVE"]),
    st.lists(habits, min_size=1, max_size=2),
    st.integers(1, 4),
    counts,
    st.booleans(),
)
def test_complete_is_only_what_came_entirely(peer, way, chosen, size, promised, finds):
    names = [f"{STUDY}.{n}" for n in range(len(chosen))]
    mover, session = peer.mover, peer.session
    peer.habits.update(zip(names, chosen, strict=True))
    mover.holds, mover.counts, mover.finds = [ct(n) for n in names for _ in range(size)], promised, finds
    session.drop([i.uid for i in session.store.under(())])
    known = {} if promised is None else {"NumberOfStudyRelatedInstances": promised}
    entities = [dw.Entity.of(n, sop_classes=[CT]) for n in names]
    for entity in entities:
        entity.attributes.update(known)
    remote = dw.RemoteAE("MOVER", HOST, mover.port, dimse_timeout=5)
    everything = {ds.SOPInstanceUID for ds in mover.holds}
    try:
        done = session.retrieve(remote, entities, way=way, progress=False)
    except errors.NetworkError:
        assert not session.store.under(())
        return
    came = {i.uid for i in session.store.under(())}
    assert set(done.received) == came <= everything
    assert not came & (set(done.failed) | set(done.missing))
    if any(agrees(h, size, promised) for h in chosen):
        return
    if done.complete:
        assert came == everything, (done, done.warnings)
    elif finds and not done.failed and came != everything:
        assert set(done.missing) == everything - came, (done, done.warnings)
