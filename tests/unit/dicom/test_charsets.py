"""Texts in every character set: the Standard's examples byte by byte, wrong spellings, wrong bytes; never an exception.

Warnings are errors here, so that none of pydicom's gets through.
"""

from __future__ import annotations

import copy
import pickle
import re
import subprocess
import warnings
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread, dcmwrite
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag
from pynetdicom import AE, evt

import dicom_widgets as dw
from dicom_widgets.dicom.blob import Blob
from dicom_widgets.dicom.charsets import MARK, decode_text, encodings_of, note, unknown
from dicom_widgets.dicom.conformance import BIG_ENDIAN, CHARACTER_SETS, EXPLICIT, FIND, FURTHER_CHARACTER_SETS, IMPLICIT
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.dicom.readable import Readable, quiet, read, readable
from dicom_widgets.dicom.values import items, listed, text
from tests import samples

ESC = b"\x1b"


def element(tag: int, vr: str, data: bytes, syntax: str = EXPLICIT) -> bytes:
    """Return an element of a short VR, or a sequence, in the bytes of a transfer syntax."""
    data += (b"\0" if vr == "UI" else b" ") * (len(data) % 2)
    order = "big" if syntax == BIG_ENDIAN else "little"
    head = b"".join(part.to_bytes(2, order) for part in (tag >> 16, tag & 0xFFFF))
    if syntax == IMPLICIT:
        return head + len(data).to_bytes(4, order) + data
    if vr in ("SQ", "UT"):
        return head + vr.encode() + b"\0\0" + len(data).to_bytes(4, order) + data
    return head + vr.encode() + len(data).to_bytes(2, order) + data


def item_of(*parts: bytes) -> bytes:
    data = b"".join(parts)
    return b"\xfe\xff\x00\xe0" + len(data).to_bytes(4, "little") + data


