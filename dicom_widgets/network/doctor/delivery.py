"""A delivery: one instance that a C-MOVE lets a peer send to our listener, and at which point that went wrong."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.conformance import MOVE
from dicom_widgets.dicom.statuses import explain, is_failure
from dicom_widgets.network.association.association import answered, associate
from dicom_widgets.network.association.local import is_loopback
from dicom_widgets.network.association.operation import Operation
from dicom_widgets.network.doctor import checks as probe
from dicom_widgets.sources.order import identifier

if TYPE_CHECKING:
    from dicom_widgets.network.retrieve.listener import Listener
    from dicom_widgets.sources.order import Order

ARRIVAL: Final = 3.0
"""Seconds in which the instance has to be here once the peer says that it has sent it."""


@dataclass(frozen=True)
class Delivery:
    """What is tried: an order of one instance."""

    order: Order
    listener: Listener
    address: str
    """Our address, as the peer sees it."""
    version: str
    """The peer's implementation version name."""

    def outcome(self) -> tuple[bool, str, str]:
        """Try it; return whether it came, what was seen, and what to do.

        Raises
        ------
        NetworkError

        """
        remote, book, before = self.order.remote, self.order.book, dict(self.listener.refusals)
        with self.listener.expecting(self.order) as expectation:
            code = self._ask()
        if book.received:
            return True, f"{remote} sent one instance to our listener: {self.line}.", ""
        refusals = [why for why, count in self.listener.refusals.items() if count > before.get(why, 0)]
        words, fix = self._why(code, [*dict.fromkeys([*refusals, *book.failed.values()])], expectation.connections > 0)
        return False, words, fix

    def _ask(self) -> int:
        """Send the C-MOVE; return the status that it ended with, once the instance is here or time is up."""
        order, line, code = self.order, Operation(), 0
        with (
            order.cancellation.doing(line.stop),
            associate(order.remote, order.ours, [probe.service(MOVE)], handlers=line.handlers),
        ):
            for status, _ in line.ask(MOVE, identifier(order.entities[0]), order.ours.ae_title):
                code = answered(status, order.remote, "C-MOVE")
            self._arrive(0 if is_failure(code) else ARRIVAL)
        return code

    def _arrive(self, seconds: float) -> None:
        """Wait until the instance is here or was refused: some peers report success first and send afterwards."""
        book, deadline = self.order.book, time.monotonic() + seconds
        with book.changed:
            while not (book.received or book.failed or self.order.cancellation.wished):
                if time.monotonic() >= deadline:
                    return
                book.changed.wait(0.1)

    def _why(self, code: int, refusals: list[str], connected: bool) -> tuple[str, str]:
        """Say why nothing came, and what to do."""
        remote, title, status = self.order.remote, self.order.ours.ae_title, f"(status 0x{code:04X})"
        if refusals:
            words = f"{remote} did connect to our listener, which refused: {'; '.join(refusals)}."
            return words, f"The peer's entry for us should be: {self.line}.{self.snippets}"
        if connected:
            words = f"{remote} did connect to our listener, but sent nothing: {explain(code)}."
            return words, "Its log says what it could not send; C-GET may do better."
        if code == 0xA801:
            words = f"{remote} does not know the destination {title!r} {status}."
            return words, f"{self.entry} If that is there: some peers say the same where they cannot reach it."
        if not is_failure(code):
            words = f"{remote} says that the C-MOVE went well, but nothing connected to our listener."
            return words, f"It may have sent to another address. {self.entry}"
        if 0xA700 <= code < 0xA800:
            words = f"{remote} knows the destination {title!r}, but nothing connected to our listener {status}."
            return words, f"Host or port may be wrong there, or a firewall in between. {self.entry}"
        words = f"{remote} could not do the C-MOVE, and nothing connected to our listener {status}."
        return words, f"It may not know {title!r}, or know an address for it that it cannot reach. {self.entry}"

    @property
    def entry(self) -> str:
        """What the administrator of the peer has to enter."""
        words = f"Enter there as a destination: {self.line}.{self.snippets}"
        if self._host != self.order.ours.host and is_loopback(self.order.ours.host):
            words += " And open our listener to the network: Session(listen_host='0.0.0.0')."
        return words

    @property
    def line(self) -> str:
        """Our AE title, host and port, as the peer has to know them."""
        return f"AE title {self.order.ours.ae_title}, host {self._host}, port {self.listener.port}"

    @property
    def _host(self) -> str:
        """The host that the peer has to send to: what it sees of us, unless the listener has a better one."""
        host, here = self.order.ours.host, probe.is_here(self.order.remote.host)
        elsewhere = probe.is_wildcard(host) or (is_loopback(host) and not here)
        return self.address if elsewhere and self.address else host

    @property
    def snippets(self) -> str:
        """The same in the peer's own words, where its make is known."""
        title, host, port, make = self.order.ours.ae_title, self._host, self.listener.port, self.version.upper()
        words = ""
        if make.startswith(("OFFIS_DCMTK", "ORTHANC")):
            words += f' In Orthanc: "DicomModalities": {{"{title}": ["{title}", "{host}", {port}]}}.'
        if make.startswith("OFFIS_DCMTK"):  # Orthanc is made with DCMTK, and may call itself so
            words += f" In the HostTable of dcmqrscp: {title.lower()} = ({title}, {host}, {port})."
        if make.startswith("DICOM_WIDGETS"):
            words += f' At a practice PACS: pacs.destinations["{title}"] = ("{host}", {port}).'
        return words
