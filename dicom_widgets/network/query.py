"""C-FIND in the study root (PS3.4 C.4.1): one level, or the tree down to the instances on one association.

Every key of the Statement's tables is asked for, the character set too. What a peer ignores as a filter is filtered
again here, and a study whose modalities a peer does not tell is looked into.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol

from pydicom import config as pydicom_config
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.valuerep import PersonName
from pynetdicom import _config as pynetdicom_config
from pynetdicom.presentation import build_context

from dicom_widgets.dicom.conformance import EXPLICIT, FIND, IMPLICIT, KEYS, LEVELS, UNIQUE_KEYS, Level
from dicom_widgets.dicom.entities import Entities, Entity
from dicom_widgets.dicom.privacy import PATIENT, redact_comment
from dicom_widgets.dicom.readable import quiet, readable
from dicom_widgets.dicom.statuses import explain, is_pending
from dicom_widgets.dicom.values import text, value
from dicom_widgets.errors import Cancelled, QueryFailed, QueryKeyError
from dicom_widgets.network.association.association import answered
from dicom_widgets.network.association.operation import operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dicom_widgets.network.association.local import LocalAE
    from dicom_widgets.network.association.operation import Operation
    from dicom_widgets.network.remote import RemoteAE
    from dicom_widgets.sources.cancellation import Cancellation

# For the log of pynetdicom, read or not, pydicom decodes each value of each answer before we have it, and an answer is
# lost where that fails.
pynetdicom_config.LOG_RESPONSE_IDENTIFIERS = False

UIDS: Final = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
"""The unique keys of the levels, from the study down."""
_LISTED: Final = frozenset({"ModalitiesInStudy", "SOPClassesInStudy"})
_RANGED: Final = frozenset({"DA", "TM", "DT"})
_DATE: Final = re.compile(r"\d{8}|\d{8}-(\d{8})?|-\d{8}")
_ONE_TIME: Final = r"\d\d(\d\d(\d\d(\.\d{1,6})?)?)?"
_TIME: Final = re.compile(rf"{_ONE_TIME}|{_ONE_TIME}-({_ONE_TIME})?|-{_ONE_TIME}")
_UID: Final = re.compile(r"[0-9.]{1,64}")


class Asked(Protocol):
    """Something that answers queries: a remote AE over one association, or a medium."""

    def find(self, level: Level, path: tuple[str, ...] = (), **keys: Any) -> Entities:
        """Return what matches at one level."""

    def expand(self, entity: Entity) -> None:
        """Give a study or a series its children."""

    def instances(self, entity: Entity) -> list[Entity]:
        """Return all instances of an entity, without changing it."""


class Query:
    """C-FIND requests on one association."""

    def __init__(self, remote: RemoteAE, line: Operation) -> None:
        self._remote = remote
        self._line = line

    def find(self, level: Level, path: tuple[str, ...] = (), **keys: Any) -> Entities:
        """Return what matches at one level, merged by UID, filtered again here."""
        path, terms = checked(level, path, keys)
        found: dict[str, Entity] = {}
        with quiet():  # the answers are read by pydicom as they come
            for answer in self._answers(identifier(level, path, terms)):
                entity = _entity(level, path, answer, self._remote)
                if entity.uid and not _without(answer, terms):
                    found.setdefault(entity.uid, entity)
        if level == "STUDY" and terms.get("ModalitiesInStudy"):
            for entity in found.values():
                self._modalities(entity)
        return Entities(e for e in found.values() if matches(e, terms))

    def _answers(self, request: Dataset) -> Iterator[Dataset]:
        for status, answer in self._line.ask(FIND, request):
            if self._line.stopped and not is_pending(status.get("Status", 0)):
                break
            code = answered(status, self._remote, "C-FIND")
            if is_pending(code):
                if answer is not None:
                    yield answer
            elif code:
                raise QueryFailed(
                    f"{self._remote} refused the {request.QueryRetrieveLevel} query:"
                    f" {explain(code, self._comment(status, request))}."
                )
        if self._line.stopped:
            raise Cancelled(f"The {request.QueryRetrieveLevel} query of {self._remote} was cancelled. Ask again.")

    def _comment(self, status: Dataset, request: Dataset) -> str:
        asked = (text(value(request, keyword, "")) for keyword in PATIENT)
        return redact_comment(text(status.get("ErrorComment", "")), asked, self._remote)

    def _modalities(self, study: Entity) -> None:
        """Look into a study whose peer does not tell its modalities."""
        if not study.attributes.get("ModalitiesInStudy"):
            series = self.find("SERIES", study.path)
            study.attributes["ModalitiesInStudy"] = sorted({text(s.Modality) for s in series if s.Modality})

    def expand(self, entity: Entity) -> None:
        """Ask for the children of a study or a series."""
        if entity.level != "IMAGE" and not entity.complete:
            below = LEVELS[LEVELS.index(entity.level) + 1]
            entity.children = self.find(below, entity.path)
            entity.complete = True

    def instances(self, entity: Entity) -> list[Entity]:
        """Return all instances of an entity; what nobody knows yet is asked for, without changing the entity."""
        if entity.level == "IMAGE":
            return [entity]
        below = LEVELS[LEVELS.index(entity.level) + 1]
        children = entity.children if entity.complete else self.find(below, entity.path)
        return [i for child in children for i in self.instances(child)]


@contextmanager
def query(remote: RemoteAE, ours: LocalAE, cancellation: Cancellation) -> Iterator[Query]:
    """Open an association for queries: one context, explicit and implicit little endian, no extended negotiation.

    Raises
    ------
    Cancelled
    NetworkError

    """
    with operation(remote, ours, [build_context(FIND, [EXPLICIT, IMPLICIT])], cancellation) as (line, _):
        yield Query(remote, line)


def search(asked: Asked, **keys: Any) -> Iterator[Entities]:
    """Yield the tree as it grows, level after level: studies, then their series, then the instances."""
    studies = asked.find("STUDY", **keys)
    yield studies
    for study in studies:
        asked.expand(study)
        yield studies
    for study in studies:
        for series in study.children:
            asked.expand(series)
        yield studies


def identifier(level: Level, path: tuple[str, ...], terms: Mapping[str, str]) -> Dataset:
    """Return the identifier of a request: every key of the level, the unique keys above it, the character set."""
    ds = Dataset()
    ds.QueryRetrieveLevel = level
    ds.SpecificCharacterSet = "" if all(t.isascii() for t in terms.values()) else "ISO_IR 192"
    for keyword in KEYS[level]:
        vr = dictionary_VR(keyword)
        asked = "" if vr == "IS" and re.search(r"[*?]", terms.get(keyword, "")) else terms.get(keyword, "")
        sent: Any = [] if vr == "SQ" else asked or (None if vr in ("US", "IS", "DS") else "")
        # not validated: a wildcard is no value of CS, but may be asked for (PS3.4 C.2.2.2.4)
        ds.add(DataElement(keyword, vr, sent, validation_mode=pydicom_config.IGNORE))
    for keyword, uid in zip(UIDS, path, strict=False):
        setattr(ds, keyword, uid)
    return ds


def checked(level: Level, path: tuple[str, ...], keys: Mapping[str, object]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the unique keys above a level, and the keys as they are sent; to be called before anything is sent.

    Raises
    ------
    QueryKeyError

    """
    if level not in LEVELS:
        raise QueryKeyError(f"{level!r} is no level of the study root; {', '.join(LEVELS)} are.")
    rest, above = _unique(level, path, keys)
    return above, {k: term(level, k, v) for k, v in rest.items()}


