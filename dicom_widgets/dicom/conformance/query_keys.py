"""Query keys: which attributes a C-FIND may ask for at each level, and how each is matched (PS3.4 C.2.2.2)."""

from __future__ import annotations

from typing import Final, Literal

from pydicom.datadict import dictionary_VR

Level = Literal["STUDY", "SERIES", "IMAGE"]

LEVELS: Final[tuple[Level, ...]] = ("STUDY", "SERIES", "IMAGE")

Matching = Literal["single", "wildcard", "range", "universal", "unique", "list"]


def _keys(text: str) -> dict[str, frozenset[Matching]]:
    """Parse `Keyword S*UR` rows: S single value, * wildcard, U universal, R range, K unique key."""
    letters: dict[str, Matching] = {"S": "single", "*": "wildcard", "U": "universal", "R": "range", "K": "unique"}
    rows = (line.split() for line in text.strip().splitlines())
    return {keyword: frozenset(letters[c] for c in code) for keyword, code in rows}


KEYS: Final[dict[Level, dict[str, frozenset[Matching]]]] = {
    "STUDY": _keys("""
        StudyDate                      S*UR
        StudyTime                      S*UR
        AccessionNumber                S*U
        PatientName                    S*U
        PatientID                      S*U
        StudyID                        S*U
        StudyInstanceUID               K
        ModalitiesInStudy              S*U
        SOPClassesInStudy              U
        NumberOfStudyRelatedSeries     U
        NumberOfStudyRelatedInstances  U
        ReferringPhysicianName         S*U
        StudyDescription               S*U
        ProcedureCodeSequence          U
        ReferencedStudySequence        U
        ReferencedPatientSequence      U
        IssuerOfPatientID              S*U
        PatientBirthDate               S*UR
        PatientBirthTime               S*UR
        PatientSex                     S*U
    """),
    "SERIES": _keys("""
        Modality                         S*U
        SeriesDescription                S*U
        SeriesInstanceUID                K
        SeriesNumber                     S*U
        NumberOfSeriesRelatedInstances   U
        PerformedProcedureStepStartDate  U
        PerformedProcedureStepStartTime  U
        SeriesDate                       S*UR
        RequestAttributesSequence        U
        ReferencedRequestSequence        U
    """),
    "IMAGE": _keys("""
        SOPInstanceUID             S*UK
        SOPClassUID                S*U
        InstanceAvailability       S*U
        InstanceNumber             S*U
        Rows                       U
        Columns                    U
        BitsAllocated              U
        NumberOfFrames             U
        ContentDate                S*UR
        ContentTime                S*UR
        ReferencedRequestSequence  U
        ContentTemplateSequence    U
        ConceptNameCodeSequence    U
    """),
}
"""Level -> keyword -> kinds of matching: the Statement's Tables 4, 5 and 6 (and the number of series)."""

UNIQUE_KEYS: Final[dict[Level, str]] = {
    "STUDY": "StudyInstanceUID",
    "SERIES": "SeriesInstanceUID",
    "IMAGE": "SOPInstanceUID",
}

_NEVER_WILD: Final = frozenset({"DA", "TM", "DT", "UI"})
"""Value representations of keys in which the Standard defines no wildcards (PS3.4 C.2.2.2.4)."""


def request_keys(level: Level) -> dict[str, frozenset[Matching]]:
    """Return every key of a C-FIND request at a level, with the kinds of matching that we use.

    The unique keys of the levels above come first; there are no wildcards in dates, times and UIDs, but lists of
    UIDs (PS3.4 C.2.2.2.2).
    """
    above = LEVELS[: LEVELS.index(level)]
    keys: dict[str, frozenset[Matching]] = {UNIQUE_KEYS[one]: frozenset({"unique"}) for one in above}
    for keyword, kinds in KEYS[level].items():
        vr = dictionary_VR(keyword)
        used = kinds - {"wildcard"} if vr in _NEVER_WILD else kinds
        keys[keyword] = used | {"list"} if vr == "UI" and used != {"universal"} else used
    return keys
