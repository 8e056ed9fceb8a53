"""How much memory the machine has, and how much of it a session uses."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Memory(int):
    """Bytes of encoded instances in a session's memory; `.limit` is the most, `.frames` the bytes of decoded frames."""

    limit: int
    frames: int

    def __repr__(self) -> str:
        return f"{self / 1e6:.1f} MB of {self.limit / 1e6:.0f} MB, and {self.frames / 1e6:.1f} MB of decoded frames"


def available_memory() -> int:
    """Return the bytes of memory that are available: of the machine, or of the container (cgroup v2) we run in."""
    pages = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4 << 30
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        pages = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    with contextlib.suppress(OSError, ValueError):  # "max" is no number: no limit
        group = Path("/sys/fs/cgroup")
        pages = min(pages, int((group / "memory.max").read_text()) - int((group / "memory.current").read_text()))
    return max(256 << 20, pages)
