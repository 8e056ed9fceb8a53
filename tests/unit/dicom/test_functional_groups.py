"""Functional groups: a frame's own, then the shared ones, then the top level (MF1), and fast."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from dicom_widgets.dicom.functional_groups import Groups
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.media import files as media
from tests import samples
from tests.samples import item

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def rescale(slope: str, intercept: str | None = "0"):
    return item(PixelValueTransformationSequence=[item(RescaleSlope=slope, RescaleIntercept=intercept)])


def enhanced(frames, shared=(), **attributes):
    grid = np.zeros((len(frames), 2, 3), np.uint16)
    return samples.image(
        grid,
        samples.PREFIX + "2.1",
        PerFrameFunctionalGroupsSequence=list(frames),
        SharedFunctionalGroupsSequence=list(shared) or None,
        **attributes,
    )


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda s: s.name[:12])
@pytest.mark.parametrize("undefined", [False, True])
def test_the_group_of_a_frame_then_the_shared_one_then_the_top_level(syntax, undefined):
    """MF1."""
    ds = enhanced([rescale("3"), item(), rescale("5")], [rescale("2")], RescaleSlope="7")
    if undefined:
        for keyword in ("PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"):
            ds[keyword].is_undefined_length = True
            for one in ds[keyword].value:
                one.is_undefined_length_sequence_item = True
    instance = samples.instance(ds, syntax)
    assert [float(instance.attributes(n).RescaleSlope) for n in (1, 2, 3)] == [3, 2, 5]
    assert float(instance.attributes().RescaleSlope) == 7


def test_a_group_of_the_frame_replaces_the_shared_one_as_a_whole():
    """MF1: the shared intercept is not that of a frame with a group of its own."""
    ds = enhanced([rescale("3", None), item()], [rescale("2", "-9")])
    instance = samples.instance(ds)
    assert instance.attributes(1).get("RescaleIntercept") is None
    assert float(instance.attributes(2).RescaleIntercept) == -9


def test_without_groups_of_frames_the_shared_ones_are_all():
    ds = enhanced([item()], [rescale("2")])
    del ds.PerFrameFunctionalGroupsSequence
    assert float(samples.instance(ds).attributes(1).RescaleSlope) == 2


def test_what_names_other_objects_stays_where_it_is():
    """A reference in a group is not one of the object itself."""
    ds = enhanced([item(ReferencedImageSequence=[item(ReferencedSOPInstanceUID="1.2.3")])])
    assert "ReferencedSOPInstanceUID" not in samples.instance(ds).attributes(1)


def test_one_value_of_all_frames_in_one_walk():
    positions = [item(PlanePositionSequence=[item(ImagePositionPatient=[0, 0, z])]) for z in (3, 1, 2)]
    instance = samples.instance(enhanced([*positions, item()]))
    assert isinstance(instance.groups, Groups)
    (found,) = instance.groups.values(("PlanePositionSequence", "ImagePositionPatient"))
    assert [None if v is None else [float(x) for x in v] for v in found] == [[0, 0, 3], [0, 0, 1], [0, 0, 2], None]


@pytest.mark.parametrize("name", ["eCT_Supplemental.dcm", "liver.dcm"])
def test_real_objects_say_what_pydicom_reads(wheel_file, name):
    """MF1: position, spacing and window of every frame."""
    path = wheel_file(name)
    instance, ds = Instance(media.mapped(path)), dcmread(path)
    for number, own in enumerate(ds.PerFrameFunctionalGroupsSequence, 1):
        found = instance.attributes(number)
        shared = ds.SharedFunctionalGroupsSequence[0]
        for macro, keywords in {
            "PlanePositionSequence": ["ImagePositionPatient"],
            "PlaneOrientationSequence": ["ImageOrientationPatient"],
            "PixelMeasuresSequence": ["PixelSpacing", "SliceThickness"],
            "FrameVOILUTSequence": ["WindowCenter", "WindowWidth"],
        }.items():
            source = own.get(macro) or shared.get(macro)
            for keyword in keywords if source else ():
                assert found.get(keyword) == source[0].get(keyword), (number, keyword)
