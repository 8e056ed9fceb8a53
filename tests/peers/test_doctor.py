"""The connection doctor with real peers, and with those that have something wrong."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom import conformance
from dicom_widgets.network.doctor.sample import SampleSearch
from dicom_widgets.sources.cancellation import Cancellation
from tests.peers.certificates import Authority
from tests.peers.loopback import HOST, free_port
from tests.peers.misbehaving import closing

STEPS = "Configuration Connection TLS Association C-ECHO Services C-FIND C-GET C-MOVE Listener WADO-URI".split()
SHORT = {"acse_timeout": 1, "dimse_timeout": 1}


@pytest.fixture
def session(listener_port):
    with dw.Session(listen_port=listener_port) as made:
        yield made


@pytest.fixture
def practice():
    with dw.PracticePacs() as pacs:
        pacs.destinations.clear()
        yield pacs


@contextlib.contextmanager
def serving(*contexts, tls=None, find=None, **roles):
    """A peer that answers a C-ECHO, and accepts some contexts more."""
    ae = AE("PARTIAL")
    ae.add_supported_context(Verification)
    for context in contexts:
        ae.add_supported_context(context, **(roles if context == CTImageStorage else {}))
    handlers = [(evt.EVT_CONN_OPEN, closing), *([(evt.EVT_C_FIND, find)] if find else [])]
    server = ae.start_server((HOST, 0), block=False, ssl_context=tls, evt_handlers=handlers)
    try:
        yield dw.RemoteAE("PARTIAL", HOST, server.server_address[1], **SHORT)
    finally:
        server.shutdown()


def verdicts(diagnosis):
    return {f.step: f.ok for f in diagnosis}


def failed(diagnosis):
    return [f.step for f in diagnosis if f.ok is False]


def names_the_entry(session, fix):
    title, host, port = session.address
    return f"AE title {title}, host {host}, port {port}" in fix


# --- all is well


def test_a_real_peer_that_is_well_configured(session, pacs, loaded):
    told = []
    diagnosis = session.doctor(pacs.remote, progress=told.append)
    assert told == list(diagnosis)
    assert [f.step for f in diagnosis] == STEPS
    assert diagnosis.ok, str(diagnosis)
    assert all(verdicts(diagnosis)[s] for s in STEPS if s not in ("TLS", "WADO-URI"))
    assert all(not f.fix for f in diagnosis)
    assert len(session.store.under(())) == 0
    assert session.busy == ""
    patients = {str(v) for ds in loaded.datasets.values() for v in (ds.PatientName, ds.PatientID) if len(str(v)) > 3}
    assert not [p for p in patients if p in str(diagnosis) + diagnosis._repr_html_()]


def test_what_a_peer_fills(session, orthanc, dcmqrscp):
    filled = "It fills ModalitiesInStudy, SOPClassesInStudy, NumberOfStudyRelatedInstances."
    assert filled in session.doctor(orthanc.remote)["C-FIND"].words
    words = session.doctor(dcmqrscp.remote)["C-FIND"].words
    assert "It fills none" in words
    assert "ModalitiesInStudy out: a search by modality has to look into each study" in words


def test_the_practice_pacs(session, practice):
    practice.destinations[session.ae_title] = session.address[1:]
    diagnosis = session.doctor(practice.remote)
    assert diagnosis.ok, str(diagnosis)
    assert "45 of 45 storage classes." in diagnosis["Services"].words
    assert diagnosis["C-MOVE"].ok is True


def test_it_is_quick(session, practice):
    practice.destinations[session.ae_title] = session.address[1:]
    start = time.perf_counter()
    session.doctor(practice.remote)
    assert time.perf_counter() - start < 5


def test_a_query_of_many_studies_ends_after_a_few(session, orthanc):
    look = SampleSearch(orthanc.remote, session.local, Cancellation())
    sample = look.sample(())
    assert 0 < sample.seen <= 5
    assert sample.instance.level == "IMAGE"
    assert look.nothing() == 0


def test_answers_that_come_after_enough_of_them_are_not_taken(session):
    """A peer that knows no C-CANCEL, as one that has sent everything before it hears of it."""

    def answer(event):
        asked = event.identifier
        for number in range(60):
            asked[conformance.UNIQUE_KEYS[asked.QueryRetrieveLevel]].value = f"1.2.{number + 1}"
            yield 0xFF00, asked

    with serving(StudyRootQueryRetrieveInformationModelFind, find=answer) as remote:
        sample = SampleSearch(remote, session.local, Cancellation()).sample(())
    assert sample.seen == 5
    assert sample.instance.path == ("1.2.1", "1.2.1", "1.2.1")


# --- no association


def test_a_closed_port(session):
    diagnosis = session.doctor(dw.RemoteAE("NOBODY", HOST, free_port()))
    assert failed(diagnosis) == ["Connection"]
    assert "Nothing listens at" in diagnosis["Connection"].words
    assert diagnosis["C-MOVE"].words == "Not tried, because there is no connection."
    assert diagnosis["Listener"].ok is True


def test_a_name_that_is_not_known(session):
    found = session.doctor(dw.RemoteAE("NOBODY", "nobody.invalid", 104))["Connection"]
    assert "'nobody.invalid' is not known" in found.words
    assert "use the address" in found.fix


def test_its_title_is_wrong(session, misbehaving):
    diagnosis = session.doctor(misbehaving("reject").remote)
    assert failed(diagnosis) == ["Association"]
    assert "its AE title is not 'MISBEHAVING'" in diagnosis["Association"].words
    assert "upper and lower case" in diagnosis["Association"].fix


def test_it_does_not_know_our_title(session, start_orthanc):
    closed = {f"DicomAlwaysAllow{kind}": False for kind in ("Echo", "Find", "Get", "Move", "Store")}
    diagnosis = session.doctor(start_orthanc([], **closed).remote)
    assert failed(diagnosis) == ["Association"]
    assert f"does not know our AE title {session.ae_title!r}" in diagnosis["Association"].words
    assert "list of known AEs" in diagnosis["Association"].fix


def test_a_port_that_says_nothing_is_within_its_time_outs(session, misbehaving):
    start = time.perf_counter()
    diagnosis = session.doctor(misbehaving("silent").remote_with(**SHORT))
    assert failed(diagnosis) == ["Association"]
    assert time.perf_counter() - start < 10


def test_a_mute_peer(session, misbehaving):
    start = time.perf_counter()
    diagnosis = session.doctor(misbehaving("mute").remote_with(**SHORT))
    assert failed(diagnosis) == ["C-ECHO", "C-FIND"]
    assert "did not answer the C-ECHO within 1 s" in diagnosis["C-ECHO"].words
    assert diagnosis["C-GET"].words == "Not tried, because no query has shown an instance to try it with."
    assert time.perf_counter() - start < 15


# --- services


def test_a_peer_that_refuses_everything(session, misbehaving):
    diagnosis = session.doctor(misbehaving("refuse").remote)
    assert failed(diagnosis) == ["C-ECHO", "Services"]
    assert "accepts neither C-FIND nor C-GET nor C-MOVE" in diagnosis["Services"].words


def test_a_peer_without_c_get(session):
    with serving(StudyRootQueryRetrieveInformationModelFind, StudyRootQueryRetrieveInformationModelMove) as remote:
        found = session.doctor(remote)
        moving = session.doctor(dw.RemoteAE("PARTIAL", HOST, remote.port, way="C-MOVE", **SHORT))
    assert "accepts C-FIND, C-MOVE, not C-GET." in found["Services"].words
    assert found["Services"].ok is False
    assert "way='C-MOVE'" in found["Services"].fix
    assert "does not offer C-GET" in found["C-GET"].words
    assert (moving["Services"].ok, moving["C-GET"].ok) == (True, None)


def test_a_peer_that_sends_few_classes(session, misbehaving):
    words = session.doctor(misbehaving("empty").remote)["Services"].words
    assert "1 of 45 storage classes, only CT Image Storage." in words
    assert "Of 9 transfer syntaxes it accepts 2, only" in words


def test_a_peer_that_echoes_only(session):
    with serving() as remote:
        diagnosis = session.doctor(remote)
    assert diagnosis["C-ECHO"].ok is True
    assert "accepts no service of ours, not C-FIND, C-GET, C-MOVE." in diagnosis["Services"].words


def test_an_empty_peer(session, start_orthanc):
    diagnosis = session.doctor(start_orthanc([]).remote)
    assert diagnosis.ok
    assert "shows no study" in diagnosis["C-FIND"].words
    assert diagnosis["C-GET"].ok is None


# --- C-MOVE


def test_an_unknown_destination_is_said_by_its_status(session, practice, start_dcmqrscp, loaded):
    for remote in (practice.remote, start_dcmqrscp(loaded.files[:1]).remote):
        found = session.doctor(remote)["C-MOVE"]
        assert found.ok is False
        assert f"does not know the destination {session.ae_title!r} (status 0xA801)" in found.words
        assert names_the_entry(session, found.fix)


def test_orthanc_does_not_say_whether_it_knows_us(session, start_orthanc, loaded):
    found = session.doctor(start_orthanc(loaded.files[:1]).remote)["C-MOVE"]
    assert "nothing connected to our listener (status 0xC000)" in found.words
    assert names_the_entry(session, found.fix)
    title, host, port = session.address
    assert f'"DicomModalities": {{"{title}": ["{title}", "{host}", {port}]}}' in found.fix


def test_a_peer_that_knows_us_at_the_wrong_port(session, start_orthanc, start_dcmqrscp, loaded):
    wrong = {session.ae_title: free_port()}
    orthanc = session.doctor(start_orthanc(loaded.files[:1], peers=wrong).remote)["C-MOVE"]
    assert "nothing connected" in orthanc.words
    assert "an address for it that it cannot reach" in orthanc.fix
    dcmqrscp = session.doctor(start_dcmqrscp(loaded.files[:1], peers=wrong).remote)["C-MOVE"]
    assert f"knows the destination {session.ae_title!r}, but nothing connected" in dcmqrscp.words
    assert f"dicom_widgets = (DICOM_WIDGETS, {HOST}, {session.address[2]})" in dcmqrscp.fix


def test_a_peer_that_says_it_has_sent_and_has_not(session, start_orthanc, loaded):
    wrong = {session.ae_title: free_port()}
    peer = start_orthanc(loaded.files[:1], peers=wrong, SynchronousCMove=False)
    start = time.perf_counter()
    found = session.doctor(peer.remote)["C-MOVE"]
    assert "says that the C-MOVE went well, but nothing connected" in found.words
    assert time.perf_counter() - start < 10


def test_a_peer_that_calls_itself_otherwise_is_refused_by_our_listener(session, start_orthanc, loaded):
    known = {session.ae_title: session.address[2]}
    peer = start_orthanc(loaded.files[:1], peers=known, ae_title="REAL")
    found = session.doctor(peer.remote_with(ae_title="ALIAS"))["C-MOVE"]
    assert "did connect to our listener, which refused" in found.words
    assert "store_from=[('REAL', '127.0.0.1')]" in found.words


def test_a_peer_that_calls_us_otherwise_is_refused_by_our_listener(session, start_orthanc, loaded):
    """Orthanc's name of a destination may differ from its AE title, so what we are called is what is entered there."""
    entry = {session.ae_title: {"AET": "OLD_TITLE", "Host": HOST, "Port": session.address[2]}}
    found = session.doctor(start_orthanc(loaded.files[:1], DicomModalities=entry).remote)["C-MOVE"]
    assert found.ok is False
    assert names_the_entry(session, found.fix)


