"""Stored values: bit fields by hand (GP1), what is cut off or lies, and what cannot be decoded (X2)."""

from __future__ import annotations

import tracemalloc

import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.encaps import encapsulate
from pydicom.uid import UID, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from dicom_widgets.dicom.instance import Instance
from dicom_widgets.errors import DecodeError, NotAnImage
from dicom_widgets.pixels.frames import stored_frame
from tests import samples
from tests.samples import BIG_ENDIAN, EXPLICIT, IMPLICIT

SYNTAXES = [EXPLICIT, IMPLICIT, BIG_ENDIAN]


def stored(ds, number: int = 1, syntax=None) -> np.ndarray:
    return stored_frame(samples.instance(ds, syntax), number)


def words(*patterns: int, **attributes) -> np.ndarray:
    """Return what is read of one row of 16-bit patterns."""
    return stored(samples.image(np.array([patterns], np.uint16), **attributes))[0]


def test_dirty_high_bits_are_removed_and_the_sign_is_extended():
    """GP1: 12 bits of 16, signed; 0x?800 is -2048 and 0x?7ff 2047, whatever stands above."""
    found = words(0x0800, 0xF800, 0x07FF, 0xF7FF, 0xA001, 0x5FFF, BitsStored=12, PixelRepresentation=1)
    assert found.tolist() == [-2048, -2048, 2047, 2047, 1, -1]
    assert found.dtype == np.int16


def test_dirty_high_bits_of_unsigned_values_are_removed():
    """GP1: an overlay in the upper four bits."""
    found = words(0x0800, 0xF800, 0xF7FF, 0xA001, BitsStored=12)
    assert found.tolist() == [0x800, 0x800, 0x7FF, 1]
    assert found.dtype == np.uint16


def test_a_high_bit_that_is_not_bits_stored_minus_one_shifts():
    """GP1: 12 bits that end at bit 15 (PS3.5 8.1.1): the lowest four bits are something else."""
    assert words(0x1230, 0x123F, 0xFFF5, BitsStored=12, HighBit=15).tolist() == [0x123, 0x123, 0xFFF]
    signed = words(0x800F, 0x7FF0, 0xFFF7, BitsStored=12, HighBit=15, PixelRepresentation=1)
    assert signed.tolist() == [-2048, 2047, -1]
    assert words(0b0110_1100, BitsStored=4, HighBit=5).tolist() == [0b1011]


@given(
    st.integers(1, 16).flatmap(lambda bits: st.tuples(st.just(bits), st.integers(bits - 1, 15))),
    st.booleans(),
    st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=8),
)
def test_any_bit_field_is_what_arithmetic_says(field, signed, patterns):
    """GP1, with whole-number arithmetic as the oracle."""
    bits, high = field
    if high == 0:  # Bits Stored 1 at bit 0
        bits = 1
    expected = [(p >> (high + 1 - bits)) % (1 << bits) for p in patterns]
    if signed:
        expected = [e - (1 << bits) if e >> (bits - 1) else e for e in expected]
    assert words(*patterns, BitsStored=bits, HighBit=high, PixelRepresentation=int(signed)).tolist() == expected


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32])
@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda s: s.name[:8])
def test_every_width_sign_and_byte_order(dtype, syntax):
    """GP11: 8, 16 and 32 bits; PS3.5 7.3 for the byte order."""
    limits = np.iinfo(dtype)
    grid = np.array([[limits.min, limits.max, 1], [2, 3, limits.max - 1]], dtype)
    ds = samples.image(grid, samples.DOSE if limits.bits == 32 else samples.CT)
    found = stored(ds, syntax=syntax)
    assert found.dtype == np.dtype(dtype)
    assert found.dtype.isnative
    assert (found == grid).all()


@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_bytes_in_big_endian_words_are_swapped_back(vr):
    """PS3.5 A.3, 8.1.2: 8-bit samples may be encoded as OW; with an odd frame, the second one begins in a word."""
    grid = np.arange(2 * 9, dtype=np.uint8).reshape(2, 3, 3)
    ds = samples.image(grid)
    ds["PixelData"].VR = vr
    for number in (1, 2):
        assert (stored(ds, number, BIG_ENDIAN) == grid[number - 1]).all()


