"""The Conformance Statement as data: what is stored, in which syntaxes, and what can be asked for.

Everything that depends on a SOP class (presentation contexts, presenters, the table in the docs, tests) is
made from `STORAGE`; everything that depends on a query key is made from `KEYS`. Where we differ from the Statement,
`DEVIATIONS` says so and why: `docs/CONFORMANCE.md` is made from these tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
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

RETIRED: Final[dict[str, str]] = {
    "1.2.840.10008.5.1.4.1.1.3": "UltrasoundMultiFrameImageStorageRetired",
    "1.2.840.10008.5.1.4.1.1.6": "UltrasoundImageStorageRetired",
}
"""SOP Class UID -> keyword of those that network libraries no longer know as storage classes."""

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

FURTHER_SYNTAXES: Final[tuple[UID, ...]] = (
    DEFLATED,
    BIG_ENDIAN,
    UID("1.2.840.10008.1.2.5"),  # RLE
    UID("1.2.840.10008.1.2.4.81"),  # JPEG-LS, near-lossless
    *(UID(f"1.2.840.10008.1.2.4.{n}") for n in (201, 202, 203)),  # High-Throughput JPEG 2000
)
"""What the listener accepts beyond the nine, in our order of preference: a peer that cannot convert sends it so."""
RECEIVED_SYNTAXES: Final = TRANSFER_SYNTAXES + FURTHER_SYNTAXES
"""All transfer syntaxes that the listener accepts, the first one that a peer offers."""

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

FURTHER_CHARACTER_SETS: Final[dict[str, str]] = {
    "ISO_IR 192": "Unicode in UTF-8",
    "GB18030": "Chinese",
    "GBK": "Simplified Chinese",
    "ISO_IR 148": "Latin alphabet No. 5",
    "ISO_IR 166": "Thai",
    "ISO_IR 13": "Japanese",
    "ISO 2022 IR 159": "Japanese",
    "ISO 2022 IR 58": "Simplified Chinese",
    "ISO 2022 IR 6": "Default repertoire",
    "ISO 2022 IR 100": "Latin alphabet No. 1",
    "ISO 2022 IR 101": "Latin alphabet No. 2",
    "ISO 2022 IR 109": "Latin alphabet No. 3",
    "ISO 2022 IR 110": "Latin alphabet No. 4",
    "ISO 2022 IR 148": "Latin alphabet No. 5",
    "ISO 2022 IR 144": "Cyrillic",
    "ISO 2022 IR 127": "Arabic",
    "ISO 2022 IR 126": "Greek",
    "ISO 2022 IR 138": "Hebrew",
    "ISO 2022 IR 166": "Thai",
}
"""What is decoded beyond Table 17: further sets, and code extensions of the single-byte ones."""

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


def asked(level: Level) -> dict[str, frozenset[Matching]]:
    """Return every key of a request at a level with the kinds of matching that are really used.

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


Role = Literal["SCU", "SCP"]


@dataclass(frozen=True)
class Contexts:
    """Presentation contexts of one kind: each class in these syntaxes, proposed by an SCU's AE, else accepted."""

    classes: tuple[str, ...]
    syntaxes: tuple[UID, ...]
    """In our order of preference."""
    role: Role
    negotiation: str = "None"
    """Extended negotiation."""


@dataclass(frozen=True)
class Service:
    """One of our application entities on the network."""

    contexts: tuple[Contexts, ...]
    simultaneous: int | None = 1
    """Associations at the same time, of one session; None: configurable."""
    in_turn: int | None = 1
    """Associations of one activity, one after the other; None: as many as it needs."""


_LITTLE: Final = (EXPLICIT, IMPLICIT)
_STORED: Final = tuple(STORAGE)

SERVICES: Final[dict[str, Service]] = {
    "VERIFICATION-SCU": Service((Contexts((VERIFICATION,), _LITTLE, "SCU"),)),
    "FIND-SCU": Service((Contexts((FIND,), _LITTLE, "SCU"),)),
    "GET-SCU": Service(
        (
            Contexts((GET,), _LITTLE, "SCU"),
            Contexts(_STORED, TRANSFER_SYNTAXES, "SCP", "SCP/SCU role selection"),
        ),
        in_turn=None,
    ),
    "MOVE-SCU": Service((Contexts((MOVE,), _LITTLE, "SCU"),)),
    "STORAGE-SCP": Service((Contexts(_STORED, RECEIVED_SYNTAXES, "SCP"),), simultaneous=None),
    "VERIFICATION-SCP": Service((Contexts((VERIFICATION,), _LITTLE, "SCP"),), simultaneous=None),
}
"""What is proposed and accepted on the network; the two SCPs are one listener."""

MEDIA_PROFILES: Final[tuple[str, ...]] = ("STD-GEN-CD", "STD-GEN-DVD-RAM")
"""Media application profiles that we read as a File-Set Reader."""

MEDIA_SYNTAXES: Final = RECEIVED_SYNTAXES
"""Transfer syntaxes of the files that are displayed."""

WADO_URI: Final[dict[str, str]] = {
    "SOP Class restrictions": "-",
    "Size restriction": "the session's memory limit",
    "Anonymization": "-",
}
"""Restrictions of what is retrieved by WADO-URI; its transfer syntaxes are those of `RECEIVED_SYNTAXES`."""

SECURITY: Final[dict[str, str]] = {
    "TLS": "associations that we open: an `ssl.SSLContext` in `tls` of the remote AE; those that the listener accepts:"
    " one for the server's side, with a certificate, in `listen_tls` of the session",
    "User identity negotiation": "associations that we open: a name, or a name and a passcode, in `identity`"
    " of the remote AE (types 1 and 2 of PS3.7 D.3.3.7)",
    "HTTPS": "WADO-URI: an address that begins with https://; user and password, or a token, in `auth`",
}
"""Measure -> where it is used, and how it is switched on."""

STORE_STATUSES: Final[dict[int, str]] = {
    0x0000: "kept, and assigned to the session that asked for it",
    0x0124: "no C-MOVE asked for this instance (listener only)",
    0xA700: "the session's memory limit is reached",
    0xC000: "no DICOM object, or one without the UIDs that identify it",
    0xC001: "it could not be kept; the reason stands in the ledger of the retrieval",
}
"""What we answer to a C-STORE, by C-GET and at the listener (PS3.4 B.2.3)."""

REFUSALS: Final[dict[tuple[int, int, int], str]] = {
    (1, 1, 7): "the called AE title is not ours",
    (1, 1, 3): "the calling AE title or its address is neither the mover's nor in its `store_from`",
    (2, 1, 1): "no C-MOVE is under way",
    (2, 3, 2): "as many associations are open as are allowed at the same time",
}
"""(result, source, reason) with which the listener rejects an association -> when."""


@dataclass(frozen=True)
class Deviation:
    """Where a table of ours differs from the Statement's, cell by cell."""

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


def storage_name(uid: str) -> str:
    """Name of a storage SOP class, of any class that the Standard knows, or the UID itself."""
    return STORAGE[uid].name if uid in STORAGE else _name(uid)


def syntax_name(uid: str) -> str:
    """Name of a transfer syntax, or the UID itself."""
    return _name(uid)


def _name(uid: str) -> str:
    """Name of a UID that may come from anywhere, so that it may be none."""
    return UID(uid, validation_mode=IGNORE).name
