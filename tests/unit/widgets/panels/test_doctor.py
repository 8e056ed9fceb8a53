"""The doctor's kernel side: messages as the page sends them, and what is answered."""

from __future__ import annotations

import threading

import pytest

import dicom_widgets as dw
from dicom_widgets.network.doctor.diagnosis import Diagnosis, Finding
from tests.unit.widgets.talk import Talk

FINDINGS = (Finding("C-ECHO", True, "It answers.", "", 0.1), Finding("C-MOVE", False, "It does not.", "Enter us.", 0.2))


@pytest.fixture
def remote():
    return dw.RemoteAE("NOBODY", "127.0.0.1", 1)


@pytest.fixture
def talk(session, remote):
    return Talk(dw.Doctor(session, remote))


def gated(monkeypatch, session, remote):
    """Replace the examination by one that waits for the test between its two findings."""
    first, go = threading.Event(), threading.Event()

    def doctor(asked, *, progress, wait=False):
        assert asked is remote
        progress(FINDINGS[0])
        first.set()
        assert go.wait(10)
        progress(FINDINGS[1])
        return Diagnosis(str(remote), FINDINGS)

    monkeypatch.setattr(session, "doctor", doctor)
    return first, go


def test_a_page_that_comes_gets_what_was_found(talk):
    talk.tell("ready")
    assert [c["type"] for c in talk.said] == ["findings", "status"]
    assert talk.said[0]["findings"] == []
    assert talk.said[1]["busy"] is False


def test_findings_come_one_by_one_as_plain_values(talk, session, remote, monkeypatch):
    first, go = gated(monkeypatch, session, remote)
    talk.tell("start")
    assert first.wait(10)
    talk.tell("start")  # a second press does nothing
    found = talk.until(lambda c: c["type"] == "finding")["finding"]
    assert found == {"step": "C-ECHO", "ok": True, "words": "It answers.", "fix": "", "seconds": 0.1}
    talk.tell("ready")  # another page
    assert [f["step"] for f in talk.said[-2]["findings"]] == ["C-ECHO"]
    assert talk.said[-1]["busy"] is True
    go.set()
    talk.status("1 failed (C-MOVE)", busy=False, error=True)
    assert talk.widget.diagnosis.findings == FINDINGS
    assert sum(c["type"] == "finding" for c in talk.said) == 2


def test_a_real_examination(talk):
    talk.tell("start")
    talk.status("1 failed (Connection)", busy=False, error=True)
    assert [f.ok for f in talk.widget.diagnosis][:2] == [True, False]


def test_cancel_ends_only_its_own_activity(talk, session, remote, monkeypatch):
    cancelled = []
    monkeypatch.setattr(session, "cancel", lambda: cancelled.append(True))
    talk.tell("cancel")
    assert not cancelled
    first, go = gated(monkeypatch, session, remote)
    talk.tell("start")
    assert first.wait(10)
    talk.tell("cancel")
    assert cancelled
    go.set()
    talk.status("C-MOVE", busy=False)
    cancelled.clear()
    talk.tell("cancel")
    assert not cancelled


def test_a_busy_session_is_told_and_not_disturbed(talk, session):
    with session._exclusive.doing("something else"):
        talk.tell("start")
        talk.status("busy with something else", busy=False, error=True)
        talk.tell("cancel")
        assert session.busy == "something else"


def test_closing_the_widget_ends_the_examination(talk, session, remote, monkeypatch):
    cancelled = []
    monkeypatch.setattr(session, "cancel", lambda: cancelled.append(True))
    first, go = gated(monkeypatch, session, remote)
    talk.tell("start")
    assert first.wait(10)
    talk.widget.close()
    assert cancelled
    go.set()
