"""`python -m benchmarks [imports] [display] [drag] [view]`: without names all of them."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import shlex
import sys

NAMES = ("imports", "display", "drag", "view")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure side by side, and print tables.")
    parser.add_argument("names", nargs="*", help=f"which: {', '.join(NAMES)} (all of them)")
    names = parser.parse_args().names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    print("Command:", shlex.join(["python", "-m", "benchmarks", *sys.argv[1:]]))
    load = " ".join(f"{x:.2f}" for x in os.getloadavg())
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load before the run {load}")
    for name in names:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
