"""Privacy: which attributes say who the patient is, and what is written in their place (design decision 12).

There are two kinds of output: *static* ones, which a saved notebook keeps, and *live* widgets. `options.phi` says where
names, IDs and dates appear; a widget's own `mask=True` hides them in it whatever the option says.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from dicom_widgets.config import options

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK: Final = "•••"
HOW_TO_SHOW: Final = (
    f"{MASK}: names, IDs and dates, which a saved notebook would keep; dw.options.phi = 'show' shows them"
)
"""The line below a masked table."""

PATIENT: Final = frozenset(
    "PatientName PatientID PatientBirthDate PatientBirthTime PatientSex IssuerOfPatientID StudyDate StudyTime"
    " SeriesDate ContentDate ContentTime AccessionNumber StudyID ReferringPhysicianName InstitutionName"
    " PerformedProcedureStepStartDate PerformedProcedureStepStartTime".split()
)
"""Keywords of attributes that are masked in static outputs."""

_IDS: Final = frozenset(
    "AdmissionID FillerOrderNumberImagingServiceRequest InstitutionAddress"
    " InstitutionalDepartmentName PerformedProcedureStepID PlacerOrderNumberImagingServiceRequest"
    " RequestedProcedureID ScheduledProcedureStepID StationName DeviceSerialNumber CurrentPatientLocation"
    " PatientInstitutionResidence PersonAddress PersonTelephoneNumbers".split()
)
_WHO_OR_WHEN: Final = frozenset("PN DA DT TM".split())
_FREE: Final = frozenset("ST LT UT".split())
"""VRs of free text, which may contain anything."""
_WORDS: Final = frozenset("LO SH ST LT UC UT UN OB".split())
"""VRs in which a private element may contain anything."""
_ROOT: Final = r"(?:[A-Za-z]:\\|~?/)"
_PATH: Final = re.compile(
    rf"(?<='){_ROOT}[^']*(?=')|(?<=\"){_ROOT}[^\"]*(?=\")|(?<![^\s(]){_ROOT}[^:;,]*?(?=[:;,)]|\.?(?:\s|$)(?!\S*[/\\]))"
)
"""An absolute path in a sentence, in quotes or without; it may contain blanks."""


def masked(words: str, source: object = None) -> str:
    """Return a text for a static output: the mask, unless the text may be shown.

    It may where `options.phi` is "show", or where the patient is fictitious and `options.phi` is not "mask".
    """
    return words if not words or _shown(source) else MASK


def _shown(source: object) -> bool:
    return options.phi == "show" or (options.phi == "live" and bool(getattr(source, "invented", False)))


def redact_comment(comment: str, secrets: Iterable[str], source: object = None) -> str:
    """Return a peer's comment for an error message or a ledger, without the names and IDs that the query contained."""
    return comment if _shown(source) else redact(comment, secrets)


def identifies(keyword: str, vr: str = "", group: int = 0, *, private: bool = False) -> bool:
    """Whether an element says who the patient or another person is, or when something was done.

    All of group 0010, names, dates and times of any element, IDs, free text (ST, LT, UT), and texts of private
    elements; UIDs and descriptions of what was done do not.
    """
    return (
        keyword in PATIENT
        or keyword in _IDS
        or vr in _WHO_OR_WHEN
        or vr in _FREE
        or (group == 0x0010 and vr != "SQ")
        or (private and vr in _WORDS)
    )


def redact(sentence: str, secrets: Iterable[str] = ()) -> str:
    """Return a sentence in which absolute paths and secrets are masked; of a name, each of its parts."""
    split = ((s, *re.split(r"[\^=,\s]+", s)) if "^" in s or "," in s else (s,) for s in secrets)
    parts = {p for several in split for p in several if len(p) > 2}
    for part in sorted(parts, key=len, reverse=True):
        sentence = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", MASK, sentence, flags=re.IGNORECASE)
    return _PATH.sub(MASK, sentence)