def test_a_port_that_is_taken(practice):
    with socket.create_server((HOST, 0)) as taken, dw.Session(listen_port=taken.getsockname()[1]) as session:
        diagnosis = session.doctor(practice.remote)
    assert failed(diagnosis) == ["Listener"]
    assert "cannot be started" in diagnosis["Listener"].words
    assert diagnosis["C-MOVE"].words == "Not tried, because our listener does not start."


def test_a_listener_on_every_address(practice):
    with dw.Session(listen_host="0.0.0.0", listen_port=0) as session:
        practice.destinations[session.ae_title] = session.address[1:]
        diagnosis = session.doctor(practice.remote)
        assert diagnosis.ok, str(diagnosis)
        assert f"host 127.0.0.1, port {session.address[2]}" in diagnosis["C-MOVE"].words


# --- TLS


def test_a_peer_that_speaks_tls_only_is_recognised(session, authority):
    with serving(tls=authority.server(authority.issue("hint"), mutual=False)) as remote:
        diagnosis = session.doctor(remote)
    assert failed(diagnosis) == ["TLS", "Association"]
    assert "speaks TLS at port" in diagnosis["TLS"].words
    assert "tls=ssl.create_default_context()" in diagnosis["TLS"].fix


def test_tls_that_works(session, authority):
    with serving(tls=authority.server(authority.issue("works"), mutual=False)) as remote:
        secured = dw.RemoteAE("PARTIAL", HOST, remote.port, tls=authority.client(), **SHORT)
        diagnosis = session.doctor(secured)
    assert "The connection is secure: TLSv1." in diagnosis["TLS"].words
    assert diagnosis["C-ECHO"].ok is True


