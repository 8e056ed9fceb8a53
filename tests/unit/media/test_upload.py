"""Uploads: pieces in any order, damaged, twice, too many; and files in memory as a medium."""

from __future__ import annotations

import zlib

import pytest

import dicom_widgets as dw
from dicom_widgets.errors import NotDicom, NotFound, StoreFull
from dicom_widgets.media.upload import PIECE, Announced, Upload
from tests import samples

BIG = bytes(range(256)) * (2 * PIECE // 256) + b"the end"


def pieces(data: bytes) -> list[bytes]:
    return [data[i : i + PIECE] for i in range(0, len(data), PIECE)]


def upload(*files: tuple[str, bytes], room: int = 1 << 30) -> Upload:
    return Upload([Announced(name, len(data)) for name, data in files], room)


def test_pieces_in_any_order_are_put_together():
    one = upload(("big", BIG), ("empty", b""), ("small", b"abc"))
    wanted = [(0, n, p) for n, p in enumerate(pieces(BIG))] + [(2, 0, b"abc")]
    for file, n, piece in reversed(wanted):
        assert not one.complete
        assert one.take(file, n, piece, zlib.crc32(piece))
    assert one.complete
    assert one.received == one.total == len(BIG) + 3
    assert one.contents() == {"big": BIG, "empty": b"", "small": b"abc"}


def test_a_piece_that_comes_twice_counts_once():
    one = upload(("a", b"abc"))
    assert [one.take(0, 0, b"abc", zlib.crc32(b"abc")) for _ in range(2)] == [True, True]
    assert one.received == 3


@pytest.mark.parametrize(("data", "checksum"), [(b"abd", zlib.crc32(b"abc")), (b"ab", zlib.crc32(b"ab")), (b"", 0)])
def test_a_damaged_piece_is_asked_for_again(data, checksum):
    one = upload(("a", b"abc"))
    assert not one.take(0, 0, data, checksum)
    assert not one.complete
    assert one.received == 0


@pytest.mark.parametrize(("file", "number"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_a_piece_of_nothing_is_refused(file, number):
    with pytest.raises(NotFound, match="no such piece"):
        upload(("a", b"abc")).take(file, number, b"", 0)


def test_what_has_no_room_is_refused_before_it_comes():
    with pytest.raises(StoreFull, match=r"8 MB.*no room.*1 MB.*session\.drop"):
        upload(("big", BIG), room=1_000_000)


def test_names_that_come_twice_get_a_number():
    one = upload(("a/1", b""), ("a/1", b""), ("a/1", b""))
    assert list(one.contents()) == ["a/1", "a/1 (2)", "a/1 (3)"]


# --- files in memory


def test_uploaded_files_are_a_medium(session):
    files = {f"CD/{n}.dcm": samples.part10(samples.image(samples.ramp(0, 4), InstanceNumber=n)) for n in (1, 2)}
    medium = dw.Media({**files, "CD/readme.txt": b"hello"})
    (study,) = session.tree(medium)
    assert len(study.children[0].children) == 2
    assert list(medium.skipped) == ["CD/readme.txt"]
    assert len(session.retrieve(study, progress=False).received) == 2


def test_a_dicomdir_among_them_is_used(wheel_file, session):
    """The DICOMDIR of pydicom's wheel, uploaded with its folder."""
    index = wheel_file("DICOMDIR")
    files = {f"top/{p.relative_to(index.parent)}": p.read_bytes() for p in index.parent.rglob("*") if p.is_file()}
    theirs, ours = dw.Media(index), dw.Media(files)
    found, expected = (sorted(s.uid for s in session.tree(medium)) for medium in (ours, theirs))
    assert found == expected
    ledger = session.retrieve(session.find(ours), progress=False)
    assert len(ledger.received) == len(session.retrieve(session.find(theirs), progress=False).received) > 10


@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "<b>.dcm", "a" * 1000])
def test_hostile_names_are_names_only(session, name):
    medium = dw.Media({name: b"no DICOM", "good": samples.part10(samples.image(samples.ramp(0, 4)))})
    assert len(session.find(medium)) == 1
    assert "no DICOM file" in next(iter(medium.skipped.values()))


def test_a_single_upload_that_is_no_dicom_says_so(session):
    with pytest.raises(NotDicom, match="no DICOM file"):
        session.load(b"hello" * 100)
