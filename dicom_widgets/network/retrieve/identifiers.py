"""The identifiers of C-GET and C-MOVE: what a request asks for (PS3.4 C.4.2.1.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydicom.dataset import Dataset

from dicom_widgets.dicom.conformance import UNIQUE_KEYS
from dicom_widgets.sources.ledger import distinct
from dicom_widgets.sources.terms import UIDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicom_widgets.dicom.entities import Entity

AT_ONCE: Final = 100
"""Instances of one series that are asked for in one request."""


def identifiers(entities: Sequence[Entity]) -> Iterator[Dataset]:
    """Yield the identifiers that ask for entities: instances of one series together, everything else one by one."""
    images: dict[tuple[str, ...], list[str]] = {}
    for entity in distinct(entities):
        if entity.level == "IMAGE":
            images.setdefault(entity.path[:2], []).append(entity.uid)
        else:
            yield identifier(entity)
    for path, uids in images.items():
        for i in range(0, len(uids), AT_ONCE):
            ds = _identifier("IMAGE", path)
            setattr(ds, UNIQUE_KEYS["IMAGE"], uids[i : i + AT_ONCE])
            yield ds


def identifier(entity: Entity) -> Dataset:
    """Return the identifier that asks for one entity."""
    return _identifier(entity.level, entity.path)


def _identifier(level: str, path: Sequence[str]) -> Dataset:
    ds = Dataset()
    ds.QueryRetrieveLevel = level
    for keyword, uid in zip(UIDS, path, strict=False):
        setattr(ds, keyword, uid)
    return ds
