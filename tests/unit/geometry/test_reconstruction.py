"""NP3: reconstructions of nuclear medicine lie where their detector and the sign of their step say, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dicom_widgets.errors import GeometryError
from dicom_widgets.geometry.plane import plane_of
from dicom_widgets.geometry.stacks import stacks_of
from dicom_widgets.widgets.frames import frame_positions as of_page
from tests import samples
from tests.samples import item


def tomogram(step, vector=(1, 2, 3), kind="RECON TOMO", detector=None, **more):
    """Return a reconstruction of nuclear medicine: coronal slices of 2 x 2, the frame's number as value."""
    values = np.arange(1, len(vector) + 1, dtype=np.uint16)[:, None, None] * np.ones((1, 2, 2), np.uint16)
    ds = samples.image(values, samples.PREFIX + "20", ImageType=["ORIGINAL", "PRIMARY", kind, "EMISSION"], **more)
    ds.PixelSpacing, ds.SpacingBetweenSlices, ds.SliceVector = [3, 2], step, list(vector)
    ds.FrameIncrementPointer = ds.get("FrameIncrementPointer") or 0x00540080
    first = {"ImageOrientationPatient": [1, 0, 0, 0, 0, -1], "ImagePositionPatient": [-5, 10, 70]}
    ds.DetectorInformationSequence = [item(**(first if detector is None else detector))]
    return ds


@pytest.mark.parametrize(("step", "places", "frames"), [(4, (10, 14, 18), [1, 2, 3]), (-4, (10, 6, 2), [3, 2, 1])])
def test_a_reconstruction_lies_where_its_detector_says(session, step, places, frames):
    """NP3, PS3.3 C.8.4.15: the normal of rows to L and columns to F is P; the sign is the way along it."""
    ds = tomogram(step)
    instance = samples.instance(ds)
    assert [plane_of(instance, n).position for n in (1, 2, 3)] == [(-5, y, 70) for y in places]
    (stack,) = stacks_of([instance])
    assert [n for _, n in stack.frames] == frames
    assert stack.notes == ()
    session.load(samples.part10(ds))
    volume = session.volume(str(ds.SOPInstanceUID))
    assert volume.spacing == pytest.approx((4, 3, 2))
    assert volume.array[:, 0, 0].tolist() == frames
    assert volume.to_patient((2, 1, 1)) == pytest.approx((-3, max(places), 67))
    probe = session.probe(str(ds.SOPInstanceUID), 2, 1, 3)
    assert probe.patient == pytest.approx((-3, places[2], 70))
    picture = session.present(str(ds.SOPInstanceUID), 2)
    assert picture.letters == ("R", "H", "L", "F")
    assert any(f"P {places[1]:.1f} mm" in line for line in picture.texts["bl"])
    axial = session.planes(str(ds.SOPInstanceUID)).picture("axial", 0)
    assert axial.shape == (3, 2)


def test_a_gated_reconstruction_is_one_volume_for_each_time_slot(session):
    """NP1, NP3: the slices of a slot along the normal, whatever their order."""
    ds = tomogram(4, (2, 1, 2, 1), "RECON GATED TOMO", FrameIncrementPointer=[0x00540070, 0x00540080])
    ds.TimeSlotVector = [1, 1, 2, 2]
    (stack,) = stacks_of([samples.instance(ds)])
    assert [n for _, n in stack.frames] == [2, 1, 4, 3]
    session.load(samples.part10(ds))
    assert session.volume(str(ds.SOPInstanceUID), at={"time slot": 2}).array[:, 0, 0].tolist() == [4, 3]


@pytest.mark.parametrize(
    "changes",
    [{"detector": {}}, {"kind": "TOMO"}, {"vector": (1, 1, 1)}, {"step": None}],
    ids=["no position", "projections", "one place", "no spacing"],
)
def test_what_does_not_say_where_its_slices_lie_is_no_volume(session, changes):
    """NP3, GE4."""
    ds = tomogram(**({"step": 4} | changes))
    session.load(samples.part10(ds))
    with pytest.raises(GeometryError):
        session.volume(str(ds.SOPInstanceUID))
    assert session.present(str(ds.SOPInstanceUID), 2).display().shape == (2, 2)


def test_the_page_knows_where_reconstructed_slices_lie():
    """NP3, GE6: links and reference lines."""
    instance = samples.instance(tomogram(4, FrameOfReferenceUID="1.2.3.9"))
    assert [at[1:] for at in of_page.message([(instance, n) for n in (1, 2, 3)])["at"]] == [
        [-5, y, 70] for y in (10, 14, 18)
    ]
