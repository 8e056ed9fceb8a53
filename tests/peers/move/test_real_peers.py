"""C-MOVE from real peers: what comes equals what C-GET brings, and what a wrong configuration is told."""

from __future__ import annotations

import contextlib
import threading
import time
from types import SimpleNamespace

import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import MPEG2MPML

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom.conformance import EXPLICIT, IMPLICIT
from dicom_widgets.network.retrieve import move as moves
from dicom_widgets.sources.local import LocalAE
from tests import samples
from tests.peers.loopback import HOST, accepts, eventually, free_port
from tests.peers.orthanc import Orthanc
from tests.peers.study import CT, SERIES, STUDY, ct

pytestmark = pytest.mark.usefixtures("quick_ends")
PLAIN = {EXPLICIT, IMPLICIT}


@pytest.mark.parametrize("what", ["study", "series", "image", "images"])
def test_a_move_brings_what_a_get_brings(session, peer, some, what):
    series = max(some.children, key=lambda s: len(s.children))
    entity = {"study": some, "series": series, "image": series.children[0], "images": series.children[::2]}[what]
    wanted = {i.uid for e in (entity if what == "images" else [entity]) for i in e.instances}
    done = session.retrieve(entity, way="C-MOVE", progress=False)
    assert set(done.received) == wanted
    assert (done.way, done.peer, done.expected, done.complete) == ("C-MOVE", str(peer), len(wanted), True)
    assert (dict(done.failed), done.missing, done.warnings) == ({}, {}, ())
    assert done.nbytes == int(session.memory) > 0
    assert session.listener.port == session.local.port
    with dw.Session("BY_GET", listen_port=0) as other:
        other.retrieve(entity, way="C-GET", progress=False)
        assert other.listener is None
        for uid in wanted:
            ours, theirs = session.instance(uid), other.instance(uid)
            if ours.blob.transfer_syntax == theirs.blob.transfer_syntax:
                assert bytes(ours.blob.data) == bytes(theirs.blob.data)
            else:  # dcmqrscp takes implicit VR for C-GET
                assert {ours.blob.transfer_syntax, theirs.blob.transfer_syntax} == PLAIN
                assert ours.dataset() == theirs.dataset()


def test_a_move_brings_each_file_of_orthanc_as_it_is_stored(session, orthanc, loaded):
    for study in session.find(orthanc.remote):
        assert session.retrieve(study, way="C-MOVE", progress=False).complete
    assert {i.uid for i in session.store.under(())} == set(loaded.datasets)
    for path in loaded.files:
        file = pydicom.dcmread(path)
        held = session.dataset(file.SOPInstanceUID)
        assert held.file_meta.TransferSyntaxUID == file.file_meta.TransferSyntaxUID
        assert held.get("PixelData") == file.get("PixelData")
    assert dict(session.listener.refusals) == {}


def test_the_way_of_the_remote_is_taken(session, orthanc):
    study = session.find(orthanc.remote_with(way="C-MOVE"))[0]
    assert session.retrieve(study, progress=False).way == "C-MOVE"


def test_the_listener_goes_with_the_session(peer, listener_port):
    before = set(threading.enumerate())
    with dw.Session(listen_port=listener_port) as session:
        study = session.find(peer)[0]
        assert session.listener is None
        with contextlib.suppress(errors.RetrieveFailed):  # one that dcmqrscp cannot send
            session.retrieve(study, way="C-MOVE", progress=False)
        assert session.listener.port == listener_port
        assert accepts(listener_port)
        begin = time.monotonic()
    assert time.monotonic() - begin < 3
    assert not accepts(listener_port)
    eventually(lambda: {t for t in threading.enumerate() if "Acceptor" not in t.name} <= before)


def test_two_sessions_at_one_address_move_at_once_and_do_not_mix(peer, listener_port, some):
    """One a whole study, the other the first series of it."""
    series = some.children[0]
    with dw.Session(listen_port=listener_port) as one, dw.Session(listen_port=listener_port) as two:
        transfers = [one.fetch(some, way="C-MOVE"), two.fetch(series, way="C-MOVE")]
        assert all(t.result().complete for t in transfers)
        assert {i.uid for i in one.instances(some)} == {i.uid for i in some.instances}
        assert {i.uid for i in two.instances(two.studies)} == {i.uid for i in series.instances}


# --- Orthanc that says so before it sends


@pytest.fixture(scope="module")
def asynchronous(orthanc_here, loaded, listener_port):
    known = {"DICOM_WIDGETS": listener_port, "ELSEWHERE": free_port()}
    with Orthanc(loaded.files[:40], peers=known, SynchronousCMove=False) as pacs:
        yield pacs


