"""Containers of the files of a medium: a folder, a zip file, memory. References that lead out of one are refused."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final, Protocol

from dicom_widgets.dicom.part10 import part10
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom, StoreFull
from dicom_widgets.media import files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dicom_widgets.dicom.blob import Blob

DICOMDIR: Final = "DICOMDIR"
HEAD: Final = 1 << 20
"""Bytes of a member of a zip file that are unpacked to read its header."""
_ZIP: Final = (b"PK\3\4", b"PK\5\6")


class Container(Protocol):
    """The files of a medium; each has a name that is relative to the container."""

    def names(self, skip: Callable[[str, str], object]) -> Iterator[str]:
        """Yield the names of all files, sorted; `skip` is called with what cannot be read, and why."""

    def open(self, name: str, limit: int) -> Blob:
        """Return the object in a file, of at most `limit` bytes where it has to be unpacked."""

    def head(self, name: str) -> Blob:
        """Return as much of the object in a file as its header needs."""

    def resolve(self, components: tuple[str, ...]) -> str | None:
        """Return the name of the file that a File ID refers to, or None."""


class FolderContainer:
    """The files below a folder, or one of them."""

    def __init__(self, root: Path, only: str = "") -> None:
        self._root, self._only = root, only
        self._names: dict[Path, dict[str, str]] = {}
        self._lock = threading.Lock()

    def __str__(self) -> str:
        return str(self._root / self._only)

    def names(self, skip: Callable[[str, str], object]) -> Iterator[str]:
        """Yield the names of all files, in order."""
        if self._only:
            yield self._only
        else:
            above = len(str(self._root / "x")) - 1  # length of the prefix that all of them have
            yield from (str(p)[above:] for p in files.files(self._root, skip))

    def open(self, name: str, limit: int) -> Blob:
        """Return the object in a file.

        Raises
        ------
        NotDicom, StoreFull, OSError

        """
        return files.mapped(self._root / name, limit=limit)

    def head(self, name: str) -> Blob:
        """Return the same as `open`: of a mapped file only what is looked at is read."""
        return self.open(name, files.LARGEST_SCANNED)

    def resolve(self, components: tuple[str, ...]) -> str | None:
        """Return the name of the file that a File ID refers to, or None."""
        where = self._root
        for depth, component in enumerate(components, 1):
            known = self._listed(where)
            wanted = spellings(component) if depth == len(components) else (component, component.casefold())
            found = next((known[n] for n in wanted if n in known), None)  # no other paths, as ".."
            if found is None:
                return None
            where /= found
        inside = where.resolve().is_relative_to(self._root.resolve())  # a link may lead elsewhere
        return str(where.relative_to(self._root)) if inside and components else None

    def _listed(self, where: Path) -> dict[str, str]:
        """Return what lies in a folder: by its name as it is, and in small letters."""
        with self._lock:
            if where not in self._names:
                try:
                    names = sorted(os.listdir(where), reverse=True)  # noqa: PTH208  names, not paths
                except OSError:
                    names = []
                self._names[where] = {n.casefold(): n for n in names} | {n: n for n in names}
            return self._names[where]


class ZipContainer:
    """The members of a zip file; they are unpacked into memory when they are asked for."""

    def __init__(self, source: Path | bytes) -> None:
        self._name = "the zip file" if isinstance(source, bytes) else str(source)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
        except Exception as error:  # a damaged directory leads to exceptions of any kind
            raise NotDicom(f"{self._name} cannot be read as a zip file: {text(error)}. Copy it again.") from error
        self._lock = threading.Lock()
        names = [n for n in self._zip.namelist() if not n.endswith(("/", "\\"))]
        self._members = {n.replace("\\", "/").casefold(): n for n in sorted(names, reverse=True)}

    def __str__(self) -> str:
        return self._name

    def names(self, _: Callable[[str, str], object]) -> Iterator[str]:
        """Yield the names of all members, in order."""
        yield from sorted(self._members.values())

    def open(self, name: str, limit: int) -> Blob:
        """Return the object in a member.

        Raises
        ------
        NotDicom
        StoreFull
            It has more than `limit` bytes; nothing was unpacked.

        """
        size = self._zip.getinfo(name).file_size  # the zip file cannot have more: no more is unpacked
        if size > limit:
            raise StoreFull(
                f"{self._name}: {text(name)} has {size >> 20} MiB, for which there is no room."
                " Drop what is not needed (session.drop), or give the session a larger memory_limit."
            )
        return self._unpacked(name, size, limit)

    def head(self, name: str) -> Blob:
        """Return the beginning of the object in a member."""
        return self._unpacked(name, HEAD, files.LARGEST_SCANNED)

    def _unpacked(self, name: str, size: int, limit: int) -> Blob:
        origin = f"{self._name}: {text(name)}"
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise NotDicom(f"{origin} is not read: its name leads out of the zip file.")
        try:
            with self._lock, self._zip.open(name) as member:
                data = member.read(size)
        except Exception as error:  # each kind of compression has its own exceptions
            raise NotDicom(f"{origin} cannot be unpacked: {text(error)}. Unpack it by another tool.") from error
        return part10(memoryview(data), origin, limit=limit)

    def resolve(self, components: tuple[str, ...]) -> str | None:
        """Return the name of the member that a File ID refers to, or None."""
        if not components or ".." in components:
            return None
        above = [c.casefold() for c in components[:-1]]
        wanted = ("/".join([*above, n]) for n in spellings(components[-1]))
        return next((self._members[n] for n in wanted if n in self._members), None)


class UploadedFiles:
    """Uploaded files, in memory. Their names are never used as paths."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)
        self._names = {n.replace("\\", "/").casefold(): n for n in sorted(files, reverse=True)}

    def __str__(self) -> str:
        return f"{len(self._files)} uploaded files"

    def names(self, _: Callable[[str, str], object]) -> Iterator[str]:
        """Yield the names of all files, in order."""
        yield from sorted(self._files)

    def open(self, name: str, limit: int) -> Blob:
        """Return the object in a file.

        Raises
        ------
        NotDicom, StoreFull

        """
        return part10(memoryview(self._files[name]), text(name), limit=limit)

    def head(self, name: str) -> Blob:
        """Return the same as `open`, as it is in memory already."""
        return self.open(name, files.LARGEST_SCANNED)

    def resolve(self, components: tuple[str, ...]) -> str | None:
        """Return the name of the file that a File ID refers to, or None; an uploaded folder may precede it."""
        above = [c.casefold() for c in components[:-1]]
        wanted = ["/".join([*above, n]) for n in spellings(components[-1])] if components else []
        above_index = (n[: -len(DICOMDIR)] for n in self._names if n.endswith("/" + DICOMDIR.casefold()))
        roots = ["", *sorted(above_index, key=len)]
        return next((self._names[r + n] for r in roots for n in wanted if r + n in self._names), None)


