"""The Conformance Statement as data, against lists typed from its text."""

from __future__ import annotations

import pytest
from pydicom.datadict import keyword_dict, tag_for_keyword
from pydicom.uid import UID, UID_dictionary

from dicom_widgets import conformance
from tests.samples import PREFIX

CLASSES = """
1 1.1 1.2 1.3 104.1 11.1 11.4 12.1 12.2 128 13.1.3 131 14.1 2 2.1 20 3 3.1 4 4.1 481.2 481.3 481.5 6 6.1 6.2 66.1 66.4
7 7.4 77.1.1 77.1.4 77.1.5.1 88.11 88.22 88.33 88.35 88.50 88.59 88.65 88.67 88.68 9.1.1 9.1.2 9.3.1
""".split()
IMAGES = """
1 1.1 1.2 1.3 12.1 12.2 128 13.1.3 14.1 2 2.1 20 3 3.1 4 4.1 6 6.1 6.2 7 7.4 77.1.1 77.1.4 77.1.5.1
""".split()
SYNTAXES = """
1.2.840.10008.1.2 1.2.840.10008.1.2.1 1.2.840.10008.1.2.4.50 1.2.840.10008.1.2.4.51 1.2.840.10008.1.2.4.57
1.2.840.10008.1.2.4.70 1.2.840.10008.1.2.4.80 1.2.840.10008.1.2.4.90 1.2.840.10008.1.2.4.91
""".split()
TABLE_4 = {  # tag -> matching, as printed
    0x00080020: "S*UR",
    0x00080030: "S*UR",
    0x00080050: "S*U",
    0x00100010: "S*U",
    0x00100020: "S*U",
    0x00200010: "S*U",
    0x0020000D: "K",
    0x00080061: "S*U",
    0x00080062: "U",
    0x00201208: "U",
    0x00080090: "S*U",
    0x00081030: "S*U",
    0x00081032: "U",
    0x00081110: "U",
    0x00081120: "U",
    0x00100021: "S*U",
    0x00100030: "S*UR",
    0x00100032: "S*UR",
    0x00100040: "S*U",
}
TABLE_5 = {
    0x00080060: "S*U",
    0x0008103E: "S*U",
    0x0020000E: "K",
    0x00200011: "S*U",
    0x00201209: "U",
    0x00400244: "U",
    0x00400245: "U",
    0x00080021: "S*UR",
    0x00400275: "U",
    0x0040A370: "U",
}
TABLE_6 = {
    0x00080018: "S*U",
    0x00080016: "S*U",
    0x00080056: "S*U",
    0x00200013: "S*U",
    0x00280010: "U",
    0x00280011: "U",
    0x00280100: "U",
    0x00280008: "U",
    0x00080023: "S*UR",
    0x00080033: "S*UR",
    0x0040A370: "U",
    0x0040A504: "U",
    0x0040A043: "U",
}
LETTERS = {"S": "single", "*": "wildcard", "U": "universal", "R": "range", "K": "unique"}
CHARACTER_SETS = """
ISO_IR 100,ISO_IR 101,ISO_IR 109,ISO_IR 110,ISO_IR 144,ISO_IR 127,ISO_IR 126,ISO_IR 138,ISO 2022 IR 13,ISO 2022 IR 87,
ISO 2022 IR 149
""".replace("\n", "").split(",")


def test_the_storage_classes_are_the_45_of_the_overview():
    assert len(CLASSES) == 45
    assert set(conformance.STORAGE) == {PREFIX + c for c in CLASSES}
    assert all(uid == c.uid for uid, c in conformance.STORAGE.items())


def test_24_of_them_are_images():
    images = {uid for uid, c in conformance.STORAGE.items() if c.kind == "image"}
    assert len(IMAGES) == 24
    assert images == {PREFIX + c for c in IMAGES}


@pytest.mark.parametrize(
    ("kind", "suffixes"),
    [
        ("presentation state", "11.1"),
        ("blending", "11.4"),
        ("segmentation", "66.4"),
        ("structure set", "481.3"),
        ("dose", "481.2"),
        ("plan", "481.5"),
        ("registration", "66.1"),
        ("structured display", "131"),
        ("report", "88.11 88.22 88.33 88.35 88.50 88.65 88.67 88.68"),
        ("key objects", "88.59"),
        ("document", "104.1"),
        ("waveform", "9.1.1 9.1.2 9.3.1"),
    ],
)
def test_the_kind_of_the_others(kind, suffixes):
    assert {u for u, c in conformance.STORAGE.items() if c.kind == kind} == {PREFIX + s for s in suffixes.split()}


