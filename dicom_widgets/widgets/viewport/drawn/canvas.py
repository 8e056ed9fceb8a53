"""An ipycanvas Canvas whose drawings reach every page whole."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

from ipycanvas import Canvas, hold_canvas
from ipycanvas.canvas import _CANVAS_MANAGER, COMMANDS
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np


class PersistentCanvas(Canvas):
    """A canvas of height times width pixels."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__(height=height, width=width)
        self._other = Canvas(width=1, height=1)

    @contextlib.contextmanager
    def hold(self) -> Iterator[Canvas]:
        """Empty the canvas, and send what is drawn within as one message.

        ipycanvas says which canvas it draws on only when that changes, so a page that was opened meanwhile would not
        know it: drawing on another one changes it. And after an error within `hold_canvas` ipycanvas would keep all
        further drawings of the kernel to itself.
        """
        before = _CANVAS_MANAGER._caching  # noqa: SLF001
        try:
            with hold_canvas():
                self._other.clear()
                self.clear()
                yield self
        except BaseException:
            _CANVAS_MANAGER.flush()
            _CANVAS_MANAGER._caching = before  # noqa: SLF001
            raise

    def put(self, pixels: np.ndarray) -> None:
        """Put opaque RGBA pixels, (height, width, 4) uint8, as they are.

        `put_image_data` would do the same, with five times as long a compression.
        """
        grey = bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 0] == pixels[..., 2]).all())
        png = io.BytesIO()
        Image.fromarray(pixels[..., 0] if grey else pixels).save(png, "PNG", compress_level=1)
        with self.hold():
            _CANVAS_MANAGER.send_draw_command(self, COMMANDS["putImageData"], [0, 0], [png.getvalue()])

    def close(self) -> None:
        """Take it off the page."""
        self._other.close()
        super().close()
