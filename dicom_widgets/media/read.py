"""Retrieval from media: the files that are wanted are mapped, or unpacked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom, NotFound, StoreFull
from dicom_widgets.sources.catalog import Queryable
from dicom_widgets.sources.ledger import FULL
from dicom_widgets.sources.way import Way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress


class Readable(Queryable, Protocol):
    """A source whose instances can be opened one by one."""

    def open(self, entity: Entity, limit: int) -> Blob:
        """Return the object of an instance, of at most `limit` bytes where it has to be unpacked.

        Raises
        ------
        NotDicom, NotFound, StoreFull, OSError

        """


def read_media(order: Order[Readable]) -> Iterator[Progress]:
    """Retrieve from a medium, one instance after the other."""
    ledger, medium = order.ledger, order.source
    yield ledger.progress("Looking for what is inside")
    with medium.catalog(order.ours, order.cancellation) as catalog:
        ledger.wanted = {i.uid: i for e in order.entities for i in catalog.instances(e)}
    ledger.expected = len(ledger.wanted)
    for uid, entity in ledger.wanted.items():
        if order.cancellation.requested:
            return
        try:
            ledger.take(uid, medium.open(entity, ledger.sink.room()))
        except StoreFull:
            ledger.refuse(uid, FULL)
        except (NotDicom, NotFound, OSError) as error:
            ledger.refuse(uid, text(error, 400).rstrip("."))
        yield ledger.progress()


READ: Final[Way[Readable]] = Way("Read", read_media)
