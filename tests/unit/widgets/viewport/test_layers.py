"""Layers of a viewport from the notebook's side, and as the page gets them."""

from __future__ import annotations

import numpy as np
import pydicom.data
import pydicom.uid
import pytest
import xarray

import dicom_widgets as dw
from dicom_widgets.widgets.runtime.frame_message import frame_message
from tests.unit.widgets.talk import Talk

CT = pydicom.data.get_testdata_file("CT_small.dcm", download=False)


@pytest.fixture
def viewport(session):
    return dw.view(np.stack([np.full((4, 6), 10 * i, np.int16) for i in range(5)]), session)


def seen(viewport):
    return viewport.picture().rgba()


def test_a_volume_follows_the_slices_and_a_plane_stays_with_its_image(viewport):
    bare = []
    for i in range(5):
        viewport.index = i
        bare.append(seen(viewport))
    masks = np.zeros((5, 4, 6), bool)
    masks[np.arange(5), 0, np.arange(5)] = True
    viewport.index = 3
    volume = viewport.add(masks, name="liver")
    plane = viewport.add(np.eye(4, 6), cmap="grey", opacity=1.0)
    assert [layer.name for layer in viewport.layers] == ["liver", "layer 1"]
    for i in range(5):
        viewport.index = i
        changed = (seen(viewport) != bare[i]).any(axis=2)
        assert changed[0, i]
        assert changed[1:, :].any() == (i == 3)
    viewport.index = 3
    assert viewport.picture().switches == {"added liver": "liver", "added layer 1": "layer 1"}
    plane.remove()
    volume.remove()
    assert viewport.layers == ()
    assert np.array_equal(seen(viewport), bare[3])


def test_opacity_and_visibility_are_those_of_the_view(viewport):
    bare = seen(viewport).astype(int)
    layer = viewport.add(np.ones((4, 6), bool), opacity=1)
    full = seen(viewport)
    layer.opacity = 0.25
    assert viewport.opacity == {"added layer 1": 0.25}
    quarter = seen(viewport).astype(int)
    assert np.array_equal(quarter[..., :3], (64 * full[..., :3].astype(int) + 192 * bare[..., :3] + 128) >> 8)
    layer.visible = False
    assert viewport.hidden == ("added layer 1",)
    assert np.array_equal(seen(viewport), bare)
    layer.visible = True
    viewport.reset()
    assert layer.opacity == 0.25
    with pytest.raises(ValueError, match="from 0"):
        layer.opacity = 2


def test_what_the_page_does_to_a_layer_is_heard(viewport):
    page = Talk(viewport)
    layer = viewport.add(np.ones((4, 6), bool))
    state = page.until(lambda c: c["type"] == "state" and "series" in c)
    settled = {**state, "n": 1, "opacity": {"added layer 1": 7, "other": "0.5"}}
    settled["look"]["hidden"] = ["added layer 1"]
    page.tell("settle", **{k: v for k, v in settled.items() if k not in ("type", "client")})
    assert (layer.opacity, layer.visible) == (1.0, False)


def test_a_layer_of_the_same_name_is_replaced(viewport):
    viewport.add(np.ones((4, 6), bool), name="tumour").visible = False
    second = viewport.add(np.zeros((4, 6), bool), name="tumour", opacity=0.9)
    assert viewport.layers == (second,)
    assert (second.visible, second.opacity) == (True, 0.9)


def test_layers_travel_with_their_frame(viewport):
    viewport.add(np.eye(4, 6, dtype=np.uint8) * 3, name="labels")
    values = np.where(np.eye(4, 6) > 0, np.nan, 2.5)
    values[0, 1] = 7
    viewport.add(values, name="dose", cmap="pet", opacity=0.2)
    content, buffers = frame_message(viewport.picture(), step=0)
    parts = {name: np.frombuffer(b, kind) for (name, kind, _), b in zip(content["parts"], buffers, strict=True)}
    labels, dose = content["layers"]
    assert (labels["name"], labels["smooth"], dose["smooth"], dose["opacity"]) == ("added labels", False, True, 0.2)
    assert parts[labels["words"]].reshape(4, 6).tolist() == (np.eye(4, 6) * 3).astype(int).tolist()
    assert parts[labels["colors"]].view(np.uint8).reshape(-1, 4)[2].tolist() == [255, 225, 25, 255]
    assert parts[dose["words"]].reshape(4, 6)[0, :3].tolist() == [0, 256, 1]


