"""MF5: real world values in probe, figures and arrays, by hand and beside highdicom; never in the display pipeline."""

from __future__ import annotations

import highdicom
import numpy as np
import pytest

from dicom_widgets.display.values.value_semantics import semantics_of
from dicom_widgets.errors import NotAnImage, NotFound
from dicom_widgets.measurements.measurement import Measurement
from tests import samples
from tests.classes import GREY, angiogram, code, ivoct
from tests.samples import MR, item

GRID = np.arange(12, dtype=np.int16).reshape(3, 4) - 4  # -4 to 7
ADC = code("um2/s", "UCUM", "um2/s")


def mapping(unit=ADC, **attributes):
    label = {"LUTLabel": "ADC", "LUTExplanation": "Apparent diffusion coefficient"}
    return item(**(label | attributes), MeasurementUnitsCodeSequence=[unit])


def line(slope=2.5, intercept=-1.0, first=-4, last=7, **attributes):
    ds = mapping(RealWorldValueSlope=slope, RealWorldValueIntercept=intercept, **attributes)
    for keyword, value in (("First", first), ("Last", last)):
        if value is not None:
            ds.add_new(f"RealWorldValue{keyword}ValueMapped", "SS" if value < 0 else "US", value)
    return ds


def held(session, *mappings, grid=GRID, **attributes):
    ds = samples.image(grid, MR, RealWorldValueMappingSequence=list(mappings), **attributes)
    session.load(samples.part10(ds))
    return str(ds.SOPInstanceUID)


def test_a_line_in_the_probe_and_as_an_array(session):
    """5 is stored in row 3, column 2: 2.5 * 5 - 1 = 11.5."""
    uid = held(session, line())
    found = session.probe(uid, 2, 3)
    assert found.real == (("ADC", 11.5, "um2/s"),)
    assert str(found) == "2, 3 · 5 (stored 5) · ADC 11.5 um2/s"
    values = session.array(uid, values="real world")
    assert (values.dtype, session.unit(uid, values="real world")) == (np.float32, "um2/s")
    assert np.array_equal(values, GRID * 2.5 - 1)
    assert np.array_equal(session.array(uid), GRID)
    assert session.array(uid, values="adc", dtype=float).dtype == float


def test_what_is_outside_of_the_range_is_not_mapped(session):
    uid = held(session, line(first=-2, last=3))
    mapped = (GRID >= -2) & (GRID <= 3)
    assert np.array_equal(np.isfinite(session.array(uid, values="ADC")), mapped)
    assert session.probe(uid, 2, 3).real == ()
    assert "ADC" not in str(session.probe(uid, 2, 3))


def test_a_table(session):
    """Stored -1, 0, 1 are 10, 20.5, 40; what is declared beyond the table is not mapped."""
    table = mapping(RealWorldValueLUTData=[10.0, 20.5, 40.0])
    table.add_new("RealWorldValueFirstValueMapped", "SS", -1)
    table.add_new("RealWorldValueLastValueMapped", "SS", 5)
    uid = held(session, table)
    expected = np.full(GRID.shape, np.nan, np.float32)
    expected[(GRID >= -1) & (GRID <= 1)] = 10, 20.5, 40
    assert np.array_equal(session.array(uid, values="real world"), expected, equal_nan=True)


def test_double_floats_bound_what_16_bits_cannot(session):
    wide = np.array([[70000, 80000, 90000]], np.uint32)
    ends = {"DoubleFloatRealWorldValueFirstValueMapped": 75000.0, "DoubleFloatRealWorldValueLastValueMapped": 9e4}
    uid = held(session, line(0.5, 0.0, None, None, **ends), grid=wide)
    assert session.array(uid, values="real world")[0].tolist()[1:] == [40000, 45000]
    assert np.isnan(session.array(uid, values="real world")[0, 0])


@pytest.mark.parametrize("syntax", [samples.IMPLICIT, samples.BIG_ENDIAN])
def test_the_ends_have_the_sign_of_the_pixels_whatever_they_were_read_as(syntax):
    """Without VRs they are bytes; a writer may take US for a negative value."""
    wrong = line(first=None, last=None)
    wrong.add_new("RealWorldValueFirstValueMapped", "US", 0xFFFF)
    wrong.add_new("RealWorldValueLastValueMapped", "US", 3)
    instance = samples.instance(samples.image(GRID, MR, RealWorldValueMappingSequence=[wrong]), syntax)
    (real,) = semantics_of(instance, 1).real
    assert (real.first, real.last) == (-1, 3)


@pytest.mark.parametrize(
    ("unit", "written"),
    [
        (code("1", "UCUM", "no units"), ""),
        (code("[hnsf'U]", "UCUM", "Hounsfield unit"), "HU"),
        (code("{SUVbw}g/ml", "UCUM", "Standardized Uptake Value body weight"), "SUVbw g/ml"),
        (code("X1", "99LOCAL", "local things"), "local things"),
    ],
)
def test_units_are_written_readably(session, unit, written):
    assert session.unit(held(session, line(unit=unit)), values="real world") == written


