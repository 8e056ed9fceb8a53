"""Styles of annotations, by hand (requirement PS19)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from dicom_widgets.display.graphics import Line, Text, dashed, draw
from dicom_widgets.display.styles import dashes
from tests.samples import image, item, state

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
    def of(*graphics, texts=()):
        ds = image(GRID)
        notes = item(GraphicLayer="ONE", GraphicObjectSequence=list(graphics) or None)
        if texts:
            notes.TextObjectSequence = list(texts)
        return show(ds, state(ds, GraphicAnnotationSequence=[notes]))

    return of


def style(**attributes):
    own = {"PatternOnColorCIELabValue": RED, "PatternOnOpacity": 1.0, "LineThickness": 2.0, "LineDashingStyle": "SOLID"}
    return item(ShadowStyle="OFF", **(own | attributes))


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
    assert dashes(pattern) == lengths
    assert len(lengths) % 2 == 0


def test_a_line_is_dashed_around_its_corner():
    """PS19: four drawn, two not: along 6 across and 6 down."""
    assert dashed([(0, 0), (6, 0), (6, 6)], (4, 2)) == [[(0, 0), (4, 0)], [(6, 0), (6, 4)]]
    assert dashed([(0, 0), (5, 0)], (0, 2, 2, 0)) == [[(2.0, 0.0), (4.0, 0.0)]]
    assert dashed([(0, 0), (1e9, 0)], (1, 1)) == [[(0, 0), (1e9, 0)]]
    assert dashed([(0, 0), (9, 0)], ()) == [[(0, 0), (9, 0)]]


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
    """PS19: Fill Style Sequence; a stippled one is filled whole, and named."""
    fill = item(PatternOnColorCIELabValue=BLUE, PatternOnOpacity=0.25, FillMode="STIPPELED", ShadowStyle="OFF")
    picture = styled(graphic(FillStyleSequence=[fill], LineStyleSequence=[style()]))
    (shape,) = picture.shapes
    assert (shape.inside, shape.covering, shape.color) == ("#0000ff", 0.25, "#ff0000")
    assert "stippled fillings" in picture.record["not_applied"]
    shown = Image.new("RGBA", (40, 40), "white")
    square = Line(((1, 1), (3, 1), (3, 3), (1, 3), (1, 1)), True, "#ff0000", inside="#0000ff", covering=0.5)
    draw(shown, [square], lambda p: (p[0] * 10, p[1] * 10))
    assert np.asarray(shown)[20, 20].tolist() == [127, 127, 255, 255]


def test_a_text_has_its_colour_weight_and_place(styled):
    """PS19: Text Style Sequence; the alignment of the style replaces the justification of the box."""
    look = item(
        Bold="Y", Italic="N", Underlined="Y", TextColorCIELabValue=RED, HorizontalAlignment="RIGHT",
        VerticalAlignment="BOTTOM", CSSFontName="Courier, monospace", ShadowStyle="NORMAL",
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
    assert "shadows of annotations" in picture.record["not_applied"]
    shown = Image.new("RGB", (200, 200))
    draw(shown, [shape], lambda p: (p[0] * 20, p[1] * 20))
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
