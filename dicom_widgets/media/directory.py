"""The tree of a medium as its DICOMDIR lists it: records become studies, series and instances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydicom.datadict import tag_for_keyword

from dicom_widgets.dicom.conformance import KEYS, LEVELS, UNIQUE_KEYS, Level
from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom, StoreFull
from dicom_widgets.media.node import Node
from dicom_widgets.sources.matching import key_value
from dicom_widgets.sources.terms import UIDS

if TYPE_CHECKING:
    from dicom_widgets.media.container import Container
    from dicom_widgets.media.dicomdir import Record

_PATIENT: Final = "PatientName PatientID IssuerOfPatientID PatientBirthDate PatientBirthTime PatientSex".split()
_FILE_KEYS: Final = {
    "SOPInstanceUID": "ReferencedSOPInstanceUIDInFile",
    "SOPClassUID": "ReferencedSOPClassUIDInFile",
}


@dataclass(frozen=True)
class Directory:
    """Makes the tree of a DICOMDIR."""

    source: object
    """The medium, which each entity remembers as its source."""
    files: Container
    skipped: dict[str, str]
    """File -> why it is left out; what is found missing is added."""

    def studies(self, top: list[Record]) -> dict[str, Node]:
        """Return the studies by UID, with what their patients have; instances are made when they are asked for."""
        studies: dict[str, Node] = {}
        waiting: list[tuple[Record, dict[str, Any], Node | None]] = [(r, {}, None) for r in reversed(top)]
        while waiting:
            record, patient, study = waiting.pop()
            if record.kind == "SERIES" and study is not None:
                self._add_series(study, record)
                continue
            if record.kind == "PATIENT":
                patient = {**patient, **_attributes(record, "PATIENT")}
            elif record.kind == "STUDY":
                attributes = {**_attributes(record, "STUDY"), **{k: v for k, v in patient.items() if v is not None}}
                study = self._node(studies, (), "STUDY", attributes)
            elif record.file:
                self.skipped["/".join(record.file)] = "The DICOMDIR puts it below no series; load the file itself."
            waiting += [(c, patient, study) for c in reversed(record.children)]
        for study in studies.values():
            study.entity.attributes["NumberOfStudyRelatedSeries"] = len(study.known)
            modalities = {text(s.entity.Modality) for s in study.known.values() if s.entity.Modality}
            study.entity.attributes["ModalitiesInStudy"] = sorted(modalities)
        return studies

    def _add_series(self, study: Node, record: Record) -> None:
        node = self._node(study.known, study.entity.path, "SERIES", _attributes(record, "SERIES"))
        node.make.append(partial(self._instances, node.entity.path, record))
        count = sum(1 for _ in record.files())
        for counted, keyword in ((node, "NumberOfSeriesRelatedInstances"), (study, "NumberOfStudyRelatedInstances")):
            counted.entity.attributes[keyword] = (counted.entity.attributes.get(keyword) or 0) + count

    def _instances(self, path: tuple[str, ...], series: Record) -> dict[str, Node]:
        """Return the instances of a series."""
        nodes: dict[str, Node] = {}
        for record in series.files():
            attributes, name = _attributes(record, "IMAGE"), self.files.resolve(record.file)
            if name is None:
                self.skipped["/".join(record.file)] = "It is not on the medium, although the DICOMDIR says so."
            elif not attributes["SOPInstanceUID"]:
                try:
                    attributes["SOPInstanceUID"] = Instance(self.files.head(name)).uid
                except (NotDicom, StoreFull, OSError) as error:
                    self.skipped[name] = text(error, 400)
                    continue
            self._node(nodes, path, "IMAGE", attributes).name = name
        return nodes

    def _node(self, nodes: dict[str, Node], above: tuple[str, ...], level: Level, attributes: dict[str, Any]) -> Node:
        """Return the node of an entity; a second record of the same one adds to it."""
        uid = text(attributes.get(UNIQUE_KEYS[level]), 64)
        path = (*above, uid)
        attributes |= dict(zip(UIDS, path, strict=False))
        entity = Entity(level, path, attributes, complete=level == "IMAGE", source=self.source)
        return nodes.setdefault(uid, Node(entity))


def _wanted(level: str) -> dict[str, str]:
    """Return which attribute of a record is which key of an entity."""
    if level == "PATIENT":
        return {k: k for k in _PATIENT}
    keys = {k: _FILE_KEYS.get(k, k) for k in KEYS[level]}  # type: ignore[index]
    return keys if level != "STUDY" else {**keys, **{k: k for k in _PATIENT}}


_KEYWORDS: Final = {level: _wanted(level) for level in ("PATIENT", *LEVELS)}
_TAGS: Final = {
    level: frozenset({0x00080005, *(t for k in keys.values() if (t := tag_for_keyword(k)))})
    for level, keys in _KEYWORDS.items()
}


def _attributes(record: Record, level: str) -> dict[str, Any]:
    ds = record.attributes(_TAGS[level])
    return {ours: key_value(ds, theirs) for ours, theirs in _KEYWORDS[level].items()}
