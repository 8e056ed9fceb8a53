"""The measurements of a session, and how they are read and written as JSON and as a table."""

from __future__ import annotations

import json
import math
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.measurements.measurement import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pandas as pd

    from dicom_widgets.measurements.figures import Figures

_COORDINATES: Final = "pixels of the image; 0, 0 is the outer corner of the first pixel (PS3.3 C.10.5.1.2)"
_MOST: Final = 10_000
"""Measurements that are read at once, at most."""


class MeasurementList(tuple[Measurement, ...]):
    """Several measurements, which can be written as JSON and as a table."""

    __slots__ = ()

    def to_json(self) -> str:
        """Return them as a JSON text, which `viewport.measurements = text` reads."""
        found = [
            {**m.message(), "figures": [[k, v if math.isfinite(v) else None, u] for k, v, u in m.figures.quantities]}
            for m in self
        ]
        return json.dumps({"coordinates": _COORDINATES, "measurements": found}, indent=1, allow_nan=False)

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table with one row a measurement.

        Beside `value` and `unit`, which are those of the first quantity, each quantity has two columns: `mean` its
        value, and `mean unit` its unit.
        """
        import pandas as pd

        rows = [
            {
                **m.message(),
                "points": m.points,
                "value": m.value,
                "unit": m.unit,
                **dict(_columns(m.figures)),
                "spacing": m.figures.label or m.figures.source,
                "why": m.figures.why,
            }
            for m in self
        ]
        columns = ["uid", "kind", "instance", "frame", "label", "points", "value", "unit", "spacing", "why"]
        return pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns)


def _columns(figures: Figures) -> Iterator[tuple[str, float | str]]:
    for name, value, unit in figures.quantities:
        if name != "value":
            yield name, value
            yield f"{name} unit", unit


def measurements_of(source: str | bytes | Iterable[Any]) -> MeasurementList:
    """Return measurements from the text of `to_json`, or from a list of measurements or of dicts that describe them.

    Raises
    ------
    ValueError
        One of them describes no measurement: its number, and the reason.

    """
    found: Any = source
    if isinstance(source, (str, bytes)):
        try:
            found = json.loads(source)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"The text is no JSON of measurements: {error}.") from None
        found = found.get("measurements") if isinstance(found, dict) else found
        if not isinstance(found, list):
            raise ValueError("The JSON has no list of measurements.")  # noqa: TRY004  the text is wrong
    several = list(found)
    if len(several) > _MOST:
        raise ValueError(f"At most {_MOST:,} measurements are read at once; these are {len(several):,}.")
    made = []
    for i, one in enumerate(several, 1):
        try:
            made.append(one if isinstance(one, Measurement) else Measurement.of(one))
        except ValueError as error:
            raise ValueError(f"Measurement {i}: {error}") from None
    return MeasurementList(made)


@dataclass(frozen=True)
class Change:
    """A measurement was added, changed or removed."""

    revision: int
    """Number of the change; a session counts all of its changes."""
    uid: str
    now: Measurement | None
    """The measurement after the change; None where it was removed."""


class Measurements:
    """The measurements of a session. Safe for threads.

    They belong to the session and not to a view, so that two views of one image show the same ones.

    Parameters
    ----------
    measure : callable
        Computes the figures of a measurement, at their first use.

    """

    def __init__(self, measure: Callable[[Measurement], Figures]) -> None:
        self._measure = measure
        self._lock = threading.Lock()
        self._held: dict[str, Measurement] = {}
        self._revision = 0
        self._watchers: list[Callable[[tuple[Change, ...]], None]] = []

    def __iter__(self) -> Iterator[Measurement]:
        return iter(self.all)

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, uid: str) -> bool:
        return uid in self._held

    def __getitem__(self, uid: str) -> Measurement:
        return self._held[uid]

    @property
    def all(self) -> MeasurementList:
        """All of them, in the order in which they were added."""
        with self._lock:
            return MeasurementList(self._held.values())

    def of(self, instance: str, frame: int | None = None) -> MeasurementList:
        """Return those of an image, by its SOP Instance UID, or of one of its frames."""
        return MeasurementList(m for m in self.all if m.instance == instance and frame in (None, m.frame))

    def snapshot(self) -> tuple[int, MeasurementList]:
        """Return the number of the last change, and the measurements after it."""
        with self._lock:
            return self._revision, MeasurementList(self._held.values())

    def add(self, *several: Measurement) -> None:
        """Add measurements; one whose uid is there already replaces the older one."""
        self._change({m.uid: replace(m, measure=self._measure) for m in several})

    def remove(self, *several: Measurement | str) -> None:
        """Remove measurements or uids; one that is not there is no error."""
        self._change({m if isinstance(m, str) else m.uid: None for m in several})

    def clear(self, instance: str | None = None, frame: int | None = None) -> None:
        """Remove all of them, or those of an image or a frame."""
        self.remove(*(self.all if instance is None else self.of(instance, frame)))

    def watch(self, watcher: Callable[[tuple[Change, ...]], None]) -> Callable[[], None]:
        """Call `watcher` with the changes, in the thread that makes them; return what ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def _change(self, wanted: dict[str, Measurement | None]) -> None:
        changes = []
        with self._lock:
            for uid, now in wanted.items():
                if now is None and uid not in self._held:
                    continue
                self._revision += 1
                if now is None:
                    del self._held[uid]
                else:
                    self._held[uid] = now
                changes.append(Change(self._revision, uid, now))
        for watcher in [*self._watchers] if changes else ():  # no lock is held while notifying
            watcher(tuple(changes))
