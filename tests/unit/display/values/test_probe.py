"""ME1: what a pixel is; millimetres of the patient against SimpleITK; NP4, NP5, US1 in the probe."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK

from dicom_widgets.display.values.probe import probe
from dicom_widgets.display.values.value_semantics import semantics_of, unit_of
from tests import samples
from tests.samples import CT, DOSE, MR, PET, PREFIX, item, lut

GRID = np.arange(12, dtype=np.int16).reshape(3, 4) - 4


def probed(ds, column, row, pixels=GRID):
    return probe(semantics_of(samples.instance(ds), 1), pixels, column, row)


def test_column_and_row_count_from_one():
    """Column 2 of row 3 is stored 5: 5 * 2 - 1024."""
    found = probed(samples.image(GRID, RescaleSlope="2", RescaleIntercept="-1024"), 2, 3)
    assert (found.column, found.row, found.stored, found.modality, found.unit) == (2, 3, 5, -1014, "HU")
    assert str(found).startswith("2, 3 · -1014 HU (stored 5)")


@pytest.mark.parametrize(("column", "row"), [(0, 1), (5, 1), (1, 4), (1, 0)])
def test_outside_there_is_no_pixel(column, row):
    with pytest.raises(IndexError, match="4 x 3"):
        probed(samples.image(GRID), column, row)


@pytest.mark.parametrize(
    ("sop_class", "attributes", "unit"),
    [
        (CT, {"RescaleSlope": "1", "RescaleIntercept": "0"}, "HU"),
        (CT, {"RescaleSlope": "1", "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, ""),
        (CT, {"RescaleSlope": "1", "ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"], "RescaleType": "HU"}, "HU"),
        (CT, {"RescaleSlope": "1", "RescaleType": "US"}, ""),
        (CT, {}, ""),
        (MR, {"RescaleSlope": "1"}, ""),
        (PET, {"RescaleSlope": "1", "Units": "BQML"}, "Bq/ml"),
        (DOSE, {"DoseGridScaling": "0.1", "DoseUnits": "GY"}, "Gy"),
        (DOSE, {"DoseGridScaling": "0.1", "DoseUnits": "RELATIVE"}, ""),
        (PREFIX + "20", {}, "counts"),
        (PREFIX + "1", {"RescaleType": "OD"}, "mOD"),
        (PREFIX + "1", {"ModalityLUTSequence": [lut([7], bits=16, ModalityLUTType="OD")]}, "mOD"),
        (CT, {"ModalityLUTSequence": [lut([7], bits=16)], "RescaleSlope": "1", "RescaleType": "HU"}, ""),
        (CT, {"RescaleSlope": "1", "RescaleType": "MGML"}, "mg/ml"),
        (PET, {"RescaleSlope": "1", "Units": "1CM"}, "1/cm"),
    ],
)
def test_units_are_only_those_that_are_said(sop_class, attributes, unit):
    """ME1, X3; PS3.3 C.11.1.1.2: of OD a value of 2140 is an optical density of 2.140."""
    assert unit_of(item(**attributes), sop_class) == unit


def test_padding_is_named():
    """ME1, GP10."""
    found = probed(samples.image(GRID, PixelPaddingValue=-4, PixelPaddingRangeLimit=-3), 2, 1)
    assert (found.padding, found.modality, found.stored) == (True, None, -3)
    assert "padding (-3)" in str(found)


def test_colours_are_rgb():
    rgb = np.zeros((3, 4, 3), np.uint8)
    rgb[2, 1] = 1, 2, 255
    found = probed(samples.image(GRID), 2, 3, rgb)
    assert (found.rgb, found.modality) == ((1, 2, 255), None)
    assert "RGB 1, 2, 255" in str(found)


def test_the_slope_is_that_of_the_slice_and_the_uptake_is_beside_it():
    """NP4, NP5: 2500 times 2 Bq/ml: the golden value; without the weight the reason."""
    pixels = np.full((3, 4), 2500, np.int16)
    drug = item(RadionuclideTotalDose="370000000", RadionuclideHalfLife="6586.2", RadiopharmaceuticalStartTime="090000")
    ds = samples.image(
        pixels,
        PET,
        RescaleSlope="2",
        RescaleIntercept="0",
        Units="BQML",
        CorrectedImage=["DECY", "ATTN"],
        DecayCorrection="START",
        PatientWeight="70",
        SeriesDate="20240131",
        SeriesTime="100000",
        RadiopharmaceuticalInformationSequence=[drug],
    )
    found = probed(ds, 1, 1, pixels)
    assert (found.modality, found.unit, found.suv) == (5000, "Bq/ml", pytest.approx(1.38168, abs=5e-6))
    del ds.PatientWeight
    found = probed(ds, 1, 1, pixels)
    assert found.suv is None
    assert "SUV n/a: Patient's Weight" in str(found)


def test_an_ultrasound_region_says_where():
    """US1."""
    here = item(
        RegionLocationMinX0=1, RegionLocationMinY0=1, RegionLocationMaxX1=3, RegionLocationMaxY1=2,
        PhysicalUnitsXDirection=4, PhysicalUnitsYDirection=7, PhysicalDeltaX=0.5, PhysicalDeltaY=-3.0,
    )  # fmt: skip
    found = probed(samples.image(GRID, PREFIX + "6.1", SequenceOfUltrasoundRegions=[here]), 4, 3)
    assert found.region == ((1.0, "s"), (-3.0, "cm/s"))
    assert probed(samples.image(GRID, PREFIX + "6.1", SequenceOfUltrasoundRegions=[here]), 1, 1).region is None


def test_millimetres_of_the_patient_are_those_of_simpleitk(tmp_path):
    """ME1: an oblique plane with pixels that are not square."""
    c, s = np.cos(0.4), np.sin(0.4)
    ds = samples.image(
        GRID,
        PixelSpacing=[0.5, 0.25],
        ImageOrientationPatient=[f"{x:.12g}" for x in (c, s, 0, 0, 0, -1)],
        ImagePositionPatient=[10, -20, 30.5],
    )
    path = tmp_path / "image.dcm"
    path.write_bytes(samples.part10(ds))
    theirs = SimpleITK.ReadImage(str(path))
    for column, row in ((0, 0), (3, 2), (1.5, 0.25)):
        wanted = theirs.TransformContinuousIndexToPhysicalPoint((column, row, 0))
        assert semantics_of(samples.instance(ds), 1).point(column, row) == pytest.approx(wanted)
    assert semantics_of(samples.instance(samples.image(GRID)), 1).point(0, 0) is None


def test_a_frame_has_its_own_place():
    """ME1, MF1."""
    place = [item(PlanePositionSequence=[item(ImagePositionPatient=[0, 0, z])]) for z in (3, 7)]
    shared = item(
        PlaneOrientationSequence=[item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        PixelMeasuresSequence=[item(PixelSpacing=[2, 1])],
    )
    ds = samples.image(
        np.zeros((2, 3, 4), np.int16),
        PREFIX + "2.1",
        PerFrameFunctionalGroupsSequence=place,
        SharedFunctionalGroupsSequence=[shared],
    )
    assert semantics_of(samples.instance(ds), 2).point(3, 1) == (3, 2, 7)
