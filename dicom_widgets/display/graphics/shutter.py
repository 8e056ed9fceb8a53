"""Display shutters: which pixels of an image are hidden (PS3.3 C.7.6.11, C.7.6.15; requirements SH1 to SH3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image, ImageDraw

from dicom_widgets.dicom.values import finite, listed, number, numbers, text, value, whole
from dicom_widgets.display.pipeline.cielab import color_of_cielab, color_of_p_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydicom.dataset import Dataset

    from dicom_widgets.display.graphics.overlay import Overlay


@dataclass(frozen=True, eq=False)
class Shutter:
    """The hidden pixels of a frame, and the colour that is painted over them."""

    hidden: np.ndarray
    """(rows, columns) of the image, bool: True is hidden."""
    color: str
    words: str
    """Names of its shapes."""


def shutter_of(
    ds: Dataset, shape: tuple[int, int], overlays: Iterable[Overlay] = (), aspect: float = 1.0
) -> Shutter | None:
    """Return the shutter of an image or a presentation state, or None where there is none.

    Of several shapes, each hides what lies outside of it. Edges, centres and vertices are rows and columns, from 1;
    edges and vertices are visible.

    Parameters
    ----------
    ds : Dataset
    shape : (rows, columns)
        Of the image.
    overlays : iterable of Overlay
        Overlays that a bitmap shutter may name; only a presentation state may have one.
    aspect : float
        Height of a pixel of the image divided by its width: the radius of a circle is counted along the rows.

    """
    seen, used = np.ones(shape, bool), []
    for kind in [text(k).upper() for k in listed(ds, "ShutterShape")]:
        if kind == "BITMAP":
            group = number(ds, "ShutterOverlayGroup")
            part = next((~o.bits for o in overlays if o.group == group), None)
        else:
            part = _SHAPES[kind](ds, shape, aspect) if kind in _SHAPES else None
        if part is not None:
            seen &= part
            used.append(kind.lower())
    if not used:
        return None
    hidden = ~seen
    hidden.flags.writeable = False
    lab = numbers(ds, "ShutterPresentationColorCIELabValue", 3)
    level = number(ds, "ShutterPresentationValue") or 0.0
    return Shutter(hidden, color_of_cielab(lab) if lab else color_of_p_value(level), " and ".join(used))


def _rectangle(ds: Dataset, shape: tuple[int, int], _aspect: float) -> np.ndarray | None:
    y, x = _grid(shape)
    sides = ("LeftVertical", "RightVertical", "UpperHorizontal", "LowerHorizontal")
    left, right, upper, lower = (number(ds, f"Shutter{side}Edge") for side in sides)
    if left is None or right is None or upper is None or lower is None:
        return None
    return np.asarray((x >= left) & (x <= right) & (y >= upper) & (y <= lower))


def _circle(ds: Dataset, shape: tuple[int, int], aspect: float) -> np.ndarray | None:
    y, x = _grid(shape)
    center, radius = numbers(ds, "CenterOfCircularShutter", 2), number(ds, "RadiusOfCircularShutter")
    if center is None or radius is None:
        return None
    with np.errstate(over="ignore"):
        return np.asarray(((y - center[0]) * aspect) ** 2 + (x - center[1]) ** 2 <= radius * radius)


def _polygon(ds: Dataset, shape: tuple[int, int], _aspect: float) -> np.ndarray | None:
    flat = [float(v) for v in listed(ds, "VerticesOfThePolygonalShutter")[:20000] if _is_number(v)]
    if len(flat) < 6:
        return None
    canvas = Image.new("1", (shape[1], shape[0]))
    points = [(x - 1, y - 1) for y, x in zip(flat[::2], flat[1::2], strict=False)]
    ImageDraw.Draw(canvas).polygon(points, fill=1, outline=1)
    return np.asarray(canvas)


def _grid(shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows and the columns, from 1."""
    return np.arange(1, shape[0] + 1)[:, None], np.arange(1, shape[1] + 1)[None]


_SHAPES: Final = {"RECTANGULAR": _rectangle, "CIRCULAR": _circle, "POLYGONAL": _polygon}


def _is_number(found: object) -> bool:
    figure = finite(found)
    return figure is not None and abs(figure) < 1e6


def bitmap_shutter_group(ds: Dataset) -> int | None:
    """Return the overlay group that is a bitmap shutter: it is not drawn as an overlay (requirement SH2)."""
    kinds = [text(k).upper() for k in listed(ds, "ShutterShape")]
    return whole(value(ds, "ShutterOverlayGroup")) if "BITMAP" in kinds else None
