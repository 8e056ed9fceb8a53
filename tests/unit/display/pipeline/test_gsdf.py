"""GP12: the Grayscale Standard Display Function against PS3.14's own numbers and DCMTK's."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
from PIL import Image

import dicom_widgets as dw
from dicom_widgets.display.pipeline import gsdf
from tests import samples

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)


@pytest.fixture
def calibrated(monkeypatch):
    monkeypatch.setattr(dw.options, "luminance", (0.5, 400))


@pytest.mark.parametrize(("index", "light"), [(1, 0.0500), (2, 0.0547), (1023, 3993.4)])
def test_luminances_of_ps3_14(index, light):
    """The first and last rows of its Table B-1; DCMTK has all of them below."""
    assert gsdf.luminance(np.array([float(index)]))[0] == pytest.approx(light, rel=1e-3)


@pytest.mark.parametrize("index", [1, 50, 512, 1023])
def test_the_way_back(index):
    assert gsdf.index(float(gsdf.luminance(np.array([float(index)]))[0])) == pytest.approx(index, abs=0.5)


def test_golden_levels():
    """P 0, 32, 64, 128, 192, 255 on 0.5 to 400 cd/m²."""
    assert gsdf.table(0.5, 400)[[0, 32, 64, 128, 192, 255]].tolist() == [0, 25, 43, 89, 156, 255]


@pytest.mark.parametrize(("darkest", "brightest"), [(0.05, 3993), (0.5, 400), (1, 80), (30, 31)])
def test_any_display_has_black_white_and_no_step_back(darkest, brightest):
    levels = gsdf.table(darkest, brightest).astype(int)
    assert (levels[0], levels[-1]) == (0, 255)
    assert np.diff(levels).min() >= 0


def test_dcmtk_paints_the_same(session, dcmtk, tmp_path, calibrated):
    """Its display file has the luminance of each level; it cuts off where we round (X5)."""
    ds = samples.image(RAMP, samples.SC)
    ds.save_as(tmp_path / "ramp.dcm", enforce_file_format=True)
    lights = 0.5 + 399.5 * (np.arange(256) / 255) ** 2.2
    (tmp_path / "display.lut").write_text("max 255\n" + "".join(f"{i} {x:.6f}\n" for i, x in enumerate(lights)))
    tool = [dcmtk("dcm2pnm"), "+Dm", tmp_path / "display.lut", "+Dg", "-W", "+op"]
    subprocess.run([*map(str, tool), tmp_path / "ramp.dcm", tmp_path / "out.pgm"], check=True)
    theirs = np.asarray(Image.open(tmp_path / "out.pgm")).astype(int)
    picture = session.present(session.load(tmp_path / "ramp.dcm")[0].children[0].children[0])
    ours = picture.rgba((16, 16))[..., 0].astype(int)
    assert not np.array_equal(ours, RAMP)
    assert np.abs(ours - theirs).max() <= 1


def test_only_what_is_painted_changes(session, calibrated):
    """Display values stay P-values; padding stays black; the record says it."""
    ds = samples.image(RAMP, samples.SC, PixelPaddingValue=200)
    session.load(samples.part10(ds))
    picture = session.present(str(ds.SOPInstanceUID))
    expected = np.where(RAMP == 200, 0, RAMP)
    assert np.array_equal(picture.display(), expected)
    assert np.array_equal(picture.rgba()[..., 0], gsdf.table(0.5, 400)[expected])
    inverted = session.present(str(ds.SOPInstanceUID), invert=True)
    assert np.array_equal(inverted.rgba()[..., 0], gsdf.table(0.5, 400)[np.where(RAMP == 200, 0, 255 - RAMP)])
    said = {s["stage"]: s["used"] for s in picture.record["stages"]}
    assert said["display"] == "GSDF from 0.5 to 400 cd/m²"


def test_colours_are_as_they_were(session, calibrated):
    colors = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    ds = samples.image(colors[..., 0], samples.SC, SamplesPerPixel=3, PlanarConfiguration=0)
    ds.PhotometricInterpretation, ds.PixelData = "RGB", colors.tobytes()
    session.load(samples.part10(ds))
    assert np.array_equal(session.present(str(ds.SOPInstanceUID)).rgba()[..., :3], colors)


def test_without_luminances_it_is_said_that_nothing_is_calibrated(session):
    ds = samples.image(RAMP, samples.SC)
    session.load(samples.part10(ds))
    picture = session.present(str(ds.SOPInstanceUID))
    assert np.array_equal(picture.rgba()[..., 0], RAMP)
    assert any("not calibrated" in s["used"] for s in picture.record["stages"] if s["stage"] == "display")


@pytest.mark.parametrize("wrong", [(400, 0.5), (0, 400), (1, 1), (1, 5000)])
def test_luminances_that_no_display_has_are_refused(wrong):
    with pytest.raises(ValueError, match="cd/m²"):
        dw.options.luminance = wrong
    assert dw.options.luminance is None
