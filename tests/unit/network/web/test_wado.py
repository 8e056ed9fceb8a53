"""WADO-URI against a server that does what a test says: every fault has a sentence, and the rest arrives."""

from __future__ import annotations

import base64
import gc
import gzip
import io
import socket
import threading
import time
import tracemalloc
import zlib
from contextlib import ExitStack

import pydicom
import pytest
from pydicom.data import get_testdata_file

from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.instance import path_of
from dicom_widgets.dicom.statuses import HTTP, explain_http
from dicom_widgets.errors import ConnectionFailed, NotDicom, RetrieveFailed
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.network.web import client, wado
from dicom_widgets.network.web.wado import wado_uri
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.ledger import FULL, Ledger
from dicom_widgets.sources.local import LocalAE
from dicom_widgets.sources.order import Order

SECRET = "s3cr:et"
TYPE = "application/dicom"


class Request:
    """One request as it came, and its connection."""

    def __init__(self, connection, line, headers, number):
        self.connection, self.line, self.headers, self.number = connection, line, headers, number
        self.instance = line.partition("objectUID=")[2].partition("&")[0]

    def send(self, body=b"", code=200, length=None, **headers):
        """Send an answer; its length may be a lie."""
        told = {"Content-Type": TYPE, "Content-Length": len(body) if length is None else length}
        told |= {k.replace("_", "-"): v for k, v in headers.items()}
        head = "".join(f"{k}: {v}\r\n" for k, v in told.items() if v is not None)
        self.connection.sendall(f"HTTP/1.1 {code} Words\r\n{head}\r\n".encode())
        self.connection.sendall(body)


def text(file):
    """The next line of a request, which may be the hello of TLS as well."""
    return file.readline().decode("latin-1").strip()


class Server:
    """An HTTP server by hand: `behave(request)` answers, and ends the connection by returning True."""

    def __init__(self, behave):
        self.behave, self.requests, self.connections, self.busiest, self._busy = behave, [], 0, 0, 0
        self._lock, self._open, self._threads = threading.Lock(), [], []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}/wado"
        self.ended = threading.Event()

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        self.ended.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            connection.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, *what):
        thread = threading.Thread(target=what[0], args=what[1:], daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.settimeout(20)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(connection)
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection):
        with connection, connection.makefile("rb") as file:
            try:
                while line := file.readline().decode("latin-1").strip():
                    headers = dict(
                        iter(lambda: file.readline().decode("latin-1").strip().partition(": ")[::2], ("", ""))
                    )
                    with self._lock:
                        self.requests.append(request := Request(connection, line, headers, len(self.requests)))
                        self._busy += 1
                        self.busiest = max(self.busiest, self._busy)
                    try:
                        if self.behave(request):
                            return
                    finally:
                        with self._lock:
                            self._busy -= 1
            except OSError:  # the client hung up
                return


class Sink:
    """Keeps blobs; may have little room."""

    def __init__(self, limit=1 << 40):
        self.blobs, self.limit = [], limit

    def add(self, blob, uid=""):
        if blob.nbytes > self.room():
            return 0xA700
        try:
            if uid != path_of(blob)[2]:
                return 0xA900
        except NotDicom:
            return 0xC000
        self.blobs.append(blob)
        return 0

    def room(self):
        return self.limit - sum(b.nbytes for b in self.blobs)


