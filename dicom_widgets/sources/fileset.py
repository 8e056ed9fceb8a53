"""Media to browse: a folder or a zip file, with a DICOMDIR or without (PS3.10 8, PS3.12)."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydicom.datadict import tag_for_keyword

from dicom_widgets.conformance import KEYS, LEVELS, UNIQUE_KEYS, Level
from dicom_widgets.errors import Cancelled, NotDicom, NotFound, StoreFull
from dicom_widgets.instance import Instance
from dicom_widgets.model import Entities, Entity
from dicom_widgets.sources import media
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.dicomdir import Record, records
from dicom_widgets.sources.query import UIDS, checked, decoded, matches
from dicom_widgets.values import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from dicom_widgets.blob import Blob

DICOMDIR: Final = "DICOMDIR"
LARGEST_MEMBER: Final = 1 << 31
"""Bytes that a member of a zip file may have."""
_PATIENT: Final = "PatientName PatientID IssuerOfPatientID PatientBirthDate PatientBirthTime PatientSex".split()
_FILE_KEYS: Final = {
    "SOPInstanceUID": "ReferencedSOPInstanceUIDInFile",
    "SOPClassUID": "ReferencedSOPClassUIDInFile",
}


class Folder:
    """The files below a folder; what leads out of it is refused."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._names: dict[Path, dict[str, str]] = {}
        self._lock = threading.Lock()

    def __str__(self) -> str:
        return str(self._root)

    def names(self) -> Iterator[str]:
        """Yield the names of all files, in order."""
        for root, folders, names in os.walk(self._root):
            folders.sort()
            for name in sorted(names):
                yield str(Path(root, name).relative_to(self._root))

    def open(self, name: str) -> Blob:
        """Return the object in a file.

        Raises
        ------
        NotDicom, OSError

        """
        return media.mapped(self._root / name)

    def resolve(self, components: tuple[str, ...]) -> str | None:
        """Return the name of the file that a File ID refers to, or None.

        Real media have names in another case, with an extension or with a version number.
        """
        where = self._root
        for depth, component in enumerate(components):
            if component in (".", "..") or "/" in component or Path(component).is_absolute():
                return None
            known = self._listed(where)
            last = depth == len(components) - 1
            names = [component, *([f"{component}.dcm", f"{component};1"] if last else [])]
            found = next((known[n.casefold()] for n in names if n.casefold() in known), None)
            if found is None:
                return None
            where /= found
        inside = where.resolve().is_relative_to(self._root.resolve())  # a link may lead elsewhere
        return str(where.relative_to(self._root)) if inside and components else None

    def _listed(self, where: Path) -> dict[str, str]:
        """Return what lies in a folder: by its name in small letters."""
        with self._lock:
            if where not in self._names:
                try:
                    self._names[where] = {p.name.casefold(): p.name for p in sorted(where.iterdir(), reverse=True)}
                except OSError:
                    self._names[where] = {}
            return self._names[where]


class Archive:
    """The members of a zip file; they are read when they are asked for."""

    def __init__(self, path: Path | Any, name: str) -> None:
        self._name = name
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError) as error:
            raise NotDicom(f"{name} cannot be read as a zip file: {text(error)}. Copy it again.") from error
        self._lock = threading.Lock()
        self._members = {n.casefold(): n for n in sorted(self._zip.namelist(), reverse=True) if not n.endswith("/")}

    def __str__(self) -> str:
        return self._name

    def names(self) -> Iterator[str]:
        """Yield the names of all members, in order."""
        yield from sorted(self._members.values())

    def open(self, name: str) -> Blob:
        """Return the object in a member.

        Raises
        ------
        NotDicom

        """
        origin = f"{self._name}: {text(name)}"
        try:
            with self._lock, self._zip.open(name) as member:
                data = member.read(LARGEST_MEMBER + 1)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
            raise NotDicom(f"{origin} cannot be unpacked: {text(error)}.") from error
        if len(data) > LARGEST_MEMBER:
            raise NotDicom(f"{origin} has more than {LARGEST_MEMBER >> 30} GiB, which is refused.")
        return media.part10(memoryview(data), origin)

    def resolve(self, components: tuple[str, ...]) -> str | None:
        """Return the name of the member that a File ID refers to, or None."""
        base = "/".join(components).casefold()
        return next((self._members[n] for n in (base, f"{base}.dcm", f"{base};1") if n in self._members), None)


@dataclass
class Node:
    """A study, a series or an instance of a medium."""

    entity: Entity
    name: str | None = None
    """The file of an instance; None where the medium lacks it."""
    known: dict[str, Node] = field(default_factory=dict)
    make: list[Callable[[], dict[str, Node]]] = field(default_factory=list)
    """What makes further children, when they are asked for."""

    @property
    def children(self) -> dict[str, Node]:
        """The children by UID."""
        while self.make:
            self.known |= self.make.pop()()
        return self.known


