"""What a session makes of all that it holds: arrays, volumes, planes and cuts. No network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dicom_widgets.display.derived.planes import Planes
from dicom_widgets.display.derived.pullback import Pullback, distance_of, pullback_of
from dicom_widgets.display.pipeline.grayscale import modality_of, padding_of
from dicom_widgets.display.values.realworld import RealWorld, real_world_named
from dicom_widgets.display.values.value_semantics import unit_of
from dicom_widgets.errors import GeometryError, NotAnImage
from dicom_widgets.geometry.plane import PARALLEL, plane_of
from dicom_widgets.geometry.stack import Stack
from dicom_widgets.geometry.stacks import stacks_of
from dicom_widgets.geometry.volume import Volume, assemble, slices_of
from dicom_widgets.session.pictures import Pictures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.session.inventory import Which

Values = str
"""What an array holds: "modality", "stored", "display", "real world", or the name of a Real World Value Mapping."""


class Holdings(Pictures):
    """Instances in memory or in mapped files, and all that is made of them."""

    def array(
        self,
        which: Which | Iterable[Which],
        frame: int | None = None,
        values: Values = "modality",
        dtype: Any = None,
    ) -> np.ndarray:
        """Return pixels as an array.

        Parameters
        ----------
        which : Entity, Instance, UID, or several
            An instance gives (row, column), or (frame, row, column) if it has several; a series gives
            (slice, row, column), ordered along the normal of the slices.
        frame : int, optional
            One frame, from 1.
        values : "modality", "stored", "display", "real world" or a name
            Modality values (HU, Bq/ml, ...; float32), stored values, what the image's own window makes (uint8), or the
            real world values of the first mapping, or of the one of that LUT Label: float32, NaN where a stored value
            is not mapped (PS3.3 C.7.6.16.2.11).
        dtype : optional
            Of the result.

        Raises
        ------
        NotAnImage, DecodeError
        NotFound
            An image has no real world values.
        GeometryError
            The slices of a series differ in size or direction, so they form no array.

        """
        found = [i for i in self.instances(which) if i.pixels_at is not None]
        if not found:
            raise NotAnImage(
                f"{which!r} has no pixels, so there is no array of it; session.dataset(...) gives its attributes."
            )
        single = len(found) == 1
        _stackable(found)
        grids = [grid for i in found for grid in self._values(i, _frames(i, frame), values)]
        array = grids[0] if single and len(grids) == 1 else np.stack(grids)
        wanted = dtype or (array.dtype if values in ("stored", "display") else np.float32)
        return array.astype(wanted, copy=False)

    def _values(self, instance: Instance, numbers: Iterable[int], values: Values) -> Iterator[np.ndarray]:
        for number in numbers:
            if values == "display":
                yield self._picture(instance, number).display()
            elif values == "stored":
                yield self.store.frame(instance, number)
            elif values == "modality":
                yield _measured(instance, number, self.store.frame(instance, number))
            else:
                mapping = real_world_named(instance.attributes(number), values)
                yield _real(mapping, instance, self.store.frame(instance, number))

    def unit(self, which: Which, frame: int = 1, values: Values = "modality") -> str:
        """Return the unit of the values of `array`: HU, Bq/ml, Gy, counts, ...; empty where nobody says.

        Parameters
        ----------
        which : Entity, Instance or UID
            Of a series or a study, the unit of its first image.
        frame : int
            From 1.
        values : str
            As for `array`; stored and displayed values have no unit.

        """
        found = next((i for i in self.instances(which) if i.pixels_at is not None), None)
        if found is None or values in ("stored", "display"):
            return ""
        ds = found.attributes(frame)
        return unit_of(ds, found.sop_class) if values == "modality" else real_world_named(ds, values).unit

    def volume(self, which: Which | Iterable[Which] | Stack, at: Mapping[str, Any] | None = None) -> Volume:
        """Return a regular stack of slices as one grid in the patient's coordinates.

        Parameters
        ----------
        which : Entity, Instance, UID, several, or Stack
            A series or a multi-frame object; where it has several stacks, one of `session.stacks(series)`. Several
            single images, also of several series, are one stack where they agree in direction, size, spacing and
            frame of reference.
        at : mapping of axis -> value, optional
            Which time, echo, b-value, ... where there are several: `at={"echo": 2}`.

        Returns
        -------
        Volume
            `.array` (slice, row, column) float32 of modality values, `.stored`, `.affine` (LPS), `.spacing` in mm,
            `.unit`, `.instances`, `.missing`; `.to_xarray()`, `.to_dask()`, `.to_nifti(path)`.

        Raises
        ------
        GeometryError
            The slices are no regular grid, with the reason, or they are several, with how to choose one.
        NotAnImage, DecodeError

        """
        stack = which if isinstance(which, Stack) else _only(_joined(self.stacks(which)), which, "volume")
        frames, affine = slices_of(stack, at)
        headers = [i.attributes(n) for i, n in frames]
        scales = [modality_of(ds)[0] for ds in headers]
        middle = len(frames) // 2
        signed = headers[middle].get("PixelRepresentation") == 1
        paddings = {padding_of(ds, signed=signed) for ds in headers}
        return assemble(
            frames,
            affine,
            self.store.frame,
            tuple(scales[:1] if all(s == scales[0] for s in scales) else scales),
            unit_of(headers[middle], frames[middle][0].sop_class),
            paddings.pop() if len(paddings) == 1 else None,
            stack.missing(of=frames, timeless=True),
        )

    def planes(self, which: Which | Iterable[Which] | Stack | Volume, at: Mapping[str, Any] | None = None) -> Planes:
        """Return the axial, coronal and sagittal planes of a volume: `.picture("coronal", 120, slab=5, mode="MIP")`.

        They are shown with the modality and VOI stages of the middle slice; presentation states are not applied.

        Parameters
        ----------
        which, at
            A volume, or what `session.volume` takes.

        Raises
        ------
        GeometryError, NotAnImage, DecodeError

        """
        volume = which if isinstance(which, Volume) else self.volume(which, at)
        instance, number = volume.frames[len(volume.frames) // 2]
        return Planes(volume, self._picture(instance, number))

    def pullback(self, which: Which | Stack) -> Pullback:
        """Return the longitudinal cuts through the frames of a pullback (intravascular OCT): `.picture(angle)`.

        `dw.Viewport(session, session.pullback(run))` scrolls through the angles. Presentation states are not applied.

        Parameters
        ----------
        which : Entity, Instance, UID or Stack
            A multi-frame object; where it has several stacks, one of `session.stacks(...)`.

        Raises
        ------
        GeometryError, NotAnImage, DecodeError

        """
        frames = (which if isinstance(which, Stack) else _only(self.stacks(which), which, "pullback")).frames
        distances = [distance_of(i.attributes(n)) for i, n in frames]
        return pullback_of((self._picture(i, n) for i, n in frames), distances)


def _measured(instance: Instance, frame: int, stored: np.ndarray) -> np.ndarray:
    """Return modality values; colours are what they are."""
    return stored if stored.ndim == 3 else modality_of(instance.attributes(frame))[0](stored)


def _real(mapping: RealWorld, instance: Instance, stored: np.ndarray) -> np.ndarray:
    if stored.ndim == 3:
        raise NotAnImage(f"{instance!r} is in colour, so it has no real world values.")
    return mapping(stored)


def _joined(found: tuple[Stack, ...]) -> tuple[Stack, ...]:
    """Return single images as what they form together; else the stacks as they are."""
    if any(len(s.frames) > 1 for s in found):
        return found
    return stacks_of((i for s in found for i, _ in s.frames), across=True)


def _only(found: tuple[Stack, ...], which: Any, wanted: str) -> Stack:
    """Return the one stack that may be a volume, or a pullback."""
    deep = [(i, s) for i, s in enumerate(found) if len(s.frames) > 1]
    if len(deep) == 1:
        return deep[0][1]
    if not deep and len(found) > 1:
        raise GeometryError(
            f"No {wanted} can be made of these {len(found)} images: no two of them agree in direction, size, spacing"
            " and frame of reference. Look at them one by one instead."
        )
    if not deep:
        raise GeometryError(
            f"{which!r} has no stack of slices, so no {wanted} can be made of it; session.array(...) gives its values."
        )
    words = ", ".join(f"{i}: {len(s.frames)} slices" for i, s in deep[:8])
    raise GeometryError(
        f"{which!r} has several stacks of slices ({words}), which lie apart or differ in direction or size. Choose one:"
        f" session.{wanted}(session.stacks(series)[{deep[0][0]}])."
    )


def _frames(instance: Instance, frame: int | None) -> Iterable[int]:
    return range(1, instance.frames + 1) if frame is None else (frame,)


def _stackable(instances: list[Instance]) -> None:
    sizes = {(*i.size, i.number("SamplesPerPixel") == 3) for i in instances}
    if len(sizes) > 1:
        words = ", ".join(sorted(f"{c} x {r}{' in colour' * color}" for r, c, color in sizes))
        raise GeometryError(
            f"The images have different sizes or colours ({words}), so they form no array. Pass those of one kind,"
            " or one at a time."
        )
    normals = [p.normal for i in instances if (p := plane_of(i))]
    if any(float(np.dot(normals[0], n)) < PARALLEL for n in normals[1:]):
        raise GeometryError(
            "The slices lie in different directions (a localizer among them?), so they form no array."
            " Pass those of one direction."
        )
