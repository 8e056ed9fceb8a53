"""What the hand can do in a viewport: by mouse, keyboard and touch; pixels stay those of the kernel, byte for byte."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests.browser.comparison import PIXELS, same, told
from tests.browser.images import SETUP

JS = Path(__file__).parents[2] / "dicom_widgets" / "widgets" / "frontend" / "view" / "hand"
CODE = re.compile(r'^  (\w+): \{(?:[^\n]|\n    )*?code: "([^"]*)"', re.MULTILINE)
GATED = """
from pydicom.dataset import Dataset
from dicom_widgets.dicom.datasets import datasets_of
(ds,) = datasets_of(unsigned)
ds.SOPClassUID, ds.Modality = "1.2.840.10008.5.1.4.1.1.20", "NM"
ds.NumberOfFrames, ds.FrameTime, ds.RepresentativeFrameNumber = 6, "40", 2
ds.PixelData = np.stack([np.roll(unsigned, 20 * i, 1) for i in range(6)]).astype("<u2").tobytes()
ds.FrameIncrementPointer = [0x00540020, 0x00540030]
ds.DetectorVector, ds.PhaseVector = [1, 1, 1, 2, 2, 2], [1, 2, 3, 1, 2, 3]
views = [Dataset(), Dataset()]
for view, words in zip(views, ("anterior", "posterior")):
    view.ViewCodeSequence = [Dataset()]
    view.ViewCodeSequence[0].CodeMeaning = words
