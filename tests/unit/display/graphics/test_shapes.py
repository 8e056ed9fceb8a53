"""PS11 to PS13: the shapes of presentation states in image coordinates, by hand; X6 for broken ones."""

from __future__ import annotations

import io
import itertools
import json
import math

import numpy as np
import pytest
from PIL import Image

from dicom_widgets.display.graphics.pen import draw
from dicom_widgets.display.graphics.shapes import DEFAULT, Line, Text, outline, shapes_message
from tests import samples
from tests.samples import image, item, refer, state

GRID = np.zeros((10, 20), np.uint8)  # 20 columns, 10 rows


def line(points, kind: str = "POLYLINE", units: str = "PIXEL", filled: str = "N", **attributes):
    flat = [float(x) for p in points for x in p]
    return item(
        GraphicAnnotationUnits=units,
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(points),
        GraphicData=flat,
        GraphicType=kind,
        GraphicFilled=filled,
        **attributes,
    )


def note(words: str, **attributes):
    return item(UnformattedTextValue=words, **attributes)


def annotation(*graphics, texts=(), layer: str = "ONE", images=None):
    return item(
        GraphicLayer=layer,
        GraphicObjectSequence=list(graphics) or None,
        TextObjectSequence=list(texts) or None,
        ReferencedImageSequence=images,
    )


@pytest.fixture
def shapes(show):
    """Show the image under a state with these annotations; return its shapes."""

    def of(*annotations, **attributes):
        ds = image(GRID)
        return show(ds, state(ds, GraphicAnnotationSequence=list(annotations), **attributes)).shapes

    return of


def test_a_polyline_in_pixel_units_stays_where_it_is(shapes):
    """PS12: 0.0, 0.0 is the outer corner of the first pixel; column then row."""
    (found,) = shapes(annotation(line([(0, 0), (20, 10), (0.5, 0.5)])))
    assert found == Line(((0, 0), (20, 10), (0.5, 0.5)), filled=False, color=DEFAULT, layer="ONE")


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", ["N", "Y"])
def test_pixel_units_do_not_move_with_the_orientation(shapes, rotation, flip):
    """They are the image's own coordinates; the picture turns them with the pixels."""
    (found,) = shapes(annotation(line([(1, 2), (3, 4)])), ImageRotation=rotation, ImageHorizontalFlip=flip)
    assert found.points == ((1, 2), (3, 4))


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("point", [(0, 0), (1, 0), (0, 1), (0.25, 0.5), (0.9, 0.2)])
def test_display_units_are_of_the_area_as_it_is_seen(show, turns, flip, point):
    """PS12: 0..1 of the displayed area after the transformation: on the screen it is always the same place."""
    ds = image(GRID)
    pieces = {"ImageRotation": turns * 90, "ImageHorizontalFlip": "Y" if flip else "N"}
    drawn = annotation(line([point, (0.5, 0.5)], units="DISPLAY"))
    picture = show(ds, state(ds, GraphicAnnotationSequence=[drawn], **pieces))
    height, width = picture.natural_size()
    place = picture.to_screen((height, width), 1.0, (0, 0))
    assert place(picture.shapes[0].points[0]) == pytest.approx((point[0] * width, point[1] * height))
    assert place(picture.shapes[0].points[1]) == pytest.approx((width / 2, height / 2))


@pytest.mark.parametrize("corners", [([3, 2], [12, 6]), ([12, 6], [3, 2]), ([3, 6], [12, 2])])
def test_display_units_are_of_the_specified_area(show, corners):
    """PS9: corners count from 1, inclusive, in whatever order the transformation leaves them."""
    ds = image(GRID)
    area = item(DisplayedAreaTopLeftHandCorner=corners[0], DisplayedAreaBottomRightHandCorner=corners[1])
    drawn = annotation(line([(0, 0), (1, 1), (0.5, 0.5)], units="DISPLAY"))
    made = state(ds, GraphicAnnotationSequence=[drawn], DisplayedAreaSelectionSequence=[area])
    picture = show(ds, made)
    assert picture.shapes[0].points == ((2, 1), (12, 6), (7, 3.5))
    assert picture.record["not_applied"] == []
    assert picture.home.area == (2, 1, 12, 6)


def test_the_whole_area_is_not_called_partly(show):
    ds = image(GRID)
    assert show(ds, state(ds)).record["not_applied"] == []


def test_annotations_are_scoped_like_voi_items(show):
    """PS11: those that name this image, or none."""
    ds, other = image(GRID), image(GRID)
    drawn = [
        annotation(line([(0, 0), (1, 1)])),
        annotation(line([(0, 0), (2, 2)]), images=[refer(ds)]),
        annotation(line([(0, 0), (3, 3)]), images=[refer(other)]),
    ]
    picture = show(ds, state(ds, other, GraphicAnnotationSequence=drawn))
    assert [s.points[1] for s in picture.shapes] == [(1, 1), (2, 2)]


