"""An expectation: what one outstanding C-MOVE may bring, and who may send it."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.order import Order


MOST_ADVICE: Final = 20
"""Sentences of the listener in the error of one retrieval."""


class Expectation:
    """What one outstanding C-MOVE may bring, and from whom: the mover, or one of its `store_from`.

    An instance belongs to every C-MOVE that covers its study, series or SOP Instance UID and was sent to its peer. The
    Move Originator AE Title (0000,1030) is not looked at, as some peers leave it out.
    """

    def __init__(self, order: Order[Peer]) -> None:
        self.ledger = order.ledger
        self.connections = 0
        """Associations that these peers have had with us."""
        self._invented = order.source.invented
        self._paths = {e.path for e in order.entities}
        peers = ((order.source.ae_title, order.source.host), *order.source.store_from)
        self._peers = [(title, _addresses(host)) for title, host in peers]
        self._asked = str(order.source)

    def __str__(self) -> str:
        return self._asked

    def allows(self, calling: str, address: str) -> bool:
        """Whether an AE may send: its calling AE title and its address have to belong to one allowed peer."""
        where = ipaddress.ip_address(address.partition("%")[0])
        where = getattr(where, "ipv4_mapped", None) or where
        return any(title == calling and any(where in n for n in networks) for title, networks in self._peers)

    def covers(self, path: tuple[str, str, str]) -> bool:
        """Whether an instance was asked for, by itself or by its series or study."""
        return any(path[:depth] in self._paths for depth in (1, 2, 3))

    def advise(self, sentence: str) -> None:
        """Have the ledger say something where instances did not come, once."""
        with self.ledger.changed:
            if sentence not in self.ledger.advice and len(self.ledger.advice) < MOST_ADVICE:
                self.ledger.advice.append(sentence)

    def miss(self, uid: str, status: int) -> None:
        """Record that an instance cannot be taken, unless it is known to belong to another C-MOVE."""
        if self.ledger.wanted is None or uid in self.ledger.wanted:
            self.ledger.turn_away(uid, status)

    def take(self, uid: str, blob: Blob) -> int:
        """Hand an instance to the ledger; return its C-STORE status."""
        return self.ledger.take(uid, replace(blob, invented=self._invented))


def _addresses(host: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """Return the networks that a host stands for: itself, or its addresses where it is a name."""
    with suppress(ValueError):
        return [ipaddress.ip_network(host, strict=False)]
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return []  # nobody can be recognized by this name
    return [ipaddress.ip_network(address.partition("%")[0]) for address in sorted(found)]
