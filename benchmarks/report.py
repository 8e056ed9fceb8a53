"""Repeated runs side by side, and the table that they give."""

from __future__ import annotations

import math
import statistics
import time
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Row:
    """One way of doing it."""

    name: str
    ms: Sequence[float]
    goal: float | None = None
    """Milliseconds that the median may take."""
    more: str = ""
    """What else was measured in the same runs."""


def interleaved(ways: Mapping[str, Callable[[], object]], runs: int) -> dict[str, list[float]]:
    """Call all ways in turn, so that a noisy moment meets each of them; return the milliseconds of each call."""
    for call in ways.values():  # what is done once only
        call()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, call in ways.items():
            start = time.perf_counter()
            call()
            taken[name].append((time.perf_counter() - start) * 1e3)
    return taken


def table(title: str, rows: Sequence[Row], dists: Sequence[str]) -> None:
    """Print the rows; ratios are to the median of the first."""
    print(f"\n{title}")
    print("  " + ", ".join(f"{d} {_version(d)}" for d in dists))
    wide = max(len(r.name) for r in rows)
    first = statistics.median(rows[0].ms)
    print(f"  {'':{wide}} {'median ms':>10} {'95 % ms':>10} {'worst ms':>10} {'ratio':>7} {'runs':>5}  goal")
    for row in rows:
        if not row.ms:
            print(f"  {row.name:{wide}} {row.more}")
            continue
        middle = statistics.median(row.ms)
        goal = "" if row.goal is None else f"<= {row.goal:g} ms: {'met' if middle <= row.goal else 'MISSED'}"
        words = "  ".join(w for w in (goal, row.more) if w)
        most = sorted(row.ms)[math.ceil(0.95 * len(row.ms)) - 1]
        figures = f"{middle:10.2f} {most:10.2f} {max(row.ms):10.2f} {middle / first:7.2f} {len(row.ms):5}"
        print(f"  {row.name:{wide}} {figures}  {words}".rstrip())


def _version(dist: str) -> str:
    try:
        return version(dist)
    except PackageNotFoundError:
        return "(not installed)"
