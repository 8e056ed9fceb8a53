"""ME2, ME3, ME5: whose millimetres a spacing is; ME4: lengths, angles and regions against numbers made by hand."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import SimpleITK

from dicom_widgets.display.values.spacing import Spacing, spacing_of
from dicom_widgets.measurements.angle import angle
from dicom_widgets.measurements.ellipse import ellipse
from dicom_widgets.measurements.length import length
from dicom_widgets.measurements.measurement import Measurement
from dicom_widgets.measurements.rectangle import rectangle
from dicom_widgets.measurements.region import statistics
from tests import samples
from tests.samples import CR, CT, DX, PREFIX, SC, XA, item

US, OP = PREFIX + "6.1", PREFIX + "77.1.5.1"
WIDE = Spacing(0.5, 0.25, "mm")
A, B = [0.2, 0.1], [0.3, 0.15]


@pytest.mark.parametrize(
    ("sop_class", "attributes", "expected"),
    [
        (CT, {"PixelSpacing": A}, (0.2, 0.1, "mm", "")),
        (CT, {"PixelSpacing": A, "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, (0.2, 0.1, "mm", "localizer")),
        (CT, {}, (1, 1, "px", "")),
        (DX, {"ImagerPixelSpacing": A}, (0.2, 0.1, "mm", "at detector")),
        (DX, {"ImagerPixelSpacing": A, "PixelSpacing": A}, (0.2, 0.1, "mm", "at detector")),
        (DX, {"ImagerPixelSpacing": B, "PixelSpacing": A}, (0.2, 0.1, "mm", "calibration unknown")),
        (CR, {"PixelSpacing": A}, (0.2, 0.1, "mm", "calibration unknown")),
        (
            XA,
            {"ImagerPixelSpacing": B, "PixelSpacing": A, "PixelSpacingCalibrationType": "GEOMETRY"},
            (0.2, 0.1, "mm", "calibrated (geometry)"),
        ),
        (
            DX,
            {"ImagerPixelSpacing": A, "PixelSpacing": A, "PixelSpacingCalibrationType": "FIDUCIAL"},
            (0.2, 0.1, "mm", "calibrated (fiducial)"),
        ),
        (SC, {"NominalScannedPixelSpacing": A}, (0.2, 0.1, "mm", "nominal")),
        (SC, {"NominalScannedPixelSpacing": A, "PixelSpacing": A}, (0.2, 0.1, "mm", "nominal")),
        (SC, {}, (1, 1, "px", "")),
        (OP, {"PixelSpacing": A}, (0.2, 0.1, "mm", "nominal")),
        (US, {"PixelSpacing": A}, (1, 1, "px", "")),
        (CT, {"PixelSpacing": A, "VolumetricProperties": "DISTORTED"}, (1, 1, "px", "")),
        (CT, {"PixelSpacing": [0, 1]}, (1, 1, "px", "")),
    ],
)
def test_whose_millimetres(sop_class, attributes, expected):
    """ME2: the decision table; ME5 for what has none."""
    found = spacing_of(item(**attributes), sop_class)
    assert (found.down, found.across, found.unit, found.label) == expected
    assert found.source


CM, SECONDS = 3, 4


def region(units, deltas, left=0):
    box = {"MinX0": left, "MinY0": 0, "MaxX1": left + 9, "MaxY1": 9}
    at = {f"RegionLocation{k}": v for k, v in box.items()}
    two = {f"PhysicalUnits{a}Direction": u for a, u in zip("XY", units, strict=True)}
    return item(**at, **two, **{f"PhysicalDelta{a}": d for a, d in zip("XY", deltas, strict=True)})


TISSUE, TWIN, WIDER = (
    region((CM, CM), d, left) for d, left in (((0.02, -0.03), 0), ((0.02, 0.0301), 20), ((0.04, 0.03), 40))
)
M_MODE = region((SECONDS, CM), (0.01, 0.03), 60)


@pytest.mark.parametrize(
    ("regions", "expected"),
    [
        ([TISSUE], (0.3, 0.2, "mm", "")),
        ([TISSUE, TWIN], (0.3, 0.2, "mm", "")),
        ([M_MODE, TISSUE], (0.3, 0.2, "mm", "2D region")),
    ],
)
def test_ultrasound_has_the_spacing_of_its_regions_in_cm(regions, expected):
    """US1, TX5: centimetres for a pixel, across and down, are ten times as many millimetres, whatever their signs."""
    found = spacing_of(item(SequenceOfUltrasoundRegions=regions, PixelSpacing=A), US)
    assert (pytest.approx(found.down), pytest.approx(found.across), found.unit, found.label) == expected
    assert found.source == "Sequence of Ultrasound Regions (0018,6011)"


@pytest.mark.parametrize(
    ("regions", "why"), [([TISSUE, WIDER], "differ, 0.3 x 0.2 mm, 0.3 x 0.4 mm"), ([M_MODE], "no region in cm")]
)
def test_ultrasound_whose_regions_do_not_agree_has_none_and_says_why(regions, why):
    """US2, ME5."""
    found = spacing_of(item(SequenceOfUltrasoundRegions=regions), US)
    assert (found.down, found.across, found.unit) == (1, 1, "px")
    assert why in found.source


def test_a_real_ultrasound_run_has_millimetres_and_their_proportion(session, data):
    """US1, GE5, PS10: Physical Delta 0.0286 and 0.0229 cm, and Pixel Aspect Ratio 536 to 670, which is the same."""
    study = session.load(data / "classes" / "us_mf" / "I_000003.dcm")
    picture = session.present(study[0].children[0].children[0])
    assert (picture.spacing.down, picture.spacing.across) == pytest.approx((0.22857, 0.28571), abs=1e-5)
    assert dataclasses.replace(picture, pitch=0.1).true_size.zoom == pytest.approx(2.8571, abs=1e-4)
    uid = picture.meaning.instance
    outside = Measurement("length", ((450.5, 10.5), (450.5, 20.5)), uid)  # its last column is 438
    inside = Measurement("length", ((100.5, 10.5), (100.5, 110.5)), uid)
    session.measurements.add(outside, inside)
    found = {m.uid: m for m in session.measurements.all}
    assert (found[inside.uid].value, found[inside.uid].unit) == (pytest.approx(22.857, abs=1e-3), "mm")
    assert (found[outside.uid].value, found[outside.uid].unit) == (10, "px")


def test_a_length_at_the_detector_is_not_divided_by_the_magnification():
    """ME2: 0.3 mm at the detector stay 0.3 mm, and are said to be at the detector, whatever magnification it says."""
    found = spacing_of(item(ImagerPixelSpacing=[0.3, 0.15], EstimatedRadiographicMagnificationFactor="1.5"), DX)
    assert (found.down, found.across, found.label) == (0.3, 0.15, "at detector")


def test_rows_come_first_as_simpleitk_has_it(tmp_path):
    """ME3: 0.5\\0.25 is 0.25 mm from column to column."""
    ds = samples.image(np.zeros((4, 6), np.int16), PixelSpacing=[0.5, 0.25], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    ds.ImagePositionPatient = [0, 0, 0]
    path = tmp_path / "image.dcm"
    path.write_bytes(samples.part10(ds))
    across, down, *_ = SimpleITK.ReadImage(str(path)).GetSpacing()
    found = spacing_of(samples.instance(ds).attributes(1), CT)
    assert (found.across, found.down) == (across, down) == (0.25, 0.5)


def test_a_length_where_pixels_are_not_square():
    """ME3: 12 columns of 0.25 mm and 8 rows of 0.5 mm: 3-4-5."""
    assert length((1, 1), (13, 9), WIDE) == 5
    assert length((1, 1), (4, 5), Spacing()) == 5


@pytest.mark.parametrize(
    ("a", "b", "degrees"), [((4, 0), (0, 3), 90), ((4, 0), (4, 2), 45), ((4, 0), (-8, 0), 180), ((1, 0), (3, 0), 0)]
)
def test_an_angle_is_that_of_millimetres(a, b, degrees):
    """ME4: 4 columns are as long as 2 rows."""
    assert angle(a, (0, 0), b, WIDE) == pytest.approx(degrees)


def test_an_angle_without_a_leg_is_none():
    assert angle((1, 1), (1, 1), (2, 2), WIDE) is None


def test_a_rectangle_holds_the_pixels_whose_centres_lie_inside():
    """ME4: columns 1, 2 and rows 1, 2, 3 of 10 * row + column; the padding of one left out."""
    values = np.add.outer(10.0 * np.arange(5), np.arange(5))
    padding = np.zeros((5, 5), bool)
    padding[3, 2] = True
    inside = [11, 12, 21, 22, 31]
    found = statistics(values, rectangle([(2.4, 3.2), (0.6, 0.9)], values.shape), WIDE, padding)
    assert (found.count, found.min, found.max) == (5, 11, 31)
    assert found.mean == pytest.approx(19.4)
    assert found.sd == pytest.approx(math.sqrt(sum((x - 19.4) ** 2 for x in inside) / 4))
    assert found.area == pytest.approx(1.8 * 2.3 * 0.125)


def test_an_ellipse_holds_the_pixels_whose_centres_lie_inside():
    """ME4: of radius 2 around (2, 2): 13 points of the grid, by counting."""
    values = np.arange(25.0).reshape(5, 5)
    found = statistics(values, ellipse([(0, 0), (4, 4)], values.shape), Spacing())
    assert (found.count, found.mean, found.min, found.max) == (13, 12, 2, 22)
    assert found.area == pytest.approx(4 * math.pi)


def test_an_empty_region_has_no_figures():
    found = statistics(np.zeros((3, 3)), rectangle([(0.2, 0.2), (0.4, 0.4)], (3, 3)), WIDE)
    assert found.count == 0
    assert math.isnan(found.mean)
