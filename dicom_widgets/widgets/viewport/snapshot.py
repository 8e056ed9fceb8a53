"""What a viewport leaves outside of the page: a PNG, the picture of a saved notebook, and lines of code."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.config import options
from dicom_widgets.display.picture.picture import KEPT_BACK, Picture
from dicom_widgets.display.pipeline.view_settings import Window
from dicom_widgets.errors import DicomWidgetsError

if TYPE_CHECKING:
    from dicom_widgets.widgets.viewport.layers import Layers
    from dicom_widgets.widgets.viewport.masks import Masks
    from dicom_widgets.widgets.viewport.measuring import Measuring
    from dicom_widgets.widgets.viewport.view_presenter import ViewPresenter
    from dicom_widgets.widgets.viewport.view_state import ViewState

Bundle = tuple[dict[str, Any], dict[str, Any]] | None
"""What IPython shows: MIME type -> data, and metadata."""
_ARGUMENTS: Final = ("invert", "turns", "flip", "hidden")
"""View settings that are arguments of `session.present`, beside the window."""


class Snapshot:
    """What is shown now, in forms that outlive the view."""

    def __init__(
        self, state: ViewState, presenter: ViewPresenter, measuring: Measuring, layers: Layers, masks: Masks
    ) -> None:
        self._state, self._presenter, self._measuring = state, presenter, measuring
        self._layers, self._masks = layers, masks

    def png(self, *, graphics: bool) -> bytes:
        """Return a PNG of the size that the view has on the page (`Viewport.snapshot`)."""
        surface, picture = self._state.surface, self._measuring.picture() if graphics else self._presenter.picture()
        return picture.png(self._state.size, surface.zoom, surface.pan, surface.interpolation, graphics=graphics)

    def code(self) -> str:
        """Return the lines of code that give the same picture."""
        state = self._state
        frames, surface, pitch = state.frames, state.surface, state.pitch
        if not 0 <= surface.index < len(frames.frames):
            return "viewport.show(series)"
        settings, words = surface.settings(difference=self._presenter.is_difference()), []
        window = settings.window
        shown = self._presenter.present(frames, surface.index) if window is None else None
        if isinstance(shown, Picture) and shown.automatic == "stack":
            window = shown.window
        if isinstance(window, Window):
            words.append(f"window=({window.center!r}, {window.width!r}, {window.function!r})")
        elif window:
            words.append(f"window={window.explanation!r}")
        words += [f"{name}={value!r}" for name in _ARGUMENTS if (value := getattr(settings, name))]
        words += self._masks.words()
        screen = f"dw.options.pixel_pitch = {pitch!r}\n" if pitch and not options.pixel_pitch else ""
        visible = [layer.name for layer in self._layers.added if layer.visible]
        added = "".join(f"# and over it what was added: {name}\n" for name in visible)
        return (
            f"{screen}picture = {frames.code(surface.index, surface.presentation, words)}\n{added}"
            f"picture.rgba(size={state.size!r}, zoom={surface.zoom!r}, pan={surface.pan!r},"
            f" interpolation={surface.interpolation!r})"
        )

    def beside(self, bundle: Bundle, *, static: bool | None) -> Bundle:
        """Return an output with a picture beside the widget, where a saved notebook is to have one.

        Parameters
        ----------
        bundle : (dict, dict)
            What Jupyter displays.
        static : bool, optional
            Whether there is a picture; without it, as `options.static` says.

        """
        if bundle is None:
            return None
        if not (options.static if static is None else static):
            data, metadata = bundle
            words = f"{data['text/plain']}: seen while its kernel runs; static=True keeps a picture"
            return {**data, "text/plain": words}, metadata
        try:
            picture = self._presenter.picture()
        except DicomWidgetsError:  # nothing is shown yet, or a page
            return bundle
        (data, metadata), surface = bundle, self._state.surface
        if not picture.may_be_kept:
            return {**data, "text/plain": f"{data['text/plain']} {KEPT_BACK}"}, metadata
        png = picture.png(self._state.size, surface.zoom, surface.pan, surface.interpolation)
        return {**data, "image/png": base64.b64encode(png).decode()}, metadata
