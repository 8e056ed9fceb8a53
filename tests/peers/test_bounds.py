"""What a peer may do to us: nothing that it sends, or does not send, holds us up, fills the memory or stays."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path
from socketserver import BaseServer

import pytest
from pynetdicom import build_context
from pynetdicom.sop_class import Verification
from pynetdicom.transport import AssociationServer

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.network.association import association as associations
from dicom_widgets.network.retrieve import listener
from dicom_widgets.network.retrieve.lease import Lease
from dicom_widgets.network.transport import bounds, fast, sockets
from dicom_widgets.sources.local import LocalAE
from tests.peers import wire
from tests.peers.loopback import HOST, free_port
from tests.peers.wire import Wire

HUGE = 0xFFFFFFF0


@pytest.fixture(autouse=True)
def nothing_breaks():
    """No thread ends by an exception; a listener ends without delay."""
    broken = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(AssociationServer, "serve_forever", lambda server: BaseServer.serve_forever(server, 0.02))
        patch.setattr(threading, "excepthook", broken.append)
        yield
    assert broken == []


class Ears:
    """Our listener, as a peer reaches it."""

    def __init__(self, tls=None, client=None):
        self.ours = LocalAE("RECEIVER", port=free_port(), tls=tls)
        self.client = client

    def __enter__(self):
        self.lease = Lease(self.ours)
        return self

    def __exit__(self, *_):
        self.lease.close()

    def wire(self, **options):
        return Wire.to(self.ours.port, tls=self.client, **options)

    def associated(self, **options):
        """Return a connection that has an association for C-ECHO."""
        made = self.wire(**options)
        made.say(ECHO_REQUEST)
        assert made.hear()[0] == 2
        return made

    def echo(self):
        """Send and release a C-ECHO."""
        with self.associated() as peer:
            peer.say(ECHO)
            assert peer.hear()[0] == 4
            peer.say(wire.RELEASE)
            assert peer.rest() == [6]


ECHO_REQUEST = wire.request(classes=[Verification])
ECHO = wire.message(wire.ECHO_CONTEXT, wire.echo_command(), None)


@pytest.fixture
def patience(monkeypatch):
    monkeypatch.setattr(listener, "PATIENCE", 0.5)


@pytest.fixture(params=["plain", "tls"])
def ears(request):
    if request.param == "plain":
        with Ears() as made:
            yield made
        return
    authority = request.getfixturevalue("authority")
    with Ears(authority.server(authority.issue("ears"), mutual=False), authority.client()) as made:
        yield made


def ends(peer, within=1.0):
    """Whether the connection is closed in time, and nothing is said but an abort."""
    start = time.monotonic()
    said = peer.rest()
    return said in ([], [7]) and time.monotonic() - start < within


class Peak:
    """Bytes that Python asked for within a block, at most."""

    def __enter__(self):
        tracemalloc.start()
        return self

    def __exit__(self, *_):
        self.bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


# --- PDUs that are no good


@pytest.mark.parametrize("kind", [*range(1, 8), 0, 8, 0x16, 0xFF])
@pytest.mark.parametrize("first", [True, False])
def test_a_pdu_that_is_announced_too_long_or_unknown_ends_the_association_at_once(ears, kind, first):
    with Peak() as peak, ears.wire() if first else ears.associated() as peer:
        peer.say(wire.pdu(kind, bytes(1000), length=HUGE))
        assert ends(peer)
    assert peak.bytes < 4 << 20


@pytest.mark.parametrize("kind", range(1, 8))
def test_a_pdu_that_is_a_little_too_long_ends_the_association(kind):
    longest = 16384 + bounds.SLACK if kind == 4 else bounds.LONGEST_NEGOTIATION
    with Ears() as ears, ears.associated() as peer:
        peer.say(wire.pdu(kind, length=longest + 1))
        assert ends(peer)


@pytest.mark.parametrize("kind", [1, 2, 3, 4, 5, 6, 7])
@pytest.mark.parametrize("first", [True, False])
def test_noise_in_a_pdu_ends_the_association(kind, first):
    with Ears() as ears:
        for length in (1, 3, 4, 74, 200):
            with ears.wire() if first else ears.associated() as peer:
                peer.say(wire.pdu(kind, b"\x99" * length))
                peer.connection.shutdown(socket.SHUT_WR)
                assert peer.rest() in ([], [7], [6])
        ears.echo()


@pytest.mark.parametrize("part", [b"", b"\4", b"\4\0\0\0\1", wire.pdu(4, bytes(10), length=100)])
def test_a_part_of_a_pdu_and_then_silence_ends_the_association_in_time(ears, patience, part, monkeypatch):
    monkeypatch.setattr(listener, "IDLE", 1.0)
    ears.lease.listener._ae.network_timeout = ears.lease.listener._ae.dimse_timeout = 1.0
    with ears.associated() as peer:
        peer.say(part)
        assert ends(peer, within=3)


def test_a_pdu_that_drips_ends_the_association_in_time(ears, patience):
    with ears.associated() as peer:
        start = time.monotonic()
        with pytest.raises(OSError):  # noqa: PT012
            for byte in wire.pieces(wire.pdu(4, wire.pdv(1, 1, bytes(1000))), 1):
                peer.say(byte)
                time.sleep(0.05)
        assert time.monotonic() - start < 3


def test_a_part_of_a_tls_record_does_not_keep_us_from_ending_the_association(authority):
    context = authority.server(authority.issue("record"), mutual=False)
    with Ears(context, authority.client()) as ears, ears.associated() as peer:
        with socket.socket(fileno=os.dup(peer.connection.fileno())) as below:
            below.sendall(b"\x17\x03\x03\x01\x00" + bytes(10))
        time.sleep(0.2)
        (association,) = ears.lease.listener._ae.active_associations
        start = time.monotonic()
        association.abort()
        assert ends(peer)
        assert time.monotonic() - start < 1


def test_connections_on_which_nothing_comes_or_that_hang_up_keep_no_place(patience):
    with Ears() as ears:
        for _ in range(60):  # three times what is admitted at once
            ears.wire().connection.close()
            time.sleep(0.002)
        ears.echo()
        assert not ears.lease.listener.refusals


# --- messages that are no good


WRONG = {
    "data without a command": wire.pdv(1, 2, b"data"),
    "a context that was not accepted": wire.pdv(99, 3, wire.echo_command()),
    "a command that is none": wire.pdv(1, 3, b"\x99" * 50),
    "a command set that never ends": b"".join(wire.pdv(1, 1, bytes(1000)) for _ in range(15)),
}


@pytest.mark.parametrize("what", WRONG)
def test_messages_that_are_none_end_the_association_at_once(ears, what):
    with ears.associated() as peer:
        with contextlib.suppress(ConnectionError, ssl.SSLEOFError):  # it ends while we speak
            for _ in range(10):
                peer.say(wire.pdu(4, WRONG[what]))
        assert ends(peer)
    ears.echo()


def test_a_peer_that_asks_without_waiting_and_never_reads_is_given_up(patience):
    with Ears() as ears, socket.socket() as connection:
        ears.lease.listener._server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((HOST, ears.ours.port))
        peer, start = Wire(connection), time.monotonic()
        peer.say(ECHO_REQUEST)
        assert peer.hear()[0] == 2
        connection.settimeout(0.2)
        with Peak() as peak, pytest.raises(ConnectionError):  # noqa: PT012
            while time.monotonic() - start < 15:
                with contextlib.suppress(TimeoutError):
                    connection.send(ECHO * 100)
        assert time.monotonic() - start < 8
    assert peak.bytes < 8 << 20


# --- what we ask for


@pytest.fixture
def peer():
    """Start a peer that answers an association request and then plays a script: returns a remote."""
    threads, servers = [], []

    def start(script, *, accept=True, **options):
        server = socket.create_server((HOST, 0))

        def serve():
            connection, _ = server.accept()
            connection.settimeout(10)
            with Wire(connection) as far:
                asked = far.hear()
                if accept:
                    far.say(wire.accept(asked))
                    far.hear()
                script(far)

        servers.append(server)
        threads.append(threading.Thread(target=serve))
        threads[-1].start()
        return dw.RemoteAE(
            "PEER", HOST, server.getsockname()[1], **{"dimse_timeout": 20, "acse_timeout": 20, **options}
        )

    yield start
    for thread in threads:
        thread.join()
    for server in servers:
        server.close()


@pytest.mark.parametrize("kind", [*range(1, 8), 0, 9])
@pytest.mark.parametrize("accept", [True, False])
def test_an_answer_that_is_announced_too_long_ends_our_association_at_once(peer, kind, accept):
    remote = peer(lambda far: (far.say(wire.pdu(kind, bytes(100), length=HUGE)), far.rest()), accept=accept)
    start = time.monotonic()
    with Peak() as peak, pytest.raises(errors.NetworkError), dw.Session(listen_port=0) as session:
        session.echo(remote)
    assert time.monotonic() - start < 2
    assert peak.bytes < 8 << 20


@pytest.mark.parametrize("what", WRONG)
def test_an_answer_that_is_none_ends_our_association_at_once(peer, what):
    def script(far):
        with contextlib.suppress(ConnectionError, ssl.SSLEOFError):  # it ends while we speak
            for _ in range(10):
                far.say(wire.pdu(4, WRONG[what]))
        far.rest()

    start = time.monotonic()
    with pytest.raises(errors.AssociationAborted), dw.Session(listen_port=0) as session:
        session.echo(peer(script))
    assert time.monotonic() - start < 2


def test_an_answer_that_drips_is_given_up_after_the_dimse_timeout(peer):
    def script(far):
        with contextlib.suppress(ConnectionError):
            for byte in wire.pieces(wire.pdu(4, wire.pdv(1, 1, bytes(1000))), 1):
                far.say(byte)
                time.sleep(0.05)

    start = time.monotonic()
    with pytest.raises(errors.AssociationAborted), dw.Session(listen_port=0) as session:
        session.echo(peer(script, dimse_timeout=0.5))
    assert 0.4 < time.monotonic() - start < 2.5


# --- what an association takes


def descriptors():
    """Return how many are open; where the system does not tell, none."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else 0