def test_xarray_brings_its_name_and_its_order(viewport):
    mask = np.zeros((5, 4, 6), bool)
    mask[2, 1, 5] = True
    array = xarray.DataArray(mask.transpose(0, 2, 1), dims=("slice", "column", "row"), name="lesion")
    assert viewport.add(array).name == "lesion"
    bare = dw.view(np.stack([np.full((4, 6), 10 * i, np.int16) for i in range(5)]), viewport.session)
    assert np.argwhere((seen(viewport) != seen(bare)).any(axis=2)).tolist() == [[1, 5]]


@pytest.mark.parametrize(
    ("what", "error", "words"),
    [
        (np.ones((4, 5), bool), ValueError, r"\(4, 5\) does not fit.*\(4, 6\).*\(5, 4, 6\)"),
        (np.ones((3, 4, 6), bool), ValueError, r"\(3, 4, 6\) does not fit"),
        (np.ones((2, 5, 4, 6), bool), ValueError, "does not fit"),
        (np.ones(4), ValueError, "does not fit"),
        (np.array([["a"]]), TypeError, "real numbers"),
        ({"a": 1}, TypeError, "dict"),
    ],
)
def test_wrong_shapes_are_refused_in_words(viewport, what, error, words):
    with pytest.raises(error, match=words):
        viewport.add(what)
    assert viewport.layers == ()


def test_nothing_is_laid_over_nothing(session):
    with pytest.raises(dw.errors.NotFound, match="nothing yet"):
        dw.Viewport(session).add(np.ones((2, 2)))


def functional(ct, **changes):
    """Return a copy of an image in a series of its own."""
    ds = pydicom.dcmread(ct)
    ds.SeriesInstanceUID, ds.SOPInstanceUID = pydicom.uid.generate_uid(), pydicom.uid.generate_uid()
    ds.SeriesDescription, ds.RescaleSlope, ds.RescaleIntercept = "PERFUSION", 0.5, 0
    for keyword, value in changes.items():
        setattr(ds, keyword, value)
    return ds


def test_a_series_of_the_same_grid_is_laid_over(session):
    viewport = dw.view(CT, session)
    layer = viewport.add(session.load(functional(CT))[0].children[-1], cmap="hot_iron", window=(500, 1000))
    assert layer.name == "PERFUSION"
    (tinted,) = viewport.picture().tints
    stored = pydicom.dcmread(CT).pixel_array
    expected = 1 + np.floor(np.clip((stored * 0.5 - 499.5) / 999 + 0.5, 0, 1) * 255 + 0.5)
    assert np.array_equal(tinted.values, expected)


@pytest.mark.parametrize(
    "changes",
    [
        {"ImagePositionPatient": [0, 0, 5]},
        {"PixelSpacing": [2, 2]},
        {"FrameOfReferenceUID": "1.2.3"},
        {"ImageOrientationPatient": [0, 1, 0, 1, 0, 0]},
    ],
)
def test_a_series_of_another_grid_is_refused(session, changes):
    viewport = dw.view(CT, session)
    series = session.load(functional(CT, **changes))[0].children[-1]
    with pytest.raises(dw.errors.GeometryError, match="resampled"):
        viewport.add(series)


def test_the_code_says_what_was_added(viewport):
    viewport.add(np.ones((4, 6), bool), name="liver\nprint('x')")
    assert "# and over it what was added: liver print('x')\n" in viewport.code()
    scope = {"session": viewport.session}
    exec(viewport.code(), scope)
