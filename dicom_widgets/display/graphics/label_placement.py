"""Label placement: beside its figure, inside of the view, apart from other labels where there is room.

The script has the same rule, and also keeps clear of the corner texts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, width and height."""
GAP = 8.0


def place_label(
    points: Sequence[Point], size: Point, room: tuple[float, float], taken: Sequence[Box], gap: float = GAP
) -> Point:
    """Return the top left corner of a label.

    The candidates lie around the figure and below other labels. The one that covers least is taken; among equals the
    nearest to the first candidate, which is to the right of the figure's rightmost point.

    Parameters
    ----------
    points : sequence of (x, y)
        Points of the figure, in pixels of the screen.
    size, room : (width, height)
        Sizes of the label and of the view.
    taken : sequence of Box
        Labels that are placed already.
    gap : float
        Distance between figure and label.

    """
    (wide, high), (width, height) = size, room
    across, down = zip(*points, strict=True)
    left, right, top, bottom = min(across), max(across), min(down), max(down)
    kept = [*taken, (left - gap / 2, top - gap / 2, right - left + gap, bottom - top + gap)]
    first = right + gap, max(y for x, y in points if x == right) + gap / 2
    above, below, before = top - high - gap, bottom + gap, left - wide - gap
    places = [
        first,
        *((right + gap, y) for y in (top, bottom - high)),
        *((x, y) for x in (left, right - wide) for y in (below, above)),
        *((before, y) for y in (top, bottom - high)),
        *((first[0], y + h) for _, y, _, h in taken),
    ]

    def cost(place: Point) -> tuple[float, float]:
        x, y = place
        covered = sum(
            max(0.0, min(x + wide, t + w) - max(x, t)) * max(0.0, min(y + high, u + h) - max(y, u))
            for t, u, w, h in kept
        )
        return covered, (x - first[0]) ** 2 + (y - first[1]) ** 2

    inside = [(max(2.0, min(x, width - wide - 2)), max(2.0, min(y, height - high - 2))) for x, y in places]
    return min(inside, key=cost)


def leader_line(points: Sequence[Point], box: Box, gap: float = GAP) -> tuple[Point, Point] | None:
    """Return the line from a figure to a label farther away than two gaps; None where it is nearer."""
    ends = []
    for along, start, size in zip(zip(*points, strict=True), box[:2], box[2:], strict=True):
        low, most, end = min(along), max(along), start + size
        middle = (max(low, start) + min(most, end)) / 2
        ends.append((most, start) if most < start else (low, end) if low > end else (middle, middle))
    (fx, tx), (fy, ty) = ends
    return ((fx, fy), (tx, ty)) if (tx - fx) ** 2 + (ty - fy) ** 2 > (2 * gap) ** 2 else None
