"""The Conformance Statement as data: what is stored, in which syntaxes, and what can be asked for.

Everything that depends on a SOP class (presentation contexts, presenters, the table in the docs, tests) is
made from `STORAGE`; everything that depends on a query key is made from `KEYS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pydicom.uid import UID

Kind = Literal[
    "image",
    "presentation state",
    "blending",
    "segmentation",
    "structure set",
    "dose",
    "plan",
    "registration",
    "structured display",
    "report",
    "key objects",
    "document",
    "waveform",
]
"""How an object is displayed; 45 SOP classes are these thirteen kinds."""

Level = Literal["STUDY", "SERIES", "IMAGE"]
LEVELS: Final[tuple[Level, ...]] = ("STUDY", "SERIES", "IMAGE")


@dataclass(frozen=True)
class StorageClass:
    """One storage SOP class of the Statement."""

    uid: str
    name: str
    kind: Kind
    p_values: bool = False
    """The IOD defines the stored values as P-values (or near enough): without a VOI the full range is shown."""


def _storage(text: str) -> dict[str, StorageClass]:
    """Parse the table below: suffix of the UID, kind (`!` marks P-value output), name."""
    rows = [line.split(None, 1) for line in text.strip().splitlines()]
    classes = []
    for suffix, rest in rows:
        kind, name = (part.strip() for part in rest.split("|"))
        uid = f"1.2.840.10008.5.1.4.1.1.{suffix}"
        classes.append(StorageClass(uid, name, kind.rstrip("!"), kind.endswith("!")))  # type: ignore[arg-type]
    return {c.uid: c for c in classes}


STORAGE: Final[dict[str, StorageClass]] = _storage("""
1          image | Computed Radiography Image Storage
1.1        image! | Digital X-Ray Image Storage - For Presentation
1.2        image! | Digital Mammography X-Ray Image Storage - For Presentation
1.3        image! | Digital Intra-Oral X-Ray Image Storage - For Presentation
104.1      document | Encapsulated PDF Storage
11.1       presentation state | Grayscale Softcopy Presentation State Storage
11.4       blending | Blending Softcopy Presentation State Storage
12.1       image | X-Ray Angiographic Image Storage
12.2       image | X-Ray Radiofluoroscopic Image Storage
128        image | Positron Emission Tomography Image Storage
13.1.3     image! | Breast Tomosynthesis Image Storage
131        structured display | Basic Structured Display Storage
14.1       image! | Intravascular Optical Coherence Tomography Image Storage - For Presentation
2          image | CT Image Storage
2.1        image | Enhanced CT Image Storage
20         image | Nuclear Medicine Image Storage
3          image | Ultrasound Multi-frame Image Storage (Retired)
3.1        image | Ultrasound Multi-frame Image Storage
4          image | MR Image Storage
4.1        image | Enhanced MR Image Storage
481.2      dose | RT Dose Storage
481.3      structure set | RT Structure Set Storage
481.5      plan | RT Plan Storage
6          image | Ultrasound Image Storage (Retired)
6.1        image | Ultrasound Image Storage
6.2        image | Enhanced US Volume Storage
66.1       registration | Spatial Registration Storage
66.4       segmentation | Segmentation Storage
7          image! | Secondary Capture Image Storage
7.4        image! | Multi-frame True Color Secondary Capture Image Storage
77.1.1     image! | VL Endoscopic Image Storage
77.1.4     image! | VL Photographic Image Storage
77.1.5.1   image! | Ophthalmic Photography 8 Bit Image Storage
88.11      report | Basic Text SR Storage
88.22      report | Enhanced SR Storage
88.33      report | Comprehensive SR Storage
88.35      report | Extensible SR Storage
88.50      report | Mammography CAD SR Storage
88.59      key objects | Key Object Selection Document Storage
88.65      report | Chest CAD SR Storage
88.67      report | X-Ray Radiation Dose SR Storage
88.68      report | Radiopharmaceutical Radiation Dose SR Storage
9.1.1      waveform | 12-lead ECG Waveform Storage
9.1.2      waveform | General ECG Waveform Storage
9.3.1      waveform | Cardiac Electrophysiology Waveform Storage
""")
"""SOP Class UID -> class: the 45 of the Statement's overview (its Table 7 leaves out the last one)."""

GRAYSCALE_PRESENTATION_STATE: Final = "1.2.840.10008.5.1.4.1.1.11.1"
VERIFICATION: Final = "1.2.840.10008.1.1"
FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"

IMPLICIT: Final = UID("1.2.840.10008.1.2")
EXPLICIT: Final = UID("1.2.840.10008.1.2.1")
DEFLATED: Final = UID("1.2.840.10008.1.2.1.99")
BIG_ENDIAN: Final = UID("1.2.840.10008.1.2.2")
TRANSFER_SYNTAXES: Final[tuple[UID, ...]] = (
    EXPLICIT,  # before implicit: a peer that takes the first it supports then keeps the VRs
    IMPLICIT,
    *(UID(f"1.2.840.10008.1.2.4.{n}") for n in (50, 51, 57, 70, 80, 90, 91)),
)
"""The nine of the Statement, in our order of preference."""

MAXIMUM_PDU: Final = 16384
"""Bytes that we announce to receive (the Statement: 16 KB)."""

IMPLEMENTATION_CLASS_UID: Final = "2.25.318064317946716063838393412205211390011"
IMPLEMENTATION_VERSION_NAME: Final = "DICOM_WIDGETS_01"

CHARACTER_SETS: Final[dict[str, str]] = {
    "ISO_IR 100": "Latin alphabet No. 1",
    "ISO_IR 101": "Latin alphabet No. 2",
    "ISO_IR 109": "Latin alphabet No. 3",
    "ISO_IR 110": "Latin alphabet No. 4",
    "ISO_IR 144": "Cyrillic",
    "ISO_IR 127": "Arabic",
    "ISO_IR 126": "Greek",
    "ISO_IR 138": "Hebrew",
    "ISO 2022 IR 13": "Japanese",
    "ISO 2022 IR 87": "Japanese",
    "ISO 2022 IR 149": "Korean",
}
"""Table 17: defined term -> what it covers."""

Matching = Literal["single", "wildcard", "range", "universal", "unique"]


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


def storage_name(uid: str) -> str:
    """Name of a storage SOP class, of any class that the Standard knows, or the UID itself."""
    return STORAGE[uid].name if uid in STORAGE else UID(uid).name


def syntax_name(uid: str) -> str:
    """Name of a transfer syntax, or the UID itself."""
    return UID(uid).name