def test_layers_are_drawn_in_their_order_and_colour(shapes):
    """PS11: by Graphic Layer Order; the grey of (0070,0066) is 16 bits."""
    layers = [
        item(GraphicLayer="TOP", GraphicLayerOrder=3, GraphicLayerRecommendedDisplayGrayscaleValue=0xFFFF),
        item(GraphicLayer="LOW", GraphicLayerOrder=1, GraphicLayerRecommendedDisplayGrayscaleValue=0),
        item(GraphicLayer="MID", GraphicLayerOrder=2, GraphicLayerRecommendedDisplayGrayscaleValue=0x8080),
    ]
    drawn = [annotation(line([(0, 0), (n, n)]), layer=name) for n, name in ((1, "TOP"), (2, "LOW"), (3, "MID"))]
    found = shapes(*drawn, GraphicLayerSequence=layers)
    assert [(s.points[1][0], s.color) for s in found] == [(2, "#000000"), (3, "#808080"), (1, "#ffffff")]


# --- outlines


def test_a_circle_is_round_around_its_centre_through_its_point():
    points = outline("CIRCLE", [(5, 5), (5, 8)])
    assert points[0] == pytest.approx(points[-1])
    assert [math.dist(p, (5, 5)) for p in points] == pytest.approx([3] * len(points))
    assert len(points) > 32


def test_an_ellipse_goes_through_the_four_ends_of_its_axes():
    """PS12: major ends, then minor ends."""
    ends = [(1, 5), (9, 5), (5, 3), (5, 7)]
    points = outline("ELLIPSE", ends)
    for end in ends:
        assert min(math.dist(end, p) for p in points) < 1e-9
    assert [((x - 5) / 4) ** 2 + ((y - 5) / 2) ** 2 for x, y in points] == pytest.approx([1] * len(points))


def test_an_ellipse_may_be_oblique():
    points = outline("ELLIPSE", [(0, 0), (8, 8), (5, 3), (3, 5)])
    assert min(math.dist((8, 8), p) for p in points) < 1e-9
    assert np.mean(points[:-1], axis=0) == pytest.approx([4, 4])


@pytest.mark.parametrize("points", [[(0, 0), (5, 5), (10, 0)], [(0, 0), (5, 5), (10, 0), (0, 0)]])
def test_an_interpolated_curve_goes_through_all_points_and_is_smooth(points):
    """PS12."""
    curve = outline("INTERPOLATED", points)
    for point in points:
        assert min(math.dist(point, p) for p in curve) < 1e-9
    steps = np.diff(curve, axis=0)
    angles = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    assert np.abs(np.diff(angles)).max() < math.radians(60)  # the corners have 90


def test_a_point_is_a_mark_around_it():
    found = outline("POINT", [(4, 6)])
    assert np.mean([found[0], found[1]], axis=0).tolist() == [4, 6]
    assert all(math.dist(p, (4, 6)) <= 3 for p in found)


@pytest.mark.parametrize(
    ("kind", "points"),
    [("POLYLINE", 1), ("CIRCLE", 1), ("ELLIPSE", 3), ("POINT", 0), ("INTERPOLATED", 1), ("POLYLINE", 0)],
)
def test_too_few_points_are_nothing(kind, points):
    assert outline(kind, [(i, i) for i in range(points)]) == ()


def test_filled_is_said(shapes):
    assert shapes(annotation(line([(0, 0), (5, 0), (5, 5)], filled="Y")))[0].filled


# --- texts (PS13)


def test_a_text_stands_at_its_box_or_its_anchor(shapes):
    box = {"BoundingBoxTopLeftHandCorner": [2, 3], "BoundingBoxBottomRightHandCorner": [9, 5]}
    anchor = {"AnchorPoint": [15, 8], "AnchorPointAnnotationUnits": "PIXEL"}
    found = shapes(
        annotation(
            texts=[
                note("in a box", BoundingBoxAnnotationUnits="PIXEL", **box),
                note("anchored", AnchorPointVisibility="N", **anchor),
                note("with a line", AnchorPointVisibility="Y", BoundingBoxAnnotationUnits="PIXEL", **box, **anchor),
                note("no line", AnchorPointVisibility="N", BoundingBoxAnnotationUnits="PIXEL", **box, **anchor),
                note("nowhere"),
            ]
        )
    )
    assert found == (
        Text("in a box", (2, 3), layer="ONE", opposite=(9, 5)),
        Text("anchored", (15, 8), layer="ONE"),
        Text("with a line", (2, 3), (15, 8), layer="ONE", opposite=(9, 5)),
        Text("no line", (2, 3), layer="ONE", opposite=(9, 5)),
    )


