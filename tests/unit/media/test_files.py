"""What can be loaded: files, folders, bytes, data sets, in every encoding; and what is said of the rest."""

from __future__ import annotations

import io
import os
import zlib
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import DeflatedExplicitVRLittleEndian

import dicom_widgets as dw
from dicom_widgets.dicom.blob import OPEN_FILES, Blob, _mapping
from dicom_widgets.errors import DecodeError, NotDicom, StoreFull
from dicom_widgets.media import files as media
from tests import samples
from tests.samples import BIG_ENDIAN, EXPLICIT, IMPLICIT

GRID = np.arange(64, dtype=np.int16).reshape(8, 8)


def loaded(session, source):
    """Load one instance; return it."""
    (entity,) = session.load(source).one().instances
    return session.instance(entity)


def test_a_file_is_mapped_not_read(session, tmp_path):
    ds = samples.image(GRID)
    ds.save_as(tmp_path / "one.dcm", enforce_file_format=True)
    found = loaded(session, tmp_path / "one.dcm")
    assert found.uid == ds.SOPInstanceUID
    assert session.memory == 0
    assert not found.blob.owned
    assert np.array_equal(session.array(found, values="stored"), GRID)


def test_many_files_take_few_descriptors(session, tmp_path):
    ds = samples.image(GRID)
    for number in range(200):
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"2.25.{number + 1}"
        ds.save_as(tmp_path / f"{number}.dcm", enforce_file_format=True)
    before = len(list(Path("/proc/self/fd").iterdir()))
    session.load(tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) - before <= OPEN_FILES
    for instance in session.instances(session.studies):
        assert np.array_equal(session.array(instance, values="stored"), GRID)  # those that were closed are opened again
    assert len(list(Path("/proc/self/fd").iterdir())) - before <= OPEN_FILES


@pytest.mark.parametrize("change", ["removed", "changed"])
def test_a_file_that_was_removed_or_changed_is_an_error_with_its_path(session, tmp_path, change):
    path = tmp_path / "one.dcm"
    samples.image(GRID).save_as(path, enforce_file_format=True)
    found = loaded(session, path)
    _mapping.cache_clear()
    path.unlink() if change == "removed" else path.write_bytes(b"something else")
    with pytest.raises(NotDicom, match=r"one\.dcm cannot be read any more.*Load it again"):
        session.dataset(found)


@pytest.mark.parametrize("kind", [str, os.fspath, lambda p: p])
def test_a_path_may_be_text(session, tmp_path, kind):
    samples.image(GRID).save_as(tmp_path / "one.dcm", enforce_file_format=True)
    assert loaded(session, kind(tmp_path / "one.dcm"))


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_of_a_file(session, kind):
    data = samples.part10(samples.image(GRID))
    found = loaded(session, kind(data))
    assert np.array_equal(session.array(found, values="stored"), GRID)
    assert session.memory == found.blob.nbytes > 0


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DeflatedExplicitVRLittleEndian])
def test_every_native_syntax(session, syntax):
    ds = samples.image(GRID)
    bare = samples.encoded(ds, EXPLICIT if syntax.is_deflated else syntax)
    if syntax.is_deflated:
        squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        bare = squeezer.compress(bare) + squeezer.flush()
    found = loaded(session, part10_of(bare, syntax))
    assert np.array_equal(session.array(found, values="stored"), GRID)
    assert not found.blob.guessed


def part10_of(bare: bytes, syntax) -> bytes:
    """Return a file by hand (PS3.10 7.1): preamble, prefix, group length and transfer syntax."""
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    element = b"\x02\0\x10\0UI" + len(uid).to_bytes(2, "little") + uid
    return b"\0" * 128 + b"DICM\x02\0\0\0UL\x04\0" + len(element).to_bytes(4, "little") + element + bare


def test_real_deflated_and_big_endian_files(session, wheel_file):
    assert np.array_equal(
        session.array(loaded(session, wheel_file("MR_small_bigendian.dcm")), values="stored"),
        dcmread(wheel_file("MR_small.dcm")).pixel_array,
    )
    session.drop(session.studies)
    assert session.array(loaded(session, wheel_file("image_dfl.dcm"))).shape == (512, 512)


