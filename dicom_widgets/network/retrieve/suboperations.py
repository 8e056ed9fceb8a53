"""The responses of a C-GET or a C-MOVE: counts, failures, the end (PS3.4 C.4.2, C.4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydicom.multival import MultiValue

from dicom_widgets.dicom.conformance import GET, MOVE
from dicom_widgets.dicom.privacy import PATIENT, redact_comment
from dicom_widgets.dicom.statuses import explain, is_failure, is_pending
from dicom_widgets.dicom.values import text, value
from dicom_widgets.network.association.association import answered
from dicom_widgets.sources.ledger import NOT_SENT
from dicom_widgets.sources.order import identifier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.network.association.operation import Operation
    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress

_MODELS = {"C-GET": GET, "C-MOVE": MOVE}


def follow(order: Order, line: Operation, request: Dataset, *, again: bool = False) -> Iterator[Progress]:
    """Send one request and follow its responses; what is asked for again was counted before."""
    book, destination = order.book, [order.ours.ae_title] if order.book.way == "C-MOVE" else []
    counting = not again and (book.expected is None or book.counted > 0)
    before = len(book.failed)
    for status, answer in line.ask(_MODELS[book.way], request, *destination):
        if order.cancellation.wished and "Status" not in status:
            return
        code = answered(status, book.remote, book.way)
        if counting and (count := _count(status, "Remaining", "Completed", "Failed", "Warning")):
            book.counted += count
            book.expected, counting = book.counted, False
        if not is_pending(code):
            _end(order, code, status, answer, before)
        yield book.progress()


def one_by_one(
    order: Order, entities: Sequence[Entity], ask: Callable[[Dataset], Iterator[Progress]]
) -> Iterator[Progress]:
    """Ask again for instances that a peer left out, each by itself: some end everything at the first that fails."""
    book, came = order.book, len(order.book.received)
    if not entities:
        return
    book.refused = 0  # those are among them, by name now
    for entity in entities:
        if order.cancellation.wished:
            return
        book.failed.pop(entity.uid, None)
        book.completed = book.arrivals
        yield from ask(identifier(entity))
        if entity.uid not in book.failed and not order.cancellation.wished:
            book.refuse(entity.uid, NOT_SENT)  # no refusal where it came
        book.refused = 0
    book.warn(
        f"{len(entities)} instances that {book.remote} had left out were asked for again one by one;"
        f" {len(book.received) - came} of them came."
    )


def _end(order: Order, code: int, status: Dataset, answer: Dataset | None, before: int) -> None:
    """Write down how a request ended."""
    book = order.book
    book.completed += _count(status, "Completed", "Warning")
    named = value(answer, "FailedSOPInstanceUIDList") if answer is not None else None
    refused = len(book.failed) - before  # by us, while it ran
    for uid in named if isinstance(named, (MultiValue, list)) else [named] if named else []:
        if str(uid) not in book.received:
            book.failed.setdefault(text(uid, 64), NOT_SENT)
    told = _count(status, "Failed")
    book.refused += max(0, told - (len(book.failed) - before))
    only_ours = bool(told) and told == refused  # then its status says nothing new
    if code and not only_ours and not order.cancellation.wished:
        end = "ended the operation" if is_failure(code) else "warns"
        book.warn(f"{book.remote} {end}: {explain(code, _comment(order, status))}.")


def _comment(order: Order, status: Dataset) -> str:
    known = (text(e.attributes.get(keyword)) for e in order.entities for keyword in PATIENT)
    return redact_comment(text(status.get("ErrorComment", "")), known, order.remote)


def _count(status: Dataset, *kinds: str) -> int:
    return sum(int(status.get(f"NumberOf{kind}Suboperations", 0) or 0) for kind in kinds)
