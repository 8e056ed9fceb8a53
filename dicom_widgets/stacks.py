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
from pydicom.datadict import dictionary_description, keyword_for_tag, tag_for_keyword

from dicom_widgets.geometry import PARALLEL, SMALL, Plane, irregular, plane, plane_from
from dicom_widgets.groups import Groups, Path
from dicom_widgets.values import items, listed, number, text, value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
_ENERGIES: Final = ("EnergyWindowLowerLimit", "EnergyWindowUpperLimit")
_INDEX: Final = ("FrameContentSequence", "DimensionIndexValues")
_STACK: Final = ("FrameContentSequence", "StackID")
_POSITION: Final = ("FrameContentSequence", "InStackPositionNumber")
_PLACE: Final = ("PlanePositionSequence", "ImagePositionPatient")
_DIRECTION: Final = ("PlaneOrientationSequence", "ImageOrientationPatient")
_DATA_TYPE: Final = ("ImageDataTypeSequence", "DataType")
_FRAME_REPEATS: Final[dict[Path, str]] = {
    ("FrameContentSequence", "TemporalPositionIndex"): "temporal position",
    ("CardiacSynchronizationSequence", "NominalPercentageOfCardiacPhase"): "cardiac phase",
    ("MRDiffusionSequence", "DiffusionBValue"): "b-value",
    ("MREchoSequence", "EffectiveEchoTime"): "echo time",
    ("FrameContentSequence", "FrameReferenceDateTime"): "time",
}
"""The same for frames: functional group and attribute."""
_WALKED: Final = (_INDEX, _STACK, _POSITION, _PLACE, _DIRECTION, _DATA_TYPE, *_FRAME_REPEATS)
_TIMES: Final = frozenset({"time", "acquisition time"})
"""Axes whose values may be times of the day, or dates."""


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

    @property
    def places(self) -> tuple[int, ...]:
        """Which choice each frame has, from 0."""
        place = {choice: k for k, choice in enumerate(self.choices)}
        return tuple(place[v] for v in self.values)

    @property
    def labels(self) -> tuple[str, ...]:
        """What to call each choice: `2/3`, and what it is where that is no number of its own: `2/3 (0.5)`."""
        return self.called()

    def called(self, *, timeless: bool = False) -> tuple[str, ...]:
        """Return the labels, or where it is to be timeless those without times of the day."""
        choices = self.choices
        numbered = choices == tuple(range(1, len(choices) + 1)) or (timeless and self.name in _TIMES)
        places = (f"{k}/{len(choices)}" for k in range(1, len(choices) + 1))
        return tuple(p if numbered else f"{p} ({text(c, 24)})" for p, c in zip(places, choices, strict=True))


@dataclass(frozen=True)
class Stack:
    """Frames to scroll through."""

    frames: tuple[Frame, ...]
    axes: tuple[Axis, ...] = ()
    """The slowest first."""
    notes: tuple[str, ...] = ()
    """Why it is no regular volume; empty if it is one, or nobody can say."""

    def __repr__(self) -> str:
        axes = "".join(f", {a.name} ({len(a.choices)})" for a in self.axes if len(a.choices) > 1)
        count = len(self.frames)
        return f"<Stack of {count} frame{'s' * (count != 1)}{axes}{''.join(f'; {n}' for n in self.notes)}>"

    def label(self, index: int, *, timeless: bool = False) -> str:
        """Return where a frame stands on the axes: `echo 2/3 · b-value 1000`."""
        axes = ((a.name, a.called(timeless=timeless)[a.places[index]]) for a in self.axes if len(a.choices) > 1)
        return " · ".join(f"{name} {words}" for name, words in axes)

    def dimensions(self) -> tuple[Axis, ...]:
        """Return the axes that a hand can move along: those of several values, and the slices where frames share them.

        Empty where the order of the frames is all there is.
        """
        moved = [a for a in self.axes if len(a.choices) > 1]
        seen: Counter[tuple[int, ...]] = Counter()
        rest = []
        for key in zip(*(a.places for a in moved), strict=True):
            seen[key] += 1
            rest.append(seen[key])
        found = [*moved, Axis("slice", tuple(rest))] if len(set(rest)) > 1 else moved
        return tuple(found) if len(found) > 1 else ()


def stacks(instances: Iterable[Instance]) -> tuple[Stack, ...]:
    """Return the stacks of images, in display order."""
    found = []
    for pile, planes in _piles(instances):
        if len(pile) == 1 and pile[0].frames > 1:
            found += _of_frames(pile[0])
            continue
        order, axes = _by_place(planes, _repeats(pile))
        notes = _irregular([planes[i] for i in order], axes)
        found.append(Stack(tuple((pile[i], 1) for i in order), axes, notes))
    return tuple(found)


def ordered(instances: Iterable[Instance]) -> list[Instance]:
    """Order the images of a series for scrolling: stack by stack, along the normal; others by instance number.

    Slices of one stack are ordered by increasing position along their normal, head first; stacks come in the order of
    their lowest instance number (requirement GE1).
    """
    return [pile[k] for pile, planes in _piles(instances) for k in _by_place(planes, _repeats(pile))[0]]