def test_a_deflated_file_that_is_damaged(session):
    with pytest.raises(NotDicom, match="deflated"):
        session.load(part10_of(b"\xff\xff\xff nonsense", DeflatedExplicitVRLittleEndian))


def test_a_deflated_file_that_was_cut_off_has_no_whole_frame(session):
    """X2."""
    squeezer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    bare = samples.encoded(samples.image(np.random.default_rng(1).integers(0, 999, (64, 64), np.uint16)))
    squeezed = squeezer.compress(bare) + squeezer.flush()
    found = loaded(session, part10_of(squeezed[: len(squeezed) // 2], DeflatedExplicitVRLittleEndian))
    with pytest.raises(DecodeError, match="cut off"):
        session.array(found)


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN], ids=lambda s: s.name[:8])
def test_a_file_without_a_header_is_guessed_and_marked(session, syntax):
    """MEDIA-FSR: best guess of the transfer syntax."""
    found = loaded(session, samples.encoded(samples.image(GRID), syntax))
    assert (found.blob.transfer_syntax, found.blob.guessed) == (syntax, True)
    picture = session.present(found)
    assert "Guessed header" in picture.texts["br"]
    assert picture.record["fidelity"] == "guessed header"
    assert np.array_equal(session.array(found, values="stored"), GRID)


def test_a_preamble_without_a_transfer_syntax_is_guessed(session):
    bare = samples.encoded(samples.image(GRID), IMPLICIT)
    found = loaded(session, b"\0" * 128 + b"DICM" + bare)
    assert (found.blob.transfer_syntax, found.blob.guessed) == (IMPLICIT, True)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"x",
        b"PK\x03\x04" + b"\0" * 300,
        b"%PDF-1.7 " * 50,
        b"\0" * 500,
        b"\xff" * 500,
        b"hello world " * 40,
        b"\0" * 128 + b"DICM",
        b"\0" * 128 + b"DICM" + b"\xff" * 99,
        bytes(range(256)) * 4,
    ],
)
def test_what_is_not_dicom_says_so_in_a_sentence(session, tmp_path, junk):
    path = tmp_path / "junk"
    path.write_bytes(junk)
    for source in (path, junk):
        with pytest.raises(NotDicom) as caught:
            session.load(source)
        assert str(caught.value).endswith(".")
    assert session.studies == []


def test_a_missing_path_is_a_missing_file(session, tmp_path):
    with pytest.raises(FileNotFoundError, match="no such"):
        session.load(tmp_path / "no such")


@pytest.mark.parametrize("wrong", [7, 1.5, None, object()])
def test_what_is_no_source_is_a_type_error(session, wrong):
    with pytest.raises(TypeError, match="cannot be loaded"):
        session.load(wrong)


def test_a_folder_with_junk(session, tmp_path):
    """Everything that is an object, in all folders below; the rest is counted, with the reason."""
    (tmp_path / "deep" / "er").mkdir(parents=True)
    wanted = {}
    for name in ("a", "deep/b", "deep/er/c.dcm"):
        ds = samples.image(GRID)
        ds.save_as(tmp_path / name, enforce_file_format=True)
        wanted[str(ds.SOPInstanceUID)] = name
    (tmp_path / "notes.txt").write_text("nothing\n" * 50)
    (tmp_path / "empty").touch()
    (tmp_path / "deep" / "DICOMDIR").write_bytes(bytes(300))  # what it lists is loaded; it is not missed
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    found = session.load(tmp_path)
    assert {e.uid for e in found.one().instances} == set(wanted)
    assert {Path(p).name for p in found.skipped} == {"notes.txt", "empty", "pipe", "dangling"}
    assert all(why.endswith(".") for why in found.skipped.values())


def test_an_empty_folder_says_so(session, tmp_path):
    with pytest.raises(NotDicom, match="no file"):
        session.load(tmp_path)


def test_a_list_of_sources(session, tmp_path):
    first, second, third = (samples.image(GRID) for _ in range(3))
    first.save_as(tmp_path / "one.dcm", enforce_file_format=True)
    found = session.load([tmp_path, samples.part10(second), third])
    assert len(found.one().instances) == 3


