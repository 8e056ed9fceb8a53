"""The walk over the top level of a data set against pydicom's reader."""

from __future__ import annotations

import warnings
from pathlib import Path

import pydicom.data
import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.sequence import Sequence

from dicom_widgets.dicom import instance
from dicom_widgets.dicom.blob import Blob
from dicom_widgets.dicom.header import Unusual, header
from dicom_widgets.errors import NotDicom
from dicom_widgets.media.files import mapped
from tests.samples import EXPLICIT, IMPLICIT

TAGS, PIXELS = instance._TAGS, instance._PIXELS


def walked(blob):
    return header(blob.data, implicit=blob.transfer_syntax.is_implicit_VR, wanted=TAGS, stop=PIXELS)


def same(blob):
    """Whether both readers find the same, or the walk leaves it to the other."""
    try:
        ours, at = walked(blob)
    except Unusual:
        return None
    theirs, there = instance._read(blob, TAGS, PIXELS)
    assert at == there
    assert ours.keys() == theirs.keys()
    assert ours.original_character_set == theirs.original_character_set
    for tag in ours.keys():  # noqa: SIM118  the items of a data set are elements
        assert (ours[tag].VR, ours[tag].value) == (theirs[tag].VR, theirs[tag].value)
    return True


def files(data):
    names = sorted(Path(pydicom.data.__file__).with_name("test_files").glob("*.dcm"))
    return names + sorted(p for p in data.rglob("*") if p.is_file()) if data else names


def test_real_files_give_what_pydicom_finds(data):
    results = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd values, which both read
        for path in files(data):
            try:
                blob = mapped(path)
            except (NotDicom, OSError):
                continue
            if blob.transfer_syntax.is_little_endian:
                results.append(same(blob))
    assert results.count(True) > 50
    assert results.count(None) < 0.1 * len(results)  # only few are left to pydicom


def encoded(ds, syntax, *, undefined):
    for element in ds:
        if element.VR == "SQ":
            element.is_undefined_length = undefined
            for item in element.value:
                item.is_undefined_length_sequence_item = undefined
                for nested in item:
                    if nested.VR == "SQ":
                        nested.is_undefined_length = undefined
    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, syntax.is_implicit_VR
    write_dataset(buffer, ds)
    return buffer.getvalue()


def nested():
    inner, outer, ds = Dataset(), Dataset(), Dataset()
    inner.StudyInstanceUID = "2.25.666"  # of another study: not the object's own
    outer.RelatedSeriesSequence = Sequence([inner, Dataset()])
    ds.SOPInstanceUID, ds.StudyInstanceUID, ds.PatientName = "2.25.1", "2.25.2", "Doe^Jane"
    ds.SourceImageSequence = Sequence([outer, Dataset()])
    ds.ProcedureCodeSequence = Sequence([])
    ds.InstanceNumber = 7
    return ds


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize("undefined", [False, True])
def test_nested_sequences_are_stepped_over(syntax, undefined):
    blob = Blob.of(encoded(nested(), syntax, undefined=undefined), syntax)
    assert same(blob)
    found, at = walked(blob)
    assert (found.StudyInstanceUID, found.InstanceNumber, at) == ("2.25.2", 7, None)
    assert instance.path_of(blob) == ("2.25.2", "", "2.25.1")


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_every_truncation_is_left_to_pydicom_or_ends_between_two_elements(syntax):
    data = encoded(nested(), syntax, undefined=True)
    whole = 0
    for length in range(len(data)):
        try:
            found, _ = walked(Blob.of(data[:length], syntax))
        except Unusual:
            continue
        assert len(encoded(found, syntax, undefined=True)) <= length
        whole += 1
    assert whole < 20


def test_endless_nesting_is_left_to_pydicom():
    item = b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    deep = (b"\x08\x00\x15\x11SQ\0\0\xff\xff\xff\xff" + item) * 100_000
    with pytest.raises(Unusual):
        walked(Blob.of(deep, EXPLICIT))


def test_a_length_that_leads_behind_the_end_is_left_to_pydicom():
    with pytest.raises(Unusual):
        walked(Blob.of(b"\x10\x00\x10\x00PN\xff\x00Doe", EXPLICIT))
