"""TX2: orientation letters at the four edges, from vectors; XR2 for what has letters in its header."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from dicom_widgets.geometry.plane import direction_letters, edge_letters, opposite_letters
from tests import samples

LETTERS = {(1, 0, 0): "L", (-1, 0, 0): "R", (0, 1, 0): "P", (0, -1, 0): "A", (0, 0, 1): "H", (0, 0, -1): "F"}
AXES = list(LETTERS)
ORIENTATIONS = [(r, c) for r, c in itertools.product(AXES, AXES) if np.dot(r, c) == 0]


def by_vectors(row, column, turns: int, flip: bool) -> tuple[str, ...]:
    """Return the letters at left, top, right, bottom: what the screen's own axes point to."""
    right, down = np.array(row), np.array(column)
    for _ in range(turns):  # clockwise: what pointed right points down, what pointed down points left
        right, down = -down, right
    if flip:
        right = -right
    return tuple(LETTERS[tuple(v.tolist())] for v in (-right, -down, right, down))


def test_there_are_24_orientations():
    assert len(ORIENTATIONS) == 24


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize(("row", "column"), ORIENTATIONS)
def test_letters_of_all_orientations_and_transforms(row, column, turns, flip):
    assert edge_letters(direction_letters(row), direction_letters(column), turns, flip) == by_vectors(
        row, column, turns, flip
    )


@pytest.mark.parametrize(
    ("cosines", "letters"),
    [  # display.md TX2
        ([1, 0, 0, 0, 1, 0], ("R", "A", "L", "P")),
        ([0, 1, 0, 0, 0, -1], ("A", "H", "P", "F")),
        ([1, 0, 0, 0, 0, -1], ("R", "H", "L", "F")),
    ],
)
def test_the_three_usual_planes(show, cosines, letters):
    ds = samples.image(samples.ramp(0, 4), ImageOrientationPatient=cosines, ImagePositionPatient=[0, 0, 0])
    assert show(ds).letters == letters


@pytest.mark.parametrize(("row", "column"), ORIENTATIONS[::5])
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flip", [False, True])
def test_the_pictures_letters_follow_the_user(show, row, column, turns, flip):
    ds = samples.image(samples.ramp(0, 4), ImageOrientationPatient=[*row, *column], ImagePositionPatient=[0, 0, 0])
    assert show(ds, turns=turns, flip=flip).letters == by_vectors(row, column, turns, flip)


@pytest.mark.parametrize(
    ("vector", "letters"),
    [
        ((0.8, 0.6, 0), "LP"),
        ((0.6, -0.8, 0), "AL"),
        ((-0.5, 0.3, 0.81), "HRP"),
        ((0.999, 0.04, 0.01), "L"),
        ((0, 0, -1), "F"),
        ((0, 0, 0), ""),
    ],
)
def test_oblique_directions_have_up_to_three_letters_by_size(vector, letters):
    assert direction_letters(vector) == letters


def test_an_oblique_image_has_opposite_letters_at_opposite_edges(show):
    c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
    ds = samples.image(samples.ramp(0, 4), ImageOrientationPatient=[c, s, 0, 0, 0, -1])
    ds.ImagePositionPatient = [0, 0, 0]
    assert show(ds).letters == ("RA", "H", "LP", "F")


@pytest.mark.parametrize("letters", ["", "L", "RA", "HLP", "AFL"])
def test_opposite_is_its_own_inverse(letters):
    assert opposite_letters(opposite_letters(letters)) == letters
    assert not set(opposite_letters(letters)) & set(letters)


@pytest.mark.parametrize(
    ("value", "letters"),
    [
        (["L", "F"], ("R", "H", "L", "F")),
        (["A", "FR"], ("P", "HL", "A", "FR")),
        (["P", "F"], ("A", "H", "P", "F")),
        (["L", ""], ("R", "", "L", "")),
        ("LP", ("", "", "", "")),  # one value is no pair of two letters
        ("", ("", "", "", "")),
        (["X", "<b>"], ("", "", "", "")),
        (["L", "F", "H"], ("", "", "", "")),
    ],
)
@pytest.mark.filterwarnings("ignore:.*for VR:UserWarning")
def test_patient_orientation_where_there_is_no_plane(show, value, letters):
    """XR2: the first value is where rows run to, the second where columns do."""
    assert show(samples.image(samples.ramp(0, 4), samples.CR, PatientOrientation=value)).letters == letters


@pytest.mark.parametrize("broken", [[1, 0, 0, 1, 0, 0], [0] * 6, [1, 0, 0, 0.5, 0.5, 0]])
def test_a_plane_that_makes_no_sense_has_no_letters(show, broken):
    ds = samples.image(samples.ramp(0, 4), ImageOrientationPatient=broken, ImagePositionPatient=[0, 0, 0])
    assert show(ds).letters == ("", "", "", "")


def test_without_anything_there_are_no_letters(show):
    assert show(samples.image(samples.ramp(0, 4))).letters == ("", "", "", "")


def test_an_animal_on_four_legs_has_no_letters(show):
    """TX2: L, P and H mean something else for a quadruped (PS3.3 C.7.6.1.1.1)."""
    ds = samples.image(samples.ramp(0, 4), ImageOrientationPatient=[1, 0, 0, 0, 1, 0], ImagePositionPatient=[0, 0, 0])
    ds.AnatomicalOrientationType = "QUADRUPED"
    assert show(ds).letters == ("", "", "", "")
    ds.AnatomicalOrientationType = "BIPED"
    assert show(ds).letters == ("R", "A", "L", "P")


def test_the_rotation_of_the_field_of_view_is_history(show):
    """XR5: it was done before the pixels were stored; Patient Orientation says how they lie."""
    stored = np.arange(12, dtype=np.uint16).reshape(3, 4)
    sides = {"PatientOrientation": ["L", "F"], "Modality": "DX"}
    plain = show(samples.image(stored, samples.PREFIX + "1.1", **sides))
    said = show(
        samples.image(stored, samples.PREFIX + "1.1", FieldOfViewRotation=90, FieldOfViewHorizontalFlip="YES", **sides)
    )
    assert said.orientation == (0, False)
    assert said.letters == plain.letters == ("R", "H", "L", "F")
    assert np.array_equal(said.rgba(), plain.rgba())
