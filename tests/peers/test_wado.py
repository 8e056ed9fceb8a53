"""WADO-URI from Orthanc and from the practice PACS: what arrives equals the files; who asks, and over TLS."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
import time

import pydicom
import pytest
import requests
from pydicom.filewriter import dcmwrite

import dicom_widgets as dw
from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.instance import path_of
from dicom_widgets.dicom.statuses import explain_http
from dicom_widgets.errors import ConnectionFailed, RetrieveFailed
from dicom_widgets.media.files import mapped
from dicom_widgets.network.web.wado import wado_uri
from dicom_widgets.practice import PracticePacs
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.ledger import Ledger
from dicom_widgets.sources.local import LocalAE
from dicom_widgets.sources.order import Order
from tests.peers.certificates import Authority
from tests.peers.loopback import HOST
from tests.peers.orthanc import Orthanc

OURS = LocalAE("DICOM_WIDGETS")


class Sink(list):
    """Keeps blobs."""

    def add(self, blob, uid):
        assert uid == path_of(blob)[2]
        self.append(blob)
        return 0

    def room(self):
        return 1 << 40


@pytest.fixture(scope="module")
def data_sets(loaded):
    """SOP Instance UID -> the bytes of its data set, as they lie in the file."""
    return {u: bytes(mapped(p).data) for p, u in zip(loaded.files, loaded.datasets, strict=True)}


def fetched(remote, entities):
    """Run a retrieval; return its ledger and what came."""
    sink = Sink()
    book = Ledger.of("WADO-URI", remote, entities, sink)
    order = Order(remote, OURS, entities, book, Cancellation(), lambda: None)
    assert list(wado_uri(order))
    return book, sink


def entities_of(contents):
    return [
        Entity.of(study, series, uid)
        for study, all_series in contents.tree.items()
        for series, uids in all_series.items()
        for uid in uids
    ]


# --- Orthanc


def test_every_instance_of_orthanc_has_the_bytes_of_its_file(orthanc, loaded, data_sets):
    book, blobs = fetched(orthanc.remote, entities_of(loaded))
    assert (set(book.received), book.failed, book.warnings) == (set(data_sets), {}, [])
    assert sorted(bytes(b.data) for b in blobs) == sorted(data_sets.values())
    assert {b.transfer_syntax for b in blobs} == {d.file_meta.TransferSyntaxUID for d in loaded.datasets.values()}
    assert {(b.origin, b.invented, b.guessed) for b in blobs} == {("ORTHANC via WADO-URI", False, False)}


def test_what_is_inside_of_a_study_is_asked_for(orthanc, loaded, data_sets):
    studies = [Entity.of(study) for study in loaded.tree]
    book, blobs = fetched(orthanc.remote, studies)
    assert book.expected == len(book.received) == len(blobs) == len(data_sets)


def test_one_that_orthanc_does_not_hold_is_named_and_the_others_come(orthanc, loaded):
    entities = entities_of(loaded)[:5]
    entities.insert(2, Entity.of(*entities[0].path[:2], "1.2.3"))
    book, _ = fetched(orthanc.remote, entities)
    assert len(book.received) == 5
    assert book.failed == {"1.2.3": explain_http(404)}


def test_a_connection_that_orthanc_closed_while_it_idled_is_made_again(orthanc, loaded):
    entities = entities_of(loaded)[:3]
    sink = Sink()
    sink.add = lambda blob, _uid: time.sleep(1.5) or list.append(sink, blob) or 0  # it keeps connections for a second
    remote = orthanc.remote_with(http_parallel=1)
    book = Ledger.of("WADO-URI", remote, entities, sink)
    list(wado_uri(Order(remote, OURS, entities, book, Cancellation(), lambda: None)))
    assert (len(book.received), book.failed) == (3, {})


def test_orthanc_lets_in_who_has_the_password_only(orthanc_here, loaded):
    with locked(loaded) as pacs:
        entities = entities_of(loaded)
        for auth in (("user", "pass:word"), "user:pass:word"):
            book, _ = fetched(pacs.remote_with(auth=auth), entities)
            assert len(book.received) == len(entities)
        for auth in (None, ("user", "wrong"), "a-token"):
            book, _ = fetched(pacs.remote_with(auth=auth), entities)
            assert [*book.failed.values()] == [explain_http(401)]
            assert f"the other {len(entities) - 1} instances were not asked for" in book.warnings[0]
            with pytest.raises(RetrieveFailed, match="auth="):
                book.close(cancelled=False)


@contextlib.contextmanager
def locked(contents):
    """An Orthanc that wants a password, filled before."""

    class Locked(Orthanc):
        def get(self, path):
            return self._asked(path)

        def post(self, path, body, content_type="application/dicom"):
            return self._asked(path, data=body, headers={"Content-Type": content_type})

        def _asked(self, path, **kwargs):
            method = "POST" if kwargs else "GET"
            answer = requests.request(method, self.rest + path, auth=("user", "pass:word"), timeout=30, **kwargs)
            answer.raise_for_status()
            return answer.json()

    with Locked(contents.files, AuthenticationEnabled=True, RegisteredUsers={"user": "pass:word"}) as pacs:
        yield pacs


class Gateway:
    """What ends TLS in front of a web server, as in a hospital; Debian's Orthanc 1.10 falls over its own."""

    def __init__(self, port, context):
        self._port, self._context, self._open = port, context, []
        self._socket = socket.create_server((HOST, 0))
        self.uri = f"https://{HOST}:{self._socket.getsockname()[1]}/wado"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self):
        """Hang up everywhere."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        for one in [self._socket, *self._open]:
            one.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self):
        while True:
            try:
                raw, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(raw)
            thread = threading.Thread(target=self._serve, args=(raw,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, raw):
        with (
            raw,
            contextlib.suppress(OSError),
            socket.create_connection((HOST, self._port), 10) as behind,
            self._context.wrap_socket(raw, server_side=True) as ours,
        ):
            while request := ours.recv(1 << 16):  # one at a time, so the answers need no thread of their own
                behind.sendall(request)
                self._answer(behind, ours)

    @staticmethod
    def _answer(behind, ours):
        """Pass one answer on."""
        with behind.makefile("rb") as file:
            head = b"".join(iter(file.readline, b"\r\n")) + b"\r\n"
            length = re.search(rb"(?i)content-length: (\d+)", head)
            assert length
            ours.sendall(head + file.read(int(length[1])))


@pytest.fixture(scope="module")
def secured(orthanc, tmp_path_factory):
    """Orthanc behind HTTPS, and the authority of its certificate."""
    authority = Authority(tmp_path_factory.mktemp("certificates"), "authority")
    gateway = Gateway(orthanc.http_port, authority.server(authority.issue("orthanc"), mutual=False))
    yield lambda **options: orthanc.remote_with(**{"wado_uri": gateway.uri, **options}), authority
    gateway.close()


def test_https_is_verified_by_the_context_that_is_given(secured, loaded, data_sets):
    remote, authority = secured
    context = authority.client()
    before = context.cert_store_stats()
    book, blobs = fetched(remote(http_tls=context), entities_of(loaded))
    assert (set(book.received), book.failed) == (set(data_sets), {})
    assert sorted(bytes(b.data) for b in blobs) == sorted(data_sets.values())
    assert context.cert_store_stats() == before  # no other authorities were added to it


@pytest.mark.parametrize("context", [None, ssl.create_default_context])
def test_https_that_cannot_be_verified_is_refused(secured, loaded, context):
    remote, _ = secured
    with pytest.raises(ConnectionFailed, match=r"no secure connection to https://.*certificate.*http_tls= trusts"):
        fetched(remote(http_tls=context and context()), entities_of(loaded)[:5])


@pytest.mark.parametrize("given", [False, True])
def test_a_bundle_that_the_environment_names_is_trusted_where_no_context_is_given(secured, loaded, monkeypatch, given):
    remote, authority = secured
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    entities = entities_of(loaded)[:3]
    if given:
        with pytest.raises(ConnectionFailed, match="no secure connection"):
            fetched(remote(http_tls=ssl.create_default_context()), entities)
    else:
        assert len(fetched(remote(), entities)[0].received) == 3


def test_a_certificate_of_another_host_is_refused(secured, loaded):
    remote, authority = secured
    there = remote().wado_uri.replace(HOST, "localhost")
    with pytest.raises(ConnectionFailed, match="no secure connection"):
        fetched(remote(wado_uri=there, http_tls=authority.client()), entities_of(loaded)[:1])


# --- the practice PACS


def test_everything_of_the_practice_pacs_arrives_and_is_invented(tmp_path):
    with PracticePacs() as pacs, dw.Session(listen_port=0) as session:
        wanted = [i for study in session.tree(pacs.remote) for i in study.instances]
        book, blobs = fetched(pacs.remote, wanted)
        assert (set(book.received), book.failed) == ({i.uid for i in wanted}, {})
        assert {b.invented for b in blobs} == {True}
        assert {b.origin for b in blobs} == {f"{pacs.remote.ae_title} via WADO-URI"}


# --- a session


@pytest.fixture
def way():
    """The way by its name."""
    return "WADO-URI"


def test_a_session_retrieves_a_study_by_wado_uri(session, orthanc, loaded, way, tmp_path):
    study, series, uids = loaded.largest_series
    found = session.find(orthanc.remote, "SERIES", StudyInstanceUID=study, SeriesInstanceUID=series).one()
    done = session.retrieve(found, way=way, progress=False)
    assert (sorted(done.received), done.complete, done.way) == (sorted(uids), True, way)
    paths = dict(zip(loaded.datasets, loaded.files, strict=True))
    for uid in uids[:3]:
        dcmwrite(tmp_path / "ours.dcm", session.dataset(uid), enforce_file_format=True)
        assert pydicom.dcmread(tmp_path / "ours.dcm").PixelData == pydicom.dcmread(paths[uid]).PixelData


def test_a_session_says_what_is_wrong_with_wado_uri(session, orthanc, loaded, way):
    entity = entities_of(loaded)[0]
    for remote, words in (
        (orthanc.remote_with(wado_uri=f"{orthanc.rest}/elsewhere"), "HTTP 404"),
        (orthanc.remote_with(wado_uri=None), "no wado_uri"),
        (orthanc.remote_with(wado_uri="http://127.0.0.1:9/"), "Nothing listens"),
    ):
        with pytest.raises((RetrieveFailed, ConnectionFailed, ValueError), match=words):
            session.retrieve(remote, entity, way=way, progress=False)
    assert session.retrieve(orthanc.remote, entity, way=way, progress=False).complete
