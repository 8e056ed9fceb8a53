"""C-MOVE (PS3.4 C.4.2): the peer is told to send to our listener."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from pynetdicom.presentation import build_context

from dicom_widgets.dicom.conformance import EXPLICIT, IMPLICIT, MOVE
from dicom_widgets.network.association.association import associate
from dicom_widgets.network.association.local import is_loopback
from dicom_widgets.network.association.operation import Operation
from dicom_widgets.network.retrieve.suboperations import follow, one_by_one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

    from dicom_widgets.network.retrieve.listener import Expectation
    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress

GRACE: Final = 10.0
"""Seconds without a further instance after which those that a peer says it has sent are given up.

Some peers report success first and send afterwards.
"""
_STEP: Final = 0.2


def c_move(order: Order) -> Iterator[Progress]:
    """Retrieve by C-MOVE: all at once, then one by one what the peer left out."""
    line, book = Operation(), order.book
    context = build_context(MOVE, [EXPLICIT, IMPLICIT])
    listener = order.listen()
    with (
        order.cancellation.doing(line.stop),
        listener.expecting(order) as expectation,
        associate(order.remote, order.ours, [context], handlers=line.handlers),
    ):

        def ask(request: Dataset, *, again: bool = True) -> Iterator[Progress]:
            yield from follow(order, line, request, again=again)
            yield from _arrivals(order)

        for request in order.requests():
            if order.cancellation.wished:
                return
            yield from ask(request, again=False)
        yield from one_by_one(order, order.missing(unsent=False), ask)
        book.advice += _advice(order, expectation)


def _arrivals(order: Order) -> Iterator[Progress]:
    """Wait for what the peer says it has sent, as long as something comes."""
    book, seen, deadline = order.book, -1, 0.0
    while not order.cancellation.wished:
        with book.changed:
            here = book.arrivals + book.here
            if here >= book.completed:
                return
            if here > seen:
                seen, deadline = here, time.monotonic() + GRACE
            elif time.monotonic() > deadline:
                return
            book.changed.wait(_STEP)
        yield book.progress()


def _advice(order: Order, expectation: Expectation) -> Iterator[str]:
    """Say what is likely wrong where instances did not come: whether our listener saw the peer at all."""
    ours, remote = order.ours, order.remote
    if expectation.connections:
        yield (
            f"{remote} did connect to our listener at {ours.host}:{ours.port}. Its log says what it could not send;"
            " C-GET may do better."
        )
        return
    yield (
        f"Nothing connected to our listener: does {remote} know {ours.ae_title!r} as {ours.host}:{ours.port}, and can"
        " it reach that address? session.doctor(remote) looks into it; C-GET needs no listener."
    )
    if is_loopback(ours.host) and not is_loopback(remote.host):
        yield (
            f"The listener is bound to {ours.host}, which only this machine reaches: Session(listen_host='0.0.0.0')"
            " opens it to the network."
        )
