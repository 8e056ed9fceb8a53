"""The verification of a retrieval: a query where neither names nor counts tell what is missing.

A peer that hung up, or counted nothing, leaves open what did not come. A fresh query at IMAGE level names it.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.dicom.values import text
from dicom_widgets.sources.cancellation import Cancellation

if TYPE_CHECKING:
    from dicom_widgets.sources.order import Order

LONGEST: Final = 120.0
"""Seconds that the query may take in all; each of its messages has the time-outs of the source."""
IN_A_HURRY: Final = 1.0
"""The same after a cancel, whose user waits."""


class Verification:
    """Compares the ledger of an order with what its source holds."""

    def __init__(self, order: Order[Any]) -> None:
        self._cancellation = Cancellation(f"the comparison with what {order.source} holds")
        self._order = replace(order, cancellation=self._cancellation)
        self._wished = order.cancellation

    def stop(self) -> None:
        """Give it up: what is not compared by then stays unknown."""
        self._cancellation.cancel()

    def run(self) -> None:
        """Have the source name its instances where nothing else tells what is missing; doubt where it does not."""
        ledger, hurry = self._order.ledger, self._wished.requested
        if not (ledger.received and ledger.doubtful) or self._cancellation.requested:
            return
        timer = threading.Timer(IN_A_HURRY if hurry else LONGEST, self.stop)
        timer.daemon = True
        try:
            timer.start()
            if hurry:
                self._order.instances()
            else:
                with self._wished.doing(self.stop):
                    self._order.instances()
        except Exception as error:  # noqa: BLE001  nothing of what came is lost because of a query
            if not hurry:
                ledger.doubt(f"{self._order.source} could not be asked what it holds ({text(error).rstrip('.')})")
        finally:
            timer.cancel()
            timer.join()
