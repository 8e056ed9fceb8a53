"""An image's own display pipeline, from the stored value to the grey level, by hand (GP3 to GP10, X1, X6)."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dicom_widgets import Page, Window
from dicom_widgets.display.pipeline.view_settings import VoiLut
from tests import samples
from tests.samples import image, item, lut, ramp, raw

A12 = np.array([[100, 200, 300, 400]], np.uint16)  # in 12 bits
QUARTERS = [0, 85, 170, 255]


def grey(picture) -> list[int]:
    return picture.display()[0].tolist()


def stage(picture, name: str) -> dict[str, str]:
    return next(s for s in picture.record["stages"] if s["stage"] == name)


def test_modality_then_window(show):
    """GP2, GP6: HU = stored - 1024; window 40/400."""
    ds = image(np.array([[864, 1064, 1263, 5000]], np.uint16), RescaleSlope="1", RescaleIntercept="-1024")
    ds.WindowCenter, ds.WindowWidth = "40", "400"
    assert grey(show(ds)) == [0, math.floor(127.820 + 0.5), 255, 255]


def test_a_negative_slope_turns_the_values_round(show):
    ds = image(ramp(0, 5), RescaleSlope="-1", RescaleIntercept="0", WindowCenter="-1.5", WindowWidth="5")
    ds.VOILUTFunction = "LINEAR_EXACT"
    assert grey(show(ds)) == [math.floor((-x + 1.5) / 5 * 255 + 127.5 + 0.5) if x < 4 else 0 for x in range(5)]


@pytest.mark.parametrize("sop_class", [samples.XA, samples.RF])
def test_the_modality_lut_of_xa_and_rf_is_not_for_display(show, sop_class):
    """GP3."""
    ds = image(ramp(0, 256, np.uint8), sop_class, WindowCenter="128", WindowWidth="256")
    ds.ModalityLUTSequence = [lut(list(range(256, 0, -1)), bits=16)]
    picture = show(ds)
    assert grey(picture) == list(range(256))
    assert "not applied" in stage(picture, "modality")["from"]


def test_ct_with_the_same_table_is_turned_round(show):
    """GP3 is about XA and RF only."""
    ds = image(ramp(0, 256, np.uint8), ModalityLUTSequence=[lut(list(range(255, -1, -1)), bits=8)])
    ds.WindowCenter, ds.WindowWidth = "128", "256"
    assert grey(show(ds)) == list(range(255, -1, -1))


@pytest.mark.parametrize("sop_class", [samples.SC, samples.DX])
def test_without_a_voi_p_values_take_the_full_range(show, sop_class):
    """GP8 a: 12 bits stored: 0 is black, 4095 white."""
    picture = show(image(np.array([[0, 1024, 4095]], np.uint16), sop_class, BitsStored=12))
    assert grey(picture) == [0, math.floor(1024 / 4095 * 255 + 0.5), 255]
    assert "full range" in stage(picture, "voi")["from"]


def test_without_a_voi_other_images_take_smallest_to_largest(show):
    """GP8 b: 12-bit values 100 to 400 are not a dark image."""
    picture = show(image(A12, samples.MR, BitsStored=12))
    assert grey(picture) == QUARTERS
    assert "(auto)" in stage(picture, "voi")["used"]


def test_a_frame_of_a_few_grey_levels_of_the_full_range_is_spread(show):
    """GP8: 0 to 278 of 16 signed bits would be one grey level; the record says that it is no P-value any more."""
    picture = show(image(np.array([[0, 139, 278]], np.int16), samples.SC))
    assert grey(picture) == [0, 128, 255]
    assert "(auto)" in stage(picture, "voi")["used"]


def test_bits_that_the_frame_fills_exactly_are_the_range(show):
    """GP8 a: 0 to 1023 in 16 bits is an image of 10 bits; 100 to 400 is not one of 9."""
    assert grey(show(image(np.array([[0, 512, 1023]], np.uint16), samples.SC))) == [0, 128, 255]
    assert grey(show(image(np.array([[100, 400]], np.uint16), samples.SC, BitsStored=12))) == [6, 25]


@pytest.mark.parametrize(
    ("group", "most"), [("modality_lut", 1), ("voi_lut", 8), ("pixel_depth_signed", 2), ("pixel_depth_unsigned", 1)]
)
def test_images_of_a_consistency_group_look_the_same(data, session, group, most):
    """GP2, GP5, GP8: made to look the same; one of voi_lut has 50 grey levels only, and a line of marks."""
    shown = []
    for path in sorted((data / "display" / group).iterdir()):
        study = session.load(path)
        shown.append(session.present(study[0].children[0].children[0]).display().astype(int))
    assert len(shown) > 2
    assert max(np.percentile(np.abs(one - shown[0]), 99.5) for one in shown) <= most


def test_the_automatic_window_leaves_the_padding_out(show):
    """GP8 b, GP10."""
    grid = np.array([[-2000, 100, 200, 300, 400]], np.int16)
    assert grey(show(image(grid, PixelPaddingValue=-2000))) == [0, *QUARTERS]


@pytest.mark.parametrize("value", [7, -7])
def test_an_image_of_one_value_is_shown(show, value):
    assert grey(show(image(np.full((1, 3), value, np.int16)))) == [0, 0, 0]


def test_an_image_of_nothing_but_padding_is_black(show):
    assert grey(show(image(np.full((1, 3), -9, np.int16), PixelPaddingValue=-9))) == [0, 0, 0]


# --- GP9


@pytest.mark.parametrize(
    ("photometric", "shape", "inverted"),
    [
        ("MONOCHROME2", None, False),
        ("MONOCHROME1", None, True),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME1", "IDENTITY", False),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME1", "INVERSE", True),
        ("MONOCHROME1", "NONSENSE", True),
    ],
)
@pytest.mark.parametrize("invert", [False, True])
def test_inversion_happens_once(show, photometric, shape, inverted, invert):
    """GP9: the Shape wins over the Photometric Interpretation; the user's inversion comes on top."""
    ds = image(A12, samples.MR, PhotometricInterpretation=photometric, PresentationLUTShape=shape)
    assert grey(show(ds, invert=invert)) == (QUARTERS[::-1] if inverted != invert else QUARTERS)


