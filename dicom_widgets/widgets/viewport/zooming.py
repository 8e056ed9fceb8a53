"""What a viewport does with its zoom: device pixels for each image pixel, or by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from dicom_widgets.config import is_pitch
from dicom_widgets.display.picture.true_size import true_size
from dicom_widgets.widgets.viewport.view import View

if TYPE_CHECKING:
    from dicom_widgets.display.pipeline.view_settings import Zoom


class Zoomed(View):
    """A viewport's zoom and pan, and the size that it has on the page."""

    zoom = traitlets.Any("fit")
    """Device pixels for each image pixel, "fit" or "true size"."""
    pan = traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=(0.0, 0.0))
    """Device pixels (x, y) by which the image is moved from the middle."""

    @traitlets.validate("zoom")
    def _zoom(self, proposal: dict[str, Any]) -> Zoom:
        zoom: Any = proposal["value"]
        if zoom == "fit":
            return "fit"
        if zoom == "true size":
            if not self._echoes:
                self._refuse_true_size()
            return "true size"
        if not isinstance(zoom, (int, float)) or not 0 < zoom < float("inf"):
            raise traitlets.TraitError(
                f'zoom={zoom!r}: give "fit", "true size", or device pixels for each image pixel, above 0.'
            )
        return float(zoom)

    def _refuse_true_size(self) -> None:
        """Refuse it where the image does not say what a pixel measures; the screen may be calibrated later."""
        if self._reel.frames:
            shown = self.picture()
            if why := true_size(shown.home, shown.spacing, shown.aspect, 1.0).why:
                raise traitlets.TraitError(f"zoom='true size': {why}.")

    def _sized(self, content: dict[str, Any]) -> None:
        """Take over what a page says of its size and of its screen."""
        self._size = (int(content["size"][0]), int(content["size"][1]))
        self._pitch = float(content["pitch"]) if is_pitch(content.get("pitch")) else None
