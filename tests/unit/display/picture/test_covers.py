"""Overlays and shutters, as masks by hand and against DCMTK (OV1 to OV4, SH1 to SH3, PS11, PS15, PS16)."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from PIL import Image

from dicom_widgets.config import options
from dicom_widgets.display.pipeline.cielab import color_of_cielab
from dicom_widgets.display.pipeline.view_settings import ViewSettings
from tests import samples
from tests.samples import image, item, state

GRID = np.full((6, 8), 100, np.uint8)


def overlay(ds, bits, *, group=0x6000, origin=(1, 1), layer=None, **more):
    """Add an overlay plane to an image or a state."""
    bits = np.asarray(bits, np.uint8)
    rows, columns = bits.shape[-2:]
    ds.add_new((group, 0x0010), "US", rows)
    ds.add_new((group, 0x0011), "US", columns)
    ds.add_new((group, 0x0040), "CS", "G")
    ds.add_new((group, 0x0050), "SS", list(origin))
    ds.add_new((group, 0x0100), "US", 1)
    ds.add_new((group, 0x0102), "US", 0)
    if bits.ndim == 3:
        ds.add_new((group, 0x0015), "IS", bits.shape[0])
        ds.add_new((group, 0x0051), "US", more.get("first", 1))
    if layer is not None:
        ds.add_new((group, 0x1001), "CS", layer)
    data = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    ds.add_new((group, 0x3000), "OW", data + b"\0" * (len(data) % 2))
    return ds


def bits_of(picture) -> list[list[int]]:
    return picture.overlays[0].bits.astype(int).tolist()


def test_bits_are_not_aligned_to_bytes_and_the_lowest_comes_first(show):
    """OV1: 3 x 5 bits."""
    bits = np.random.default_rng(1).integers(0, 2, (3, 5))
    found = show(overlay(image(GRID), bits)).overlays[0].bits
    assert np.array_equal(found[:3, :5], bits)
    assert not found[3:].any()
    assert not found[:, 5:].any()


@pytest.mark.parametrize(
    ("origin", "place"),
    [((3, 2), (slice(2, 4), slice(1, 4))), ((0, -1), (slice(0, 1), slice(0, 1))), ((6, 8), (slice(5, 6), slice(7, 8)))],
)
def test_the_origin_is_row_and_column_from_1_and_may_lie_outside(show, origin, place):
    """OV1: 2 x 3 set bits."""
    expected = np.zeros(GRID.shape, bool)
    expected[place] = True
    assert np.array_equal(show(overlay(image(GRID), np.ones((2, 3)), origin=origin)).overlays[0].bits, expected)


def test_an_overlay_in_the_unused_bits_of_the_image(show):
    """OV2: 12 bits stored, bit 13 is the overlay."""
    stored = np.array([[5, 5 | 1 << 13], [1 << 13, 4095]], np.uint16)
    ds = image(stored, BitsStored=12)
    for element, vr, found in ((0x0010, "US", 2), (0x0011, "US", 2), (0x0050, "SS", [1, 1]), (0x0102, "US", 13)):
        ds.add_new((0x6000, element), vr, found)
    picture = show(ds)
    assert bits_of(picture) == [[0, 1], [1, 0]]
    assert picture.layers[0].values.tolist() == [[5, 5], [0, 4095]]


def test_without_a_group_the_unused_bits_are_nothing(show):
    """OV2."""
    assert show(image(np.array([[5 | 1 << 13]], np.uint16), BitsStored=12)).overlays == ()


def test_frames_of_an_overlay_belong_to_frames_of_the_image(show):
    """OV3: two overlay frames for the frames 2 and 3."""
    ds = image(np.zeros((3, 2, 2), np.uint8))
    overlay(ds, [[[1, 0], [0, 0]], [[0, 0], [0, 1]]], first=2)
    assert [bits_of(show(ds, frame=n)) if n > 1 else show(ds, frame=n).overlays for n in (1, 2, 3)] == [
        (),
        [[1, 0], [0, 0]],
        [[0, 0], [0, 1]],
    ]


def test_a_lying_size_is_said_and_the_image_is_seen(show):
    """X2."""
    ds = overlay(image(GRID), np.ones((2, 2)))
    ds[0x6000, 0x0010].value = 5000
    picture = show(ds)
    assert picture.overlays == ()
    assert "6000" in picture.record["not_applied"][0]
    assert picture.display()[0, 0] == show(image(GRID)).display()[0, 0]


def test_each_group_can_be_switched_off(show):
    """OV4: two groups, in pixels."""
    ds = overlay(overlay(image(GRID), [[1]]), [[1]], group=0x6002, origin=(1, 2))
    ds.add_new((0x6002, 0x1500), "LO", "SECOND")
    picture = show(ds)
    assert picture.switches == {"overlay 6000": "Overlay 6000", "overlay 6002": "SECOND"}
    plain = picture.display()[0, 0]
    both = picture.rgba()[0, :3, :3].tolist()
    assert both[0] == both[1] != [plain] * 3 == both[2]
    one = picture.looking(ViewSettings(hidden=("overlay 6000",))).rgba()[0, :2, :3].tolist()
    assert one == [[plain] * 3, both[1]]


def test_thin_lines_are_seen_when_the_image_is_reduced(show):
    """OV4: one set bit in 64 x 64, at a quarter."""
    bits = np.zeros((64, 64))
    bits[33, 18] = 1
    picture = show(overlay(image(np.zeros((64, 64), np.uint8)), bits))
    seen = (picture.rgba((16, 16))[..., :3] != 0).any(axis=2)
    assert np.argwhere(seen).tolist() == [[33 // 4, 18 // 4]]


@pytest.mark.parametrize(
    "name", ["gsps/overlay/1.2.276.0.7230010.3.200.12.1.1", "transfer_syntax/misc/examples_overlay.dcm"]
)
def test_overlays_are_where_dcmtk_draws_them(data, dcmtk, tmp_path, session, name):
    """OV1, OV2: embedded in unused bits, and planes of their own: DCMTK inverts the image there."""
    shown = []
    for chosen in (["+O", "0", "+Omc"], ["-O"]):
        subprocess.run([dcmtk("dcm2pnm"), *chosen, "+Wn", data / name, tmp_path / "out.pgm"], check=True)
        shown.append(np.asarray(Image.open(tmp_path / "out.pgm")).astype(int))
    picture = session.present(session.load(data / name)[0].children[0].children[0])
    ours = np.any([o.bits for o in picture.overlays], axis=0)
    drawn = shown[0] != shown[1]
    assert drawn.any()
    assert np.array_equal(drawn, ours)


# --- shutters


def hidden(show, **attributes) -> np.ndarray:
    picture = show(image(GRID, **attributes))
    return picture.shutter.hidden


EDGES = {
    "ShutterLeftVerticalEdge": 2,
    "ShutterRightVerticalEdge": 5,
    "ShutterUpperHorizontalEdge": 3,
    "ShutterLowerHorizontalEdge": 4,
}


def test_the_edges_of_a_rectangle_are_seen(show):
    """SH1: columns 2 to 5, rows 3 to 4, from 1."""
    expected = np.ones(GRID.shape, bool)
    expected[2:4, 1:5] = False
    assert np.array_equal(hidden(show, ShutterShape="RECTANGULAR", **EDGES), expected)


def test_the_centre_of_a_circle_is_row_and_column(show):
    """SH1: row 2, column 6, radius 1: a plus of five pixels."""
    expected = np.ones(GRID.shape, bool)
    for row, column in ((2, 6), (1, 6), (3, 6), (2, 5), (2, 7)):
        expected[row - 1, column - 1] = False
    found = hidden(show, ShutterShape="CIRCULAR", CenterOfCircularShutter=[2, 6], RadiusOfCircularShutter=1)
    assert np.array_equal(found, expected)


def test_a_circle_is_round_where_pixels_are_no_squares(show):
    """SH1: the radius is counted along the row (0018,1612); pixels twice as high as wide: (2 dy)² + dx² up to 4."""
    expected = np.ones(GRID.shape, bool)
    expected[2, 2:7] = expected[1, 4] = expected[3, 4] = False
    circle = {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [3, 5], "RadiusOfCircularShutter": 2}
    assert np.array_equal(hidden(show, **circle, PixelAspectRatio=[2, 1]), expected)
    ds = image(GRID, PixelAspectRatio=[2, 1])
    assert np.array_equal(show(ds, state(ds, **circle)).shutter.hidden, expected)


def test_the_vertices_of_a_polygon_are_rows_and_columns(show):
    """SH1: a rectangle of rows 2 to 5 and columns 3 to 7."""
    expected = np.ones(GRID.shape, bool)
    expected[1:5, 2:7] = False
    found = hidden(show, ShutterShape="POLYGONAL", VerticesOfThePolygonalShutter=[2, 3, 2, 7, 5, 7, 5, 3])
    assert np.array_equal(found, expected)


def test_several_shapes_leave_what_all_of_them_leave(show):
    """SH1."""
    circle = {"CenterOfCircularShutter": [3, 2], "RadiusOfCircularShutter": 1}
    found = hidden(show, ShutterShape=["RECTANGULAR", "CIRCULAR"], **EDGES, **circle)
    assert np.argwhere(~found).tolist() == [[2, 1], [2, 2], [3, 1]]


def test_a_shutter_is_painted_over_whatever_the_window_and_never_in_the_values(session, show):
    """SH1, SH3: Shutter Presentation Value 0x8080 is a grey of 128; it can be taken away."""
    ds = image(GRID, ShutterShape="RECTANGULAR", ShutterPresentationValue=0x8080, **EDGES)
    for window in (None, (50, 10), (1000, 10)):
        picture = show(ds, window=window)
        assert picture.rgba()[0, 0].tolist() == [128, 128, 128, 255]
        assert picture.rgba()[2, 1, 0] == picture.display()[2, 1]
        assert (
            picture.looking(ViewSettings(picture.look.window, hidden=("shutter",))).rgba()[0, 0, 0]
            == picture.display()[0, 0]
        )
    assert session.array(str(ds.SOPInstanceUID)).tolist() == GRID.tolist()


def test_a_state_has_its_own_shutter_or_none(show):
    """PS16: the image's is not used under a state."""
    ds = image(GRID, ShutterShape="RECTANGULAR", **EDGES)
    assert show(ds, state(ds)).shutter is None


