"""The notebook of the viewer in a real JupyterLab, and the moving picture of the README."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

from PIL import Image

from tests.browser.comparison import PIXELS, same

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "03_viewer.ipynb"
GRID = ".dw-cells"


class Film:
    """Pictures of a part of the page, one after the other."""

    def __init__(self, page, selector: str) -> None:
        self.page, self.element = page, page.locator(selector)
        self.pictures: list[Image.Image] = []
        self.lasts: list[int] = []

    def take(self, milliseconds: int = 120) -> None:
        shot = Image.open(io.BytesIO(self.element.screenshot())).convert("RGB")
        self.pictures.append(shot.resize((shot.width * 3 // 4, shot.height * 3 // 4), Image.Resampling.LANCZOS))
        self.lasts.append(milliseconds)

    def save(self, path: Path) -> None:
        shared = self.pictures[-1].quantize(128)  # one palette: what stays is the same in each, and takes no bytes
        first, *rest = [p.quantize(palette=shared, dither=Image.Dither.NONE) for p in self.pictures]
        first.save(path, save_all=True, append_images=rest, duration=self.lasts, loop=0, optimize=True)


def test_every_feature_of_the_notebook_is_seen(lab, open_page, artefacts):
    page = open_page(width=1280, height=1100)
    shutil.copy(NOTEBOOK, lab.folder / "viewer.ipynb")
    page.open("viewer.ipynb")
    page.tab.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    page.run_all(seconds=120)
    canvases = page.tab.locator(PIXELS)
    page.until(lambda: canvases.count() == 7, what="one view, two cells, three planes and a masked view")
    for i in range(7):
        page.locator(PIXELS, i).scroll_into_view_if_needed()
        page.until(lambda i=i: page.pixels(PIXELS, i)[..., :3].any(), seconds=20, what=f"picture {i}")
    same(page, "viewport")
    assert page.locator(".dw-graphics").get_attribute("data-shapes") != "0"  # measurements
    # the moving picture: scroll, window, measure in two linked cells
    page.locator(GRID).evaluate("e => e.scrollIntoView()")
    page.kernel("viewer.cells.links = ('scroll', 'window', 'zoom')")
    film = Film(page, GRID)
    left = page.locator(f"{GRID} .dw-surface")
    left.click()
    film.take(800)
    for _ in range(8):
        page.tab.keyboard.press("ArrowDown")
        page.until(lambda: left.locator("canvas.dw-pixels").get_attribute("data-waiting") is None, what="a slice")
        film.take()
    with page.holding(f"{GRID} .dw-surface") as move:
        for step in range(1, 9):
            move(12 * step, -9 * step)
            film.take()
    page.tab.keyboard.press("l")
    with page.holding(f"{GRID} .dw-surface", at=(0.35, 0.4)) as move:
        for step in range(1, 7):
            move(22 * step, 14 * step)
            film.take()
    film.take(1500)
    assert len({p.tobytes() for p in film.pictures}) > 15
    film.save(artefacts / "viewer.gif")
    page.kernel("assert len(session.measurements) == 3")
    for i, name in enumerate(("grid", "planes")):
        page.locator(".dw-cells, .dw-mpr", i).scroll_into_view_if_needed()
        page.screenshot(artefacts / f"notebook-{name}.png")