# --- GP10


@pytest.mark.parametrize("limits", [(-2000, -1990), (-1990, -2000)])
@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_whatever_is_done(show, limits, invert, photometric):
    """GP10: inclusive, in either order, also when inverted; in stored values, before the rescale."""
    grid = np.array([[-2001, -2000, -1995, -1990, -1989, 0]], np.int16)
    ds = image(grid, PixelPaddingValue=limits[0], PixelPaddingRangeLimit=limits[1], RescaleIntercept="5000")
    ds.PhotometricInterpretation = photometric
    levels = grey(show(ds, invert=invert, window=(4000, 2002)))
    assert levels[1:4] == [0, 0, 0]
    assert (levels[0], levels[5]) in ((0, 255), (255, 0))
    assert levels[4] not in (0, 255) or levels[4] == levels[0]


def test_a_padding_value_alone_is_one_value(show):
    grid = np.array([[62, 63, 64, 65]], np.uint16)
    assert grey(show(image(grid, PixelPaddingValue=63), window=Window(0, 1), invert=False)) == [255, 0, 255, 255]


@pytest.mark.parametrize(
    ("vr", "data"),
    [("US", b"\x30\xf8"), ("SS", b"\x30\xf8"), ("OW", b"\x30\xf8")],
)
def test_the_padding_value_has_the_sign_of_the_pixels(show, vr, data):
    """-2000 is written as US in real files: F830H."""
    ds = image(np.array([[-2000, 0, 100]], np.int16))
    ds.update(raw(PixelPaddingValue=(vr, data)))
    assert grey(show(ds)) == [0, 0, 255]
    assert grey(show(ds, invert=True)) == [0, 255, 0]


