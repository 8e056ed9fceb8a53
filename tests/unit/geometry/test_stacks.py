"""Stacks and their axes: by hand, and with real multi-frame objects (MF2, MF3, GE2, GE3, GE4, NP1, VL2)."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import dcmread

import dicom_widgets as dw
from dicom_widgets.geometry.stacks import stacks_of
from tests import samples
from tests.samples import AXIAL, item


def slices(*rows: tuple, keyword: str | None = None):
    """Return images of (number, z[, value of keyword])."""
    found = []
    for number, z, *rest in rows:
        extra = {keyword: rest[0]} if keyword and rest else {}
        ds = samples.image(np.zeros((4, 4), np.uint16), samples.MR, InstanceNumber=number, **extra)
        ds.ImagePositionPatient, ds.ImageOrientationPatient, ds.PixelSpacing = [0, 0, z], AXIAL, [1, 1]
        found.append(samples.instance(ds))
    return found


def numbers(stack) -> list[int]:
    return [int(i.number("InstanceNumber")) for i, _ in stack.frames]


@pytest.mark.parametrize(
    ("keyword", "name"), [("TemporalPositionIdentifier", "temporal position"), ("EchoTime", "echo time")]
)
def test_what_repeats_is_the_slower_axis(keyword, name):
    """GE3: three times four positions, numbered position by position."""
    rows = [(z * 3 + t + 1, z * 5.0, t + 1) for z in range(4) for t in range(3)]
    (stack,) = stacks_of(slices(*rows, keyword=keyword))
    assert numbers(stack) == [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]
    assert [(a.name, a.choices) for a in stack.axes] == [(name, (1, 2, 3))]
    assert repr(stack) == f"<Stack of 12 frames, {name} (3)>"
    assert stack.label(4) == f"{name} 2/3"
    assert stack.notes == ()


def test_repetitions_without_an_attribute_are_told_by_their_numbers():
    """GE3: two rounds of three positions."""
    (stack,) = stacks_of(slices(*[(n + 1, n % 3) for n in range(6)]))
    assert numbers(stack) == [1, 2, 3, 4, 5, 6]
    assert stack.axes[0].choices == (1, 2)


def test_one_repeated_slice_is_no_axis():
    """GE2, GE4: shown beside its twin, and said."""
    (stack,) = stacks_of(slices((1, 0), (2, 1), (3, 2), (4, 1)))
    assert numbers(stack) == [1, 2, 4, 3]
    assert stack.axes == ()
    assert "repeat" in stack.notes[0]


def test_matrix_spacing_and_localizers_are_apart():
    """GE2."""
    plain = slices((1, 0), (2, 1))
    scout, coarse, small = slices((3, 0.5), (4, 0.2), (5, 0.7))
    for instance, keyword, found in (
        (scout, "ImageType", ["ORIGINAL", "PRIMARY", "LOCALIZER"]),
        (coarse, "PixelSpacing", [2, 2]),
        (small, "Rows", 2),
    ):
        setattr(instance.header, keyword, found)
    assert [numbers(s) for s in stacks_of([small, *plain, coarse, scout])] == [[1, 2], [3], [4], [5]]


@pytest.mark.parametrize(
    ("places", "word"),
    [([0, 1, 2, 5], "differ: 1 to 3"), ([0, 1, 2.001, 3], ""), ([0, 2, 4], "")],
)
def test_gaps_are_said(places, word):
    """GE4."""
    (stack,) = stacks_of(slices(*enumerate(places, 1)))
    assert (word in stack.notes[0]) if word else stack.notes == ()


def test_a_tilted_gantry_is_said():
    """GE4: positions that do not lie along the normal."""
    pieces = slices((1, 0), (2, 1), (3, 2))
    for z, instance in enumerate(pieces):
        instance.header.ImagePositionPatient = [0, z * 0.3, z]
    assert "sheared" in stacks_of(pieces)[0].notes[0]


def test_dimensions_order_the_frames():
    """MF2: stored (stack 2, 1), (1, 2), (2, 2), (1, 1)."""
    indices = [[2, 1], [1, 2], [2, 2], [1, 1]]
    ds = samples.image(np.zeros((4, 2, 2), np.uint16), samples.PREFIX + "4.1")
    ds.PerFrameFunctionalGroupsSequence = [item(FrameContentSequence=[item(DimensionIndexValues=v)]) for v in indices]
    labelled = item(DimensionIndexPointer=0x00209057, DimensionDescriptionLabel="InStackPositionNumber")  # a keyword
    ds.DimensionIndexSequence = [item(DimensionIndexPointer=0x00209056), labelled]
    (stack,) = stacks_of([samples.instance(ds)])
    assert [n for _, n in stack.frames] == [4, 2, 1, 3]
    assert [a.name for a in stack.axes] == ["Stack ID", "In-Stack Position Number"]


def test_without_dimensions_the_position_orders_the_frames():
    """MF3, GE1."""
    ds = samples.image(np.zeros((3, 2, 2), np.uint16), samples.PREFIX + "2.1")
    ds.PerFrameFunctionalGroupsSequence = [
        item(PlanePositionSequence=[item(ImagePositionPatient=[0, 0, z])]) for z in (5, -1, 2)
    ]
    ds.SharedFunctionalGroupsSequence = [item(PlaneOrientationSequence=[item(ImageOrientationPatient=AXIAL)])]
    (stack,) = stacks_of([samples.instance(ds)])
    assert [n for _, n in stack.frames] == [2, 3, 1]


def placed(*frames: dict):
    """Return an enhanced MR whose frames have these: z, direction, b, delay."""
    ds = samples.image(np.zeros((len(frames), 2, 2), np.uint16), samples.PREFIX + "4.1")
    ds.PerFrameFunctionalGroupsSequence = [
        item(
            PlanePositionSequence=[item(ImagePositionPatient=[0, 0, f.get("z", 0)])],
            PlaneOrientationSequence=[item(ImageOrientationPatient=f.get("direction", AXIAL))],
            MRDiffusionSequence=[item(DiffusionBValue=float(f["b"]))] if "b" in f else None,
            CardiacSynchronizationSequence=(
                [item(NominalCardiacTriggerDelayTime=float(f["delay"]))] if "delay" in f else None
            ),
        )
        for f in frames
    ]
    return stacks_of([samples.instance(ds)])


def test_two_directions_in_one_object_are_two_stacks():
    """MF3, GE2."""
    sagittal = [0, 1, 0, 0, 0, -1]
    found = placed({"z": 2}, {"direction": sagittal}, {"z": 1}, {"direction": sagittal})
    assert [[n for _, n in s.frames] for s in found] == [[3, 1], [2, 4]]


def test_what_repeats_in_an_object_is_its_axis():
    """GE3, MF2: two positions at three b-values, stored position by position."""
    (stack,) = placed(*({"z": z, "b": b} for z in (5, 0) for b in (1000, 0, 500)))
    assert [n for _, n in stack.frames] == [5, 2, 6, 3, 4, 1]
    assert [(a.name, a.choices) for a in stack.axes] == [("b-value", (0, 500, 1000))]
    (stack,) = placed(*({"z": z, "delay": t} for t in (40, 0) for z in (0, 5)))
    assert [n for _, n in stack.frames] == [3, 4, 1, 2]
    assert [(a.name, a.choices) for a in stack.axes] == [("trigger delay", (0, 40))]


def test_data_types_of_ultrasound_volumes_are_apart():
    """US7: tissue and flow are stored in turn."""
    ds = samples.image(np.zeros((4, 2, 2), np.uint16), samples.PREFIX + "6.2")
    ds.PerFrameFunctionalGroupsSequence = [
        item(ImageDataTypeSequence=[item(DataType=t)]) for t in ("TISSUE_INTENSITY", "FLOW_VELOCITY") * 2
    ]
    assert [[n for _, n in s.frames] for s in stacks_of([samples.instance(ds)])] == [[1, 3], [2, 4]]
    ds.DimensionIndexSequence = [item(DimensionDescriptionLabel="place")]
    for i, frame in enumerate(ds.PerFrameFunctionalGroupsSequence):
        frame.FrameContentSequence = [item(DimensionIndexValues=[4 - i])]
    assert [[n for _, n in s.frames] for s in stacks_of([samples.instance(ds)])] == [[3, 1], [4, 2]]


def test_a_real_enhanced_ct_is_ordered_by_its_dimensions(wheel_file, session):
    """MF2: by Dimension Index Values as pydicom reads them."""
    path = wheel_file("eCT_Supplemental.dcm")
    ds = dcmread(path)
    keys = [tuple(f.FrameContentSequence[0].DimensionIndexValues) for f in ds.PerFrameFunctionalGroupsSequence]
    (stack,) = session.stacks(session.load(path)[0].children[0])
    assert [n - 1 for _, n in stack.frames] == sorted(range(len(keys)), key=keys.__getitem__)


def test_nuclear_medicine_names_its_vectors():
    """NP1: two detectors of three phases, the last vector varies fastest."""
    ds = samples.image(np.zeros((6, 2, 2), np.uint16), samples.PREFIX + "20")
    ds.FrameIncrementPointer = [0x00540020, 0x00540030]
    ds.DetectorVector, ds.PhaseVector = [1, 1, 1, 2, 2, 2], [1, 2, 3, 1, 2, 3]
    (stack,) = stacks_of([samples.instance(ds)])
    assert [(a.name, a.choices) for a in stack.axes] == [("detector", (1, 2)), ("phase", (1, 2, 3))]
    assert stack.label(4) == "detector 2/2 · phase 2/3"


def test_energy_windows_and_detectors_have_their_names():
    """NP1: a window by its name, else by its energies; a detector by its view; else numbers."""
    ds = samples.image(np.zeros((4, 2, 2), np.uint16), samples.PREFIX + "20")
    ds.FrameIncrementPointer = [0x00540010, 0x00540020]
    ds.EnergyWindowVector, ds.DetectorVector = [1, 1, 2, 2], [1, 2, 1, 2]
    limits = item(EnergyWindowLowerLimit=126, EnergyWindowUpperLimit=154)
    ds.EnergyWindowInformationSequence = [
        item(EnergyWindowRangeSequence=[limits]),
        item(EnergyWindowName="scatter"),
    ]
    views = [item(ViewCodeSequence=[item(CodeMeaning=m)]) for m in ("anterior", "posterior")]
    ds.DetectorInformationSequence = views
    (stack,) = stacks_of([samples.instance(ds)])
    assert stack.label(2) == "energy window 2/2 (scatter) · detector 1/2 (anterior)"
    assert [a.choices for a in stack.axes] == [("126-154 keV", "scatter"), ("anterior", "posterior")]
    ds.DetectorInformationSequence = [views[0], views[0]]
    (stack,) = stacks_of([samples.instance(ds)])
    assert stack.axes[1].choices == (1, 2)


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        ({"FrameIncrementPointer": [0x00182001], "PageNumberVector": [3, 1, 2]}, "page 1/3 (3)"),
        ({"FrameLabelVector": ["front", "back", "side"]}, "page 1/3 (front)"),
    ],
)
def test_pages_of_a_secondary_capture_are_named(vector, words):
    """VL2: in the order in which they are stored."""
    ds = samples.image(np.zeros((3, 2, 2), np.uint8), samples.PREFIX + "7.4", **vector)
    (stack,) = stacks_of([samples.instance(ds)])
    assert [n for _, n in stack.frames] == [1, 2, 3]
    assert stack.label(0) == words


def test_the_hand_moves_along_each_dimension():
    """MF2, NP1: the places on each axis; the slices are an axis where frames share all others."""
    ds = samples.image(np.zeros((6, 2, 2), np.uint16), samples.PREFIX + "20")
    ds.FrameIncrementPointer = [0x00540020, 0x00540030]
    ds.DetectorVector, ds.PhaseVector = [1, 1, 1, 2, 2, 2], [5, 6, 7, 5, 6, 7]
    (stack,) = stacks_of([samples.instance(ds)])
    assert [(a.name, a.indices) for a in stack.dimensions()] == [
        ("detector", (0, 0, 0, 1, 1, 1)),
        ("phase", (0, 1, 2, 0, 1, 2)),
    ]
    (stack,) = placed(*({"z": z, "b": b} for z in (5, 0) for b in (1000, 0, 500)))
    assert [(a.name, a.indices) for a in stack.dimensions()] == [
        ("b-value", (0, 0, 1, 1, 2, 2)),
        ("slice", (0, 1, 0, 1, 0, 1)),
    ]
    assert stack.axes[0].labels == ("1/3 (0)", "2/3 (500)", "3/3 (1000)")
    assert not placed({"z": 0}, {"z": 5})[0].dimensions()


def test_images_without_a_place_follow_by_number(show):
    """GE1."""
    pieces = [samples.image(np.zeros((2, 2), np.uint16), InstanceNumber=n) for n in (3, 1, 2)]
    (stack,) = stacks_of([samples.instance(ds) for ds in pieces])
    assert numbers(stack) == [1, 2, 3]
    assert isinstance(show(pieces[0]), dw.Picture)
