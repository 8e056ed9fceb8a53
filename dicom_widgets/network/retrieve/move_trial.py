"""The connection doctor's C-MOVE: one instance that a peer sends to our listener, or at which point that failed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.conformance import MOVE
from dicom_widgets.dicom.statuses import explain, is_failure
from dicom_widgets.network.association.addresses import is_here, is_loopback, is_wildcard
from dicom_widgets.network.association.association import answered, associate, service_context
from dicom_widgets.network.association.operation import Operation
from dicom_widgets.network.retrieve.identifiers import identifier

if TYPE_CHECKING:
    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.order import Receiver
    from dicom_widgets.sources.way import Outcome, Trial

ARRIVAL: Final = 3.0
"""Seconds in which the instance has to be here once the peer says that it has sent it."""


@dataclass(frozen=True)
class _MoveTrial:
    """A C-MOVE of one instance."""

    given: Trial[Peer]
    listener: Receiver

    def outcome(self) -> Outcome:
        order, ledger, before = self.given.order, self.given.order.ledger, dict(self.listener.refusals)
        remote = order.source
        with self.listener.expecting(order) as arrivals:
            code = self._ask()
        if ledger.received:
            return True, f"{remote} sent one instance to our listener: {self.address}.", ""
        refusals = [why for why, count in self.listener.refusals.items() if count > before.get(why, 0)]
        words, fix = self._why(code, [*dict.fromkeys([*refusals, *ledger.failed.values()])], arrivals.connections > 0)
        return False, words, fix

    def _ask(self) -> int:
        """Send the C-MOVE; return the status that it ended with, once the instance is here or time is up."""
        order, operation, code = self.given.order, Operation(), 0
        with (
            order.cancellation.doing(operation.stop),
            associate(order.source, order.ours, [service_context(MOVE)], handlers=operation.handlers),
        ):
            for status, _ in operation.ask(MOVE, identifier(order.entities[0]), order.ours.ae_title):
                code = answered(status, order.source, "C-MOVE")
            self._arrive(0 if is_failure(code) else ARRIVAL)
        return code

    def _arrive(self, seconds: float) -> None:
        """Wait until the instance is here or was refused: some peers report success first and send afterwards."""
        ledger, deadline = self.given.order.ledger, time.monotonic() + seconds
        with ledger.changed:
            while not (ledger.received or ledger.failed or self.given.order.cancellation.requested):
                if time.monotonic() >= deadline:
                    return
                ledger.changed.wait(0.1)

    def _why(self, code: int, refusals: list[str], connected: bool) -> tuple[str, str]:
        """Say why nothing came, and what to do."""
        remote, title, status = self.given.order.source, self.given.order.ours.ae_title, f"(status 0x{code:04X})"
        if refusals:
            words = f"{remote} did connect to our listener, which refused: {'; '.join(refusals)}."
            return words, f"The peer's entry for us should be: {self.address}.{self.snippets}"
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
        words = f"Enter there as a destination: {self.address}.{self.snippets}"
        if self._host != self.given.order.ours.host and is_loopback(self.given.order.ours.host):
            words += " And open our listener to the network: Session(listen_host='0.0.0.0')."
        return words

    @property
    def address(self) -> str:
        """Our AE title, host and port, as the peer has to know them."""
        return f"AE title {self.given.order.ours.ae_title}, host {self._host}, port {self.listener.port}"

    @property
    def _host(self) -> str:
        """The host that the peer has to send to: what it sees of us, unless the listener has a better one."""
        host, here = self.given.order.ours.host, is_here(self.given.order.source.host)
        elsewhere = is_wildcard(host) or (is_loopback(host) and not here)
        return self.given.address if elsewhere and self.given.address else host

    @property
    def snippets(self) -> str:
        """The same in the peer's own words, where its make is known."""
        title, host, port, make = (
            self.given.order.ours.ae_title,
            self._host,
            self.listener.port,
            self.given.version.upper(),
        )
        words = ""
        if make.startswith(("OFFIS_DCMTK", "ORTHANC")):
            words += f' In Orthanc: "DicomModalities": {{"{title}": ["{title}", "{host}", {port}]}}.'
        if make.startswith("OFFIS_DCMTK"):  # Orthanc is made with DCMTK, and may call itself so
            words += f" In the HostTable of dcmqrscp: {title.lower()} = ({title}, {host}, {port})."
        if make.startswith("DICOM_WIDGETS"):
            words += f' At a practice PACS: pacs.destinations["{title}"] = ("{host}", {port}).'
        return words


def try_move(trial: Trial[Peer]) -> Outcome:
    """Let a peer send one instance to our listener; return whether it came, what was seen, and what to do.

    Raises
    ------
    NetworkError, ListenerFailed

    """
    return _MoveTrial(trial, trial.order.listen()).outcome()
