"""Three planes of a volume, the kernel's side: position, slab, code, refusal (GE4)."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.errors import GeometryError
from tests.unit.volumes import grid, loaded
from tests.unit.widgets.talk import Talk

NAMES = ["axial", "coronal", "sagittal"]


@pytest.fixture
def mpr(session):
    """Of 5 slices 2 mm apart, 4 rows 0.5 mm apart, and 6 columns 0.75 mm apart."""
    return dw.MPR(session, loaded(session, grid(WindowCenter="0", WindowWidth="900")))


def test_it_begins_in_the_middle(mpr):
    assert list(mpr.viewports) == NAMES
    assert [v.index for v in mpr.viewports.values()] == [2, 2, 3]
    assert mpr.position == (-10 + 3 * 0.75, 20 + 2 * 0.5, 30 + 2 * 2.0)
    assert {v.tool for v in mpr.viewports.values()} == {"crosshair"}
    assert all(v.instance is None for v in mpr.viewports.values())


def test_a_position_is_the_nearest_voxel_and_stays_inside(mpr):
    mpr.position = (-10 + 0.8, 20 + 1.4, 30 + 6.9)
    assert [v.index for v in mpr.viewports.values()] == [3, 3, 1]
    assert mpr.position == pytest.approx((-9.25, 21.5, 36))
    mpr.position = (1000, -1000, 1000)
    assert [v.index for v in mpr.viewports.values()] == [4, 0, 5]


def test_a_slab_in_millimetres_is_whole_voxels_of_each_plane(mpr):
    """4 mm: 2 slices, 8 rows (there are 4), 5 columns; the look and the place stay."""
    coronal, axial = mpr.viewports["coronal"], mpr.viewports["axial"]
    coronal.index, axial.window, axial.zoom = 1, (10, 50), 3.0
    Talk(mpr).tell("slab", n=1, slab="4", mode="MIP")
    assert mpr.slab == 4
    assert (coronal.index, axial.window, axial.zoom) == (1, dw.Window(10, 50), 3.0)
    values = mpr.planes.volume.array
    assert np.array_equal(modality(axial.picture()), values[2:4].max(axis=0))
    assert np.array_equal(modality(coronal.picture()), values[::-1].max(axis=1))
    Talk(mpr).tell("slab", n=2, slab="4", mode="MinIP")
    assert np.array_equal(modality(axial.picture()), values[2:4].min(axis=0))
    talk = Talk(mpr)
    talk.tell("slab", n=3, slab="4", mode="median")
    assert "median" in talk.said[-1]["note"]
    assert talk.said[-1]["echo"] == ["page", 3]
    assert mpr.mode == "MinIP"


def modality(picture):
    layer = picture.layers[0]
    return layer.chain.modality(layer.values)


def test_code_gives_the_same_picture(mpr, session):
    """Every name in it but the session's is defined."""
    path = session.studies[0].children[0].path
    mpr.slab, mpr.mode = 2, "mean"
    for name, view in mpr.viewports.items():
        view.index, view.window, view.invert, view.presentation = 1, (20, 300), True, None
        names = {"session": session, "dw": dw}
        lines = view.code()
        assert f"session.planes(dw.Entity.of{path!r}).picture('{name}', 1" in lines
        exec(lines, names)
        assert np.array_equal(names["picture"].rgba((60, 70)), view.picture().rgba((60, 70)))


def test_code_names_what_the_volume_was_made_of(session):
    """A stack and a volume are found again; of two echoes, the one that is shown."""
    sets = [*grid(EchoTime="10"), *grid(first=6, seed=1, EchoTime="20")]
    series = loaded(session, sets)
    words = f"session.planes(session.stacks(dw.Entity.of{series.path!r})[0], at={{'echo time': 20}})."
    (stack,) = session.stacks(series)
    for entity, at in ((stack, {"echo time": 20}), (session.volume(series, at={"echo time": 20}), None)):
        view, names = dw.MPR(session, entity, at).viewports["axial"], {"session": session, "dw": dw}
        assert words in view.code()
        exec(view.code(), names)
        assert np.array_equal(names["picture"].rgba((60, 70)), view.picture().rgba((60, 70)))


def test_one_voxel_travels_once_in_every_mode(mpr):
    before = {n: v._offer.names for n, v in mpr.viewports.items()}
    mpr.mode = "mean"
    assert {n: v._offer.names for n, v in mpr.viewports.items()} == before
    mpr.slab = 2
    after = {n: v._offer.names for n, v in mpr.viewports.items()}
    assert after["axial"] == before["axial"]  # 2 mm is one slice
    assert after["coronal"] != before["coronal"]


def test_the_page_learns_how_the_planes_cross(mpr):
    talk = Talk(mpr.viewports["sagittal"])
    talk.tell("ready")
    series = talk.until(lambda c: "series" in c)["series"]
    cross = series["cross"]
    assert (cross["plane"], cross["down"], cross["across"]) == ("sagittal", "axial", "coronal")
    assert series["sizes"] == [2 * 5 * 4] * 6
    assert {v._state.frames.message()["cross"]["group"] for v in mpr.viewports.values()} == {cross["group"]}


def test_view_of_a_volume_shows_its_slices(mpr, session):
    viewport = dw.view(mpr.planes.volume, session)
    assert (viewport.index, viewport.instance.number("InstanceNumber")) == (2, 3)


def test_what_is_no_volume_is_refused_in_the_widget(session):
    sets = grid()
    mpr = dw.MPR(session, loaded(session, [sets[0], sets[1], sets[4]]))
    assert "the distances of slices differ: 2 to 6 mm" in mpr.note
    assert (mpr.planes, mpr.viewports, mpr.views) == (None, {}, [])
    with pytest.raises(GeometryError, match="distances"):
        _ = mpr.position
    talk = Talk(mpr)
    talk.tell("ready")
    assert talk.said[-1]["note"] == mpr.note


def test_nothing_of_a_patient_is_kept_in_the_notebook(mpr):
    """A trait ends in the file."""
    for widget in (mpr, *mpr.viewports.values()):
        state = {k: v for k, v in widget.get_state().items() if k != "_esm"}
        assert "Doe" not in json.dumps(state, default=str) + repr(widget)
        assert "4711" not in json.dumps(state, default=str)


def test_with_its_session_the_planes_end_and_say_so(mpr, session):
    session.close()
    assert mpr.ended
    assert mpr.planes is None
    with pytest.raises(GeometryError, match="This session is closed"):
        _ = mpr.position


def test_closing_closes_the_planes(mpr):
    views = list(mpr.viewports.values())
    mpr.close()
    assert all(v.comm is None for v in views)
    mpr.close()


def test_arrays_and_series_of_other_instances_leave_it_as_it_is(mpr, session):
    before = mpr.viewports["axial"]._offer.name
    session.load(grid(1, first=50, seed=3))
    assert mpr.viewports["axial"]._offer.name == before
    assert mpr.viewports["axial"]._arrivals._debounce._timer is None
