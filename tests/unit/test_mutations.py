"""Real files and DICOMDIRs, damaged in every way: they open, or one error of ours says why; no memory is lost to lies.

The examples are the same in each run (`derandomize`), so that what fails here fails everywhere.
"""

from __future__ import annotations

import io
import struct
import tempfile
import tracemalloc
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

import dicom_widgets as dw
from dicom_widgets.errors import DicomWidgetsError
from tests import samples

pytestmark = pytest.mark.filterwarnings("ignore")  # pydicom's, of values
often = settings(
    max_examples=500,
    derandomize=True,
    deadline=5000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
FILES = (
    "CT_small.dcm",
    "MR_small_implicit.dcm",
    "MR_small_bigendian.dcm",
    "rtplan.dcm",
    "reportsi.dcm",
    "image_dfl.dcm",
    "UN_sequence.dcm",
    "nested_priv_SQ.dcm",
    "SC_rgb_rle.dcm",
)
DISCS = ("DICOMDIR", "DICOMDIR-implicit", "DICOMDIR-bigEnd", "DICOMDIR-nooffset", "DICOMDIR-nopatient")
MOST = 64 << 20
"""Bytes that may be taken for a file of less than 1 MB."""

LENGTHS = [0, 1, 7, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF]
MARKS = [b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0", b"SQ\0\0", b"UN\0\0", b"PK\3\4"]


@cache
def real(name: str) -> bytes:
    path = get_testdata_file(name, download=False)
    if path is None:  # the variants of a DICOMDIR lie in a folder of their own
        path = Path(str(get_testdata_file("CT_small.dcm", download=False))).parent / "dicomdirtests" / name
    return Path(str(path)).read_bytes()


@st.composite
def changes(draw) -> list[tuple[str, float, bytes]]:
    """Draw what is done, where (as a part of the whole) and by which bytes."""
    kind = st.sampled_from(["flip", "insert", "delete", "truncate", "length", "mark", "repeat"])
    where = st.one_of(st.floats(0, 1), st.floats(0, 0.2), st.floats(0, 0.02))
    return draw(st.lists(st.tuples(kind, where, st.binary(min_size=1, max_size=8)), min_size=1, max_size=6))


def changed(data: bytes, todo: list[tuple[str, float, bytes]]) -> bytes:
    """Return the data with changes."""
    made = bytearray(data)
    for kind, part, by in todo:
        at = int(part * len(made))
        if kind == "flip":
            made[at : at + len(by)] = bytes(a ^ b for a, b in zip(made[at : at + len(by)], by, strict=False))
        elif kind == "insert":
            made[at:at] = by
        elif kind == "delete":
            del made[at : at + by[0]]
        elif kind == "truncate":
            del made[at:]
        elif kind == "length":
            made[at : at + 4] = struct.pack("<L", LENGTHS[by[0] % len(LENGTHS)])
        elif kind == "mark":
            mark = MARKS[by[0] % len(MARKS)]
            made[at : at + len(mark)] = mark
        else:
            made[at:at] = made[at : at + 200] * (by[0] % 20)
    return bytes(made)


def used(source) -> None:
    """Do with a source all that a user would; errors of ours are well."""
    with dw.Session(listen_port=0, memory_limit=32 << 20) as session:
        with suppress(DicomWidgetsError, OSError):
            session.load(source)
        with suppress(DicomWidgetsError, OSError):
            for study in session.tree(dw.Media(source)):
                session.retrieve(study, progress=False)


@pytest.fixture(scope="module")
def place():
    """A folder that is used again and again: a file-set, of which one file is exchanged."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "98892001" / "CT2N").mkdir(parents=True)
        (folder / "98892001" / "CT2N" / "6293").write_bytes(real("CT_small.dcm"))
        yield folder


@often
@given(st.sampled_from(FILES), changes())
def test_damaged_files_open_or_say_why(place, name, todo):
    path = place / "file.dcm"
    path.write_bytes(changed(real(name), todo))
    used(path)


@often
@given(st.sampled_from(DISCS), changes())
def test_damaged_directories_open_or_say_why(place, name, todo):
    path = place / "DICOMDIR"
    path.write_bytes(changed(real(name), todo))
    used(path)


@cache
def packed() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("CT_small.dcm", "rtplan.dcm"):
            archive.writestr(name, real(name))
    return buffer.getvalue()


@settings(often, max_examples=200)
@given(changes())
def test_damaged_zip_files_open_or_say_why(todo):
    used(b"PK\3\4" + changed(packed()[4:], todo))


@settings(often, max_examples=100)
@given(st.sampled_from(FILES + DISCS), changes())
def test_lies_about_sizes_take_no_memory(place, name, todo):
    path = place / ("DICOMDIR" if name in DISCS else "file.dcm")
    path.write_bytes(changed(real(name), [("length", part, by) for _, part, by in todo]))
    tracemalloc.start()
    try:
        used(path)
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("depth", [1000, 100_000])
@pytest.mark.parametrize("implicit", [False, True])
def test_sequences_in_sequences_are_no_matter(tmp_path, depth, implicit):
    vr = b"" if implicit else b"SQ\0\0"
    nested = (b"\x08\0\x15\x11" + vr + b"\xff\xff\xff\xff\xfe\xff\0\xe0\xff\xff\xff\xff") * depth
    syntax = samples.IMPLICIT if implicit else samples.EXPLICIT
    ds = samples.plain(samples.CT, StudyInstanceUID=None, SeriesInstanceUID=None)
    (tmp_path / "one").write_bytes(samples.encoded(ds, syntax) + nested)
    used(tmp_path / "one")
    (tmp_path / "DICOMDIR").write_bytes(b"\4\0\x20\x12" + vr + nested[-8:] + nested)
    used(tmp_path / "DICOMDIR")
