"""What pages and kernel tell each other of measurements: nothing is lost, doubled, or put back by a late message."""

from __future__ import annotations

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.measurements.measurement import Measurement
from dicom_widgets.widgets.runtime.runtime import runtime_of
from tests import samples


class Pages:
    """The session's runtime as its pages see it."""

    def __init__(self, session):
        self.runtime, self.said = runtime_of(session), []
        self.runtime.send = lambda content, buffers=None: self.said.append(content)

    def tell(self, n, changes, client="page", **more):
        self.said.clear()
        self.runtime._receive(
            None, {"type": "measure", "client": client, "n": n, "all": False, "changes": changes, **more}, []
        )
        return self.said


@pytest.fixture
def viewport(session):
    return dw.Viewport(
        session, session.load(samples.part10(samples.image(np.arange(12, dtype=np.int16).reshape(3, 4))))
    )


def mark(viewport, *points, **more):
    return {"kind": "length", "instance": viewport.instance.uid, "frame": 1, "points": points, **more}


def test_a_change_is_answered_with_its_figures_and_repeated_without_harm(session, viewport):
    pages = Pages(session)
    for n in (1, 2):
        (answer,) = pages.tell(n, [["a", mark(viewport, [0, 0], [3, 0])]])
        assert (answer["echo"], [m.uid for m in viewport.measurements]) == (["page", n], ["a"])
        assert answer["changes"][0]["mark"]["figures"]["quantities"] == [("length", 3.0, "px")]
    (answer,) = pages.tell(3, [["a", None]])
    assert answer["changes"][0]["mark"] is None
    assert not viewport.measurements


def test_a_late_message_puts_nothing_back(session, viewport):
    pages = Pages(session)
    pages.tell(5, [["a", None]])
    assert pages.tell(4, [["a", mark(viewport, [0, 0], [3, 0])]]) == []
    assert not viewport.measurements
    assert len(pages.tell(4, [["a", mark(viewport, [0, 0], [3, 0])]], client="another")) == 1


def test_a_page_that_asks_is_told_everything(session, viewport):
    pages = Pages(session)
    viewport.measure("probe", (1, 1))
    (answer,) = pages.tell(1, [["a", mark(viewport, [0, 0], [3, 0])]], all=True)
    assert answer["all"] == 2
    assert [c["mark"]["kind"] for c in answer["changes"]] == ["probe", "length"]


def test_what_is_no_measurement_is_taken_back(session, viewport):
    (answer,) = Pages(session).tell(
        1, [["a", mark(viewport, [0, 0])], ["b", {}], ["c", mark(viewport, [0, 0], [1, 1])]]
    )
    assert [(c["uid"], c["mark"] is None) for c in answer["changes"]] == [("a", True), ("b", True), ("c", False)]


def test_code_is_told_to_pages_once_until_the_session_ends(session, viewport):
    pages = Pages(session)
    one = Measurement("probe", ((1, 1),), viewport.instance.uid)
    session.measurements.add(one)
    session.measurements.remove(one)
    assert [[(c["revision"], c["mark"] is None) for c in s["changes"]] for s in pages.said] == [
        [(1, False)],
        [(2, True)],
    ]
    pages.said.clear()
    session.close()
    session.measurements.clear()
    assert not [s for s in pages.said if s["type"] == "measured"]
