"""US1 to US4: points and distances in ultrasound regions, by hand."""

from __future__ import annotations

import pytest

from dicom_widgets.display.values.regions import distance, region_at, regions_of
from tests.samples import item

CM, S, HZ, CM_S = 3, 4, 5, 7


def region(box, units, deltas, reference=(0, 0), values=(0.0, 0.0), flags=0):
    return item(
        RegionFlags=flags,
        RegionLocationMinX0=box[0],
        RegionLocationMinY0=box[1],
        RegionLocationMaxX1=box[2],
        RegionLocationMaxY1=box[3],
        PhysicalUnitsXDirection=units[0],
        PhysicalUnitsYDirection=units[1],
        PhysicalDeltaX=deltas[0],
        PhysicalDeltaY=deltas[1],
        ReferencePixelX0=reference[0],
        ReferencePixelY0=reference[1],
        ReferencePixelPhysicalValueX=values[0],
        ReferencePixelPhysicalValueY=values[1],
    )


TISSUE = region((100, 50, 299, 249), (CM, CM), (0.02, 0.03), (10, -20))
DOPPLER = region((0, 300, 399, 399), (S, CM_S), (0.005, -2.0), (0, 40), (0.0, 0.0))
MMODE = region((0, 400, 399, 499), (S, CM), (0.01, 0.1))


def found(*regions):
    return regions_of(item(SequenceOfUltrasoundRegions=list(regions)))


def test_values_count_from_the_reference_pixel_of_the_region():
    """US1, US3: the reference pixel (10, -20) of the region at (100, 50) is (110, 30) of the image."""
    (here,) = found(TISSUE)
    assert (here.x(110), here.y(30)) == (0, 0)
    assert (here.x(160), here.y(130)) == (pytest.approx(1.0), pytest.approx(3.0))
    assert (here.x.unit, here.y.unit) == ("cm", "cm")


def test_a_negative_delta_points_upwards():
    """US1: velocities grow upwards; the baseline is 40 rows below the edge, at row 340."""
    (here,) = found(DOPPLER)
    assert (here.y(340), here.y(320), here.y(350), here.y.unit) == (0, 40, -20, "cm/s")


@pytest.mark.parametrize(
    ("point", "inside"), [((100, 50), True), ((299, 249), True), ((99, 50), False), ((300, 249), False)]
)
def test_edges_belong_to_a_region(point, inside):
    """US1."""
    assert (region_at(found(TISSUE), point) is not None) == inside


def test_a_length_in_one_region():
    """US2: 20 columns of 0.2 mm and 10 rows of 0.3 mm: 4 and 3 mm, in mm and not in cm."""
    result = distance(found(TISSUE), (120, 60), (140, 70))
    assert result.quantities == (("length", pytest.approx(5.0), "mm"),)
    assert not result.why


def test_a_distance_in_a_doppler_region_is_no_length():
    """US2: 100 columns of 5 ms and 10 rows of -2 cm/s."""
    result = distance(found(DOPPLER), (100, 340), (200, 330))
    assert result.quantities == (
        ("time", pytest.approx(0.5), "s"),
        ("velocity", pytest.approx(20), "cm/s"),
        ("slope", pytest.approx(40), "cm/s²"),
    )


def test_a_distance_in_an_m_mode_region():
    """US2."""
    result = distance(found(MMODE), (100, 410), (200, 430))
    assert [(n, pytest.approx(v), u) for n, v, u in result.quantities] == [
        ("time", 1.0, "s"),
        ("depth", 2.0, "cm"),
        ("slope", 2.0, "cm/s"),
    ]


def test_two_regions_give_pixels_and_the_reason():
    """US2."""
    result = distance(found(TISSUE, DOPPLER), (120, 60), (120, 360))
    assert result.quantities == (("length", 300, "px"),)
    assert "not in one region" in result.why
    assert "no ultrasound region" in distance(found(TISSUE), (0, 0), (3, 4)).why


def test_the_region_of_high_priority_is_on_top():
    """US4: bit 0 is low priority; the order of the items does not matter."""
    low = region((0, 0, 99, 99), (CM, CM), (1, 1), flags=1)
    high = region((40, 40, 59, 59), (HZ, HZ), (1, 1), flags=2)
    for regions in (found(low, high), found(high, low)):
        assert region_at(regions, (50, 50)).x.unit == "Hz"
        assert region_at(regions, (10, 10)).x.unit == "cm"


def test_broken_regions_are_left_out():
    """US5."""
    broken = [item(), region((5, 5, 1, 1), (CM, CM), (1, 1)), region((0, 0, 9, 9), (CM, CM), (0, 1))]
    assert found(*broken) == ()
    assert regions_of(item()) == ()
