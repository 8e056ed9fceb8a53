"""XR2, XR6: side and view, as a mammogram says them; the codes are those that pydicom has for CID 4014 and 4015."""

from __future__ import annotations

import pytest
from pydicom.sr import codes

from dicom_widgets.display.texts.laterality import laterality_of, side_and_view, view_of
from tests.samples import item


def code(of, *modifiers):
    own = item(CodeValue=of.value, CodingSchemeDesignator=of.scheme_designator, CodeMeaning=of.meaning)
    if modifiers:
        own.update(item(ViewModifierCodeSequence=[code(m) for m in modifiers]))
    return own


@pytest.mark.parametrize(
    ("attributes", "side"),
    [
        ({"ImageLaterality": "R", "Laterality": "L"}, "R"),
        ({"Laterality": "L", "FrameLaterality": "R"}, "L"),
        ({"FrameLaterality": "B"}, "B"),
        ({"ImageLaterality": "X"}, ""),
        ({}, ""),
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_image_then_the_series_then_the_frame(attributes, side):
    assert laterality_of(item(**attributes)) == side


def test_a_view_and_its_modifiers():
    """XR2: R MLO ID."""
    view = code(codes.cid4014.MedioLateralObliqueProjection, codes.cid4015.ImplantDisplaced)
    assert side_and_view(item(ImageLaterality="R", ViewCodeSequence=[view])) == "R MLO ID"


def test_an_unpaired_part_has_no_side_to_say():
    assert side_and_view(item(ImageLaterality="U", ViewPosition="AP")) == "AP"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("CranioCaudal", "CC"),
        ("MedioLateralProjection", "ML"),
        ("LateroMedial", "LM"),
        ("LateroMedialOblique", "LMO"),
        ("CranioCaudalExaggeratedLaterally", "XCCL"),
        ("CranioCaudalExaggeratedMedially", "XCCM"),
        ("CaudoCranial", "FB"),
        ("SuperolateralToInferomedialOblique", "SIO"),
    ],
)
def test_views_of_mammography(name, short):
    assert view_of(item(ViewCodeSequence=[code(getattr(codes.cid4014, name))])) == short


def test_old_codes_and_what_has_no_abbreviation():
    assert view_of(item(ViewCodeSequence=[item(CodeValue="R-10242", CodeMeaning="cranio-caudal")])) == "CC"
    assert view_of(item(ViewCodeSequence=[item(CodeValue="1", CodeMeaning="from above")], ViewPosition="AP")) == (
        "from above"
    )


def test_view_position_where_there_is_no_code():
    assert side_and_view(item(ViewPosition="PA")) == "PA"
    assert side_and_view(item()) == ""


def test_a_real_mammogram(data):
    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.media import files as media

    ds = Instance(media.mapped(data / "classes" / "mg" / "GH133.dcm")).attributes(1)
    assert side_and_view(ds).split()[0] == ds.ImageLaterality
