"""The notebook's own drawing over the picture, on an ipycanvas Canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dicom_widgets.widgets.viewport.drawn.canvas import PersistentCanvas

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipycanvas import Canvas

    from dicom_widgets.widgets.viewport.view_state import ViewState

    Draw = Callable[[Canvas], object]


class Drawing:
    """A canvas over the picture of a view, and the functions that draw on it.

    The canvas lies between the page's graphics and its texts. It is drawn anew for each page, for another size of the
    view and another position of the image, each time as one message.

    Parameters
    ----------
    state : ViewState
    show : callable
        Is given the canvas once there is one, to lay it over the picture.

    """

    def __init__(self, state: ViewState, show: Callable[[PersistentCanvas], None]) -> None:
        self._state, self._show = state, show
        self._canvas: PersistentCanvas | None = None
        self._functions: tuple[Draw, ...] = ()
        self._place: tuple[Any, ...] = ()
        """Where the image lay when it was drawn last."""

    @property
    def canvas(self) -> PersistentCanvas:
        """The canvas, made when it is needed first."""
        if self._canvas is None:
            self._canvas = PersistentCanvas(*self._state.size)
            self._show(self._canvas)
        return self._canvas

    def add(self, draw: Draw) -> None:
        """Draw with a further function, now and from now on; one that fails is not kept."""
        before = self._functions
        self._functions = (*before, draw)
        try:
            self.draw()
        except BaseException:
            self._functions = before
            raise

    def draw(self) -> None:
        """Draw everything anew, as one message."""
        self._place = self._now()
        with self.canvas.hold() as canvas:
            for draw in self._functions:
                draw(canvas)

    def follow(self) -> None:
        """Draw anew where something else lies below now."""
        canvas, size = self._canvas, self._state.size
        if canvas is not None and size != (canvas.height, canvas.width):
            canvas.height, canvas.width = size  # which empties it
        if self._functions and self._now() != self._place:
            self.draw()

    def close(self) -> None:
        """Take the canvas off the page."""
        if self._canvas is not None:
            self._canvas.close()
        self._canvas = None

    def _now(self) -> tuple[Any, ...]:
        surface = self._state.surface
        return surface.index, surface.zoom, surface.pan, surface.turns, surface.flip, self._state.size
