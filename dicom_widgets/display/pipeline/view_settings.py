"""View settings: window, inversion, turns, flip and what is switched off; and the windows that have names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VoiFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
Zoom = float | Literal["fit", "true size"]


@dataclass(frozen=True)
class Window:
    """A VOI window in modality units (PS3.3 C.11.2.1.2)."""

    center: float
    width: float
    function: VoiFunction = "LINEAR"
    explanation: str = ""

    def __post_init__(self) -> None:
        if self.function not in get_args(VoiFunction):
            raise ValueError(f"There is no window function {self.function!r}; {', '.join(get_args(VoiFunction))} are.")
        lowest = 1.0 if self.function == "LINEAR" else 0.0
        if not (self.width >= lowest and self.width > 0 and abs(self.center) < float("inf") > self.width):
            raise ValueError(
                f"A {self.function} window of center {self.center:g} and width {self.width:g} is not defined: both must"
                " be finite, and the width >= 1 (LINEAR) or > 0."
            )

    def __str__(self) -> str:
        return f"window {self.center:g}/{self.width:g} {self.function}" + (
            f" ({self.explanation})" if self.explanation else ""
        )

    @property
    def levels(self) -> tuple[float, float]:
        """The values that become black and white: the lower and the upper level."""
        center, width = (self.center - 0.5, self.width - 1) if self.function == "LINEAR" else (self.center, self.width)
        return center - width / 2, center + width / 2

    @classmethod
    def over(cls, low: float, high: float, explanation: str = "") -> Window:
        """Return the window that shows `low` as black and `high` as white, with a straight line between."""
        if float(low).is_integer() and float(high).is_integer():
            return cls((low + high + 1) / 2, max(1.0, high - low + 1), "LINEAR", explanation)
        return cls((low + high) / 2, max(high - low, 1e-12), "LINEAR_EXACT", explanation)


@dataclass(frozen=True)
class VoiLut:
    """A VOI LUT of the image, chosen instead of a window."""

    number: int
    """From 1, in the order of the VOI LUT Sequence (0028,3010)."""
    explanation: str = ""


@dataclass(frozen=True)
class ViewSettings:
    """What the user changed in a picture; with all defaults it is shown as it was presented.

    A picture is immutable, and whole for one frame; zoom and pan belong to the view.
    """

    window: Window | VoiLut | None = None
    """Replaces the VOI stage of the base layer, nothing else; None is the picture's own."""
    invert: bool = False
    turns: int = 0
    """Quarter turns clockwise, on top of the picture's own orientation."""
    flip: bool = False
    """Flipped left to right after the turns."""
    hidden: tuple[str, ...] = ()
    """Names of what is switched off, of those in `Picture.switches`: shutter, overlays, graphic layers."""


PRESETS: Final[dict[str, dict[str, tuple[float, float]]]] = {
    "CT": {
        "brain": (40, 80),
        "subdural": (75, 215),
        "stroke": (35, 35),
        "bone": (480, 2500),
        "lung": (-600, 1500),
        "mediastinum": (50, 350),
        "abdomen": (50, 400),
        "liver": (90, 150),
        "angiography": (300, 600),
    },
}
"""Modality -> name -> (center, width)."""


def presets(modality: str) -> list[Window]:
    """Return the named windows of a modality."""
    return [Window(c, w, explanation=name) for name, (c, w) in PRESETS.get(modality, {}).items()]


def with_names(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return windows of an object with a name for each: `file 1`, ... where it gives none."""
    return tuple(replace(w, explanation=w.explanation or f"file {i}") for i, w in enumerate(windows, 1))


def find_window(window: Any, choices: Sequence[Window | VoiLut]) -> Window | VoiLut:
    """Return the window or LUT that a user means: itself, (center, width), or the name of one of the choices.

    Raises
    ------
    ValueError
        No choice has that name, or the value is no window.

    """
    if isinstance(window, (Window, VoiLut)):
        return window
    if isinstance(window, str):
        for choice in choices:
            if choice.explanation.casefold() == window.casefold():
                return choice
        known = ", ".join(c.explanation for c in choices) or "none"
        raise ValueError(f"There is no window {window!r} for this image; there are: {known}.")
    numbers = window if isinstance(window, (tuple, list)) else ()
    if len(numbers) not in (2, 3) or not all(isinstance(n, (int, float, np.number)) for n in numbers[:2]):
        raise ValueError(f"window={window!r} is none: give (center, width), a dw.Window, or the name of one.")
    return Window(*numbers)