def term(level: Level, keyword: str, wanted: object) -> str:
    """Return a key's value as it is sent.

    Raises
    ------
    QueryKeyError
        The key does not exist at this level, or cannot be matched by such a value.

    """
    if keyword not in KEYS[level]:
        raise QueryKeyError(f"{keyword} is no key at the {level} level; these are: {', '.join(sorted(KEYS[level]))}.")
    kinds, vr = KEYS[level][keyword], dictionary_VR(keyword)
    words = _range(wanted) if vr in _RANGED else _plain(wanted)
    if not words:
        return ""
    if kinds == {"universal"}:
        raise QueryKeyError(f"{keyword} is returned at the {level} level but cannot be searched by; leave it out.")
    if re.search(r"[*?]", words) and ("wildcard" not in kinds or vr in (*_RANGED, "UI")):
        raise QueryKeyError(
            f"{keyword}={words!r}: wildcards are not defined for this key; give the exact value or a range."
        )
    if vr == "DA" and not _DATE.fullmatch(words):
        raise QueryKeyError(f"{keyword}={words!r} is no date: YYYYMMDD, or a range YYYYMMDD-YYYYMMDD open at one end.")
    if vr == "TM" and not _TIME.fullmatch(words):
        raise QueryKeyError(f"{keyword}={words!r} is no time: HHMMSS, or a range HHMMSS-HHMMSS open at one end.")
    if vr == "IS" and not re.fullmatch(r"[-+0-9*?\\]+", words):
        raise QueryKeyError(f"{keyword}={words!r} is no whole number.")
    if vr == "UI" and not all(_UID.fullmatch(uid) for uid in words.split("\\")):
        raise QueryKeyError(f"{keyword}={words!r} is no UID: digits and dots, at most 64 (PS3.5 9).")
    return words


