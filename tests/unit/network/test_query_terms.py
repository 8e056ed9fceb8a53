"""What a query sends, what it refuses, and how answers are filtered again (PS3.4 C.2.2.2)."""

from __future__ import annotations

import datetime as dt

import pytest
from pydicom.dataset import Dataset
from pydicom.valuerep import PersonName
from pynetdicom.dsutils import decode, encode

import dicom_widgets as dw
from dicom_widgets.dicom.conformance import KEYS, LEVELS
from dicom_widgets.errors import QueryKeyError
from dicom_widgets.network import query

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
    assert query.term(level, keyword, wanted) == sent


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
        query.term(level, keyword, wanted)
    assert keyword in str(caught.value) or "UID" in words
    assert isinstance(caught.value, ValueError)


def test_every_key_that_matches_by_value_can_be_sent_and_no_other():
    example = {"DA": "20240131", "TM": "120000", "UI": "1.2.3", "IS": "1", "US": "1"}
    for level in LEVELS:
        for keyword, kinds in KEYS[level].items():
            value = example.get(query.dictionary_VR(keyword), "X")
            if kinds == {"universal"}:
                with pytest.raises(QueryKeyError):
                    query.term(level, keyword, value)
            else:
                assert query.term(level, keyword, value) == value


@pytest.mark.parametrize("level", LEVELS)
def test_an_identifier_asks_for_every_key_of_its_level(level):
    path = ("1.2", "1.2.3")[: LEVELS.index(level)]
    ds = query.identifier(level, path, {})
    assert ds.QueryRetrieveLevel == level
    assert {e.keyword for e in ds} >= {"SpecificCharacterSet", *KEYS[level]}
    assert [ds.get("StudyInstanceUID"), ds.get("SeriesInstanceUID")][: len(path)] == list(path)
    assert all(ds[k].is_empty for k in KEYS[level])


@pytest.mark.parametrize(
    ("name", "character_set"), [("Doe*", ""), ("Buc^Jérôme", "ISO_IR 192"), ("*山田*", "ISO_IR 192"), (None, "")]
)
def test_only_a_query_with_other_than_ascii_names_a_character_set(name, character_set):
    _, terms = query.checked("STUDY", (), {"PatientName": name})
    sent = query.identifier("STUDY", (), terms)
    assert sent.SpecificCharacterSet == character_set
    raw = encode(sent, False, True)
    assert raw is not None
    assert (name or "").encode("utf-8") in raw


@pytest.mark.parametrize(
    ("level", "keys"),
    [
        ("SERIES", {"Modality": "C*"}),
        ("SERIES", {"SeriesNumber": "1*"}),
        ("STUDY", {"PatientID": "x" * 80}),
        ("STUDY", {"ModalitiesInStudy": "ct"}),
        ("STUDY", {"StudyDate": "-20240630"}),
        ("STUDY", {"PatientName": "[Doe]<b>*"}),
        ("STUDY", {"StudyTime": "12-"}),
    ],
)
def test_what_is_no_value_of_its_vr_but_may_be_asked_for_is_encoded_without_a_warning(level, keys):
    path = ("1.2",) if level == "SERIES" else ()
    _, terms = query.checked(level, path, keys)
    raw = encode(query.identifier(level, path, terms), False, True)
    assert raw is not None
    ((keyword, wanted),) = keys.items()
    asked = raw if keyword != "SeriesNumber" else b"1*"  # a wildcard is not defined for IS: matched here instead
    assert wanted.encode() in asked


def test_a_wildcard_in_a_number_is_not_sent_but_matched_here():
    assert query.identifier("SERIES", ("1.2",), {"SeriesNumber": "1*"}).SeriesNumber is None
    assert matches("SERIES", {"SeriesNumber": 12}, SeriesNumber="1*")
    assert not matches("SERIES", {"SeriesNumber": 21}, SeriesNumber="1*")


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
            query.checked(level, path, keys)
    else:
        assert query.checked(level, path, keys) == (asked, {})


@pytest.mark.parametrize("level", ["PATIENT", "study", "", None])
def test_another_level_is_refused_with_the_names_of_the_three(level):
    with pytest.raises(QueryKeyError, match="STUDY, SERIES, IMAGE"):
        query.checked(level, (), {})


def matches(level, attributes, **keys):
    _, terms = query.checked(level, ("1.2", "1.2.3")[: LEVELS.index(level)], keys)
    return query.matches(dw.Entity(level, ("1.2",), attributes), terms)


