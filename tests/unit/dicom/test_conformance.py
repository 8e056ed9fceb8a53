"""The Conformance Statement as data, against lists typed from its text."""

from __future__ import annotations

import pytest
from pydicom.datadict import dictionary_VR, keyword_dict
from pydicom.uid import UID, UID_dictionary

from dicom_widgets.dicom import conformance
from tests import statement
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
LETTERS = {"S": "single", "*": "wildcard", "U": "universal", "R": "range", "UNIQUE": "unique"}


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
        ("STUDY", "Table 4", {"NumberOfStudyRelatedSeries": "U"}),
        ("SERIES", "Table 5", {}),
        ("IMAGE", "Table 6", {}),
    ],
)
def test_query_keys_and_their_matching(level, table, also):
    """The level's own UID is the unique key; those of the levels above are no keys of the level (PS3.4 C.4.1)."""
    printed = statement.TABLES[table] | also
    expected = {k: {LETTERS[c] for c in code.split(",")} for k, code in printed.items()}
    for above in conformance.LEVELS[: conformance.LEVELS.index(level)]:
        expected.pop(conformance.UNIQUE_KEYS[above], None)
    expected[conformance.UNIQUE_KEYS[level]] |= {"unique"}
    assert conformance.KEYS[level] == expected


def test_every_keyword_is_known_to_the_dictionary():
    assert {k for keys in conformance.KEYS.values() for k in keys} <= set(keyword_dict)


def test_the_unique_keys_of_the_levels():
    assert dict(conformance.UNIQUE_KEYS) == {
        "STUDY": "StudyInstanceUID",
        "SERIES": "SeriesInstanceUID",
        "IMAGE": "SOPInstanceUID",
    }
    assert conformance.LEVELS == ("STUDY", "SERIES", "IMAGE")


def test_the_further_transfer_syntaxes_are_others_than_the_nine():
    assert len(conformance.RECEIVED_SYNTAXES) == 16 == len(set(conformance.RECEIVED_SYNTAXES))
    assert all(UID(u).is_transfer_syntax for u in conformance.FURTHER_SYNTAXES)
    assert not {"1.2.840.10008.1.2.4.92", "1.2.840.10008.1.2.4.93"} & set(
        conformance.RECEIVED_SYNTAXES
    )  # JPEG 2000 part 2


def test_the_further_character_sets_are_others_than_the_eleven_of_table_17():
    assert len(conformance.CHARACTER_SETS) == 11
    assert not set(conformance.FURTHER_CHARACTER_SETS) & set(conformance.CHARACTER_SETS)


@pytest.mark.parametrize("level", conformance.LEVELS)
def test_no_wildcard_is_asked_for_in_dates_times_and_uids(level):
    wild = {k for k, kinds in conformance.request_keys(level).items() if "wildcard" in kinds}
    assert {dictionary_VR(k) for k in wild} <= {"SH", "LO", "PN", "CS", "IS"}


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


@pytest.mark.parametrize("uid", ["", "no UID", "1.02.3", "1" * 100, "1.2.\0", "山田", "../../etc"])
def test_what_is_no_uid_is_named_as_it_is_without_a_warning(uid):
    """X6: it may come from a peer or a broken file; a warning would be an error here."""
    assert conformance.storage_name(uid) == uid
    assert conformance.syntax_name(uid) == uid


def test_the_retired_classes_are_those_that_are_named_so():
    retired = {uid: c.name for uid, c in conformance.STORAGE.items() if c.name.endswith("(Retired)")}
    assert set(conformance.RETIRED) == set(retired)
    assert all(keyword.isidentifier() for keyword in conformance.RETIRED.values())