def encoded(terms: bytes | None, name: bytes, description: bytes = b"", syntax: str = EXPLICIT) -> bytes:
    """Return the data set of an instance with these texts, without using pydicom."""
    return b"".join(
        [
            element(0x00080005, "CS", terms, syntax) if terms is not None else b"",
            element(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.7", syntax),
            element(0x00080018, "UI", b"1.2.3.4", syntax),
            element(0x00081030, "LO", description, syntax),
            element(0x00100010, "PN", name, syntax),
        ]
    )


def instance(terms: bytes | None, name: bytes, description: bytes = b"", syntax: str = EXPLICIT) -> Instance:
    return Instance(Blob.of(encoded(terms, name, description, syntax), syntax))


def name_of(terms: bytes | None, name: bytes) -> str:
    return str(instance(terms, name).value("PatientName"))


# --- the defined terms

SINGLE_BYTE = {
    # term without code extensions: hexadecimal bytes, what they are in the code table of ISO 8859, TIS 620, JIS X 0201
    "ISO_IR 100": ("C4 6E 65 61 73 5E 52 FC 64 69 67 65 72", "Äneas^Rüdiger"),  # PS3.5 6.1.2.3
    "ISO_IR 101": ("57 61 B3 EA 73 61 5E A3 75 6B 61 73 7A", "Wałęsa^Łukasz"),
    "ISO_IR 109": ("A6 75 F1 6E 5E A9", "Ĥuñn^İ"),
    "ISO_IR 110": ("A2 F0 5E BD BF", "ĸđ^Ŋŋ"),
    "ISO_IR 144": ("BB EE DA 63 65 DC D1 79 70 D3", "Люкceмбypг"),
    "ISO_IR 127": ("E2 C8 C7 E6 EA 5E E4 E6 D2 C7 D1", "قباني^لنزار"),
    "ISO_IR 126": ("C4 E9 EF ED F5 F3 E9 EF F2", "Διονυσιος"),
    "ISO_IR 138": ("F9 F8 E5 EF 5E E3 E1 E5 F8 E4", "שרון^דבורה"),
    "ISO_IR 148": ("C7 61 76 75 FE 6F F0 6C 75 5E DD 73", "Çavuşoğlu^İs"),
    "ISO_IR 166": ("B9 D2 C1 CA A1 D8 C5", "นามสกุล"),
    "ISO_IR 13": ("D4 CF C0 DE 5E C0 DB B3", "ﾔﾏﾀﾞ^ﾀﾛｳ"),  # PS3.5 H.3.2
    "ISO_IR 203": ("A4 5E BC BD", "€^Œœ"),
}
ESCAPES = {  # PS3.3 Table C.12-3
    "100": "1B 2D 41",
    "101": "1B 2D 42",
    "109": "1B 2D 43",
    "110": "1B 2D 44",
    "144": "1B 2D 4C",
    "127": "1B 2D 47",
    "126": "1B 2D 46",
    "138": "1B 2D 48",
    "148": "1B 2D 4D",
    "166": "1B 2D 54",
    "13": "1B 29 49",
    "203": "1B 2D 62",
}
WHOLE = {
    # Specific Character Set, name, what it is: PS3.5 Annexes H.3.1, H.3.2, I.2, J.3, J.4, K.2
    "H.3.1": (
        b"\\ISO 2022 IR 87",
        (
            "59 61 6D 61 64 61 5E 54 61 72 6F 75 3D 1B 24 42 3B 33 45 44 1B 28 42 5E 1B 24 42 42 40 4F 3A 1B 28 42 3D"
            "1B 24 42 24 64 24 5E 24 40 1B 28 42 5E 1B 24 42 24 3F 24 6D 24 26 1B 28 42"
        ),
        "Yamada^Tarou=山田^太郎=やまだ^たろう",
    ),
    "H.3.2": (
        b"ISO 2022 IR 13\\ISO 2022 IR 87",
        (
            "D4 CF C0 DE 5E C0 DB B3 3D 1B 24 42 3B 33 45 44 1B 28 4A 5E 1B 24 42 42 40 4F 3A 1B 28 4A 3D"
            "1B 24 42 24 64 24 5E 24 40 1B 28 4A 5E 1B 24 42 24 3F 24 6D 24 26 1B 28 4A"
        ),
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    ),
    "I.2": (
        b"\\ISO 2022 IR 149",
        (
            "48 6F 6E 67 5E 47 69 6C 64 6F 6E 67 3D 1B 24 29 43 FB F3 5E 1B 24 29 43 D1 CE D4 D7 3D"
            "1B 24 29 43 C8 AB 5E 1B 24 29 43 B1 E6 B5 BF"
        ),
        "Hong^Gildong=洪^吉洞=홍^길동",
    ),
    "J.3": (
        b"ISO_IR 192",
        "57 61 6E 67 5E 58 69 61 6F 44 6F 6E 67 3D E7 8E 8B 5E E5 B0 8F E6 9D B1 3D",
        "Wang^XiaoDong=王^小東",
    ),
    "J.4": (
        b"GB18030",
        "57 61 6E 67 5E 58 69 61 6F 44 6F 6E 67 3D CD F5 5E D0 A1 B6 AB 3D",
        "Wang^XiaoDong=王^小东",
    ),
    "K.2": (
        b"\\ISO 2022 IR 58",
        "5A 68 61 6E 67 5E 58 69 61 6F 44 6F 6E 67 3D 1B 24 29 41 D5 C5 5E 1B 24 29 41 D0 A1 B6 AB 3D",
        "Zhang^XiaoDong=张^小东",
    ),
    "JIS X 0212": (b"\\ISO 2022 IR 87\\ISO 2022 IR 159", "41 3D 1B 24 28 44 30 21 1B 28 42", "A=丂"),
    "GBK": (b"GBK", "57 61 6E 67 5E 58 69 61 6F 44 6F 6E 67 3D CD F5 5E D0 A1 96 7C 3D", "Wang^XiaoDong=王^小東"),
}


@pytest.mark.parametrize("term", SINGLE_BYTE)
def test_a_single_byte_set_is_decoded_without_code_extensions(term):
    data, expected = SINGLE_BYTE[term]
    assert name_of(term.encode(), bytes.fromhex(data)) == expected


@pytest.mark.parametrize("number", ESCAPES)
def test_a_single_byte_set_is_switched_to_by_its_escape_sequence(number):
    data, expected = SINGLE_BYTE[f"ISO_IR {number}"]
    again = bytes.fromhex(ESCAPES[number])
    name = b"Roman^A=" + again + bytes.fromhex(data).replace(b"^", b"^" + again)
    term = f"\\ISO 2022 IR {number}".encode()
    assert name_of(term, name) == f"Roman^A={expected}"
    assert name_of(f"ISO 2022 IR {number}".encode(), bytes.fromhex(data)) == expected


@pytest.mark.parametrize("example", WHOLE)
def test_the_examples_of_the_standard_are_decoded_in_each_component_group(example):
    terms, data, expected = WHOLE[example]
    assert name_of(terms, bytes.fromhex(data)).rstrip("=") == expected


def test_each_declared_term_has_an_example_here():
    numbers = {re.sub(r"\D+", " ", t).split()[-1] for t in SINGLE_BYTE} | {"87", "149", "58", "159", "192", "6"}
    for term in CHARACTER_SETS | FURTHER_CHARACTER_SETS:
        assert term in ("GB18030", "GBK") or term.split()[-1] in numbers, term


@pytest.mark.parametrize(
    ("terms", "name", "expected"),
    [
        (b"ISO_IR 100", "Äneas^Rüdiger".encode("latin-1"), "Äneas^Rüdiger"),
        (b"\\ISO 2022 IR 87", bytes.fromhex(WHOLE["H.3.1"][1]), WHOLE["H.3.1"][2]),
        (b"\\ISO 2022 IR 149", bytes.fromhex(WHOLE["I.2"][1]), WHOLE["I.2"][2]),
        (b"ISO-IR 126", "Ελένη".encode("iso8859-7"), "Ελένη"),
        (b"NOTHING", b"D\xe4", f"D{MARK}"),
    ],
)
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN])
def test_index_attributes_and_data_set_agree_in_every_syntax(terms, name, expected, syntax):
    found = instance(terms, name, name.replace(b"^", b" ") if ESC not in name else b"", syntax)
    for ds in (found.header, found.attributes(), found.dataset()):
        assert str(ds.PatientName) == str(ds[0x00100010].value) == str(ds["PatientName"].value) == expected
        assert ds.get((0x0010, 0x0010)).VR == "PN"


