"""C-MOVE (PS3.4 C.4.2): the peer sends to our listener."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.conformance import MOVE
from dicom_widgets.errors import NetworkError
from dicom_widgets.network.association.addresses import is_loopback
from dicom_widgets.network.association.association import associate, service_context
from dicom_widgets.network.association.operation import Operation
from dicom_widgets.network.retrieve.identifiers import identifiers
from dicom_widgets.network.retrieve.move_trial import try_move
from dicom_widgets.network.retrieve.suboperations import Failures, each, follow, one_by_one
from dicom_widgets.sources.way import Way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom.dataset import Dataset

    from dicom_widgets.network.peer import Peer
    from dicom_widgets.network.retrieve.suboperations import Asking
    from dicom_widgets.sources.order import Arrivals, Order
    from dicom_widgets.sources.retrieval import Progress

GRACE: Final = 10.0
"""Seconds without a further instance after which we give up waiting for those that a peer says it has sent.

Some peers send the final response first and the instances afterwards.
"""
_STEP: Final = 0.2


def c_move(order: Order[Peer]) -> Iterator[Progress]:
    """Retrieve by C-MOVE: all at once, then one by one what the peer left out."""
    ledger = order.ledger
    operation = Operation(lambda: ledger.heard)
    listener, requests = order.listen(), [*identifiers(order.entities)]
    ledger.unanswered = ledger.uncounted = len(requests)
    with (
        order.cancellation.doing(operation.stop),
        listener.expecting(order) as arrivals,
        associate(order.source, order.ours, [service_context(MOVE)], handlers=operation.handlers),
    ):

        def ask(request: Dataset, *, again: bool = True) -> Asking:
            code = yield from follow(order, operation, MOVE, request, again=again)
            yield from _arrivals(order, lambda: ledger.completed)
            return code

        failures = Failures(order)
        yield from each(order, requests, partial(ask, again=False), failures)
        known = ledger.expected is not None
        yield from _uncounted(order)
        if known and not failures.enough:
            yield from one_by_one(order, order.missing(unsent=False), ask, failures)
        ledger.advice += _advice(order, arrivals)


def _uncounted(order: Order[Peer]) -> Iterator[Progress]:
    """Wait for what may still be under way where a request ended well without any count."""
    ledger = order.ledger
    if not ledger.silent or order.cancellation.requested:
        return
    if ledger.expected is None:
        try:
            order.instances()
        except NetworkError:
            yield ledger.progress()  # how many there are stays unknown, so the grace has to pass
    yield from _arrivals(order, lambda: ledger.arrivals + 1 if ledger.expected is None else ledger.expected)


def _arrivals(order: Order[Peer], sent: Callable[[], int]) -> Iterator[Progress]:
    """Wait until as many are here as the peer has sent, as long as something comes."""
    ledger, seen, deadline = order.ledger, -1, 0.0
    while not order.cancellation.requested:
        with ledger.changed:
            here = ledger.arrivals + ledger.here
            if here >= sent():
                return
            if here > seen:
                seen, deadline = here, time.monotonic() + GRACE
            elif time.monotonic() > deadline:
                return
            ledger.changed.wait(_STEP)
        yield ledger.progress()


def _advice(order: Order[Peer], arrivals: Arrivals) -> Iterator[str]:
    """Say what is likely wrong where instances did not come: whether our listener saw the peer at all."""
    ours, remote = order.ours, order.source
    if arrivals.connections:
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


C_MOVE: Final[Way[Peer]] = Way(
    "C-MOVE",
    c_move,
    service=MOVE,
    listens=True,
    trial=try_move,
    hint="{source} will send to {address}: it has to know that AE title, host and port.",
)
