"""The state of a view: traits, values and messages come from one table."""

from __future__ import annotations

import pytest

import dicom_widgets as dw
from dicom_widgets.display.pipeline.view_settings import VoiLut
from dicom_widgets.widgets.viewport.surface import FIELDS, ROWS, TRAITS, Surface, ViewTraits

CHANGED = Surface().but(
    index=3,
    zoom=2.5,
    pan=(1.0, -2.0),
    tool="pan",
    texts="off",
    interpolation="linear",
    opacity={"added a": 0.25},
    playing=True,
    rate=12.0,
    window=dw.Window(40, 400, "LINEAR", "lung"),
    invert=True,
    turns=3,
    flip=True,
    hidden=("shutter",),
    difference=True,
    presentation=None,
    subtraction=False,
)


def test_each_trait_of_the_table_is_one_of_a_viewport_with_the_same_default():
    traits = dw.Viewport.class_traits()
    assert set(TRAITS) == set(ViewTraits.class_traits()) <= set(traits)
    assert {name: traits[name].default() for name in TRAITS} == {name: getattr(Surface(), name) for name in TRAITS}


def test_what_a_page_is_told_it_reports_in_the_same_form():
    message = CHANGED.message()
    assert tuple(sorted(message)) == tuple(sorted(FIELDS))
    reported = {name for name, row in ROWS.items() if row.read}
    assert Surface.read(message) == {name: getattr(CHANGED, name) for name in reported}
    assert {*ROWS} - reported == {"presentation", "subtraction"}  # of these the kernel makes the frames


def test_a_voi_lut_in_the_place_of_a_window_is_told_by_its_number():
    lut = Surface().but(window=VoiLut(2, "bone"))
    assert lut.message()["look"]["window"] == {"lut": 2, "explanation": "bone"}
    assert Surface.read(lut.message())["window"] == VoiLut(2, "bone")


def test_a_reset_leaves_what_is_not_of_the_picture():
    after = CHANGED.reset()
    assert after.settings(difference=False) == Surface().settings(difference=False)
    assert (after.zoom, after.pan) == ("fit", (0.0, 0.0))
    assert (after.index, after.tool, after.playing) == (3, "pan", True)


def test_with_something_else_only_what_belongs_to_the_view_stays():
    after = CHANGED.fresh()
    stays = {"presentation", "tool", "texts", "interpolation", "opacity"}
    assert {name for name in ROWS if getattr(after, name) == getattr(CHANGED, name)} == stays


def test_a_window_of_a_difference_is_for_no_frame_that_is_shown_as_it_is():
    assert CHANGED.settings(difference=True).window == CHANGED.window
    assert CHANGED.settings(difference=False).window is None


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ({"tool": "scissors"}, "tool", "window"),
        ({"texts": "shouted"}, "texts", "all"),
        ({"opacity": {"added a": 7}}, "opacity", {"added a": 1.0}),
        ({"zoom": None}, "zoom", "fit"),
        ({"rate": 0}, "rate", None),
    ],
)
def test_what_a_page_says_is_checked(said, name, value):
    assert Surface.read({**Surface().message(), **said})[name] == value


def test_a_name_that_is_no_state_is_an_attribute_error():
    with pytest.raises(AttributeError, match="blur"):
        _ = Surface().blur
