"""Which presentation contexts to propose for which SOP classes, under the limit of 128 (PS3.8 9.3.2).

A peer that is offered several syntaxes in one context takes one for everything and converts, or fails, the rest.
So each class gets a context for each syntax where they fit; then everything comes as it is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pynetdicom.presentation import PresentationContext, build_context

from dicom_widgets.conformance import GET, IMPLICIT, STORAGE, TRANSFER_SYNTAXES

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT: Final = 128
_SERVICE: Final = 1
"""Contexts that the retrieve service itself takes."""


def plan(sop_classes: Sequence[str]) -> list[list[PresentationContext]]:
    """Return the contexts of each association that is needed; mostly one.

    Parameters
    ----------
    sop_classes : sequence of str
        What is known to be inside; empty means unknown, and all classes of the Statement are proposed.

    """
    classes = list(dict.fromkeys(sop_classes)) or list(STORAGE)
    room = LIMIT - _SERVICE
    if len(classes) * len(TRANSFER_SYNTAXES) <= room:
        stores = [build_context(c, s) for c in classes for s in TRANSFER_SYNTAXES]
    else:
        stores = [build_context(c, list(TRANSFER_SYNTAXES)) for c in classes]
    service = build_context(GET, [*TRANSFER_SYNTAXES[:1], IMPLICIT])
    return [[service, *stores[i : i + room]] for i in range(0, len(stores), room)]
