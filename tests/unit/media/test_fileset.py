"""Media as a source: folders, DICOMDIRs, zip files and single files; what can be found, chosen and loaded on them."""

from __future__ import annotations

import csv
import io
import os
import shutil
import threading
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

import dicom_widgets as dw
from dicom_widgets.errors import Cancelled, DicomWidgetsError, NotDicom, NotFound, RetrieveFailed, SessionBusy
from dicom_widgets.media import container as place
from dicom_widgets.media import files as media
from dicom_widgets.sources.cancellation import Cancellation
from tests import samples
from tests.samples import BIG_ENDIAN, EXPLICIT, IMPLICIT

GRID = np.arange(64, dtype=np.int16).reshape(8, 8)
CASES = ("as it is", "small letters", ".dcm", ".DCM", ";1", ".;1", ".dcm;1")


@pytest.fixture(scope="module")
def disc(data):
    """A medium with a DICOMDIR and 50 images."""
    return data / "dicomdir" / "pydicom_dicomdirtests" / "TINY_ALPHA"


@pytest.fixture
def copied(disc, tmp_path):
    """Return a copy of it that may be changed."""
    where = tmp_path / "disc"
    shutil.copytree(disc, where)
    for path in [where, *where.rglob("*")]:
        path.chmod(0o755)
    return where


@pytest.fixture
def folder(tmp_path):
    """A folder of two patients, in files: one with two series."""
    for number, (name, date, series) in enumerate(
        [("Adam^A", "20200101", "1.1"), ("Adam^A", "20200101", "1.2"), ("Berta^B", "20210601", "2.1")]
    ):
        path = tmp_path / "files" / name[:1] / f"{number}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        ds = samples.image(
            GRID,
            PatientName=name,
            PatientID=name,
            StudyDate=date,
            StudyInstanceUID=f"1.2.{series[0]}",
            SeriesInstanceUID=f"1.2.{series}",
            Modality="CT",
            InstanceNumber=number,
        )
        ds.save_as(path, enforce_file_format=True)
    return tmp_path / "files"


