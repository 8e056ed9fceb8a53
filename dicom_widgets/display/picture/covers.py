"""What covers an image: its shutter and its overlays, bits with a colour that are painted after the pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.display.picture.layer import rgba_pixel, turn
from dicom_widgets.display.picture.resample import any_set, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np

    from dicom_widgets.display.graphics.overlay import Overlay
    from dicom_widgets.display.graphics.shutter import Shutter
    from dicom_widgets.display.picture.placement import ScreenAxis


def cover_masks(
    shutter: Shutter | None,
    overlays: Iterable[Overlay],
    orientation: tuple[int, bool],
    y: ScreenAxis,
    x: ScreenAxis,
    *,
    reduced: bool,
) -> Iterator[tuple[np.ndarray, np.uint32]]:
    """Yield the screen pixels that each cover paints, (height, width) bool, and its colour as an RGBA pixel.

    The shutter comes first, then the overlays.

    Parameters
    ----------
    shutter, overlays : Shutter or None, iterable of Overlay
        Those that are switched on.
    orientation : (int, bool)
        Quarter turns clockwise of the image, and whether it is then flipped from left to right.
    y, x : Axis
        Down and across the screen.
    reduced : bool
        Whether the image is shown reduced. A screen pixel is then painted if any bit of an overlay is set in it, so
        that thin lines stay; a shutter is taken at the centre of the screen pixel in any case.

    """
    turns, flip = orientation
    if shutter is not None:
        bits, inside = nearest(turn(shutter.hidden, turns, flip=flip), y, x)
        yield bits & inside, rgba_pixel(shutter.color)
    for overlay in overlays:
        bits = turn(overlay.bits, turns, flip=flip)
        if reduced:
            yield any_set(bits, y, x), rgba_pixel(overlay.color)
        else:
            found, inside = nearest(bits, y, x)
            yield found & inside, rgba_pixel(overlay.color)