def _repeats(pile: Sequence[Instance]) -> Iterator[tuple[str, list[Any]]]:
    return ((name, [i.value(keyword) for i in pile]) for keyword, name in _REPEATS.items())


def _piles(instances: Iterable[Instance]) -> list[tuple[list[Instance], list[Plane | None]]]:
    """Return what lies in one direction and has one grid, each by number; at the end what has no place (GE2)."""
    heads: list[tuple[Plane, tuple[Any, ...], tuple[list[Instance], list[Plane | None]]]] = []
    found: list[tuple[list[Instance], list[Plane | None]]] = []
    rest: list[Instance] = []
    for instance in sorted(instances, key=_by_number):
        if instance.frames > 1 and instance.pixels_at is not None:
            found.append(([instance], [None]))
            continue
        here = plane(instance)
        if here is None:
            rest.append(instance)
            continue
        grid = _grid(instance)
        for head, of, members in heads:
            if of == grid and _parallel(head, here):
                members[0].append(instance)
                members[1].append(here)
                break
        else:
            found.append(([instance], [here]))
            heads.append((here, grid, found[-1]))
    return found + ([(rest, [None] * len(rest))] if rest else [])


def _parallel(one: Plane, other: Plane) -> bool:
    return bool(np.dot(one.normal, other.normal) > PARALLEL)


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


def _by_place(
    planes: Sequence[Plane | None], repeats: Iterable[tuple[str, Sequence[Any]]]
) -> tuple[list[int], tuple[Axis, ...]]:
    """Return the order along the normal, and the axis of what repeats at each position (requirement GE3).

    Parameters
    ----------
    planes : sequence
        In the order of numbers.
    repeats : iterable of (name, values)
        What may tell images of one position apart, the best first.

    """
    count = len(planes)
    if any(p is None for p in planes):
        return list(range(count)), ()
    places = _places([p.distance for p in planes if p])
    plain = sorted(range(count), key=lambda i: places[i])
    counts = Counter(places)
    if len(counts) in (1, count):
        return plain, ()
    for name, found in repeats:
        keys = [_sortable(v) for v in found]
        different, pairs = len(set(keys)), len(set(zip(keys, places, strict=True)))
        if None not in found and different > 1 and pairs == count == different * len(counts):
            order = sorted(range(count), key=lambda i: (keys[i], places[i]))
            return order, (Axis(name, tuple(_plain(found[i]) for i in order)),)
    if len(set(counts.values())) == 1:  # as often at each position: the numbers tell the rounds apart
        seen: dict[int, int] = defaultdict(int)
        rounds = [0] * count
        for i in range(count):
            seen[places[i]] += 1
            rounds[i] = seen[places[i]]
        order = sorted(range(count), key=lambda i: (rounds[i], places[i]))
        return order, (Axis("repetition", tuple(rounds[i] for i in order)),)
    return plain, ()


def _places(distances: Sequence[float]) -> list[int]:
    """Return the rank of each distance; what differs by less than a hundredth of a millimetre is one place."""
    order = sorted(range(len(distances)), key=lambda i: distances[i])
    ranks, rank = [0] * len(distances), 0
    for before, i in zip([order[0], *order], order, strict=False):
        rank += distances[i] - distances[before] > SMALL
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
    return irregular(placed)


def _of_frames(instance: Instance) -> list[Stack]:
    """Return the frames of a multi-frame object by its dimensions, stacks, positions or vectors, or as they are."""
    groups, count = instance.groups, instance.frames
    if not isinstance(groups, Groups):
        return [_vectors(instance, instance.attributes())]
    names = [_dimension(d) for d in items(instance.attributes(1), "DimensionIndexSequence")]
    columns = dict(zip(_WALKED, groups.values(*_WALKED), strict=True))
    if any(len(c) < count for c in columns.values()):  # fewer items than frames
        return [Stack(tuple((instance, n) for n in range(1, count + 1)))]
    keys = [tuple(_plain(x) for x in _several(v)) for v in columns[_INDEX]]
    if names and all(len(k) == len(names) for k in keys) and len(set(keys)) == count:
        kinds = dict.fromkeys(text(k) for k in columns[_DATA_TYPE][:count])  # tissue, flow, ...
        return [_by_dimensions(instance, names, keys, columns, kind) for kind in kinds]
    planes = [plane_from(d, p) for d, p in zip(columns[_DIRECTION], columns[_PLACE], strict=True)][:count]
    return [_part(instance, part, planes, columns) for part in _parts(columns, planes)]


def _by_dimensions(
    instance: Instance, names: list[str], keys: list[tuple[Any, ...]], columns: Mapping[Path, list[Any]], kind: str
) -> Stack:
    """Return the frames of one data type as their dimensions order them (requirements MF2, US7)."""
    of_kind = [i for i in range(len(keys)) if text(columns[_DATA_TYPE][i]) == kind]
    order = sorted(of_kind, key=lambda i: keys[i])
    axes = tuple(Axis(name, tuple(keys[i][d] for i in order)) for d, name in enumerate(names))
    return Stack(tuple((instance, i + 1) for i in order), (*_named(kind, len(order)), *axes))


