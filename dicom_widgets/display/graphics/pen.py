"""Drawing of shapes on an image, as pages do it on a canvas (frontend/view/paint/shapes.js)."""

from __future__ import annotations

import itertools
import math
import unicodedata
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dicom_widgets.display.graphics.label_placement import Box, leader_line, place_label
from dicom_widgets.display.graphics.shapes import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dicom_widgets.display.graphics.shapes import Shape, Text
    from dicom_widgets.display.graphics.styles import Shadow
    from dicom_widgets.geometry.point import Point

_LINK: Final = (2, 3)
"""Dashes of the line from a figure to its label."""
_LONGEST: Final = 1e5
"""Length of the longest line that is dashed, in pixels."""
_WIDEST: Final = 100
"""The widest outline, in pixels: the cost of a letter grows with its square."""
_SHARES: Final = {"CENTER": 0.5, "RIGHT": 1.0}
"""Share of the free width of a box that lies left of its text (PS3.3 C.10.5.1.1)."""
_SPELT: Final = str.maketrans({"²": "^2", "³": "^3", "×": "x", "–": "-", "µ": "u", "μ": "u", "ß": "ss"})
_ALIGNED: Final = {0.0: "left", 0.5: "center", 1.0: "right"}


def to_ascii(words: str) -> str:
    """Return a text in what the built-in font has: ASCII, ° and ·. Other scripts are missing in it."""
    apart = unicodedata.normalize("NFD", words.translate(_SPELT))
    return unicodedata.normalize("NFC", "".join(c for c in apart if not "\u0300" <= c <= "\u036f"))


def draw(image: Image.Image, shapes: Sequence[Shape], to_screen: Callable[[Point], Point]) -> None:
    """Draw shapes on an RGB(A) image, in place; pages draw the same list on a canvas."""
    taken: list[Box] = []
    scale = math.dist(to_screen((0.0, 0.0)), to_screen((1.0, 0.0)))
    for shape in shapes:
        if isinstance(shape, Line):
            _line(image, shape, [to_screen(p) for p in shape.points], scale)
        else:
            _text(image, shape, to_screen, scale, taken)


