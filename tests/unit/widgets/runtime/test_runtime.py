"""The page runtime: what is sent for what is wanted; messages as a page would send them."""

from __future__ import annotations

import re
import threading
import zlib

import numpy as np
import pydicom.data
import pytest

import dicom_widgets as dw
from dicom_widgets.display.picture.layer import Grey
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.pipeline.grayscale import Chain, Modality
from dicom_widgets.display.pipeline.view_settings import Window
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.runtime.client import Client
from dicom_widgets.widgets.runtime.frame_message import frame_message
from dicom_widgets.widgets.runtime.link_speed import LinkSpeed
from dicom_widgets.widgets.runtime.runtime import Runtime, runtime_of

CT = pydicom.data.get_testdata_file("CT_small.dcm", download=False)


class Wire:
    """Records what a runtime sends; `wait` returns when there are so many frames."""

    def __init__(self, runtime):
        self.sent, self.changed = [], threading.Condition()
        runtime.send = self.send

    def send(self, content, buffers=None):
        with self.changed:
            self.sent.append((content, [bytes(b) for b in buffers or []]))
            self.changed.notify_all()

    @property
    def frames(self):
        return [content for content, _ in self.sent if content["type"] == "frame"]

    def wait(self, count, seconds=5):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.frames) >= count, seconds), (
                f"{len(self.frames)} of {count} frames"
            )
            return [content["key"] for content in self.frames]

    def until(self, kind, key, seconds=5):
        """Return the message of a kind about a key, and its buffers."""
        with self.changed:
            found = lambda: [m for m in self.sent if (m[0]["type"], m[0]["key"]) == (kind, key)]  # noqa: E731
            assert self.changed.wait_for(found, seconds), f"no {kind} of {key}"
            return found()[0]


@pytest.fixture
def runtime(session):
    return runtime_of(session)


@pytest.fixture
def picture(session):
    session.load(CT)
    return session.present(session.instances(session.studies)[0])


@pytest.fixture
def patient(monkeypatch):
    """Credits come back by acknowledgements only."""
    monkeypatch.setattr(Client, "PATIENCE", 60)


def want(runtime, keys, n, client="a", buffers=(), acks=(), **more):
    wish = {"keys": list(keys), "buffers": list(buffers), "acks": list(acks), **more}
    runtime._receive(None, {"type": "want", "client": client, "n": n, **wish}, [])


def acknowledge(runtime, key, n, client="a", took=None, *, whole=True):
    known = runtime._clients[client]
    with runtime._changed:
        keys, buffers, inflates = [*known.wants], [*known.buffers], known.inflates
    want(runtime, keys, n, client, buffers, [{"key": key, "took": took, "whole": whole}], inflates=inflates)


def measured(runtime, nbytes, seconds):
    """Return a client whose link was measured, so that it has all of its credits."""
    client = runtime._clients["a"]
    client.speed.measure(nbytes, seconds)
    client._credits = Client.CREDITS
    return client


class Owner:
    """What frames belong to."""


def offered(runtime, present, count=8, owner=None):
    """Offer frames of one owner; return their keys."""
    name, owner = runtime.offer(), owner or Owner()
    return [f"{name}.{frame}" for frame in runtime.fill(name, [(owner, i) for i in range(count)], present)]


def buffer(runtime, key):
    return f"{runtime.uid}.{key.rpartition('.')[2]}"


def of(values):
    """Return a grey picture of int16 values."""
    chain = Chain(Modality(), Window(40, 400), signed=True)
    return Picture(kind="image", record={"fidelity": "exact"}, key=str(id(values)), layers=(Grey(values, chain=chain),))


def rough(size):
    """Return values that do not deflate to nothing: a slope and noise of seven bits."""
    noise = np.random.default_rng(1).integers(-64, 64, (size, size))
    return (np.arange(size)[:, None] + noise).astype(np.int16)


def test_a_session_has_one_runtime(session):
    assert runtime_of(session) is runtime_of(session)


@pytest.mark.usefixtures("patient")
def test_two_frames_are_under_way_after_the_first_was_acknowledged(runtime, picture):
    wire = Wire(runtime)
    keys = offered(runtime, lambda _: picture)
    want(runtime, keys[:5], 0)
    assert wire.wait(1) == keys[:1]
    assert runtime._next() is None
    acknowledge(runtime, keys[0], 1)
    assert wire.wait(3) == keys[:3]
    assert runtime._next() is None
    acknowledge(runtime, keys[1], 2)
    assert wire.wait(4)[3] == keys[3]


def test_an_older_want_is_dropped(runtime, picture):
    wire = Wire(runtime)
    keys = offered(runtime, lambda _: picture)
    want(runtime, [], 5)
    want(runtime, keys[7:], 4)
    want(runtime, keys[1:2], 6)
    assert wire.wait(1) == keys[1:2]