def test_p_value_output_is_said_of_presentation_classes_only():
    """GP8 a: SC and the DX family (MG, IO), tomosynthesis, IVOCT for presentation, visible light."""
    expected = "1.1 1.2 1.3 13.1.3 14.1 7 7.4 77.1.1 77.1.4 77.1.5.1".split()
    assert {u for u, c in conformance.STORAGE.items() if c.p_values} == {PREFIX + s for s in expected}


@pytest.mark.parametrize("uid", sorted(PREFIX + c for c in CLASSES))
def test_names_are_those_of_the_standard(uid):
    """Apart from typography: pydicom's dictionary is made from PS3.6 Table A-1."""

    def bare(name: str) -> str:
        return "".join(c for c in name.casefold() if c.isalnum())

    ours, theirs = bare(conformance.storage_name(uid)), bare(UID(uid).name)
    assert ours.removesuffix("retired") == theirs.removesuffix("retired")
    assert (UID_dictionary[uid][3] == "Retired") == ours.endswith("retired")


def test_the_nine_transfer_syntaxes_explicit_before_implicit():
    assert len(SYNTAXES) == 9
    assert sorted(conformance.TRANSFER_SYNTAXES) == sorted(SYNTAXES)
    assert list(conformance.TRANSFER_SYNTAXES[:2]) == ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]
    assert all(UID(u).is_transfer_syntax for u in conformance.TRANSFER_SYNTAXES)


@pytest.mark.parametrize(
    ("level", "table", "also"),
    [
        ("STUDY", TABLE_4, {"NumberOfStudyRelatedSeries": "U"}),
        ("SERIES", TABLE_5, {}),
        ("IMAGE", TABLE_6, {}),
    ],
)
def test_query_keys_and_their_matching(level, table, also):
    """Tables 4, 5 and 6; the level's own UID is the unique key, above it come the parents' UIDs (PS3.4 C.4.1)."""
    expected = {tag: {LETTERS[c] for c in code} for tag, code in table.items()}
    expected |= {tag_for_keyword(k): {LETTERS[c] for c in code} for k, code in also.items()}
    found = {tag_for_keyword(k): set(kinds) for k, kinds in conformance.KEYS[level].items()}
    unique = tag_for_keyword(conformance.UNIQUE_KEYS[level])
    assert "unique" in found[unique]
    found[unique], expected[unique] = found[unique] - {"unique"}, expected[unique] - {"unique"}
    assert found == expected


def test_every_keyword_is_known_to_the_dictionary():
    assert {k for keys in conformance.KEYS.values() for k in keys} <= set(keyword_dict)


def test_the_unique_keys_of_the_levels():
    assert dict(conformance.UNIQUE_KEYS) == {
        "STUDY": "StudyInstanceUID",
        "SERIES": "SeriesInstanceUID",
        "IMAGE": "SOPInstanceUID",
    }
    assert conformance.LEVELS == ("STUDY", "SERIES", "IMAGE")


def test_the_eleven_character_sets_of_table_17():
    assert len(CHARACTER_SETS) == 11
    assert set(conformance.CHARACTER_SETS) == set(CHARACTER_SETS)


def test_the_association_policies():
    assert conformance.MAXIMUM_PDU == 16 * 1024
    assert UID(conformance.IMPLEMENTATION_CLASS_UID).is_valid
    assert len(conformance.IMPLEMENTATION_CLASS_UID) <= 64
    assert 0 < len(conformance.IMPLEMENTATION_VERSION_NAME) <= 16


def test_a_class_outside_is_named_by_the_standard_or_by_its_uid():
    """X4."""
    assert conformance.storage_name("1.2.840.10008.5.1.4.1.1.4.2") == "MR Spectroscopy Storage"
    assert conformance.storage_name("1.2.3") == "1.2.3"
    assert conformance.syntax_name("1.2.840.10008.1.2.5") == "RLE Lossless"
