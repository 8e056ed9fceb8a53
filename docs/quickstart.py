"""Make the pictures of the documentation: `python docs/quickstart.py` in the environment of `make test`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser.lab import Lab, Page, chromium  # noqa: E402  the same harness as the tests'


def main() -> None:
    """Run the quickstart in JupyterLab, and keep what a user sees of the viewer."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Lab(Path(folder)) as lab,
        chromium(width=1280, height=1500) as context,
    ):
        shutil.copy(ROOT / "notebooks" / "01_quickstart.ipynb", lab.folder / "quickstart.ipynb")
        page = Page(lab, context)
        page.open("quickstart.ipynb")
        page.tab.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
        page.run_all(seconds=120)
        page.until(lambda: page.locator("canvas.dw-pixels").get_attribute("data-index"), what="a picture")
        page.locator(".dw-query").click()
        page.until(lambda: page.tab.locator(".dw-table tbody tr").count() > 10, what="studies")
        page.locator(".dw-table tbody tr").click()
        page.locator(".dw-browser").evaluate("e => e.scrollIntoView()")
        page.until(lambda: page.locator("canvas.dw-pixels").get_attribute("data-waiting") is None, what="the picture")
        page.tab.wait_for_timeout(500)
        path = page.screenshot(ROOT / "docs" / "quickstart.png")
        Image.open(path).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
