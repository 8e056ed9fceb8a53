"""Instances as a tree of studies, series and instances, with the attributes that a query would give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.dicom.entities import Entities, Entity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicom_widgets.dicom.instance import Instance

_STUDY: Final = (
    "StudyInstanceUID StudyDate StudyTime AccessionNumber PatientName PatientID IssuerOfPatientID PatientBirthDate"
    " PatientSex StudyID StudyDescription ReferringPhysicianName"
).split()
_SERIES: Final = (
    "StudyInstanceUID SeriesInstanceUID Modality SeriesNumber SeriesDescription SeriesDate BodyPartExamined".split()
)
_IMAGE: Final = (
    "StudyInstanceUID SeriesInstanceUID SOPInstanceUID SOPClassUID InstanceNumber Rows Columns BitsAllocated"
    " NumberOfFrames ContentDate ContentTime"
).split()


def tree_of(instances: Iterable[Instance]) -> Entities:
    """Return the studies of instances, with series, with instances, each in the order of arrival."""
    studies: dict[tuple[str, ...], Entity] = {}
    series: dict[tuple[str, ...], Entity] = {}
    for i in instances:
        if i.path[:1] not in studies:
            studies[i.path[:1]] = _entity("STUDY", i, _STUDY)
        if i.path[:2] not in series:
            series[i.path[:2]] = _entity("SERIES", i, _SERIES)
            studies[i.path[:1]].children.append(series[i.path[:2]])
        series[i.path[:2]].children.append(_entity("IMAGE", i, _IMAGE))
    for entity in studies.values():
        _count(entity)
    return Entities(studies.values())


def _entity(level: Any, instance: Instance, keywords: list[str]) -> Entity:
    depth = {"STUDY": 1, "SERIES": 2, "IMAGE": 3}[level]
    values = {k: instance.value(k) for k in keywords}
    note = instance.blob.note if level == "IMAGE" else ""
    return Entity(level, instance.path[:depth], values, complete=True, source=instance.blob, note=note)


def _count(study: Entity) -> None:
    series = study.children
    study.attributes |= {
        "ModalitiesInStudy": sorted({str(s.Modality) for s in series if s.Modality}),
        "SOPClassesInStudy": sorted({str(i.SOPClassUID) for s in series for i in s.children}),
        "NumberOfStudyRelatedSeries": len(series),
        "NumberOfStudyRelatedInstances": sum(len(s.children) for s in series),
    }
    for one in series:
        one.attributes["NumberOfSeriesRelatedInstances"] = len(one.children)
