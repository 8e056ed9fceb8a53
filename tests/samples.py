"""Objects made at test time, by hand and with pydicom only: what they hold is known to the last bit."""

from __future__ import annotations

import copy
import io
import warnings
from typing import Any

import numpy as np
from pydicom import dcmwrite
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, generate_uid

from dicom_widgets.dicom.blob import Blob
from dicom_widgets.dicom.instance import Instance

PREFIX = "1.2.840.10008.5.1.4.1.1."
CR, CT, MR, SC, DX = (PREFIX + n for n in ("1", "2", "4", "7", "1.1"))
XA, RF, PET, DOSE = (PREFIX + n for n in ("12.1", "12.2", "128", "481.2"))
GSPS = PREFIX + "11.1"
IMPLICIT, EXPLICIT, BIG_ENDIAN = ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian
AXIAL, CORONAL, SAGITTAL = [1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 0, -1], [0, 1, 0, 0, 0, -1]
"""Values of Image Orientation (Patient)."""


def item(**attributes: Any) -> Dataset:
    """Return a data set with these attributes; None leaves one out, a list of data sets is a sequence."""
    ds = Dataset()
    with warnings.catch_warnings():  # wrong values are the point of some samples
        warnings.simplefilter("ignore")
        for keyword, value in attributes.items():
            if value is not None:
                setattr(ds, keyword, Sequence(value) if keyword.endswith("Sequence") else value)
    return ds


def raw(**elements: tuple[str, bytes]) -> Dataset:
    """Return a data set as it comes from a file, with any VR and any bytes: converted when an element is read."""
    ds = Dataset()
    for keyword, (vr, data) in elements.items():
        tag = Tag(keyword)
        ds._dict[tag] = RawDataElement(tag, vr, len(data), data, 0, False, True)
    return ds


def plain(sop_class: str, **attributes: Any) -> Dataset:
    """Return an object of a class, with a patient, a study and a series."""
    own = {
        "SOPClassUID": sop_class,
        "SOPInstanceUID": generate_uid(),
        "StudyInstanceUID": "1.2.3.1",
        "SeriesInstanceUID": "1.2.3.1.1",
        "PatientName": "Doe^Jane",
        "PatientID": "4711",
        "StudyDate": "20240131",
        "Modality": "OT",
    }
    ds = item(**(own | attributes))
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = EXPLICIT
    return ds


def image(stored: Any, sop_class: str = CT, **attributes: Any) -> Dataset:
    """Return a grayscale image of these stored values: (rows, columns) or (frames, rows, columns), of their dtype."""
    grid = np.asarray(stored)
    grid = grid if grid.ndim > 1 else grid[None]
    bits = 8 * grid.dtype.itemsize
    own = {
        "Rows": grid.shape[-2],
        "Columns": grid.shape[-1],
        "NumberOfFrames": grid.shape[0] if grid.ndim == 3 else None,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": bits,
        "BitsStored": bits,
        "HighBit": attributes.get("BitsStored", bits) - 1,
        "PixelRepresentation": int(grid.dtype.kind == "i"),
    }
    ds = plain(sop_class, **(own | attributes))
    data = grid.astype(grid.dtype.newbyteorder("<")).tobytes()
    ds.add_new("PixelData", "OB" if bits == 8 else "OW", data + b"\0" * (len(data) % 2))
    return ds


def ramp(low: int, count: int, dtype: Any = np.int16) -> np.ndarray:
    """Return one row of consecutive values."""
    return np.arange(low, low + count).astype(dtype)[None]


def state(*images: Dataset, frames: list[int] | None = None, **attributes: Any) -> Dataset:
    """Return a Grayscale Softcopy Presentation State that refers to images, or some of their frames."""
    first = images[0]
    own = {
        "StudyInstanceUID": first.StudyInstanceUID,
        "SeriesInstanceUID": "1.2.3.1.99",
        "PatientID": first.get("PatientID"),
        "IssuerOfPatientID": first.get("IssuerOfPatientID"),
        "Modality": "PR",
        "InstanceNumber": 1,
        "ContentLabel": "SAMPLE",
        "PresentationCreationDate": "20240201",
        "PresentationCreationTime": "120000",
        "PresentationLUTShape": "IDENTITY",
        "ReferencedSeriesSequence": [
            item(SeriesInstanceUID=first.SeriesInstanceUID, ReferencedImageSequence=[refer(i, frames) for i in images])
        ],
        "DisplayedAreaSelectionSequence": [
            item(
                DisplayedAreaTopLeftHandCorner=[1, 1],
                DisplayedAreaBottomRightHandCorner=[first.Columns, first.Rows],
                PresentationSizeMode="SCALE TO FIT",
                PresentationPixelAspectRatio=[1, 1],
            )
        ],
    }
    return plain(GSPS, **(own | attributes))


def refer(ds: Dataset, frames: list[int] | None = None) -> Dataset:
    """Return an item of a Referenced Image Sequence."""
    return item(
        ReferencedSOPClassUID=ds.SOPClassUID, ReferencedSOPInstanceUID=ds.SOPInstanceUID, ReferencedFrameNumber=frames
    )


def lut(entries: list[int] | np.ndarray, first: int = 0, bits: int = 8, **attributes: Any) -> Dataset:
    """Return an item of a LUT sequence with US data; the VR of the descriptor follows the sign of `first`."""
    ds = item(**attributes)
    ds.add_new("LUTDescriptor", "SS" if first < 0 else "US", [len(entries) % 65536, first, bits])
    ds.add_new("LUTData", "US", [int(x) for x in entries])
    return ds


def encoded(ds: Dataset, syntax: UID | None = None) -> bytes:
    """Return the bare data set as pydicom encodes it; the bytes of its pixels are little endian ones."""
    used = UID(syntax or ds.file_meta.TransferSyntaxUID)
    if not used.is_little_endian and "PixelData" in ds:  # pydicom writes the bytes as they are
        ds = copy.deepcopy(ds)
        width = max(ds.BitsAllocated // 8, 2 if ds["PixelData"].VR == "OW" else 1)
        ds.PixelData = np.frombuffer(ds.PixelData, f"<u{width}").astype(f">u{width}").tobytes()
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = used.is_implicit_VR, used.is_little_endian
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write_dataset(buffer, ds)
    return buffer.getvalue()


def part10(ds: Dataset) -> bytes:
    """Return the file as pydicom writes it."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dcmwrite(out, ds, enforce_file_format=True)
    return out.getvalue()


def blob(ds: Dataset, syntax: UID | None = None, **kwargs: Any) -> Blob:
    """Return the object as a blob of its own syntax or another native one."""
    return Blob.of(encoded(ds, syntax), syntax or ds.file_meta.TransferSyntaxUID, **kwargs)


def instance(ds: Dataset, syntax: UID | None = None) -> Instance:
    """Return the object as an Instance."""
    return Instance(blob(ds, syntax))