def a_file(number, pad=0):
    """A file of instance 1.9.`number` with private padding, so that it has a wanted length."""
    ds = pydicom.dcmread(get_testdata_file("MR_small.dcm"))
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = "1.7", "1.8", f"1.9.{number}"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    if pad:
        ds.PixelData = bytes(range(256)) * (pad // 256)
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


FILES = {f"1.9.{n}": a_file(n) for n in range(1, 13)}
DATA = {u: f[144 + int.from_bytes(f[140:144], "little") :] for u, f in FILES.items()}
"""The data sets behind the meta information."""


def well(request):
    request.send(FILES[request.instance])


@pytest.fixture
def serve():
    with ExitStack() as stack:
        yield lambda behave=well: stack.enter_context(Server(behave))


def ordered(uri, count=4, sink=None, **options):
    """An order of instances 1 to `count`."""
    options = {"connect_timeout": 5, "http_timeout": 5, **options}
    remote = RemoteAE("PACS", "127.0.0.1", 104, wado_uri=uri, **options)
    entities = [Entity.of("1.7", "1.8", f"1.9.{n}") for n in range(1, count + 1)]
    book = Ledger.of("WADO-URI", remote, entities, sink or Sink())
    return Order(remote, LocalAE("OURS"), entities, book, Cancellation(), lambda: None)


def fetched(order):
    """Run it to its end; no thread may be left."""
    before = threading.active_count()
    try:
        steps = list(wado_uri(order))
    finally:
        assert not [t for t in threading.enumerate() if t.name.startswith("WADO-URI")]
        assert threading.active_count() <= before + len(order.entities) + 1  # the server's own
    assert steps
    return order.ledger


# --- what is sent, and what comes


def test_every_instance_arrives_as_it_was_sent(serve):
    sink = Sink()
    book = fetched(ordered(serve().uri, 12, sink))
    assert set(book.received) == set(FILES)
    assert (book.failed, book.warnings, book.expected) == ({}, [], 12)
    assert {bytes(b.data) for b in sink.blobs} == set(DATA.values())
    assert {b.origin for b in sink.blobs} == {"PACS via WADO-URI"}
    assert {b.transfer_syntax for b in sink.blobs} == {"1.2.840.10008.1.2.1"}
    assert {b.invented for b in sink.blobs} == {False}


def test_the_request_is_sent_with_a_literal_slash_and_its_headers(serve):
    server = serve()
    fetched(ordered(server.uri, 1, auth=("user", SECRET)))
    (request,) = server.requests
    uids = "studyUID=1.7&seriesUID=1.8&objectUID=1.9.1"
    assert request.line == f"GET /wado?requestType=WADO&{uids}&contentType=application/dicom HTTP/1.1"
    assert request.headers["Accept"] == TYPE
    assert request.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    ("tail", "start"),
    [
        ("?site=a%20b", "/wado?site=a%20b&requestType=WADO&"),
        ("?", "/wado?requestType=WADO&"),
        ("/a b/?requestType=WADO&x=1#there", "/wado/a%20b/?requestType=WADO&x=1&studyUID="),
    ],
)
def test_an_address_may_have_a_query(serve, tail, start):
    server = serve()
    fetched(ordered(server.uri + tail, 1))
    assert server.requests[0].line.removeprefix("GET ").startswith(start)


def test_what_is_no_uid_cannot_change_the_request(serve):
    server = serve(lambda r: r.send(b"", 404))
    order = ordered(server.uri, 1)
    order.entities[0].path = ("1.7&x=1", "1.8#", "1.9 1\r\nX: y")
    order.ledger.wanted = {"1": order.entities[0]}
    fetched(order)
    assert "studyUID=1.7%26x%3D1&seriesUID=1.8%23&objectUID=1.9%201%0D%0AX%3A%20y&" in server.requests[0].line


