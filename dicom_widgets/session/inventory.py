"""What a session holds: loading, the tree, data sets, stacks. No network."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicom_widgets.dicom.entities import Entities, Entity
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.errors import NotDicom, NotFound, SessionClosed, StoreFull
from dicom_widgets.geometry.stacks import sort_for_scrolling, stacks_of
from dicom_widgets.media import files as media
from dicom_widgets.media import fileset
from dicom_widgets.session.memory import Memory
from dicom_widgets.session.store import OUT_OF_RESOURCES, Store, Watcher

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Callable

    from pydicom.dataset import Dataset

    from dicom_widgets.geometry.stack import Stack

Which = Entity | Instance | str
"""An entity, an instance, or a SOP Instance UID."""


class Inventory:
    """Instances in memory or in mapped files."""

    def __init__(self, limit: int, cache_limit: int) -> None:
        self.store = Store(limit, cache_limit=cache_limit)
        self._closed = False

    def _check(self) -> None:
        if self._closed:
            raise SessionClosed

    @property
    def closed(self) -> bool:
        """Whether the session was closed: it holds nothing, and nothing can be done with it."""
        return self._closed

    # --- media

    def load(self, source: Any) -> Entities:
        """Load files, folders, DICOMDIRs, zip files, bytes, open files, pydicom data sets; files are mapped, not read.

        Returns
        -------
        Entities
            The studies of what was loaded; `.skipped` names the files that were not.

        Raises
        ------
        NotDicom
            Nothing could be loaded.
        StoreFull
            Nothing could be loaded, as the memory limit is reached.

        """
        self._check()
        loaded: list[str] = []
        skipped: dict[str, str] = {}
        full = False
        here = threading.get_ident()  # what a retrieval brings meanwhile is not loaded by us
        end = self.store.watch(lambda instance: loaded.append(instance.uid) if threading.get_ident() == here else None)
        try:
            for blob in fileset.blobs(source):
                if isinstance(blob, media.Skipped):
                    skipped[blob.origin] = blob.why
                elif status := self.store.add(blob):
                    skipped[blob.origin] = media.refusal(status, blob)
                    full = full or status == OUT_OF_RESOURCES
        finally:
            end()
        if not loaded:
            why = next(iter(skipped.values()), "There is no file in it.")
            raise (StoreFull if full else NotDicom)(
                f"Nothing could be loaded: {why}" + (f" ({len(skipped)} files like this)" if len(skipped) > 1 else "")
            )
        studies = self._holding(frozenset(loaded))
        studies.skipped = skipped
        return studies

    def _holding(self, uids: frozenset[str]) -> Entities:
        """Return the tree of some of the instances."""
        studies = self.studies
        for study in studies:
            for series in study.children:
                series.children = Entities(i for i in series.children if i.uid in uids)
            study.children = Entities(s for s in study.children if s.children)
        return Entities(s for s in studies if s.children)

    # --- what is held

    @property
    def studies(self) -> Entities:
        """What the session holds: studies, with series, with instances."""
        return self.store.tree()

    @property
    def memory(self) -> Memory:
        """Bytes of instances in memory of ours, as an int with `.limit` and `.frames`."""
        found = Memory(self.store.nbytes)
        found.limit, found.frames = self.store.limit, self.store.frames.nbytes
        return found

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with each Instance that arrives; return what ends it."""
        return self.store.watch(watcher)

    def instance(self, which: Which) -> Instance:
        """Return one held instance.

        Raises
        ------
        NotFound
            It is not held, or there is more than one.

        """
        self._check()
        if isinstance(which, Instance):
            return which
        if isinstance(which, str):
            return self.store.get(which)
        found = self.instances(which)
        if len(found) != 1:
            raise NotFound(f"One instance was expected, but the session holds {len(found)} of {which!r}.")
        return found[0]

    def instances(self, which: Which | Iterable[Which]) -> list[Instance]:
        """Return held instances, images in the order of their geometry."""
        self._check()
        if isinstance(which, (Instance, str)):
            return [self.instance(which)]
        if isinstance(which, Entity):
            found = self.store.under(which.path)
            if not found:
                raise NotFound(f"The session holds nothing of {which!r}. Retrieve it first: session.retrieve(entity).")
            return sort_for_scrolling(found)
        if not isinstance(which, Iterable):
            raise TypeError(
                f"{which!r} names nothing that a session holds: give an entity, an instance, a SOP Instance UID, or"
                " several of them."
            )
        several: Iterable[Which] = which
        return list(itertools.chain.from_iterable(self.instances(w) for w in several))

    def stacks(self, which: Which | Iterable[Which]) -> tuple[Stack, ...]:
        """Return the images of a series, or the frames of an object, as stacks in display order.

        A stack has frames (instance, frame number), axes (time, echo, ..., the slowest first) and notes that say why it
        is no regular volume.
        """
        if isinstance(which, (Instance, str, Entity)) or not isinstance(which, Iterable):
            return stacks_of(i for i in self.instances(which) if i.pixels_at is not None)
        several: Iterable[Which] = which
        return tuple(itertools.chain.from_iterable(self.stacks(w) for w in several))

    def dataset(self, which: Which) -> Dataset:
        """Return a fresh pydicom Dataset: pixel data undecoded, file meta information always present."""
        return self.instance(which).dataset()

    def save(self, entity: Which | Iterable[Which], folder: str | os.PathLike[str]) -> list[Path]:
        """Write instances as Part 10 files into a folder; return their paths: UIDs, never texts of the object."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        paths = []
        for instance in self.instances(entity):
            name = "".join(c for c in instance.uid if c in "0123456789.")[:64].strip(".") or "instance"
            paths.append(target / f"{name}.dcm")
            instance.dataset().save_as(paths[-1], enforce_file_format=True)
        return paths

    def drop(self, entity: Which | Iterable[Which]) -> int:
        """Forget instances; return how many there were."""
        return self.store.drop([i.uid for i in self.instances(entity)])

    def began(self, image: Instance) -> dt.datetime | None:
        """Return when the series of a PET began, as far as it is held; None for others, or where nobody says."""
        return self.store.earliest(image.path[:2]) if image.value("Modality") == "PT" else None
