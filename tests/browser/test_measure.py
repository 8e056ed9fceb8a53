"""Measurements by hand in a real JupyterLab: the figures of the page are the kernel's, and both are numpy's."""

from __future__ import annotations

import base64
import contextlib
import json
import math
import os
import signal

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.display.graphics.label_placement import leader_line, place_label
from dicom_widgets.measurements.measurement import Measurement
from dicom_widgets.widgets.runtime.frame_message import frame_message
from dicom_widgets.widgets.runtime.runtime import Runtime
from tests import samples
from tests.browser.comparison import PIXELS, same
from tests.browser.images import SETUP
from tests.samples import CT, PET, PREFIX, XA, item

SERIES = """
def ct(i):
    return dict(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2", Modality="CT", PixelSpacing=[0.7, 0.5], PixelPaddingValue=-900,
        PixelPaddingRangeLimit=-700, RescaleSlope="1.5", RescaleIntercept="-20.25", RescaleType="HU",
        ImageOrientationPatient=[0, 1, 0, 0, 0, -1], ImagePositionPatient=[5 * i, -10, 30.5],
    )

def slices():
    from dicom_widgets.dicom.datasets import datasets_of
    sets = datasets_of(np.stack([np.roll(signed, 9 * i, 1) for i in range(3)]))
    for i, ds in enumerate(sets):
        for keyword, value in ct(i).items():
            setattr(ds, keyword, value)
    return session.load(sets)[0].children[0]

def truth(m):
    # figures by numpy alone
    stored = session.array(m.instance, values="stored").astype(float)
    (x0, y0), (x1, y1) = m.points
    (x0, x1), (y0, y1) = sorted((x0, x1)), sorted((y0, y1))
    row, column = np.mgrid[:stored.shape[0], :stored.shape[1]] + 0.5
    inside = (column >= x0) & (column <= x1) & (row >= y0) & (row <= y1)
    if m.kind == "ellipse":
        inside = ((column - (x0 + x1) / 2) / ((x1 - x0) / 2)) ** 2 + ((row - (y0 + y1) / 2) / ((y1 - y0) / 2)) ** 2 <= 1
    v = stored[inside & ~((stored >= -900) & (stored <= -700))] * 1.5 - 20.25
    area = (x1 - x0) * 0.5 * (y1 - y0) * 0.7 * (np.pi / 4 if m.kind == "ellipse" else 1)
    return [v.mean(), v.std(ddof=1), v.min(), v.max(), area, v.size]
"""
GRAPHICS, SURFACE = "canvas.dw-graphics", ".dw-surface"


