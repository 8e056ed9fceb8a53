"""X6: absent, empty, malformed and hostile values do no harm; TX6, TX8: what is shown of them."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset, dcmread
from pydicom.multival import MultiValue
from pydicom.valuerep import PersonName

from dicom_widgets.dicom.values import number, numbers, person, text, value
from tests.samples import item, raw

pytestmark = [  # pydicom about the wrong values
    pytest.mark.filterwarnings("ignore:.*for VR:UserWarning"),
    pytest.mark.filterwarnings("ignore:.*PN component:UserWarning"),
]


def spacing(data: bytes, vr: str = "DS") -> Dataset:
    return raw(PixelSpacing=(vr, data))


@pytest.mark.parametrize(
    "ds",
    [
        Dataset(),
        spacing(b""),
        spacing(b"  "),
        spacing(b"123", "FD"),  # not a multiple of 8 bytes
    ],
)
def test_what_is_absent_empty_or_undecodable_is_the_default(ds):
    assert value(ds, "PixelSpacing", "default") == "default"
    assert number(ds, "PixelSpacing") is None
    assert numbers(ds, "PixelSpacing", 2) is None


@pytest.mark.parametrize("data", [b"abc ", b"1,5 ", b"1\\1,5", b"--1 "])
def test_what_is_no_number_is_none(data):
    ds = spacing(data)
    assert numbers(ds, "PixelSpacing", 2) is None
    assert number(raw(WindowCenter=("DS", data.split(b"\\")[-1])), "WindowCenter") is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"1.5 ", 1.5),
        (b" 1.5", 1.5),
        (b"1.5\\2.5 ", 1.5),
        (b"-1e-3", -0.001),
        (b"NaN ", None),
        (b"inf ", None),
        (b"-inf", None),
        (b"1e400 ", None),
        (b"\\2.5", None),
    ],
)
def test_a_number_is_finite_or_none(data, expected):
    assert number(spacing(data), "PixelSpacing") == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"1\\2 ", (1.0, 2.0)),
        (b"1 ", None),
        (b"1\\2\\3 ", None),
        (b"1\\ ", None),
        (b"1\\1e999", None),
    ],
)
def test_numbers_are_exactly_so_many_or_none(data, expected):
    assert numbers(spacing(data), "PixelSpacing", 2) == expected


def test_zero_is_a_value():
    ds = item(RescaleIntercept="0", InstanceNumber=0)
    assert number(ds, "RescaleIntercept") == 0
    assert value(ds, "InstanceNumber", "default") == 0


def test_a_text_where_numbers_should_be_is_no_pair():
    """PixelSpacing with VR LO and the value "12" is not 1 x 2 mm."""
    assert numbers(spacing(b"12", "LO"), "PixelSpacing", 2) is None


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, ""),
        ("", ""),
        ("  a \r\n\t b  ", "a b"),
        ("a\x00b\x1b[31mc", "a b [31mc"),
        ("\u202edlrow", "dlrow"),  # a right-to-left override may not turn a label round
        (MultiValue(str, ["a", "b"]), "a, b"),
        ([1, 2.5], "1, 2.5"),
        (7, "7"),
    ],
)
def test_text_is_one_printable_line(found, expected):
    assert text(found) == expected


@pytest.mark.parametrize("limit", [1, 10, 200])
def test_text_is_bounded(limit):
    for found in ("x" * 100_000, ["x" * 50] * 1000, PersonName("x" * 1000)):
        assert len(text(found, limit)) <= limit
    assert text("x" * 11, 10) == "x" * 9 + "…"
    assert text("x" * 10, 10) == "x" * 10


@given(st.text(), st.integers(1, 50))
def test_text_never_holds_control_characters(found, limit):
    shown = text(found, limit)
    assert len(shown) <= limit
    assert shown.isprintable()
    assert shown == shown.strip()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Doe^Jane", "Doe, Jane"),
        ("Doe", "Doe"),
        ("", ""),
        ("^Jane", "Jane"),
        ("Adams^John Robert Quincy^^Rev.^B.A. M.Div.", "Adams, John Robert Quincy Rev. B.A. M.Div."),
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "Yamada, Tarou (山田 太郎, やまだ たろう)"),
        ("=山田^太郎", "山田 太郎"),
        ("Wang^XiaoDong=王^小東=", "Wang, XiaoDong (王 小東)"),
        ("a^b^c^d^e^f^g=x=y=z", None),
    ],
)
def test_person_names_show_all_three_groups(name, shown):
    """PS3.5 6.2.1; TX6: groups are shown as alphabetic (ideographic, phonetic)."""
    found = person(PersonName(name))
    assert found.isprintable()
    if shown is not None:
        assert found == shown


@pytest.mark.parametrize(
    ("file", "shown"),
    [  # PS3.5 H.3.1, H.3.2, I.2
        ("chrH31.dcm", "Yamada, Tarou (山田 太郎, やまだ たろう)"),
        ("chrH32.dcm", "ﾔﾏﾀﾞ, ﾀﾛｳ (山田 太郎, やまだ たろう)"),
        ("chrI2.dcm", "Hong, Gildong (洪 吉洞, 홍 길동)"),
        ("chrRuss.dcm", "Люкceмбypг"),
        ("chrGreek.dcm", "Διονυσιος"),
        ("chrGerm.dcm", "Äneas, Rüdiger"),
        ("chrX1.dcm", "Wang, XiaoDong (王 小東)"),
        ("chrX2.dcm", "Wang, XiaoDong (王 小东)"),
    ],
)
def test_names_of_the_standards_own_examples(data, file, shown):
    found = dcmread(data / "charset" / "pydicom" / file, force=True).PatientName
    assert text(found) == shown


def test_an_unknown_character_set_still_gives_a_name():
    """TX6: replacement characters, no exception."""
    ds = raw(SpecificCharacterSet=("CS", b"NO_SET"), PatientName=("PN", b"D\xe4^J"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert text(value(ds, "PatientName", "")).startswith("D")