def _plain(wanted: object) -> str:
    if wanted is None:
        return ""
    if isinstance(wanted, (list, tuple, set, frozenset)):
        return "\\".join(_plain(w) for w in wanted)
    return str(wanted).strip()


def _range(wanted: object) -> str:
    """Return a date, a time, or a range of them in DICOM's form."""
    if isinstance(wanted, tuple) and len(wanted) == 2:
        return "-".join(_range(w) for w in wanted) if any(wanted) else ""
    if isinstance(wanted, (dt.date, dt.datetime)):
        return wanted.strftime("%Y%m%d")
    if isinstance(wanted, dt.time):
        return wanted.strftime("%H%M%S")
    return re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\1\2\3", _plain(wanted)).replace(":", "")


def _unique(
    level: Level, path: tuple[str, ...], keys: Mapping[str, object]
) -> tuple[dict[str, object], tuple[str, ...]]:
    """Move the unique keys of the levels above from the keys into the path; refuse where one is missing."""
    depth = LEVELS.index(level)
    rest = dict(keys)
    above = [text(rest.pop(k, None)) or (path[i] if i < len(path) else "") for i, k in enumerate(UIDS[:depth])]
    if "" in above:
        missing = UIDS[above.index("")]
        raise QueryKeyError(
            f"A query at the {level} level needs {missing}: give under=, the entity above, or {missing}=."
        )
    for uid in above:
        if not _UID.fullmatch(uid):
            raise QueryKeyError(f"{uid!r} is no UID: digits and dots, at most 64 (PS3.5 9).")
    return rest, tuple(above)


def _entity(level: Level, path: tuple[str, ...], answer: Dataset, remote: RemoteAE) -> Entity:
    answer = readable(answer)
    attributes = {k: decoded_attributes(answer, k) for k in (*UIDS[: len(path)], *KEYS[level])}
    attributes |= dict(zip(UIDS, path, strict=False))
    uid = text(attributes.get(UNIQUE_KEYS[level]), 64)
    return Entity(level, (*path, uid), attributes, complete=level == "IMAGE", source=remote)


def decoded_attributes(answer: Dataset, keyword: str) -> Any:
    """Return the value of a key as an entity has it; None where it is absent."""
    found = value(answer, keyword)
    if keyword in _LISTED:
        return [] if found is None else [str(x) for x in found] if isinstance(found, MultiValue) else [str(found)]
    return list(found) if isinstance(found, MultiValue) else found


def _without(answer: Dataset, terms: Mapping[str, str]) -> bool:
    """Whether a range was asked for, and the answer says that there is no value: some peers take that for a match."""
    ranges = [k for k, wanted in terms.items() if wanted and dictionary_VR(k) in _RANGED]
    return any(k in answer and value(answer, k) is None for k in ranges)


def matches(entity: Entity, terms: Mapping[str, str]) -> bool:
    """Whether an entity fits the terms of a query: a key that its source left out is believed to."""
    return all(
        any(_fits(keyword, wanted, has) for has in _held(entity, keyword))
        for keyword, wanted in terms.items()
        if wanted and _held(entity, keyword)
    )


def _held(entity: Entity, keyword: str) -> list[str]:
    found = entity.attributes.get(keyword)
    if isinstance(found, PersonName):
        return [str(g) for g in (found, found.alphabetic, found.ideographic, found.phonetic) if str(g)]
    if keyword in _LISTED:
        return found or [""]
    return [str(found)] if found is not None else []


def _fits(keyword: str, wanted: str, has: str) -> bool:
    """Match as PS3.4 C.2.2.2 does: single value, wildcard, range, list; names and text without regard to case."""
    vr = dictionary_VR(keyword)
    if vr in _RANGED:
        low, dash, high = wanted.partition("-")
        has = has.replace(":", "")
        return low <= has and (not high or has[: len(high)] <= high) if dash else has.startswith(wanted)
    if vr == "PN":
        wanted, has = wanted.casefold().rstrip("^ "), has.casefold().rstrip("^ ")
    pattern = wanted if vr == "PN" else wanted.casefold()
    has = has if vr == "PN" else has.casefold()
    return any(fnmatch.fnmatchcase(has.strip(), p.strip().replace("[", "[[]")) for p in pattern.split("\\"))
