"""CI5, CI7, CI8, ME1, ME4: a subtracted run in the page: the kernel's pixels, the switch, the mask by hand, figures."""

from __future__ import annotations

import json

import numpy as np

from tests.browser.comparison import PIXELS, same, told
from tests.browser.images import SETUP

RUN = """
from pydicom.dataset import Dataset
from dicom_widgets.dicom.datasets import datasets_of
still = 500 + 120 * np.sin(x / 19) + 90 * np.cos(y / 13)
filled = [200 * ((np.abs(y - 100 - 30 * np.sin(x / 40)) < 4) & (x < 30 * i)) for i in range(8)]
run = np.stack([still + rng.normal(0, 4, x.shape) - f for f in filled]).clip(0, 1023).astype(np.uint16)
(ds,) = datasets_of(run[0])
ds.SOPClassUID, ds.Modality, ds.BitsStored, ds.HighBit = "1.2.840.10008.5.1.4.1.1.12.1", "XA", 10, 9
ds.NumberOfFrames, ds.FrameTime, ds.FrameIncrementPointer = 8, "50", 0x00181063
ds.PixelData = run.tobytes()
ds.PositionerPrimaryAngle, ds.PositionerSecondaryAngle = "-30", "15"
ds.WindowCenter, ds.WindowWidth, ds.RecommendedViewingMode = "500", "800", "SUB"
mask = Dataset()
mask.MaskOperation, mask.MaskFrameNumbers, mask.ApplicableFrameRange = "AVG_SUB", [1, 2], [2, 8]
ds.MaskSubtractionSequence = [mask]
viewport = dw.Viewport(session, session.load(ds)[0].children[0], index=6, height="400px")
"""
MARKS = "() => JSON.parse(document.querySelector('canvas.dw-graphics').dataset.marks || '[]')"


def corner(page) -> str:
    return page.locator(".dw-br").inner_text()


def test_a_run_is_seen_subtracted_and_as_it_is(lab, page, artefacts):
    lab.write("dsa.ipynb", SETUP + RUN, "viewport")
    page.open("dsa.ipynb")
    page.run_all()
    first = same(page, least_levels=40)
    assert "Subtracted: frame 7 − mean of masks 1–2" in corner(page)
    assert "RAO 30° CRA 15°" in page.locator(".dw-bl").inner_text()
    page.kernel("viewport.zoom = 2.5")
    same(page)
    page.kernel("viewport.zoom = 0.7")
    reduced = same(page)
    figures = figures_are_those_of_the_difference(page, artefacts)
    without_subtraction_the_frame_is_as_it_is(page, reduced, figures)
    a_window_of_the_difference_is_for_its_frames_only(page, reduced)
    another_frame_is_the_mask_while_the_loop_plays(page, first)
    the_mask_is_moved_by_numbers(lab, page, artefacts)


def figures_are_those_of_the_difference(page, artefacts):
    """So are the value under the pointer and a region; return the words beside the region."""
    box = page.box(PIXELS)
    page.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    said = page.until(lambda: page.locator(".dw-probe").inner_text() or None, what="the value under the pointer")
    column, row = said.split(" · ")[0].split(", ")
    assert page.kernel(f"print(session.probe(viewport.instance, {column}, {row}, 7, True))").strip() == said
    assert "stored" not in said
    page.kernel("one = viewport.measure('rectangle', (40, 80), (90, 130))")
    (seen,) = page.until(lambda: page.tab.evaluate(MARKS) or None, what="the region")
    kernel = json.loads(page.kernel("import json; print(json.dumps(one.figures.quantities))"))
    for (name, value, unit), (other, wanted, same_unit) in zip(seen["quantities"], kernel, strict=True):
        assert (name, unit) == (other, same_unit)
        assert abs(value - wanted) < 1e-6
    assert "frame 7 − mean of masks 1–2" in seen["lines"][-1]
    page.screenshot(artefacts / "subtracted.png")
    return seen["lines"]


