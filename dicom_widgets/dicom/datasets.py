"""Secondary Capture data sets made of arrays, so that an array is shown like any other image."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, generate_uid

from dicom_widgets.dicom.conformance import EXPLICIT

_SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def datasets_of(array: np.ndarray, title: str = "array") -> list[Dataset]:
    """Return an array as Secondary Capture data sets of one series.

    Parameters
    ----------
    array : ndarray
        (rows, columns) or (slices, rows, columns), of any real dtype; values that do not fit into 16 bits are
        scaled, and the rescale recovers them to 1/65535 of their range. uint8 whose last dimension is 3 is RGB.
    title : str
        Series description.

    """
    values = np.asarray(array)
    study, series = generate_uid(), generate_uid()
    if values.dtype == np.uint8 and values.ndim in (3, 4) and values.shape[-1] == 3 and values.size:
        images = values[None] if values.ndim == 3 else values
        return [_colors(image, study, series, title, i) for i, image in enumerate(images, 1)]
    if values.ndim not in (2, 3) or values.dtype.kind not in "biuf" or 0 in values.shape:
        raise TypeError(
            f"An array of shape {values.shape} and type {values.dtype} cannot be shown: give (rows, columns) or"
            " (slices, rows, columns) of real numbers, or bytes with RGB as the last dimension."
        )
    stored, slope, intercept = _words(values[None] if values.ndim == 2 else values)
    ends = float(stored.min()) * slope + intercept, float(stored.max()) * slope + intercept
    return [_dataset(s, slope, intercept, ends, study, series, title, i) for i, s in enumerate(stored, 1)]


def _words(values: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Return 16-bit words, and slope and intercept that recover the values."""
    if values.dtype.kind in "biu" and values.min() >= 0 and values.max() <= 0xFFFF:
        return values.astype(np.uint16), 1.0, 0.0
    if values.dtype.kind in "iu" and values.min() >= -0x8000 and values.max() <= 0x7FFF:
        return values.astype(np.int16), 1.0, 0.0
    finite = np.isfinite(values)
    if not finite.any():
        raise TypeError("The array has no finite number, so there is nothing to show.")
    low, high = float(values[finite].min()), float(values[finite].max())
    slope = (high - low) / 0xFFFF or 1.0
    clean = np.where(finite, values, low)
    return np.floor((clean - low) / slope + 0.5).astype(np.uint16), slope, low


def _common(stored: np.ndarray, study: UID, series: UID, title: str, number: int) -> Dataset:
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = EXPLICIT
    ds.SOPClassUID, ds.SOPInstanceUID = _SECONDARY_CAPTURE, generate_uid()
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study, series
    ds.Modality, ds.SeriesDescription, ds.InstanceNumber = "OT", title[:64], number
    ds.ConversionType = "SYN"
    ds.StudyDate = dt.datetime.now(tz=dt.UTC).strftime("%Y%m%d")
    ds.Rows, ds.Columns = stored.shape[:2]
    return ds


def _colors(image: np.ndarray, *about: Any) -> Dataset:
    """Return an RGB image, (rows, columns, 3) of bytes."""
    ds = _common(image, *about)
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    data = image.tobytes()
    ds.PixelData = data + b"\0" * (len(data) % 2)
    return ds


def _dataset(stored: np.ndarray, slope: float, intercept: float, ends: tuple[float, float], *about: Any) -> Dataset:
    """Return a grey image, (rows, columns) of 16-bit words; all of an array have one window, from end to end."""
    ds = _common(stored, *about)
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit, ds.PixelRepresentation = 15, int(stored.dtype.kind == "i")
    ds.RescaleSlope, ds.RescaleIntercept = f"{slope:.10g}", f"{intercept:.10g}"
    low, high = ends
    ds.WindowCenter, ds.WindowWidth = f"{(low + high) / 2:.10g}", f"{(high - low) or 1:.10g}"
    ds.VOILUTFunction = "LINEAR_EXACT"
    ds.PixelData = stored.astype(stored.dtype.newbyteorder("<")).tobytes()
    return ds