@pytest.mark.parametrize("mutual", [False, True])
def test_tls_that_does_not(session, authority, tmp_path, mutual):
    context = authority.client() if mutual else Authority(tmp_path, "others").client()
    with serving(tls=authority.server(authority.issue(f"not{mutual}"), mutual=mutual)) as remote:
        diagnosis = session.doctor(dw.RemoteAE("PARTIAL", HOST, remote.port, tls=context, **SHORT))
    assert failed(diagnosis) == ["TLS"]
    assert ("certificate of ours" if mutual else "load_verify_locations") in diagnosis["TLS"].fix
    assert diagnosis["Association"].words == "Not tried, because the connection is not secure."


def test_tls_at_a_port_without(session, orthanc):
    diagnosis = session.doctor(orthanc.remote_with(tls=ssl.create_default_context(), **SHORT))
    assert failed(diagnosis) == ["TLS"]
    assert "tls=None" in diagnosis["TLS"].fix


def test_our_secured_listener_answers_to_ourselves(authority, practice):
    context = authority.server(authority.issue("listener"), mutual=False)
    with dw.Session(listen_port=0, listen_tls=context) as session:
        assert session.doctor(practice.remote)["Listener"].ok is True
    with dw.Session(listen_port=0, listen_tls=authority.server(authority.issue("mutual"))) as session:
        assert "wants certificates" in session.doctor(practice.remote)["Listener"].words


