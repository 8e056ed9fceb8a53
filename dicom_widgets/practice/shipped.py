"""Real (and anonymous) objects that ship inside the pydicom wheel: further kinds to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ImplicitVRLittleEndian

from dicom_widgets.dicom.conformance import STORAGE, TRANSFER_SYNTAXES
from dicom_widgets.practice.archive import Holding
from dicom_widgets.practice.modules import uid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

NAMES: Final = (
    "CT_small.dcm",
    "MR_small.dcm",
    "examples_jpeg2k.dcm",  # colour, JPEG 2000
    "examples_palette.dcm",  # palette colour
    "examples_ybr_color.dcm",  # many frames, JPEG baseline
    "examples_overlay.dcm",  # an overlay plane
    "JPGExtended.dcm",  # 12 bits, JPEG extended
    "SC_rgb_jpeg_gdcm.dcm",  # JPEG lossless
    "liver_1frame.dcm",  # segmentation
    "rtplan.dcm",
    "rtdose.dcm",
    "rtstruct.dcm",
    "test-SR.dcm",  # report
    "waveform_ecg.dcm",
)


def shipped() -> Iterator[Holding]:
    """Yield those that are there; files of other releases of pydicom may be missing."""
    for name in NAMES:
        path = get_testdata_file(name, download=False)
        if path is None:
            continue
        dataset = _completed(dcmread(path, force=True), name)
        known = dataset.get("SOPClassUID") in STORAGE and dataset.file_meta.TransferSyntaxUID in TRANSFER_SYNTAXES
        if known and "SOPInstanceUID" in dataset:
            yield Holding.of(dataset)


def _completed(dataset: Dataset, name: str) -> Dataset:
    """Add what a PACS cannot do without: a patient's name and ID, and UIDs; text is left as it is."""
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    for keyword, value in (
        ("PatientID", f"PYDICOM-{NAMES.index(name) + 1}"),
        ("PatientName", "Pydicom^Paula"),
        ("StudyInstanceUID", uid("shipped", name, "study")),
        ("SeriesInstanceUID", uid("shipped", name, "series")),
    ):
        if not dataset.get(keyword):
            setattr(dataset, keyword, value)
    return dataset
