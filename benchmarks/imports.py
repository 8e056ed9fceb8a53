"""`import dicom_widgets`, and the first use of a session and of a view, beside the imports of what they stand on.

Each is measured in a fresh process.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from benchmarks.report import Row, table

RUNS = 20
LIMIT = 1.1
ROOT = Path(__file__).parents[1]
BASE = "pydicom", "numpy", "requests"
USES = {
    "import dicom_widgets": "import dicom_widgets",
    "its Session": "from dicom_widgets import Session",
    "its Viewport, with all of the widgets": "from dicom_widgets import Viewport, Viewer",
}
MODULES = {"pillow": "PIL", "ipython": "IPython", "pylibjpeg-openjpeg": "openjpeg"}
"""Where the module is not named like the package."""
TIMED = "import time; t = time.perf_counter(); {}; print((time.perf_counter() - t) * 1e3)"


def run(code: str, bytecode: str) -> str:
    """Run code in a fresh process that keeps its byte code in a folder: what is installed by pip has its own too."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPYCACHEPREFIX": bytecode}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True, timeout=60).stdout


def pulled(use: str, bytecode: str) -> dict[str, str]:
    """Return the direct runtime dependencies that a use of the package imports: package -> module."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = [re.split(r"[<>=!~\s\[;]", line)[0] for line in listed]
    modules = {name: MODULES.get(name, name.replace("-", "_")) for name in names}
    loaded = run(f"{use}; import sys; print(*sys.modules)", bytecode).split()
    return {name: module for name, module in modules.items() if module in loaded}


def main() -> None:
    widest = list(USES.values())[-1]
    with tempfile.TemporaryDirectory() as bytecode:
        found = pulled(widest, bytecode)
        base, direct = f"import {', '.join(BASE)}", f"import {', '.join(found.values())}"
        ways = {base: base, **USES, "all direct dependencies": direct}
        for code in ways.values():  # byte code is written, files are in memory
            run(TIMED.format(code), bytecode)
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(RUNS):
            for name, code in ways.items():
                taken[name].append(float(run(TIMED.format(code), bytecode)))
    table(f"Import, {RUNS} interleaved runs in fresh processes", [Row(*item) for item in taken.items()], list(found))
    ratio = statistics.median(taken["import dicom_widgets"]) / statistics.median(taken[base])
    verdict = "met" if ratio <= LIMIT else "MISSED"
    print(f"  import dicom_widgets takes {ratio:.2f} times {base}; goal <= {LIMIT}: {verdict}")