@pytest.mark.parametrize(
    ("auth", "sent"),
    [
        (("user", SECRET), "Basic " + base64.b64encode(b"user:s3cr:et").decode()),
        ("user:s3cr:et", "Basic " + base64.b64encode(b"user:s3cr:et").decode()),
        (("Jörg", "pässword"), "Basic " + base64.b64encode("Jörg:pässword".encode()).decode()),
        ("a.token", "Bearer a.token"),
        (" Bearer a.token\n", "Bearer a.token"),
        (None, None),
    ],
)
def test_credentials_are_sent_as_they_are_given(serve, auth, sent, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server = serve()
    fetched(ordered(server.uri, 3, auth=auth))
    assert {r.headers.get("Authorization") for r in server.requests} == {sent}


def test_credentials_in_the_address_are_used_and_never_shown(serve):
    server = serve(lambda r: r.send(b"", 500))
    uri = server.uri.replace("://", "://user:s3cr%3Aet@")
    order = ordered(uri, 2)
    book = fetched(order)
    assert server.requests[0].headers["Authorization"] == "Basic " + base64.b64encode(b"user:s3cr:et").decode()
    assert "s3cr" not in str(book) + repr(order.source)
    with pytest.raises(RetrieveFailed) as nothing:
        book.close(cancelled=False)
    assert "s3cr" not in str(nothing.value)


def test_a_token_that_cannot_be_sent_is_an_error_that_does_not_show_it():
    with pytest.raises(ValueError, match="cannot be sent") as error:
        fetched(ordered("http://127.0.0.1/", 1, auth="s3cr\r\net"))
    assert "s3cr" not in str(error.value)


@pytest.mark.parametrize("uri", ["http://user:pa/ss@host/wado", "http://", "http://[::1/wado", "https://a b/"])
def test_an_address_that_is_none_is_an_error_that_does_not_quote_it(uri):
    with pytest.raises(ValueError, match=r"wado_uri of PACS at .* is no address") as error:
        fetched(ordered(uri, 1))
    assert "pa/ss" not in str(error.value)
    assert error.value.__suppress_context__


def test_without_an_address_the_error_says_where_to_give_it():
    with pytest.raises(ValueError, match=r"no wado_uri: give it as RemoteAE\(..., wado_uri='https://...'\)"):
        fetched(ordered(None, 1))


def test_instances_that_nobody_can_name_are_an_error_that_says_what_to_give(serve):
    order = ordered(serve().uri, 1)
    order.entities[:] = [Entity.of("1.7")]
    order.ledger.wanted = None
    object.__setattr__(order.source, "port", 9)
    with pytest.raises(ConnectionFailed, match=r"by name.*session.tree"):
        list(wado_uri(order))


# --- several at a time


def test_the_first_is_asked_alone_and_then_as_many_at_a_time_as_are_wanted(serve):
    together = threading.Barrier(3)

    def behave(request):
        if request.number:
            together.wait(10)  # breaks, if not three at a time come
        well(request)

    server = serve(behave)
    book = fetched(ordered(server.uri, 10, http_parallel=3))
    assert (len(book.received), server.busiest, server.connections) == (10, 3, 3)


def test_a_connection_that_was_closed_while_it_idled_is_made_again(serve):
    def behave(request):
        if request.number == 1:
            return True  # as if it had been idle for too long
        well(request)
        return False

    server = serve(behave)
    book = fetched(ordered(server.uri, 3, http_parallel=1))
    assert (len(book.received), book.failed, server.connections) == (3, {}, 2)


def test_a_fresh_connection_that_is_closed_is_not_tried_again(serve):
    server = serve(lambda _: True)
    with pytest.raises(ConnectionFailed, match=r"PACS at .*: it hung up"):
        fetched(ordered(server.uri, 4))
    assert len(server.requests) == 1


# --- refusals


@pytest.mark.parametrize("code", [*HTTP, 418, 507, 204, 302])
def test_each_status_is_told_in_words_and_the_others_are_asked_for(serve, code):
    def behave(request):
        if request.number == 1:
            request.send(b"no", code, length=0 if code == 204 else None)
            return code == 204
        well(request)
        return False

    server = serve(behave)
    book = fetched(ordered(server.uri, 3, http_parallel=1))
    assert book.failed["1.9.2"] == explain_http(code)
    assert f"(HTTP {code})" in explain_http(code)
    assert set(book.received) == ({"1.9.1"} if code == 401 else {"1.9.1", "1.9.3"})


@pytest.mark.parametrize("code", [401, 403])
def test_who_is_not_let_in_asks_once_only(serve, code):
    server = serve(lambda r: r.send(b"", code))
    order = ordered(server.uri, 12, auth="user:s3cret")
    book = fetched(order)
    assert len(server.requests) == 1
    assert book.failed == {"1.9.1": explain_http(code)}
    assert [w for w in book.warnings if "the other 11 instances were not asked for" in w] == book.warnings
    with pytest.raises(RetrieveFailed, match=f"HTTP {code}"):
        book.close(cancelled=False)
    assert "s3cret" not in str(book)


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"<html>log in</html>" * 100, "text/html; charset=utf-8", "page to log in"),
        (b"<html>", "text/html", "'text/html' came instead"),
        (b"\xff\xd8\xff\xe0" * 100, "image/jpeg", "'image/jpeg' came instead"),
        (b"--x\r\nContent-Type: application/dicom\r\n\r\n" + FILES["1.9.1"], "multipart/related", "multipart/related"),
        (b"x" * 500, TYPE, f"'{TYPE}' came instead"),
        (b"", None, "something without a Content-Type came"),
        (b"x" * 500, "<b>\x1b[31m" + "y" * 500, "…"),
    ],
)
def test_what_is_no_dicom_file_is_named(serve, body, kind, words):
    book = fetched(ordered(serve(lambda r: r.send(body, Content_Type=kind)).uri, 1))
    assert words in book.failed["1.9.1"]
    assert len(book.failed["1.9.1"]) < 160
    assert "\x1b" not in book.failed["1.9.1"]


