"""Transfer syntaxes: in which encodings objects are received and read."""

from __future__ import annotations

from typing import Final

from pydicom.config import IGNORE
from pydicom.uid import UID

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
"""Further syntaxes that the listener accepts, in our order of preference, from peers that cannot convert."""

RECEIVED_SYNTAXES: Final = TRANSFER_SYNTAXES + FURTHER_SYNTAXES
"""All transfer syntaxes that the listener accepts; of those that a peer offers, the first in this order."""


def syntax_name(uid: str) -> str:
    """Return the name of a transfer syntax, or the UID itself."""
    return uid_name(uid)


def uid_name(uid: str) -> str:
    """Return the name of a UID, or the UID itself; it may come from anywhere and be invalid."""
    return UID(uid, validation_mode=IGNORE).name
