"""Statuses and rejections in words: every code of the Standard has a sentence, and it is of the right kind."""

from __future__ import annotations

import pytest
from pynetdicom.status import QR_FIND_SERVICE_CLASS_STATUS, QR_GET_SERVICE_CLASS_STATUS, QR_MOVE_SERVICE_CLASS_STATUS

from dicom_widgets.dicom.statuses import REJECTIONS, explain, is_failure, is_pending

KNOWN = {**QR_FIND_SERVICE_CLASS_STATUS, **QR_GET_SERVICE_CLASS_STATUS, **QR_MOVE_SERVICE_CLASS_STATUS}


def test_each_status_of_query_and_retrieve_has_the_kind_that_the_standard_gives():
    ours = {code: "Pending" if is_pending(code) else "Failure" if is_failure(code) else "" for code in KNOWN}
    theirs = {code: kind if kind in ("Pending", "Failure") else "" for code, (kind, _) in KNOWN.items()}
    assert ours == theirs
    assert len(theirs) > 4000


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0xA700, "out of resources"),
        (0xA701, "out of resources"),
        (0xA702, "could send none"),
        (0xA801, "does not know the destination"),
        (0xA900, "does not match its SOP class"),
        (0xB000, "some of the instances"),
        (0xC000, "could not process"),
        (0xCFFF, "could not process"),
        (0xFE00, "cancelled"),
        (0x0122, "does not support this SOP class"),
        (0x0124, "does not allow this"),
        (0x0211, "does not name"),
    ],
)
def test_a_status_is_told_in_words_with_its_code(status, words):
    said = explain(status)
    assert words in said
    assert f"0x{status:04X}" in said


def test_the_comment_of_the_peer_is_told():
    assert "disk is full" in explain(0xA700, "disk is full")


REASONS = [(1, 1), (1, 2), (1, 3), (1, 7), (2, 1), (2, 2), (3, 1), (3, 2)]  # PS3.8 Table 9-21, without the reserved


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_of_a_rejection_has_a_sentence(reason):
    said = REJECTIONS[reason].format(ours="'OURS'", theirs="'THEIRS'")
    assert "{" not in said
    assert ("'OURS'" in said) is (reason == (1, 3))
    assert ("'THEIRS'" in said) is (reason == (1, 7))


def test_no_reason_is_told_that_the_standard_does_not_have():
    assert sorted(REJECTIONS) == REASONS
