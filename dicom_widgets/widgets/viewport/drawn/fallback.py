"""A viewport without the page's script: the kernel draws it on a plain ipycanvas Canvas.

The hand's events are a slot, not a queue: a thread takes what is newest, paints it, and rests as long as that took, so
that pictures never pile up before a slow page. ipycanvas has no acknowledgement that the kernel could count instead.
"""

from __future__ import annotations

import html
import threading
import time
from typing import TYPE_CHECKING, Any, Final, Protocol

import ipywidgets
import numpy as np

from dicom_widgets.display.picture.layer import Grey
from dicom_widgets.display.pipeline.view_settings import Window
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.widgets.viewport.drawn.canvas import PersistentCanvas

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.display.picture.picture import Picture


class Shown(Protocol):
    """What it needs of a viewport."""

    index: int
    count: int
    window: Any
    invert: bool
    turns: int
    flip: bool
    zoom: Any
    pan: tuple[float, float]
    interpolation: str

    def picture(self) -> Picture:
        """Return the picture that is shown now."""

    def measured(self) -> Picture:
        """Return it with the measurements."""

    def reset(self) -> None:
        """Show it as it was presented."""


_KEYS: Final[dict[str, Callable[[Any], object]]] = {
    "r": lambda v: v.reset(),
    "i": lambda v: v.set_trait("invert", not v.invert),
    "h": lambda v: v.set_trait("flip", not v.flip),
    "]": lambda v: v.set_trait("turns", (v.turns + (3 if v.flip else 1)) % 4),
    "[": lambda v: v.set_trait("turns", (v.turns + (1 if v.flip else 3)) % 4),
    "m": lambda v: v.set_trait("interpolation", "area" if v.interpolation == "linear" else "linear"),
}
_MOVES: Final = {"ArrowDown": 1, "ArrowRight": 1, "ArrowUp": -1, "ArrowLeft": -1, "PageDown": 10, "PageUp": -10}


class Fallback(ipywidgets.VBox):
    """A viewport drawn by the kernel: drag for the window, wheel and slider for the slice, a few keys.

    Parameters
    ----------
    viewport : Viewport
        What is shown; it stays what the notebook sets and reads.
    size : (height, width)
        Of the picture in pixels.

    """

    REST = 0.04  # seconds between two pictures, at least

    def __init__(self, viewport: Shown, size: tuple[int, int]) -> None:
        self.canvas = PersistentCanvas(*size)
        self._viewport, self._pixels = viewport, size
        self._slider = ipywidgets.IntSlider(
            viewport.index + 1,
            min=1,
            max=max(1, viewport.count),
            description="Image",
            layout=ipywidgets.Layout(width="100%"),
        )
        self._words = ipywidgets.HTML()
        self._lock = threading.Lock()
        self._start: tuple[float, float, Window] | None = None
        self._hand: tuple[float, float] | None = None
        self._steps = 0
        self._wanted = threading.Event()
        self._ended = False
        super().__init__([self.canvas, self._slider, self._words], layout=ipywidgets.Layout(width=f"{size[1] + 8}px"))
        self.canvas.on_mouse_down(self._down)
        self.canvas.on_mouse_move(self._move)
        self.canvas.on_mouse_up(self._up)
        self.canvas.on_mouse_out(self._up)
        self.canvas.on_mouse_wheel(lambda _, dy: self._scroll(int(np.sign(dy))))
        self.canvas.on_key_down(self._key)
        self.canvas.on_client_ready(self._wanted.set)
        self._slider.observe(self._follow_slider, names="value")
        self._thread = threading.Thread(target=self._paint_until_end, name="dicom_widgets fallback", daemon=True)
        self._thread.start()
        self.renew()

    def __repr__(self) -> str:
        return "Fallback()"

    def renew(self) -> None:
        """Paint what is shown now, soon."""
        self._wanted.set()

    def close(self) -> None:
        """Take it off the page, and end its thread."""
        self._ended = True
        self._wanted.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(5)
        self.canvas.close()
        super().close()

    # --- the hand

    def _down(self, x: float, y: float) -> None:
        window = _window(self._viewport.picture())
        with self._lock:
            self._start, self._hand = (x, y, window) if window else None, None

    def _move(self, x: float, y: float) -> None:
        with self._lock:
            if self._start is None:
                return
            self._hand = (x, y)
        self._wanted.set()

    def _up(self, x: float, y: float) -> None:
        self._move(x, y)
        self._apply()
        with self._lock:
            self._start = None

    def _scroll(self, steps: int) -> None:
        with self._lock:
            self._steps += steps
        self._wanted.set()

    def _key(self, key: str, *_modifiers: bool) -> None:
        if key in _MOVES:
            self._scroll(_MOVES[key])
        elif key in _KEYS:
            _KEYS[key](self._viewport)

    def _follow_slider(self, change: dict[str, Any]) -> None:
        if threading.current_thread() is not self._thread:  # else it only follows
            self._viewport.index = change["new"] - 1

    def _apply(self) -> None:
        """Take over what the hand did last."""
        with self._lock:
            hand, start, steps = self._hand, self._start, self._steps
            self._hand, self._steps = None, 0
        if hand and start:
            self._viewport.window = drag(start[2], hand[0] - start[0], hand[1] - start[1])
        if steps:
            self._viewport.index += steps

    # --- the picture

    def _paint_until_end(self) -> None:
        while True:
            self._wanted.wait()
            if self._ended:
                return
            self._wanted.clear()
            began = time.monotonic()
            try:
                self._apply()
                self._paint()
            except DicomWidgetsError as error:
                self._say(str(error))
            except Exception as error:  # noqa: BLE001  JupyterLab hides errors of threads
                self._say(f"{type(error).__name__}: {error}")
            time.sleep(max(self.REST, time.monotonic() - began))

    def _paint(self) -> None:
        viewport = self._viewport
        picture = viewport.measured()
        self.canvas.put(np.asarray(picture.image(self._pixels, viewport.zoom, viewport.pan, viewport.interpolation)))
        self._slider.max = max(1, viewport.count)
        self._slider.value = viewport.index + 1
        window, (left, top, right, bottom) = picture.window, picture.letters
        words = [f"{viewport.index + 1}/{viewport.count}", f"{window}" if window else ""]
        words += [f"left {left}, top {top}, right {right}, bottom {bottom}" if left or top else ""]
        self._say(*words, *picture.record.get("notes", ()), str(picture.record["fidelity"]), "Not for diagnostic use")

    def _say(self, *words: str) -> None:
        self._words.value = html.escape(" · ".join(w for w in words if w))


def _window(picture: Picture) -> Window | None:
    """Return what a drag starts from: a LUT has no width, a colour no window."""
    base = picture.base
    return (picture.window or Window.over(*base.range)) if isinstance(base, Grey) else None


def drag(start: Window, dx: float, dy: float) -> Window:
    """Return a window after a drag of so many pixels: across for the width, down for the center, as in the page."""
    gain, lowest = max(start.width, 1) / 300, 1 if start.function == "LINEAR" else 0.01
    width, center = start.width + dx * gain, start.center + dy * gain
    return Window(round(center, 2), max(lowest, round(width, 2)), start.function)
