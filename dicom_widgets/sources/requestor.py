"""An association that we requested, on which nobody takes the answers but who asked."""

from __future__ import annotations

import time
from typing import Final

from pynetdicom import evt

from dicom_widgets.sources.bounds import BoundedAssociation

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
            if self.is_established and self.acse.is_release_requested():
                self.acse.send_release(is_response=True)
                self.is_released, self.is_established = True, False
                evt.trigger(self, evt.EVT_RELEASED, {})
                self.kill()
            elif self.acse.is_aborted():
                self.dul.receive_pdu(wait=False)
                self.is_aborted, self.is_established = True, False
                evt.trigger(self, evt.EVT_ABORTED, {})
                self.kill()
            elif not self.dul.is_alive():
                self.kill()
            elif self.dul.idle_timer_expired():
                self.abort()
            else:
                time.sleep(_STEP)
