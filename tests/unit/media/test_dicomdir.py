"""The records of DICOMDIRs, as the Standard has them and as real media do; expectations are pydicom's."""

from __future__ import annotations

import shutil
import struct
import warnings
from dataclasses import dataclass

import pytest
from pydicom import dcmread
from pydicom.fileset import FileSet

import dicom_widgets as dw
from dicom_widgets.errors import NotDicom
from dicom_widgets.media import files as media
from dicom_widgets.media.dicomdir import records

END = 0xFFFFFFFF
PATH = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")


def element(group: int, number: int, vr: str, value: bytes) -> bytes:
    """Return an element in explicit little endian."""
    value += (b"\0" if vr == "UI" else b" ") * (len(value) % 2)
    size = struct.pack("<HL", 0, len(value)) if vr in ("OB", "SQ", "UN") else struct.pack("<H", len(value))
    return struct.pack("<HH", group, number) + vr.encode() + size + value


@dataclass
class R:
    """A record to write; `next` and `lower` are numbers of records from 1, or offsets in bytes from 1000 on."""

    kind: str
    next: int = 0
    lower: int = 0
    file: str = ""
    keys: bytes = b""
    used: int = 0xFFFF

    def encoded(self, where: list[int]) -> bytes:
        at = [where[n - 1] if 0 < n <= len(where) else n for n in (self.next, self.lower)]
        return b"".join(
            [
                element(4, 0x1400, "UL", struct.pack("<L", at[0])),
                element(4, 0x1410, "US", struct.pack("<H", self.used)),
                element(4, 0x1420, "UL", struct.pack("<L", at[1])),
                element(4, 0x1430, "CS", self.kind.encode()),
                element(4, 0x1500, "CS", self.file.encode()) if self.file else b"",
                self.keys,
            ]
        )


def dicomdir(*wanted: R, first: int = 1, undefined: bool = False, length: int | None = None) -> bytes:
    """Return a DICOMDIR of these records."""
    syntax = element(2, 0x10, "UI", b"1.2.840.10008.1.2.1")
    meta = b"\0" * 128 + b"DICM" + element(2, 0, "UL", struct.pack("<L", len(syntax))) + syntax
    start = len(meta) + 12 + 12  # the first offset, and the head of the sequence
    where, at = [], start
    for one in wanted:
        where.append(at)
        at += len(one.encoded([])) + (16 if undefined else 8)
    parts = []
    for data in (one.encoded(where) for one in wanted):
        parts += [struct.pack("<HHL", 0xFFFE, 0xE000, END if undefined else len(data)), data]
        parts += [struct.pack("<HHL", 0xFFFE, 0xE00D, 0)] if undefined else []
    body = b"".join(parts)
    told = (END if undefined else len(body)) if length is None else length
    head = element(4, 0x1200, "UL", struct.pack("<L", where[first - 1] if 0 < first <= len(where) else first))
    end = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0) if undefined else b""
    return meta + head + struct.pack("<HH2sHL", 4, 0x1220, b"SQ", 0, told) + body + end


def shape(found):
    """Return the kinds of records, nested."""
    return [(r.kind, shape(r.children)) if r.children else r.kind for r in found]


def read(tmp_path, data: bytes):
    path = tmp_path / "DICOMDIR"
    path.write_bytes(data)
    return records(media.mapped(path))


IMAGES = ("IMAGE", "IMAGE")
TREE = [("PATIENT", [("STUDY", [("SERIES", [*IMAGES])])])]
LINKED = (R("PATIENT", 0, 2), R("STUDY", 0, 3), R("SERIES", 0, 4), R("IMAGE", 5, 0, "A"), R("IMAGE", 0, 0, "B"))


# --- real ones


@pytest.fixture(scope="module")
def discs(data):
    return data / "dicomdir" / "pydicom_dicomdirtests"


