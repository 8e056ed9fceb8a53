"""The displayed area of a presentation state: which part of an image is shown, and how large (PS3.3 C.10.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import number, numbers, text, value
from dicom_widgets.display.picture.placement import Home

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pydicom.dataset import Dataset

    from dicom_widgets.geometry.point import Point

Corners = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the untransformed image; 0, 0 is its outer corner."""
_LARGEST: Final = 1000.0
"""The largest plausible magnification."""


@dataclass(frozen=True)
class DisplayedArea:
    """The displayed area of one frame (requirements PS9, PS10)."""

    corners: Corners
    words: str
    """Description for the record."""
    home: Home | None = None
    """None is the whole image, fitted."""
    aspect: float | None = None
    """Height of a pixel divided by its width, as the state says; None leaves it to the image."""
    notes: tuple[str, ...] = ()
    """What the state asks for and is not applied."""

    def place(self, turns: int, *, flip: bool) -> Callable[[Point, str], Point]:
        """Return the function (point, annotation units) -> pixels of the image, for a state that turns and flips."""
        left, top, right, bottom = self.corners

        def place(point: Point, units: str) -> Point:
            if units != "DISPLAY":
                return point
            u, v = point  # 0 to 1 of the displayed area, after the transformation: undo the flip, then the turns
            if flip:
                u = 1 - u
            for _ in range(turns):
                u, v = v, 1 - u
            return left + u * (right - left), top + v * (bottom - top)

        return place


def displayed_area(found: Sequence[Dataset], image: Dataset) -> DisplayedArea:
    """Return the displayed area of a frame.

    Parameters
    ----------
    found : sequence of Dataset
        The items of the Displayed Area Selection Sequence (0070,005A) that hold for the frame; the first one counts.
    image : Dataset
        Attributes of the frame.

    """
    whole = (0.0, 0.0, number(image, "Columns") or 1.0, number(image, "Rows") or 1.0)
    corners = next((c for item in found if (c := _corners(item))), whole)
    if not found:
        return DisplayedArea(corners, "absent: the whole image")
    item = found[0]
    mode = text(value(item, "PresentationSizeMode", "SCALE TO FIT")).upper()
    spacing = numbers(item, "PresentationPixelSpacing", 2)
    pair = spacing or numbers(item, "PresentationPixelAspectRatio", 2)
    aspect = pair[0] / pair[1] if pair and min(pair) > 0 else None
    left, top, right, bottom = corners
    words = f"{mode.lower()}: columns {left + 1:g} to {right:g}, rows {top + 1:g} to {bottom:g}"
    if mode == "TRUE SIZE" and spacing and min(spacing) > 0:
        words += f", {spacing[0]:g} x {spacing[1]:g} mm; fitted where the screen is not calibrated"
        return DisplayedArea(corners, words, Home(corners, millimetres=spacing[1]), aspect)
    ratio = number(item, "PresentationPixelMagnificationRatio")
    if mode == "MAGNIFY" and ratio is not None and 0 < ratio < _LARGEST:
        return DisplayedArea(corners, words, Home(corners, ratio), aspect)
    notes = ("true size (without Presentation Pixel Spacing (0070,0101): fitted)",) if mode == "TRUE SIZE" else ()
    return DisplayedArea(corners, words, Home(corners) if corners != whole else None, aspect, notes)


def _corners(item: Dataset) -> Corners | None:
    first = numbers(item, "DisplayedAreaTopLeftHandCorner", 2)
    last = numbers(item, "DisplayedAreaBottomRightHandCorner", 2)
    if not first or not last:
        return None
    (left, right), (top, bottom) = (sorted(p) for p in zip(first, last, strict=True))
    return left - 1, top - 1, right, bottom