# --- code extensions


def test_several_values_are_divided_after_they_are_decoded():
    """0x5C is the second byte of characters in Shift-JIS, GBK, GB18030 and JIS X 0208."""
    shift_jis = b"\x83\x5c\x95\x5c"
    assert shift_jis.decode("shift_jis") == "ソ表"
    found = instance(b"ISO_IR 13", b"A", shift_jis + b"\\" + shift_jis)
    assert listed(found.header, "StudyDescription") == ["ソ表", "ソ表"]
    for codec, term in (("gb18030", b"GB18030"), ("gbk", b"GBK")):
        data = b"\x81\x5c\x84\x5c"
        assert data.count(b"\\") == 2
        found = instance(term, data + b"^" + data, data + b"\\" + data)
        assert listed(found.header, "StudyDescription") == [data.decode(codec)] * 2
        assert str(found.value("PatientName")) == "^".join([data.decode(codec)] * 2)
    jis = ESC + b"$B\x25\x5c\x5c\x5c" + ESC + b"(B"
    expected = jis.decode("iso2022_jp")
    found = instance(b"\\ISO 2022 IR 87", jis, jis + b"\\" + jis)
    assert listed(found.header, "StudyDescription") == [expected, expected]
    assert str(found.value("PatientName")) == expected


def test_circumflex_and_equals_sign_are_bytes_of_japanese_characters():
    jis = ESC + b"$B\x3d\x3d\x5e\x5e" + ESC + b"(B"
    assert name_of(b"\\ISO 2022 IR 87", b"A=" + jis) == "A=" + jis.decode("iso2022_jp")


