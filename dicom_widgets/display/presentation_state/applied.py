"""Applying a presentation state to one frame, by the stages of PS3.4 N.2.

A stage that is absent from the state is the identity: that of the image is not used. Stages that are not supported are
named in the record and on the picture.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset

from dicom_widgets.dicom.instance import frames_of
from dicom_widgets.dicom.values import items, number, text, value
from dicom_widgets.display.graphics.overlay import COLOR as OVERLAY_COLOR
from dicom_widgets.display.graphics.overlay import Overlay, overlays_of
from dicom_widgets.display.graphics.shapes import DEFAULT, Shape, layer_color, shapes_of
from dicom_widgets.display.graphics.shutter import Shutter, bitmap_shutter_group, shutter_of
from dicom_widgets.display.pipeline.grayscale import (
    FULL,
    Chain,
    Modality,
    Table,
    modality_of,
    padding_of,
    stored_range,
    table_of,
    voi_choices,
)
from dicom_widgets.display.pipeline.view_settings import Window
from dicom_widgets.display.presentation_state.displayed_area import displayed_area
from dicom_widgets.geometry.plane import pixel_aspect_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import numpy as np

    from dicom_widgets.display.picture.placement import Home
    from dicom_widgets.geometry.point import Point


@dataclass(frozen=True, eq=False)
class Applied:
    """The stages of one frame, from a presentation state or from the image itself."""

    chain: Chain
    turns: int
    flip: bool
    shapes: tuple[Shape, ...]
    not_applied: tuple[str, ...]
    """Names of stages that are there and are not applied."""
    stages: tuple[tuple[str, str, str], ...]
    """(stage, what was used, from which attribute)."""
    overlays: tuple[Overlay, ...] = ()
    shutter: Shutter | None = None
    home: Home | None = None
    """The displayed area, in pixels of the untransformed image; None is the whole image, fitted."""
    aspect: float | None = None
    """Height of a pixel divided by its width, as the state says; None leaves it to the image."""
    automatic: bool = False
    """Whether the window spans the values of the frame, as nothing gives one."""


def apply_state(
    state: Dataset, image: Dataset, uid: str, frame: int, words: Callable[[], np.ndarray] | None = None
) -> Applied:
    """Return the stages of a presentation state for one frame.

    Parameters
    ----------
    state, image : Dataset
        Attributes of the state, and of the frame in front of its pixel data.
    uid, frame : str, int
        SOP Instance UID and frame of the image: items of the state may refer to some images only.
    words : callable, optional
        Returns the samples of the image with all their bits, for overlays that lie in them.

    """
    signed = number(image, "PixelRepresentation") == 1
    modality, source = modality_stage(state, image)
    voi, voi_source = _voi(state, image, modality, uid, frame)
    inverse = text(value(state, "PresentationLUTShape", "IDENTITY")) == "INVERSE"
    tables = [t for item in items(state, "PresentationLUTSequence") if (t := table_of(item, signed=False))]
    turns = int(number(state, "ImageRotation") or 0) // 90 % 4
    flip = text(value(state, "ImageHorizontalFlip", "N")) == "Y"
    overlays, shutter, notes = _covers(state, image, frame, words)
    display = displayed_area(list(_scoped(state, "DisplayedAreaSelectionSequence", uid, frame)), image)
    shapes = tuple(_shapes(state, uid, frame, display.place(turns, flip=flip)))
    layers = ", ".join(dict.fromkeys(s.layer or "no layer" for s in shapes))
    drawn = f"{len(shapes)} in {layers}" if shapes else "none"
    return Applied(
        Chain(
            modality,
            voi,
            inverse,
            padding_of(image, signed=signed),
            signed,
            dataclasses.replace(tables[0], first=0) if tables else None,
        ),
        turns,
        flip,
        shapes,
        (*display.notes, *notes),
        (
            ("modality", str(modality), f"presentation state: {source}"),
            ("voi", str(voi), voi_source),
            (
                "presentation LUT",
                str(tables[0]) if tables else "inverse" if inverse else "identity",
                f"presentation state: Presentation LUT {'Sequence (2050,0010)' if tables else 'Shape (2050,0020)'}",
            ),
            (
                "spatial",
                f"{turns * 90} degrees clockwise{', then flipped' if flip else ''}",
                "presentation state: (0070,0042), (0070,0041)",
            ),
            ("displayed area", display.words, "presentation state: (0070,005A)"),
            ("annotations", drawn, "presentation state: Graphic Annotation Sequence (0070,0001)"),
        ),
        overlays=overlays,
        shutter=shutter,
        home=display.home,
        aspect=display.aspect,
    )


def _covers(
    state: Dataset, image: Dataset, frame: int, words: Callable[[], np.ndarray] | None
) -> tuple[tuple[Overlay, ...], Shutter | None, list[str]]:
    """Return overlays, shutter, and notes on what is wrong with them (requirements PS15, PS16, SH2).

    A state activates overlays, its own or those of the image; its own replaces the image's of the same group. Others
    are not shown.
    """
    shape = int(number(image, "Rows") or 1), int(number(image, "Columns") or 1)
    found: dict[int, Overlay] = {}
    notes: list[str] = []
    for one in (*overlays_of(image, shape, frame, words), *overlays_of(state, shape, frame)):
        if isinstance(one, str):
            notes.append(one)
        else:
            found[one.group] = one
    layers = _layers(state)
    shown = []
    for group, overlay in sorted(found.items()):
        layer = text(state[group, 0x1001].value, 64) if (group, 0x1001) in state else ""
        if layer and group != bitmap_shutter_group(state):
            color = layer_color(layers[layer]) if layer in layers else OVERLAY_COLOR
            shown.append(dataclasses.replace(overlay, layer=layer, color=color))
    return tuple(shown), shutter_of(state, shape, found.values(), pixel_aspect_of(image)), notes


def _layers(state: Dataset) -> dict[str, Dataset]:
    return {text(value(item, "GraphicLayer", "")): item for item in items(state, "GraphicLayerSequence")}


def modality_stage(state: Dataset, image: Dataset) -> tuple[Modality, str]:
    """Return the modality stage of a state for an image, and where it comes from."""
    return modality_of(_with_sign(state, signed=number(image, "PixelRepresentation") == 1))


def _with_sign(state: Dataset, *, signed: bool) -> Dataset:
    """Return a state with the Pixel Representation of the image, by which its LUT descriptors are read."""
    view = Dataset()
    view.update(state)
    view.PixelRepresentation = int(signed)
    return view


def _scoped(state: Dataset, keyword: str, uid: str, frame: int) -> Iterator[Dataset]:
    """Yield the items of a sequence that name this frame, or no image at all (requirement PS6)."""
    for item in items(state, keyword):
        images = items(item, "ReferencedImageSequence")
        for ref in images:
            frames = frames_of(ref)
            if text(value(ref, "ReferencedSOPInstanceUID", "")) == uid and (not frames or frame in frames):
                yield item
                break
        if not images:
            yield item


def _voi(state: Dataset, image: Dataset, modality: Modality, uid: str, frame: int) -> tuple[Window | Table, str]:
    for item in _scoped(state, "SoftcopyVOILUTSequence", uid, frame):
        below = modality.span(*stored_range(image))[0] < 0 or bool(value(state, "MaskSubtractionSequence"))
        choices = list(voi_choices(item, signed=below))
        tables = [c for c in choices if isinstance(c, Table)]
        if choices:
            return (tables or choices)[0], "presentation state: Softcopy VOI LUT Sequence (0028,3110)"
    low, high = modality.span(*stored_range(image))
    why = "presentation state has no VOI for this image: full range of the modality stage"
    return Window.over(low, high, FULL), why


def _shapes(state: Dataset, uid: str, frame: int, place: Callable[[Point, str], Point]) -> Iterator[Shape]:
    layers = _layers(state)
    annotations = list(_scoped(state, "GraphicAnnotationSequence", uid, frame))
    groups: dict[float | None, str] = {
        found: text(value(item, "GraphicGroupLabel", "")) or f"Group {found:g}"
        for item in items(state, "GraphicGroupSequence")
        if (found := number(item, "GraphicGroupID"))
    }

    def order(item: Dataset) -> float:
        layer = layers.get(text(value(item, "GraphicLayer", "")))
        return number(layer, "GraphicLayerOrder") or 0.0 if layer is not None else 0.0

    for item in sorted(annotations, key=order):
        name = text(value(item, "GraphicLayer", ""))
        color = layer_color(layers[name]) if name in layers else DEFAULT
        for shape in shapes_of(item, place, color, groups):
            yield dataclasses.replace(shape, layer=name)
