"""TLS on associations and on the listener, and who we say that we are."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import subprocess
import time

import pytest
from pynetdicom import AE, evt
from pynetdicom._handlers import standard_pdu_recv_handler
from pynetdicom.sop_class import Verification

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.network.retrieve.lease import Lease
from tests.peers.certificates import Authority
from tests.peers.loopback import HOST, accepts, free_port, until
from tests.peers.misbehaving import closing
from tests.peers.orthanc import Orthanc

TITLE = "DICOM_WIDGETS"
PASSWORD = "s3cr3t-wörd"


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture(scope="module")
def server(authority):
    return authority.issue("server")


@pytest.fixture(scope="module")
def client(authority):
    return authority.issue("client")


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture(scope="module")
def secure(orthanc_here, loaded, authority, server, port):
    """An Orthanc that speaks TLS only, wants our certificate, and sends to our listener over TLS."""
    ours = {"AET": TITLE, "Host": HOST, "Port": port, "UseDicomTls": True}
    options = {
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": str(server.certificate),
        "DicomTlsPrivateKey": str(server.key),
        "DicomTlsTrustedCertificates": str(authority.certificate),
    }
    with Orthanc(loaded.files, DicomModalities={TITLE: ours}, **options) as pacs:
        yield pacs


@pytest.fixture
def session(authority, server, port):
    with dw.Session(TITLE, listen_port=port, listen_tls=authority.server(server)) as made:
        yield made


@pytest.fixture
def largest(loaded):
    study, series, uids = loaded.largest_series
    return dw.Entity.of(study, series), sorted(uids)


def failure(action, error=errors.ConnectionFailed):
    start = time.monotonic()
    with pytest.raises(error) as caught:
        action()
    return str(caught.value), time.monotonic() - start


# --- what works


@pytest.mark.parametrize("way", ["C-GET", "C-MOVE"])
def test_everything_goes_over_tls_with_orthanc(session, secure, authority, client, loaded, largest, way):
    remote = secure.remote_with(tls=authority.client(client))
    assert session.echo(remote) > 0
    assert {s.uid for s in session.find(remote)} == set(loaded.tree)
    entity, uids = largest
    ledger = session.retrieve(remote, entity, way=way, progress=False)
    assert ledger.complete
    assert sorted(ledger.received) == uids


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_each_version_of_tls_that_is_safe_does(session, secure, authority, client, version):
    context = authority.client(client)
    context.minimum_version = context.maximum_version = version
    assert session.echo(secure.remote_with(tls=context)) > 0


@pytest.fixture(scope="module")
def storescp(dcmtk, authority, server, tmp_path_factory):
    """DCMTK's storescp, which answers C-ECHO; its dcmqrscp has no TLS."""
    program, port = dcmtk("storescp"), free_port()
    folder = tmp_path_factory.mktemp("storescp")
    log = folder / "log.txt"
    secured = ["+tls", str(server.key), str(server.certificate), "+cf", str(authority.certificate)]
    with log.open("wb") as file:
        process = subprocess.Popen([program, *secured, "-od", str(folder), str(port)], stdout=file, stderr=file)
    try:
        until(lambda: accepts(port), process, log, seconds=10)
        yield dw.RemoteAE("STORESCP", HOST, port)
    finally:
        process.terminate()
        process.wait(5)


def over_tls(remote, context, **options):
    return dw.RemoteAE(remote.ae_title, remote.host, remote.port, tls=context, **options)


def test_dcmtk_answers_an_echo_over_tls(session, storescp, authority, client):
    assert session.echo(over_tls(storescp, authority.client(client))) > 0


def test_dcmtk_reaches_the_listener_over_tls_and_is_refused_only_as_nothing_was_asked_for(
    session, dcmtk, loaded, authority, client, port
):
    with listening(session):
        secured = ["+tls", str(client.key), str(client.certificate), "+cf", str(authority.certificate)]
        base = [*secured, "-aec", TITLE, HOST, str(port)]
        echo = subprocess.run([dcmtk("echoscu"), *base], capture_output=True, text=True, timeout=30, check=False)
        assert echo.returncode == 0, echo.stderr
        sent = subprocess.run(
            [dcmtk("storescu"), *base, str(loaded.files[0])], capture_output=True, text=True, timeout=30, check=False
        )
        assert "Rejected" in sent.stderr


@contextlib.contextmanager
def listening(session):
    """Have the listener of a session run."""
    lease = Lease(session.local)
    try:
        yield lease.listener
    finally:
        lease.close()


# --- what does not, in words


def test_a_peer_whose_authority_is_not_ours_is_not_talked_to(session, secure, stranger, client):
    sentence, _ = failure(lambda: session.echo(secure.remote_with(tls=stranger.client(client))))
    assert "There is no secure connection" in sentence
    assert "certificate" in sentence
    assert "authority that tls= trusts" in sentence


def unheard(event):
    """Have an acceptor log nothing of what it receives: the log is to be ours alone."""
    event.assoc.unbind(evt.EVT_PDU_RECV, standard_pdu_recv_handler)


