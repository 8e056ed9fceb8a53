"""Sources and ways of retrieval that are defined outside the package are used as those that are part of it."""

from __future__ import annotations

import pytest

import dicom_widgets as dw
from dicom_widgets.network.ways import WAYS
from dicom_widgets.sources.source import Source
from dicom_widgets.sources.way import Way
from tests import samples
from tests.unit.sources.shelf import Shelf
from tests.unit.widgets.talk import Talk


@pytest.fixture
def session():
    with dw.Session(listen_port=0, memory_limit=1 << 28) as session:
        yield session


@pytest.fixture
def shelf():
    return Shelf(samples.image(samples.ramp(0, 16), PatientID="4711", StudyDate="20240131"))


def test_what_has_the_attributes_of_a_source_is_one(shelf):
    remote = dw.RemoteAE("PACS", "127.0.0.1", 104)
    assert [isinstance(s, Source) for s in (shelf, remote, dw.Media({}), "PACS", None)] == [True] * 3 + [False] * 2


def test_a_source_from_outside_is_queried(session, shelf):
    assert session.find(shelf, PatientID="4712") == []
    study = session.find(shelf, PatientID="47*", StudyDate="20240101-").one()
    assert (study.source, study.children) == (shelf, [])
    (series,) = session.expand(study)
    assert session.find(shelf, "IMAGE", under=series).one().uid == shelf.ds.SOPInstanceUID
    (tree,) = session.tree(shelf)
    assert [i.uid for i in tree.instances] == [shelf.ds.SOPInstanceUID]


def test_a_source_from_outside_is_retrieved_from(session, shelf):
    study = session.find(shelf).one()
    done = session.retrieve(study, progress=False)
    assert (done.way, done.received, done.complete) == ("Copy", (shelf.ds.SOPInstanceUID,), True)
    assert "the shelf" in str(done)
    assert session.dataset(shelf.ds.SOPInstanceUID).PatientID == "4711"
    session.drop(study)
    assert session.retrieve(shelf, dw.Entity.of(*study.path), way="Copy", progress=False).complete


@pytest.mark.parametrize("way", ["C-GET", "Read"])
def test_the_ways_that_a_source_has_are_named(session, shelf, way):
    with pytest.raises(ValueError, match=rf"the shelf cannot be retrieved from by '{way}'\. Give way='Copy'"):
        session.retrieve(session.find(shelf).one(), way=way, progress=False)
    assert session.busy == ""


def test_a_source_from_outside_is_browsed(session, shelf):
    talk = Talk(dw.Browser(session, {"Shelf": shelf}))
    talk.tell("ready")
    assert talk.said[0]["remotes"] == [{"name": "Shelf", "words": "Shelf", "ways": []}]
    talk.tell("query", remote="Shelf", keys={})
    talk.status("1 study at the shelf", busy=False)
    (study,) = talk.widget.results
    talk.tell("retrieve", path=study.uid, way="")
    talk.until(lambda c: c["type"] == "ledger" and "1 of 1" in c["words"])
    assert [i.uid for i in session.studies.one().instances] == [shelf.ds.SOPInstanceUID]
    talk.tell("doctor", remote="Shelf")
    talk.status("There is no connection to examine: the shelf", error=True)


def test_a_way_of_remote_aes_from_outside_is_used_everywhere_until_it_is_taken_away(session):
    title, host, port = session.address
    with dw.PracticePacs(destinations={title: (host, port)}) as pacs:
        found = session.find(pacs.remote, PatientName="Sample*").one()
        retrieved = []

        def telepathy(order):
            retrieved.extend(order.instances())
            yield from WAYS["C-GET"].run(order)

        with WAYS.register("Telepathy", Way("Telepathy", telepathy, hint="{source} knows {address}.")):
            done = session.retrieve(found, way="Telepathy", progress=False)
            assert (done.way, done.complete, len(retrieved)) == ("Telepathy", True, 22)
            assert dw.RemoteAE("PACS", "127.0.0.1", 104, way="Telepathy").way == "Telepathy"
            talk = Talk(dw.Browser(session, pacs.remote))
            talk.tell("ready")
            assert talk.said[0]["remotes"][0]["ways"][-1] == "Telepathy"
            assert talk.said[0]["hints"]["Telepathy"] == "{source} knows {address}."
            step = session.doctor(pacs.remote)["Telepathy"]
            assert step.ok
            assert "came by Telepathy in" in step.words
        with pytest.raises(ValueError, match="Give way='C-GET' or 'C-MOVE' or 'WADO-URI'"):
            session.retrieve(found, way="Telepathy", progress=False)
