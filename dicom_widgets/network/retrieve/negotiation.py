"""Which presentation contexts to propose for which SOP classes, under the limit of 128 (PS3.8 9.3.2).

A peer that is offered several transfer syntaxes in one context accepts one of them, and converts everything to it or
fails. So each class gets a context for each syntax, where these fit into the limit, and everything comes as it is
stored. Where they do not fit, the first association has one context a class, and a second one offers the compressed
syntaxes by themselves, for what the peer could not convert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pynetdicom.presentation import PresentationContext, build_context

from dicom_widgets.dicom.conformance import GET, STANDARD_STORAGE, STORAGE, TRANSFER_SYNTAXES
from dicom_widgets.dicom.entities import classes_of
from dicom_widgets.network.association.association import service_context

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pynetdicom.association import Association

    from dicom_widgets.dicom.entities import Entity

LIMIT: Final = 128
_SERVICE: Final = 1
"""Contexts that the retrieve service itself takes."""
_COMPRESSED: Final = [s for s in TRANSFER_SYNTAXES if s.is_compressed]


def plan(sop_classes: Sequence[str]) -> list[list[PresentationContext]]:
    """Return the contexts of each association; those after the first are for what is still missing then.

    Parameters
    ----------
    sop_classes : sequence of str
        The SOP classes of what is wanted; empty means unknown, and all storage classes are proposed.

    """
    classes = list(dict.fromkeys(sop_classes)) or list(STORAGE)
    room = LIMIT - _SERVICE
    if len(classes) * len(TRANSFER_SYNTAXES) <= room:
        return [_with_service([build_context(c, s) for c in classes for s in TRANSFER_SYNTAXES])]
    rounds = [[build_context(c, list(syntaxes)) for c in classes] for syntaxes in (TRANSFER_SYNTAXES, _COMPRESSED)]
    return [_with_service(stores[i : i + room]) for stores in rounds for i in range(0, len(stores), room)]


def plan_beyond(
    proposed: Iterable[Sequence[PresentationContext]], missing: Sequence[Entity]
) -> list[list[PresentationContext]]:
    """Return the contexts of further associations for instances whose classes nobody proposed.

    A peer may tell fewer SOP Classes in Study (0008,0062) than there are: what it says of each instance counts. Where
    it does not say that either, all storage classes of the Standard are tried.
    """
    tried = {str(c.abstract_syntax) for contexts in proposed for c in contexts}
    told = classes_of(missing) if all(e.sop_classes for e in missing) else STANDARD_STORAGE
    beyond = [c for c in told if c not in tried]
    return plan(beyond) if missing and beyond else []


def take_all(association: Association) -> None:
    """Take instances over every context that a peer accepted, also where it did not confirm our role as their SCP.

    Some peers answer the role selection (PS3.7 D.3.3.4) only for the classes that they know, and send the others too;
    pynetdicom would refuse those with 0x0122.
    """
    for context in association.accepted_contexts:
        context._as_scp = True  # noqa: SLF001


def _with_service(stores: Sequence[PresentationContext]) -> list[PresentationContext]:
    return [service_context(GET), *stores]
