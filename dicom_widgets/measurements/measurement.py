"""Measurement: a length, an angle, a region or a point on one frame (requirements ME1 to ME5, US1 to US4)."""

from __future__ import annotations

import math
import re
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.display.graphics.shapes import Line, Text, outline
from dicom_widgets.display.values.subtraction import Subtraction
from dicom_widgets.measurements.figures import KINDS, Figures

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.display.graphics.shapes import Shape
    from dicom_widgets.geometry.point import Point

COLOR: Final = "#66e0ff"
LAYER: Final = "Measurements"
_FAR: Final = 1e6
"""Pixels; nothing lies farther."""


@dataclass(frozen=True)
class Measurement:
    """One measurement on one frame.

    Raises
    ------
    ValueError
        For what is no measurement, with the reason.

    """

    kind: str
    """length, angle, rectangle, ellipse or probe."""
    points: tuple[Point, ...]
    """(x, y) in pixels of the image; 0, 0 is the outer corner of the first pixel and 0.5, 0.5 its centre. An angle has
    its corner in the middle; a rectangle and an ellipse have two opposite corners of the box that they fill."""
    instance: str
    """SOP Instance UID."""
    frame: int = 1
    """From 1."""
    label: str = ""
    uid: str = field(default_factory=lambda: secrets.token_hex(8))
    subtraction: Subtraction | None = None
    """Where values are measured: in the difference to this mask; None is in the frame itself."""
    text_at: Point | None = None
    """Where a hand put the left top corner of its words, in pixels as points are; None is beside it, where is room."""
    measure: Callable[[Measurement], Figures] | None = field(default=None, repr=False, compare=False)
    """What computes its figures; the session's, once it is there."""

    def __post_init__(self) -> None:
        for check in (_check_kind, _check_place, _check_names):
            check(self)
        object.__setattr__(self, "points", tuple(_pairs(self.points)))
        if self.text_at is not None:
            object.__setattr__(self, "text_at", _pairs((self.text_at,))[0])

    def __repr__(self) -> str:
        """Return what it says; which image it is on stays out of saved notebooks."""
        return f"<Measurement {self.kind} {' · '.join(self.figures.lines())}>"

    def __str__(self) -> str:
        return " · ".join([self.label or self.kind, *self.figures.lines()])

    @cached_property
    def figures(self) -> Figures:
        """What it says; computed when it is asked for, from the modality values of the frame."""
        return self.measure(self) if self.measure else Figures(why="it belongs to no session yet")

    @property
    def value(self) -> float:
        """What was measured: the length, the angle, the mean of a region, the value at a point; else NaN."""
        return self.figures.quantities[0][1] if self.figures.quantities else math.nan

    @property
    def unit(self) -> str:
        """The unit of the value."""
        return self.figures.quantities[0][2] if self.figures.quantities else ""

    def shapes(self) -> tuple[Shape, ...]:
        """Return it as it is drawn: a line, and its words beside it."""
        words = "\n".join([*([self.label] if self.label else []), *self.figures.lines()])
        at, placed = self.text_at or self.points[-1], self.text_at is not None
        text = Text(words, at, color=COLOR, layer=LAYER, around=self.points, placed=placed)
        return Line(self.line(), color=COLOR, layer=LAYER), text

    def line(self) -> tuple[Point, ...]:
        """Return its outline in image coordinates."""
        if self.kind == "probe":
            return outline("POINT", self.points)
        if self.kind in ("length", "angle"):
            return self.points
        (left, top), (right, bottom) = self.points
        if self.kind == "rectangle":
            return ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
        x, y = (left + right) / 2, (top + bottom) / 2
        return outline("ELLIPSE", ((left, y), (right, y), (x, top), (x, bottom)))

    def message(self) -> dict[str, Any]:
        """Return it as JSON and the page have it, without its figures."""
        kept = {k: getattr(self, k) for k in ("uid", "kind", "instance", "frame", "label")}
        below = self.subtraction.message() if self.subtraction else None
        at = self.text_at and list(self.text_at)
        return {**kept, "points": [list(p) for p in self.points], "text_at": at, "subtraction": below}

    @classmethod
    def of(cls, found: Any) -> Measurement:
        """Read one; what else is in it is ignored.

        Raises
        ------
        ValueError
            It is none, with the reason.

        """
        if not isinstance(found, dict):  # what comes from a page or a file is a wrong value, whatever its type
            raise ValueError(  # noqa: TRY004
                f"A measurement is an object with kind, points and instance, not {found!r:.40}."
            )
        missing = [k for k in ("kind", "points", "instance") if k not in found]
        if missing:
            raise ValueError(f"A measurement needs its {' and '.join(missing)}.")
        points = found["points"]
        if not isinstance(found["kind"], str) or not isinstance(points, (list, tuple)) or len(points) > 3:
            raise ValueError("A measurement has a kind in words, and a list of one to three points.")
        rest = {k: found[k] for k in ("frame", "label", "uid", "text_at") if found.get(k) is not None}
        below = Subtraction.of(found.get("subtraction"))
        return cls(found["kind"], tuple(points), found["instance"], subtraction=below, **rest)


def _check_kind(given: Any) -> None:
    if given.kind not in KINDS:
        raise ValueError(f"There is no measurement {given.kind!r:.40}; there are {', '.join(KINDS)}.")
    count = KINDS[given.kind][0]
    if len(_pairs(given.points)) != count:
        raise ValueError(f"The measurement {given.kind} has {count} points, not {len(given.points)}.")


def _pairs(points: Any) -> list[Point]:
    try:
        found = [(float(x), float(y)) for x, y in points]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"The points of a measurement are pairs of numbers, not {points!r:.60}.") from None
    if not all(math.isfinite(c) and abs(c) <= _FAR for p in found for c in p):
        raise ValueError(f"The points of a measurement lie within {_FAR:,.0f} pixels, not at {found!r:.60}.")
    return found


def _check_place(given: Any) -> None:
    if not isinstance(given.instance, str) or not re.fullmatch(r"[0-9.]{1,64}", given.instance):
        raise ValueError(f"A measurement names its image by a SOP Instance UID, not by {given.instance!r:.40}.")
    if not isinstance(given.frame, int) or isinstance(given.frame, bool) or not 1 <= given.frame < 1 << 31:
        raise ValueError(f"Frames are counted from 1; {given.frame!r:.40} is none.")


def _check_names(given: Any) -> None:
    if not isinstance(given.uid, str) or not re.fullmatch(r"[0-9A-Za-z._-]{1,64}", given.uid):
        raise ValueError(f"The uid of a measurement has up to 64 letters, digits, dots, dashes, not {given.uid!r:.40}.")
    if not isinstance(given.label, str) or len(given.label) > 200 or (given.label and not given.label.isprintable()):
        raise ValueError("The label of a measurement is one line of up to 200 characters.")
