"""Frames that are decoded in the background: the newest request, and decoders that fail."""

from __future__ import annotations

import threading
import time

import pytest

from dicom_widgets.errors import DecodeError
from dicom_widgets.session.prefetch import Prefetch


def test_a_newer_wish_replaces_what_is_left_of_the_old_one():
    """The first decoder is held up until the second wish is there."""
    seen, first, go = [], threading.Event(), threading.Event()

    def decode(name: str, number: int) -> None:
        seen.append(number)
        first.set()
        go.wait(10)

    prefetch = Prefetch(decode)
    prefetch.request([("a", n) for n in range(50)])
    assert first.wait(10)
    prefetch.request([("a", 100)])
    go.set()
    deadline = time.monotonic() + 10
    while 100 not in seen and time.monotonic() < deadline:
        time.sleep(0.01)
    prefetch.close()
    assert 100 in seen
    assert len(seen) <= 4


@pytest.mark.parametrize("error", [DecodeError("broken"), MemoryError(), OSError("the disk is gone")])
def test_frames_that_fail_do_not_end_the_threads(error):
    """More of them than there are threads, and the last one is decoded all the same."""
    last = threading.Event()

    def decode(name: str, number: int) -> None:
        if number < 10:
            raise error
        last.set()

    prefetch = Prefetch(decode)
    prefetch.request([("a", n) for n in range(11)])
    assert last.wait(10)
    prefetch.close()
