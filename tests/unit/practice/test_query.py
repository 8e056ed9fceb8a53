"""Identifiers and answers, without a network."""

from __future__ import annotations

from io import BytesIO
from struct import pack
from types import SimpleNamespace

import pytest
from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag
from pynetdicom.dsutils import decode, encode

from dicom_widgets.practice import PracticePacs
from dicom_widgets.practice.archive import Archive, Holding
from dicom_widgets.practice.query import Refused, Request


def instance(study, series, number, **attributes):
    dataset = Dataset()
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"1.{study}", f"1.{study}.{series}"
    dataset.SOPInstanceUID, dataset.InstanceNumber = f"1.{study}.{series}.{number}", number
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return Holding.of(dataset)


@pytest.fixture
def archive():
    return Archive(
        [
            instance(1, 1, 1, Modality="CT", PatientName="Eins^Anna", Rows=4, StudyDate="20200101"),
            instance(1, 1, 2, Modality="CT", PatientName="Eins^Anna", Rows=4, StudyDate="20200101"),
            instance(1, 2, 1, Modality="PR", PatientName="Eins^Anna", StudyDate="20200101"),
            instance(2, 1, 1, Modality="MR", SpecificCharacterSet="ISO_IR 100", PatientName="Zwölf^Ötzi"),
        ]
    )


def over_the_line(**keys):
    """An identifier as a peer sends it: encoded and read again, so that its elements are raw."""
    dataset = Dataset()
    for keyword, value in keys.items():
        element = DataElement(Tag(keyword), dictionary_VR(keyword), value, validation_mode=IGNORE)
        dataset.add(element)
    return decode(BytesIO(encode(dataset, False, True)), False, True)


def implicitly(**keys):
    """The same by implicit VR, where the dictionary has to know."""
    elements = sorted((Tag(keyword), value or "") for keyword, value in keys.items())
    padded = [(tag, text.encode() + b"\0" * (len(text) % 2)) for tag, text in elements]
    encoded = b"".join(pack("<HHL", tag.group, tag.element, len(text)) + text for tag, text in padded)
    return decode(BytesIO(encoded), True, True)


def ask(archive, **keys):
    return list(Request.of(over_the_line(**keys)).answers(archive, "ARCHIVE"))


def test_a_study_is_answered_once_with_what_is_counted(archive):
    first, second = ask(
        archive,
        QueryRetrieveLevel="STUDY",
        StudyInstanceUID="",
        ModalitiesInStudy="",
        SOPClassesInStudy="",
        NumberOfStudyRelatedSeries=None,
        NumberOfStudyRelatedInstances=None,
        InstanceAvailability="",
    )
    assert (first.StudyInstanceUID, second.StudyInstanceUID) == ("1.1", "1.2")
    assert list(first.ModalitiesInStudy) == ["CT", "PR"]
    assert first.SOPClassesInStudy == "1.2.840.10008.5.1.4.1.1.7"
    assert (first.NumberOfStudyRelatedSeries, first.NumberOfStudyRelatedInstances) == (2, 3)
    assert (first.InstanceAvailability, first.RetrieveAETitle, first.QueryRetrieveLevel) == (
        "ONLINE",
        "ARCHIVE",
        "STUDY",
    )


def test_every_known_key_is_answered_and_no_other(archive):
    (answer,) = ask(
        archive, QueryRetrieveLevel="STUDY", StudyInstanceUID="1.1", StudyID="", Modality="", PixelSpacing=""
    )
    assert {element.keyword for element in answer} == {
        "QueryRetrieveLevel",
        "RetrieveAETitle",
        "StudyID",
        "StudyInstanceUID",
    }
    assert answer.StudyID == ""


def test_an_unknown_key_does_not_restrict(archive):
    assert len(ask(archive, QueryRetrieveLevel="STUDY", BodyPartExamined="HEAD")) == 2


@pytest.mark.parametrize(
    ("modality", "studies"), [("CT", 1), ("MR", 1), ("PR", 1), ("US", 0), ("?R", 2), ("CT\\MR", 2)]
)
def test_modalities_in_study_match_any(archive, modality, studies):
    assert len(ask(archive, QueryRetrieveLevel="STUDY", ModalitiesInStudy=modality.split("\\"))) == studies


def test_a_series_belongs_to_its_study(archive):
    answers = ask(
        archive,
        QueryRetrieveLevel="SERIES",
        StudyInstanceUID="1.1",
        Modality="",
        NumberOfSeriesRelatedInstances=None,
        ModalitiesInStudy="",
    )
    assert [(a.Modality, a.NumberOfSeriesRelatedInstances) for a in answers] == [("CT", 2), ("PR", 1)]
    assert list(answers[1].ModalitiesInStudy) == ["CT", "PR"]


def test_at_the_image_level_every_attribute_is_a_key(archive):
    keys = {"QueryRetrieveLevel": "IMAGE", "StudyInstanceUID": "1.1", "SeriesInstanceUID": "1.1.1"}
    answers = ask(archive, **keys, SOPInstanceUID="", InstanceNumber="02", Rows=None)
    assert [(a.SOPInstanceUID, a.InstanceNumber, a.Rows) for a in answers] == [("1.1.1.2", 2, 4)]