def listed(path):
    """Return what pydicom finds: the three UIDs, the number of the instance and the patient of each file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        disc = FileSet(path)
        files = [dcmread(i.path, stop_before_pixels=True) for i in disc]
        disc._stage["t"].cleanup()
    return {tuple(ds[k].value for k in PATH): (ds.InstanceNumber, ds.PatientID, str(ds.PatientName)) for ds in files}


def shown(session, path, **keys):
    return {
        i.path: (i.InstanceNumber, study.PatientID, str(study.PatientName))
        for study in session.tree(dw.Media(path), **keys)
        for i in study.instances
    }


@pytest.mark.parametrize("name", ["DICOMDIR", "DICOMDIR-implicit", "DICOMDIR-bigEnd", "DICOMDIR-nooffset"])
def test_a_variant_of_a_disc_lists_what_its_files_hold(session, discs, name):
    assert shown(session, discs / name) == listed(discs / "DICOMDIR")


def test_records_in_another_order_and_with_fifty_images(session, discs):
    assert shown(session, discs / "DICOMDIR-reordered") == listed(discs / "DICOMDIR-reordered")
    tiny = discs / "TINY_ALPHA" / "DICOMDIR"
    assert shown(session, tiny) == listed(tiny)
    assert len(listed(tiny)) == 50


def test_without_records_of_patients_the_studies_are_all_there(session, discs):
    found = shown(session, discs / "DICOMDIR-nopatient")
    assert found.keys() == listed(discs / "DICOMDIR").keys()


def test_a_directory_without_records_has_its_folder_scanned(session, discs, tmp_path):
    shutil.copy(discs / "DICOMDIR-empty.dcm", tmp_path / "DICOMDIR")
    shutil.copytree(discs / "77654033", tmp_path / "77654033")
    expected = {p for p in listed(discs / "DICOMDIR") if p in shown(session, tmp_path)}
    assert shown(session, tmp_path).keys() == expected
    assert len(expected) == 7


def test_counts_stand_in_the_tree_before_anything_is_expanded(session, discs):
    for study in session.find(dw.Media(discs / "DICOMDIR")):
        under = [p for p in listed(discs / "DICOMDIR") if p[0] == study.uid]
        assert study.NumberOfStudyRelatedInstances == len(under)
        assert study.NumberOfStudyRelatedSeries == len({p[1] for p in under})
        assert study.children == []


def test_without_a_choice_only_the_directory_is_read(session, discs, tmp_path):
    """The files are not even there."""
    shutil.copy(discs / "DICOMDIR", tmp_path)
    medium = dw.Media(tmp_path)
    assert len(session.tree(medium)) == 6
    assert len(medium.skipped) == 31
    assert all("not on the medium" in why for why in medium.skipped.values())


# --- how records stand to each other


@pytest.mark.parametrize("undefined", [False, True])
def test_offsets_are_followed(tmp_path, undefined):
    assert shape(read(tmp_path, dicomdir(*LINKED, undefined=undefined))) == TREE


@pytest.mark.parametrize("length", [0, 7, END, 0x7FFFFFFE])
def test_the_length_of_the_sequence_may_be_wrong(tmp_path, length):
    assert shape(read(tmp_path, dicomdir(*LINKED, length=length))) == TREE


@pytest.mark.parametrize("first", [0, 999_999_999])
def test_without_offsets_the_order_counts(tmp_path, first):
    bare = [R(one.kind, file=one.file) for one in LINKED]
    assert shape(read(tmp_path, dicomdir(*bare, first=first))) == TREE


def test_offsets_that_lead_out_of_the_file_are_as_none(tmp_path):
    wild = [R(one.kind, 0xFFFFFFFE, 0x7FFFFFFF, one.file) for one in LINKED]
    assert shape(read(tmp_path, dicomdir(*wild))) == TREE


@pytest.mark.parametrize("number", range(1, 6))
def test_a_record_that_refers_to_itself_is_there_once(tmp_path, number):
    wild = [R(o.kind, number if i == number else o.next, number if i == number else o.lower, o.file)
            for i, o in enumerate(LINKED, 1)]  # fmt: skip
    found = read(tmp_path, dicomdir(*wild))
    assert sorted(r.file for top in found for r in top.files()) == [("A",), ("B",)]


def test_a_circle_is_cut(tmp_path):
    found = read(tmp_path, dicomdir(R("X", 0, 2), R("Y", 0, 1), R("PATIENT", 0, 4), R("X", 0, 3, "F"), first=0))
    assert [r.file for top in found for r in top.files()] == [("F",)]


def test_records_of_unknown_kinds_may_stand_in_between(tmp_path):
    wanted = (R("PATIENT", 0, 2), R("PRIVATE", 0, 3), R("STUDY", 0, 4), R("SERIES", 0, 5), R("IMAGE", 0, 0, "A"))
    assert shape(read(tmp_path, dicomdir(*wanted))) == [
        ("PATIENT", [("PRIVATE", [("STUDY", [("SERIES", ["IMAGE"])])])])
    ]


def test_what_is_inactive_is_left_out(tmp_path):
    wanted = (R("PATIENT", 2, 3), R("PATIENT", 0, 0, used=0), R("STUDY", 4, 0), R("STUDY", 0, 0, used=0))
    assert shape(read(tmp_path, dicomdir(*wanted))) == [("PATIENT", ["STUDY"])]


@pytest.mark.parametrize("lower", [True, False])
def test_a_chain_of_a_hundred_thousand_is_no_matter(tmp_path, lower):
    count = 100_000
    links = [R("IMAGE", *((0, n) if lower else (n, 0)), file="F") for n in range(2, count + 1)]
    found = read(tmp_path, dicomdir(*links, R("IMAGE", file="F")))
    assert sum(1 for top in found for _ in top.files()) == count


def test_what_is_whole_of_a_file_that_was_cut_off_is_shown(tmp_path):
    whole = dicomdir(*LINKED)
    counts = []
    for end in range(170, len(whole) + 1):
        try:
            counts.append(sum(1 for top in read(tmp_path, whole[:end]) for _ in top.files()))
        except NotDicom:
            counts.append(0)
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2}


@pytest.mark.parametrize("undefined", [False, True])
def test_a_damaged_record_leaves_the_others(tmp_path, undefined):
    bad = element(4, 0x1600, "CS", b"X").replace(b"CS", b"??")
    wanted = [*LINKED[:4], R("IMAGE", 0, 0, "B", keys=bad)] if not undefined else [*LINKED]
    assert shape(read(tmp_path, dicomdir(*wanted, undefined=undefined))) == TREE


@pytest.mark.parametrize("data", [dicomdir()[:-14], dicomdir()[:-12], dicomdir()[:-12] + b"\xff" * 50])
def test_a_directory_in_which_nothing_can_be_read_says_so(tmp_path, data):
    with pytest.raises(NotDicom, match=r"DICOMDIR is a DICOMDIR, but no record in it can be read.*\.$"):
        read(tmp_path, data)


def test_a_directory_of_no_records_is_one(tmp_path):
    assert read(tmp_path, dicomdir()) == []


def test_hostile_keys_of_a_record_do_no_harm(session, tmp_path):
    keys = element(0x20, 0xD, "UI", b"1.2.\xff<script>") + element(0x10, 0x10, "PN", b"\x1b$)C" * 9)
    wanted = (R("STUDY", 0, 2, keys=keys), R("SERIES", 0, 3), R("IMAGE", 0, 0, "..\\..\\etc\\passwd"))
    (tmp_path / "DICOMDIR").write_bytes(dicomdir(*wanted))
    medium = dw.Media(tmp_path)
    assert len(session.tree(medium)[0].instances) == 1
    assert "not on the medium" in medium.skipped["../../etc/passwd"]
