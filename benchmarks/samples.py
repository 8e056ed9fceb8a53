"""What is measured: a CT made of numbers, with a flat patch in the middle of each slice."""

from __future__ import annotations

from functools import cache

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

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