def spellings(name: str) -> tuple[str, ...]:
    """Return the names that a file may have on real media: in another case, with extension, with version number."""
    small = name.casefold().partition(";")[0].rstrip(".")
    bare = small.removesuffix(".dcm")
    return name, name.casefold(), small, *(f"{bare}{end}" for end in (".dcm", "", ";1", ".;1", ".dcm;1"))


def is_zip(source: Path | bytes) -> bool:
    """Whether something begins like a zip file; only regular files are opened."""
    if isinstance(source, bytes):
        return source[:4] in _ZIP
    if not source.is_file():
        return False
    with source.open("rb") as file:
        return file.read(4) in _ZIP


def is_index(blob: Blob) -> bool:
    """Whether it is the data set of a DICOMDIR: it begins with group 4."""
    return bytes(blob.data[:2]) in (b"\4\0", b"\0\4")


def opened(source: str | os.PathLike[str] | bytes | Mapping[str, bytes]) -> tuple[Container, str | None]:
    """Return the container of the files, and the name of the DICOMDIR if there is one.

    Raises
    ------
    FileNotFoundError, OSError, NotDicom

    """
    if isinstance(source, Mapping):
        held = UploadedFiles(source)
        return held, held.resolve((DICOMDIR,))
    if isinstance(source, bytes):
        where: Path | bytes = source
    else:
        where = Path(source).expanduser()
        if not where.exists():
            raise FileNotFoundError(
                f"There is no file or folder {where}. Is it spelt right, and on the kernel's machine?"
            )
    if isinstance(where, bytes) or is_zip(where):
        container: Container = ZipContainer(where)
    elif where.is_dir():
        container = FolderContainer(where)
    elif is_index(files.mapped(where)):
        return FolderContainer(where.parent), where.name
    elif where.name.upper() == DICOMDIR:
        raise NotDicom(f"{where} is no DICOMDIR that can be read. Look at its folder: Media({str(where.parent)!r}).")
    else:
        return FolderContainer(where.parent, where.name), None
    return container, container.resolve((DICOMDIR,))