def test_a_bitmap_shutter_is_an_overlay_of_the_state_and_not_drawn_as_one(show):
    """SH2, PS15."""
    ds = image(GRID)
    bits = np.zeros(GRID.shape)
    bits[0] = 1
    made = overlay(state(ds, ShutterShape="BITMAP", ShutterOverlayGroup=0x6000), bits, layer="SHUTTER")
    picture = show(ds, made)
    assert picture.overlays == ()
    assert np.array_equal(picture.shutter.hidden, bits.astype(bool))


@pytest.mark.parametrize(("layer", "shown"), [("ONE", True), ("", False), (None, False)])
def test_a_state_shows_the_overlays_that_it_activates(show, layer, shown):
    """PS15: the image's overlay, in a layer or not."""
    ds = overlay(image(GRID), [[1]])
    made = state(ds, GraphicLayerSequence=[item(GraphicLayer="ONE", GraphicLayerOrder=1)])
    if layer is not None:
        made.add_new((0x6000, 0x1001), "CS", layer)
    assert bool(show(ds, made).overlays) is shown


def test_the_overlay_of_a_state_replaces_that_of_the_image(show):
    """PS15."""
    ds = overlay(image(GRID), [[1, 1]])
    made = overlay(state(ds), [[0, 1]], layer="ONE")
    assert bits_of(show(ds, made))[0][:2] == [0, 1]


