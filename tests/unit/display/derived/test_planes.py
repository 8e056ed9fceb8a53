"""Axial, coronal and sagittal planes: beside SimpleITK's reorientation and resampling, slabs by hand (GE4, GE5)."""

from __future__ import annotations

import json

import numpy as np
import pytest
import SimpleITK

import dicom_widgets as dw
from dicom_widgets.display.derived.planes import CROSSED, PLANE_NAMES
from dicom_widgets.display.derived.slab import project
from dicom_widgets.errors import GeometryError, NotAnImage
from tests import samples
from tests.samples import CORONAL, SAGITTAL
from tests.unit.volumes import OBLIQUE, grid, itk, loaded


def read(picture, row, column):
    """Return the value under a pixel and its place, as the page's probe reads them."""
    layer, meaning = picture.layers[0], picture.meaning
    stored = layer.values[row, column]
    if layer.code_values is not None:
        stored = layer.code_values.entries[int(stored) - layer.code_values.first]
    return float(meaning.modality(np.array(stored))), meaning.point(column, row)


def values(picture):
    """Return the modality values of a picture as it is looked at: (down, across)."""
    layer = picture.layers[0]
    return layer.chain.modality(layer.values)


def cuts(upright, plane, index):
    """Return a plane of an array whose axes run to H, P and L: from the feet, the front, the left."""
    if plane == "axial":
        return upright[index]
    return upright[::-1, index] if plane == "coronal" else upright[::-1, :, index]


