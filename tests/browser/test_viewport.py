"""The viewport in a real JupyterLab: what the page shows is what the kernel computes, byte for byte."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from tests import classes, samples
from tests.browser.comparison import PIXELS, same
from tests.browser.images import SETUP


def test_equal_at_any_zoom_pan_turn_and_flip(lab, page):
    lab.write("zoom.ipynb", SETUP + "viewport = dw.Viewport(session, series([signed]), height='400px')", "viewport")
    page.open("zoom.ipynb")
    page.run_all()
    first = same(page, least_levels=65)
    for zoom in ("'fit'", 0.5, 0.73, 1, 1.5, 2.37):
        for pan in ((0, 0), (13, -7), (-40.3, 11.25)):
            page.kernel(f"viewport.zoom, viewport.pan = {zoom}, {pan}")
            assert not np.array_equal(same(page), first) or (zoom, pan) == ("'fit'", (0, 0))
    for turns, flip in ((1, False), (2, True), (3, True), (0, True)):
        page.kernel(f"viewport.turns, viewport.flip, viewport.zoom, viewport.pan = {turns}, {flip}, 0.61, (5, 9)")
        same(page)
    page.kernel("viewport.zoom = 'fit'")
    same(page)


@pytest.mark.parametrize(
    ("name", "arrays", "attributes"),
    [
        ("unsigned", "[unsigned]", {}),
        ("inverse", "[signed]", {"PhotometricInterpretation": "MONOCHROME1"}),
        ("rescaled", "[signed]", {"RescaleSlope": "1.3", "RescaleIntercept": "-20.5"}),
        ("padded", "[signed]", {"PixelPaddingValue": -900, "PixelPaddingRangeLimit": -700}),
        ("narrow", "[signed]", {"WindowCenter": "33.3", "WindowWidth": "80.5", "VOILUTFunction": "LINEAR_EXACT"}),
        ("eight", "[(unsigned // 8).astype(np.uint8)]", {}),
    ],
)
def test_equal_for_every_kind_of_stored_value(lab, page, name, arrays, attributes):
    lab.write(
        f"{name}.ipynb", SETUP + f"viewport = dw.Viewport(session, series({arrays}, **{attributes!r}))", "viewport"
    )
    page.open(f"{name}.ipynb")
    page.run_all()
    fitted = same(page, least_levels=65)
    corner = page.locator(".dw-br").inner_text()  # in the Standard's words: an image may be "exact" too (GP6)
    assert re.search(r"^W \S+ L \S+ \(LINEAR_EXACT\)$", corner, re.MULTILINE)
    assert name != "narrow" or "W 80.5 L 33.3 (LINEAR_EXACT)" in corner
    page.kernel("viewport.zoom = 0.5")
    reduced = same(page)
    page.kernel("viewport.window = (100, 900)")
    assert not np.array_equal(same(page), reduced)
    page.kernel("viewport.window, viewport.zoom = None, 'fit'")
    assert np.array_equal(same(page), fitted)


def test_the_hand_is_followed_and_the_kernel_told_when_it_rests(lab, page):
    lab.write(
        "hand.ipynb",
        SETUP + "viewport = dw.Viewport(session, series([np.roll(signed, 9 * i, 1) for i in range(30)]))",
        "viewport",
    )
    page.open("hand.ipynb")
    page.run_all()
    before = same(page, least_levels=65)
    assert page.kernel("print(viewport.index, viewport.window)").strip() == "15 None"
    page.drag(PIXELS, 60, -35)
    dragged = same(page)
    assert not np.array_equal(before, dragged)
    page.kernel("open('snapshot.png', 'wb').write(viewport.snapshot())")
    assert np.array_equal(np.asarray(Image.open(lab.folder / "snapshot.png")), dragged[..., :3])
    assert page.kernel("print(type(viewport.window).__name__)").strip() == "Window"
    page.wheel(PIXELS, 3)
    assert not np.array_equal(same(page), dragged)
    page.until(lambda: page.kernel("print(viewport.index)").strip() == "18", what="the kernel follows the wheel")
    page.tab.keyboard.press("Home")
    page.until(lambda: page.kernel("print(viewport.index)").strip() == "0", what="the kernel follows the key")
    same(page)
    page.drag(PIXELS, 30, 40, button="middle")
    same(page)
    assert page.kernel("print(viewport.pan != (0, 0))").strip() == "True"
    page.drag(PIXELS, 0, -40, button="right")
    same(page)
    assert page.kernel("print(viewport.zoom != 'fit')").strip() == "True"
    page.tab.keyboard.press("r")
    page.until(lambda: page.kernel("print(viewport.window, viewport.zoom)").strip() == "None fit", what="reset")
    same(page)


def test_the_page_paints_by_the_gsdf_as_the_kernel_does(lab, page):
    """GP12: levels of a display from 0.5 to 400 cd/m², also with another window; OC2: cuts, turned by their handle."""
    (lab.folder / "oct.dcm").write_bytes(samples.part10(classes.ivoct()))
    lab.write(
        "gsdf.ipynb",
        SETUP + "viewport = dw.Viewport(session, series([signed]), height='300px')\n"
        "run = session.load('oct.dcm')[0].children[0]\n"
        "cut = dw.Viewport(session, session.pullback(run), height='200px')\n"
        "frames = dw.Viewport(session, run, height='200px')",
        "viewport",
        "cut",
        "frames",
    )
    page.open("gsdf.ipynb")
    page.run_all()
    first = same(page, "cut", 1)
    page.kernel("cut.index = 90")
    page.until(lambda: not np.array_equal(page.pixels(PIXELS, 1), first), what="the cut from the right")
    same(page, "cut", 1)
    assert "cut at 90°" in page.locator(".dw-bl", 1).inner_text()
    # The handle in the frames: from 3 o'clock to half past four, and past the bottom to the other end of the line.
    graphics, box = page.locator("canvas.dw-graphics", 2), page.box(PIXELS, 2)
    page.until(lambda: graphics.get_attribute("data-cuts") == "90", what="the line of the cut on its frames")
    half = (min(box["width"], box["height"]) - 1) / 2
    right = (0.5 + half / box["width"], 0.5)
    page.drag(PIXELS, half * (0.5**0.5 - 1), half * 0.5**0.5, index=2, at=right)
    page.until(lambda: page.kernel("print(cut.index)").strip() == "135", what="the cut that was turned to")
    assert not np.array_equal(same(page, "cut", 1), first)
    assert page.kernel("print(frames.window, frames.index == frames._state.frames.first)").strip() == "None True"
    low = (0.5 + half * 0.5**0.5 / box["width"], 0.5 + half * 0.5**0.5 / box["height"])
    page.drag(PIXELS, -2 * half * 0.5**0.5, 0, index=2, at=low)
    page.until(lambda: page.kernel("print(cut.index)").strip() == "45", what="the same line, from its other end")
    plain = same(page, least_levels=65)
    page.kernel("dw.options.luminance = (0.5, 400); viewport.show(viewport.instance)")
    page.until(lambda: not np.array_equal(page.pixels(PIXELS), plain), what="other levels")
    assert same(page, least_levels=65).astype(int).sum() < plain.astype(int).sum()
    page.drag(PIXELS, 40, 20)
    same(page)


def test_slices_without_a_window_share_one_and_a_closed_session_is_said(lab, page):
    """GP8, TX5, US1: also as the series grows; ultrasound has a scale bar; in a cell after a reload too."""
    for i in range(3):
        place = {
            "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
            "ImagePositionPatient": [0, 0, i],
            "PixelSpacing": [1, 1],
        }
        stored = (np.mgrid[:90, :120].sum(axis=0) * (i + 1)).astype(np.uint16)
        ds = samples.image(stored, samples.MR, Modality="MR", InstanceNumber=i + 1, **place)
        (lab.folder / f"auto{i}.dcm").write_bytes(samples.part10(ds))
    box = {"RegionLocationMinX0": 0, "RegionLocationMinY0": 0, "RegionLocationMaxX1": 119, "RegionLocationMaxY1": 89}
    cm = {"PhysicalUnitsXDirection": 3, "PhysicalUnitsYDirection": 3, "PhysicalDeltaX": 0.1, "PhysicalDeltaY": 0.1}
    us = samples.image(
        np.tile(np.arange(120, dtype=np.uint8), (90, 1)),
        samples.PREFIX + "6.1",
        StudyInstanceUID="1.2.3.7",
        SeriesInstanceUID="1.2.3.7.1",
        SequenceOfUltrasoundRegions=[samples.item(**box, **cm)],
    )
    (lab.folder / "us.dcm").write_bytes(samples.part10(us))
    lab.write(
        "auto.ipynb",
        SETUP + "series = session.load(['auto0.dcm', 'auto1.dcm'])[0].children[0]\n"
        "viewport = dw.Viewport(session, series, index=0, height='240px')\n"
        "us = dw.Viewport(session, session.load('us.dcm'), height='240px')",
        "viewport",
        "us",
        "dw.MPR(session, series, height='200px')",
        "dw.Viewer(session, height='200px')",
    )
    page.open("auto.ipynb")
    page.run_all()
    dark = same(page, least_levels=65)
    assert dark[..., 0].max() < 140  # half of the second slice's
    page.wheel(PIXELS, 1)
    page.until(lambda: page.pixels(PIXELS)[..., 0].max() == 255, what="the slice that is brighter")
    same(page)
    page.wheel(PIXELS, -1)
    page.kernel("_ = session.load('auto2.dcm')")
    page.until(lambda: page.pixels(PIXELS)[..., 0].max() < 100, what="a window that is wider")
    same(page)
    assert "Automatic window" in page.locator(".dw-br").inner_text()
    same(page, "us", 1)
    bar, height = page.locator(".dw-scale", 1), page.pixels(PIXELS, 1).shape[0]
    assert bar.inner_text() == "2 cm"
    assert bar.evaluate("e => parseFloat(e.style.width)") == pytest.approx(20 * height / 90, abs=1)
    page.kernel("session.close()")
    said = "text=/^This session is closed\\.$/"
    page.until(lambda: page.tab.locator(said).count() == 4, what="every view says that the session is closed")
    assert page.tab.locator(PIXELS).count() == 0
    page.reload()
    page.until(lambda: page.tab.locator(said).count() == 4, what="after a reload too")


def pet_with_states(folder, count: int) -> None:
    """Write slices with a slope each, and a presentation state for every second one, with a window of its own."""
    folder.mkdir()
    y, x = np.mgrid[:200, :260]
    study = {"StudyInstanceUID": "1.2.3.1", "SeriesInstanceUID": "1.2.3.1.1", "FrameOfReferenceUID": "1.2.3.1.2"}
    for i in range(count):
        stored = ((np.hypot(x - 100 - 3 * i, y - 90) * 90) % 20000).astype(np.uint16)
        place = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "ImagePositionPatient": [0, 0, i]}
        ds = samples.image(
            stored, samples.PREFIX + "128", RescaleSlope=1 + i / 7, RescaleIntercept=0, Units="BQML", **place, **study
        )
        ds.WindowCenter, ds.WindowWidth, ds.Modality = 15000, 30000, "PT"
        (folder / f"{i}.dcm").write_bytes(samples.part10(ds))
        if i == 0:
            broken = samples.state(ds, ImageRotation=45, ContentLabel="BROKEN")
            (folder / "broken.dcm").write_bytes(samples.part10(broken))
        if i % 2:
            window = samples.item(WindowCenter=9000 + 500 * i, WindowWidth=18000)
            state = samples.state(ds, SoftcopyVOILUTSequence=[window], ContentLabel=f"OF{i}")
            (folder / f"state{i}.dcm").write_bytes(samples.part10(state))


def test_slopes_and_states_of_each_slice_while_the_kernel_sleeps(lab, page):
    """NP4, PS1, PS20: what was sent is shown as the kernel computes it, slice by slice, while a cell runs."""
    pet_with_states(lab.folder / "pet", 20)
    lab.write(
        "sleep.ipynb",
        SETUP + "(study,) = session.load('pet')\n"
        "viewport = dw.Viewport(session, study.children[0], index=0, height='300px')",
        "viewport",
    )
    page.open("sleep.ipynb")
    page.run_all()
    same(page)
    broken = "Not applied: BROKEN, its Image Rotation (0070,0042) is no quarter turn"
    assert page.locator(".dw-states option:disabled").all_inner_texts() == [broken]
    assert "W 30000 L 15000 Bq/ml" in page.locator(".dw-br").inner_text()
    held = "() => globalThis[Symbol.for('dicom_widgets@1')].pictures.size"
    page.until(lambda: page.tab.evaluate(held) >= 20, what="all frames in the page")
    height, width = page.pixels(PIXELS).shape[:2]
    page.kernel(
        "frames = viewport._state.frames.frames\n"
        f"np.save('all.npy', np.stack([session.present(i).rgba(({height}, {width})) for i, _ in frames]))"
    )
    truth = np.load(lab.folder / "all.npy")
    assert len({t.tobytes() for t in truth}) == 20
    page.tab.evaluate(
        "() => { const k = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;"
        " window.slept = false; k.requestExecute({code: 'time.sleep(15)'}).done.then(() => { window.slept = true; }); }"
    )
    page.locator(".dw-surface").focus()
    for i in range(1, 20):
        page.tab.keyboard.press("ArrowDown")
        page.until(lambda i=i: page.locator(PIXELS).get_attribute("data-index") == str(i), what=f"slice {i}")
        page.until(
            lambda i=i: np.array_equal(page.pixels(PIXELS), truth[i]), what=f"slice {i} as the kernel computes it"
        )
        assert (f"OF{i}" in page.locator(".dw-br").inner_text()) is bool(i % 2)
    assert page.tab.evaluate("() => window.slept") is False


def test_a_reload_and_a_second_page_show_the_same(lab, page):
    lab.write(
        "reload.ipynb",
        SETUP + "viewport = dw.Viewport(session, series([signed, unsigned.astype(np.int16)]))",
        "viewport",
    )
    page.open("reload.ipynb")
    page.run_all()
    same(page)
    page.drag(PIXELS, 40, 20)
    dragged = same(page)
    page.save()
    page.reload()
    assert np.array_equal(same(page), dragged)
    second = page.second()
    second.open("reload.ipynb")
    assert len(np.unique(second.until(lambda: _painted(second), what="the second page's picture")[..., 0])) > 2
    second.drag(PIXELS, -30, 30)
    same(second)
    page.tab.bring_to_front()
    assert not np.array_equal(same(page), dragged)


def _painted(page):
    seen = page.pixels(PIXELS) if page.locator(PIXELS).count() else None
    return seen if seen is not None and seen[..., 0].any() else None


def test_saved_notebook_has_no_pixels_and_no_names(lab, page):
    code = "viewport = dw.Viewport(session, series([signed], PatientName='Secret^Person', PatientID='4711-42'))"
    path = lab.write("saved.ipynb", SETUP + code, "viewport", "viewport.session.studies")
    page.open("saved.ipynb")
    page.run_all()
    same(page)
    assert page.locator(".dw-tl").inner_text().startswith("Secret, Person")  # live
    page.save()
    text = path.read_text()
    assert "4711-42" not in text.replace(code, "")
    assert "Secret" not in text.replace("PatientName='Secret^Person'", "")
    assert len(text) < 20_000


def test_the_focus_and_the_keys_of_the_notebook(lab, page):
    lab.write("keys.ipynb", SETUP + "viewport = dw.Viewport(session, series([signed, signed]))", "viewport")
    page.open("keys.ipynb")
    page.run_all()
    same(page)
    count = "() => window.jupyterapp.shell.currentWidget.content.model.cells.length"
    cells = page.tab.evaluate(count)
    page.locator(".dw-surface").focus()
    for key in ("a", "b", "x", "d", "d", "z", "i"):
        page.tab.keyboard.press(key)
    assert page.tab.evaluate(count) == cells
    page.until(lambda: page.kernel("print(viewport.invert)").strip() == "True", what="inverted by key")
    same(page)
    page.tab.keyboard.press("Tab")
    assert page.tab.evaluate("() => document.activeElement.className") != "dw-surface"
