"""Where our tables differ from those of the Conformance Statement, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dicom_widgets.dicom.conformance.character_sets import FURTHER_CHARACTER_SETS
from dicom_widgets.dicom.conformance.services import (
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    MEDIA_SYNTAXES,
    SECURITY,
    VERIFICATION,
    WADO_URI,
)
from dicom_widgets.dicom.conformance.transfer_syntaxes import (
    BIG_ENDIAN,
    EXPLICIT,
    FURTHER_SYNTAXES,
    IMPLICIT,
    TRANSFER_SYNTAXES,
)


@dataclass(frozen=True)
class Deviation:
    """A difference between a table of ours and the Statement's, cell by cell."""

    tables: tuple[str, ...]
    rows: tuple[str, ...]
    printed: str
    """In the Statement; a dash where it has no such row."""
    ours: str
    why: str


def _deviation(tables: str, rows: str, printed: str, ours: str, why: str) -> Deviation:
    return Deviation(tuple(tables.split(" | ")), tuple(rows.split(" | ")), printed, ours, why)


_SYNTAX_TABLES: Final = "Overview, transfer syntaxes | Table 9 | Table 12, storage"

_FIRST: Final = (
    "Our order is one of preference: where both are possible, explicit VR keeps what the sender says of VRs."
)

_RECEIVED: Final = "What a peer stores so and cannot convert can be received, too."

_WILD: Final = "No wildcard is sent for a date, a time or a UID: the Standard defines none (PS3.4 C.2.2.2.4)."

_LISTS: Final = "A list of UIDs may be asked for (PS3.4 C.2.2.2.2)."

_ROLE: Final = "Instances come to us, so we are the SCP of the storage classes."

_OWN: Final = "Another implementation than the Statement's."

DEVIATIONS: Final[tuple[Deviation, ...]] = (
    _deviation(
        "Overview, services",
        f"{VERIFICATION} SCU | {VERIFICATION} SCP",
        "-",
        "yes",
        "A connection can be verified from both sides.",
    ),
    _deviation(
        "Table 7",
        "1.2.840.10008.5.1.4.1.1.9.3.1",
        "-",
        "yes",
        "The overview has this class, so the table only lacks it.",
    ),
    _deviation("Table 7 | Table 9 | Table 12, storage", "role", "SCU", "SCP", _ROLE),
    _deviation(
        "Table 12, storage",
        "extended negotiation",
        "None",
        "SCP/SCU role selection",
        "Without it a peer may not send over the association that asks (PS3.4 C.5.3).",
    ),
    _deviation(_SYNTAX_TABLES, EXPLICIT, "2", "1", _FIRST),
    _deviation(_SYNTAX_TABLES, IMPLICIT, "1", "2", _FIRST),
    _deviation(
        "Table 12, service",
        EXPLICIT,
        "-",
        "1",
        "As for C-FIND and C-MOVE: a peer that prefers explicit VR may have it.",
    ),
    _deviation("Table 12, service", IMPLICIT, "1", "2", _FIRST),
    *(
        _deviation("Overview, transfer syntaxes | Table 9", syntax, "-", str(position), _RECEIVED)
        for position, syntax in enumerate(FURTHER_SYNTAXES, len(TRANSFER_SYNTAXES) + 1)
    ),
    _deviation("Tables 2, 8, 11, 14", "Implementation Class UID", "1.2.40.0.13.1.1", IMPLEMENTATION_CLASS_UID, _OWN),
    _deviation("Tables 2, 8, 11, 14", "Implementation Version Name", "dcm4che-2.0", IMPLEMENTATION_VERSION_NAME, _OWN),
    _deviation(
        "Table 11",
        "associations of one retrieval",
        "1",
        "as many as needed",
        "What a peer left out is offered again, in compressed syntaxes only; many classes do not fit into one.",
    ),
    _deviation(
        "Table 4",
        "StudyDate | StudyTime | PatientBirthDate | PatientBirthTime",
        "S,*,U,R",
        "S,U,R",
        _WILD,
    ),
    _deviation("Table 5", "SeriesDate", "S,*,U,R", "S,U,R", _WILD),
    _deviation("Table 6", "ContentDate | ContentTime", "S,*,U,R", "S,U,R", _WILD),
    _deviation("Table 6", "SOPClassUID", "S,*,U", "S,U,L", f"{_WILD} {_LISTS}"),
    _deviation(
        "Table 6",
        "SOPInstanceUID",
        "S,*,U",
        "S,U,L,UNIQUE",
        f"It is the unique key of the level (PS3.4 C.6.2.1). {_WILD} {_LISTS}",
    ),
    _deviation("Table 4", "StudyInstanceUID", "UNIQUE", "L,UNIQUE", _LISTS),
    _deviation("Table 5", "SeriesInstanceUID", "UNIQUE", "L,UNIQUE", _LISTS),
    _deviation(
        "Table 4", "NumberOfStudyRelatedSeries", "-", "U", "It tells how much a study holds before it is looked into."
    ),
    _deviation(
        "Table 5",
        "StudyInstanceUID",
        "-",
        "UNIQUE",
        "The unique key of the level above belongs into each request (PS3.4 C.4.1.2.1).",
    ),
    _deviation(
        "WADO-URI",
        "Size restriction",
        "-",
        WADO_URI["Size restriction"],
        "What does not fit into memory is refused instead of taken.",
    ),
    _deviation("WADO-URI", " | ".join(FURTHER_SYNTAXES), "-", "yes", _RECEIVED),
    _deviation(
        "Media, transfer syntaxes",
        " | ".join(s for s in MEDIA_SYNTAXES if s not in (EXPLICIT, IMPLICIT, BIG_ENDIAN)),
        "-",
        "yes",
        "Compressed files are read as received instances are.",
    ),
    _deviation("Table 17", " | ".join(FURTHER_CHARACTER_SETS), "-", "yes", "Texts in these sets are displayed, too."),
    _deviation(
        "Security",
        " | ".join(SECURITY),
        "-",
        "yes",
        "A secured network is not everywhere; each of them is off unless it is configured.",
    ),
)
"""All differences between our tables and those of the Statement; a test finds each of them, and no other."""
