"""Compressed frames: DCMTK and OpenJPEG's plug-in as oracles, colours by marker and header, what lies (GP1, CO1)."""

from __future__ import annotations

import csv
import struct
import subprocess
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.pixels import pixel_array
from pydicom.uid import UID

from dicom_widgets.dicom import fragments
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.errors import DecodeError
from dicom_widgets.media import files as media
from dicom_widgets.pixels import codecs, codestream
from dicom_widgets.pixels.frames import color_conversion, frame_with_all_bits, stored_frame
from tests import samples

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydicom import Dataset

RLE = "1.2.840.10008.1.2.5"
JPEG, EXTENDED, PROCESS_14, LOSSLESS, JPEG_LS, NEAR, J2K, J2K_LOSSY = (
    f"1.2.840.10008.1.2.4.{n}" for n in (50, 51, 57, 70, 80, 81, 90, 91)
)
GRID = (np.add.outer(np.arange(48), np.arange(64)) * 36 % 4096).astype(np.uint16)
RGB = np.random.default_rng(5).integers(0, 256, (17, 23, 3)).astype(np.uint8)
PATCH = np.broadcast_to(np.array([200, 60, 20], np.uint8), (16, 16, 3)).copy()
"""One colour: no compression changes it by more than two levels."""


def compressed(streams: list[bytes], syntax: str, like: np.ndarray, **attributes: Any) -> Dataset:
    """Return an object of compressed frames; its header is that of an array, or of colour pixels."""
    colour = like.ndim == 3 and like.shape[2] == 3
    own = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0} if colour else {}
    ds = samples.image(like[..., 0] if colour else like, samples.SC, **(own | attributes))
    ds.file_meta.TransferSyntaxUID = UID(syntax)
    ds.PixelData = encapsulate(streams)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return ds


def frame(ds: Dataset, number: int = 1) -> np.ndarray:
    return stored_frame(samples.instance(ds), number)


def rle(*planes: np.ndarray) -> bytes:
    """Return a frame of literal runs (PS3.5 annex G), a segment for each plane of bytes."""
    segments = []
    for plane in planes:
        data = plane.astype(np.uint8).tobytes()
        runs = b"".join(bytes([len(data[i : i + 128]) - 1]) + data[i : i + 128] for i in range(0, len(data), 128))
        segments.append(runs + b"\0" * (len(runs) % 2))
    starts = [64 + sum(len(s) for s in segments[:i]) for i in range(len(segments))]
    return struct.pack("<16I", len(segments), *starts, *[0] * (15 - len(starts))) + b"".join(segments)


# ----------------------------------------------------------------------------------------------------------- real files


TOOLS = {
    **dict.fromkeys((JPEG, EXTENDED, PROCESS_14, LOSSLESS), ("dcmdjpeg", "+cl")),
    **dict.fromkeys((JPEG_LS, NEAR), ("dcmdjpls",)),
    RLE: ("dcmdrle",),
}


def by_others(path: Path, dcmtk: Callable[[str], str], folder: Path) -> Dataset:
    """Return the data set, decompressed by DCMTK; JPEG 2000, which DCMTK has not, is left to pydicom's plug-in."""
    ds = dcmread(path)
    tool = TOOLS.get(ds.file_meta.TransferSyntaxUID)
    if tool is None:
        return ds
    subprocess.run([dcmtk(tool[0]), *tool[1:], path, folder / "native.dcm"], check=True, capture_output=True)
    return dcmread(folder / "native.dcm")


