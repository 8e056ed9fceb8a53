"""WADO-URI against a server that does what a test says: every fault has a sentence, and the rest arrives."""

from __future__ import annotations

import base64
import threading

import pytest

from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.statuses import HTTP, explain_http
from dicom_widgets.errors import ConnectionFailed, RetrieveFailed
from dicom_widgets.network.web import client, wado
from dicom_widgets.network.web.wado import wado_uri
from tests.unit.network.web.server import (
    DATA,
    FILES,
    SECRET,
    TYPE,
    Sink,
    fetched,
    ordered,
    well,
)

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


def test_a_stored_file_that_comes_as_it_is_without_preamble_is_read_with_a_note(serve):
    """As Orthanc sends what was stored so; its transfer syntax is guessed."""
    sink = Sink()
    book = fetched(ordered(serve(lambda request: request.send(DATA[request.instance])).uri, 3, sink))
    assert len(book.received) == 3
    assert book.failed == {}
    assert {bytes(b.data) for b in sink.blobs} == {DATA[u] for u in book.received}
    assert all(b.guessed and b.transfer_syntax == "1.2.840.10008.1.2.1" for b in sink.blobs)
    assert set(book.remarks.values()) == {"it came without meta information, so its transfer syntax is guessed"}


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
