"""A JupyterLab in headless Chromium to measure in; what a page says about time, it says by its own clock."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.lab import Lab, Page, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DISTS = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "playwright")


@contextlib.contextmanager
def page(name: str, *cells: str) -> Iterator[Page]:
    """Open a notebook of these cells, and run it; its kernel can import `benchmarks`."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        config = Path(folder) / "remotes.toml"
        config.touch()
        env = {"PYTHONPATH": path, "DICOM_WIDGETS_CONFIG": str(config)}
        with Lab(Path(folder), env=env) as lab, chromium(height=1300) as context:
            lab.write(f"{name}.ipynb", *cells)
            opened = Page(lab, context)
            opened.open(f"{name}.ipynb")
            opened.run_all(seconds=180)
            agent = opened.tab.evaluate("() => navigator.userAgentData.brands.map((b) => b.brand + ' ' + b.version)")
            print(f"\nIn the page: {', '.join(agent)}, headless, rendered by software")
            yield opened