@pytest.mark.parametrize(
    ("vr", "delimiter", "ends"),
    [
        *(("PN", d, True) for d in b"\\^=\t\n\f\r"),
        *(("LO", d, d not in b"^=") for d in b"\\^=\t\n\f\r"),
        *(("UT", d, d not in b"\\^=") for d in b"\\^=\t\n\f\r"),
    ],
)
def test_a_delimiter_ends_a_code_extension(vr, delimiter, ends):
    """PS3.5 6.1.2.5.3; 0xC4 is Ä in Latin-1, Δ in Greek."""
    said = decode_text(ESC + b"-F\xc4" + bytes([delimiter]) + b"\xc4", ("latin-1", "iso8859-7"), vr)
    assert said == "Δ" + chr(delimiter) + ("Ä" if ends else "Δ")


def test_the_two_halves_of_the_code_table_are_switched_independently():
    """ESC 02/08 04/02 brings ASCII back into G0; what is in G1 stays."""
    said = decode_text(b"\xc4 " + ESC + b"$B;3" + ESC + b"(B \xc4", ("iso8859-7", "iso2022_jp"))
    assert said == "Δ 山 Δ"
    mixed = ESC + b")I" + ESC + b"$B;3\xd4" + ESC + b"(J\xd4"
    assert decode_text(mixed, ("ascii", "shift_jis", "iso2022_jp")) == "山ﾔﾔ"


def test_an_escape_sequence_counts_although_its_set_is_not_declared():
    assert name_of(None, bytes.fromhex(WHOLE["I.2"][1])) == WHOLE["I.2"][2]
    assert name_of(b"ISO_IR 100", bytes.fromhex(WHOLE["H.3.1"][1])) == WHOLE["H.3.1"][2]
    assert name_of(b"ISO 2022 IR 87", bytes.fromhex(WHOLE["H.3.1"][1])) == WHOLE["H.3.1"][2]


# --- spellings


@pytest.mark.parametrize(
    ("spellings", "data", "expected"),
    [
        (
            ["ISO_IR 100", "ISO-IR 100", "ISO_IR_100", "ISO IR 100", "iso_ir 100", "ISO_IR100", "ISO-IR-100", "IR 100",
            "ISO 2022 IR 100", "ISO_2022_IR_100", "ISO-2022-IR-100", "ISO8859-1", "iso_8859-1", " ISO_IR 100 "],
            b"M\xfcller",
            "Müller",
        ),
        (["ISO_IR 126", "ISO-IR 126", "iso 8859-7", "ISO2022IR126"], b"\xc4", "Δ"),
        (["ISO_IR 192", "UTF-8", "utf8", "UTF_8", "ISO-IR 192", "ISO 2022 IR 192"], "Łucja".encode(), "Łucja"),
        (["ISO_IR 192\\ISO 2022 IR 87", "ISO_IR 192\\"], "é".encode(), "é"),
        (["GB18030", "gb18030", "GB 18030", "GB_18030"], "东".encode("gb18030"), "东"),
        (["GBK", "gbk", "ISO 2022 GBK"], "东".encode("gbk"), "东"),
        (["\\ISO 2022 IR 58", "ISO 2022 58", "\\ISO_2022_IR_58"], ESC + b"$)A\xb6\xab", "东"),
        (["ISO 2022 IR 6\\ISO 2022 IR 87", "ISO_2022_IR_6\\ISO_2022_IR_87", "ISO_IR 6\\ISO-2022-IR-87",
          "\\ISO 2022 IR 87\\GB18030"], ESC + b"$B;3" + ESC + b"(B", "山"),
        (["ISO_IR 6", "ISO 2022 IR 6", "ISO_2022_IR_6", "ISO-IR 6", "", " ", "\0"], b"M\xfcller", "Müller"),
    ],
)  # fmt: skip
def test_wrong_spellings_are_understood(spellings, data, expected):
    for spelling in spellings:
        assert name_of(spelling.encode(), data) == expected, spelling
        assert not unknown(instance(spelling.encode(), data).header), spelling


