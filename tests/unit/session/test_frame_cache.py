"""The cache of decoded frames: its bytes, what it keeps, and threads that need the same frame."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dicom_widgets.session.frame_cache import FrameCache


def array(nbytes: int) -> np.ndarray:
    return np.zeros(nbytes, np.uint8)


def test_the_cache_keeps_what_was_used_last_within_its_bytes():
    cache, decoded = FrameCache(250), []

    def get(key: str) -> None:
        cache.get((key, 1), lambda: decoded.append(key) or array(100))

    for key in "abacab":
        get(key)
    assert decoded == ["a", "b", "c", "b"]
    assert cache.nbytes == 200


def test_a_frame_larger_than_the_cache_is_given_all_the_same():
    cache = FrameCache(10)
    assert cache.get(("a", 1), lambda: array(100)).nbytes == 100
    cache.get(("b", 1), lambda: array(100))
    assert cache.nbytes == 100


def test_a_decoder_that_fails_leaves_nothing():
    cache = FrameCache(100)
    with pytest.raises(ZeroDivisionError):
        cache.get(("a", 1), lambda: 1 // 0)
    assert cache.nbytes == 0
    assert cache.get(("a", 1), lambda: array(7)).nbytes == 7


def test_the_cache_decodes_without_the_lock():
    """Two threads decode at the same time: each waits for the other."""
    cache, meet = FrameCache(1000), threading.Barrier(2, timeout=10)

    def decode() -> np.ndarray:
        meet.wait()
        return array(10)

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda key: cache.get((key, 1), decode).nbytes, "ab"))
    assert found == [10, 10]


def test_a_frame_that_many_ask_for_is_decoded_once():
    cache, count = FrameCache(1000), []

    def decode() -> np.ndarray:
        count.append(1)
        time.sleep(0.05)
        return array(10)

    with ThreadPoolExecutor(4) as pool:
        assert [f.nbytes for f in pool.map(lambda _: cache.get(("a", 1), decode), range(8))] == [10] * 8
    assert len(count) == 1
