"""`import dicom_widgets` beside the imports of its direct dependencies, each in a fresh process."""

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
LIMIT = 1.2
ROOT = Path(__file__).parents[1]
MODULES = {"pillow": "PIL", "ipython": "IPython", "pylibjpeg-openjpeg": "openjpeg"}
"""Where the module is not named like the package."""
TIMED = "import time; t = time.perf_counter(); import {}; print((time.perf_counter() - t) * 1e3)"


def run(code: str, bytecode: str) -> str:
    """Run code in a fresh process that keeps its byte code in a folder: what is installed by pip has its own too."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPYCACHEPREFIX": bytecode}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True, timeout=60).stdout


def pulled(bytecode: str) -> dict[str, str]:
    """Return the direct runtime dependencies that `import dicom_widgets` imports: package -> module."""
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = [re.split(r"[<>=!~\s\[;]", line)[0] for line in listed]
    modules = {name: MODULES.get(name, name.replace("-", "_")) for name in names}
    loaded = run("import sys, dicom_widgets; print(*sys.modules)", bytecode).split()
    return {name: module for name, module in modules.items() if module in loaded}


def main() -> None:
    with tempfile.TemporaryDirectory() as bytecode:
        found = pulled(bytecode)
        ways = {"import dicom_widgets": "dicom_widgets", "its direct dependencies": ", ".join(found.values())}
        for modules in ways.values():  # byte code is written, files are in memory
            run(TIMED.format(modules), bytecode)
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(RUNS):
            for name, modules in ways.items():
                taken[name].append(float(run(TIMED.format(modules), bytecode)))
    table(f"Import, {RUNS} interleaved runs in fresh processes", [Row(*item) for item in taken.items()], list(found))
    ours, theirs = map(statistics.median, taken.values())
    verdict = "met" if ours <= LIMIT * theirs else "MISSED"
    print(f"  {ours / theirs:.2f} times its dependencies; goal <= {LIMIT}: {verdict}")
