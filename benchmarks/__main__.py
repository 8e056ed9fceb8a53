"""`python -m benchmarks [drag] [scroll] [view] [network] ...`: without names all of `NAMES` but the long ones."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import shlex
import sys

NAMES = {
    "imports": "imports:main",
    "display": "display:main",
    "decode": "decode:main",
    "drag": "drag:main",
    "scroll": "scroll:main",
    "view": "view:main",
    "network": "network:main",
    "bytes": "network:equal",
    "media": "media:main",
}
LONG = ("bytes",)
"""Those that take minutes and measure no time run only where they are named."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure side by side, and print tables.")
    parser.add_argument("names", nargs="*", help=f"which: {', '.join(NAMES)} (all but {', '.join(LONG)})")
    names = parser.parse_args().names or [name for name in NAMES if name not in LONG]
    if unknown := set(names) - NAMES.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    print("Command:", shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]))
    load = " ".join(f"{x:.2f}" for x in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load before the run {load}")
    for name in names:
        module, _, function = NAMES[name].partition(":")
        getattr(importlib.import_module(f"benchmarks.{module}"), function)()


if __name__ == "__main__":
    main()
