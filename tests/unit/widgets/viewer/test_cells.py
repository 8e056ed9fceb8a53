"""Rows and columns of viewports, links and small pictures, from the kernel's side (requirement X7)."""

from __future__ import annotations

import io
import threading

import numpy as np
import pytest
import traitlets
from PIL import Image

import dicom_widgets as dw
from tests import samples
from tests.unit.widgets.talk import Talk


def series(session, number, *, study="1.2.3.7", count=3):
    """Load a series of slices, each of one value more than the one before."""
    sets = [
        samples.image(
            np.full((8, 12), 100 * number + k, np.int16),
            StudyInstanceUID=study,
            SeriesInstanceUID=f"{study}.{number}",
            SOPInstanceUID=f"{study}.{number}.{k}",
            SeriesNumber=number,
            InstanceNumber=k + 1,
            Modality="MR",
        )
        for k in range(count)
    ]
    session.load(sets)
    return dw.Entity.of(study, f"{study}.{number}")


def shown(viewer):
    return [v.instance.path[1].rpartition(".")[2] if v.instance else "" for v in viewer.viewports]


def until(check, seconds=10):
    pause = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if check():
            return
        pause.wait(0.02)
    raise AssertionError("it did not happen")


def test_a_study_fills_the_cells_and_what_comes_later_goes_to_the_next_empty_one(session):
    study = dw.Entity.of(series(session, 1).path[0])
    series(session, 2)
    viewer = dw.Viewer(session, browser=False, grid=(2, 2))
    assert shown(viewer) == ["", "", "", ""]
    viewer.show(study)
    assert shown(viewer) == ["1", "2", "", ""]
    series(session, 3)
    series(session, 9, study="1.2.3.8")  # of another study: not here
    until(lambda: shown(viewer) == ["1", "2", "3", ""])
    viewer.show(dw.Entity.of("1.2.3.8"))
    assert shown(viewer) == ["9", "", "", ""]  # no patient beside another one, unless somebody says so


def test_a_change_of_rows_and_columns_keeps_what_is_shown_and_closes_the_rest(session):
    several = [series(session, n) for n in (1, 2, 3)]
    viewer = dw.Viewer(session, browser=False, grid=(2, 2))
    for viewport, one in zip(viewer.viewports[1:], several, strict=True):
        viewport.show(one)
    viewer.cells.active = 3
    assert viewer.viewport is viewer.viewports[3]
    before = viewer.viewports
    viewer.grid = (1, 2)
    assert shown(viewer) == ["1", "3"]  # the empty one goes first, then the last, never the active one
    assert viewer.viewport is before[3]
    assert [v.comm is None for v in before] == [True, False, True, False]
    assert viewer.cells.grid == (1, 2)
    viewer.cells.grid = (3, 3)  # as the menu of the page does it
    assert viewer.grid == (3, 3)
    assert shown(viewer) == ["1", "3", *[""] * 7]
    viewer.close()
    assert all(v.comm is None for v in viewer.viewports)


@pytest.mark.parametrize("grid", [(0, 1), (1, 4), (2,), "2x2"])
def test_rows_and_columns_are_one_to_three(session, grid):
    viewer = dw.Viewer(session, browser=False)
    with pytest.raises(traitlets.TraitError):
        viewer.grid = grid
    assert viewer.grid == viewer.cells.grid == (1, 1)


def test_the_list_marks_the_active_cell_and_shows_there(session):
    one, two = series(session, 1), series(session, 2)
    viewer = dw.Viewer(session, browser=False, grid=(1, 2))
    page = Talk(viewer.series)
    viewer.show(one)
    page.until(lambda c: c.get("chosen") == "/".join(one.path))
    viewer.cells.active = 1
    page.until(lambda c: c.get("chosen") == "")
    page.tell("show", path="/".join(two.path))
    assert shown(viewer) == ["1", "2"]
    assert page.said[-1] == {"type": "chosen", "chosen": "/".join(two.path)}


def test_a_drop_is_taken_from_the_page_only_if_the_session_holds_it(session):
    one = series(session, 1)
    viewer = dw.Viewer(session, browser=False, grid=(1, 2))
    page = Talk(viewer.cells)
    cell = viewer.viewports[1].model_id
    for path in ("1.2.3.7", "1.2.3.7/9", "../../etc/passwd", "1.2.3.7/1.2.3.7.1/1.2.3.7.1.0", ""):
        page.tell("drop", path=path, cell=cell)
    page.tell("drop", path="/".join(one.path), cell="nobody")
    assert shown(viewer) == ["", ""]
    page.tell("drop", path="/".join(one.path), cell=cell)
    assert shown(viewer) == ["", "1"]
    assert viewer.cells.active == 1


