"""Tools and measurements from outside of the package: in the page as long as they are registered."""

from __future__ import annotations

from tests.browser.comparison import same
from tests.browser.images import SETUP

TRACED = """
from dicom_widgets.measurements import kinds
from dicom_widgets.measurements.figures import Figures
from dicom_widgets.measurements.kind import MeasurementKind, as_given
from dicom_widgets.widgets import tools

KIND = '''export default {
  points: 3,
  more: true,
  valued: false,
  outline: points => [[...points, points[0]]],
  figures: points => ({quantities: [["corners", points.length, ""]], label: "", source: "", why: ""}),
};'''
kind = MeasurementKind(
    "traced", 3, as_given, lambda points, *_: Figures((("corners", float(len(points)), ""),)), more=True, script=KIND)
added = [kinds.register(kind)]
added.append(tools.register(tools.Tool("trace", "Trace", "5", "export default {measures: 'traced'};")))
STAMP = "export default {click: true, down: ({s}) => s.index, up: ({s}) => s.looking({invert: !s.look.invert})};"
added.append(tools.register(tools.Tool("stamp", "Stamp", "7", STAMP)))
viewport = dw.Viewport(session, series([unsigned]), height="400px")
"""


def test_what_other_packages_add_comes_and_goes(lab, page):
    lab.write("extended.ipynb", SETUP + TRACED, "viewport")
    page.open("extended.ipynb")
    page.run_all()
    same(page, least_levels=40)
    trace = page.locator("button[data-does=trace]")
    page.until(lambda: trace.count() == 1, what="the button of the tool")
    box = page.box(".dw-surface")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.kernel("viewport.tool = 'trace'")
    page.until(lambda: trace.get_attribute("aria-pressed") == "true", what="the tool")
    page.tab.mouse.move(x, y)
    page.tab.mouse.down()
    for dx, dy in ((40, 0), (40, 40), (20, 10), (0, 40)):
        page.tab.mouse.move(x + dx, y + dy, steps=2)
    page.tab.mouse.up()
    said = "print(*(f'{m.kind} {len(m.points)} {m.figures[\"corners\"]:g}' for m in session.measurements))"
    page.until(lambda: page.kernel(said).strip() != "", what="the measurement")
    kind, points, corners = page.kernel(said).split()
    assert (kind, points) == ("traced", corners)
    assert int(points) > 4
    page.kernel("viewport.tool = 'stamp'")
    stamp = page.locator("button[data-does=stamp]")
    page.until(lambda: stamp.get_attribute("aria-pressed") == "true", what="the other tool")
    page.tab.mouse.click(box["x"] + 30, box["y"] + box["height"] - 90)
    page.until(lambda: page.kernel("print(viewport.invert)").strip() == "True", what="an inverted image")
    same(page, least_levels=40)
    page.kernel("viewport.tool = 'window'\nfor one in added[1:]: one.close()")
    page.until(lambda: trace.count() == 0 and stamp.count() == 0, what="no more of these tools")
    assert page.locator("button[data-does=length]").count() == 1
