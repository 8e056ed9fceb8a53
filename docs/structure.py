"""Draw docs/structure.svg, the rooms of the package on their floors, from its imports: `python docs/structure.py`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import grimp

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
DRAWING = HERE / "structure.svg"
ROOT = "dicom_widgets"
WIDTH, PAD, GAP, LINE = 1160, 12, 44, 17
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 } .name { font-weight: 600; font-size: 15px }
  .room { fill: #f6f8fa; stroke: #8c959f } .small { fill: #59636e } .arrow { stroke: #8c959f; fill: none }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .room { fill: #151b23; stroke: #656c76 } .small { fill: #9198a1 } .arrow { stroke: #656c76 }
  }"""


@dataclass(frozen=True)
class Room:
    """A room of the drawing: its name, and a line of text for each of its own rooms and for its files."""

    name: str
    lines: tuple[str, ...]

    @property
    def height(self) -> int:
        """Height in pixels."""
        return PAD * 2 + LINE * (1 + len(self.lines))


def graph() -> grimp.ImportGraph:
    """Return the imports of the package, those for types only too."""
    return grimp.build_graph(ROOT, exclude_type_checking_imports=False, cache_dir=None)


def imports(found: grimp.ImportGraph) -> dict[str, set[str]]:
    """Return room -> rooms that it imports, at the top of the package."""
    rooms = {m.split(".")[1] for m in found.modules if "." in m}
    below: dict[str, set[str]] = {room: set() for room in rooms}
    for module in found.modules - {ROOT}:
        here = module.split(".")[1]
        for imported in found.find_modules_directly_imported_by(module) - {ROOT}:
            below[here] |= {imported.split(".")[1]} - {here}
    return below


def floors(below: dict[str, set[str]]) -> list[list[str]]:
    """Return the rooms floor by floor, the lowest first: each stands above all that it imports."""

    @cache
    def floor(room: str) -> int:
        return 1 + max((floor(b) for b in below[room]), default=-1)

    return [sorted(r for r in below if floor(r) == n) for n in range(1 + max(map(floor, below)))]


def arrows(below: dict[str, set[str]]) -> Iterable[tuple[str, str]]:
    """Return the imports that do not follow from others: enough to see what rests on what."""

    @cache
    def reached(room: str) -> frozenset[str]:
        return frozenset(below[room]).union(*(reached(b) for b in below[room]))

    return sorted((a, b) for a in below for b in below[a] if not any(b in reached(c) for c in below[a]))


def room(found: grimp.ImportGraph, name: str) -> Room:
    """Return what is written in a room."""
    path = f"{ROOT}.{name}"
    own = sorted(found.find_children(path))
    inner = [m for m in own if found.find_children(m)]
    lines = [
        f"{m.split('.')[-1]}/: " + " ".join(sorted(c.split(".")[-1] for c in found.find_children(m))) for m in inner
    ]
    files = " ".join(m.split(".")[-1] for m in own if m not in inner)
    return Room(name + ("/" if own else ".py"), tuple(lines + ([files] if files else [])))


def wrapped(lines: Iterable[str], width: int) -> tuple[str, ...]:
    """Break lines at blanks to fit a number of characters."""
    out = []
    for line in lines:
        current = ""
        for word in line.split(" "):
            if current and len(current) + 1 + len(word) > width:
                out.append(current)
                current = f"    {word}"
            else:
                current = f"{current} {word}" if current else word
        out.append(current)
    return tuple(out)


def text() -> str:
    """Return the drawing."""
    found = graph()
    below = imports(found)
    parts, boxes, y = [], {}, PAD
    for names in reversed(floors(below)):
        width = (WIDTH - PAD * (len(names) + 1)) // len(names)
        rooms = [room(found, name) for name in names]
        rooms = [Room(r.name, wrapped(r.lines, (width - 2 * PAD) // 7)) for r in rooms]
        height = max(r.height for r in rooms)
        for n, (name, one) in enumerate(zip(names, rooms, strict=True)):
            x = PAD + n * (width + PAD)
            boxes[name] = (x, y, width, height)
            parts.append(f'<rect class="room" x="{x}" y="{y}" width="{width}" height="{height}" rx="6"/>')
            parts.append(f'<text class="name" x="{x + PAD}" y="{y + PAD + 12}">{escape(one.name)}</text>')
            for k, line in enumerate(one.lines, 1):
                at = f'x="{x + PAD}" y="{y + PAD + 12 + LINE * k}"'
                parts.append(f'<text class="small" xml:space="preserve" {at}>{escape(line)}</text>')
        y += height + GAP
    lines = []
    for a, b in arrows(below):
        (ax, ay, aw, ah), (bx, by, bw, _) = boxes[a], boxes[b]
        start, end = (ax + aw // 2, ay + ah), (bx + bw // 2, by)
        lines.append(
            f'<path class="arrow" marker-end="url(#head)" d="M{start[0]},{start[1]} C{start[0]},{start[1] + GAP // 2}'
            f' {end[0]},{end[1] - GAP // 2} {end[0]},{end[1] - 2}"/>'
        )
    head = (
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path class="arrow" d="M1,1 L7,4 L1,7"/></marker></defs>'
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y - GAP + PAD}">',
            f"<title>Rooms of {ROOT}; an arrow leads to what a room imports</title>",
            f"<style>{STYLE}\n</style>",
            head,
            *lines,
            *parts,
            "</svg>",
            "",
        ]
    )


if __name__ == "__main__":
    DRAWING.write_text(text(), "utf-8")
    print(f"wrote {DRAWING}")
