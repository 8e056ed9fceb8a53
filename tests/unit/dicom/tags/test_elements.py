"""Tags: rows of elements against pydicom's own iteration; character sets, private blocks, wrong and hostile values."""

from __future__ import annotations

import time
from dataclasses import FrozenInstanceError

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.data import get_charset_files
from pydicom.dataelem import RawDataElement
from pydicom.multival import MultiValue
from pydicom.tag import Tag

from dicom_widgets.dicom.charsets import TEXTS
from dicom_widgets.dicom.tags import elements, texts
from dicom_widgets.dicom.tags.bulk import HELD, without_bulk
from dicom_widgets.dicom.tags.search import search
from dicom_widgets.errors import NotDicom, NotFound
from tests import samples
from tests.samples import item, raw

REAL = """
CT_small.dcm MR_small.dcm MR_small_bigendian.dcm MR_small_implicit.dcm JPEG2000.dcm rtplan.dcm rtdose.dcm
reportsi.dcm ExplVR_BigEnd.dcm SC_rgb.dcm waveform_ecg.dcm nested_priv_SQ.dcm liver_1frame.dcm test-SR.dcm
MR-SIEMENS-DICOM-WithOverlays.dcm emri_small_jpeg_ls_lossless.dcm explicit_VR-UN.dcm UN_sequence.dcm
eCT_Supplemental.dcm priv_SQ.dcm
""".split()
CHARACTER_SETS = {p.rpartition("/")[2]: p for p in get_charset_files("*.dcm")}  # they come with pydicom
PER_FRAME = 0x52009230

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")


def tree(ds, path=(), **which):
    """Return the rows of all elements, in pydicom's order."""
    found = []
    for row in elements.rows(ds, path, **which):
        found += [row] if row.tag else []
        found += tree(ds, row.path, **which) if row.children else []
    return found


def by(ds, keyword):
    return next(r for r in tree(ds) if r.keyword == keyword)


def put(ds, tag, vr, data, length=None):
    """Set an element as it comes from a file."""
    ds._dict[Tag(tag)] = RawDataElement(
        Tag(tag), vr, len(data) if length is None else length, data, 0, vr is None, True
    )
    return ds


def parts(found):
    """Return the values of an element as pydicom has them, as texts."""
    several = found if isinstance(found, (MultiValue, list)) else [found]
    return ["" if v is None else str(v).strip(" \0=") for v in several] or [""]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", [*REAL, *sorted(CHARACTER_SETS)])
def test_rows_are_what_pydicom_iterates_over(name, wheel_file):
    path = CHARACTER_SETS.get(name) or wheel_file(name)
    mine = tree(pydicom.dcmread(path))
    expected = list(pydicom.dcmread(path).iterall())
    assert [r.tag for r in mine] == [texts.tag_text(e.tag) for e in expected]
    assert [r.vr for r in mine] == [str(e.VR) for e in expected]
    for row, element in zip(mine, expected, strict=True):
        assert row.private == element.tag.is_private
        assert element.keyword in ("", row.keyword)
        if element.VR == "SQ":
            assert row.children == len(element.value)
        elif element.VR not in texts.BULK:
            assert row.vm in (element.VM, 1), row  # one blank is one value
        if row.vr in TEXTS | texts.PLAIN and not row.cut:
            shown = [row.value] if row.vr in texts.SINGLE else row.value.split("\\")
            assert [p.strip(" =") for p in shown] == [texts.printable(p).strip() for p in parts(element.value)], row


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_expressions_find_what_the_rows_show(wheel_file):
    ds = pydicom.dcmread(wheel_file("rtplan.dcm"))
    for row in tree(ds):
        if row.vr not in texts.BULK and row.vr not in ("SQ", "DS", "FD", "FL"):
            found = eval(elements.expression(row.path), {"ds": ds})
            assert [p.strip() for p in row.value.split("\\")] == parts(found)


def test_an_expression_names_what_has_a_keyword_and_numbers_what_has_none():
    assert elements.expression((0x00081115, 0, 0x0020000D)) == "ds.ReferencedSeriesSequence[0].StudyInstanceUID"
    assert elements.expression((0x00091001, 2, 0x00100010)) == "ds[0x00091001].value[2].PatientName"
    assert elements.expression((0x60000010,)) == "ds[0x60000010].value"


