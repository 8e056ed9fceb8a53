"""What a query found, as rows of the browser's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.dicom.conformance import storage_name
from dicom_widgets.dicom.privacy import PATIENT
from dicom_widgets.dicom.values import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dicom_widgets.dicom.entities import Entities, Entity
    from dicom_widgets.widgets.runtime.kernel_messages import ResultRow


def counts(studies: Entities) -> str:
    """Return in words how many studies there are, and series and instances as far as they are known."""
    series = [s for study in studies for s in study.children]
    images = sum(len(s.children) for s in series)
    words = [f"{len(studies)} {'study' if len(studies) == 1 else 'studies'}"]
    return ", ".join(
        [*words, *([f"{len(series)} series"] if series else []), *([f"{images} instances"] if images else [])]
    )


def walk(entities: Entities) -> list[Entity]:
    """Return entities and all below them, each before what is below it."""
    return [e for one in entities for e in (one, *walk(one.children))]


def find(entities: Entities, path: tuple[str, ...]) -> Entity | None:
    """Return the entity with a path of UIDs."""
    return next((e for e in walk(entities) if e.path == path), None)


def expected_count(entity: Entity) -> int | None:
    """Return how many instances an entity has, as the peer says; None where it does not."""
    keyword = {"STUDY": "NumberOfStudyRelatedInstances", "SERIES": "NumberOfSeriesRelatedInstances"}.get(entity.level)
    try:
        return int(entity.attributes.get(keyword) or 0) or None if keyword else 1
    except (TypeError, ValueError):
        return None


def row(entity: Entity, held: Mapping[tuple[str, ...], int], mask_text: Callable[[str], str]) -> ResultRow:
    """Return one row of the table: bounded words, which the page sets as text."""

    def get(*keywords: str) -> str:
        found = ((k, text(entity.attributes.get(k), 80)) for k in keywords)
        return next((mask_text(w) if k in PATIENT else w for k, w in found if w), "")

    count = expected_count(entity)
    here = held.get(entity.path, 0)
    first = {
        "STUDY": get("PatientName") or "(no name)",
        "SERIES": f"Series {get('SeriesNumber')}",
        "IMAGE": f"Instance {get('InstanceNumber')}",
    }
    described = get("StudyDescription", "SeriesDescription") or (
        storage_name(get("SOPClassUID")) if get("SOPClassUID") else ""
    )
    described += f" ({entity.note})" if entity.note else ""
    size = f"{get('Columns')} × {get('Rows')}" if get("Rows") else ""
    cells = [
        first[entity.level],
        get("PatientID") if entity.level == "STUDY" else "",
        _iso(get("StudyDate", "SeriesDate", "ContentDate")),
        get("ModalitiesInStudy", "Modality"),
        described,
        size if entity.level == "IMAGE" else str(count or ""),
        f"{here} of {count}" if here and count and here < count else "✓" if here else "",
        _iso(get("PatientBirthDate")),
        get("AccessionNumber"),
    ]
    return {"path": "/".join(entity.path), "level": entity.level, "cells": cells}


def _iso(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else date