def test_links_name_a_group_and_refuse_what_cannot_be_linked(session):
    one = series(session, 1)
    a, b = dw.Viewport(session, one), dw.Viewport(session, one)
    dw.link(a, b, window=False)
    assert a.link == b.link
    assert set(a.link) == {"scroll", "zoom"}
    a.link = {}
    with pytest.raises(traitlets.TraitError):
        a.link = {"turns": "group"}
    with pytest.raises(ValueError, match="at least two"):
        dw.link(a)
    with dw.Session(listen_port=0) as other, pytest.raises(ValueError, match="different sessions"):
        dw.link(a, dw.Viewport(other))
    viewer = dw.Viewer(session, browser=False)
    viewer.cells.links = ("zoom", "scroll")
    assert viewer.cells.links == ("scroll", "zoom")
    with pytest.raises(traitlets.TraitError, match="scroll, window, zoom"):
        viewer.cells.links = ("everything",)


def test_a_small_picture_shows_the_middle_image(session):
    """X7: thumbnails. The middle one of three slices is 101 everywhere; it is the window's middle."""
    one = series(session, 1)
    pictures = {}
    listed = dw.Viewer(session, browser=False).series
    page = Talk(listed)
    listed.send = lambda content, buffers=None: pictures.setdefault(content.get("path"), (content, buffers))
    page.tell("thumbnail", path="/".join(one.path), count=3)
    until(lambda: pictures)
    content, (png,) = pictures["/".join(one.path)]
    assert content == {"type": "thumbnail", "path": "/".join(one.path), "count": 3}
    seen = np.asarray(Image.open(io.BytesIO(png)))
    expected = session.present("1.2.3.7.1.1").rgba((96, 96))
    assert seen.shape == (96, 96, 3)
    assert np.array_equal(seen, expected[..., :3])
    assert len(png) < 4000


def test_a_series_of_two_directions_has_a_card_for_each_stack(session):
    """X7: thumbnails by stack; a click shows its frames only, and what no stack is named like shows nothing."""
    axial, sagittal = [1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1]
    pieces = [
        samples.image(
            np.full((4, 5), 50, np.uint8) if i < 3 else np.arange(20, dtype=np.uint8).reshape(4, 5),
            SeriesInstanceUID="1.2.3.8",
            InstanceNumber=i + 1,
            ImageOrientationPatient=axial if i < 3 else sagittal,
            ImagePositionPatient=[i, 0, i],
        )
        for i in range(5)
    ]
    session.load([samples.part10(p) for p in pieces])
    viewer = dw.Viewer(session, browser=False)
    said = []
    page = Talk(viewer.series)
    viewer.series.send = lambda content, buffers=None: said.append((content, buffers))
    page.tell("ready")
    whole, *cards = said[-1][0]["studies"][0]["series"]
    assert [(c["title"], c["detail"]) for c in cards] == [("Stack 1/2", "3 images"), ("Stack 2/2", "2 images")]
    page.tell("show", path=whole["path"])
    assert viewer.viewport.count == 5
    page.tell("show", path=cards[1]["path"])
    assert [i.number("InstanceNumber") for i, _ in viewer.viewport._state.frames.frames] == [
        5,
        4,
    ]  # the normal points to the right
    page.tell("show", path=cards[0]["path"])
    assert [i.number("InstanceNumber") for i, _ in viewer.viewport._state.frames.frames] == [1, 2, 3]
    for nonsense in ("/9", "/x", "/-1"):
        page.tell("show", path=cards[0]["path"].rpartition("/")[0] + nonsense)
        page.tell("thumbnail", path=cards[0]["path"].rpartition("/")[0] + nonsense, count=5)
    assert viewer.viewport.count == 3
    said.clear()
    for card in cards:
        page.tell("thumbnail", path=card["path"], count=card["count"])
    until(lambda: len([1 for _, buffers in said if buffers]) == 2)
    assert said[0][1] != said[1][1]


def test_what_is_no_image_has_no_small_picture_and_says_so(session):
    study = session.load(samples.plain("1.2.840.10008.5.1.4.1.1.88.11", Modality="SR"))
    listed = dw.Viewer(session, browser=False).series
    said = []
    page = Talk(listed)
    listed.send = lambda content, buffers=None: said.append((content, buffers))
    page.tell("ready")
    card = said[-1][0]["studies"][0]["series"][0]
    assert (card["tile"], card["image"]) == ("SR", False)
    page.tell("thumbnail", path=card["path"], count=1)
    until(lambda: len(said) > 1)
    assert said[-1] == ({"type": "thumbnail", "path": "/".join(study[0].children[0].path), "count": 1}, [])


def test_nothing_of_a_series_is_in_what_a_notebook_saves(session):
    one = series(session, 1)
    viewer = dw.Viewer(session, browser=False, grid=(1, 2))
    viewer.show(one)
    viewer.cells.links = ("scroll",)
    states = [w.get_state() for w in (viewer, viewer.cells, viewer.series, *viewer.viewports)]
    assert "1.2.3.7" not in repr(states)


def test_planes_of_what_is_no_image_say_why_there_are_none(session):
    report = session.load(samples.plain("1.2.840.10008.5.1.4.1.1.88.11", Modality="SR"))[0].children[0]
    viewer = dw.Viewer(session, browser=False)
    viewer._more("planes", session.instances(report)[0])
    assert viewer.planes.note
    viewer._more("planes", session.instances(report)[0])
    assert viewer.planes is None
