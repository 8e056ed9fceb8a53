"""The Conformance Statement as data: what is stored, in which syntaxes, and what can be asked for.

Everything that depends on a SOP class (presentation contexts, presenters, the table in the docs, tests) is
made from `STORAGE`; everything that depends on a query key is made from `KEYS`. Where we differ from the Statement,
`DEVIATIONS` says so and why: `docs/CONFORMANCE.md` is made from these tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from dicom_widgets.dicom.conformance.storage_classes import STORAGE
from dicom_widgets.dicom.conformance.transfer_syntaxes import EXPLICIT, IMPLICIT, RECEIVED_SYNTAXES, TRANSFER_SYNTAXES

if TYPE_CHECKING:
    from pydicom.uid import UID

VERIFICATION: Final = "1.2.840.10008.1.1"
FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"


MAXIMUM_PDU: Final = 16384
"""Maximum PDU length that we announce, in bytes (the Statement: 16 KB)."""

IMPLEMENTATION_CLASS_UID: Final = "2.25.318064317946716063838393412205211390011"
IMPLEMENTATION_VERSION_NAME: Final = "DICOM_WIDGETS_01"


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
    """An application entity of ours on the network."""

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
"""Restrictions of WADO-URI retrieval; its transfer syntaxes are those of `RECEIVED_SYNTAXES`."""

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
"""Statuses with which we answer a C-STORE, in a C-GET and at the listener (PS3.4 B.2.3) -> when."""

REFUSALS: Final[dict[tuple[int, int, int], str]] = {
    (1, 1, 7): "the called AE title is not ours",
    (1, 1, 3): "the calling AE title or its address is neither the mover's nor in its `store_from`",
    (2, 1, 1): "no C-MOVE is under way",
    (2, 3, 2): "as many associations are open as are allowed at the same time",
}
"""(result, source, reason) with which the listener rejects an association -> when."""
