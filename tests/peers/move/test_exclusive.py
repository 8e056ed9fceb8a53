"""One C-MOVE, or whatever else a session does, at a time: cancelling, waiting, the time of grace."""

from __future__ import annotations

import threading
import time

import pytest
from pynetdicom.presentation import build_context

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom.conformance import EXPLICIT
from dicom_widgets.network.retrieve import move as moves
from tests.peers.loopback import eventually
from tests.peers.misbehaving import storing
from tests.peers.study import CT, STUDY, ct, move

pytestmark = pytest.mark.usefixtures("quick_ends")


@pytest.fixture
def mute(misbehaving):
    return misbehaving("mute").remote_with(dimse_timeout=10)


ACTIONS = {
    "find": dw.Session.find,
    "search": lambda session, remote: list(session.search(remote)),
    "tree": dw.Session.tree,
    "echo": dw.Session.echo,
    "expand": lambda session, remote: session.expand(found_at(remote)),
    "C-GET": lambda session, remote: session.retrieve(remote, dw.Entity.of(STUDY, sop_classes=[CT]), progress=False),
    "C-MOVE": move,
}


def found_at(remote):
    entity = dw.Entity.of(STUDY)
    entity.source = remote
    return entity


@pytest.mark.parametrize("action", ACTIONS)
def test_whatever_a_session_does_can_be_cancelled_by_another_thread(session, mute, short, action):
    ends = []

    def run():
        try:
            ends.append(ACTIONS[action](session, mute))
        except errors.DicomWidgetsError as error:
            ends.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    eventually(lambda: session.busy)
    time.sleep(0.2)
    assert not ends
    begin = time.monotonic()
    session.cancel()
    thread.join(5)
    assert time.monotonic() - begin < 4
    assert session.busy == ""
    (end,) = ends
    assert isinstance(end, errors.Cancelled) or end.cancelled


def test_what_waits_begins_when_the_other_has_ended(session, mover, orthanc):
    release = threading.Event()

    def script(asked):
        release.wait(10)
        asked.store(ct())
        asked.answer(0, Completed=1, Failed=0, Warning=0)

    peer = mover(script)
    transfer = session.fetch(peer.remote, dw.Entity.of(STUDY), way="C-MOVE")
    with pytest.raises(errors.SessionBusy, match="busy with a C-MOVE from MOVER"):
        session.find(orthanc.remote)
    found = []
    waiting = threading.Thread(target=lambda: found.append(session.find(orthanc.remote, wait=True)))
    waiting.start()
    time.sleep(0.1)
    assert not found
    release.set()
    waiting.join(10)
    assert found[0]
    assert transfer.done
    assert transfer.result().complete


def test_the_time_of_grace_belongs_to_the_move(session, mover, monkeypatch):
    """What comes while nobody waits any more is refused."""
    monkeypatch.setattr(moves, "GRACE", 0.2)
    late, threads = ct(), []

    def script(asked):
        asked.store(ct())
        asked.answer(0, Completed=2, Failed=0, Warning=0)

        def later():
            time.sleep(1.2)
            with storing(asked.mover.destination, [build_context(CT, EXPLICIT)]) as association:
                threads.append(association.is_rejected)

        threads.append(threading.Thread(target=later))
        threads[0].start()

    done = move(session, mover(script).remote)
    threads[0].join()
    assert threads[1] is True
    assert len(done.received) == 1
    assert late.SOPInstanceUID not in session.store
    assert sum(session.listener.refusals.values()) == 1
