"""ICC profiles: a device with another gamma, and one with red and blue exchanged, by hand (CO5)."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

import dicom_widgets as dw
from dicom_widgets.display.pipeline.icc import profile_of, to_srgb
from dicom_widgets.display.pipeline.view_settings import ViewSettings
from tests import samples
from tests.classes import COLORS, MADE
from tests.samples import item, part10

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def tag(profile: bytes, name: bytes) -> slice:
    """Return where the entry of a tag lies in the table of tags of a profile (ICC.1 7.3)."""
    count = int.from_bytes(profile[128:132], "big")
    for at in range(132, 132 + 12 * count, 12):
        if profile[at : at + 4] == name:
            return slice(at + 4, at + 12)
    raise AssertionError(name)


def exchanged() -> bytes:
    """Return sRGB with the primaries of red and blue exchanged."""
    found = bytearray(SRGB)
    red, blue = tag(SRGB, b"rXYZ"), tag(SRGB, b"bXYZ")
    found[red], found[blue] = SRGB[blue], SRGB[red]
    return bytes(found)


def shown(session, **attributes):
    ds = MADE["77.1.4"]()
    for keyword, found in attributes.items():
        setattr(ds, keyword, found)
    session.load(part10(ds))
    return session.present(str(ds.SOPInstanceUID))


def stage(picture) -> str:
    return next((s["used"] for s in picture.record["stages"] if s["stage"] == "icc profile"), "")


def test_exchanged_primaries_exchange_red_and_blue(session):
    """CO5: one level for the rounding of the transform."""
    picture = shown(session, ICCProfile=exchanged())
    assert np.abs(picture.display().astype(int) - COLORS[..., ::-1]).max() <= 2
    assert stage(picture).startswith("ICC profile -> sRGB")


def test_srgb_changes_nothing(session):
    """CO5."""
    assert np.abs(shown(session, ICCProfile=SRGB).display().astype(int) - COLORS).max() <= 1


def test_the_colour_space_srgb_is_no_conversion(session):
    """CO5: Color Space (0028,2002)."""
    picture = shown(session, ICCProfile=exchanged(), ColorSpace="SRGB")
    assert np.array_equal(picture.display(), COLORS)
    assert stage(picture) == ""


@pytest.mark.parametrize("broken", [b"\0" * 200, SRGB[:300], b"x", b"acsp" * 64])
def test_a_broken_profile_is_said_and_the_image_is_seen(session, broken):
    """X2."""
    picture = shown(session, ICCProfile=broken)
    assert np.array_equal(picture.display(), COLORS)
    assert "cannot be used" in stage(picture)


def test_the_profile_of_the_only_optical_path():
    """CO5."""
    one, two = item(ICCProfile=b"one"), item(ICCProfile=b"two")
    assert profile_of(item(OpticalPathSequence=[one])) == b"one"
    assert profile_of(item(OpticalPathSequence=[one, two])) == b""
    assert profile_of(samples.item()) == b""


def test_a_transform_is_that_of_littlecms():
    """CO5: against ImageCms, called by hand."""
    rgb = np.random.default_rng(2).integers(0, 256, (50, 60, 3)).astype(np.uint8)
    theirs = ImageCms.profileToProfile(
        Image.fromarray(rgb), ImageCms.ImageCmsProfile(io.BytesIO(exchanged())), ImageCms.createProfile("sRGB")
    )
    assert np.array_equal(to_srgb(rgb, exchanged())[0], np.asarray(theirs))


def test_it_is_switched_off_and_on(session):
    """CO5, X1: by code, in the record, on a sheet; graphic layers have the same way."""
    ds = MADE["77.1.4"]()
    ds.ICCProfile = exchanged()
    series = session.load(part10(ds))[0].children[0]
    picture = session.present(str(ds.SOPInstanceUID), hidden=("icc profile",))
    assert np.array_equal(picture.display(), COLORS)
    assert stage(picture) == "switched off: the colours of the device"
    on = session.present(str(ds.SOPInstanceUID))
    assert on.switches["icc profile"] == "ICC profile"
    assert stage(picture.looking(ViewSettings())) == stage(on)
    assert np.array_equal(picture.looking(ViewSettings()).display(), on.display())
    assert np.array_equal(on.unprofiled().display(), COLORS)
    assert on.unprofiled().key != on.key  # what was made of the other colours is not taken for these
    assert np.array_equal(picture.looking(ViewSettings(hidden=("icc profile",), invert=True)).display(), 255 - COLORS)
    both = dw.sheet([on], (1, 1), hidden=("icc profile",))
    assert np.array_equal(both.display(), COLORS)
    viewport = dw.Viewport(session, series)
    names = list(viewport._offer.names)
    viewport.hidden = ("icc profile",)
    assert viewport._offer.names != names  # other values, so the page asks for them
    assert np.array_equal(viewport.picture().display(), COLORS)
    assert np.array_equal(viewport.runtime._offers[viewport._offer.name].present(0).layers[0].values, COLORS)
    assert "hidden=('icc profile',)" in viewport.code()
    viewport.reset()
    assert viewport._offer.names == names
    assert np.array_equal(viewport.picture().display(), on.display())


def test_without_a_usable_profile_there_is_no_switch(session):
    """CO5, X2."""
    assert "icc profile" not in shown(session).switches
    assert "icc profile" not in shown(session, ICCProfile=b"no profile at all").switches
