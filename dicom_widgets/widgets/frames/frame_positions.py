"""Where the frames of a viewport lie in the patient, as the page gets it: for links and reference lines (GE6)."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, Any, Final

from dicom_widgets.dicom.functional_groups import Groups
from dicom_widgets.dicom.values import exactly, text
from dicom_widgets.geometry.plane import plane_from, plane_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.geometry.plane import Plane
    from dicom_widgets.geometry.stack import Frame

_WALKED: Final = (
    ("PlaneOrientationSequence", "ImageOrientationPatient"),
    ("PlanePositionSequence", "ImagePositionPatient"),
    ("PixelMeasuresSequence", "PixelSpacing"),
)


def message(frames: Iterable[Frame]) -> dict[str, Any]:
    """Return where frames lie, compactly: what they share is said once, then a point for each.

    The page links views by it while the kernel is busy.

    Returns
    -------
    dict
        `grids`: what frames share: unit vectors along row and column (LPS), distances between rows and between columns
        in mm, rows, columns, a token in place of the Frame of Reference UID. `at`: for each frame the number of its
        grid and the centre of its first pixel in mm; None where that is not known.

    """
    grids: dict[tuple[Any, ...], int] = {}
    walked: dict[str, list[tuple[Plane | None, Any]]] = {}
    at: list[list[float] | None] = []
    for instance, frame in frames:
        here, spacing = _place(instance, frame, walked)
        space = str(instance.value("FrameOfReferenceUID", ""))
        size = instance.size
        if here is None or not spacing or not space or not all(size):
            at.append(None)
            continue
        grid = (*here.row, *here.column, *spacing, *size, _token(space))
        numbers = (*grid[:-1], *here.position)
        known = all(math.isfinite(n) for n in numbers)
        at.append([grids.setdefault(grid, len(grids)), *here.position] if known else None)
    return {"grids": [list(g) for g in grids], "at": at}


def _place(
    instance: Instance, frame: int, walked: dict[str, list[tuple[Plane | None, Any]]]
) -> tuple[Plane | None, tuple[float, float] | None]:
    """Return plane and pixel spacing of a frame; the frames of an object are walked through once."""
    if instance.groups is None:
        spacing = instance.numbers("PixelSpacing", 2) if instance.frames == 1 or instance.slices else None
        return plane_of(instance, frame), _positive(spacing)
    if not isinstance(instance.groups, Groups):
        return None, None
    if instance.uid not in walked:
        columns = instance.groups.values(*_WALKED)
        walked[instance.uid] = [(plane_from(d, p), s) for d, p, s in zip(*columns, strict=True)]
    rows = walked[instance.uid]
    here, spacing = rows[frame - 1] if frame <= len(rows) else (None, None)
    return here, _positive(spacing)


def _positive(spacing: Any) -> tuple[float, float] | None:
    pair = exactly(spacing, 2)
    return (pair[0], pair[1]) if pair and min(pair) > 0 else None


def _token(uid: str) -> str:
    return hashlib.blake2b(uid.encode(), digest_size=6).hexdigest()


def modality(frames: Iterable[Frame]) -> str:
    """Return the modality of the first frame: windows are linked within one."""
    return next((text(instance.value("Modality", ""), 16) for instance, _ in frames), "")