def test_numbers_of_every_kind_are_answered():
    dataset = instance(1, 1, 1, Rows=4, PixelRepresentation=1, RescaleSlope="2.50", TriggerTimeOffset=0.5).header
    dataset.SmallestImagePixelValue = -7  # US or SS: the pixel representation decides
    implicit = decode(BytesIO(encode(dataset, True, True)), True, True)
    keys = {"QueryRetrieveLevel": "IMAGE", "StudyInstanceUID": "1.1", "SeriesInstanceUID": "1.1.1"}
    for one in (dataset, implicit):
        (answer,) = Request.of(
            implicitly(**keys, Rows=None, RescaleSlope="", TriggerTimeOffset=None, SmallestImagePixelValue=None)
        ).answers(Archive([Holding.of(one)]), "ARCHIVE")
        sent = decode(BytesIO(encode(answer, False, True)), False, True)
        assert (sent.Rows, sent.RescaleSlope, sent.TriggerTimeOffset) == (4, 2.5, 0.5)
        assert sent[0x00280106].VR == "SS"
        assert sent.SmallestImagePixelValue == -7


def test_a_list_of_uids_matches_each(archive):
    assert len(ask(archive, QueryRetrieveLevel="STUDY", StudyInstanceUID=["1.1", "1.2", "1.3"])) == 2


@pytest.mark.parametrize(
    ("character_set", "name"),
    [("ISO_IR 192", "zwölf*"), ("ISO_IR 100", "ZWÖLF^ötzi"), ("ISO_IR 192", "*Ö?zi")],
)
def test_the_query_is_decoded_by_its_own_character_set(archive, character_set, name):
    (answer,) = ask(archive, SpecificCharacterSet=character_set, QueryRetrieveLevel="STUDY", PatientName=name)
    sent = decode(BytesIO(encode(answer, False, True)), False, True)
    assert (sent.SpecificCharacterSet, str(sent.PatientName)) == ("ISO_IR 192", "Zwölf^Ötzi")


def test_an_answer_in_ascii_names_no_character_set(archive):
    (answer,) = ask(archive, QueryRetrieveLevel="STUDY", PatientName="Eins*")
    assert "SpecificCharacterSet" not in answer


def test_a_sequence_is_returned_with_its_texts_in_utf_8():
    item = Dataset()
    item.CodeValue, item.CodeMeaning = "1", "Schädel"
    archive = Archive([instance(1, 1, 1, SpecificCharacterSet="ISO_IR 100", ProcedureCodeSequence=[item])])
    (answer,) = ask(archive, QueryRetrieveLevel="STUDY", ProcedureCodeSequence=[])
    sent = decode(BytesIO(encode(answer, True, True)), True, True)
    assert sent.ProcedureCodeSequence[0].CodeMeaning == "Schädel"


@pytest.mark.parametrize(
    "keys",
    [
        {"PatientName": "x"},
        {"QueryRetrieveLevel": "PATIENT"},
        {"QueryRetrieveLevel": "SERIES"},
        {"QueryRetrieveLevel": "IMAGE", "StudyInstanceUID": "1.1"},
    ],
)
def test_an_identifier_that_is_not_hierarchical_is_refused(archive, keys):
    with pytest.raises(Refused) as refusal:
        ask(archive, **keys)
    assert refusal.value.status.Status == 0xA900
    assert 0 < len(refusal.value.status.ErrorComment) <= 64


@pytest.mark.parametrize(
    "keys",
    [
        {"QueryRetrieveLevel": "STUDY"},
        {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": ""},
        {"QueryRetrieveLevel": "SERIES", "StudyInstanceUID": "", "SeriesInstanceUID": "1.1.1"},
    ],
)
def test_a_retrieval_needs_the_values_of_its_unique_keys(keys):
    with pytest.raises(Refused):
        Request.to_retrieve(over_the_line(**keys))


def test_what_has_no_uid_is_not_taken(archive):
    dataset = archive.get("1.1.1.1").header
    del dataset.SeriesInstanceUID
    with pytest.raises(ValueError, match="SeriesInstanceUID"):
        Holding.of(dataset)


def test_what_is_added_keeps_its_own_file_meta():
    dataset = instance(1, 1, 1).header
    del dataset.file_meta
    holding = Holding.of(dataset)
    assert holding.header.file_meta.MediaStorageSOPInstanceUID == "1.1.1.1"
    assert not hasattr(dataset, "file_meta")


def test_a_cancelled_query_ends_with_its_status():
    identifier = over_the_line(QueryRetrieveLevel="STUDY", StudyInstanceUID="")
    event = SimpleNamespace(identifier=identifier, is_cancelled=False)
    with PracticePacs() as pacs:
        answers = pacs._find(event)
        assert next(answers)[0] == 0xFF00
        event.is_cancelled = True
        assert list(answers) == [(0xFE00, None)]
