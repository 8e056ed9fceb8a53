"""WADO-URI over connections that fall silent, cannot be made, or are ended by us."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import ExitStack

import pytest

from dicom_widgets.errors import ConnectionFailed
from dicom_widgets.network.web.wado import wado_uri
from tests.unit.network.web.server import (
    FILES,
    fetched,
    ordered,
    well,
)


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
