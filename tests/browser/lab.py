"""A real JupyterLab on loopback, and a real Chromium that looks at it.

with Lab(folder) as lab, chromium() as context:
    lab.write("a.ipynb", "1 + 1")
    page = Page(lab, context)
    page.open("a.ipynb")
    page.run_all()
    page.kernel("print(1 + 1)")
"""

from __future__ import annotations

import base64
import contextlib
import copy
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import nbformat
import numpy as np
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from playwright.sync_api import BrowserContext, ConsoleMessage, Locator

Button = Literal["left", "middle", "right"]

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
)

SETTINGS: dict[str, dict[str, Any]] = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
"""Nothing pops up, nothing is saved by itself, and cells out of sight have their widgets too."""

NOISE: tuple[str, ...] = ()
"""Parts of console errors that JupyterLab shows without us."""

FRONTENDS = {"lab": "lab/{place}tree/{name}", "notebook": "notebooks/{name}", "voila": "voila/render/{name}"}
"""What the server offers to look at a notebook with, and where."""

IDLE = """() => {
    const session = window.jupyterapp?.shell.currentWidget?.sessionContext?.session;
    const kernel = session?.kernel;
    return !!kernel && kernel.connectionStatus === "connected" && kernel.status === "idle";
}"""

RUN_ALL = """() => void window.jupyterapp.commands.execute("notebook:run-all-cells")"""

HAS_RUN = """() => {
    const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
    let open = 0;
    for (let i = 0; i < cells.length; i++) {
        const cell = cells.get(i);
        if (cell.type !== "code" || !cell.sharedModel.getSource().trim()) continue;
        const failed = cell.sharedModel.toJSON().outputs.find((output) => output.output_type === "error");
        if (failed) return failed.traceback.join("\\n");
        if (cell.executionCount === null || cell.executionState === "running") open++;
    }
    return open ? false : "done";
}"""

KERNEL = """async ([code, seconds]) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const future = kernel.requestExecute({ code, store_history: false }, true);
    const said = { out: "", error: null };
    future.onIOPub = (message) => {
        if (message.header.msg_type === "stream") said.out += message.content.text;
        if (message.header.msg_type === "error") said.error = message.content.traceback.join("\\n");
    };
    const late = new Promise((_, no) => setTimeout(() => no(new Error("the kernel did not answer")), seconds * 1000));
    await Promise.race([future.done, late]);
    return said;
}"""

SAVE = """() => window.jupyterapp.commands.execute("docmanager:save")"""

READ_PIXELS = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let text = "";
    for (let i = 0; i < data.length; i += 32768) text += String.fromCharCode.apply(null, data.subarray(i, i + 32768));
    return [canvas.height, canvas.width, btoa(text)];
}"""


def chromium_path() -> str | None:
    """Return where Debian's Chromium lies, or None; none is ever downloaded."""
    return shutil.which("chromium")