def test_nothing_is_left_of_200_associations(ears):
    remote = dw.RemoteAE("RECEIVER", HOST, ears.ours.port, tls=ears.client)
    with dw.Session(listen_port=0) as session:
        session.echo(remote)
        gc.collect()
        threads, open_before = threading.active_count(), descriptors()
        for _ in range(100 if ears.client else 200):  # each has a requestor and an acceptor
            session.echo(remote)
        end = time.monotonic() + 3
        while (threading.active_count() > threads or descriptors() > open_before) and time.monotonic() < end:
            time.sleep(0.02)
        assert threading.active_count() <= threads
        assert descriptors() <= open_before


def test_an_open_association_takes_no_time_while_nothing_happens():
    with Ears() as ears:
        remote = dw.RemoteAE("RECEIVER", HOST, ears.ours.port)
        with associations.associate(remote, LocalAE("WE"), [build_context(Verification)]):
            time.sleep(0.1)
            start = time.process_time()
            time.sleep(1)
            assert time.process_time() - start < 0.1  # of both its ends


MANY = """
import resource, socket, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (2000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
import dicom_widgets as dw
kept = [open("/dev/null") for _ in range(1100)]
title, host, port, listen, study, count = sys.argv[1:]
remote = dw.RemoteAE(title, host, int(port))
with dw.Session("DICOM_WIDGETS", listen_port=int(listen)) as session:
    assert socket.socket().fileno() > 1024
    session.echo(remote)
    (found,) = session.find(remote, StudyInstanceUID=study)
    for way in ("C-GET", "C-MOVE"):
        ledger = session.retrieve(found, way=way, progress=False)
        assert ledger.complete and len(ledger.received) == int(count), ledger
        session.drop(found)
print("all of it")
"""


