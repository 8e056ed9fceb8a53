"""What a peer accepts of everything that we can propose: services, storage classes, transfer syntaxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pynetdicom import build_role
from pynetdicom.presentation import build_context

from dicom_widgets.dicom.conformance import (
    FIND,
    GET,
    MOVE,
    STORAGE,
    TRANSFER_SYNTAXES,
    VERIFICATION,
    storage_name,
    syntax_name,
)
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import ContextsRefused
from dicom_widgets.network.association.association import associate, service_context
from dicom_widgets.network.association.operation import Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pynetdicom.association import Association
    from pynetdicom.presentation import PresentationContext

    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.local import LocalAE

SAMPLE_CLASS: Final = "1.2.840.10008.5.1.4.1.1.2"
"""CT Image Storage: the class that each transfer syntax is proposed for by itself."""
_SERVICES: Final = (VERIFICATION, FIND, GET, MOVE)


@dataclass(frozen=True)
class Offers:
    """What a peer accepted of everything that we can propose."""

    services: frozenset[str]
    """SOP classes of the services."""
    sends: tuple[str, ...]
    """Storage classes that it would send by C-GET: it accepted the class and the role (PS3.7 D.3.3.4)."""
    keeps: tuple[str, ...]
    """Storage classes that it accepts without the role, so that it would not send them by C-GET."""
    refused: tuple[str, ...]
    """Storage classes that it does not accept."""
    syntaxes: tuple[str, ...]
    """Transfer syntaxes that it accepts for `SAMPLE_CLASS`."""
    version: str
    """Its implementation version name."""


def offers_of(remote: Peer, ours: LocalAE, cancellation: Cancellation) -> Offers:
    """Propose everything that we can over one association; return what the peer accepts.

    Raises
    ------
    ContextsRefused
        It accepts none of the services.
    NetworkError

    """
    stores = [build_context(c, list(TRANSFER_SYNTAXES)) for c in STORAGE]
    stores += [build_context(SAMPLE_CLASS, s) for s in TRANSFER_SYNTAXES]
    roles = [build_role(c, scp_role=True) for c in STORAGE]
    refused: ContextsRefused | None = None
    for first in _SERVICES:  # the first context has to be accepted, so each has its turn
        services = sorted(_SERVICES, key=lambda s, first=first: s != first)  # type: ignore[misc]
        contexts, operation = [*map(service_context, services), *stores], Operation()
        try:
            with (
                cancellation.doing(operation.stop),
                associate(remote, ours, contexts, roles=roles, handlers=operation.handlers) as association,
            ):
                return _offers(association, contexts)
        except ContextsRefused as error:
            refused = error
    assert refused is not None
    raise refused


def _offers(association: Association, contexts: Sequence[PresentationContext]) -> Offers:
    """Read the answers; pynetdicom numbers the contexts 1, 3, 5 and so on."""
    answers = {c.context_id: c for c in association.accepted_contexts}
    answered = [(str(c.abstract_syntax), answers.get(2 * i + 1)) for i, c in enumerate(contexts)]
    first, last = len(_SERVICES), len(_SERVICES) + len(STORAGE)
    classes, single = answered[first:last], answered[last:]
    return Offers(
        frozenset(uid for uid, a in answered[:first] if a),
        tuple(uid for uid, a in classes if a and a.as_scp),
        tuple(uid for uid, a in classes if a and not a.as_scp),
        tuple(uid for uid, a in classes if not a),
        tuple(s for s, (_, a) in zip(TRANSFER_SYNTAXES, single, strict=True) if a),
        text(association.acceptor.implementation_version_name, 16),
    )


def storage_words(offers: Offers) -> str:
    """Say what a C-GET would bring."""
    words = f"By C-GET it would send {len(offers.sends)} of {len(STORAGE)} storage classes"
    words += f"{_named(offers.sends, offers.refused, storage_name)}."
    if offers.keeps:
        words += f" It accepts {_listed(map(storage_name, offers.keeps))}, but not the role to send (role selection)."
    if offers.syntaxes:
        refused = [s for s in TRANSFER_SYNTAXES if s not in offers.syntaxes]
        words += f" Of {len(TRANSFER_SYNTAXES)} transfer syntaxes it accepts {len(offers.syntaxes)}"
        words += f"{_named(offers.syntaxes, refused, syntax_name)} (tried with {storage_name(SAMPLE_CLASS)})."
    return words


def _named(taken: Sequence[str], refused: Sequence[str], name: Callable[[str], str]) -> str:
    """Name the refused ones, or the accepted ones where these are fewer."""
    if not refused:
        return ""
    if 0 < len(taken) < len(refused):
        return f", only {_listed(map(name, taken))}"
    return f", not {_listed(map(name, refused))}"


def _listed(names: Iterable[str]) -> str:
    return "; ".join(names)