def test_pixels_go_once_for_the_same_instance_and_frame(runtime, picture):
    wire, owner = Wire(runtime), Owner()
    first = offered(runtime, lambda _: picture, owner=owner)
    want(runtime, first[:1], 0)
    wire.wait(1)
    again = offered(runtime, lambda _: picture, owner=owner)
    assert again[0] != first[0]
    assert buffer(runtime, again[0]) == buffer(runtime, first[0])
    want(runtime, again[:1], 1, buffers=[buffer(runtime, first[0])])
    wire.wait(2)
    assert [content["parts"] for content in wire.frames] == [[["values", "int16", 0]], []]


def test_frames_keep_their_names_when_a_series_grows(runtime, picture):
    name, owners = runtime.offer(), [Owner() for _ in range(5)]
    few = runtime.fill(name, [(owners[1], 1), (owners[3], 1)], lambda _: picture)
    all_ = runtime.fill(name, [(owner, 1) for owner in owners], lambda _: picture)
    assert [all_[1], all_[3]] == few
    assert len(set(all_)) == 5
    assert runtime.fill(name, [(owners[1], 1), (owners[1], 2)], lambda _: picture)[1] not in all_


@pytest.mark.usefixtures("patient")
def test_one_sending_serves_all_clients_that_want_it(runtime, picture):
    wire = Wire(runtime)
    (key,) = offered(runtime, lambda _: picture, 1)
    with runtime._changed:  # both wants are there before the sender looks
        for client in "ab":
            runtime._clients[client].want({"keys": [key], "buffers": []}, 0)
        runtime._changed.notify_all()
    wire.wait(1)
    assert [runtime._clients[client].wants for client in "ab"] == [[], []]
    assert len(wire.frames) == 1


@pytest.mark.usefixtures("patient")
def test_a_page_that_was_closed_gets_nothing_more(runtime, picture):
    wire = Wire(runtime)
    keys = offered(runtime, lambda _: picture)
    want(runtime, keys[:4], 0, client="closed")
    assert wire.wait(1) == keys[:1]
    runtime._clients["closed"].heard -= Client.GONE + 1
    want(runtime, keys[5:7], 0, client="new")
    assert wire.wait(2) == [keys[0], keys[5]]
    assert list(runtime._clients) == ["new"]


def test_a_frame_that_fails_is_a_page_and_the_others_go_on(runtime, picture):
    wire = Wire(runtime)
    keys = offered(runtime, lambda i: 1 / 0 if i == 0 else picture, 2)
    want(runtime, keys, 0)
    wire.wait(2)
    assert "division" in wire.frames[0]["page"]
    assert wire.frames[1]["parts"] == [["values", "int16", 0]]


def test_a_withdrawn_series_is_not_sent(runtime, picture):
    wire = Wire(runtime)
    gone, kept = (offered(runtime, lambda _: picture, 1) for _ in range(2))
    runtime.withdraw(gone[0].rpartition(".")[0])
    want(runtime, gone + kept, 0)
    assert wire.wait(1) == kept


@pytest.mark.parametrize(("rate", "packed"), [(1.25e6, True), (40e6, False)])
def test_values_are_deflated_on_a_slow_link_only(runtime, rate, packed):
    values = rough(256)
    wire, keys = Wire(runtime), offered(runtime, lambda _: of(values))
    for n, key in enumerate(keys[:3]):
        want(runtime, [key], 2 * n, inflates=True)
        wire.until("frame", key)
        acknowledge(runtime, key, 2 * n + 1, took=1e3 * runtime._clients["a"].flying[key].nbytes / rate)
    content, (sent,) = wire.until("frame", keys[2])
    assert content["parts"] == [["values", "int16", 2 if packed else 0]]
    if packed:  # low bytes first, then the high ones
        low, high = np.frombuffer(zlib.decompress(sent), np.uint8).astype(int).reshape(2, 256, 256)
        assert np.array_equal(low + 256 * high, values.astype(int) & 0xFFFF)
        assert len(sent) < 0.6 * values.nbytes
    else:
        assert sent == values.tobytes()


def test_nothing_is_deflated_for_a_page_that_cannot_inflate(runtime):
    wire, keys = Wire(runtime), offered(runtime, lambda _: of(rough(256)))
    want(runtime, keys[:1], 0, inflates=False)
    assert wire.until("frame", keys[0])[0]["parts"] == [["values", "int16", 0]]


