"""What is left of a viewport outside of the page: a PNG, the picture of a saved notebook, and lines of code."""

from __future__ import annotations

import base64
from typing import Any, Final

import traitlets

from dicom_widgets.config import options
from dicom_widgets.display.picture.picture import KEPT_BACK, Picture
from dicom_widgets.display.pipeline.view_settings import Window
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.widgets.viewport.frame_offer import Offered
from dicom_widgets.widgets.viewport.measuring import Measuring

Bundle = tuple[dict[str, Any], dict[str, Any]] | None
"""What IPython shows: MIME type -> data, and metadata."""
_SAID: Final = ("invert", "turns", "flip", "hidden")
"""Of a look, as arguments of `session.present`."""


class Kept(Offered, Measuring):
    """What a viewport gives away."""

    static = traitlets.Bool(None, allow_none=True)
    """Whether a saved notebook keeps a picture; None is as `options.static` says."""

    def snapshot(self, *, graphics: bool = False) -> bytes:
        """Return what is shown as a PNG of the size that it has on the page.

        Without graphics it is equal to the page's pixel plane, the element `canvas.dw-pixels`; with them the shapes of
        the presentation state and the measurements are drawn.
        """
        surface, picture = self._surface, self.measured() if graphics else self.picture()
        return picture.png(self._size, surface.zoom, surface.pan, surface.interpolation, graphics=graphics)

    def code(self) -> str:
        """Return the lines of code that give the same picture."""
        reel, surface = self._reel, self._surface
        if not 0 <= surface.index < len(reel.frames):
            return "viewport.show(series)"
        look, words = surface.looking(difference=self._is_difference()), []
        window = look.window
        shown = self._presented(reel, surface.index) if window is None else None
        if isinstance(shown, Picture) and shown.automatic == "stack":
            window = shown.window
        if isinstance(window, Window):
            words.append(f"window=({window.center!r}, {window.width!r}, {window.function!r})")
        elif window:
            words.append(f"window={window.explanation!r}")
        words += [f"{k}={v!r}" for k in _SAID if (v := getattr(look, k))]
        words += self._subtraction_words()
        screen = f"dw.options.pixel_pitch = {self._pitch!r}\n" if self._pitch and not options.pixel_pitch else ""
        added = "".join(f"# and over it what was added: {layer.name}\n" for layer in self._added if layer.visible)
        return (
            f"{screen}picture = {reel.code(surface.index, self.presentation, words)}\n{added}"
            f"picture.rgba(size={self._size!r}, zoom={surface.zoom!r}, pan={surface.pan!r},"
            f" interpolation={surface.interpolation!r})"
        )

    def _repr_mimebundle_(self, **kwargs: Any) -> Bundle:
        return self.kept(super()._repr_mimebundle_(**kwargs))

    def kept(self, bundle: Bundle) -> Bundle:
        """Return an output with a picture beside the widget, where a saved notebook is to have one."""
        if bundle is None:
            return None
        if not (options.static if self.static is None else self.static):
            data, metadata = bundle
            words = f"{data['text/plain']}: seen while its kernel runs; static=True keeps a picture"
            return {**data, "text/plain": words}, metadata
        try:
            picture = self.picture()
        except DicomWidgetsError:  # nothing is shown yet, or a page
            return bundle
        (data, metadata), surface = bundle, self._surface
        if not picture.may_be_kept:
            return {**data, "text/plain": f"{data['text/plain']} {KEPT_BACK}"}, metadata
        png = picture.png(self._size, surface.zoom, surface.pan, surface.interpolation)
        return {**data, "image/png": base64.b64encode(png).decode()}, metadata
