"""Media: the tree of a DICOMDIR of 50,000 records, and of 5,000 files without one, beside pydicom and dcmdump."""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import tracemalloc
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet
from pydicom.tag import Tag
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, MediaStorageDirectoryStorage, generate_uid

import dicom_widgets as dw
from benchmarks import samples
from benchmarks.report import Row, interleaved, table
from dicom_widgets.dicom.conformance import KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence

RECORDS = 50_000
FILES = 5_000
DISTS = ("pydicom",)
SERIES, IMAGES = 4, 124
"""Series of a study, and images of a series."""


def record(kind: str, **attributes: Any) -> Dataset:
    ds = Dataset()
    ds.OffsetOfTheNextDirectoryRecord = ds.OffsetOfReferencedLowerLevelDirectoryEntity = 0
    ds.RecordInUseFlag = 0xFFFF
    ds.DirectoryRecordType = kind
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds


def records() -> list[tuple[int, Dataset]]:
    """Return the records of patients with one study each, with their levels."""
    found: list[tuple[int, Dataset]] = []
    number = 0
    while len(found) < RECORDS:
        number += 1
        name = f"P{number:05}"
        study = {"StudyDate": "20240131", "StudyTime": "120000", "StudyID": str(number), "AccessionNumber": name}
        found.append((0, record("PATIENT", PatientName=f"Sample^{name}", PatientID=name)))
        found.append((1, record("STUDY", StudyInstanceUID=generate_uid(), StudyDescription="Benchmark", **study)))
        for series in range(SERIES):
            keys = {"Modality": "CT", "SeriesNumber": series + 1, "SeriesInstanceUID": generate_uid()}
            found.append((2, record("SERIES", **keys)))
            for image in range(IMAGES):
                keys = {
                    "ReferencedFileID": [name, f"S{series}", f"I{image:05}"],
                    "ReferencedSOPClassUIDInFile": CTImageStorage,
                    "ReferencedSOPInstanceUIDInFile": generate_uid(),
                    "ReferencedTransferSyntaxUIDInFile": ExplicitVRLittleEndian,
                    "InstanceNumber": image + 1,
                }
                found.append((3, record("IMAGE", **keys)))
    return found[:RECORDS]


def dicomdir(folder: Path) -> Path:
    """Write a DICOMDIR, and empty files for what it refers to: FileSet wants them to exist."""
    found = records()
    ds = Dataset()
    ds.FileSetID = "BENCHMARK"
    first, last = (
        "OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity",
        "OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity",
    )
    setattr(ds, first, 0)
    setattr(ds, last, 0)
    ds.FileSetConsistencyFlag = 0
    ds.DirectoryRecordSequence = [one for _, one in found]
    ds.file_meta = pydicom.dataset.FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    ds.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    path = folder / "DICOMDIR"
    ds.save_as(path, enforce_file_format=True)
    where = [one.seq_item_tell for one in pydicom.dcmread(path).DirectoryRecordSequence]
    latest: dict[int, Dataset] = {}
    for at, (level, one) in zip(where, found, strict=True):
        if level in latest:
            latest[level].OffsetOfTheNextDirectoryRecord = at
        elif level:
            latest[level - 1].OffsetOfReferencedLowerLevelDirectoryEntity = at
        latest = {k: v for k, v in latest.items() if k < level} | {level: one}
    setattr(ds, first, where[0])
    setattr(ds, last, max(at for at, (level, _) in zip(where, found, strict=True) if level == 0))
    ds.save_as(path, enforce_file_format=True)
    for _, one in found:
        if "ReferencedFileID" in one:
            file = folder.joinpath(*one.ReferencedFileID)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    return path


def ours(path: Path) -> int:
    """Read it to what is shown first: studies and series, with counts."""
    with dw.Session(listen_port=0) as session:
        studies = session.find(dw.Media(path))
        series = [one for study in studies for one in session.expand(study)]
        return sum(one.NumberOfSeriesRelatedInstances for one in series)


def theirs(path: Path) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        disc = FileSet(path)
        count = len(disc.find_values("SeriesInstanceUID")) and len(disc)
        disc._stage["t"].cleanup()
        return count


def dcmdump(path: Path) -> None:
    subprocess.run(["dcmdump", str(path)], check=True, stdout=subprocess.DEVNULL)


def memory(path: Path) -> str:
    tracemalloc.start()
    with dw.Session(listen_port=0) as session:
        medium = dw.Media(path)
        for study in session.find(medium):
            session.expand(study)
        held, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return f"the tree takes {held / 1e6:.1f} MB ({held / RECORDS:.0f} bytes a record), {most / 1e6:.1f} MB at most"


def directory(folder: Path) -> None:
    path = dicomdir(folder)
    if ours(path) != theirs(path):
        raise RuntimeError("the two do not find the same")
    ways = {"ours": lambda: ours(path)}
    if shutil.which("dcmdump"):
        ways["dcmdump"] = lambda: dcmdump(path)  # type: ignore[assignment, return-value]
    taken = interleaved(ways, runs=5)
    slow = interleaved({"FileSet": lambda: theirs(path)}, runs=1)["FileSet"]
    tenth, tool = statistics.median(slow) / 10, statistics.median(taken.get("dcmdump", [float("inf")]))
    rows = [Row("dicom_widgets, Media: studies and series with counts", taken["ours"], goal=min(tenth, tool))]
    rows += [Row("dcmdump", taken["dcmdump"])] if "dcmdump" in taken else []
    rows += [Row("pydicom, FileSet", slow)]
    table(f"A DICOMDIR of {RECORDS} records, {path.stat().st_size / 1e6:.1f} MB", rows, DISTS)
    print(f"  {memory(path)}")


def plain(paths: Sequence[Path], tags: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Read the same attributes by a plain loop."""
    found = {}
    for path in paths:
        ds = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=list(tags))
        found[str(ds.SOPInstanceUID)] = {e.keyword: e.value for e in ds}
    return found


def scan(folder: Path) -> None:
    stored = samples.files(folder, "CT", FILES, series=10)
    names = {k for level in KEYS.values() for k in level}
    tags = sorted(Tag(k) for k in names)

    def media() -> int:
        with dw.Session(listen_port=0) as session:
            return sum(s.NumberOfStudyRelatedInstances for s in session.find(dw.Media(folder)))

    if media() != len(plain(stored.files, tags)):
        raise RuntimeError("the two do not find the same")
    taken = interleaved({"ours": media, "pydicom": lambda: plain(stored.files, tags)}, runs=3)
    rows = [
        Row("dicom_widgets, Media: the tree", taken["ours"], goal=statistics.median(taken["pydicom"]) / 2),
        Row("pydicom, dcmread(stop_before_pixels, specific_tags)", taken["pydicom"]),
    ]
    table(f"The headers of {FILES} files without a DICOMDIR, {stored.nbytes / 1e6:.0f} MB", rows, DISTS)


def main() -> None:
    for measured in (directory, scan):
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            measured(Path(name))
