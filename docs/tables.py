"""Make docs/CONFORMANCE.md from the tables of the package: `python docs/tables.py`."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

from pydicom.tag import Tag

from dicom_widgets.dicom import conformance
from dicom_widgets.dicom.conformance import LEVELS, SERVICES, Contexts, Level, storage_name, syntax_name
from dicom_widgets.display.present.presenters import presenter
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAGE = Path(__file__).parent / "CONFORMANCE.md"
LETTERS = {"single": "S", "wildcard": "*", "universal": "U", "range": "R", "list": "L", "unique": "UNIQUE"}

HEAD = """
# DICOM Conformance Statement

Made by `docs/tables.py` from `dicom_widgets.dicom.conformance`; do not edit.

What `dicom_widgets` does on the network and with files, for those who connect it with a PACS. It follows PS3.2 in its
order. Requirements came from a conformance statement of a viewer, called *the Statement* here; where a table differs
from it, the last section names the difference and the reason, and a test holds that list complete. PS3.x is the DICOM
Standard.

Two conformance statements that fit together are a first check only: try the connection with the peer in question.
**Not for diagnostic use.**
"""

ENTITIES = (
    (
        "VERIFICATION-SCU",
        "`session.echo`, or the connection doctor",
        "verifies the connection to a remote AE",
    ),
    (
        "FIND-SCU",
        "a query in the browser or by `find`, `tree`, `search`, `expand`; a retrieval that does not know the classes",
        "queries studies, their series, their instances",
    ),
    (
        "GET-SCU",
        "a retrieval by C-GET",
        "retrieves studies, series or instances over the association that asks for them",
    ),
    (
        "MOVE-SCU",
        "a retrieval by C-MOVE",
        "asks a remote AE to send studies, series or instances to STORAGE-SCP",
    ),
    (
        "STORAGE-SCP, VERIFICATION-SCP",
        "the first C-MOVE of a session; ends with the last session that uses the address",
        "receives what a C-MOVE asked for and assigns it to the session that asked; answers C-ECHO",
    ),
    (
        "WADO-URI",
        "a retrieval by WADO-URI",
        "retrieves instances by HTTP",
    ),
    (
        "MEDIA-FSR",
        "`load`, `Media`",
        "reads files, folders, zip files and file-sets with a DICOMDIR",
    ),
)
"""AE, when it starts, what it does."""

MODEL = """
Everything runs in one process, the kernel of a notebook. A *session* holds what it has retrieved or loaded, in memory
only; nothing is written to disk unless `save` is called. Sessions of one kernel never see each other's instances.

{entities}

All of them share one AE title, which the session is given. A session carries out one SCU activity at a time: a second
one is refused until the first has ended. The SCPs work in the background, beside all activities.

A C-MOVE starts the listener before it asks, follows the sub-operations that the remote AE reports, and waits after
the final response until what was promised has come, since some peers report success before they send.
"""

POLICIES = """
What holds for every association, whichever AE takes part.

| | |
|---|---|
| network | TCP/IP, as the operating system has it; a host is a name or an address |
| application context name | 1.2.840.10008.3.1.1.1 |
| maximum PDU size received | {pdu} bytes, configurable; a longer PDU ends the association |
| asynchronous operations | none: one operation at a time, no window is negotiated |
| implementation class UID | {class_uid} |
| implementation version name | {version} |
| common extended negotiation | none |
| user identity negotiation | as requestor, where it is configured; no answer of the peer is asked for |
"""

FIND = """
FIND-SCU opens associations and accepts none. A query is tried once; when it fails it is not repeated. The information
model is the study root. A recursive query asks for the matching studies, then for the series of each and the
instances of each series, all over one association, or level by level as a user opens the tree.

