"""CI4 to CI8, PS17, X1, X2, X6: mask subtraction against numpy by hand; who is the mask, and why there is none."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import JPEGBaseline8Bit

import dicom_widgets as dw
from dicom_widgets.display.present.digital_subtraction import NOTHING, shift
from dicom_widgets.display.texts.positioner import angles_of
from dicom_widgets.measurements.measurements import measurements_of
from tests import samples
from tests.classes import angiogram
from tests.samples import item

RNG = np.random.default_rng(4)
RUN = RNG.integers(0, 1024, (6, 5, 7)).astype(np.uint16)
"""Six frames of 5 x 7, of 10 bits: differences go from about -1000 to 1000."""
WHOLE = RUN.astype(float)


def avg(*mask, **more):
    return item(MaskOperation="AVG_SUB", MaskFrameNumbers=list(mask) or None, **more)


def stage(picture, name="mask subtraction"):
    return next(s for s in picture.record["stages"] if s["stage"] == name)


def values(picture):
    """Return the modality values of what is painted."""
    layer = picture.layers[0]
    return layer.chain.modality(layer.values)


def presented(session, ds, frame=1, *others, **kwargs):
    for one in (ds, *others):
        session.load(samples.part10(one))
    return session.present(str(ds.SOPInstanceUID), frame, **kwargs)


def bottom(picture):
    return " | ".join(picture.texts["br"])


def test_the_made_run_is_valid(dciodvfy, tmp_path):
    ds = angiogram(RUN, avg(1, 2, ContrastFrameAveraging=1, MaskSubPixelShift=[0.5, -1.25]))
    ds.save_as(tmp_path / "run.dcm", enforce_file_format=True)
    assert dciodvfy(tmp_path / "run.dcm") == []


@pytest.mark.parametrize("frame", range(1, 7))
def test_the_mean_of_the_mask_frames_is_subtracted(session, frame):
    """CI7: frames 2 and 3, counted from 1; the differences are negative too, and exact to the half."""
    picture = presented(session, angiogram(RUN, avg(2, 3)), frame)
    assert np.array_equal(values(picture), WHOLE[frame - 1] - (WHOLE[1] + WHOLE[2]) / 2)
    words = f"frame {frame} − mean of masks 2–3"
    assert stage(picture)["used"].startswith(words)
    assert stage(picture)["from"] == "Mask Subtraction Sequence (0028,6100)"
    assert f"Subtracted: {words}" in bottom(picture)
    assert picture.record["not_applied"] == []
    json.dumps(picture.record)


def test_no_difference_is_mid_grey_and_the_window_lies_around_it(session):
    """CI7: the mask itself is grey 128; a quarter of the range, +-1023/8, is seen where no window is meant for it."""
    ds = angiogram(RUN, avg(1), WindowCenter="512", WindowWidth="1024")
    assert set(presented(session, ds).display().flat) == {128}
    picture = session.present(str(ds.SOPInstanceUID), 4)
    share = np.clip((WHOLE[3] - WHOLE[0]) / (1023 / 4) + 0.5, 0, 1)
    assert np.array_equal(picture.display(), np.floor(255 * share + 0.5))
    assert [w.explanation for w in picture.windows] == ["difference"]
    turned = session.present(str(ds.SOPInstanceUID), 4, invert=True)
    assert np.array_equal(turned.display(), np.floor(255 * (1 - share) + 0.5))


@pytest.mark.parametrize(("mode", "kept"), [("SUB", True), ("NAT", False)])
def test_a_window_around_zero_is_that_of_the_difference_where_it_is_recommended(session, mode, kept):
    ds = angiogram(RUN, avg(1), mode=mode, WindowCenter="0", WindowWidth="401", WindowCenterWidthExplanation="DSA")
    picture = presented(session, ds, 3, subtraction=True)
    assert (str(picture.window) == "window 0/401 LINEAR (DSA)") is kept
    assert ("(0028,1050/1051)" in stage(picture, "voi")["from"]) is kept
    if kept:
        share = np.clip((WHOLE[2] - WHOLE[0] + 0.5) / 400 + 0.5, 0, 1)
        assert np.array_equal(picture.display(), np.floor(255 * share + 0.5))
        assert [w.explanation for w in picture.windows] == ["DSA", "difference"]


@pytest.mark.parametrize(
    ("mode", "wish", "subtracted", "why"),
    [
        ("SUB", "recommended", True, "Mask Subtraction Sequence"),
        ("NAT", "recommended", False, "Recommended Viewing Mode (0028,1090) is NAT"),
        (None, "recommended", False, "Recommended Viewing Mode (0028,1090) is absent"),
        ("NAT", True, True, "Mask Subtraction Sequence"),
        ("SUB", False, False, "switched off"),
    ],
)
def test_how_it_starts_and_is_switched(session, mode, wish, subtracted, why):
    """CI5."""
    picture = presented(session, angiogram(RUN, avg(1), mode=mode), 2, subtraction=wish)
    expected = WHOLE[1] - WHOLE[0] if subtracted else RUN[1]
    assert np.array_equal(values(picture), expected)
    assert why in stage(picture)["from"]
    assert ("Subtracted" in bottom(picture)) is subtracted
    assert "Not subtracted" not in bottom(picture)


def test_without_a_sequence_there_is_nothing_to_subtract_unless_somebody_chooses(session):
    ds = angiogram(RUN)
    picture = presented(session, ds, 2)
    assert (stage(picture)["used"], bottom(picture)) == ("none", "")
    assert "absent" in stage(picture)["from"]
    asked = session.present(str(ds.SOPInstanceUID), 2, subtraction=True)
    assert "Not subtracted: the object names no mask" in bottom(asked)
    assert asked.record["not_applied"] == ["mask subtraction"]
    chosen = session.present(str(ds.SOPInstanceUID), 2, subtraction=dw.Subtraction(3))
    assert np.array_equal(values(chosen), WHOLE[1] - WHOLE[2])
    assert stage(chosen)["from"] == "chosen"
    assert np.array_equal(session.array(str(ds.SOPInstanceUID), 2, values="stored"), RUN[1])


@pytest.mark.parametrize(("offset", "frame", "mask"), [(None, 4, 3), (2, 4, 2), (-2, 4, 6), (1, 1, 0), (-3, 4, 7)])
def test_time_intervals(session, offset, frame, mask):
    """CI7: frame n - frame n-offset, an empty offset is 1; where there is no such frame it is shown as it is."""
    one = item(MaskOperation="TID")
    one.add_new("TIDOffset", "SS", offset)
    picture = presented(session, angiogram(RUN, one), frame)
    if 1 <= mask <= 6:
        assert np.array_equal(values(picture), WHOLE[frame - 1] - WHOLE[mask - 1])
    else:
        assert np.array_equal(values(picture), RUN[frame - 1])
        assert f"there is no frame {mask} of 6" in bottom(picture)


def test_ranges_and_the_first_item_that_holds(session):
    """CI7: Applicable Frame Ranges are pairs, inclusive; NONE subtracts nothing; half a pair holds for nothing."""
    ds = angiogram(
        RUN,
        avg(1, ApplicableFrameRange=[2, 2, 4, 5]),
        item(MaskOperation="NONE", ApplicableFrameRange=[3, 3]),
        avg(6, ApplicableFrameRange=[3, 5]),
        avg(2, ApplicableFrameRange=[1, 6, 6]),
    )
    session.load(samples.part10(ds))
    masks = [session.subtraction(str(ds.SOPInstanceUID), n) for n in range(1, 7)]
    assert [m.mask for m in masks] == [(), (1,), (), (1,), (1,), ()]
    assert [m.operation for m in masks] == ["NONE", "AVG_SUB", "NONE", "AVG_SUB", "AVG_SUB", "NONE"]
    assert masks[2].source.endswith("NONE")
    assert masks[2].why == ""
    assert "no Applicable Frame Range (0028,6102) has frame 6" in masks[5].why


def test_contrast_frames_are_averaged(session):
    """CI7: from the shown frame on; without a range, frames whose others are behind the end are not subtracted."""
    ds = angiogram(RUN, avg(1, ContrastFrameAveraging=3))
    picture = presented(session, ds, 4)
    expected = (WHOLE[3] + WHOLE[4] + WHOLE[5]) / 3 - WHOLE[0]
    assert np.abs(values(picture) - expected).max() <= 1 / 64  # half a step of 1/32
    late = session.present(str(ds.SOPInstanceUID), 5)
    assert np.array_equal(values(late), RUN[4])
    assert "there is no frame 7 of 6" in bottom(late)


def test_the_mask_is_moved_down_and_to_the_left(session):
    """CI7: a positive row offset goes to the lower rows, a positive column offset to the left (PS3.3 C.7.6.10.1.2)."""
    picture = presented(session, angiogram(RUN, avg(1, MaskSubPixelShift=[1.0, 2.0])), 2)
    words = picture.layers[0].values
    assert np.array_equal(values(picture)[1:, :-2], WHOLE[1][1:, :-2] - WHOLE[0][:-1, 2:])
    hidden = np.ones((5, 7), bool)
    hidden[1:, :-2] = False
    assert np.array_equal(words == NOTHING, hidden)  # there is no mask: black, and no value
    assert set(picture.display()[hidden]) == {0}
    half = presented(session, angiogram(RUN, avg(1, MaskSubPixelShift=[0.5, -0.25])), 2)
    m = WHOLE[0]
    down = (m[1:] + m[:-1]) / 2  # each row half from the one above
    moved = 0.75 * down[:, 1:] + 0.25 * down[:, :-1]
    assert np.abs(values(half)[1:, 1:] - (WHOLE[1][1:, 1:] - moved)).max() <= 1 / 64 + 1e-3


def test_a_shift_farther_than_the_image_leaves_nothing():
    assert np.isnan(shift(np.ones((4, 5), np.float32), 900.5, 0.0)).all()
    assert np.array_equal(shift(np.ones((4, 5), np.float32), 0.0, 0.0), np.ones((4, 5)))


def test_logarithms_are_subtracted_where_values_are_linear(session):
    """CI6: LIN, so ln of the frame - mean of ln of the masks; a value of 0 counts as 1; no window of the file fits."""
    ds = angiogram(RUN, avg(1, 2), PixelIntensityRelationship="LIN", WindowCenter="0", WindowWidth="400")
    picture = presented(session, ds, 3)
    logs = np.log(np.maximum(WHOLE, 1))
    expected = logs[2] - (logs[0] + logs[1]) / 2
    assert np.abs(values(picture) - expected).max() <= 2**-13 + 1e-4  # half a step of 2**-12
    assert "natural logarithms" in stage(picture)["used"]
    assert "logarithms" in bottom(picture)
    assert (picture.window.center, picture.window.width) == (0, pytest.approx(math.log(1023) / 4))
    assert picture.meaning.unit == "ln"
    flat = session.present(str(ds.SOPInstanceUID), 1, subtraction=dw.Subtraction(1))
    assert set(flat.display().flat) == {128}


@pytest.mark.parametrize("relationship", ["LOG", "DISP", ""])
def test_others_are_subtracted_as_they_are(session, relationship):
    """CI6."""
    ds = angiogram(RUN, avg(1), PixelIntensityRelationship=relationship)
    assert np.array_equal(values(presented(session, ds, 3)), WHOLE[2] - WHOLE[0])


@pytest.mark.parametrize("dtype", [np.uint16, np.int16, np.uint8])
def test_nothing_wraps(session, dtype):
    """CI7, GP14: the largest differences of a type, up and down."""
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    stored = np.array([[[low, high, low]], [[high, low, low]]], dtype)
    ds = samples.image(stored, samples.XA, MaskSubtractionSequence=[avg(1)], RecommendedViewingMode="SUB")
    picture = presented(session, ds, 2)
    widest = float(high) - float(low)
    step = picture.layers[0].chain.modality.slope
    assert step <= 2
    assert np.abs(values(picture)[0] - [widest, -widest, 0]).max() <= step / 2
    assert picture.display()[0].tolist() == [255, 0, 128]


def test_padding_of_frame_or_mask_is_no_difference(session):
    """GP10."""
    stored = np.array([[[5, 0, 7]], [[9, 8, 0]]], np.uint16)
    ds = samples.image(
        stored, samples.XA, PixelPaddingValue=0, MaskSubtractionSequence=[avg(1)], RecommendedViewingMode="SUB"
    )
    picture = presented(session, ds, 2)
    assert picture.layers[0].values[0].tolist()[1:] == [NOTHING, NOTHING]
    assert values(picture)[0, 0] == 4
    assert picture.display()[0].tolist()[1:] == [0, 0]


def test_a_mask_that_cannot_be_decoded_leaves_the_frame_and_says_why(session, wheel_file):
    """X2."""
    good = np.full((16, 16), 100, np.uint8)
    ds = samples.image(np.stack([good, good, good]), samples.XA, RecommendedViewingMode="SUB")
    ds.MaskSubtractionSequence = [avg(2)]
    ds.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    ds.PixelData = encapsulate([_jpeg(good), b"\xff\xd8 no image \xff\xd9", _jpeg(good + 50)])
    ds["PixelData"].VR = "OB"
    picture = presented(session, ds, 3)
    assert isinstance(picture, dw.Picture)
    assert abs(int(picture.layers[0].values[0, 0]) - 150) <= 2
    assert "Not subtracted: frame 3 − mask 2: " in bottom(picture)
    assert stage(picture)["used"] == "none"
    assert picture.record["not_applied"] == ["mask subtraction"]
    assert isinstance(session.present(str(ds.SOPInstanceUID), 2), dw.Page)


def _jpeg(grid: np.ndarray) -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(grid).save(out, "JPEG", quality=95)
    return out.getvalue()


@pytest.mark.parametrize(
    "one",
    [
        item(MaskOperation="REV_TID", TIDOffset=1),
        item(),
        avg(),
        avg(0),
        avg(7),
        avg(1, MaskSubPixelShift=[1e30, 0.0]),
        avg(1, ContrastFrameAveraging=60000),
        samples.raw(MaskOperation=("CS", b"AVG_SUB "), MaskFrameNumbers=("UT", b"first")),
        samples.raw(MaskOperation=("CS", b"TID "), TIDOffset=("SS", b"\0\0")),
    ],
)
def test_what_makes_no_sense_is_shown_as_it_is_with_the_reason(session, one):
    """X6."""
    picture = presented(session, angiogram(RUN, one), 2)
    assert np.array_equal(values(picture), RUN[1])
    assert "Not subtracted: " in bottom(picture)
    assert picture.record["not_applied"] == ["mask subtraction"]


def test_colours_and_single_frames_are_not_subtracted(session):
    rgb = samples.image(np.zeros((2, 4, 6), np.uint8), samples.SC)
    rgb.Columns, rgb.SamplesPerPixel, rgb.PhotometricInterpretation, rgb.PlanarConfiguration = 2, 3, "RGB", 0
    picture = presented(session, rgb, 1, subtraction=dw.Subtraction(2))
    assert "Colours are not subtracted" in bottom(picture)
    single = presented(session, samples.image(RUN[0]), subtraction=dw.Subtraction(1))
    assert "the object has one frame only" in bottom(single)


# --- presentation states (PS17)


def masked_state(ds, one, frames=None, **more):
    return samples.state(ds, frames=frames, MaskSubtractionSequence=[one], **({"RecommendedViewingMode": "SUB"} | more))


def test_the_mask_of_a_state(session):
    """PS17: its frames are those that it refers to; its VOI is one of differences, also a LUT with a negative start."""
    ds = angiogram(RUN, mode=None)
    table = samples.lut([0, 100, 200, 255], first=-2, bits=8)
    state = masked_state(ds, avg(1), [3, 4], SoftcopyVOILUTSequence=[item(VOILUTSequence=[table])])
    picture = presented(session, ds, 3, state)
    assert np.array_equal(values(picture), WHOLE[2] - WHOLE[0])
    index = np.clip(WHOLE[2] - WHOLE[0] + 2, 0, 3).astype(int)
    assert np.array_equal(picture.display(), np.array([0, 100, 200, 255])[index])
    assert stage(picture)["from"] == "Mask Subtraction Sequence (0028,6100) of the presentation state"
    assert picture.record["not_applied"] == []
    beside = session.present(str(ds.SOPInstanceUID), 5)
    assert np.array_equal(values(beside), RUN[4])


def test_a_window_of_a_state_and_time_intervals(session):
    ds = angiogram(RUN, avg(1))
    voi = [item(WindowCenter="100", WindowWidth="201")]
    state = masked_state(ds, item(MaskOperation="TID", TIDOffset=2), SoftcopyVOILUTSequence=voi)
    picture = presented(session, ds, 4, state)
    assert np.array_equal(values(picture), WHOLE[3] - WHOLE[1])
    share = np.clip((WHOLE[3] - WHOLE[1] - 99.5) / 200 + 0.5, 0, 1)
    assert np.array_equal(picture.display(), np.floor(255 * share + 0.5))


def test_a_state_without_a_mask_takes_the_images_own_off(session):
    """PS5, PS17: what is absent from the state is the identity; the hand may still ask for it."""
    ds = angiogram(RUN, avg(1))
    picture = presented(session, ds, 3, samples.state(ds))
    assert np.array_equal(values(picture), RUN[2])
    assert "of the presentation state is absent" in stage(picture)["from"]
    for wish in ({"presentation": None}, {"subtraction": True}):
        assert np.array_equal(values(session.present(str(ds.SOPInstanceUID), 3, **wish)), WHOLE[2] - WHOLE[0])


def test_a_modality_lut_of_the_state_comes_first(session):
    """PS17, CI6: it makes of linear values what can be subtracted; figures and probe are of the same."""
    ds = angiogram(RUN, PixelIntensityRelationship="LIN")
    entries = np.round(4000 * np.log(np.arange(1024) + 1)).astype(int)
    voi = [item(WindowCenter="0.5", WindowWidth="20001")]
    lut = {"ModalityLUTSequence": [samples.lut(entries, bits=16)], "SoftcopyVOILUTSequence": voi}
    state = masked_state(ds, avg(1, MaskSubPixelShift=[1.0, 0.0]), **lut)
    picture = presented(session, ds, 3, state)
    difference = entries[RUN[2]][1:] - entries[RUN[0]][:-1]
    assert np.array_equal(values(picture)[1:], difference)
    share = np.clip(difference / 20000 + 0.5, 0, 1)
    assert np.array_equal(picture.display()[1:], np.floor(255 * share + 0.5))
    assert "behind the Modality LUT" in stage(picture)["used"]
    uid, below = str(ds.SOPInstanceUID), picture.meaning.subtraction
    assert below.behind == str(state.SOPInstanceUID)
    assert session.probe(uid, 2, 3, 3, subtraction=True).modality == difference[1, 1]
    one = dw.Measurement("rectangle", ((0, 1), (7, 5)), uid, 3, subtraction=below)
    session.measurements.add(*measurements_of(json.dumps({"measurements": [one.message()]})))
    assert session.measurements[one.uid].figures["mean"] == pytest.approx(difference.mean())
    session.drop(below.behind)
    session.measurements.add(one)
    assert "does not hold the instance" in session.measurements[one.uid].figures.why


def test_a_difference_behind_a_modality_lut_of_the_image_is_named_as_not_done(session):
    ds = angiogram(RUN)
    ds.SOPClassUID, ds.Modality = samples.SC, "OT"
    picture = presented(session, ds, 3, subtraction=dw.Subtraction(1))
    assert "Not subtracted: a difference behind a Modality LUT of the image is not done" in bottom(picture)


# --- what else says it


def test_probe_and_measurements_are_those_of_the_difference(session):
    """ME1, ME4: the value, and of what it is; a measurement keeps which mask it is of, also as JSON."""
    ds = angiogram(RUN, avg(1))
    session.load(samples.part10(ds))
    uid, difference = str(ds.SOPInstanceUID), WHOLE[3] - WHOLE[0]
    found = session.probe(uid, 2, 3, frame=4, subtraction=True)
    assert (found.modality, found.stored) == (difference[2, 1], None)
    assert str(found) == f"2, 3 · {difference[2, 1]:g} (frame 4 − mask 1)"
    assert session.probe(uid, 2, 3, frame=4).stored == RUN[3, 2, 1]
    one = dw.Measurement("rectangle", ((0, 0), (3, 2)), uid, 4, subtraction=dw.Subtraction(1))
    plain = dw.Measurement("rectangle", ((0, 0), (3, 2)), uid, 4)
    session.measurements.add(one, plain)
    figures = session.measurements[one.uid].figures
    inside = difference[:2, :3]
    assert figures["mean"] == pytest.approx(inside.mean())
    assert figures["sd"] == pytest.approx(inside.std(ddof=1))
    assert (figures["min"], figures["max"]) == (inside.min(), inside.max())
    assert figures.why == "frame 4 − mask 1 · no spacing"
    again = measurements_of(session.measurements.all.to_json())
    assert [m.subtraction for m in again] == [dw.Subtraction(1), None]
    session.measurements.clear()
    session.measurements.add(*again)
    assert session.measurements[one.uid].figures["mean"] == pytest.approx(inside.mean())
    bad = dw.Measurement("probe", ((1, 1),), uid, 4, subtraction=dw.Subtraction(99))
    session.measurements.add(bad)
    assert "99" in session.measurements[bad.uid].figures.why
    with pytest.raises(ValueError, match="no subtraction"):
        dw.Measurement.of({**one.message(), "subtraction": "first"})


def test_a_mask_is_made_once_for_a_run(session, monkeypatch):
    ds = angiogram(RUN, avg(1, 2, 3))
    session.load(samples.part10(ds))
    kept, made = session.store.cached, []

    def keep(instance, name, make):
        return kept(instance, name, lambda: made.append(name) or make())

    monkeypatch.setattr(session.store, "cached", keep)
    for _ in range(2):
        for frame in range(1, 7):
            session.present(str(ds.SOPInstanceUID), frame)
    assert sum(isinstance(n, tuple) and n[0] == "mask" for n in made) == 1
    assert sum(isinstance(n, tuple) and n[0] == "difference" for n in made) == 6
    session.drop(str(ds.SOPInstanceUID))
    assert session.memory.frames == 0


def test_arrays_and_their_display_values_are_those_of_the_frames(session):
    ds = angiogram(RUN, avg(1), WindowCenter="511.5", WindowWidth="1023")
    session.load(samples.part10(ds))
    uid = str(ds.SOPInstanceUID)
    assert np.array_equal(session.array(uid, values="stored"), RUN)
    plain = session.present(uid, 2, subtraction=False)
    assert np.array_equal(session.array(uid, 2, values="display"), plain.display())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"mask": 0}, "from 1"),
        ({"mask": (1, "2")}, "from 1"),
        ({"mask": 1, "offset": 1}, "no mask frames beside it"),
        ({"offset": 0}, "other than 0"),
        ({"mask": 1, "contrast": 0}, "from 1 to"),
        ({"mask": 1, "shift": (1,)}, "rows, columns"),
        ({"mask": 1, "shift": (math.nan, 0)}, "rows, columns"),
    ],
)
def test_what_is_no_subtraction_is_refused(given, words):
    with pytest.raises(ValueError, match=words):
        dw.Subtraction(**given)


def test_a_subtraction_is_said_as_code(session):
    one = dw.Subtraction(np.int64(2), shift=(0.5, -1))
    assert repr(one) == "Subtraction(mask=(2,), shift=(0.5, -1.0))"
    assert eval(repr(one), {"Subtraction": dw.Subtraction}) == one
    ds = angiogram(RUN)
    session.load(samples.part10(ds))
    with pytest.raises(ValueError, match="recommended"):
        session.present(str(ds.SOPInstanceUID), subtraction="often")


# --- real files, and texts


def test_a_real_run(data, session):
    """CI7, CI4 on a coronary run of 75 frames of 8 bits, LOG."""
    image = session.load(data / "classes" / "xa" / "I_000000.dcm")[0].children[0].children[0]
    stored = session.array(image, values="stored").astype(float)
    for frame in (1, 30, 75):
        picture = session.present(image, frame, subtraction=dw.Subtraction((1, 2, 4), shift=(0.5, 0)))
        mask = stored[[0, 1, 3]].mean(axis=0)
        expected = stored[frame - 1][1:] - (mask[1:] + mask[:-1]) / 2
        assert np.abs(values(picture)[1:] - expected).max() <= 1 / 256 + 1e-3
    assert "LAO 40.1° CRA 27°" in picture.texts["bl"]


@pytest.mark.parametrize(
    ("primary", "secondary", "more", "words"),
    [
        ("30", "-15.26", {}, "LAO 30° CAU 15.3°"),
        ("-0.04", "0", {}, "LAO/RAO 0° CRA/CAU 0°"),
        ("-30", None, {"PositionerMotion": "DYNAMIC"}, "RAO 30° at its start, moving"),
        ("400", "", {}, ""),
        ("45", None, {"Modality": "MG", "PositionerType": "MAMMOGRAPHIC"}, ""),
        ("45", None, {"Modality": "DX", "PositionerType": "CARM"}, "LAO 45°"),
        (None, None, {"PositionerMotion": "DYNAMIC"}, ""),
    ],
)
def test_angles_of_the_positioner(primary, secondary, more, words):
    """CI4."""
    assert angles_of(item(PositionerPrimaryAngle=primary, PositionerSecondaryAngle=secondary, **more)) == words