def test_a_jpeg_with_a_label_is_refused_and_a_file_without_one_is_taken(serve):
    book = fetched(ordered(serve(lambda r: r.send(FILES[r.instance], Content_Type="image/png")).uri, 2))
    assert len(book.received) == 2


def test_another_instance_than_was_asked_for_is_not_kept(serve):
    sink = Sink()
    book = fetched(ordered(serve(lambda r: r.send(FILES["1.9.2"])).uri, 3, sink))
    assert set(book.received) == {"1.9.2"}
    assert set(book.failed.values()) == {"another instance came than was asked for"}
    assert len(sink.blobs) == 1


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_another_host_is_not_told_who_we_are(serve, code):
    there = serve()
    uri = there.uri.replace("127.0.0.1", "localhost")
    here = serve(lambda r: r.send(b"", code, Location=uri + r.line.split()[1].removeprefix("/wado")))
    book = fetched(ordered(here.uri, 3, auth=("user", SECRET)))
    assert len(book.received) == 3
    assert {r.headers.get("Authorization", "")[:5] for r in here.requests} == {"Basic"}
    assert {r.headers.get("Authorization") for r in there.requests} == {None}


def test_the_same_host_is_told_again(serve):
    def behave(request):
        if request.line.startswith("GET /wado?"):
            request.send(b"", 302, Location=request.line.split()[1].replace("/wado", "/there"))
        else:
            well(request)

    server = serve(behave)
    assert len(fetched(ordered(server.uri, 2, auth="token")).received) == 2
    assert {r.headers["Authorization"] for r in server.requests} == {"Bearer token"}


@pytest.mark.parametrize(
    ("place", "words"),
    [("/wado", "again and again"), ("ftp://host/", "nothing is secured"), ("http://[", "no address")],
)
def test_redirects_without_an_end_or_to_elsewhere_are_refused(serve, place, words):
    server = serve(lambda r: r.send(b"", 302, Location=place))
    assert words in fetched(ordered(server.uri, 1)).failed["1.9.1"]
    assert len(server.requests) <= client.REDIRECTS + 1


def test_a_redirect_that_gives_up_security_is_refused():
    service = wado.WebService(ordered("https://host/wado", auth="token").source)
    request = service.request(Entity.of("1.7", "1.8", "1.9.1"))
    with pytest.raises(wado.Refused, match="nothing is secured"):
        service.redirected(request, "http://host/wado")
    assert service.redirected(request, "/there").headers["Authorization"] == "Bearer token"


# --- bodies


@pytest.mark.parametrize("length", [10, 200, 5000])
def test_a_body_that_ends_early_is_refused(serve, length):
    def behave(request):
        request.send(FILES[request.instance][:length], length=len(FILES[request.instance]))
        return True

    book = fetched(ordered(serve(behave).uri, 2))
    assert set(book.failed.values()) == {"the connection broke before all of it had come"}


def chunked(request, body, *, end=True):
    request.send(b"", Content_Length=None, Transfer_Encoding="chunked")
    for i in range(0, len(body), 3000):
        part = body[i : i + 3000]
        request.connection.sendall(b"%x\r\n%s\r\n" % (len(part), part))
    if end:
        request.connection.sendall(b"0\r\n\r\n")
    return not end


def test_a_body_in_chunks_arrives_if_its_end_does(serve):
    sink = Sink()
    book = fetched(ordered(serve(lambda r: chunked(r, FILES[r.instance], end=r.instance != "1.9.2")).uri, 3, sink))
    assert set(book.received) == {"1.9.1", "1.9.3"}
    assert book.failed == {"1.9.2": "the connection broke before all of it had come"}
    assert {bytes(b.data) for b in sink.blobs} == {DATA["1.9.1"], DATA["1.9.3"]}


