"""Every file of the test data: what its list says is readable opens, what is decodable is a picture (X2, X4)."""

from __future__ import annotations

import csv
import warnings
from typing import TYPE_CHECKING

import pytest

import dicom_widgets as dw
from dicom_widgets.dicom.conformance import STORAGE
from dicom_widgets.errors import DicomWidgetsError

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ["bad", "charset", "classes", "dicomdir", "display", "gsps", "other_classes_not_in_the_45", "rt", "series"]
FOLDERS += ["transfer_syntax"]
WITHOUT_A_NAME = {
    "bad/UN_sequence.dcm",
    "bad/no_meta_group_length.dcm",
    "charset/pydicom/chrSQEncoding.dcm",
    "charset/pydicom/chrSQEncoding1.dcm",
}
"""Data sets without a SOP Instance UID: an excerpt, which no session can keep."""


def opened(path: Path, row: dict[str, str]) -> str:
    """Return what became of a file: picture, page, or sentence."""
    with dw.Session(listen_port=0, memory_limit=1 << 30) as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        why = ""
        try:
            studies = session.load(path)
        except DicomWidgetsError as error:
            why = str(error)
        if why:
            assert path.name in why or "DICOMDIR" in path.name, why
            assert why.endswith("."), why
            assert row["file"] not in WITHOUT_A_NAME or "no SOP Instance UID" in why
            return "sentence"
        (uid, *_) = [i.uid for study in studies for series in study.children for i in series.children]
        instance = session.instance(uid)
        shown = [session.present(uid, frame) for frame in {1, instance.frames}]
        assert session.dataset(uid).SOPInstanceUID == uid
        for one in shown:
            if isinstance(one, dw.Page):
                assert one.record["why"].endswith("."), one.record
            else:
                assert one.rgba((64, 64)).shape == (64, 64, 4)
        kinds = {type(one).__name__.lower() for one in shown}
        if row["decode"] == "ok" and row["sop_class"] in STORAGE and STORAGE[row["sop_class"]].kind == "image":
            assert kinds == {"picture"}, [one.record.get("why") for one in shown]
        return kinds.pop()


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_file_opens_or_explains_itself(data, folder):
    rows = [
        r
        for r in csv.DictReader((data / "MANIFEST.csv").read_text("utf-8").splitlines())
        if r["file"].startswith(f"{folder}/")
    ]
    assert rows
    wrong = {}
    for row in rows:
        try:
            became = opened(data / row["file"], row)
        except AssertionError as error:
            wrong[row["file"]] = str(error)[:300]
            continue
        readable = row["read"] == "ok" and row["sop_class"] and "DICOMDIR" not in row["file"].upper()
        if readable and became == "sentence" and row["file"] not in WITHOUT_A_NAME:
            wrong[row["file"]] = "it is readable, but was refused"
    assert not wrong, wrong
