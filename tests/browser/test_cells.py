"""Rows and columns of images, links, reference lines and small pictures in a real JupyterLab (X7, GE6)."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.browser.comparison import PIXELS, same

T1, LOCALIZER, T2, PLANES = "Sag T1", "48 FOV", "Sag T2", "3-Plane"  # the four series, as the list has them
SETUP = """
import json, time
import numpy as np
import dicom_widgets as dw
session = dw.Session(listen_port=0)
study = session.load({folder!r})[0]
viewer = dw.Viewer(session, browser=False)
viewer.show(study)

def where(instance):  # along the normal, in mm
    header = instance.header
    row, column = np.split(np.array(header.ImageOrientationPatient, float), 2)
    return float(np.cross(row, column) @ np.array(header.ImagePositionPatient, float))

def titles():
    return [v.instance.header.SeriesDescription if v.instance else "" for v in viewer.viewports]

def nearest(one, other):  # whether no slice of `other` lies nearer to `one` than the one it shows
    places = [where(i) for i in session.instances(dw.Entity.of(*other.instance.path[:2]))]
    return min(abs(p - where(one.instance)) for p in places) + 0.05 >= abs(where(other.instance) - where(one.instance))

def lines(one, other):  # where `other` crosses `one`, by the kernel's function
    from dicom_widgets.display.graphics.reference_lines import reference_line
    from dicom_widgets.display.values.spacing import Spacing
    from dicom_widgets.geometry.plane import plane_of
    def image(instance):
        header = instance.header
        return plane_of(instance), Spacing(*map(float, header.PixelSpacing), "mm"), header.Rows, header.Columns
    stack = next(s for s in session.stacks(dw.Entity.of(*other.instance.path[:2]))
                 if any(i.uid == other.instance.uid for i, _ in s.frames))
    all_of = [reference_line(image(one.instance), image(i)) for i, _ in (stack.frames[0], stack.frames[-1])]
    return [e for e in [*all_of, reference_line(image(one.instance), image(other.instance))] if e]
