"""True size: the zoom at which a millimetre of the image is one of the screen (PS3.3 C.10.4; requirement PS10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from dicom_widgets.display.picture.placement import Home
    from dicom_widgets.display.values.spacing import Spacing

_PROPORTION: Final = 0.01
"""Relative difference between the shown and the measured proportion of pixels up to which they are the same."""


@dataclass(frozen=True)
class TrueSize:
    """A zoom, or why there is none."""

    zoom: float | None = None
    """Device pixels for each image pixel across."""
    why: str = ""
    """Why there is none; empty where there is one."""


def true_size(home: Home | None, spacing: Spacing, aspect: float, pitch: float | None) -> TrueSize:
    """Return the zoom of true size; the script has the same formulas.

    It needs the pixel pitch of the screen in device pixels, which the browser's zoom does not change.

    Parameters
    ----------
    home : Home or None
        The displayed area of a presentation state; one in true size has its own pixel spacing.
    spacing : Spacing
        The pixel spacing otherwise.
    aspect : float
        Height of a pixel divided by its width on the screen.
    pitch : float or None
        Millimetres from one pixel of the screen to the next.

    """
    across = home.millimetres if home else None
    if across is None:
        if spacing.unit != "mm":
            return TrueSize(None, f"No true size: what a pixel measures is not known ({spacing.source})")
        if abs(aspect * spacing.across / spacing.down - 1) > _PROPORTION:
            return TrueSize(None, "No true size: its pixels are shown in another proportion than they measure")
        across = spacing.across
    if pitch is None:
        return TrueSize(None, "Not true size: the screen is not calibrated [C]")
    return TrueSize(across / pitch)