class Lab:
    """One JupyterLab server with its own home, configuration and settings; its kernels run this Python."""

    def __init__(self, folder: Path, *, env: Mapping[str, str] | None = None) -> None:
        self.folder, self.env = folder, dict(env or {})
        self.token = secrets.token_hex(16)

    def __enter__(self) -> Self:
        self._home = tempfile.TemporaryDirectory(prefix="jupyterlab-", ignore_cleanup_errors=True)
        self.home = Path(self._home.name)
        for name, values in SETTINGS.items():
            path = self.home / "settings" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
        self.log = self.home / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command(), cwd=self.folder, env=self._environment(), stdout=log, stderr=subprocess.STDOUT
            )
        try:
            self.url = self._wait()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the server; it ends its kernels."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._home.cleanup()

    def write(self, name: str, *cells: str) -> Path:
        """Make a notebook of code cells in the folder."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        path = self.folder / name
        nbformat.write(notebook, path)
        return path

    def address(self, name: str, workspace: str | None = None, frontend: str = "lab") -> str:
        """Return the URL of a notebook; another workspace of JupyterLab is another client of the same kernel."""
        place = f"workspaces/{workspace}/" if workspace else ""
        path = FRONTENDS[frontend].format(place=place, name=name)
        return f"{self.url}{path}?token={self.token}{'&reset' if frontend == 'lab' else ''}"

    def through(self, url: str) -> Lab:
        """Return the same server, reached at another address: that of a proxy."""
        other = copy.copy(self)
        other.url = url
        return other

    def _command(self) -> list[str]:
        return [
            sys.executable,
            "-m",
            "jupyterlab",
            "--no-browser",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.port=0",
            f"--ServerApp.root_dir={self.folder}",
            f"--IdentityProvider.token={self.token}",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ]

    def _environment(self) -> dict[str, str]:
        own = {
            "HOME": self.home,
            "IPYTHONDIR": self.home / "ipython",
            "JUPYTER_CONFIG_DIR": self.home / "config",
            "JUPYTER_DATA_DIR": self.home / "data",
            "JUPYTER_RUNTIME_DIR": self.home / "run",
            "JUPYTERLAB_SETTINGS_DIR": self.home / "settings",
            "JUPYTERLAB_WORKSPACES_DIR": self.home / "workspaces",
        }
        return {**os.environ, **{name: str(path) for name, path in own.items()}, **self.env}

    def _wait(self, seconds: float = 60) -> str:
        """Wait until the server answers; return its address, which it writes to a file."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                for path in (self.home / "run").glob("jpserver-*.json"):
                    url = str(json.loads(path.read_text())["url"])
                    urllib.request.urlopen(f"{url}api/status?token={self.token}", timeout=2).close()
                    return url
            time.sleep(0.1)
        sentence = f"JupyterLab did not start:\n{self.log.read_text(errors='replace')[-4000:]}"
        raise RuntimeError(sentence)


@contextlib.contextmanager
def chromium(
    *, scale: float = 1, real: bool = False, width: int = 1400, height: int = 1000, **options: Any
) -> Iterator[BrowserContext]:
    """Open a Chromium with a fresh profile; ``scale`` is its device pixel ratio, emulated or of a real screen."""
    emulated = {"viewport": {"width": width, "height": height}, "device_scale_factor": scale}
    screen = [f"--force-device-scale-factor={scale}", f"--window-size={width},{height}"]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="chromium-") as profile:
        context = playwright.chromium.launch_persistent_context(
            profile,
            executable_path=chromium_path(),
            headless=True,
            args=[*FLAGS, *(screen if real else [])],
            **({"no_viewport": True} if real else emulated),
            **options,
        )
        context.set_default_timeout(60_000)
        try:
            yield context
        finally:
            context.close()