def test_what_is_looked_at_and_long_on_its_way_has_a_preview(runtime):
    values = rough(1024)
    wire, keys = Wire(runtime), offered(runtime, lambda _: of(values))
    runtime._clients["a"].speed.measure(1_000_000, 0.8)
    want(runtime, keys[:2], 0, shown=1, inflates=True)
    content, (few,) = wire.until("frame", keys[0])
    assert content["preview"] == 8
    bytes_ = np.frombuffer(zlib.decompress(few), np.uint8).reshape(2, 128, 128).astype(int)
    assert np.array_equal(bytes_[0] + 256 * bytes_[1], values[::8, ::8].astype(int) & 0xFFFF)
    whole, (all_,) = wire.until("values", keys[0])
    assert whole["buffer"] == content["buffer"]
    assert len(zlib.decompress(all_)) == values.nbytes
    acknowledge(runtime, keys[0], 1)
    assert wire.until("frame", keys[1])[0]["preview"] == 0  # nobody looks at it yet


@pytest.mark.usefixtures("patient")
def test_while_a_hand_scrolls_on_a_slow_link_previews_go_alone_and_more_of_them_at_once(runtime):
    wire, keys = Wire(runtime), offered(runtime, lambda _: of(rough(1024)))
    client = measured(runtime, 1_000_000, 0.8)
    want(runtime, keys, 0, shown=1, inflates=True, scrolling=True)
    assert wire.wait(8) == keys  # in the place of two frames
    assert all(content["preview"] == 8 and not content["more"] for content in wire.frames)
    want(runtime, keys[:2], 1, shown=1, inflates=True, scrolling=True)  # they are on their way
    assert client.wants == []
    want(runtime, keys[:2], 2, shown=1, inflates=True)  # the hand rests
    assert client.wants == keys[:2]
    for n, key in enumerate(keys[1:], 3):
        acknowledge(runtime, key, n, took=1, whole=False)
    assert wire.wait(10)[8:] == keys[:2]
    first, second = wire.frames[8:]
    assert (first["preview"], first["parts"]) == (0, [["values", "int16", 2]])  # its preview is on the way
    assert second["preview"] == 0
    acknowledge(runtime, keys[0], 20, took=1, whole=False)
    assert keys[0] in client.flying  # it was the preview that came
    acknowledge(runtime, keys[0], 21, took=1e3)
    assert keys[0] not in client.flying


@pytest.mark.usefixtures("patient")
def test_while_a_hand_scrolls_on_a_fast_link_frames_are_whole(runtime):
    wire, keys = Wire(runtime), offered(runtime, lambda _: of(rough(512)))
    measured(runtime, 1_000_000, 0.1)
    want(runtime, keys, 0, shown=1, inflates=True, scrolling=True)
    wire.wait(2)
    assert [content["preview"] for content in wire.frames] == [0, 0]  # also behind another one


def test_a_large_frame_is_not_taken_for_lost_on_a_slow_link(runtime):
    client = Client()
    client.speed.measure(1_000_000, 1.0)
    client.want({"keys": ["k"], "buffers": []}, 0)
    client.take("k", "b")
    client.leaves("k", 8_000_000, now=100, whole=True)
    client.want({"keys": ["k"], "buffers": []}, 108)  # the page asks again while it comes
    assert client.wants == []
    client.want({"keys": ["k"], "buffers": []}, 140)
    assert client.wants == ["k"]


def test_single_times_that_are_off_do_not_change_the_link():
    link = LinkSpeed()
    for ms in (11, 90, 12, 70, 80, 95):  # a kernel that computes: bytes leave late
        link.measure(524_288, ms / 1e3)
    assert link.raw
    slow = LinkSpeed()
    for ms in (420, 1, 410, 430):  # a page that paints hears mark and frame at once
        slow.measure(524_288, ms / 1e3)
    assert 1e6 < slow.rate < 2e6
    slow.measure(200, 1e-3)  # too small to say anything
    assert 1e6 < slow.rate < 2e6


def test_the_sender_ends_with_the_session():
    session = dw.Session(listen_port=0, memory_limit=1 << 28)
    sender = runtime_of(session)._sender
    session.close()
    assert not sender.is_alive()


def test_a_frame_message_carries_the_stored_values(picture):
    content, buffers = frame_message(picture)
    expected = pydicom.dcmread(CT).pixel_array
    values = np.frombuffer(buffers[0], np.int16).reshape(content["rows"], content["columns"])
    assert np.array_equal(values, expected)
    assert content["modality"] == {"slope": 1.0, "intercept": -1024.0}


def test_nothing_is_awaited_in_initialize():
    script = Runtime._esm._contents if hasattr(Runtime._esm, "_contents") else str(Runtime._esm)
    body = re.search(r"function initialize\(.*?\n}\n", script, re.DOTALL).group(0)
    assert "await" not in body
    assert "async function initialize" not in script
    assert "initialize" not in str(SessionWidget._esm).replace("`initialize`", "")


def test_texts_of_objects_never_become_markup():
    script = str(Runtime._esm)
    assert script.count("innerHTML") == 1  # the page of the kernel, which escapes all of it
    assert "insertAdjacentHTML" not in script
    assert "outerHTML" not in script
