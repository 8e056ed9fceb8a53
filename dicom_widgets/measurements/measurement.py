"""A measurement on one frame: a length, an angle, a region, a point (requirements ME1 to ME5, US1 to US4)."""

from __future__ import annotations

import math
import re
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.display.graphics.shapes import Line, Text
from dicom_widgets.display.values.subtraction import Subtraction
from dicom_widgets.measurements.figures import Figures
from dicom_widgets.measurements.kinds import KINDS, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.display.graphics.shapes import Shape
    from dicom_widgets.geometry.point import Point

COLOR: Final = "#66e0ff"
LAYER: Final = "Measurements"
_FAR: Final = 1e6
"""Pixels from the corner of the image within which points have to lie."""
_MOST_POINTS: Final = 10_000


@dataclass(frozen=True)
class Measurement:
    """One measurement on one frame.

    Its points are pixels of the image, so that zoom, rotation and flip of a view change nothing.

    Raises
    ------
    ValueError
        A field has no meaning, with the reason.

    """

    kind: str
    """length, angle, rectangle, ellipse, probe, or another key of `KINDS`."""
    points: tuple[Point, ...]
    """(x, y) in pixels of the image; 0, 0 is the outer corner of the first pixel and 0.5, 0.5 its centre
    (PS3.3 C.10.5.1.2). The second point of an angle is its corner; a rectangle and an ellipse have two opposite corners
    of the box that they fill."""
    instance: str
    """SOP Instance UID."""
    frame: int = 1
    """From 1."""
    label: str = ""
    uid: str = field(default_factory=lambda: secrets.token_hex(8))
    subtraction: Subtraction | None = None
    """The mask whose difference to the frame is measured, which stays when a view takes another mask; None measures the
    frame itself."""
    text_at: Point | None = None
    """Left top corner of the text where the user has moved it, in pixels like the points; None lets the view place it
    beside the figure, where it covers nothing."""
    measure: Callable[[Measurement], Figures] | None = field(default=None, repr=False, compare=False)
    """Computes its figures; set when it is added to a session."""

    def __post_init__(self) -> None:
        for check in (_check_kind, _check_frame, _check_names):
            check(self)
        object.__setattr__(self, "points", tuple(_pairs(self.points)))
        if self.text_at is not None:
            object.__setattr__(self, "text_at", _pairs((self.text_at,))[0])

    def __repr__(self) -> str:
        """Return its figures; the image that it is on stays out of saved notebooks."""
        return f"<Measurement {self.kind} {' · '.join(self.figures.lines())}>"

    def __str__(self) -> str:
        return " · ".join([self.label or kind_of(self.kind).title, *self.figures.lines()])

    @cached_property
    def figures(self) -> Figures:
        """Its quantities with units; computed at first use, from the modality values of the frame."""
        return self.measure(self) if self.measure else Figures(why="it belongs to no session yet")

    @property
    def value(self) -> float:
        """The first quantity: the length, the angle, the mean of a region, the value at a point; NaN without one."""
        return self.figures.quantities[0][1] if self.figures.quantities else math.nan

    @property
    def unit(self) -> str:
        """The unit of the value."""
        return self.figures.quantities[0][2] if self.figures.quantities else ""

    def shapes(self) -> tuple[Shape, ...]:
        """Return the shapes that are drawn: its outline, and the text beside it."""
        words = "\n".join([*([self.label] if self.label else []), *self.figures.lines()])
        at, placed = self.text_at or self.points[-1], self.text_at is not None
        text = Text(words, at, color=COLOR, layer=LAYER, around=self.points, placed=placed)
        return (*(Line(line, color=COLOR, layer=LAYER) for line in self._lines()), text)

    def line(self) -> tuple[Point, ...]:
        """Return its outline in image coordinates; of several lines, the first one."""
        return self._lines()[0]

    def _lines(self) -> tuple[tuple[Point, ...], ...]:
        return kind_of(self.kind).outline(self.points)

    def message(self) -> dict[str, Any]:
        """Return the dict that goes into JSON and to the page, without its figures."""
        kept = {k: getattr(self, k) for k in ("uid", "kind", "instance", "frame", "label")}
        subtraction = self.subtraction.message() if self.subtraction else None
        at = self.text_at and list(self.text_at)
        return {**kept, "points": [list(p) for p in self.points], "text_at": at, "subtraction": subtraction}

    @classmethod
    def of(cls, found: Any) -> Measurement:
        """Return the measurement that a dict of `message` describes; other keys are ignored.

        Raises
        ------
        ValueError
            It describes none, with the reason.

        """
        if not isinstance(found, dict):  # what comes from a page or a file is a wrong value, whatever its type
            raise ValueError(  # noqa: TRY004
                f"A measurement is an object with kind, points and instance, not {found!r:.40}."
            )
        missing = [k for k in ("kind", "points", "instance") if k not in found]
        if missing:
            raise ValueError(f"A measurement needs its {' and '.join(missing)}.")
        points, kind = found["points"], found["kind"]
        most = _most_points(kind)
        if not isinstance(kind, str) or not isinstance(points, (list, tuple)) or len(points) > most:
            words = "one to three" if most == 3 else f"at most {most:,}"
            raise ValueError(f"A measurement has a kind in words, and a list of {words} points.")
        rest = {k: found[k] for k in ("frame", "label", "uid", "text_at") if found.get(k) is not None}
        subtraction = Subtraction.of(found.get("subtraction"))
        return cls(kind, tuple(points), found["instance"], subtraction=subtraction, **rest)


def _check_kind(given: Any) -> None:
    if given.kind not in KINDS:
        raise ValueError(f"There is no measurement {given.kind!r:.40}; there are {', '.join(KINDS)}.")
    kind, count = KINDS[given.kind], len(_pairs(given.points))
    if count < kind.points or (count > kind.points and not kind.more):
        raise ValueError(f"The measurement {given.kind} has {kind.number}, not {count}.")


def _most_points(kind: Any) -> int:
    """Return how many points are read at most: lists from a page or a file are refused before they are looked at."""
    known = KINDS.get(kind) if isinstance(kind, str) else None
    return 3 if known is None else _MOST_POINTS if known.more else max(3, known.points)


def _pairs(points: Any) -> list[Point]:
    try:
        found = [(float(x), float(y)) for x, y in points]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"The points of a measurement are pairs of numbers, not {points!r:.60}.") from None
    if not all(math.isfinite(c) and abs(c) <= _FAR for p in found for c in p):
        raise ValueError(f"The points of a measurement lie within {_FAR:,.0f} pixels, not at {found!r:.60}.")
    return found


def _check_frame(given: Any) -> None:
    if not isinstance(given.instance, str) or not re.fullmatch(r"[0-9.]{1,64}", given.instance):
        raise ValueError(f"A measurement names its image by a SOP Instance UID, not by {given.instance!r:.40}.")
    if not isinstance(given.frame, int) or isinstance(given.frame, bool) or not 1 <= given.frame < 1 << 31:
        raise ValueError(f"Frames are counted from 1; {given.frame!r:.40} is none.")


def _check_names(given: Any) -> None:
    if not isinstance(given.uid, str) or not re.fullmatch(r"[0-9A-Za-z._-]{1,64}", given.uid):
        raise ValueError(f"The uid of a measurement has up to 64 letters, digits, dots, dashes, not {given.uid!r:.40}.")
    if not isinstance(given.label, str) or len(given.label) > 200 or (given.label and not given.label.isprintable()):
        raise ValueError("The label of a measurement is one line of up to 200 characters.")