def test_what_the_object_says_of_its_character_set_is_not_changed():
    found = instance(b"ISO-IR 100", b"M\xfcller")
    assert found.header.SpecificCharacterSet == found.dataset().SpecificCharacterSet == "ISO-IR 100"


# --- what does not decode


@pytest.mark.parametrize(
    ("terms", "name", "shown"),
    [
        (b"ISO_IR 192", b"M\xfcller", f"M{MARK}ller"),
        (b"ISO_IR 138", b"\xf9\xd9", f"ש{MARK}"),  # 0xD9 is not used in ISO 8859-8
        (b"ISO_IR 100", b"D\x92Or", f"D{MARK}Or"),  # a control character: somebody meant Windows-1252
        (b"GB18030", b"\xcd", MARK),
        (b"\\ISO 2022 IR 149", b"\xfb\xf3", MARK * 2),  # Korean, but nobody has switched to it
        (b"\\ISO 2022 IR 87", ESC + b"$B;", None),  # half a character
        (b"\\ISO 2022 IR 87", b"A" + ESC + b"$Z;3", None),
        (b"\\ISO 2022 IR 87", b"A" + ESC, f"A{MARK}"),
        (b"NONSENSE", b"D\xe4^J", f"D{MARK}^J"),
        (b"ISO_IR 999", b"D\xe4", f"D{MARK}"),
        (b"rot13", b"D\xe4", f"D{MARK}"),
        (b"\xff\xfe", b"D\xe4", f"D{MARK}"),
        (b"IR" * 5000, b"D\xe4", f"D{MARK}"),
        (b"ISO_IR 192", b"A" + ESC + b"[31m", f"A{MARK}[31m"),
    ],
)
def test_bytes_that_are_no_text_are_marked_and_there_is_a_note(terms, name, shown):
    found = instance(terms, name, name)
    for ds in (found.header, found.attributes(), found.dataset()):
        said = str(ds.PatientName)
        assert MARK in said
        assert said == shown or shown is None
        assert str(ds.StudyDescription) == said
        assert MARK in text(ds.PatientName)
        assert note(said)
    assert not note("Müller")


@pytest.mark.parametrize(
    ("terms", "expected"),
    [(b"NONSENSE", ["NONSENSE"]), (b"ISO_IR 100\\X ", ["X"]), (b"ISO-IR 100\\", []), (b"", []), (None, [])],
)
def test_terms_that_nobody_knows_are_named(terms, expected):
    assert unknown(instance(terms, b"A").header) == expected


@given(terms=st.binary(max_size=40), name=st.binary(max_size=40), extended=st.booleans())
def test_no_bytes_at_all_lead_to_an_exception(terms, name, extended):
    if extended:
        name = name.replace(b"a", ESC + b"$B").replace(b"b", ESC + b"$)C").replace(b"c", ESC + b"(")
    ds = readable(samples.raw(SpecificCharacterSet=("CS", terms)))
    for vr in ("PN", "LO", "UT"):
        said = decode_text(name, encodings_of(ds), vr)
        assert ESC.decode() not in said
        said.encode()  # no lone surrogates
    assert isinstance(unknown(ds), list)


@pytest.mark.parametrize("terms", [t.encode() for t in CHARACTER_SETS | FURTHER_CHARACTER_SETS])
def test_every_byte_in_every_set_gives_a_text(terms):
    for lead in (b"", ESC + b"$B", ESC + b"$)C", ESC + b")I"):
        for byte in range(256):
            ds = readable(samples.raw(SpecificCharacterSet=("CS", terms)))
            assert isinstance(decode_text(lead + bytes([byte]), encodings_of(ds)), str)


