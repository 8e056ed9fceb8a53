"""The stacks of a multi-frame object, or of all parts of a concatenation.

Frames are ordered by Dimension Index Values, else by stack and position, else by Image Position (Patient). Without
functional groups, the vectors of nuclear medicine are the axes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pydicom.datadict import dictionary_description, keyword_for_tag, tag_for_keyword

from dicom_widgets.dicom.functional_groups import Groups, Path
from dicom_widgets.dicom.values import items, listed, number, text, value, whole
from dicom_widgets.geometry.grid import Axis, Ordering, arrange, irregular_grid, plain_value, sort_key
from dicom_widgets.geometry.plane import Plane, irregularities, parallel, plane_from, plane_of
from dicom_widgets.geometry.stack import Frame, Stack

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.instance import Instance


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
    ("CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"): "trigger delay",
    ("MRDiffusionSequence", "DiffusionBValue"): "b-value",
    ("MREchoSequence", "EffectiveEchoTime"): "echo time",
    ("FrameContentSequence", "FrameReferenceDateTime"): "time",
}
"""Functional group and attribute that may tell frames of one position apart, the best first, and their names."""

_WALKED: Final = (_INDEX, _STACK, _POSITION, _PLACE, _DIRECTION, _DATA_TYPE, *_FRAME_REPEATS)


def stacks_of_frames(parts: Sequence[Instance]) -> list[Stack]:
    """Return the frames of a multi-frame object by its dimensions, stacks, positions or vectors, or as they are.

    Several are the parts of a concatenation: what their functional groups say holds across all of them.
    """
    first, frames = parts[0], [(p, n) for p in parts for n in range(1, p.frames + 1)]
    groups, count = [p.groups for p in parts if isinstance(p.groups, Groups)], len(frames)
    if len(groups) < len(parts):
        return [_vectors(first, first.attributes()) if len(parts) == 1 else Stack(tuple(frames))]
    names = [_dimension(d) for d in items(first.attributes(1), "DimensionIndexSequence")]
    walked = [g.values(*_WALKED) for g in groups]
    if any(len(c) < p.frames for p, of in zip(parts, walked, strict=True) for c in of):  # fewer items than frames
        return [Stack(tuple(frames))]
    columns = {
        path: [v for p, of in zip(parts, walked, strict=True) for v in of[k][: p.frames]]
        for k, path in enumerate(_WALKED)
    }
    keys = [tuple(plain_value(x) for x in _several(v)) for v in columns[_INDEX]]
    numbered = all(len(k) == len(names) and all(isinstance(x, int) for x in k) for k in keys)
    if names and numbered and len(set(keys)) == count:
        kinds = dict.fromkeys(text(k) for k in columns[_DATA_TYPE][:count])  # tissue, flow, ...
        return [_by_dimensions(frames, names, keys, columns, kind) for kind in kinds]
    planes = [plane_from(d, p) for d, p in zip(columns[_DIRECTION], columns[_PLACE], strict=True)][:count]
    return [_part(frames, part, planes, columns) for part in _parts(columns, planes)]


def _by_dimensions(
    frames: Sequence[Frame], names: list[str], keys: list[tuple[Any, ...]], columns: Mapping[Path, list[Any]], kind: str
) -> Stack:
    """Return the frames of one data type as their dimensions order them (requirements MF2, US7)."""
    of_kind = [i for i in range(len(keys)) if text(columns[_DATA_TYPE][i]) == kind]
    order = sorted(of_kind, key=lambda i: keys[i])
    axes = tuple(Axis(name, tuple(keys[i][d] for i in order)) for d, name in enumerate(names))
    return Stack(tuple(frames[i] for i in order), (*_named(kind, len(order)), *axes))


def _named(kind: str, count: int) -> tuple[Axis, ...]:
    return (Axis(kind.lower().replace("_", " "), (1,) * count),) if kind else ()


def _parts(columns: Mapping[Path, list[Any]], planes: Sequence[Plane | None]) -> list[list[int]]:
    """Return which frames lie in one stack: of one Stack ID and data type, in one direction (requirement MF3)."""
    heads: list[tuple[Any, Plane | None, list[int]]] = []
    for i, here in enumerate(planes):
        key = text(columns[_STACK][i]), text(columns[_DATA_TYPE][i])
        for of, head, members in heads:
            if of == key and (head is here is None or (head and here and parallel(head, here))):
                members.append(i)
                break
        else:
            heads.append((key, here, [i]))
    return [members for _, _, members in heads]


def _part(
    frames: Sequence[Frame], part: list[int], all_planes: Sequence[Plane | None], columns: Mapping[Path, list[Any]]
) -> Stack:
    """Return one stack of frames, by In-Stack Position or by place."""
    planes = [all_planes[i] for i in part]
    places = [sort_key(columns[_POSITION][i]) for i in part]
    if None not in [columns[_POSITION][i] for i in part] and len(set(places)) == len(part):
        grid = Ordering(tuple(sorted(range(len(part)), key=lambda k: places[k])))
    else:
        repeats = ((name, [columns[path][i] for i in part]) for path, name in _FRAME_REPEATS.items())
        grid = arrange(planes, repeats)
    notes = irregular_grid([planes[k] for k in grid.order], grid.axes)
    named = _named(text(columns[_DATA_TYPE][part[0]]), len(part))
    return Stack(tuple(frames[part[k]] for k in grid.order), (*named, *grid.axes), notes, grid.gaps)


def _several(found: Any) -> list[Any]:
    return (
        [] if found is None else list(found) if hasattr(found, "__iter__") and not isinstance(found, str) else [found]
    )


def _dimension(item: Dataset) -> str:
    """Return the name of a dimension: its label, else the name of what it points to."""
    label = text(value(item, "DimensionDescriptionLabel", ""), 40)
    if label and tag_for_keyword(label) is not None:  # a writer that put the keyword there
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
        tag = whole(pointer) or 0
        name = _VECTORS.get(tag)
        found = listed(ds, keyword_for_tag(tag)) if name else []
        if name and len(found) == len(frames):
            known = _names(ds, tag)
            axes.append(Axis(name, tuple(known.get(v, v) for v in map(plain_value, found))))
    if not axes and (labels := listed(ds, "FrameLabelVector")) and len(labels) == len(frames):
        axes.append(Axis("page", tuple(text(v, 40) for v in labels)))
    planes = [plane_of(*f) for f in frames] if instance.slices else []
    if not planes or None in planes:
        spacing = number(ds, "SpacingBetweenSlices")
        return Stack(frames, tuple(axes), ("the direction of its slices is not known",) if spacing else ())
    others = [a for a in axes if a.name != "slice"]
    key = [(*(a.indices[i] for a in others), p.distance) for i, p in enumerate(planes) if p]
    order = sorted(range(len(frames)), key=lambda i: key[i])
    sorted_axes = tuple(Axis(a.name, tuple(a.values[i] for i in order)) for a in axes)
    volume = [p for i in order if key[i][:-1] == key[order[0]][:-1] and (p := planes[i])]
    return Stack(tuple(frames[i] for i in order), sorted_axes, irregularities(volume) if len(volume) > 2 else ())
