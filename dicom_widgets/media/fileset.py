"""Media to browse: a folder or a zip file, with a DICOMDIR or without (PS3.10 8, PS3.12)."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from dicom_widgets.dicom.blob import LARGEST_INFLATED
from dicom_widgets.dicom.entities import Entities
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import Cancelled, NotDicom, NotFound, StoreFull
from dicom_widgets.media import files
from dicom_widgets.media.container import DICOMDIR, is_index, is_zip, opened
from dicom_widgets.media.dicomdir import records
from dicom_widgets.media.directory import Directory
from dicom_widgets.media.node import add, count_all
from dicom_widgets.media.read import READ
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.matching import matches
from dicom_widgets.sources.retrieval import Progress
from dicom_widgets.sources.terms import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from typing import Self

    from dicom_widgets.dicom.blob import Blob
    from dicom_widgets.dicom.conformance import Level
    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.media.node import Node
    from dicom_widgets.media.read import Readable
    from dicom_widgets.sources.catalog import Catalog
    from dicom_widgets.sources.local import LocalAE
    from dicom_widgets.sources.way import Way


class Media:
    """A file-set to browse first: a folder, a DICOMDIR, a zip file or its bytes, one file, or files in memory.

    It is a source as a RemoteAE is one: `session.find(medium)`, `session.tree(medium)`, `session.retrieve(entity)`,
    `dw.Browser(session, medium)`. With a DICOMDIR nothing else is read until something is retrieved; without one, or
    where it is damaged, the headers of all files are read.

    Parameters
    ----------
    path : path, bytes, or mapping of name -> bytes
        A folder, a DICOMDIR (its folder is the medium), a zip file, any other file, the bytes of a zip file, or files
        that are in memory already.

    """

    way = READ.name
    """The name of its way of retrieval."""
    ways: ClassVar[Mapping[str, Way[Readable]]] = {READ.name: READ}
    """Name -> way; there is only one."""
    invented = False
    """Whether its patients are invented ones; always False, as a medium does not say."""

    def __init__(self, path: str | os.PathLike[str] | bytes | Mapping[str, bytes]) -> None:
        self._container, self._index = opened(path)
        self._studies: dict[str, Node] | None = None
        self._lock = threading.RLock()
        self.skipped: dict[str, str] = {}
        """File -> why it was left out: no DICOM object, or not on the medium although its DICOMDIR lists it."""
        self.progress = Progress(0, None)
        """How far the reading of headers is, where that is needed: instances, and other files as `failed`."""

    def __str__(self) -> str:
        return f"the medium {self._container}"

    def __repr__(self) -> str:
        return f"Media({str(self._container)!r})"

    def catalog(self, ours: LocalAE, cancellation: Cancellation) -> AbstractContextManager[Catalog]:  # noqa: ARG002  it is not asked over an association
        """Open what answers queries: the medium itself, after its DICOMDIR or the headers of its files were read."""
        return self.asked(cancellation)

    @contextmanager
    def asked(self, cancellation: Cancellation) -> Iterator[Self]:
        """Read the DICOMDIR, or the headers of all files, if that was not done yet, and return the medium itself."""
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
        return self._container.open(node.name, limit)

    def blobs(self, room: Callable[[], int] = lambda: LARGEST_INFLATED) -> Iterator[Blob | files.Skipped]:
        """Yield every object of the medium, and what was skipped.

        `room` returns how many bytes an object may have that has to be unpacked.
        """
        with self.asked(Cancellation()) as asked:
            wanted = [i for study in asked.find("STUDY") for i in asked.instances(study)]
        for entity in wanted:
            try:
                yield self.open(entity, room())
            except NotFound:  # it is among `skipped`
                continue
            except (NotDicom, StoreFull, OSError) as error:
                yield files.Skipped(f"{self._container}: {entity.uid}", text(error, 400))
        yield from (files.Skipped(name, why) for name, why in self.skipped.items())

    def _listed(self) -> dict[str, Node]:
        """Return what the DICOMDIR lists, if there is one that can be read."""
        if self._index is None:
            return {}
        try:
            top = records(self._container.open(self._index, files.LARGEST_SCANNED))
            return Directory(self, self._container, self.skipped).studies(top)
        except (NotDicom, StoreFull, OSError) as error:
            self.skipped[self._index] = text(error, 400)
            return {}

    def _scanned(self, cancellation: Cancellation) -> dict[str, Node]:
        """Read the headers of all files."""
        studies: dict[str, Node] = {}
        names = [n for n in self._container.names(self.skipped.__setitem__) if not _is_named_index(n)]
        for count, name in enumerate(names):
            if cancellation.requested:
                raise Cancelled(f"Reading {self} was cancelled. Ask again.")
            if count % 4 == 0:
                self.progress = Progress(count - len(self.skipped), len(names), len(self.skipped), words=name)
            try:
                blob = self._container.head(name)
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


def blobs(source: Any, room: Callable[[], int] = lambda: LARGEST_INFLATED) -> Iterator[Blob | files.Skipped]:
    """Yield a blob for each object of anything that can be loaded; a DICOMDIR and a zip file give what they hold.

    Parameters
    ----------
    source : Media, or what `files.blobs` takes
    room : callable
        Returns the bytes that an object may have now if it has to be unpacked.

    Raises
    ------
    NotDicom, FileNotFoundError

    """
    if isinstance(source, Media):
        return source.blobs(room)
    if hasattr(source, "read"):
        source = files.content(source)  # it may be a zip file too
    if isinstance(source, (bytearray, memoryview)):
        source = bytes(source)
    return Media(source).blobs(room) if _is_medium(source) else files.blobs(source)


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
        return is_zip(path) or (path.is_file() and is_index(files.mapped(path)))
    except (NotDicom, StoreFull, OSError):
        return False