@pytest.mark.parametrize(("folder", "count", "which"), [("ct_head_tiny_slicer", 93, 0), ("mr_lumbar_4series", 12, 1)])
def test_planes_of_real_series_are_those_of_itk(data, session, folder, count, which):
    """An axial and a sagittal acquisition, turned by ITK so that its axes run to L, P and H."""
    image, names = itk(data / "series" / folder, count, which)
    upright = SimpleITK.DICOMOrient(image, "LPS")
    truth = SimpleITK.GetArrayFromImage(upright)
    planes = session.planes(loaded(session, names))
    across, down, through = upright.GetSpacing()
    sizes = {"axial": (down, across), "coronal": (through, across), "sagittal": (through, down)}
    for plane, axis in zip(PLANE_NAMES, (0, 1, 2), strict=True):
        assert planes.count(plane) == truth.shape[axis]
        for index in (0, planes.count(plane) // 3, planes.count(plane) - 1):
            picture = planes.picture(plane, index)
            assert np.array_equal(values(picture), cuts(truth, plane, index))
            assert (picture.spacing.down, picture.spacing.across) == pytest.approx(sizes[plane], rel=1e-4)
            assert picture.aspect == pytest.approx(sizes[plane][0] / sizes[plane][1], rel=1e-4)
    for i, j, k in ((0, 0, 0), (5, 7, 3), (9, 2, 8)):
        there = upright.TransformIndexToPhysicalPoint((i, j, k))
        assert planes.point({"axial": k, "coronal": j, "sagittal": i}) == pytest.approx(there, abs=0.02)
        assert planes.indices(there) == {"axial": k, "coronal": j, "sagittal": i}


def test_a_plane_is_what_resampling_at_the_centres_of_voxels_gives(data, session):
    """ITK's linear interpolation on a coronal grid of our spacing, which falls on voxels."""
    image, names = itk(data / "series" / "ct_head_tiny_slicer", 93)
    planes = session.planes(loaded(session, names))
    picture = planes.picture("coronal", 20)
    rows, columns = picture.shape
    origin = planes.point({"axial": planes.count("axial") - 1, "coronal": 20, "sagittal": 0})
    spacing = (picture.spacing.across, picture.spacing.down, 1.0)
    direction = (1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, -1.0, 0.0)  # its columns: across to L, down to F, through to P
    cut = SimpleITK.Resample(
        SimpleITK.Cast(image, SimpleITK.sitkFloat64), (columns, rows, 1), SimpleITK.Transform(), SimpleITK.sitkLinear,
        origin, spacing, direction, -9999.0,
    )  # fmt: skip
    found = SimpleITK.GetArrayFromImage(cut)[0]
    inside = found != -9999
    assert inside.mean() > 0.95
    assert np.abs(found - values(picture))[inside].max() < 0.5


@pytest.mark.parametrize(
    ("cosines", "step"),
    [
        ([1, 0, 0, 0, 1, 0], (0, 0, 2.0)),
        ([-1, 0, 0, 0, -1, 0], (0, 0, 2.0)),
        (CORONAL, (0, -3.0, 0)),
        (SAGITTAL, (2.5, 0, 0)),
        ([0, -1, 0, 0, 0, 1], (2.5, 0, 0)),
        (OBLIQUE, (0, 0, 2.0)),
    ],
)
def test_planes_run_to_the_left_and_down_whatever_the_acquisition(session, cosines, step):
    """Letters as a radiologist expects them, and voxels where the affine says, for every direction of acquisition."""
    planes = session.planes(loaded(session, grid(cosines=cosines, step=step)))
    volume = planes.volume
    middles = {name: planes.count(name) // 2 for name in PLANE_NAMES}
    edges = {"axial": "RALP", "coronal": "RHLF", "sagittal": "AHPF"}
    array = volume.array
    for plane in PLANE_NAMES:
        picture = planes.picture(plane)
        assert "".join(letters[0] for letters in picture.letters) == edges[plane]
        down, across = CROSSED[plane]
        for row, column in ((0, 0), (1, 2), (picture.shape[0] - 1, picture.shape[1] - 1)):
            last = planes.count(down) - 1
            at = {plane: middles[plane], across: column, down: last - row if down == "axial" else row}
            k, r, c = (round(i) for i in volume.to_index(planes.point(at)))
            assert values(picture)[row, column] == array[k, r, c]
            assert read(picture, row, column) == (array[k, r, c], pytest.approx(planes.point(at)))
    steps = (
        [planes.point({**middles, name: 1}) for name in PLANE_NAMES],
        [planes.point({**middles, name: 0}) for name in PLANE_NAMES],
    )
    for axis, one, other in zip((2, 1, 0), *steps, strict=True):
        assert one[axis] > other[axis]


def test_the_acquired_plane_looks_as_its_slice_does(session):
    """One window, one padding, one size: the same bytes on the screen, and the same choices."""
    sets = grid(WindowCenter="50", WindowWidth="400", PixelPaddingValue=0, RescaleSlope="2", RescaleIntercept="-7")
    sets[1].PixelData = np.where(np.arange(24) % 3, 30, 0).astype("<i2").tobytes()
    series = loaded(session, sets)
    planes = session.planes(series)
    assert planes.count("axial") == 5
    for k, ds in enumerate(sets):
        slice_, plane = session.present(str(ds.SOPInstanceUID)), planes.picture("axial", k)
        assert np.array_equal(slice_.rgba((80, 120)), plane.rgba((80, 120)))
        assert np.array_equal(slice_.rgba((3, 2)), plane.rgba((3, 2)))
        assert slice_.windows == plane.windows
        assert slice_.texts["tl"] == plane.texts["tl"]
    lung = dw.Window(-600, 1500)
    looks = [
        p.looking(dw.display.pipeline.view_settings.ViewSettings(lung, invert=True)).rgba() for p in (slice_, plane)
    ]
    assert np.array_equal(*looks)


def test_what_is_said_of_a_plane(session):
    """TX1, TX4, GE7: what it is, where it lies, how thick, that it is resampled; no presentation state."""
    planes = session.planes(loaded(session, grid(SeriesDescription="Abdomen", SeriesNumber=4)))
    picture = planes.picture("coronal", 2, slab=2, mode="MinIP")
    assert picture.texts["bl"] == ["CT 4 Abdomen", "MPR coronal", "P 21.0 mm", "MinIP 1 mm"]
    assert picture.record["fidelity"] == "resampled"
    assert json.loads(json.dumps(picture.record))["stages"][1]["used"].startswith("coronal 2 of 4")
    assert "Doe" not in json.dumps(picture.record) + repr(picture) + repr(planes.volume)


# --- slabs


def test_slabs_by_hand():
    part = np.array([[[1, 5, 9]], [[4, -3, 9]], [[2, 2, 0]]], np.int16)
    assert project(part, "MIP").tolist() == [[4, 5, 9]]
    assert project(part, "MinIP").tolist() == [[1, -3, 0]]
    assert project(part, "mean").tolist() == [[2, 1, 6]]  # 7/3, 4/3, 18/3
    assert project(np.array([[[1, -1]], [[2, -2]]], np.int16), "mean").tolist() == [[2, -1]]  # halves go up
    assert project(part[:1], "mean").tolist() == [[1, 5, 9]]
    assert project(part, "MIP").dtype == np.int16


def test_padding_is_left_out_of_slabs():
    part = np.array([[[-2000, 5, -2000]], [[4, -2000, -2000]], [[2, 2, -2000]]], np.int16)
    hidden = part == -2000
    assert project(part, "MIP", hidden).tolist() == [[4, 5, -2000]]
    assert project(part, "MinIP", hidden).tolist() == [[2, 2, -2000]]
    assert project(part, "mean", hidden).tolist() == [[3, 4, -2000]]  # 6/2, 7/2


def ramp(slopes, **attributes):
    """Return five slices whose stored values are 10, 20, 30, 40 and 50."""
    sets = grid(**attributes)
    for ds, slope, value in zip(sets, slopes, (10, 20, 30, 40, 50), strict=True):
        ds.PixelData = np.full((4, 6), value, "<i2").tobytes()
        ds.RescaleSlope, ds.RescaleIntercept = str(slope), "1"
    return sets


@pytest.mark.parametrize(
    ("slopes", "expected"),
    [
        ([1] * 5, {"MIP": 41, "MinIP": 21, "mean": 31}),
        ([-1] * 5, {"MIP": -19, "MinIP": -39, "mean": -29}),
        ([1, 4, 2, 0.5, 1], {"MIP": 81, "MinIP": 21, "mean": (81 + 61 + 21) / 3}),
    ],
    ids=["line", "falling line", "one each"],
)
def test_a_slab_is_made_of_modality_values(session, slopes, expected):
    """Three slices around the middle: stored 20, 30, 40; a falling rescale turns MIP and MinIP round."""
    planes = session.planes(loaded(session, ramp(slopes)))
    for mode, value in expected.items():
        assert values(planes.picture("axial", 2, slab=3, mode=mode)) == pytest.approx(value)
    picture = planes.picture("coronal", 1)
    coded = [s["used"] for s in picture.record["stages"] if s["stage"] == "codes"]
    assert coded == ([] if len(set(slopes)) == 1 else ["every value"])
    assert read(picture, 0, 0)[0] == pytest.approx(50 * slopes[4] + 1)
    coronal = values(picture)  # from the head: slice 5 to 1
    assert coronal[:, 0] == pytest.approx([v * s + 1 for v, s in zip((50, 40, 30, 20, 10), slopes[::-1], strict=True)])


def test_a_slab_ends_with_the_volume(session):
    planes = session.planes(loaded(session, ramp([1] * 5)))
    assert values(planes.picture("axial", 0, slab=4)).max() == 31  # 10, 20, 30: one would lie in front
    assert values(planes.picture("axial", 4, slab=3, mode="MinIP")).min() == 41
    assert values(planes.picture("axial", 2, slab=99)).max() == 51
    assert "MIP 6 mm" in planes.picture("axial", 0, slab=4).texts["bl"]


def test_padding_stays_black_where_each_slice_has_its_own_rescale(session):
    """GP10: also inverted, and under a mean."""
    sets = ramp([1, 4, 2, 0.5, 1], PixelPaddingValue=-5)
    for ds in sets:
        grid_ = ds.pixel_array.copy()
        grid_[:, 0] = -5
        ds.PixelData = grid_.tobytes()
    planes = session.planes(loaded(session, sets))
    for plane, slab in (("axial", 1), ("axial", 3), ("coronal", 2)):
        picture = planes.picture(plane, 2, slab=slab, mode="mean")
        shown = picture.looking(
            dw.display.pipeline.view_settings.ViewSettings(dw.Window(1000, 10), invert=True)
        ).display()
        assert (shown[:, 0] == 0).all()
        assert (shown[:, 1:] == 255).all()


def test_a_mean_does_not_become_padding(session):
    sets = grid(2, PixelPaddingValue=0)
    for ds, value in zip(sets, (-10, 10), strict=True):
        ds.PixelData = np.full((4, 6), value, "<i2").tobytes()
    assert values(session.planes(loaded(session, sets)).picture("axial", 0, slab=2, mode="mean")).max() == 1


def test_wrong_wishes_are_said(session):
    planes = session.planes(loaded(session, grid()))
    for wrong in ({"plane": "oblique"}, {"plane": "axial", "mode": "sum"}, {"plane": "axial", "slab": 0}):
        with pytest.raises(ValueError, match="the planes are axial, coronal, sagittal"):
            planes.picture(**wrong)
    with pytest.raises(IndexError, match="there are 5, from 0"):
        planes.picture("axial", 5)


def test_what_is_no_volume_has_no_planes(session):
    sets = grid()
    series = loaded(session, [sets[0], sets[1], sets[4]])
    with pytest.raises(GeometryError, match="distances of slices differ"):
        session.planes(series)


def test_a_series_that_cannot_be_decoded_says_so(session):
    sets = grid(3)
    for ds in sets:
        ds.PhotometricInterpretation = "PALETTE COLOR"
    with pytest.raises(NotAnImage, match="palette"):
        session.planes(loaded(session, sets))


def test_floats_and_wide_integers_are_codes(session):
    sets = [samples.image(np.full((4, 6), 70000 * k, np.int32), InstanceNumber=k) for k in range(1, 4)]
    for k, ds in enumerate(sets):
        ds.ImagePositionPatient, ds.ImageOrientationPatient, ds.PixelSpacing = [0, 0, k], [1, 0, 0, 0, 1, 0], [1, 1]
    planes = session.planes(loaded(session, sets))
    assert values(planes.picture("sagittal", 1))[:, 0].tolist() == [210000, 140000, 70000]
    assert values(planes.picture("axial", 1, slab=3, mode="mean")).max() == 140000
    assert read(planes.picture("sagittal", 1), 0, 0)[0] == 210000