def test_everything_works_where_descriptors_are_above_1024(dcmqrscp, loaded, listener_port):
    plain = {h.StudyInstanceUID for h in loaded.datasets.values() if not h.file_meta.TransferSyntaxUID.is_compressed}
    study = next(s for s in loaded.tree if s in plain)
    count = sum(map(len, loaded.tree[study].values()))
    arguments = map(str, (dcmqrscp.ae_title, HOST, dcmqrscp.port, listener_port, study, count))
    done = subprocess.run(
        [sys.executable, "-c", MANY, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == "all of it", done.stderr


def test_without_poll_select_does(monkeypatch):
    monkeypatch.delattr(sockets.select, "poll")
    with Ears() as ears:
        ears.echo()


def test_the_bounds_hold_where_the_fast_path_gives_way(monkeypatch):
    monkeypatch.setattr(fast, "KNOWN", "no version")
    with Ears() as ears:
        ears.echo()
        for first in (True, False):
            with ears.wire() if first else ears.associated() as peer:
                peer.say(wire.pdu(4, length=HUGE))
                assert ends(peer)
        with ears.associated() as peer:
            peer.say(wire.pdu(4, wire.pdv(1, 2, b"data")) * 3)
            peer.connection.shutdown(socket.SHUT_WR)
            assert ends(peer)
        ears.echo()


# --- time-outs of a remote


def test_a_remote_waits_for_each_thing_as_long_as_it_says(peer):
    """The longest way: connected, associated, answered, and then no answer to the release."""

    def no_release(far):
        far.say(wire.echoed())
        far.rest()

    remote = peer(no_release, acse_timeout=0.5)
    start = time.monotonic()
    with dw.Session(listen_port=0) as session:
        session.echo(remote)
    assert 0.4 < time.monotonic() - start < 2.5


def test_a_port_that_does_not_shake_hands_is_given_up_after_the_connect_timeout(misbehaving, authority):
    remote = misbehaving("silent").remote_with(tls=authority.client(), connect_timeout=0.5, acse_timeout=20)
    start = time.monotonic()
    with dw.Session(listen_port=0) as session, pytest.raises(errors.ConnectionFailed) as caught:
        session.echo(remote)
    assert "within 0.5 s" in str(caught.value)
    assert "may not speak TLS" in str(caught.value)
    assert time.monotonic() - start < 2
