"""Where frames lie, as the page gets it (requirement GE6), against values written down by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dicom_widgets.widgets.frames import frame_positions as places
from tests import samples
from tests.samples import SAGITTAL


def sliced(x, **attributes):
    own = {
        "ImageOrientationPatient": SAGITTAL,
        "ImagePositionPatient": [x, -10, 20],
        "PixelSpacing": [0.5, 0.75],
        "FrameOfReferenceUID": "1.2.3.4",
    }
    return samples.instance(samples.image(np.zeros((6, 8), np.int16), **(own | attributes)))


def test_slices_of_one_stack_share_a_grid():
    found = places.message([(sliced(x), 1) for x in (3, 7)])
    ((*vectors, token),) = found["grids"]
    assert vectors == [0, 1, 0, 0, 0, -1, 0.5, 0.75, 6, 8]
    assert found["at"] == [[0, 3, -10, 20], [0, 7, -10, 20]]
    assert "1.2.3.4" not in token
    json.dumps(found, allow_nan=False)


@pytest.mark.parametrize(
    "attributes",
    [
        {"ImagePositionPatient": None},
        {"PixelSpacing": None},
        {"PixelSpacing": [0, 1]},
        {"FrameOfReferenceUID": None},
        {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
    ],
)
def test_without_a_place_there_is_none(attributes):
    found = places.message([(sliced(3, **attributes), 1), (sliced(5), 1)])
    assert found["at"] == [None, [0, 5, -10, 20]]


def test_other_frames_of_reference_have_other_grids():
    found = places.message([(sliced(3), 1), (sliced(3, FrameOfReferenceUID="1.2.3.5"), 1)])
    assert [a[0] for a in found["at"]] == [0, 1]


def test_frames_have_the_places_of_their_functional_groups():
    def group(z):
        return samples.item(PlanePositionSequence=[samples.item(ImagePositionPatient=[0, 0, z])])

    shared = samples.item(
        PlaneOrientationSequence=[samples.item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])],
        PixelMeasuresSequence=[samples.item(PixelSpacing=[2, 2])],
    )
    ds = samples.image(
        np.zeros((3, 4, 4), np.int16),
        "1.2.840.10008.5.1.4.1.1.2.1",
        FrameOfReferenceUID="1.2.3.4",
        SharedFunctionalGroupsSequence=[shared],
        PerFrameFunctionalGroupsSequence=[group(5), samples.item(), group(9)],
    )
    instance = samples.instance(ds)
    found = places.message([(instance, n) for n in (3, 2, 1)])
    assert found["grids"][0][:-1] == [1, 0, 0, 0, 1, 0, 2, 2, 4, 4]
    assert found["at"] == [[0, 0, 0, 9], None, [0, 0, 0, 5]]
