"""Smooth images, layers, the notebook's own drawing and the way without the script, in a real JupyterLab."""

from __future__ import annotations

import numpy as np

from tests.browser.comparison import PIXELS, same
from tests.browser.images import OBJECTS, SETUP

LAYERS_MENU = ".dw-menu:has(summary:has-text('Layers'))"


def test_a_smooth_image_is_equal(lab, page, artefacts):
    """GP10, US6: whole-number bilinear values in kernel and page, at any zoom, turn, sign and colour."""
    shown = (
        "grey8 = dict(PixelPaddingValue=-900, PixelPaddingRangeLimit=-700)\n"
        "things = dict(signed=series([signed]), unsigned=series([unsigned]), padded=series([signed], **grey8),\n"
        "              colour=load(rgb(color)), wide=load(grey(wide, WindowCenter='7e7', WindowWidth='1.4e8')))\n"
        "viewport = dw.Viewport(session, things['signed'], height='400px')"
    )
    lab.write("smooth.ipynb", SETUP + OBJECTS + shown, "viewport")
    page.open("smooth.ipynb")
    page.run_all()
    fitted = same(page, least_levels=65)
    page.locator(".dw-surface").focus()
    page.tab.keyboard.press("m")
    page.until(lambda: page.kernel("print(viewport.interpolation)").strip() == "linear", what="smooth by key")
    smooth = same(page, least_levels=65)
    assert (smooth != fitted).any(axis=2).mean() > 0.2
    assert page.locator("[data-does=smooth]").get_attribute("aria-pressed") == "true"
    assert "(linear)" in page.locator(".dw-br").inner_text()
    page.screenshot(artefacts / "smooth.png")
    page.drag(PIXELS, 40, 10)
    assert not np.array_equal(same(page, least_levels=65), smooth)
    page.kernel("open('smooth.png', 'wb').write(viewport.snapshot()); exec(viewport.code())")
    for name, change in (
        ("unsigned", "zoom = 1.5"),
        ("padded", "zoom = 2.37"),
        ("padded", "turns, viewport.flip, viewport.zoom = 1, True, 1.9"),
        ("signed", "turns, viewport.pan, viewport.zoom = 2, (-40.3, 11.25), 3"),
        ("colour", "zoom = 1.7"),
        ("colour", "turns, viewport.flip, viewport.pan, viewport.zoom = 3, True, (5, 9.5), 2.2"),
        ("colour", "zoom = 0.45"),
        ("wide", "zoom = 2.2"),
    ):
        page.kernel(f"viewport.show(things[{name!r}]); viewport.{change}")
        same(page, least_levels=40)
    page.kernel("viewport.interpolation, viewport.zoom = 'area', 2")
    same(page, least_levels=40)


LAYERS = """
masks = np.zeros((6, *x.shape), np.uint8)
masks[:, 40:120, 60:200], masks[:, 100:180, 30:90], masks[2, 5:30] = 1, 2, 3
dose = np.hypot(x - 160, y - 110)
dose[dose > 90] = np.nan
viewport = dw.Viewport(session, series([np.roll(signed, 9 * i, 1) for i in range(6)]), index=2, height='400px')
"""


def test_layers_are_equal_and_switched_by_their_name(lab, page, artefacts):
    """BL4, in part: labels of a volume and values of one image, at any zoom, turn and flip, while one scrolls."""
    lab.write("layers.ipynb", SETUP + LAYERS, "viewport")
    page.open("layers.ipynb")
    page.run_all()
    bare = same(page, least_levels=65)
    page.kernel("labels = viewport.add(masks, name='organs <b>'); heat = viewport.add(dose, cmap='pet', opacity=0.7)")
    covered = same(page, least_levels=65)
    assert (covered != bare).any(axis=2).mean() > 0.1
    for change in (
        "interpolation = 'linear'",
        "zoom = 0.61",
        "turns, viewport.flip = 1, True",
        "zoom, viewport.pan = 2.3, (-40.3, 11.25)",
        "window = (0, 300)",
        "turns = 2",
    ):
        page.kernel(f"viewport.{change}")
        same(page)
    page.kernel("viewport.reset(); viewport.interpolation = 'area'; labels.opacity = 0.9")
    strong = same(page, least_levels=65)
    assert not np.array_equal(strong, covered)
    page.locator(".dw-surface").focus()
    page.wheel(PIXELS, 1)
    page.until(lambda: page.kernel("print(viewport.index)").strip() == "3", what="the next slice")
    assert not np.array_equal(same(page, least_levels=65), strong)
    page.wheel(PIXELS, -1)
    page.until(lambda: page.kernel("print(viewport.index)").strip() == "2", what="the way back")
    assert np.array_equal(same(page, least_levels=65), strong)
    sent = page.kernel("print(viewport.runtime.sent)")
    page.locator(".dw-menu summary:has-text('Layers')").click()
    menu = page.locator(LAYERS_MENU)
    assert menu.locator("label").all_inner_texts() == ["organs <b>", "layer 1"]
    page.screenshot(artefacts / "layers.png")
    menu.locator("input[type=range]").nth(1).focus()
    page.tab.keyboard.press("Home")
    page.until(lambda: page.kernel("print(heat.opacity)").strip() == "0.0", what="the opacity of the slider")
    faint = same(page, least_levels=65)
    assert not np.array_equal(faint, strong)
    menu.locator("label", has_text="organs").locator("input[type=checkbox]").click()
    page.until(lambda: page.kernel("print(labels.visible)").strip() == "False", what="the layer switched off")
    assert np.array_equal(same(page, least_levels=65), bare)
    assert page.kernel("print(viewport.runtime.sent)") == sent
    page.kernel("labels.visible = True; heat.remove(); labels.remove()")
    assert np.array_equal(same(page, least_levels=65), bare)
    page.until(lambda: not page.locator(LAYERS_MENU).is_visible(), what="no menu without layers")


