"""Layers that the notebook lays over images: an array for one or for all of them, or a series of the same grid."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import traitlets

from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.dicom.values import numbers, text
from dicom_widgets.display.picture.color_overlay import (
    ColorOverlay,
    checked_opacity,
    color_overlay,
    full_window,
    is_mask,
)
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.errors import GeometryError, NotFound
from dicom_widgets.geometry.plane import plane_of
from dicom_widgets.widgets.viewport.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dicom_widgets.geometry.stack import Frame
    from dicom_widgets.session.session import Session

_CLOSE: Final = 0.01
"""Millimetres by which the corners of two images of one grid may differ."""
FrameKey = tuple[str, int]
"""SOP Instance UID and frame."""
PlacedPlane = tuple[tuple[Any, ...], np.ndarray]


@dataclass(frozen=True, eq=False)
class LayerValues:
    """What lies over which image."""

    found: Mapping[FrameKey, Callable[[], np.ndarray]]
    window: Any
    """Of the colour map, the same for all images; None for labels."""
    name: str = ""


class AddedLayer:
    """A layer over the images of a viewport (`Viewport.add`)."""

    def __init__(self, viewport: Layered, planes: LayerValues, name: str, cmap: str | None, opacity: float) -> None:
        self._viewport, self._planes, self._cmap, self._opacity = viewport, planes, cmap, opacity
        self.name = name
        """What it is called in the Layers menu."""

    def __repr__(self) -> str:
        return f"<AddedLayer {self.name!r}, opacity {self.opacity:g}{'' if self.visible else ', hidden'}>"

    @property
    def switch(self) -> str:
        """What it is called in `Viewport.hidden`."""
        return f"added {self.name}"

    @property
    def opacity(self) -> float:
        """From 0 to 1."""
        return float(self._viewport.opacity.get(self.switch, self._opacity))

    @opacity.setter
    def opacity(self, value: float) -> None:
        self._viewport.opacity = {**self._viewport.opacity, self.switch: checked_opacity(value)}

    @property
    def visible(self) -> bool:
        """Whether it is painted."""
        return self.switch not in self._viewport.hidden

    @visible.setter
    def visible(self, value: bool) -> None:
        others = tuple(name for name in self._viewport.hidden if name != self.switch)
        self._viewport.hidden = others if value else (*others, self.switch)

    def remove(self) -> None:
        """Take it off the images."""
        self._viewport.discard(self)

    def overlay(self, place: FrameKey) -> ColorOverlay | None:
        """Return what it paints over an image."""
        values = self._planes.found.get(place)
        if values is None:
            return None
        return color_overlay(values(), self.name, self._cmap, self.opacity, self._planes.window)


class Layered(View):
    """What a viewport does with layers."""

    opacity = traitlets.Dict()
    """Of layers that were added and then changed, by their switch; `viewport.layers[0].opacity = 0.3` sets it."""
    hidden: tuple[str, ...]
    _added: tuple[AddedLayer, ...] = ()

    @property
    def layers(self) -> tuple[AddedLayer, ...]:
        """What was added, in the order of painting."""
        return self._added

    def add(
        self, what: Any, cmap: str | None = None, opacity: float = 0.5, window: Any = None, name: str | None = None
    ) -> AddedLayer:
        """Lay an array or a series over the images; it stays with them when one scrolls.

        Parameters
        ----------
        what : array, xarray or entity
            (rows, columns) for the image that is shown, (slices, rows, columns) for all of the viewport, or a series of
            the same grid. Truth values and whole numbers are labels, each in a colour of its own, 0 is transparent;
            other numbers are shown in a colour map, NaN transparent.
        cmap : str, optional
            "hot_iron" (where one is needed), "pet", "hot_metal_blue", "pet_20_step" or "grey"; whole numbers are then
            values, not labels.
        opacity : float
            From 0 to 1.
        window : Window or (center, width), optional
            What the colour map is spread over; without it, from the smallest to the largest value.
        name : str, optional
            Its name in the Layers menu; a layer of the same name is replaced.

        Returns
        -------
        AddedLayer
            `.opacity`, `.visible`, `.remove()`.

        Raises
        ------
        ValueError, TypeError
            An array of another size or kind, an unknown colour map.
        GeometryError
            A series of another grid: it would have to be resampled.
        NotFound
            Nothing is shown, or the session does not hold the series.

        """
        here = self._here()
        if here is None:
            raise NotFound(
                "A plane or a sheet of frames takes no layers: add them to its images."
                if self._reel.frames
                else "This viewport shows nothing yet, so nothing can be laid over it: viewport.show(series)."
            )
        planes = planes_of(self.session, self._reel.frames, here, what, cmap, window)
        taken = {layer.name for layer in self._added}
        free = next(n for i in itertools.count(1) if (n := f"layer {i}") not in taken)
        layer = AddedLayer(self, planes, text(name or planes.name, 64) or free, cmap, checked_opacity(opacity))
        layer.overlay((here[0].uid, here[1]))  # what is wrong with it is said here
        with self._lock:
            self._added = (*(old for old in self._added if old.name != layer.name), layer)
        self._forget(layer)
        return layer

    def discard(self, layer: AddedLayer) -> None:
        """Take a layer off the images (`AddedLayer.remove`)."""
        with self._lock:
            self._added = tuple(old for old in self._added if old is not layer)
        self._forget(layer)

    def _forget(self, layer: AddedLayer) -> None:
        """Show the images anew, and forget what the hand did to a layer of this name."""
        with self._lock:
            surface, name = self._surface, layer.switch
            look = dataclasses.replace(surface.look, hidden=tuple(h for h in surface.look.hidden if h != name))
            opacity = {k: v for k, v in surface.opacity.items() if k != name}
            self._surface = dataclasses.replace(surface, look=look, opacity=opacity)
        self._mirror()
        self._offered()

    def layered(self, picture: Picture, place: FrameKey | None) -> Picture:
        """Return the picture of a frame with the layers over it; what is no frame says that it has none."""
        if place is None and self._added:
            said = [*picture.texts.get("br", []), "Added layers are not shown here"]
            return dataclasses.replace(picture, texts={**picture.texts, "br": said})
        if place is None:
            return picture
        found = [overlay for layer in self._added if (overlay := layer.overlay(place))]
        return picture.over(*found) if found else picture


def planes_of(
    session: Session, frames: Sequence[Frame], here: Frame, what: Any, cmap: str | None, window: Any
) -> LayerValues:
    """Return which plane of an array or of a series lies over which frame.

    Raises
    ------
    ValueError, TypeError
        An array of another size, or of something else.
    GeometryError
        A series that has another grid, so that it would have to be resampled.

    """
    if isinstance(what, Entity | Instance | str):
        return _of_series(session, frames, what, window)
    name = text(getattr(what, "name", None) or "")
    dims = getattr(what, "dims", ())
    if {"row", "column"} <= set(dims):
        what = what.transpose(..., "row", "column")
    values = np.asarray(what)
    if values.dtype.kind not in "biuf":
        raise TypeError(
            f"A {type(what).__name__} with values of type {values.dtype} cannot be laid over an image: give an array of"
            " real numbers, or a series that the session holds."
        )
    grids = _over(values, frames, here)
    if is_mask(values, cmap):
        window = None
    elif window is None:
        window = full_window(values)
    return LayerValues({(i.uid, n): partial(np.asarray, grid) for (i, n), grid in grids}, window, name)


def _over(values: np.ndarray, frames: Sequence[Frame], here: Frame) -> list[tuple[Frame, np.ndarray]]:
    """Return each plane with its frame: two dimensions are for the image that is shown, three for all."""
    one = values.ndim == 2
    over: Sequence[Frame] = [here] if one else frames
    sizes = {i.size for i, _ in over}
    if values.ndim not in (2, 3) or (not one and len(values) != len(frames)) or sizes != {values.shape[-2:]}:
        rows, columns = here[0].size
        raise ValueError(
            f"An array of shape {values.shape} does not fit: the image that is shown takes ({rows}, {columns}), and all"
            f" {len(frames)} of this viewport together ({len(frames)}, {rows}, {columns})"
            + (", if they were of one size." if len(sizes) > 1 else ".")
        )
    return list(zip(over, [values] if one else values, strict=True))


def _of_series(session: Session, frames: Sequence[Frame], what: Any, window: Any) -> LayerValues:
    theirs = [f for stack in session.stacks(what) for f in stack.frames]
    if not theirs:
        raise NotFound(f"The session holds no images of {what!r}. Retrieve them first: session.retrieve(...).")
    ours = [(_grid(i, n), (i.uid, n)) for i, n in frames]
    found: dict[FrameKey, Callable[[], np.ndarray]] = {}
    for instance, number in theirs:
        grid = _grid(instance, number)
        place = next((p for g, p in ours if _same(grid, g)), None)
        if place is None:
            raise GeometryError(
                f"{what!r} would have to be resampled: its images lie on another grid than those of this viewport, or"
                " do not say where they lie, and only layers of the same grid can be added. Resample it first and add"
                " the array."
            )
        found[place] = partial(session.array, instance, number)
    middle = session.present(*theirs[len(theirs) // 2])
    if window is None:
        shown = middle.window if isinstance(middle, Picture) else None
        window = shown or full_window(session.array(*theirs[len(theirs) // 2]))
    return LayerValues(found, window, text(theirs[0][0].value("SeriesDescription", "")))


def _grid(instance: Instance, frame: int) -> PlacedPlane | None:
    """Return frame of reference and matrix, and where three corners lie; None where that is not known."""
    lies, source = plane_of(instance, frame), instance.header if instance.groups is None else instance.attributes(frame)
    spacing, reference = numbers(source, "PixelSpacing", 2), text(instance.value("FrameOfReferenceUID", ""))
    if lies is None or spacing is None or not reference:
        return None
    rows, columns = instance.size
    first, (down, across) = np.array(lies.position), spacing
    corners = first + np.array(
        [np.zeros(3), np.array(lies.row) * across * columns, np.array(lies.column) * down * rows]
    )
    return (reference, rows, columns), corners


def _same(one: PlacedPlane | None, other: PlacedPlane | None) -> bool:
    return (
        one is not None and other is not None and one[0] == other[0] and bool(np.abs(one[1] - other[1]).max() < _CLOSE)
    )
