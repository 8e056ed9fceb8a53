"""The keys of an entity: how their values are read from a data set, and whether they match the terms of a query."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any, Final

from pydicom.datadict import dictionary_VR
from pydicom.multival import MultiValue
from pydicom.valuerep import PersonName

from dicom_widgets.dicom.values import value
from dicom_widgets.sources.terms import RANGED, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.entities import Entity

_LISTED: Final = frozenset({"ModalitiesInStudy", "SOPClassesInStudy"})
"""Keys that are a list, also of one value or none."""


def key_value(answer: Dataset, keyword: str) -> Any:
    """Return the value of a key in the form in which `Entity.attributes` has it; None where the data set lacks it."""
    found = value(answer, keyword)
    if keyword in _LISTED:
        return [] if found is None else [str(x) for x in found] if isinstance(found, MultiValue) else [str(found)]
    return list(found) if isinstance(found, MultiValue) else found


def matches(entity: Entity, terms: Mapping[str, str]) -> bool:
    """Whether an entity matches the terms of a query.

    A key without a value in the entity counts as a match: the source left it out of its answer, and may have used it.
    """
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
    if vr in RANGED:
        low, dash, high = wanted.partition("-")
        has = has.replace(":", "")
        return low <= has and (not high or has[: len(high)] <= high) if dash else has.startswith(wanted)
    if vr == "PN":
        wanted, has = wanted.casefold().rstrip("^ "), has.casefold().rstrip("^ ")
    if vr == "IS":
        has = whole(has) or has
    pattern = wanted if vr == "PN" else wanted.casefold()
    has = has if vr == "PN" else has.casefold()
    return any(fnmatch.fnmatchcase(has.strip(), p.strip().replace("[", "[[]")) for p in pattern.split("\\"))