DRAWN = "canvas.dw-drawing"


def red(page):
    """Return where the drawing is red, or None before it is there."""
    if not page.locator(DRAWN).count():
        return None
    seen = page.pixels(DRAWN)
    where = (seen[..., 3] > 0) & (seen[..., 0] > 150) & (seen[..., 1] < 90)
    return where if where.any() else None


def test_the_notebooks_drawing_lies_over_the_picture(lab, page, artefacts):
    """It follows the image, comes back after a reload and in a second page, and lets the hand through."""
    code = """
calls = []
def draw(canvas):
    calls.append(viewport.index)
    (left, top), (right, bottom) = viewport.to_screen([[60, 50], [160, 120]])
    canvas.fill_style = 'red'
    canvas.fill_rect(left, top, right - left, bottom - top)
viewport = dw.Viewport(session, series([signed, unsigned.astype(np.int16)]), index=0, height='400px')
"""
    lab.write("drawn.ipynb", SETUP + code, "viewport")
    page.open("drawn.ipynb")
    page.run_all()
    before = same(page, least_levels=65)
    assert page.locator(DRAWN).count() == 0
    page.kernel("viewport.on_draw(draw)")
    where = page.until(lambda: red(page), what="the drawing")
    assert where.shape == before.shape[:2]
    assert where.sum() == 100 * 70 * 4  # fitted at a zoom of 2
    assert np.array_equal(same(page), before)
    page.screenshot(artefacts / "drawn.png")
    page.drag(PIXELS, 40, 20)
    assert not np.array_equal(same(page), before)
    assert page.kernel("print(viewport.window is not None)").strip() == "True"
    page.kernel("viewport.zoom = 1")
    page.until(lambda: (w := red(page)) is not None and w.sum() == 100 * 70, what="the drawing at a zoom of 1")
    page.save()
    page.reload()
    page.until(lambda: (w := red(page)) is not None and w.sum() == 100 * 70, what="the drawing after a reload")
    same(page)
    second = page.second()
    second.until(lambda: (w := red(second)) is not None and w.sum() == 100 * 70, what="the drawing in a second page")
    same(second)
    second.tab.close()
    page.allowed += ["ipycanvas", "net::ERR_FAILED", "CanvasModel", "/static/lab/", "Event"]  # JupyterLab misses it
    page.tab.route("**/ipycanvas/**", lambda route: route.abort())
    page.tab.bring_to_front()
    page.reload()
    same(page)  # the picture needs no ipycanvas
    assert page.locator(DRAWN).count() == 0


def test_a_viewport_without_the_script(lab, page, artefacts):
    """The kernel draws; a drag is a window, the wheel scrolls, and the page comes back after a reload."""
    code = """
dw.options.script = False
viewport = dw.Viewport(session, series([np.roll(signed, 9 * i, 1) for i in range(9)]), height='360px')
"""
    lab.write("plain.ipynb", SETUP + code, "viewport")
    page.open("plain.ipynb")
    page.run_all()
    shown = ".jupyter-widgets canvas, canvas.jupyter-widgets"

    def equal():
        if not page.locator(shown).count():
            return None
        seen = page.pixels(shown)
        page.kernel(
            "np.save('truth.npy', viewport.picture().rgba((360, 360), viewport.zoom, viewport.pan,"
            " viewport.interpolation))"
        )
        return seen if np.array_equal(seen, np.load(lab.folder / "truth.npy")) else None

    first = page.until(equal, what="the picture of the kernel")
    assert len(np.unique(first[..., 0])) > 65
    assert page.locator(".dw-viewport").count() == 0
    page.screenshot(artefacts / "plain.png")
    page.drag(shown, 60, -35)
    page.until(lambda: page.kernel("print(viewport.window is not None)").strip() == "True", what="a window")
    assert not np.array_equal(page.until(equal, what="the window that was dragged"), first)
    page.wheel(shown, 2)
    page.until(lambda: page.kernel("print(viewport.index)").strip() == "6", what="two images on")
    page.until(equal, what="the image that was scrolled to")
    assert "7/9" in page.locator(".widget-html:has-text('Not for diagnostic use')").inner_text()
    page.kernel("viewport.add(signed > 500, opacity=0.3); viewport.interpolation, viewport.zoom = 'linear', 1.7")
    colours = page.until(equal, what="a layer in the picture of the kernel")
    assert (colours[..., 0] != colours[..., 2]).any()
    page.save()
    page.reload()
    page.until(equal, what="the picture after a reload")
