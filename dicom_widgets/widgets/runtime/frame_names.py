"""Names of frames: what a page knows stored values by."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Sequence

Frame = tuple[Any, ...]
"""An instance, or what else stored values belong to, and which of them: a frame's number; equal ones are the same."""


def stem(name: str) -> str:
    """Return the name of a frame, whatever is made of its values."""
    return name.partition("-")[0]


class FrameNames:
    """Gives names to frames of one session: that of an instance and a frame never changes.

    So stored values travel once, whatever is presented of them and however a series grows. Other values that are made
    of a frame, as a difference is, have a name of their own: that of the frame (`stem`), a dash, and a number. Both may
    be in a page at once, and a hand that rests names the frame.
    """

    def __init__(self) -> None:
        self._count = itertools.count()
        self._numbers: WeakKeyDictionary[Any, dict[tuple[Any, ...], int]] = WeakKeyDictionary()
        """What values belong to -> which of them -> number."""
        self._variants: dict[Any, int] = {}

    def of(self, frames: Sequence[Frame], variants: Sequence[Any] = ()) -> list[str]:
        """Return the names of frames.

        Parameters
        ----------
        frames : sequence of Frame
        variants : sequence, optional
            For each frame, what makes other values of it; what is false makes none, and equal ones make equal values.

        """
        names = []
        for (owner, *which), variant in itertools.zip_longest(frames, variants):
            numbers = self._numbers.setdefault(owner, {})
            name = str(numbers.setdefault(tuple(which), next(self._count)))
            names.append(f"{name}-{self._variants.setdefault(variant, next(self._count))}" if variant else name)
        return names
