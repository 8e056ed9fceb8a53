"""Stored values of real files: equal to pydicom's raw decoding, or to the same image without compression."""

from __future__ import annotations

import subprocess
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.pixels import pixel_array

from dicom_widgets.dicom.instance import Instance
from dicom_widgets.errors import DecodeError, NotAnImage, NotDicom
from dicom_widgets.media import files as media
from dicom_widgets.pixels.frames import color_conversion, stored_frame

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")


LIARS = {"JPEGProcess2_4.dcm", "SC_jpeg_no_color_transform.dcm", "SC_jpeg_no_color_transform_2.dcm"}
"""Their Photometric Interpretation is not that of their codestream; pydicom believes it."""


def read(path: Path) -> Instance:
    return Instance(media.mapped(path))


def compared(paths: list[Path]) -> int:
    """Compare the first frame of every image with pydicom's; return how many were compared.

    pydicom makes RGB of YBR as we do, in floating point: one level may differ.
    """
    count = 0
    for path in paths:
        try:
            instance = read(path)
        except NotDicom:
            continue
        if instance.pixels_at is None or path.name in LIARS:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs = pixel_array(dcmread(path), index=0)
        except Exception:  # noqa: BLE001  what the oracle cannot read is not compared
            continue
        ours = stored_frame(instance)
        assert ours.dtype == theirs.dtype.newbyteorder("="), path
        assert np.abs(ours.astype(np.int64) - theirs).max() <= (1 if "YBR" in color_conversion(instance) else 0), path
        count += 1
    return count


@pytest.mark.parametrize(
    ("folder", "least"),
    [
        ("series", 140),
        ("rt", 90),
        ("gsps", 25),
        ("display", 20),
        ("transfer_syntax", 44),
        ("classes", 15),
        ("dicomdir", 25),
    ],
)
def test_every_image_is_what_pydicom_reads(data, folder, least):
    """GP1, GP11, CO1."""
    assert compared(sorted(p for p in (data / folder).rglob("*") if p.is_file())) >= least


def test_every_image_of_pydicoms_own_files_is_what_pydicom_reads(wheel_file):
    """GP1, CO1; needs no other data: the wheel of pydicom and pydicom-data."""
    folders = [wheel_file("CT_small.dcm").parent, wheel_file("vlut_04.dcm").parent]
    assert compared(sorted(p for folder in folders for p in folder.glob("*.dcm"))) >= 90


WG04 = {
    "CT1": ("J2KR", "JLSL", "JPLL", "RLE"),
    "MR1": ("J2KR", "JLSL", "JPLL", "RLE"),
    "NM1": ("J2KR", "JLSL", "JPLL", "RLE"),
    "US1": ("J2KR", "RLE"),
}


@pytest.mark.parametrize("name", WG04)
def test_lossless_compression_gives_the_uncompressed_image(data, name):
    """NEMA's WG04 samples: JPEG 2000, JPEG-LS and lossless JPEG against the reference."""
    images = data / "transfer_syntax" / "wg04" / "IMAGES"
    truth = stored_frame(read(images / "REF" / f"{name}_UNC"))
    for kind in WG04[name]:
        found = stored_frame(read(images / kind / f"{name}_{kind}"))
        assert np.array_equal(found.astype(np.int64), truth.astype(np.int64)), kind


@pytest.mark.parametrize(("kind", "most"), [("J2KI", 60), ("JLSN", 10), ("JPLY", 60)])
@pytest.mark.parametrize("name", ["CT1", "MR1", "NM1"])
def test_lossy_compression_is_near_it(data, name, kind, most):
    """The mean difference is small; JPLY is 12-bit JPEG Extended with a wrong scan header."""
    images = data / "transfer_syntax" / "wg04" / "IMAGES"
    path = images / kind / f"{name}_{kind}"
    if path.exists():  # there is no CT1_JPLY
        found = stored_frame(read(path)).astype(float)
        truth = stored_frame(read(images / "REF" / f"{name}_UNC")).astype(float)
        assert np.abs(found - truth).mean() < most
    else:
        assert (name, kind) == ("CT1", "JPLY")


@pytest.mark.parametrize("syntax", ["57", "70", "80", "90"])
def test_one_ct_is_the_same_in_all_lossless_syntaxes(data, syntax):
    folder = data / "transfer_syntax" / "ct_mister"
    truth = stored_frame(read(next(folder.glob("*1.2.840.10008.1.2.dcm"))))
    assert np.array_equal(stored_frame(read(next(folder.glob(f"*1.2.4.{syntax}.dcm")))), truth)


