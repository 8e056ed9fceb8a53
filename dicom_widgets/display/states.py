"""Grayscale Softcopy Presentation States: which apply to an image, which is the newest, and what they do to it.

The stages are those of PS3.4 N.2. A stage that is absent from the state is the identity: the image's own is not
used. Stages that are not done yet are named, never skipped in silence.
"""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydicom.dataset import Dataset

from dicom_widgets.display import graphics
from dicom_widgets.display.grayscale import (
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
from dicom_widgets.display.look import Window
from dicom_widgets.display.overlay import COLOR as OVERLAY_COLOR
from dicom_widgets.display.overlay import Overlay, overlays_of
from dicom_widgets.display.shutter import Shutter, group_of, shutter_of
from dicom_widgets.display.styles import left_out
from dicom_widgets.instance import frames_of
from dicom_widgets.values import items, number, numbers, text, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np

    from dicom_widgets.instance import Instance


_LARGEST: Final = 1000.0
"""A magnification that nobody means."""


@dataclass(frozen=True, eq=False)
class State:
    """A presentation state that refers to an image of the session."""

    instance: Instance
    label: str
    description: str
    creator: str = field(repr=False)
    created: str = field(repr=False)
    """YYYYMMDDhhmmss.ffffff in UTC where the object says its time zone; empty if it does not say when."""
    refused: str = ""
    """Why it is not applied although it refers to the image; empty if it may be."""

    @property
    def uid(self) -> str:
        """SOP Instance UID."""
        return self.instance.uid

    @property
    def order(self) -> tuple[str, float, str]:
        """Sorts states from the oldest to the newest (requirement PS2)."""
        return self.created, self.instance.number("InstanceNumber") or 0.0, self.uid

    def summary(self) -> dict[str, str]:
        """Return what a selector shows."""
        return {
            "uid": self.uid,
            "label": self.label or "(no label)",
            "description": self.description,
            "creator": self.creator,
            "created": f"{self.created[:4]}-{self.created[4:6]}-{self.created[6:8]}" if self.created else "",
            "refused": self.refused,
        }


def applicable(
    states: Iterable[Instance], image: Instance, frame: int, defect: Callable[[Instance], str]
) -> list[State]:
    """Return the states that refer to this frame of the image, the newest first (requirements PS1, PS2, PS20, X8).

    Parameters
    ----------
    states : iterable of Instance
    image, frame : Instance, int
    defect : callable
        Gives why a state is broken, or nothing (`defect_of`).

    """
    found = [_state(s, image, defect(s)) for s in states if refers(s, image.uid, frame)]
    return sorted(found, key=lambda s: s.order, reverse=True)


def refers(state: Instance, uid: str, frame: int) -> bool:
    """Whether a state refers to a frame of an image."""
    return any(r.uid == uid and (not r.frames or frame in r.frames) for r in state.references)


def _state(state: Instance, image: Instance, defect: str) -> State:
    same = all(text(state.value(k, "")) == text(image.value(k, "")) for k in ("PatientID", "IssuerOfPatientID"))
    return State(
        state,
        label=text(state.value("ContentLabel", "")),
        description=text(state.value("ContentDescription", "")),
        creator=text(state.value("ContentCreatorName", "")),
        created=_created(state),
        refused=defect if same else "its Patient ID or issuer is not that of the image",
    )


def _created(state: Instance) -> str:
    """Return Presentation Creation Date and Time (0070,0082/0083), in UTC by (0008,0201) where it is there."""
    date = text(state.value("PresentationCreationDate", "")).replace(".", "")
    time = text(state.value("PresentationCreationTime", "")).replace(":", "").ljust(6, "0")
    zone = text(state.value("TimezoneOffsetFromUTC", ""))
    with contextlib.suppress(ValueError, OverflowError):
        moment = datetime.strptime(f"{date}{time[:6]}{zone}", "%Y%m%d%H%M%S%z")
        return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}{time[6:]}"
    return date + time if date else ""


