"""Palettes: against pydicom, DCMTK and tables by hand (CO3, CO4); true colours (CO6, CO7)."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.pixels import pixel_array
from pydicom.pixels.processing import apply_color_lut

import dicom_widgets as dw
from dicom_widgets.display.pipeline.color import palette_of
from tests import samples

PRIMARIES = ("Red", "Green", "Blue")


def tables(*data: bytes, count: int, first: int = 0, bits: int = 8, prefix: str = ""):
    """Return the attributes of a palette with these three tables."""
    ds = samples.item()
    for name, table in zip(PRIMARIES, data, strict=True):
        vr = "SS" if first < 0 else "US"
        ds.add_new(f"{name}PaletteColorLookupTableDescriptor", vr, [count, first, bits])
        ds.add_new(f"{prefix}{name}PaletteColorLookupTableData", "OW", table)
    return ds


def words(*values: int) -> bytes:
    return np.array(values, "<u2").tobytes()


def colors(ds, *, signed: bool = False):
    palette = palette_of(ds, signed=signed)
    assert palette is not None
    return palette


def test_bytes_words_and_the_high_byte_of_16_bits():
    """CO3: three ways of writing the same red ramp."""
    ramp = (0, 85, 170, 255)
    for data, bits in ((bytes(ramp), 8), (words(*ramp), 8), (words(*(v << 8 | 7 for v in ramp)), 16)):
        palette = colors(tables(data, data, data, count=4, bits=bits))
        assert palette.entries[:, 0].tolist() == list(ramp)
        assert palette.rgb(np.array([[0, 3]]))[0].tolist() == [[0, 0, 0], [255, 255, 255]]


def test_8_bit_values_in_16_bit_entries_are_taken_as_they_are():
    """CO3."""
    data = words(0, 100, 255)
    assert colors(tables(data, data, data, count=3, bits=16)).entries[:, 1].tolist() == [0, 100, 255]


def test_a_primary_that_stays_dark_is_read_like_the_others():
    """CO3: 200 of 65535 is black, as the red beside it has 16 bits."""
    palette = colors(tables(words(0, 65535), words(0, 200), words(0, 200), count=2, bits=16))
    assert palette.entries.tolist() == [[0, 0, 0], [255, 0, 0]]


@pytest.mark.parametrize(("first", "signed"), [(10, False), (-2, True)])
def test_values_outside_take_the_first_and_the_last_colour(first, signed):
    """CO3."""
    data = bytes([10, 20, 30, 40])
    palette = colors(tables(data, data, data, count=4, first=first), signed=signed)
    stored = np.array([[first - 2, first, first + 3, first + 9]])
    assert palette.rgb(stored)[0, :, 0].tolist() == [10, 10, 40, 40]


def test_no_entries_are_65536():
    """CO3: a count of 0."""
    data = np.arange(65536, dtype="<u2").tobytes()
    palette = colors(tables(data, data, data, count=0, bits=16))
    assert palette.rgb(np.array([[0x8000, 0xFFFF]]))[0, :, 0].tolist() == [0x80, 0xFF]


def test_segments_discrete_linear_and_indirect_by_hand():
    """CO3, PS3.3 C.7.9.2: 0, 1; then a line to 5 in four steps; then the first two segments again."""
    data = words(0, 2, 0, 256, 1, 4, 256 * 5, 2, 2, 0, 0)
    palette = colors(tables(data, data, data, count=12, bits=16, prefix="Segmented"))
    assert palette.entries[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "data",
    [
        words(1, 4, 9),  # a line from nowhere
        words(0, 2, 1, 2, 2, 9, 0, 0) + words(2, 9, 8, 0) * 50,  # segments that call each other
        words(7, 7, 7),  # an unknown opcode
        words(0),
        b"",
    ],
)
def test_segments_that_make_no_sense_end_the_table(data):
    palette = palette_of(tables(data, data, data, count=256, bits=16, prefix="Segmented"))
    assert palette is None or len(palette.entries) <= 256


@pytest.mark.parametrize("missing", ["RedPaletteColorLookupTableDescriptor", "BluePaletteColorLookupTableData"])
def test_without_one_of_the_tables_there_is_no_palette(missing):
    """X2."""
    ds = tables(b"ab", b"ab", b"ab", count=2)
    delattr(ds, missing)
    assert palette_of(ds) is None


@pytest.mark.parametrize("name", ["OBXXXX1A.dcm", "gdcm-US-ALOKA-16.dcm", "examples_palette.dcm"])
def test_real_palettes_are_those_of_pydicom(wheel_file, session, name):
    """CO3: plain and segmented; pydicom gives 16 bits, we take the high byte."""
    ds = dcmread(wheel_file(name))
    theirs = apply_color_lut(pixel_array(ds, index=0), ds)
    theirs = theirs >> 8 if theirs.dtype == np.uint16 and theirs.max() > 255 else theirs
    session.load(wheel_file(name))
    picture = session.present(str(ds.SOPInstanceUID))
    assert isinstance(picture, dw.Picture)
    assert np.abs(picture.display().astype(int) - theirs).max() <= 1
    assert picture.window is None


def test_a_palette_is_what_dcmtk_shows(data, dcmtk, tmp_path, session):
    """CO3: 16-bit entries."""
    path = data / "display" / "photometric" / "us-palette.dcm"
    subprocess.run([dcmtk("dcm2pnm"), "+F", "1", path, tmp_path / "theirs.ppm"], check=True)
    study = session.load(path)
    picture = session.present(study[0].children[0].children[0])
    assert np.abs(picture.display().astype(int) - np.asarray(Image.open(tmp_path / "theirs.ppm"))).max() <= 1


def test_a_supplemental_palette_colours_only_its_values(wheel_file, session):
    """CO4: values below the first one mapped go through the grey pipeline, and the window changes only those."""
    ds = dcmread(wheel_file("eCT_Supplemental.dcm"))
    session.load(wheel_file("eCT_Supplemental.dcm"))
    uid = str(ds.SOPInstanceUID)
    stored = pixel_array(ds, index=0)
    _, first, _ = ds.RedPaletteColorLookupTableDescriptor
    mapped = stored >= first
    assert mapped.any()
    theirs = np.stack(
        [
            np.frombuffer(ds[f"{name}PaletteColorLookupTableData"].value, "<u2")[
                np.clip(stored.astype(int) - first, 0, 99)
            ]
            >> 8
            for name in PRIMARIES
        ],
        axis=2,
    )
    one, other = (session.present(uid, window=w).display() for w in (None, (40, 100)))
    assert np.array_equal(one[mapped], theirs[mapped])
    assert np.array_equal(other[mapped], theirs[mapped])
    assert (one[~mapped][:, 0] == one[~mapped][:, 2]).all()
    assert not np.array_equal(one[~mapped], other[~mapped])


def true_color(array: np.ndarray, **attributes):
    """Return an RGB object of (rows, columns, 3) values."""
    ds = samples.image(array[..., 0], samples.PREFIX + "7", **attributes)
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.PixelData = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    return ds


def test_voi_attributes_of_colours_are_ignored(show):
    """CO6: PS3.3 C.11.2.1.2; a window of the user changes nothing either (US6)."""
    array = np.arange(24, dtype=np.uint8).reshape(2, 4, 3) * 10
    lut = samples.lut([0, 255], bits=8)
    told = show(true_color(array, WindowCenter=3, WindowWidth=2, VOILUTSequence=[lut], RescaleSlope=7))
    assert np.array_equal(told.display(), array)
    assert (told.windows, told.luts, told.window) == ((), (), None)
    assert not [s for s in told.record["stages"] if s["stage"] in ("modality", "voi")]


def test_colours_of_12_bits_are_scaled_by_bits_stored(show):
    """CO7: not by the largest value of the image; rounded half up."""
    array = np.array([[[0, 1023, 2047], [8, 9, 100]]], np.uint16)
    ds = true_color(array, BitsStored=12)
    assert show(ds).display().tolist() == [[[0, 64, 127], [0, 1, 6]]]
