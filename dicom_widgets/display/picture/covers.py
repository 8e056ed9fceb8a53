"""What covers an image: its shutter and its overlays, bits with a colour that are painted after the pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.display.picture.layer import turned, word
from dicom_widgets.display.picture.resample import nearest, touched

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from dicom_widgets.display.picture.picture import Picture
    from dicom_widgets.display.picture.resample import Axis


def covers(picture: Picture, y: Axis, x: Axis, *, reduced: bool) -> Iterator[tuple[np.ndarray, np.uint32]]:
    """Yield what is painted, (height, width) bool, and with which pixel: the shutter, then the overlays.

    Parameters
    ----------
    picture : Picture
    y, x : Axis
        Down and across the screen.
    reduced : bool
        Whether the image is: then a pixel is painted if any bit of an overlay is set in it, so that thin lines stay.

    """
    turns, flip = picture.orientation
    shutter, hidden = picture.shutter, picture.look.hidden
    if shutter is not None and "shutter" not in hidden:
        bits, inside = nearest(turned(shutter.hidden, turns, flip=flip), y, x)
        yield bits & inside, word(shutter.color)
    for overlay in picture.overlays:
        if overlay.name in hidden:
            continue
        bits = turned(overlay.bits, turns, flip=flip)
        if reduced:
            yield touched(bits, y, x), word(overlay.color)
        else:
            found, inside = nearest(bits, y, x)
            yield found & inside, word(overlay.color)