YAMADA = PersonName("Yamada^Tarou=山田^太郎=やまだ^たろう")
MATCHED = [
    # what the peer answered, the query, whether it is one
    ({"PatientName": PersonName("Doe^Jane")}, {"PatientName": "Doe^Jane"}, True),
    ({"PatientName": PersonName("Doe^Jane")}, {"PatientName": "DOE^*"}, True),
    ({"PatientName": PersonName("Doe^Jane^^")}, {"PatientName": "Doe^Jane"}, True),
    ({"PatientName": PersonName("Doe^Jane")}, {"PatientName": "Doe"}, False),
    ({"PatientName": PersonName("Doe^Jane")}, {"PatientName": "D?e^J*"}, True),
    ({"PatientName": PersonName("D[o]e")}, {"PatientName": "D[o]e"}, True),
    ({"PatientName": PersonName("Doe")}, {"PatientName": "D[o]e"}, False),
    ({"PatientName": YAMADA}, {"PatientName": "*山田*"}, True),
    ({"PatientName": YAMADA}, {"PatientName": "山田^太郎"}, True),
    ({"PatientName": YAMADA}, {"PatientName": "Yamada*"}, True),
    ({"PatientName": YAMADA}, {"PatientName": "Suzuki*"}, False),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240131"}, True),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240130"}, False),
    ({"StudyDate": "20240131"}, {"StudyDate": ("20240131", "20240131")}, True),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240101-20240130"}, False),
    ({"StudyDate": "20240131"}, {"StudyDate": "-20240131"}, True),
    ({"StudyDate": "20240131"}, {"StudyDate": "-20240130"}, False),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240131-"}, True),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240201-"}, False),
    ({"StudyTime": "120030.5"}, {"StudyTime": "12-1200"}, True),
    ({"StudyTime": "120130"}, {"StudyTime": "-1200"}, False),
    ({"ModalitiesInStudy": ["CT", "SR"]}, {"ModalitiesInStudy": "SR"}, True),
    ({"ModalitiesInStudy": ["CT", "SR"]}, {"ModalitiesInStudy": "MR"}, False),
    ({"ModalitiesInStudy": ["CT", "SR"]}, {"ModalitiesInStudy": ["MR", "CT"]}, True),
    ({"ModalitiesInStudy": ["CT"]}, {"ModalitiesInStudy": "C*"}, True),
    ({"ModalitiesInStudy": []}, {"ModalitiesInStudy": "CT"}, False),
    ({"PatientID": "4711"}, {"PatientID": "47*"}, True),
    ({"PatientID": "4711"}, {"PatientID": "4712"}, False),
    ({"PatientID": "4711"}, {"PatientID": None}, True),
    ({"StudyInstanceUID": "1.2"}, {"StudyInstanceUID": ["1.3", "1.2"]}, True),
    ({"AccessionNumber": None}, {"AccessionNumber": "A1"}, True),  # what the peer left out is believed
]


@pytest.mark.parametrize(("attributes", "keys", "expected"), MATCHED)
def test_answers_are_filtered_again_as_the_standardmatches(attributes, keys, expected):
    assert matches("STUDY", attributes, **keys) is expected


@pytest.mark.parametrize(
    ("sent", "expected"), [({"StudyDate": ""}, True), ({"StudyDate": "20240131"}, False), ({}, False)]
)
def test_an_answer_without_a_date_is_in_no_range_of_dates(sent, expected):
    answer = Dataset()
    for keyword, value in sent.items():
        setattr(answer, keyword, value)
    assert query._without(answer, {"StudyDate": "-20240630"}) is expected
    assert query._without(answer, {"StudyDate": ""}) is False


def test_an_answer_is_decoded_by_its_own_character_set():
    answer = Dataset()
    answer.SpecificCharacterSet = "ISO_IR 100"
    answer.PatientName, answer.StudyInstanceUID = "Buc^Jérôme", "1.2"
    raw = encode(answer, False, True)
    assert raw is not None
    assert "Jérôme".encode("latin-1") in raw
    from io import BytesIO

    remote = dw.RemoteAE("PACS", "127.0.0.1", 104)
    entity = query._entity("STUDY", (), decode(BytesIO(raw), False, True), remote)
    assert str(entity.PatientName) == "Buc^Jérôme"
    assert entity.path == ("1.2",)
    assert entity.attributes.keys() == KEYS["STUDY"].keys()
    assert entity.StudyDate is None


@pytest.mark.parametrize(("held", "expected"), [("CT", ["CT"]), (["CT", "MR"], ["CT", "MR"]), ("", []), (None, [])])
def test_modalities_are_a_list_whether_the_peer_sends_one_or_several(held, expected):
    answer = Dataset()
    answer.StudyInstanceUID = "1.2"
    if held is not None:
        answer.ModalitiesInStudy = held
    entity = query._entity("STUDY", (), answer, dw.RemoteAE("PACS", "127.0.0.1", 104))
    assert entity.ModalitiesInStudy == expected
