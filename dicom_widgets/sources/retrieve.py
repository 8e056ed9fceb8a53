"""Retrieval: generators of one signature that put blobs into a sink and tell the progress."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pynetdicom import build_role, evt

from dicom_widgets.blob import Blob
from dicom_widgets.conformance import GET, MAXIMUM_PDU, UNIQUE_KEYS, storage_name, syntax_name
from dicom_widgets.errors import RetrieveFailed
from dicom_widgets.model import Entity, Progress, Retrieval, classes_of
from dicom_widgets.sources.negotiation import plan
from dicom_widgets.sources.query import query
from dicom_widgets.sources.remote import RemoteAE, answered, associate, hang_up
from dicom_widgets.statuses import explain, is_failure, is_pending
from dicom_widgets.values import text, value

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext

Sink = Callable[[Blob], int]
GRACE: Final = 3.0
"""Seconds that a peer has to answer a C-CANCEL before the association is aborted."""
NOT_SENT: Final = "the peer could not send it"
_KEYS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


class Cancellation:
    """A wish to stop, and what is to be done when it comes."""

    def __init__(self) -> None:
        self._wished = threading.Event()
        self._actions: list[Callable[[], None]] = []

    @property
    def wished(self) -> bool:
        """Whether somebody wants it to stop."""
        return self._wished.is_set()

    def cancel(self) -> None:
        """Wish it to stop; may be called by any thread."""
        if not self._wished.is_set():
            self._wished.set()
            for action in tuple(self._actions):
                action()

    @contextmanager
    def doing(self, action: Callable[[], None]) -> Iterator[None]:
        """Do something when the wish comes within this block, or was there before."""
        self._actions.append(action)
        try:
            if self.wished:
                action()
            yield
        finally:
            self._actions.remove(action)


class Line:
    """The association on which something goes on, from its first byte, and the way to stop that at any moment."""

    def __init__(self) -> None:
        self.handlers: list[Any] = [(evt.EVT_CONN_OPEN, self._opened)]
        """For `associate`."""
        self._lock = threading.Lock()
        self._association: Association | None = None
        self._asking: int | None = None
        self._stopped = False
        self._grace: threading.Timer | None = None

    def _opened(self, event: Any) -> None:
        with self._lock:
            self._association, stopped = event.assoc, self._stopped
        if stopped:
            hang_up(event.assoc)

    def get(self, association: Association, request: Dataset, number: int) -> Iterator[tuple[Dataset, Any]]:
        """Send a C-GET and yield its responses; nothing is sent where it was stopped before."""
        with self._lock:
            if self._stopped:
                return
            responses = association.send_c_get(request, GET, msg_id=number)
            self._asking = number
        try:
            yield from responses
        finally:
            with self._lock:
                self._asking, grace = None, self._grace
            if grace is not None:
                grace.cancel()
                grace.join()

    def stop(self) -> None:
        """Cancel the C-GET, and hang up if it does not end within `GRACE`; hang up at once where none runs."""
        with self._lock:
            self._stopped = True
            association, asking = self._association, self._asking
            if asking is not None and association is not None and association.is_established:
                self._grace = _later(GRACE, association)
        if association is None:
            return
        if self._grace is None:
            hang_up(association)
        elif asking is not None:
            with suppress(RuntimeError, ValueError):  # it has ended meanwhile
                association.send_c_cancel(asking, query_model=GET)


def _later(seconds: float, association: Association) -> threading.Timer | None:
    """Hang up later; None where no thread can be started any more, as the interpreter ends."""
    timer = threading.Timer(seconds, hang_up, [association])
    timer.daemon = True
    try:
        timer.start()
    except RuntimeError:
        return None
    return timer


@dataclass
class Ledger:
    """What is written down while a retrieval runs; `close` makes the Retrieval of it."""

    way: str
    remote: RemoteAE
    expected: int | None
    wanted: frozenset[str] = frozenset()
    """SOP Instance UIDs, where all of them are known beforehand."""
    received: dict[str, None] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    contexts: list[tuple[str, str, bool]] = field(default_factory=list)
    nbytes: int = 0
    refused: int = 0
    """Instances that the peer says it could not send, without naming them."""
    counted: int = 0
    """Instances that the peer told of, where the query did not."""
    started: float = field(default_factory=time.perf_counter)

    def progress(self, words: str = "") -> Progress:
        """Return how far it is."""
        return Progress(len(self.received), self.expected, len(self.failed) + self.refused, self.nbytes, words)

    def close(self, *, cancelled: bool) -> Retrieval:
        """Return the finished ledger.

        Raises
        ------
        RetrieveFailed
            Nothing came, and it was not cancelled.

        """
        missing = tuple(sorted(self.wanted - self.received.keys() - self.failed.keys()))
        if not self.received and not cancelled:
            raise RetrieveFailed(self._nothing())
        if self.expected is not None and len(self.received) < self.expected and not cancelled:
            self.warnings.append(
                f"{self.expected} instances were expected, {len(self.received)} came. {self._why()}"
                " What came is kept; ask again for the rest, series by series."
            )
        return Retrieval(
            self.way,
            str(self.remote),
            self.expected,
            tuple(self.received),
            dict(self.failed),
            missing,
            tuple(dict.fromkeys(self.warnings)),
            time.perf_counter() - self.started,
            self.nbytes,
            tuple(self.contexts),
            cancelled,
        )

    def _nothing(self) -> str:
        """Say why nothing came, and what to do."""
        of = f" of {self.expected} instances" if self.expected else ""
        words = " ".join(dict.fromkeys(self.warnings)) or ("" if self.failed else "The peer reports success.")
        return f"{self.way} from {self.remote} brought nothing{of}. {words} {self._why()}".replace("  ", " ").strip()

    def _why(self) -> str:
        """Say why instances did not come, and what to do: they were not sent, not taken, or are not there."""
        ours = dict.fromkeys(w for w in self.failed.values() if w != NOT_SENT)
        words = [f"{sum(w == o for w in self.failed.values())} were not taken: {o}." for o in [*ours][:3]]
        if unsent := self.refused + sum(w == NOT_SENT for w in self.failed.values()):
            taken = {s for c, s, accepted in self.contexts if accepted and c != storage_name(GET)}
            syntaxes = ", ".join(sorted(taken)) or "none"
            words.append(
                f"The peer could not send {unsent}. Of the transfer syntaxes that were proposed it accepted {syntaxes};"
                " where it keeps them in another one and cannot convert, let its configuration allow that one."
            )
        return " ".join(words) or "It may not hold what was asked for (query it), or refuse to send it to us."


def ledger(way: str, remote: RemoteAE, entities: Sequence[Entity]) -> Ledger:
    """Open the ledger with what the query promised."""
    counts = [_expected(e) for e in entities]
    known = all(e.level == "IMAGE" or (e.complete and all(s.complete for s in e.children)) for e in entities)
    wanted = frozenset(i.uid for e in entities for i in e.instances) if known else frozenset()
    total = len(wanted) if known else sum(c for c in counts if c) if all(counts) else None
    return Ledger(way, remote, total, wanted)


def _expected(entity: Entity) -> int | None:
    if entity.level == "IMAGE":
        return 1
    keyword = "NumberOfStudyRelatedInstances" if entity.level == "STUDY" else "NumberOfSeriesRelatedInstances"
    try:
        return int(entity.attributes.get(keyword) or 0) or None
    except (TypeError, ValueError):
        return None


def sop_classes(
    remote: RemoteAE,
    ours: str,
    entities: Sequence[Entity],
    *,
    maximum_pdu: int = MAXIMUM_PDU,
    handlers: Sequence[Any] = (),
) -> list[str]:
    """Return the SOP classes inside: as known, else from the study (0008,0062), else by drilling down.

    Empty where the peer does not tell at any level.
    """
    if all(e.sop_classes for e in entities):
        return classes_of(entities)
    with query(remote, ours, maximum_pdu=maximum_pdu, handlers=handlers) as asked:
        known = {c for e in entities for c in e.sop_classes}
        for study in {e.path[0] for e in entities if not e.sop_classes}:
            found = asked.find("STUDY", StudyInstanceUID=study)
            if not classes_of(found):
                for entity in found:
                    asked.expand(entity)
                    for series in entity.children:
                        asked.expand(series)
            if not classes_of(found):
                return []
            known |= set(classes_of(found))
    return sorted(known)


def c_get(
    remote: RemoteAE,
    ours: str,
    entities: Sequence[Entity],
    sink: Sink,
    book: Ledger,
    cancellation: Cancellation,
    maximum_pdu: int = MAXIMUM_PDU,
) -> Iterator[Progress]:
    """Retrieve by C-GET (PS3.4 C.4.3): the peer sends over the association that asks."""

    def store(event: Any) -> int:
        return _take(event, remote, sink, book)

    line = Line()
    with cancellation.doing(line.stop):
        yield book.progress("Looking for what is inside")
        classes = sop_classes(remote, ours, entities, maximum_pdu=maximum_pdu, handlers=line.handlers)
        for contexts in plan(classes):
            roles = [build_role(c, scp_role=True) for c in dict.fromkeys(str(x.abstract_syntax) for x in contexts[1:])]
            handlers = [*line.handlers, (evt.EVT_C_STORE, store)]
            with associate(
                remote, ours, contexts, maximum_pdu=maximum_pdu, roles=roles, handlers=handlers
            ) as association:
                book.contexts += _negotiated(association, contexts)
                for number, request in enumerate(_requests(entities), 1):
                    if cancellation.wished:
                        break
                    yield from _follow(line.get(association, request, number), book, cancellation)


def _follow(responses: Iterator[tuple[Dataset, Any]], book: Ledger, cancellation: Cancellation) -> Iterator[Progress]:
    """Follow the responses of one C-GET."""
    failed, counting = len(book.failed), book.expected is None or book.counted > 0
    for status, identifier in responses:
        if cancellation.wished and "Status" not in status:
            return
        code = answered(status, book.remote, "C-GET")
        if counting and (count := _suboperations(status)):
            book.counted += count
            book.expected, counting = book.counted, False
        if not is_pending(code) and _unsent(book, status, identifier, failed) and code and not cancellation.wished:
            comment = text(status.get("ErrorComment", ""))
            end = "ended the operation" if is_failure(code) else "warns"
            book.warnings.append(f"{book.remote} {end}: {explain(code, comment)}.")
        yield book.progress()


def _unsent(book: Ledger, status: Dataset, identifier: Dataset | None, before: int) -> bool:
    """Write down what the peer could not send, by name where it names it (PS3.4 C.4.3.1.4.2).

    Returns False where all that failed was refused by us: then its status says nothing new.
    """
    named = value(identifier, "FailedSOPInstanceUIDList") if identifier is not None else None
    refused = len(book.failed) - before
    for uid in named if isinstance(named, (MultiValue, list)) else [named] if named else []:
        if str(uid) not in book.received:
            book.failed.setdefault(str(uid), NOT_SENT)
    told = int(status.get("NumberOfFailedSuboperations", 0) or 0)
    book.refused += max(0, told - (len(book.failed) - before))
    return not told or told != refused


def _suboperations(status: Dataset) -> int:
    kinds = ("Remaining", "Completed", "Failed", "Warning")
    return sum(int(status.get(f"NumberOf{kind}Suboperations", 0) or 0) for kind in kinds)


def _take(event: Any, remote: RemoteAE, sink: Sink, book: Ledger) -> int:
    """Hand one received data set over as it came; nothing is decoded here."""
    uid = str(event.request.AffectedSOPInstanceUID)
    blob = Blob.of(
        event.request.DataSet.getvalue(),
        event.context.transfer_syntax,
        origin=f"{remote.ae_title} via {book.way}",
        invented=remote.invented,
    )
    try:
        status = sink(blob)
    except Exception as error:  # noqa: BLE001  the rest of the study is not lost because of one
        book.failed[uid] = f"it could not be kept ({text(error) or type(error).__name__})"
        return 0xC001
    if status:
        book.failed[uid] = _REFUSED.get(status, f"it was refused (status 0x{status:04X})")
    else:
        book.received[uid] = None
        book.nbytes += blob.nbytes
    return status


_REFUSED: Final[dict[int, str]] = {
    0xA700: "the session's memory limit is reached; drop what is not needed, or give it a larger memory_limit",
    0xC000: "it cannot be read as a DICOM object",
}


def _negotiated(association: Association, proposed: Sequence[PresentationContext]) -> Iterator[tuple[str, str, bool]]:
    """Yield what became of each context; in a refused one the peer's syntax means nothing (PS3.8 9.3.3.2)."""
    accepted = {c.context_id: c for c in association.accepted_contexts}
    for number, context in enumerate(proposed):
        answer = accepted.get(2 * number + 1)  # as pynetdicom numbers them
        syntaxes = (answer or context).transfer_syntax
        yield (
            storage_name(str(context.abstract_syntax)),
            ", ".join(syntax_name(s) for s in syntaxes),
            answer is not None,
        )


def _requests(entities: Sequence[Entity]) -> Iterator[Dataset]:
    """Yield the identifiers: instances of one series together, everything else one by one."""
    images: dict[tuple[str, ...], list[str]] = {}
    for entity in entities:
        if entity.level == "IMAGE":
            images.setdefault(entity.path[:2], []).append(entity.uid)
        else:
            yield _identifier(entity.level, entity.path)
    for path, uids in images.items():
        for i in range(0, len(uids), 100):
            ds = _identifier("IMAGE", path)
            setattr(ds, UNIQUE_KEYS["IMAGE"], uids[i : i + 100])
            yield ds


def _identifier(level: str, path: Sequence[str]) -> Dataset:
    ds = Dataset()
    ds.QueryRetrieveLevel = level
    for keyword, uid in zip(_KEYS, path, strict=False):
        setattr(ds, keyword, uid)
    return ds


WAYS: Final[dict[str, Callable[..., Iterator[Progress]]]] = {"C-GET": c_get}
"""How instances are fetched; each is called as (remote, ours, entities, sink, ledger, cancellation, maximum PDU)."""
