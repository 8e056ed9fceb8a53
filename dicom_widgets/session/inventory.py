"""What a session holds: loading, finding, stacking, saving and dropping instances."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicom_widgets.dicom.entities import Entities, Entity
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.errors import NotDicom, NotFound, StoreFull
from dicom_widgets.geometry.stacks import sort_for_scrolling, stacks_of
from dicom_widgets.media import files as media
from dicom_widgets.media import fileset
from dicom_widgets.session.memory import Memory
from dicom_widgets.session.store import OUT_OF_RESOURCES

if TYPE_CHECKING:
    import datetime as dt
    import os
    from collections.abc import Callable

    from dicom_widgets.geometry.stack import Stack
    from dicom_widgets.session.store import Store

Selector = Entity | Instance | str
"""What selects held instances: an entity, an instance, or a SOP Instance UID."""


class Inventory:
    """The held instances: how they come, how they are found and how they leave; `Session` documents its methods.

    Parameters
    ----------
    store : Store
    check_open : callable
        Raises SessionClosed where the session was closed.

    """

    def __init__(self, store: Store, check_open: Callable[[], None]) -> None:
        self.store, self._check_open = store, check_open

    def load(self, source: Any) -> Entities:
        """See `Session.load`."""
        self._check_open()
        loaded: list[str] = []
        skipped: dict[str, str] = {}
        full = False
        here = threading.get_ident()  # a retrieval in another thread may add instances meanwhile
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
        """Return the tree of the instances of these UIDs."""
        studies = self.store.tree()
        for study in studies:
            for series in study.children:
                series.children = Entities(i for i in series.children if i.uid in uids)
            study.children = Entities(s for s in study.children if s.children)
        return Entities(s for s in studies if s.children)

    @property
    def memory(self) -> Memory:
        """See `Session.memory`."""
        found = Memory(self.store.nbytes)
        found.limit, found.frames = self.store.limit, self.store.frames.nbytes
        return found

    def instance(self, which: Selector) -> Instance:
        """See `Session.instance`."""
        self._check_open()
        if isinstance(which, Instance):
            return which
        if isinstance(which, str):
            return self.store.get(which)
        found = self.instances(which)
        if len(found) != 1:
            raise NotFound(f"One instance was expected, but the session holds {len(found)} of {which!r}.")
        return found[0]

    def instances(self, which: Selector | Iterable[Selector]) -> list[Instance]:
        """See `Session.instances`."""
        self._check_open()
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
        several: Iterable[Selector] = which
        return list(itertools.chain.from_iterable(self.instances(w) for w in several))

    def stacks(self, which: Selector | Iterable[Selector]) -> tuple[Stack, ...]:
        """See `Session.stacks`."""
        if isinstance(which, (Instance, str, Entity)) or not isinstance(which, Iterable):
            return stacks_of(i for i in self.instances(which) if i.pixels_at is not None)
        several: Iterable[Selector] = which
        return tuple(itertools.chain.from_iterable(self.stacks(w) for w in several))

    def save(self, entity: Selector | Iterable[Selector], folder: str | os.PathLike[str]) -> list[Path]:
        """See `Session.save`."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        paths = []
        for instance in self.instances(entity):
            name = "".join(c for c in instance.uid if c in "0123456789.")[:64].strip(".") or "instance"
            paths.append(target / f"{name}.dcm")
            instance.dataset().save_as(paths[-1], enforce_file_format=True)
        return paths

    def drop(self, entity: Selector | Iterable[Selector]) -> int:
        """See `Session.drop`."""
        return self.store.drop([i.uid for i in self.instances(entity)])

    def began(self, image: Instance) -> dt.datetime | None:
        """See `Session.began`."""
        return self.store.earliest(image.path[:2]) if image.value("Modality") == "PT" else None