# --- displayed area


@pytest.mark.parametrize(
    ("turns", "corners"),
    [(0, ([3, 2], [6, 5])), (90, ([3, 5], [6, 2])), (180, ([6, 5], [3, 2])), (270, ([6, 2], [3, 5]))],
)
def test_the_displayed_area_fills_the_screen(show, turns, corners):
    """PS9, PS10: columns 3 to 6, rows 2 to 5, counted in the untransformed image; four times enlarged."""
    grid = np.arange(48, dtype=np.uint8).reshape(6, 8) * 5
    ds = image(grid, samples.SC)
    area = item(
        DisplayedAreaTopLeftHandCorner=corners[0],
        DisplayedAreaBottomRightHandCorner=corners[1],
        PresentationSizeMode="SCALE TO FIT",
        PresentationPixelAspectRatio=[1, 1],
    )
    picture = show(ds, state(ds, DisplayedAreaSelectionSequence=[area], ImageRotation=turns))
    part = np.rot90(grid[1:5, 2:6], -turns // 90)
    assert np.array_equal(picture.rgba((16, 16))[..., 0], np.kron(part, np.ones((4, 4))))


def whole(**asked):
    """Return the item of a displayed area that is all of GRID."""
    return item(DisplayedAreaTopLeftHandCorner=[1, 1], DisplayedAreaBottomRightHandCorner=[8, 6], **asked)


def test_magnify_is_so_many_screen_pixels(show):
    """PS10: three for each, around the middle of the area."""
    ds = image(GRID)
    area = whole(
        PresentationSizeMode="MAGNIFY",
        PresentationPixelMagnificationRatio=3.0,
        PresentationPixelAspectRatio=[1, 1],
    )
    picture = show(ds, state(ds, DisplayedAreaSelectionSequence=[area]))
    place = picture.to_screen((100, 100), "fit", (0, 0))
    assert place((0, 0)) == (50 - 4 * 3, 50 - 3 * 3)
    assert place((8, 6)) == (50 + 4 * 3, 50 + 3 * 3)


def test_true_size_by_the_screen_or_fitted_and_it_says_so(show, monkeypatch):
    """PS10: columns of 0.25 mm are two pixels of a screen that has one each 0.125 mm, rows of 0.5 mm are four."""
    ds = image(GRID)
    area = whole(
        PresentationSizeMode="TRUE SIZE",
        PresentationPixelSpacing=[0.5, 0.25],
    )
    picture = show(ds, state(ds, DisplayedAreaSelectionSequence=[area]))
    used = {s["stage"]: s["used"] for s in picture.record["stages"]}
    assert "true size" in used["displayed area"]
    assert "0.5 x 0.25 mm" in used["displayed area"]
    assert picture.aspect == 2
    assert picture.true_size.zoom is None
    assert "not calibrated" in picture.true_size.why
    fitted = picture.to_screen((120, 80), "fit", (0, 0))
    assert (fitted((0, 0)), fitted((8, 6))) == ((0, 0), (80, 120))
    monkeypatch.setattr(options, "pixel_pitch", 0.125)
    for zoom in ("fit", "true size"):
        place = picture.to_screen((120, 80), zoom, (0, 0))
        assert (place((0, 0)), place((8, 6))) == ((40 - 8, 60 - 12), (40 + 8, 60 + 12))
    assert picture.to_screen((120, 80), 1.0, (0, 0))((8, 6)) == (40 + 4, 60 + 6)


def test_true_size_without_a_spacing_is_named(show):
    """PS10, X2: Presentation Pixel Spacing is missing."""
    ds = image(GRID)
    area = whole(
        PresentationSizeMode="TRUE SIZE",
    )
    picture = show(ds, state(ds, DisplayedAreaSelectionSequence=[area]))
    assert any("true size" in note for note in picture.record["not_applied"])


@pytest.mark.parametrize(
    ("lab", "color"),
    [
        ((65535, 32896, 32896), "#ffffff"),
        ((0, 32896, 32896), "#000000"),
        ((34885, 53485, 50171), "#ff0000"),  # L* 53.23, a* 80.11, b* 67.22 of pure red under D65
        ((35035, 32896, 32896), "#808080"),
    ],
)
def test_cielab_under_d65(lab, color):
    """PS11: published CIELab values of sRGB colours."""
    found = color_of_cielab(lab)
    assert all(abs(int(found[i : i + 2], 16) - int(color[i : i + 2], 16)) <= 2 for i in (1, 3, 5))


# --- what is listed of them (OV5)


def test_subtype_and_statistics_are_listed_with_the_overlay(show):
    """OV5: as the object says them, in the list of layers and in the record."""
    ds = overlay(image(GRID), np.ones((2, 3)))
    ds[0x6000, 0x0040].value = "R"
    ds.add_new((0x6000, 0x0045), "LO", "AUTOMATED")
    ds.add_new((0x6000, 0x1301), "IS", "6")
    ds.add_new((0x6000, 0x1302), "DS", "100.50")
    ds.add_new((0x6000, 0x1500), "LO", "Lesion")
    picture = show(ds)
    facts = "automated, region of interest, area 6 px, mean 100.5"
    assert picture.switches == {"overlay 6000": f"Lesion ({facts})"}
    assert next(s["used"] for s in picture.record["stages"] if s["stage"] == "overlays") == f"6000 ({facts})"


def test_odd_statistics_are_left_out(show):
    """OV5, X6."""
    ds = overlay(image(GRID), np.ones((2, 3)))
    ds.add_new((0x6000, 0x1303), "DS", "")
    ds.add_new((0x6000, 0x1302), "LO", "abc")
    assert show(ds).switches == {"overlay 6000": "Overlay 6000"}
