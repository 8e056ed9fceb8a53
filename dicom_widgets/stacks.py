"""Stacks: which images and frames belong together, in which order, and along which axes (requirements MF2, MF3, GE1-4).

Images of one series lie in one stack if they have one orientation, frame of reference, matrix and pixel size. Where
positions repeat, time, echo, b-value and their like are a further axis. A multi-frame object is a stack of its own,
ordered by its dimensions; the vectors of nuclear medicine are its axes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydicom.datadict import dictionary_description, keyword_for_tag

from dicom_widgets.geometry import PARALLEL, Plane, plane, plane_from
from dicom_widgets.groups import Groups
from dicom_widgets.values import items, listed, number, text, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydicom.dataset import Dataset

    from dicom_widgets.instance import Instance

Frame = tuple["Instance", int]
"""An instance and one of its frames, from 1."""

_REPEATS: Final[dict[str, str]] = {
    "TemporalPositionIdentifier": "temporal position",
    "TriggerTime": "trigger time",
    "NominalPercentageOfCardiacPhase": "cardiac phase",
    "DiffusionBValue": "b-value",
    "EchoNumbers": "echo",
    "EchoTime": "echo time",
    "FrameReferenceTime": "time",
    "AcquisitionNumber": "acquisition",
    "AcquisitionTime": "acquisition time",
    "ContentTime": "time",
}
"""What may tell images of one position apart, the best first."""
_VECTORS: Final[dict[int, str]] = {
    0x00540010: "energy window",
    0x00540020: "detector",
    0x00540030: "phase",
    0x00540050: "rotation",
    0x00540060: "R-R interval",
    0x00540070: "time slot",
    0x00540080: "slice",
    0x00540090: "angular view",
    0x00540100: "time slice",
    0x00182001: "page",
}
"""Vectors that Frame Increment Pointer (0028,0009) may name (PS3.3 C.8.4.8; C.8.6.3)."""
_SMALL: Final = 0.01
"""Millimetres in which two positions are one."""


@dataclass(frozen=True)
class Axis:
    """What changes from frame to frame of a stack."""

    name: str
    values: tuple[Any, ...]
    """One for each frame, in display order."""

    @property
    def choices(self) -> tuple[Any, ...]:
        """The different values, in order of appearance."""
        return tuple(dict.fromkeys(self.values))


@dataclass(frozen=True)
class Stack:
    """Frames to scroll through."""

    frames: tuple[Frame, ...]
    axes: tuple[Axis, ...] = ()
    """The slowest first."""
    notes: tuple[str, ...] = ()
    """Why it is no regular volume; empty if it is one, or nobody can say."""

    def label(self, index: int) -> str:
        """Return where a frame stands on the axes: `echo 2/3 · b-value 1000`."""
        words = []
        for axis in self.axes:
            choices = axis.choices
            if len(choices) > 1:
                named = axis.values[index]
                place = f"{choices.index(named) + 1}/{len(choices)}"
                words.append(f"{axis.name} {place}" + ("" if isinstance(named, int) else f" ({text(named, 24)})"))
        return " · ".join(words)


def stacks(instances: Iterable[Instance]) -> tuple[Stack, ...]:
    """Return the stacks of images, in display order."""
    found = []
    for pile in _piles(instances):
        if len(pile) == 1 and pile[0].frames > 1:
            found.append(_of_frames(pile[0]))
            continue
        planes = [plane(i) for i in pile]
        order, axes = _by_place(pile, planes)
        notes = _irregular([planes[i] for i in order], axes)
        found.append(Stack(tuple((pile[i], 1) for i in order), axes, notes))
    return tuple(found)


def ordered(instances: Iterable[Instance]) -> list[Instance]:
    """Order the images of a series for scrolling: stack by stack, along the normal; others by instance number.

    Slices of one stack are ordered by increasing position along their normal, head first; stacks come in the order of
    their lowest instance number (requirement GE1).
    """
    return [pile[k] for pile in _piles(instances) for k in _by_place(pile, [plane(i) for i in pile])[0]]


def _piles(instances: Iterable[Instance]) -> list[list[Instance]]:
    """Return what lies in one direction and has one grid, each by number; at the end what has no place (GE2)."""
    heads: list[tuple[np.ndarray, tuple[Any, ...], list[Instance]]] = []
    found: list[list[Instance]] = []
    rest: list[Instance] = []
    for instance in sorted(instances, key=_by_number):
        if instance.frames > 1 and instance.pixels_at is not None:
            found.append([instance])
            continue
        here = plane(instance)
        if here is None:
            rest.append(instance)
            continue
        grid = _grid(instance)
        for normal, of, members in heads:
            if of == grid and float(np.dot(normal, here.normal)) > PARALLEL:
                members.append(instance)
                break
        else:
            found.append([instance])
            heads.append((here.normal, grid, found[-1]))
    return found + ([rest] if rest else [])


def _grid(instance: Instance) -> tuple[Any, ...]:
    spacing = instance.numbers("PixelSpacing", 2) or (0.0, 0.0)
    kind = "LOCALIZER" in [text(k) for k in listed(instance.header, "ImageType")]
    size = instance.number("Rows"), instance.number("Columns")
    return (
        instance.path[1],
        str(instance.value("FrameOfReferenceUID", "")),
        size,
        tuple(round(s, 4) for s in spacing),
        kind,
    )


def _by_number(instance: Instance) -> tuple[float, str]:
    found = instance.number("InstanceNumber")
    return (float("inf") if found is None else found, instance.uid)


def _by_place(pile: Sequence[Instance], planes: Sequence[Plane | None]) -> tuple[list[int], tuple[Axis, ...]]:
    """Return the order along the normal, and the axis of what repeats at each position (requirement GE3)."""
    if any(p is None for p in planes):
        return list(range(len(pile))), ()
    places = _places([p.distance for p in planes if p])
    plain = sorted(range(len(pile)), key=lambda i: places[i])
    counts = Counter(places)
    if len(counts) == len(pile) or len(counts) == 1:
        return plain, ()
    for keyword, name in _REPEATS.items():
        found = [i.value(keyword) for i in pile]
        keys = [_sortable(v) for v in found]
        different = len(set(keys))
        pairs = len(set(zip(keys, places, strict=True)))
        if None not in found and different > 1 and pairs == len(pile) == different * len(counts):
            order = sorted(range(len(pile)), key=lambda i: (keys[i], places[i]))
            return order, (Axis(name, tuple(_plain(found[i]) for i in order)),)
    if len(set(counts.values())) == 1:  # as often at each position: the numbers tell the rounds apart
        seen: dict[int, int] = defaultdict(int)
        rounds = [0] * len(pile)
        for i in range(len(pile)):
            seen[places[i]] += 1
            rounds[i] = seen[places[i]]
        order = sorted(range(len(pile)), key=lambda i: (rounds[i], places[i]))
        return order, (Axis("repetition", tuple(rounds[i] for i in order)),)
    return plain, ()


def _places(distances: Sequence[float]) -> list[int]:
    """Return the rank of each distance; what differs by less than a hundredth of a millimetre is one place."""
    order = sorted(range(len(distances)), key=lambda i: distances[i])
    ranks, rank = [0] * len(distances), 0
    for before, i in zip([order[0], *order], order, strict=False):
        rank += distances[i] - distances[before] > _SMALL
        ranks[i] = rank
    return ranks


def _sortable(found: Any) -> tuple[int, Any]:
    try:
        return 0, float(found)
    except (TypeError, ValueError):
        return 1, text(found)


def _plain(found: Any) -> Any:
    try:
        figure = float(found)
    except (TypeError, ValueError):
        return text(found)
    return int(figure) if figure.is_integer() else figure


def _irregular(planes: Sequence[Plane | None], axes: tuple[Axis, ...]) -> tuple[str, ...]:
    """Return why the planes are no regular volume (requirement GE4)."""
    placed = [p for p in planes if p is not None]
    if len(placed) < 3 or len(placed) < len(planes):
        return ()
    if axes:
        placed = placed[: len(placed) // max(1, len(axes[0].choices))]
    steps = np.diff([p.distance for p in placed])
    notes = []
    if len(steps) and steps.min() <= _SMALL:
        notes.append("positions repeat")
    elif len(steps) and steps.max() - steps.min() > max(_SMALL, 0.01 * float(np.median(steps))):
        notes.append(f"the distances of slices differ: {steps.min():.3g} to {steps.max():.3g} mm")
    shift = np.subtract(placed[-1].position, placed[0].position)
    length = float(np.linalg.norm(shift))
    if length > _SMALL and float(np.dot(shift / length, placed[0].normal)) < PARALLEL:
        notes.append("the slices are sheared (gantry tilt)")
    return tuple(notes)


def _of_frames(instance: Instance) -> Stack:
    """Return the frames of a multi-frame object by its dimensions, stacks, positions or vectors, or as they are."""
    groups, count = instance.groups, instance.frames
    if not isinstance(groups, Groups):
        return _vectors(instance, instance.attributes())
    top = instance.attributes(1)
    stored = range(count)
    dimensions = groups.values("FrameContentSequence", "DimensionIndexValues")[:count]
    keys = [tuple(_plain(x) for x in _several(v)) for v in dimensions]
    names = [_dimension(d) for d in items(top, "DimensionIndexSequence")]
    if len(keys) == count and names and all(len(k) == len(names) for k in keys) and len(set(keys)) == count:
        order = sorted(stored, key=lambda i: keys[i])
        axes = tuple(Axis(name, tuple(keys[i][d] for i in order)) for d, name in enumerate(names))
        return Stack(tuple((instance, i + 1) for i in order), axes)
    places = [
        tuple(_sortable(v) for v in pair)
        for pair in zip(
            groups.values("FrameContentSequence", "StackID")[:count],
            groups.values("FrameContentSequence", "InStackPositionNumber")[:count],
            strict=True,
        )
    ]
    if len(set(places)) == count:
        order = sorted(stored, key=lambda i: places[i])
        return Stack(tuple((instance, i + 1) for i in order), (Axis("stack", tuple(places[i][0][1] for i in order)),))
    planes = _planes(groups, count)
    if len(planes) == count and all(np.dot(p.normal, planes[0].normal) > PARALLEL for p in planes):
        order = sorted(stored, key=lambda i: (round(planes[i].distance, 2), i))
        return Stack(tuple((instance, i + 1) for i in order), (), _irregular([planes[i] for i in order], ()))
    return Stack(tuple((instance, i + 1) for i in stored))


def _planes(groups: Groups, count: int) -> list[Plane]:
    """Return the planes of all frames; fewer where some have none."""
    positions = groups.values("PlanePositionSequence", "ImagePositionPatient")[:count]
    orientations = groups.values("PlaneOrientationSequence", "ImageOrientationPatient")[:count]
    found = (plane_from(o, p) for o, p in zip(orientations, positions, strict=True))
    return [p for p in found if p is not None]


def _several(found: Any) -> list[Any]:
    return (
        [] if found is None else list(found) if hasattr(found, "__iter__") and not isinstance(found, str) else [found]
    )


def _dimension(item: Dataset) -> str:
    """Return the name of a dimension: its label, else the name of what it points to."""
    label = text(value(item, "DimensionDescriptionLabel", ""), 40)
    pointer = value(item, "DimensionIndexPointer")
    if label or pointer is None:
        return label or "dimension"
    return dictionary_description(pointer) if keyword_for_tag(pointer) else str(pointer)


def _vectors(instance: Instance, ds: Dataset) -> Stack:
    """Return frames as they are stored, with the vectors that say what changes (requirement NP1)."""
    frames = tuple((instance, n) for n in range(1, instance.frames + 1))
    axes = []
    for pointer in listed(ds, "FrameIncrementPointer"):
        name, keyword = _VECTORS.get(int(pointer)), keyword_for_tag(pointer)
        found = listed(ds, keyword) if name and keyword else []
        if name and len(found) == len(frames):
            axes.append(Axis(name, tuple(_plain(v) for v in found)))
    if not axes and (labels := listed(ds, "FrameLabelVector")) and len(labels) == len(frames):
        axes.append(Axis("page", tuple(text(v, 40) for v in labels)))
    spacing = number(ds, "SpacingBetweenSlices")
    return Stack(frames, tuple(axes), ("the direction of its slices is not known",) if spacing else ())