def test_rows_are_frozen():
    with pytest.raises(FrozenInstanceError):
        elements.rows(item(PatientID="1"))[0].value = "2"


def test_a_nested_item_has_its_own_character_set_and_else_that_around_it():
    inner = item(SpecificCharacterSet="ISO_IR 144", PatientName="Люкceмбypг")
    bare = item(PatientName="山田^太郎")
    ds = item(SpecificCharacterSet="ISO_IR 192", PatientName="Müller", ReferencedSeriesSequence=[inner, bare])
    ds = samples.instance(samples.plain(samples.CT, **{e.keyword: e.value for e in ds})).dataset()
    names = [r.value for r in tree(ds) if r.keyword == "PatientName"]
    assert sorted(names) == sorted(["Müller", "Люкceмбypг", "山田^太郎"])


def test_code_extensions_and_what_does_not_decode():
    name = b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B"
    ds = put(put(Dataset(), 0x00080005, "CS", b"\\ISO 2022 IR 87"), 0x00100010, "PN", name)
    assert by(ds, "PatientName").value == "Yamada^Tarou=山田^太郎"
    ds = put(put(Dataset(), 0x00080005, "CS", b"NONSENSE"), 0x00100010, "PN", b"A\xe9")
    assert by(ds, "PatientName").value == "A\ufffd"
    assert by(ds, "SpecificCharacterSet").note == "unknown character set: NONSENSE"


def test_the_second_byte_of_a_character_is_no_separator():
    name = "表^予"  # in Shift JIS and GB 18030 a character may end in the byte of the backslash
    row = by(
        put(put(Dataset(), 0x00080005, "CS", b"ISO_IR 13"), 0x00100010, "PN", name.encode("shift_jis")), "PatientName"
    )
    assert (row.value, row.vm) == (name, 1)


def test_private_elements_have_the_name_and_vr_of_their_creator():
    ds = put(put(Dataset(), 0x00090010, "LO", b"GEMS_IDEN_01"), 0x00091001, None, b"CT01")
    put(ds, 0x00110011, "LO", b"SOMEBODY")
    put(ds, 0x00111101, "UN", b"abc ")
    put(ds, 0x00131101, "UN", b"abc ")
    known, unknown, orphan = (r for r in elements.rows(ds) if r.name != "Private Creator")
    assert (known.name, known.creator, known.vr, known.value) == ("Full fidelity", "GEMS_IDEN_01", "LO", "CT01")
    assert (unknown.name, unknown.creator, unknown.value) == ("Private element", "SOMEBODY", "4 bytes")
    assert orphan.name == "Private element without a creator"
    assert all(r.private for r in elements.rows(ds))
    assert elements.rows(ds, private=False) == []


def test_empty_ones_may_be_left_out_and_levels_come_in_parts():
    ds = item(PatientID="", PatientName="A", ReferencedSeriesSequence=[], StudyID="1")
    assert [r.keyword for r in elements.rows(ds, empty=False)] == ["PatientName", "StudyID"]
    assert elements.count(ds) == 4
    assert elements.count(ds, empty=False) == 2
    assert [r.keyword for r in elements.rows(ds, start=1, stop=3)] == ["PatientName", "PatientID"]


@pytest.mark.parametrize(
    ("vr", "data", "value", "note"),
    [
        ("US", b"\x01\x00\x02\x00\x03", "1\\2\\\ufffd", "1 of its bytes are no whole US"),
        ("FD", b"123", "\ufffd", "3 of its bytes are no whole FD"),
        ("FL", b"\xcd\xcc\xcc\x3d", "0.1", ""),
        ("AT", b"\x10\x00\x10\x00\x01", "(0010,0010)\\\ufffd", "1 of its bytes are no whole tag"),
        ("DS", b"1,5 ", "1,5", "not a decimal number"),
        ("IS", b"1.5 ", "1.5", "not a whole number"),
        ("DA", b"yesterday ", "yesterday", "not a date"),
        ("UI", b"1.2.x\0", "1.2.x", "not a UID"),
        ("CS", b"A\xff\xfe\x00", "A\ufffd\ufffd", "bytes that are no text are shown as \ufffd"),
        ("LO", b"a\x07b\x00", "a\ufffdb", "control characters are shown as \ufffd"),
        ("ZZ", b"abcd", "4 bytes", "unknown VR"),
        ("SQ", b"this is no sequence", "19 bytes", "its bytes cannot be read as items"),
    ],
)
def test_a_wrong_value_is_shown_with_a_note(vr, data, value, note):
    (row,) = elements.rows(put(Dataset(), 0x00091001, vr, data))
    assert (row.value, row.note, row.vr) == (value, note, vr)


