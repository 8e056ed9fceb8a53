"""The kernel side of the tag browser: messages as the page sends them, and what is answered."""

from __future__ import annotations

import pytest

import dicom_widgets as dw
from tests import samples
from tests.samples import item
from tests.unit.widgets.talk import Talk

EVIL = "<img src=x onerror=alert(1)>"


class View(Talk):
    """One view of a tag browser: it names itself, and most of what it asks is answered at once."""

    def tell(self, kind, **content):
        """Send a message; return the last answer so far."""
        super().tell(kind, view="v", **content)
        return self.said[-1] if self.said else None


@pytest.fixture
def report(session):
    ds = samples.plain(
        samples.PREFIX + "88.11",
        PatientName="Secretname^Jane",
        StudyDescription=EVIL,
        PatientID="",
        TextValue="line\n" * 10_000,
        ReferencedSeriesSequence=[item(SeriesInstanceUID=f"1.2.{i}") for i in range(450)],
    )
    ds.private_block(0x0009, "ACME", create=True).add_new(1, "LO", "own")
    session.load(ds)
    return ds


@pytest.fixture
def talk(session, report):
    return View(dw.Tags(session, str(report.SOPInstanceUID)))


def keywords(said):
    return [r["keyword"] for r in said["rows"]]


def test_a_page_that_comes_is_told_what_it_is_and_asks_for_the_elements(talk, report):
    head = talk.tell("ready")
    assert (head["type"], head["to"], head["title"]) == ("head", "v", "Basic Text SR Storage")
    said = talk.tell("rows", node=7, path=[])
    assert (said["node"], said["start"], said["total"]) == (7, 0, len(report))
    row = next(r for r in said["rows"] if r["keyword"] == "StudyDescription")
    assert (row["value"], row["expression"], row["where"]) == (EVIL, "ds.StudyDescription", "")


def test_only_what_is_unfolded_is_sent_and_in_pages(talk):
    said = talk.tell("rows", path=[0x00081115], start=400)
    assert (said["total"], len(said["rows"])) == (450, 50)
    assert len(talk.tell("rows", path=[0x00081115])["rows"]) == 200
    said = talk.tell("rows", path=[0x00081115, 449])
    assert said["rows"][0]["value"] == "1.2.449"
    assert said["rows"][0]["where"] == "ReferencedSeriesSequence[449]"


def test_private_and_empty_ones_are_left_out_when_the_page_says_so(talk):
    everything = talk.tell("rows", path=[])
    less = talk.tell("rows", path=[], private=False, empty=False)
    assert everything["total"] - less["total"] == 3
    assert "PatientID" not in keywords(less)


def test_a_search_comes_in_batches_up_to_a_limit(talk):
    talk.tell("search", n=1, words="0020,000E")
    last = talk.until(lambda c: c["type"] == "found" and c["done"])
    found = [r for c in talk.said for r in c["rows"]]
    assert len(found) == 451
    assert (last["n"], last["more"]) == (1, False)


def test_a_search_that_finds_too_much_says_so(talk, monkeypatch):
    monkeypatch.setattr("dicom_widgets.widgets.panels.tags.FOUND", 120)
    talk.tell("search", n=1, words="0020,000E")
    assert talk.until(lambda c: c["type"] == "found" and c["done"])["more"] is True
    assert sum(len(c["rows"]) for c in talk.said) == 120


def test_a_newer_search_ends_the_one_before(talk):
    talk.widget._newest["v"] = 2
    talk.widget._find("v", 1, "0020,000E", {"private": True, "empty": True})
    assert talk.said == []


def test_an_error_of_a_search_is_said(talk, monkeypatch):
    monkeypatch.setattr("dicom_widgets.widgets.panels.tags.search", lambda *_a, **_k: 1 / 0)
    talk.tell("search", n=1, words="x")
    assert "ZeroDivisionError" in talk.until(lambda c: c["type"] == "error")["words"]


def test_more_of_a_long_value_is_sent_when_it_is_asked_for(talk):
    said = talk.tell("value", path=[0x0040A160])
    assert (len(said["text"]), said["cut"], said["copy"]) == (20_000, True, False)
    said = talk.tell("value", path=[0x0040A160], all=True, copy=True)
    assert (len(said["text"]), said["cut"], said["copy"]) == (50_000, False, True)


@pytest.mark.parametrize("path", [[0x00100099], ["x"], [-1], [0x00081115, 999], [1 << 40], "x"])
def test_a_path_that_leads_nowhere_is_said(talk, path):
    for kind in ("rows", "value"):
        assert talk.tell(kind, path=path)["type"] == "error"


def test_what_is_not_held_is_not_found(session):
    with pytest.raises(dw.errors.NotFound):
        dw.Tags(session, "1.2.3.999")


def test_any_name_of_an_instance_will_do(session, report):
    uid = str(report.SOPInstanceUID)
    for which in (session.instance(uid), session.studies.one().instances[0], session.studies.one()):
        assert View(dw.Tags(session, which)).tell("ready")["type"] == "head"


def test_nothing_of_the_patient_is_in_traits_or_in_what_a_notebook_keeps(talk):
    talk.tell("ready")
    talk.tell("rows", path=[])
    widget = talk.widget
    kept = [repr(widget), str(widget.get_state()), str(widget._repr_mimebundle_())]
    assert not any("Secretname" in words or "onerror" in words for words in kept)
