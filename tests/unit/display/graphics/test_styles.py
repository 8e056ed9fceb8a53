"""Styles of annotations, by hand (requirement PS19)."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from PIL import Image

from dicom_widgets.display.graphics.pen import dash_segments, draw
from dicom_widgets.display.graphics.shapes import Line, Text
from dicom_widgets.display.graphics.styles import Shadow, dash_lengths
from tests.samples import image, item
from tests.samples import state as made

GRID = np.zeros((10, 20), np.uint8)
RED, BLUE = [34885, 53485, 50171], [21168, 53248, 5176]  # published CIELab values of pure red and blue under D65


def graphic(units="PIXEL", **styles):
    return item(
        GraphicAnnotationUnits=units,
        GraphicDimensions=2,
        NumberOfGraphicPoints=2,
        GraphicData=[2.0, 3.0, 12.0, 3.0] if units == "PIXEL" else [0.1, 0.1, 0.9, 0.1],
        GraphicType="POLYLINE",
        GraphicFilled="N",
        **styles,
    )


@pytest.fixture
def styled(show):
    def of(*graphics, texts=(), state=None):
        ds = image(GRID)
        notes = item(GraphicLayer="ONE", GraphicObjectSequence=list(graphics) or None)
        if texts:
            notes.TextObjectSequence = list(texts)
        return show(ds, made(ds, GraphicAnnotationSequence=[notes], **(state or {})))

    return of


def style(**attributes):
    own = {"PatternOnColorCIELabValue": RED, "PatternOnOpacity": 1.0, "LineThickness": 2.0, "LineDashingStyle": "SOLID"}
    return item(**{"ShadowStyle": "OFF"} | own | attributes)


def test_a_line_has_its_colour_thickness_and_opacity(styled):
    """PS19: thickness in the units of the object, 0.05 of an area 20 wide is one pixel."""
    shapes = styled(
        graphic(LineStyleSequence=[style(PatternOnOpacity=0.5)]),
        graphic("DISPLAY", LineStyleSequence=[style(LineThickness=0.05)]),
        graphic(),
    ).shapes
    first, second, plain = shapes
    assert (first.color, first.width, first.opacity, first.dashes) == ("#ff0000", 2.0, 0.5, ())
    assert second.width == pytest.approx(1.0)
    assert (plain.width, plain.opacity, plain.color) == (None, 1.0, Line(()).color)


@pytest.mark.parametrize(
    ("pattern", "lengths"),
    [
        (0xFF00FF00, (8, 8, 8, 8)),
        (0x000000FF, (0, 24, 8, 0)),
        (0xF000000F, (4, 24, 4, 0)),
        (0xFFFFFFFF, ()),
        (0, ()),
        (0xAAAAAAAA, (1,) * 32),
    ],
)
def test_a_pattern_is_lengths_that_are_drawn_and_not_drawn(pattern, lengths):
    """PS19: Line Pattern (0070,0255), a set bit is drawn."""
    assert dash_lengths(pattern) == lengths
    assert len(lengths) % 2 == 0


def test_a_line_is_dashed_around_its_corner():
    """PS19: four drawn, two not: along 6 across and 6 down."""
    assert dash_segments([(0, 0), (6, 0), (6, 6)], (4, 2)) == [[(0, 0), (4, 0)], [(6, 0), (6, 4)]]
    assert dash_segments([(0, 0), (5, 0)], (0, 2, 2, 0)) == [[(2.0, 0.0), (4.0, 0.0)]]
    assert dash_segments([(0, 0), (1e9, 0)], (1, 1)) == [[(0, 0), (1e9, 0)]]
    assert dash_segments([(0, 0), (9, 0)], ()) == [[(0, 0), (9, 0)]]


def test_the_png_has_thickness_dashes_what_is_between_them_and_opacity():
    """PS19: ten times enlarged, two pixels of the image are 20 of the screen."""

    def drawn(**attributes):
        shown = Image.new("RGBA", (200, 100), "black")
        draw(
            shown, [Line(((2, 3), (12, 3)), color="#ff0000", width=2.0, **attributes)], lambda p: (p[0] * 10, p[1] * 10)
        )
        return np.asarray(shown)

    whole = drawn()
    assert abs((whole[:, 70, 0] == 255).sum() - 20) <= 1
    half = drawn(opacity=0.5)
    assert half[30, 70].tolist() == [128, 0, 0, 255]
    broken = drawn(dashes=(20, 30))[30, :, 0]
    assert (broken[22:38] == 255).all()
    assert (broken[43:67] == 0).all()
    filled = drawn(dashes=(20, 30), between="#0000ff")[30]
    assert filled[55].tolist() == [0, 0, 255, 255]
    assert filled[30].tolist() == [255, 0, 0, 255]
    thin = Image.new("RGB", (200, 100))
    draw(thin, [Line(((2, 3), (12, 3)), color="#ff0000", width=2.0)], lambda p: (p[0] / 100, p[1] / 100 + 50))
    assert np.asarray(thin)[..., 0].max() == 255  # never thinner than a pixel


def test_a_filling_has_its_own_colour_and_opacity(styled):
    """PS19: Fill Style Sequence; a stippled one without a pattern is filled whole."""
    fill = item(PatternOnColorCIELabValue=BLUE, PatternOnOpacity=0.25, FillMode="STIPPELED")
    picture = styled(graphic(FillStyleSequence=[fill], LineStyleSequence=[style()]))
    (shape,) = picture.shapes
    assert (shape.inside, shape.covering, shape.color) == ("#0000ff", 0.25, "#ff0000")
    assert (shape.stipple, shape.behind) == ((), "")
    shown = Image.new("RGBA", (40, 40), "white")
    square = Line(((1, 1), (3, 1), (3, 3), (1, 3), (1, 1)), True, "#ff0000", inside="#0000ff", covering=0.5)
    draw(shown, [square], lambda p: (p[0] * 10, p[1] * 10))
    assert np.asarray(shown)[20, 20].tolist() == [127, 127, 255, 255]


def test_a_filling_is_stippled_by_a_tile_of_32_by_32_pixels_of_the_screen(styled):
    """PS19: Fill Pattern (0070,0256), the most significant bit is the leftmost pixel of a row."""
    pattern = b"\x80\x00\x00\x01" + b"\xff" * 4 + bytes(120)
    attributes = {"PatternOnColorCIELabValue": BLUE, "PatternOnOpacity": 1.0, "FillMode": "STIPPELED"}
    off = {"PatternOffColorCIELabValue": RED, "PatternOffOpacity": 0.5}
    picture = styled(
        graphic(FillStyleSequence=[item(**attributes, FillPattern=pattern)]),
        graphic(FillStyleSequence=[item(**attributes, **off, FillPattern=pattern)]),
    )
    plain, backed = (dataclasses.replace(s, points=CORNERS, filled=True, color="#0000ff") for s in picture.shapes)
    assert plain.stipple[:3] == (0x80000001, 0xFFFFFFFF, 0)
    assert (plain.behind, backed.behind, backed.behind_covering) == ("", "#ff0000", 0.5)
    for shape, between in ((plain, [0, 0, 0]), (backed, [128, 0, 0])):
        shown = Image.new("RGB", (100, 100))
        draw(shown, [shape], lambda p: p)
        seen = np.asarray(shown)[5:95, 5:95]  # inside of the outline
        down, across = np.mgrid[5:95, 5:95] % 32
        on = (down == 1) | ((down == 0) & ((across == 0) | (across == 31)))
        assert (seen[on] == [0, 0, 255]).all()
        assert (seen[~on] == between).all()


CORNERS = ((0.0, 0.0), (99.0, 0.0), (99.0, 99.0), (0.0, 99.0), (0.0, 0.0))


def test_shadows_fall_to_the_right_and_down_or_lie_around(styled):
    """PS19: PS3.3 C.10.5.1.3.13.2, in the units of the object; a shadow is whole where its line is dashed."""
    cast = {"ShadowStyle": "NORMAL", "ShadowOffsetX": 1.0, "ShadowOffsetY": -2.0, "ShadowColorCIELabValue": BLUE}
    shapes = styled(
        graphic(LineStyleSequence=[style(**cast, ShadowOpacity=0.5)]),
        graphic("DISPLAY", LineStyleSequence=[style(**cast | {"ShadowOffsetX": 0.05, "ShadowOffsetY": 0.1})]),
        graphic(LineStyleSequence=[style(**cast | {"ShadowOffsetX": math.nan})]),
        graphic(LineStyleSequence=[style()]),
    ).shapes
    assert shapes[0].shadow == Shadow("#0000ff", 0.5, (1.0, -2.0))
    assert shapes[1].shadow.offset == pytest.approx((1.0, 1.0))  # of 20 columns and 10 rows
    assert (shapes[2].shadow.offset, shapes[3].shadow) == ((0.0, -2.0), None)

    def drawn(shape):
        shown = Image.new("RGB", (200, 100))
        draw(shown, [shape], lambda p: (p[0] * 10, p[1] * 10))
        return np.asarray(shown)

    line = dataclasses.replace(shapes[0], points=((2.0, 6.0), (12.0, 6.0)), dashes=(5, 40), width=1.0)
    down, across = np.nonzero(drawn(line)[..., 2] == 128)
    assert abs(down.min() - 35) <= 1
    assert abs(down.max() - 44) <= 1
    assert abs(across.min() - 30) <= 1
    assert abs(across.max() - 130) <= 1
    around = dataclasses.replace(line, dashes=(), shadow=Shadow("#0000ff", 1.0, (0.6, -0.8), outlined=True))
    column = drawn(around)[:, 70]
    assert abs((column[:, 0] == 255).sum() - 10) <= 1
    assert abs((column[:, 2] == 255).sum() - 20) <= 1  # ten on each side


def test_groups_of_annotations_are_switched_by_their_label(styled):
    """PS19: Graphic Group Sequence (0070,0234)."""
    picture = styled(
        graphic(GraphicGroupID=7),
        graphic(),
        graphic(GraphicGroupID=9),
        state={"GraphicGroupSequence": [item(GraphicGroupID=7, GraphicGroupLabel="Lesion"), item(GraphicGroupID=9)]},
    )
    assert {k: v for k, v in picture.switches.items() if k.startswith("group")} == {
        "group Lesion": "Lesion",
        "group Group 9": "Group 9",
    }
    assert [s.group for s in picture.looked_at(hidden=("group Lesion",)).drawn] == ["", "Group 9"]


def test_a_text_has_its_colour_weight_and_place(styled):
    """PS19: Text Style Sequence; the alignment of the style replaces the justification of the box."""
    look = item(
        Bold="Y", Italic="N", Underlined="Y", TextColorCIELabValue=RED, HorizontalAlignment="RIGHT",
        VerticalAlignment="BOTTOM", CSSFontName="Courier, monospace", ShadowStyle="OUTLINED", ShadowOffsetX=0.25,
        ShadowColorCIELabValue=BLUE, ShadowOpacity=1.0,
    )  # fmt: skip
    words = item(
        UnformattedTextValue="here", BoundingBoxAnnotationUnits="PIXEL", BoundingBoxTopLeftHandCorner=[1.0, 1.0],
        BoundingBoxBottomRightHandCorner=[9.0, 9.0], BoundingBoxTextHorizontalJustification="LEFT",
        TextStyleSequence=[look],
    )  # fmt: skip
    picture = styled(texts=[words])
    (shape,) = picture.shapes
    assert (shape.bold, shape.italic, shape.underlined, shape.color) == (True, False, True, "#ff0000")
    assert (shape.justified, shape.lifted, shape.family) == ("RIGHT", 1.0, "monospace")
    assert shape.shadow == Shadow("#0000ff", 1.0, (0.25, 0.0), outlined=True)
    assert picture.record["not_applied"] == []
    shown = Image.new("RGB", (200, 200))
    draw(shown, [shape], lambda p: (p[0] * 20, p[1] * 20))
    seen = np.asarray(shown)
    assert (seen == [0, 0, 255]).all(axis=2).sum() > (seen == [255, 0, 0]).all(axis=2).sum() / 2
    rows = np.flatnonzero(np.asarray(shown)[..., 0].any(axis=1))
    assert rows.min() > 140  # at the bottom of a box from 20 to 180
    plain = Image.new("RGB", (200, 200))
    draw(plain, [Text("here", (1, 1), color="#ff0000")], lambda p: (p[0] * 20, p[1] * 20))
    assert np.asarray(shown)[..., 0].astype(bool).sum() > np.asarray(plain)[..., 0].astype(bool).sum()


@pytest.mark.parametrize(
    "broken",
    [
        {"LineThickness": math.nan},
        {"LineThickness": -3.0},
        {"LineThickness": math.inf},
        {"PatternOnColorCIELabValue": [1]},
        {"LineDashingStyle": "DASHED"},
        {"PatternOnOpacity": math.nan},
        {"PatternOnOpacity": None, "LineThickness": None, "LineDashingStyle": None},
    ],
)
def test_a_broken_style_is_left_out_and_the_line_is_drawn(styled, broken):
    """PS19, X6."""
    picture = styled(graphic(LineStyleSequence=[style(**broken)]))
    (shape,) = picture.shapes
    assert 0 <= shape.opacity <= 1
    assert shape.dashes == ()
    assert shape.width in (None, 2.0)
    assert np.asarray(picture.image((100, 200)))[..., 0].any()