class Page:
    """One tab on one notebook. ``tab`` is Playwright's page, for all that is not here."""

    def __init__(self, lab: Lab, context: BrowserContext, workspace: str | None = None) -> None:
        self.lab, self.context, self.workspace = lab, context, workspace
        # A fresh profile comes with an empty tab.
        self.tab = next((tab for tab in context.pages if tab.url == "about:blank"), None) or context.new_page()
        self.errors: list[str] = []
        """What the console called an error, and uncaught exceptions, but for the known noise."""
        self.allowed: list[str] = []
        """Parts of errors that a test provokes on purpose."""
        self.name = ""
        self.tab.on("console", self._note)
        self.tab.on("pageerror", lambda error: self._add(str(error)))

    @property
    def complaints(self) -> list[str]:
        """The errors in the console that the test did not provoke."""
        return [error for error in self.errors if not any(part in error for part in self.allowed)]

    def open(self, name: str) -> None:
        """Open a notebook of the server's folder; return when its kernel is idle."""
        self.name = name
        self.tab.goto(self.lab.address(name, self.workspace))
        self.tab.wait_for_function(IDLE)

    def second(self, workspace: str = "second") -> Page:
        """Open the same notebook in a further tab: another client of the same kernel."""
        self.save()  # it shows the outputs of the file
        page = Page(self.lab, self.context, workspace)
        page.open(self.name)
        return page

    def run_all(self, *, seconds: float = 60) -> None:
        """Run all cells; return when the kernel is idle again; an error in a cell is raised with its traceback."""
        self.tab.evaluate(RUN_ALL)
        answer = self.tab.wait_for_function(HAS_RUN, timeout=seconds * 1000).json_value()
        if answer != "done":
            raise RuntimeError(answer)
        self.tab.wait_for_function(IDLE, timeout=seconds * 1000)

    def kernel(self, code: str, *, seconds: float = 60) -> str:
        """Run code in the notebook's kernel without a cell; return what it prints."""
        said = self.tab.evaluate(KERNEL, [code, seconds])
        if said["error"]:
            raise RuntimeError(said["error"])
        return str(said["out"])

    def save(self) -> None:
        """Save the notebook."""
        self.tab.evaluate(SAVE)

    def reload(self) -> None:
        """Save, then load the page anew; the kernel lives on."""
        self.save()  # else Chromium asks whether to leave
        self.tab.reload()
        self.tab.wait_for_function(IDLE)

    def locator(self, selector: str, index: int = 0) -> Locator:
        """Return the ``index``-th element that matches."""
        return self.tab.locator(selector).nth(index)

    def box(self, selector: str, index: int = 0) -> dict[str, float]:
        """Scroll to an element and return where it lies in the window: x, y, width, height."""
        element = self.locator(selector, index)
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        assert box is not None, f"{selector} is not visible"
        return {**box}

    @contextlib.contextmanager
    def holding(
        self, selector: str, index: int = 0, *, at: tuple[float, float] = (0.5, 0.5), button: Button = "left"
    ) -> Iterator[Callable[[float, float], None]]:
        """Hold a button down at a point (a share of width and height); yield what moves the pointer from there."""
        box = self.box(selector, index)
        x, y = box["x"] + box["width"] * at[0], box["y"] + box["height"] * at[1]
        self.tab.mouse.move(x, y)
        self.tab.mouse.down(button=button)
        try:
            yield lambda dx, dy: self.tab.mouse.move(x + dx, y + dy)
        finally:
            self.tab.mouse.up(button=button)

    def drag(
        self,
        selector: str,
        dx: float,
        dy: float,
        *,
        index: int = 0,
        at: tuple[float, float] = (0.5, 0.5),
        button: Button = "left",
        steps: int = 20,
        pause: float = 0.0,
    ) -> None:
        """Drag by some CSS pixels, in steps: a single one would be a jump."""
        with self.holding(selector, index, at=at, button=button) as move:
            for step in range(1, steps + 1):
                move(dx * step / steps, dy * step / steps)
                if pause:
                    self.tab.wait_for_timeout(pause * 1000)

    def wheel(self, selector: str, steps: int, *, index: int = 0, delta: float = 100) -> None:
        """Turn the wheel over an element; downwards is positive."""
        box = self.box(selector, index)
        self.tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        for _ in range(abs(steps)):
            self.tab.mouse.wheel(0, delta if steps > 0 else -delta)

    def pixels(self, selector: str, index: int = 0) -> np.ndarray:
        """Return the RGBA bytes of a canvas element, (height, width, 4)."""
        height, width, text = self.locator(selector, index).evaluate(READ_PIXELS)
        return np.frombuffer(base64.b64decode(text), np.uint8).reshape(height, width, 4)

    def until(self, check: Callable[[], Any], *, seconds: float = 10, what: str = "") -> Any:
        """Poll until the answer is neither None nor False, and return it; the page runs on meanwhile."""
        end = time.monotonic() + seconds
        while (answer := check()) is None or answer is False:
            if time.monotonic() > end:
                sentence = f"{what or 'it'} did not happen within {seconds} s"
                raise TimeoutError(sentence)
            self.tab.wait_for_timeout(50)
        return answer

    def screenshot(self, path: Path) -> Path:
        """Save a picture of the window."""
        self.tab.screenshot(path=path)
        return path

    def _note(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._add(message.text)

    def _add(self, error: str) -> None:
        if not any(part in error for part in NOISE):
            self.errors.append(error)
