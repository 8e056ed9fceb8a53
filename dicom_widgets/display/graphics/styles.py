"""Styles of annotations: lines, fillings, texts and shadows (PS3.3 C.10.5.1.3; requirement PS19).

Thickness is in units of the object, so it grows with the image, and is one pixel of the screen at least. Patterns and
shadows belong to the screen: they do not turn with the image.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.dicom.values import items, number, numbers, text, value
from dicom_widgets.display.pipeline.cielab import color_of_cielab

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import Dataset

    from dicom_widgets.geometry.point import Point

_LARGEST: Final = 10000.0
"""The largest plausible thickness of a line, in pixels."""
_FONTS: Final = ("serif", "monospace")
"""Generic families of CSS that are drawn; other fonts are drawn as sans-serif."""
_LIFTED: Final = {"CENTER": 0.5, "BOTTOM": 1.0}
_TILE: Final = 128
"""Bytes of a Fill Pattern: 32 rows of 32 bits."""


@dataclass(frozen=True)
class Shadow:
    """A shadow of a line or a text, always solid and of one colour (PS3.3 C.10.5.1.3.13.2)."""

    color: str
    opacity: float
    offset: tuple[float, float]
    """To the right and down on the screen, however the image is turned; its length is in pixels of the image."""
    outlined: bool = False
    """Whether it surrounds the shape, as wide as the offset is long."""


def line_style(graphic: Dataset, place: Callable[[Point, str], Point]) -> dict[str, Any]:
    """Return the fields of a `Line` that the style of a graphic object sets; empty where it has none.

    Parameters
    ----------
    graphic : Dataset
        Item of the Graphic Object Sequence (0070,0009).
    place : callable
        (x, y), annotation units -> image coordinates: the thickness is in those units.

    """
    found: dict[str, Any] = {}
    units = text(value(graphic, "GraphicAnnotationUnits", "PIXEL"))
    for style in items(graphic, "LineStyleSequence")[:1]:
        found["opacity"] = _opacity(style, "PatternOnOpacity")
        if color := _color(style, "PatternOnColorCIELabValue"):
            found["color"] = color
        thick = number(style, "LineThickness")
        if thick is not None and 0 < thick < math.inf:
            found["width"] = min(_LARGEST, math.dist(place((thick, 0.0), units), place((0.0, 0.0), units)))
        if text(value(style, "LineDashingStyle", "")) == "DASHED":
            pattern = number(style, "LinePattern") or 0.0
            found["dashes"] = dash_lengths(int(pattern)) if math.isfinite(pattern) else ()
            if _opacity(style, "PatternOffOpacity") > 0:
                found["between"] = _color(style, "PatternOffColorCIELabValue")
        found["shadow"] = _shadow(style, units, place)
    for style in items(graphic, "FillStyleSequence")[:1]:
        found["inside"] = _color(style, "PatternOnColorCIELabValue")
        found["covering"] = _opacity(style, "PatternOnOpacity")
        pattern = value(style, "FillPattern")
        if text(value(style, "FillMode", "")) == "STIPPELED" and isinstance(pattern, bytes) and len(pattern) == _TILE:
            found["stipple"] = tuple(int.from_bytes(pattern[i : i + 4], "big") for i in range(0, _TILE, 4))
            if _opacity(style, "PatternOffOpacity") > 0:
                found["behind"] = _color(style, "PatternOffColorCIELabValue")
                found["behind_covering"] = _opacity(style, "PatternOffOpacity")
    return found


def text_style(item: Dataset, place: Callable[[Point, str], Point]) -> dict[str, Any]:
    """Return the fields of a `Text` that the style of a text object sets; empty where it has none.

    Parameters
    ----------
    item : Dataset
        Item of the Text Object Sequence (0070,0008).
    place : callable
        (x, y), annotation units -> image coordinates: a shadow's offset is in those of the anchor, if there is one.

    """
    found: dict[str, Any] = {}
    units = text(value(item, "AnchorPointAnnotationUnits", "") or value(item, "BoundingBoxAnnotationUnits", "PIXEL"))
    for style in items(item, "TextStyleSequence")[:1]:
        for name, keyword in (("bold", "Bold"), ("italic", "Italic"), ("underlined", "Underlined")):
            found[name] = text(value(style, keyword, "N")) == "Y"
        if color := _color(style, "TextColorCIELabValue"):
            found["color"] = color
        family = text(value(style, "CSSFontName", "")).casefold()
        found["family"] = next((f for f in _FONTS if f in family.replace("sans-serif", "")), "sans-serif")
        if across := text(value(style, "HorizontalAlignment", "")):
            found["justified"] = across
        found["lifted"] = _LIFTED.get(text(value(style, "VerticalAlignment", "")), 0.0)
        found["shadow"] = _shadow(style, units, place)
    return found


def dash_lengths(pattern: int) -> tuple[int, ...]:
    """Return a Line Pattern (0070,0255) as lengths: drawn, not drawn, drawn, ..., an even number of them.

    A bit that is set is drawn. The Standard does not say how long a bit is, nor which one comes first: one pixel of the
    screen, and the most significant one. A pattern with all bits set, or none, is a solid line.
    """
    runs = [(bit, len(list(group))) for bit, group in itertools.groupby(f"{pattern & 0xFFFFFFFF:032b}")]
    if len(runs) == 1:
        return ()
    lengths = [length for _, length in runs]
    lengths = lengths if runs[0][0] == "1" else [0, *lengths]
    return tuple(lengths if len(lengths) % 2 == 0 else [*lengths, 0])


def _shadow(style: Dataset, units: str, place: Callable[[Point, str], Point]) -> Shadow | None:
    """Return the shadow of a line or text style, or None where it has no visible one."""
    kind = text(value(style, "ShadowStyle", "OFF"))
    along = [number(style, k) or 0.0 for k in ("ShadowOffsetX", "ShadowOffsetY")]
    if kind not in ("NORMAL", "OUTLINED") or not all(abs(a) < _LARGEST for a in along) or not any(along):
        return None
    origin = place((0.0, 0.0), units)
    lengths = (math.dist(place((along[0], 0.0), units), origin), math.dist(place((0.0, along[1]), units), origin))
    right, down = (min(_LARGEST, math.copysign(length, a)) for length, a in zip(lengths, along, strict=True))
    color, opacity = _color(style, "ShadowColorCIELabValue") or "#000000", _opacity(style, "ShadowOpacity")
    return Shadow(color, opacity, (right, down), kind == "OUTLINED")


def _color(style: Dataset, keyword: str) -> str:
    lab = numbers(style, keyword, 3)
    return color_of_cielab(lab) if lab else ""


def _opacity(style: Dataset, keyword: str) -> float:
    found = number(style, keyword)
    return 1.0 if found is None or not math.isfinite(found) else max(0.0, min(1.0, found))
