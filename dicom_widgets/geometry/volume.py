"""Volume: a regular stack as one grid in the patient's coordinates (PS3.3 C.7.6.2; requirement GE4).

Stored values are kept, 16 bits a voxel where the object has them, with the rescale of all slices, or one for each;
modality values are computed on access. Slices that are known to be missing at an end leave a regular grid: the volume
is made, and `missing`, its record and MPR say so.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.dicom.values import numbers, text
from dicom_widgets.errors import GeometryError, NotAnImage
from dicom_widgets.geometry.plane import SMALL, irregularities, plane_of

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.geometry.plane import Plane
    from dicom_widgets.geometry.stack import Frame, Stack

    DataArray = Any  # xarray and dask are imported where they are used
    DaskArray = Any

Rescale = Callable[[np.ndarray], np.ndarray]
"""Stored values -> modality values, float64."""
_ALL: Final = slice(None)


@dataclass(frozen=True, eq=False, repr=False)
class Volume:
    """Voxels (slice, row, column) in the order along the normal of the slices, and where they lie."""

    frames: tuple[Frame, ...]
    """Instance and frame number of each slice."""
    stored: np.ndarray
    """Stored values, (slice, row, column), read-only."""
    scales: tuple[Rescale, ...]
    """Functions from stored to modality values: one for all slices, or one for each."""
    affine: np.ndarray
    """(4, 4): index (slice, row, column, 1) -> centre of the voxel in the patient (x to L, y to P, z to H; mm)."""
    unit: str = ""
    """Unit of modality values: HU, Bq/ml, ...; empty where it is not known."""
    padding: tuple[int, int] | None = None
    """Stored values from .. to that are no image."""
    missing: str = ""
    """What its stack is known to lack, in words, as slices at its ends; empty where nothing is."""

    def __repr__(self) -> str:
        size, mm = (" x ".join(f"{n:g}" for n in of) for of in (self.shape, np.round(self.spacing, 3)))
        unit, missing = f", {self.unit}" if self.unit else "", f"; missing: {self.missing}" if self.missing else ""
        return f"<Volume {size} (slice, row, column), {mm} mm{unit}{missing}>"

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        slices, rows, columns = self.stored.shape
        return slices, rows, columns

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distances in mm between slices, rows and columns."""
        slices, rows, columns = np.linalg.norm(self.affine[:3, :3], axis=0).tolist()
        return slices, rows, columns

    @property
    def instances(self) -> tuple[Instance, ...]:
        """The instances that the slices come from, each once."""
        return tuple(dict.fromkeys(i for i, _ in self.frames))

    @property
    def array(self) -> np.ndarray:
        """Modality values, (slice, row, column) float32; computed on each access, as they take twice the memory."""
        found = np.empty(self.shape, np.float32)
        for i in range(len(found)):
            found[i] = self.measured(slice(i, i + 1))[0]
        return found

    def measured(self, slices: slice = _ALL, rows: slice = _ALL, columns: slice = _ALL) -> np.ndarray:
        """Return modality values of a part of the volume, float64."""
        part = self.stored[slices, rows, columns]
        if len(self.scales) == 1:
            return self.scales[0](part)
        return np.stack([scale(grid) for scale, grid in zip(self.scales[slices], part, strict=True)])

    def to_patient(self, index: Sequence[float]) -> tuple[float, float, float]:
        """Return where an index (slice, row, column) lies in the patient (LPS, mm)."""
        x, y, z = (self.affine[:3, :3] @ np.asarray(index, float) + self.affine[:3, 3]).tolist()
        return x, y, z

    def to_index(self, point: Sequence[float]) -> tuple[float, float, float]:
        """Return the index (slice, row, column) of a point of the patient (LPS, mm); it may lie outside."""
        offset = np.asarray(point, float) - self.affine[:3, 3]
        k, row, column = np.linalg.solve(self.affine[:3, :3], offset).tolist()
        return k, row, column

    # --- converters

    def to_xarray(self) -> DataArray:
        """Return modality values as an xarray.DataArray: coordinates are mm from the first voxel along each axis."""
        import xarray

        names = ("slice", "row", "column")
        axes = zip(names, self.shape, self.spacing, strict=True)
        coords = {name: (name, np.arange(count) * step, {"units": "mm"}) for name, count, step in axes}
        about = {"units": self.unit, "affine": self.affine.tolist(), "space": "LPS"}
        return xarray.DataArray(self.array, coords, names, "values", about)

    def to_dask(self) -> DaskArray:
        """Return modality values as a dask.array of float32, a chunk for each slice, made when they are computed."""
        import dask.array

        stored = dask.array.from_array(self.stored, chunks=(1, *self.shape[1:]))
        scales = self.scales

        def measured(part: np.ndarray, block_info: Any = None) -> np.ndarray:
            at = block_info[0]["array-location"][0][0] if len(scales) > 1 else 0
            return scales[at](part).astype(np.float32)

        return stored.map_blocks(measured, dtype=np.float32, meta=np.empty((0, 0, 0), np.float32))

    def to_nifti(self, path: str | os.PathLike[str]) -> None:
        """Write modality values as a NIfTI file, .nii or .nii.gz: (column, row, slice), and RAS as NIfTI has it."""
        import nibabel

        turned = self.affine[:, [2, 1, 0, 3]] * np.array([[-1.0], [-1.0], [1.0], [1.0]])
        image = nibabel.Nifti1Image(self.array.transpose(2, 1, 0), turned)
        image.header.set_xyzt_units("mm")
        nibabel.save(image, path)


