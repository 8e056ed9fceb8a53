"""C-MOVE as a way of retrieval: what comes equals what C-GET brings, and every way in which a peer ends one."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from types import SimpleNamespace

import pydicom
import pytest
from pydicom.uid import JPEGLossless, RLELossless
from pynetdicom import AE, evt
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import CTImageStorage

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom.conformance import EXPLICIT, FIND, GET, IMPLICIT
from dicom_widgets.network.association import operation as line
from dicom_widgets.network.retrieve import move as moves
from dicom_widgets.sources.local import LocalAE
from tests import samples
from tests.peers.loopback import HOST, accepts, free_port
from tests.peers.misbehaving import Mover, closing, servers_that_end_quickly, storing

CT = str(CTImageStorage)
PLAIN = {EXPLICIT, IMPLICIT}
STUDY, SERIES = "1.2.826.0.1.7", "1.2.826.0.1.7.1"


def ct(study=STUDY, **attributes):
    return samples.plain(CT, **{"StudyInstanceUID": study, "SeriesInstanceUID": f"{study}.1", **attributes})


def until(happens, seconds=10):
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.005)


@pytest.fixture(scope="module", autouse=True)
def quick_ends():
    with servers_that_end_quickly():
        yield


@pytest.fixture
def session(listener_port):
    """One that the real peers know."""
    with dw.Session(listen_port=listener_port) as made:
        yield made


@pytest.fixture
def short(monkeypatch):
    """Shorter times of grace."""
    monkeypatch.setattr(moves, "GRACE", 0.4)
    monkeypatch.setattr(line, "GRACE", 0.4)


@pytest.fixture(scope="module")
def practice():
    with dw.PracticePacs() as pacs:
        yield pacs


@pytest.fixture(params=["orthanc", "dcmqrscp", "practice"])
def peer(request, listener_port):
    """Each of the peers in turn, as the package sees it."""
    pacs = request.getfixturevalue(request.param)
    if request.param == "practice":
        pacs.destinations["DICOM_WIDGETS"] = (HOST, listener_port)
    return pacs.remote


@pytest.fixture
def mover(session):
    """Start a peer whose C-MOVE does what it is told to; it knows the session."""
    with contextlib.ExitStack() as stack:
        yield lambda script: stack.enter_context(Mover(script, session.local.port))


def move(session, remote, entities=None, **options):
    entities = dw.Entity.of(STUDY) if entities is None else entities
    return session.retrieve(remote, entities, way="C-MOVE", progress=False, **options)


def of(uids, *, study=STUDY):
    """Return named instances of the one series."""
    return [dw.Entity.of(study, f"{study}.1", u) for u in uids]


# --- what comes


@pytest.fixture
def some(session, peer):
    """A study of which the peer can send everything: its tree, with at least two series where there are such."""
    plain = []
    for study in session.tree(peer):
        header = study.instances[0]
        if peer.ae_title != "DCMQRSCP":
            plain.append(study)
            continue
        with contextlib.suppress(errors.RetrieveFailed):
            if session.retrieve(header, progress=False).complete:
                plain.append(study)
    session.drop([i.uid for i in session.store.under(())])
    return max(plain, key=lambda s: (len(s.children) > 1, -len(s.instances)))


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
    until(lambda: {t for t in threading.enumerate() if "Acceptor" not in t.name} <= before)


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
    from tests.peers.orthanc import Orthanc

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


# --- what a peer may do


def test_the_order_of_arrival_is_kept_and_an_instance_that_comes_twice_counts_once(session, mover, short):
    datasets = [ct() for _ in range(4)]
    order = [datasets[i] for i in (2, 0, 2, 3, 1)]

    def script(asked):
        asked.store(*order)
        asked.answer(0, Completed=4, Failed=0, Warning=0)

    done = move(session, mover(script).remote)
    assert done.received == tuple(datasets[i].SOPInstanceUID for i in (2, 0, 3, 1))
    assert (done.expected, done.complete) == (4, True)
    assert done.nbytes >= int(session.memory)


def test_what_is_asked_for_twice_is_expected_once_and_not_waited_for(session, mover):
    """An entity and one of its parts."""
    ds = ct()

    def script(asked):
        asked.store(ds)
        asked.answer(0, Completed=1, Failed=0, Warning=0)

    done = move(session, mover(script).remote, [dw.Entity.of(STUDY), dw.Entity.of(STUDY, SERIES)])
    assert done.received == (ds.SOPInstanceUID,)
    assert done.seconds < 2
    assert done.complete


@pytest.mark.parametrize("counts", [{}, {"Completed": 0}, {"Completed": 0, "Failed": 0, "Warning": 0, "Remaining": 0}])
def test_a_peer_that_counts_nothing_is_believed_by_what_came(session, mover, counts):
    datasets = [ct() for _ in range(3)]

    def script(asked):
        asked.store(*datasets)
        asked.answer(0, **counts)

    done = move(session, mover(script).remote)
    assert len(done.received) == 3
    assert done.complete


def test_success_without_anything_is_an_error(session, mover):
    with pytest.raises(errors.RetrieveFailed, match="reports success") as caught:
        move(session, mover(lambda asked: asked.answer(0, Completed=0)).remote)
    assert "Nothing connected to our listener" in str(caught.value)


def test_what_is_sent_after_the_final_response_is_waited_for_as_long_as_something_comes(session, mover, monkeypatch):
    """In all they take longer than the grace does, and each by itself far less."""
    monkeypatch.setattr(moves, "GRACE", 3.0)
    datasets = [ct() for _ in range(4)]
    threads = []

    def script(asked):
        asked.answer(0, Completed=4, Failed=0, Warning=0)

        def later():
            for ds in datasets:
                time.sleep(0.9)
                asked.store(ds)

        threads.append(threading.Thread(target=later))
        threads[0].start()

    done = move(session, mover(script).remote)
    threads[0].join()
    assert len(done.received) == 4
    assert done.complete


def test_what_does_not_come_within_the_grace_is_missing_by_name(session, mover, short):
    datasets = [ct() for _ in range(3)]

    def script(asked):
        asked.store(*datasets[:2])
        asked.answer(0, Completed=3, Failed=0, Warning=0)

    done = move(session, mover(script).remote, of(ds.SOPInstanceUID for ds in datasets))
    assert done.missing == {datasets[2].SOPInstanceUID: "it did not come"}
    assert len(done.received) == 2
    assert done.seconds < 3
    assert not done.complete


def test_what_a_peer_left_out_is_asked_for_one_by_one(session, mover):
    """It ends everything at the first that it cannot send, as Orthanc does."""
    datasets = {ds.SOPInstanceUID: ds for ds in (ct() for _ in range(5))}
    bad = [*datasets][1]

    def script(asked):
        uids = asked.identifier.SOPInstanceUID
        uids = [uids] if isinstance(uids, str) else list(uids)
        for uid in uids:
            if uid == bad:
                asked.answer(0xC000, Completed=0, Failed=0, Warning=0)
                return
            asked.store(datasets[uid])
        asked.answer(0, Completed=len(uids), Failed=0, Warning=0)

    peer = mover(script)
    done = move(session, peer.remote, of(datasets))
    assert set(done.received) == set(datasets) - {bad}
    assert dict(done.failed) == {bad: "the peer could not send it"}
    assert len(peer.moves) == 1 + 4
    assert any("asked for again one by one" in w for w in done.warnings)
    assert any("0xC000" in w for w in done.warnings)


def test_what_a_peer_names_as_failed_is_failed_by_name(session, mover):
    good, bad = ct(), ct()

    def script(asked):
        asked.store(good)
        asked.answer(0xB000, [bad.SOPInstanceUID], Completed=1, Failed=1, Warning=0)

    done = move(session, mover(script).remote, of([good.SOPInstanceUID, bad.SOPInstanceUID]))
    assert done.received == (good.SOPInstanceUID,)
    assert dict(done.failed) == {bad.SOPInstanceUID: "the peer could not send it"}
    assert any("0xB000" in w for w in done.warnings)


def test_a_peer_that_counts_warnings_has_sent_them(session, mover):
    def script(asked):
        asked.store(ct(), ct())
        asked.answer(0xB000, Completed=0, Failed=0, Warning=2)

    done = move(session, mover(script).remote)
    assert (len(done.received), done.expected, done.complete) == (2, 2, True)


@pytest.mark.parametrize(
    ("status", "comment", "words"),
    [
        (0xA701, "", "out of resources"),
        (0xA702, "", "could send none of it"),
        (0xA801, "Unknown", "does not know the destination"),
        (0xA900, "", "does not match its SOP class"),
        (0xC123, "disk\r\nerror", "disk error"),
        (0x0124, "", "does not allow this"),
        (0x0211, "", "0x0211"),
    ],
)
def test_a_refused_move_is_told_with_its_status_and_the_way_out(session, mover, status, comment, words):
    peer = mover(lambda asked: asked.answer(status, comment=comment))
    with pytest.raises(errors.RetrieveFailed) as caught:
        move(session, peer.remote)
    assert words in str(caught.value)
    assert f"0x{status:04X}" in str(caught.value)
    assert "Nothing connected to our listener" in str(caught.value)
    assert session.busy == ""


def test_a_peer_that_connected_and_sent_nothing_is_told_from_one_that_did_not(session, mover):
    def script(asked):
        with storing(asked.mover.destination, [build_context(CT, EXPLICIT)]):
            pass
        asked.answer(0xA702, Completed=0, Failed=3, Warning=0)

    with pytest.raises(errors.RetrieveFailed) as caught:
        move(session, mover(script).remote)
    assert "did connect to our listener" in str(caught.value)
    assert "Nothing connected" not in str(caught.value)


def test_what_another_than_the_mover_sends_is_told_in_the_error(session, mover):
    def script(asked):
        with storing(asked.mover.destination, [build_context(CT, EXPLICIT)], calling="ARCHIVE") as association:
            assert association.is_rejected
        asked.answer(0xA702, Completed=0, Failed=1, Warning=0)

    with pytest.raises(errors.RetrieveFailed) as caught:
        move(session, mover(script).remote)
    assert "store_from=[('ARCHIVE', '127.0.0.1')]" in str(caught.value)


def test_the_memory_limit_refuses_by_name_and_the_rest_comes(listener_port):
    sizes = [100, 5000, 100]
    datasets = [ct(ImageComments="x" * n) for n in sizes]

    def script(asked):
        statuses = asked.store(*datasets)
        assert statuses == [0, 0xA700, 0]
        asked.answer(0xB000, Completed=2, Failed=1, Warning=0)

    with dw.Session(memory_limit=3000, listen_port=0) as session, Mover(script, session.local.port) as peer:
        done = move(session, peer.remote)
        assert done.received == (datasets[0].SOPInstanceUID, datasets[2].SOPInstanceUID)
        assert list(done.failed) == [datasets[1].SOPInstanceUID]
        assert "memory limit is reached" in done.failed[datasets[1].SOPInstanceUID]
        assert int(session.memory) <= 3000
        assert not any("B000" in w for w in done.warnings)  # it says nothing new


def test_a_move_in_the_middle_of_which_the_peer_ends_keeps_what_came(session, mover):
    def script(asked):
        asked.store(ct(), ct())
        asked.answer(0xFF00, Remaining=3, Completed=2, Failed=0, Warning=0)
        asked.association.abort()

    peer = mover(script)
    done = move(session, peer.remote)
    assert (len(done.received), done.expected) == (2, 5)
    assert not done.complete
    assert any("ended the association" in w for w in done.warnings)
    assert session.echo(peer.remote) > 0


def test_a_real_peer_that_is_killed_in_the_middle_ends_the_move(start_dcmqrscp, loaded):
    """What came before is kept."""
    port, (study, series, uids) = free_port(), loaded.largest_series
    if len(uids) < 5:
        pytest.skip("the series that the wheels have are too short")
    paths = [p for p, u in zip(loaded.files, loaded.datasets, strict=True) if u in set(uids)]
    pacs = start_dcmqrscp(paths, peers={"DICOM_WIDGETS": port})
    with dw.Session(listen_port=port) as session:
        session.watch(lambda _: os.killpg(pacs.process.pid, signal.SIGKILL) if len(session.store.under(())) == 2 else 0)
        done = session.retrieve(pacs.remote_with(dimse_timeout=3), dw.Entity.of(study, series), way="C-MOVE")
        assert 2 <= len(done.received) < len(uids)
        assert not done.complete
        assert session.busy == ""
        assert {i.uid for i in session.store.under(())} == set(done.received)


def test_a_mute_peer_is_given_up_after_the_dimse_timeout(session, mover):
    peer = mover(lambda asked: asked.wait())
    begin = time.monotonic()
    with pytest.raises(errors.AssociationAborted, match=r"did not answer the C-MOVE within 0\.5 s"):
        move(session, peer.remote_with(dimse_timeout=0.5))
    assert time.monotonic() - begin < 3
    assert session.listener.port  # it stays for the next


def test_a_cancelled_move_keeps_what_came(session, mover):
    def script(asked):
        asked.store(ct(), ct())
        asked.answer(0xFF00, Remaining=8, Completed=2, Failed=0, Warning=0)
        asked.wait()
        assert asked.cancelled
        asked.answer(0xFE00, Remaining=8, Completed=2, Failed=0, Warning=0)

    peer = mover(script)
    transfer = session.fetch(peer.remote, dw.Entity.of(STUDY), way="C-MOVE")
    until(lambda: transfer.progress.received == 2 and transfer.progress.expected)
    begin = time.monotonic()
    session.cancel()
    done = transfer.result()
    assert time.monotonic() - begin < 2
    assert (len(done.received), done.expected, done.cancelled, done.complete) == (2, 10, True, False)
    assert done.warnings == ()
    assert session.busy == ""


def test_a_peer_that_ignores_the_cancel_is_hung_up_on(session, mover, short):
    def script(asked):
        while not asked.deserted:
            time.sleep(0.02)

    transfer = session.fetch(mover(script).remote, dw.Entity.of(STUDY), way="C-MOVE")
    until(lambda: session.listener)
    transfer.wait(0.2)
    begin = time.monotonic()
    transfer.cancel()
    assert transfer.result().cancelled
    assert time.monotonic() - begin < 3


def test_a_cancel_in_the_time_of_grace_ends_it(session, mover):
    peer = mover(lambda asked: asked.answer(0, Completed=3, Failed=0, Warning=0))
    transfer = session.fetch(peer.remote, dw.Entity.of(STUDY), way="C-MOVE")
    until(lambda: peer.moves)
    transfer.wait(0.3)
    assert not transfer.done
    begin = time.monotonic()
    transfer.cancel()
    assert transfer.result().cancelled
    assert time.monotonic() - begin < 2


def test_a_move_that_is_cancelled_at_a_real_peer_frees_the_session(session, pacs):
    study = max(session.find(pacs.remote), key=lambda s: int(s.NumberOfStudyRelatedInstances or 0))
    transfer = session.fetch(study, way="C-MOVE")
    session.cancel()
    assert transfer.result().cancelled
    assert session.busy == ""
    assert session.echo(pacs.remote) > 0


# --- an instance that cannot be sent


@pytest.fixture(scope="module")
def with_a_bad_one(orthanc_here, tmp_path_factory, listener_port):
    """An Orthanc with a study of which one instance is of a class and a syntax that nobody takes: it, and the rest."""
    from tests.peers.orthanc import Orthanc

    folder = tmp_path_factory.mktemp("bad")
    good = [ct(SOPInstanceUID=f"{SERIES}.{n}", InstanceNumber=n) for n in (1, 2, 4, 5)]
    bad = samples.plain(
        "1.2.840.10008.5.1.4.1.1.88.40",  # Procedure Log: none of the Statement's
        StudyInstanceUID=STUDY,
        SeriesInstanceUID=SERIES,
        SOPInstanceUID=f"{SERIES}.3",
        InstanceNumber=3,
    )
    for ds in (*good, bad):
        (folder / f"{ds.InstanceNumber}.dcm").write_bytes(samples.part10(ds))
    with Orthanc([folder], peers={"DICOM_WIDGETS": listener_port}) as pacs:
        assert len(pacs.loaded) == 5
        yield pacs.remote, bad.SOPInstanceUID, {ds.SOPInstanceUID for ds in good}


@pytest.mark.parametrize("way", ["C-GET", "C-MOVE"])
def test_one_instance_that_cannot_be_sent_costs_no_other(session, with_a_bad_one, way):
    remote, bad, good = with_a_bad_one
    classes = [CT] if way == "C-GET" else []
    study = dw.Entity.of(STUDY, sop_classes=classes)
    tree = session.tree(remote, StudyInstanceUID=STUDY)
    assert len(tree.one().instances) == 5
    done = session.retrieve(remote, study if way == "C-GET" else tree, way=way, progress=False)
    assert set(done.received) == good
    assert not done.complete
    assert dict(done.failed) == {bad: "the peer could not send it"}
    assert any("one by one" in w for w in done.warnings)


# --- the second association of a C-GET


class Archive:
    """A PACS that tells no classes, takes the first syntax that it is offered, and cannot convert."""

    def __init__(self, *datasets, refuse_roles=False):
        self.datasets = {ds.SOPInstanceUID: ds for ds in datasets}
        self.associations = 0
        self.queries = []
        ae = AE("ARCHIVE")
        ae.add_supported_context(FIND, [EXPLICIT, IMPLICIT])
        ae.add_supported_context(GET, [EXPLICIT, IMPLICIT])
        for syntaxes in ([EXPLICIT, JPEGLossless],):
            ae.add_supported_context(CT, syntaxes, scu_role=not refuse_roles, scp_role=not refuse_roles)
        ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 10
        handlers = [
            (evt.EVT_CONN_OPEN, closing),
            (evt.EVT_ACCEPTED, self._accepted),
            (evt.EVT_C_FIND, self._find),
            (evt.EVT_C_GET, self._get),
        ]
        self.ae = ae
        server = ae.start_server((HOST, 0), block=False, evt_handlers=handlers)
        self.remote = dw.RemoteAE("ARCHIVE", HOST, server.server_address[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ae.shutdown()

    def _accepted(self, _):
        self.associations += 1

    def _find(self, event):
        level = event.identifier.QueryRetrieveLevel
        self.queries.append(level)
        keys = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")[
            : ("STUDY", "SERIES", "IMAGE").index(level) + 1
        ]
        found = {tuple(ds.get(k) for k in keys) for ds in self.datasets.values()}
        for values in sorted(found):
            if all(event.identifier.get(k) in (None, "", v) for k, v in zip(keys, values, strict=True)):
                yield 0xFF00, samples.item(QueryRetrieveLevel=level, **dict(zip(keys, values, strict=True)))

    def _get(self, event):
        uids = event.identifier.get("SOPInstanceUID") or list(self.datasets)
        uids = [uids] if isinstance(uids, str) else list(uids)
        yield len(uids)
        for uid in uids:
            yield 0xFF00, self.datasets[uid]


def packed():
    ds = samples.image(samples.ramp(0, 64).reshape(8, 8), StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES)
    ds.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8 no picture \xff\xd9"])
    ds["PixelData"].is_undefined_length, ds["PixelData"].VR = True, "OB"
    ds.file_meta.TransferSyntaxUID = JPEGLossless
    return ds


def test_what_the_first_association_could_not_carry_comes_over_a_second(session):
    """The classes are unknown, so each has one context, in which explicit VR is taken; a second has the packed ones."""
    plain, hard = ct(), packed()
    with Archive(plain, hard) as archive:
        done = session.retrieve(archive.remote, dw.Entity.of(STUDY), progress=False)
    assert set(done.received) == {plain.SOPInstanceUID, hard.SOPInstanceUID}
    assert done.complete, done
    assert session.dataset(hard.SOPInstanceUID).PixelData == hard.PixelData
    assert session.instance(hard.SOPInstanceUID).blob.transfer_syntax == JPEGLossless


def test_what_no_association_can_carry_is_named(session):
    plain, hard = ct(), packed()
    hard.file_meta.TransferSyntaxUID = RLELossless
    with Archive(plain, hard) as archive:
        done = session.retrieve(archive.remote, dw.Entity.of(STUDY), progress=False)
    assert done.received == (plain.SOPInstanceUID,)
    assert dict(done.failed) == {hard.SOPInstanceUID: "the peer could not send it"}


def test_a_peer_that_refuses_the_roles_is_told(session):
    with Archive(ct(), refuse_roles=True) as archive, pytest.raises(errors.RetrieveFailed) as caught:
        session.retrieve(archive.remote, dw.Entity.of(STUDY, sop_classes=[CT]), progress=False)
    assert "could not send" in str(caught.value)


# --- queries


def test_a_whole_tree_is_asked_for_over_one_association(session):
    datasets = [ct(f"{STUDY}.{s}", SeriesInstanceUID=f"{STUDY}.{s}.{n}") for s in (1, 2, 3) for n in (1, 2)]
    with Archive(*datasets) as archive:
        tree = session.tree(archive.remote)
        assert {i.uid for study in tree for i in study.instances} == {ds.SOPInstanceUID for ds in datasets}
        assert archive.associations == 1
        assert [archive.queries.count(level) for level in ("STUDY", "SERIES", "IMAGE")] == [1, 3, 6]


# --- one at a time


@pytest.fixture
def mute(misbehaving):
    return misbehaving("mute").remote_with(dimse_timeout=10)


ACTIONS = {
    "find": dw.Session.find,
    "search": lambda session, remote: list(session.search(remote)),
    "tree": dw.Session.tree,
    "echo": dw.Session.echo,
    "expand": lambda session, remote: session.expand(found_at(remote)),
    "C-GET": lambda session, remote: session.retrieve(remote, dw.Entity.of(STUDY, sop_classes=[CT]), progress=False),
    "C-MOVE": move,
}


def found_at(remote):
    entity = dw.Entity.of(STUDY)
    entity.source = remote
    return entity


@pytest.mark.parametrize("action", ACTIONS)
def test_whatever_a_session_does_can_be_cancelled_by_another_thread(session, mute, short, action):
    ends = []

    def run():
        try:
            ends.append(ACTIONS[action](session, mute))
        except errors.DicomWidgetsError as error:
            ends.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    until(lambda: session.busy)
    time.sleep(0.2)
    assert not ends
    begin = time.monotonic()
    session.cancel()
    thread.join(5)
    assert time.monotonic() - begin < 4
    assert session.busy == ""
    (end,) = ends
    assert isinstance(end, errors.Cancelled) or end.cancelled


def test_what_waits_begins_when_the_other_has_ended(session, mover, orthanc):
    release = threading.Event()

    def script(asked):
        release.wait(10)
        asked.store(ct())
        asked.answer(0, Completed=1, Failed=0, Warning=0)

    peer = mover(script)
    transfer = session.fetch(peer.remote, dw.Entity.of(STUDY), way="C-MOVE")
    with pytest.raises(errors.SessionBusy, match="busy with a C-MOVE from MOVER"):
        session.find(orthanc.remote)
    found = []
    waiting = threading.Thread(target=lambda: found.append(session.find(orthanc.remote, wait=True)))
    waiting.start()
    time.sleep(0.1)
    assert not found
    release.set()
    waiting.join(10)
    assert found[0]
    assert transfer.done
    assert transfer.result().complete


def test_the_time_of_grace_belongs_to_the_move(session, mover, monkeypatch):
    """What comes while nobody waits any more is refused."""
    monkeypatch.setattr(moves, "GRACE", 0.2)
    late, threads = ct(), []

    def script(asked):
        asked.store(ct())
        asked.answer(0, Completed=2, Failed=0, Warning=0)

        def later():
            time.sleep(1.2)
            with storing(asked.mover.destination, [build_context(CT, EXPLICIT)]) as association:
                threads.append(association.is_rejected)

        threads.append(threading.Thread(target=later))
        threads[0].start()

    done = move(session, mover(script).remote)
    threads[0].join()
    assert threads[1] is True
    assert len(done.received) == 1
    assert late.SOPInstanceUID not in session.store
    assert sum(session.listener.refusals.values()) == 1