WHEEL = [
    ("MR_small.dcm", "MR_small_jp2klossless.dcm"),
    ("MR_small.dcm", "MR_small_jpeg_ls_lossless.dcm"),
    ("MR_small.dcm", "MR_small_RLE.dcm"),
    ("MR_small.dcm", "MR_small_bigendian.dcm"),
    ("MR_small.dcm", "MR_small_implicit.dcm"),
    ("MR_small.dcm", "MR_small_padded.dcm"),
    ("MR2_UNCR.dcm", "MR2_J2KR.dcm"),
    ("RG1_UNCR.dcm", "RG1_J2KR.dcm"),
    ("RG3_UNCR.dcm", "RG3_J2KR.dcm"),
    ("693_UNCR.dcm", "693_J2KR.dcm"),
    ("US1_UNCR.dcm", "US1_J2KR.dcm"),
    ("rtdose.dcm", "rtdose_expb.dcm"),
    ("rtdose.dcm", "rtdose_rle.dcm"),
    ("emri_small.dcm", "emri_small_jpeg_2k_lossless.dcm"),
    ("emri_small.dcm", "emri_small_jpeg_ls_lossless.dcm"),
    ("emri_small.dcm", "emri_small_big_endian.dcm"),
    ("emri_small.dcm", "emri_small_RLE.dcm"),
    ("OBXXXX1A.dcm", "OBXXXX1A_expb.dcm"),
    ("SC_rgb_small_odd.dcm", "SC_rgb_small_odd_big_endian.dcm"),
]


@pytest.mark.parametrize(("truth", "other"), WHEEL)
def test_the_same_image_in_two_syntaxes(wheel_file, truth, other):
    """pydicom's own pairs; all frames."""
    first, second = read(wheel_file(truth)), read(wheel_file(other))
    assert first.frames == second.frames
    for number in range(1, first.frames + 1):
        assert np.array_equal(stored_frame(first, number), stored_frame(second, number))


def test_all_frames_of_a_compressed_object_are_what_pydicom_reads(wheel_file):
    """MF6: each frame by its own, through the offset table or without."""
    path = wheel_file("color3d_jpeg_baseline.dcm")
    ds, instance = dcmread(path), read(path)
    for number in (1, 2, instance.frames):
        difference = stored_frame(instance, number).astype(int) - pixel_array(ds, index=number - 1)
        assert np.abs(difference).max() <= 1


@pytest.mark.parametrize("name", ["no_bot_jpeg_ls.81", "no_bot_jpeg_baseline.51"])
def test_a_frame_in_several_fragments_is_put_together(data, name):
    path = data / "transfer_syntax" / "fragmented" / f"CT0012.fragmented_{name}.dcm"
    found = stored_frame(read(path))
    assert found.shape == (512, 512)
    assert found.std() > 100


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("GH1146.dcm", "cut off"),
        ("MR_truncated.dcm", "cut off"),
        ("invalid_compression.dcm", "cannot be decoded"),
        ("JPEG2000-embedded-sequence-delimiter.dcm", "3722445056 x 1024"),
    ],
)
def test_what_is_broken_says_so(data, name, why):
    """X2."""
    with pytest.raises(DecodeError, match=why):
        stored_frame(read(data / "bad" / name))


def test_an_object_without_pixels_is_no_image(wheel_file):
    with pytest.raises(NotAnImage, match=r"session\.dataset"):
        stored_frame(read(wheel_file("rtplan.dcm")))


def test_a_data_set_that_is_implicit_where_its_meta_information_says_jpeg(wheel_file):
    """pydicom's SC_rgb_jpeg.dcm: found by the bytes in front of the pixel data."""
    assert stored_frame(read(wheel_file("SC_rgb_jpeg.dcm"))).shape == (256, 256, 3)


@pytest.mark.parametrize("name", ["JPEGProcess2_4.dcm", "CT_DISP", "US_MF"])
def test_jpeg_colours_are_those_that_dcmtk_shows(data, dcmtk, tmp_path, name):
    """CO1, CO2: within three levels (the stream is lossy, and the two inverse transforms differ)."""
    path = {
        "JPEGProcess2_4.dcm": data / "transfer_syntax" / "misc" / "JPEGProcess2_4.dcm",
        "CT_DISP": data / "display" / "photometric" / "1.2.40.0.13.1.1.120850205437059738156326987522667904907",
        "US_MF": data / "classes" / "us_mf" / "I_000003.dcm",
    }[name]
    subprocess.run([dcmtk("dcmj2pnm"), "+cl", "+F", "1", path, tmp_path / "theirs.ppm"], check=True)
    theirs = np.asarray(Image.open(tmp_path / "theirs.ppm"))
    assert np.abs(stored_frame(read(path)).astype(int) - theirs).max() <= 3


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("SC_rgb_dcmtk_+eb+cr.dcm", "RGB"),
        ("SC_rgb_dcmtk_+eb+cy+np.dcm", "YBR -> RGB"),
        ("SC_rgb_jpeg_dcmtk.dcm", "YBR -> RGB (JFIF"),
        ("SC_rgb_rle.dcm", "RGB"),
        ("SC_ybr_full_422_uncompressed.dcm", "YBR -> RGB"),
    ],
)
def test_pure_red_is_red(wheel_file, name, words):
    """CO1, CO2: whatever the object says and however it is stored, the first bar is red (254 by rounding)."""
    instance = read(wheel_file(name))
    assert np.abs(stored_frame(instance)[5, 50].astype(int) - (255, 0, 0)).max() <= 3
    assert color_conversion(instance).startswith(words)
