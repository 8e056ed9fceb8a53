"""The responses to a C-GET or a C-MOVE: counts, failures, the final status (PS3.4 C.4.2, C.4.3)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from pydicom.multival import MultiValue

from dicom_widgets.dicom.conformance import GET, MOVE
from dicom_widgets.dicom.privacy import PATIENT, redact_comment
from dicom_widgets.dicom.statuses import explain, is_failure, is_pending
from dicom_widgets.dicom.values import text, value
from dicom_widgets.errors import AssociationAborted
from dicom_widgets.network.association.association import answered
from dicom_widgets.network.retrieve.identifiers import identifier
from dicom_widgets.sources.ledger import NOT_SENT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.network.association.operation import Operation
    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress

    Asking = Generator[Progress, None, int]
    """Yields the progress of one request, and returns the status that it ended with."""
    Ask = Callable[[Dataset], Asking]

UNKNOWN_DESTINATION: Final = 0xA801
"""The status of a C-MOVE to an AE title that the peer does not know; it will not know it at the next request either."""
FEW: Final = 5
"""Requests in a row that end alike and bring nothing, after which a peer is asked for nothing more."""
FEWER: Final = 3
"""The same where other presentation contexts are tried after that."""
_KINDS: Final = ("Remaining", "Completed", "Failed", "Warning")
_NAMES: Final = {GET: "C-GET", MOVE: "C-MOVE"}


def follow(order: Order[Peer], operation: Operation, model: str, request: Dataset, *, again: bool = False) -> Asking:
    """Send one C-GET or C-MOVE and follow its responses; return the status that it ended with.

    Parameters
    ----------
    order, operation
        What is retrieved, and the association over which.
    model : str
        The SOP class of the service: `GET` or `MOVE` of the study root.
    request : Dataset
        The identifier.
    again : bool
        Whether this was asked for before, so that what it announces is counted already.

    """
    ledger, destination = order.ledger, [order.ours.ae_title] if model == MOVE else []
    told: int | None = None
    code, began = 0, time.monotonic()
    before = len(ledger.failed)
    ledger.unanswered += again
    for status, answer in operation.ask(model, request, *destination):
        if order.cancellation.requested and "Status" not in status:
            break
        code = answered(status, order.source, _NAMES[model])
        if not again and _counts(status) and (told is None or not is_pending(code)):
            ledger.uncounted -= told is None
            count = _count(status, *_KINDS)
            ledger.count(max(0, count - (told or 0)))
            told = max(told or 0, count)
        if not is_pending(code):
            _end(order, code, status, answer, before)
            ledger.unanswered -= 1
            ledger.silent |= not _counts(status) and not is_failure(code)
            ledger.faulty |= not again and is_failure(code)
        else:
            _bear(order, max(began, ledger.heard), _NAMES[model])
        yield ledger.progress()
    return code


class Failures:
    """Counts equal failures in a row, so that a peer is not asked a thousand times for what it cannot do."""

    def __init__(self, order: Order[Peer]) -> None:
        self._source, self._ledger = order.source, order.ledger
        self._row: list[int] = []
        self._limit = FEW
        self._here = self._ledger.arrivals + self._ledger.here
        self.enough = False
        """Whether the peer is asked for nothing more."""

    def add(self, code: int) -> None:
        """Write down the status that a request ended with; one that brought something is no failure."""
        before, self._here = self._here, self._ledger.arrivals + self._ledger.here
        if self._here > before:
            self._row = []
            return
        self._row = [*self._row, code] if self._row[-1:] == [code] else [code]
        if code == UNKNOWN_DESTINATION or len(self._row) >= self._limit:
            self.enough = True
            times = "a request" if len(self._row) == 1 else f"{len(self._row)} requests in a row"
            words = explain(code) if code else "success"
            self._ledger.warn(
                f"{self._source} is asked for nothing more: it answered {times} with {words}, sending none."
            )

    def start_anew(self) -> bool:
        """Forget the row where other presentation contexts may help; return whether they are worth a try."""
        if UNKNOWN_DESTINATION in self._row or (self._limit < FEW and self.enough):
            return False
        self._row, self._limit, self.enough = [], FEWER, False
        return True


def each(order: Order[Peer], requests: Sequence[Dataset], ask: Ask, failures: Failures) -> Iterator[Progress]:
    """Send the requests of an order one after the other, until it is cancelled or the peer has failed a few times."""
    ledger = order.ledger
    for number, request in enumerate(requests, 1):
        if order.cancellation.requested:
            return
        completed, arrivals, received = ledger.completed, ledger.arrivals, len(ledger.received)
        failures.add((yield from ask(request)))
        # request by request, as counts that are wrong in opposite directions agree in their sum; some count twice what
        # they send twice
        came = {ledger.arrivals - arrivals, len(ledger.received) - received}
        ledger.faulty |= ledger.completed - completed not in came
        if failures.enough and number < len(requests):
            ledger.unanswered -= len(requests) - number  # they were not sent
            ledger.faulty = True
            return


def one_by_one(order: Order[Peer], entities: Sequence[Entity], ask: Ask, failures: Failures) -> Iterator[Progress]:
    """Ask again for instances that a peer left out, each by itself: some end everything at the first that fails."""
    ledger, came, asked = order.ledger, len(order.ledger.received), 0
    if not entities:
        return
    ledger.refused = 0  # they are among these entities, now by name
    for entity in entities:
        if order.cancellation.requested:
            return
        if failures.enough:
            break
        asked += 1
        ledger.failed.pop(entity.uid, None)
        ledger.completed = ledger.arrivals
        failures.add((yield from ask(identifier(entity))))
        if entity.uid not in ledger.failed and not order.cancellation.requested:
            ledger.refuse(entity.uid, NOT_SENT)  # no refusal where it came
        ledger.refused = 0
    ledger.warn(
        f"{asked} instances that {order.source} had left out were asked for again one by one;"
        f" {len(ledger.received) - came} of them came."
    )


def _bear(order: Order[Peer], since: float, what: str) -> None:
    """Raise where a peer has said for too long that something is pending, without sending anything."""
    bound = order.source.pending_timeout
    if time.monotonic() - since > bound:
        raise AssociationAborted(
            f"{order.source} has said for {bound:g} s that the {what} is pending, and sent no further instance, so it"
            " was given up. Its log may say why; try again, or raise pending_timeout."
        )


def _end(order: Order[Peer], code: int, status: Dataset, answer: Dataset | None, before: int) -> None:
    """Record how a request ended."""
    ledger = order.ledger
    ledger.completed += _count(status, "Completed", "Warning")
    named = value(answer, "FailedSOPInstanceUIDList") if answer is not None else None
    refused = len(ledger.failed) - before  # by us, while the operation ran
    for uid in named if isinstance(named, (MultiValue, list)) else [named] if named else []:
        if str(uid) not in ledger.received:
            ledger.failed.setdefault(text(uid, 64), NOT_SENT)
    told = _count(status, "Failed")
    ledger.refused += max(0, told - (len(ledger.failed) - before))
    only_ours = bool(told) and told == refused  # then the status repeats what we know
    if code and not only_ours and not order.cancellation.requested:
        end = "ended the operation" if is_failure(code) else "warns"
        ledger.warn(f"{order.source} {end}: {explain(code, _comment(order, status))}.")


def _comment(order: Order[Peer], status: Dataset) -> str:
    known = (text(e.attributes.get(keyword)) for e in order.entities for keyword in PATIENT)
    return redact_comment(text(status.get("ErrorComment", "")), known, order.source)


def _counts(status: Dataset) -> bool:
    """Whether a response counts its sub-operations at all; the counts are optional (PS3.4 C.4.2.1.6)."""
    return any(f"NumberOf{kind}Suboperations" in status for kind in _KINDS)


def _count(status: Dataset, *kinds: str) -> int:
    return sum(int(status.get(f"NumberOf{kind}Suboperations", 0) or 0) for kind in kinds)