@dataclass(frozen=True, eq=False)
class Applied:
    """What a state makes of one frame."""

    chain: Chain
    turns: int
    flip: bool
    shapes: tuple[graphics.Shape, ...]
    partly: tuple[str, ...]
    """Names of stages that the state has and that are not done yet."""
    stages: tuple[tuple[str, str, str], ...]
    """(stage, what was used, from which attribute)."""
    overlays: tuple[Overlay, ...] = ()
    shutter: Shutter | None = None
    area: tuple[float, float, float, float] | None = None
    """Displayed area: left, top, right, bottom in image coordinates of the untransformed image; None is all of it."""
    size_mode: str = "fit"
    """"fit", "magnify" or "true size"."""
    millimetres: float | None = None
    """From one column to the next, with "true size"."""
    magnification: float | None = None
    """Screen pixels for each image pixel, with "magnify"."""
    aspect: float | None = None
    """Height of a pixel divided by its width, as the state says; None leaves it to the image."""


def apply(
    state: Dataset, image: Dataset, uid: str, frame: int, words: Callable[[], np.ndarray] | None = None
) -> Applied:
    """Return the stages of a presentation state for one frame.

    Parameters
    ----------
    state, image : Dataset
        Attributes of the state, and of the frame in front of its pixel data.
    uid, frame : str, int
        Which image: items of the state may be scoped to some.
    words : callable, optional
        Gives the words of the image with all their bits, for overlays that lie in them.

    """
    signed = number(image, "PixelRepresentation") == 1
    modality, source = modality_stage(state, image)
    voi, voi_source = _voi(state, image, modality, uid, frame)
    inverse = text(value(state, "PresentationLUTShape", "IDENTITY")) == "INVERSE"
    tables = [t for item in items(state, "PresentationLUTSequence") if (t := table_of(item, signed=False))]
    turns = int(number(state, "ImageRotation") or 0) // 90 % 4
    flip = text(value(state, "ImageHorizontalFlip", "N")) == "Y"
    overlays, shutter, notes = _covers(state, image, frame, words)
    display = _display(state, image, uid, frame)
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
        tuple(_shapes(state, image, uid, frame, turns, flip=flip)),
        (*display.notes, *left_out(_scoped(state, "GraphicAnnotationSequence", uid, frame)), *notes),
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
        ),
        overlays=overlays,
        shutter=shutter,
        area=display.area,
        size_mode=display.mode,
        magnification=display.magnification,
        millimetres=display.millimetres,
        aspect=display.aspect,
    )