def test_the_second_frame_is_the_second():
    grid = np.arange(3 * 2 * 5, dtype=np.int16).reshape(3, 2, 5) - 7
    for number in (1, 2, 3):
        assert (stored(samples.image(grid), number) == grid[number - 1]).all()


@pytest.mark.parametrize("number", [0, -1, 4, 10**9])
def test_a_frame_that_does_not_exist_is_refused(number):
    with pytest.raises(DecodeError, match="3"):
        stored(samples.image(np.zeros((3, 2, 2), np.uint8)), number)


def test_frames_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        stored(samples.image(samples.ramp(0, 4)))[0, 0] = 1
    found = words(0xF001, BitsStored=12)
    assert not found.flags.writeable


@pytest.mark.parametrize("short", [1, 2, 100, 4096])
def test_what_was_cut_off_is_refused_with_the_reason(short):
    """X2."""
    ds = samples.image(np.zeros((64, 64), np.int16))
    whole = samples.blob(ds)
    cut = type(whole).of(whole.data[:-short], EXPLICIT)
    with pytest.raises(DecodeError, match="cut off"):
        stored_frame(Instance(cut))


@pytest.mark.parametrize("size", [(65535, 65535), (40000, 40000)])
def test_sizes_that_lie_are_refused_before_anything_is_allocated(size):
    """X2: 65535 x 65535 x 16 bits would be 8 GiB."""
    ds = samples.image(np.zeros((4, 4), np.int16), Rows=size[0], Columns=size[1])
    with pytest.raises(DecodeError, match=r"MiB.*header"):
        stored(ds)


def test_a_lying_number_of_frames_does_no_harm():
    ds = samples.image(np.ones((4, 4), np.int16), NumberOfFrames=2**31 - 1)
    assert stored(ds).sum() == 16
    with pytest.raises(DecodeError, match="cut off"):
        stored(ds, 2)
    with pytest.raises(DecodeError, match="does not exist"):
        stored(ds, 2**31 - 1)


@pytest.mark.parametrize("allocated", [12, 64])
def test_widths_that_cannot_be_decoded_say_so(allocated):
    with pytest.raises(DecodeError, match=f"{allocated} bits allocated"):
        stored(samples.image(np.zeros((4, 4), np.int16), BitsAllocated=allocated))


@pytest.mark.parametrize(
    "wrong", [{"BitsStored": 0}, {"BitsStored": 99}, {"HighBit": 99}, {"BitsStored": 65535}, {"HighBit": 2}]
)
def test_an_impossible_bit_field_gives_values(wrong):
    """X6."""
    assert stored(samples.image(samples.ramp(0, 4), **({"HighBit": 15} | wrong))).shape == (1, 4)


@pytest.mark.parametrize(("keyword", "dtype"), [("FloatPixelData", "<f4"), ("DoubleFloatPixelData", "<f8")])
def test_pixels_of_floating_point_are_floats(keyword, dtype):
    """GP11."""
    values = np.array([[0.5, -1], [2, 3e30]], dtype)
    ds = samples.image(np.zeros((2, 2), np.uint16), BitsAllocated=8 * values.itemsize)
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    setattr(ds, keyword, values.tobytes())
    found = stored(ds)
    assert found.dtype == values.dtype
    assert np.array_equal(found, values)


def test_single_bits_go_on_from_frame_to_frame_without_a_gap():
    """GP11, PS3.5 8.1.1: two frames of 5 x 7 are 70 bits in ten bytes, the lowest bit first."""
    bits = np.random.default_rng(3).integers(0, 2, (2, 7, 5)).astype(np.uint8)
    ds = samples.image(np.zeros((2, 7, 5), np.uint8), BitsAllocated=1, BitsStored=1, HighBit=0)
    ds.PixelData = np.packbits(bits.reshape(-1), bitorder="little").tobytes() + b"\0"
    instance = Instance(samples.blob(ds))
    assert np.array_equal([stored_frame(instance, 1), stored_frame(instance, 2)], bits)