def test_filters_of_warnings_are_left_as_others_set_them():
    before = list(warnings.filters)
    with quiet(), quiet():
        warnings.warn("Unknown encoding 'X' - using default encoding instead", stacklevel=1)
        warnings.filterwarnings("ignore", "set meanwhile")
    assert list(warnings.filters[1:]) == before
    with pytest.raises(UserWarning, match="Unknown"):
        warnings.warn("Unknown encoding 'X' - using default encoding instead", stacklevel=1)
    with pytest.raises(UserWarning, match="other"), quiet():
        warnings.warn("other", stacklevel=1)


# --- sequences


NESTED = {
    "its own set": (b"ISO_IR 144", "Люк".encode("iso8859-5"), "Люк"),
    "misspelt": (b"ISO-IR 144", "Люк".encode("iso8859-5"), "Люк"),
    "unknown": (b"NONSENSE", b"\xe4", MARK),
    "of several": (b"\\ISO 2022 IR 87", ESC + b"$B;3" + ESC + b"(B", "山"),
    "inherited": (None, "Δ".encode("iso8859-7"), "Δ"),
    "empty": (b"", "Δ".encode("iso8859-7"), "Δ"),
}


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("undefined", [False, True])
def test_an_item_has_its_own_character_set_or_that_around_it(kind, undefined):
    """PS3.5 7.5.3; at both levels of nesting, for sequences of defined and undefined length."""
    terms, data, expected = NESTED[kind]
    own = element(0x00080005, "CS", terms) if terms is not None else b""
    words = element(0x00080104, "LO", data)

    def sequence(tag: int, inside: bytes) -> bytes:
        if not undefined:
            return element(tag, "SQ", inside)
        return element(tag, "SQ", b"")[:-4] + b"\xff\xff\xff\xff" + inside + b"\xfe\xff\xdd\xe0\0\0\0\0"

    inner = sequence(0x00400255, item_of(words))
    outer = sequence(0x00321064, item_of(own, words, inner))
    data = encoded(b"ISO_IR 126", "Ελένη".encode("iso8859-7")) + outer
    found = Instance(Blob.of(data, EXPLICIT))
    for ds in (found.attributes(), found.dataset()):
        (one,) = items(ds, "RequestedProcedureCodeSequence")
        assert one.CodeMeaning == ds.RequestedProcedureCodeSequence[0].CodeMeaning == expected
        assert one[0x00400255].value[0].CodeMeaning == expected
        assert str(ds.PatientName) == "Ελένη"
        assert [e.value for e in ds.iterall() if e.keyword == "CodeMeaning"] == [expected, expected]


# --- against others


def test_real_files_read_as_pydicom_reads_them(data):
    seen = 0
    for path in sorted((data / "charset").rglob("*.dcm")):
        if path.name == "chrGB2312.dcm":
            continue  # pydicom leaves the escape sequences in the text
        theirs = dcmread(path, force=True)
        blob = samples.blob(theirs)
        ours = read(blob.open(), blob.transfer_syntax.is_implicit_VR, blob.transfer_syntax.is_little_endian)
        expected = [(e.tag, e.VR, e.VM, e.value) for e in theirs if e.tag.element]  # group lengths are not written
        assert [(e.tag, e.VR, e.VM, e.value) for e in ours] == expected
        assert ours.original_character_set == ours._character_set  # so pydicom knows it for unchanged
        seen += 1
    assert seen > 15


def test_a_file_in_gb2312(data):
    ds = dcmread(data / "charset" / "chrGB2312.dcm")
    assert str(samples.instance(ds).value("PatientName")) == "Zhang^XiaoDong=张^小东"


FOR_DCMDUMP = {
    **{term: (term.encode(), bytes.fromhex(data)) for term, (data, _) in SINGLE_BYTE.items()},
    **{example: (terms, bytes.fromhex(data)) for example, (terms, data, _) in WHOLE.items()},
}
for example in ("ISO_IR 203", "H.3.1", "H.3.2", "JIS X 0212"):  # not in DCMTK, or not where it uses iconv of glibc
    del FOR_DCMDUMP[example]


