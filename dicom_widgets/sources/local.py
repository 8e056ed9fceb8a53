"""Our own application entity: its AE title, and where its listener is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dicom_widgets.dicom.conformance import MAXIMUM_PDU, STANDARD_STORAGE

if TYPE_CHECKING:
    import ssl


@dataclass(frozen=True)
class LocalAE:
    """Our application entity: our side of every association, and the address of the listener of C-MOVE."""

    ae_title: str
    host: str = "127.0.0.1"
    """Address that the listener is bound to; only this machine reaches the default."""
    port: int = 11112
    """Port of the listener."""
    max_associations: int = 10
    """Associations that the listener has open at the same time."""
    max_pdu: int = MAXIMUM_PDU
    """Maximum PDU length that we announce, in bytes; 0 means none."""
    tls: ssl.SSLContext | None = None
    """Secures the listener: a server-side context; None means no TLS."""
    classes: tuple[str, ...] = STANDARD_STORAGE
    """UIDs of the storage SOP classes that the listener takes."""

    def __str__(self) -> str:
        return f"{self.ae_title} at {self.host}:{self.port}"
