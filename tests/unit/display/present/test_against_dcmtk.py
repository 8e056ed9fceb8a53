"""Display values of real images against dcm2pnm: within one level, as DCMTK cuts off where we round (X5)."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

import dicom_widgets as dw
from tests import samples


@pytest.fixture
def rendered(dcmtk, tmp_path):
    """Render with dcm2pnm or dcmj2pnm: `rendered(path, "+Ww", 40, 400)`."""

    def render(path, *options) -> np.ndarray:
        out, tool = tmp_path / "out.pgm", "dcm2pnm"
        ds = dcmread(path)
        if ds.file_meta.TransferSyntaxUID in JPEG_2000:  # DCMTK has no decoder for it: pydicom decodes
            ds.decompress()
            ds.save_as(path := tmp_path / "decoded.dcm", enforce_file_format=True)
        elif ds.file_meta.TransferSyntaxUID.is_compressed:
            tool = "dcmj2pnm"
        subprocess.run([dcmtk(tool), *map(str, options), "+op", str(path), str(out)], check=True, timeout=60)
        return np.asarray(Image.open(out).convert("L")).astype(int)

    return render


def apart(path, rendered, window=None) -> int:
    """Return by how many levels we differ from DCMTK at most; padding, which it does not know, is left out."""
    ds = dcmread(path, stop_before_pixels=True)
    with dw.Session(listen_port=0) as session:
        image = session.load(path).one().instances[0]
        dark = ds.SOPClassUID == samples.PET  # high uptake is dark for us (NP6), not for DCMTK
        levels = session.present(image, presentation=None, window=window, invert=dark).display().astype(int)
        seen = ~padding(session.array(image, 1, values="stored"), ds)
        values = session.array(image, 1)[seen]
    options = ["+Wfl", "+Ww", *window] if window else own_voi(ds, values)
    return int(np.abs(levels - rendered(path, *options))[seen].max())


def padding(stored: np.ndarray, ds) -> np.ndarray:
    first = ds.get("PixelPaddingValue")
    if first is None:
        return np.zeros(stored.shape, bool)
    ends = np.array([first, ds.get("PixelPaddingRangeLimit", first)]).astype(np.uint16).astype(stored.dtype)
    return (stored >= ends.min()) & (stored <= ends.max())


def own_voi(ds, values: np.ndarray) -> list:
    """Return what tells DCMTK to use the image's own VOI: the first window, else the first table, else GP8."""
    if "WindowCenter" in ds:
        return ["+Wi", 1]
    if "VOILUTSequence" in ds:
        return ["+Wl", 1]
    low, high = values.min(), values.max()
    over = ["+Ww", (low + high + 1) / 2, high - low + 1]
    said = re.search(r"signed (-?\d+) to (\d+)", str(ds.get("ImageComments", "")))  # the range as its maker says it
    if said:
        return over if int(said[2]) - int(said[1]) < 2**ds.BitsStored - 1 else ["-W"]
    return ["-W"] if ds.SOPClassUID in (samples.SC, samples.DX) and (high - low) * 32 > 2**ds.BitsStored else over


JPEG_2000 = ("1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91")
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
REAL = [
    "series/ct_head_tiny_slicer",
    "series/mr_lumbar_4series",
    "display/pixel_depth_signed",
    "display/pixel_depth_unsigned",
    "display/modality_lut",
    "display/voi_lut",
    "classes/cr",
    "classes/dx",
    "classes/mg",
    "classes/pet",
    "classes/xa",
    "classes/xrf",
    "transfer_syntax/wg04/IMAGES/REF",
]


