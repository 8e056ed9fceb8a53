"""An order: what is to be retrieved, from where, and where it goes. Every way of retrieval works on one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from dicom_widgets.errors import NetworkError
from dicom_widgets.sources.catalog import Queryable
from dicom_widgets.sources.ledger import FULL, NOT_SENT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.ledger import Ledger
    from dicom_widgets.sources.local import LocalAE

S = TypeVar("S", bound=Queryable)


class Arrivals(Protocol):
    """What a receiver sees of the peers that may send what an order asks for."""

    @property
    def connections(self) -> int:
        """Associations that they had with us."""


class Receiver(Protocol):
    """Takes instances that a peer sends over associations of its own: the listener of C-MOVE."""

    @property
    def port(self) -> int:
        """The port that it listens at."""

    @property
    def refusals(self) -> Mapping[str, int]:
        """What was refused: a sentence -> how often."""

    def expecting(self, order: Order[Any]) -> AbstractContextManager[Arrivals]:
        """Take what an order asks for, within this block."""


@dataclass(frozen=True)
class Order(Generic[S]):
    """One retrieval, as every way of retrieval is given it."""

    source: S
    """Where the instances are."""
    ours: LocalAE
    entities: Sequence[Entity]
    """The studies, series and instances that are wanted."""
    ledger: Ledger
    """Where everything that comes, or does not, is handed over and written down."""
    cancellation: Cancellation
    listen: Callable[[], Receiver]
    """Returns the listener of a C-MOVE, started when it is first asked for."""

    def instances(self) -> list[Entity]:
        """Return all instances by name; the source is queried where they are not known yet.

        Raises
        ------
        NetworkError

        """
        if self.ledger.wanted is None:
            with self.source.catalog(self.ours, self.cancellation) as catalog:
                self.ledger.name([i for e in self.entities for i in catalog.instances(e)])
        return list((self.ledger.wanted or {}).values())

    def missing(self, *, unsent: bool) -> list[Entity]:
        """Return the instances that did not come, without those that were not taken here.

        Parameters
        ----------
        unsent : bool
            Whether to include those that the peer said it cannot send.

        """
        ledger = self.ledger
        if self.cancellation.requested or FULL in ledger.failed.values():
            return []
        if not (ledger.left_out or (unsent and (ledger.refused or NOT_SENT in ledger.failed.values()))):
            return []
        try:
            wanted = self.instances()
        except NetworkError as error:
            ledger.warn(f"What is missing cannot be named: {error}")
            return []
        failed = {u for u, why in ledger.failed.items() if not (unsent and why == NOT_SENT)}
        return [e for e in wanted if e.uid not in ledger.received and e.uid not in failed]