def zipped(path: Path, **options) -> bytes:
    """Return a folder as a zip file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", **options) as archive:
        for one in sorted(path.rglob("*")):
            archive.write(one, one.relative_to(path))
    return buffer.getvalue()


def uids(entities):
    return {i.uid for e in entities for i in e.instances}


def held(path):
    """Return what pydicom finds in files."""
    return {str(dcmread(p).SOPInstanceUID) for p in path.rglob("*") if p.is_file() and p.name != "DICOMDIR"}


# --- references


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
def test_files_that_are_spelt_otherwise_are_found(session, copied, case, packed):
    for path in [p for p in copied.rglob("IM*") if p.is_file()]:
        path.rename(path.with_name(path.name.lower() if case[0] == "s" else path.name + case * (case[0] != "a")))
    medium = dw.Media(zipped(copied) if packed else copied)
    found = session.tree(medium)
    assert medium.skipped == {}
    assert len(uids(found)) == 50
    assert len(session.retrieve(found[0], progress=False).received) == 50


def test_a_reference_with_an_extension_finds_the_file_without():
    assert "im1" in place.spellings("IM1.DCM;1")


def test_the_right_case_comes_first(tmp_path):
    for name in ("im1", "IM1"):
        (tmp_path / name).touch()
    assert [place.FolderContainer(tmp_path).resolve((n,)) for n in ("im1", "IM1", "Im1")] == ["im1", "IM1", "im1"]


def test_missing_files_are_listed_and_the_rest_is_loaded(session, copied):
    lost = sorted(copied.rglob("IM*"))[:3]
    for path in lost:
        path.unlink()
    medium = dw.Media(copied)
    (study,) = session.tree(medium)
    assert len(study.instances) == study.NumberOfStudyRelatedInstances == 50
    assert set(medium.skipped) == {str(p.relative_to(copied)) for p in lost}
    ledger = session.retrieve(study, progress=False)
    assert (len(ledger.received), len(ledger.failed)) == (47, 3)
    assert all("not on the medium" in why for why in ledger.failed.values())
    session.drop(session.studies)
    found = session.load(copied / "DICOMDIR")
    assert len(uids(found)) == 47
    assert set(found.skipped) == set(medium.skipped)


@pytest.mark.parametrize(
    "away",
    [("..", "out"), ("/etc/passwd",), ("A", "..", "..", "out"), ("C:", "out"), ("../out",), (".",), (), ("link",),
     ("links", "out")],
)  # fmt: skip
def test_a_reference_that_leaves_the_medium_leads_nowhere(tmp_path, away):
    inside = tmp_path / "disc"
    (inside / "A").mkdir(parents=True)
    (tmp_path / "out").write_text("secret")
    (inside / "link").symlink_to(tmp_path / "out")
    (inside / "links").symlink_to(tmp_path)
    assert place.FolderContainer(inside).resolve(away) is None


# --- folders


def test_a_medium_is_read_and_nothing_else(session, folder):
    medium = dw.Media(folder)
    found = session.tree(medium)
    with pytest.raises(ValueError, match=r"by 'C-GET'\. Give way='Read', or leave it out"):
        session.retrieve(found[0], way="C-GET", progress=False)
    assert session.retrieve(found[0], way="Read", progress=False).received


def test_a_folder_without_a_directory_gives_the_same_tree(session, disc, copied):
    (copied / "DICOMDIR").unlink()
    scanned, listed = session.tree(dw.Media(copied)), session.tree(dw.Media(disc))
    assert [(i.path, i.InstanceNumber, i.SOPClassUID) for s in scanned for i in s.instances] == [
        (i.path, i.InstanceNumber, i.SOPClassUID) for s in listed for i in s.instances
    ]
    for key in ("PatientName", "StudyDate", "ModalitiesInStudy", "NumberOfStudyRelatedInstances"):
        assert getattr(scanned[0], key) == getattr(listed[0], key)


def test_several_discs_below_a_folder_give_each_instance_once(session, disc, tmp_path):
    for name in ("one", "two", "deep/er"):
        shutil.copytree(disc, tmp_path / "all" / name)
    medium = dw.Media(tmp_path / "all")
    assert uids(session.tree(medium)) == held(disc)
    assert medium.skipped == {}


def test_other_files_are_skipped_and_counted(session, folder):
    for number in range(2000):
        (folder / f"note{number}.txt").write_text("nothing " * 20)
    (folder / "empty").touch()
    os.mkfifo(folder / "pipe")
    (folder / "null").symlink_to("/dev/null")
    medium = dw.Media(folder)
    assert len(session.find(medium)) == 2
    assert len(medium.skipped) == 2003
    assert (medium.progress.received, medium.progress.failed, medium.progress.expected) == (3, 2003, 2006)
    assert medium.progress.fraction == 1
    assert all(why.endswith((".", "…")) for why in medium.skipped.values())


def test_a_folder_that_cannot_be_read_is_told(session, folder, monkeypatch):
    (folder / "locked").mkdir()
    scandir = os.scandir

    def refusing(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    medium = dw.Media(folder)
    assert len(session.find(medium)) == 2
    assert medium.skipped == {
        str(folder / "locked"): f"The folder {folder / 'locked'} cannot be read: Permission denied."
    }
    assert str(folder / "locked") in session.load(folder).skipped


def test_a_file_that_may_not_be_read_is_told(monkeypatch, folder):
    def refusing(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("dicom_widgets.dicom.blob._mapping", refusing)
    with pytest.raises(NotDicom, match=r"0\.dcm may not be read by the user"):
        media.mapped(folder / "A" / "0.dcm")


@pytest.mark.parametrize("name", ["pipe", "null"])
@pytest.mark.timeout(10)
def test_pipes_and_devices_are_never_opened(session, tmp_path, name):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/zero")
    for use in (session.load, dw.Media):
        with pytest.raises(NotDicom, match=f"{name} is no regular file"):
            use(tmp_path / name)


def test_a_chosen_file_is_a_medium_of_its_own(session, folder):
    medium = dw.Media(folder / "A" / "0.dcm")
    (study,) = session.tree(medium)
    assert len(study.instances) == 1
    assert len(session.retrieve(study, progress=False).received) == 1


@pytest.mark.parametrize("damage", [b"", b"nothing", b"\0" * 128 + b"DICM", "cut"])
def test_a_damaged_directory_leaves_the_rest_of_the_medium(session, copied, disc, damage):
    whole = (copied / "DICOMDIR").read_bytes()
    (copied / "DICOMDIR").write_bytes(whole[:400] if damage == "cut" else damage)
    medium = dw.Media(copied)
    assert uids(session.tree(medium)) == held(disc)
    assert [*medium.skipped] == ["DICOMDIR"]
    assert medium.skipped["DICOMDIR"].endswith(".")


def test_a_medium_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such"):
        dw.Media(tmp_path / "no such")


# --- zip files


@pytest.mark.parametrize("kind", ["path", "bytes", "stored", "bzip2"])
def test_a_zip_file_is_a_medium(session, disc, tmp_path, kind):
    method = {"stored": zipfile.ZIP_STORED, "bzip2": zipfile.ZIP_BZIP2}.get(kind, zipfile.ZIP_DEFLATED)
    source = zipped(disc, compression=method)
    if kind == "path":
        (tmp_path / "disc.zip").write_bytes(source)
        source = tmp_path / "disc.zip"
    assert uids(session.tree(dw.Media(source))) == held(disc)
    assert uids(session.load(source)) == held(disc)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_bytes_of_a_zip_file_may_come_in_any_buffer(session, folder, kind):
    assert uids(session.load(kind(zipped(folder)))) == held(folder)


def test_a_zip_file_made_on_windows(session, disc):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in disc.rglob("*"):
            if path.is_file():
                info = zipfile.ZipInfo()
                info.filename = str(path.relative_to(disc)).replace("/", "\\")
                archive.writestr(info, path.read_bytes())
    assert uids(session.tree(dw.Media(buffer.getvalue()))) == held(disc)


def archive(**members: bytes) -> bytes:
    """Return a zip file of these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "a/../../evil", "..\\evil"])
