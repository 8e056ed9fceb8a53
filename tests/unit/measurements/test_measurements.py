"""Measurements of a session: figures by hand (ME1 to ME5, US1, US2), ways in and out, what is refused, who is told."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.measurements.figures import shown
from dicom_widgets.measurements.measurement import Measurement
from dicom_widgets.measurements.measurements import measurements_of
from tests import samples
from tests.samples import CT, DX, PET, PREFIX, XA, item

GRID = np.arange(48, dtype=np.int16).reshape(6, 8)
UID = "1.2.3.4"


def held(session, stored=GRID, sop_class=CT, **attributes):
    """Load an image; return its SOP Instance UID."""
    ds = samples.image(stored, sop_class, **attributes)
    session.load(samples.part10(ds))
    return str(ds.SOPInstanceUID)


def measured(session, uid, kind, *points, **more):
    one = Measurement(kind, points, uid, **more)
    session.measurements.add(one)
    return session.measurements[one.uid]


def test_a_length_takes_the_row_spacing_first_and_says_whose_it_is(session):
    """ME2, ME3: 3 columns of 0.25 mm and 4 rows of 0.5 mm."""
    uid = held(session, PixelSpacing=[0.5, 0.25])
    found = measured(session, uid, "length", (1, 1), (4, 5))
    assert found.value == pytest.approx(math.hypot(0.75, 2))
    assert (found.unit, found.figures.label, found.figures.why) == ("mm", "", "")
    assert found.figures.source == "Pixel Spacing (0028,0030)"
    detector = held(session, sop_class=DX, ImagerPixelSpacing=[0.2, 0.2])
    assert str(measured(session, detector, "length", (0, 0), (5, 0))) == "length · 1 mm · (at detector)"


def test_without_a_spacing_it_is_pixels_and_the_reason(session):
    """ME5."""
    found = measured(session, held(session), "length", (1, 1), (4, 5))
    assert (found.value, found.unit, found.figures.why) == (5, "px", "no spacing")
    bent = held(session, PixelSpacing=[1, 1], VolumetricProperties="DISTORTED")
    assert "distances mean nothing" in measured(session, bent, "length", (1, 1), (4, 5)).figures.why


def test_an_angle_is_that_of_the_patient_and_of_the_pixels_shape(session):
    """ME4: rows twice as far apart as columns: the diagonal of a pixel stands at atan(2)."""
    points = (8, 1), (1, 1), (2, 2)
    for attributes in ({"PixelSpacing": [0.5, 0.25]}, {"PixelAspectRatio": [2, 1]}):
        found = measured(session, held(session, **attributes), "angle", *points)
        assert found.value == pytest.approx(math.degrees(math.atan(2)))
        assert found.unit == "°"
    assert measured(session, held(session), "angle", (1, 1), (1, 1), (2, 2)).figures.why == "a leg has no length"


def test_a_region_has_the_pixels_whose_centres_lie_inside(session):
    """ME4: columns 2 to 4 of rows 1 to 3, by numpy; one of them is padding."""
    uid = held(session, PixelSpacing=[0.5, 0.25], RescaleSlope="2", RescaleIntercept="-10", PixelPaddingValue=19)
    found = measured(session, uid, "rectangle", (1.6, 0.5), (5.4, 3.5))
    inside = GRID[0:4, 2:5].ravel()
    inside = inside[inside != 19].astype(float) * 2 - 10
    figures = found.figures
    assert [figures[k] for k in ("mean", "min", "max", "count")] == pytest.approx(
        [inside.mean(), inside.min(), inside.max(), 11]
    )
    assert figures["sd"] == pytest.approx(np.std(inside, ddof=1))
    assert figures["area"] == pytest.approx(3.8 * 0.25 * 3 * 0.5)
    assert (found.value, found.unit) == (pytest.approx(inside.mean()), "HU")
    y, x = np.mgrid[:6, :8] + 0.5
    round_ = GRID[((x - 4) / 3) ** 2 + ((y - 3) / 2) ** 2 <= 1] * 2.0 - 10
    round_ = round_[round_ != 28]
    ellipse = measured(session, uid, "ellipse", (7, 1), (1, 5)).figures
    assert (ellipse["mean"], ellipse["count"]) == (pytest.approx(round_.mean()), len(round_))
    assert ellipse["area"] == pytest.approx(math.pi * 3 * 0.25 * 2 * 0.5)
    nothing = measured(session, uid, "rectangle", (1.6, 0.6), (2.4, 3.4)).figures
    assert (nothing["count"], nothing.why, "mean" in nothing) == (0, "no pixel lies inside", False)


def test_values_do_not_depend_on_what_they_are_looked_at_with(session):
    """ME1: an XA is shown without its Modality LUT; its values have it. Colours have an area and no mean."""
    lut = samples.lut([7 * i for i in range(48)], bits=16, ModalityLUTType="OD")
    uid = held(session, GRID.astype(np.uint16), XA, ModalityLUTSequence=[lut])
    assert measured(session, uid, "probe", (3.2, 2.9)).value == 7 * GRID[2, 3]
    rgb = samples.image(np.zeros((6, 24), np.uint8), PREFIX + "7", Columns=8, SamplesPerPixel=3, PlanarConfiguration=0)
    rgb.PhotometricInterpretation = "RGB"
    session.load(samples.part10(rgb))
    region = measured(session, str(rgb.SOPInstanceUID), "rectangle", (0, 0), (2, 2)).figures
    assert [name for name, _, _ in region.quantities] == ["area", "count"]
    assert [q[0] for q in measured(session, str(rgb.SOPInstanceUID), "probe", (1, 1)).figures.quantities] == [
        "red",
        "green",
        "blue",
    ]


def test_a_point_names_padding_and_what_lies_outside(session):
    """ME1."""
    uid = held(session, PixelPaddingValue=9)
    assert measured(session, uid, "probe", (1.5, 1.5)).figures.why == "padding (9)"
    assert measured(session, uid, "probe", (9, 1)).figures.why == "outside of the image"
    assert math.isnan(measured(session, uid, "probe", (9, 1)).value)


def test_uptake_stands_beside_activity(session):
    """NP5: Units GML is SUVbw already."""
    found = measured(session, held(session, sop_class=PET, Units="GML"), "rectangle", (0, 0), (2, 1)).figures
    assert (found["SUVbw mean"], found["SUVbw max"]) == (0.5, 1)


def region(left, right, units, deltas):
    return item(
        RegionLocationMinX0=left, RegionLocationMinY0=0, RegionLocationMaxX1=right, RegionLocationMaxY1=5,
        PhysicalUnitsXDirection=units[0], PhysicalUnitsYDirection=units[1],
        PhysicalDeltaX=deltas[0], PhysicalDeltaY=deltas[1],
    )  # fmt: skip


def test_ultrasound_is_measured_by_its_regions(session):
    """US1, US2: centimetres in the left half; seconds and cm/s in the right one; pixels and the reason across."""
    regions = [region(0, 3, (3, 3), (0.1, 0.2)), region(4, 7, (4, 7), (0.5, -10.0))]
    uid = held(session, sop_class=PREFIX + "6.1", SequenceOfUltrasoundRegions=regions, PixelSpacing=[9, 9])
    assert measured(session, uid, "length", (0.5, 0.5), (3.5, 2.5)).value == pytest.approx(math.hypot(3, 4))
    area = measured(session, uid, "rectangle", (0.5, 0.5), (2.5, 2.5)).figures
    assert area["area"] == pytest.approx(2 * 4)
    doppler = measured(session, uid, "length", (4.5, 3.5), (6.5, 0.5)).figures
    assert doppler.quantities == (("time", 1.0, "s"), ("velocity", 30.0, "cm/s"), ("slope", 30.0, "cm/s²"))
    across = measured(session, uid, "length", (0.5, 0.5), (5.5, 0.5))
    assert (across.value, across.unit, across.figures.why) == (5, "px", "the points are not in one region")
    box = measured(session, uid, "rectangle", (0.5, 0.5), (6.5, 1.5)).figures
    assert box.quantities[-2] == ("area", 6, "px²")
    bare = measured(session, held(session, sop_class=PREFIX + "6.1", PixelSpacing=[9, 9]), "length", (0, 0), (3, 4))
    assert (bare.value, bare.unit) == (5, "px")
    assert "ultrasound" in bare.figures.why


def test_json_and_table_lead_out_and_back(session):
    uid = held(session, PixelSpacing=[1, 1])
    measured(session, uid, "length", (1, 1), (4, 5), label="aorta", text_at=(2, -3))
    measured(session, uid, "ellipse", (1, 1), (4, 5))
    every = session.measurements.all
    table = every.to_dataframe()
    assert list(table["kind"]) == ["length", "ellipse"]
    assert table["value"][0] == 5
    assert table["mean"][1] == every[1].figures["mean"]
    for name, value, unit in every[1].figures.quantities:
        assert (table[name][1], table[f"{name} unit"][1]) == (value, unit)
    assert table["area unit"][1] == "mm²"
    text = every.to_json()
    session.measurements.clear()
    assert len(session.measurements) == 0
    assert session.measurements.all.to_dataframe().empty
    session.measurements.add(*measurements_of(text))
    assert session.measurements.all == every
    assert [m.text_at for m in session.measurements] == [(2, -3), None]
    assert session.measurements.all.to_json() == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ("3", "no list"),
        ('{"measurements": {}}', "no list"),
        ("[7]", "Measurement 1: A measurement is an object"),
        ("[{}]", "needs its kind and points and instance"),
        (json.dumps([{}] * 10_001), "At most 10,000"),
    ],
)
def test_text_that_holds_no_measurements_is_refused(text, words):
    with pytest.raises(ValueError, match=words):
        measurements_of(text)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kind": "volume"}, "no measurement 'volume'"),
        ({"kind": ["length"]}, "kind in words"),
        ({"points": [[1, 2]]}, "has 2 points, not 1"),
        ({"points": [[1, 2]] * 1000}, "one to three points"),
        ({"points": [[1, 2], [3]]}, "pairs of numbers"),
        ({"points": [[1, 2], ["x", 3]]}, "pairs of numbers"),
        ({"points": [[1, 2], [float("nan"), 3]]}, "lie within"),
        ({"points": [[1, 2], [1e7, 3]]}, "lie within"),
        ({"points": [[1, 2], [10**400, 3]]}, "pairs of numbers"),
        ({"text_at": [1]}, "pairs of numbers"),
        ({"text_at": 0}, "pairs of numbers"),
        ({"text_at": [1, float("inf")]}, "lie within"),
        ({"instance": "../../etc"}, "SOP Instance UID"),
        ({"instance": 5}, "SOP Instance UID"),
        ({"frame": 0}, "counted from 1"),
        ({"frame": True}, "counted from 1"),
        ({"frame": 1.5}, "counted from 1"),
        ({"uid": "<b>"}, "letters, digits"),
        ({"label": "a\nb"}, "one line"),
        ({"label": "a" * 201}, "one line"),
    ],
)
def test_what_is_no_measurement_is_refused_with_the_reason(change, words):
    good = {"kind": "length", "points": [[1, 2], [3, 4]], "instance": UID}
    assert len(measurements_of([good])) == 1
    with pytest.raises(ValueError, match=words):
        measurements_of([good, good | change])


def test_one_that_belongs_to_nothing_says_so(session):
    assert Measurement("probe", ((1, 1),), UID).figures.why == "it belongs to no session yet"
    found = measured(session, UID, "probe", (1, 1))
    assert UID in found.figures.why
    assert math.isnan(found.value)


def test_changes_are_counted_and_told(session):
    told = []
    end = session.measurements.watch(lambda changes: told.extend((c.revision, c.uid, c.now) for c in changes))
    first, second = Measurement("probe", ((1, 1),), UID), Measurement("probe", ((2, 1),), UID, frame=2)
    session.measurements.add(first, second)
    session.measurements.add(first)
    assert [len(session.measurements.of(UID)), len(session.measurements.of(UID, 2))] == [2, 1]
    session.measurements.remove(first.uid, "unknown")
    end()
    session.measurements.clear()
    assert told == [(1, first.uid, first), (2, second.uid, second), (3, first.uid, first), (4, first.uid, None)]


def test_a_viewport_gives_and_takes_those_of_what_it_shows(session):
    series = session.load([samples.part10(samples.image(GRID + i, InstanceNumber=i + 1)) for i in range(3)])
    viewport, other = dw.Viewport(session, series), dw.Viewport(session, series)
    viewport.index = 1
    one = viewport.measure("length", (0, 0), (3, 4), label="first")
    assert (one.value, one.instance) == (5, viewport.instance.uid)
    assert [*other.measurements] == [*viewport.measurements] == [one]
    text = viewport.measurements.to_json()
    viewport.measurements = []
    assert not other.measurements
    viewport.measurements = text
    assert [*session.measurements] == [one]
    with pytest.raises(ValueError, match="no JSON"):
        viewport.measurements = "nonsense"
    plain = viewport.snapshot()
    assert plain == viewport.snapshot(graphics=False) != viewport.snapshot(graphics=True)
    viewport.index = 2
    assert viewport.snapshot(graphics=True) == viewport.snapshot()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (5, "5"),
        (-0.5, "-0.5"),
        (12.346, "12.35"),
        (123456.7, "123457"),
        (0.00123456, "0.001235"),
        (math.nan, "nan"),
    ],
)
def test_numbers_have_four_significant_digits(value, words):
    assert shown(value) == words
