"""XR4: region and teeth of intra-oral images, by their codes."""

from __future__ import annotations

import pytest

from dicom_widgets.display.texts.anatomy import anatomy_of
from tests.classes import code, intra_oral
from tests.samples import CR, DX, PREFIX, item, part10

DENTAL = PREFIX + "1.3"


def teeth(*codes):
    return item(PrimaryAnatomicStructureSequence=list(codes))


def test_it_stands_in_the_corner_with_the_side(session):
    """The made object is of tooth 11: maxilla, by SNOMED codes."""
    ds = intra_oral()
    session.load(part10(ds))
    lines = session.present(str(ds.SOPInstanceUID)).texts["bl"]
    assert lines[1:3] == ["R", "Maxilla · Maxillary right central incisor tooth"]


@pytest.mark.parametrize("scheme", ["ISO3950", "ISO3950-2010"])
def test_the_two_digits_of_a_tooth_are_said(scheme):
    ds = teeth(code("11", scheme, "Upper right central incisor"), code("12", scheme, ""), code("21", scheme, "21"))
    assert anatomy_of(ds, DENTAL + ".1") == "tooth 11 (Upper right central incisor) · tooth 12 · tooth 21"


def test_modifiers_follow_and_what_has_no_meaning_is_its_value():
    region = code("T-D1217", "SRT", "Maxilla")
    region.AnatomicRegionModifierSequence = [code("G-A101", "SRT", "Left")]
    ds = item(AnatomicRegionSequence=[region], PrimaryAnatomicStructureSequence=[code("T-54210", "SRT", "")])
    assert anatomy_of(ds, DENTAL) == "Maxilla Left · T-54210"


@pytest.mark.parametrize("ds", [item(), teeth(item()), teeth(code("", "", ""))])
def test_without_codes_there_is_no_line(ds):
    assert anatomy_of(ds, DENTAL) == ""


@pytest.mark.parametrize("sop_class", [CR, DX, PREFIX + "2"])
def test_other_classes_are_not_crowded(sop_class):
    assert anatomy_of(teeth(code("11", "ISO3950", "")), sop_class) == ""
