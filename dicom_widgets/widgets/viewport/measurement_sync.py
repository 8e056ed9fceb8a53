"""The measurements of a session, kept the same in the kernel and in all of its pages.

Each change in a page has a uid and a number; a page tells it again until the kernel has answered, so none is lost while
the kernel is busy, and none is doubled.
"""

from __future__ import annotations

import contextlib
import math
import threading
from typing import TYPE_CHECKING, Any

from dicom_widgets.measurements.measurement import Measurement
from dicom_widgets.measurements.measurements import Change
from dicom_widgets.widgets.runtime.runtime import runtime_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.runtime.kernel_messages import MeasuredMessage, MeasurementChange
    from dicom_widgets.widgets.runtime.page_messages import Measure


class MeasurementSync:
    """Keeps the measurements of a session the same in kernel and pages.

    Messages go over the session's runtime, so that all views of a session see one set.
    """

    def __init__(self, session: Session) -> None:
        self._measurements, self._runtime = session.measurements, runtime_of(session)
        self._lock = threading.Lock()
        self._newest: dict[tuple[str, str], int] = {}
        self._taking = threading.local()
        self._end = self._measurements.watch(self._tell)
        self._runtime.handle("measure", self._take)

    def close(self) -> None:
        """Follow the measurements no longer."""
        self._end()

    def _take(self, message: Measure) -> None:
        """Take what a page did, and answer with how it now is, and with its figures; or with all that there is."""
        client, n, uids = str(message["client"]), int(message["n"]), []
        self._taking.on = True  # the answer tells it already
        try:
            for uid, measurement in message["changes"]:
                with self._lock:
                    late = n < self._newest.get((client, uid), -1)  # two threads may take them in the wrong order
                    self._newest[client, uid] = max(n, self._newest.get((client, uid), -1))
                if late:
                    continue
                uids.append(uid)
                with contextlib.suppress(ValueError):  # what is no measurement is not kept, and the answer says so
                    if measurement is None:
                        self._measurements.remove(uid)
                    else:
                        self._measurements.add(Measurement.of({**measurement, "uid": uid}))
        finally:
            self._taking.on = False
        revision, held = self._measurements.snapshot()
        if message.get("all"):
            self._send([client, n], [Change(revision, m.uid, m) for m in held], everything=revision)
        elif uids:
            now = {m.uid: m for m in held}
            self._send([client, n], [Change(revision, uid, now.get(uid)) for uid in uids], figures=True)

    def _tell(self, changes: tuple[Change, ...]) -> None:
        if not getattr(self._taking, "on", False):
            self._send(None, changes)

    def _send(
        self, echo: list[Any] | None, changes: Iterable[Change], *, figures: bool = False, everything: int | None = None
    ) -> None:
        told: list[MeasurementChange] = [
            {
                "uid": c.uid,
                "revision": c.revision,
                "mark": {**c.now.message(), "figures": _figures(c.now) if figures else None} if c.now else None,
            }
            for c in changes
        ]
        with contextlib.suppress(Exception):  # the comm closes with the kernel
            content: MeasuredMessage = {"type": "measured", "echo": echo, "changes": told, "all": everything}
            self._runtime.send(content)


def _figures(measurement: Measurement) -> dict[str, Any]:
    """Return the figures of a measurement as JSON."""
    found = measurement.figures
    quantities = [(name, value if math.isfinite(value) else str(value), unit) for name, value, unit in found.quantities]
    return {"quantities": quantities, "label": found.label, "source": found.source, "why": found.why}