def without_subtraction_the_frame_is_as_it_is(page, reduced, figures):
    """The figures of the region stay those of the difference."""
    button = page.locator("button[data-does=subtract]")
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    told(page, "viewport.subtraction", False)
    native = page.until(lambda: "Subtracted" not in corner(page) and same(page), what="the frame as it is")
    assert not np.array_equal(native, reduced)
    box = page.box(PIXELS)
    page.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.until(lambda: "stored" in page.locator(".dw-probe").inner_text(), what="the value of the frame")
    page.until(lambda: page.tab.evaluate(MARKS)[0]["lines"] == figures, what="the figures of the kernel")
    page.locator(".dw-surface").focus()
    page.tab.keyboard.press("y")
    told(page, "viewport.subtraction", True)
    page.until(lambda: "Subtracted" in corner(page), what="the difference")
    assert np.array_equal(same(page), reduced)


def a_window_of_the_difference_is_for_its_frames_only(page, reduced):
    """A frame outside of the Applicable Frame Range has its own window."""
    page.drag(PIXELS, 40, 15)
    told(page, "viewport.window is not None", True)
    windowed = same(page)
    assert not np.array_equal(windowed, reduced)
    page.tab.keyboard.press("Home")
    page.until(lambda: "Not subtracted" in corner(page), what="frame 1")
    assert "W 800 L 500" in corner(page)
    same(page, least_levels=40)
    page.kernel("viewport.index = 6")
    page.until(lambda: "frame 7 − mean" in corner(page), what="frame 7")
    assert np.array_equal(same(page), windowed)


def another_frame_is_the_mask_while_the_loop_plays(page, first):
    """The loop goes on with the other difference."""
    page.kernel("viewport.index, viewport.window = 2, None")
    told(page, "viewport.index", 2)
    page.until(lambda: page.locator(PIXELS).get_attribute("data-index") == "2", what="frame 3")
    page.tab.keyboard.press("Shift+Y")
    told(page, "viewport.subtraction", "Subtraction(mask=(3,))")
    assert set(np.unique(same(page, least_levels=1)[..., 0])) <= {0, 128}  # the mask itself, and what lies beside it
    page.tab.keyboard.press(" ")
    indices = set()
    page.until(
        lambda: indices.add(page.locator(PIXELS).get_attribute("data-index")) or len(indices) == 8, what="a round"
    )
    page.tab.keyboard.press("y")
    told(page, "viewport.subtraction", False)
    told(page, "viewport.playing", True)
    page.tab.keyboard.press("y")
    told(page, "viewport.subtraction", "Subtraction(mask=(3,))")
    page.tab.keyboard.press(" ")
    told(page, "viewport.playing", False)
    page.kernel("viewport.index, viewport.zoom = 6, 'fit'")
    page.until(lambda: "frame 7 − mask 3" in corner(page), what="frame 7")
    seen = same(page)
    assert not np.array_equal(seen, first)


def the_mask_is_moved_by_numbers(lab, page, artefacts):
    """The window stays as it is."""
    page.drag(PIXELS, 30, 10)
    told(page, "viewport.window is not None", True)
    page.locator(".dw-exact summary", 1).click()
    page.locator(".dw-exact[open] input", 1).fill("1.5")
    page.locator(".dw-exact[open] input", 1).press("Enter")
    told(page, "viewport.subtraction", "Subtraction(mask=(3,), shift=(1.5, 0.0))")
    page.until(lambda: "moved 1.5 down" in corner(page), what="a moved mask")
    told(page, "viewport.window is not None", True)
    page.screenshot(artefacts / "subtracted-moved.png")
    seen = same(page)
    page.kernel("exec(viewport.code().replace('picture.rgba', 'again = picture.rgba')); np.save('again.npy', again)")
    assert np.array_equal(np.load(lab.folder / "again.npy"), seen)
    page.screenshot(artefacts / "subtracted-by-hand.png")
