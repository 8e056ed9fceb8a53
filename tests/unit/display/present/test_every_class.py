"""All 45 classes and every real file: a picture or a page that says why not, never an exception (X2, X4)."""

from __future__ import annotations

import base64
import io
import json
import logging
import re
import warnings

import numpy as np
import pytest
from PIL import Image

import dicom_widgets as dw
from dicom_widgets.dicom.conformance import STORAGE
from dicom_widgets.dicom.datasets import datasets_of
from dicom_widgets.display.picture.layer import Grey
from tests import samples

IMAGES = sorted(uid for uid, c in STORAGE.items() if c.kind == "image")
OTHERS = sorted(set(STORAGE) - set(IMAGES))
OUTSIDE = ["1.2.840.10008.5.1.4.1.1.4.2", "1.2.840.10008.5.1.4.1.1.11.2", "1.2.840.10008.5.1.4.1.1.77.1.6", "1.2.3.4"]


def sound(shown, *, bundle: bool = True) -> None:
    """Check what every picture and page promises."""
    assert shown.kind
    assert json.loads(json.dumps(shown.record)) == shown.record
    if bundle:
        assert shown._repr_mimebundle_()["text/plain"] == repr(shown)
    if isinstance(shown, dw.Picture):
        pixels = shown.rgba((40, 60))
        assert (pixels.shape, pixels.dtype) == ((40, 60, 4), np.uint8)
        assert (pixels[..., 3] == 255).all()
        wanted = {"decode", "shutter", "overlays", "pixel aspect"}
        wanted |= {"modality", "voi", "presentation LUT", "padding"} if isinstance(shown.layers[0], Grey) else {"color"}
        assert {s["stage"] for s in shown.record["stages"]} >= wanted
        assert all(s["used"] != "" and s["from"] != "" for s in shown.record["stages"])
    else:
        assert isinstance(shown, dw.Page)
        assert shown.record["why"].endswith(".")
        assert "<table>" in shown.html


@pytest.mark.parametrize(
    ("shape", "size"),
    [((4, 4), (256, 256)), ((100, 64), (200, 128)), ((300, 600), (300, 600)), ((500, 4000), (128, 1024))],
)
def test_a_picture_in_a_notebook_can_be_seen_and_does_not_fill_it(show, shape, size):
    stored = np.arange(shape[0] * shape[1]).reshape(shape).astype(np.uint16)
    picture = show(samples.image(stored))
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture._repr_mimebundle_()["image/png"]))))
    assert shown.shape == (*size, 3)
    if size[0] % shape[0] == 0:  # each pixel is enlarged as a whole
        k = size[0] // shape[0]
        assert (shown[..., 0] == np.kron(picture.display(), np.ones((k, k), np.uint8))).all()


@pytest.mark.parametrize("uid", IMAGES)
def test_a_gray_image_of_every_image_class_is_a_picture(show, uid):
    picture = show(samples.image(np.arange(64, dtype=np.uint16).reshape(8, 8), uid))
    assert isinstance(picture, dw.Picture)
    sound(picture)


@pytest.mark.parametrize("uid", OTHERS + OUTSIDE)
def test_an_object_without_a_presenter_is_a_page(show, uid):
    """X4: listed, with its main attributes and a sentence; not dropped."""
    page = show(samples.plain(uid, SeriesDescription="something"))
    assert isinstance(page, dw.Page)
    sound(page)
    assert "something" in page.html
    assert "A key objects" not in page.html
    assert "Series Description" in page.html  # attributes have the names of the Standard


@pytest.mark.parametrize("uid", sorted(STORAGE) + OUTSIDE)
def test_an_object_with_nothing_but_its_identity_is_a_page(show, uid):
    """X6: what every object has; all else is absent."""
    bare = samples.item(SOPClassUID=uid, SOPInstanceUID="1.2.3.4.5")
    bare.file_meta = samples.plain(uid).file_meta
    page = show(bare)
    assert isinstance(page, dw.Page)
    sound(page)


