"""The invented studies: geometry by hand, values that mean something, objects that are valid."""

from __future__ import annotations

import io
from collections import Counter

import numpy as np
import pydicom
import pytest
from pydicom.filewriter import dcmwrite

from dicom_widgets.dicom.conformance import STORAGE, TRANSFER_SYNTAXES
from dicom_widgets.practice import phantom
from dicom_widgets.practice.modules import ROOT
from dicom_widgets.practice.people import EYE, HAND, HEAD, OTHERS, SPINE
from dicom_widgets.practice.states import marked_slices


@pytest.fixture(scope="module")
def invented():
    return list(phantom.invented())


@pytest.fixture(scope="module")
def read(invented):
    """Study -> modality -> data sets, written to a file and read again."""
    studies = {}
    for holding in invented:
        dataset = pydicom.dcmread(io.BytesIO(part10(holding)))
        studies.setdefault(dataset.StudyInstanceUID, {}).setdefault(dataset.Modality, []).append(dataset)
    return studies


def part10(holding):
    file = io.BytesIO()
    dcmwrite(file, holding.dataset(), enforce_file_format=True)
    return file.getvalue()


def hounsfield(dataset):
    return dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)


@pytest.mark.parametrize(
    ("study", "modality", "count", "step", "between_pixels", "orientation"),
    [
        (HEAD, "CT", 64, [0, 0, 2.5], 0.9, [1, 0, 0, 0, 1, 0]),
        (SPINE, "MR", 22, [3.6, 0, 0], 1.1, [0, 1, 0, 0, 0, -1]),
    ],
)
def test_slices_form_one_regular_stack(read, study, modality, count, step, between_pixels, orientation):
    slices = read[study.uid][modality]
    assert len(slices) == count
    positions = np.array([one.ImagePositionPatient for one in slices], float)
    np.testing.assert_allclose(np.diff(positions, axis=0), [step] * (count - 1), atol=2e-3)
    assert [int(one.InstanceNumber) for one in slices] == list(range(1, count + 1))
    for one in slices:
        assert list(one.ImageOrientationPatient) == orientation
        assert list(one.PixelSpacing) == [between_pixels] * 2
        assert (one.Rows, one.Columns) == (256, 256)
    assert len({one.FrameOfReferenceUID for one in slices}) == 1
    assert len({one.SeriesInstanceUID for one in slices}) == 1
    # the middle of the image lies on the axis of the patient: half of 255 distances from the first pixel
    middle = positions[0] + 127.5 * between_pixels * (np.array(orientation[:3]) + orientation[3:])
    np.testing.assert_allclose(middle[np.nonzero(np.array(step) == 0)], [0, 0], atol=1e-3)


def test_the_ct_is_in_hounsfield_units(read):
    slices = read[HEAD.uid]["CT"]
    middle = hounsfield(slices[30])
    assert middle[:5, :5].mean() == pytest.approx(-1000, abs=3)
    assert middle[140:150, 120:150].mean() == pytest.approx(33, abs=8)
    assert middle[128].max() > 800
    assert slices[0].RescaleType == "HU"
    assert list(slices[0].WindowCenterWidthExplanation) == ["BRAIN", "BONE"]
    assert (list(slices[0].WindowWidth), list(slices[0].WindowCenter)) == ([80, 2500], [40, 480])


def test_the_bleed_is_on_the_left_only(read):
    # 56.4 mm to the left and 12.3 mm behind the middle, 32 mm up: slice (32 + 65) / 2.5, column 127.5 + 56.4 / 0.9
    image = hounsfield(read[HEAD.uid]["CT"][39])
    rows, first, last = slice(138, 145), 186, 191
    assert image[rows, first : last + 1].mean() == pytest.approx(72, abs=3)
    assert image[rows, 255 - last : 256 - first].mean() < 45


def test_the_spine_is_unsigned_with_twelve_bits(read):
    one = read[SPINE.uid]["MR"][10]
    assert (one.PixelRepresentation, one.BitsStored) == (0, 12)
    assert 900 < one.pixel_array.max() < 4096
    assert one.WindowWidth == 900


def test_the_radiograph_is_compressed_without_loss(read, invented):
    (one,) = read[HAND.uid]["CR"]
    assert one.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.90"
    assert one.PhotometricInterpretation == "MONOCHROME1"
    pixels = one.pixel_array
    assert pixels.shape == (1120, 896)
    assert pixels.max() < 4096
    air, bone = pixels[200:240, 150:200].mean(), pixels[1000:1040, 395:415].mean()
    assert air > 4 * bone  # radiation is high, and shown dark
    assert one.ImagerPixelSpacing == [0.2, 0.2]


