"""NP5: SUVbw against the golden value, and the reason where there is none; NP6: what a PET looks like at first."""

from __future__ import annotations

import numpy as np
import pytest

from dicom_widgets.display.values.suv import suvbw
from tests.samples import PET, image, item, part10, state

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
        (pet({"RadionuclideHalfLife": "1"}), "nothing is left"),
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


# --- what a PET looks like at first (NP6)

SEVEN = 7 / GOLDEN * 5000
"""Bq/ml of SUVbw 7."""


def shown(session, ds, *states):
    for one in (ds, *states):
        session.load(part10(one))
    return session.present(str(ds.SOPInstanceUID))


def images(stored, **attributes):
    own = {e.keyword: e.value for e in pet()}
    return image(np.array([stored], np.uint16), PET, **(own | {"Modality": "PT"} | attributes))


def stage(picture, name):
    return next(s for s in picture.record["stages"] if s["stage"] == name)


def test_a_pet_is_shown_from_0_to_7_in_inverse_grey_whatever_window_the_file_has(session):
    """NP6: nothing is white, SUVbw 7 and more are black; the file's window and further ends can be chosen."""
    ds = images([0, SEVEN // 4, SEVEN // 2 + 1, SEVEN + 1, 60000], WindowCenter="30000", WindowWidth="60000")
    picture = shown(session, ds)
    assert picture.display()[0].tolist() == [255, 191, 127, 0, 0]
    assert picture.window.levels == pytest.approx((0, SEVEN), rel=1e-5)
    assert [w.explanation for w in picture.windows] == ["file 1", *(f"SUV 0-{n}" for n in (5, 7, 10, 15, 20))]
    assert "SUVbw: decay of 3600 s" in stage(picture, "voi")["from"]
    assert "PET" in stage(picture, "presentation LUT")["from"]
    twice = session.present(str(ds.SOPInstanceUID), window="SUV 0-10")
    assert twice.window.levels[1] == pytest.approx(SEVEN * 10 / 7, rel=1e-5)


def test_the_scale_is_the_same_for_slices_of_other_slopes(session):
    """NP4, NP6."""
    for slope in ("0.5", "2"):
        picture = shown(session, images([round(SEVEN / 2 / float(slope))], RescaleSlope=slope, RescaleIntercept="0"))
        assert abs(int(picture.display()[0, 0]) - 127.5) < 1


def test_without_suv_the_window_is_the_files_and_still_inverse(session):
    """NP6: counts, not corrected for attenuation."""
    ds = images([0, 500, 1000], CorrectedImage=["DECY"], WindowCenter="500.5", WindowWidth="1001")
    picture = shown(session, ds)
    assert picture.display()[0].tolist() == [255, 128, 0]
    assert [w.explanation for w in picture.windows] == ["file 1"]
    assert "SUV n/a" in picture.meaning.note


def test_a_state_says_itself_whether_it_is_inverse(session):
    """NP6, PS5: nothing of ours is on top of a presentation state."""
    ds = images([0, 65535])
    assert shown(session, ds, state(ds)).display()[0].tolist() == [0, 255]


def test_who_says_how_grey_a_pet_is_to_be_is_heard(session):
    """NP6, GP9: Presentation LUT Shape is no part of the class, but clear."""
    assert shown(session, images([0, 60000], PresentationLUTShape="IDENTITY")).display()[0].tolist() == [0, 255]


# --- a series of several bed positions (NP5)

BEDS = ("20240131", "101000"), ("20240131", "100000"), ("20240131", "100500")
"""Date and time of three acquisitions, in no order: 4200, 3600 and 3900 s after the administration."""


def beds(**attributes):
    series = {"SeriesTime": "120000", "SeriesInstanceUID": "1.2.3.1.7"} | attributes
    return [images([5000], AcquisitionDate=d, AcquisitionTime=t, **series) for d, t in BEDS]


def factors(session, several):
    return [session.present(str(ds.SOPInstanceUID)).meaning.suv for ds in several]


def test_all_bed_positions_are_corrected_to_the_earliest_where_the_series_was_made_later(session):
    """NP5: Series Time 12:00 is later than the images, the first of which is of 10:00: by hand the golden value."""
    several = beds()
    session.load([part10(ds) for ds in several])
    assert [5000 * f for f in factors(session, several)] == pytest.approx([GOLDEN] * 3, abs=5e-6)
    found = stage(session.present(str(several[0].SOPInstanceUID)), "SUVbw")
    assert found["used"] == f"{70000 / (370e6 * 2 ** (-3600 / 6586.2)):g} g/ml for each Bq/ml"
    assert found["from"] == (
        "decay of 3600 s, from Acquisition Time (0008,0032), the earliest of the images held of the series,"
        " as Series Time (0008,0031) is later"
    )
    assert session.probe(str(several[2].SOPInstanceUID), 1, 1).suv == pytest.approx(GOLDEN, abs=5e-6)


def test_a_series_time_between_the_bed_positions_is_that_of_none_of_them(session):
    """NP5: 10:03 is not later than two of three images, and still not what they are corrected to."""
    several = beds(SeriesTime="100300")
    session.load([part10(ds) for ds in several])
    assert [5000 * f for f in factors(session, several)] == pytest.approx([GOLDEN] * 3, abs=5e-6)


def test_a_series_that_grows_or_shrinks_has_the_earliest_of_what_is_held(session):
    """NP5: 4200 s at first; another series of the study says nothing of it."""
    last, first, _ = beds()
    session.load(part10(images([1], AcquisitionTime="093000", SeriesTime="120000", SeriesInstanceUID="1.2.3.1.8")))
    late = 5000 * 70000 / (370e6 * 2 ** (-4200 / 6586.2))
    session.load(part10(last))
    assert 5000 * factors(session, [last])[0] == pytest.approx(late, rel=1e-9)
    session.load(part10(first))
    assert 5000 * factors(session, [last])[0] == pytest.approx(GOLDEN, abs=5e-6)
    session.drop(str(first.SOPInstanceUID))
    assert 5000 * factors(session, [last])[0] == pytest.approx(late, rel=1e-9)


def test_a_series_that_runs_over_midnight_begins_before_it(session):
    """NP5: the second bed position has the smaller time of day; administered at 23:00, 3600 s before the first."""
    drug = {"RadionuclideTotalDose": "370000000", "RadionuclideHalfLife": "6586.2"}
    series = {"SeriesDate": "20240201", "SeriesTime": "010000", "SeriesInstanceUID": "1.2.3.1.9"} | {
        "RadiopharmaceuticalInformationSequence": [item(**drug, RadiopharmaceuticalStartTime="225500")]
    }
    several = [
        images([1], AcquisitionDate=d, AcquisitionTime=t, **series)
        for d, t in (("20240201", "000500"), ("20240131", "235500"))
    ]
    session.load([part10(ds) for ds in several])
    assert [5000 * f for f in factors(session, several)] == pytest.approx([GOLDEN] * 2, abs=5e-6)


def test_where_ge_says_when_the_scan_began_it_is_taken_before_acquisition_times():
    """NP5: (0009,xx0D) of GEMS_PETD_01, as QIBA's formula has it, as text and as bytes of no known VR."""
    for vr, said in (("DT", "20240131100000.00"), ("UN", b"20240131100000.00\0")):
        ds = pet(SeriesTime="113000", AcquisitionTime="101500")
        ds.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x0D, vr, said)
        found = suvbw(ds)
        assert 5000 * found.factor == pytest.approx(GOLDEN, abs=5e-6)
        assert "GEMS_PETD_01" in found.why
