"""Files, folders, bytes and data sets as blobs; files are mapped, not read into memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset
from pydicom.uid import UID
from pydicom.valuerep import VR

from dicom_widgets.dicom.blob import LARGEST_INFLATED, Blob, MappedFile, MappedView
from dicom_widgets.dicom.conformance import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT, syntax_name
from dicom_widgets.dicom.header import Unusual, header
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotDicom, StoreFull

PREAMBLE: Final = 128
LARGEST_SCANNED: Final = 1 << 28
"""Bytes that a deflated data set may have where only its header is looked at."""
_SYNTAX: Final = frozenset({0x00020010})
_BEHIND_META: Final = range(0x00030000, 1 << 32)
_NATIVE: Final = (EXPLICIT, IMPLICIT, BIG_ENDIAN)
_GROUPS: Final = frozenset({2, 4, 6, *range(8, 0x41)})
"""Groups that a data set may begin with."""
_VRS: Final = frozenset(v.value for v in VR if len(v.value) == 2)


@dataclass(frozen=True)
class Skipped:
    """Something that is no DICOM object, or cannot be read."""

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
    """Say why the store did not take an object."""
    if status == 0xA700:
        return f"{blob.origin} ({blob.nbytes >> 20} MiB) does not fit under the session's memory limit."
    try:
        Instance(blob)
    except NotDicom as error:
        return text(error, 400)
    return f"{blob.origin} was refused (status 0x{status:04X})."


def files(folder: Path, skip: Callable[[str, str], object]) -> Iterator[Path]:
    """Yield all files below a folder, in the order of their names; `skip` is told of folders that cannot be read."""

    def unreadable(error: OSError) -> None:
        skip(str(error.filename), f"The folder {error.filename} cannot be read: {error.strerror}.")

    for root, folders, names in os.walk(folder, onerror=unreadable):
        folders.sort()
        for name in sorted(names):
            yield Path(root, name)


def _folder(folder: Path) -> Iterator[Blob | Skipped]:
    skipped: list[Skipped] = []
    for path in files(folder, lambda origin, why: skipped.append(Skipped(origin, why))):
        if path.name.upper() == "DICOMDIR":  # what it lists is read itself
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


def part10(source: memoryview | MappedFile, origin: str, *, limit: int = LARGEST_INFLATED) -> Blob:
    """Return the object in the bytes of a file: with meta information, or by the best guess (PS3.10 7.1).

    Raises
    ------
    NotDicom
    StoreFull
        It is deflated, and has more than `limit` bytes.

    """
    data = source.view() if isinstance(source, MappedFile) else source.toreadonly()
    begin = _prefixed(data)
    said, start = None, 0
    if begin is not None:
        try:
            said, start = _meta(data, begin)
        except Exception as error:
            raise NotDicom(
                f"{origin} starts as a DICOM file, but its meta information cannot be read: {text(error)}."
                " Copy it again."
            ) from error
    likely = partial(_plausible, bytes(data[start : start + 4096]), len(data) - start)
    if said == DEFLATED:
        return Blob.of(data[start:], DEFLATED, limit=limit, origin=origin)
    if said and not said.is_transfer_syntax:  # a private one
        said = None
    if said and (said not in _NATIVE or likely(said)):
        return Blob(_behind(source, start), said, origin=origin)
    guess = next((s for s in _NATIVE if likely(s)), None)
    if guess is None and said:  # it looks odd, but nothing else is likelier
        return Blob(_behind(source, start), said, origin=origin)
    if guess is None:
        raise NotDicom(
            f"{origin} is no DICOM file: it has no 'DICM' after {PREAMBLE} bytes, and does not look like a data set."
            if begin is None
            else f"{origin} does not say its transfer syntax, and its data set looks like none that can be guessed: it"
            " may be deflated, or damaged. Export it again."
        )
    return Blob(_behind(source, start), guess, guessed=True, origin=origin)


def _prefixed(data: memoryview) -> int | None:
    """Return where the meta information begins; some writers leave out the preamble, or the prefix too."""
    if bytes(data[PREAMBLE : PREAMBLE + 4]) == b"DICM":
        return PREAMBLE + 4
    if bytes(data[:4]) == b"DICM":
        return 4
    return 0 if bytes(data[:6]) == b"\2\0\0\0UL" else None


def _meta(data: memoryview, begin: int) -> tuple[UID, int]:
    """Return the transfer syntax that the meta information says, and where the data set begins (PS3.10 7.1)."""
    try:
        meta, end = header(data[begin:], implicit=False, wanted=_SYNTAX, stop=_BEHIND_META)
        start = len(data) if end is None else begin + end
    except Unusual:
        reader = MappedView(data)
        reader.seek(begin)
        meta = read_dataset(reader, False, True, stop_when=lambda tag, _vr, _n: tag >> 16 != 2)  # type: ignore[arg-type]
        start = reader.tell()
    return UID(text(meta.get("TransferSyntaxUID", ""), 64)), start


def _behind(source: memoryview | MappedFile, start: int) -> memoryview | MappedFile:
    return replace(source, start=start) if isinstance(source, MappedFile) else source[start:].toreadonly()


def _plausible(head: bytes, total: int, syntax: UID) -> bool:
    """Whether the first elements make sense in a syntax: ascending tags, plausible VRs and lengths."""
    order: Literal["little", "big"] = "little" if syntax.is_little_endian else "big"

    def word(at: int, size: int = 2) -> int:
        return int.from_bytes(head[at : at + size], order)

    at, last, seen = 0, 0, 0
    while at + 8 <= len(head) and seen < 4:
        group, tag, vr = word(at), word(at) << 16 | word(at + 2), head[at + 4 : at + 6]
        if tag <= last or group not in _GROUPS:
            return False
        if syntax.is_implicit_VR:
            length = word(at + 4, 4)
        elif vr.decode("latin-1") not in _VRS:
            return False
        else:
            length = word(at + 6)
            if vr in (b"OB", b"OW", b"SQ", b"UN", b"UT"):
                return True
        if length > min(total, 1 << 20):  # also undefined length: a sequence that early is odd but possible
            break
        at, last, seen = at + 8 + length, tag, seen + 1
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
