"""What the terms of a query are sent as, and what is refused (PS3.4 C.2.2.2)."""

from __future__ import annotations

import datetime as dt

import pytest
from pydicom.datadict import dictionary_VR

from dicom_widgets.dicom.conformance import KEYS, LEVELS
from dicom_widgets.errors import QueryKeyError
from dicom_widgets.sources import terms

SENT = [
    # level, keyword, wanted, what is sent
    ("STUDY", "PatientName", "Doe*", "Doe*"),
    ("STUDY", "PatientName", " Doe^J?ne ", "Doe^J?ne"),
    ("STUDY", "PatientName", None, ""),
    ("STUDY", "PatientName", "", ""),
    ("STUDY", "PatientID", 4711, "4711"),
    ("STUDY", "StudyDate", "20240131", "20240131"),
    ("STUDY", "StudyDate", "2024-01-31", "20240131"),
    ("STUDY", "StudyDate", dt.date(2024, 1, 31), "20240131"),
    ("STUDY", "StudyDate", dt.datetime(2024, 1, 31, 12, 0), "20240131"),  # noqa: DTZ001  PACS times have no zone
    ("STUDY", "StudyDate", "20240101-20240630", "20240101-20240630"),
    ("STUDY", "StudyDate", "20240101-", "20240101-"),
    ("STUDY", "StudyDate", "-20240630", "-20240630"),
    ("STUDY", "StudyDate", ("20240101", "20240630"), "20240101-20240630"),
    ("STUDY", "StudyDate", ("2024-01-01", "2024-06-30"), "20240101-20240630"),
    ("STUDY", "StudyDate", (dt.date(2024, 1, 1), dt.date(2024, 6, 30)), "20240101-20240630"),
    ("STUDY", "StudyDate", (dt.date(2024, 1, 1), None), "20240101-"),
    ("STUDY", "StudyDate", (None, dt.date(2024, 6, 30)), "-20240630"),
    ("STUDY", "StudyDate", (None, None), ""),
    ("STUDY", "StudyTime", dt.time(9, 5), "090500"),
    ("STUDY", "StudyTime", (dt.time(9, 5), dt.time(17, 0)), "090500-170000"),
    ("STUDY", "StudyTime", "09:05", "0905"),
    ("STUDY", "StudyTime", "-12", "-12"),
    ("STUDY", "StudyTime", "120000.5-", "120000.5-"),
    ("STUDY", "StudyInstanceUID", ["1.2", "1.3"], "1.2\\1.3"),
    ("STUDY", "ModalitiesInStudy", ["CT", "MR"], "CT\\MR"),
    ("STUDY", "PatientBirthDate", "19700101", "19700101"),
    ("SERIES", "Modality", "C*", "C*"),
    ("SERIES", "SeriesNumber", 3, "3"),
    ("SERIES", "SeriesNumber", "1?", "1?"),
    ("IMAGE", "SOPInstanceUID", "1.2.3", "1.2.3"),
    ("IMAGE", "InstanceNumber", "7", "7"),
    ("IMAGE", "ContentDate", "20240131", "20240131"),
]


@pytest.mark.parametrize(("level", "keyword", "wanted", "sent"), SENT)
def test_a_key_is_sent_in_the_form_of_the_standard(level, keyword, wanted, sent):
    assert terms.term(level, keyword, wanted) == sent


REFUSED = [
    # level, keyword, wanted, a word of the sentence
    ("STUDY", "Modality", "CT", "no key at the STUDY level"),
    ("STUDY", "PatientAge", "030Y", "no key"),
    ("SERIES", "PatientName", "Doe", "no key at the SERIES level"),
    ("STUDY", "NumberOfStudyRelatedInstances", "3", "cannot be searched by"),
    ("STUDY", "SOPClassesInStudy", "1.2.840.10008.5.1.4.1.1.2", "cannot be searched by"),
    ("IMAGE", "Rows", 512, "cannot be searched by"),
    ("STUDY", "StudyDate", "2024*", "wildcards"),
    ("STUDY", "StudyTime", "12*", "wildcards"),
    ("STUDY", "StudyInstanceUID", "1.2.*", "wildcards"),
    ("SERIES", "SeriesInstanceUID", "1.2.?", "wildcards"),
    ("IMAGE", "SOPInstanceUID", "*", "wildcards"),
    ("IMAGE", "SOPClassUID", "1.2.840*", "wildcards"),
    ("STUDY", "StudyDate", "31.01.2024", "no date"),
    ("STUDY", "StudyDate", "-", "no date"),
    ("STUDY", "StudyDate", "2024", "no date"),
    ("STUDY", "StudyTime", "noon", "no time"),
    ("STUDY", "StudyTime", "-", "no time"),
    ("STUDY", "StudyInstanceUID", "the one", "no UID"),
    ("STUDY", "StudyInstanceUID", "1" * 65, "no UID"),
    ("SERIES", "SeriesNumber", "first", "no whole number"),
]


@pytest.mark.parametrize(("level", "keyword", "wanted", "words"), REFUSED)
def test_what_cannot_be_matched_is_refused_with_the_name_of_the_key(level, keyword, wanted, words):
    with pytest.raises(QueryKeyError, match=words) as caught:
        terms.term(level, keyword, wanted)
    assert keyword in str(caught.value) or "UID" in words
    assert isinstance(caught.value, ValueError)


def test_every_key_that_matches_by_value_can_be_sent_and_no_other():
    example = {"DA": "20240131", "TM": "120000", "UI": "1.2.3", "IS": "1", "US": "1"}
    for level in LEVELS:
        for keyword, kinds in KEYS[level].items():
            value = example.get(dictionary_VR(keyword), "X")
            if kinds == {"universal"}:
                with pytest.raises(QueryKeyError):
                    terms.term(level, keyword, value)
            else:
                assert terms.term(level, keyword, value) == value


UNIQUE = [
    # level, path of under=, keys, path that is asked for (None: refused)
    ("STUDY", (), {}, ()),
    ("SERIES", ("1.2",), {}, ("1.2",)),
    ("SERIES", (), {"StudyInstanceUID": "1.2"}, ("1.2",)),
    ("SERIES", ("1.2", "1.2.3"), {}, ("1.2",)),
    ("SERIES", (), {}, None),
    ("SERIES", (), {"StudyInstanceUID": ""}, None),
    ("SERIES", (), {"StudyInstanceUID": "1.*"}, None),
    ("IMAGE", ("1.2", "1.2.3"), {}, ("1.2", "1.2.3")),
    ("IMAGE", ("1.2",), {"SeriesInstanceUID": "1.2.3"}, ("1.2", "1.2.3")),
    ("IMAGE", ("1.2",), {}, None),
    ("IMAGE", (), {"SeriesInstanceUID": "1.2.3"}, None),
]


@pytest.mark.parametrize(("level", "path", "keys", "asked"), UNIQUE)
def test_below_the_study_the_unique_keys_above_are_needed(level, path, keys, asked):
    if asked is None:
        with pytest.raises(QueryKeyError, match="UID"):
            terms.checked(level, path, keys)
    else:
        assert terms.checked(level, path, keys) == (asked, {})


@pytest.mark.parametrize("level", ["PATIENT", "study", "", None])
def test_another_level_is_refused_with_the_names_of_the_three(level):
    with pytest.raises(QueryKeyError, match="STUDY, SERIES, IMAGE"):
        terms.checked(level, (), {})