A request carries every key of its level, the unique keys above it with a single value each, the level, and Specific
Character Set: empty where all keys are ASCII, else ISO_IR 192. Queries are hierarchical; relational queries, fuzzy
matching of names and time zone adjustment are not negotiated. Answers are decoded by their own character set, merged
by UID, and matched again here, since some peers ignore some of the keys. Where a peer does not tell the modalities of
a study, its series are asked for. Wildcards in numbers (IS) are sent as universal matching and matched here.
"""

KEY_LETTERS = """
S single value, \\* wildcard, U universal, R range, L list of UIDs, UNIQUE the unique key of a level: universal at
that level or a single value, always a single value below it.
"""

FIND_STATUSES = (
    (
        "FF00, FF01 pending",
        "the answer is taken; both mean the same here",
    ),
    (
        "0000 success",
        "the query has ended",
    ),
    (
        "FE00 cancelled",
        "the query was cancelled by the user (C-CANCEL)",
    ),
    (
        "A700 out of resources, A900 identifier does not match the SOP class, Cxxx unable to process, any other",
        "the query fails with a sentence on the status and the peer's error comment",
    ),
    (
        "no answer within the message time-out, or an abort",
        "the association is aborted, the query fails",
    ),
)
"""Status, what is done."""

GET = """
GET-SCU opens associations and accepts none. Contexts are proposed for the SOP classes that are inside. Where neither
a query nor the program told them, a C-FIND at the study level asks for SOP Classes in Study (0008,0062); where that
stays empty, the series and the instances are asked; where nobody tells, all classes of the Statement are proposed.

A class gets one context for each transfer syntax, so that everything comes as it is stored, as long as all of them
fit into the 128 contexts of an association (14 classes and nine syntaxes do); else one context with all syntaxes, and
what the peer could not send then is asked for over a further association that offers the compressed syntaxes alone.
Classes that do not fit into one association take further ones, one after the other. Requests are made at the level of
what was chosen: study, series, or instances, up to 100 of one series at a time. Instances that a peer left out,
having ended at the first that it could not send, are asked for again one by one. A user's cancellation is a C-CANCEL;
a peer that goes on is hung up on after 3 s.
"""

SUBOPERATIONS = (
    (
        "FF00 pending",
        "the counts of sub-operations are shown as progress",
    ),
    (
        "0000 success",
        'what came is compared with what the query promised; "success" without instances is an error',
    ),
    (
        "FE00 cancelled",
        "what came is kept",
    ),
    (
        "B000 warning",
        "the instances that failed are named in the ledger of the retrieval, with the peer's list where it gives one",
    ),
    (
        "A701, A702 out of resources, A900, Cxxx, 0122, 0124, any other",
        "what came is kept, the ledger holds the status in words; an error where nothing came",
    ),
    (
        "A801 move destination unknown",
        "the error names the AE title, host and port that the peer has to be told",
    ),
    (
        "no message within the message time-out, or an abort",
        "as a failure",
    ),
)
"""Status of C-GET or C-MOVE, what is done."""

MOVE = """
MOVE-SCU opens associations and accepts none. The move destination is our AE title; the remote AE has to know it
together with the host and port of the listener. Levels, cancellation, and what is asked for again are those of
GET-SCU; the contexts of the storage classes are negotiated by the listener, for all of them.
"""

LISTENER = """
STORAGE-SCP and VERIFICATION-SCP are one listener. It accepts associations and opens none. It starts with the first
C-MOVE, is bound to the loopback interface unless told otherwise, and is shared by all sessions of a kernel that use
its host and port; it answers to the AE titles of all of them. It holds up to {associations} associations at a time,
configurable.

Every storage class of the Standard is accepted in every syntax below, also those that the Statement does not list;
`Session(listen_for=)` adds to them or takes away. A context that is refused is named with its class and syntaxes in
`session.listener.refusals`, and in the error of the retrieval that it hurts. Connections that have requested nothing
are no associations; where there are more of them than associations may be, the oldest is ended.

Of what a requestor offers in one context, the first in this order is accepted. The SCP role is the default one; no role
selection is needed. A C-ECHO is answered to everybody, C-MOVE or not: that is how an administrator tries the address.