@pytest.fixture
def listening_with():
    """Start an acceptor with a TLS context, or without; returns its port."""
    servers = []

    def start(context, **options):
        ae = AE("PEER")
        ae.add_supported_context(Verification)
        handlers = [(evt.EVT_CONN_OPEN, closing), (evt.EVT_CONN_OPEN, unheard), *options.pop("handlers", ())]
        servers.append(ae.start_server((HOST, 0), block=False, ssl_context=context, evt_handlers=handlers))
        return servers[-1].server_address[1]

    yield start
    for each in servers:
        each.shutdown()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"expired": True}, "expired"), ({"host": "127.0.0.9"}, "mismatch"), ({"host": "elsewhere.org"}, "mismatch")],
)
def test_a_certificate_that_is_expired_or_of_somebody_else_is_told_as_such(
    session, authority, listening_with, wrong, words
):
    context = authority.server(authority.issue("wrong", **wrong), mutual=False)
    remote = dw.RemoteAE("PEER", HOST, listening_with(context), tls=authority.client())
    sentence, seconds = failure(lambda: session.echo(remote))
    assert words in sentence
    assert f"made for {HOST!r}" in sentence
    assert seconds < 2


def test_a_certificate_of_ours_that_is_missing_is_asked_for(session, secure, storescp, authority):
    for remote in (secure.remote, storescp):
        sentence, seconds = failure(lambda r=remote: session.echo(over_tls(r, authority.client())))
        assert "want" in sentence
        assert "ours" in sentence
        assert seconds < 5


def test_a_certificate_of_ours_from_another_authority_is_not_taken(session, secure, authority, stranger):
    context = authority.client(stranger.issue("client"))
    sentence, seconds = failure(lambda: session.echo(over_tls(secure.remote, context)))
    assert "secure connection" in sentence or "certificate of ours" in sentence
    assert seconds < 5


def test_tls_towards_a_port_that_speaks_none_is_told_within_the_time_out(session, orthanc, dcmqrscp, authority):
    for pacs in (orthanc, dcmqrscp):
        remote = pacs.remote_with(tls=authority.client(), connect_timeout=1)
        sentence, seconds = failure(lambda r=remote: session.echo(r))
        assert "speak TLS" in sentence
        assert seconds < 3


def test_no_tls_towards_a_port_that_wants_it_is_told_within_the_time_out(session, secure, storescp):
    for remote in (secure.remote_with(acse_timeout=2), over_tls(storescp, None, acse_timeout=2)):
        sentence, seconds = failure(lambda r=remote: session.echo(r))
        assert "may speak TLS only" in sentence
        assert seconds < 5


def test_a_client_of_the_listener_that_says_nothing_blocks_nobody(session, secure, authority, client, largest, port):
    remote, (entity, uids) = secure.remote_with(tls=authority.client(client)), largest
    with listening(session), contextlib.ExitStack() as stack:
        for said in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01\x00\x01", b"GET / HTTP/1.1\r\n\r\n"):
            mute = stack.enter_context(socket.create_connection((HOST, port)))
            mute.sendall(said)
        start = time.monotonic()
        assert sorted(session.retrieve(remote, entity, way="C-MOVE", progress=False).received) == uids
        assert time.monotonic() - start < 8


# --- who we are


class Doorman:
    """Lets in who has the right name, or name and password."""

    def __init__(self):
        self.seen = []
        self.handlers = [(evt.EVT_USER_ID, self._look), (evt.EVT_REQUESTED, self._asked)]

    def _look(self, event):
        given = (event.primary_field, event.secondary_field or None)
        self.seen.append((event.user_id_type, *given))
        return given in ((b"anna", None), (b"anna", PASSWORD.encode())), None

    def _asked(self, event):
        if event.assoc.requestor.user_identity is None:
            event.assoc.acse.send_reject(2, 2, 1)
            event.assoc.kill()


@pytest.fixture
def doorman():
    return Doorman()


@pytest.fixture
def guarded(doorman, listening_with):
    port = listening_with(None, handlers=doorman.handlers)
    return lambda identity: dw.RemoteAE("PEER", HOST, port, identity=identity)


@pytest.mark.parametrize(
    ("identity", "seen"),
    [("anna", (1, b"anna", None)), (("anna", PASSWORD), (2, b"anna", PASSWORD.encode()))],
)
def test_who_we_are_is_told_and_taken(session, guarded, doorman, identity, seen):
    assert session.echo(guarded(identity)) > 0
    assert doorman.seen == [seen]


@pytest.mark.parametrize("identity", [None, "otto", ("anna", "wrong-" + PASSWORD), ("otto", "wrong-" + PASSWORD)])
def test_who_is_not_let_in_is_told_what_to_give_and_no_password_is_shown(session, guarded, identity, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    remote = guarded(identity)
    sentence, seconds = failure(lambda: session.echo(remote), errors.AssociationRejected)
    assert "identity=" in sentence
    assert "user name and a password" in sentence
    assert seconds < 2
    shown = capsys.readouterr()
    for said in (sentence, repr(remote), str(remote), caplog.text, shown.out, shown.err):
        assert PASSWORD not in said
