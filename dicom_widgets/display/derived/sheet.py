"""Sheets: frames side by side as one picture, with one window for all of them (requirement NP2).

A sheet is made of stored values in the kernel; pages do not know that it is several frames. Between frames lies
padding, black under any window and never averaged in. Frames of different rescales are combined as codes of modality
values.
"""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.display.derived.slab import layer_of_values
from dicom_widgets.display.graphics.shapes import Text
from dicom_widgets.display.picture.layer import Color, Grey, Layer, turn
from dicom_widgets.display.pipeline.grayscale import Chain, Modality, is_padding
from dicom_widgets.display.pipeline.view_settings import Window
from dicom_widgets.geometry.plane import edge_letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.display.picture.picture import Picture
    from dicom_widgets.display.pipeline.grayscale import Table
    from dicom_widgets.display.pipeline.view_settings import VoiLut
    from dicom_widgets.display.values.value_semantics import ValueSemantics

Arrangement = tuple[int, int]
"""Rows and columns of frames."""
_NAME: Final = "Frames"
"""The graphic layer of the labels."""
_MOST: Final = 36
"""The most frames on a sheet whose arrangement is chosen automatically."""
_PIXELS: Final = 1 << 22
"""The most pixels of such a sheet, so that large frames are sent soon; it has at least two frames."""


def arrangement(count: int, frame: tuple[float, float], size: tuple[int, int]) -> Arrangement:
    """Return the rows and columns with which frames are shown largest.

    Parameters
    ----------
    count : int
        Number of frames; a sheet has at most 36, and fewer large ones.
    frame : (height, width)
        Of a frame, in any unit.
    size : (height, width)
        Of the screen.

    """
    count = max(1, min(count, max(2, min(_MOST, int(_PIXELS / (frame[0] * frame[1]))))))
    grids = [(math.ceil(count / columns), columns) for columns in range(1, count + 1)]

    def seen(grid: Arrangement) -> tuple[float, int, int]:
        scale = min(size[0] / (grid[0] * frame[0]), size[1] / (grid[1] * frame[1]))
        return scale, -grid[0] * grid[1], grid[1]

    return max(grids, key=seen)


def sheet(
    pictures: Sequence[Picture | None],
    grid: Arrangement,
    labels: Sequence[str] = (),
    *,
    window: Window | VoiLut | tuple[float, float] | str | None = None,
    **look: Any,
) -> Picture:
    """Return frames side by side, row by row, as one picture.

    The window is that of the first frame; one that was made from values of a frame is made from all of them. Each frame
    is turned as its presentation state says. Annotations are left out, and the picture says so.

    Parameters
    ----------
    pictures : sequence of Picture
        Of one size, all grey or all in colour; None leaves a place empty.
    grid : (rows, columns)
    labels : sequence of str
        A label for each frame; by default they are counted from 1.
    window : Window, (center, width) or name, optional
        Instead of that of the frames.
    **look
        invert, turns, flip, hidden (`ViewSettings`) of the sheet as a whole.

    Raises
    ------
    ValueError
        Frames of different sizes or kinds, or more than there is room for.

    """
    shown = [p for p in pictures if p is not None]
    kinds = {(type(p.layers[0]), turn(p.layers[0].values, p.turns, flip=p.flip).shape) for p in shown}
    if len(kinds) != 1 or len(pictures) > grid[0] * grid[1]:
        raise ValueError(
            f"{len(pictures)} pictures cannot be put side by side in {grid[0]} rows and {grid[1]} columns: they must be"
            " of one size, all grey or all in colour, and one at least."
        )
    made = _Sheet(pictures, shown[0], grid).picture(labels or [str(n) for n in range(1, len(pictures) + 1)])
    if any(p.shapes for p in shown):
        made = without(made, "annotations")
    return made.looked_at(window, **look)


def without(made: Picture, what: str) -> Picture:
    """Return a sheet that says what of its frames it leaves out: `annotations`. Their words would cover the frames."""
    said = f"{what.capitalize()} are shown on single frames, not on a sheet"
    return dataclasses.replace(
        made,
        texts={**made.texts, "br": [*made.texts.get("br", []), said]},
        record={**made.record, "not_applied": [*made.record["not_applied"], f"{what} on a sheet"]},
    )