def slices_of(stack: Stack, at: Mapping[str, Any] | None = None) -> tuple[tuple[Frame, ...], np.ndarray]:
    """Return the frames of a regular grid, in the order along the normal, and its affine.

    Parameters
    ----------
    stack : Stack
    at : mapping of axis -> value, optional
        Which time, echo, b-value, ... where the stack has several: axes and values as in `Stack.axes`.

    Raises
    ------
    GeometryError
        The frames are no regular grid, or several grids; the message says why.
    ValueError
        There is no such axis or value.

    """
    kept = _at(stack, at or {})
    frames = [stack.frames[i] for i in kept]
    if len(frames) < 2:
        raise GeometryError(_refusal(f"there is {len(frames)} slice"))
    found = [plane_of(*f) for f in frames]
    planes = [p for p in found if p is not None]
    if len(planes) < len(found):
        raise GeometryError(
            _refusal(
                f"{len(found) - len(planes)} of {len(found)} frames do not say where they lie"
                " (Image Position and Orientation)"
            )
        )
    order = sorted(range(len(frames)), key=lambda i: planes[i].distance)
    frames, planes, kept = [frames[i] for i in order], [planes[i] for i in order], [kept[i] for i in order]
    _single(stack, kept, planes)
    notes = irregularities(planes)
    if notes:
        raise GeometryError(_refusal("; ".join(notes)))
    return tuple(frames), _affine(planes, _spacing(frames))


def assemble(
    frames: tuple[Frame, ...],
    affine: np.ndarray,
    decode: Callable[[Instance, int], np.ndarray],
    scales: tuple[Rescale, ...],
    unit: str = "",
    padding: tuple[int, int] | None = None,
    missing: str = "",
) -> Volume:
    """Read the frames of a grid into one volume.

    Raises
    ------
    NotAnImage
        The frames are colours.
    GeometryError
        They differ in size.
    DecodeError

    """
    stored: np.ndarray | None = None
    for i, (instance, number) in enumerate(frames):
        grid = decode(instance, number)
        if grid.ndim != 2:
            raise NotAnImage(f"{instance!r} is in colour, so there are no values that a volume could be made of.")
        if stored is None:
            stored = np.empty((len(frames), *grid.shape), grid.dtype)
        if grid.shape != stored.shape[1:]:
            raise GeometryError(_refusal("the slices differ in size"))
        if grid.dtype != stored.dtype:  # one writer, but some slices signed
            stored = stored.astype(np.promote_types(grid.dtype, stored.dtype))
        stored[i] = grid
    assert stored is not None
    stored.flags.writeable = False
    return Volume(frames, stored, scales, affine, unit, padding, missing)


def _refusal(why: str) -> str:
    return f"No volume can be made of these slices: {why}. Look at them slice by slice instead."


def _at(stack: Stack, at: Mapping[str, Any]) -> list[int]:
    """Return the indices of the frames that have these values on the axes."""
    kept = list(range(len(stack.frames)))
    for name, wanted in at.items():
        axis = next((a for a in stack.axes if a.name == name), None)
        if axis is None or wanted not in axis.choices:
            known = "; ".join(f"{a.name}: {_listed(a.choices)}" for a in stack.axes if len(a.choices) > 1)
            raise ValueError(f"There is no {name} {wanted!r} in this stack; there is {known or 'only one volume'}.")
        kept = [i for i in kept if axis.values[i] == wanted]
    return kept


def _single(stack: Stack, kept: Sequence[int], planes: Sequence[Plane]) -> None:
    """Raise GeometryError for several frames at one position; the message says how to choose one volume."""
    places = [p.distance for p in planes]
    twins = [i for i, (a, b) in enumerate(itertools.pairwise(places)) if b - a <= SMALL]
    if not twins:
        return
    differing = [a for a in stack.axes if any(a.values[kept[i]] != a.values[kept[i + 1]] for i in twins)]
    if not differing:
        raise GeometryError(_refusal("positions repeat"))
    words = "; ".join(f"{a.name}: {_listed(a.choices)}" for a in differing)
    wish = ", ".join(f"{a.name!r}: {a.choices[0]!r}" for a in differing)
    raise GeometryError(
        f"These slices are several volumes ({words}). Choose one: session.volume(series, at={{{wish}}})."
    )


def _listed(choices: tuple[Any, ...]) -> str:
    return ", ".join(text(c, 24) for c in choices[:8]) + (", ..." if len(choices) > 8 else "")


def _spacing(frames: Sequence[Frame]) -> tuple[float, float]:
    found = {numbers(i.header if i.groups is None else i.attributes(n), "PixelSpacing", 2) for i, n in frames}
    pair = found.pop()
    if found and not (pair and all(f and np.allclose(f, pair, rtol=1e-3) for f in found)):
        raise GeometryError(_refusal("the slices differ in Pixel Spacing"))
    if pair is None or min(pair) <= 0:
        raise GeometryError(_refusal("they do not say how large a pixel is (Pixel Spacing)"))
    return pair[0], pair[1]


def _affine(planes: Sequence[Plane], spacing: tuple[float, float]) -> np.ndarray:
    """Return index (slice, row, column, 1) -> patient; along the slices from the first position to the last."""
    first, last = planes[0], planes[-1]
    affine = np.eye(4)
    affine[:3, 0] = np.subtract(last.position, first.position) / (len(planes) - 1)
    affine[:3, 1] = np.multiply(first.column, spacing[0])
    affine[:3, 2] = np.multiply(first.row, spacing[1])
    affine[:3, 3] = first.position
    return affine
