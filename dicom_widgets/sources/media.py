"""Files, folders, bytes and data sets as blobs; files are mapped, not read into memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset
from pydicom.uid import UID

from dicom_widgets.blob import LARGEST_INFLATED, Blob, MappedFile, View
from dicom_widgets.conformance import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, syntax_name
from dicom_widgets.errors import NotDicom, StoreFull
from dicom_widgets.header import Unusual, header
from dicom_widgets.values import text

PREAMBLE: Final = 128
_SYNTAX: Final = frozenset({0x00020010})
_BEHIND_META: Final = range(0x00030000, 1 << 32)


@dataclass(frozen=True)
class Skipped:
    """Something that is no DICOM object, or cannot be read."""

    origin: str
    why: str


def blobs(source: Any) -> Iterator[Blob | Skipped]:
    """Yield a blob for each object of a source.

    Parameters
    ----------
    source : path, bytes, Dataset, or iterable of them
        A folder is read with all folders below it, in the order of the names.

    Raises
    ------
    NotDicom
        A single file, or bytes, that are no DICOM object; in a folder such files are skipped.
    FileNotFoundError
        The path does not exist.

    """
    if isinstance(source, Dataset):
        yield encoded(source)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        yield part10(memoryview(source), "the bytes")
    elif isinstance(source, (str, os.PathLike)):
        path = Path(source).expanduser()
        if not path.exists():
            raise FileNotFoundError(
                f"There is no file or folder {path}. Is it spelt right, and on the kernel's machine?"
            )
        yield from _folder(path) if path.is_dir() else iter([mapped(path)])
    elif isinstance(source, Iterable):
        for one in source:
            yield from blobs(one)
    else:
        raise TypeError(
            f"A {type(source).__name__} cannot be loaded: give a path, bytes, a pydicom Dataset, or a list of them."
        )


def refusal(status: int, blob: Blob) -> str:
    """Say why the store did not take an object."""
    if status == 0xA700:
        return f"{blob.origin} ({blob.nbytes >> 20} MiB) does not fit under the session's memory limit."
    return f"{blob.origin} cannot be read as a DICOM object, or has no SOP Instance UID."


def _folder(folder: Path) -> Iterator[Blob | Skipped]:
    for root, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            try:
                yield mapped(path)
            except (NotDicom, StoreFull, OSError) as error:
                yield Skipped(str(path), text(error))


def mapped(path: Path) -> Blob:
    """Return the object in a file, mapped."""
    if not path.is_file():
        raise NotDicom(f"{path} is no regular file, so it is not read.")
    file = MappedFile.of(path)
    if file.size == 0:
        raise NotDicom(f"{path} is empty. Copy it again from where it came.")
    return part10(file, str(path))


def part10(source: memoryview | MappedFile, origin: str, *, limit: int = LARGEST_INFLATED) -> Blob:
    """Return the object in the bytes of a file: with meta information, or by the best guess (PS3.10 7.1).

    Raises
    ------
    NotDicom
    StoreFull
        It is deflated, and has more than `limit` bytes.

    """
    data = source.view() if isinstance(source, MappedFile) else source.toreadonly()
    if bytes(data[PREAMBLE : PREAMBLE + 4]) == b"DICM":
        try:
            syntax, start = _meta(data)
        except Exception as error:
            raise NotDicom(
                f"{origin} starts as a DICOM file, but its meta information cannot be read: {text(error)}."
            ) from error
        if syntax == DEFLATED:
            return Blob.of(data[start:], DEFLATED, limit=limit, origin=origin)
        if syntax and (syntax.is_transfer_syntax or syntax.is_private):
            return Blob(_behind(source, start), syntax, origin=origin)
    else:
        start = 0
    guess = _guess(data[start : start + 4096])
    if guess is None:
        raise NotDicom(
            f"{origin} is no DICOM file: it has no 'DICM' after {PREAMBLE} bytes, and does not look like a data set."
        )
    return Blob(_behind(source, start), guess, guessed=True, origin=origin)


def _meta(data: memoryview) -> tuple[UID, int]:
    """Return the transfer syntax that the meta information says, and where the data set begins (PS3.10 7.1)."""
    begin = PREAMBLE + 4
    try:
        meta, end = header(data[begin:], implicit=False, wanted=_SYNTAX, stop=_BEHIND_META)
        start = len(data) if end is None else begin + end
    except Unusual:
        reader = View(data)
        reader.seek(begin)
        meta = read_dataset(reader, False, True, stop_when=lambda tag, _vr, _n: tag >> 16 != 2)  # type: ignore[arg-type]
        start = reader.tell()
    return UID(text(meta.get("TransferSyntaxUID", ""), 64)), start


def _behind(source: memoryview | MappedFile, start: int) -> memoryview | MappedFile:
    return replace(source, start=start) if isinstance(source, MappedFile) else source[start:].toreadonly()


def _guess(head: memoryview) -> UID | None:
    """Return the syntax in which the first elements make sense: ascending tags, plausible VRs and lengths."""
    for syntax in (EXPLICIT, IMPLICIT, BIG_ENDIAN):
        if _plausible(bytes(head), syntax):
            return syntax
    return None


def _plausible(head: bytes, syntax: UID) -> bool:
    order = "little" if syntax.is_little_endian else "big"
    at, last, seen = 0, 0, 0
    while at + 8 <= len(head) and seen < 4:
        group, element = (int.from_bytes(head[at + i : at + i + 2], order) for i in (0, 2))  # type: ignore[arg-type]
        tag = group << 16 | element
        if tag <= last or group not in range(2, 0x41) or group % 2:
            return False
        if syntax.is_implicit_VR:
            length, skip = int.from_bytes(head[at + 4 : at + 8], "little"), 8
        else:
            if not head[at + 4 : at + 6].isalpha() or not head[at + 4 : at + 6].isupper():
                return False
            length, skip = int.from_bytes(head[at + 6 : at + 8], order), 8  # type: ignore[arg-type]
            if head[at + 4 : at + 6] in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
                break
        if length > 1 << 20:  # also undefined length: a sequence that early is odd but possible
            break
        at, last, seen = at + skip + length, tag, seen + 1
    return seen > 0


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
