"""All 24 image classes of the Statement as pictures: real files, and made ones that dciodvfy accepts."""

from __future__ import annotations

import csv
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import generate_uid

import dicom_widgets as dw
from dicom_widgets.dicom.conformance import STORAGE
from dicom_widgets.display.picture.shown import Page
from dicom_widgets.geometry.plane import plane_of
from tests import classes, samples
from tests.classes import COLORS, GREY, MADE
from tests.samples import PREFIX, part10

PAGE = Path(__file__).parents[4] / "docs" / "CONFORMANCE.md"
IMAGES = sorted(uid.removeprefix(PREFIX) for uid, c in STORAGE.items() if c.kind == "image")


def test_there_are_24():
    assert len(IMAGES) == 24


@pytest.mark.parametrize("name", MADE)
def test_the_made_objects_are_valid(dciodvfy, tmp_path, name):
    MADE[name]().save_as(tmp_path / "made.dcm", enforce_file_format=True)
    assert dciodvfy(tmp_path / "made.dcm") == []


@pytest.mark.parametrize("name", [n for n in IMAGES if n not in MADE])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_real_file_of_every_other_class_is_a_picture(data, session, name):
    rows = [
        r
        for r in csv.DictReader((data / "MANIFEST.csv").read_text("utf-8").splitlines())
        if r["sop_class"] == PREFIX + name
    ]
    paths = [data / r["file"] for r in rows if r["decode"] == "ok"]
    assert paths
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = session.load(paths[0])
    picture = session.present(study[0].children[0].children[0])
    assert isinstance(picture, dw.Picture), picture.record["why"]
    assert len(np.unique(picture.display())) > 1


@pytest.mark.parametrize("uid", STORAGE)
def test_each_class_is_shown_as_the_conformance_statement_says(session, uid):
    (row,) = re.findall(rf"^\| {re.escape(uid)} \|.*SCP \| .* \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    make = MADE.get(uid.removeprefix(PREFIX))
    image = STORAGE[uid].kind == "image"
    ds = make() if make else samples.image(GREY[0], uid) if image else samples.plain(uid)
    session.load(part10(ds))
    shown = session.present(str(ds.SOPInstanceUID))
    assert isinstance(shown, dw.Picture) == row.startswith("picture")
    assert isinstance(shown, Page) == row.endswith("page of its attributes")
    if image:
        assert row.endswith("where it cannot be painted, a page that says why")
        del ds.PixelData
        ds.SOPInstanceUID = generate_uid()
        session.load(part10(ds))
        shown = session.present(str(ds.SOPInstanceUID))
        assert isinstance(shown, Page)
        assert shown.record["failed"]


@pytest.fixture
def made(session):
    def load(name: str) -> dw.Entity:
        return session.load(part10(MADE[name]()))[0].children[0]

    return load


def frames(session, series) -> list[int]:
    return [n for stack in session.stacks(series) for _, n in stack.frames]


def linear(stored: np.ndarray, center: float, width: float) -> np.ndarray:
    """Return the grey of a LINEAR window, by the formula (PS3.3 C.11.2.1.2.1)."""
    y = ((stored - (center - 0.5)) / (width - 1) + 0.5) * 255
    return np.floor(np.clip(y, 0, 255) + 0.5).astype(int)


@pytest.mark.parametrize("name", ["77.1.1", "77.1.4"])
def test_visible_light_is_shown_as_it_is(session, made, name):
    """VL1, CO1."""
    picture = session.present(made(name).children[0])
    assert np.array_equal(picture.display(), COLORS)
    assert np.array_equal(picture.rgba()[..., :3], COLORS)
    assert picture.letters == ("R", "H", "L", "F")


def test_true_colour_has_its_frames(session, made):
    """CO1, CI3."""
    series = made("7.4")
    shown = [session.present(series.children[0], n).display() for n in (1, 2)]
    assert np.array_equal(shown, [COLORS, 255 - COLORS])


def test_aliased_velocities_are_not_mixed(session):
    """US9: between the largest and the smallest there is nothing; reduced and enlarged it is the nearest."""
    for aliased in ("YES", "NO"):
        ds = classes.volume()
        ds.SharedFunctionalGroupsSequence[0].ImageDataTypeSequence[0].AliasedDataType = aliased
        session.load(part10(ds))
        picture = session.present(str(ds.SOPInstanceUID))
        for size in ((12, 16), (2, 2)):
            nearest, linear_ = (picture.rgba(size, interpolation=how) for how in ("nearest", "linear"))
            assert np.array_equal(nearest, linear_) == (aliased == "YES")
        stages = {s["stage"]: s["used"] for s in picture.record["stages"]}
        assert stages.get("interpolation") == ("nearest only" if aliased == "YES" else None)


def test_intra_oral_has_its_window_and_letters(session, made):
    """XR1, XR2: the window 511.5/1023 of 10 bits, by hand."""
    picture = session.present(made("1.3").children[0])
    assert np.array_equal(picture.display(), linear(GREY[0].astype(float), 511.5, 1023))
    assert picture.letters == ("R", "H", "L", "F")


def test_tomosynthesis_has_a_window_and_a_place_for_each_frame(session, made):
    """XR6, MF1: stored top first, shown from the lowest; windows 400/800 and 200/100."""
    series = made("13.1.3")
    instance = session.instance(series.children[0])
    assert frames(session, series) == [2, 1]
    for number, (center, width) in enumerate(((400, 800), (200, 100)), 1):
        shown = session.present(instance, number).display()
        assert np.array_equal(shown, linear(GREY[number - 1].astype(float), center, width))
    assert [plane_of(instance, n).position[2] for n in (1, 2)] == [5, 0]
    assert session.present(instance, 1).letters == ("R", "A", "L", "P")


@pytest.mark.parametrize("name", ["6.2", "14.1"])
def test_ultrasound_volumes_and_oct_are_ordered_by_their_dimensions(session, made, name):
    """US7, OC1: no letters without a place in the patient."""
    series = made(name)
    assert frames(session, series) == [2, 1]
    picture = session.present(series.children[0], 2)
    assert picture.letters == ("", "", "", "")
    assert ("tissue intensity" in picture.texts["bl"]) == (name == "6.2")
    assert len(np.unique(picture.display())) == 12


def test_classes_has_what_the_table_says():
    assert {f().SOPClassUID.removeprefix(PREFIX) for f in MADE.values()} == set(MADE)
    assert classes.GREY.shape == (2, 3, 4)