def _text(image: Image.Image, shape: Text, to_screen: Callable[[Point], Point], scale: float, taken: list[Box]) -> None:
    """Draw a text, moved into the image where it would leave it, and add its box to `taken`."""
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(max(12, image.height // 40))
    ends = [to_screen(shape.at), to_screen(shape.opposite or shape.at)]
    left, top = (min(x) for x in zip(*ends, strict=True))
    if shape.leader:
        pen.line([(left, top), to_screen(shape.leader)], fill=shape.color, width=1)
    share = _SHARES.get(shape.justified, 0.0) if shape.opposite else 0.0
    said = to_ascii(shape.words)
    _, _, wide, high = pen.multiline_textbbox((0, 0), said, font=font)
    x = left + share * (max(x for x, _ in ends) - left - wide)
    lifted = shape.lifted if shape.opposite else 0.0
    y = top + lifted * (max(y for _, y in ends) - top - high)
    room = image.width - wide - 2, image.height - high - 2
    at = max(2, min(x, room[0])), max(2, min(y, room[1]))
    if shape.around:
        figure = [to_screen(p) for p in shape.around]
        at = at if shape.placed else place_label(figure, (wide, high), image.size, taken)
        far = leader_line(figure, (*at, wide, high))
        for part in dash_segments(far, _LINK) if far else ():
            pen.line(part, fill=shape.color, width=1)
    taken.append((*at, wide, high))
    words: dict[str, Any] = {"text": said, "font": font, "align": _ALIGNED[share]}
    if shape.shadow:
        (dx, dy), out = _cast(shape.shadow, scale)
        for dark, ink in _inks(image, shape.shadow.color, shape.shadow.opacity):
            dark.multiline_text((at[0] + dx, at[1] + dy), **words, fill=ink, stroke_width=out, stroke_fill=ink)
    pen.multiline_text(at, **words, fill=shape.color, stroke_width=2, stroke_fill="black")
    if shape.bold:  # the font has one weight, and no italics
        pen.multiline_text(at, **words, fill=shape.color, stroke_width=1, stroke_fill=shape.color)
    if shape.underlined:
        for color, width in (("black", 5), (shape.color, 1)):
            pen.line([(at[0], at[1] + high + 2), (at[0] + wide, at[1] + high + 2)], fill=color, width=width)


def _line(image: Image.Image, shape: Line, points: list[Point], scale: float) -> None:
    width = 2 if shape.width is None else max(1, math.floor(shape.width * scale + 0.5))
    if shape.shadow:
        (dx, dy), out = _cast(shape.shadow, scale)
        for pen, ink in _inks(image, shape.shadow.color, shape.shadow.opacity):
            pen.line([(x + dx, y + dy) for x, y in points], fill=ink, width=width + 2 * out)
    if shape.filled:
        _fill(image, shape, points)
    if shape.dashes and shape.between:
        for pen, ink in _inks(image, shape.between, shape.opacity):
            pen.line(points, fill=ink, width=width)
    for pen, ink in _inks(image, shape.color, shape.opacity):
        for part in dash_segments(points, shape.dashes):
            pen.line(part, fill=ink, width=width)


def _fill(image: Image.Image, shape: Line, points: list[Point]) -> None:
    if shape.behind:
        for pen, ink in _inks(image, shape.behind, shape.behind_covering):
            pen.polygon(points, fill=ink)
    for pen, ink in _inks(image, shape.inside or shape.color, shape.covering, shape.stipple):
        pen.polygon(points, fill=ink)


def _inks(
    image: Image.Image, color: str, opacity: float, stipple: Sequence[int] = ()
) -> Iterator[tuple[ImageDraw.ImageDraw, Any]]:
    """Yield a pen and its ink; with opacity or a stipple, what was drawn is composited over the image afterwards."""
    if opacity >= 1 and not stipple:
        yield ImageDraw.Draw(image), color
        return
    mask = Image.new("L", image.size)
    yield ImageDraw.Draw(mask), math.floor(opacity * 255 + 0.5)
    if stipple:
        tile = np.unpackbits(np.array(stipple, ">u4").view(np.uint8).reshape(-1, 4), axis=1)
        rows, columns = (np.arange(n) % len(tile) for n in (image.height, image.width))
        mask = Image.fromarray(np.asarray(mask) * tile[np.ix_(rows, columns)])
    image.paste(color, mask=mask)


def _cast(shadow: Shadow, scale: float) -> tuple[Point, int]:
    """Return how far a shadow lies from what casts it, and how much wider it is on each side, in screen pixels."""
    dx, dy = (length * scale for length in shadow.offset)
    return ((0.0, 0.0), min(_WIDEST, math.floor(math.hypot(dx, dy) + 0.5))) if shadow.outlined else ((dx, dy), 0)


def dash_segments(points: Sequence[Point], dashes: Sequence[int]) -> list[list[Point]]:
    """Return the parts of a line that are drawn (`Line.dashes`); a very long one is drawn whole."""
    long = sum(itertools.starmap(math.dist, itertools.pairwise(points)))
    if not dashes or not long < _LONGEST:
        return [list(points)]
    parts: list[list[Point]] = []
    place, left, drawn = 0, float(dashes[0]), True
    part = [points[0]]
    for start, end in itertools.pairwise(points):
        at, length = 0.0, math.dist(start, end)
        while length - at > left:
            at += left
            here = (start[0] + (end[0] - start[0]) * at / length, start[1] + (end[1] - start[1]) * at / length)
            if drawn:
                parts.append([*part, here])
            place, drawn, part = (place + 1) % len(dashes), not drawn, [here]
            left = float(dashes[place])
        left -= length - at
        part.append(end)
    return [p for p in ([*parts, part] if drawn else parts) if any(q != p[0] for q in p)]
