"""The modules that all invented objects have in common: patient, study, series, equipment, image (PS3.3 C.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, generate_uid

from dicom_widgets.dicom.conformance import EXPLICIT, IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT: Final = "2.25.241467478777355690629687575607195082066"
"""All UIDs of invented objects begin with this and are the same in every run."""
_PIXEL_DATA: Final = 0x7FE00010


def uid(*names: str | int) -> UID:
    """Return the UID of what these names describe."""
    return generate_uid(prefix=f"{ROOT}.", entropy_srcs=["practice", *(f"/{name}" for name in names)])


@dataclass(frozen=True)
class Patient:
    """Somebody who does not exist."""

    id: str
    name: str
    birth: str
    sex: str
    character_set: str | tuple[str, ...] = ()
    """Specific Character Set (0008,0005) of all objects of this patient."""


@dataclass(frozen=True)
class Study:
    """An examination; its number makes the Study ID and the Accession Number."""

    number: int
    patient: Patient
    date: str
    time: str
    description: str

    @property
    def uid(self) -> UID:
        """Study Instance UID."""
        return uid("study", self.number)


@dataclass(frozen=True)
class Series:
    """A series of a study, all of one SOP class."""

    study: Study
    number: int
    modality: str
    sop_class: str
    description: str
    manufacturer: str = "Practice Imaging"
    transfer_syntax: UID = EXPLICIT

    @property
    def uid(self) -> UID:
        """Series Instance UID."""
        return uid("study", self.study.number, "series", self.number)

    def instance_uid(self, number: int) -> UID:
        """SOP Instance UID of the instance with this number, from 1."""
        return uid("study", self.study.number, "series", self.number, "instance", number)

    def instance(self, number: int) -> Dataset:
        """Return a new data set: patient, study, series, equipment and SOP common modules, and the file meta."""
        study = self.study
        dataset = _patient(study.patient)
        dataset.SOPClassUID, dataset.SOPInstanceUID = self.sop_class, self.instance_uid(number)
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study.uid, self.uid
        dataset.StudyDate = dataset.SeriesDate = study.date
        dataset.StudyTime = dataset.SeriesTime = study.time
        dataset.StudyID, dataset.AccessionNumber = f"{study.number}", f"PR{study.number:06d}"
        dataset.StudyDescription, dataset.SeriesDescription = study.description, self.description
        dataset.ReferringPhysicianName = "Invented^Ida^^Dr."
        dataset.Modality, dataset.SeriesNumber, dataset.InstanceNumber = self.modality, self.number, number
        dataset.Manufacturer, dataset.ManufacturerModelName = self.manufacturer, "Phantom 1"
        dataset.InstitutionName, dataset.StationName = "Practice Hospital", f"PRACTICE_{self.modality}"
        dataset.DeviceSerialNumber, dataset.SoftwareVersions = "0001", "1"
        dataset.file_meta = _file_meta(dataset, self.transfer_syntax)
        return dataset


def _patient(patient: Patient) -> Dataset:
    """Return a data set with the patient module."""
    dataset = Dataset()
    if patient.character_set:
        terms = patient.character_set
        dataset.SpecificCharacterSet = terms if isinstance(terms, str) else list(terms)
    dataset.PatientName, dataset.PatientID = patient.name, patient.id
    dataset.IssuerOfPatientID = "PRACTICE"
    dataset.PatientBirthDate, dataset.PatientSex = patient.birth, patient.sex
    return dataset


def _file_meta(dataset: Dataset, transfer_syntax: UID) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = UID(dataset.SOPClassUID)
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    return meta


def describe_pixels(dataset: Dataset, rows: int, columns: int, bits: int, photometric: str = "MONOCHROME2") -> None:
    """Add the image pixel module (PS3.3 C.7.6.3) and its date; samples are unsigned, RGB is interleaved."""
    dataset.ContentDate, dataset.ContentTime = dataset.SeriesDate, dataset.SeriesTime
    dataset.SamplesPerPixel = 3 if photometric == "RGB" else 1
    dataset.PhotometricInterpretation = photometric
    if photometric == "RGB":
        dataset.PlanarConfiguration = 0
    dataset.Rows, dataset.Columns = rows, columns
    dataset.BitsAllocated = 8 if bits <= 8 else 16
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = bits, bits - 1, 0


def pixel_data(stored: NDArray[np.uint8] | NDArray[np.uint16]) -> DataElement:
    """Return the Pixel Data element of a frame in a native transfer syntax (PS3.5 8.2)."""
    little = stored.astype(stored.dtype.newbyteorder("<"), copy=False).tobytes()
    return DataElement(_PIXEL_DATA, "OB" if stored.dtype == np.uint8 else "OW", little + b"\0" * (len(little) % 2))


def encapsulated(fragment: bytes) -> DataElement:
    """Return the Pixel Data element of a frame that is one compressed fragment (PS3.5 A.4)."""
    from pydicom.encaps import encapsulate

    element = DataElement(_PIXEL_DATA, "OB", encapsulate([fragment]))
    element.is_undefined_length = True
    return element