"""


def told(page, expression):
    return json.loads(page.kernel(f"print(json.dumps({expression}))"))


@pytest.fixture
def lumbar(lab, page, data):
    """A viewer on the lumbar MR: two sagittal series, a sagittal localizer and one of three planes."""
    lab.write("lumbar.ipynb", SETUP.format(folder=str(data / "series" / "mr_lumbar_4series")), "viewer")
    page.open("lumbar.ipynb")
    page.run_all()
    same(page, "viewer.viewport", least_levels=65)
    return page


def card(page, words):
    return page.tab.locator(".dw-card").filter(has_text=words)


def cell(page, index):
    return page.locator(".dw-cell .dw-surface", index)


def drag(page, words, index):
    """Drag a series from the list into a cell; nothing may scroll meanwhile."""
    page.locator(".dw-grid").scroll_into_view_if_needed()
    card(page, words).drag_to(cell(page, index))


def pictured(page):
    """Return how many cards have a small picture that is not black."""
    return page.tab.evaluate(
        "() => [...document.querySelectorAll('.dw-card:not(.dw-part) .dw-tile canvas')].filter((c) =>"
        " c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some((v, i) => i % 4 < 3 && v > 60)).length"
    )


def test_a_study_is_read_in_several_cells_with_the_mouse(lumbar, artefacts):
    """X7: thumbnails, side by side, linked scroll, window and zoom; GE6: linked positions."""
    page = lumbar
    page.until(lambda: pictured(page) == 4, what="small pictures of four series")
    assert page.locator(".dw-series h4").evaluate("(h) => h.clientHeight >= h.scrollHeight && h.clientHeight > 12")
    four_cells_have_a_series_each(page)
    a_series_is_dragged_into_a_cell(page)
    linked_cells_scroll_by_position(page)
    a_window_is_for_all_cells(page)
    zoom_and_pan_keep_the_same_place_in_the_middle(page, artefacts)
    nine_cells_in_the_dark(page, artefacts)
    what_is_saved_names_nobody_and_is_there_again(page)


def four_cells_have_a_series_each(page):
    """The menu of layouts makes two rows and two columns."""
    page.locator(".dw-own summary").click()
    page.locator(".dw-layouts button", 4).click()
    page.until(lambda: told(page, "viewer.grid") == [2, 2], what="two rows, two columns")
    page.until(lambda: all(told(page, "titles()")), what="a series in each cell")
    assert page.tab.locator(".dw-host > .dw-bar .dw-slider").count() == 1  # one toolbar for all
    for index in range(4):
        same(page, f"viewer.viewports[{index}]", index, least_levels=65)


def a_series_is_dragged_into_a_cell(page):
    drag(page, T2, 1)
    page.until(lambda: T2 in told(page, "titles()")[1], what="the series that was dropped")
    assert told(page, "viewer.cells.active") == 1
    page.until(lambda: card(page, T2).get_attribute("aria-pressed") == "true", what="the mark in the list")
    first = told(page, "titles()")[0]
    assert T1 in first
    same(page, "viewer.viewports[1]", 1)


def linked_cells_scroll_by_position(page):
    """The wheel and a touchpad scroll one cell, and the others show the nearest slice."""
    page.locator(".dw-own summary", 1).click()
    for kind in ("scroll", "window", "zoom"):
        page.locator(f".dw-cells input[name={kind}]").check()
    page.tab.keyboard.press("Escape")
    page.until(lambda: told(page, "viewer.cells.links") == ["scroll", "window", "zoom"], what="three links")
    cell(page, 0).click()
    before = told(page, "[v.index for v in viewer.viewports]")
    page.wheel(".dw-cell .dw-surface", 3)
    page.until(lambda: told(page, "viewer.viewports[0].index") == before[0] + 3, what="three slices on")
    page.until(lambda: told(page, "nearest(viewer.viewports[0], viewer.viewports[1])"), what="the T2 at the same place")
    page.wheel(".dw-cell .dw-surface", -10, delta=10)  # a touchpad: 100 pixels in ten parts are two slices
    page.until(lambda: told(page, "viewer.viewports[0].index") == before[0] + 1, what="two slices back")
    same(page, "viewer.viewports[0]", 0)
    own = told(page, "(w := viewer.viewports[0].picture().windows[0]) and f'{w.width:g}/{w.center:g}'")
    preset = page.locator("select[aria-label='Window preset'] option", 1).inner_text()
    assert own in preset  # this slice's, not the first one's
    assert told(page, "viewer.viewports[1].index") != before[1]
    assert "Linked by position" in cell(page, 0).inner_text()


def a_window_is_for_all_cells(page):
    page.drag(PIXELS, 60, -30)
    page.until(lambda: told(page, "viewer.viewport.window is not None"), what="that the kernel hears of the window")
    window = told(page, "[viewer.viewport.window.center, viewer.viewport.window.width]")
    same(page, "viewer.viewports[0]", 0)
    for index in range(1, 4):
        page.until(
            lambda i=index: told(page, f"(w := viewer.viewports[{i}].window) and [w.center, w.width]") == window,
            what=f"the window of cell {index}",
        )
        same(page, f"viewer.viewports[{index}]", index)


def zoom_and_pan_keep_the_same_place_in_the_middle(page, artefacts):
    page.drag(PIXELS, 0, -60, button="right")
    page.drag(PIXELS, 25, 40, button="middle")
    page.until(lambda: told(page, "viewer.viewports[1].pan") != [0, 0], what="a pan that follows")
    same(page, "viewer.viewports[0]", 0)
    same(page, "viewer.viewports[1]", 1)
    page.kernel(
        "def middle(v):\n"
        "    rows, columns = v.picture().shape\n"
        "    u, w = columns / 2 - v.pan[0] / v.zoom, rows / 2 - v.pan[1] / v.zoom\n"
        "    h = v.instance.header\n"
        "    d = float(h.PixelSpacing[0])\n"
        "    y, z = map(float, h.ImagePositionPatient[1:])\n"
        "    return [y + (u - 0.5) * d, z - (w - 0.5) * d, v.zoom / d]\n"
    )
    here, there = told(page, "[middle(v) for v in viewer.viewports[:2]]")
    assert there == pytest.approx(here, abs=0.05)  # the T1 is tilted by 0.1 degrees against the axes
    page.screenshot(artefacts / "cells-2x2.png")


def nine_cells_in_the_dark(page, artefacts):
    page.tab.evaluate("() => window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    page.until(lambda: page.tab.evaluate("() => document.body.dataset.jpThemeLight") == "false", what="the dark theme")
    page.locator(".dw-own summary").click()
    page.locator(".dw-layouts button", 8).click()
    page.until(lambda: page.tab.locator(".dw-cell").count() == 9, what="nine cells")
    page.until(lambda: told(page, "len(viewer.viewports)") == 9, what="nine viewports")
    same(page, "viewer.viewports[0]", 0)
    page.screenshot(artefacts / "cells-3x3-dark.png")


def what_is_saved_names_nobody_and_is_there_again(page):
    page.save()
    saved = (page.lab.folder / "lumbar.ipynb").read_text()
    assert "MRIX" not in saved
    assert "iVBOR" not in saved
    assert "image/png" not in saved
    page.reload()
    same(page, "viewer.viewports[0]", 0)
    page.until(lambda: pictured(page) == 4, what="small pictures again")


def test_reference_lines_and_links_follow_while_the_kernel_is_busy(lumbar, artefacts):
    """GE6: the page draws the lines that display/crossing.py computes; all of it by keyboard."""
    page = lumbar
    cell(page, 0).focus()
    page.tab.keyboard.press("d")
    page.tab.keyboard.press("ArrowRight")
    page.tab.keyboard.press("Enter")
    page.until(lambda: told(page, "viewer.grid") == [1, 2], what="two columns")
    page.until(lambda: page.tab.locator(".dw-cell").count() == 2, what="two cells")
    same(page, "viewer.viewports[1]", 1)
    cell(page, 1).focus()
    page.until(lambda: told(page, "viewer.cells.active") == 1, what="the second cell is active")
    card(page, T1).focus()
    page.tab.keyboard.press("Home")  # the list is in the order of the series' numbers
    while PLANES not in page.tab.evaluate("() => document.activeElement.textContent"):
        page.tab.keyboard.press("ArrowDown")
    page.tab.keyboard.press("Enter")
    page.until(lambda: PLANES in told(page, "titles()")[1], what="the three planes in the second cell")
    cell(page, 1).focus()
    page.tab.keyboard.press("Home")  # the first of five axial ones
    page.tab.keyboard.press("ArrowDown")
    page.until(lambda: told(page, "viewer.viewports[1].index") == 1, what="an axial image")

    def drawn(index):
        return json.loads(page.locator(".dw-graphics", index).get_attribute("data-lines") or "[]")

    def equal(index, one, other):
        page.until(lambda: drawn(index), what=f"lines in cell {index}")
        expected = told(page, f"lines(viewer.viewports[{one}], viewer.viewports[{other}])")
        assert [s for _, _, s in drawn(index)] == [0.45] * (len(expected) - 1) + [1]
        assert np.array([[a, b] for a, b, _ in drawn(index)]) == pytest.approx(np.array(expected), abs=1e-9)

    equal(0, 0, 1)
    assert not drawn(1)  # only where the active one is
    cell(page, 0).focus()  # now the other way
    page.until(lambda: drawn(1), what="lines in the axial image")
    page.until(lambda: not drawn(0), what="no lines in the active one")
    equal(1, 1, 0)
    page.screenshot(artefacts / "cells-lines.png")

    same(page, "viewer.viewports[0]", 0)
    page.tab.evaluate(
        "() => { const k = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;"
        " window.slept = false; k.requestExecute({code: 'time.sleep(8)'}).done.then(() => { window.slept = true; }); }"
    )
    was = drawn(1)
    page.tab.keyboard.press("ArrowDown")
    page.until(lambda: drawn(1) != was, what="the line moves")
    page.tab.keyboard.press("k")  # across: nothing scrolls along
    page.tab.keyboard.press("ArrowDown")
    page.until(lambda: page.locator(PIXELS).get_attribute("data-index") == "8", what="the next slice")
    assert page.locator(PIXELS, 1).get_attribute("data-index") == "1"
    assert page.tab.evaluate("() => window.slept") is False
    page.until(lambda: page.tab.evaluate("() => window.slept"), what="the kernel awake")
    page.until(lambda: told(page, "viewer.viewports[0].index") == 8, what="the kernel follows")
    equal(1, 1, 0)
    page.until(lambda: told(page, "viewer.cells.links") == ["scroll", "window", "zoom"], what="links by key")

    cell(page, 1).focus()
    page.tab.keyboard.press("o")  # the switch; in the menu of layers too
    page.until(lambda: told(page, "viewer.viewports[1].hidden") == ["lines"], what="lines switched off")
    cell(page, 0).focus()
    page.until(lambda: not drawn(1), what="lines off")


def test_viewports_in_different_cells_of_the_notebook_are_linked(lab, page):
    """GE6: by position where they lie parallel in one frame of reference, else by number."""
    lab.write(
        "linked.ipynb",
        "import numpy as np, json, ipywidgets, dicom_widgets as dw\n"
        "from dicom_widgets.dicom.datasets import datasets_of\n"
        "session = dw.Session(listen_port=0)\n"
        "def series(number, places, space):\n"
        "    y, x = np.mgrid[:60, :80]\n"
        "    sets = datasets_of(np.stack([(x * 9 + y * 5 + 40 * k).astype(np.int16) for k in range(len(places))]))\n"
        "    for ds, z in zip(sets, places):\n"
        "        ds.update({'ImageOrientationPatient': [1, 0, 0, 0, 1, 0], 'ImagePositionPatient': [0, 0, z]})\n"
        "        ds.PixelSpacing, ds.FrameOfReferenceUID, ds.Modality = [1, 1], space, 'MR'\n"
        "    return session.load(sets)[0].children[0]\n"
        "a = dw.Viewport(session, series(1, range(0, 40, 2), '1.2.3'), index=0, height='200px')\n"
        "b = dw.Viewport(session, series(2, range(5, 60, 5), '1.2.3'), index=0, height='150px')\n"
        "c = dw.Viewport(session, series(3, range(20), '1.2.4'), index=3, height='150px')\n"
        "dw.link(a, b, c, zoom=False)",
        "box = ipywidgets.VBox([a])\nbox",
        "b",
        "c",
        "a",
    )
    page.open("linked.ipynb")
    page.run_all()
    for index, name in enumerate("abc"):
        same(page, name, index)
    state = "[v.index for v in (a, b, c)]"
    assert told(page, state) == [0, 0, 3]
    page.locator(".dw-surface").focus()
    for _ in range(7):
        page.tab.keyboard.press("ArrowDown")
    page.until(lambda: told(page, state) == [7, 2, 10], what="14 mm: the slice at 15 mm, and seven further")
    page.locator(".dw-surface", 1).focus()
    page.tab.keyboard.press("End")  # 55 mm: beyond the last at 38 mm; eight further, as far as there are any
    page.until(lambda: told(page, state) == [19, 10, 18], what="the last one")
    assert "Linked by position and by number" in page.locator(".dw-surface", 1).inner_text()
    page.drag(PIXELS, 40, 25, index=2)
    page.until(lambda: told(page, "a.window == b.window == c.window != None"), what="one window")
    for index, name in enumerate("abc"):
        same(page, name, index)
    page.kernel("a.index = 4")  # from code: one alone
    page.until(lambda: page.locator(PIXELS).get_attribute("data-index") == "4", what="the notebook's slice")
    page.drag(PIXELS, 0, -30, button="right")
    page.until(lambda: told(page, "a.zoom != 'fit'"), what="zoom of one")
    assert told(page, "[b.zoom, c.zoom]") == ["fit", "fit"]
    assert told(page, state) == [4, 10, 18]
    page.kernel("box.children = ()")  # the first of two views goes; the other one goes on listening
    page.until(lambda: page.tab.locator(PIXELS).count() == 3, what="one view less")
    page.kernel("a.index = 9")
    page.until(lambda: page.locator(PIXELS, 2).get_attribute("data-index") == "9", what="what the notebook says")
    same(page, "a", 2)


def test_series_that_arrive_go_to_the_next_empty_cell(lab, page):
    lab.write(
        "arrive.ipynb",
        "import json, dicom_widgets as dw\npacs = dw.PracticePacs()\nsession = dw.Session(listen_port=0)\n"
        "viewer = dw.Viewer(session, pacs.remote, grid=(1, 2))\nviewer",
    )
    page.open("arrive.ipynb")
    page.run_all()
    page.locator(".dw-query").click()
    rows = page.tab.locator(".dw-table tbody tr")
    page.until(lambda: rows.count() > 10, what="studies in the table")
    rows.filter(has_text="CT head").dblclick()
    page.until(lambda: page.locator(PIXELS).get_attribute("data-index") is not None, seconds=30, what="a picture")
    same(page, "viewer.viewport", least_levels=65)
    page.until(lambda: page.tab.locator(".dw-card").count() == 2, what="the CT and its presentation states")
    page.until(lambda: pictured(page) == 1, what="a picture of the CT")
    assert page.tab.locator(".dw-tile").filter(has_text="PR").count() == 1
    drag(page, "PR", 1)
    page.until(lambda: page.locator(".dw-cell .dw-sheet", 1).is_visible(), what="its page in the second cell")
    assert told(page, "viewer.viewports[0].instance.path[1] != viewer.viewports[1].instance.path[1]")


MAMMOGRAPHY = """
import json
import numpy as np
import dicom_widgets as dw
from dicom_widgets.dicom.datasets import datasets_of
session = dw.Session(listen_port=0)
sets = []
for number, (side, view, letters, size, pitch) in enumerate([
    ("L", "MLO", ["A", "FR"], (600, 480), 0.2), ("R", "CC", ["P", "L"], (560, 400), 0.2),
    ("R", "MLO", ["P", "FL"], (600, 480), 0.2), ("L", "CC", ["P", "R"], (280, 200), 0.4),  # the last one is mirrored
]):
    y, x = np.mgrid[: size[0], : size[1]]
    depth = (size[1] - 1 - x if letters[0] == "P" else x) / size[1]
    inside = np.hypot(depth / 0.85, (y / size[0] - 0.5) / 0.45) < 1
    shade = (inside * (900 + 700 * np.sin(x * y / 1500.0 * pitch / 0.2) ** 2)).astype(np.uint16)
    (ds,) = datasets_of(shade)
    ds.SOPClassUID, ds.Modality, ds.StudyInstanceUID = "1.2.840.10008.5.1.4.1.1.1.2", "MG", "1.2.3.99"
    ds.SeriesInstanceUID, ds.InstanceNumber, ds.PatientID = f"1.2.3.99.{number}", number + 1, "MG-1"
    ds.ImageLaterality, ds.ViewPosition, ds.PatientOrientation = side, view, letters
    ds.ImagerPixelSpacing, ds.BreastImplantPresent = [pitch, pitch], "YES" if view == "CC" else "NO"
    ds.WindowCenter, ds.WindowWidth = 900, 1800
    for keyword in ("PixelSpacing", "RescaleType"):
        if keyword in ds:
            delattr(ds, keyword)
    sets.append(ds)