@pytest.mark.parametrize(("justified", "middle"), [("LEFT", 0.1), ("CENTER", 0.5), ("RIGHT", 0.9), ("ODD", 0.1)])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_text_is_justified_in_its_box_as_the_box_lies_on_the_screen(justified, middle, mirrored):
    """PS13: the box is 200 pixels wide, the text is short."""
    note = Text("i", (10, 10), opposite=(210, 40), justified=justified)
    image = Image.new("RGB", (220, 60))
    draw(image, [note], (lambda p: (220 - p[0], p[1])) if mirrored else (lambda p: p))
    columns = np.flatnonzero(np.asarray(image).any(axis=(0, 2)))
    assert 10 <= columns.min() <= columns.max() <= 210
    assert (columns.mean() - 10) / 200 == pytest.approx(middle, abs=0.1)


def test_a_text_in_display_units_and_of_several_lines(shapes):
    corner = {"BoundingBoxTopLeftHandCorner": [0.5, 0.25], "BoundingBoxBottomRightHandCorner": [1, 1]}
    words = note("first\r\nsecond <b>\x07[1m", BoundingBoxAnnotationUnits="DISPLAY", **corner)
    (found,) = shapes(annotation(texts=[words]))
    assert (found.words, found.at) == ("first\nsecond <b> [1m", (10, 2.5))


def test_a_text_has_the_character_set_of_the_state(shapes):
    """PS13: not that of the image."""
    words = note("Übersicht", AnchorPoint=[1, 1], AnchorPointAnnotationUnits="PIXEL")
    (found,) = shapes(annotation(texts=[words]), SpecificCharacterSet="ISO_IR 100")
    assert found.words == "Übersicht"


# --- broken ones (X6), and what is drawn

BROKEN = [
    samples.raw(GraphicData=("FL", b"\0\0\x80?"), GraphicType=("CS", b"POLYLINE")),
    samples.raw(GraphicData=("LO", b"1\\2\\x\\4 "), GraphicType=("CS", b"POLYLINE")),
    samples.raw(GraphicData=("FL", b"\0\0\xc0\x7f" * 4), GraphicType=("CS", b"CIRCLE")),
    samples.raw(GraphicData=("FL", b"\0\0\x80?" * 3), GraphicType=("CS", b"POLYLINE")),
    samples.raw(GraphicType=("US", b"\1\0")),
    item(GraphicType="CIRCLE"),
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_graphic_is_left_out_and_the_others_are_drawn(shapes, broken):
    found = shapes(annotation(broken, line([(1, 1), (2, 2)])))
    assert found[-1].points == ((1, 1), (2, 2))


@pytest.mark.parametrize("vr", ["US", "LO"])
@pytest.mark.parametrize("keyword", ["GraphicAnnotationSequence", "GraphicLayerSequence"])
def test_a_sequence_that_is_none_does_no_harm(show, keyword, vr):
    ds = image(GRID)
    made = state(ds)
    made.update(samples.raw(**{keyword: (vr, b"\1\0")}))
    assert show(ds, made).shapes == ()


def test_the_png_has_the_graphics_and_the_plain_one_has_not(show):
    ds = image(np.zeros((40, 40), np.uint8))
    picture = show(ds, state(ds, GraphicAnnotationSequence=[annotation(line([(5, 20), (35, 20)]))]))
    drawn, plain = (np.asarray(Image.open(io.BytesIO(picture.png(graphics=g)))) for g in (True, False))
    assert not plain.any()
    rows = np.flatnonzero(drawn.any(axis=(1, 2)))
    assert 19 <= rows.min() <= rows.max() <= 21
    assert drawn[20, 30].tolist() == [int(DEFAULT[i : i + 2], 16) for i in (1, 3, 5)]


def test_the_message_to_the_page_is_json(shapes):
    both = shapes(annotation(line([(0, 0), (1, 1)]), texts=[note("x", AnchorPoint=[1, 1])]))
    sent = json.loads(json.dumps(shapes_message(both)))
    assert sent[0]["points"] == [[0, 0], [1, 1]]
    assert sent[1]["words"] == "x"


@pytest.mark.parametrize(("x", "y"), list(itertools.product([-1e30, 1e30], repeat=2)))
def test_points_far_away_are_drawn_without_an_error(show, x, y):
    ds = image(GRID)
    picture = show(ds, state(ds, GraphicAnnotationSequence=[annotation(line([(1, 1), (x, y)]))]))
    assert picture.png().startswith(b"\x89PNG")


def test_a_compound_graphic_is_drawn_once_by_its_simple_equivalents(shapes):
    """PS14: a ruler, and the two lines that stand for it."""
    ruler = item(
        CompoundGraphicInstanceID=7, CompoundGraphicUnits="PIXEL", GraphicDimensions=2, CompoundGraphicType="RULER"
    )
    ruler.GraphicData = [1, 1, 9, 1]
    parts = [line([(1, 1), (9, 1)]), line([(5, 0), (5, 2)])]
    for part in parts:
        part.CompoundGraphicInstanceID = 7
    drawn = annotation(*parts)
    drawn.CompoundGraphicSequence = [ruler]
    assert [s.points for s in shapes(drawn)] == [((1, 1), (9, 1)), ((5, 0), (5, 2))]
