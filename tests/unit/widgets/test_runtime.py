"""The page runtime: what is sent for what is wanted; messages as a page would send them."""

from __future__ import annotations

import re
import threading

import numpy as np
import pydicom.data
import pytest

import dicom_widgets as dw
from dicom_widgets.widgets.runtime import Part, Runtime, frame_message, runtime_of

CT = pydicom.data.get_testdata_file("CT_small.dcm", download=False)


class Wire:
    """Records what a runtime sends; `wait` returns when there are so many messages."""

    def __init__(self, runtime):
        self.sent, self.changed = [], threading.Condition()
        runtime.send = self.send

    def send(self, content, buffers=None):
        with self.changed:
            self.sent.append((content, [bytes(b) for b in buffers or []]))
            self.changed.notify_all()

    def wait(self, count, seconds=5):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.sent) >= count, seconds), (
                f"{len(self.sent)} of {count} messages"
            )
            return [content["key"] for content, _ in self.sent]


@pytest.fixture
def session():
    with dw.Session(listen_port=0, memory_limit=1 << 28) as session:
        yield session


@pytest.fixture
def runtime(session):
    return runtime_of(session)


@pytest.fixture
def picture(session):
    session.load(CT)
    return session.present(session.instances(session.studies)[0])


def want(runtime, keys, n, client="a", buffers=()):
    runtime._heard(None, {"type": "want", "client": client, "n": n, "keys": list(keys), "buffers": list(buffers)}, [])


def acknowledge(runtime, key, n, client="a"):
    runtime._heard(None, {"type": "ack", "client": client, "n": n, "key": key}, [])


def test_a_session_has_one_runtime(session):
    assert runtime_of(session) is runtime_of(session)


def test_two_frames_are_under_way_until_they_are_acknowledged(runtime, picture):
    runtime.PATIENCE = 60
    wire = Wire(runtime)
    name, _ = runtime.offer(lambda _: picture, object())
    want(runtime, [f"{name}.{i}" for i in range(4)], 0)
    assert wire.wait(2) == [f"{name}.0", f"{name}.1"]
    assert runtime._next() is None
    acknowledge(runtime, f"{name}.0", 1)
    assert wire.wait(3)[2] == f"{name}.2"


def test_an_older_want_is_dropped(runtime, picture):
    wire = Wire(runtime)
    name, _ = runtime.offer(lambda _: picture, object())
    want(runtime, [], 5)
    want(runtime, [f"{name}.7"], 4)
    want(runtime, [f"{name}.1"], 6)
    assert wire.wait(1) == [f"{name}.1"]


def test_pixels_go_once_for_the_same_stored_values(runtime, picture):
    wire = Wire(runtime)
    name, pixels = runtime.offer(lambda _: picture, "these")
    want(runtime, [f"{name}.0"], 0)
    wire.wait(1)
    again, same = runtime.offer(lambda _: picture, "these")
    assert same == pixels
    assert again != name
    want(runtime, [f"{again}.0"], 1, buffers=[f"{pixels}.0"])
    wire.wait(2)
    assert [content["parts"] for content, _ in wire.sent] == [[["values", "int16"]], []]


def test_one_sending_serves_all_clients_that_want_it(runtime, picture):
    runtime.PATIENCE = 60
    wire = Wire(runtime)
    with runtime._changed:  # both wants are there before the sender looks
        name = f"{runtime.uid}.shared"
        runtime._series[name] = (f"{runtime.uid}.p", "these", lambda _: picture)
        for client in "ab":
            runtime._wants[client], runtime._buffers[client], runtime._flying[client] = [f"{name}.0"], set(), {}
        runtime._changed.notify_all()
    wire.wait(1)
    assert runtime._wants == {"a": [], "b": []}
    assert len(wire.sent) == 1


def test_a_frame_that_fails_is_a_page_and_the_others_go_on(runtime, picture):
    wire = Wire(runtime)
    name, _ = runtime.offer(lambda i: 1 / 0 if i == 0 else picture, "these")
    want(runtime, [f"{name}.0", f"{name}.1"], 0)
    wire.wait(2)
    assert "division" in wire.sent[0][0]["page"]
    assert wire.sent[1][0]["parts"] == [["values", "int16"]]


def test_a_withdrawn_series_is_not_sent(runtime, picture):
    wire = Wire(runtime)
    gone, _ = runtime.offer(lambda _: picture, object())
    runtime.withdraw(gone)
    name, _ = runtime.offer(lambda _: picture, object())
    want(runtime, [f"{gone}.0", f"{name}.0"], 0)
    assert wire.wait(1) == [f"{name}.0"]


def test_the_sender_ends_with_the_session():
    session = dw.Session(listen_port=0, memory_limit=1 << 28)
    sender = runtime_of(session)._sender
    session.close()
    assert not sender.is_alive()


def test_a_frame_message_carries_the_stored_values(picture):
    content, buffers = frame_message(picture, with_pixels=True)
    expected = pydicom.dcmread(CT).pixel_array
    values = np.frombuffer(buffers[0], np.int16).reshape(content["rows"], content["columns"])
    assert np.array_equal(values, expected)
    assert content["modality"] == {"slope": 1.0, "intercept": -1024.0}


def test_nothing_is_awaited_in_initialize():
    script = Runtime._esm._contents if hasattr(Runtime._esm, "_contents") else str(Runtime._esm)
    body = re.search(r"function initialize\(.*?\n}\n", script, re.DOTALL).group(0)
    assert "await" not in body
    assert "async function initialize" not in script
    assert "initialize" not in str(Part._esm).replace("`initialize`", "")


def test_texts_of_objects_never_become_markup():
    script = str(Runtime._esm)
    assert script.count("innerHTML") == 1  # the page of the kernel, which escapes all of it
    assert "insertAdjacentHTML" not in script
    assert "outerHTML" not in script
