"""Smooth images, layers, the notebook's own drawing and the way without the script, in a real JupyterLab."""

from __future__ import annotations

import numpy as np

from tests.browser.test_layers import OBJECTS
from tests.browser.test_viewport import PIXELS, SETUP, same


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
