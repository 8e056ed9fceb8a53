"""CI1, CI2: rate and order of a cine loop, by hand."""

from __future__ import annotations

import pytest

from dicom_widgets.display.cine import schedule
from tests.samples import item

VECTOR = {"FrameTimeVector": [0, 40, 60, 20], "FrameIncrementPointer": 0x00181065}
ALL = VECTOR | {"RecommendedDisplayFrameRate": 12, "CineRate": 25, "FrameTime": "33.3"}


@pytest.mark.parametrize(
    ("without", "rate", "delay", "why"),
    [
        ((), 20, 50, "chosen"),
        ((), None, 1000 / 12, "(0008,2144)"),
        (("RecommendedDisplayFrameRate",), None, 40, "(0018,0040)"),
        (("RecommendedDisplayFrameRate", "CineRate", "FrameTimeVector"), None, 33.3, "(0018,1063)"),
        ((*ALL,), None, 100, "nothing"),
    ],
)
def test_who_says_the_rate(without, rate, delay, why):
    """CI1: the user, then the recommended rate, the cine rate, the time of frames, 10 a second."""
    found = schedule(item(**{k: v for k, v in ALL.items() if k not in without}), 4, rate)
    assert found.delays == (pytest.approx(delay),) * 4
    assert why in found.why
    assert found.rate == pytest.approx(1000 / delay)


def test_a_vector_says_how_long_each_frame_stays():
    """CI1: from a frame to the next one; after the last one the mean of the others."""
    found = schedule(item(**VECTOR, FrameTime="33.3"), 4)
    assert found.delays == (40, 60, 20, 40)
    assert found.why == "Frame Time Vector (0018,1065)"


@pytest.mark.parametrize("broken", [[0, 40], [0, 40, -1, 5], [0, 40, 1e9, 5]])
def test_a_vector_that_makes_no_sense_is_not_used(broken):
    assert "(0018,1063)" in schedule(item(**VECTOR | {"FrameTimeVector": broken}, FrameTime="50"), 4).why


@pytest.mark.parametrize("rate", [0, -5, 1e9])
def test_an_impossible_rate_is_not_used(rate):
    assert "nothing" in schedule(item(CineRate=rate), 4).why


@pytest.mark.parametrize(
    ("attributes", "frames"),
    [
        ({}, (1, 2, 3, 4)),
        ({"StartTrim": 2, "StopTrim": 3}, (2, 3)),
        ({"StartTrim": 3, "StopTrim": 2}, (1, 2, 3, 4)),
        ({"StartTrim": 0, "StopTrim": 99}, (1, 2, 3, 4)),
    ],
)
def test_what_is_trimmed_is_not_played(attributes, frames):
    """CI2."""
    found = schedule(item(**attributes), 4)
    assert found.frames == frames
    assert len(found.delays) == len(frames)


def test_a_sweep_runs_back():
    """CI2: 1 2 3 4 3 2, and again."""
    assert schedule(item(PreferredPlaybackSequencing=1), 4).round() == (1, 2, 3, 4, 3, 2)
    assert schedule(item(PreferredPlaybackSequencing=0), 4).round() == (1, 2, 3, 4)


def test_the_representative_frame_is_shown_first():
    """CI2."""
    assert schedule(item(RepresentativeFrameNumber=3), 4).first == 3
    assert schedule(item(RepresentativeFrameNumber=9, StartTrim=2), 4).first == 2
