"""Layers that the notebook lays over images: an array for one or for all of them, or a series of the same grid."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

from dicom_widgets.dicom.values import text
from dicom_widgets.display.picture.color_overlay import ColorOverlay, checked_opacity, color_overlay
from dicom_widgets.errors import NotFound
from dicom_widgets.widgets.viewport.layer_kinds import LayerRequest, layer_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.display.picture.picture import Picture
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.viewport.layer_kinds import FrameKey, LayerValues
    from dicom_widgets.widgets.viewport.view_state import ViewState


class AddedLayer:
    """A layer over the images of a viewport (`Viewport.add`)."""

    def __init__(self, layers: Layers, values: LayerValues, name: str, cmap: str | None, opacity: float) -> None:
        self._layers, self._values, self._cmap, self._opacity = layers, values, cmap, opacity
        self.name = name
        """What it is called in the Layers menu."""

    def __repr__(self) -> str:
        return f"<AddedLayer {self.name!r}, opacity {self.opacity:g}{'' if self.visible else ', hidden'}>"

    @property
    def switch(self) -> str:
        """What it is called in `Viewport.hidden`."""
        return f"added {self.name}"

    @property
    def opacity(self) -> float:
        """From 0 to 1."""
        return self._layers.opacity(self.switch, self._opacity)

    @opacity.setter
    def opacity(self, value: float) -> None:
        self._layers.set_opacity(self.switch, checked_opacity(value))

    @property
    def visible(self) -> bool:
        """Whether it is painted."""
        return self._layers.is_visible(self.switch)

    @visible.setter
    def visible(self, value: bool) -> None:
        self._layers.set_visible(self.switch, visible=value)

    def remove(self) -> None:
        """Take it off the images."""
        self._layers.discard(self)

    def overlay(self, key: FrameKey) -> ColorOverlay | None:
        """Return what it paints over an image."""
        values = self._values.found.get(key)
        if values is None:
            return None
        return color_overlay(values(), self.name, self._cmap, self.opacity, self._values.window)


class Layers:
    """The layers of a view, in the order of painting.

    They belong to the view and travel with its frames. Opacity and visibility are part of its state, so a slider in the
    page sends no pixels.

    Parameters
    ----------
    session : Session
    state : ViewState
    set_trait : callable
        Sets a trait of the viewport, so that notebook and pages hear of it.
    renew : callable
        Presents the frames anew.

    """

    def __init__(
        self, session: Session, state: ViewState, set_trait: Callable[[str, Any], None], renew: Callable[[], None]
    ) -> None:
        self._session, self._state, self._set_trait, self._renew = session, state, set_trait, renew
        self.added: tuple[AddedLayer, ...] = ()

    def add(self, what: Any, cmap: str | None, opacity: float, window: Any, name: str | None) -> AddedLayer:
        """Lay something over the images (`Viewport.add`)."""
        frames, here = self._state.frames.frames, self._state.here
        if here is None:
            raise NotFound(
                "A plane or a sheet of frames takes no layers: add them to its images."
                if frames
                else "This viewport shows nothing yet, so nothing can be laid over it: viewport.show(series)."
            )
        values = layer_values(LayerRequest(self._session, frames, here, what, cmap, window))
        taken = {layer.name for layer in self.added}
        free = next(n for i in itertools.count(1) if (n := f"layer {i}") not in taken)
        layer = AddedLayer(self, values, text(name or values.name, 64) or free, cmap, checked_opacity(opacity))
        layer.overlay((here[0].uid, here[1]))  # what is wrong with it is said here
        with self._state.lock:
            self.added = (*(old for old in self.added if old.name != layer.name), layer)
        self._start_anew(layer.switch)
        return layer

    def discard(self, layer: AddedLayer) -> None:
        """Take a layer off the images."""
        with self._state.lock:
            self.added = tuple(old for old in self.added if old is not layer)
        self._start_anew(layer.switch)

    def clear(self) -> None:
        """Forget all layers, as the session is closed."""
        self.added = ()

    def _start_anew(self, switch: str) -> None:
        """Forget what the hand did to a layer of this name, and present the frames anew."""
        with self._state.lock:
            surface = self._state.surface
            self._state.surface = surface.but(
                hidden=tuple(name for name in surface.hidden if name != switch),
                opacity={name: value for name, value in surface.opacity.items() if name != switch},
            )
        self._renew()

    def opacity(self, switch: str, own: float) -> float:
        """Return the opacity that was set for a layer, or its own."""
        return float(self._state.surface.opacity.get(switch, own))

    def set_opacity(self, switch: str, value: float) -> None:
        """Set the opacity of a layer."""
        self._set_trait("opacity", {**self._state.surface.opacity, switch: value})

    def is_visible(self, switch: str) -> bool:
        """Return whether a layer is painted."""
        return switch not in self._state.surface.hidden

    def set_visible(self, switch: str, *, visible: bool) -> None:
        """Paint a layer, or leave it out."""
        others = tuple(name for name in self._state.surface.hidden if name != switch)
        self._set_trait("hidden", others if visible else (*others, switch))

    def over(self, picture: Picture, key: FrameKey | None) -> Picture:
        """Return the picture of a frame with the layers over it; a picture of several frames says that it has none."""
        if key is None and self.added:
            said = [*picture.texts.get("br", []), "Added layers are not shown here"]
            return dataclasses.replace(picture, texts={**picture.texts, "br": said})
        if key is None:
            return picture
        found = [overlay for layer in self.added if (overlay := layer.overlay(key))]
        return picture.over(*found) if found else picture
