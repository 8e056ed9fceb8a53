"""Media to browse: a folder or a zip file, with a DICOMDIR or without (PS3.10 8, PS3.12)."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicom_widgets.dicom.blob import LARGEST_INFLATED
from dicom_widgets.dicom.entities import Entities
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import Cancelled, NotDicom, NotFound, StoreFull
from dicom_widgets.media import files as media
from dicom_widgets.media.container import DICOMDIR, is_index, is_zip, opened
from dicom_widgets.media.dicomdir import records
from dicom_widgets.media.node import add, count_all, studies_of
from dicom_widgets.network.query import checked, matches
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.retrieval import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Self

    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.dicom.conformance import Level
    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.media.node import Node


class Media:
    """A file-set to browse first: a folder, a DICOMDIR, a zip file or its bytes, one file, or files in memory.

    It is a source like a RemoteAE: `session.find(medium)`, `session.tree(medium)`, `session.retrieve(entity)`,
    `dw.Browser(session, medium)`. With a DICOMDIR nothing but the DICOMDIR is read until something is chosen; without
    one, or where it is damaged, the headers of all files are.

    Parameters
    ----------
    path : path, bytes, or mapping of name -> bytes
        A folder, a DICOMDIR (its folder is the medium), a zip file, any other file, the bytes of a zip file, or files
        that are in memory already.

    """

    way = "Read"
    ways = (way,)
    invented = False

    def __init__(self, path: str | os.PathLike[str] | bytes | Mapping[str, bytes]) -> None:
        self._place, self._index = opened(path)
        self._studies: dict[str, Node] | None = None
        self._lock = threading.RLock()
        self.skipped: dict[str, str] = {}
        """File -> why it was not taken: no DICOM object, or not on the medium although its DICOMDIR says so."""
        self.progress = Progress(0, None)
        """How far the reading of headers is, where it has to be done: instances, and files that are none."""

    def __str__(self) -> str:
        return f"the medium {self._place}"

    def __repr__(self) -> str:
        return f"Media({str(self._place)!r})"

    @contextmanager
    def asked(self, cancellation: Cancellation) -> Iterator[Self]:
        """Have the medium answer queries."""
        with self._lock:
            if self._studies is None:
                self._studies = self._listed() or self._scanned(cancellation)
        yield self

    def find(self, level: Level, path: tuple[str, ...] = (), **keys: Any) -> Entities:
        """Return what matches at one level."""
        path, terms = checked(level, path, keys)
        nodes = self._below(path)
        return Entities(n.entity for n in nodes.values() if matches(n.entity, terms))

    def expand(self, entity: Entity) -> None:
        """Give a study or a series its children."""
        if not entity.complete:
            entity.children = Entities(n.entity for n in self._below(entity.path).values())
            entity.complete = True

    def instances(self, entity: Entity) -> list[Entity]:
        """Return all instances of an entity."""
        if entity.level == "IMAGE":
            return [entity]
        return [i for n in self._below(entity.path).values() for i in self.instances(n.entity)]

    def open(self, entity: Entity, limit: int = LARGEST_INFLATED) -> Blob:
        """Return the object of an instance; where it has to be unpacked it has at most `limit` bytes.

        Raises
        ------
        NotDicom, NotFound, StoreFull, OSError

        """
        node = self._below(entity.path[:2]).get(entity.uid)
        if node is None or node.name is None:
            raise NotFound(f"It is not on {self}, although its DICOMDIR says so. Copy the whole medium.")
        return self._place.open(node.name, limit)

    def blobs(self, room: Callable[[], int] = lambda: LARGEST_INFLATED) -> Iterator[Blob | media.Skipped]:
        """Yield every object of the medium, and what there is instead of one.

        What has to be unpacked has at most the bytes that `room` returns.
        """
        with self.asked(Cancellation()) as asked:
            wanted = [i for study in asked.find("STUDY") for i in asked.instances(study)]
        for entity in wanted:
            try:
                yield self.open(entity, room())
            except NotFound:  # what is missing is told with what was skipped
                continue
            except (NotDicom, StoreFull, OSError) as error:
                yield media.Skipped(f"{self._place}: {entity.uid}", text(error, 400))
        yield from (media.Skipped(name, why) for name, why in self.skipped.items())

    def _listed(self) -> dict[str, Node]:
        """Return what the DICOMDIR lists, if there is one that can be read."""
        if self._index is None:
            return {}
        try:
            return studies_of(self, self._place, records(self._place.open(self._index, media.LARGEST_SCANNED)))
        except (NotDicom, StoreFull, OSError) as error:
            self.skipped[self._index] = text(error, 400)
            return {}

    def _scanned(self, cancellation: Cancellation) -> dict[str, Node]:
        """Read the headers of all files."""
        studies: dict[str, Node] = {}
        names = [n for n in self._place.names(self.skipped.__setitem__) if not _is_named_index(n)]
        for count, name in enumerate(names):
            if cancellation.wished:
                raise Cancelled(f"Reading {self} was cancelled. Ask again.")
            if count % 4 == 0:
                self.progress = Progress(count - len(self.skipped), len(names), len(self.skipped), words=name)
            try:
                blob = self._place.head(name)
                add(studies, Instance(blob), name, self)
            except (NotDicom, StoreFull, OSError) as error:
                self.skipped[name] = text(error, 400)
        self.progress = Progress(len(names) - len(self.skipped), len(names), len(self.skipped))
        for study in studies.values():
            count_all(study)
        return studies

    def _below(self, path: tuple[str, ...]) -> dict[str, Node]:
        with self._lock:
            nodes = self._studies or {}
            for uid in path:
                if uid not in nodes:
                    raise NotFound(f"{self} has no {text(uid, 64)}. Look at what it has: session.tree(medium).")
                nodes = nodes[uid].children
            return nodes


def blobs(source: Any, room: Callable[[], int] = lambda: LARGEST_INFLATED) -> Iterator[Blob | media.Skipped]:
    """Yield a blob for each object of anything that can be loaded; a DICOMDIR and a zip file give what they hold.

    Parameters
    ----------
    source : Media, or what `media.blobs` takes
    room : callable
        Returns the bytes that an object may have now if it has to be unpacked.

    Raises
    ------
    NotDicom, FileNotFoundError

    """
    if isinstance(source, Media):
        return source.blobs(room)
    if hasattr(source, "read"):
        source = media.content(source)  # it may be a zip file too
    if isinstance(source, (bytearray, memoryview)):
        source = bytes(source)
    return Media(source).blobs(room) if _is_medium(source) else media.blobs(source)


def _is_named_index(name: str) -> bool:
    return name[-len(DICOMDIR) :].upper() == DICOMDIR and name[: -len(DICOMDIR)][-1:] in ("", "/", "\\")


def _is_medium(source: Any) -> bool:
    """Whether it is a zip file, its bytes, or a DICOMDIR."""
    if isinstance(source, bytes):
        return is_zip(source)
    if not isinstance(source, (str, os.PathLike)):
        return False
    path = Path(source).expanduser()
    try:
        return is_zip(path) or (path.is_file() and is_index(media.mapped(path)))
    except (NotDicom, StoreFull, OSError):
        return False
