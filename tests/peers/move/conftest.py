"""A session that the real peers know as a destination of C-MOVE, and peers to move from."""

from __future__ import annotations

import contextlib

import pytest

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.network.association import operation as line
from dicom_widgets.network.retrieve import move as moves
from tests.peers.loopback import HOST
from tests.peers.misbehaving import Mover


@pytest.fixture
def session(listener_port):
    """One that the real peers know."""
    with dw.Session(listen_port=listener_port) as made:
        yield made


@pytest.fixture
def short(monkeypatch):
    """Shorter times of grace."""
    monkeypatch.setattr(moves, "GRACE", 0.4)
    monkeypatch.setattr(line, "GRACE", 0.4)


@pytest.fixture(scope="module")
def practice():
    with dw.PracticePacs() as pacs:
        yield pacs


@pytest.fixture(params=["orthanc", "dcmqrscp", "practice"])
def peer(request, listener_port):
    """Each of the peers in turn, as the package sees it."""
    pacs = request.getfixturevalue(request.param)
    if request.param == "practice":
        pacs.destinations["DICOM_WIDGETS"] = (HOST, listener_port)
    return pacs.remote


@pytest.fixture
def mover(session):
    """Start a peer whose C-MOVE does what it is told to; it knows the session."""
    with contextlib.ExitStack() as stack:
        yield lambda script: stack.enter_context(Mover(script, session.local.port))


@pytest.fixture
def some(session, peer):
    """A study of which the peer can send everything: its tree, with at least two series where there are such."""
    plain = []
    for study in session.tree(peer):
        header = study.instances[0]
        if peer.ae_title != "DCMQRSCP":
            plain.append(study)
            continue
        with contextlib.suppress(errors.RetrieveFailed):
            if session.retrieve(header, progress=False).complete:
                plain.append(study)
    session.drop([i.uid for i in session.store.under(())])
    return max(plain, key=lambda s: (len(s.children) > 1, -len(s.instances)))
