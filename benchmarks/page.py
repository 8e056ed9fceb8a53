"""A JupyterLab in headless Chromium to measure in; what a page says about time, it says by its own clock."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.lab import Lab, Page, chromium
from tests.browser.slow_link import SlowLink

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DISTS = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "playwright")


WIRE = """(() => {
    const wire = window.wire = { received: 0, sent: 0 }, size = (data) => data.byteLength ?? data.size ?? data.length;
    window.WebSocket = class extends WebSocket {
        constructor(...args) {
            super(...args);
            this.addEventListener("message", (e) => { wire.received += size(e.data); });
        }
        send(data) {
            wire.sent += size(data);
            super.send(data);
        }
    };
})();"""
"""Counts the bytes of the messages of all websockets."""


@contextlib.contextmanager
def page(name: str, *cells: str, slow: bool = False) -> Iterator[Page]:
    """Open a notebook of these cells, and run it; its kernel can import `benchmarks`.

    With `slow` the link is one of 100 ms there and back and 10 Mbit/s from when the cells have run.
    """
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        config = Path(folder) / "remotes.toml"
        config.touch()
        env = {"PYTHONPATH": path, "DICOM_WIDGETS_CONFIG": str(config)}
        with Lab(Path(folder), env=env) as lab, SlowLink(lab.url) as link, chromium(width=1500, height=1300) as context:
            context.add_init_script(WIRE)
            lab.write(f"{name}.ipynb", *cells)
            opened = Page(lab.through(link.url) if slow else lab, context)
            opened.open(f"{name}.ipynb")
            opened.run_all(seconds=180)
            agent = opened.tab.evaluate("() => navigator.userAgentData.brands.map((b) => b.brand + ' ' + b.version)")
            link.slow = slow
            print(f"\nIn the page: {', '.join(agent)}, headless, rendered by software")
            yield opened
