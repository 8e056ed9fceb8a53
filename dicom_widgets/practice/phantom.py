"""What the practice PACS begins with: invented studies, and objects that ship with pydicom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.practice import fundus, hand, head, people, spine
from dicom_widgets.practice.modules import Series
from dicom_widgets.practice.shipped import shipped
from dicom_widgets.practice.states import states

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicom_widgets.practice.archive import Holding

HEAD_CT = Series(people.HEAD, 2, "CT", head.CT, "Head 2.5 mm")
SPINE_MR = Series(people.SPINE, 3, "MR", spine.MR, "T2 TSE sagittal")


def invented() -> Iterator[Holding]:
    """Yield the invented instances; their pixels are made when they are asked for, the UIDs are always the same."""
    yield from head.slices(HEAD_CT)
    yield from states(HEAD_CT)
    yield from spine.slices(SPINE_MR)
    yield from hand.radiograph(people.HAND)
    yield from fundus.photograph(people.EYE)
    for study in people.OTHERS:
        yield from fundus.test_card(study)


def holdings() -> Iterator[Holding]:
    """Yield everything: the invented instances and those of pydicom."""
    yield from invented()
    yield from shipped()
