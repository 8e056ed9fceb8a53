"""A CT is read with the keyboard alone, from the PACS to the notebook; and widgets in a narrow box (X7)."""

from __future__ import annotations

import json

from tests.browser.comparison import same
from tests.browser.layout import OUTSIDE

SETUP = """
import ipywidgets
import dicom_widgets as dw
pacs = dw.PracticePacs()
session = dw.Session(listen_port=0)
viewer = dw.Viewer(session, pacs.remote)
"""
FOCUS = "() => document.activeElement.className"
SURFACE = ".dw-surface"


def test_a_ct_is_read_with_the_keyboard_alone(lab, page, artefacts):
    """Query, view, a window by numbers, the help, three planes; Escape leads back to the notebook's cell."""
    lab.write("reading.ipynb", SETUP, "viewer")
    page.open("reading.ipynb")
    page.run_all()
    page.until(lambda: page.locator(SURFACE).count() == 1, what="the viewer")
    assert "retrieved or loaded" in page.locator(".dw-series").inner_text()
    assert not page.locator(".dw-exact").is_visible()  # there is no window yet
    assert page.tab.locator(".dw-controls > .dw-menu:visible").count() == 0  # and no mask
    first = a_query_leads_to_the_image(page)
    a_window_by_numbers_and_back(page, first)
    index = int(page.kernel("print(viewer.viewport.index)"))
    the_help_scrolls_and_goes_before_the_cursor(page, index)
    the_toolbar_by_mouse_leaves_the_keys_to_the_image(page, index)
    three_planes_come_into_view(page, artefacts)


def a_query_leads_to_the_image(page):
    """Enter in the list of studies moves the focus to the image; return its pixels."""
    keys, press = page.tab.keyboard, page.tab.keyboard.press
    page.locator("[data-key=PatientName]").focus()
    keys.type("Phantom*")
    press("Enter")
    page.until(lambda: page.locator(".dw-status").inner_text().startswith("1 study"), what="the study")
    page.locator(".dw-table").focus()
    press("ArrowDown")
    press("Enter")
    page.until(lambda: page.tab.evaluate(FOCUS) == "dw-surface", seconds=20, what="the focus on the image")
    first = same(page, "viewer.viewport")
    seen = page.tab.evaluate("() => document.activeElement.getBoundingClientRect().bottom <= innerHeight")
    assert seen  # it lay below the window
    offered = page.tab.locator("select[aria-label='Window preset'] option").all_inner_texts()
    assert [w.lower() for w in offered].count("brain (80/40)") == 1  # the file's, and no preset that is equal to it
    return first


def a_window_by_numbers_and_back(page, first):
    keys, press = page.tab.keyboard, page.tab.keyboard.press
    press("W")
    page.until(lambda: page.tab.evaluate(FOCUS) == "dw-number", what="the width")
    keys.type("400")
    press("Tab")
    press("Escape")
    page.until(lambda: page.kernel("print(viewer.viewport.window.width)").strip() == "400.0", what="that width")
    assert (same(page, "viewer.viewport") != first).any()
    press("Escape")
    assert page.tab.evaluate(FOCUS) == "dw-surface"


def the_help_scrolls_and_goes_before_the_cursor(page, index):
    """Page Down scrolls the help, not what lies below it; Escape closes the help first, then the cursor."""
    press = page.tab.keyboard.press
    press("Shift+ArrowRight")
    press("?")
    help_, cursor = page.locator(".dw-help"), page.locator(".dw-cursor")
    press("PageDown")
    page.until(lambda: help_.evaluate("e => e.scrollTop") > 0, what="the help scrolled")
    press("Escape")
    assert not help_.is_visible()
    assert cursor.is_visible()
    press("Escape")
    assert not cursor.is_visible()
    press("ArrowDown")
    page.until(
        lambda: int(page.kernel("print(viewer.viewport.index)")) == index + 1, what="the next image and no other"
    )
    for key, pointer in (("l", "crosshair"), ("p", "move"), ("w", "")):
        press(key)
        page.until(lambda p=pointer: page.locator(SURFACE).evaluate("e => e.style.cursor") == p, what=pointer or "none")


