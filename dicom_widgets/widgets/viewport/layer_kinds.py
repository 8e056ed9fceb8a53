"""Kinds of layers: what can be laid over images, and how its values are found. Other packages may add some."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.dicom.values import numbers, text
from dicom_widgets.display.picture.color_overlay import full_window, is_mask
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.errors import GeometryError, NotFound
from dicom_widgets.geometry.plane import plane_of
from dicom_widgets.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dicom_widgets.geometry.stack import Frame
    from dicom_widgets.registry import Registration
    from dicom_widgets.session.session import Session

_CLOSE: Final = 0.01
"""Millimetres by which the corners of two images of one grid may differ."""
FrameKey = tuple[str, int]
"""SOP Instance UID and frame."""
PlacedPlane = tuple[tuple[Any, ...], np.ndarray]
"""Frame of reference and matrix; three corners in mm (LPS)."""


@dataclass(frozen=True, eq=False)
class LayerRequest:
    """What is to be laid over which images."""

    session: Session
    frames: Sequence[Frame]
    """All images of the viewport, in the order of scrolling."""
    here: Frame
    """The one that is shown."""
    what: Any
    """What `Viewport.add` was given."""
    cmap: str | None
    window: Any


@dataclass(frozen=True, eq=False)
class LayerValues:
    """What lies over which image."""

    found: Mapping[FrameKey, Callable[[], np.ndarray]]
    """Image -> what gives the values over it, (rows, columns); images that have nothing over them are not there."""
    window: Any
    """What the colour map is spread over, the same for all images; None for labels."""
    name: str = ""
    """What the layer is called where the user gives it no name."""


Kind = type | Callable[[Any], bool]
"""A type, or a function that says whether something is of the kind."""
Values = Callable[[LayerRequest], LayerValues]


def layer_values(request: LayerRequest) -> LayerValues:
    """Return which plane of an array, of a series or of something else lies over which frame.

    Raises
    ------
    ValueError, TypeError
        An array of another size, or of something else.
    GeometryError
        A series that has another grid, so that it would have to be resampled.

    """
    fits = (values for kind, values in reversed([*LAYER_KINDS.items()]) if _is(request.what, kind))
    return next(fits)(request)


def _is(what: Any, kind: Kind) -> bool:
    return isinstance(what, kind) if isinstance(kind, type) else kind(what)


def _of_array(request: LayerRequest) -> LayerValues:
    what, window = request.what, request.window
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
    grids = _over(values, request.frames, request.here)
    if is_mask(values, request.cmap):
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


def _of_series(request: LayerRequest) -> LayerValues:
    session, what, window = request.session, request.what, request.window
    theirs = [f for stack in session.stacks(what) for f in stack.frames]
    if not theirs:
        raise NotFound(f"The session holds no images of {what!r}. Retrieve them first: session.retrieve(...).")
    ours = [(_grid(i, n), (i.uid, n)) for i, n in request.frames]
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


LAYER_KINDS: Final[Registry[Kind, Values]] = Registry(
    "A kind of layer", {object: _of_array, Entity: _of_series, Instance: _of_series, str: _of_series}
)
"""Kind -> what gives the values of such a layer. The last kind that fits counts, so the first row is for the rest."""


def register(kind: Kind, values: Values) -> Registration:
    """Let `viewport.add` take a further kind of things; closing what is returned takes it away again.

    Parameters
    ----------
    kind : type or callable
        The type of these things, or a function that says whether something is one.
    values : callable
        Takes a `LayerRequest` and returns the `LayerValues`.

    Raises
    ------
    ValueError
        The kind is there already.

    """
    return LAYER_KINDS.register(kind, values)
