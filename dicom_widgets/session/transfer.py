"""A retrieval that runs in a thread of its own."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.sources.verification import Verification

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import Self

    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress, Retrieval


_STEP: Final = 0.05
"""Seconds between two steps of progress, at least: the notebook server limits how many messages it passes on."""


class Transfer:
    """A retrieval in a thread of its own. Iterate it for Progress; it runs to its end even if nobody does.

    Parameters
    ----------
    order : Order
        What to retrieve, from where, and the ledger of what came.
    retrieve : callable
        Carries it out: `Way.run` of the way of retrieval.
    activity : callable
        Returns the block within which the transfer runs (`Exclusive.doing`).

    """

    def __init__(
        self,
        order: Order[Any],
        retrieve: Callable[[Order[Any]], Iterator[Progress]],
        activity: Callable[[Transfer], AbstractContextManager[object]],
    ) -> None:
        self._order, self._retrieve, self._ledger = order, retrieve, order.ledger
        self._verification = Verification(order)
        self._changed = threading.Condition()
        self._progress = self._ledger.progress()
        self._steps = 0
        self._ended = False
        self._result: Retrieval | None = None
        self._error: BaseException | None = None
        self._process = os.getpid()
        self._activity = activity(self)
        self._activity.__enter__()
        self._thread = threading.Thread(target=self._run, name=f"{order.ledger.way} {order.source}", daemon=True)
        self._thread.start()

    def __str__(self) -> str:
        p = self._progress
        of = "?" if p.expected is None else p.expected
        return f"a {self._ledger.way} from {self._ledger.source} ({p.received} of {of} instances)"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cancel()
        self.wait()

    @property
    def progress(self) -> Progress:
        """How much has arrived."""
        return self._progress

    @property
    def done(self) -> bool:
        """Whether it has ended, with or without an error."""
        return self._ended

    @property
    def retrieval(self) -> Retrieval | None:
        """The ledger once it has ended; None before, and where it ended in an error."""
        return self._result

    def cancel(self) -> None:
        """Ask the peer to stop (C-CANCEL), and end the association if it does not; what arrived is kept."""
        if not self._ended and os.getpid() == self._process:  # a forked child would end its parent's association
            self._order.cancellation.cancel()

    def close(self) -> None:
        """Cancel it where the session ends, ask the peer for nothing more, and wait for the end."""
        self._verification.stop()
        self.cancel()
        self.wait()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end, at most so many seconds; return whether it came."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def result(self) -> Retrieval:
        """Wait for the end and return the ledger, or raise what ended it."""
        self.wait()
        if self._error is not None:
            raise self._error
        if self._result is None:
            raise RuntimeError("the transfer ended without a result")  # cannot happen: _run sets one of the two
        return self._result

    def __iter__(self) -> Iterator[Progress]:
        """Yield the progress as it changes; a slow reader gets the newest step and not those in between."""
        seen = 0
        while True:
            with self._changed:
                while self._steps == seen and not self._ended:
                    self._changed.wait()
                if not self._ended:
                    self._changed.wait_for(lambda: self._ended, _STEP)
                seen, progress, ended = self._steps, self._progress, self._ended
            yield progress
            if ended:
                return

    def _run(self) -> None:
        try:
            try:
                for progress in self._retrieve(self._order):
                    with self._changed:
                        self._progress, self._steps = progress, self._steps + 1
                        self._changed.notify_all()
            except DicomWidgetsError as error:
                self._broken(error)
            self._verification.run()
            self._result = self._ledger.close(cancelled=self._order.cancellation.requested)
        except BaseException as error:  # noqa: BLE001  raised again by result()
            self._error = error
        finally:
            self._activity.__exit__(None, None, None)
            with self._changed:
                self._ended = True
                self._progress = self._ledger.progress()
                self._changed.notify_all()

    def _broken(self, error: DicomWidgetsError) -> None:
        """Write down what ended it; raise that again where nothing came."""
        if self._order.cancellation.requested:  # the error is how the cancellation shows itself
            return
        if not self._ledger.received:
            raise error
        self._ledger.warn(str(error))
        self._ledger.unanswered = self._ledger.unanswered or 1
