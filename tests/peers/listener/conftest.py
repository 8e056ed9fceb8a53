"""Sessions that listen for the stores of a C-MOVE: one waits for a study, one for nothing."""

from __future__ import annotations

import pytest
from pydicom.uid import generate_uid

import dicom_widgets as dw
from dicom_widgets import errors
from tests.peers.listener.sending import moving
from tests.peers.misbehaving import Mover, fails


@pytest.fixture
def study():
    """A Study Instance UID of the test's own; others may follow it: ``f"{study}.9"``."""
    return generate_uid(prefix="1.2.826.0.1.3680043.10.1.")[:50].rstrip(".")


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
