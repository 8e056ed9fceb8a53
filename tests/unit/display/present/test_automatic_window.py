"""GP8: where no slice has a window, a viewport shows all slices of a stack with one; numbers by hand."""

from __future__ import annotations

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.display.present.automatic_window import sampled_frames
from tests import samples
from tests.unit.widgets.talk import Talk


def slices(*rows):
    """Return MR slices without a VOI, one millimetre apart."""
    return [
        samples.image(
            np.array([row], np.uint16),
            samples.MR,
            Modality="MR",
            InstanceNumber=n + 1,
            ImagePositionPatient=[0, 0, n],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[1, 1],
        )
        for n, row in enumerate(rows)
    ]


def viewport_of(session, *objects):
    return dw.Viewport(session, session.load([samples.part10(ds) for ds in objects])[0].children[0])


def shown(viewport):
    """Return what each place shows."""
    for index in range(viewport.count):
        viewport.index = index
        yield viewport.picture().display()[0].tolist()


def voi(picture):
    return next(s for s in picture.record["stages"] if s["stage"] == "voi")


def test_all_slices_have_the_window_of_the_stack(session):
    """From 0 to 100 of the second slice: 20 and 60 are 20 % and 60 % of 255; an image alone has its own window."""
    viewport = viewport_of(session, *slices([0, 20], [0, 100], [0, 60]))
    assert list(shown(viewport)) == [[0, 51], [0, 255], [0, 153]]
    picture = viewport.picture()
    assert (picture.window.levels, picture.automatic) == ((0, 100), "stack")
    assert voi(picture)["from"] == "absent: smallest to largest value of all 3 frames of the stack"
    alone = session.present(viewport.instance)
    assert (alone.display()[0].tolist(), alone.automatic) == ([0, 255], "frame")


def test_it_is_one_of_modality_values(session):
    """GP2: 10 with a slope of 5 is the largest."""
    first, second = slices([0, 10], [0, 40])
    first.RescaleSlope, first.RescaleIntercept = "5", "0"
    assert list(shown(viewport_of(session, first, second))) == [[0, 255], [0, 204]]


def test_the_window_of_a_slice_that_has_one_stays(session):
    first, second, third = slices([0, 10], [0, 100], [0, 50])
    second.WindowCenter, second.WindowWidth = "100.5", "201"
    viewport = viewport_of(session, first, second, third)
    assert list(shown(viewport)) == [[0, 51], [0, 128], [0, 255]]
    viewport.index = 1
    assert "window=" not in viewport.code()


def test_frames_of_one_object_have_one(session):
    """MF1: from 0 to 100 of the second frame."""
    ds = samples.image(np.array([[[0, 20]], [[0, 100]], [[0, 60]]], np.uint16), samples.MR)
    assert list(shown(viewport_of(session, ds))) == [[0, 51], [0, 255], [0, 153]]


def test_five_of_many_are_looked_at_and_no_other_is_decoded(session):
    """Of eleven: the second, fourth, sixth, ..., whose largest is 90; what is brighter is white."""
    viewport = viewport_of(session, *slices(*([0, 10 * n] for n in range(11))))
    assert viewport.index == 5
    assert viewport.picture().display()[0, 1] == 142  # 50 of 90
    decoded = [(i, n) in session.store.frames for i, n in viewport._state.frames.frames]
    assert [n for n, there in enumerate(decoded) if there] == [1, 3, 5, 7, 9]
    assert "5 of the 11 frames" in voi(viewport.picture())["from"]
    viewport.index = 10
    assert viewport.picture().display()[0, 1] == 255


@pytest.mark.parametrize(
    ("count", "places"), [(1, (0,)), (2, (0, 1)), (5, (0, 1, 2, 3, 4)), (100, (10, 30, 50, 70, 90))]
)
def test_which_frames_are_looked_at(count, places):
    assert sampled_frames(count) == places


def test_a_frame_that_needs_the_full_range_gives_it_to_all(session):
    """GP8 a: 12 bits of P-values; alone, the dark frame would be spread from 0 to 16."""
    frames = np.array([[[0, 16]], [[0, 3000]]], np.uint16)
    ds = samples.image(frames, samples.SC, BitsStored=12, SeriesInstanceUID="1.2.3.1.5")
    assert session.load(samples.part10(ds))
    assert session.present(str(ds.SOPInstanceUID), 1).display()[0].tolist() == [0, 255]
    assert list(shown(dw.Viewport(session, str(ds.SOPInstanceUID)))) == [[0, 1], [0, 187]]


def test_the_lines_of_code_give_the_same_picture(session):
    viewport = viewport_of(session, *slices([0, 20], [0, 100]))
    viewport.index = 0
    found = {"session": session, "dw": dw}
    exec(viewport.code().rpartition("\n")[0], found)
    assert found["picture"].display()[0].tolist() == [0, 51]
    viewport.window = (10.5, 21)
    assert viewport.picture().display()[0].tolist() == [0, 255]


def test_sheets_of_a_stack_have_its_window(session):
    """NP2: the second sheet, from 0 to 40 by itself, has that of all frames."""
    viewport = viewport_of(session, *slices([0, 10], [0, 100], [0, 40], [0, 20]))
    viewport.tiles = (1, 2)
    viewport.index = 1
    assert viewport.picture().display()[0, [0, 1, -2, -1]].tolist() == [0, 102, 0, 51]
    assert "window=(50.5, 101.0, 'LINEAR')], (1, 2)" not in viewport.code()
    assert "(1, 2), window=(50.5, 101" in viewport.code()


def test_a_series_that_grows_is_presented_anew_where_its_window_is_another(session):
    """Its frames keep their stored values; what lies within the window that is known changes nothing."""
    some = slices([0, 100], [0, 50], [0, 200])
    viewport = viewport_of(session, some[0])
    page = Talk(viewport)
    page.tell("ready")
    first = page.until(lambda c: "series" in c)["series"]
    assert viewport.picture().window.levels == (0, 100)
    session.load(samples.part10(some[1]))
    second = page.until(lambda c: len(c.get("series", first)["frames"]) == 2)["series"]
    assert second["sid"] == first["sid"]
    session.load(samples.part10(some[2]))
    third = page.until(lambda c: len(c.get("series", first)["frames"]) == 3)["series"]
    assert third["sid"] != first["sid"]
    assert third["frames"][:2] == second["frames"]
    assert viewport.picture().window.levels == (0, 200)