def test_a_member_that_leads_out_of_the_zip_file_is_refused(session, name):
    good = samples.image(GRID)
    medium = dw.Media(archive(**{name: samples.part10(samples.image(GRID)), "good": samples.part10(good)}))
    assert uids(session.tree(medium)) == {good.SOPInstanceUID}
    assert "leads out of the zip file" in medium.skipped[name]


@pytest.mark.parametrize("damage", ["encrypted", "damaged", "method"])
def test_a_member_that_cannot_be_unpacked_is_told(session, damage):
    good, bad = samples.image(GRID), samples.image(GRID)
    data = bytearray(archive(bad=samples.part10(bad), good=samples.part10(good)))
    entry = data.index(b"PK\1\2")
    if damage == "encrypted":
        data[6] |= 1
        data[entry + 8] |= 1
    elif damage == "method":
        data[8] = data[entry + 10] = 77
    else:
        data[60:90] = b"\xff" * 30
    medium = dw.Media(bytes(data))
    assert uids(session.tree(medium)) == {good.SOPInstanceUID}
    assert "cannot be unpacked" in medium.skipped["bad"]
    assert uids(session.load(bytes(data))) == {good.SOPInstanceUID}


@pytest.mark.parametrize("damage", [b"PK\3\4 nothing", b"PK\5\6", b"PK\3\4" + b"\0" * 200])
def test_what_only_begins_as_a_zip_file_says_so(session, damage):
    for use in (session.load, dw.Media):
        with pytest.raises(NotDicom, match="cannot be read as a zip file"):
            use(damage)


def bomb(size: int) -> bytes:
    """Return a zip file of an image and much behind it, which takes little."""
    data = samples.part10(samples.image(GRID))
    return archive(bomb=data + b"\xfc\xff\xfc\xffOB\0\0" + size.to_bytes(4, "little") + bytes(size))


