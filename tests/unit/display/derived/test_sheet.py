"""Frames side by side, against mosaics put together by hand (requirement NP2)."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import dcmread

import dicom_widgets as dw
from dicom_widgets.display.derived.sheet import arrangement
from dicom_widgets.errors import NotFound
from tests import samples
from tests.samples import item, part10

NM, US = samples.PREFIX + "20", samples.PREFIX + "3.1"
RNG = np.random.default_rng(5)


def loaded(session, *images):
    return session.load([part10(ds) for ds in images])[0].children[0]


def spect(frames: np.ndarray, **more):
    return samples.image(frames, NM, Modality="NM", WindowCenter="50", WindowWidth="100", **more)


def mosaic(frames, rows, columns, gap=1):
    """Put display values side by side, black between them."""
    h, w = frames[0].shape
    out = np.zeros((rows * (h + gap) - gap, columns * (w + gap) - gap), np.uint8)
    for n, frame in enumerate(frames):
        top, left = n // columns * (h + gap), n % columns * (w + gap)
        out[top : top + h, left : left + w] = frame
    return out


@pytest.mark.parametrize("inverted", [False, True])
def test_frames_lie_row_by_row_with_one_window_and_black_between_them(session, inverted):
    """NP2, GP10: what is between them stays black under inversion."""
    series = loaded(session, spect(RNG.integers(0, 100, (5, 6, 8)).astype(np.uint16)))
    viewport = dw.Viewport(session, series)
    viewport.tiles = (2, 3)
    viewport.invert = inverted
    frames = [session.present(viewport.instance, n, invert=inverted).display() for n in range(1, 6)]
    assert np.array_equal(viewport.picture().display(), mosaic(frames, 2, 3))
    assert viewport.count == 1
    assert viewport.instance.uid == session.instances(series)[0].uid
    assert viewport.frame is None
    again = {}
    exec(viewport.code().partition("\npicture.rgba")[0], {"session": session, "dw": dw}, again)
    assert np.array_equal(again["picture"].display(), viewport.picture().display())


def test_a_window_changes_all_frames(session):
    """NP2: lower and upper level of the sheet."""
    viewport = dw.Viewport(session, loaded(session, spect(np.arange(48, dtype=np.uint16).reshape(3, 4, 4))))
    viewport.tiles = (1, 3)
    viewport.window = dw.Window.over(10, 27)
    grey = [15 * (np.clip(np.arange(16) + 16 * n, 10, 27) - 10).reshape(4, 4) for n in range(3)]  # 255 / 17
    assert np.array_equal(viewport.picture().display(), mosaic([g.astype(np.uint8) for g in grey], 1, 3))


def test_frames_of_slopes_of_their_own_are_put_together_as_modality_values(session):
    """NP4: values of 10 and 20 Bq/ml look alike on both slices, whatever is stored for them."""
    stored = [np.array([[10, 20], [30, 40]], np.int16), np.array([[5, 10], [15, 20]], np.int16)]
    pets = [
        samples.image(
            grid, samples.PET, Modality="PT", RescaleSlope=slope, RescaleIntercept=0, Units="BQML", InstanceNumber=n,
            WindowCenter="25", WindowWidth="40", SeriesInstanceUID="1.2.3.1.7",
            ImagePositionPatient=[0, 0, n], ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[1, 1],
        )
        for n, (grid, slope) in enumerate(zip(stored, (1, 2), strict=True), 1)
    ]  # fmt: skip
    viewport = dw.Viewport(session, loaded(session, *pets))
    viewport.tiles = (1, 2)
    shown = viewport.picture().display()
    assert np.array_equal(shown[:, :2], shown[:, 3:])
    assert shown[:, 2].tolist() == [0, 0]
    assert viewport.picture().meaning.unit == "Bq/ml"


def test_a_window_of_the_values_is_made_of_all_frames(session):
    """NP2, GP8: without a window in the file, from 0 to 30 of the second frame."""
    ds = spect(np.array([[[0, 10]], [[20, 30]]], np.uint16))
    del ds.WindowCenter, ds.WindowWidth
    viewport = dw.Viewport(session, loaded(session, ds))
    viewport.tiles = (1, 2)
    assert viewport.picture().display().tolist() == [[0, 85, 0, 170, 255]]


def test_smoothing_does_not_mix_frames(session):
    """NP2: enlarged, the edge of a white frame beside a black one is as it is alone."""
    frames = np.stack([np.full((4, 4), 100), np.zeros((4, 4))]).astype(np.uint16)
    viewport = dw.Viewport(session, loaded(session, spect(frames)))
    viewport.tiles = (1, 2)
    picture = viewport.picture()
    smooth = picture.rgba((16, 36), 4.0, interpolation="linear")[..., 0]
    assert (smooth[:, :16] == 255).all()
    assert (smooth[:, 16:] == 0).all()


def test_colours_and_turned_frames(session):
    """NP2, PS8: frames of a state that turns and flips lie as it says, in their order."""
    frames = RNG.integers(0, 100, (2, 4, 6)).astype(np.uint16)
    ds = spect(frames)
    state = samples.state(ds, ImageRotation=90, ImageHorizontalFlip="Y")
    series = loaded(session, ds)
    session.load(part10(state))
    viewport = dw.Viewport(session, series)
    viewport.tiles = (1, 2)
    shown = [session.present(viewport.instance, n).rgba((6, 4))[..., 0] for n in (1, 2)]
    assert np.array_equal(viewport.picture().rgba((6, 9))[..., 0], mosaic(shown, 1, 2))
    color = samples.image(np.zeros((2, 4, 6), np.uint8), US, Modality="US")
    color.SamplesPerPixel, color.PhotometricInterpretation, color.PlanarConfiguration = 3, "RGB", 0
    rgb = RNG.integers(0, 255, (2, 4, 6, 3)).astype(np.uint8)
    color.PixelData, color.SeriesInstanceUID = rgb.tobytes(), "1.2.3.1.9"
    viewport.show(loaded(session, color))
    viewport.tile()
    shown = viewport.picture().display()
    assert np.array_equal(shown[:4, :6], rgb[0])


def test_overlays_and_shutters_lie_on_their_frames_and_annotations_are_named(session):
    """NP2, OV4, SH1, X2."""
    ds = spect(np.full((2, 4, 6), 50, np.uint16), ShutterShape="RECTANGULAR", ShutterLeftVerticalEdge=0)
    ds.ShutterRightVerticalEdge, ds.ShutterUpperHorizontalEdge, ds.ShutterLowerHorizontalEdge = 4, 0, 5
    viewport = dw.Viewport(session, loaded(session, ds))
    viewport.tiles = (2, 1)
    hidden = viewport.picture().shutter.hidden
    assert hidden.shape == (9, 6)
    assert hidden[:4].tolist() == hidden[5:].tolist()
    assert hidden[:4, :4].sum() == 0
    assert hidden[:4, 4:].all()
    assert not hidden[4].any()
    text = item(
        UnformattedTextValue="note", AnchorPoint=[1, 1], AnchorPointAnnotationUnits="PIXEL", AnchorPointVisibility="N"
    )
    notes = [item(GraphicLayer="ONE", TextObjectSequence=[text])]
    layers = [item(GraphicLayer="ONE", GraphicLayerOrder=1)]
    session.load(part10(samples.state(ds, GraphicAnnotationSequence=notes, GraphicLayerSequence=layers)))
    picture = dw.sheet([session.present(viewport.instance, n) for n in (1, 2)], (1, 2))
    assert "annotations on a sheet" in picture.record["not_applied"]
    assert picture.texts["br"][-1] == "Annotations are shown on single frames, not on a sheet"
    assert [s.words for s in picture.shapes] == ["1", "2"]


def test_a_sheet_says_that_its_frames_are_measured(session):
    """NP2: the first sheet has the measured frame, the second one none."""
    viewport = dw.Viewport(session, loaded(session, spect(np.arange(96, dtype=np.uint16).reshape(6, 4, 4))))
    viewport.index = 1
    viewport.measure("length", (0, 0), (3, 0))
    viewport.tiles = (1, 3)
    first = viewport.picture()
    assert first.texts["br"][-1] == "Measurements are shown on single frames, not on a sheet"
    assert "measurements on a sheet" in first.record["not_applied"]
    viewport.index = 1
    assert "measurements on a sheet" not in viewport.picture().record["not_applied"]


def test_sheets_are_scrolled_and_the_frame_is_found_again(session):
    """NP2, CI3: six frames, four on a sheet."""
    viewport = dw.Viewport(session, loaded(session, spect(np.arange(96, dtype=np.uint16).reshape(6, 4, 4))))
    viewport.index = 5
    viewport.tiles = (2, 2)
    assert (viewport.count, viewport.index) == (2, 1)
    viewport.index = 0
    viewport.tiles = (1, 1)
    assert (viewport.count, viewport.index, viewport.frame) == (6, 0, 1)
    viewport.tile()
    assert viewport.tiles == (2, 3)  # largest in a square view
    viewport.show(viewport.instance)
    assert viewport.tiles == (1, 1)


def test_whole_body_images_stand_side_by_side(session):
    """NP2: WHOLE BODY, anterior and posterior, by their detectors."""
    ds = spect(RNG.integers(0, 90, (2, 64, 16)).astype(np.uint16), ImageType=["ORIGINAL", "PRIMARY", "WHOLE BODY"])
    ds.FrameIncrementPointer, ds.DetectorVector = [0x00540020], [1, 2]
    views = [item(ViewCodeSequence=[item(CodeMeaning=words)]) for words in ("Anterior", "Posterior")]
    ds.DetectorInformationSequence = views
    viewport = dw.Viewport(session, loaded(session, ds))
    viewport.tile()
    assert viewport.tiles == (1, 2)
    assert [s.words for s in viewport.picture().shapes] == ["detector 1/2 (Anterior)", "detector 2/2 (Posterior)"]


@pytest.mark.parametrize(
    ("count", "frame", "size", "expected"),
    [
        (16, (64, 64), (512, 512), (4, 4)),
        (2, (1024, 256), (400, 900), (1, 2)),
        (12, (64, 64), (400, 1200), (2, 6)),
        (1000, (128, 128), (600, 600), (6, 6)),
        (40, (3000, 3000), (600, 1200), (1, 2)),
        (5, (64, 64), (100, 900), (1, 5)),
    ],
)
def test_rows_and_columns_are_those_in_which_frames_are_largest(count, frame, size, expected):
    """NP2."""
    assert arrangement(count, frame, size) == expected


def test_what_cannot_be_put_side_by_side_is_refused(session):
    """NP2, X2."""
    viewport = dw.Viewport(session, loaded(session, spect(np.zeros((4, 4), np.uint16))))
    with pytest.raises(NotFound, match="two images"):
        viewport.tile()
    with pytest.raises(NotFound, match="two images"):
        viewport.tiles = (2, 2)
    assert viewport.tiles == (1, 1)
    picture = viewport.picture()
    with pytest.raises(ValueError, match="one size"):
        dw.sheet([picture] * 3, (1, 2))
    with pytest.raises(ValueError, match="one size"):
        dw.sheet([], (1, 2))


def test_a_frame_that_cannot_be_decoded_leaves_its_place_empty(session):
    """NP2, X2: the rest stays usable."""
    ds = spect(np.full((3, 4, 4), 99, np.uint16))
    ds.PixelData = ds.PixelData[:80]
    viewport = dw.Viewport(session, loaded(session, ds))
    viewport.tiles = (1, 3)
    picture = viewport.picture()
    assert [s.words for s in picture.shapes] == ["1", "2", "3: not shown"]
    assert picture.display()[0, [0, 5, 10]].tolist() == [255, 255, 0]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_real_heart_in_tiles(data, session):
    """NP2: the frames of a real NM object, each equal to itself alone."""
    path = data / "classes" / "nm" / "NM-MONO2-16-13x-heart"
    count = int(dcmread(path, stop_before_pixels=True).NumberOfFrames)
    viewport = dw.Viewport(session, session.load(path)[0].children[0])
    viewport.tile()
    rows, columns = viewport.tiles
    assert rows * columns >= count
    window = viewport.picture().window
    frames = [session.present(viewport.instance, n, window=window).display() for n in range(1, count + 1)]
    assert np.array_equal(
        viewport.picture().display(), mosaic(frames, rows, columns, max(1, frames[0].shape[1] // 128))
    )


def test_layers_stay_with_their_frames_and_the_sheet_says_so(session):
    """NP2, X2."""
    viewport = dw.Viewport(session, loaded(session, spect(np.zeros((2, 4, 4), np.uint16))))
    viewport.add(np.ones((2, 4, 4), bool))
    viewport.tile()
    assert "Added layers are not shown here" in viewport.picture().texts["br"]
    with pytest.raises(NotFound, match="takes no layers"):
        viewport.add(np.ones((4, 4), bool))
    viewport.tiles = (1, 1)
    assert len(viewport.picture().tints) == 1


def test_a_sheet_of_subtracted_frames_and_its_code(session):
    """NP2, CI7: each frame less its mask, and the lines of code say so."""
    ds = samples.image(RNG.integers(100, 200, (3, 4, 6)).astype(np.uint16), samples.XA, Modality="XA")
    ds.PixelIntensityRelationship, ds.RecommendedViewingMode = "LOG", "NAT"
    ds.MaskSubtractionSequence = [item(MaskOperation="AVG_SUB", MaskFrameNumbers=[1])]
    viewport = dw.Viewport(session, loaded(session, ds))
    viewport.tile()
    native = viewport.picture().rgba((60, 60))
    viewport.subtraction = True
    viewport.window = (0, 200)
    shown = viewport.picture().rgba((60, 60))
    assert not np.array_equal(shown, native)
    code = viewport.code()
    assert code.count("subtraction=True") == 3
    again = {}
    exec(code.partition("\npicture.rgba")[0], {"session": session, "dw": dw}, again)
    assert np.array_equal(again["picture"].rgba((60, 60)), shown)
