"""How the answers to a query are filtered again (PS3.4 C.2.2.2)."""

from __future__ import annotations

import pytest
from pydicom.valuerep import PersonName

import dicom_widgets as dw
from dicom_widgets.dicom.conformance import LEVELS
from dicom_widgets.sources import matching, terms


def matches(level, attributes, **keys):
    _, wanted = terms.checked(level, ("1.2", "1.2.3")[: LEVELS.index(level)], keys)
    return matching.matches(dw.Entity(level, ("1.2",), attributes), wanted)


def test_a_wildcard_matches_a_number():
    assert matches("SERIES", {"SeriesNumber": 12}, SeriesNumber="1*")
    assert not matches("SERIES", {"SeriesNumber": 21}, SeriesNumber="1*")


@pytest.mark.parametrize("has", ["0003", "3.0", " 3 ", 3])
@pytest.mark.parametrize("wanted", ["3", "0003", "3.0", 3.0, [1, 3]])
def test_whole_numbers_are_compared_as_numbers(has, wanted):
    assert matches("SERIES", {"SeriesNumber": has}, SeriesNumber=wanted)
    assert not matches("SERIES", {"SeriesNumber": "30"}, SeriesNumber=wanted)


def test_a_fraction_is_no_whole_number():
    with pytest.raises(dw.errors.QueryKeyError, match="no whole number"):
        matches("SERIES", {}, SeriesNumber="1.5")


YAMADA = PersonName("Yamada^Tarou=山田^太郎=やまだ^たろう")
MATCHED = [
    # what the peer answered, the query, whether it is one
    ({"PatientName": PersonName("Doe^Jane")}, {"PatientName": "Doe^Jane"}, True),
    ({"PatientName": PersonName("Doe^Jane")}, {"PatientName": "DOE^*"}, True),
    ({"PatientName": PersonName("Doe^Jane^^")}, {"PatientName": "Doe^Jane"}, True),
    ({"PatientName": PersonName("Doe^Jane")}, {"PatientName": "Doe"}, False),
    ({"PatientName": PersonName("Doe^Jane")}, {"PatientName": "D?e^J*"}, True),
    ({"PatientName": PersonName("D[o]e")}, {"PatientName": "D[o]e"}, True),
    ({"PatientName": PersonName("Doe")}, {"PatientName": "D[o]e"}, False),
    ({"PatientName": YAMADA}, {"PatientName": "*山田*"}, True),
    ({"PatientName": YAMADA}, {"PatientName": "山田^太郎"}, True),
    ({"PatientName": YAMADA}, {"PatientName": "Yamada*"}, True),
    ({"PatientName": YAMADA}, {"PatientName": "Suzuki*"}, False),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240131"}, True),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240130"}, False),
    ({"StudyDate": "20240131"}, {"StudyDate": ("20240131", "20240131")}, True),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240101-20240130"}, False),
    ({"StudyDate": "20240131"}, {"StudyDate": "-20240131"}, True),
    ({"StudyDate": "20240131"}, {"StudyDate": "-20240130"}, False),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240131-"}, True),
    ({"StudyDate": "20240131"}, {"StudyDate": "20240201-"}, False),
    ({"StudyTime": "120030.5"}, {"StudyTime": "12-1200"}, True),
    ({"StudyTime": "120130"}, {"StudyTime": "-1200"}, False),
    ({"ModalitiesInStudy": ["CT", "SR"]}, {"ModalitiesInStudy": "SR"}, True),
    ({"ModalitiesInStudy": ["CT", "SR"]}, {"ModalitiesInStudy": "MR"}, False),
    ({"ModalitiesInStudy": ["CT", "SR"]}, {"ModalitiesInStudy": ["MR", "CT"]}, True),
    ({"ModalitiesInStudy": ["CT"]}, {"ModalitiesInStudy": "C*"}, True),
    ({"ModalitiesInStudy": []}, {"ModalitiesInStudy": "CT"}, False),
    ({"PatientID": "4711"}, {"PatientID": "47*"}, True),
    ({"PatientID": "4711"}, {"PatientID": "4712"}, False),
    ({"PatientID": "4711"}, {"PatientID": None}, True),
    ({"StudyInstanceUID": "1.2"}, {"StudyInstanceUID": ["1.3", "1.2"]}, True),
    ({"AccessionNumber": None}, {"AccessionNumber": "A1"}, True),  # what the peer left out is believed
]


@pytest.mark.parametrize(("attributes", "keys", "expected"), MATCHED)
def test_answers_are_filtered_again_as_the_standardmatches(attributes, keys, expected):
    assert matches("STUDY", attributes, **keys) is expected
