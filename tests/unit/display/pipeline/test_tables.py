"""GP7, GP2: LUT descriptors and data, by hand; the golden images of pydicom-data against pydicom."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.pixels import apply_modality_lut, apply_voi

from dicom_widgets.display.pipeline.grayscale import Modality, modality_of, stored_range, table_of, voi_choices
from tests import samples
from tests.samples import BIG_ENDIAN, EXPLICIT, IMPLICIT, image, item, lut, raw


def looked_up(table, *inputs: int) -> list[float]:
    assert table is not None
    return table(np.array(inputs, float)).tolist()


def test_inputs_below_and_above_take_the_first_and_last_entry():
    """PS3.3 C.11.2.1.1."""
    table = table_of(lut([5, 6, 7], first=10), signed=False)
    assert looked_up(table, 0, 9, 10, 11, 12, 13, 65535) == [5, 5, 5, 6, 7, 7, 7]


def test_0_entries_mean_65536():
    table = table_of(lut(np.arange(65536) ^ 1, bits=16), signed=False)
    assert looked_up(table, 0, 1, 65534, 65535) == [1, 0, 65535, 65534]


@pytest.mark.parametrize(
    ("first", "signed", "used"),
    [(-1024, True, -1024), (64512, True, -1024), (64512, False, 64512), (100, True, 100), (32767, True, 32767)],
)
def test_the_first_value_has_the_sign_of_the_input(first, signed, used):
    """The same two bytes are 64512 or -1024."""
    table = table_of(lut([1, 2], first=first), signed=signed)
    assert looked_up(table, used, used + 1) == [1, 2]


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN], ids=lambda s: s.name[:8])
@pytest.mark.parametrize("vr", ["US", "OW"])
@pytest.mark.parametrize("signed", [False, True])
def test_a_table_survives_every_transfer_syntax(syntax, vr, signed):
    """LUT Data is US or OW, the descriptor US or SS."""
    first = -5 if signed else 5
    entry = lut([100, 200, 300, 400], first=first, bits=10)
    if vr == "OW":
        entry.LUTData = np.array([100, 200, 300, 400], ">u2" if syntax is BIG_ENDIAN else "<u2").tobytes()
        entry["LUTData"].VR = "OW"
    ds = image(samples.ramp(0, 4, np.int16 if signed else np.uint16), VOILUTSequence=[entry])
    (table,) = voi_choices(samples.instance(ds, syntax).attributes(), signed=signed)
    assert looked_up(table, first, first + 1, first + 3) == [100, 200, 400]
    assert table.top == 1023


def packed(order: str) -> bytes:
    return np.array([0x0201, 0x0403], order).tobytes()


@pytest.mark.parametrize(
    ("data", "vr"), [(packed("<u2"), "OW"), ([0x0201, 0x0403], "US"), ([0x0201, 0x04FF], "US"), ([1, 2, 3, 4], "US")]
)
def test_8_bit_entries_may_be_packed_two_in_a_word(data, vr):
    """PS3.3 C.11.1.1.1: the lower byte is the first entry."""
    ds = item()
    ds.add_new("LUTDescriptor", "US", [4, 0, 8])
    ds.add_new("LUTData", vr, data)
    expected = [1, 2, 255, 4] if data == [0x0201, 0x04FF] else [1, 2, 3, 4]
    assert looked_up(table_of(ds, signed=False), 0, 1, 2, 3) == expected


def test_entries_above_the_declared_bits_are_white_and_do_not_wrap():
    """GP7: 8 bits are declared, 4095 is there: 300 is not 44."""
    ds = image(samples.ramp(0, 4, np.uint16), VOILUTSequence=[lut([0, 255, 300, 4095], bits=8)])
    (table,) = voi_choices(ds)
    assert (looked_up(table, 0, 1, 2, 3), table.top) == ([0, 255, 255, 255], 255)


@pytest.mark.parametrize(
    "broken",
    [
        item(),
        item(LUTDescriptor=[4, 0, 8]),
        raw(LUTDescriptor=("US", b"\x04\0\0\0"), LUTData=("US", b"\1\0\2\0")),
        raw(LUTDescriptor=("US", b"\x04\0\0\0\x08\0"), LUTData=("US", b"")),
        raw(LUTDescriptor=("US", b"\x04\0\0\0\0\0"), LUTData=("US", b"\1\0\2\0")),
        raw(LUTDescriptor=("US", b"\x04\0\0\0\x40\0"), LUTData=("US", b"\1\0\2\0")),
        raw(LUTDescriptor=("LO", b"4\\0\\x"), LUTData=("US", b"\1\0\2\0")),
        raw(LUTDescriptor=("UN", b"\x04\0\0"), LUTData=("UN", b"\1")),
        raw(LUTDescriptor=("US", b"\x04\0\0\0\x08\0"), LUTData=("LO", b"abc ")),
    ],
)
def test_a_table_that_makes_no_sense_is_none(broken):
    """X2, X6."""
    assert table_of(broken, signed=False) is None


def test_fewer_entries_than_declared_are_used():
    ds = lut([1, 2, 3])
    ds.LUTDescriptor = [256, 0, 8]
    assert looked_up(table_of(ds, signed=False), 0, 2, 200) == [1, 3, 3]


def test_explanations_are_kept():
    """GP5."""
    ds = item(VOILUTSequence=[lut([1, 2], LUTExplanation="NORMAL"), lut([2, 1], LUTExplanation="HARDER")])
    assert [t.explanation for t in voi_choices(ds)] == ["NORMAL", "HARDER"]


@pytest.mark.parametrize("name", ["vlut_04.dcm", "mlut_18.dcm"])
def test_the_tables_of_pydicoms_files_are_pydicoms(wheel_file, name):
    """pydicom's apply_modality_lut and apply_voi as the oracle."""
    ds = dcmread(wheel_file(name))
    stored = ds.pixel_array
    values = modality_of(ds)[0](stored)
    assert np.array_equal(values, apply_modality_lut(stored, ds))
    for i, table in enumerate(voi_choices(ds, signed=values.min() < 0)):
        assert np.array_equal(table(values), apply_voi(values.astype(int), ds, index=i))


