"""Hanging of a mammography: four standard views, two by two, chest walls in the middle (requirement XR3).

The chest wall is found by Patient Orientation, and an image that is stored mirrored or turned is put upright. A
presentation state takes precedence.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import listed, text, value
from dicom_widgets.display.texts.laterality import laterality_of, view_of
from dicom_widgets.display.values.spacing import spacing_of
from dicom_widgets.geometry.plane import edge_letters

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicom_widgets.display.picture.placement import Side

StandardView = tuple[str, str]
"""Side and view."""
FOUR: Final[tuple[StandardView, ...]] = (("R", "CC"), ("L", "CC"), ("R", "MLO"), ("L", "MLO"))
"""The standard views, row by row, as one faces the patient."""
SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.1.2"
_ENDS: Final[dict[str, tuple[Side, Side]]] = {"A": ("left", "top"), "P": ("right", "bottom")}
"""Where rows, or columns, run to, anterior or posterior -> the edge at which the chest wall lies."""
_ABOVE: Final[dict[StandardView, str]] = {("R", "CC"): "R", ("L", "CC"): "L", ("R", "MLO"): "H", ("L", "MLO"): "H"}
"""What is at the top: the outer side of the breast, or the head."""


def standard_view(ds: Dataset) -> StandardView | None:
    """Return which of the four views an image is, with or without modifiers; None for others."""
    found = laterality_of(ds), view_of(ds).partition(" ")[0]
    return found if found in FOUR else None


def is_plain(ds: Dataset) -> bool:
    """Whether an image shows the whole standard view: no modifiers, and no partial view."""
    return " " not in view_of(ds) and text(value(ds, "PartialView", "")).upper() != "YES"


def chest_wall(ds: Dataset) -> Side:
    """Return the edge of the stored image at which the chest wall lies; "" where it is not known.

    By Patient Orientation (0020,0020), else as most devices send it: at the right for a right breast, at
    the left for a left one.
    """
    for n, letters in enumerate(_orientation(ds)):
        if letters[:1] in _ENDS:
            return _ENDS[letters[:1]][n]
    return {"R": "right", "L": "left"}.get(laterality_of(ds), "")  # type: ignore[return-value]


def hanging_orientation(ds: Dataset, view: StandardView) -> tuple[int, bool]:
    """Return the quarter turns clockwise and the flip after which an image hangs as its view should.

    The chest wall of a right breast is then at the right, of a left one at the left; the head, or the outer side, is
    at the top. Most images are sent so; one without Patient Orientation is left as it is.
    """
    row, column = _orientation(ds)
    for turns, flip in itertools.product(range(4), (False, True)):
        left, top, right, _ = edge_letters(row, column, turns, flip)
        if (right if view[0] == "R" else left)[:1] == "P" and top[:1] == _ABOVE[view]:
            return turns, flip
    return 0, False


def extent_in_mm(ds: Dataset, turns: int) -> tuple[float, float] | None:
    """Return width and height in mm of an image after quarter turns; None where no spacing is known."""
    spacing = spacing_of(ds, SOP_CLASS)
    if spacing.unit != "mm":
        return None
    size = float(ds.Columns) * spacing.across, float(ds.Rows) * spacing.down
    return (size[1], size[0]) if turns % 2 else size


def _orientation(ds: Dataset) -> tuple[str, str]:
    found = [text(letters).upper() for letters in listed(ds, "PatientOrientation")]
    return (found[0], found[1]) if len(found) == 2 else ("", "")