def _named(kind: str, count: int) -> tuple[Axis, ...]:
    return (Axis(kind.lower().replace("_", " "), (1,) * count),) if kind else ()


def _parts(columns: Mapping[Path, list[Any]], planes: Sequence[Plane | None]) -> list[list[int]]:
    """Return which frames lie in one stack: of one Stack ID and data type, in one direction (requirement MF3)."""
    heads: list[tuple[Any, Plane | None, list[int]]] = []
    for i, here in enumerate(planes):
        key = text(columns[_STACK][i]), text(columns[_DATA_TYPE][i])
        for of, head, members in heads:
            if of == key and (head is here is None or (head and here and _parallel(head, here))):
                members.append(i)
                break
        else:
            heads.append((key, here, [i]))
    return [members for _, _, members in heads]


def _part(
    instance: Instance, part: list[int], all_planes: Sequence[Plane | None], columns: Mapping[Path, list[Any]]
) -> Stack:
    """Return one stack of frames, by In-Stack Position or by place."""
    planes = [all_planes[i] for i in part]
    places = [_sortable(columns[_POSITION][i]) for i in part]
    if None not in [columns[_POSITION][i] for i in part] and len(set(places)) == len(part):
        order, axes = sorted(range(len(part)), key=lambda k: places[k]), ()
    else:
        repeats = ((name, [columns[path][i] for i in part]) for path, name in _FRAME_REPEATS.items())
        order, axes = _by_place(planes, repeats)  # type: ignore[assignment]
    notes = _irregular([planes[k] for k in order], axes)
    named = _named(text(columns[_DATA_TYPE][part[0]]), len(part))
    return Stack(tuple((instance, part[k] + 1) for k in order), (*named, *axes), notes)


def _several(found: Any) -> list[Any]:
    return (
        [] if found is None else list(found) if hasattr(found, "__iter__") and not isinstance(found, str) else [found]
    )


def _dimension(item: Dataset) -> str:
    """Return the name of a dimension: its label, else the name of what it points to."""
    label = text(value(item, "DimensionDescriptionLabel", ""), 40)
    if label and tag_for_keyword(label) is not None:  # of a writer that has no words for it
        return dictionary_description(label)
    pointer = value(item, "DimensionIndexPointer")
    if label or pointer is None:
        return label or "dimension"
    return dictionary_description(pointer) if keyword_for_tag(pointer) else str(pointer)


def _names(ds: Dataset, vector: int) -> dict[int, str]:
    """Return what the values of a vector are called: windows by name or energy, detectors by view (requirement NP1)."""
    found = []
    if vector == 0x00540010:
        for window in items(ds, "EnergyWindowInformationSequence"):
            ends = next(((number(r, k) for k in _ENERGIES) for r in items(window, "EnergyWindowRangeSequence")), ())
            limits = [f"{e:g}" for e in ends if e is not None]
            found.append(
                text(value(window, "EnergyWindowName", ""), 24) or (f"{'-'.join(limits)} keV" if limits else "")
            )
    elif vector == 0x00540020:
        for detector in items(ds, "DetectorInformationSequence"):
            views = [text(value(v, "CodeMeaning", ""), 24) for v in items(detector, "ViewCodeSequence")]
            found.append(views[0] if views else "")
    return dict(enumerate(found, 1)) if found and all(found) and len(set(found)) == len(found) else {}


def _vectors(instance: Instance, ds: Dataset) -> Stack:
    """Return frames with the vectors that say what changes: as they are stored, or slices by place (NP1, NP3)."""
    frames = tuple((instance, n) for n in range(1, instance.frames + 1))
    axes: list[Axis] = []
    for pointer in listed(ds, "FrameIncrementPointer"):
        name, keyword = _VECTORS.get(int(pointer)), keyword_for_tag(pointer)
        found = listed(ds, keyword) if name and keyword else []
        if name and len(found) == len(frames):
            known = _names(ds, int(pointer))
            axes.append(Axis(name, tuple(known.get(v, v) for v in map(_plain, found))))
    if not axes and (labels := listed(ds, "FrameLabelVector")) and len(labels) == len(frames):
        axes.append(Axis("page", tuple(text(v, 40) for v in labels)))
    planes = [plane(*f) for f in frames] if instance.slices else []
    if not planes or None in planes:
        spacing = number(ds, "SpacingBetweenSlices")
        return Stack(frames, tuple(axes), ("the direction of its slices is not known",) if spacing else ())
    others = [a for a in axes if a.name != "slice"]
    key = [(*(a.places[i] for a in others), p.distance) for i, p in enumerate(planes) if p]
    order = sorted(range(len(frames)), key=lambda i: key[i])
    sorted_axes = tuple(Axis(a.name, tuple(a.values[i] for i in order)) for a in axes)
    volume = [p for i in order if key[i][:-1] == key[order[0]][:-1] and (p := planes[i])]
    return Stack(tuple(frames[i] for i in order), sorted_axes, irregular(volume) if len(volume) > 2 else ())
