"""Matching against the rules of PS3.4 C.2.2.2, row by row; the expectations were written from the Standard."""

from __future__ import annotations

import pytest

from dicom_widgets.practice.matching import matches

TABLE = [
    # universal: no value, empty values, a single asterisk; also where the attribute is empty
    ("LO", [], ["anything"], True),
    ("LO", [""], ["anything"], True),
    ("LO", [], [], True),
    ("LO", ["*"], [], True),
    ("PN", ["*"], [], True),
    ("DA", [], [], True),
    # an attribute without a value matches nothing else
    ("LO", ["a"], [], False),
    ("LO", ["?"], [], False),
    ("DA", ["20200101-"], [], False),
    # single value: case counts
    ("LO", ["CT Head"], ["CT Head"], True),
    ("LO", ["ct head"], ["CT Head"], False),
    ("LO", ["CT"], ["CT Head"], False),
    ("CS", ["ct"], ["CT"], False),
    ("UI", ["1.2.3"], ["1.2.3"], True),
    ("UI", ["1.2.3"], ["1.2.30"], False),
    # wild cards, and characters that mean something in regular expressions
    ("LO", ["CT*"], ["CT Head"], True),
    ("LO", ["*Head"], ["CT Head"], True),
    ("LO", ["*T H*"], ["CT Head"], True),
    ("LO", ["*"], ["CT Head"], True),
    ("LO", ["CT*Head"], ["CTHead"], True),
    ("LO", ["?T Head"], ["CT Head"], True),
    ("LO", ["?CT Head"], ["CT Head"], False),
    ("LO", ["CT?"], ["CT"], False),
    ("LO", ["a.c"], ["abc"], False),
    ("LO", ["[a-c]"], ["b"], False),
    ("LO", ["(1*"], ["(12)"], True),
    ("SH", ["1*"], ["12"], True),
    ("CS", ["C?"], ["CT"], True),
    # not in UIDs, numbers, dates and times
    ("UI", ["1.2.*"], ["1.2.3"], False),
    ("IS", ["1*"], ["12"], False),
    ("DA", ["2020*"], ["20200101"], False),
    # names: no case, no trailing delimiters, any component group
    ("PN", ["phantom^henry"], ["Phantom^Henry"], True),
    ("PN", ["PHANTOM*"], ["Phantom^Henry"], True),
    ("PN", ["Phantom"], ["Phantom^Henry"], False),
    ("PN", ["Phantom^Henry^^"], ["Phantom^Henry"], True),
    ("PN", ["Phantom^Henry"], ["Phantom^Henry^^^"], True),
    ("PN", ["Phantom^H?nry"], ["Phantom^Henry"], True),
    ("PN", ["modèle^jérôme"], ["Modèle^Jérôme"], True),
    ("PN", ["MODÈLE^J?R?ME"], ["Modèle^Jérôme"], True),
    ("PN", ["Mode\u0300le*"], ["Modèle^Jérôme"], True),
    ("PN", ["ΠΑΡΆΔΕΙΓΜΑ*"], ["Παράδειγμα^Ελένη"], True),
    ("PN", ["山田*"], ["Yamada^Tarou=山田^太郎=やまだ^たろう"], True),
    ("PN", ["*太郎"], ["Yamada^Tarou=山田^太郎=やまだ^たろう"], True),
    ("PN", ["yamada^tarou"], ["Yamada^Tarou=山田^太郎=やまだ^たろう"], True),
    ("PN", ["=山田*"], ["Yamada^Tarou=山田^太郎"], True),
    ("PN", ["Yamada*=鈴木*"], ["Yamada^Tarou=山田^太郎"], False),
    ("PN", ["Suzuki*=山田*"], ["Yamada^Tarou=山田^太郎"], False),
    ("PN", ["Yamada*==や*"], ["Yamada^Tarou=山田^太郎"], False),
    # dates: the ends belong to the range
    ("DA", ["20200101"], ["20200101"], True),
    ("DA", ["20200101"], ["20200102"], False),
    ("DA", ["20200101-20201231"], ["20200101"], True),
    ("DA", ["20200101-20201231"], ["20201231"], True),
    ("DA", ["20200101-20201231"], ["20210101"], False),
    ("DA", ["20200101-20201231"], ["20191231"], False),
    ("DA", ["-20200101"], ["20200101"], True),
    ("DA", ["-20200101"], ["20200102"], False),
    ("DA", ["20200101-"], ["20200101"], True),
    ("DA", ["20200101-"], ["20191231"], False),
    ("DA", ["20200101 - 20201231"], ["20200601"], True),
    # times: components that are left out are unspecified
    ("TM", ["101500"], ["101500"], True),
    ("TM", ["1015"], ["101500"], True),
    ("TM", ["1015"], ["101559.9"], True),
    ("TM", ["1015"], ["101600"], False),
    ("TM", ["10-12"], ["100000"], True),
    ("TM", ["10-12"], ["125959.999"], True),
    ("TM", ["10-12"], ["130000"], False),
    ("TM", ["-0900"], ["0900"], True),
    ("TM", ["-0900"], ["090101"], False),
    ("TM", ["235959-"], ["235959.5"], True),
    ("TM", ["101500.25-"], ["101500.2"], False),
    # lists: any of the key's values, any of the attribute's
    ("UI", ["1.2", "1.3"], ["1.3"], True),
    ("UI", ["1.2", "1.3"], ["1.4"], False),
    ("CS", ["MR"], ["CT", "MR"], True),
    ("CS", ["C*"], ["MR", "CT"], True),
    ("CS", ["US"], ["CT", "MR"], False),
    ("CS", ["CT", "US"], ["US"], True),
    # numbers by their value
    ("IS", ["01"], ["1"], True),
    ("IS", ["+2"], ["1"], False),
    ("DS", ["2.50"], ["2.5"], True),
    ("US", ["512"], ["512"], True),
]


@pytest.mark.parametrize(("vr", "keys", "values", "expected"), TABLE)
def test_matching_follows_the_standard(vr, keys, values, expected):
    assert matches(vr, keys, values) is expected
