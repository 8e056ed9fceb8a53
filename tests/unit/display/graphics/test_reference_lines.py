"""GE6: reference lines between planes of one frame of reference, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dicom_widgets.display.graphics.reference_lines import reference_line
from dicom_widgets.display.values.spacing import Spacing
from dicom_widgets.geometry.plane import plane_from
from tests.samples import AXIAL, SAGITTAL


def image(position, cosines, rows=10, columns=20, spacing=(1.0, 1.0)):
    return plane_from(cosines, position), Spacing(*spacing, "mm"), rows, columns


HERE = image([0, 0, 5], AXIAL, spacing=(2.0, 0.5))


def test_a_sagittal_plane_is_a_column_of_an_axial_image():
    """x = 3 mm is column 6 of 0.5 mm; y from -0.5 to 19.5 mm are rows of 2 mm."""
    ends = reference_line(HERE, image([3, 0, 10], SAGITTAL))
    assert sorted(ends) == [pytest.approx((6, -0.25)), pytest.approx((6, 9.75))]


def test_an_axial_plane_is_a_row_of_a_sagittal_image():
    """z = 5 mm is 5 mm below the first row at z = 10; columns are y: -1 to 19 mm of the axial image."""
    ends = reference_line(image([3, 0, 10], SAGITTAL), HERE)
    assert sorted(ends) == [pytest.approx((-1, 5)), pytest.approx((19, 5))]


def test_what_ends_before_the_plane_has_no_line():
    assert reference_line(HERE, image([3, 0, 40], SAGITTAL)) is None


def test_parallel_planes_have_no_line():
    assert reference_line(HERE, image([0, 0, 9], AXIAL)) is None
    turned = [1, 0, 0, 0, -1, 0]
    assert reference_line(HERE, image([0, 0, 9], turned)) is None


def test_both_ends_lie_in_both_planes():
    c, s = np.cos(0.7), np.sin(0.7)
    there = image([1, 2, 3], [c, s, 0, -s * 0.6, c * 0.6, 0.8])
    ends = reference_line(HERE, there)
    assert ends is not None
    for column, row in ends:
        place = np.array([column * 0.5, row * 2.0, 5.0])
        assert np.dot(there[0].normal, place - there[0].position) == pytest.approx(0, abs=1e-9)