ds.DetectorInformationSequence = views
viewport = dw.Viewport(session, session.load(ds)[0].children[0], height="400px")
"""


def opened(lab, page, name: str, code: str):
    lab.write(f"{name}.ipynb", SETUP + code, "viewport")
    page.open(f"{name}.ipynb")
    page.run_all()
    return same(page, least_levels=40)


def test_dimensions_levels_and_cine_of_a_gated_acquisition(lab, page, artefacts):
    """MF2, NP1, NP2, GP13, CI1, CI2, CI3."""
    opened(lab, page, "gated", GATED)
    dimensions_have_sliders_and_keys(page, artefacts)
    frames_lie_side_by_side(page, artefacts)
    levels_by_hand_and_by_number(page)
    a_loop_goes_on_while_the_kernel_sleeps(page)
    a_loop_waits_for_frames_that_are_not_here(page)


def dimensions_have_sliders_and_keys(page, artefacts):
    assert page.kernel("print(viewport.index)").strip() == "1"  # the representative frame
    detector, phase = (page.locator(f".dw-dims input[aria-label={name}]") for name in ("detector", "phase"))
    assert "detector 1/2 (anterior)" in page.locator(".dw-dims").inner_text()
    detector.fill("1")
    told(page, "viewport.index", 4)
    same(page)
    phase.fill("2")
    told(page, "viewport.index", 5)
    page.locator(".dw-surface").focus()
    page.tab.keyboard.press(",")
    told(page, "viewport.index", 2)
    page.screenshot(artefacts / "dimensions.png")


def frames_lie_side_by_side(page, artefacts):
    """All frames have one window, and each its name; then back to a single frame."""
    press, tab = page.tab.keyboard.press, page.tab
    alone = same(page)
    press("G")
    told(page, "viewport.tiles", (2, 3))
    sheet = same(page, least_levels=40)
    assert not np.array_equal(sheet, alone)
    assert "Frames 1 to 6 of 6" in page.locator(".dw-bl").inner_text()
    assert page.locator("button[data-does=tiles]").get_attribute("aria-pressed") == "true"
    assert page.locator(".dw-graphics").get_attribute("data-shapes") == "6"
    page.drag(PIXELS, 40, -40)
    told(page, "viewport.window is not None", True)
    assert not np.array_equal(same(page, least_levels=40), sheet)
    box = page.box(PIXELS)
    tab.mouse.move(box["x"] + box["width"] / 2 + 10, box["y"] + box["height"] / 2 + 40)
    column, row = (
        page.until(lambda: page.locator(".dw-probe").inner_text(), what="the probe").split(" ·")[0].split(", ")
    )
    assert int(column) <= 260  # of its frame, not of the sheet
    assert int(row) <= 200
    page.screenshot(artefacts / "sheet.png")
    page.locator(".dw-surface").focus()
    press("G")
    told(page, "viewport.tiles", (1, 1))
    page.kernel("viewport.reset(); viewport.index = 2")
    assert np.array_equal(same(page), alone)


def levels_by_hand_and_by_number(page):
    """A drag upwards raises the upper level only; a number sets the lower one."""
    page.locator("button[data-does=levels]").click()
    low, high = (float(x) for x in page.kernel("w = viewport.picture().window; print(*w.levels)").split())
    page.drag(PIXELS, 0, -40)
    same(page)
    lower, upper = (float(x) for x in page.kernel("print(*viewport.window.levels)").split())
    assert abs(lower - low) < 0.02
    assert upper > high + 10
    page.locator(".dw-exact summary").click()
    page.locator(".dw-exact input", 2).fill("250")
    page.locator(".dw-exact input", 2).press("Enter")
    told(page, "viewport.window.levels[0]", 250.0)
    same(page)
    for field, value in ((0, 900), (1, 640.5)):
        page.locator(".dw-exact input", field).fill(str(value))
        page.locator(".dw-exact input", field).press("Enter")
    told(page, "(viewport.window.center, viewport.window.width)", (640.5, 900.0))
    page.locator(".dw-exact input", 1).fill("600")
    page.locator(".dw-surface").click()  # elsewhere: what was typed is taken, and the menu is closed
    told(page, "(viewport.window.center, viewport.window.width)", (600.0, 900.0))
    assert not page.locator(".dw-exact input").is_visible()
    same(page)


def a_loop_goes_on_while_the_kernel_sleeps(page):
    """It runs at the 25 frames a second of the file, then at the rate that is set."""
    page.locator(".dw-surface").focus()
    page.tab.evaluate(
        "() => { const k = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;"
        " k.requestExecute({code: 'time.sleep(4)'}); }"
    )
    page.tab.keyboard.press(" ")
    seen = set()
    rate = re.compile(r"(\d+\.\d) frames/s")

    def rated():
        seen.add(page.locator(PIXELS).get_attribute("data-index"))
        found = rate.search(page.locator(".dw-br").inner_text())
        return found and float(found[1]) if found and len(seen) == 6 else None

    assert 15 < page.until(rated, seconds=8, what="a round of the loop") < 30
    page.tab.keyboard.press(" ")
    told(page, "viewport.playing", False)
    same(page)
    page.kernel("viewport.rate, viewport.playing = 5, True")
    page.until(
        lambda: 4 < float((rate.search(page.locator(".dw-br").inner_text()) or [0, 0])[1]) < 7, what="5 a second"
    )
    page.kernel("viewport.playing = False")
    page.until(lambda: "frames/s" not in page.locator(".dw-br").inner_text(), what="the end of the loop")


def a_loop_waits_for_frames_that_are_not_here(page):
    """A page that holds few frames asks for the others, also where the loop starts again."""
    page.kernel("viewport.runtime.ahead, viewport.runtime.budget = 1, 3 * 2 * 200 * 260")
    page.kernel("viewport.index, viewport.rate = 5, 20")
    told(page, "viewport.index", 5)
    page.until(lambda: page.locator(PIXELS).get_attribute("data-index") == "5", what="the last frame")
    held = "() => globalThis[Symbol.for('dicom_widgets@1')].buffers.size"
    page.until(lambda: page.tab.evaluate(held) <= 3, what="a small page")
    page.kernel("viewport.playing = True")
    seen = set()
    page.until(lambda: seen.add(page.locator(PIXELS).get_attribute("data-index")) or len(seen) == 6, what="a round")
    page.kernel("viewport.playing = False")


def test_every_button_has_its_line_of_code(lab, page):
    """A row for each tool and command: its line runs in the notebook, and does what the button does."""
    made = "series([np.roll(signed, 9 * i, 1) for i in range(9)], PixelSpacing=[0.8, 0.8])"
    opened(lab, page, "code", f"viewport = dw.Viewport(session, {made})")
    rows = {k: v for p in ("tools.js", "commands.js") for k, v in CODE.findall((JS / p).read_text("utf-8"))}
    buttons = page.tab.eval_on_selector_all(".dw-bar button[data-does]", "all => all.map(b => b.dataset.does)")
    assert set(buttons) <= rows.keys()
    names = "('window', 'invert', 'turns', 'flip', 'zoom', 'pan', 'texts', 'playing')"
    state = f"print({{n: getattr(viewport, n) for n in {names}}})"
    for name in ("fit", "true", "reset", "invert", "right", "left", "flip", "flop", "texts", "play"):
        page.kernel("viewport.reset(); viewport.texts, viewport.playing = 'all', False")
        page.until(lambda: page.locator(".dw-surface").get_attribute("data-texts") == "all", what="reset")
        page.kernel(rows[name])
        by_code = page.kernel(state)
        page.kernel("viewport.reset(); viewport.texts, viewport.playing = 'all', False")
        page.until(
            lambda: page.locator("button[data-does=play]").get_attribute("aria-pressed") == "false", what="at rest"
        )
        page.locator(f"button[data-does={name}]").click()
        page.until(lambda want=by_code: page.kernel(state) == want, what=f"{name} as {rows[name]}")
    page.kernel("viewport.playing = False; viewer, other = dw.Viewer(session, browser=False), dw.Viewport(session)")
    for name, line in rows.items():
        if name not in ("help", "crosshair", "hang"):  # of three planes, of a mammography: test_mpr.py, test_cells.py
            page.kernel(f"viewport.reset()\n{line}")
    page.kernel("viewport.tiles = (1, 1)")
    told(page, "viewport.code().count('session.present')", 1)
    page.kernel(
        "viewport.playing = False; viewport.reset(); viewport.turns, viewport.flip, viewport.window = 1, True, (5, 700)"
    )
    seen = same(page)
    page.kernel("exec(viewport.code().replace('picture.rgba', 'again = picture.rgba'))")
    page.kernel("np.save('again.npy', again)")
    assert np.array_equal(np.load(lab.folder / "again.npy"), seen)


def test_the_keyboard_alone(lab, page):
    """A read-through without a mouse: focus, scroll, presets, a drag by the cursor, turns, texts, help, and out."""
    first = opened(
        lab, page, "keyboard", "viewport = dw.Viewport(session, series([np.roll(signed, 9 * i, 1) for i in range(30)]))"
    )
    press = page.tab.keyboard.press
    page.locator(".dw-surface").focus()
    for key, index in (("End", 29), ("Home", 0), ("PageDown", 10), ("ArrowDown", 11), ("ArrowUp", 10), (".", 11)):
        press(key)
        told(page, "viewport.index", index)
    same(page)
    for key in ("Enter", "Shift+ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown", "Enter"):
        press(key)
    told(page, "viewport.window is not None", True)
    assert not np.array_equal(same(page), first)
    press("Escape")
    for keys, turns, flip in (
        ("]", 1, False),
        ("]", 2, False),
        ("h", 2, True),
        ("]", 1, True),
        ("[", 2, True),
        ("v", 0, False),
    ):
        press(keys)
        told(page, "(viewport.turns, viewport.flip)", (turns, flip))
        same(page)
    press("+")
    told(page, "viewport.zoom != 'fit'", True)
    same(page)
    for level, letters in (("minimal", 4), ("off", 0), ("all", 4)):
        press("n")
        told(page, "viewport.texts", level)
        shown = page.tab.eval_on_selector_all(".dw-letter", "all => all.filter(e => e.textContent).length")
        assert shown in (0, letters)  # an array has no letters
        assert "Not for diagnostic use" in page.locator(".dw-br").inner_text()
    press("?")
    sheet = page.locator(".dw-help")
    assert sheet.is_visible()
    assert "Window presets" in sheet.inner_text()
    press("Escape")
    assert not sheet.is_visible()
    assert page.tab.evaluate("() => document.activeElement.className") == "dw-surface"
    press("Escape")
    assert page.tab.evaluate("() => document.activeElement.className") != "dw-surface"


def test_two_fingers_zoom_and_one_uses_the_tool(lab, open_page):
    page = open_page(has_touch=True)
    opened(lab, page, "touch", "viewport = dw.Viewport(session, series([signed]))")
    box = page.box(".dw-surface")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    wire = page.context.new_cdp_session(page.tab)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        wire.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": a, "y": b, "id": i} for i, (a, b) in enumerate(points)]},
        )

    touch("touchStart", (x, y))
    touch("touchMove", (x + 30, y - 10))
    touch("touchMove", (x + 60, y - 20))
    touch("touchEnd")
    told(page, "viewport.window is not None", True)
    same(page)
    before = page.kernel("print(viewport.window)")
    touch("touchStart", (x - 40, y))
    touch("touchStart", (x - 40, y), (x + 40, y))
    touch("touchMove", (x - 80, y + 10), (x + 80, y + 10))
    touch("touchEnd")
    told(page, "viewport.zoom != 'fit'", True)
    same(page)
    assert page.kernel("print(viewport.window)") == before
    fitted = min(box["width"] / 260, box["height"] / 200)
    assert float(page.kernel("print(viewport.zoom)")) == pytest.approx(2 * fitted, rel=0.02)
    assert float(page.kernel("print(viewport.pan[1])")) == pytest.approx(10, abs=2)
