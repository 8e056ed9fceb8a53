"""An association that we requested, on which only the caller of a request takes its answers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from dicom_widgets.network.transport.bounds import BoundedAssociation, bound

if TYPE_CHECKING:
    from pynetdicom.association import Association

_STEP: Final = 0.005


class Requestor(BoundedAssociation):
    """A requestor whose own thread only watches for the end of the association.

    pynetdicom's thread also takes messages, to serve requests of the peer. Between two of our requests it may take the
    answer to the second one, for which the caller then waits until the time-out.
    """

    def _run_reactor(self) -> None:
        """Watch for a release or an abort by the peer."""
        while not self._kill:
            self._is_paused = True  # whoever sends need not wait for this thread
            self._reactor_checkpoint.wait()
            self.settle()
            time.sleep(_STEP)


def own(association: Association, patience: float) -> None:
    """Make an association that we request bounded, and a `Requestor`; to be called before it is established."""
    association.__class__ = Requestor
    bound(association, patience)