@given(
    data=st.binary(max_size=40), terms=st.sampled_from([b"", b"ISO_IR 192", b"\\ISO 2022 IR 87", b"ISO 2022 IR 149"])
)
def test_no_bytes_of_any_vr_do_harm(data, terms):
    ds = put(Dataset(), 0x00080005, "CS", terms)
    for i, vr in enumerate([*texts.NUMBERS, *TEXTS, *texts.PLAIN, *texts.BULK, "AT", "SQ", "ZZ", None]):
        put(ds, 0x00091001 + i, vr, data)
    found = elements.rows(ds)
    assert all((r.note + r.value + r.name).replace("\u200c", "").replace("\u200d", "").isprintable() for r in found)
    assert len(list(search(ds, "Private element"))) == len(found) - 1


def test_a_vr_that_the_standard_does_not_have_for_it_is_noted():
    (row,) = elements.rows(raw(PatientName=("US", b"\x01\x00")))
    assert (row.value, row.note) == ("1", "the Standard says PN")


def test_a_value_that_ends_too_early_is_noted():
    (row,) = elements.rows(put(Dataset(), 0x00100020, "LO", b"47", length=40))
    assert (row.value, row.note) == ("47", "only 2 of 40 bytes are there")


def test_hostile_texts_stay_bounded_single_lines():
    ds = raw(PatientID=("LO", b"<img src=x onerror=alert(1)>\r\n\x1b[31m\xe2\x80\xae" + b"x" * 100_000))
    row = by(ds, "PatientID")
    assert row.value.startswith("<img src=x onerror=alert(1)>")
    assert len(row.value) == elements.SHORT
    assert row.cut
    assert not set("\r\n\x1b\u202e") & set(row.value)
    assert len(elements.value(ds, row.path, 1000)[0]) in (999, 1000)  # two characters end a line


def test_more_of_a_value_keeps_its_lines_and_says_whether_it_goes_on():
    ds = item(TextValue="one\r\ntwo\r\n" * 100)
    assert elements.rows(ds)[0].value.startswith("one  two ")
    assert elements.value(ds, (0x0040A160,), 7) == ("one\ntw", True)
    assert elements.value(ds, (0x0040A160,))[0].count("\n") >= 199


def test_bulk_data_are_a_length_and_never_looked_at():
    class Untouchable(bytes):
        def __getitem__(self, *_):
            raise AssertionError

        def decode(self, *_):
            raise AssertionError

    ds = Dataset()
    for at, vr in ((0x7FE00010, "OW"), (0x00420011, "OB"), (0x00091001, "UN"), (0x56001010, "OF")):
        put(ds, at, vr, Untouchable(5000))
    assert {r.value for r in elements.rows(ds)} == {"5,000 bytes"}
    assert list(search(ds, "nothing")) == []
    assert elements.value(ds, (0x7FE00010,)) == ("5,000 bytes", False)


@pytest.mark.parametrize("syntax", [samples.EXPLICIT, samples.IMPLICIT, samples.BIG_ENDIAN])
def test_without_bulk_long_texts_and_sequences_are_there_and_pixels_are_not(syntax):
    ds = samples.image(samples.ramp(0, 40_000).reshape(200, 200), TextValue="long " * 20_000)
    ds.ReferencedImageSequence = [item(ReferencedSOPInstanceUID="1.2", CodeMeaning="m" * 60) for _ in range(1500)]
    found = without_bulk(samples.instance(ds, syntax))
    assert found.get_item(0x7FE00010, keep_deferred=True).value is None
    assert by(found, "PixelData").value == "80,000 bytes"
    assert by(found, "TextValue").length == 100_000
    assert len(elements.value(found, (0x0040A160,), 200_000)[0]) == len("long " * 20_000) - 1
    assert by(found, "ReferencedImageSequence").children == 1500
    before = by(found, "ReferencedImageSequence").length
    assert before
    assert by(found, "ReferencedImageSequence").length == before