def test_the_photograph_is_in_colour(read):
    (one,) = read[EYE.uid]["XC"]
    picture = one.pixel_array
    assert picture.shape == (512, 512, 3)
    red, green, blue = picture[150:200, 250:300].reshape(-1, 3).mean(axis=0)
    assert red > green > blue
    assert not picture[:5, :5].any()


def test_there_are_two_states_and_the_newer_marks_the_finding(read):
    older, newer = read[HEAD.uid]["PR"]
    images = {one.SOPInstanceUID: one for one in read[HEAD.uid]["CT"]}
    assert (older.ContentLabel, newer.ContentLabel) == ("BRAIN", "SUBDURAL")
    assert older.PresentationCreationTime < newer.PresentationCreationTime
    assert (older.ImageRotation, older.ImageHorizontalFlip) == (90, "Y")
    for state, window in ((older, (40, 80)), (newer, (60, 150))):
        (series,) = state.ReferencedSeriesSequence
        assert [item.ReferencedSOPInstanceUID for item in series.ReferencedImageSequence] == list(images)
        (voi,) = state.SoftcopyVOILUTSequence
        assert (voi.WindowCenter, voi.WindowWidth) == window
        assert (state.RescaleIntercept, state.RescaleSlope, state.PresentationLUTShape) == (-1024, 1, "IDENTITY")


def test_the_graphics_surround_the_bleed_on_the_slices_that_show_it(read):
    newer = read[HEAD.uid]["PR"][1]
    (annotation,) = newer.GraphicAnnotationSequence
    marked = [item.ReferencedSOPInstanceUID for item in annotation.ReferencedImageSequence]
    slices = read[HEAD.uid]["CT"]
    assert [int(one.InstanceNumber) for one in slices if one.SOPInstanceUID in marked] == marked_slices()
    circle, arrow = annotation.GraphicObjectSequence
    assert (circle.GraphicType, arrow.GraphicType) == ("CIRCLE", "POLYLINE")
    column, row, edge_column, edge_row = circle.GraphicData
    radius = np.hypot(edge_column - column, edge_row - row)
    y, x = np.mgrid[:256, :256] + 0.5
    inside = np.hypot(x - column, y - row) < radius
    image = hounsfield(slices[38])
    blood = (image > 60) & (image < 90) & (np.hypot(x - 128, y - 128) < 75) & (x > 160)
    assert (blood & inside).sum() > 0.75 * blood.sum()
    assert annotation.TextObjectSequence[0].UnformattedTextValue == "Bleed?"


def test_uids_are_the_same_in_every_run_and_under_one_root(invented):
    again = [holding.uid("IMAGE") for holding in phantom.invented()]
    uids = [holding.uid("IMAGE") for holding in invented]
    assert uids == again
    assert len(set(uids)) == len(uids)
    assert all(uid.startswith(f"{ROOT}.") and len(uid) <= 64 for uid in uids)


@pytest.mark.parametrize("study", OTHERS, ids=lambda study: study.patient.id)
def test_names_survive_in_their_character_set(read, study):
    (one,) = read[study.uid]["OT"]
    assert str(one.PatientName) == study.patient.name
    assert one.StudyDescription == study.description
    if study.patient.character_set:
        terms = one.SpecificCharacterSet
        assert (terms if isinstance(terms, str) else tuple(terms)) == study.patient.character_set


@pytest.mark.parametrize("study", [HEAD, SPINE, HAND, EYE, *OTHERS], ids=lambda study: study.patient.id)
def test_every_invented_object_is_valid(invented, study, tmp_path, dciodvfy):
    seen = Counter()
    for holding in invented:
        kind = holding.header.Modality
        seen[kind] += holding.uid("STUDY") == study.uid
        if holding.uid("STUDY") == study.uid and (kind == "PR" or seen[kind] in (1, 20)):
            path = tmp_path / f"{kind}{seen[kind]}.dcm"
            path.write_bytes(part10(holding))
            assert not dciodvfy(path)


def test_everything_is_of_a_class_and_syntax_of_the_statement():
    everything = list(phantom.holdings())
    assert {holding.sop_class for holding in everything} <= set(STORAGE)
    assert {holding.transfer_syntax for holding in everything} <= set(TRANSFER_SYNTAXES)
    kinds = {STORAGE[holding.sop_class].kind for holding in everything}
    assert {"image", "presentation state", "plan", "dose", "report", "waveform", "segmentation"} <= kinds
    for holding in everything:
        assert holding.header.PatientID
        assert holding.header.PatientName
