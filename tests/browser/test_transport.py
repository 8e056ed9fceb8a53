"""How frames travel: a slow link, previews, a series that grows under the hand; in a real JupyterLab."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from tests.browser.comparison import PIXELS, same
from tests.browser.images import OBJECTS, SETUP
from tests.browser.slow_link import SlowLink

LARGE = """
from dicom_widgets.dicom.datasets import datasets_of
rng, (y, x) = np.random.default_rng(3), np.mgrid[:760, :760]
waves = [900 * np.sin((x + 60 * i) / 70) * np.cos(y / 50) + rng.integers(-60, 60, x.shape) for i in range(12)]
sets = datasets_of(np.stack(waves).astype(np.int16))
def present(viewport, step, size):  # what a preview of each so many-th value must look like, under the hand or at rest
    import dataclasses
    whole = viewport.picture()
    layer = whole.layers[0]
    few = np.repeat(np.repeat(layer.values[::step, ::step], step, 0), step, 1)[:760, :760]
    picture = dataclasses.replace(whole, layers=(dataclasses.replace(layer, values=few, reductions={}),))
    return [picture.rgba(size, interpolation=way) for way in ("nearest", "area")]
"""
PACKED = """
ds = grey(unsigned)
del ds.WindowCenter, ds.WindowWidth
ds.VOILUTSequence = [lut(np.arange(2100) * 31 % 4096, 12, 'steps')]
for element, vr, value in [(0x10, 'US', 200), (0x11, 'US', 260), (0x40, 'CS', 'G'), (0x50, 'SS', [1, 1]),
                           (0x100, 'US', 1), (0x102, 'US', 0)]:
    ds.add_new(0x60000000 + element, vr, value)
ds.add_new(0x60003000, 'OB', np.packbits(np.hypot(x - 130, y - 100) < 60, bitorder='little').tobytes())
a = dw.Viewport(session, load(rgb(color)), height='300px')
b = dw.Viewport(session, load(ds), height='300px')
"""
STATS = "() => globalThis[Symbol.for('dicom_widgets@1')].stats"
WATCH = """(canvas) => {
    window.seen = [];
    new MutationObserver(() => {
        const { index, preview, waiting } = canvas.dataset, mark = document.querySelector(".dw-br").textContent;
        const state = { index, preview, waiting, marked: mark.includes("Preview"), pixels: "" };
        if (preview && !window.seen.some((s) => s.index === index && s.preview)) {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
            for (let i = 0; i < data.length; i += 32768) {
                state.pixels += String.fromCharCode.apply(null, data.subarray(i, i + 32768));
            }
            state.pixels = btoa(state.pixels);
        }
        window.seen.push(state);
    }).observe(canvas, { attributes: true });
}"""


@pytest.fixture
def link(lab, page):
    with SlowLink(lab.url) as link:
        page.lab = lab.through(link.url)
        yield link
        page.tab.goto("about:blank")


def test_a_slow_link_has_previews_and_the_same_pixels(lab, page, link, artefacts):
    lab.write(
        "slow.ipynb",
        SETUP + LARGE + "viewport = dw.Viewport(session, session.load(sets)[0].children[0], index=0, height='500px')",
        "viewport.runtime.ahead = 1",
        "viewport",
    )
    page.open("slow.ipynb")
    link.slow = True
    page.run_all()
    same(page)
    page.until(lambda: page.tab.evaluate(STATS)["messages"] >= 2, what="the neighbour")
    page.locator(PIXELS).evaluate(WATCH)
    page.locator(".dw-surface").focus()
    page.tab.keyboard.press("End")
    page.until(lambda: page.tab.evaluate("() => window.seen.some(s => s.preview)"), what="a preview")
    page.screenshot(artefacts / "preview.png")
    page.until(lambda: page.locator(PIXELS).get_attribute("data-preview") is None, what="the whole frame")
    whole = same(page, least_levels=65)
    seen = page.tab.evaluate("() => window.seen")
    first = next(s for s in seen if s["preview"])
    assert first["index"] == "11"
    assert all(s["marked"] for s in seen if s["preview"])
    assert not seen[-1]["marked"]
    preview = np.frombuffer(base64.b64decode(first["pixels"]), np.uint8).reshape(whole.shape)
    page.kernel(f"np.save('preview.npy', present(viewport, {first['preview']}, {whole.shape[:2]}))")
    assert any(np.array_equal(preview, expected) for expected in np.load(lab.folder / "preview.npy"))
    assert not np.array_equal(preview, whole)
    stats = page.tab.evaluate(STATS)
    assert stats["wire"] < 0.75 * stats["bytes"]


def test_deflated_colours_tables_and_overlays_are_equal(lab, page, link):
    lab.write("packed.ipynb", SETUP + OBJECTS + PACKED, "a", "b")
    page.open("packed.ipynb")
    link.slow = True
    page.run_all()
    same(page, "a", 0, least_levels=40)
    same(page, "b", 1, least_levels=40)
    stats = page.tab.evaluate(STATS)
    assert stats["wire"] < 200 * 260 * 3  # so both were deflated


def test_a_series_grows_under_the_hand_and_nothing_is_sent_again(lab, page):
    lab.write(
        "grows.ipynb",
        SETUP + "from dicom_widgets.dicom.datasets import datasets_of\n"
        "sets = datasets_of(np.stack([np.roll(signed, 9 * i, 1) for i in range(12)]))\n"
        "viewport = dw.Viewport(session, session.load(sets[5:8])[0].children[0], height='300px')",
        "viewport",
    )
    page.open("grows.ipynb")
    page.run_all()
    middle = same(page)
    page.until(lambda: page.tab.evaluate(STATS)["messages"] >= 3, what="all frames")
    assert page.kernel("print(viewport.index, viewport.instance.number('InstanceNumber'))").split() == ["1", "7.0"]
    page.locator(PIXELS).evaluate(WATCH)
    with page.holding(PIXELS) as move:
        move(20, 5)
        page.kernel("session.load(sets[:5]); session.load(sets[8:])")
        page.until(lambda: "Image 7/12" in page.locator(".dw-bl").inner_text(), what="the series in the page")
        move(40, 15)
    page.until(lambda: page.tab.evaluate(STATS)["messages"] >= 12, what="the other frames")
    assert not np.array_equal(same(page), middle)
    assert page.kernel("print(viewport.index, viewport.instance.number('InstanceNumber'))").split() == ["6", "7.0"]
    assert not page.tab.evaluate("() => window.seen.some((s) => s.waiting)")
    page.kernel("viewport.window = None")
    assert np.array_equal(same(page), middle)
    stats = page.tab.evaluate(STATS)
    assert stats["messages"] == 12
    assert stats["bytes"] == 12 * 200 * 260 * 2
