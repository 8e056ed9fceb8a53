"""GE3: what is missing of a grid of times and places is said by name; hand-made 3 x 4 grids."""

from __future__ import annotations

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.errors import GeometryError
from dicom_widgets.geometry.stacks import stacks_of
from tests import samples

TIMES, PLACES = (1, 2, 3), (0, 5, 10, 15)


def grid(*left_out, keyword="TemporalPositionIdentifier", values=TIMES, number=True):
    """Return images of three times four places, numbered place by place, without some (time, place)."""
    found = []
    for n, (z, t) in enumerate((z, t) for z in PLACES for t in TIMES):
        if (t, z) in left_out:
            continue
        ds = samples.image(np.full((2, 2), 10 * t + z, np.uint16), samples.MR, **{keyword: values[t - 1]})
        ds.InstanceNumber = n + 1 if number else None
        ds.ImagePositionPatient, ds.ImageOrientationPatient, ds.PixelSpacing = [0, 0, z], [1, 0, 0, 0, 1, 0], [1, 1]
        found.append(ds)
    return found


def stack_of(images):
    (stack,) = stacks_of(map(samples.instance, images))
    return stack


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ([], ""),
        ([(2, 5)], "temporal position 2/3 at H 5.0 mm"),
        ([(1, 0), (1, 15)], "temporal position 1/3 at H 0.0 mm, H 15.0 mm"),
        ([(1, 5), (3, 10)], "temporal position 1/3 at H 5.0 mm; temporal position 3/3 at H 10.0 mm"),
    ],
)
def test_places_that_a_time_lacks_are_named(left_out, words):
    stack = stack_of(grid(*left_out))
    assert stack.missing() == words
    there = [(t, z) for t in TIMES for z in PLACES if (t, z) not in left_out]
    assert [
        (stack.axes[0].values[k], i.numbers("ImagePositionPatient", 3)[2]) for k, (i, _) in enumerate(stack.frames)
    ] == (there)


def test_slices_stay_at_their_place_beside_a_gap():
    """The second slice of each time is that at 5 mm; the first time begins with it."""
    stack = stack_of(grid((1, 0)))
    time, place = stack.dimensions()
    assert (time.name, place.name, place.choices) == ("temporal position", "slice", (1, 2, 3, 4))
    assert place.indices == (1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3)
    assert stack.label(0) == "temporal position 1/3 · slice 2/4"


def test_a_place_where_every_time_lacks_another_is_no_round():
    """Each place is there twice, so numbers would mix the times."""
    stack = stack_of(grid((1, 0), (2, 5), (3, 10), (1, 15)))
    assert stack.axes[0].choices == TIMES
    assert stack.missing().count("temporal position") == 3


def test_many_gaps_are_counted():
    values = [[t, z] for z in range(20) for t in range(3) if t < 2 or z < 14]
    images = []
    for t, z in values:
        ds = samples.image(np.zeros((2, 2), np.uint16), samples.MR, EchoTime=[10, 20, 30][t], PixelSpacing=[1, 1])
        ds.ImagePositionPatient, ds.ImageOrientationPatient = [0, 0, z], [1, 0, 0, 0, 1, 0]
        images.append(ds)
    assert stack_of(images).missing() == (
        "echo time 3/3 (30) at H 14.0 mm, H 15.0 mm, H 16.0 mm, H 17.0 mm, and 2 more"
    )


def test_a_sparse_grid_is_none():
    """What is mostly empty is not told apart by this attribute: one place repeats."""
    stack = stack_of([*grid(*[(t, z) for t in (2, 3) for z in PLACES[1:]])])
    assert stack.missing() == ""
    assert stack.axes == ()


def test_a_volume_says_that_a_slice_is_missing_at_its_end():
    """GE3, GE4: the second time lacks its last place; the volumes of the others are whole. Planes say it too."""
    with dw.Session(listen_port=0) as session:
        for ds in grid((2, 15)):
            session.load(samples.part10(ds))
        series = session.studies[0].children[0]
        short, whole = (session.volume(series, at={"temporal position": t}) for t in (2, 1))
        assert (short.shape[0], short.missing) == (3, "temporal position 2/3 at H 15.0 mm")
        assert repr(short).endswith("; missing: temporal position 2/3 at H 15.0 mm>")
        assert (whole.shape[0], whole.missing) == (4, "")
        assert "Missing: temporal position 2/3 at H 15.0 mm" in session.planes(short).picture("axial").record["notes"]
        mpr = dw.MPR(session, series, at={"temporal position": 2})
        for name, view in mpr.viewports.items():
            assert view._state.frames.message()["missing"] == [
                {"from": 0, "to": mpr.planes.count(name), "words": f"Missing: {short.missing}"}
            ]


def test_times_of_the_day_are_hidden_with_the_patient(tmp_path):
    """The viewport says it, with a mask without the time; the complete times are volumes, the other is none."""
    with dw.Session(listen_port=0) as session:
        times = ("101500", "101600", "101700")
        for ds in grid((2, 5), keyword="AcquisitionTime", values=times):
            session.load(samples.part10(ds))
        series = session.studies[0].children[0]
        said = {}
        for mask in (False, True):
            viewport = dw.Viewport(session, series, mask=mask)
            message = viewport._state.frames.message(timeless=mask)
            said[mask] = message["missing"]
        assert said[False] == [{"from": 0, "to": 11, "words": "Missing: acquisition time 2/3 (101600) at H 5.0 mm"}]
        viewport.tiles = (2, 3)  # sheets of six: the gap is on both
        assert viewport._state.frames.message()["missing"] == [{**said[False][0], "to": 2}]
        assert said[True][0]["words"] == "Missing: acquisition time 2/3 at H 5.0 mm"
        first = session.stacks(series)[0].axes[0].choices
        assert session.volume(series, at={"acquisition time": first[0]}).array[:, 0, 0].tolist() == [10, 15, 20, 25]
        with pytest.raises(GeometryError, match="distances of slices differ"):
            session.volume(series, at={"acquisition time": first[1]})