@pytest.mark.parametrize("syntax", [*TOOLS, J2K, J2K_LOSSY], ids=lambda s: UID(s).name)
def test_every_compressed_file_is_what_another_decoder_gives(data, dcmtk, tmp_path, syntax):
    """GP1, GP11, CO1, CO2: first, middle and last frame; equal, or within three levels where the two of them round."""
    listed = csv.DictReader((data / "MANIFEST.csv").read_text("utf-8").splitlines())
    rows = [r for r in listed if r["transfer_syntax"] == syntax and r["decode"] == "ok" and r["sop_class"]]
    assert rows
    lossy = syntax in (JPEG, EXTENDED, J2K_LOSSY)
    for row in rows:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            instance = Instance(media.mapped(data / row["file"]))
            theirs = by_others(data / row["file"], dcmtk, tmp_path)
            plugin = "pylibjpeg" if syntax in (J2K, J2K_LOSSY) else ""
            for number in {1, (instance.frames + 1) // 2, instance.frames}:
                expected = pixel_array(theirs, index=number - 1, decoding_plugin=plugin)
                found = stored_frame(instance, number)
                assert found.shape == expected.shape, row["file"]
                difference = np.abs(found.astype(np.int64) - expected).max()
                assert difference <= (3 if lossy and found.ndim == 3 else lossy), (row["file"], number, difference)


@pytest.mark.parametrize(
    "encoder",
    [
        ("dcmcjpls", "+il"),
        ("dcmcjpls", "+is"),
        ("dcmcjpls", "+in"),
        ("dcmcrle",),
        ("dcmcjpeg", "+e1", "+cn"),
        ("dcmcjpeg", "+el", "+cn"),
        ("dcmconv", "+td"),
        ("dcmconv", "+tb"),
    ],
    ids="".join,
)
@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colours_come_back_however_dcmtk_lays_them_out(dcmtk, tmp_path, encoder, planar, dtype):
    """CO1: lines, samples or planes of JPEG-LS, segments of RLE, planar configuration 0 and 1; deflated, big endian."""
    rgb = RGB.astype(dtype) * (257 if dtype == np.uint16 else 1)
    ds = samples.image(rgb[..., 0], samples.SC, SamplesPerPixel=3, PhotometricInterpretation="RGB")
    ds.PlanarConfiguration = planar
    ds.PixelData = (rgb.transpose(2, 0, 1) if planar else rgb).tobytes() + b"\0" * (rgb.nbytes % 2)
    (tmp_path / "native.dcm").write_bytes(samples.part10(ds))
    subprocess.run([dcmtk(encoder[0]), *encoder[1:], "native.dcm", "coded.dcm"], cwd=tmp_path, check=True)
    assert np.array_equal(stored_frame(Instance(media.mapped(tmp_path / "coded.dcm"))), rgb)


# -------------------------------------------------------------------------------------------------------------- colours


def without(stream: bytes, marker: int) -> bytes:
    """Return a JPEG stream without its segments of a marker."""
    while (at := stream.find(bytes([0xFF, marker]))) >= 0:
        stream = stream[:at] + stream[at + 2 + int.from_bytes(stream[at + 2 : at + 4], "big") :]
    return stream


def renamed(stream: bytes) -> bytes:
    """Return a JPEG stream whose components are 1, 2 and 3 in frame and scan header, not R, G and B."""
    frame_at, scan_at = stream.index(b"\xff\xc0"), stream.index(b"\xff\xda")
    out = bytearray(stream)
    for i in range(3):
        out[frame_at + 10 + 3 * i] = out[scan_at + 5 + 2 * i] = i + 1
    return bytes(out)


def adobe(stream: bytes, transform: int) -> bytes:
    """Return a JPEG stream with no other marker than Adobe's."""
    bare = without(without(stream, 0xE0), 0xEE)
    return bare[:2] + b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([transform]) + bare[2:]


YCC = imagecodecs.jpeg8_encode(PATCH, level=100)
PLAIN = imagecodecs.jpeg8_encode(PATCH, level=100, colorspace="RGB", outcolorspace="RGB")


@pytest.mark.parametrize("meant", ["RGB", "YBR_FULL", "YBR_FULL_422"])
@pytest.mark.parametrize(
    ("stream", "word"),
    [
        (YCC, "YBR -> RGB (JFIF marker)"),
        (adobe(YCC, 1), "YBR -> RGB (Adobe marker, transform 1)"),
        (adobe(renamed(PLAIN), 0), "RGB (Adobe marker, transform 0)"),
        (without(without(PLAIN, 0xEE), 0xE0), "RGB (component identifiers R, G, B)"),
    ],
    ids=["JFIF", "Adobe 1", "Adobe 0", "RGB components"],
)
def test_the_markers_of_a_codestream_are_believed_before_the_header(stream, word, meant):
    """CO2."""
    ds = compressed([stream], JPEG, PATCH, PhotometricInterpretation=meant)
    assert np.abs(frame(ds).astype(int) - PATCH).max() <= 2
    assert color_conversion(samples.instance(ds)) == word


@pytest.mark.parametrize(
    ("stream", "meant", "word"),
    [(renamed(PLAIN), "RGB", "RGB"), (YCC, "YBR_FULL_422", "YBR -> RGB"), (YCC, "YBR_FULL", "YBR -> RGB")],
)
def test_without_markers_the_header_decides(stream, meant, word):
    """CO2."""
    bare = without(without(stream, 0xE0), 0xEE)
    ds = compressed([bare], JPEG, PATCH, PhotometricInterpretation=meant)
    assert np.abs(frame(ds).astype(int) - PATCH).max() <= 2
    assert color_conversion(samples.instance(ds)) == f"{word} (Photometric Interpretation {meant})"


def ybr(rgb: np.ndarray, bits: int) -> np.ndarray:
    """PS3.3 C.7.6.3.1.2, YBR_FULL."""
    r, g, b = (rgb[..., i].astype(float) for i in range(3))
    half = 1 << (bits - 1)
    planes = (
        0.2990 * r + 0.5870 * g + 0.1140 * b,
        -0.1687 * r - 0.3313 * g + 0.5000 * b + half,
        0.5000 * r - 0.4187 * g - 0.0813 * b + half,
    )
    return np.stack([p.round().clip(0, 2 * half - 1) for p in planes], -1).astype(rgb.dtype)


@pytest.mark.parametrize("syntax", [samples.EXPLICIT, JPEG_LS, J2K, RLE])
@pytest.mark.parametrize(("dtype", "bits"), [(np.uint8, 8), (np.uint16, 12), (np.uint16, 16)])
def test_ybr_of_lossless_syntaxes_becomes_rgb(syntax, dtype, bits):
    """CO1: also of 12 and 16 bits; lost are two levels by rounding twice, and the fifth decimal of the formula."""
    rgb = (RGB.astype(np.uint32) * ((1 << bits) - 1) // 255).astype(dtype)
    coded = ybr(rgb, bits)
    planes = [
        p for i in range(3) for p in ([coded[..., i]] if bits == 8 else [coded[..., i] >> 8, coded[..., i] & 255])
    ]
    stream = {
        JPEG_LS: lambda: imagecodecs.jpegls_encode(coded),
        J2K: lambda: imagecodecs.jpeg2k_encode(coded, codecformat="j2k", reversible=True, mct=False),
        RLE: lambda: rle(*planes),
    }.get(syntax, bytes)()
    ds = compressed([stream or b"\0\0"], syntax, rgb, PhotometricInterpretation="YBR_FULL", BitsStored=bits)
    if not stream:
        ds.PixelData = coded.tobytes() + b"\0" * (coded.nbytes % 2)
        ds["PixelData"].is_undefined_length = False
    found = frame(ds)
    assert found.dtype == dtype
    assert np.abs(found.astype(int) - rgb).max() <= (2 if dtype == np.uint8 else 8)  # of 65,536


def test_partial_ranges_are_spread():
    """CO1, PS3.3 C.7.6.3.1.2: YBR_PARTIAL_422 has black at 16, white at 235; its chroma is shared by two pixels."""
    ds = samples.image(np.zeros((1, 2), np.uint8), samples.SC, SamplesPerPixel=3, PlanarConfiguration=0)
    ds.PhotometricInterpretation, ds.PixelData = "YBR_PARTIAL_422", bytes([16, 235, 128, 128])
    assert frame(ds)[0].tolist() == [[0, 0, 0], [255, 255, 255]]


@pytest.mark.parametrize("mct", [True, False])
@pytest.mark.parametrize("encode", ["jpeg2k_encode", "htj2k_encode"])
def test_the_transformation_of_jpeg_2000_is_the_decoders(encode, mct):
    """CO1: YBR_RCT is RGB when it comes out of the decoder, with the transformation or without."""
    options = {"mct": mct, "codecformat": "j2k"} if encode == "jpeg2k_encode" else {}
    stream = getattr(imagecodecs, encode)(RGB, reversible=True, **options)
    syntax = J2K if encode == "jpeg2k_encode" else "1.2.840.10008.1.2.4.201"
    assert np.array_equal(frame(compressed([stream], syntax, RGB, PhotometricInterpretation="YBR_RCT")), RGB)


# ------------------------------------------------------------------------------------------------------- bits and signs


@pytest.mark.parametrize("high", [11, 15])
def test_words_with_other_bits_beside_the_stored_ones(high):
    """GP1: RLE and JPEG-LS keep whole words: 12 bits that end at High Bit, something else beside them."""
    up = high - 11
    dirty = (GRID << up) | (3 if up else 0xA000)
    streams = {RLE: rle(dirty >> 8, dirty & 255), JPEG_LS: imagecodecs.jpegls_encode(dirty)}
    for syntax, stream in streams.items():
        ds = compressed([stream], syntax, dirty, BitsStored=12, HighBit=high)
        assert np.array_equal(frame(ds), GRID)
        assert np.array_equal(frame_with_all_bits(samples.instance(ds)), dirty)


@pytest.mark.parametrize("bits", [12, 16])
def test_the_sign_is_in_the_bits_of_the_codestream(bits):
    """GP1: 12-bit two's complement, also where Bits Stored says 16; JPEG 2000 has a sign of its own."""
    signed = GRID.astype(np.int16) - 2048
    raw = (signed & 0xFFF).astype(np.uint16)
    streams = {
        LOSSLESS: imagecodecs.jpeg8_encode(raw, lossless=True, bitspersample=12),
        J2K: imagecodecs.jpeg2k_encode(signed, codecformat="j2k", reversible=True, bitspersample=12),
    }
    assert codestream.codestream_of(streams[LOSSLESS]).precision == 12
    for syntax, stream in streams.items():
        found = frame(compressed([stream], syntax, signed, BitsStored=bits))
        assert found.dtype == np.int16
        assert np.array_equal(found, signed), syntax


def test_eight_bits_where_sixteen_are_allocated():
    """GP11."""
    grid = (GRID >> 4).astype(np.uint8)
    ds = compressed([imagecodecs.jpegls_encode(grid)], JPEG_LS, grid.astype(np.uint16), BitsStored=8)
    assert frame(ds).dtype == np.uint16
    assert np.array_equal(frame(ds), grid)


def test_more_bits_than_are_allocated_are_refused():
    """X2."""
    ds = compressed([imagecodecs.jpegls_encode(GRID)], JPEG_LS, GRID.astype(np.uint8))
    with pytest.raises(DecodeError, match="16 bits a sample, but the header allocates 8"):
        frame(ds)


# ------------------------------------------------------------------------------------------------- sizes and their lies


@pytest.mark.parametrize("rows", [24, 96])
@pytest.mark.parametrize("bits", [8, 16])
def test_rle_of_another_size_is_refused(rows, bits):
    """X2: its size shows only while it is decoded."""
    planes = [GRID >> 8, GRID & 255] if bits == 16 else [GRID & 255]
    ds = compressed([rle(*planes)], RLE, GRID if bits == 16 else GRID.astype(np.uint8))
    assert frame(ds).shape == GRID.shape
    ds.Rows = rows
    with pytest.raises(DecodeError, match=r"RLE.*cannot be decoded"):
        frame(ds)


def test_rle_that_unfolds_takes_no_more_than_a_frame():
    """X2: 4 MB of repeated bytes unfold to 256 MB; the header says 8 x 8."""
    stream = struct.pack("<16I", 1, 64, *[0] * 14) + b"\x81\0" * (1 << 21)
    ds = samples.instance(compressed([stream], RLE, np.zeros((8, 8), np.uint8)))
    tracemalloc.start()
    with pytest.raises(DecodeError):
        stored_frame(ds)
    assert tracemalloc.get_traced_memory()[1] < 1 << 24
    tracemalloc.stop()


@pytest.mark.parametrize("syntax", [JPEG, JPEG_LS, J2K, "1.2.840.10008.1.2.4.201"])
def test_a_codestream_that_announces_a_large_image_is_refused_by_its_header(syntax):
    """X2: 32768 x 32768 announced by a few hundred bytes; the header of the object says 64 x 48."""
    small = GRID.astype(np.uint8)
    encode = {JPEG: "jpeg8_encode", JPEG_LS: "jpegls_encode", J2K: "jpeg2k_encode"}.get(syntax, "htj2k_encode")
    stream = bytearray(getattr(imagecodecs, encode)(small))
    size, width = (struct.pack(">HH", 48, 64), 2) if "jpeg2k" not in encode and "htj2k" not in encode else (b"", 4)
    size = size or struct.pack(">II", 64, 48)
    at = stream.index(size, stream.index(b"\xff\x4f\xff\x51") if width == 4 else 0)
    stream[at : at + 2 * width] = (32768).to_bytes(width, "big") * 2
    tracemalloc.start()
    with pytest.raises(DecodeError, match="32768 x 32768 x 1, but the header says 64 x 48 x 1"):
        frame(compressed([bytes(stream)], syntax, small))
    assert tracemalloc.get_traced_memory()[1] < 1 << 22
    tracemalloc.stop()


def test_jpeg_2000_in_a_file_of_its_own_is_decoded_and_its_size_read_where_the_decoder_reads_it():
    """X2: some writers encapsulate JP2; a codestream inside of another box is none."""
    stream = imagecodecs.jpeg2k_encode(GRID, codecformat="jp2", reversible=True)
    ds = compressed([stream], J2K, GRID)
    assert np.array_equal(frame(ds), GRID)
    inner = imagecodecs.jpeg2k_encode(GRID[:8, :8], codecformat="j2k", reversible=True)
    box = struct.pack(">I4s", 24 + len(inner), b"uuid") + b"\1" * 16 + inner
    at = stream.index(b"jp2c") - 4
    assert np.array_equal(frame(compressed([stream[:at] + box + stream[at:]], J2K, GRID)), GRID)


def test_a_jpeg_ls_stream_without_its_end_is_decoded_and_one_that_was_cut_off_says_so_at_once():
    """X2: CharLS refuses the first, and reads on behind some of the others for up to half a minute."""
    noise = np.random.default_rng(1).integers(0, 4000, (512, 512)).astype(np.uint16)
    stream = imagecodecs.jpegls_encode(noise, level=3)
    whole = frame(compressed([stream], JPEG_LS, noise))
    assert np.array_equal(frame(compressed([stream.rstrip(b"\0")[:-2]], JPEG_LS, noise)), whole)
    assert codecs.with_end(stream[:-9], JPEG_LS) == stream[:-9] + b"\xff\xd9"
    for cut in (9, len(stream) // 2):
        with pytest.raises(DecodeError, match="cannot be decoded"):
            frame(compressed([stream[:-cut]], JPEG_LS, noise))


@pytest.mark.parametrize("syntax", ["100", "102", "110", "92", "94"])
def test_a_syntax_without_a_decoder_says_so(syntax):
    """X2: video, JPEG XL, multi-component JPEG 2000, JPIP."""
    ds = compressed([b"\0\0\1\xb3" * 8], f"1.2.840.10008.1.2.4.{syntax}", GRID)
    with pytest.raises(DecodeError, match="no decoder of images in this transfer syntax"):
        frame(ds)


@pytest.mark.parametrize("rows", [49, 96])
def test_native_pixels_do_not_go_on_in_the_next_element(rows):
    """X2: Data Set Trailing Padding behind them is no image."""
    ds = samples.image(GRID, Rows=rows)
    ds.add_new(0xFFFCFFFC, "OB", b"\x09" * 20_000)
    with pytest.raises(DecodeError, match="cut off"):
        frame(ds)


# ------------------------------------------------------------------------------------------------ fragments and frames


FRAMES = [(np.random.default_rng(n).integers(0, 4096, (48, 64))).astype(np.uint16) for n in range(3)]
STREAMS = [imagecodecs.jpegls_encode(f) for f in FRAMES]


@pytest.mark.parametrize("table", [(0, 0, 0), (8, 16, 24), (0, 1 << 31, 4), (0, 16, 8)])
@pytest.mark.parametrize("parts", [1, 3])
def test_a_wrong_offset_table_is_seen_through(table, parts):
    """MF6: repeated, shifted, beyond the end, in disorder."""
    ds = compressed([], JPEG_LS, np.stack(FRAMES))
    data = bytearray(encapsulate(STREAMS, fragments_per_frame=parts))
    data[8:20] = struct.pack("<3I", *table)
    ds.PixelData = bytes(data)
    instance = samples.instance(ds)
    assert all(np.array_equal(stored_frame(instance, n), f) for n, f in enumerate(FRAMES, 1))


def test_an_extended_offset_table():
    """MF6, PS3.3 C.7.6.3.1.8."""
    ds = compressed([], JPEG_LS, np.stack(FRAMES))
    ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended(STREAMS)
    instance = samples.instance(ds)
    assert all(np.array_equal(stored_frame(instance, n), f) for n, f in enumerate(FRAMES, 1))


def test_more_frames_than_the_header_counts():
    """X2: the counted ones are shown, whether or not they are in several fragments."""
    for parts in (1, 3):
        ds = compressed([], JPEG_LS, np.stack(FRAMES[:2]))
        ds.PixelData = encapsulate(STREAMS, fragments_per_frame=parts, has_bot=False)
        instance = samples.instance(ds)
        assert all(np.array_equal(stored_frame(instance, n), FRAMES[n - 1]) for n in (1, 2))


def test_millions_of_empty_fragments_do_not_fill_the_memory(monkeypatch):
    """X2."""
    monkeypatch.setattr(fragments, "MOST", 1000)
    ds = compressed([], JPEG_LS, np.stack(FRAMES))
    ds.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0" * 5000
    assert sum(len(f) for f in samples.instance(ds).fragments) <= 1000


def test_the_first_of_two_thousand_frames_needs_only_its_own_bytes(monkeypatch):
    """MF6: one frame is decoded, and what is allocated for it does not grow with the others but for their places."""
    decoded = []
    bare = codecs.decode
    monkeypatch.setattr(
        codecs, "decode", lambda src, *args, **kwargs: decoded.append(len(src)) or bare(src, *args, **kwargs)
    )
    peaks = {}
    for count in (2, 2000):
        ds = compressed([STREAMS[0]] * count, JPEG_LS, FRAMES[0], NumberOfFrames=count)
        instance = samples.instance(ds)
        tracemalloc.start()
        assert np.array_equal(stored_frame(instance, 1), FRAMES[0])
        peaks[count] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert decoded == [len(STREAMS[0]) + len(STREAMS[0]) % 2] * 2
    assert peaks[2000] - peaks[2] < 2000 * 300, "bytes for the place of each frame, far below those of a codestream"


def test_frames_decoded_by_many_threads_are_the_same():
    ds = compressed(STREAMS, JPEG_LS, np.stack(FRAMES))
    instance = samples.instance(ds)
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda n: stored_frame(instance, 1 + n % 3), range(60))
    assert all(np.array_equal(f, FRAMES[n % 3]) for n, f in enumerate(found))


# ------------------------------------------------------------------------------------------------- pydicom's plug-ins


@pytest.mark.parametrize("colour", [True, False])
def test_another_plug_in_takes_over_where_the_first_fails(monkeypatch, colour):
    """JPEG 2000 by pylibjpeg-openjpeg."""

    def fails(_: bytes) -> np.ndarray:
        raise ValueError("not today")

    array = RGB if colour else GRID
    stream = imagecodecs.jpeg2k_encode(array, codecformat="j2k", reversible=True)
    ds = compressed(
        [stream], J2K, array, **({"PhotometricInterpretation": "YBR_RCT"} if colour else {"BitsStored": 12})
    )
    monkeypatch.setattr(imagecodecs, "jpeg2k_decode", fails)
    assert np.array_equal(frame(ds), array)


def test_pydicom_decodes_with_us_what_it_cannot_alone():
    """JPEG-LS: no other plug-in is a dependency."""
    ds = compressed([STREAMS[0]], JPEG_LS, FRAMES[0], BitsStored=12)
    assert np.array_equal(pixel_array(ds, decoding_plugin="imagecodecs"), FRAMES[0])
