"""Retrieval from media: what is chosen is mapped, or unpacked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom, NotFound, StoreFull
from dicom_widgets.sources.ledger import FULL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress


def read_media(order: Order) -> Iterator[Progress]:
    """Retrieve from a medium, one instance after the other."""
    book, medium = order.book, order.remote
    source: Any = medium
    yield book.progress("Looking for what is inside")
    with source.asked(order.cancellation) as asked:
        book.wanted = {i.uid: i for e in order.entities for i in asked.instances(e)}
    book.expected = len(book.wanted)
    for uid, entity in book.wanted.items():
        if order.cancellation.wished:
            return
        try:
            book.take(uid, source.open(entity, book.sink.room()))
        except StoreFull:
            book.refuse(uid, FULL)
        except (NotDicom, NotFound, OSError) as error:
            book.refuse(uid, text(error, 400).rstrip("."))
        yield book.progress()