def test_a_body_without_a_length_ends_with_its_connection(serve):
    def behave(request):
        request.send(FILES[request.instance], Content_Length=None, Connection="close")
        return True

    assert len(fetched(ordered(serve(behave).uri, 3)).received) == 3


def mislabelled(length):
    """A server that gives the second instance a strange length."""

    def behave(request):
        strange = request.instance == "1.9.2"
        request.send(FILES[request.instance], length=length if strange else None)
        return strange

    return behave


@pytest.mark.parametrize("length", ["nonsense", "-5"])
def test_a_length_that_is_none_does_no_harm(serve, length):
    assert len(fetched(ordered(serve(mislabelled(length)).uri, 3)).received) == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # urllib3 leaves that socket open
def test_two_lengths_are_refused(serve):
    book = fetched(ordered(serve(mislabelled("5, 6")).uri, 3))
    gc.collect()
    assert (set(book.received), [*book.failed]) == ({"1.9.1", "1.9.3"}, ["1.9.2"])


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("gzip", lambda f: gzip.compress(f[:5000]) + gzip.compress(f[5000:])),
    ],
)
def test_a_body_that_is_compressed_nevertheless_is_opened(serve, name, pack):
    sink = Sink()
    server = serve(lambda r: r.send(pack(FILES[r.instance]), Content_Encoding=name))
    assert len(fetched(ordered(server.uri, 3, sink)).received) == 3
    assert {bytes(b.data) for b in sink.blobs} == {DATA[f"1.9.{n}"] for n in (1, 2, 3)}


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("gzip", gzip.compress(FILES["1.9.1"])[:-20], "broke before"),
        ("gzip", FILES["1.9.1"], "damaged"),
        ("br", FILES["1.9.1"], "compressed (br)"),
        ("gzip, gzip", gzip.compress(gzip.compress(FILES["1.9.1"])), "compressed (gzip, gzip)"),
    ],
)
def test_a_compressed_body_that_cannot_be_opened_is_refused(serve, name, body, words):
    assert words in fetched(ordered(serve(lambda r: r.send(body, Content_Encoding=name)).uri, 1)).failed["1.9.1"]


def test_a_bomb_takes_no_more_than_there_is_room_for(serve):
    bomb = gzip.compress(FILES["1.9.1"] + bytes(200 << 20), 1)
    server = serve(lambda r: r.send(bomb, Content_Encoding="gzip"))
    tracemalloc.start()
    try:
        book = fetched(ordered(server.uri, 1, Sink(1 << 20)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert book.failed == {"1.9.1": FULL}
    assert peak < 8 << 20


def endless(request):
    request.send(FILES["1.9.1"], Content_Length=None)
    while True:
        request.connection.sendall(bytes(1 << 16))


def test_an_endless_body_ends_where_the_room_does(serve):
    book = fetched(ordered(serve(endless).uri, 1, Sink(1 << 20)))
    assert book.failed == {"1.9.1": FULL}


def test_a_length_beyond_the_room_is_refused_unread_and_smaller_ones_go_on(serve):
    def behave(request):
        if request.instance == "1.9.2":
            request.send(FILES["1.9.2"], length=1 << 50)
            return True
        well(request)
        return False

    sink = Sink(60_000)
    book = fetched(ordered(serve(behave).uri, 3, sink))
    assert (set(book.received), book.failed) == ({"1.9.1", "1.9.3"}, {"1.9.2": FULL})


def test_what_arrives_is_not_held_twice(serve):
    large = a_file(1, 32 << 20)
    server, sink = serve(lambda r: r.send(large)), Sink()
    tracemalloc.start()
    try:
        fetched(ordered(server.uri, 1, sink))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sink.blobs[0].nbytes > 32 << 20
    assert peak < 1.1 * len(large)


# --- silence, connections, cancelling


def silent(request):
    time.sleep(3)
    return True


def test_the_first_that_is_not_answered_ends_it(serve):
    start = time.monotonic()
    with pytest.raises(ConnectionFailed, match=r"did not answer within 0.3 s. Raise http_timeout"):
        fetched(ordered(serve(silent).uri, 4, http_timeout=0.3))
    assert time.monotonic() - start < 2


def test_one_that_is_not_answered_does_not_end_it(serve):
    server = serve(lambda r: silent(r) if r.instance == "1.9.2" else well(r))
    book = fetched(ordered(server.uri, 6, http_timeout=0.3))
    assert len(book.received) == 5
    assert "did not answer" in book.failed["1.9.2"]


def test_a_peer_that_falls_silent_for_good_ends_it(serve):
    server = serve(lambda r: silent(r) if r.number else well(r))
    with pytest.raises(ConnectionFailed, match="did not answer"):
        fetched(ordered(server.uri, 12, http_timeout=0.3, http_parallel=2))
    assert len(server.requests) <= 4


def test_silence_in_the_middle_is_refused(serve):
    def behave(request):
        if request.instance == "1.9.2":
            request.send(FILES["1.9.2"][:3000], length=len(FILES["1.9.2"]))
            return silent(request)
        return well(request)

    book = fetched(ordered(serve(behave).uri, 3, http_timeout=0.3))
    assert "fell silent for 0.3 s" in book.failed["1.9.2"]
    assert len(book.received) == 2


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://127.0.0.1:9/wado?key=s3cret", "Nothing listens at http://127.0.0.1:9/wado "),
        ("http://user:s3cret@127.0.0.1:9/wado", "Nothing listens at http://127.0.0.1:9/wado "),
        ("http://no.such.host.invalid/wado", "is not known here"),
        (f"http://{'a' * 70}.invalid/wado", "is not known here"),
    ],
)
def test_a_connection_that_cannot_be_made_is_told_in_words(uri, words):
    with pytest.raises(ConnectionFailed) as error:
        fetched(ordered(uri, 3))
    assert words in str(error.value)
    assert "s3cret" not in str(error.value) + repr(error.value.__cause__)