def test_several_mappings_have_their_names(session):
    uid = held(session, line(), line(1.0, 100.0, LUTLabel="T2"), line(1.0, 200.0, LUTLabel="T2"))
    assert [(name, value) for name, value, _ in session.probe(uid, 1, 1).real] == [
        ("ADC", -11.0),
        ("T2", 96.0),
        ("T2 (2)", 196.0),
    ]
    assert session.array(uid, values="T2 (2)")[0, 0] == 196


def test_a_region_has_their_mean_and_spread_and_a_point_its_value(session):
    """The rectangle holds stored -3, -2, 1, 2; only -2, 1 and 2 are mapped, to -6, 1.5 and 4."""
    uid = held(session, line(first=-2, last=3))
    session.measurements.add(Measurement("rectangle", ((1.0, 0.0), (3.0, 2.0)), uid))
    session.measurements.add(Measurement("probe", ((1.5, 1.5),), uid))
    figures, point = (m.figures for m in session.measurements.of(uid))
    mapped = np.array([-6, 1.5, 4])
    assert figures["mean"] == -0.5
    assert (figures["ADC mean"], figures["ADC SD"]) == pytest.approx((mapped.mean(), mapped.std(ddof=1)))
    assert point["ADC"] == 1.5


def test_they_are_not_in_the_pipeline(session):
    """The window is for modality values; a mapping that says what the rescale says is not said twice."""
    window = {"WindowCenter": "2", "WindowWidth": "12"}
    plain, mapped = held(session, **window), held(session, line(100.0, 7.0), **window)
    assert np.array_equal(session.present(plain).display(), session.present(mapped).display())
    twice = held(session, line(unit=code("1", "UCUM", "no units")), RescaleSlope="2.5", RescaleIntercept="-1")
    assert session.probe(twice, 1, 1).real == ()
    assert session.array(twice, values="real world")[0, 0] == -11


def test_a_difference_has_none(session):
    """CI7: its words are no stored values, so no mapping holds for them."""
    mask = item(MaskOperation="AVG_SUB", MaskFrameNumbers=[1])
    ds = angiogram(GREY, mask, RealWorldValueMappingSequence=[line(2.0, 0.0, 0, 1023)])
    session.load(samples.part10(ds))
    uid = str(ds.SOPInstanceUID)
    assert session.present(uid, 2).meaning.subtraction is not None
    assert session.present(uid, 2).meaning.real == session.probe(uid, 1, 1, 2, subtraction=True).real == ()
    assert session.present(uid, 2, subtraction=False).meaning.real[0].name == "ADC"


def test_where_there_is_none_it_is_said(session):
    uid, broken = held(session), held(session, mapping(), item(RealWorldValueSlope=2.0))
    for which in (uid, broken):
        with pytest.raises(NotFound, match="no Real World Value Mapping"):
            session.array(which, values="real world")
        assert session.probe(which, 1, 1).real == ()
    with pytest.raises(ValueError, match="'T2' is not known; modality, stored, display, real world, ADC are"):
        session.array(held(session, line()), values="T2")
    rgb = samples.image(np.zeros((2, 6), np.uint8), samples.SC, Columns=2, SamplesPerPixel=3, PlanarConfiguration=0)
    rgb.PhotometricInterpretation, rgb.RealWorldValueMappingSequence = "RGB", [line()]
    session.load(samples.part10(rgb))
    with pytest.raises(NotAnImage, match="in colour"):
        session.array(str(rgb.SOPInstanceUID), values="real world")


@pytest.mark.parametrize("own", [True, False], ids=["of the frame", "shared"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_functional_groups_beside_highdicom(session, tmp_path, own):
    """MF1, MF5: the mappings of a frame replace the shared ones; both of several are there."""
    ds = ivoct()
    shared = [line(3.0, 4.0, 0, 1023), line(1.5, -2.0, 0, 1023, LUTLabel="T2")]
    ds.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence = shared
    if own:
        ds.PerFrameFunctionalGroupsSequence[1].RealWorldValueMappingSequence = [line(-1.0, 0.5, 0, 1023)]
        for frame in ds.PerFrameFunctionalGroupsSequence[:1]:
            frame.RealWorldValueMappingSequence = shared
        del ds.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence
    ds.save_as(tmp_path / "made.dcm", enforce_file_format=True)
    instance = session.instance(session.load(tmp_path / "made.dcm")[0].children[0].children[0])
    theirs = highdicom.imread(tmp_path / "made.dcm")
    for number in (1, 2):
        expected = theirs.get_frame(number, apply_real_world_transform=True, real_world_value_map_selector=0)
        assert np.allclose(session.array(instance, number, values="real world"), expected)
    assert len(session.probe(instance, 1, 1, 1).real) == 2
    assert session.array(instance, 1, values="T2")[2, 3] == GREY[0, 2, 3] * 1.5 - 2
