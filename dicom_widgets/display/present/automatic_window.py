"""Automatic windows: where nothing says what is to be seen, one for all frames of a stack (requirement GP8)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

from dicom_widgets.display.pipeline.grayscale import FULL
from dicom_widgets.display.pipeline.view_settings import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sized

    from dicom_widgets.display.picture.picture import Picture

_SAMPLES: Final = 5


def sampled_frames(count: int) -> tuple[int, ...]:
    """Return which of the frames of a stack are looked at: five, the middle one among them, none at an end."""
    few = min(count, _SAMPLES)
    return tuple((2 * k + 1) * count // (2 * few) for k in range(few))


def common_window(pictures: Iterable[Picture]) -> Window | None:
    """Return the window from the smallest to the largest value that frames of a stack show by themselves.

    None where all of them say what is to be seen. A frame that needs the full range gives it to all.
    """
    shown = [(p.automatic, p.window) for p in pictures]
    windows = [w for automatic, w in shown if w and (automatic or w.explanation == FULL)]
    if not any(automatic for automatic, _ in shown):
        return None
    return Window.over(min(w.levels[0] for w in windows), max(w.levels[1] for w in windows), "auto")


def with_common_window(picture: Picture, window: Window, stack: Sized) -> Picture:
    """Return a picture whose window would be made of its own values with that of the frames of its stack."""
    count = len(stack)
    looked_at = len(sampled_frames(count))
    of = f"{looked_at} of the {count} frames" if looked_at < count else f"all {count} frames"
    stages = [
        {**s, "used": str(window), "from": f"absent: smallest to largest value of {of} of the stack"}
        if s["stage"] == "voi"
        else s
        for s in picture.record["stages"]
    ]
    base, *over = picture.layers
    layers = base.with_voi(window, invert=False), *over
    return dataclasses.replace(picture, layers=layers, automatic="stack", record={**picture.record, "stages": stages})