def test_an_object_without_pixels_is_no_image():
    ds = samples.image(samples.ramp(0, 4))
    del ds.PixelData
    with pytest.raises(NotAnImage, match="no pixels"):
        stored(ds)


@pytest.mark.parametrize("keyword", ["Rows", "Columns"])
@pytest.mark.parametrize("said", [("US", b""), ("SS", b"\xff\xff"), ("DS", b"1e308 "), ("LO", b"abc ")])
def test_an_image_of_unknown_size_says_so(keyword, said):
    """X6: there are pixels, and nobody knows how many."""
    ds = samples.image(samples.ramp(0, 4))
    ds.update(samples.raw(**{keyword: said}))
    with pytest.raises(DecodeError, match=r"Rows \(0028,0010\) and Columns .* do not say how many"):
        stored(ds)


def test_thousands_of_frames_are_believed_as_far_as_there_are_bytes():
    """X6: what comes for each frame, a place in a stack and a name for the page, is not made for millions of lies."""
    true, lie = (samples.image(np.zeros((20_000, 1, 1), np.uint8), NumberOfFrames=n) for n in (20_000, 2**31 - 1))
    assert samples.instance(true).frames == 20_000
    assert 20_000 <= samples.instance(lie).frames < 20_100
    assert samples.instance(samples.image(np.zeros((4, 4), np.uint8), NumberOfFrames=2**31 - 1)).frames == 10_000


@pytest.mark.parametrize("bits", [-5, 0, 99, 2**31 - 1])
def test_impossible_bits_stored_are_all_bits(bits):
    """X6, GP1; also those of colours of 16 bits, which become 8."""
    grid = np.array([[0, 40000], [65535, 7]], np.uint16)
    ds = samples.image(grid)
    ds.update(samples.raw(BitsStored=("SL", bits.to_bytes(4, "little", signed=True))))
    assert np.array_equal(stored(ds), grid)


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_planes_become_pixels(planar):
    """CO1: planar configuration 0 and 1 (PS3.3 C.7.6.3.1.3); colour is not converted."""
    rgb = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    ds = samples.image(np.zeros((2, 3), np.uint8), samples.SC, SamplesPerPixel=3, PhotometricInterpretation="RGB")
    ds.PlanarConfiguration = planar
    ds.PixelData = (rgb.transpose(2, 0, 1) if planar else rgb).tobytes()
    assert (stored(ds) == rgb).all()


def test_ybr_422_repeats_the_chroma():
    """CO1, PS3.3 C.7.6.3.1.2: Y1 Y2 Cb Cr; without chroma (128) R, G and B are Y."""
    ds = samples.image(np.zeros((1, 4), np.uint8), samples.SC, SamplesPerPixel=3, PlanarConfiguration=0)
    ds.PhotometricInterpretation, ds.PixelData = "YBR_FULL_422", bytes([1, 2, 128, 128, 76, 76, 85, 255])
    assert stored(ds)[0].tolist() == [[1, 1, 1], [2, 2, 2], [254, 0, 0], [254, 0, 0]]


def test_ybr_422_with_all_its_samples_is_not_halved():
    """CO1: some writers say 4:2:2 and store all three samples."""
    ds = samples.image(np.zeros((1, 2), np.uint8), samples.SC, SamplesPerPixel=3, PlanarConfiguration=0)
    ds.PhotometricInterpretation, ds.PixelData = "YBR_FULL_422", bytes([9, 128, 128, 76, 85, 255])
    assert stored(ds)[0].tolist() == [[9, 9, 9], [254, 0, 0]]


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEG2000Lossless, RLELossless], ids=lambda s: s.name[:12])
@pytest.mark.parametrize("fragment", [b"", b"\x00", b"\xff\xd8\xff\xd9", b"junk" * 100])
def test_a_broken_codestream_is_a_sentence(syntax, fragment):
    """X2."""
    ds = samples.image(np.zeros((8, 8), np.uint8))
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate([fragment or b"\0\0"])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    with pytest.raises(DecodeError, match="cannot be decoded"):
        stored(ds)


