"""Where the words of a figure lie, by hand: beside it, inside of the view, apart from others (ME1 to ME5)."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from dicom_widgets.display.graphics.label_placement import leader_line, place_label
from dicom_widgets.display.graphics.pen import draw
from dicom_widgets.display.graphics.shapes import Text
from dicom_widgets.measurements.measurement import Measurement

ROOM = (200, 100)
LINE = ((20.0, 30.0), (60.0, 30.0))


@pytest.mark.parametrize(
    ("points", "taken", "place"),
    [
        (LINE, [], (68, 34)),  # right of the rightmost point, a little below
        (LINE[::-1], [], (68, 34)),  # also where that was set first
        (LINE, [(68, 34, 40, 10)], (68, 44)),  # taken: under that
        (((20.0, 30.0), (180.0, 30.0)), [], (168, 34)),  # no room at the right: under its end
        (((20.0, 95.0), (180.0, 95.0)), [], (150, 77)),  # nor there: above it
        (((50.0, 50.0),), [(0, 0, 200, 54)], (58, 54)),  # under what is there
    ],
)
def test_the_place_is_the_nearest_free_one(points, taken, place):
    assert place_label(points, (30, 10), ROOM, taken) == place


def test_words_that_find_no_room_stay_inside_of_the_view():
    x, y = place_label(((0.0, 0.0), (200.0, 100.0)), (30, 10), ROOM, [(0, 0, 200, 100)])
    assert 2 <= x <= 168
    assert 2 <= y <= 88


def test_words_that_lie_far_away_are_linked_to_their_figure():
    assert leader_line(LINE, (68, 34, 30, 10)) is None
    assert leader_line(LINE, (90, 60, 30, 10)) == ((60, 30), (90, 60))  # from corner to corner
    assert leader_line(LINE, (30, 60, 20, 10)) == (
        (40, 30),
        (40, 60),
    )  # straight down, in the middle of what they share
    assert leader_line(LINE, (0, 0, 4, 4)) == ((20, 30), (4, 4))


def test_words_stay_where_a_hand_put_them_with_a_line_to_their_figure():
    """Ink at that place and on the line there, and nowhere else but for the figure."""
    one = Measurement("length", LINE, "1.2", label="####", text_at=(120, 80))
    image = Image.new("RGB", (400, 200))
    draw(image, one.shapes(), lambda p: (2 * p[0], 2 * p[1]))
    rows, columns = np.nonzero(np.asarray(image).any(2))
    words = (rows >= 160) & (columns >= 238)
    assert words.sum() > 100
    assert columns[words].min() == pytest.approx(240, abs=3)
    between = ~words & (rows > 64)
    assert between.any()  # from (120, 60), the nearest corner of the figure, to (240, 160)
    away = (rows[between] - 60) / 100 - (columns[between] - 120) / 120
    assert np.abs(away).max() < 0.05


def test_the_kernels_font_spells_what_it_cannot_write():
    for written, spelt in (("1 mm²", "1 mm^2"), ("Größe é", "Grosse e"), ("90 ° · 2 × µm", "90 ° · 2 x um")):
        drawn = []
        for words in (written, spelt):
            drawn.append(Image.new("RGB", (200, 100)))
            draw(drawn[-1], [Text(words, (2.0, 2.0))], lambda p: p)
        assert np.array_equal(*map(np.asarray, drawn))


def test_the_kernel_draws_the_words_of_two_equal_figures_apart():
    """The words of a second point at the same place add ink elsewhere."""
    one = Measurement("probe", ((100.0, 50.0),), "1.2", label="####")
    pictures = []
    for shapes in (one.shapes(), one.shapes() * 2):
        image = Image.new("RGB", (400, 200))
        draw(image, shapes, lambda p: (2 * p[0], 2 * p[1]))
        pictures.append(np.asarray(image).any(2))
    assert pictures[1].sum() > 1.5 * pictures[0].sum()
