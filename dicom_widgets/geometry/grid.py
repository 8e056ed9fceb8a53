"""Grids: images that lie at several places, several times each (requirement GE3)."""

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
"""What may tell images of one place apart: its name, and a value for each image."""

_FILLED: Final = 2 / 3
"""Part of a grid that must be there: in less, what differs is no axis but something that differs."""
_LISTED: Final = 4
"""Gaps that are named; of more, how many there are."""
_TIMES: Final = frozenset({"time", "acquisition time"})
"""Axes whose values may be times of the day, or dates."""


@dataclass(frozen=True)
class Axis:
    """What changes from frame to frame of a stack."""

    name: str
    values: tuple[Any, ...]
    """One for each frame, in display order."""
    known: tuple[Any, ...] = ()
    """The different values in their order, where that is not the order of appearance."""

    @property
    def choices(self) -> tuple[Any, ...]:
        """The different values, in order."""
        return self.known or tuple(dict.fromkeys(self.values))

    @property
    def indices(self) -> tuple[int, ...]:
        """Which choice each frame has, from 0."""
        place = {choice: k for k, choice in enumerate(self.choices)}
        return tuple(place[v] for v in self.values)

    @property
    def labels(self) -> tuple[str, ...]:
        """What to call each choice: `2/3`, and what it is where that is no number of its own: `2/3 (0.5)`."""
        return self.called()

    def called(self, *, timeless: bool = False) -> tuple[str, ...]:
        """Return the labels, or where it is to be timeless those without times of the day."""
        choices = self.choices
        numbered = choices == tuple(range(1, len(choices) + 1)) or (timeless and self.name in _TIMES)
        places = (f"{k}/{len(choices)}" for k in range(1, len(choices) + 1))
        return tuple(p if numbered else f"{p} ({text(c, 24)})" for p, c in zip(places, choices, strict=True))


@dataclass(frozen=True)
class Gap:
    """What is missing in a stack."""

    words: str
    """Where: `H 5.0 mm`; or what."""
    axis: str = ""
    choice: int = 0
    """Which value of the axis, from 0."""


@dataclass(frozen=True)
class Ordering:
    """How images are ordered."""

    order: tuple[int, ...]
    """Which image comes first, second, ..."""
    axes: tuple[Axis, ...] = ()
    """The slowest first."""
    gaps: tuple[Gap, ...] = ()


def arrange(planes: Sequence[Plane | None], repeats: Iterable[Repeats]) -> Ordering:
    """Return the order along the normal, the axis of what repeats at each place, and the places that it leaves out.

    Parameters
    ----------
    planes : sequence
        In the order of numbers.
    repeats : iterable of (name, values)
        What may tell images of one place apart, the best first. A complete grid is preferred to one with gaps, and
        that to rounds of numbers.

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
    """Return a grid some of whose cells are empty: the slices are an axis, so that each stays at its place."""
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

    Times of the day are left out where it is to be timeless.
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
    """Return the rank of each distance; what differs by less than a hundredth of a millimetre is one place."""
    order = sorted(range(len(distances)), key=lambda i: distances[i])
    ranks, rank = [0] * len(distances), 0
    for before, i in zip([order[0], *order], order, strict=False):
        rank += distances[i] - distances[before] > SMALL
        ranks[i] = rank
    return ranks


def sort_key(found: Any) -> tuple[int, Any]:
    """Return a value as what can be compared: numbers first."""
    figure = finite(found)
    return (1, text(found)) if figure is None else (0, figure)


def plain_value(found: Any) -> Any:
    """Return a value as a whole number, a number or a text."""
    figure = finite(found)
    if figure is None:
        return text(found)
    return int(figure) if figure.is_integer() else figure
