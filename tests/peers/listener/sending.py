"""What a peer does to the listener of C-MOVE: it stores, is rejected, and sees its connection ended."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager

from pynetdicom.presentation import build_context

import dicom_widgets as dw
from dicom_widgets.dicom.conformance import EXPLICIT, VERIFICATION
from tests.peers.loopback import eventually
from tests.peers.misbehaving import Mover, says_nothing, storing
from tests.peers.study import CT

CONTEXT = build_context(CT, EXPLICIT)
ECHO = build_context(VERIFICATION, EXPLICIT)


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
        eventually(lambda: mover.moves or transfer.done)
        yield transfer


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


def association_context(association):
    """Return the number of the only context."""
    (context,) = association.accepted_contexts
    return context.context_id
