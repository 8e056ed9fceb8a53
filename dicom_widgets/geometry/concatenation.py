"""Concatenations: one multi-frame object that was stored as several (PS3.3 C.7.6.16; requirement MF4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.values import text
from dicom_widgets.geometry.grid import Gap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicom_widgets.dicom.instance import Instance

_MOST: Final = 10_000
"""The most parts that are believed; a larger number is a mistake."""


def concatenation_of(instance: Instance) -> str:
    """Return the Concatenation UID (0020,9161) of an image; empty where it is no part of one."""
    return text(instance.value("ConcatenationUID", "")) if instance.pixels_at is not None else ""


def part_order(instance: Instance) -> tuple[float, float]:
    """Return the sort key of a part: In-concatenation Number (0020,9162), then Frame Offset Number (0020,9228)."""
    return instance.number("InConcatenationNumber") or 0.0, instance.number("ConcatenationFrameOffsetNumber") or 0.0


def missing_parts(parts: Sequence[Instance]) -> tuple[Gap, ...]:
    """Return the missing parts as far as the others tell; empty for an image that is no part of a concatenation."""
    if not concatenation_of(parts[0]):
        return ()
    there = {int(part_order(p)[0]) for p in parts}
    last = int(max(*there, 0, *(p.number("InConcatenationTotalNumber") or 0.0 for p in parts)))
    if last > _MOST:
        return ()
    return tuple(Gap(f"part {n} of {last} of this object") for n in range(1, last + 1) if n not in there)