def the_toolbar_by_mouse_leaves_the_keys_to_the_image(page, index):
    """The wheel and the keys of the image go on, while a list that is used by keyboard stays."""
    page.locator("[data-does=length]").click()
    page.wheel(SURFACE, 2)
    page.until(lambda: int(page.kernel("print(viewer.viewport.index)")) == index + 3, what="two images on")
    presets = page.locator("select[aria-label='Window preset']")
    presets.focus()
    presets.select_option(index=2)
    assert presets.evaluate("e => e === document.activeElement")
    presets.click()
    presets.select_option(index=3)
    page.until(lambda: page.tab.evaluate(FOCUS) == "dw-surface", what="the focus on the image again")


def three_planes_come_into_view(page, artefacts):
    """After Escape the notebook has its own keys again."""
    press = page.tab.keyboard.press
    press("q")
    planes = page.locator(".dw-mpr")
    inside = "e => e.getBoundingClientRect().bottom <= innerHeight && e.getBoundingClientRect().height > 300"
    page.until(lambda: planes.count() and planes.evaluate(inside), what="the planes in view")
    page.screenshot(artefacts / "reading.png")
    press("Escape")
    assert "jp-Cell" in page.tab.evaluate(FOCUS)
    count = "() => window.jupyterapp.shell.currentWidget.content.model.cells.length"
    cells = page.tab.evaluate(count)
    press("b")
    page.until(lambda: page.tab.evaluate(count) == cells + 1, what="a new cell below")


WIDE = """() => [...document.querySelectorAll(".narrow > *")].map(e => {
    // How wide a widget is in its box of 420 pixels, and whether anything of it reaches over the edge.
    const inner = [...e.querySelectorAll(".dw-tags-head, .dw-cells, .dw-mpr-planes, .dw-form, .dw-bar")];
    const right = Math.max(...inner.map(i => i.getBoundingClientRect().right));
    return [Math.round(e.getBoundingClientRect().width), right <= e.parentElement.getBoundingClientRect().right];
})"""


def test_widgets_fit_into_a_narrow_box(lab, page, artefacts):
    """Neither squeezed to nothing nor wider than the box; beside a narrow list there is an image."""
    boxed = "box = lambda w: [b := ipywidgets.Box([w], layout={'width': '420px'}), b.add_class('narrow')][0]\n"
    held = (
        "session.retrieve(session.find(pacs.remote, PatientName='Phantom*'), progress=False)\n"
        "ct = next(s for s in session.studies[0].children if s.Modality == 'CT')\nviewer.show(ct)\n"
        "viewer.viewport.measure('ellipse', (100, 100), (150, 140), label='lesion')\n"
    )
    lab.write(
        "narrow.ipynb",
        SETUP + boxed + held,
        "display(box(dw.MPR(session, ct)), box(dw.Tags(session, viewer.viewport.instance)), box(viewer))\n"
        "late = ipywidgets.VBox([])\nlate",
    )
    page.open("narrow.ipynb")
    page.run_all()
    same(page, "viewer.viewport", 3)
    page.until(lambda: page.tab.locator(".dw-tags tbody tr").count() > 5, what="the elements")
    widths = page.tab.evaluate(WIDE)
    page.locator(".dw-cells").scroll_into_view_if_needed()
    page.screenshot(artefacts / "narrow.png")
    assert len(widths) == 3
    assert all(400 <= width <= 420 and fits for width, fits in widths), json.dumps(widths)
    page.kernel("late.children = [box(viewer.viewport)]")  # one more view, of which all is known before it is shown
    page.until(lambda: page.tab.locator(".dw-viewport").count() == 5, what="one more view")
    same(page, "viewer.viewport", 4)
    assert page.tab.evaluate(OUTSIDE) == []
    assert 240 < page.box(SURFACE, 3)["width"] < 300
    said = page.locator("canvas.dw-graphics", 3)
    (mark,) = page.until(lambda: json.loads(said.get_attribute("data-marks") or "[]"), what="a measurement")
    assert len(mark["lines"]) == 4
    assert mark["box"]["high"] == 2 * 14  # in a view of less than 300 pixels its label and its first figures
