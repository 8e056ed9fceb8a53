"""A kind of measurement from outside of the package: a freehand region, concave, with any number of points."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.measurements.kind import MeasurementKind
from dicom_widgets.measurements.kinds import KINDS, register
from dicom_widgets.measurements.measurements import measurements_of
from dicom_widgets.measurements.region import Region, region_figures
from tests import samples
from tests.samples import CT

GRID = np.arange(48, dtype=np.int16).reshape(6, 8)
CONCAVE = (1, 1), (7, 1), (7, 5), (4, 1.8), (1, 5)
"""In image coordinates: a block of which a triangle is cut out from below; 6 * 4 - 6 * 3.2 / 2 = 14.4 pixels large."""


def freehand(points, shape) -> Region:
    """By the rule of even and odd crossings to the left, and the shoelace formula."""
    row, column = np.mgrid[: shape[0], : shape[1]]
    inside, doubled = np.zeros(shape, bool), 0.0
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        doubled += x1 * y2 - x2 * y1
        if y1 != y2:
            crossed = (np.minimum(y1, y2) <= row) & (row < np.maximum(y1, y2))
            inside ^= crossed & (column > x1 + (row - y1) * (x2 - x1) / (y2 - y1))
    return Region(inside, abs(doubled) / 2)


FREEHAND = MeasurementKind(
    "freehand", 3, lambda points: ((*points, points[0]),), region_figures(freehand), more=True, label="Freehand region"
)


@pytest.fixture
def uid(session):
    ds = samples.image(GRID, CT, PixelSpacing=[0.5, 0.25], RescaleSlope="2", RescaleIntercept="-10")
    session.load(samples.part10(ds))
    return str(ds.SOPInstanceUID)


@pytest.fixture
def freehand_kind():
    with register(FREEHAND) as registration:
        yield registration


def taken(session, uid, points=CONCAVE):
    one = dw.Measurement("freehand", points, uid)
    session.measurements.add(one)
    return session.measurements[one.uid]


@pytest.mark.usefixtures("freehand_kind")
def test_it_is_measured_as_those_that_were_there(session, uid):
    found = taken(session, uid)
    x, y = np.meshgrid(np.arange(8) + 0.5, np.arange(6) + 0.5)
    roof = 1.8 + abs(x - 4) * 3.2 / 3  # of the triangle that is cut out
    inside = GRID[(x > 1) & (x < 7) & (y > 1) & (y < roof)]
    assert found.figures["count"] == len(inside)
    assert found.figures["mean"] == pytest.approx(np.mean(inside) * 2 - 10)
    assert found.figures["area"] == pytest.approx(14.4 * 0.5 * 0.25)
    assert (found.unit, str(found)[:18]) == ("HU", "Freehand region · ")
    line, text = found.shapes()
    assert line.points == found.line() == (*CONCAVE, CONCAVE[0])
    assert text.words.startswith("mean")


@pytest.mark.usefixtures("freehand_kind")
def test_it_goes_out_and_in_like_the_others(session, uid):
    found = taken(session, uid)
    table = session.measurements.all.to_dataframe()
    assert (table["kind"][0], table["area unit"][0]) == ("freehand", "mm²")
    assert table["area"][0] == pytest.approx(14.4 * 0.5 * 0.25)
    text = session.measurements.all.to_json()
    assert measurements_of(text) == (found,)
    assert ["count", found.figures["count"], "px"] in json.loads(text)["measurements"][0]["figures"]
    viewport = dw.Viewport(session, uid)
    viewport.measurements = []
    viewport.measurements = text
    assert [*session.measurements] == [found]
    assert viewport.measure("freehand", *CONCAVE).value == found.value


@pytest.mark.usefixtures("freehand_kind")
def test_it_has_any_number_of_points_but_not_too_few_or_a_flood(session, uid):
    circle = [(4 + 2 * np.cos(t), 3 + 2 * np.sin(t)) for t in np.linspace(0, 6.2, 500)]
    assert taken(session, uid, circle).figures["area"] == pytest.approx(np.pi * 4 * 0.125, rel=1e-3)
    with pytest.raises(ValueError, match="has 3 points or more, not 2"):
        dw.Measurement("freehand", CONCAVE[:2], uid)
    with pytest.raises(ValueError, match="at most 10,000 points"):
        measurements_of([{"kind": "freehand", "points": [[1, 1]] * 10_001, "instance": uid}])


def test_it_is_taken_away_again_and_what_was_measured_says_so(session, uid, freehand_kind):
    found = taken(session, uid)
    freehand_kind.close()
    assert "freehand" not in KINDS
    with pytest.raises(ValueError, match="There is no measurement 'freehand'"):
        dw.Measurement("freehand", CONCAVE, uid)
    assert found.figures.why == "the kind of measurement 'freehand' was taken away"
    assert found.line() == CONCAVE


def test_the_kinds_of_the_package_stay_as_they_are():
    assert [*KINDS] == ["length", "angle", "rectangle", "ellipse", "probe"]
    with pytest.raises(ValueError, match="'length' is there already"):
        register(MeasurementKind("length", 1, FREEHAND.outline, FREEHAND.figures))