class Media:
    """A file-set to browse first: a folder, a DICOMDIR, a zip file, or the bytes of one.

    It is a source like a RemoteAE: `session.find(medium)`, `session.tree(medium)`, `session.retrieve(entity)`,
    `dw.Browser(session, medium)`. With a DICOMDIR nothing but the DICOMDIR is read until something is chosen; without
    one the headers of all files are.

    Parameters
    ----------
    path : path, bytes
        A folder, a DICOMDIR (its folder is the medium), a zip file, or the bytes of a zip file.

    """

    way = "Read"
    invented = False

    def __init__(self, path: str | os.PathLike[str] | bytes) -> None:
        self._place, self._index = _opened(path)
        self._studies: dict[str, Node] | None = None
        self._lock = threading.Lock()
        self.skipped: dict[str, str] = {}
        """File -> why it was not taken: no DICOM object, or not on the medium although its DICOMDIR says so."""

    def __str__(self) -> str:
        return f"the medium {self._place}"

    def __repr__(self) -> str:
        return f"Media({str(self._place)!r})"

    @contextmanager
    def asked(self, cancellation: Cancellation) -> Iterator[Self]:
        """Have the medium answer queries."""
        with self._lock:
            if self._studies is None:
                self._studies = self._read(cancellation)
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

    def open(self, entity: Entity) -> Blob:
        """Return the object of an instance.

        Raises
        ------
        NotDicom, NotFound, OSError

        """
        node = self._below(entity.path[:2]).get(entity.uid)
        if node is None or node.name is None:
            raise NotFound(f"It is not on {self}, although its DICOMDIR says so. Copy the whole medium.")
        return self._place.open(node.name)

    def blobs(self) -> Iterator[Blob | media.Skipped]:
        """Yield every object of the medium, and what there is instead of one."""
        with self.asked(Cancellation()) as asked:
            wanted = [i for study in asked.find("STUDY") for i in asked.instances(study)]
        for entity in wanted:
            try:
                yield self.open(entity)
            except (NotDicom, NotFound, StoreFull, OSError) as error:
                yield media.Skipped(f"{self._place}: {entity.uid}", text(error))
        yield from (media.Skipped(name, why) for name, why in self.skipped.items())

    def _read(self, cancellation: Cancellation) -> dict[str, Node]:
        top = records(self._index) if self._index is not None else []
        if top:
            return _of_records(self, self._place, top)
        return self._scanned(cancellation)

    def _scanned(self, cancellation: Cancellation) -> dict[str, Node]:
        """Read the headers of all files."""
        studies: dict[str, Node] = {}
        for name in self._place.names():
            if cancellation.wished:
                raise Cancelled(f"Reading {self} was cancelled. Ask again.")
            if Path(name).name.upper() == DICOMDIR:
                continue
            try:
                instance = Instance(self._place.open(name))
            except (NotDicom, StoreFull, OSError) as error:
                self.skipped[name] = text(error)
                continue
            nodes = studies
            for depth, level in enumerate(LEVELS, 1):
                path = instance.path[:depth]
                if path[-1] not in nodes:
                    attributes = {k: instance.value(k) for k in (*UIDS[:depth], *KEYS[level])}
                    nodes[path[-1]] = Node(Entity(level, path, attributes, complete=depth == len(LEVELS), source=self))
                node = nodes[path[-1]]
                nodes = node.known
            node.name = name
        for study in studies.values():
            _count(study)
        return studies

    def _below(self, path: tuple[str, ...]) -> dict[str, Node]:
        nodes = self._studies or {}
        for uid in path:
            if uid not in nodes:
                raise NotFound(f"{self} has no {text(uid, 64)}.")
            nodes = nodes[uid].children
        return nodes


def blobs(source: Any) -> Iterator[Blob | media.Skipped]:
    """Yield a blob for each object of anything that can be loaded; a DICOMDIR and a zip file give what they hold.

    Raises
    ------
    NotDicom, FileNotFoundError

    """
    if isinstance(source, Media):
        return source.blobs()
    return Media(source).blobs() if _is_medium(source) else media.blobs(source)


def _is_medium(source: Any) -> bool:
    """Whether it is a zip file, its bytes, or a DICOMDIR, whose data set begins with group 4."""
    if isinstance(source, bytes):
        return source[:4] == b"PK\3\4"
    if not isinstance(source, (str, os.PathLike)) or not (path := Path(source).expanduser()).is_file():
        return False
    try:
        return zipfile.is_zipfile(path) or bytes(media.mapped(path).data[:2]) in (b"\4\0", b"\0\4")
    except (NotDicom, StoreFull, OSError):
        return False


