"""US8: the blending and display pipeline by hand, from the examples of PS3.17 QQ, on objects that dciodvfy accepts."""

from __future__ import annotations

import numpy as np
import pytest

import dicom_widgets as dw
from tests.classes import FLOWS, flow
from tests.samples import item, part10

TISSUE, VELOCITY, VARIANCE = (
    np.array(v) for v in ([0, 51, 102, 153, 204, 255], [0, 32, 64, 96, 128, 160], [255, 224, 192, 160, 128, 96])
)
RAMP = np.arange(256)


def weight(number, function, constant=None):
    return item(**{f"BlendingLUT{number}TransferFunction": function, "BlendingWeightConstant": constant})


def table(path, alpha="NONE", *, bits=8, **entries):
    """Return a palette of a path: grey, or these tables of 256 entries; without one of alphas they are all 1."""
    if entries:
        entries.setdefault("Alpha", np.full(256, (1 << bits) - 1))
    ds = item(
        DataPathID=path, RGBLUTTransferFunction="TABLE" if entries else "EQUAL_RGB", AlphaLUTTransferFunction=alpha
    )
    for name, values in entries.items():
        ds.add_new(f"{name}PaletteColorLookupTableDescriptor", "US", [len(values), 0, bits])
        ds[f"{name}PaletteColorLookupTableDescriptor"].VR = "US"
        ds.add_new(
            f"{name}PaletteColorLookupTableData", "OW", np.asarray(values, "u1" if bits == 8 else "<u2").tobytes()
        )
    return ds


GREY = table("PRIMARY")
HOT = {"Red": RAMP, "Green": RAMP // 2, "Blue": 0 * RAMP}
FIXED = {
    "paths": [("PRIMARY_SINGLE", None), ("SECONDARY_SINGLE", None)],
    "first": weight(1, "CONSTANT", 0.75),
    "second": weight(2, "CONSTANT", 0.5),
    "tables": [GREY, table("SECONDARY", **HOT)],
}
THRESHOLD = {
    "paths": [("PRIMARY_SINGLE", None), ("SECONDARY_SINGLE", None)],
    "first": weight(1, "ALPHA_2"),
    "second": weight(2, "ONE_MINUS"),
    "tables": [GREY, table("SECONDARY", "TABLE", **HOT, Alpha=255 * (RAMP < 64))],
}
BOTH = {
    "paths": [("PRIMARY_SINGLE", 8), ("SECONDARY_HIGH", 5), ("SECONDARY_LOW", 3)],
    "first": weight(1, "ALPHA_1"),
    "second": weight(2, "ALPHA_2"),
    "tables": [table("PRIMARY", "IDENTITY"), table("SECONDARY", "TABLE", **HOT, Alpha=RAMP)],
}
WIDE = {**FIXED, "tables": [GREY, table("SECONDARY", bits=16, **{k: 257 * v for k, v in HOT.items()})]}


def made(paths, **more):
    return flow(*paths, **more)


def hot(index):
    """Return the colours of an index in `HOT`, 0 to 1."""
    return np.stack([index, index // 2, 0 * index], axis=-1) / 255


def eight(x):
    return np.floor(np.clip(x, 0, 1) * 255 + 0.5).astype(int)


def fixed():
    return eight(0.75 * TISSUE[:, None] / 255 + 0.5 * hot(VELOCITY))


def threshold():
    return np.where((VELOCITY < 64)[:, None], TISSUE[:, None], eight(hot(VELOCITY)))


def both():
    index = VELOCITY // 8 * 8 + VARIANCE // 32
    return eight((TISSUE[:, None] / 255) ** 2 + index[:, None] / 255 * hot(index))


@pytest.mark.parametrize(
    ("pipeline", "expected"), [(FIXED, fixed), (THRESHOLD, threshold), (BOTH, both), (WIDE, fixed)]
)
def test_frames_of_one_place_are_blended(session, dciodvfy, tmp_path, pipeline, expected):
    """QQ.1.4, QQ.1.5, QQ.1.7: constants, a threshold, both alphas with an index of two frames; entries of 16 bits."""
    ds = made(**pipeline)
    ds.save_as(tmp_path / "made.dcm", enforce_file_format=True)
    assert dciodvfy(tmp_path / "made.dcm") == []
    series = session.load(part10(ds))[0].children[0]
    tissue = session.stacks(series)[0]
    pictures = [session.present(*frame) for frame in tissue.frames]
    assert [n for _, n in tissue.frames] == [1, 2]
    for picture, backwards in zip(pictures, (1, -1), strict=True):
        assert picture.display()[0].tolist() == expected()[::backwards].tolist()
        assert picture.window is None
        assert picture.record["not_applied"] == []
        stage = next(s for s in picture.record["stages"] if s["stage"] == "color")
        assert stage["used"].startswith("blended: TISSUE_INTENSITY and FLOW_VELOCITY of frame")
        assert "(0028,1401)" in stage["from"]
    assert pictures[0].meaning.modality is None
    assert session.array(tissue.frames[0][0], values="stored")[0, 0].tolist() == TISSUE.tolist()
    velocity = session.present(*session.stacks(series)[1].frames[0])
    assert velocity.window is not None  # by itself it is grey


def test_p_values_stay_grey(session):
    """QQ.1.1."""
    ds = made(
        [("PRIMARY_PVALUES", None)], first=weight(1, "CONSTANT", 1.0), second=weight(2, "CONSTANT", 0.0), tables=[]
    )
    picture = session.present(session.load(part10(ds))[0].children[0].children[0], 1)
    assert picture.display().ndim == 2
    assert picture.record["not_applied"] == []


def test_one_path_alone_is_coloured(session):
    """QQ.1.3: pseudo-colour of tissue."""
    pipeline = {"first": weight(1, "CONSTANT", 1.0), "second": weight(2, "CONSTANT", 0.0)}
    ds = made([("PRIMARY_SINGLE", None)], **pipeline, tables=[table("PRIMARY", **HOT)])
    picture = session.present(session.load(part10(ds))[0].children[0].children[0], 1)
    assert picture.display()[0].tolist() == eight(hot(TISSUE)).tolist()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"first": weight(1, "TABLE")}, "weights by TABLE are not done"),
        ({"second": weight(2, "CONSTANT")}, "weights by CONSTANT are not done"),
        ({"tables": [GREY]}, "there is no SECONDARY palette"),
        ({"tables": [GREY, table("SECONDARY", Red=RAMP, Green=RAMP)]}, "no usable Blue table"),
        ({"tables": [GREY, table("SECONDARY", "SOME")]}, "EQUAL_RGB and SOME"),
        ({"paths": [("PRIMARY_SINGLE", 99), ("SECONDARY_SINGLE", None)]}, "only unsigned values"),
    ],
)
def test_what_cannot_be_blended_is_grey_and_says_why(session, changes, why):
    """US8, X2."""
    ds = made(**FIXED | changes)
    picture = session.present(session.load(part10(ds))[0].children[0].children[0], 1)
    assert isinstance(picture, dw.Picture)
    assert picture.display().ndim == 2
    assert why in picture.record["not_applied"][0]
    assert why in picture.texts["br"][0]


def test_a_place_without_flow_says_so(session):
    """US8: the frame of the other plane is not taken for it."""
    ds = made(**FIXED)
    ds.PerFrameFunctionalGroupsSequence[2].FrameContentSequence[0].DimensionIndexValues = [2, 7]
    picture = session.present(session.load(part10(ds))[0].children[0].children[0], 1)
    assert picture.record["not_applied"] == [f"the blending of {FLOWS[0]}: there is no {FLOWS[1]} at its place"]
