"""`dicom-widgets demo`: JupyterLab on the quickstart notebook."""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTEBOOK = Path("notebooks") / "01_quickstart.ipynb"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    parser = argparse.ArgumentParser(prog="dicom-widgets", description="A DICOM viewer and PACS client for notebooks.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="start JupyterLab on the quickstart notebook, on this machine only")
    demo.add_argument("--no-browser", action="store_true", help="do not open a browser")
    demo.add_argument("--port", type=int, default=8888, help="port to try first (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    return _demo(chosen.port, browser=not chosen.no_browser)


def _demo(port: int, *, browser: bool) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        print("JupyterLab is not installed; install it with: pip install 'dicom-widgets[lab]'", file=sys.stderr)
        return 1
    root = Path(__file__).resolve().parent.parent
    notebook = root / NOTEBOOK
    if not notebook.exists():
        print(f"{NOTEBOOK} is not here: the demo runs from a clone of the project.", file=sys.stderr)
        return 1
    command = [
        sys.executable, "-m", "jupyterlab",
        f"--LabApp.default_url=/lab/tree/{NOTEBOOK.as_posix()}", "--ServerApp.log_level=WARN",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={root}",
        *(["--no-browser"] if not browser else []),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]  # fmt: skip
    print("Starting JupyterLab; its address follows. Ctrl-C ends it.", flush=True)
    return os.execv(sys.executable, command)  # noqa: S606  the server takes this process's place, so that signals reach it


if __name__ == "__main__":
    sys.exit(main())