def test_a_zip_bomb_is_looked_at_and_not_unpacked():
    packed = bomb(200 << 20)
    with dw.Session(listen_port=0, memory_limit=50 << 20) as session:
        tracemalloc.start()
        try:
            medium = dw.Media(packed)
            (study,) = session.tree(medium)
            with pytest.raises(RetrieveFailed, match="memory limit"):
                session.retrieve(study, progress=False)
            (skipped,) = medium.blobs(session.store.room)
            assert tracemalloc.get_traced_memory()[1] < 20 << 20
        finally:
            tracemalloc.stop()
    assert "has 200 MiB, for which there is no room" in skipped.why


def test_a_member_that_has_more_than_it_says_is_refused(session):
    data = bytearray(archive(one=samples.part10(samples.image(GRID)) + bytes(5000)))
    entry = data.index(b"PK\1\2")
    for at in (22, entry + 24):
        data[at : at + 4] = (400).to_bytes(4, "little")
    with pytest.raises(NotDicom, match="cannot be unpacked"):
        session.load(bytes(data))


# --- files without a header, and with a wrong one


def headed(bare: bytes, syntax: bytes | None, *, length: int | None = None, prefix: bytes = b"\0" * 128 + b"DICM"):
    """Return a file with meta information by hand, whose group length may be wrong."""
    meta = b""
    if syntax is not None:
        syntax += b"\0" * (len(syntax) % 2)
        meta = b"\2\0\x10\0UI" + len(syntax).to_bytes(2, "little") + syntax
    told = len(meta) if length is None else length
    return prefix + b"\2\0\0\0UL\4\0" + told.to_bytes(4, "little") + meta + bare


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN], ids=lambda s: s.name[:12])
@pytest.mark.parametrize(
    "said", [None, b"", b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.1", b"1.2.3.4", b"1.2.840.113619.5.2"]
)
def test_a_missing_or_wrong_transfer_syntax_is_guessed_and_marked(session, syntax, said):
    ds = samples.image(GRID)
    (entity,) = session.load(headed(samples.encoded(ds, syntax), said)).one().instances
    instance = session.instance(entity)
    assert instance.blob.transfer_syntax == syntax
    assert instance.blob.guessed == (said != syntax.encode())
    assert np.array_equal(session.array(entity, values="stored"), GRID)


@pytest.mark.parametrize("length", [0, 1, 500, 0xFFFFFFFF])
def test_a_group_length_that_lies_is_not_believed(session, length):
    ds = samples.image(GRID)
    found = session.load(headed(samples.encoded(ds), EXPLICIT.encode(), length=length)).one().instances
    assert not session.instance(found[0]).blob.guessed


@pytest.mark.parametrize("prefix", [b"", b"DICM"])
def test_the_preamble_may_be_missing(session, prefix):
    ds = samples.image(GRID)
    found = session.load(headed(samples.encoded(ds, IMPLICIT), IMPLICIT.encode(), prefix=prefix)).one().instances
    assert not session.instance(found[0]).blob.guessed


@pytest.mark.parametrize("first", ["LanguageCodeSequence", "private"])
def test_a_data_set_that_begins_in_an_odd_way_is_believed(session, first):
    ds = samples.image(GRID)
    if first == "private":
        del ds.SOPClassUID
        ds.add_new(0x00080016, "UI", samples.CT)
        ds.private_block(0x0009, "SOMEBODY", create=True).add_new(1, "LO", "x")
    else:
        ds.LanguageCodeSequence = [samples.item(CodeValue="en")]
    (entity,) = session.load(samples.part10(ds)).one().instances
    assert not session.instance(entity).blob.guessed


def test_a_deflated_file_that_does_not_say_so_is_refused_politely(session, wheel_file):
    whole = Path(wheel_file("image_dfl.dcm")).read_bytes()
    bare = whole[132 + 12 + int.from_bytes(whole[140:144], "little") :]
    with pytest.raises(NotDicom, match="may be deflated"):
        session.load(headed(bare, None))
    with pytest.raises(NotDicom, match="no DICOM file"):
        session.load(bare)


# --- asking


def test_keys_match_on_media_as_at_a_remote_ae(session, folder):
    medium = dw.Media(folder)
    assert [str(e.PatientName) for e in session.find(medium, PatientName="*a*")] == ["Adam^A", "Berta^B"]
    assert [str(e.PatientName) for e in session.find(medium, PatientName="b*")] == ["Berta^B"]
    assert [str(e.PatientName) for e in session.find(medium, StudyDate=("20200101", "20201231"))] == ["Adam^A"]
    assert session.find(medium, StudyDate=(None, "19991231")) == []
    assert len(session.find(medium, ModalitiesInStudy="CT")) == 2
    adam = session.find(medium, PatientName="A*").one()
    assert [s.uid for s in session.find(medium, "SERIES", adam)] == ["1.2.1.1", "1.2.1.2"]
    series = session.find(medium, "SERIES", adam, SeriesInstanceUID="1.2.1.2").one()
    assert session.find(medium, "IMAGE", series, InstanceNumber=1).one().InstanceNumber == 1
    assert session.find(medium, "IMAGE", series, InstanceNumber=7) == []
    assert [len(s.children) for s in session.expand(adam) if session.expand(s)] == [1, 1]


def test_what_is_not_on_the_medium_says_so(session, folder):
    with pytest.raises(NotFound, match=r"has no 1\.2\.9"):
        session.find(dw.Media(folder), "SERIES", StudyInstanceUID="1.2.9")


def test_a_scan_is_cancelled_and_can_be_made_again(folder):
    medium, wish = dw.Media(folder), Cancellation()
    wish.cancel()
    with pytest.raises(Cancelled, match="Ask again"), medium.asked(wish):
        pass
    with medium.asked(Cancellation()) as asked:
        assert len(asked.find("STUDY")) == 2


def test_a_scan_is_the_one_activity_of_the_session(session, folder, monkeypatch):
    inside, go_on = threading.Event(), threading.Event()
    head = place.FolderContainer.head

    def slow(self, name):
        inside.set()
        assert go_on.wait(20)
        return head(self, name)

    monkeypatch.setattr(place.FolderContainer, "head", slow)
    medium, ended = dw.Media(folder), []

    def scan():
        try:
            session.find(medium)
        except Cancelled:
            ended.append("cancelled")

    thread = threading.Thread(target=scan)
    thread.start()
    assert inside.wait(20)
    with pytest.raises(SessionBusy, match="medium"):
        session.find(medium)
    assert (medium.progress.received, medium.progress.expected) == (0, 3)
    session.cancel()
    go_on.set()
    assert len(session.find(medium, wait=True)) == 2
    thread.join()
    assert ended == ["cancelled"]


def test_a_retrieval_is_mapped_and_follows_its_progress(session, disc):
    medium, steps = dw.Media(disc), []
    ledger = session.retrieve(session.find(medium).one(), progress=steps.append)
    assert set(ledger.received) == held(disc)
    assert session.memory == 0
    assert steps[-1].fraction == 1


# --- everything there is


def readable(path: Path) -> bool:
    """Whether pydicom reads an object that can be kept, in a syntax that the file says."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = dcmread(path, stop_before_pixels=True)
        return "DirectoryRecordSequence" in ds or bool(ds.get("SOPInstanceUID") and ds.get("SOPClassUID"))


@pytest.mark.filterwarnings("ignore")
def test_every_file_opens_or_explains_itself(session, data):
    with (data / "MANIFEST.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 500
    refused = {}
    for row in rows:
        path = data / row["file"]
        try:
            assert session.load(path)
            session.drop(session.studies)
        except DicomWidgetsError as error:
            refused[row["file"]] = str(error)
        if row["read"] == "ok":
            assert (row["file"] not in refused) == readable(path), row["file"]
    for name, why in refused.items():
        assert str(data / name) in why
        assert why.endswith((".", "…"))
        assert "\n" not in why
    assert len(refused) < 12


@pytest.mark.filterwarnings("ignore")
def test_all_of_it_is_one_medium(session, data):
    medium = dw.Media(data)
    found = session.tree(medium)
    assert len(uids(found)) > 400
    for path, why in medium.skipped.items():
        assert Path(path).name in why
