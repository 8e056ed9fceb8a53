"""Longitudinal cuts through a pullback: one line of each frame, side by side (requirement OC2).

The nearest pixels on 180 lines through the middle of each frame are kept, not the frames.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.values import number
from dicom_widgets.display.picture.layer import Grey
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.values.spacing import Spacing
from dicom_widgets.display.values.value_semantics import ValueSemantics
from dicom_widgets.errors import GeometryError, NotAnImage

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydicom.dataset import Dataset

    from dicom_widgets.display.pipeline.view_settings import VoiLut, Window

ANGLES: Final = 180
"""Number of cuts, one for each degree; half a turn further the same line runs backwards."""
_EVEN: Final = 0.01
"""Relative difference up to which the steps of a pullback are even."""
_SOURCE: Final = "Intravascular Longitudinal Distance (0052,0028)"
_GREY: Final = ("modality", "voi", "presentation LUT", "display")


@dataclass(frozen=True, eq=False)
class Pullback:
    """The lines through the middle of all frames of a pullback, at all angles."""

    lines: np.ndarray
    """(angle, sample, frame[, 3]): stored values of 16 bits or colours; samples lie one pixel apart."""
    source: Picture
    """A frame as it is presented: cuts have its window and texts."""
    step: float | None
    """Millimetres from frame to frame; None where they are not known or differ."""

    @property
    def spacing(self) -> Spacing:
        """Distances of a cut: along the line, and along the pullback."""
        pixel = self.source.spacing
        if self.step is None or pixel.unit != "mm":
            why = "the frames do not say how far apart they lie, or lie unevenly" if self.step is None else pixel.source
            return Spacing(source=why)
        return Spacing(pixel.down, self.step, "mm", pixel.label, f"{pixel.source} and {_SOURCE}")

    @property
    def aspect(self) -> float:
        """Height of a pixel of a cut divided by its width, also where no length may be measured."""
        pitch = self.source.meaning.pitch
        return pitch[0] / self.step if pitch and self.step else 1.0

    def picture(
        self, angle: int = 0, *, window: Window | VoiLut | tuple[float, float] | str | None = None, **look: Any
    ) -> Picture:
        """Return the cut at an angle.

        Parameters
        ----------
        angle : int
            Degrees clockwise from the top of a frame, 0 to 179; the first row is that end of the line.
        window : Window, (center, width) or name, optional
            Instead of that of the frames.
        **look
            invert, turns, flip (`ViewSettings`).

        Raises
        ------
        IndexError
            There is no such angle.

        """
        if not 0 <= angle < ANGLES:
            raise IndexError(f"There is no cut at {angle} degrees: there are {ANGLES}, from 0.")
        source, spacing = self.source, self.spacing
        layer = dataclasses.replace(source.layers[0], values=self.lines[angle], reductions={})
        own = [s for s in source.record["stages"] if s["stage"] in _GREY]
        cut = {"stage": "cut", "used": f"{angle} degrees, {self.lines.shape[2]} frames", "from": "the nearest pixels"}
        where = {"stage": "spacing", "used": f"{spacing.down:g} x {spacing.across:g} {spacing.unit}"}
        made = Picture(
            kind="image",
            title=f"Pullback {angle} degrees",
            record={**source.record, "stages": [cut, {**where, "from": spacing.source}, *own], "fidelity": "resampled"},
            key=f"{source.key}/cut/{angle}",
            layers=(layer,),
            aspect=self.aspect,
            meaning=ValueSemantics(
                modality=source.meaning.modality,
                unit=source.meaning.unit,
                padding=source.meaning.padding,
                spacing=spacing,
                aspect=self.aspect,
            ),
            burned=source.burned,
            texts={**source.texts, "bl": [*source.texts.get("bl", [])[:1], "Longitudinal cut"]},
            private=source.private,
            windows=source.windows,
            luts=source.luts,
        )
        return made.looked_at(window, **look)


def distance_of(ds: Dataset) -> float | None:
    """Return the Intravascular Longitudinal Distance of a frame in mm, or None where it does not say."""
    return number(ds, "IntravascularLongitudinalDistance")


def pullback_of(pictures: Iterable[Picture], distances: Sequence[float | None]) -> Pullback:
    """Return the cuts through frames in the order of their pullback.

    Parameters
    ----------
    pictures : iterable of Picture
        The frames as they are presented, one after the other: only lines of them are kept.
    distances : sequence of float or None
        Intravascular Longitudinal Distance of each frame in mm.

    Raises
    ------
    GeometryError
        The frames differ in size, or their pixels are not square.
    NotAnImage
        Their values need more than 16 bits.

    """
    lines: np.ndarray | None = None
    source, middle = None, len(distances) // 2
    for k, picture in enumerate(pictures):
        layer = picture.layers[0]
        if isinstance(layer, Grey) and layer.chain.coded:
            raise NotAnImage("The frames have values of more than 16 bits: there is no longitudinal cut of them.")
        rows, columns = _samples(*layer.shape)
        if lines is None:
            if abs(picture.aspect - 1) > _EVEN:
                raise GeometryError(f"A longitudinal cut needs square pixels; these are {picture.aspect:.3g} : 1.")
            size = layer.shape
            lines = np.empty((*rows.shape, len(distances), *layer.values.shape[2:]), layer.values.dtype)
        if layer.shape != size or layer.values.dtype != lines.dtype:
            raise GeometryError("The frames differ in size or kind, so there is no longitudinal cut through them.")
        lines[:, :, k] = layer.values[rows, columns]
        source = picture if k == middle else source
    assert lines is not None
    assert source is not None
    lines.flags.writeable = False
    return Pullback(lines, source, _step(distances))


def _samples(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return row and column of the nearest pixels on each line through the middle, (angle, sample)."""
    length = min(rows, columns)
    along = (length - 1) / 2 - np.arange(length)
    turn = np.deg2rad(np.arange(ANGLES))[:, None]
    x, y = (columns - 1) / 2 + along * np.sin(turn), (rows - 1) / 2 - along * np.cos(turn)
    near = (np.floor(np.round(at, 9) + 0.5).astype(np.intp) for at in (y, x))  # cosines of right angles are not quite 0
    down, across = near
    return down.clip(0, rows - 1), across.clip(0, columns - 1)


def _step(distances: Sequence[float | None]) -> float | None:
    places = [d for d in distances if d is not None]
    if len(places) < len(distances):
        return None
    steps = np.abs(np.diff(places))
    mean = float(steps.mean())
    return mean if mean > 0 and np.abs(steps - mean).max() <= _EVEN * mean else None