# --- the modality stage (GP2)


@pytest.mark.parametrize(
    ("attributes", "of_100"),
    [
        ({}, 100),
        ({"RescaleSlope": "2", "RescaleIntercept": "-1024"}, -824),
        ({"RescaleSlope": "-1", "RescaleIntercept": "0"}, -100),
        ({"RescaleSlope": "0.5"}, 50),
        ({"RescaleIntercept": "-1024"}, -924),
        ({"RescaleSlope": "0", "RescaleIntercept": "7"}, 107),
        ({"ModalityLUTSequence": [lut([7], first=100, bits=16)], "RescaleSlope": "2"}, 7),
        ({"ModalityLUTSequence": [item(LUTDescriptor=[1, 0, 16])], "RescaleSlope": "2"}, 200),
        ({"ModalityLUTSequence": [], "RescaleSlope": "2"}, 200),
    ],
)
def test_the_modality_stage(attributes, of_100):
    """GP2, X6: the table if there is one, else the line; slope 0 or absent is no slope."""
    modality, _ = modality_of(image(samples.ramp(0, 4), **attributes))
    assert modality(np.array([100])).tolist() == [of_100]


@pytest.mark.parametrize("broken", [b"abc ", b"1,5 ", b"nan ", b"1e999 ", b""])
def test_a_broken_slope_is_none(broken):
    ds = image(samples.ramp(0, 4), RescaleIntercept="-1000")
    ds.update(raw(RescaleSlope=("DS", broken)))
    modality, why = modality_of(ds)
    assert modality(np.array([3])).tolist() == [-997]
    assert "absent or 0" in why


def test_the_record_says_where_a_stage_comes_from():
    """X1."""
    assert modality_of(item())[1] == "absent: identity"
    assert "(0028,3000)" in modality_of(item(ModalityLUTSequence=[lut([1])]))[1]
    assert "(0028,1053" in modality_of(item(RescaleSlope="2", RescaleIntercept="0"))[1]


def test_dose_is_scaled_and_never_rescaled():
    """RT4."""
    modality, _ = modality_of(item(DoseGridScaling="0.001", DoseUnits="GY", RescaleSlope="9", RescaleIntercept="9"))
    assert (modality.slope, modality.intercept, modality.unit) == (0.001, 0, "GY")


@pytest.mark.parametrize(
    ("attributes", "span"),
    [
        ({"BitsStored": 12, "PixelRepresentation": 0}, (0, 4095)),
        ({"BitsStored": 12, "PixelRepresentation": 1}, (-2048, 2047)),
        ({"BitsStored": 16, "PixelRepresentation": 1}, (-32768, 32767)),
        ({"BitsStored": 1, "PixelRepresentation": 0}, (0, 1)),
        ({"BitsAllocated": 8}, (0, 255)),
    ],
)
def test_the_range_of_stored_values(attributes, span):
    assert stored_range(item(**attributes)) == span


def test_a_hostile_number_of_bits_is_bounded():
    low, high = stored_range(item(BitsStored=65535, PixelRepresentation=0))
    assert Modality(2.0, 1.0).span(low, high)[1] < float("inf")
