"""Shapes in image coordinates: lines and texts; kernel and pages draw the same list.

0.0, 0.0 is the outer corner of the first pixel and 0.5, 0.5 its centre (PS3.3 C.10.5.1.2). Circles, ellipses and
interpolated curves are polylines here.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.values import items, listed, number, numbers, text, value
from dicom_widgets.display.graphics.styles import Shadow, line_style, text_style
from dicom_widgets.display.pipeline.cielab import color_of_cielab, color_of_p_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pydicom.dataset import Dataset

Point = tuple[float, float]
DEFAULT: Final = "#ffd54a"
_STEPS: Final = 64


@dataclass(frozen=True)
class Line:
    """A polyline."""

    points: tuple[Point, ...]
    filled: bool = False
    color: str = DEFAULT
    layer: str = ""
    """Graphic Layer (0070,0002)."""
    group: str = ""
    """Graphic Group Label (0070,0207)."""
    width: float | None = None
    """Pixels of the image, at least one of the screen; None is the default width."""
    opacity: float = 1.0
    dashes: tuple[int, ...] = ()
    """Screen pixels that are drawn, not drawn, drawn, ...; an even number of lengths, empty for a solid line."""
    between: str = ""
    """Colour between the dashes, if there is any."""
    inside: str = ""
    """Colour of the filling, where it is not that of the line."""
    covering: float = 1.0
    """Opacity of the filling."""
    stipple: tuple[int, ...] = ()
    """Fill pattern: 32 rows of 32 bits, the most significant one leftmost; a pixel is filled where its bit is set. The
    pattern repeats from the corner of the screen, one bit for each screen pixel. Empty fills everything."""
    behind: str = ""
    """Colour where the bits are not set, if there is any."""
    behind_covering: float = 1.0
    shadow: Shadow | None = None


@dataclass(frozen=True)
class Text:
    """A text; drawn upright in any orientation of the picture."""

    words: str
    at: Point
    """Position: the top left corner of its box, or its anchor."""
    leader: Point | None = None
    """The anchor that a line leads to from the text."""
    color: str = DEFAULT
    layer: str = ""
    """Graphic Layer (0070,0002)."""
    group: str = ""
    """Graphic Group Label (0070,0207)."""
    opposite: Point | None = None
    """The bottom right corner of its box, where it has one."""
    justified: str = "LEFT"
    """LEFT, CENTER or RIGHT in the box, as the box lies on the screen."""
    around: tuple[Point, ...] = ()
    """Points of the figure that it labels, if any: it is placed beside them, apart from other labels."""
    placed: bool = False
    """Whether the user has moved it, so that it stays where it is although it labels a figure."""
    bold: bool = False
    italic: bool = False
    underlined: bool = False
    family: str = "sans-serif"
    """Generic font family of CSS."""
    lifted: float = 0.0
    """Share of the free height of its box that lies above the text."""
    shadow: Shadow | None = None


Shape = Line | Text


def shapes_message(shapes: Sequence[Shape]) -> list[dict[str, Any]]:
    """Return the shapes as pages get them, JSON-able."""
    return [asdict(s) for s in shapes]


def shapes_of(
    item: Dataset, place: Callable[[Point, str], Point], color: str, groups: Mapping[float | None, str]
) -> Iterator[Shape]:
    """Yield the shapes of one item of the Graphic Annotation Sequence (PS3.3 C.10.5).

    Parameters
    ----------
    item : Dataset
        The item.
    place : callable
        (x, y), annotation units -> image coordinates.
    color : str
        Of the item's graphic layer.
    groups : mapping
        Graphic Group ID (0070,0295) -> label.

    """

    def common(of: Dataset) -> dict[str, str]:
        return {"color": color, "group": groups.get(number(of, "GraphicGroupID"), "")}

    for graphic in items(item, "GraphicObjectSequence"):
        points = _points(graphic, place)
        drawn = outline(text(value(graphic, "GraphicType", "")), points)
        if len(drawn) > 0:
            filled = text(value(graphic, "GraphicFilled", "N")) == "Y"
            yield Line(drawn, filled, **{**common(graphic), **line_style(graphic, place)})
    for words in items(item, "TextObjectSequence"):
        shape = _text(words, place, common(words))
        if shape is not None:
            yield shape


def _points(graphic: Dataset, place: Callable[[Point, str], Point]) -> list[Point]:
    units = text(value(graphic, "GraphicAnnotationUnits", "PIXEL"))
    flat = [float(x) for x in listed(graphic, "GraphicData")[:20000] if isinstance(x, (int, float))]
    return [place(p, units) for p in zip(flat[::2], flat[1::2], strict=False) if all(map(math.isfinite, p))]


def _text(item: Dataset, place: Callable[[Point, str], Point], common: Mapping[str, str]) -> Text | None:
    words = "\n".join(text(line) for line in str(value(item, "UnformattedTextValue", "")).splitlines()[:50])
    anchor = numbers(item, "AnchorPoint", 2)
    box = numbers(item, "BoundingBoxTopLeftHandCorner", 2)
    units = text(value(item, "BoundingBoxAnnotationUnits", "PIXEL"))
    end = numbers(item, "BoundingBoxBottomRightHandCorner", 2)
    at = place((box[0], box[1]), units) if box else None
    opposite = place((end[0], end[1]), units) if box and end else None
    justified = text(value(item, "BoundingBoxTextHorizontalJustification", "LEFT"))
    pointed = (
        place((anchor[0], anchor[1]), text(value(item, "AnchorPointAnnotationUnits", "PIXEL"))) if anchor else None
    )
    visible = text(value(item, "AnchorPointVisibility", "N")) == "Y"
    stand = at or pointed
    if not words.strip() or stand is None:
        return None
    leader = pointed if at and visible else None
    style: dict[str, Any] = {**common, "justified": justified, **text_style(item, place)}
    return Text(words, stand, leader, opposite=opposite, **style)


def outline(kind: str, points: Sequence[Point]) -> tuple[Point, ...]:
    """Return the polyline of a graphic object; empty where there are too few points (PS3.3 C.10.5.1.2)."""
    if kind == "POINT" and points:
        (x, y), r = points[0], 2.0
        return ((x - r, y), (x + r, y), (x, y), (x, y - r), (x, y + r))
    if kind == "CIRCLE" and len(points) > 1:
        center, radius = points[0], math.dist(points[0], points[1])
        return _round(center, (radius, 0.0), (0.0, radius))
    if kind == "ELLIPSE" and len(points) > 3:
        ends = np.array(points[:4])
        half_major, half_minor = (ends[1] - ends[0]) / 2, (ends[3] - ends[2]) / 2
        return _round(tuple((ends[0] + ends[1]) / 2), tuple(half_major), tuple(half_minor))
    if kind == "INTERPOLATED" and len(points) > 2:
        return _smooth(points)
    if kind in ("CIRCLE", "ELLIPSE"):
        return ()
    return tuple(points) if len(points) > 1 else ()


def _round(center: Sequence[float], a: Sequence[float], b: Sequence[float]) -> tuple[Point, ...]:
    angles = [2 * math.pi * i / _STEPS for i in range(_STEPS + 1)]
    return tuple(
        (center[0] + a[0] * math.cos(t) + b[0] * math.sin(t), center[1] + a[1] * math.cos(t) + b[1] * math.sin(t))
        for t in angles
    )


def _smooth(points: Sequence[Point]) -> tuple[Point, ...]:
    """Return a curve through all points (Catmull-Rom), closed if the last point is the first."""
    p = np.array(points)
    closed = bool((p[0] == p[-1]).all())
    before, after = (p[-2], p[1]) if closed else (2 * p[0] - p[1], 2 * p[-1] - p[-2])
    p = np.vstack([before, p, after])
    t = np.linspace(0, 1, 8, endpoint=False)[:, None]
    curve = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return tuple(map(tuple, [*np.vstack(curve).tolist(), p[-2].tolist()]))


def layer_color(layer: Dataset) -> str:
    """Return the colour of a graphic layer: CIELab, else its grey value, else `DEFAULT` (PS3.3 C.10.7.

    Requirement PS11).
    """
    lab = numbers(layer, "GraphicLayerRecommendedDisplayCIELabValue", 3)
    level = number(layer, "GraphicLayerRecommendedDisplayGrayscaleValue")
    return color_of_cielab(lab) if lab else DEFAULT if level is None else color_of_p_value(level)