@dataclasses.dataclass(frozen=True)
class _Sheet:
    """Frames and their arrangement."""

    pictures: Sequence[Picture | None]
    first: Picture
    """The first frame."""
    grid: Arrangement

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of a frame after its turns."""
        rows, columns = self.first.layers[0].shape
        return (columns, rows) if self.first.turns % 2 else (rows, columns)

    @property
    def gap(self) -> int:
        """Pixels between two frames."""
        return max(1, self.size[1] // 128)

    def corner(self, n: int) -> tuple[int, int]:
        """Return the row and the column at which a frame begins."""
        row, column = divmod(n, self.grid[1])
        return row * (self.size[0] + self.gap), column * (self.size[1] + self.gap)

    def mosaic(self, grids: Sequence[np.ndarray | None], fill: Any) -> np.ndarray:
        """Return grids of the stored size side by side, with `fill` between them and in empty places."""
        one = next(g for g in grids if g is not None)
        bottom, right = self.corner(self.grid[0] * self.grid[1] - 1)
        out = np.full((bottom + self.size[0], right + self.size[1], *one.shape[2:]), fill, one.dtype)
        for n, (grid, picture) in enumerate(zip(grids, self.pictures, strict=True)):
            if grid is not None and picture is not None:
                (top, left), lying = self.corner(n), turn(grid, picture.turns, flip=picture.flip)
                out[top : top + self.size[0], left : left + self.size[1]] = lying
        out.flags.writeable = False
        return out

    def picture(self, labels: Sequence[str]) -> Picture:
        """Return the frames as one picture."""
        first, shown = self.first, [p for p in self.pictures if p is not None]
        layer, modality = self._layer()
        odd = first.turns % 2 == 1
        _, _, row, column = edge_letters(*first.runs, first.turns, first.flip)
        stage = {"stage": "sheet", "used": f"{len(shown)} frames, {self.grid[0]} x {self.grid[1]}", "from": "the user"}
        return dataclasses.replace(
            first,
            title=f"{len(shown)} frames",
            key=f"{first.key} to {shown[-1].key}, {self.grid[0]} x {self.grid[1]}",
            layers=(layer,),
            turns=0,
            flip=False,
            aspect=1 / first.aspect if odd else first.aspect,
            meaning=self._meaning(layer, modality, odd=odd),
            home=None,
            shutter=self._shutter(),
            overlays=self._overlays(shown),
            shapes=tuple(self._label(n, words) for n, words in enumerate(labels)),
            runs=(row, column),
            texts={**first.texts, "bl": first.texts.get("bl", [])[:1]},
            burned=any(p.burned for p in shown),
            record={
                **first.record,
                "frames": [p.key for p in shown],
                "stages": [stage, *first.record["stages"]],
            },
        )

    # --- layers, covers, labels

    def _layer(self) -> tuple[Layer, Modality | None]:
        """Return all frames as one layer, and the stage from its stored values to modality values."""
        layers = [p.layers[0] if p is not None else None for p in self.pictures]
        first = self.first.layers[0]
        if not isinstance(first, Grey):
            return self._colors([x if isinstance(x, Color) else None for x in layers]), None
        greys = [x if isinstance(x, Grey) else None for x in layers]
        if all(x is None or _alike(x, first) for x in greys):
            return self._stored(greys, first), self.first.meaning.modality
        measured = self.mosaic([None if x is None else x.chain.modality(x.values).astype(float) for x in greys], np.nan)
        hidden = self.mosaic([None if x is None else is_padding(x.values, x.chain.padding) for x in greys], fill=True)
        chain = dataclasses.replace(first.chain, voi=self._voi(first.chain, measured[~hidden]))
        return layer_of_values(chain, measured[None], "MIP", hidden[None])[0], Modality()

    def _colors(self, colors: Sequence[Color | None]) -> Color:
        values = self.mosaic([None if x is None else x.values for x in colors], 0)
        if not any(x is not None and x.plain is not None for x in colors):
            return Color(values)
        plain = self.mosaic([None if x is None else x.values if x.plain is None else x.plain for x in colors], 0)
        return Color(values, plain=plain, profile=next(x.profile for x in colors if x is not None and x.profile))

    def _stored(self, greys: Sequence[Grey | None], first: Grey) -> Grey:
        grids = [None if x is None else x.values for x in greys]
        fill, padding = _between([g for g in grids if g is not None], first.chain)
        seen = np.concatenate([x.values[~is_padding(x.values, x.chain.padding)] for x in greys if x is not None])
        chain = dataclasses.replace(
            first.chain, padding=padding, voi=self._voi(first.chain, first.chain.modality(seen))
        )
        return Grey(self.mosaic(grids, fill), chain, first.palette, aliased=first.aliased)

    def _voi(self, chain: Chain, seen: np.ndarray) -> Window | Table:
        """Return the window of the first frame; one that was made from its values is made from all values."""
        automatic = self.first.automatic == "frame" and seen.size
        return Window.over(float(seen.min()), float(seen.max()), "auto") if automatic else chain.voi

    def _meaning(self, layer: Layer, modality: Modality | None, *, odd: bool) -> ValueSemantics:
        """Return the value semantics of the sheet; it belongs to no instance, so nothing is measured on it."""
        was = self.first.meaning
        factors = {p.meaning.suv for p in self.pictures if p is not None}
        spacing = was.spacing
        if odd:
            spacing = dataclasses.replace(spacing, down=spacing.across, across=spacing.down)
        return dataclasses.replace(
            was,
            instance="",
            frame=1,
            modality=modality,
            padding=layer.chain.padding if isinstance(layer, Grey) else None,
            spacing=spacing,
            aspect=1 / was.aspect if odd else was.aspect,
            plane=None,
            pitch=None,
            regions=(),
            suv=was.suv if len(factors) == 1 else None,
            subtraction=None,
            tile=(self.size[1] + self.gap, self.size[0] + self.gap),
        )

    def _shutter(self) -> Any:
        found = [p.shutter if p is not None else None for p in self.pictures]
        one = next((s for s in found if s is not None), None)
        if one is None:
            return None
        return dataclasses.replace(
            one, hidden=self.mosaic([None if s is None else s.hidden for s in found], fill=False)
        )

    def _overlays(self, shown: Sequence[Picture]) -> tuple[Any, ...]:
        names = {o.name: o for p in shown for o in p.overlays}
        made = []
        for name, one in names.items():
            bits = [next((o.bits for o in p.overlays if o.name == name), None) if p else None for p in self.pictures]
            made.append(dataclasses.replace(one, bits=self.mosaic(bits, fill=False)))
        return tuple(made)

    def _label(self, n: int, words: str) -> Text:
        top, left = self.corner(n)
        return Text(words, (left, top), opposite=(left + self.size[1], top + self.size[0]), layer=_NAME)


def _alike(one: Grey, other: Grey) -> bool:
    """Whether equal stored values of two layers mean the same and look the same but for the window."""
    a, b = one.chain, other.chain
    plain = all(g.code_values is None and g.chain.modality.table is None and g.palette is None for g in (one, other))
    lines = {(c.modality.slope, c.modality.intercept, c.padding, c.signed, c.inverse) for c in (a, b)}
    return one is other or (plain and len(lines) == 1 and one.values.dtype == other.values.dtype)


def _between(grids: Sequence[np.ndarray], chain: Chain) -> tuple[int, tuple[int, int] | None]:
    """Return the value between frames, and the padding that it is: black under any window, and never averaged in."""
    if chain.padding is not None:
        return chain.padding[0], chain.padding
    low, high = min(int(g.min()) for g in grids), max(int(g.max()) for g in grids)
    limits = np.iinfo(grids[0].dtype)
    free = low - 1 if low > limits.min else high + 1
    return (free, (free, free)) if free <= limits.max else (low, None)
