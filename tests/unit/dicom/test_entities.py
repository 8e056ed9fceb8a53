"""Entities, their tables, the progress and the ledger: what a notebook reads of them."""

from __future__ import annotations

import html.parser

import pandas as pd
import pytest
from pydicom.valuerep import PersonName

import dicom_widgets as dw
from dicom_widgets.dicom.entities import classes_of, flat
from dicom_widgets.dicom.privacy import MASK
from dicom_widgets.errors import NotFound

CT, MR = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table><h1>gone</h1>",
    '" onmouseover="alert(1)',
    "&lt;b&gt; & <b>",
    "a\x00b\x1b[31mred\x07",
    "line\nfeed\r\ttab",
    "\u202egnp.exe",
    "x" * 100_000,
]


class Tags(html.parser.HTMLParser):
    """What a browser would make of it."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes, self.words = [], [], ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words += data


def study(**attributes):
    return dw.Entity("STUDY", ("1.2",), {"StudyInstanceUID": "1.2", **attributes})


@pytest.fixture
def shown(monkeypatch):
    monkeypatch.setattr(dw.options, "phi", "show")


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("keyword", ["StudyDescription", "PatientName", "PatientID", "AccessionNumber"])
def test_what_a_peer_says_is_text_in_the_table_and_never_markup(shown, keyword, words):
    found = dw.Entities([study(**{keyword: words})])
    page = Tags(found._repr_html_())
    assert set(page.tags) == {"table", "thead", "tbody", "tr", "th", "td"}
    assert page.attributes == []
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in page.words + repr(found).replace("\n", ""))
    assert len(repr(found)) + len(page.words) < 2000


@pytest.mark.parametrize("words", HOSTILE[:5])
def test_a_name_with_markup_is_text_too(shown, words):
    page = Tags(study(PatientName=PersonName(words))._repr_html_())
    assert set(page.tags) == {"table", "thead", "tbody", "tr", "th", "td"}
    assert page.attributes == []


@pytest.mark.parametrize("words", HOSTILE)
def test_a_ledger_with_hostile_sentences_stays_text(words):
    done = dw.Retrieval(
        words, words, 3, ("1",), {words: words}, {words: words}, (words,), contexts=((words, words, False),)
    )
    page = Tags(done._repr_html_())
    assert set(page.tags) == {"p", "ul", "li", "details", "summary"}
    assert page.attributes == []


def test_names_ids_and_dates_are_masked_in_static_output_and_not_in_data():
    found = dw.Entities(
        [study(PatientName=PersonName("Doe^Jane"), PatientID="4711", StudyDate="20240131", StudyDescription="Head")]
    )
    for picture in (found._repr_html_(), repr(found), repr(found[0]), found[0]._repr_html_()):
        assert MASK in picture
        assert "Head" in picture
        assert not any(secret in picture for secret in ("Doe", "Jane", "4711", "20240131"))
    assert "dw.options.phi = 'show'" in found._repr_html_()
    assert "dw.options.phi" not in dw.Entities([study(StudyDescription="Head")])._repr_html_()  # nothing is masked
    assert (found[0].PatientName, found[0].PatientID) == ("Doe^Jane", "4711")
    assert list(found.to_dataframe().PatientID) == ["4711"]


def test_names_are_shown_where_the_user_wants_them(shown):
    assert "Doe" in study(PatientName=PersonName("Doe^Jane"))._repr_html_()


def test_invented_patients_are_never_masked():
    entity = study(PatientID="4711")
    entity.source = dw.RemoteAE("PRACTICE", "127.0.0.1", 104, invented=True)
    assert "4711" in repr(entity)
    assert MASK not in entity._repr_html_()


def test_one_returns_the_only_entity():
    entity = study()
    assert dw.Entities([entity]).one() is entity


@pytest.mark.parametrize(
    ("count", "words"), [(0, "nothing matches. Widen the keys"), (2, "2 match. Narrow the keys"), (45, "45 match")]
)
def test_one_of_none_or_several_says_how_many_and_what_to_do(count, words):
    with pytest.raises(NotFound, match=words):
        dw.Entities([study()] * count).one()


def test_a_data_frame_has_a_row_for_each_entity_and_a_column_for_each_attribute():
    found = dw.Entities([study(PatientName=PersonName("Doe^Jane"), StudyDate="20240131"), study(StudyDate=None)])
    frame = found.to_dataframe()
    assert isinstance(frame, pd.DataFrame)
    assert set(frame.columns) == {"level", "StudyInstanceUID", "PatientName", "StudyDate"}
    assert list(frame.level) == ["STUDY", "STUDY"]
    assert list(frame.PatientName)[0] == "Doe, Jane"  # noqa: RUF015  the column
    assert frame.StudyDate.isna().tolist() == [False, True]


def test_no_entities_give_an_empty_frame_and_a_sentence():
    assert dw.Entities().to_dataframe().empty
    assert "Nothing found" in dw.Entities()._repr_html_()
    assert repr(dw.Entities()) == "0 entities"


def test_a_long_table_says_how_many_more_there_are():
    page = dw.Entities([study(StudyDescription=str(i)) for i in range(250)])._repr_html_()
    assert page.count("<tr>") == 101
    assert "150 more" in page


def test_an_attribute_that_was_not_asked_for_says_which_there_are():
    entity = study(PatientID=None)
    assert entity.PatientID is None
    with pytest.raises(AttributeError, match="no attribute Modality; it has PatientID, StudyInstanceUID"):
        entity.Modality  # noqa: B018  the access is what raises
    assert not hasattr(entity, "Rows")


def test_an_entity_can_be_named_without_a_query():
    assert dw.Entity.of("1.2").path == ("1.2",)
    series = dw.Entity.of("1.2", "1.2.3", sop_classes=[CT, MR])
    assert (series.level, series.path, series.uid) == ("SERIES", ("1.2", "1.2.3"), "1.2.3")
    assert series.sop_classes == {CT, MR}
    image = dw.Entity.of("1.2", "1.2.3", "1.2.3.4", [CT])
    assert (image.level, image.SOPInstanceUID, image.SOPClassUID) == ("IMAGE", "1.2.3.4", CT)
    assert image.sop_classes == {CT}
    assert dw.Entity.of("1.2").sop_classes == frozenset()
    assert not series.children
    assert not series.complete


def test_an_instance_without_its_series_is_refused():
    with pytest.raises(ValueError, match="give series too"):
        dw.Entity.of("1.2", instance="1.2.3.4")


def test_the_classes_of_a_tree_are_those_of_its_leaves():
    images = [dw.Entity.of("1.2", "1.2.3", f"1.2.3.{n}", [uid]) for n, uid in enumerate([CT, MR, CT])]
    series = dw.Entity("SERIES", ("1.2", "1.2.3"), {}, dw.Entities(images), complete=True)
    parent = dw.Entity("STUDY", ("1.2",), {}, dw.Entities([series]), complete=True)
    assert parent.sop_classes == {CT, MR}
    assert parent.instances == images
    assert set(classes_of([parent])) == {CT, MR}
    assert classes_of([dw.Entity.of("1.2", sop_classes=["nonsense", CT])]) == [CT]


def test_one_entity_and_several_are_the_same_to_a_retrieval():
    entity = study()
    assert list(flat(entity)) == [entity]
    assert list(flat(dw.Entities([entity, entity]))) == [entity, entity]
    assert list(flat(e for e in [entity])) == [entity]


@pytest.mark.parametrize(
    ("received", "expected", "failed", "fraction"),
    [(0, None, 0, None), (0, 4, 0, 0.0), (1, 4, 1, 0.5), (4, 4, 0, 1.0), (5, 4, 0, 1.0), (0, 0, 0, None)],
)
def test_progress_is_a_fraction_where_the_whole_is_known(received, expected, failed, fraction):
    assert dw.Progress(received, expected, failed).fraction == fraction


@pytest.mark.parametrize(
    ("changes", "complete"),
    [
        ({}, True),
        ({"expected": None}, False),
        ({"confirmed": False}, False),
        ({"expected": 3}, False),
        ({"failed": {"1.3": "why"}}, False),
        ({"missing": ("1.3",)}, False),
        ({"cancelled": True}, False),
    ],
)
def test_a_retrieval_is_complete_when_all_that_was_expected_came(changes, complete):
    done = dw.Retrieval(**{"way": "C-GET", "peer": "PACS", "expected": 2, "received": ("1.1", "1.2"), **changes})
    assert done.complete is complete


def test_a_ledger_tells_its_numbers_in_one_line():
    done = dw.Retrieval(
        "C-GET",
        "PACS at h:104",
        4,
        ("1",),
        {"2": "x"},
        {"3": "gone", "4": "gone"},
        ("w",),
        2.0,
        3_000_000,
        cancelled=True,
    )
    line = str(done)
    for words in ("C-GET from PACS at h:104", "1 of 4", "3.0 MB in 2.00 s", "1 failed", "2 missing", "cancelled"):
        assert words in line
    assert "w" in repr(done)