def _covers(
    state: Dataset, image: Dataset, frame: int, words: Callable[[], np.ndarray] | None
) -> tuple[tuple[Overlay, ...], Shutter | None, list[str]]:
    """Return overlays, shutter and what is wrong with them (requirements PS15, PS16, SH2).

    A state activates overlays, its own or those of the image; its own replaces the image's of the same group. What it
    does not activate is not shown.
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
        if layer and group != group_of(state):
            color = graphics.layer_color(layers[layer]) if layer in layers else OVERLAY_COLOR
            shown.append(dataclasses.replace(overlay, layer=layer, color=color))
    return tuple(shown), shutter_of(state, shape, found.values()), notes


def _layers(state: Dataset) -> dict[str, Dataset]:
    return {text(value(item, "GraphicLayer", "")): item for item in items(state, "GraphicLayerSequence")}


@dataclass(frozen=True)
class _Display:
    """The displayed area of a state (PS3.3 C.10.4; requirements PS9, PS10)."""

    area: tuple[float, float, float, float] | None
    mode: str
    magnification: float | None
    aspect: float | None
    words: str
    millimetres: float | None = None
    notes: tuple[str, ...] = ()


def _display(state: Dataset, image: Dataset, uid: str, frame: int) -> _Display:
    whole = (0.0, 0.0, number(image, "Columns") or 1.0, number(image, "Rows") or 1.0)
    item = next(_scoped(state, "DisplayedAreaSelectionSequence", uid, frame), None)
    if item is None:
        return _Display(None, "fit", None, None, "absent: the whole image")
    area = _area(state, image, uid, frame)
    mode = text(value(item, "PresentationSizeMode", "SCALE TO FIT")).upper()
    ratio = number(item, "PresentationPixelMagnificationRatio")
    pair = numbers(item, "PresentationPixelSpacing", 2) or numbers(item, "PresentationPixelAspectRatio", 2)
    aspect = pair[0] / pair[1] if pair and min(pair) > 0 else None
    magnified = mode == "MAGNIFY" and ratio is not None and 0 < ratio < _LARGEST
    left, top, right, bottom = area
    words = f"{mode.lower()}: columns {left + 1:g} to {right:g}, rows {top + 1:g} to {bottom:g}"
    notes: tuple[str, ...] = ()
    if mode == "TRUE SIZE":
        spacing = numbers(item, "PresentationPixelSpacing", 2)
        if spacing and min(spacing) > 0:
            words += f", {spacing[0]:g} x {spacing[1]:g} mm; fitted where the screen is not calibrated"
            return _Display(area, "true size", None, aspect, words, spacing[1])
        notes = ("true size (without Presentation Pixel Spacing (0070,0101): fitted)",)
    if magnified:
        return _Display(area, "magnify", ratio, aspect, words)
    return _Display(area if area != whole else None, "fit", None, aspect, words, notes=notes)


def modality_stage(state: Dataset, image: Dataset) -> tuple[Modality, str]:
    """Return the modality stage of a state for an image, and where it comes from."""
    return modality_of(_with_sign(state, signed=number(image, "PixelRepresentation") == 1))


def _with_sign(state: Dataset, *, signed: bool) -> Dataset:
    """The state has no Pixel Representation of its own, but its LUT descriptors are read by the image's."""
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
    return Window.over(
        low, high, FULL
    ), "presentation state has no VOI for this image: full range of the modality stage"


def _shapes(
    state: Dataset, image: Dataset, uid: str, frame: int, turns: int, *, flip: bool
) -> Iterator[graphics.Shape]:
    layers = _layers(state)
    place = _place(state, image, uid, frame, turns, flip=flip)
    annotations = list(_scoped(state, "GraphicAnnotationSequence", uid, frame))

    def order(item: Dataset) -> float:
        layer = layers.get(text(value(item, "GraphicLayer", "")))
        return number(layer, "GraphicLayerOrder") or 0.0 if layer is not None else 0.0

    for item in sorted(annotations, key=order):
        name = text(value(item, "GraphicLayer", ""))
        color = graphics.layer_color(layers[name]) if name in layers else graphics.DEFAULT
        for shape in graphics.shapes_of(item, place, color):
            yield dataclasses.replace(shape, layer=name)


def _area(state: Dataset, image: Dataset, uid: str, frame: int) -> tuple[float, float, float, float]:
    """Displayed area in image coordinates: left, top, right, bottom of the untouched image (requirement PS9)."""
    columns, rows = number(image, "Columns") or 1.0, number(image, "Rows") or 1.0
    for item in _scoped(state, "DisplayedAreaSelectionSequence", uid, frame):
        first = numbers(item, "DisplayedAreaTopLeftHandCorner", 2)
        last = numbers(item, "DisplayedAreaBottomRightHandCorner", 2)
        if first and last:
            (left, right), (top, bottom) = (sorted(p) for p in zip(first, last, strict=True))
            return left - 1, top - 1, right, bottom
    return 0.0, 0.0, columns, rows


def _place(
    state: Dataset, image: Dataset, uid: str, frame: int, turns: int, *, flip: bool
) -> Callable[[graphics.Point, str], graphics.Point]:
    left, top, right, bottom = _area(state, image, uid, frame)

    def place(point: graphics.Point, units: str) -> graphics.Point:
        if units != "DISPLAY":
            return point
        u, v = point  # 0 to 1 of the displayed area, after the transformation: undo the flip, then the turns
        if flip:
            u = 1 - u
        for _ in range(turns):
            u, v = v, 1 - u
        return left + u * (right - left), top + v * (bottom - top)

    return place
