"""The kernel side of the file picker: messages as the page sends them, and what is answered."""

from __future__ import annotations

import os
import zipfile
import zlib

import pytest

import dicom_widgets as dw
from tests import samples
from tests.unit.widgets.talk import Talk

EVIL = "<img src=x onerror=alert(1)>.dcm"


@pytest.fixture
def folder(tmp_path):
    for number in (1, 2):
        data = samples.part10(samples.image(samples.ramp(0, 4), InstanceNumber=number))
        (tmp_path / f"{number}.dcm").write_bytes(data)
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / EVIL).write_bytes(b"")
    (tmp_path / "deeper").mkdir()
    with zipfile.ZipFile(tmp_path / "deeper" / "all.zip", "w") as file:
        file.write(tmp_path / "1.dcm", "1.dcm")
    return tmp_path


@pytest.fixture
def picker(session, folder):
    with_talk = dw.FilePicker(session, folder)
    yield with_talk
    with_talk.close()


@pytest.fixture
def talk(picker):
    return Talk(picker.panel)


def listed(talk) -> list[str]:
    return [e["name"] for e in [c for c in talk.said if c["type"] == "folder"][-1]["entries"]]


def test_folders_first_and_dicom_files_are_marked(talk, folder):
    talk.tell("ready")
    shown = talk.until(lambda c: c["type"] == "folder")
    assert shown["path"] == str(folder)
    assert [(e["name"], e["mark"]) for e in shown["entries"]] == [
        ("deeper", ""),
        ("1.dcm", "DICOM"),
        ("2.dcm", "DICOM"),
        (EVIL, ""),
        ("notes.txt", ""),
    ]


def test_into_a_folder_and_up_again(talk, folder):
    talk.tell("enter", name="deeper")
    assert listed(talk) == ["all.zip"]
    talk.tell("up")
    assert "deeper" in listed(talk)
    talk.tell("path", name=str(folder / "deeper"))
    assert listed(talk) == ["all.zip"]


def test_the_filter_finds_parts_of_names(talk):
    talk.tell("filter", words="DCM")
    assert listed(talk) == ["1.dcm", "2.dcm", EVIL]


def test_thousands_of_names_are_bounded(talk, folder):
    for n in range(1203):
        (folder / "deeper" / f"{n:05}").touch()
    talk.tell("enter", name="deeper")
    shown = talk.until(lambda c: c["type"] == "folder" and c["path"].endswith("deeper"))
    assert (len(shown["entries"]), shown["more"]) == (1000, 204)


def test_a_file_is_shown_at_once_and_its_folder_is_a_recent_place(talk, picker, folder):
    talk.tell("enter", name="1.dcm")
    talk.status("Opened")
    assert isinstance(picker.opened, dw.Viewport)
    assert picker.opened.instance.number("InstanceNumber") == 1
    assert [c for c in talk.said if c["type"] == "folder"][-1]["recent"] == [str(folder)]


@pytest.mark.parametrize("name", [None, "deeper/all.zip"])
def test_a_folder_and_a_zip_file_are_browsed(talk, picker, name):
    talk.tell("open", name=name)
    talk.status("Opened")
    browser = picker.opened.children[0]
    assert isinstance(browser, dw.Browser)
    inner = Talk(browser)
    inner.tell("ready")
    inner.status("1 study")


@pytest.mark.parametrize(
    ("name", "words"), [("notes.txt", "no DICOM file"), (EVIL, "is empty"), ("gone", "There is no file")]
)
def test_what_cannot_be_opened_says_so(talk, name, words):
    talk.tell("enter", name=name)
    talk.status(words, error=True)


def test_a_folder_that_cannot_be_read_says_so(talk, folder, monkeypatch):
    real = os.scandir

    def refuse(path):
        if str(path).endswith("deeper"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", refuse)
    talk.tell("enter", name="deeper")
    talk.status("Permission denied", error=True)


def send(talk, data: bytes, crc: int | None = None) -> None:
    content = {"type": "piece", "client": "page", "id": "u", "file": 0, "n": 0, "crc": crc or zlib.crc32(data)}
    talk.widget._receive(talk.widget, content, [memoryview(data)])


def test_an_uploaded_file_is_shown(talk, picker):
    data = samples.part10(samples.image(samples.ramp(0, 4), InstanceNumber=7))
    talk.tell("upload", id="u", files=[{"name": "C:\\x\\" + EVIL, "size": len(data)}])
    talk.until(lambda c: c["type"] == "go")
    send(talk, data, crc=1)
    assert talk.until(lambda c: c["type"] == "ack")["ok"] is False
    send(talk, data)
    talk.status("Opened 1 uploaded file")
    assert picker.opened.instance.number("InstanceNumber") == 7
    assert bytes(picker.opened.instance.blob.data) in data


def test_a_cancelled_upload_leaves_nothing(talk, picker):
    talk.tell("upload", id="u", files=[{"name": "a", "size": 3}])
    talk.tell("cancel")
    send(talk, b"abc")
    talk.status("nothing of it is kept")
    assert picker.panel._upload is None
    assert picker.opened is None


def test_an_upload_without_room_is_refused_at_once(talk):
    talk.tell("upload", id="u", files=[{"name": "a", "size": 1 << 50}])
    talk.status("no room", error=True)
    assert not any(c["type"] == "go" for c in talk.said)


def test_the_same_by_code(picker, folder):
    assert isinstance(picker.show(folder / "2.dcm"), dw.Viewport)
    assert picker.show({"2": (folder / "2.dcm").read_bytes()}) is picker.opened
    assert repr(picker) == "FilePicker()"