def some(folder, count: int = 4) -> list:
    """Return a few grayscale images of a folder, from its beginning to its end."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        ds = dcmread(path, stop_before_pixels=True)
        if str(ds.get("PhotometricInterpretation", "")).startswith("MONO"):
            found.append(path)
    return found[:: max(1, len(found) // count)][:count]


@pytest.mark.parametrize("folder", REAL)
def test_a_given_window(data, rendered, folder):
    """GP1, GP2, GP6, GP9: stored bits, modality stage, LINEAR, MONOCHROME1 and 2."""
    paths = some(data / folder)
    assert paths
    for path in paths:
        with dw.Session(listen_port=0) as session:
            values = session.array(session.load(path), 1)
        low, high = np.percentile(values, [5, 95]).tolist()
        assert apart(path, rendered, (round((low + high) / 2), max(2, round(high - low)))) <= 1, path


@pytest.mark.parametrize("folder", [f for f in REAL if f != "classes/pet"])  # DCMTK has no windows below 1 Bq/ml
def test_the_files_own_window(data, rendered, folder):
    """GP5, GP8."""
    for path in some(data / folder):
        assert apart(path, rendered) <= 1, path


@pytest.mark.parametrize("function", ["LINEAR", "SIGMOID"])
@pytest.mark.parametrize(("center", "width"), [(0, 400), (-500, 1000), (1000, 2), (3, 1)])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_a_ramp_through_any_window(rendered, tmp_path, function, center, width, photometric):
    """GP6, GP9 on all 12-bit signed values; needs no data."""
    if (function, width) == ("SIGMOID", 1):
        width = 3
    ds = samples.image(np.arange(-2048, 2048, dtype=np.int16).reshape(64, 64), BitsStored=12)
    ds.PhotometricInterpretation, ds.VOILUTFunction = photometric, function
    ds.WindowCenter, ds.WindowWidth = center, width
    ds.save_as(tmp_path / "ramp.dcm", enforce_file_format=True)
    assert apart(tmp_path / "ramp.dcm", rendered) <= 1


@pytest.mark.parametrize(("bits", "high", "signed"), [(12, 11, True), (12, 11, False), (12, 15, False), (10, 12, True)])
def test_bit_fields_with_dirt_around_them(rendered, tmp_path, bits, high, signed):
    """GP1: every 16-bit pattern."""
    ds = samples.image(np.arange(65536, dtype=np.uint16).reshape(256, 256), BitsStored=bits, HighBit=high)
    ds.PixelRepresentation = int(signed)
    ds.WindowCenter, ds.WindowWidth = (0 if signed else 1 << bits - 1), 1 << bits
    ds.save_as(tmp_path / "field.dcm", enforce_file_format=True)
    assert apart(tmp_path / "field.dcm", rendered) <= 1


@pytest.mark.parametrize(
    ("photometric", "shape"),
    [("MONOCHROME1", None), ("MONOCHROME1", "IDENTITY"), ("MONOCHROME1", "INVERSE"), ("MONOCHROME2", "INVERSE")],
)
def test_inversion_by_photometric_interpretation_and_shape(rendered, tmp_path, photometric, shape):
    """GP9."""
    ds = samples.image(np.arange(256, dtype=np.uint8).reshape(16, 16), samples.SC, PresentationLUTShape=shape)
    ds.PhotometricInterpretation, ds.WindowCenter, ds.WindowWidth = photometric, 128, 256
    ds.save_as(tmp_path / "shape.dcm", enforce_file_format=True)
    assert apart(tmp_path / "shape.dcm", rendered) <= 1


def test_the_modality_lut_of_xa_is_ignored_as_by_dcmtk(rendered, tmp_path):
    """GP3."""
    ds = samples.image(np.arange(256, dtype=np.uint8).reshape(16, 16), samples.XA, Modality="XA")
    ds.ModalityLUTSequence = [samples.lut(list(range(512, 256, -1)), bits=16, ModalityLUTType="US")]
    ds.WindowCenter, ds.WindowWidth = 128, 256
    ds.save_as(tmp_path / "xa.dcm", enforce_file_format=True)
    assert apart(tmp_path / "xa.dcm", rendered) <= 1


@pytest.mark.parametrize(("first", "dtype", "bits"), [(0, np.uint8, 8), (-50, np.int16, 16), (100, np.uint16, 12)])
def test_a_voi_lut(rendered, tmp_path, first, dtype, bits):
    """GP7, against dcm2pnm +Wl."""
    entries = (np.linspace(0, 1, 200) ** 2 * ((1 << bits) - 1)).astype(int)
    low = -128 if np.dtype(dtype).kind == "i" else 0
    ds = samples.image(np.arange(low, low + 256).astype(dtype).reshape(16, 16))
    ds.VOILUTSequence = [samples.lut(entries, first=first, bits=bits)]
    ds.save_as(tmp_path / "voi.dcm", enforce_file_format=True)
    assert apart(tmp_path / "voi.dcm", rendered) <= 1
