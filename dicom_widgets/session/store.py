"""The instances of a session by UID, within a limit of bytes."""

from __future__ import annotations

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.instance import Instance
from dicom_widgets.errors import NotDicom, NotFound
from dicom_widgets.pixels.frames import stored_frame
from dicom_widgets.session.frame_cache import FrameCache
from dicom_widgets.session.prefetch import Prefetch
from dicom_widgets.session.tree import tree_of

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np

    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.dicom.entities import Entities

SUCCESS: Final = 0x0000
OUT_OF_RESOURCES: Final = 0xA700
MISMATCH: Final = 0xA900
CANNOT_UNDERSTAND: Final = 0xC000

Watcher = Callable[[Instance], None]
"""Is called with each instance that arrives."""


class Store:
    """Holds instances, their frames and which presentation states refer to them.

    Every method may be called by any thread. Watchers are called without the lock, as they may call the store.

    Parameters
    ----------
    limit : int
        Bytes of encoded data sets in our own memory, at most; mapped files do not count.
    cache_limit : int
        Bytes of decoded frames, at most.

    """

    def __init__(self, limit: int, cache_limit: int) -> None:
        self.limit = limit
        """Bytes of encoded data sets in our own memory, at most."""
        self._lock = threading.Lock()
        self._instances: dict[str, Instance] = {}
        self._states: dict[str, set[str]] = defaultdict(set)  # image UID -> UIDs of the states that refer to it
        self._earliest: dict[tuple[str, ...], dt.datetime | None] = {}  # of each series that was asked for
        self._watchers: list[Watcher] = []
        self._owned = 0
        self.frames = FrameCache(cache_limit)
        self._prefetch = Prefetch(self.frame)

    @property
    def nbytes(self) -> int:
        """Bytes of encoded data sets in our own memory; mapped files do not count."""
        return self._owned

    def room(self) -> int:
        """Return how many bytes the next instance may have."""
        return max(0, self.limit - self._owned)

    def add(self, blob: Blob, uid: str = "") -> int:
        """Add an instance, or replace the one of the same UID; return a C-STORE status (PS3.4 B.2.3).

        Parameters
        ----------
        blob : Blob
        uid : str
            The SOP Instance UID that it must have; empty accepts any.

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
        """Return when the first acquisition of a series (study and series UID) began, or None where nobody says.

        An SUV depends on it: where Series Time is later than the images, all slices share the earliest acquisition that
        is held, so it changes as instances arrive. It is kept for each series, as every slice asks for it.
        """
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
        """Remove instances; return how many there were."""
        with self._lock:
            found = [u for u in dict.fromkeys(uids) if u in self._instances]
            for uid in found:
                self._remove(uid)
        return len(found)

    def clear(self) -> None:
        """Remove all instances, frames and watchers."""
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
        return self.cached(instance, number, lambda: stored_frame(instance, number))

    def cached(self, instance: Instance, name: Hashable, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Return an array that is computed from an instance's frames, from the cache if it is there."""
        found = self.frames.get((instance, name), make)
        with self._lock:
            held = self._instances.get(instance.uid) is instance
        if not held:  # replaced or dropped, perhaps while it was decoded
            self.frames.forget(instance)
        return found

    def prefetch(self, frames: Sequence[tuple[Instance, int]]) -> None:
        """Decode frames before they are needed, in this order; a newer call replaces what is left of an older one.

        It fills half of the cache at most, so that the frames in view stay, and leaves out what is decoded already.
        """
        wanted, room = [], self.frames.limit // 2
        for instance, number in frames:
            samples = int(instance.number("SamplesPerPixel") or 1) * max(
                1, int(instance.number("BitsAllocated") or 16) // 8
            )
            room -= math.prod(instance.size) * samples
            if room < 0:
                break
            if (instance, number) not in self.frames:
                wanted.append((instance, number))
        self._prefetch.request(wanted)

    def close(self) -> None:
        """End the threads that decode in the background, and remove everything."""
        self._prefetch.close()
        self.clear()

    def tree(self) -> Entities:
        """Return what is held: studies, with series, with instances."""
        with self._lock:
            instances = list(self._instances.values())
        return tree_of(instances)

    def _remove(self, uid: str) -> None:
        old = self._instances.pop(uid, None)
        if old is None:
            return
        self._owned -= old.blob.nbytes * old.blob.owned
        self._earliest.pop(old.path[:2], None)
        for reference in old.references:
            self._states[reference.uid].discard(uid)
        self.frames.forget(old)


def _first(*moments: dt.datetime | None) -> dt.datetime | None:
    return min((m for m in moments if m is not None), default=None)
