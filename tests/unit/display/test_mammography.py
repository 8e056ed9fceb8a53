"""How a mammography hangs, by geometry worked out by hand (requirement XR3)."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import dcmread

import dicom_widgets as dw
from dicom_widgets.display.mammography import FOUR, chest_wall, hanging_orientation
from dicom_widgets.errors import NotFound
from tests.classes import code, mammogram
from tests.samples import part10
from tests.unit.widgets.talk import Talk

STUDY = "1.2.3.40"


def stored(side: str, rows: int, columns: int, *, chest: str = "") -> np.ndarray:
    """Return grey with a white column at the chest wall: at the right of a right breast."""
    grid = np.full((rows, columns), 512, np.uint16)
    grid[:, {"right": -1, "left": 0}[chest or {"R": "right", "L": "left"}[side]]] = 1023
    return grid


def load(session, *images):
    for n, ds in enumerate(images, 1):
        ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.InstanceNumber = STUDY, f"{STUDY}.{n}", n
    session.load([part10(ds) for ds in images])
    return dw.Entity.of(STUDY)


def four(rows=40, columns=20):
    return [mammogram(side, view, stored(side, rows, columns)) for side, view in reversed(FOUR)]


def sides(viewer):
    return [((ds := v.instance.attributes()).ImageLaterality, ds.ViewPosition) for v in viewer.viewports]


@pytest.mark.parametrize(("side", "view"), FOUR)
def test_the_made_objects_are_valid(dciodvfy, tmp_path, side, view):
    mammogram(side, view).save_as(tmp_path / "made.dcm", enforce_file_format=True)
    assert dciodvfy(tmp_path / "made.dcm") == []


def test_the_four_views_hang_by_themselves_with_the_chest_walls_in_the_middle(session):
    """XR3: in cells of 100 x 100 an image of 40 x 20 is 50 wide; right breasts end at the right edge of their cells."""
    study = load(session, *four())
    viewer = dw.Viewer(session, browser=False)
    viewer.show(study)
    assert viewer.hung
    assert viewer.grid == (2, 2)
    assert sides(viewer) == [("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO")]
    for n, viewport in enumerate(viewer.viewports):
        row = viewport.picture().rgba((100, 100))[50, :, 0]
        right = n % 2 == 0
        assert (row if right else row[::-1])[-2:].tolist() == [255] * 2  # the white column is two and a half wide
        assert (row > 0).sum() == 50
        place = viewport.picture().to_screen((100, 100), 2.0, (5, 7))  # and at any zoom, before it is moved
        assert place((20, 40)) == ((105, 97) if right else (45, 97))


def test_all_views_have_the_scale_of_the_largest(session):
    """XR3: the largest is 40 x 60 mm, and that fits into 120 x 120: two pixels a millimetre; 100 % are other pixels."""
    images = four()
    images[0] = mammogram("L", "MLO", stored("L", 600, 300))  # 60 x 30 mm
    images[1] = mammogram("R", "MLO", stored("R", 100, 200), ImagerPixelSpacing=[0.2, 0.2])  # 20 x 40 mm
    viewer = dw.Viewer(session, browser=False)
    viewer.show(load(session, *images))
    widths = []
    for viewport in viewer.viewports:
        place, columns = viewport.picture().to_screen((120, 120), "fit", (0, 0)), viewport.picture().shape[1]
        widths.append(place((columns, 0))[0] - place((0, 0))[0])
    assert widths == pytest.approx([4, 4, 80, 60])  # 2, 2, 40 and 30 mm
    assert viewer.viewports[2].picture().home.extent == pytest.approx((200, 300))  # in columns of 0.2 mm
    picture = viewer.viewports[0].picture()
    code_lines = viewer.viewports[0].code()
    found = {}
    exec(code_lines.partition("\npicture.rgba")[0], {"session": session}, found)
    assert np.array_equal(found["picture"].rgba((90, 90)), picture.rgba((90, 90)))


def test_what_a_pixel_measures_is_not_known_of_one(session):
    """XR3: no scale of several then, each fits its cell."""
    images = four()
    del images[0].ImagerPixelSpacing
    viewer = dw.Viewer(session, browser=False)
    viewer.show(load(session, *images))
    assert [v.picture().home.extent for v in viewer.viewports] == [None] * 4
    assert [v.picture().home.side for v in viewer.viewports] == ["right", "left"] * 2


@pytest.mark.parametrize(
    ("side", "view", "orientation", "expected", "chest"),
    [
        ("R", "MLO", ["P", "FL"], (0, False), "right"),
        ("L", "MLO", ["A", "FR"], (0, False), "left"),
        ("R", "CC", ["P", "L"], (0, False), "right"),
        ("R", "CC", ["A", "L"], (0, True), "left"),  # mirrored: it is flipped back
        ("L", "CC", ["P", "L"], (2, False), "right"),
        ("R", "MLO", ["F", "A"], (1, False), "top"),
        ("R", "MLO", None, (0, False), "right"),  # nobody says: as devices send it
        ("L", "CC", ["", ""], (0, False), "left"),
    ],
)
def test_the_chest_wall_by_orientation_else_by_side(side, view, orientation, expected, chest):
    """XR3, XR2."""
    ds = mammogram(side, view)
    ds.PatientOrientation = orientation
    assert chest_wall(ds) == chest
    assert hanging_orientation(ds, (side, view)) == expected


@pytest.mark.parametrize(
    ("chest", "turns", "flip", "lies"),
    [("left", 1, False, "top"), ("left", 0, True, "right"), ("right", 3, False, "top"), ("top", 1, True, "left")],
)
def test_the_edge_follows_turns_and_flips(session, chest, turns, flip, lies):
    """XR3: the edge of the image is the edge of the screen, wherever it lies."""
    series = session.load(part10(mammogram("R", "CC", stored("R", 40, 20))))[0].children[0]
    picture = session.present(series.children[0]).hung(chest, None, turns, flip=flip)
    corners = {"left": [(0, 0), (0, 40)], "top": [(0, 0), (20, 0)], "right": [(20, 0), (20, 40)]}[chest]
    place = picture.to_screen((300, 200), 1.0, (0, 0))
    axis, edge = {"left": (0, 0), "top": (1, 0), "right": (0, 200)}[lies]
    assert [place(c)[axis] for c in corners] == [edge, edge]


def test_a_mirrored_image_hangs_as_the_others(session):
    """XR3: stored with the chest wall at the left, and Patient Orientation says so."""
    images = four()
    mirrored = mammogram("R", "CC", stored("R", 40, 20, chest="left"), PatientOrientation=["A", "L"])
    images[-1] = mirrored
    viewer = dw.Viewer(session, browser=False)
    viewer.show(load(session, *images))
    picture = viewer.viewports[0].picture()
    assert picture.rgba((100, 100))[50, -3:, 0].tolist() == [255] * 3
    assert picture.letters[2][:1] == "P"


def test_implants_and_parts_are_named_and_further_images_are_scrolled_to(session):
    """XR3: the plain image of a view first; what is said of the others stands at the bottom right."""
    displaced = mammogram(
        "R", "CC", stored("R", 40, 20), modifier=code("R-102D5", "SRT", "Implant Displaced"), BreastImplantPresent="YES"
    )
    part = mammogram("R", "CC", stored("R", 40, 20), PartialView="YES", PartialViewDescription="lower half")
    viewer = dw.Viewer(session, browser=False)
    viewer.show(load(session, displaced, part, *four()))
    first = viewer.viewports[0]
    assert first.count == 3
    assert not {"Implant", "Partial view"} & set(first.picture().texts["br"])
    first.index = 1
    assert "R CC ID" in first.picture().texts["bl"]
    assert "Implant" in first.picture().texts["br"]
    first.index = 2
    assert first.picture().texts["br"][:2] == ["Partial view", "lower half"]


def test_it_is_taken_down_again_and_makes_room_for_others(session):
    """XR3, X7: by code and by the page; another study gets the rows and columns that there were."""
    study = load(session, *four())
    session.load(part10(other := mammogram("R", "CC")))
    viewer = dw.Viewer(session, browser=False, grid=(1, 2))
    viewer.show(study)
    viewer.hang(on=False)
    assert (viewer.hung, viewer.grid) == (False, (1, 2))
    assert [v.count for v in viewer.viewports] == [1, 1]
    assert viewer.viewports[0].picture().home is None
    page = Talk(viewer.cells)
    page.tell("hang")
    assert (viewer.hung, viewer.grid) == (True, (2, 2))
    viewer.show(dw.Entity.of(other.StudyInstanceUID))
    assert (viewer.hung, viewer.grid) == (False, (1, 2))
    with pytest.raises(NotFound, match="fewer than two"):
        viewer.hang()
    viewer.hang(study)
    viewer.grid = (1, 1)
    assert not viewer.hung


def test_a_study_of_one_side_hangs_when_it_is_asked_to(session):
    """XR3: not by itself; the other cells stay empty."""
    study = load(session, *[ds for ds in four() if ds.ImageLaterality == "L"])
    viewer = dw.Viewer(session, browser=False)
    viewer.show(study)
    assert not viewer.hung
    viewer.hang()
    assert [v.count for v in viewer.viewports] == [0, 1, 0, 1]


def test_view_hangs_a_mammography(session):
    """XR3: `dw.view` of its files, in series of their own or in one."""
    load(session, *(images := four()))
    assert dw.view([part10(ds) for ds in images], session).hung
    one = four()
    for ds in one:
        ds.StudyInstanceUID, ds.SeriesInstanceUID = "1.2.3.41", "1.2.3.41.1"
    assert dw.view([part10(ds) for ds in one], session).hung
    assert isinstance(dw.view(one[0].SOPInstanceUID, session), dw.Viewport)


def test_a_real_image_hangs_by_its_orientation(data, session):
    """XR3: the R MLO of a device: P\\FL, so its chest wall is at the right."""
    path = data / "classes" / "mg" / "GH133.dcm"
    ds = dcmread(path, stop_before_pixels=True)
    assert (chest_wall(ds), hanging_orientation(ds, ("R", "MLO"))) == ("right", (0, False))