@pytest.mark.parametrize(
    ("attributes", "word"),
    [
        ({"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3}, "cut off"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "palette"),
        ({"BitsAllocated": 32}, "cut off"),
        ({"BitsAllocated": 64}, "64 bits"),
        ({"Rows": 9999}, "cut off"),
        ({"Rows": 0}, "do not say how many"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*for VR:UserWarning")
def test_what_cannot_be_painted_says_why(show, attributes, word):
    """X2: never a black image."""
    page = show(samples.image(np.zeros((4, 4), np.uint16), **attributes))
    assert isinstance(page, dw.Page)
    sound(page)
    assert word in page.record["why"]


def test_an_unknown_photometric_interpretation_is_grey_and_says_so(show):
    picture = show(samples.image(np.arange(16, dtype=np.uint8).reshape(4, 4), PhotometricInterpretation="<b>"))
    assert isinstance(picture, dw.Picture)
    assert any("<b>" in note for note in picture.record["notes"])


def test_32_bits_are_seen_to_the_last_one(show):
    """GP11: the window 2**31 .. 2**31 + 3 tells four neighbours apart."""
    stored = (np.arange(4, dtype=np.uint32) + 2**31).reshape(2, 2)
    stored[0, 0] = 0
    picture = show(samples.image(stored, samples.SC), window=(2**31 + 1.5, 3, "LINEAR_EXACT"))
    assert picture.display().tolist() == [[0, 85], [170, 255]]


@pytest.mark.parametrize("frame", [0, -1, 2, 10**6])
def test_a_frame_that_does_not_exist_is_a_page(show, frame):
    page = show(samples.image(np.zeros((4, 4), np.uint16)), frame=frame)
    assert isinstance(page, dw.Page)
    assert f"Frame {frame} " in page.record["why"]


def test_one_broken_image_leaves_the_others_usable(session):
    """X2."""
    good, bad = (samples.image(np.zeros((4, 4), np.uint16)) for _ in range(2))
    bad.PixelData = b"\0\0"
    session.load([good, bad])
    shown = [session.present(str(ds.SOPInstanceUID)) for ds in (good, bad)]
    assert [type(s) for s in shown] == [dw.Picture, dw.Page]


@pytest.mark.parametrize(
    ("attributes", "line"),
    [
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": "12"}, "Lossy 12:1"),
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": ["15.0178453782", "2"]}, "Lossy 15, 2:1"),
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": "5.883472"}, "Lossy 5.88:1"),
        (
            {
                "LossyImageCompression": "01",
                "LossyImageCompressionRatio": ["4", "9"],
                "LossyImageCompressionMethod": ["ISO_10918_1", "ISO_15444_1"],
            },
            "Lossy 4, 9:1 JPEG, JPEG 2000",
        ),
        ({"LossyImageCompression": "01"}, "Lossy"),
        ({"LossyImageCompression": "00"}, None),
        ({}, None),
    ],
)
def test_a_lossy_source_says_so(show, attributes, line):
    """TX3."""
    picture = show(samples.image(np.zeros((4, 4), np.uint16), **attributes))
    assert picture.texts["br"] == ([line] if line else [])
    assert picture.record["fidelity"] == ("lossy source" if line else "exact")


def test_the_corners_name_patient_study_and_series(show):
    """TX1, TX8."""
    ds = samples.image(np.zeros((4, 4), np.uint16), PatientBirthDate="19700102", PatientSex="F", AccessionNumber="A1")
    ds.update(samples.item(StudyDescription="HEAD", InstitutionName="CLINIC", SeriesNumber=7, SeriesDescription="AX"))
    texts = show(ds).texts
    assert texts["tl"] == ["Doe, Jane", "4711", "1970-01-02 F"]
    assert texts["tr"] == ["CLINIC", "HEAD", "2024-01-31", "A1"]
    assert texts["bl"][0] == "OT 7 AX"
    ds = samples.image(np.zeros((4, 4), np.uint16), PatientName="", PatientID=None, StudyTime="143059.5")
    assert (show(ds).texts["tl"], show(ds).texts["tr"]) == (["(no name)", "(no ID)"], ["2024-01-31 14:30"])


def test_an_array_is_nobodys(session):
    """TX8: its corners say what it is, and not that a patient is missing."""
    instance = session.instances(session.load(datasets_of(np.zeros((4, 4))))[0])[0]
    texts = session.present(instance).texts
    assert (texts["tl"], texts["bl"]) == ([], ["OT array"])


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({}, "not for measurement"),
        ({"ConversionType": "DF"}, "Digitized film · not for measurement"),
        ({"ConversionType": "DF", "NominalScannedPixelSpacing": [0.1, 0.1]}, "Digitized film"),
    ],
)
def test_a_secondary_capture_says_what_it_was_made_of(show, attributes, words):
    """VL2; PS3.3 C.8.6.1."""
    assert show(samples.image(np.zeros((4, 4), np.uint16), samples.SC, **attributes)).texts["bl"][-1] == words


@pytest.mark.parametrize(
    ("cosines", "position", "words"),
    [
        ([1, 0, 0, 0, 1, 0], [0, 0, 12.5], "H 12.5 mm"),
        ([1, 0, 0, 0, 1, 0], [0, 0, -3], "F 3.0 mm"),
        ([0, 1, 0, 0, 0, -1], [20, 0, 0], "L 20.0 mm"),
        ([1, 0, 0, 0, 0, -1], [0, -7, 0], "A 7.0 mm"),
    ],
)
def test_the_place_of_a_slice_is_computed_and_has_a_letter(show, cosines, position, words):
    """GE7: not Slice Location (0020,1041)."""
    ds = samples.image(np.zeros((4, 4), np.uint16), ImageOrientationPatient=cosines, ImagePositionPatient=position)
    ds.SliceThickness, ds.SliceLocation = 2.5, 999
    assert show(ds).texts["bl"][-1] == f"{words} · 2.5 mm thick"
    del ds.ImagePositionPatient
    ds.SOPInstanceUID = "1.2.3.4"
    assert show(ds).texts["bl"][-1] == "Slice Location 999 mm · 2.5 mm thick"  # what else there is, under its own name


def attempt(session, path) -> tuple[list, str]:
    """Return the instances of a file, or why there are none."""
    try:
        return [i for study in session.load(path) for i in study.instances], ""
    except dw.errors.NotDicom as error:
        return [], str(error)


@pytest.mark.parametrize(
    "folder", "bad charset classes dicomdir display gsps other_classes_not_in_the_45 rt series transfer_syntax".split()
)
def test_every_real_file_is_shown_or_skipped_with_a_sentence(data, folder, caplog):
    caplog.set_level(logging.CRITICAL)
    paths = sorted(p for p in (data / folder).rglob("*") if p.is_file())
    assert paths
    for path in paths:
        with dw.Session(listen_port=0) as session, warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=UserWarning, module="pydicom")  # about what the files say
            found, why = attempt(session, path)
            if not found:
                assert re.search(r"\S \S.*\.$", why), path
                assert folder in ("bad", "charset", "dicomdir"), path
            for entity in found:
                shown = session.present(entity)
                sound(shown, bundle=False)
                if isinstance(shown, dw.Page) and shown.record["failed"]:
                    assert folder in ("bad", "charset", "dicomdir"), (path, shown.record["why"])


def test_every_file_of_pydicom_too(wheel_file, caplog):
    """Needs no other data."""
    caplog.set_level(logging.CRITICAL)
    shown = skipped = 0
    for folder in {wheel_file("CT_small.dcm").parent, wheel_file("vlut_04.dcm").parent}:
        for path in sorted(folder.glob("*.dcm")):
            with dw.Session(listen_port=0) as session, warnings.catch_warnings():
                warnings.filterwarnings("ignore", category=UserWarning, module="pydicom")
                found, _ = attempt(session, path)
                skipped += not found
                for entity in found:
                    sound(session.present(entity), bundle=False)
                    shown += 1
    assert shown >= 120
    assert skipped <= 12


def test_the_side_and_the_view_are_said(show):
    """XR2: a mammogram."""
    ds = samples.image(np.zeros((4, 4), np.uint16), samples.PREFIX + "1.2", ImageLaterality="R", ViewPosition="MLO")
    assert "R MLO" in show(ds).texts["bl"]


def test_a_session_probes_pixels(session):
    """ME1: column 3, row 2, from 1: 6 stored, 6 * 2 - 1000 HU, by hand in the patient."""
    ds = samples.image(np.arange(12, dtype=np.int16).reshape(3, 4), RescaleSlope="2", RescaleIntercept="-1000")
    ds.RescaleType, ds.PixelSpacing = "HU", [0.5, 0.25]
    ds.ImagePositionPatient, ds.ImageOrientationPatient = [10, 20, 30], [1, 0, 0, 0, 1, 0]
    session.load(ds)
    found = session.probe(str(ds.SOPInstanceUID), 3, 2)
    assert (found.stored, found.modality, found.unit) == (6, -988, "HU")
    assert found.patient == (10.5, 20.5, 30)


def test_the_place_on_a_pullback_is_said(show):
    """OC1: each frame has its own."""
    ds = samples.image(np.zeros((2, 4, 4), np.uint16), samples.PREFIX + "14.1")
    ds.PerFrameFunctionalGroupsSequence = [
        samples.item(IntravascularFrameContentSequence=[samples.item(IntravascularLongitudinalDistance=d)])
        for d in (0.0, 12.5)
    ]
    assert [show(ds, frame=n).texts["bl"][-1] for n in (1, 2)] == [
        "0 mm along the pullback",
        "12.5 mm along the pullback",
    ]


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("PatientIdentityRemoved", "De-identified"),
        ("BurnedInAnnotation", "Text in the pixels may name the patient"),
        ("QualityControlImage", "Quality control"),
    ],
)
def test_what_must_be_known_of_an_image_is_said(show, keyword, words):
    """TX4: YES is said, NO is not."""
    said = [show(samples.image(np.zeros((4, 4), np.uint16), **{keyword: v})).texts["br"] for v in ("YES", "NO")]
    assert said == [[words], []]