def test_the_bytes_of_encapsulated_pixels_are_counted(session, wheel_file):
    session.load(wheel_file("examples_jpeg2k.dcm"))
    instance = session.store.under(())[0]
    row = by(without_bulk(instance), "PixelData")
    assert row.value == f"{row.length:,} bytes"
    assert HELD < row.length < instance.blob.nbytes


def test_what_cannot_be_read_is_no_dicom(monkeypatch):
    def broken(*_args, **_more):
        raise RecursionError

    made = samples.instance(samples.plain(samples.CT))
    monkeypatch.setattr("dicom_widgets.dicom.tags.bulk.read", broken)
    with pytest.raises(NotDicom):
        without_bulk(made)


@pytest.mark.parametrize("path", [(0x00100010,), (0x00081115, 7), (0x00081115, 0, 0x00100010, 0), (0x00100020, 0)])
def test_a_path_that_leads_nowhere_is_not_found(path):
    ds = item(PatientID="1", ReferencedSeriesSequence=[item(StudyID="1")])
    with pytest.raises(NotFound):
        elements.rows(ds, path)


NESTED = item(
    PatientName="Doe^Jane",
    StudyDate="20240131",
    SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
    ReferencedSeriesSequence=[item(SeriesInstanceUID="1.2.3"), item(SeriesInstanceUID="1.2.4", PatientName="Roe^Jane")],
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("0010,0010", ["ds.PatientName", "ds.ReferencedSeriesSequence[1].PatientName"]),
        ("00100010", ["ds.PatientName", "ds.ReferencedSeriesSequence[1].PatientName"]),
        ("(0010, 0010)", ["ds.PatientName", "ds.ReferencedSeriesSequence[1].PatientName"]),
        ("seriesinstanceuid", [f"ds.ReferencedSeriesSequence[{i}].SeriesInstanceUID" for i in (0, 1)]),
        ("Patient's Name roe", ["ds.ReferencedSeriesSequence[1].PatientName"]),
        ("20240131", ["ds.StudyDate"]),
        ("CT Image Storage", ["ds.SOPClassUID"]),
        ("Referenced Series", ["ds.ReferencedSeriesSequence"]),
        ("nothing of that", []),
        ("  ", []),
    ],
)
def test_elements_are_found_by_tag_keyword_name_and_value_at_all_depths(words, expected):
    found = [elements.expression(r.path) for r in search(NESTED, words)]
    assert sorted(found) == sorted(expected)


def test_an_item_says_what_its_code_means():
    ds = item(AnatomicRegionSequence=[item(CodeValue="T-D1100", CodeMeaning="Head")])
    (row,) = elements.rows(ds, (0x00082218,))
    assert (row.name, row.value, row.children, row.tag) == ("Item 1", "Head", 2, "")


def frames(count):
    one = samples.plain(samples.PREFIX + "2.1")
    one.PerFrameFunctionalGroupsSequence = [
        item(
            FrameContentSequence=[item(StackID="1", InStackPositionNumber=i + 1, DimensionIndexValues=[1, i + 1])],
            PlanePositionSequence=[item(ImagePositionPatient=[0, 0, i])],
            PixelMeasuresSequence=[item(PixelSpacing=[1, 1], SliceThickness=1)],
        )
        for i in range(count)
    ]
    return one


@pytest.mark.parametrize("undefined", [False, True])
def test_two_thousand_frames_open_at_once(undefined):
    ds = frames(2000)
    for element in ds.iterall():
        element.is_undefined_length = undefined and element.VR == "SQ"
    instance = samples.instance(ds)
    start = time.process_time()
    found = without_bulk(instance)
    assert elements.rows(found)[-1].value == "2,000 items"
    assert len(elements.rows(found, (PER_FRAME,), stop=200)) == 200
    (row,) = elements.rows(found, (PER_FRAME, 1999, 0x00209113, 0))
    assert row.value == "0.0\\0.0\\1999.0"
    opened = time.process_time() - start
    assert len(list(search(found, "ImagePositionPatient"))) == 2000
    assert opened < 3  # seconds of the processor; it takes a tenth of it