def test_https_where_there_is_http_is_told_in_words(serve):
    server = serve(lambda _: True)
    with pytest.raises(ConnectionFailed, match=r"https://127.0.0.1:.*(TLS|the port may not speak this protocol)"):
        fetched(ordered(server.uri.replace("http:", "https:"), 2, connect_timeout=1))


def test_the_proxy_of_the_environment_is_asked_and_named(serve, monkeypatch):
    proxy = serve()
    monkeypatch.setenv("http_proxy", f"http://me:pass@127.0.0.1:{proxy.port}")
    monkeypatch.setenv("no_proxy", "")
    assert len(fetched(ordered("http://pacs.invalid/wado", 2)).received) == 2
    assert proxy.requests[0].line.startswith("GET http://pacs.invalid/wado?requestType")
    monkeypatch.setenv("http_proxy", "http://me:s3cret@127.0.0.1:9")
    with pytest.raises(ConnectionFailed, match="names a proxy") as error:
        fetched(ordered("http://pacs.invalid/wado", 2))
    assert "s3cret" not in str(error.value)


def dripping(request):
    request.send(FILES["1.9.1"], length=1 << 20)
    while True:
        request.connection.sendall(b"x")
        time.sleep(0.05)


def full_backlog():
    """A port at which connections are never made."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    for one in waiting:
        one.setblocking(False)
        one.connect_ex(listener.getsockname())
    return [listener, *waiting]


@pytest.mark.parametrize("behave", [silent, dripping, None])
def test_cancelling_ends_it_at_once_and_keeps_what_came(serve, behave):
    with ExitStack() as stack:
        if behave is None:
            sockets = [stack.enter_context(s) for s in full_backlog()]
            uri, came = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/", set()
        else:
            uri, came = serve(lambda r: behave(r) if r.number else well(r)).uri, {"1.9.1"}
        order = ordered(uri, 8, connect_timeout=60, http_timeout=60)
        timer = threading.Timer(0.5, order.cancellation.cancel)
        timer.start()
        start = time.monotonic()
        book = fetched(order)
        timer.join()
    assert 0.4 < time.monotonic() - start < 2
    assert (set(book.received), book.failed) == (came, {})
    assert book.close(cancelled=True).cancelled


def test_a_generator_that_is_closed_leaves_no_thread(serve):
    server = serve(lambda r: dripping(r) if r.number else well(r))
    steps = wado_uri(order := ordered(server.uri, 8))
    while not len(order.ledger.received):
        next(steps)
    next(steps)
    start = time.monotonic()
    steps.close()
    assert time.monotonic() - start < 1
    assert not [t for t in threading.enumerate() if t.name.startswith("WADO-URI")]