def encapsulated(stream: bytes, syntax: str, like: np.ndarray, **attributes):
    """Return an object of one compressed frame; its header is that of an array."""
    ds = samples.image(like, samples.SC, **attributes)
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    ds.PixelData = encapsulate([stream])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return ds


GRADIENT = (np.add.outer(np.arange(48), np.arange(64)) * 20).astype(np.uint16)


@pytest.mark.parametrize("number", [201, 202, 203])
def test_high_throughput_jpeg_2000(number):
    """HTJ2K, reversible: equal to what was coded."""
    stream = imagecodecs.htj2k_encode(GRADIENT, reversible=True)
    ds = encapsulated(stream, f"1.2.840.10008.1.2.4.{number}", GRADIENT)
    assert np.array_equal(stored(ds), GRADIENT)


def test_near_lossless_jpeg_ls_is_as_near_as_it_says():
    """JPEG-LS, near-lossless: no sample is more than two off."""
    stream = imagecodecs.jpegls_encode(GRADIENT, level=2)
    found = stored(encapsulated(stream, "1.2.840.10008.1.2.4.81", GRADIENT)).astype(int)
    assert 0 < np.abs(found - GRADIENT).max() <= 2


@pytest.mark.parametrize("encode", ["jpeg8_encode", "jpegls_encode", "jpeg2k_encode"])
@pytest.mark.parametrize("lie", [(49, 64), (48, 640), (4, 4)])
def test_a_codestream_of_another_size_is_not_decoded(encode, lie):
    """X2: the numbers are compared before anything is allocated."""
    syntax = {"jpeg8_encode": "50", "jpegls_encode": "80", "jpeg2k_encode": "90"}[encode]
    small = (GRADIENT // 16).astype(np.uint8)
    ds = encapsulated(getattr(imagecodecs, encode)(small), f"1.2.840.10008.1.2.4.{syntax}", small)
    assert stored(ds).shape == small.shape
    ds.Rows, ds.Columns = lie
    with pytest.raises(DecodeError, match=f"64 x 48 x 1, but the header says {lie[1]} x {lie[0]} x 1"):
        stored(ds)


def test_a_gigabyte_of_a_few_hundred_bytes_is_not_decoded():
    """X2: header and codestream agree in their lie."""
    small = np.zeros((8, 8), np.uint8)
    stream = bytearray(imagecodecs.jpeg8_encode(small))
    at = stream.index(b"\xff\xc0")
    stream[at + 5 : at + 9] = b"\x80\x00\x80\x00"
    ds = encapsulated(bytes(stream), "1.2.840.10008.1.2.4.50", small)
    ds.Rows = ds.Columns = 32768
    tracemalloc.start()
    with pytest.raises(DecodeError, match="compresses so well"):
        stored(ds)
    assert tracemalloc.get_traced_memory()[1] < 1 << 24
    tracemalloc.stop()


@pytest.mark.parametrize("table", [True, False])
@pytest.mark.parametrize("parts", [1, 3])
def test_frames_of_several_fragments(table, parts):
    """MF6: with an offset table and without."""
    frames = [(GRADIENT + 100 * n).astype(np.uint16) for n in range(3)]
    streams = [imagecodecs.jpegls_encode(f) for f in frames]
    ds = encapsulated(streams[0], "1.2.840.10008.1.2.4.80", np.stack(frames))
    ds.PixelData = encapsulate(streams, fragments_per_frame=parts, has_bot=table)
    instance = Instance(samples.blob(ds))
    assert all(np.array_equal(stored_frame(instance, n), f) for n, f in enumerate(frames, 1))


def test_a_lying_offset_table_is_not_believed():
    """X2: one fragment a frame says it all."""
    frames = [(GRADIENT + 100 * n).astype(np.uint16) for n in range(2)]
    ds = encapsulated(b"later", "1.2.840.10008.1.2.4.80", np.stack(frames))
    data = bytearray(encapsulate([imagecodecs.jpegls_encode(f) for f in frames]))
    data[8:16] = b"\xff" * 8
    ds.PixelData = bytes(data)
    instance = Instance(samples.blob(ds))
    assert all(np.array_equal(stored_frame(instance, n), f) for n, f in enumerate(frames, 1))