An instance belongs to the session whose C-MOVE covers its study, series or instance UID, whatever the move
originator's AE title says; to each of them, where several asked for it. Instances are kept as they came, without
coercion (level 2, full); duplicates replace what was there.
"""

WADO = """
One HTTP GET for each instance, several at a time; the answer is an instance in the file format. UIDs come from a
query, or from the program. The request names `requestType=WADO`, `studyUID`, `seriesUID`, `objectUID` and
`contentType=application/dicom`. The syntax is the one of the file meta information of the answer; anything but a
DICOM file fails with the status of the server in words. STOW-RS, QIDO-RS and WADO-RS are not used.
"""

MEDIA = """
MEDIA-FSR reads files, folders with all folders below them, zip files, bytes, and as a File-Set Reader (FSR) file-sets
of the profiles above. It creates and updates no file-set. Of a DICOMDIR, in explicit or implicit little endian or in
big endian, the patient, study and series records and all records that refer to a file are used; a query of the medium
needs nothing else to be read. Offsets that lead nowhere, missing patient records, inactive and unknown records are
tolerated; file references in another case, with an extension or a version number are found; one that leads out of the
medium is refused, one to a file that is not there is listed. A file may lack the preamble and file meta information:
its transfer syntax is then guessed (explicit, implicit little endian, big endian), and pictures of it say so. Any
object is read, of classes outside of the table too; it is then shown as a page of its attributes. `save` writes
files, no file-set; their file meta information has our implementation identification.
"""

CHARACTERS = """
Texts of objects, files and query answers are decoded by their Specific Character Set (0008,0005), with the code
extensions of ISO 2022, all three component groups of names included. Beside the default repertoire these terms are
known. What cannot be decoded is shown with replacement characters. Whether a character has a glyph is the browser's
business. Queries are sent in the default repertoire or in ISO_IR 192.
"""

SECURITY = """
None of this is on unless it is configured; without it, use the package within a secured network.
"""

LISTENER_SECURITY = """
What comes in is bounded: the length of each PDU, the one of the association request included, the time in which a PDU
has to arrive, the time for which an association may idle, the number of associations, and the memory of a session.
The listener accepts instances only while a C-MOVE is under way, from the remote AE that was asked or from those that
its `store_from` names (AE title and address), and only what was asked for. Each refusal is counted, with a sentence
on what would allow it.

