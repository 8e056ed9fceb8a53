"""OC2: longitudinal cuts through a pullback against numpy."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.errors import GeometryError
from dicom_widgets.widgets.runtime.frame_message import frame_message
from tests.classes import ivoct, pixels
from tests.samples import image, part10

FRAMES = np.random.default_rng(3).integers(0, 1023, (5, 9, 9)).astype(np.uint16)


def run(frames=FRAMES, distances=(0.0, 0.2, 0.4, 0.6, 0.8), spacing=("0.01", "0.01")):
    """Return a pullback whose frames are stored last one first."""
    ds = ivoct()
    own = []
    for n in range(len(frames)):
        item = copy.deepcopy(ds.PerFrameFunctionalGroupsSequence[0])
        content = item.FrameContentSequence[0]
        content.DimensionIndexValues, content.InStackPositionNumber = [len(frames) - n], len(frames) - n
        if distances:
            item.IntravascularFrameContentSequence[0].IntravascularLongitudinalDistance = distances[-1 - n]
        own.append(item)
    ds.PerFrameFunctionalGroupsSequence = own
    ds.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing = list(spacing)
    ds.VolumetricProperties = "VOLUME"
    return pixels(ds, frames[::-1], bits=16)


def loaded(session, ds):
    return session.load(part10(ds))[0].children[0]


def test_lines_of_the_frames_stand_side_by_side_in_the_order_of_the_pullback(session):
    """From the top clockwise: downwards, both diagonals, and from the right to the left."""
    cuts = session.pullback(loaded(session, run()))

    def stored(angle):
        return cuts.picture(angle).layers[0].values

    assert np.array_equal(stored(0), FRAMES[:, :, 4].T)
    assert np.array_equal(stored(90), FRAMES[:, 4, ::-1].T)
    near = np.floor(4 - (4 - np.arange(9)) * np.sqrt(0.5) + 0.5).astype(int)
    assert np.array_equal(stored(45), np.array([f[near, near[::-1]] for f in FRAMES]).T)
    assert np.array_equal(stored(135), np.array([f[near[::-1], near[::-1]] for f in FRAMES]).T)


def test_it_is_measured_along_and_across(session):
    """0.2 mm from frame to frame, 0.01 mm from pixel to pixel: 20 times as wide."""
    picture = session.pullback(loaded(session, run())).picture(30)
    assert (picture.spacing.down, picture.spacing.across) == pytest.approx((0.01, 0.2))
    assert picture.aspect == pytest.approx(0.05)
    assert "(0052,0028)" in picture.spacing.source
    frame = session.present(picture.record["sop_instance"], 3, presentation=None)
    assert picture.window == frame.window
    assert np.array_equal(picture.base.lut, frame.base.lut)


@pytest.mark.parametrize("distances", [None, (0.0, 0.2, 0.4, 0.6, 1.8), (1.0, 1.0, 1.0, 1.0, 1.0)])
def test_without_even_distances_there_are_no_lengths(session, distances):
    picture = session.pullback(loaded(session, run(distances=distances))).picture()
    assert (picture.spacing.unit, picture.aspect) == ("px", 1)
    assert "unevenly" in picture.spacing.source


def test_a_distorted_pullback_keeps_its_shape_and_has_no_lengths(session):
    ds = run()
    ds.VolumetricProperties = "DISTORTED"
    picture = session.pullback(loaded(session, ds)).picture()
    assert picture.spacing.unit == "px"
    assert "DISTORTED" in picture.spacing.source
    assert picture.aspect == pytest.approx(0.05)


def test_colours_are_cut_too(session):
    colors = np.random.default_rng(4).integers(0, 255, (3, 4, 6, 3)).astype(np.uint8)
    ds = pixels(image(np.zeros((3, 4, 6), np.uint8), "1.2.840.10008.5.1.4.1.1.7.4"), colors, color=True)
    cuts = session.pullback(loaded(session, ds))
    assert cuts.lines.shape == (180, 4, 3, 3)
    assert np.array_equal(cuts.picture(0).rgba((4, 3))[..., :3], colors[:, :, 3].transpose(1, 0, 2))


def test_what_cannot_be_cut_says_why(session):
    with pytest.raises(GeometryError, match="square pixels"):
        session.pullback(loaded(session, run(spacing=("0.01", "0.02"))))
    with pytest.raises(GeometryError, match="no stack of slices"):
        session.pullback(loaded(session, image(np.zeros((4, 4), np.uint16))))
    with pytest.raises(IndexError, match="180"):
        session.pullback(loaded(session, run())).picture(180)


def test_a_viewport_scrolls_through_the_angles(session):
    """The code that it gives makes the same picture; what arrives later changes nothing."""
    series = loaded(session, run())
    viewport = dw.Viewport(session, session.pullback(series), index=90, window=(500, 800))
    assert viewport.count == 180
    assert np.array_equal(viewport.picture().layers[0].values, FRAMES[:, 4, ::-1].T)
    message = viewport._state.frames.message()
    assert (message["labels"][90], message["sizes"][90]) == ("cut at 90°", 90)
    scope = {"session": session, "run": series}
    exec(viewport.code(), scope)
    assert np.array_equal(scope["picture"].rgba((50, 60)), viewport.picture().rgba((50, 60)))
    loaded(session, run())
    assert viewport.count == 180
    assert frame_message(viewport.picture())[0]["rows"] == 9