# --- one activity a session


def test_it_is_cancelled(session, misbehaving):
    remote = misbehaving("mute").remote_with(dimse_timeout=60)
    found, ended = [], []
    thread = threading.Thread(target=lambda: ended.append(session.doctor(remote, progress=found.append)))
    thread.start()
    end = time.monotonic() + 10
    while len(found) < 4 and time.monotonic() < end:
        time.sleep(0.02)
    time.sleep(0.2)  # into the C-ECHO
    assert "an examination of" in session.busy
    with pytest.raises(errors.SessionBusy):
        session.doctor(remote)
    session.cancel()
    thread.join(10)
    (diagnosis,) = ended
    assert (diagnosis.cancelled, diagnosis.ok, failed(diagnosis)) == (True, False, [])
    assert [f.step for f in diagnosis] == STEPS
    assert diagnosis["C-MOVE"].words == "Not tried, because it was cancelled."


def test_waiting_for_what_the_session_does(session, orthanc):
    with session._exclusive.doing("something"):
        done = []
        thread = threading.Thread(target=lambda: done.append(session.doctor(orthanc.remote, wait=True)))
        thread.start()
        thread.join(0.3)
        assert not done
    thread.join(20)
    assert done[0].ok


# --- the command line


def command(*arguments, **env):
    done = subprocess.run(
        [sys.executable, "-m", "dicom_widgets", "doctor", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **env},
    )
    return done.returncode, done.stdout, done.stderr


def test_the_command_line(orthanc, listener_port):
    where = (orthanc.host, orthanc.port, "--ae-title", orthanc.ae_title)
    code, out, err = command(*where, "--listen-port", listener_port)
    assert (code, err) == (0, "")
    assert [line[2:].split(":")[0] for line in out.splitlines() if line[:2] in ("✓ ", "✗ ", "– ")] == STEPS
    assert "none failed." in out.splitlines()[-1]
    code, out, _ = command(*where, "--listen-port", free_port(), "--our-title", "UNKNOWN")
    assert code == 1
    assert "1 failed (C-MOVE)" in out


def test_the_command_line_takes_a_configured_name(tmp_path):
    file = tmp_path / "remotes.toml"
    file.write_text(f'listen_port = {free_port()}\n[remotes.ward]\nae_title = "WARD"\nhost = "{HOST}"\nport = 1\n')
    code, out, _ = command("ward", DICOM_WIDGETS_CONFIG=str(file))
    assert code == 1
    assert f"Nothing listens at {HOST}:1" in out
    code, _, err = command("nobody", DICOM_WIDGETS_CONFIG=str(file))
    assert (code, "there are: ward" in err) == (2, True)
