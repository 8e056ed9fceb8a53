"""Grids: images at several positions, several of them at each (requirement GE3).

Where positions repeat, the first attribute that makes a complete grid of positions and values is the slower axis, else
the first that fills two thirds of one, whose gaps are named; else instance numbers count rounds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.dicom.values import finite, text
from dicom_widgets.geometry.plane import SMALL, irregularities, position_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dicom_widgets.geometry.plane import Plane

Repeats = tuple[str, "Sequence[Any]"]
"""An attribute that may tell images of one position apart: its name, and a value for each image."""

_FILLED: Final = 2 / 3
"""The share of a grid that must be filled; in an emptier one the attribute differs by chance and is no axis."""
_LISTED: Final = 4
"""The most gaps that are named; the others are counted."""
_TIMES: Final = frozenset({"time", "acquisition time"})
"""Names of axes whose values may be times of day or dates, which privacy may leave out."""


@dataclass(frozen=True)
class Axis:
    """An axis of a stack: an attribute that changes from frame to frame."""

    name: str
    values: tuple[Any, ...]
    """One for each frame, in display order."""
    known: tuple[Any, ...] = ()
    """The distinct values in order, where that is not the order of appearance."""

    @property
    def choices(self) -> tuple[Any, ...]:
        """The distinct values, in order."""
        return self.known or tuple(dict.fromkeys(self.values))

    @property
    def indices(self) -> tuple[int, ...]:
        """Index into `choices` of each frame, from 0."""
        place = {choice: k for k, choice in enumerate(self.choices)}
        return tuple(place[v] for v in self.values)

    @property
    def labels(self) -> tuple[str, ...]:
        """A label for each choice: `2/3`, with the value where it is not just the number: `2/3 (0.5)`."""
        return self.called()

    def called(self, *, timeless: bool = False) -> tuple[str, ...]:
        """Return the labels; with `timeless` without times of day."""
        choices = self.choices
        numbered = choices == tuple(range(1, len(choices) + 1)) or (timeless and self.name in _TIMES)
        places = (f"{k}/{len(choices)}" for k in range(1, len(choices) + 1))
        return tuple(p if numbered else f"{p} ({text(c, 24)})" for p, c in zip(places, choices, strict=True))


@dataclass(frozen=True)
class Gap:
    """Something that a stack lacks."""

    words: str
    """The position, as `H 5.0 mm`, or what it is."""
    axis: str = ""
    choice: int = 0
    """Index of the value on the axis, from 0."""


@dataclass(frozen=True)
class Ordering:
    """The display order of images, with the axes and the gaps of their grid."""

    order: tuple[int, ...]
    """Indices of the images in display order."""
    axes: tuple[Axis, ...] = ()
    """The slowest first."""
    gaps: tuple[Gap, ...] = ()


def arrange(planes: Sequence[Plane | None], repeats: Iterable[Repeats]) -> Ordering:
    """Return the order along the normal, the axis along which images repeat at each position, and the empty cells.

    Parameters
    ----------
    planes : sequence
        In the order of instance numbers; None where an image has no plane.
    repeats : iterable of (name, values)
        Attributes that may tell images of one position apart, the best first. A complete grid is preferred to one with
        gaps, and that to rounds of instance numbers.

    """
    count = len(planes)
    placed = [p for p in planes if p is not None]
    if len(placed) < count:
        return Ordering(tuple(range(count)))
    places = _places([p.distance for p in placed])
    plain = Ordering(tuple(sorted(range(count), key=lambda i: places[i])))
    counts = Counter(places)
    if len(counts) in (1, count):
        return plain
    partial: Ordering | None = None
    for name, found in repeats:
        keys = [sort_key(v) for v in found]
        different, pairs = len(set(keys)), set(zip(keys, places, strict=True))
        if None in found or different < 2 or len(pairs) < count:
            continue
        order = tuple(sorted(range(count), key=lambda i: (keys[i], places[i])))
        axis = Axis(name, tuple(plain_value(found[i]) for i in order))
        if count == different * len(counts):
            return Ordering(order, (axis,))
        if partial is None and count >= _FILLED * different * len(counts):
            partial = _with_gaps(order, axis, placed, places)
    if partial is not None:
        return partial
    if len(set(counts.values())) == 1:  # as often at each position: the numbers tell the rounds apart
        return _rounds(places)
    return plain


def _with_gaps(order: tuple[int, ...], axis: Axis, planes: Sequence[Plane], places: Sequence[int]) -> Ordering:
    """Return a grid with empty cells; the slices are an axis of their own, so that each keeps its position."""
    last = max(places)
    there = set(zip(axis.indices, (places[i] for i in order), strict=True))
    of = {place: planes[i] for i, place in enumerate(places)}
    gaps = [
        Gap(position_label(of[p].normal, of[p].distance), axis.name, c)
        for c in range(len(axis.choices))
        for p in range(last + 1)
        if (c, p) not in there
    ]
    slices = Axis("slice", tuple(places[i] + 1 for i in order), tuple(range(1, last + 2)))
    return Ordering(order, (axis, slices), tuple(gaps))


def _rounds(places: Sequence[int]) -> Ordering:
    seen: dict[int, int] = defaultdict(int)
    rounds = []
    for place in places:
        seen[place] += 1
        rounds.append(seen[place])
    order = tuple(sorted(range(len(places)), key=lambda i: (rounds[i], places[i])))
    return Ordering(order, (Axis("repetition", tuple(rounds[i] for i in order)),))


def missing_words(gaps: Iterable[Gap], axes: Iterable[Axis], *, timeless: bool = False) -> str:
    """Return what is missing in words: `temporal position 2/3 at H 5.0 mm, H 10.0 mm`; empty where nothing is.

    With `timeless`, times of day are left out.
    """
    all_gaps = list(gaps)
    called = {a.name: a.called(timeless=timeless) for a in axes}
    said: dict[str, list[str]] = {}
    for gap in all_gaps[:_LISTED]:
        said.setdefault(f"{gap.axis} {called[gap.axis][gap.choice]} at " if gap.axis else "", []).append(gap.words)
    words = "; ".join(head + ", ".join(where) for head, where in said.items())
    return words + (f", and {len(all_gaps) - _LISTED} more" if len(all_gaps) > _LISTED else "")


def irregular_grid(planes: Sequence[Plane | None], axes: Sequence[Axis]) -> tuple[str, ...]:
    """Return why planes in display order are no regular volume: those of the first value of the slowest axis (GE4)."""
    placed = [p for p in planes if p is not None]
    if len(placed) < 3 or len(placed) < len(planes):
        return ()
    if axes:
        placed = [p for p, v in zip(placed, axes[0].values, strict=True) if v == axes[0].values[0]]
    return irregularities(placed) if len(placed) > 1 else ()


def _places(distances: Sequence[float]) -> list[int]:
    """Return the rank of each distance; distances that differ by less than 0.01 mm have one rank."""
    order = sorted(range(len(distances)), key=lambda i: distances[i])
    ranks, rank = [0] * len(distances), 0
    for before, i in zip([order[0], *order], order, strict=False):
        rank += distances[i] - distances[before] > SMALL
        ranks[i] = rank
    return ranks


def sort_key(found: Any) -> tuple[int, Any]:
    """Return a sort key of any value: numbers first, then texts."""
    figure = finite(found)
    return (1, text(found)) if figure is None else (0, figure)


def plain_value(found: Any) -> Any:
    """Return a value as int, float or str, whichever fits first."""
    figure = finite(found)
    if figure is None:
        return text(found)
    return int(figure) if figure.is_integer() else figure
