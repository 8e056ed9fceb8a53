"""The tree of a medium: studies, series and instances; made here of the headers of files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dicom_widgets.dicom.conformance import KEYS, LEVELS
from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.values import text
from dicom_widgets.sources.terms import UIDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.dicom.instance import Instance


@dataclass
class Node:
    """A study, a series or an instance of a medium."""

    entity: Entity
    name: str | None = None
    """The file of an instance; None where the medium lacks it."""
    known: dict[str, Node] = field(default_factory=dict)
    make: list[Callable[[], dict[str, Node]]] = field(default_factory=list)
    """Functions that make further children when these are first asked for."""

    @property
    def children(self) -> dict[str, Node]:
        """The children by UID."""
        while self.make:
            self.known |= self.make.pop()()
        return self.known


def add(studies: dict[str, Node], instance: Instance, name: str, source: object) -> None:
    """Add an instance to the tree of a medium that is read file by file."""
    nodes = studies
    for depth, level in enumerate(LEVELS, 1):
        path = instance.path[:depth]
        if path[-1] not in nodes:
            attributes = dict(zip(UIDS, path, strict=False)) | {k: instance.value(k) for k in KEYS[level]}
            last, note = level == "IMAGE", instance.blob.note if level == "IMAGE" else ""
            nodes[path[-1]] = Node(Entity(level, path, attributes, complete=last, source=source, note=note))
        node = nodes[path[-1]]
        nodes = node.known
    node.name = name


def count_all(study: Node) -> None:
    """Fill the attributes of a study and its series that count or list what is inside (PS3.4 C.3.4)."""
    series = study.known.values()
    for one in series:
        one.entity.attributes["NumberOfSeriesRelatedInstances"] = len(one.known)
    study.entity.attributes |= {
        "ModalitiesInStudy": sorted({text(s.entity.Modality) for s in series if s.entity.Modality}),
        "SOPClassesInStudy": sorted({text(i.entity.SOPClassUID, 64) for s in series for i in s.known.values()}),
        "NumberOfStudyRelatedSeries": len(study.known),
        "NumberOfStudyRelatedInstances": sum(len(s.known) for s in series),
    }
