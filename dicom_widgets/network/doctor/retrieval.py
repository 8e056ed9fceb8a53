"""The doctor's step of a way of retrieval: one instance that is retrieved and thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.conformance import storage_name, syntax_name
from dicom_widgets.errors import ListenerFailed
from dicom_widgets.network.doctor.examination import NotTried
from dicom_widgets.network.peer import Peer
from dicom_widgets.sources.ledger import Ledger
from dicom_widgets.sources.order import Order
from dicom_widgets.sources.way import Trial

if TYPE_CHECKING:
    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.network.doctor.examination import Examination
    from dicom_widgets.sources.way import Outcome, Way

_ROOM: Final = 256 << 20
"""Bytes that the instance which is tried may have."""


class _Discard:
    """A sink that keeps nothing."""

    def __init__(self) -> None:
        self.syntax = ""

    def add(self, blob: Blob, uid: str = "") -> int:  # noqa: ARG002  one is as good as another
        """Take an instance and forget it."""
        self.syntax = syntax_name(blob.transfer_syntax)
        return 0

    def room(self) -> int:
        """Return the bytes that an instance may have."""
        return _ROOM


def retrieval(examination: Examination, way: Way[Peer]) -> Outcome:
    """Retrieve one instance as a user would, and throw it away."""
    offers = examination.need(way.service) if way.service else examination.offers
    if not way.serves(examination.remote):
        raise NotTried(f"this remote AE has no {way.requires}")
    entity, sink = examination.instance(), _Discard()
    ledger = Ledger.of(way.name, examination.remote, [entity], sink)
    order = Order[Peer](
        examination.remote, examination.ours, [entity], ledger, examination.cancellation, examination.listen
    )
    if way.listens:
        try:
            examination.listen()
        except ListenerFailed as error:
            raise NotTried("our listener does not start") from error
    if way.trial is not None:
        return way.trial(Trial(order, examination.contact.ours, offers.version if offers else ""))
    for _ in way.run(order):
        pass
    came = ledger.close(cancelled=examination.cancellation.requested)
    kind = entity.attributes.get("SOPClassUID")
    name = storage_name(str(kind)) if kind else "a class that the query did not name"
    size = f"{came.nbytes / 1e6:.2f} MB, {name}, {sink.syntax}"
    return True, f"One instance ({size}) came by {way.name} in {came.seconds:.2f} s.", ""
