"""The instances of a session by UID, their tree, and the decoded frames within a byte budget."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.dicom.entities import Entities, Entity
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.errors import NotDicom, NotFound
from dicom_widgets.pixels.frames import stored_frame
from dicom_widgets.session.prefetch import Prefetch

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np

    from dicom_widgets.dicom.blob import Blob

SUCCESS: Final = 0x0000
OUT_OF_RESOURCES: Final = 0xA700
MISMATCH: Final = 0xA900
CANNOT_UNDERSTAND: Final = 0xC000

Watcher = Callable[[Instance], None]
Key = tuple[Hashable, Hashable]
"""An instance, and a frame's number or the name of what is made of its frames."""

_STUDY: Final = (
    "StudyInstanceUID StudyDate StudyTime AccessionNumber PatientName PatientID IssuerOfPatientID PatientBirthDate"
    " PatientSex StudyID StudyDescription ReferringPhysicianName"
).split()
_SERIES: Final = (
    "StudyInstanceUID SeriesInstanceUID Modality SeriesNumber SeriesDescription SeriesDate BodyPartExamined".split()
)
_IMAGE: Final = (
    "StudyInstanceUID SeriesInstanceUID SOPInstanceUID SOPClassUID InstanceNumber Rows Columns BitsAllocated"
    " NumberOfFrames ContentDate ContentTime"
).split()


class Store:
    """What a session holds. Every method may be called by any thread; watchers are called without the lock."""

    def __init__(self, limit: int, cache_limit: int) -> None:
        self.limit = limit
        """Owned bytes that are taken at most."""
        self._lock = threading.Lock()
        self._instances: dict[str, Instance] = {}
        self._states: dict[str, set[str]] = defaultdict(set)  # image UID -> UIDs of the states that refer to it
        self._earliest: dict[tuple[str, ...], dt.datetime | None] = {}  # of each series that was asked for
        self._watchers: list[Watcher] = []
        self._owned = 0
        self.frames = FrameCache(cache_limit)
        self._ahead = Prefetch(self.frame)

    @property
    def nbytes(self) -> int:
        """Bytes of encoded data sets in memory of ours."""
        return self._owned

    def room(self) -> int:
        """Return the bytes that an instance may have at most now."""
        return max(0, self.limit - self._owned)

    def add(self, blob: Blob, uid: str = "") -> int:
        """Take an instance, only the one of a UID if that is given; return a C-STORE status (PS3.4 B.2.3).

        What is here already is replaced.
        """
        size = blob.nbytes * blob.owned
        if size > self.limit:
            return OUT_OF_RESOURCES
        try:
            instance = Instance(blob)
        except NotDicom:
            return CANNOT_UNDERSTAND
        if uid and uid != instance.uid:
            return MISMATCH
        with self._lock:
            old = self._instances.get(instance.uid)
            freed = old.blob.nbytes * old.blob.owned if old else 0
            if size and self._owned - freed + size > self.limit:
                return OUT_OF_RESOURCES
            self._remove(instance.uid)
            self._instances[instance.uid] = instance
            if (series := instance.path[:2]) in self._earliest:
                self._earliest[series] = _first(self._earliest[series], instance.acquired)
            self._owned += size
            for reference in instance.references:
                self._states[reference.uid].add(instance.uid)
            watchers = tuple(self._watchers)
        for watch in watchers:
            watch(instance)
        return SUCCESS

    def get(self, uid: str) -> Instance:
        """Return an instance.

        Raises
        ------
        NotFound
            It is not held.

        """
        with self._lock:
            if uid in self._instances:
                return self._instances[uid]
        raise NotFound(f"The session does not hold the instance {uid}. Retrieve or load it first.")

    def __contains__(self, uid: str) -> bool:
        with self._lock:
            return uid in self._instances

    def under(self, path: tuple[str, ...]) -> list[Instance]:
        """Return all instances of a study, a series, or one instance, in order of arrival."""
        with self._lock:
            return [i for i in self._instances.values() if i.path[: len(path)] == path]

    def earliest(self, series: tuple[str, ...]) -> dt.datetime | None:
        """Return when the first acquisition began of what is held of a series (study and series UID), or None."""
        with self._lock:
            if series not in self._earliest:
                of = (i.acquired for i in self._instances.values() if i.path[:2] == series)
                self._earliest[series] = _first(*of)
            return self._earliest[series]

    def states_of(self, uid: str) -> list[Instance]:
        """Return the presentation states that refer to an image."""
        with self._lock:
            return [self._instances[s] for s in sorted(self._states.get(uid, ()))]

    def drop(self, uids: Iterable[str]) -> int:
        """Forget instances; return how many there were."""
        with self._lock:
            found = [u for u in dict.fromkeys(uids) if u in self._instances]
            for uid in found:
                self._remove(uid)
        return len(found)

    def clear(self) -> None:
        """Forget everything, the watchers too."""
        with self._lock:
            self._instances.clear()
            self._states.clear()
            self._earliest.clear()
            self._watchers.clear()
            self._owned = 0
        self.frames.clear()

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with each instance that arrives, in the thread that brings it; return what ends it."""
        with self._lock:
            self._watchers.append(watcher)

        def end() -> None:
            with self._lock:
                if watcher in self._watchers:
                    self._watchers.remove(watcher)

        return end

    def frame(self, instance: Instance, number: int) -> np.ndarray:
        """Return the stored values of a frame, from the cache if they are there."""
        return self.kept(instance, number, lambda: stored_frame(instance, number))

    def kept(self, instance: Instance, name: Hashable, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return an array that belongs to an instance, from the cache if it is there."""
        found = self.frames.get((instance, name), make)
        with self._lock:
            held = self._instances.get(instance.uid) is instance
        if not held:  # replaced or dropped, perhaps while it was decoded
            self.frames.forget(instance)
        return found

    def ahead(self, frames: Sequence[tuple[Instance, int]]) -> None:
        """Decode frames before they are asked for, the first one first; a newer wish replaces an older one.

        Not more than half of the cache is filled so, and what is decoded already is left out.
        """
        wished, room = [], self.frames.limit // 2
        for instance, number in frames:
            samples = int(instance.number("SamplesPerPixel") or 1) * max(
                1, int(instance.number("BitsAllocated") or 16) // 8
            )
            room -= math.prod(instance.size) * samples
            if room < 0:
                break
            if (instance, number) not in self.frames:
                wished.append((instance, number))
        self._ahead.wish(wished)

    def close(self) -> None:
        """End what works in the background, and forget everything."""
        self._ahead.close()
        self.clear()

    def tree(self) -> Entities:
        """Return what is held: studies, with series, with instances."""
        with self._lock:
            instances = list(self._instances.values())
        studies: dict[tuple[str, ...], Entity] = {}
        series: dict[tuple[str, ...], Entity] = {}
        for i in instances:
            if i.path[:1] not in studies:
                studies[i.path[:1]] = _entity("STUDY", i, _STUDY)
            if i.path[:2] not in series:
                series[i.path[:2]] = _entity("SERIES", i, _SERIES)
                studies[i.path[:1]].children.append(series[i.path[:2]])
            series[i.path[:2]].children.append(_entity("IMAGE", i, _IMAGE))
        for entity in studies.values():
            _count(entity)
        return Entities(studies.values())

    def _remove(self, uid: str) -> None:
        old = self._instances.pop(uid, None)
        if old is None:
            return
        self._owned -= old.blob.nbytes * old.blob.owned
        self._earliest.pop(old.path[:2], None)
        for reference in old.references:
            self._states[reference.uid].discard(uid)
        self.frames.forget(old)


