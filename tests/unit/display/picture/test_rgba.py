"""From stored pixels to screen pixels, against a naive implementation of one screen pixel at a time."""

from __future__ import annotations

import dataclasses
import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dicom_widgets import Window
from dicom_widgets.display.picture.layer import Color, Grey
from dicom_widgets.display.pipeline.color import Palette
from dicom_widgets.display.pipeline.grayscale import Modality, Table
from dicom_widgets.display.pipeline.view_settings import ViewSettings
from tests.unit.display.picture.painter import BLACK, grid_of, lying, naive, picture


@pytest.mark.parametrize("interpolation", ["nearest", "area", "linear"])
@pytest.mark.parametrize("zoom", ["fit", 0.5, 0.73, 1.0, 1.5, 3])
@pytest.mark.parametrize("pan", [(0, 0), (2.25, -1.5), (-100, 0)])
def test_zoom_and_pan(interpolation, zoom, pan):
    pic = picture(grid_of(13, 9))
    assert np.array_equal(pic.rgba((11, 14), zoom, pan, interpolation), naive(pic, (11, 14), zoom, pan, interpolation))


@pytest.mark.parametrize("interpolation", ["nearest", "area", "linear"])
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(
    "look", [ViewSettings(), ViewSettings(turns=1), ViewSettings(flip=True), ViewSettings(turns=3, flip=True)]
)
def test_turns_and_flips(interpolation, turns, flip, look):
    """PS8: the state's rotation, then its flip, then the user's."""
    pic = picture(grid_of(7, 10), turns=turns, flip=flip, look=look)
    for zoom in ("fit", 0.6):
        expected = naive(pic, (9, 8), zoom, (0.5, 1), interpolation)
        assert np.array_equal(pic.rgba((9, 8), zoom, (0.5, 1), interpolation), expected)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flip", [False, True])
def test_the_users_turn_and_flip_come_after_those_of_the_state(turns, flip):
    """As if the picture on the screen were turned and flipped."""
    grid = grid_of(4, 6)
    for user_turns in range(4):
        for user_flip in (False, True):
            pic = picture(
                grid, turns=turns, flip=flip, look=ViewSettings(turns=user_turns, flip=user_flip), shown=(0, 65535)
            )
            expected = lying(lying(grid, turns, flip), user_turns, user_flip)
            assert np.array_equal(pic.rgba()[..., 0], picture(expected).rgba()[..., 0])


@pytest.mark.parametrize("aspect", [0.5, 0.8, 2.0, 3.7])
@pytest.mark.parametrize("turns", [0, 1])
@pytest.mark.parametrize("zoom", ["fit", 0.4, 1.3])
def test_pixels_that_are_not_square(aspect, turns, zoom):
    """GE5."""
    pic = picture(grid_of(8, 12), aspect=aspect, turns=turns)
    for interpolation in ("nearest", "area", "linear"):
        expected = naive(pic, (10, 9), zoom, (0, 0), interpolation)
        assert np.array_equal(pic.rgba((10, 9), zoom, (0, 0), interpolation), expected)


@pytest.mark.parametrize("dtype", [np.int16, np.uint16])
def test_padding_is_left_out_of_the_means(dtype):
    """GP10: excluded from interpolation; black where there is nothing else."""
    grid = np.full((8, 8), 1000, dtype)
    grid[:4] = 63
    grid[4:, ::2] = 63
    pic = picture(grid, padding=(63, 63), shown=(0, 1000))
    assert pic.rgba((4, 4), 0.5)[:, :, 0].tolist() == [[0] * 4, [0] * 4, [255] * 4, [255] * 4]
    assert np.array_equal(pic.rgba((3, 5)), naive(pic, (3, 5), "fit", (0, 0), "area"))


