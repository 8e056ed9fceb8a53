"""A diagnosis as text and as a table, how errors become findings, and what the command line takes."""

from __future__ import annotations

import dataclasses

import pytest

import dicom_widgets as dw
from dicom_widgets.__main__ import main
from dicom_widgets.network.association.addresses import is_here, is_loopback, is_wildcard
from dicom_widgets.network.doctor import connection, doctor, our_side
from dicom_widgets.network.doctor.diagnosis import Diagnosis, Finding
from dicom_widgets.network.doctor.offers import Offers, storage_words
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.local import LocalAE

WELL = Finding("C-ECHO", True, "PACS at h:1 answers in 0.01 s.", "", 0.01)
BAD = Finding("C-MOVE", False, "It does not know 'US'.", "Enter <US>.", 1.5)
SKIPPED = Finding("TLS", None, "Not tried, because it is not configured.")


def nowhere():
    raise AssertionError("no listener is needed")


def configuration(host, listen_host="127.0.0.1", **options):
    remote = dw.RemoteAE("PACS", host, options.pop("port", 104), **options)
    found = doctor.examine(remote, LocalAE("US", listen_host, 11112), nowhere, Cancellation())
    return next(iter(found))


# --- as text, as a table


def test_a_finding_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        WELL.ok = False


def test_as_text():
    diagnosis = Diagnosis("PACS at h:1", (WELL, BAD, SKIPPED))
    assert str(diagnosis).splitlines() == [
        "The connection to PACS at h:1: 2 of 3 steps tried, 1 failed (C-MOVE).",
        "✓ C-ECHO: PACS at h:1 answers in 0.01 s.",
        "✗ C-MOVE: It does not know 'US'.",
        "    → Enter <US>.",
        "– TLS: Not tried, because it is not configured.",
    ]
    assert repr(diagnosis) == str(diagnosis)


def test_well_is_when_nothing_failed_and_all_was_examined():
    assert Diagnosis("x", (WELL, SKIPPED)).ok
    assert not Diagnosis("x", (WELL, BAD)).ok
    cancelled = Diagnosis("x", (WELL, SKIPPED), cancelled=True)
    assert not cancelled.ok
    assert "cancelled" in cancelled.summary


def test_it_is_a_sequence_of_findings():
    diagnosis = Diagnosis("x", (WELL, BAD))
    assert (list(diagnosis), len(diagnosis)) == ([WELL, BAD], 2)
    assert diagnosis["C-MOVE"] is BAD


def test_nothing_becomes_markup():
    evil = "<script>alert(1)</script>\"'&"
    html = Diagnosis(evil, (Finding(evil, False, evil, evil, 0.25),))._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5  # once in the peer's name, twice as the step
    assert "0.25" in html
    assert html.count('<th style="text-align: left">') == 5  # heads stand above what they head


# --- errors


@pytest.mark.parametrize(
    ("error", "words", "fix"),
    [
        ("A at h:1 is away. Come again.", "A at h:1 is away.", "Come again."),
        ("It is away.", "It is away.", ""),
        (
            "It failed: full (status 0xA700: Doe^Jane (1961)). Ask later.",
            "It failed: full (status 0xA700).",
            "Ask later.",
        ),
        ("It failed: x. Its log says which (status 0xC000).", "It failed: x (status 0xC000).", "Its log says which."),
    ],
)
def test_an_error_is_what_was_seen_and_what_to_do_without_comments_of_the_peer(error, words, fix):
    assert doctor._parted(error) == (words, fix)


def test_an_error_of_ours_is_a_finding_too(monkeypatch):
    monkeypatch.setattr(connection, "first_contact", lambda *_: 1 / 0)
    found = list(doctor.examine(dw.RemoteAE("X", "127.0.0.1", 1), LocalAE("US"), nowhere, Cancellation()))
    assert (found[1].step, found[1].ok) == ("Connection", False)
    assert "ZeroDivisionError" in found[1].words
    assert len(found) == 11


# --- the configuration


def test_a_listener_on_loopback_is_told_where_it_matters(monkeypatch):
    monkeypatch.setattr(our_side, "is_here", lambda host: host == "127.0.0.1")
    assert configuration("127.0.0.1").ok is True
    assert configuration("pacs", "0.0.0.0").ok is True
    found = configuration("pacs")
    assert found.ok is None
    assert "listen_host='0.0.0.0'" in found.fix
    assert configuration("pacs", way="C-MOVE").ok is False


def test_the_port_of_the_peer_cannot_be_ours():
    found = configuration("127.0.0.1", port=11112)
    assert found.ok is False
    assert "listen_port" in found.fix


def test_which_hosts_are_here():
    assert is_here("127.0.0.1")
    assert is_here("localhost")
    assert not is_here("192.0.2.1")
    assert [is_loopback(h) for h in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "pacs")] == [True] * 3 + [False] * 2
    assert [is_wildcard(h) for h in ("0.0.0.0", "::", "", "127.0.0.1", "pacs")] == [True] * 3 + [False] * 2


# --- what a peer offers, in words


def offers(sends=(), refused=(), keeps=(), syntaxes=()):
    return Offers(frozenset(), tuple(sends), tuple(keeps), tuple(refused), tuple(syntaxes), "")


CT, MR, US = (f"1.2.840.10008.5.1.4.1.1.{n}" for n in ("2", "4", "6.1"))


def test_the_fewer_are_named():
    assert "2 of 45 storage classes, not Ultrasound Image Storage." in storage_words(offers([CT, MR], [US]))
    assert "1 of 45 storage classes, only CT Image Storage." in storage_words(offers([CT], [MR, US]))
    assert "0 of 45 storage classes, not CT Image Storage; MR Image Storage." in storage_words(offers([], [CT, MR]))


def test_a_role_that_is_refused_is_told():
    assert "accepts CT Image Storage, but not the role to send" in storage_words(offers(keeps=[CT]))


def test_transfer_syntaxes_are_counted():
    words = storage_words(offers([CT], syntaxes=["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"]))
    assert "Of 9 transfer syntaxes it accepts 2, only Implicit VR Little Endian" in words


# --- the command line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nobody"], "no configured remote AE"),
        (["127.0.0.1", "104"], "--ae-title"),
        (["127.0.0.1", "0", "--ae-title", "X"], "is no port"),
        (["127.0.0.1", "104", "--ae-title", "A" * 17], "no AE title"),
        (["127.0.0.1", "104", "--ae-title", "X", "--our-title", "A\\B"], "no AE title"),
        (["127.0.0.1", "104", "--ae-title", "X", "--identity", "me", "--identity-password", "NOT_SET"], "environment"),
        (["127.0.0.1", "104", "--ae-title", "X", "--ca-file", "/does/not/exist"], "No such file"),
    ],
)
def test_arguments_that_are_not_right(arguments, words, capsys):
    assert main(["doctor", *arguments]) == 2
    assert words in capsys.readouterr().err