class FrameCache:
    """Decoded frames, and what is made of them, in the order of their last use, within a byte budget."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._frames: OrderedDict[Key, np.ndarray] = OrderedDict()
        self._decoding: dict[Key, threading.Event] = {}
        self.nbytes = 0

    def __contains__(self, key: Key) -> bool:
        with self._lock:
            return key in self._frames

    def get(self, key: Key, decode: Callable[[], np.ndarray]) -> np.ndarray:
        """Return a frame; the decoder runs without the lock, and once for all that ask at the same time."""
        while True:
            with self._lock:
                if key in self._frames:
                    self._frames.move_to_end(key)
                    return self._frames[key]
                under_way = self._decoding.get(key)
                if under_way is None:
                    mine = self._decoding[key] = threading.Event()
                    break
            under_way.wait()  # then it is there, or it cannot be decoded and we try ourselves
        try:
            return self._kept(key, decode())
        finally:
            with self._lock:
                del self._decoding[key]
            mine.set()

    def _kept(self, key: Key, frame: np.ndarray) -> np.ndarray:
        with self._lock:
            if key not in self._frames:
                self._frames[key] = frame
                self.nbytes += frame.nbytes
            while self.nbytes > self.limit and len(self._frames) > 1:
                self.nbytes -= self._frames.popitem(last=False)[1].nbytes
        return frame

    def forget(self, instance: Hashable) -> None:
        """Drop all frames of an instance."""
        with self._lock:
            for key in [k for k in self._frames if k[0] == instance]:
                self.nbytes -= self._frames.pop(key).nbytes

    def clear(self) -> None:
        """Drop all frames."""
        with self._lock:
            self._frames.clear()
            self.nbytes = 0


def _first(*moments: dt.datetime | None) -> dt.datetime | None:
    return min((m for m in moments if m is not None), default=None)


def _entity(level: Any, instance: Instance, keywords: list[str]) -> Entity:
    depth = {"STUDY": 1, "SERIES": 2, "IMAGE": 3}[level]
    values = {k: instance.value(k) for k in keywords}
    note = instance.blob.note if level == "IMAGE" else ""
    return Entity(level, instance.path[:depth], values, complete=True, source=instance.blob, note=note)


def _count(study: Entity) -> None:
    series = study.children
    study.attributes |= {
        "ModalitiesInStudy": sorted({str(s.Modality) for s in series if s.Modality}),
        "SOPClassesInStudy": sorted({str(i.SOPClassUID) for s in series for i in s.children}),
        "NumberOfStudyRelatedSeries": len(series),
        "NumberOfStudyRelatedInstances": sum(len(s.children) for s in series),
    }
    for one in series:
        one.attributes["NumberOfSeriesRelatedInstances"] = len(one.children)