def test_padding_is_not_mixed_into_what_lies_between():
    """GP10: a pixel keeps its value up to the border of padding, which stays black."""
    pic = picture(np.array([[1000, 63]], np.int16), padding=(63, 63), shown=(0, 1000))
    assert pic.rgba((1, 8), 4.0, interpolation="linear")[0, :, 0].tolist() == [255] * 4 + [0] * 4


def test_between_two_pixels_lies_a_straight_line():
    pic = picture(np.array([[0, 80]], np.uint16), shown=(0, 255))
    assert pic.rgba((1, 16), 8.0, interpolation="linear")[0, :, 0].tolist() == (
        [0] * 4 + [5, 15, 25, 35, 45, 55, 65, 75] + [80] * 4
    )


def test_one_to_one_stays_sharp_at_half_a_pixel():
    pic = picture(grid_of(5, 5))
    for pan in ((0, 0), (0.5, 0.5)):
        assert np.array_equal(pic.rgba((6, 6), 1.0, pan, "linear"), pic.rgba((6, 6), 1.0, pan, "nearest"))


@pytest.mark.parametrize("zoom", ["fit", 0.6, 2.3])
@pytest.mark.parametrize("turns", [0, 1])
def test_colours_are_mixed_by_sample(zoom, turns):
    rgb = np.random.default_rng(1).integers(0, 256, (5, 7, 3), np.uint8)
    shown = dataclasses.replace(picture(grid_of(5, 7), turns=turns), layers=(Color(rgb),))
    seen = shown.rgba((17, 19), zoom, (0.5, 1), "linear")
    for c in range(3):
        one = naive(
            picture(rgb[..., c].astype(np.uint16), turns=turns, shown=(0, 255)), (17, 19), zoom, (0.5, 1), "linear"
        )
        assert np.array_equal(seen[..., c], one[..., 0])


@pytest.mark.parametrize("coded", [False, True])
def test_values_whose_means_say_nothing_are_never_mixed(coded):
    """CO4, GP11: supplemental palettes, and codes of values that are wider than 16 bits."""
    pic = picture(grid_of(4, 4))
    table = Table(0, np.arange(65536, dtype=np.float64), 16)
    chain = dataclasses.replace(pic.layers[0].chain, modality=Modality(table=table if coded else None))
    layer = Grey(pic.layers[0].values, chain, None if coded else Palette(60000, np.full((9, 3), 7, np.uint8)))
    pic = dataclasses.replace(pic, layers=(layer,))
    assert np.array_equal(pic.rgba((13, 13), interpolation="linear"), pic.rgba((13, 13), interpolation="nearest"))


def test_a_mean_that_meets_the_padding_value_is_not_black():
    """GP10: the pixels under it are on both sides of the padding value."""
    pic = picture(np.array([[100, 300], [300, 100]], np.uint16), padding=(200, 200), shown=(0, 402))
    assert pic.rgba((1, 1), 0.5)[0, 0].tolist() == [128, 128, 128, 255]  # 201 of 0 to 402


@settings(deadline=None)
@given(
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    size=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    zoom=st.one_of(st.just("fit"), st.floats(0.05, 9)),
    pan=st.tuples(st.floats(-12, 12), st.floats(-12, 12)),
    turns=st.integers(0, 3),
    flip=st.booleans(),
    aspect=st.sampled_from([1.0, 0.7, 2.5]),
    signed=st.booleans(),
    padded=st.sampled_from([None, 0, 25000]),
    interpolation=st.sampled_from(["nearest", "area", "linear"]),
    seed=st.integers(0, 99),
)
def test_anything(shape, size, zoom, pan, turns, flip, aspect, signed, padded, interpolation, seed):
    dtype = np.int16 if signed else np.uint16
    limits = np.iinfo(dtype)
    padding = None if padded is None else (limits.min + padded, limits.min + padded + 15000)
    pic = picture(
        grid_of(*shape, dtype, seed),
        turns=turns,
        flip=flip,
        aspect=aspect,
        padding=padding,
        shown=(limits.min, limits.max),
    )
    assert np.array_equal(pic.rgba(size, zoom, pan, interpolation), naive(pic, size, zoom, pan, interpolation))


