"""What is measured: a CT made of numbers, with a flat patch in each slice, and studies in files made of a real CT."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

if TYPE_CHECKING:
    from pathlib import Path

PATCH = 40
"""Modality value of the patch."""
CENTER, WIDTH = 40, 400


@cache
def stored(size: int, seed: int = 0) -> np.ndarray:
    """Return an int16 slice: rings and noise as in a body, and the patch of 32 x 32."""
    y, x = np.mgrid[:size, :size] / size - 0.5
    noise = np.random.default_rng(seed).normal(0, 20, (size, size))
    values = np.where(np.hypot(x, y) < 0.45, 300 * np.sin(30 * np.hypot(x, y + seed / 500)), -1000) + noise
    middle = slice(size // 2 - 16, size // 2 + 16)
    values[middle, middle] = PATCH
    return values.astype(np.int16)


def slices(count: int, size: int = 512, *, center: float = CENTER, name: str = "Benchmark") -> list[Dataset]:
    """Return a CT series as data sets."""
    study, series = generate_uid(), generate_uid()
    return [_slice(stored(size, i), i, study, series, center, name) for i in range(count)]


def _slice(values: np.ndarray, index: int, study: str, series: str, center: float, name: str) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID, ds.SOPInstanceUID = CTImageStorage, generate_uid()
    ds.file_meta.MediaStorageSOPClassUID, ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPClassUID, ds.SOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.InstanceNumber = study, series, index + 1
    ds.PatientName, ds.PatientID, ds.StudyDescription = "Sample^CT", "1", "Benchmarks"
    ds.Modality, ds.SeriesDescription, ds.SeriesNumber = "CT", name, 1
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, 2 * index], [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing, ds.SliceThickness = [0.5, 0.5], 2
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = values.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.RescaleSlope, ds.RescaleIntercept = 1, 0
    ds.WindowCenter, ds.WindowWidth = center, WIDTH
    ds.PixelData = values.astype("<i2").tobytes()
    return ds


@dataclass(frozen=True)
class Stored:
    """A study, or a series of it, that lies in files."""

    study: str
    series: str | None
    """None is the whole study."""
    instances: tuple[tuple[str, str], ...]
    """Series and SOP Instance UID of each file."""
    files: tuple[Path, ...]

    @property
    def nbytes(self) -> int:
        """Length of all files."""
        return sum(path.stat().st_size for path in self.files)

    def first_series(self) -> Stored:
        """Return the first series alone."""
        first = self.instances[0][0]
        kept = [i for i, (series, _) in enumerate(self.instances) if series == first]
        instances, files = (tuple(all_[i] for i in kept) for all_ in (self.instances, self.files))
        return replace(self, series=first, instances=instances, files=files)


def files(folder: Path, name: str, count: int, *, tiles: int = 1, series: int = 1) -> Stored:
    """Write a study of pydicom's CT (128 x 128, 16 bit), tiled and shifted: no two instances have the same pixels."""
    ds = pydicom.dcmread(get_testdata_file("CT_small.dcm", download=False))
    del ds[0xFFFCFFFC]  # DataSetTrailingPadding
    values = np.tile(ds.pixel_array, (tiles, tiles))
    ds.Rows, ds.Columns = values.shape
    ds.StudyInstanceUID, ds.PatientID, ds.StudyDescription = generate_uid(), name, name
    uids = [generate_uid() for _ in range(series)]
    instances, paths = [], []
    for i in range(count):
        ds.SeriesNumber, ds.InstanceNumber = 1 + i * series // count, i + 1
        ds.SeriesInstanceUID, ds.SOPInstanceUID = uids[ds.SeriesNumber - 1], generate_uid()
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.PixelData = np.roll(values, i).tobytes()
        instances.append((str(ds.SeriesInstanceUID), str(ds.SOPInstanceUID)))
        paths.append(folder / f"{name}{i:05}.dcm")
        ds.save_as(paths[-1])
    return Stored(str(ds.StudyInstanceUID), None, tuple(instances), tuple(paths))
