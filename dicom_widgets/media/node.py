"""The tree of a medium: made of the records of its DICOMDIR, or of the headers of its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pydicom.datadict import tag_for_keyword

from dicom_widgets.dicom.conformance import KEYS, LEVELS, UNIQUE_KEYS, Level
from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom, StoreFull
from dicom_widgets.network.query import UIDS, decoded_attributes

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.media.container import Container
    from dicom_widgets.media.dicomdir import Record
    from dicom_widgets.media.fileset import Media

_PATIENT: Final = "PatientName PatientID IssuerOfPatientID PatientBirthDate PatientBirthTime PatientSex".split()
_FILE_KEYS: Final = {
    "SOPInstanceUID": "ReferencedSOPInstanceUIDInFile",
    "SOPClassUID": "ReferencedSOPClassUIDInFile",
}


@dataclass
class Node:
    """A study, a series or an instance of a medium."""

    entity: Entity
    name: str | None = None
    """The file of an instance; None where the medium lacks it."""
    known: dict[str, Node] = field(default_factory=dict)
    make: list[Callable[[], dict[str, Node]]] = field(default_factory=list)
    """What makes further children, when they are asked for."""

    @property
    def children(self) -> dict[str, Node]:
        """The children by UID."""
        while self.make:
            self.known |= self.make.pop()()
        return self.known


def add(studies: dict[str, Node], instance: Instance, name: str, medium: Media) -> None:
    """Put an instance into the tree of a medium that is read file by file."""
    nodes = studies
    for depth, level in enumerate(LEVELS, 1):
        path = instance.path[:depth]
        if path[-1] not in nodes:
            attributes = dict(zip(UIDS, path, strict=False)) | {k: instance.value(k) for k in KEYS[level]}
            last, note = level == "IMAGE", instance.blob.note if level == "IMAGE" else ""
            nodes[path[-1]] = Node(Entity(level, path, attributes, complete=last, source=medium, note=note))
        node = nodes[path[-1]]
        nodes = node.known
    node.name = name


def studies_of(medium: Media, place: Container, top: list[Record]) -> dict[str, Node]:
    """Return the studies of a DICOMDIR, with what its patients have; instances are made when they are asked for."""
    studies: dict[str, Node] = {}
    waiting: list[tuple[Record, dict[str, Any], Node | None]] = [(r, {}, None) for r in reversed(top)]
    while waiting:
        record, patient, study = waiting.pop()
        if record.kind == "SERIES" and study is not None:
            _series(medium, place, study, record)
            continue
        if record.kind == "PATIENT":
            patient = {**patient, **_attributes(record, "PATIENT")}
        elif record.kind == "STUDY":
            attributes = {**_attributes(record, "STUDY"), **{k: v for k, v in patient.items() if v is not None}}
            study = _node(medium, studies, (), "STUDY", attributes)
        elif record.file:
            medium.skipped["/".join(record.file)] = "The DICOMDIR puts it below no series; load the file itself."
        waiting += [(c, patient, study) for c in reversed(record.children)]
    for study in studies.values():
        study.entity.attributes["NumberOfStudyRelatedSeries"] = len(study.known)
        modalities = {text(s.entity.Modality) for s in study.known.values() if s.entity.Modality}
        study.entity.attributes["ModalitiesInStudy"] = sorted(modalities)
    return studies


def _series(medium: Media, place: Container, study: Node, record: Record) -> None:
    node = _node(medium, study.known, study.entity.path, "SERIES", _attributes(record, "SERIES"))
    node.make.append(partial(_images, medium, place, node.entity.path, record))
    count = sum(1 for _ in record.files())
    for counted, keyword in ((node, "NumberOfSeriesRelatedInstances"), (study, "NumberOfStudyRelatedInstances")):
        counted.entity.attributes[keyword] = (counted.entity.attributes.get(keyword) or 0) + count


def _images(medium: Media, place: Container, path: tuple[str, ...], series: Record) -> dict[str, Node]:
    """Return the instances of a series."""
    nodes: dict[str, Node] = {}
    for record in series.files():
        attributes, name = _attributes(record, "IMAGE"), place.resolve(record.file)
        if name is None:
            medium.skipped["/".join(record.file)] = "It is not on the medium, although the DICOMDIR says so."
        elif not attributes["SOPInstanceUID"]:
            try:
                attributes["SOPInstanceUID"] = Instance(place.head(name)).uid
            except (NotDicom, StoreFull, OSError) as error:
                medium.skipped[name] = text(error, 400)
                continue
        _node(medium, nodes, path, "IMAGE", attributes).name = name
    return nodes


def _node(
    medium: Media, nodes: dict[str, Node], above: tuple[str, ...], level: Level, attributes: dict[str, Any]
) -> Node:
    """Return the node of an entity; a second record of the same one adds to it."""
    uid = text(attributes.get(UNIQUE_KEYS[level]), 64)
    path = (*above, uid)
    attributes |= dict(zip(UIDS, path, strict=False))
    return nodes.setdefault(uid, Node(Entity(level, path, attributes, complete=level == "IMAGE", source=medium)))


def count_all(study: Node) -> None:
    """Count what a study has, as a peer would."""
    series = study.known.values()
    for one in series:
        one.entity.attributes["NumberOfSeriesRelatedInstances"] = len(one.known)
    study.entity.attributes |= {
        "ModalitiesInStudy": sorted({text(s.entity.Modality) for s in series if s.entity.Modality}),
        "SOPClassesInStudy": sorted({text(i.entity.SOPClassUID, 64) for s in series for i in s.known.values()}),
        "NumberOfStudyRelatedSeries": len(study.known),
        "NumberOfStudyRelatedInstances": sum(len(s.known) for s in series),
    }


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
    return {ours: decoded_attributes(ds, theirs) for ours, theirs in _KEYWORDS[level].items()}
