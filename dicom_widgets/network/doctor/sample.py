"""A sample: one small instance of a peer, found with few answers and without asking who the patient is."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydicom.datadict import dictionary_VR
from pydicom.dataset import Dataset

from dicom_widgets.dicom.conformance import FIND, UNIQUE_KEYS, Level
from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.statuses import explain, is_pending
from dicom_widgets.dicom.values import number, text, value
from dicom_widgets.errors import Cancelled, QueryFailed
from dicom_widgets.network.association.association import answered, associate, service_context
from dicom_widgets.network.association.operation import Operation
from dicom_widgets.sources.terms import UIDS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.local import LocalAE

USEFUL: Final = ("ModalitiesInStudy", "SOPClassesInStudy", "NumberOfStudyRelatedInstances")
"""Optional keys that make queries and retrievals fast, where a peer fills them."""
_ASKED: Final[dict[Level, tuple[str, ...]]] = {
    "STUDY": ("StudyDate", *USEFUL),
    "SERIES": ("Modality", "NumberOfSeriesRelatedInstances"),
    "IMAGE": ("SOPClassUID", "Rows", "Columns", "BitsAllocated", "NumberOfFrames"),
}
_DAYS: Final = (0, 30, None)
"""How many days back to look for studies, one after the other until some are found; None is without limit."""
_UID: Final = re.compile(r"[0-9.]{1,64}")
_TRIES: Final = 3
"""Studies, and series of each, that are tried until one has instances."""
_MOST: Final[dict[Level, int]] = {"STUDY": 5, "SERIES": 20, "IMAGE": 50}
"""Answers after which a query is cancelled."""


@dataclass(frozen=True)
class SampleInstance:
    """What a few queries of a peer showed."""

    filled: tuple[str, ...]
    """Keys of `USEFUL` that the peer fills."""
    seen: int
    """Number of studies that it answered with."""
    instance: Entity | None
    """The smallest instance among a few; None where the peer shows none."""


class SampleSearch:
    """C-FIND requests that are cancelled after the first answers, each over an association of its own."""

    def __init__(self, remote: Peer, ours: LocalAE, cancellation: Cancellation) -> None:
        self._remote, self._ours, self._cancellation = remote, ours, cancellation

    def nothing(self) -> int:
        """Ask for a study that does not exist; return how many studies the peer takes for it."""
        return len(self._ask("STUDY", (), StudyInstanceUID=f"2.25.{uuid.uuid4().int}"))

    def sample(self, preferred: Collection[str]) -> SampleInstance:
        """Look for a small instance, of a preferred SOP class if there is one."""
        studies = next((found for span in self._spans() if (found := self._ask("STUDY", (), StudyDate=span))), [])
        filled = tuple(k for k in USEFUL if any(value(s, k) is not None for s in studies))
        return SampleInstance(filled, len(studies), self._instance(studies, preferred))

    def _spans(self) -> Iterator[str]:
        today = dt.datetime.now(dt.UTC).astimezone().date()
        for days in _DAYS:
            yield "" if days is None else f"{today - dt.timedelta(days):%Y%m%d}-{today:%Y%m%d}"

    def _instance(self, studies: list[Dataset], preferred: Collection[str]) -> Entity | None:
        """Return the smallest instance of the smallest series of the smallest study."""
        for study in _smallest(studies, "NumberOfStudyRelatedInstances"):
            top = (_uid(study, "STUDY"),)
            series = self._ask("SERIES", top) if all(top) else []
            for one in _smallest(series, "NumberOfSeriesRelatedInstances"):
                path = (*top, _uid(one, "SERIES"))
                images = [i for i in self._ask("IMAGE", path) if _uid(i, "IMAGE")] if all(path) else []
                if images:
                    best = min(images, key=lambda i: (text(value(i, "SOPClassUID")) not in preferred, _size(i)))
                    sop_class = text(value(best, "SOPClassUID"), 64)
                    return Entity.of(*path, _uid(best, "IMAGE"), sop_classes=[sop_class] if sop_class else ())
        return None

    def _ask(self, level: Level, path: tuple[str, ...], **terms: str) -> list[Dataset]:
        """Return the first answers to a query.

        Raises
        ------
        QueryFailed
        Cancelled
        NetworkError

        """
        operation, found = Operation(), list[Dataset]()
        with (
            self._cancellation.doing(operation.stop),
            associate(self._remote, self._ours, [service_context(FIND)], handlers=operation.handlers),
        ):
            for status, answer in operation.ask(FIND, _request(level, path, terms)):
                if operation.stopped and not is_pending(status.get("Status", 0)):
                    break  # it has ended, or was hung up
                code = answered(status, self._remote, "C-FIND")
                if not is_pending(code) and code:
                    raise QueryFailed(f"{self._remote} refused a {level} query: {explain(code)}.")
                if is_pending(code) and answer is not None and not operation.stopped:  # more come before it has heard
                    found.append(answer)
                    if len(found) == _MOST[level]:
                        operation.stop()
        if self._cancellation.requested:
            raise Cancelled(f"The examination of {self._remote} was cancelled.")
        return found


def _request(level: Level, path: tuple[str, ...], terms: dict[str, str]) -> Dataset:
    ds = Dataset()
    ds.QueryRetrieveLevel = level
    for keyword in (*_ASKED[level], UNIQUE_KEYS[level]):
        empty = None if dictionary_VR(keyword) in ("US", "IS") else ""
        setattr(ds, keyword, terms.get(keyword, "") or empty)
    for keyword, uid in zip(UIDS, path, strict=False):
        setattr(ds, keyword, uid)
    return ds


def _smallest(answers: list[Dataset], count: str) -> list[Dataset]:
    return sorted(answers, key=lambda a: number(a, count) or float("inf"))[:_TRIES]


def _uid(answer: Dataset, level: Level) -> str:
    """Return the unique key of an answer; empty where it is no UID."""
    uid = text(value(answer, UNIQUE_KEYS[level]))
    return uid if _UID.fullmatch(uid) else ""


def _size(image: Dataset) -> float:
    """Return the size of the pixels of an instance, in bits; infinite where the answer has no Rows or Columns."""
    bits = (number(image, "BitsAllocated") or 16) * (number(image, "NumberOfFrames") or 1)
    return (number(image, "Rows") or float("inf")) * (number(image, "Columns") or float("inf")) * bits