def test_what_comes_after_the_success_is_waited_for(session, asynchronous):
    studies = session.tree(asynchronous.remote)
    wanted = {i.uid for s in studies for i in s.instances}
    done = session.retrieve(studies, way="C-MOVE", progress=False)
    assert set(done.received) == wanted
    assert done.complete
    assert done.seconds < moves.GRACE


@pytest.mark.parametrize("title", ["ELSEWHERE", "UNKNOWN"])
def test_success_of_a_move_to_somewhere_else_is_an_error_after_the_grace(asynchronous, short, title):
    with dw.Session(title, listen_port=0) as session:
        study = session.find(asynchronous.remote)[0]
        begin = time.monotonic()
        with pytest.raises(errors.RetrieveFailed) as caught:
            session.retrieve(study, way="C-MOVE", progress=False)
        assert time.monotonic() - begin < 5
        for words in ("Nothing connected to our listener", repr(title), f"{HOST}:{session.local.port}", "C-GET"):
            assert words in str(caught.value)


# --- what to configure


@pytest.mark.parametrize("know_us", [False, True], ids=["unknown title", "closed port"])
def test_an_address_that_the_peer_has_wrong_is_told(pacs, know_us):
    """It does not know the title, or knows it with a port at which nobody listens."""
    status = {"ORTHANC": "0xC000", "DCMQRSCP": "0xA702" if know_us else "0xA801"}[pacs.ae_title]
    with dw.Session("DICOM_WIDGETS" if know_us else "NOBODY_KNOWS", listen_port=0) as session:
        study = session.find(pacs.remote)[0]
        with pytest.raises(errors.RetrieveFailed) as caught:
            session.retrieve(study, way="C-MOVE", progress=False)
        sentence = str(caught.value)
        for words in (
            f"C-MOVE from {pacs.remote} brought nothing",
            f"(status {status}",
            "Nothing connected to our listener",
            f"{session.ae_title!r} as {HOST}:{session.local.port}",
            "C-GET needs no listener",
        ):
            assert words in sentence
        assert session.busy == ""


@pytest.mark.parametrize("ours", ["127.0.0.1", "127.0.0.5", "::1", "localhost", "0.0.0.0", "192.0.2.9"])
@pytest.mark.parametrize("theirs", ["127.0.0.1", "192.0.2.7"])
def test_a_listener_that_only_this_machine_reaches_is_told_where_the_peer_is_elsewhere(ours, theirs):
    order = SimpleNamespace(ours=LocalAE("US", ours, 11112), source=dw.RemoteAE("PACS", theirs, 104))
    sentences = " ".join(moves._advice(order, SimpleNamespace(connections=0)))
    loopback = ours not in {"0.0.0.0", "192.0.2.9"}
    assert ("listen_host='0.0.0.0'" in sentences) == (loopback and theirs == "192.0.2.7")


# --- an instance that cannot be sent


@pytest.fixture(scope="module")
def with_a_bad_one(orthanc_here, tmp_path_factory, listener_port):
    """An Orthanc with a study of which one instance is in a syntax that nobody takes or converts: it, and the rest."""
    folder = tmp_path_factory.mktemp("bad")
    good = [ct(SOPInstanceUID=f"{SERIES}.{n}", InstanceNumber=n) for n in (1, 2, 4, 5)]
    bad = ct(SOPInstanceUID=f"{SERIES}.3", InstanceNumber=3)
    bad.file_meta.TransferSyntaxUID = MPEG2MPML
    bad.PixelData = encapsulate([b"\x00\x00\x01\xba" + bytes(60)])
    bad["PixelData"].is_undefined_length = True
    for ds in (*good, bad):
        (folder / f"{ds.InstanceNumber}.dcm").write_bytes(samples.part10(ds))
    with Orthanc([folder], peers={"DICOM_WIDGETS": listener_port}) as pacs:
        assert len(pacs.loaded) == 5
        yield pacs.remote, bad.SOPInstanceUID, {ds.SOPInstanceUID for ds in good}


@pytest.mark.parametrize("way", ["C-GET", "C-MOVE"])
def test_one_instance_that_cannot_be_sent_costs_no_other(session, with_a_bad_one, way):
    remote, bad, good = with_a_bad_one
    study = dw.Entity.of(STUDY, sop_classes=[CT])
    tree = session.tree(remote, StudyInstanceUID=STUDY)
    assert len(tree.one().instances) == 5
    done = session.retrieve(remote, study if way == "C-GET" else tree, way=way, progress=False)
    assert set(done.received) == good
    assert not done.complete
    assert dict(done.failed) == {bad: "the peer could not send it"}
    assert any("one by one" in w for w in done.warnings)
