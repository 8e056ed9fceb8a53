"""Notebook 7 and Voilà: the same pixels as the kernel's, before and after a drag."""

from __future__ import annotations

import numpy as np

from tests.browser.comparison import PIXELS, same
from tests.browser.images import SETUP
from tests.browser.lab import HAS_RUN, IDLE, RUN_ALL

NOTEBOOK_NOISE = ["reading 'schema'", "'filebrowser:open-path' not registered"]
VOILA_NOISE = ["@jupyterlab/docregistry", "fontawesome", "net::ERR_"]
"""What their consoles say of an empty notebook, too."""
VIEW = "viewport = dw.Viewport(session, series([signed, np.roll(signed, 9, 1)]), height='400px')"


def test_notebook_7_shows_the_kernels_pixels(lab, page, artefacts):
    page.allowed += NOTEBOOK_NOISE
    lab.write("classic.ipynb", SETUP + VIEW, "viewport")
    page.tab.goto(lab.address("classic.ipynb", frontend="notebook"))
    page.tab.wait_for_function(IDLE)
    page.tab.evaluate(RUN_ALL)
    assert page.tab.wait_for_function(HAS_RUN).json_value() == "done"
    before = same(page, least_levels=65)
    page.drag(PIXELS, 60, -35)
    dragged = same(page)
    assert not np.array_equal(before, dragged)
    assert page.kernel("print(type(viewport.window).__name__)").strip() == "Window"
    page.screenshot(artefacts / "notebook7.png")


def test_voila_shows_the_kernels_pixels(lab, page, artefacts):
    """There the page has no way to the kernel but the widget: the notebook writes what it would show into a file."""
    page.allowed += VOILA_NOISE
    told = """
def tell(change=None):
    size, kept = viewport._state.size, dict(zoom=viewport.zoom, pan=viewport.pan)
    np.save('voila.tmp.npy', viewport.picture().rgba(size, **kept))
    pathlib.Path('voila.tmp.npy').replace('voila.npy')
viewport.observe(tell, names=['window', 'index'])
"""
    lab.write("voila.ipynb", "import pathlib\n" + SETUP + VIEW + told, "viewport")
    page.tab.goto(lab.address("voila.ipynb", frontend="voila"))
    page.until(lambda: page.tab.locator(f"{PIXELS}[data-index]").count() == 1, seconds=60, what="a first picture")
    before = page.pixels(PIXELS)
    assert len(np.unique(before)) > 64
    page.locator(".dw-surface").focus()
    for key, moved in (("ArrowUp", None), ("drag", (50, -25))):
        if moved:
            page.drag(PIXELS, *moved)
        else:
            page.tab.keyboard.press(key)
        path = lab.folder / "voila.npy"
        page.until(lambda path=path: path.exists(), what="what the kernel shows")
        page.until(lambda: np.array_equal(np.load(path), page.pixels(PIXELS)), what="equal pixels")  # noqa: B023
    assert not np.array_equal(page.pixels(PIXELS), before)
    page.screenshot(artefacts / "voila.png")