@pytest.mark.parametrize("example", FOR_DCMDUMP)
def test_dcmdump_says_the_same(dcmtk, tmp_path, example):
    terms, name = FOR_DCMDUMP[example]
    path = tmp_path / "dataset"
    path.write_bytes(encoded(terms, name))
    done = subprocess.run(
        [dcmtk("dcmdump"), "-f", "-te", "+U8", "+P", "0010,0010", path], capture_output=True, timeout=30, check=False
    )
    told = re.search(r"PN \[(.*?)\]", done.stdout.decode())
    assert told is not None, done.stderr
    assert told[1].rstrip(" =") == name_of(terms, name)


# --- everywhere


def test_what_was_loaded_is_written_as_it_was():
    data = encoded(b"\\ISO 2022 IR 87", bytes.fromhex(WHOLE["H.3.1"][1]), b"x")
    ds = Instance(Blob.of(data, EXPLICIT)).dataset()
    assert str(ds.PatientName) == WHOLE["H.3.1"][2]
    out = BytesIO()
    dcmwrite(out, ds, implicit_vr=False, little_endian=True)
    again = dcmread(BytesIO(out.getvalue()), force=True)
    assert str(again.PatientName) == WHOLE["H.3.1"][2]
    assert type(copy.deepcopy(ds)) is Readable
    assert copy.deepcopy(ds) == ds == pickle.loads(pickle.dumps(ds))
    assert again == ds == again
    assert ds != samples.item(PatientName="A")
    assert ds != "a text"


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize(
    ("terms", "name", "shown"),
    [
        (b"ISO-IR 126", "Ελένη".encode("iso8859-7"), "Ελένη"),
        (b"utf-8", "Łucja=例".encode(), "Łucja=例"),
        (b"NONSENSE", b"D\xe4", f"D{MARK}"),
        (b"ISO_IR 192", b"D\xe4", f"D{MARK}"),
        (b"\\ISO_2022_IR_149", bytes.fromhex(WHOLE["I.2"][1]), WHOLE["I.2"][2]),
    ],
)
def test_answers_of_a_peer_and_their_tables(monkeypatch, terms, name, shown, syntax):
    """The peer sends these bytes; pynetdicom hands them to pydicom as they come."""
    parts = ((0x00080005, "CS", terms), (0x00081030, "LO", name), (0x00100010, "PN", name), (0x0020000D, "UI", b"1.2"))
    sent = b"".join(element(*part, syntax) for part in parts)
    monkeypatch.setattr("pynetdicom.service_class.encode", lambda *_, **__: sent)

    def answer(_event):
        yield 0xFF00, samples.item(PatientID="1")

    ae = AE("PEER")
    ae.add_supported_context(FIND, syntax)
    server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_FIND, answer)])
    try:
        remote = dw.RemoteAE("PEER", "127.0.0.1", server.server_address[1])
        with dw.Session(listen_port=0) as session:
            found = session.find(remote)
    finally:
        server.shutdown()
    (study,) = found
    assert str(study.PatientName) == shown
    assert list(found.to_dataframe()["PatientName"]) == [text(study.PatientName)]
    assert study.StudyDescription == shown
    assert f"<td>{shown}</td>" in found._repr_html_()


def test_wrong_bytes_in_the_title_and_corners_of_an_image():
    ds = samples.image(np.zeros((4, 4), np.uint8), samples.SC)
    for keyword, vr, data in (("SpecificCharacterSet", "CS", b"utf-8"), ("PatientName", "PN", b"D\xe4^J=\xe5\xb1\xb1")):
        tag = Tag(keyword)
        ds._dict[tag] = RawDataElement(tag, vr, len(data), data, 0, False, True)
    one = samples.instance(ds)
    picture = dw.Session(listen_port=0).present(one)
    assert picture.texts["tl"][0] == f"D{MARK}, J (山)"