def test_unsigned_pixels_have_no_negative_padding(show):
    ds = image(np.array([[63536, 0, 100]], np.uint16))
    ds.update(raw(PixelPaddingValue=("SS", b"\x30\xf8")))
    assert grey(show(ds)) == [0, 0, 255]


# --- GP5


def test_the_first_window_is_the_default_and_all_can_be_chosen(show):
    ds = image(ramp(-1024, 2048), WindowCenter=["40", "-600"], WindowWidth=["400", "1500"])
    ds.WindowCenterWidthExplanation = ["SOFT", "LUNG OF THE FILE"]
    picture = show(ds)
    assert picture.window == Window(40, 400, "LINEAR", "SOFT")
    assert [w.explanation for w in picture.windows[:2]] == ["SOFT", "LUNG OF THE FILE"]


@pytest.mark.parametrize("name", ["soft", "SOFT", "Soft"])
def test_a_window_is_chosen_by_its_name(show, name):
    ds = image(ramp(-1024, 2048), WindowCenter="40", WindowWidth="400", WindowCenterWidthExplanation="SOFT")
    ds.Modality = "CT"
    picture = show(ds, window=name)
    assert (picture.window.center, picture.window.width) == (40, 400)


def test_a_preset_is_chosen_by_its_name_and_an_unknown_name_is_refused(show):
    """GP13."""
    ds = image(ramp(-1024, 2048), Modality="CT")
    assert show(ds, window="lung").window == Window(-600, 1500, "LINEAR", "lung")
    with pytest.raises(ValueError, match="lung"):
        show(ds, window="no such window")


def test_a_window_is_preferred_to_a_table_and_a_table_to_nothing(show):
    """GP5: the default is the first window pair, else the first VOI LUT; the record says which."""
    table = lut([0, 51, 102, 153])
    both = image(ramp(0, 4, np.uint8), WindowCenter="2", WindowWidth="4", VOILUTSequence=[table])
    assert grey(show(both)) == QUARTERS
    picture = show(image(ramp(0, 4, np.uint8), VOILUTSequence=[table]))
    assert grey(picture) == [0, 51, 102, 153]
    assert picture.window is None
    assert "(0028,3010)" in stage(picture, "voi")["from"]


def test_the_first_value_of_a_voi_lut_is_signed_where_its_input_is(show):
    """GP7: unsigned pixels with an intercept of -1024: the LUT starts at -2 HU (a descriptor of VR SS)."""
    ds = image(np.array([[1021, 1022, 1023, 1024]], np.uint16), RescaleSlope="1", RescaleIntercept="-1024")
    ds.VOILUTSequence = [lut([10, 20, 30], first=-2)]
    assert grey(show(ds)) == [10, 10, 20, 30]
    assert grey(show(ds, window=VoiLut(1))) == [10, 10, 20, 30]  # chosen from the menu too


def test_what_cannot_be_done_as_the_image_says_is_said(show):
    """X2, GP2, GP6: never another look in silence."""
    broken = item(LUTDescriptor=[4, 0, 99])
    ds = image(ramp(0, 4, np.uint8), WindowCenter="2", WindowWidth="4", VOILUTFunction="LOGARITHM")
    ds.ModalityLUTSequence, ds.VOILUTSequence = [broken], [broken]
    picture = show(ds)
    assert grey(picture) == QUARTERS
    assert picture.record["not_applied"] == [
        "the Modality LUT (0028,3000) is broken",
        "a VOI LUT (0028,3010) is broken",
        "the VOI LUT Function LOGARITHM is not known and taken as LINEAR",
    ]
    assert picture.texts["br"][0].startswith("Partly applied: the Modality LUT")
    both = image(ramp(0, 4, np.uint8), ModalityLUTSequence=[lut([4, 3, 2, 1])], RescaleSlope="7", RescaleIntercept="0")
    picture = show(both)
    assert picture.record["not_applied"] == []
    assert "rescale (0028,1052/1053) beside it is not used" in stage(picture, "modality")["from"]
    over = image(ramp(0, 4, np.uint8), VOILUTSequence=[lut([0, 255, 300, 4095], bits=8)])
    assert stage(show(over), "voi")["used"] == "table of 4, 2 entries above its 8 bits"


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_a_window_that_was_meant_for_stored_values_shows_what_it_shows_without_a_rescale(show, function):
    """GP4: 100/11 lies outside of 0 to 0.4095, and inside of 0 to 4095."""
    window = {"WindowCenter": "100", "WindowWidth": "11", "VOILUTFunction": function, "BitsStored": 12}
    plain = image(ramp(90, 21, np.uint16), samples.MR, **window)
    scaled = image(ramp(90, 21, np.uint16), samples.MR, RescaleSlope="0.0001", RescaleIntercept="0", **window)
    picture = show(scaled)
    assert grey(picture) == grey(show(plain))
    assert "stored values" in stage(picture, "voi")["from"]