def _opened(path: str | os.PathLike[str] | bytes) -> tuple[Folder | Archive, Blob | None]:
    """Return where the files are, and the DICOMDIR if there is one.

    Raises
    ------
    FileNotFoundError, NotDicom

    """
    if isinstance(path, bytes):
        place: Folder | Archive = Archive(io.BytesIO(path), "the zip file")
        return place, _index(place)
    where = Path(path).expanduser()
    if not where.exists():
        raise FileNotFoundError(f"There is no file or folder {where}. Is it spelt right, and on the kernel's machine?")
    if where.is_dir():
        place = Folder(where)
        return place, _index(place)
    if zipfile.is_zipfile(where):
        place = Archive(where, str(where))
        return place, _index(place)
    return Folder(where.parent), media.mapped(where)


def _index(place: Folder | Archive) -> Blob | None:
    name = place.resolve((DICOMDIR,))
    return place.open(name) if name else None


def _of_records(medium: Media, place: Folder | Archive, top: list[Record]) -> dict[str, Node]:
    """Return the studies of a DICOMDIR, with what its patients have; what is below is made when it is asked for."""
    studies: dict[str, Node] = {}
    waiting: list[tuple[Record, dict[str, Any]]] = [(r, {}) for r in reversed(top)]
    while waiting:
        record, patient = waiting.pop()
        if record.kind == "STUDY":
            attributes = {**_attributes(record, "STUDY"), **{k: v for k, v in patient.items() if v is not None}}
            node = _node(medium, studies, (), "STUDY", attributes)
            for one in record.children:
                if one.kind == "SERIES":
                    series = _node(medium, node.known, node.entity.path, "SERIES", _attributes(one, "SERIES"))
                    series.make.append(partial(_images, medium, place, series.entity.path, one))
                    count = sum(1 for _ in one.files())
                    for counted in (series, node):
                        _add(counted, count)
            node.entity.attributes["NumberOfStudyRelatedSeries"] = len(node.known)
            modalities = {text(s.entity.Modality) for s in node.known.values() if s.entity.Modality}
            node.entity.attributes["ModalitiesInStudy"] = sorted(modalities)
        else:
            known = {**patient, **_attributes(record, "PATIENT")} if record.kind == "PATIENT" else patient
            waiting += [(c, known) for c in reversed(record.children)]
    return studies


def _images(medium: Media, place: Folder | Archive, path: tuple[str, ...], series: Record) -> dict[str, Node]:
    """Return the instances of a series."""
    nodes: dict[str, Node] = {}
    for record in series.files():
        node = _node(medium, nodes, path, "IMAGE", _attributes(record, "IMAGE"))
        node.name = place.resolve(record.file)
        if node.name is None:
            medium.skipped["/".join(record.file)] = "It is not on the medium, although the DICOMDIR says so."
    return nodes


def _node(
    medium: Media, nodes: dict[str, Node], above: tuple[str, ...], level: Level, attributes: dict[str, Any]
) -> Node:
    """Return the node of an entity; a second record of the same one adds to it."""
    uid = text(attributes.get(UNIQUE_KEYS[level]), 64)
    path = (*above, uid)
    attributes |= dict(zip(UIDS, path, strict=False))
    return nodes.setdefault(uid, Node(Entity(level, path, attributes, complete=level == "IMAGE", source=medium)))


def _add(node: Node, count: int) -> None:
    keyword = "NumberOfStudyRelatedInstances" if node.entity.level == "STUDY" else "NumberOfSeriesRelatedInstances"
    node.entity.attributes[keyword] = (node.entity.attributes.get(keyword) or 0) + count


def _count(study: Node) -> None:
    series = study.known.values()
    for one in series:
        one.entity.attributes["NumberOfSeriesRelatedInstances"] = len(one.known)
    study.entity.attributes |= {
        "ModalitiesInStudy": sorted({text(s.entity.Modality) for s in series if s.entity.Modality}),
        "SOPClassesInStudy": sorted({text(i.entity.SOPClassUID, 64) for s in series for i in s.known.values()}),
        "NumberOfStudyRelatedSeries": len(study.known),
        "NumberOfStudyRelatedInstances": sum(len(s.known) for s in series),
    }


def _wanted(level: str) -> dict[str, str]:
    """Return which attribute of a record is which key of an entity."""
    if level == "PATIENT":
        return {k: k for k in _PATIENT}
    keys = {k: _FILE_KEYS.get(k, k) for k in KEYS[level]}  # type: ignore[index]
    return keys if level != "STUDY" else {**keys, **{k: k for k in _PATIENT}}


_KEYWORDS: Final = {level: _wanted(level) for level in ("PATIENT", *LEVELS)}
_TAGS: Final = {
    level: frozenset({0x00080005, *(t for k in keys.values() if (t := tag_for_keyword(k)))})
    for level, keys in _KEYWORDS.items()
}


def _attributes(record: Record, level: str) -> dict[str, Any]:
    ds = record.attributes(_TAGS[level])
    return {ours: decoded(ds, theirs) for ours, theirs in _KEYWORDS[level].items()}