# --- what else rgba promises


@pytest.mark.parametrize(
    ("turns", "aspect", "size"),
    [(0, 1.0, (3, 5)), (1, 1.0, (5, 3)), (0, 2.0, (6, 5)), (1, 2.0, (5, 6)), (2, 0.5, (2, 5))],
)
def test_the_natural_size_is_the_whole_image(turns, aspect, size):
    pic = picture(grid_of(3, 5), turns=turns, aspect=aspect)
    assert pic.natural_size() == size
    assert pic.rgba().shape == (*size, 4)


def test_one_to_one_is_every_pixel():
    grid = np.arange(256, dtype=np.uint16).reshape(16, 16)
    shown = picture(grid, shown=(0, 255)).rgba()
    assert np.array_equal(shown[..., 0], grid)
    assert np.array_equal(shown[..., 0], shown[..., 1])
    assert np.array_equal(shown[..., 0], shown[..., 2])


def test_it_is_opaque_and_black_outside():
    shown = picture(np.full((4, 4), 65535, np.uint16)).rgba((8, 20), 1.0)
    assert (shown[..., 3] == 255).all()
    assert shown[..., :3].sum() == 16 * 3 * 255
    assert (shown[2:6, 8:12, :3] == 255).all()


def test_nothing_of_the_image_is_seen_when_it_is_panned_away():
    assert (picture(grid_of(4, 4)).rgba((8, 8), 1.0, (100, 0)) == BLACK).all()


def test_a_picture_is_not_changed_by_looking_at_it():
    pic = picture(grid_of(16, 16))
    before = pic.rgba((5, 5))
    pic.looking(ViewSettings(invert=True, turns=1)).rgba((7, 3), 0.5)
    pic.rgba((9, 9), 2.0)
    assert np.array_equal(pic.rgba((5, 5)), before)


def test_a_changed_window_of_a_reduced_picture_is_the_new_window():
    pic = picture(grid_of(16, 16))
    pic.rgba((5, 5))
    changed = pic.looking(ViewSettings(window=Window(20000, 3000)))
    assert np.array_equal(changed.rgba((5, 5)), naive(changed, (5, 5), "fit", (0, 0), "area"))


@pytest.mark.parametrize("look", [ViewSettings(), ViewSettings(invert=True), ViewSettings(turns=1, flip=True)])
@pytest.mark.parametrize("size", [None, (9, 5)])
def test_the_png_is_the_same_pixels(look, size):
    pic = picture(grid_of(6, 11), look=look)
    read = np.asarray(Image.open(io.BytesIO(pic.png(size))).convert("RGBA"))
    assert np.array_equal(read, pic.rgba(size))


def test_an_unknown_interpolation_is_refused():
    with pytest.raises(ValueError, match="cubic"):
        picture(grid_of(2, 2)).rgba((2, 2), interpolation="cubic")


@pytest.mark.parametrize("point", [(0, 0), (9, 6), (4.5, 3), (0.5, 5.5), (2, 1)])
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flip", [False, True])
def test_a_point_goes_where_its_pixel_goes(point, turns, flip):
    """PS12: 0.0, 0.0 is the outer corner of the first pixel; the point (x, y) lies in pixel (floor x, floor y)."""
    u, v = (min(int(p), n - 1) for p, n in zip(point, (9, 6), strict=True))
    grid = np.zeros((6, 9), np.uint16)
    grid[v, u] = 65535
    pic = picture(grid, turns=turns, flip=flip)
    x, y = pic.to_screen((60, 70), 4.0, (3, -2))((u + 0.5, v + 0.5))
    shown = pic.rgba((60, 70), 4.0, (3, -2), "nearest")[..., 0]
    assert shown[math.floor(y), math.floor(x)] == 255
    assert (np.argwhere(shown == 255) + 0.5).mean(axis=0).tolist() == pytest.approx([y, x])
