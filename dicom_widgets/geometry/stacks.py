"""Stacks of images: which belong together, in which order, and along which axes (requirements MF2, MF3, GE1-4).

Images of one series form a stack if they share orientation, frame of reference, matrix and pixel size. Where positions
repeat, time, echo, b-value or the like is a further axis. A multi-frame object is a stack of its own,
ordered by its dimensions; the vectors of nuclear medicine are its axes.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.dicom.values import listed, text
from dicom_widgets.geometry.concatenation import concatenation_of, missing_parts, part_order
from dicom_widgets.geometry.grid import arrange, irregular_grid
from dicom_widgets.geometry.multiframe import stacks_of_frames
from dicom_widgets.geometry.plane import Plane, parallel, plane_of
from dicom_widgets.geometry.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dicom_widgets.dicom.instance import Instance


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
"""Attributes that may tell images of one position apart, the best first, and their names."""


def stacks_of(instances: Iterable[Instance], *, across: bool = False) -> tuple[Stack, ...]:
    """Return the stacks of images, in display order.

    Parameters
    ----------
    instances : iterable of Instance
    across : bool
        Whether images of several series may form one stack, if they have one frame of reference, or none and one study.

    """
    found = []
    for pile, planes in _piles(instances, across=across):
        if pile[0].frames > 1 or concatenation_of(pile[0]):
            gaps = missing_parts(pile)
            found += [dataclasses.replace(s, gaps=(*s.gaps, *gaps)) if gaps else s for s in stacks_of_frames(pile)]
            continue
        grid = arrange(planes, _repeats(pile))
        notes = irregular_grid([planes[i] for i in grid.order], grid.axes)
        found.append(Stack(tuple((pile[i], 1) for i in grid.order), grid.axes, notes, grid.gaps))
    return tuple(found)


def sort_for_scrolling(instances: Iterable[Instance]) -> list[Instance]:
    """Order the images of a series for scrolling: stack by stack, along the normal; others by instance number.

    Slices of one stack are ordered by increasing position along their normal, head first; stacks come in the order of
    their lowest instance number (requirement GE1).
    """
    return [pile[k] for pile, planes in _piles(instances) for k in arrange(planes, _repeats(pile)).order]


def _repeats(pile: Sequence[Instance]) -> Iterator[tuple[str, list[Any]]]:
    return ((name, [i.value(keyword) for i in pile]) for keyword, name in _REPEATS.items())


def _piles(instances: Iterable[Instance], *, across: bool = False) -> list[tuple[list[Instance], list[Plane | None]]]:
    """Return images of one direction and one grid, each pile by number; at the end those without a position (GE2)."""
    heads: list[tuple[Plane, tuple[Any, ...], tuple[list[Instance], list[Plane | None]]]] = []
    found: list[tuple[list[Instance], list[Plane | None]]] = []
    rest: list[Instance] = []
    concatenations: dict[str, tuple[list[Instance], list[Plane | None]]] = {}
    for instance in sorted(instances, key=_by_number):
        if whole := concatenation_of(instance):
            if whole not in concatenations:
                found.append(concatenations.setdefault(whole, ([], [])))
            concatenations[whole][0].append(instance)
            concatenations[whole][1].append(None)
            continue
        if instance.frames > 1 and instance.pixels_at is not None:
            found.append(([instance], [None]))
            continue
        here = plane_of(instance)
        if here is None:
            rest.append(instance)
            continue
        grid = _grid(instance, across=across)
        for head, of, members in heads:
            if of == grid and parallel(head, here):
                members[0].append(instance)
                members[1].append(here)
                break
        else:
            found.append(([instance], [here]))
            heads.append((here, grid, found[-1]))
    for parts, _ in concatenations.values():
        parts.sort(key=part_order)
    return found + ([(rest, [None] * len(rest))] if rest else [])


def _grid(instance: Instance, *, across: bool) -> tuple[Any, ...]:
    spacing = instance.numbers("PixelSpacing", 2) or (0.0, 0.0)
    kind = "LOCALIZER" in [text(k) for k in listed(instance.header, "ImageType")]
    size = instance.number("Rows"), instance.number("Columns")
    frame = str(instance.value("FrameOfReferenceUID", ""))
    return (
        instance.path[1] if not across else "" if frame else instance.path[0],
        frame,
        size,
        tuple(round(s, 4) for s in spacing),
        kind,
    )


def _by_number(instance: Instance) -> tuple[float, str]:
    found = instance.number("InstanceNumber")
    return (float("inf") if found is None else found, instance.uid)