study = session.load(sets)[0]
viewer = dw.Viewer(session, browser=False, grid=(1, 2))
viewer.show(study)
"""


def test_a_mammography_hangs_and_is_taken_down(lab, page, artefacts):
    """XR3: in one scale, chest walls in the middle, also while the hand zooms; a button takes it down and back."""
    lab.write("mammography.ipynb", MAMMOGRAPHY, "viewer")
    page.open("mammography.ipynb")
    page.run_all()
    assert told(page, "[viewer.hung, viewer.grid]") == [True, [2, 2]]
    seen = [same(page, f"viewer.viewports[{i}]", i, least_levels=30) for i in range(4)]
    for i, pixels in enumerate(seen):
        middle = pixels[pixels.shape[0] // 2, :, 0]
        assert (middle[-1] if i % 2 == 0 else middle[0]) > 60  # tissue at the chest wall
        assert (middle[0] if i % 2 == 0 else middle[-1]) == 0  # air in front
    heights = [np.flatnonzero(pixels[..., 0].any(axis=1)).size for pixels in seen]
    assert abs(heights[0] - heights[1]) <= 2  # 112 mm, in pixels of 0.2 and of 0.4 mm
    assert "Implant" in page.locator(".dw-br").inner_text()
    letters = page.tab.eval_on_selector_all(".dw-cell", "all => all.map(c => c.querySelector('.dw-top').textContent)")
    assert letters == ["R", "L", "HR", "HL"]
    page.screenshot(artefacts / "mammography.png")
    page.drag(".dw-cell .dw-pixels", 0, -60, button="right")  # a zoom at the point of the hand
    page.until(lambda: told(page, "viewer.viewports[0].zoom != 'fit'"), what="the zoom")
    assert not np.array_equal(same(page, "viewer.viewports[0]", 0), seen[0])
    page.tab.keyboard.press("Z")
    page.until(lambda: told(page, "viewer.viewports[0].zoom") == 1, what="1:1")
    single = same(page, "viewer.viewports[0]", 0)
    assert single[single.shape[0] // 2, -1, 0] > 60
    page.locator("button[data-does=hang]").click()
    page.until(lambda: told(page, "[viewer.hung, viewer.grid]") == [False, [1, 2]], what="taken down")
    same(page, "viewer.viewports[1]", 1)
    page.locator(".dw-cell .dw-surface").focus()
    page.tab.keyboard.press("H")
    page.until(lambda: told(page, "[viewer.hung, viewer.grid]") == [True, [2, 2]], what="hung again")
    again = [same(page, f"viewer.viewports[{i}]", i) for i in range(4)]
    assert all(np.array_equal(a, b) for a, b in zip(again, seen, strict=True))
