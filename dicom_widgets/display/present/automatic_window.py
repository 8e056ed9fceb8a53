"""Automatic windows: one for all frames of a stack, where nothing gives a window (requirement GP8).

It spans the smallest to the largest value of five frames, spread over the stack, so that brightness stays the same
while the user scrolls. `session.present` of one instance knows no stack: its window is made of that frame.
"""

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
    """Return the indices of the frames that the window is made of.

    Up to five, evenly spread, none of them at an end.
    """
    few = min(count, _SAMPLES)
    return tuple((2 * k + 1) * count // (2 * few) for k in range(few))


def common_window(pictures: Iterable[Picture]) -> Window | None:
    """Return the window from the smallest to the largest level of the windows that frames have by themselves.

    None where every frame gives a window. If one frame has the full range, the window covers it.
    """
    shown = [(p.automatic, p.window) for p in pictures]
    windows = [w for automatic, w in shown if w and (automatic or w.explanation == FULL)]
    if not any(automatic for automatic, _ in shown):
        return None
    return Window.over(min(w.levels[0] for w in windows), max(w.levels[1] for w in windows), "auto")


def with_common_window(picture: Picture, window: Window, stack: Sized) -> Picture:
    """Return a picture with the window of its stack in the place of the one made of its own values."""
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
