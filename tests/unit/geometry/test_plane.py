"""GE1, GE2, GE5: the order of slices against SimpleITK (GDCM) and by hand; localizers apart; the shape of a pixel."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from dicom_widgets.dicom.instance import Instance
from dicom_widgets.geometry.plane import pixel_aspect, plane_of
from dicom_widgets.geometry.stacks import sort_for_scrolling
from dicom_widgets.media import files as media
from tests import samples
from tests.samples import AXIAL, SAGITTAL

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")


def piece(number: int | None, position, cosines=AXIAL, **attributes) -> Instance:
    ds = samples.image(
        samples.ramp(0, 4),
        InstanceNumber=number,
        ImagePositionPatient=position,
        ImageOrientationPatient=cosines,
        FrameOfReferenceUID="1.2.3",
    )
    ds.update(samples.item(**attributes))
    return samples.instance(ds)


def numbers(instances) -> list[int]:
    return [int(i.number("InstanceNumber")) for i in sort_for_scrolling(instances)]


@pytest.mark.parametrize(
    "folder",
    [
        "series/ct_head_tiny_slicer",
        "series/mr_lumbar_4series",
        "classes/seg_with_ct",
        "rt/boost_breast_ct98_rtstruct_rtplan",
        "rt/crane_ct2_rtdose",
    ],
)
def test_the_order_of_real_series_is_that_of_gdcm(data, folder):
    """GE1; GDCM orders by the position along the normal too."""
    folders = sorted({p.parent for p in (data / folder).rglob("*") if p.is_file()})
    compared = 0
    for where in folders:
        instances = [read(p) for p in sorted(where.iterdir()) if p.is_file() and p.name != "DICOMDIR"]
        for uid in SimpleITK.ImageSeriesReader.GetGDCMSeriesIDs(str(where)):
            names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(where), uid)
            theirs = [read(Path(n)).uid for n in names]
            mine = [i for i in instances if i.uid in theirs]
            planes = [plane_of(i) for i in mine]
            places = {round(p.distance, 2) for p in planes if p}
            if len(mine) < 3 or None in planes or len(places) < len(mine):
                continue  # GDCM does not order these by position
            random.Random(1).shuffle(mine)
            assert [i.uid for i in sort_for_scrolling(mine)] == theirs, (where, uid)
            compared += 1
    assert compared or "crane" in folder


def read(path: Path) -> Instance:
    return Instance(media.mapped(path))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_position_rules_over_instance_number(order):
    """GE1: numbers run against the geometry."""
    pieces = [piece(10 - z, [0, 0, z * 2.5]) for z in range(4)]
    assert numbers([pieces[i] for i in order]) == [10, 9, 8, 7]


def test_axial_slices_run_from_the_feet_to_the_head():
    """By increasing position along the normal (row x column), which points to the head here."""
    assert numbers([piece(1, [0, 0, 30]), piece(2, [0, 0, -30]), piece(3, [0, 0, 0])]) == [2, 3, 1]


def test_sagittal_slices_run_along_their_normal():
    """(0 1 0) x (0 0 -1) = (-1 0 0): from left to right."""
    assert numbers([piece(n, [x, 0, 0], SAGITTAL) for n, x in ((1, -5), (2, 5), (3, 0))]) == [2, 3, 1]


def test_an_oblique_stack_is_ordered_along_its_normal_not_by_one_coordinate():
    c, s = np.cos(np.deg2rad(40)), np.sin(np.deg2rad(40))
    normal = np.cross([1, 0, 0], [0, c, s])
    shift = [np.array([7, 0, 0]) * k for k in (3, -2, 0, 5)]
    pieces = [piece(k, (normal * k * 3 + shift[k]).tolist(), [1, 0, 0, 0, c, s]) for k in range(4)]
    assert numbers(pieces[::-1]) == [0, 1, 2, 3]


def test_localizers_are_a_stack_of_their_own():
    """GE2: not mixed into the slices by their position."""
    slices = [piece(10 + z, [0, 0, z]) for z in range(3)]
    scouts = [piece(1, [1, 0, 1], SAGITTAL), piece(2, [0, 0, 1], SAGITTAL)]
    assert numbers([slices[2], scouts[1], slices[0], scouts[0], slices[1]]) == [1, 2, 10, 11, 12]


def test_one_degree_apart_is_one_stack_and_two_degrees_are_two():
    def tilted(degrees: float, number: int) -> Instance:
        c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        return piece(number, [0, 0, -number], [1, 0, 0, 0, c, s])

    assert numbers([tilted(0, 1), tilted(0.9, 2), tilted(0, 3)]) == [3, 2, 1]
    assert numbers([tilted(0, 1), tilted(2, 2), tilted(0, 3)]) == [3, 1, 2]


def test_frames_of_reference_are_apart():
    """GE2."""
    pieces = [piece(n, [0, 0, -n], FrameOfReferenceUID=f"1.2.{n % 2}") for n in range(4)]
    assert numbers(pieces) == [2, 0, 3, 1]


def test_the_same_position_is_ordered_by_number():
    """GE1: instance number where the geometry is tied."""
    assert numbers([piece(3, [0, 0, 0]), piece(1, [0, 0, 0]), piece(2, [0, 0, 1])]) == [1, 3, 2]


def test_without_geometry_the_numbers_rule_and_those_without_come_last():
    unplaced = [piece(n, None, None) for n in (3, 1, 2)]
    assert numbers(unplaced) == [1, 2, 3]
    assert sort_for_scrolling([piece(None, None, None), *unplaced])[-1].number("InstanceNumber") is None


@pytest.mark.parametrize("position", [[0, 0], ["1e999", 0, 0], [0, 0, 0, 0]])
@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_nonsense_is_put_behind_what_has_a_place(position):
    broken = samples.image(samples.ramp(0, 4), InstanceNumber=1, ImageOrientationPatient=AXIAL)
    broken.update(samples.raw(ImagePositionPatient=("DS", "\\".join(map(str, position)).encode())))
    assert numbers([samples.instance(broken), piece(2, [0, 0, 0])]) == [2, 1]


def test_nothing_is_nothing():
    assert sort_for_scrolling([]) == []


def test_a_plane_has_unit_vectors():
    found = plane_of(piece(1, [1, 2, 3], [2, 0, 0, 0, 0.5, 0]))
    assert found is not None
    assert (found.row, found.column, found.normal.tolist(), found.distance) == ((1, 0, 0), (0, 1, 0), [0, 0, 1], 3)
    assert found.letters() == ("L", "P")


@pytest.mark.parametrize(
    ("attributes", "aspect"),
    [
        ({}, 1),
        ({"PixelSpacing": [0.5, 0.25]}, 2),
        ({"ImagerPixelSpacing": [0.2, 0.4]}, 0.5),
        ({"NominalScannedPixelSpacing": [0.3, 0.1]}, 3),
        ({"PixelAspectRatio": [4, 3]}, 4 / 3),
        ({"PixelSpacing": [1, 1], "PixelAspectRatio": [4, 3]}, 1),
        ({"PixelSpacing": [0, 1], "PixelAspectRatio": [4, 3]}, 4 / 3),
        ({"PixelSpacing": [-1, 1]}, 1),
    ],
)
def test_the_shape_of_a_pixel(attributes, aspect):
    """GE5, PS3.3 C.7.6.3; ME3: the first value is between rows, so it is the height."""
    found = pixel_aspect(samples.instance(samples.image(samples.ramp(0, 4), **attributes)))
    assert found == pytest.approx(aspect)


def test_the_non_square_images_are_shown_in_shape(data, session):
    """GE5 on real files: the size on the screen has the shape of the object in mm."""
    for path in sorted((data / "display" / "non_square").iterdir()):
        (entity,) = session.load(path).one().instances
        shown, ds = session.present(entity), session.dataset(entity)
        down, across = ds.get("PixelSpacing") or ds.get("PixelAspectRatio") or (1, 1)
        height, width = shown.natural_size()
        wanted = ds.Rows * float(down) / (ds.Columns * float(across))
        assert height / width == pytest.approx(wanted, rel=0.01)
