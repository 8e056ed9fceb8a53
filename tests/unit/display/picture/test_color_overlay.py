"""Layers over an image: labels and colour maps, against a painter that thinks of one pixel at a time."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from dicom_widgets import Window
from dicom_widgets.display.picture.color_overlay import COLOR_MAPS, LABELS, color_overlay
from dicom_widgets.display.pipeline.view_settings import ViewSettings
from tests.unit.display.picture.painter import between, grid_of, lying, mean, picture


def painted(below: list[int], color: list[int], opacity: float) -> list[int]:
    """Return a mix of two colours, rounded half up; the opacity is taken in 1/256."""
    a = Fraction(math.floor(opacity * 256 + 0.5), 256)
    return [math.floor(a * c + (1 - a) * b + Fraction(1, 2)) for c, b in zip(color, below, strict=True)]


def naive(grid, colors, pic, tinted, size, zoom, interpolation, *, smooth):
    """Return the picture with one layer over it; `colors` of its words 1, 2, ..., 0 is transparent."""
    turns, flip = pic.orientation
    grid, out = lying(grid, turns, flip), pic.rgba(size, zoom, (0, 0), interpolation).copy()
    (rows, columns), (height, width) = grid.shape, size
    top, left = (height - rows * zoom) / 2, (width - columns * zoom) / 2
    for y in range(height):
        for x in range(width):
            down, across = (y, top, zoom), (x, left, zoom)
            if smooth and interpolation != "nearest" and zoom < 1:
                word = mean(grid, (0, 0), down, across)
            elif smooth and interpolation == "linear" and zoom > 1:
                word = between(grid, (0, 0), down, across)
            else:
                v, u = math.floor((y + 0.5 - top) / zoom), math.floor((x + 0.5 - left) / zoom)
                word = grid[v, u].item() if 0 <= v < rows and 0 <= u < columns else 0
            if word:
                out[y, x, :3] = painted(out[y, x, :3].tolist(), colors[word - 1].tolist(), tinted.opacity)
    return out


@pytest.mark.parametrize("zoom", [0.6, 1.0, 2.4])
@pytest.mark.parametrize(("turns", "flip"), [(0, False), (1, False), (2, True), (3, True)])
@pytest.mark.parametrize("interpolation", ["nearest", "area", "linear"])
def test_a_layer_is_painted_over_the_image(zoom, turns, flip, interpolation):
    pic = picture(grid_of(7, 9), turns=turns, flip=flip)
    rng = np.random.default_rng(3)
    mask = color_overlay(rng.integers(0, 4, (7, 9)), "mask", opacity=0.3)
    values = rng.uniform(-2, 5, (7, 9))
    values[2:4, 3:5] = np.nan
    heat = color_overlay(values, "heat", "pet", opacity=0.77)
    size = (13, 12)
    expected = naive(mask.values, LABELS, pic, mask, size, zoom, interpolation, smooth=False)
    assert np.array_equal(pic.over(mask).rgba(size, zoom, interpolation=interpolation), expected)
    expected = naive(heat.values, heat.colors, pic, heat, size, zoom, interpolation, smooth=True)
    assert np.array_equal(pic.over(heat).rgba(size, zoom, interpolation=interpolation), expected)


@pytest.mark.parametrize(("opacity", "expected"), [(0, [200] * 3), (1, [230, 25, 75]), (0.5, [215, 113, 138])])
def test_opacity_by_hand(opacity, expected):
    """0.5 of (230, 25, 75) over grey 200: 215, 112.5, 137.5."""
    pic = picture(np.full((1, 1), 200, np.uint16), shown=(0, 255))
    assert pic.over(color_overlay(np.array([[True]]), "m", opacity=opacity)).rgba()[0, 0].tolist() == [*expected, 255]


def test_labels_have_colours_that_begin_again():
    labels = color_overlay(np.array([[0, 1, 2, 12, 13, 65535, -1]]), "labels")
    assert labels.values.tolist() == [[0, 1, 2, 12, 1, (65535 - 1) % 12 + 1, (-1 - 1) % 12 + 1]]
    assert len(np.unique(LABELS, axis=0)) == len(LABELS) == 12


@pytest.mark.parametrize(
    ("cmap", "ends"),
    [
        ("grey", ([0, 0, 0], [255, 255, 255])),
        ("hot_iron", ([0, 0, 0], [255, 255, 255])),  # PS3.6 B.1.1
        ("pet", ([0, 0, 0], [255, 255, 255])),
        ("hot_metal_blue", ([0, 0, 0], [255, 255, 255])),
        ("pet_20_step", ([0, 0, 0], [255, 255, 255])),
    ],
)
def test_a_colour_map_is_spread_from_the_smallest_to_the_largest_value(cmap, ends):
    found = color_overlay(np.array([[-3.0, 1.0, 7.0, np.nan, np.inf]]), "values", cmap)
    assert found.values[0, [0, 2, 3, 4]].tolist() == [1, 256, 0, 256]
    assert found.values[0, 1] == 1 + math.floor(0.4 * 255 + 0.5)
    assert [found.colors[0].tolist(), found.colors[255].tolist()] == [*ends]


def test_hot_iron_is_that_of_the_standard():
    """PS3.6 B.1.1: red rises by two to 254 in the first half, then green, and blue in the last quarter."""
    colors = color_overlay(np.zeros((1, 1)), "v").colors.tolist()
    assert [colors[i] for i in (1, 127, 128, 192, 255)] == [
        [2, 0, 0],
        [254, 0, 0],
        [255, 0, 0],
        [255, 128, 4],
        [255] * 3,
    ]


def test_a_window_and_whole_numbers_with_a_colour_map():
    values = np.array([[0, 50, 100, 200]])
    assert color_overlay(values, "v", "grey", window=(50.5, 101)).values.tolist() == [[1, 129, 256, 256]]
    assert color_overlay(values, "v", "grey", window=Window(100, 200, "LINEAR_EXACT")).values.tolist() == [
        [1, 65, 129, 256]
    ]


def test_a_layer_is_a_switch_and_in_the_record():
    pic = picture(grid_of(4, 4)).over(color_overlay(np.eye(4, dtype=bool), "liver"))
    assert pic.switches == {"added liver": "liver"}
    assert pic.record["added"] == ["liver"]
    hidden = pic.looking(ViewSettings(hidden=("added liver",)))
    assert np.array_equal(hidden.rgba(), picture(grid_of(4, 4)).rgba())
    assert not np.array_equal(pic.rgba(), hidden.rgba())


def test_inversion_is_for_the_image_alone():
    mask = color_overlay(np.ones((4, 4), bool), "m", opacity=1)
    pic = picture(grid_of(4, 4)).over(mask)
    assert np.array_equal(pic.looking(ViewSettings(invert=True)).rgba(), pic.rgba())


@pytest.mark.parametrize(
    ("values", "more", "error", "words"),
    [
        (np.ones((2, 2)), {"cmap": "jet"}, ValueError, "jet.*hot_iron"),
        (np.ones((2, 2)), {"opacity": 1.5}, ValueError, "from 0"),
        (np.ones((2, 2)), {"opacity": math.nan}, ValueError, "from 0"),
        (np.ones((2, 2), complex), {}, TypeError, "real numbers"),
    ],
)
def test_what_cannot_be_laid_over_is_refused(values, more, error, words):
    with pytest.raises(error, match=words):
        color_overlay(values, "x", **more)


def test_a_layer_of_another_size_is_refused():
    with pytest.raises(ValueError, match="2 x 3 pixels and the image 4 x 4"):
        picture(grid_of(4, 4)).over(color_overlay(np.ones((2, 3), bool), "m"))


def test_there_are_names_for_the_maps():
    assert list(COLOR_MAPS) == ["grey", "hot_iron", "pet", "hot_metal_blue", "pet_20_step"]
