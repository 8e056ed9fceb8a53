"""What a viewport does with ipycanvas: the notebook's own drawing over the picture, and the way without the script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import ipywidgets
import numpy as np
import traitlets

from dicom_widgets.config import options
from dicom_widgets.widgets.viewport.canvas import PersistentCanvas
from dicom_widgets.widgets.viewport.fallback import Fallback
from dicom_widgets.widgets.viewport.view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipycanvas import Canvas

    from dicom_widgets.widgets.viewport.viewport import Viewport

    Draw = Callable[[Canvas], object]


class Drawn(View):
    """What a viewport does with drawings."""

    overlay = traitlets.Any(None, allow_none=True).tag(sync=True, **ipywidgets.widget_serialization)
    """The canvas, once there is one."""
    _drawings: tuple[Draw, ...] = ()
    _drawn_at: tuple[Any, ...] = ()
    _fallback: Fallback | None = None
    height: str

    @property
    def canvas(self) -> Canvas:
        """An ipycanvas Canvas over the picture, transparent, one of its pixels for each pixel of the screen.

        A page that is reloaded or opened later has lost what was drawn: give `on_draw` a function.
        """
        if self.overlay is None:
            canvas = PersistentCanvas(*self._size)
            self._endings.append(canvas.close)
            self.overlay = canvas
        return self.overlay

    def on_draw(self, draw: Draw) -> Draw:
        """Draw with a function: at once, again for each page, and when the image was scrolled, moved or resized.

        Parameters
        ----------
        draw : callable
            Gets the canvas, which is empty then; what it draws travels as one message. `viewport.to_screen` says where
            a point of the image is.

        """
        before = self._drawings
        self._drawings = (*before, draw)
        try:
            self.draw()
        except BaseException:
            self._drawings = before
            raise
        return draw

    def draw(self) -> None:
        """Draw everything anew."""
        self._drawn_at = self._place()
        with self.canvas.held() as canvas:
            for draw in self._drawings:
                draw(canvas)

    def to_screen(self, points: Any) -> np.ndarray:
        """Return where points of the image are on the canvas.

        Parameters
        ----------
        points : array
            (..., 2): column and row; 0, 0 is the outer corner of the first pixel.

        """
        surface, found = self._surface, np.asarray(points, float)
        place = self.picture().to_screen(self._size, surface.zoom, surface.pan)
        return np.array([place((x, y)) for x, y in found.reshape(-1, 2).tolist()]).reshape(found.shape)

    def fallback(self, size: tuple[int, int] | None = None) -> Fallback:
        """Return a widget that shows the same without the page's script, where that is blocked: the kernel draws.

        With `dw.options.script = False` a viewport is displayed so by itself.

        Parameters
        ----------
        size : (height, width), optional
            In pixels; without it a square of the viewport's height.

        """
        if self._fallback is None or (size and size != self._size):
            if self._fallback is not None:
                self._fallback.close()
            side = int(self.height.removesuffix("px")) if self.height.removesuffix("px").isdecimal() else 512
            self._size = size or (side, side)
            self._fallback = shown = Fallback(cast("Viewport", self), self._size)
            self._endings += [shown.close, self.session.measurements.watch(lambda *_: shown.renew())]
        return self._fallback

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if options.script:
            return super()._repr_mimebundle_(**kwargs)
        return self.fallback()._repr_mimebundle_(**kwargs), {}

    def _place(self) -> tuple[Any, ...]:
        surface = self._surface
        return surface.index, surface.zoom, surface.pan, surface.look.turns, surface.look.flip, self._size

    def _follow(self) -> None:
        """Draw anew where something else lies below now."""
        if self.overlay is not None and self._size != (self.overlay.height, self.overlay.width):
            self.overlay.height, self.overlay.width = self._size  # which empties it
        if self._drawings and self._place() != self._drawn_at:
            self.draw()
        if self._fallback is not None:
            self._fallback.renew()
