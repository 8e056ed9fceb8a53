"""C-GET (PS3.4 C.4.3): the peer sends over the association on which we ask."""

from __future__ import annotations

import itertools
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import build_role, evt

from dicom_widgets.dicom.blob import Blob
from dicom_widgets.dicom.conformance import GET, storage_name, syntax_name
from dicom_widgets.dicom.entities import classes_of
from dicom_widgets.errors import NotDicom, StoreFull
from dicom_widgets.network.association.association import associate
from dicom_widgets.network.association.operation import Operation
from dicom_widgets.network.query import query
from dicom_widgets.network.retrieve.identifiers import identifiers
from dicom_widgets.network.retrieve.negotiation import plan, plan_beyond, take_all
from dicom_widgets.network.retrieve.suboperations import Failures, each, follow, one_by_one
from dicom_widgets.network.transport.upper_layer import Overflow
from dicom_widgets.sources.ledger import CANNOT_UNDERSTAND, OUT_OF_RESOURCES
from dicom_widgets.sources.way import Way

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext

    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress


def c_get(order: Order[Peer]) -> Iterator[Progress]:
    """Retrieve by C-GET: everything at once, then one by one what the peer left out, then what it could not convert.

    The last goes over further associations, which offer the compressed transfer syntaxes by themselves (`plan`).
    """
    yield order.ledger.progress("Looking for what is inside")
    plans = plan(sop_classes(order))
    ledger = order.ledger
    ledger.unanswered = ledger.uncounted = len([*identifiers(order.entities)])
    failures = Failures(order)
    yield from _over(order, plans[0], failures, first=True)
    for contexts in itertools.chain(plans[1:], _beyond(order, plans)):
        if not order.missing(unsent=True) or not failures.start_anew():
            break
        yield from _over(order, contexts, failures, first=False)


def _beyond(order: Order[Peer], plans: Sequence[Sequence[PresentationContext]]) -> Iterator[list[PresentationContext]]:
    """Yield further contexts, planned once those of the plans are used up and it is known what is missing."""
    yield from plan_beyond(plans, order.missing(unsent=True))


def _over(
    order: Order[Peer], contexts: Sequence[PresentationContext], failures: Failures, *, first: bool
) -> Iterator[Progress]:
    """Retrieve over one association."""
    ledger, operation = order.ledger, Operation()
    roles = [build_role(c, scp_role=True) for c in dict.fromkeys(str(x.abstract_syntax) for x in contexts[1:])]
    handlers = [*operation.handlers, (evt.EVT_C_STORE, partial(_take, order))]
    with (
        order.cancellation.doing(operation.stop),
        associate(
            order.source, order.ours, contexts, roles=roles, handlers=handlers, room=ledger.sink.room
        ) as association,
    ):
        take_all(association)
        ledger.contexts += _negotiated(association, contexts)
        ask = partial(follow, order, operation, GET)
        if first:
            yield from each(order, [*identifiers(order.entities)], ask, failures)
        if not failures.enough:
            yield from one_by_one(order, order.missing(unsent=not first), partial(ask, again=True), failures)


def sop_classes(order: Order[Peer]) -> list[str]:
    """Return the SOP classes of what is wanted: as known, else from the study (0008,0062), else from its instances.

    The list is empty where the peer names them at no level.
    """
    entities = order.entities
    if all(e.sop_classes for e in entities):
        return classes_of(entities)
    with query(order.source, order.ours, order.cancellation) as catalog:
        known = {c for e in entities for c in e.sop_classes}
        for study in {e.path[0] for e in entities if not e.sop_classes}:
            found = catalog.find("STUDY", StudyInstanceUID=study)
            if not classes_of(found):
                for entity in found:
                    catalog.expand(entity)
                for series in (s for entity in found for s in entity.children):
                    catalog.expand(series)
                    if not classes_of([series]):  # it names them at no level
                        return []
            known |= set(classes_of(found))
    return sorted(known)


def _take(order: Order[Peer], event: Any) -> int:
    """Hand a received data set to the ledger as it came; nothing is decoded in the thread of the association."""
    ledger, uid, data = order.ledger, str(event.request.AffectedSOPInstanceUID), event.request.DataSet
    if isinstance(data, Overflow):
        return ledger.turn_away(uid, OUT_OF_RESOURCES)
    remote, syntax = order.source, event.context.transfer_syntax
    origin = f"{remote.ae_title} via C-GET"
    try:
        blob = Blob.of(data.getvalue(), syntax, limit=ledger.sink.room(), origin=origin, invented=remote.invented)
    except (StoreFull, NotDicom) as error:
        return ledger.turn_away(uid, OUT_OF_RESOURCES if isinstance(error, StoreFull) else CANNOT_UNDERSTAND)
    return ledger.take(uid, blob)


def _negotiated(association: Association, proposed: Sequence[PresentationContext]) -> Iterator[tuple[str, str, bool]]:
    """Yield (SOP class, transfer syntaxes, accepted) of each context that was proposed, by name.

    The syntax that a peer names in a refused context has no meaning (PS3.8 9.3.3.2).
    """
    accepted = {c.context_id: c for c in association.accepted_contexts}
    for number, context in enumerate(proposed):
        answer = accepted.get(2 * number + 1)  # as pynetdicom numbers them
        syntaxes = (answer or context).transfer_syntax
        yield (
            storage_name(str(context.abstract_syntax)),
            ", ".join(syntax_name(s) for s in syntaxes),
            answer is not None,
        )


C_GET: Final[Way[Peer]] = Way("C-GET", c_get, service=GET)
