"""C-FIND in the study root (PS3.4 C.4.1): one level, or the tree down to the instances on one association.

Every key of the conformance statement is asked for, and the character set. Peers ignore some keys as filters, so
answers are filtered again here; where a peer leaves out the modalities of a study, its series are asked for them.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydicom import config as pydicom_config
from pydicom.datadict import dictionary_description, dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pynetdicom import _config as pynetdicom_config

from dicom_widgets.dicom.conformance import FIND, KEYS, LEVELS, UNIQUE_KEYS, Level
from dicom_widgets.dicom.entities import Entities, Entity
from dicom_widgets.dicom.privacy import PATIENT, redact_comment
from dicom_widgets.dicom.readable import quiet, readable
from dicom_widgets.dicom.statuses import explain, is_pending
from dicom_widgets.dicom.values import text, value
from dicom_widgets.errors import Cancelled, QueryFailed
from dicom_widgets.network.association.association import answered, service_context
from dicom_widgets.network.association.operation import operation
from dicom_widgets.sources.matching import key_value, matches
from dicom_widgets.sources.terms import RANGED, UIDS, checked, is_uid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dicom_widgets.network.association.operation import Operation
    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.local import LocalAE

# pynetdicom decodes every value of every answer for its log, whether or not that is read: names of patients would land
# in it, and an answer whose texts cannot be decoded would be lost. This is a setting of the whole process.
pynetdicom_config.LOG_RESPONSE_IDENTIFIERS = False


class Query:
    """C-FIND requests on one association."""

    def __init__(self, remote: Peer, operation: Operation) -> None:
        self._remote = remote
        self._operation = operation

    def find(self, level: Level, path: tuple[str, ...] = (), **keys: Any) -> Entities:
        """Return the entities of one level that match: one for each UID, filtered again here."""
        path, terms = checked(level, path, keys)
        found: dict[str, Entity] = {}
        nameless = 0
        with quiet():  # the answers are read by pydicom as they come
            for answer in self._answers(identifier(level, path, terms)):
                entity = _entity(level, path, answer, self._remote)
                if not entity.uid:
                    nameless += 1
                elif not _without(answer, terms):
                    found.setdefault(entity.uid, entity)
        if level == "STUDY" and terms.get("ModalitiesInStudy"):
            for entity in found.values():
                self._modalities(entity)
        entities = Entities(e for e in found.values() if matches(e, terms))
        if nameless:
            many = "1 answer" if nameless == 1 else f"{nameless} answers"
            what = dictionary_description(UNIQUE_KEYS[level])
            entities.notes = (f"{many} of {self._remote} had no {what}: what that is cannot be shown or asked for.",)
        return entities

    def _answers(self, request: Dataset) -> Iterator[Dataset]:
        for status, answer in self._operation.ask(FIND, request):
            if self._operation.stopped and not is_pending(status.get("Status", 0)):
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
        if self._operation.stopped:
            raise Cancelled(f"The {request.QueryRetrieveLevel} query of {self._remote} was cancelled. Ask again.")

    def _comment(self, status: Dataset, request: Dataset) -> str:
        asked = (text(value(request, keyword, "")) for keyword in PATIENT)
        return redact_comment(text(status.get("ErrorComment", "")), asked, self._remote)

    def _modalities(self, study: Entity) -> None:
        """Ask the series of a study for the modalities that the peer left out of its answer."""
        if not study.attributes.get("ModalitiesInStudy") and is_uid(study.uid):
            series = self.find("SERIES", study.path)
            study.attributes["ModalitiesInStudy"] = sorted({text(s.Modality) for s in series if s.Modality})

    def expand(self, entity: Entity) -> None:
        """Ask for the children of a study or a series; one with a UID that is none keeps its note, and has none."""
        if entity.level != "IMAGE" and not entity.complete and all(map(is_uid, entity.path)):
            below = LEVELS[LEVELS.index(entity.level) + 1]
            entity.children = self.find(below, entity.path)
            entity.note = " ".join(entity.children.notes)
            entity.complete = True

    def instances(self, entity: Entity) -> list[Entity]:
        """Return all instances of an entity; those that are not known yet are asked for; the entity is not changed."""
        if entity.level == "IMAGE":
            return [entity]
        if not all(map(is_uid, entity.path)):
            raise QueryFailed(f"The instances of {entity!r} cannot be queried: {_odd(entity.level, entity.uid)}")
        below = LEVELS[LEVELS.index(entity.level) + 1]
        children = entity.children if entity.complete else self.find(below, entity.path)
        return [i for child in children for i in self.instances(child)]


@contextmanager
def query(remote: Peer, ours: LocalAE, cancellation: Cancellation) -> Iterator[Query]:
    """Open an association for queries: one context, explicit and implicit little endian, no extended negotiation.

    Raises
    ------
    Cancelled
    NetworkError

    """
    with operation(remote, ours, [service_context(FIND)], cancellation) as (running, _):
        yield Query(remote, running)


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


def _entity(level: Level, path: tuple[str, ...], answer: Dataset, remote: Peer) -> Entity:
    answer = readable(answer)
    attributes = {k: key_value(answer, k) for k in (*UIDS[: len(path)], *KEYS[level])}
    attributes |= dict(zip(UIDS, path, strict=False))
    uid = text(attributes.get(UNIQUE_KEYS[level]), 64)
    note = "" if is_uid(uid) else _odd(level, uid)
    return Entity(level, (*path, uid), attributes, complete=level == "IMAGE", source=remote, note=note)


def _odd(level: Level, uid: str) -> str:
    """Say that what a peer gave as a UID is none."""
    what = dictionary_description(UNIQUE_KEYS[level])
    return f"its {what} {uid!r} is no UID, so nothing below it can be asked for."


def _without(answer: Dataset, terms: Mapping[str, str]) -> bool:
    """Whether a range was asked for and the answer has an empty value, which some peers take for a match."""
    ranges = [k for k, wanted in terms.items() if wanted and dictionary_VR(k) in RANGED]
    return any(k in answer and value(answer, k) is None for k in ranges)
