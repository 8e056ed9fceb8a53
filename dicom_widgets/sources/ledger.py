"""The ledger of a retrieval that is running: what was promised, what came, what did not and why."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol
from weakref import WeakValueDictionary

from dicom_widgets.dicom.conformance import GET, storage_name
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import RetrieveFailed
from dicom_widgets.sources.retrieval import Progress, Retrieval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.dicom.entities import Entity

NOT_SENT: Final = "the peer could not send it"
FULL: Final = "the session's memory limit is reached; drop what is not needed, or give it a larger memory_limit"
OUT_OF_RESOURCES: Final = 0xA700
CANNOT_UNDERSTAND: Final = 0xC000
NOT_KEPT: Final = 0xC001
_REFUSED: Final[dict[int, str]] = {
    OUT_OF_RESOURCES: FULL,
    0xA900: "another instance came than was asked for",
    CANNOT_UNDERSTAND: "it cannot be read as a DICOM object",
}


class Sink(Protocol):
    """Takes the instances that are retrieved; its methods may be called by any thread."""

    def add(self, blob: Blob, uid: str = "") -> int:
        """Take an instance; return a C-STORE status (PS3.4 B.2.3). With `uid` it has to be the instance of that UID."""

    def room(self) -> int:
        """Return how many bytes an instance may have at the moment."""


@dataclass
class Ledger:
    """The account of a retrieval while it runs; `close` turns it into a Retrieval.

    It compares three counts: what the query promised, what the peer says it has sent or failed to send, and what
    arrived. Some peers end the whole operation at the first instance that they cannot send and report success all the
    same; `left_out` finds that, and the ways of retrieval ask for the rest one by one.
    """

    way: str
    source: object
    """Where it is retrieved from, for the sentences."""
    sink: Sink
    expected: int | None
    wanted: dict[str, Entity] | None = None
    """SOP Instance UID -> instance, where all of them are known."""
    received: dict[str, None] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    contexts: list[tuple[str, str, bool]] = field(default_factory=list)
    remarks: dict[str, str] = field(default_factory=dict)
    advice: list[str] = field(default_factory=list)
    """What a way advises where instances did not come."""
    nbytes: int = 0
    refused: int = 0
    """Instances that the peer says it could not send, without naming them."""
    counted: int = 0
    """Instances that the peer's responses told of."""
    unanswered: int = 0
    """Requests that the peer has not answered to their end."""
    uncounted: int = 0
    """Requests of which no response said how many instances they bring."""
    silent: bool = False
    """Whether a request ended well without any count, so that instances may still be under way."""
    faulty: bool = False
    """Whether a request ended in a failure, or its counts were not those of what came."""
    doubts: list[str] = field(default_factory=list)
    """Why what came cannot be called complete, whatever the counts say."""
    completed: int = 0
    """Instances that the peer says it has sent."""
    arrivals: int = 0
    """Instances that came and were taken, each time that they came."""
    heard: float = field(default_factory=time.monotonic)
    """When the last instance came, taken or not."""
    started: float = field(default_factory=time.perf_counter)
    changed: threading.Condition = field(default_factory=threading.Condition)
    """Notified when an instance has come, or was refused."""

    def __post_init__(self) -> None:
        self.promised = self.expected
        """Instances that the query counted, or None if it did not."""
        self._blobs: WeakValueDictionary[str, Blob] = WeakValueDictionary()

    @classmethod
    def of(cls, way: str, source: object, entities: Sequence[Entity], sink: Sink) -> Ledger:
        """Open a ledger with what the query promised of some entities."""
        entities = distinct(entities)
        counts = [_expected(e) for e in entities]
        known = all(e.level == "IMAGE" or (e.complete and all(s.complete for s in e.children)) for e in entities)
        wanted = {i.uid: i for e in entities for i in e.instances} if known else None
        total = len(wanted) if wanted is not None else sum(c for c in counts if c) if all(counts) else None
        return cls(way, source, sink, total, wanted)

    def count(self, more: int) -> None:
        """Write down that the peer's responses tell of so many further instances."""
        self.counted += more
        if self.wanted is None:
            self.expected = max(self.promised or 0, self.counted) or None

    def name(self, instances: Iterable[Entity]) -> None:
        """Write down which instances a query names; it is believed rather than the counts of the responses."""
        self.wanted = {i.uid: i for i in instances}
        self.expected = max(self.promised or 0, len(self.wanted))
        if strange := sum(u not in self.wanted for u in self.received):
            self.doubt(f"{strange} of the instances that came are not among the {len(self.wanted)} that a query names")

    def doubt(self, why: str) -> None:
        """Write down why it is not verified that everything came."""
        self.doubts.append(why)
        self.warn(f"Whether everything came is not verified: {why}.")

    @property
    def doubtful(self) -> bool:
        """Whether only a query at IMAGE level can tell what is missing: neither names nor counts do."""
        if self.wanted is not None:
            return False
        settled = self.promised is not None or not self.uncounted
        agreed = settled and len(self.received) == self.expected
        return not agreed or self.unanswered > 0 or self.faulty or self.refused > 0

    def take(self, uid: str, blob: Blob, *, only: bool = False) -> int:
        """Hand one instance to the sink and record the outcome; return a C-STORE status.

        With `only` the sink takes nothing but the instance of this UID.
        """
        why, old = "", self._blobs.get(uid)  # before the sink replaces it
        try:
            status = self.sink.add(blob, uid if only else "")
        except Exception as error:  # noqa: BLE001  the rest of the study is not lost because of one
            status, why = NOT_KEPT, f"it could not be kept ({text(error) or type(error).__name__})"
        if status:
            return self.turn_away(uid, status, why)
        with self.changed:
            self.failed.pop(uid, None)
            if uid in self.received:
                self.remarks[uid] = "it came more than once; the last one is kept"
                if old is not None and _differ(old, blob):
                    self.remarks[uid] = "it came more than once, with different content; the last one is kept"
                    self.doubts.append(self.remarks[uid])
                    self.warn(f"The instance {uid} came more than once, with different content; the last one is kept.")
            elif self.wanted is not None and uid not in self.wanted:
                self.remarks[uid] = "it was not asked for by name"
            self.received[uid], self.heard = None, time.monotonic()
            self._blobs[uid] = blob
            self.arrivals += 1
            self.nbytes += blob.nbytes
            self.changed.notify_all()
        return status

    def turn_away(self, uid: str, status: int, why: str = "") -> int:
        """Record that an instance came and was not taken; return the status."""
        self.refuse(uid, why or _REFUSED.get(status, f"it was refused (status 0x{status:04X})"))
        return status

    def refuse(self, uid: str, why: str) -> None:
        """Record that an instance was not taken, or did not come, and why."""
        with self.changed:
            self.heard = time.monotonic()
            if uid not in self.received:
                self.failed[uid] = why
            self.changed.notify_all()

    def remark(self, uid: str, what: str) -> None:
        """Record what was odd about an instance that came."""
        with self.changed:
            self.remarks.setdefault(uid, what)

    def warn(self, sentence: str) -> None:
        """Record a warning; the same sentence only once."""
        with self.changed:
            if sentence not in self.warnings and len(self.warnings) < 50:
                self.warnings.append(sentence)
            self.changed.notify_all()

    def progress(self, words: str = "") -> Progress:
        """Return how far the retrieval is."""
        return Progress(len(self.received), self.expected, len(self.failed) + self.refused, self.nbytes, words)

    @property
    def here(self) -> int:
        """Number of instances that came and were not taken."""
        return sum(why != NOT_SENT for why in self.failed.values())

    @property
    def left_out(self) -> int:
        """Number of instances that the peer neither sent nor reported as failed: it ended the operation before them."""
        again = self.arrivals - len(self.received)
        sent = max(len(self.received), self.completed - again)
        return max(0, (self.expected or 0) - sent - len(self.failed) - self.refused)

    def close(self, *, cancelled: bool) -> Retrieval:
        """Return the result.

        Raises
        ------
        RetrieveFailed
            Nothing came, and it was not cancelled.

        """
        if not self.received and not cancelled:
            raise RetrieveFailed(self._nothing())
        if self.wanted is None and self.promised is None and self.uncounted:
            self.expected = None  # the others' counts are not the whole
        if self.unanswered and not cancelled:
            self.warn(
                f"{self.unanswered} {'request was' if self.unanswered == 1 else 'requests were'} not answered to the"
                " end, so the retrieval is not complete. What came is kept; ask again."
            )
        if self.expected is not None and len(self.received) < self.expected and not cancelled:
            self.warn(
                f"{self.expected} instances were expected, {len(self.received)} came. {self._why()}"
                " What came is kept; ask again for the rest, series by series."
            )
        absent = "the retrieval was cancelled before it came" if cancelled else "it did not come"
        missing = {u: absent for u in self.wanted or () if u not in self.received and u not in self.failed}
        return Retrieval(
            self.way,
            str(self.source),
            self.expected,
            tuple(self.received),
            dict(self.failed),
            missing,
            tuple(self.warnings),
            time.perf_counter() - self.started,
            self.nbytes,
            tuple(self.contexts),
            cancelled,
            remarks=dict(self.remarks),
            confirmed=not (self.unanswered or self.doubts or self.doubtful),
        )

    def _nothing(self) -> str:
        """Say why nothing came, and what to do."""
        of = f" of {self.expected} instances" if self.expected else ""
        words = " ".join(self.warnings) or ("" if self.failed else "The peer reported success and sent nothing.")
        return f"{self.way} from {self.source} brought nothing{of}. {words} {self._why()}".replace("  ", " ").strip()

    def _why(self) -> str:
        """Say why instances did not come, and what to do: they were not sent, not taken, or are not there."""
        reasons = dict.fromkeys(w for w in self.failed.values() if w != NOT_SENT)
        words = [f"{sum(w == o for w in self.failed.values())} failed: {o}." for o in [*reasons][:3]]
        if unsent := self.refused + sum(w == NOT_SENT for w in self.failed.values()):
            words.append(f"The peer could not send {unsent}.{self._accepted()}")
        return " ".join([*words, *self.advice]) or (
            "It may not hold what was asked for (query it), or refuse to send it to us."
        )

    def _accepted(self) -> str:
        """Say which transfer syntaxes the peer accepted of those that were proposed to it."""
        if not self.contexts:
            return ""
        taken = {s for c, s, accepted in self.contexts if accepted and c != storage_name(GET)}
        return (
            f" Of the transfer syntaxes that were proposed it accepted {', '.join(sorted(taken)) or 'none'};"
            " where it keeps them in another one and cannot convert, let its configuration allow that one."
        )


def distinct(entities: Sequence[Entity]) -> list[Entity]:
    """Return entities without duplicates and without those inside another one: no instance is asked for twice."""
    paths = {e.path for e in entities}
    first = {e.path: e for e in reversed(entities)}
    return [first[p] for p in dict.fromkeys(e.path for e in entities) if not any(p[:n] in paths for n in range(len(p)))]


def _differ(one: Blob, other: Blob) -> bool:
    """Whether two instances of one UID have other content; what came in two transfer syntaxes is not compared."""
    return one.transfer_syntax == other.transfer_syntax and one.data != other.data


def _expected(entity: Entity) -> int | None:
    if entity.level == "IMAGE":
        return 1
    keyword = "NumberOfStudyRelatedInstances" if entity.level == "STUDY" else "NumberOfSeriesRelatedInstances"
    try:
        return int(entity.attributes.get(keyword) or 0) or None
    except (TypeError, ValueError):
        return None
