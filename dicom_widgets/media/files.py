"""Files, folders, bytes and data sets as blobs; files are mapped, not read into memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.uid import UID

from dicom_widgets.dicom.blob import LARGEST_INFLATED, Blob, MappedFile
from dicom_widgets.dicom.conformance import DEFLATED, EXPLICIT, syntax_name
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.dicom.part10 import part10
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom, StoreFull

LARGEST_SCANNED: Final = 1 << 28
"""Bytes that a deflated data set may have where only its header is looked at."""


@dataclass(frozen=True)
class Skipped:
    """A file or an object that was left out: it is no DICOM object, or cannot be read."""

    origin: str
    why: str


def content(file: Any) -> bytes:
    """Return the rest of an open file."""
    found = file.read()
    if not isinstance(found, bytes):
        raise TypeError("This file is open for reading text: open it by open(path, 'rb').")
    return found


def blobs(source: Any) -> Iterator[Blob | Skipped]:
    """Yield a blob for each object of a source.

    Parameters
    ----------
    source : path, bytes, file that is open for reading bytes, Dataset, or iterable of them
        A folder is read with all folders below it, in the order of the names.

    Raises
    ------
    NotDicom
        A single file, or bytes, that are no DICOM object; in a folder or a list such files are skipped.
    FileNotFoundError
        The path does not exist.

    """
    if isinstance(source, Dataset):
        yield encoded(source)
    elif hasattr(source, "read"):
        yield from blobs(content(source))
    elif isinstance(source, (bytes, bytearray, memoryview)):
        yield part10(memoryview(source), "The object in memory")
    elif isinstance(source, (str, os.PathLike)):
        path = Path(source).expanduser()
        if not path.exists():
            raise FileNotFoundError(
                f"There is no file or folder {path}. Is it spelt right, and on the kernel's machine?"
            )
        yield from _folder(path) if path.is_dir() else iter([mapped(path)])
    elif isinstance(source, Iterable) and not isinstance(source, Mapping):
        for n, one in enumerate(source, 1):
            try:
                yield from blobs(one)
            except NotDicom as error:
                name = str(one) if isinstance(one, (str, os.PathLike)) else f"number {n} of the list"
                yield Skipped(name, text(error, 400))
    else:
        raise TypeError(
            f"This {type(source).__name__} cannot be loaded: give a path, bytes, an open file, a pydicom Dataset, or a"
            " list of them."
        )


def refusal(status: int, blob: Blob) -> str:
    """Return a sentence that says why the store did not take an object."""
    if status == 0xA700:
        return f"{blob.origin} ({blob.nbytes >> 20} MiB) does not fit under the session's memory limit."
    try:
        Instance(blob)
    except NotDicom as error:
        return text(error, 400)
    return f"{blob.origin} was refused (status 0x{status:04X})."


def files(folder: Path, skip: Callable[[str, str], object]) -> Iterator[Path]:
    """Yield all files below a folder, sorted by name; `skip` is called with folders that cannot be read."""

    def unreadable(error: OSError) -> None:
        skip(str(error.filename), f"The folder {error.filename} cannot be read: {error.strerror}.")

    for root, folders, names in os.walk(folder, onerror=unreadable):
        folders.sort()
        for name in sorted(names):
            yield Path(root, name)


def _folder(folder: Path) -> Iterator[Blob | Skipped]:
    skipped: list[Skipped] = []
    for path in files(folder, lambda origin, why: skipped.append(Skipped(origin, why))):
        if path.name.upper() == "DICOMDIR":  # the files that it lists are read themselves
            continue
        try:
            yield mapped(path)
        except (NotDicom, StoreFull, OSError) as error:
            yield Skipped(str(path), text(error, 400))
    yield from skipped


def mapped(path: Path, *, limit: int = LARGEST_INFLATED) -> Blob:
    """Return the object in a file, mapped; a deflated one has at most `limit` bytes.

    Raises
    ------
    NotDicom, StoreFull, OSError

    """
    try:
        file = MappedFile.of(path)
    except OSError as error:
        if path.is_file():
            raise
        raise NotDicom(f"{path} is no regular file, so it is not read.") from error
    if file.size == 0:
        raise NotDicom(f"{path} is empty. Copy it again from where it came.")
    try:
        return part10(file, str(path), limit=limit)
    except NotDicom as error:
        if isinstance(error.__cause__, PermissionError):
            raise NotDicom(f"{path} may not be read by {_user()}. Have its permissions changed.") from error
        raise


def _user() -> str:
    return f"the user {os.getuid()}" if hasattr(os, "getuid") else "this user"


def encoded(ds: Dataset) -> Blob:
    """Return a data set of the notebook as a blob, in the syntax of its file meta, else explicit little endian."""
    meta = getattr(ds, "file_meta", None)
    syntax = UID(str(meta.get("TransferSyntaxUID", EXPLICIT))) if meta is not None else EXPLICIT
    if not syntax.is_transfer_syntax:
        syntax = EXPLICIT
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = syntax.is_implicit_VR, syntax.is_little_endian
    try:
        write_dataset(buffer, ds)
    except Exception as error:
        raise NotDicom(
            f"The data set cannot be encoded as {syntax_name(syntax)}: {text(error)}. Correct that element."
        ) from error
    data = buffer.getvalue()
    return Blob.of(data, EXPLICIT if syntax == DEFLATED else syntax, origin="the notebook's data set")
