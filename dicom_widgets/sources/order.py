"""An order: what is to be retrieved, from where, and where it goes; every way of retrieval is given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from dicom_widgets.dicom.conformance import UNIQUE_KEYS
from dicom_widgets.errors import NetworkError
from dicom_widgets.network.query import UIDS, query
from dicom_widgets.sources.ledger import FULL, NOT_SENT, distinct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.network.association.local import LocalAE
    from dicom_widgets.network.remote import RemoteAE
    from dicom_widgets.network.retrieve.listener import Listener
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.ledger import Ledger

AT_ONCE = 100
"""Instances of one series that are asked for in one request."""


@dataclass(frozen=True)
class Order:
    """What every way of retrieval is given."""

    remote: RemoteAE
    ours: LocalAE
    entities: Sequence[Entity]
    book: Ledger
    cancellation: Cancellation
    listen: Callable[[], Listener]
    """Returns the listener of a C-MOVE, started when it is first asked for."""

    def requests(self) -> Iterator[Dataset]:
        """Yield the identifiers: instances of one series together, everything else one by one."""
        images: dict[tuple[str, ...], list[str]] = {}
        for entity in distinct(self.entities):
            if entity.level == "IMAGE":
                images.setdefault(entity.path[:2], []).append(entity.uid)
            else:
                yield identifier(entity)
        for path, uids in images.items():
            for i in range(0, len(uids), AT_ONCE):
                ds = _identifier("IMAGE", path)
                setattr(ds, UNIQUE_KEYS["IMAGE"], uids[i : i + AT_ONCE])
                yield ds

    def instances(self) -> list[Entity]:
        """Return all instances, by name; the peer is asked where nobody knows them.

        Raises
        ------
        NetworkError

        """
        if self.book.wanted is None:
            with query(self.remote, self.ours, self.cancellation) as asked:
                self.book.wanted = {i.uid: i for e in self.entities for i in asked.instances(e)}
            self.book.expected = len(self.book.wanted)
        return list(self.book.wanted.values())

    def missing(self, *, unsent: bool) -> list[Entity]:
        """Return the instances that did not come, without those that were not taken here.

        Parameters
        ----------
        unsent : bool
            Whether those are among them which the peer said that it cannot send.

        """
        book = self.book
        if self.cancellation.wished or FULL in book.failed.values():
            return []
        if not (book.left_out or (unsent and (book.refused or NOT_SENT in book.failed.values()))):
            return []
        try:
            wanted = self.instances()
        except NetworkError as error:
            book.warn(f"What is missing cannot be named: {error}")
            return []
        failed = {u for u, why in book.failed.items() if not (unsent and why == NOT_SENT)}
        return [e for e in wanted if e.uid not in book.received and e.uid not in failed]


def identifier(entity: Entity) -> Dataset:
    """Return the identifier that asks for an entity (PS3.4 C.4.2.1.4)."""
    return _identifier(entity.level, entity.path)


def _identifier(level: str, path: Sequence[str]) -> Dataset:
    ds = Dataset()
    ds.QueryRetrieveLevel = level
    for keyword, uid in zip(UIDS, path, strict=False):
        setattr(ds, keyword, uid)
    return ds
