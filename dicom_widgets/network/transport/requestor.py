"""An association that we requested, on which nobody takes the answers but who asked."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from dicom_widgets.network.transport.bounds import BoundedAssociation, bound

if TYPE_CHECKING:
    from pynetdicom.association import Association

_STEP: Final = 0.005


class Requestor(BoundedAssociation):
    """A requestor whose own thread watches for the end only.

    The original's also takes messages, to serve a peer that asks something; between two requests it may so take the
    answer to the second one, which then is waited for until the time-out.
    """

    def _run_reactor(self) -> None:
        """Watch for a release or an abort by the peer, while nobody waits for an answer."""
        while not self._kill:
            self._is_paused = True  # whoever sends need not wait for us
            self._reactor_checkpoint.wait()
            self.settle()
            time.sleep(_STEP)


def own(association: Association, patience: float) -> None:
    """Bound an association that we request, and keep its answers for who asks; before it is established."""
    association.__class__ = Requestor
    bound(association, patience)