def test_a_users_window_replaces_the_voi_and_nothing_else(show):
    ds = image(ramp(0, 4, np.uint8), VOILUTSequence=[lut([9, 9, 9, 9])], RescaleSlope="10", RescaleIntercept="0")
    assert grey(show(ds, window=(15.5, 31))) == QUARTERS


# --- X6: wrong values never abort a view

WRONG = {
    "WindowCenter": ("DS", b"abc\\1,5"),
    "WindowWidth": ("DS", b"-"),
    "VOILUTFunction": ("CS", b"\xff\xfe"),
    "RescaleSlope": ("DS", b"1E308 "),
    "RescaleIntercept": ("DS", b"--1 "),
    "PixelPaddingValue": ("LO", b"none"),
    "PixelPaddingRangeLimit": ("OW", b"\1"),
    "PixelSpacing": ("DS", b"0\\-1"),
    "PixelAspectRatio": ("IS", b"0\\0 "),
    "ImageOrientationPatient": ("DS", b"1\\0\\0"),
    "ImagePositionPatient": ("DS", b"a\\b\\c "),
    "PatientOrientation": ("US", b"\1\0"),
    "PresentationLUTShape": ("US", b"\1\0"),
    "VOILUTSequence": ("US", b"\1\0"),
    "ModalityLUTSequence": ("LO", b"nothing "),
    "SliceThickness": ("DS", b"thin"),
    "NumberOfFrames": ("IS", b"one "),
    "InstanceNumber": ("IS", b"1.5 "),
    "PatientName": ("PN", b"\xff^=^\x1b$B="),
    "PatientBirthDate": ("DA", b"yesterday "),
    "StudyDate": ("DA", b"20241399"),
    "LossyImageCompressionRatio": ("DS", b"x "),
    "ShutterShape": ("US", b"\1\0"),
    "SharedFunctionalGroupsSequence": ("LO", b"x "),
    "SpecificCharacterSet": ("CS", b"NONSENSE"),
}


def wrong(ds, *keywords: str):
    ds.update(raw(**{k: WRONG[k] for k in keywords}))
    return ds


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("keyword", WRONG)
def test_a_wrong_value_does_not_abort_the_view(show, keyword):
    picture = show(wrong(image(A12, samples.MR), keyword))
    assert picture.rgba((8, 8)).shape == (8, 8, 4)
    assert grey(picture) == QUARTERS


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_all_of_them_together_do_not(show):
    shown = show(wrong(image(A12, samples.MR), *WRONG))
    assert not isinstance(shown, Page)
    assert shown.png().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "impossible", [{"BitsStored": 0}, {"BitsStored": 65535}, {"HighBit": 0}, {"PixelRepresentation": 7}]
)
@pytest.mark.parametrize("sop_class", [samples.SC, samples.MR])
def test_impossible_bit_fields_are_shown_somehow(show, impossible, sop_class):
    assert show(image(A12, sop_class, **({"HighBit": 15} | impossible))).rgba((4, 4)).shape == (4, 4, 4)