def test_only_what_was_loaded_is_returned(session):
    session.load(samples.image(GRID))
    second = samples.image(GRID)
    assert [e.uid for e in session.load(second).one().instances] == [second.SOPInstanceUID]
    assert len(session.studies.one().instances) == 2


# --- data sets


def test_of_a_list_what_is_no_object_is_skipped_with_the_reason(session, tmp_path):
    """As in a folder: one wrong file of `glob` does not keep out the others."""
    (tmp_path / "notes.txt").write_text("no object")
    one, other = (samples.part10(samples.image(samples.ramp(0, 4))) for _ in range(2))
    studies = session.load([one, tmp_path / "notes.txt", b"neither", other])
    assert len(session.instances(studies[0])) == 2
    assert list(studies.skipped) == [str(tmp_path / "notes.txt"), "number 3 of the list"]
    assert all("no DICOM file" in why for why in studies.skipped.values())
    with pytest.raises(NotDicom, match="no DICOM file"):
        session.load([b"neither"])


def test_a_data_set_is_loaded_as_it_is(session):
    ds = samples.image(GRID, PatientComments="Ü" * 5, SpecificCharacterSet="ISO_IR 192")
    found = session.dataset(loaded(session, ds))
    assert found == ds
    assert found.file_meta.TransferSyntaxUID == EXPLICIT


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_jpeg_ls_lossless.dcm", "rtplan.dcm"]
)
def test_a_data_set_of_a_file_goes_round(session, wheel_file, name):
    ds = dcmread(wheel_file(name))
    found = session.dataset(loaded(session, ds))
    assert found == ds
    assert found.file_meta.TransferSyntaxUID == ds.file_meta.TransferSyntaxUID


def test_a_data_set_without_file_meta_is_explicit(session):
    ds = samples.image(GRID)
    del ds.file_meta
    assert loaded(session, ds).blob.transfer_syntax == EXPLICIT


def test_a_later_change_of_the_data_set_changes_nothing(session):
    ds = samples.image(GRID, InstanceNumber=1)
    found = loaded(session, ds)
    ds.InstanceNumber = 2
    session.dataset(found).InstanceNumber = 3
    assert session.dataset(found).InstanceNumber == 1


def test_a_data_set_that_is_no_instance_is_refused(session):
    with pytest.raises(NotDicom, match="SOP"):
        session.load(samples.item(PatientID="1"))


# --- hostile objects


def test_deeply_nested_sequences_are_refused(session):
    """Ten thousand levels in 80 kB."""
    element = b"\x08\0\x15\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff"
    with pytest.raises(NotDicom):
        session.load(part10_of(element * 10_000, EXPLICIT))


@pytest.mark.parametrize("length", [0xFFFFFFF0, 0x7FFFFFFF, 0xFFFF])
def test_a_lying_length_does_no_harm(session, length):
    whole = samples.encoded(samples.image(GRID))
    lying = b"\x08\0\x01\0UN\0\0" + length.to_bytes(4, "little") + whole
    with pytest.raises(NotDicom):
        session.load(part10_of(lying, EXPLICIT))


def test_the_memory_limit_is_an_error_of_its_own():
    with dw.Session(listen_port=0, memory_limit=1000) as session:
        with pytest.raises(StoreFull, match="memory limit"):
            session.load(samples.part10(samples.image(np.zeros((64, 64), np.int16))))
        assert session.memory == 0


def test_a_view_reads_like_a_file():
    data = bytes(range(100))
    with Blob.of(data, EXPLICIT).open() as ours, io.BytesIO(data) as theirs:
        for at, whence, size in ((0, 0, 10), (50, 0, -1), (-10, 2, 5), (5, 1, 100), (200, 0, 5), (90, 0, None)):
            assert ours.seek(at, whence) == theirs.seek(at, whence)
            assert ours.read(size) == theirs.read(size)
            assert ours.tell() == theirs.tell()


def test_a_refusal_says_what_it_was_about():
    blob = Blob.of(b"123", EXPLICIT, origin="the file x")
    for status, words in ((0xA700, "memory limit"), (0xC000, "SOP Instance UID")):
        assert words in media.refusal(status, blob)
        assert "the file x" in media.refusal(status, blob)
