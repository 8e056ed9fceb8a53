"""Volumes against SimpleITK (GDCM) and by hand; what is no regular grid is refused (GE4)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import SimpleITK

import dicom_widgets as dw
from dicom_widgets.errors import GeometryError, NotAnImage
from tests import samples
from tests.samples import AXIAL, CORONAL, item
from tests.unit.volumes import OBLIQUE, grid, itk, loaded

# --- beside SimpleITK


@pytest.mark.parametrize(("folder", "count", "which"), [("ct_head_tiny_slicer", 93, 0), ("mr_lumbar_4series", 12, 1)])
def test_real_series_lie_where_itk_puts_them(data, session, folder, count, which):
    """GE1, GE4: values, spacing, the place of every corner, and back; an axial and a sagittal acquisition."""
    image, names = itk(data / "series" / folder, count, which)
    volume = session.volume(loaded(session, names))
    truth = SimpleITK.GetArrayFromImage(image)
    assert volume.shape == truth.shape
    assert np.array_equal(volume.array, truth.astype(np.float32))
    assert np.allclose(volume.spacing, image.GetSpacing()[::-1], rtol=1e-4)
    for corner in itertools.product(*((0, n - 1) for n in volume.shape)):
        there = image.TransformIndexToPhysicalPoint([int(i) for i in corner[::-1]])
        assert np.allclose(volume.to_patient(corner), there, atol=0.02)
        assert np.allclose(volume.to_index(there), corner, atol=0.05)
    assert volume.array.dtype == np.float32
    assert volume.stored.dtype.itemsize == 2


def test_a_nifti_file_is_the_same_for_itk(session, tmp_path):
    """Values and places of an oblique grid, read back by another library, which turns RAS into LPS."""
    volume = session.volume(loaded(session, grid(cosines=OBLIQUE, RescaleSlope="2", RescaleIntercept="-3")))
    volume.to_nifti(tmp_path / "volume.nii.gz")
    image = SimpleITK.ReadImage(tmp_path / "volume.nii.gz")
    assert np.array_equal(SimpleITK.GetArrayFromImage(image), volume.array)
    for index in itertools.product((0, 4), (0, 3), (0, 5)):
        assert np.allclose(image.TransformIndexToPhysicalPoint(index[::-1]), volume.to_patient(index), atol=1e-4)


# --- by hand


def test_the_affine_by_hand(session):
    """Position + column x spacing along the row + row x spacing down the column (PS3.3 C.7.6.2.1-1)."""
    volume = session.volume(loaded(session, grid(cosines=CORONAL, step=(0.0, -3.0, 0.0))))
    assert volume.spacing == (3.0, 0.5, 0.75)
    first = (-10.0, 20.0 - 4 * 3.0, 30.0)  # the normal is +y, so the last one written comes first
    assert volume.to_patient((0, 0, 0)) == first
    assert volume.to_patient((1, 2, 4)) == (first[0] + 3.0, first[1] + 3.0, first[2] - 1.0)
    assert volume.to_index((-7.0, 11.0, 29.0)) == (1, 2, 4)
    assert [int(i.number("InstanceNumber")) for i, _ in volume.frames] == [5, 4, 3, 2, 1]
    assert repr(volume) == "<Volume 5 x 4 x 6 (slice, row, column), 3 x 0.5 x 0.75 mm>"


@pytest.mark.parametrize("slopes", [["2"] * 5, ["1", "2", "0.5", "-1", "3"]], ids=["one rescale", "one each"])
def test_values_are_those_of_the_slices(session, slopes):
    sets = grid()
    for ds, slope in zip(sets, slopes, strict=True):
        ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = slope, "-100", "HU"
    series = loaded(session, sets)
    volume = session.volume(series)
    truth = np.stack([ds.pixel_array * float(ds.RescaleSlope) - 100 for ds in sets])
    assert np.array_equal(volume.array, truth)
    assert np.array_equal(volume.array, session.array(series))
    assert volume.stored.dtype == np.int16
    assert len(volume.scales) == len(set(slopes))
    assert volume.unit == "HU"
    assert np.array_equal(volume.to_dask().compute(), truth)
    labelled = volume.to_xarray()
    assert labelled.dims == ("slice", "row", "column")
    assert np.array_equal(labelled.values, truth)
    assert (labelled.slice.values.tolist(), labelled.attrs["units"]) == ([0, 2, 4, 6, 8], "HU")
    with pytest.raises(ValueError, match="read-only"):
        volume.stored[0, 0, 0] = 1


def frames(*rows: dict):
    """Return an enhanced MR whose frames have these: z, b."""
    stored = np.arange(len(rows) * 6, dtype=np.uint16).reshape(-1, 2, 3)
    ds = samples.image(stored, samples.PREFIX + "4.1", InstanceNumber=1)
    ds.PerFrameFunctionalGroupsSequence = [
        item(
            PlanePositionSequence=[item(ImagePositionPatient=[0, 0, r["z"]])],
            MRDiffusionSequence=[item(DiffusionBValue=float(r["b"]))] if "b" in r else None,
        )
        for r in rows
    ]
    ds.SharedFunctionalGroupsSequence = [
        item(
            PlaneOrientationSequence=[item(ImageOrientationPatient=AXIAL)],
            PixelMeasuresSequence=[item(PixelSpacing=[1.5, 2.5])],
            PixelValueTransformationSequence=[item(RescaleSlope="2", RescaleIntercept="1", RescaleType="US")],
        )
    ]
    return ds


def test_frames_of_one_object_are_a_volume(session):
    """MF1, MF3: ordered by place, spacing and rescale from the functional groups."""
    ds = frames({"z": 5}, {"z": -1}, {"z": 2})
    volume = session.volume(loaded(session, ds))
    assert [n for _, n in volume.frames] == [2, 3, 1]
    assert np.array_equal(volume.array, ds.pixel_array[[1, 2, 0]] * 2 + 1)
    assert volume.spacing == (3.0, 1.5, 2.5)
    assert len(volume.instances) == 1


def test_what_repeats_has_to_be_chosen(session):
    """GE3, GE4: two positions at three b-values."""
    ds = frames(*({"z": z, "b": b} for z in (5, 0) for b in (1000, 0, 500)))
    series = loaded(session, ds)
    with pytest.raises(GeometryError, match=r"several volumes \(b-value: 0, 500, 1000\).*at=\{'b-value': 0\}"):
        session.volume(series)
    assert [n for _, n in session.volume(series, at={"b-value": 500}).frames] == [6, 3]
    for wrong in ({"b-value": 7}, {"echo": 1}):
        with pytest.raises(ValueError, match="there is b-value: 0, 500, 1000"):
            session.volume(series, at=wrong)


def test_one_of_several_stacks_has_to_be_chosen(session):
    """GE2; a single localizer beside a stack asks nothing."""
    axial, coronal = grid(), grid(3, first=9, cosines=CORONAL, step=(0.0, 3.0, 0.0))
    series = loaded(session, [*axial, *coronal])
    with pytest.raises(GeometryError, match=r"0: 5 slices, 1: 3 slices.*session\.stacks\(series\)\[0\]"):
        session.volume(series)
    assert session.volume(session.stacks(series)[1]).shape == (3, 4, 6)
    session.drop(series)
    assert session.volume(loaded(session, [*axial, coronal[0]])).shape == (5, 4, 6)


# --- refused


def moved(change):
    sets = grid()
    change(sets)
    return sets


def gap(sets):
    del sets[2]


def tilt(sets):
    for k, ds in enumerate(sets):
        ds.ImagePositionPatient = [-10, 20 + 0.6 * k, 30 + 2 * k]


def twin(sets):
    sets[2].ImagePositionPatient = sets[1].ImagePositionPatient


def nowhere(sets):
    for ds in sets:
        del ds.ImagePositionPatient


def sideways(sets):
    sets[2].ImagePositionPatient = [-9, 20, 34]


def turned(sets):
    small = np.deg2rad(0.5)
    sets[2].ImageOrientationPatient = [
        float(np.cos(small)),
        float(np.sin(small)),
        0,
        -float(np.sin(small)),
        float(np.cos(small)),
        0,
    ]


def skewed(sets):
    for ds in sets:
        ds.ImageOrientationPatient = [1, 0, 0, 0.05, 0.99875, 0]


def endless(sets):
    for ds in sets:
        del ds.PixelSpacing


def alone(sets):
    del sets[1:]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (gap, "distances of slices differ: 2 to 4 mm"),
        (tilt, "sheared"),
        (twin, "positions repeat"),
        (nowhere, "5 of 5 frames do not say where they lie"),
        (sideways, "shifted sideways"),
        (turned, "turned against each other"),
        (skewed, "not at right angles"),
        (endless, "how large a pixel is"),
        (alone, "no stack of slices"),
    ],
)
def test_what_is_no_regular_grid_is_refused_with_the_reason(session, change, why):
    """GE4."""
    with pytest.raises(GeometryError, match=why):
        session.volume(loaded(session, moved(change)))


def test_single_images_are_one_volume_also_of_several_series(session):
    """GE2, GE4: ordered along the normal, whatever the order of the list; instances, UIDs, series or their study."""
    sets = grid(4)
    for ds in sets:
        ds.SeriesInstanceUID = f"{ds.StudyInstanceUID}.{ds.InstanceNumber}"
    (study,) = session.load(sets)
    truth = np.stack([ds.pixel_array for ds in sets]).astype(np.float32)
    assert len(study.children) == 4
    every = session.instances(study)
    for which in (study, study.children, every[::-1], [i.uid for i in every]):
        volume = session.volume(which)
        assert np.array_equal(volume.array, truth)
        assert volume.spacing == pytest.approx((2, 0.5, 0.75))
        assert volume.to_patient((3, 0, 0)) == pytest.approx((-10, 20, 36))
    assert session.volume(every[1:3]).shape == (2, 4, 6)
    with pytest.raises(GeometryError, match="distances of slices differ"):
        session.volume([every[0], every[1], every[3]])
    assert len(session.stacks(study.children)) == 4  # shown they are as they were sent


@pytest.mark.parametrize(
    "change",
    [
        {"FrameOfReferenceUID": "1.2.4"},
        {"ImageOrientationPatient": CORONAL},
        {"PixelSpacing": [0.5, 0.5]},
        {"FrameOfReferenceUID": "", "StudyInstanceUID": "1.2.5"},
    ],
)
def test_single_images_of_different_places_are_refused_with_the_reason(session, change):
    sets = grid(2)
    for ds in sets:
        ds.SeriesInstanceUID = f"1.2.{ds.InstanceNumber}"
        if change.get("FrameOfReferenceUID") == "":
            ds.FrameOfReferenceUID = ""
    for keyword, given in change.items():
        setattr(sets[1], keyword, given)
    with pytest.raises(GeometryError, match="no two of them agree in direction, size, spacing and frame of reference"):
        session.volume([s for study in session.load(sets) for s in study.children])


def test_mixed_sizes_are_stacks_of_their_own(session):
    """GE2, GE4."""
    with pytest.raises(GeometryError, match="several stacks"):
        session.volume(loaded(session, [*grid(3), *grid(3, size=(6, 4))]))


def test_the_directions_of_frames_of_nuclear_medicine_are_not_guessed(session):
    ds = samples.image(
        np.zeros((4, 3, 3), np.uint16), samples.PREFIX + "20", SpacingBetweenSlices=4, PixelSpacing=[1, 1]
    )
    with pytest.raises(GeometryError, match="do not say where they lie"):
        session.volume(loaded(session, ds))


def test_colours_are_no_volume(session):
    sets = grid(3)
    for ds in sets:
        ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
        ds.BitsAllocated = ds.BitsStored = 8
        ds.HighBit, ds.PixelData = 7, bytes(4 * 6 * 3)
    with pytest.raises(NotAnImage, match="in colour"):
        session.volume(loaded(session, sets))


def test_a_real_dose_grid_says_why_not(data, session):
    """Its frames lie by Grid Frame Offset Vector, which is another way."""
    studies = session.load(data / "rt" / "crane_ct2_rtdose")
    dose = next(s for study in studies for s in study.children if s.Modality == "RTDOSE")
    with pytest.raises(GeometryError, match="positions repeat"):
        session.volume(dose)


def test_the_error_is_one_of_ours():
    assert issubclass(GeometryError, dw.errors.DicomWidgetsError)
