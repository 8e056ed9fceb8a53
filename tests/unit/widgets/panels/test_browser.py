"""The browser's kernel side: messages as the page sends them, and what is answered."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.network.association import operation as line
from dicom_widgets.widgets.panels import browser
from dicom_widgets.widgets.panels.series import SeriesList
from tests import samples
from tests.peers.misbehaving import Misbehaving
from tests.unit.widgets.talk import Talk


@pytest.fixture(scope="module")
def pacs():
    with dw.PracticePacs() as pacs:
        yield pacs


@pytest.fixture
def viewed():
    return []


@pytest.fixture
def talk(session, pacs, viewed):
    return Talk(dw.Browser(session, pacs.remote, viewed.append))


def found(talk, **keys):
    talk.tell("query", remote=talk.widget._source, keys=keys)
    talk.status("at PRACTICE", busy=False)
    return talk.widget.results


def test_a_page_that_comes_gets_everything(talk, session):
    talk.tell("ready")
    assert [c["type"] for c in talk.said] == ["remotes", "rows", "status", "findings"]
    name = talk.widget._source
    assert talk.said[0]["remotes"] == [{"name": name, "words": name, "ways": ["C-GET", "C-MOVE", "WADO-URI"]}]
    assert talk.said[0]["address"] == "{} at {}:{}".format(*session.address)


def test_the_ways_are_those_that_the_remote_has_its_own_first(session):
    sources = {"one": dw.RemoteAE("A", "h", 104), "two": dw.RemoteAE("B", "h", 104, way="C-MOVE", wado_uri="http://h/")}
    talk = Talk(dw.Browser(session, sources))
    talk.tell("ready")
    assert [r["ways"] for r in talk.said[0]["remotes"]] == [["C-GET", "C-MOVE"], ["C-MOVE", "C-GET", "WADO-URI"]]


def test_a_deep_query_is_shown_as_it_grows_down_to_the_instances(talk):
    talk.tell("query", remote=talk.widget._source, keys={"PatientName": "Sample*"}, deep=True)
    talk.status("1 study, 1 series, 22 instances at PRACTICE", busy=False)
    assert any(c["type"] == "status" and c["busy"] and "1 study" in c["words"] for c in talk.said)
    (study,) = talk.widget.results
    assert len(study.instances) == 22
    row = talk.until(lambda c: c["type"] == "rows" and len(c["rows"]) == 24)["rows"]
    assert [r["level"] for r in row[:3]] == ["STUDY", "SERIES", "IMAGE"]


def test_a_query_that_hangs_is_cancelled(session, monkeypatch):
    with Misbehaving("mute") as peer:
        talk = Talk(dw.Browser(session, peer.remote))
        talk.tell("query", remote=talk.widget._source, keys={})
        talk.status("Asking", busy=True)
        monkeypatch.setattr(line, "GRACE", 0.1)
        talk.tell("cancel")
        talk.status("Cancelled. What was found is shown.", busy=False)
    assert session.busy == ""


def test_the_ledger_of_a_retrieval_is_told_and_told_again_to_a_page_that_comes(talk):
    study = found(talk, PatientName="Example*")[0]
    assert talk.widget.ledger is None
    talk.tell("retrieve", path=study.uid, way="C-GET")
    told = talk.until(lambda c: c["type"] == "ledger")
    assert told["words"].startswith("C-GET from PRACTICE")
    assert (told["warnings"], told["absent"], told["more"]) == ([], [], 0)
    assert any("Image Storage: Explicit VR Little Endian" in c for c in told["accepted"])
    assert talk.widget.ledger.complete
    talk.said.clear()
    talk.tell("ready")
    assert told in talk.said


def test_the_doctor_looks_into_the_connection(talk, pacs, session):
    title, host, port = session.address
    pacs.destinations[title] = (host, port)
    talk.tell("doctor", remote=talk.widget._source)
    talk.status("none failed", busy=False)
    steps = [c["finding"]["step"] for c in talk.said if c["type"] == "finding"]
    assert steps[0] == "Configuration"
    assert "C-ECHO" in steps
    talk.said.clear()
    talk.tell("ready")
    assert [f["step"] for f in talk.until(lambda c: c["type"] == "findings")["findings"]] == steps


def test_a_ledger_with_very_much_missing_stays_short():
    done = dw.Retrieval("C-GET", "PACS", 999, (), {f"2.25.{n}": "<b>" * 999 for n in range(999)})
    told = browser._ledger(done)
    assert (len(told["absent"]), told["more"]) == (200, 799)
    assert all(len(words) < 400 for words in told["absent"])


def test_a_query_from_the_form(talk):
    studies = found(talk, PatientName="*山田*", PatientID="", to="", **{"from": "2012-01-01"})
    assert [s.PatientID for s in studies] == ["PRACTICE-14"]
    row = talk.until(lambda c: c["type"] == "rows" and c["rows"])["rows"][0]
    assert row["cells"][:3] == ["Yamada, Tarou (山田 太郎, やまだ たろう)", "PRACTICE-14", "2012-04-01"]


def test_series_and_instances_are_looked_into_once(talk):
    study = found(talk, PatientName="Sample*")[0]
    talk.tell("expand", path=study.uid)
    talk.status("1 series")
    series = study.children[0]
    talk.tell("expand", path="/".join(series.path))
    talk.status("22 instances")
    talk.tell("select", path="/".join(series.path))
    assert talk.widget.selected is series


def test_view_retrieves_then_shows_and_does_not_retrieve_again(talk, session, viewed):
    study = found(talk, PatientName="Example*")[0]
    talk.tell("view", path=study.uid)
    talk.status("1 of 1 instances")
    talk.until(lambda c: c["type"] == "rows" and any(r["cells"][6] == "✓" for r in c["rows"]))
    assert len(session.studies) == 1
    talk.said.clear()
    talk.tell("view", path=study.uid)
    talk.until(lambda c: c["type"] == "rows")
    assert not [c for c in talk.said if c["type"] == "status"]
    assert viewed == [study, study]


def test_nothing_found_is_said(talk):
    talk.tell("query", remote=talk.widget._source, keys={"PatientID": "nobody"})
    talk.status("No study of")


def test_errors_are_sentences_in_the_widget(talk, session):
    talk.tell("query", remote=talk.widget._source, keys={"StudyDescription": "x", "from": "soon"})
    talk.status("is no date", error=True)
    talk.tell("retrieve", path="1.2.3")
    talk.status("Select a study", error=True)
    with session._exclusive.doing("something else"):
        talk.tell("query", remote=talk.widget._source, keys={})
        talk.status("busy with something else", error=True)


def test_a_peer_that_is_down_is_named(session):
    talk = Talk(dw.Browser(session, dw.RemoteAE("NOBODY", "127.0.0.1", 1)))
    talk.tell("query", remote=talk.widget._source, keys={})
    talk.status("Nothing listens at 127.0.0.1:1", error=True)


def test_cancel_keeps_what_arrived(talk, session):
    study = found(talk, PatientName="Phantom*")[0]
    arrived = threading.Event()
    session.watch(lambda _: arrived.set())
    talk.tell("retrieve", path=study.uid)
    assert arrived.wait(10)
    talk.tell("cancel")
    talk.until(lambda c: c["type"] == "status" and "instances" in c["words"] and not c["busy"])
    held = len(session.instances(session.studies))
    assert 0 < held <= 66
    assert session.busy == ""


def test_the_preconfigured_remotes_are_offered_else_the_practice_pacs(session, tmp_path, monkeypatch):
    config = tmp_path / "remotes.toml"
    config.write_text('[remotes.hospital]\nae_title = "PACS"\nhost = "pacs.example.org"\nport = 104\n')
    monkeypatch.setenv("DICOM_WIDGETS_CONFIG", str(config))
    assert list(dw.remotes()) == ["hospital"]
    assert list(dw.Browser(session)._sources) == ["hospital"]
    config.write_text("")
    try:
        assert list(dw.Browser(session)._sources) == ["Practice PACS"]
    finally:
        dw.default_session().close()


def test_the_series_list_shows_what_is_held_and_chooses(session, pacs):
    chosen = []
    talk = Talk(SeriesList(session, chosen.append))
    talk.tell("ready")
    assert talk.said[-1]["studies"] == []
    session.retrieve(session.find(pacs.remote, PatientName="Sample*").one(), progress=False)
    card = talk.until(lambda c: c["studies"] and c["studies"][0]["series"][0]["detail"] == "22 instances")
    series = card["studies"][0]["series"][0]
    assert series["title"] == "MR 3: T2 TSE sagittal"
    talk.tell("show", path=series["path"])
    assert chosen[0].uid == series["path"].split("/")[1]


def test_the_series_list_is_in_the_order_of_their_numbers(session):
    for number in (12, 3, None):
        own = {"SeriesNumber": number, "SeriesInstanceUID": f"1.2.{number or 0}", "StudyInstanceUID": "1.2"}
        session.load(samples.image(np.zeros((4, 4), np.uint16), **own))
    talk = Talk(SeriesList(session, print))
    talk.tell("ready")
    assert [c["title"] for c in talk.said[-1]["studies"][0]["series"]] == ["OT 3", "OT 12", "OT"]


def test_a_medium_is_shown_at_once_and_read_when_something_is_chosen(session, tmp_path, viewed):
    ds = samples.image(np.arange(64, dtype=np.uint16).reshape(8, 8), PatientName="Doe^Jane", Modality="CT")
    ds.save_as(tmp_path / "one.dcm", enforce_file_format=True)
    talk = Talk(dw.Browser(session, dw.Media(tmp_path), on_view=viewed.append))
    talk.tell("ready")
    assert talk.said[0]["remotes"][0]["ways"] == []
    talk.status("1 study at the medium", busy=False)
    row = talk.until(lambda c: c["type"] == "rows" and c["rows"])["rows"][0]
    assert (row["cells"][0], row["cells"][5]) == ("Doe, Jane", "1")
    assert len(session.studies) == 0
    talk.tell("view", path=row["path"])
    talk.status("1 of 1 instances")
    talk.until(lambda _: bool(viewed))
    assert len(session.studies.one().instances) == 1
    assert session.memory == 0  # mapped
    talk.tell("doctor", remote=talk.widget._source)
    talk.status("no connection to examine", error=True)


def test_files_that_were_skipped_are_counted(session, tmp_path):
    """A folder without a DICOMDIR: what is no DICOM object is told."""
    (tmp_path / "one.dcm").write_bytes(samples.part10(samples.image(samples.ramp(0, 4))))
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("hello")
    talk = Talk(dw.Browser(session, dw.Media(tmp_path)))
    talk.tell("ready")
    talk.status("2 files skipped")


def test_the_reading_of_headers_has_a_bar(session, tmp_path, monkeypatch):
    """Slow media say how far they are."""
    for n in range(6):
        (tmp_path / f"{n}.dcm").write_bytes(samples.part10(samples.image(samples.ramp(0, 4))))
    medium = dw.Media(tmp_path)
    head = medium._container.head
    monkeypatch.setattr(medium._container, "head", lambda name: (time.sleep(0.15), head(name))[1])
    talk = Talk(dw.Browser(session, medium))
    talk.tell("ready")
    talk.until(lambda c: c["type"] == "status" and "of 6 files" in c["words"] and 0 < c["fraction"] < 1)
    talk.status("1 study")


def test_a_guessed_header_is_said_in_the_tree(session, tmp_path):
    """A file without meta information: in the browser's rows, in the entities, and in the picture's record."""
    ds = samples.image(samples.ramp(0, 4))
    (tmp_path / "bare").write_bytes(samples.encoded(ds))
    medium = dw.Media(tmp_path)
    talk = Talk(dw.Browser(session, medium))
    talk.tell("query", remote=str(medium), keys={}, deep=True)
    rows = talk.until(lambda c: c["type"] == "rows" and len(c["rows"]) == 3)["rows"]
    assert "header guessed: Explicit VR Little Endian" in rows[2]["cells"][4]
    (instance,) = session.load(tmp_path)[0].instances
    assert instance.note == "header guessed: Explicit VR Little Endian"
    assert session.present(instance).record["fidelity"] == "guessed header"


def test_spectra_load_and_are_listed(session, tmp_path):
    """MR Spectroscopy: beyond the 45 classes, so a page of its attributes; nothing is dropped."""
    ds = samples.plain(samples.PREFIX + "4.2", Modality="MR", Rows=1, Columns=1, DataPointColumns=4)
    ds.SpectroscopyData = np.arange(8, dtype="<f4").tobytes()
    (tmp_path / "spectrum.dcm").write_bytes(samples.part10(ds))
    (found,) = session.load(tmp_path)[0].instances
    page = session.present(found)
    assert "MR Spectroscopy Storage" in page.html
    assert dw.Tags(session, found).uid_shown == found.uid
