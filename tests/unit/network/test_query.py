"""The identifier of a C-FIND, and what its answers become (PS3.4 C.4.1)."""

from __future__ import annotations

from io import BytesIO

import pytest
from pydicom.dataset import Dataset
from pynetdicom.dsutils import decode, encode

import dicom_widgets as dw
from dicom_widgets.dicom.conformance import KEYS, LEVELS
from dicom_widgets.network import query
from dicom_widgets.sources import terms


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
    _, wanted = terms.checked("STUDY", (), {"PatientName": name})
    sent = query.identifier("STUDY", (), wanted)
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
    _, sent = terms.checked(level, path, keys)
    raw = encode(query.identifier(level, path, sent), False, True)
    assert raw is not None
    ((keyword, wanted),) = keys.items()
    asked = raw if keyword != "SeriesNumber" else b"1*"  # a wildcard is not defined for IS: matched here instead
    assert wanted.encode() in asked


def test_a_wildcard_in_a_number_is_not_sent():
    assert query.identifier("SERIES", ("1.2",), {"SeriesNumber": "1*"}).SeriesNumber is None


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