@contextlib.contextmanager
def asleep(page):
    """Stop the kernel's process: nothing is answered meanwhile, on no thread."""
    kernel = int(page.kernel("import os; print(os.getpid())"))
    os.kill(kernel, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(kernel, signal.SIGCONT)


def marks(page, index=0):
    if not page.locator(GRAPHICS, index).count():
        return []
    return json.loads(page.locator(GRAPHICS, index).get_attribute("data-marks") or "[]")


def on_screen(page, *points, name="viewport", index=0):
    """Return where image coordinates lie in the window."""
    box = page.box(PIXELS, index)
    code = (
        f"place = {name}.picture().to_screen(({box['height']}, {box['width']}), {name}.zoom, {name}.pan)\n"
        f"import json; print(json.dumps([place(p) for p in {points!r}]))"
    )
    return [(box["x"] + x, box["y"] + y) for x, y in json.loads(page.kernel(code))]


def drawn(page, key, *places, drag=True):
    page.tab.keyboard.press(key)
    mouse = page.tab.mouse
    mouse.move(*places[0])
    for place in places[1:] if drag else places:
        if drag:
            mouse.down()
        mouse.move(*place, steps=5)
        if not drag:
            mouse.down()
        mouse.up()


def told(page, count, index=0):
    """Wait until the kernel has answered for so many measurements; return what the page says of them."""

    def answered():
        seen = marks(page, index)
        return seen if len(seen) == count and not any(m["ours"] for m in seen) else None

    return page.until(answered, what=f"{count} measurements with the kernel's figures")


def held(page, name="viewport"):
    """Return the kernel's measurements: uid, kind, lines, quantities, points."""
    code = (
        f"import json; print(json.dumps([dict(uid=m.uid, kind=m.kind, lines=m.figures.lines(),"
        f" quantities=m.figures.quantities, points=m.points) for m in {name}.measurements]))"
    )
    return json.loads(page.kernel(code))


def plain(found):
    return [(m["uid"], m["kind"], m["lines"]) for m in found]


def test_a_story_of_measurements(lab, page, artefacts):
    """ME1 to ME5: drawn by hand while the kernel sleeps too, moved, seen by a second viewport, removed."""
    lab.write(
        "measure.ipynb",
        SETUP + SERIES + "viewport = dw.Viewport(session, slices(), index=1, height='420px')\n"
        "mirrored = {'turns': 1, 'flip': True}\n"
        "other = dw.Viewport(session, session.studies[0].children[0], index=1, height='300px', **mirrored)",
        "viewport",
        "other",
    )
    page.open("measure.ipynb")
    page.run_all()
    same(page)
    same(page, "other", 1)
    page.locator(SURFACE).focus()
    the_value_under_the_hand_is_the_kernels(page)
    a_length_follows_the_hand(page)
    known = regions_are_measured_while_the_kernel_sleeps(page)
    a_second_viewport_shows_and_makes_them_too(page, known, artefacts)
    moved = points_and_regions_are_moved(page, known)
    the_words_of_a_region_are_dragged(page, moved)
    what_is_removed_comes_back_step_by_step(page, known, moved)
    code_and_a_second_page_take_part(page)


def the_value_under_the_hand_is_the_kernels(page):
    """No button is pressed; padding is named."""
    for x, y in ((130.5, 70.5), (20.2, 190.9)):
        page.tab.mouse.move(*on_screen(page, (x, y))[0])
        words = page.kernel(f"print(session.probe(viewport.instance, {int(x) + 1}, {int(y) + 1}))").strip()
        page.until(lambda words=words: page.locator(".dw-probe").inner_text() == words, what=words)
    padded = page.kernel(
        "r, c = np.argwhere((session.array(viewport.instance, values='stored') == -800))[0]; print(r, c)"
    )
    row, column = map(int, padded.split())
    page.tab.mouse.move(*on_screen(page, (column + 0.5, row + 0.5))[0])
    page.until(lambda: "padding (-800)" in page.locator(".dw-probe").inner_text(), what="padding by name")


def a_length_follows_the_hand(page):
    """The page shows its figures before the kernel knows of it."""
    start, end = on_screen(page, (20.5, 30.5), (80.5, 60.5))
    page.tab.keyboard.press("l")
    page.tab.mouse.move(*start)
    page.tab.mouse.down()
    page.tab.mouse.move(*end, steps=8)
    (live,) = page.until(lambda: marks(page), what="a length under the hand")
    assert live["ours"]
    page.tab.mouse.up()
    (length,) = told(page, 1)
    assert length["quantities"] == live["quantities"]
    (known,) = held(page)
    (x0, y0), (x1, y1) = known["points"]
    assert known["points"] == [pytest.approx((20.5, 30.5), abs=0.01), pytest.approx((80.5, 60.5), abs=0.01)]
    assert known["quantities"][0][1] == pytest.approx(math.hypot((x1 - x0) * 0.5, (y1 - y0) * 0.7))
    assert length["lines"] == known["lines"] == ["36.62 mm"]


def regions_are_measured_while_the_kernel_sleeps(page):
    """An angle by three clicks, then two regions; return the four measurements of the kernel."""
    drawn(page, "a", *on_screen(page, (100.5, 20.5), (100.5, 60.5), (140.5, 60.5)), drag=False)
    assert told(page, 2)[1]["lines"] == ["90 °"]
    places = on_screen(page, (30.2, 90.1), (90.7, 150.3), (150.4, 100.2), (220.1, 170.8))
    with asleep(page):
        drawn(page, "b", *places[:2])
        drawn(page, "e", *places[2:])
        page.until(lambda: len(marks(page)) == len(marks(page, 1)) == 4, what="both regions, in both views")
        meanwhile = marks(page)
    assert [m["ours"] for m in meanwhile] == [False, False, True, True]
    seen, known = told(page, 4), held(page)
    assert plain(meanwhile) == plain(seen) == plain(known)
    for mine, theirs in zip(meanwhile[2:], known[2:], strict=True):
        assert [q[0] for q in mine["quantities"]] == ["mean", "sd", "min", "max", "area", "count"]
        assert [(q[0], q[2]) for q in mine["quantities"]] == [(q[0], q[2]) for q in theirs["quantities"]]
        figures = [q[1] for q in theirs["quantities"]]
        assert [q[1] for q in mine["quantities"]] == pytest.approx(figures, rel=1e-9)
        expected = page.kernel(f"print(json.dumps([float(x) for x in truth(session.measurements[{theirs['uid']!r}])]))")
        assert figures == pytest.approx(json.loads(expected), rel=1e-9)
    return known


def a_second_viewport_shows_and_makes_them_too(page, known, artefacts):
    """The second viewport is turned and flipped."""
    assert plain(told(page, 4, 1)) == plain(known)
    page.screenshot(artefacts / "measurements.png")
    page.locator(SURFACE, 1).focus()
    drawn(page, "l", *on_screen(page, (20.5, 130.5), (60.5, 130.5), name="other", index=1))
    assert told(page, 5)[4]["lines"] == ["20 mm"]
    assert held(page)[4]["points"] == [pytest.approx((20.5, 130.5), abs=0.01), pytest.approx((60.5, 130.5), abs=0.01)]
    page.tab.keyboard.press("Delete")
    told(page, 4)
    page.locator(SURFACE).focus()


def points_and_regions_are_moved(page, known):
    """They are there again after scrolling; one end of the length moves, and a whole region, which is returned."""
    page.tab.keyboard.press("ArrowDown")
    page.until(lambda: page.locator(PIXELS).get_attribute("data-index") == "2" and not marks(page), what="none there")
    page.tab.keyboard.press("ArrowUp")
    page.until(lambda: plain(marks(page)) == plain(known), what="all of them again")
    drawn(page, "x", *on_screen(page, (200.5, 40.5)), drag=False)
    value = page.kernel("print(session.probe(viewport.instance, 201, 41).modality)").strip()
    assert told(page, 5)[4]["quantities"] == [["value", float(value), "HU"]]
    page.tab.keyboard.press("w")
    before = same(page)
    drawn(page, "w", *on_screen(page, (20.5, 30.5), (20.5, 60.5)))
    page.until(lambda: held(page)[0]["lines"] == ["30 mm"], what="the length's first end moved")
    assert [q[1] for q in told(page, 5)[0]["quantities"]] == pytest.approx([60 * 0.5], abs=0.02)
    assert np.array_equal(same(page), before)  # the window has not changed
    drawn(page, "w", *on_screen(page, (30.2, 120.0), (35.2, 125.0)))
    moved = page.until(lambda: (m := held(page)[2])["points"] != known[2]["points"] and m, what="a region moved")
    assert moved["points"] == [pytest.approx((35.2, 95.1), abs=0.02), pytest.approx((95.7, 155.3), abs=0.02)]
    return moved


def the_words_of_a_region_are_dragged(page, moved):
    """They stay where they are put, and go along with the region; a double click brings them back."""
    box, words = page.box(SURFACE), told(page, 5)[2]["box"]
    start = (box["x"] + words["x"] + 5, box["y"] + words["y"] + 5)
    drawn(page, "w", start, (start[0] + 90, start[1] + 30))
    placed = page.until(lambda: text_at(page, moved["uid"]), what="words that a hand has put somewhere")
    ((x, y),) = on_screen(page, placed)
    assert (x - box["x"], y - box["y"]) == pytest.approx((words["x"] + 90, words["y"] + 30), abs=0.1)
    assert marks(page)[2]["box"]["x"] == pytest.approx(words["x"] + 90, abs=0.1)
    page.until(lambda: held(page)[2]["points"] == moved["points"], what="a region that stays where it is")
    page.tab.mouse.move(x + 5, y + 5)
    page.until(lambda: page.locator(SURFACE).evaluate("e => e.style.cursor") == "grab", what="a hand over the words")
    drawn(page, "w", *on_screen(page, (35.2, 125.0), (35.2, 130.0)))
    page.until(
        lambda: (
            text_at(page, moved["uid"]) == [pytest.approx(placed[0], abs=0.02), pytest.approx(placed[1] + 5, abs=0.02)]
        ),
        what="words that go along",
    )
    page.tab.mouse.dblclick(*on_screen(page, (placed[0] + 2, placed[1] + 7))[0])
    page.until(lambda: text_at(page, moved["uid"]) is None, what="words beside their region")


def what_is_removed_comes_back_step_by_step(page, known, moved):
    """Undo takes back what was done before the removal, too."""
    page.tab.keyboard.press("Delete")
    page.until(lambda: [m["kind"] for m in held(page)] == ["length", "angle", "ellipse", "probe"], what="removed")
    page.tab.keyboard.press("Control+z")
    page.until(lambda: len(held(page)) == 5 and held(page)[-1]["uid"] == moved["uid"], what="the region again")
    assert text_at(page, moved["uid"]) is None
    for _ in range(4):  # the words back, the region moved, its words dragged, the region moved from where it was drawn
        page.tab.keyboard.press("Control+z")
    page.until(lambda: held(page)[-1]["points"] == known[2]["points"], what="the region where it was drawn")
    page.tab.keyboard.press("Delete")
    page.until(lambda: len(held(page)) == 4, what="removed again")


def code_and_a_second_page_take_part(page):
    page.kernel("viewport.measure('length', (10, 10), (50, 10), label='by code')")
    assert told_lines(page, 5)[-1] == ["by code", "20 mm"]
    second = page.second()
    assert told_lines(second, 5) == told_lines(page, 5)
    page.kernel("session.measurements.clear()")
    for window in (page, second):
        window.until(lambda window=window: marks(window) == [], what="none left")


def text_at(page, uid):
    return json.loads(page.kernel(f"print(json.dumps(session.measurements[{uid!r}].text_at))"))


def told_lines(page, count):
    """Wait until the page shows so many; return what is written beside them."""
    seen = page.until(lambda: m if len(m := marks(page)) == count else None, what=f"{count} measurements")
    return [m["lines"] for m in seen]


def test_by_keyboard_alone_by_touch_and_through_a_lens(lab, open_page):
    """ME4, ME5 by Shift + arrows and Enter; taps; the magnifier shows nearest stored values; without a spacing, why."""
    page = open_page(has_touch=True)
    lab.write("lens.ipynb", SETUP + "viewport = dw.Viewport(session, series([signed]), height='400px')", "viewport")
    page.open("lens.ipynb")
    page.run_all()
    same(page)
    press = page.tab.keyboard.press
    page.locator(SURFACE).focus()
    for key in ("l", "Enter", *["Shift+ArrowRight"] * 5, "Enter"):
        press(key)
    (found,) = told(page, 1)
    assert found["lines"][1] == "no spacing"
    (known,) = held(page)
    zoom = 400 / 200
    assert known["quantities"][0][1] == pytest.approx(5 * 8 / zoom)
    for key in ("Enter", "Shift+ArrowDown", "Enter"):  # the cursor is at its end: a second one begins there
        press(key)
    assert told(page, 2)[0]["quantities"][0][1] == pytest.approx(5 * 8 / zoom)  # the first one has not moved
    press("Delete")
    told(page, 1)
    press("Escape")
    for key in ("j", "Enter", "Shift+ArrowUp", "Enter"):  # its first point, one step up
        press(key)
    page.until(lambda: held(page)[0]["points"][0][1] == pytest.approx(known["points"][0][1] - 8 / zoom), what="moved")
    page.until(lambda: "stored" in (m := page.locator(".dw-live").inner_text()) and "length" in m, what="read aloud")
    press("Delete")
    page.until(lambda: held(page) == [], what="removed by key")

    press("b")  # two taps are two corners
    for place in on_screen(page, (20.5, 20.5), (60.5, 50.5)):
        page.tab.touchscreen.tap(*place)
    assert told(page, 1)[0]["quantities"][-1][1] == 41 * 31

    press("g")
    at = on_screen(page, (100.3, 80.6))[0]
    box = page.box(PIXELS)
    page.tab.mouse.move(*at)
    page.tab.mouse.down()
    page.until(lambda: page.locator("canvas.dw-lens").is_visible(), what="the lens")
    glass = page.pixels("canvas.dw-lens")
    height, width = (round(box[k]) for k in ("height", "width"))
    middle = [math.floor(p - box[k]) + 0.5 for p, k in zip(at, "xy", strict=True)]
    pan = tuple(4 * (size / 2 - m) for size, m in zip((width, height), middle, strict=True))
    page.kernel(f"np.save('lens.npy', viewport.picture().rgba((160, 160), {4 * zoom}, {pan}, 'nearest'))")
    assert np.array_equal(glass, np.load(lab.folder / "lens.npy"))
    page.tab.mouse.up()
    page.until(lambda: not page.locator("canvas.dw-lens").is_visible(), what="the lens goes")


TWIN = """
globalThis.twin = {
    ...$runtime_decoding, ...$core_measurements_figures, ...$core_measurements_kinds, ...$core_values_probe,
    ...$core_window, ...$core_label_placement,
};
"""
"""What the modules of the page's script export, under the names that the joined script gives their scopes."""
FIGURES = """([msg, buffers, marks, places]) => {
    const { typed, figuresOf, probeText, linesOf, windowText } = globalThis.twin, tables = {};
    let values;
    msg.parts.forEach(([name, type], i) => {
        const bytes = Uint8Array.from(atob(buffers[i]), c => c.charCodeAt(0));
        const array = typed(type, new DataView(bytes.buffer));
        if (name === "values") values = array; else tables[name] = array;
    });
    const picture = { ...msg, tables, buffer: "now" }, found = marks.map(mark => figuresOf(mark, picture, values));
    const label = msg.voi?.width ? windowText(msg.voi, picture) : "";
    return [found, found.map(linesOf), places.map(at => probeText(picture, at, values)), label];
}"""


def objects():
    """Yield objects whose values and distances mean something else each."""
    rng = np.random.default_rng(11)
    grid = rng.integers(-1500, 1500, (40, 60)).astype(np.int16)
    spaced = {
        "PixelSpacing": [0.7, 0.4],
        "ImageOrientationPatient": [0, 1, 0, 0, 0, -1],
        "ImagePositionPatient": [1, 2, 3],
    }
    yield samples.image(grid, CT, RescaleSlope="1.37", RescaleIntercept="-20.5", PixelPaddingValue=-700, **spaced)
    yield samples.image(grid, CT, PixelPaddingValue=-900, PixelPaddingRangeLimit=900, PixelAspectRatio=[3, 2])
    lut = samples.lut([int(x) for x in rng.integers(0, 65535, 3000)], first=-1500, bits=16, ModalityLUTType="OD")
    yield samples.image(grid, XA, ModalityLUTSequence=[lut], ImagerPixelSpacing=[0.2, 0.3])
    wide = rng.integers(0, 1 << 31, (40, 60)).astype(np.uint32)
    yield samples.image(wide, CT, RescaleSlope="1.5e-8", RescaleType="GY", PixelSpacing=[2, 3])
    yield samples.image(grid, PET, Units="GML", RescaleSlope="0.01", RescaleIntercept="0", PixelSpacing=[4, 4])
    rgb = samples.image(rng.integers(0, 256, (40, 180)).astype(np.uint8), PREFIX + "7", Columns=60, SamplesPerPixel=3)
    rgb.PhotometricInterpretation, rgb.PlanarConfiguration = "RGB", 0
    yield rgb
    boxes = [(0, 29, 3, 3, 0.1, 0.2), (30, 44, 4, 7, 0.5, -10), (45, 52, 4, 3, 0.01, 0.1), (53, 57, 0, 0, 1, 1)]
    regions = [
        item(
            RegionLocationMinX0=left, RegionLocationMinY0=0, RegionLocationMaxX1=right, RegionLocationMaxY1=35,
            PhysicalUnitsXDirection=x, PhysicalUnitsYDirection=y, PhysicalDeltaX=dx, PhysicalDeltaY=dy,
            ReferencePixelX0=3, ReferencePixelPhysicalValueX=1.5,
        )
        for left, right, x, y, dx, dy in boxes
    ]  # fmt: skip
    yield samples.image((grid & 255).astype(np.uint8), PREFIX + "6.1", SequenceOfUltrasoundRegions=regions)
    unit = {"MeasurementUnitsCodeSequence": [item(CodeValue="um2/s", CodingSchemeDesignator="UCUM", CodeMeaning="?")]}
    table = item(LUTLabel="T2", RealWorldValueLUTData=rng.uniform(-9, 9, 1000).tolist(), **unit)
    line = item(LUTLabel="ADC", RealWorldValueSlope=1.7, RealWorldValueIntercept=-3.2, **unit)
    for mapping, ends in ((table, (-500, 499)), (line, (-1000, 1200))):
        for which, end in zip(("First", "Last"), ends, strict=True):
            mapping.add_new(f"RealWorldValue{which}ValueMapped", "SS", end)
    free = item(LUTLabel="R2", RealWorldValueSlope=-2.5, RealWorldValueIntercept=0.3)
    yield samples.image(grid, CT, PixelPaddingValue=-700, RealWorldValueMappingSequence=[table, line, free])


def test_the_page_computes_what_the_kernel_computes(page):
    """ME1 to ME5, US1 to US3, NP5, MF5: figures and probe of the page against the kernel's, without a notebook."""
    script = Runtime._esm.replace("export default", "globalThis.unused =")
    page.tab.add_script_tag(content=script + TWIN, type="module")
    page.until(lambda: page.tab.evaluate("() => !!globalThis.twin"), what="the script")
    rng = np.random.default_rng(5)
    seen, labels = set(), set()
    with dw.Session(listen_port=0) as session:
        for ds in objects():
            session.load(samples.part10(ds))
            uid = str(ds.SOPInstanceUID)
            picture = session.present(uid)
            msg, buffers = frame_message(picture)
            made = [
                Measurement(kind, tuple(map(tuple, rng.uniform((0, 0), (60, 40), (count, 2)))), uid)
                for kind, count in (("length", 2), ("angle", 3), ("rectangle", 2), ("ellipse", 2), ("probe", 1))
                for _ in range(12)
            ]
            made += [Measurement("length", ((x, 3.2), (x + 4, 9.9)), uid) for x in (2, 32, 46, 53.5)]
            session.measurements.add(*made)
            places = rng.uniform((0, 0), (60, 40), (40, 2)).tolist()
            figures, lines, probes, label = page.tab.evaluate(
                FIGURES,
                [msg, [base64.b64encode(b).decode() for b in buffers], [m.message() for m in made], places],
            )
            for m, ours, words in zip(session.measurements.of(uid), figures, lines, strict=True):
                theirs = m.figures
                assert [(q[0], q[2]) for q in ours["quantities"]] == [(q[0], q[2]) for q in theirs.quantities], str(m)
                assert [q[1] for q in ours["quantities"]] == pytest.approx([q[1] for q in theirs.quantities], rel=1e-9)
                assert (ours["label"], ours["source"], ours["why"]) == (theirs.label, theirs.source, theirs.why)
                assert words == theirs.lines()
                seen |= {q[0] for q in theirs.quantities} | {theirs.why}
            labels.add(label)
            assert probes == [str(session.probe(uid, int(x) + 1, int(y) + 1)) for x, y in places]
    assert {"SUVbw max", "ADC mean", "T2 SD", "R2", "velocity", "depth", "slope", "red", "horizontal"} <= seen
    assert "the points are not in one region" in seen
    for _ in range(300):  # where words lie
        points, taken = rng.integers(0, 400, (rng.integers(1, 4), 2)).tolist(), rng.integers(0, 300, (9, 4)).tolist()
        boxes = [dict(zip(("x", "y", "wide", "high"), box, strict=True)) for box in taken]
        args = [points, [90, 34], [400, 320], boxes, 12]
        x, y = page.tab.evaluate("args => globalThis.twin.placeLabel(...args)", args)
        assert (x, y) == place_label([tuple(p) for p in points], (90, 34), (400, 320), [tuple(t) for t in taken], 12)
        box = {"x": x, "y": y, "wide": 90, "high": 34}
        line = page.tab.evaluate("args => globalThis.twin.labelLink(...args)", [points, box, 12])
        known = leader_line([tuple(p) for p in points], (x, y, 90, 34), 12)
        assert line == (known if known is None else [list(p) for p in known])
    assert "SUVbw 0 to 7 g/ml" in labels  # NP6
    assert any(label.startswith("W ") and " HU" in label for label in labels)