Attribute confidentiality: no profile of PS3.15 E is claimed, instances are kept unchanged. What a saved notebook
keeps (tables, representations, pages) shows a mask for names, IDs and dates of patients unless `dw.options.phi =
"show"`. Audit trails and digital signatures (PS3.15 A.5, C) are neither written nor verified.
"""

CONFIGURATION = """
Remote AEs stand in a TOML file, a table `[remotes.NAME]` each, or are made in code; secrets are named by an
environment variable. The rest are arguments of `Session`.
"""

AUTOMATIC = """
The newest Grayscale Softcopy Presentation State that refers to an image is applied by itself; others can be chosen.
Its label and description are shown.
"""

SHOWN = {
    "Page": "page of its attributes",
    "Picture | Page": "picture; where it cannot be painted, a page that says why",
}
"""What a presenter returns -> what the class is shown as."""
APPLIED = {"presentation state": "applied to the images that it refers to; by itself "}
"""Kind -> what else is done with it."""

PARAMETERS: dict[str, tuple[type, str, str]] = {
    "AE title": (Session, "ae_title", "the file's `ae_title`, else DICOM_WIDGETS"),
    "host that the listener is bound to": (Session, "listen_host", ""),
    "port of the listener": (Session, "listen_port", "the file's `listen_port`, else 11112; 0 is any free one"),
    "associations of the listener at the same time": (Session, "max_associations", ""),
    "maximum PDU size received, bytes": (Session, "max_pdu", ""),
    "memory limit, bytes": (Session, "memory_limit", "half of what is available"),
    "TLS of the listener": (Session, "listen_tls", "none"),
    "SOP classes that the listener takes": (Session, "listen_for", "all storage classes of the Standard"),
    "AE title of a remote AE": (RemoteAE, "ae_title", "required"),
    "its host": (RemoteAE, "host", "required"),
    "its port": (RemoteAE, "port", "required"),
    "way of retrieval": (RemoteAE, "way", ""),
    "address of its WADO-URI service": (RemoteAE, "wado_uri", "none"),
    "further AEs that may send for it": (RemoteAE, "store_from", "none"),
    "TLS of associations": (RemoteAE, "tls", "none"),
    "user identity": (RemoteAE, "identity", "none"),
    "credentials for WADO-URI": (RemoteAE, "auth", "none"),
    "TLS of WADO-URI": (RemoteAE, "http_tls", "the system's, where the address is https://"),
    "WADO-URI requests at the same time": (RemoteAE, "http_parallel", ""),
    "time-out of a connection, s": (RemoteAE, "connect_timeout", ""),
    "time-out of an association request or release, s": (RemoteAE, "acse_timeout", ""),
    "time-out of a message, s": (RemoteAE, "dimse_timeout", ""),
    "time-out of pending responses without an instance, s": (RemoteAE, "pending_timeout", ""),
    "time-out of an HTTP answer, s": (RemoteAE, "http_timeout", ""),
}
"""What can be configured -> where, by which name, and its default in words where the value says little."""


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table of Markdown; the head is `a | b`."""
    lines = [f"| {head} |", "|" + "---|" * (head.count("|") + 1)]
    lines += ["| " + " | ".join(cell.replace("*", "\\*") for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def name(uid: str) -> str:
    """Return the name of a class or syntax, without the marks of the dictionary."""
    return storage_name(uid).replace("Information Model - ", "")


def services() -> str:
    """Return what is offered and used."""
    rows = [
        [uid, name(uid), one.contexts[0].role, ae]
        for ae, one in SERVICES.items()
        if ae != "STORAGE-SCP"
        for uid in one.contexts[0].classes
    ]
    rows += [
        ["", f"The {len(conformance.STORAGE)} storage classes below", "SCP", "STORAGE-SCP and GET-SCU"],
        ["", "WADO-URI, Retrieve Imaging Document", "SCU", "WADO-URI"],
    ]
    return table("SOP class UID | service | role | application entity", rows)


def returned(function: Callable[..., object]) -> str:
    """Return the annotation of what a function returns."""
    return str(inspect.signature(function).return_annotation)


def shown() -> str:
    """Return the storage classes, and what is shown of each."""
    role = SERVICES["STORAGE-SCP"].contexts[0].role
    return table(
        "SOP class UID | name | role | kind | shown as",
        [
            [c.uid, c.name, role, c.kind, APPLIED.get(c.kind, "") + SHOWN[returned(presenter(c.kind))]]
            for c in conformance.STORAGE.values()
        ],
    )


def syntaxes() -> str:
    """Return the transfer syntaxes, and where each is used."""
    proposed = SERVICES["GET-SCU"].contexts[1].syntaxes
    return table(
        "UID | name | proposed by GET-SCU | accepted by STORAGE-SCP, read by WADO-URI and MEDIA-FSR",
        [[s, syntax_name(s), "yes" if s in proposed else "-", "yes"] for s in conformance.RECEIVED_SYNTAXES],
    )


def contexts(*proposed: Contexts) -> str:
    """Return a table of presentation contexts."""

    def classes(of: Contexts) -> str:
        return "the storage classes" if len(of.classes) > 1 else f"{name(of.classes[0])} {of.classes[0]}"

    return table(
        "abstract syntax | transfer syntaxes, in order | role | extended negotiation",
        [
            [classes(one), "<br>".join(f"{syntax_name(s)} {s}" for s in one.syntaxes), one.role, one.negotiation]
            for one in proposed
        ],
    )


def association(ae: str) -> str:
    """Return how many associations an AE has."""
    one = SERVICES[ae]
    many = "configurable" if one.simultaneous is None else str(one.simultaneous)
    turn = "as many as needed, one after the other" if one.in_turn is None else str(one.in_turn)
    return f"Associations at the same time, of one session: {many}. Associations of one activity: {turn}."


def keys(level: Level) -> str:
    """Return what a request asks for at a level."""
    return table(
        "key | tag | matching",
        [
            [keyword, str(Tag(keyword)).upper(), ", ".join(LETTERS[m] for m in LETTERS if m in kinds)]
            for keyword, kinds in conformance.request_keys(level).items()
        ],
    )


def statuses() -> str:
    """Return what we answer to a C-STORE."""
    return table(
        "status of C-STORE | given when", [[f"{s:04X}", words] for s, words in conformance.STORE_STATUSES.items()]
    )


def refusals() -> str:
    """Return how the listener rejects associations."""
    return table(
        "result | source | reason | given when",
        [[*(str(n) for n in numbers), words] for numbers, words in conformance.REFUSALS.items()],
    )


def parameters() -> str:
    """Return what can be configured, with the defaults of the code."""
    rows = []
    for what, (owner, parameter, words) in PARAMETERS.items():
        default = inspect.signature(owner).parameters[parameter].default
        rows.append([what, f"`{owner.__name__}({parameter}=)`", words or str(default)])
    return table("parameter | set by | default", rows)


def deviations() -> str:
    """Return where we differ from the Statement."""
    rows = []
    for d in conformance.DEVIATIONS:
        where = [" ".join(name(word) for word in row.split()) if row[:2] == "1." else row for row in d.rows]
        rows.append(["; ".join(d.tables), "; ".join(where), d.printed, d.ours, d.why])
    return table("in the Statement | what | printed there | here | why", rows)


def sections() -> dict[str, list[str]]:
    """Return heading -> blocks of text."""
    one = {ae: service.contexts for ae, service in SERVICES.items()}
    policies = POLICIES.format(
        pdu=conformance.MAXIMUM_PDU,
        class_uid=conformance.IMPLEMENTATION_CLASS_UID,
        version=conformance.IMPLEMENTATION_VERSION_NAME,
    )
    associations = inspect.signature(Session).parameters["max_associations"].default
    profiles = ", ".join(conformance.MEDIA_PROFILES)
    return {
        "## Overview": [],
        "### Network services": [services()],
        "### Storage SOP classes": [shown()],
        "### Transfer syntaxes": ["In the order of preference.", syntaxes()],
        "### Media": [f"Application profiles read as FSR: {profiles}."],
        "## Networking": [],
        "### Implementation model": [
            MODEL.format(entities=table("application entity | starts with | does", ENTITIES)),
        ],
        "### Association policies": [policies],
        "### VERIFICATION-SCU": [
            association("VERIFICATION-SCU"),
            contexts(*one["VERIFICATION-SCU"]),
            "Any status but 0000 is an error.",
        ],
        "### FIND-SCU": [FIND, association("FIND-SCU"), contexts(*one["FIND-SCU"])],
        **{f"#### Keys at the {level} level": [keys(level)] for level in LEVELS},
        "#### Matching": [KEY_LETTERS],
        "#### Statuses of C-FIND": [table("status | behaviour", FIND_STATUSES)],
        "### GET-SCU": [GET, association("GET-SCU"), contexts(*one["GET-SCU"]), statuses()],
        "#### Statuses of C-GET and C-MOVE": [table("status | behaviour", SUBOPERATIONS)],
        "### MOVE-SCU": [MOVE, association("MOVE-SCU"), contexts(*one["MOVE-SCU"])],
        "### STORAGE-SCP and VERIFICATION-SCP": [
            LISTENER.format(associations=associations),
            contexts(*one["STORAGE-SCP"], *one["VERIFICATION-SCP"]),
        ],
        "#### Associations that are rejected": [refusals()],
        "#### Instances": ["The statuses are those of the table under GET-SCU.", AUTOMATIC],
        "### WADO-URI": [WADO, table("parameter | restriction", conformance.WADO_URI.items())],
        "### Configuration": [CONFIGURATION, parameters()],
        "## Media interchange": [MEDIA],
        "## Character sets": [
            CHARACTERS,
            table("term | covers", (conformance.CHARACTER_SETS | conformance.FURTHER_CHARACTER_SETS).items()),
        ],
        "## Security": [SECURITY, table("measure | where and how", conformance.SECURITY.items()), LISTENER_SECURITY],
        "## Deviations from the Statement": [deviations()],
    }


def text() -> str:
    """Return the page."""
    parts = [HEAD]
    for heading, blocks in sections().items():
        parts += [heading, *blocks]
    return "\n\n".join(part.strip() for part in parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
