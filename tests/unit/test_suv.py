"""NP5: SUVbw against the golden value, and the reason where there is none."""

from __future__ import annotations

import pytest

from dicom_widgets.display.suv import suvbw
from tests.samples import item

GOLDEN = 1.38168
"""370 MBq, half life 6586.2 s, 3600 s, 70 kg, 5000 Bq/ml."""


def pet(drug=None, **attributes):
    given = {
        "RadionuclideTotalDose": "370000000",
        "RadionuclideHalfLife": "6586.2",
        "RadiopharmaceuticalStartTime": "090000",
    }
    own = {
        "Units": "BQML",
        "CorrectedImage": ["DECY", "ATTN", "SCAT"],
        "DecayCorrection": "START",
        "PatientWeight": "70",
        "SeriesDate": "20240131",
        "SeriesTime": "100000",
        "AcquisitionDate": "20240131",
        "AcquisitionTime": "100000",
        "RadiopharmaceuticalInformationSequence": [item(**(given | (drug or {})))],
    }
    return item(**(own | attributes))


@pytest.mark.parametrize(
    "ds",
    [
        pet(),
        pet({"RadiopharmaceuticalStartTime": "233000"}, SeriesTime="003000", AcquisitionTime="003000"),
        pet({"RadiopharmaceuticalStartTime": None, "RadiopharmaceuticalStartDateTime": "20240131090000.00"}),
        pet({"RadiopharmaceuticalStartDateTime": "20240131090000+0100"}),
        pet(SeriesTime="113000"),
        pet(SeriesDate=None, SeriesTime=None),
    ],
    ids=["same day", "over midnight", "date and time", "with a zone", "series made later", "no series time"],
)
def test_the_golden_value(ds):
    found = suvbw(ds)
    assert 5000 * found.factor == pytest.approx(GOLDEN, abs=5e-6)


def test_decay_to_the_administration_is_no_decay():
    """5000 * 70000 / 370e6."""
    assert 5000 * suvbw(pet(DecayCorrection="ADMIN")).factor == pytest.approx(0.945946, abs=1e-6)


def test_images_in_grams_per_millilitre_are_suv_already():
    assert suvbw(item(Units="GML")).factor == 1
    assert str(suvbw(item(Units="GML", SUVType="LBM"))).startswith("SUV n/a: SUV Type")


def test_counts_by_the_factors_of_philips():
    ds = pet(Units="CNTS")
    assert "CNTS" in str(suvbw(ds))
    block = ds.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x09, "DS", "2.0")
    assert 2500 * suvbw(ds).factor == pytest.approx(GOLDEN, abs=5e-6)
    block.add_new(0x00, "DS", "0.25")
    assert suvbw(ds).factor == 0.25


@pytest.mark.parametrize(
    ("ds", "why"),
    [
        (pet(CorrectedImage=["DECY"]), "lacks ATTN"),
        (pet(CorrectedImage=None), "lacks ATTN and DECY"),
        (pet(PatientWeight=None), "(0010,1030)"),
        (pet({"RadionuclideTotalDose": "0"}), "(0018,1074)"),
        (pet({"RadionuclideHalfLife": None}), "(0018,1075)"),
        (pet({"RadiopharmaceuticalStartTime": None}), "(0018,1072)"),
        (pet({"RadiopharmaceuticalStartDateTime": "20240131110000"}), "later than the scan"),
        (pet(RadiopharmaceuticalInformationSequence=[]), "(0054,0016)"),
        (pet(DecayCorrection="NONE"), "(0054,1102) is NONE"),
        (pet(Units="PROPCNTS"), "PROPCNTS"),
        (pet(SeriesTime=None, AcquisitionTime=None), "usable"),
    ],
)
def test_the_reason_where_there_is_none(ds, why):
    found = suvbw(ds)
    assert found.factor is None
    assert str(found).startswith("SUV n/a: ")
    assert why in str(found)
