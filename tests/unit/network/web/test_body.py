"""Bodies of WADO-URI's answers: their length, chunks and compression, and how little memory they take."""

from __future__ import annotations

import gc
import gzip
import tracemalloc
import zlib

import pytest

from dicom_widgets.sources.ledger import FULL
from tests.unit.network.web.server import (
    DATA,
    FILES,
    Sink,
    a_file,
    fetched,
    ordered,
    well,
)


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
