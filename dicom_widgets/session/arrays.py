"""Arrays, volumes, planes and longitudinal cuts of the instances that a session holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dicom_widgets.display.derived.planes import Planes
from dicom_widgets.display.derived.pullback import Pullback, distance_of, pullback_of
from dicom_widgets.display.pipeline.grayscale import modality_of, padding_of
from dicom_widgets.display.values import realworld
from dicom_widgets.display.values.value_semantics import unit_of
from dicom_widgets.errors import GeometryError, NotAnImage
from dicom_widgets.geometry.plane import PARALLEL, plane_of
from dicom_widgets.geometry.stack import Stack
from dicom_widgets.geometry.stacks import stacks_of
from dicom_widgets.geometry.volume import Volume, assemble, slices_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.session.inventory import Inventory, Selector
    from dicom_widgets.session.presenter import Presenter

Values = str
"""What an array holds: "modality", "stored", "display", "real world", or the name of a Real World Value Mapping."""


class Arrays:
    """Makes arrays, volumes, planes and cuts of held instances; `Session` documents its methods."""

    def __init__(self, inventory: Inventory, presenter: Presenter) -> None:
        self._inventory, self._presenter, self._store = inventory, presenter, inventory.store

    def array(
        self,
        which: Selector | Iterable[Selector],
        frame: int | None = None,
        values: Values = "modality",
        dtype: Any = None,
    ) -> np.ndarray:
        """See `Session.array`."""
        found = [i for i in self._inventory.instances(which) if i.pixels_at is not None]
        if not found:
            raise NotAnImage(
                f"{which!r} has no pixels, so there is no array of it; session.dataset(...) gives its attributes."
            )
        single = len(found) == 1
        _check_stackable(found)
        grids = [grid for i in found for grid in self._values(i, _frame_numbers(i, frame), values)]
        array = grids[0] if single and len(grids) == 1 else np.stack(grids)
        wanted = dtype or (array.dtype if values in ("stored", "display") else np.float32)
        return array.astype(wanted, copy=False)

    def _values(self, instance: Instance, numbers: Iterable[int], values: Values) -> Iterator[np.ndarray]:
        for number in numbers:
            if values == "display":
                yield self._presenter.picture(instance, number).display()
            elif values == "stored":
                yield self._store.frame(instance, number)
            elif values == "modality":
                yield _modality_values(instance, number, self._store.frame(instance, number))
            else:
                mapping = realworld.real_world_named(instance.attributes(number), values)
                yield _real_world_values(mapping, instance, self._store.frame(instance, number))

    def unit(self, which: Selector, frame: int = 1, values: Values = "modality") -> str:
        """See `Session.unit`."""
        found = next((i for i in self._inventory.instances(which) if i.pixels_at is not None), None)
        if found is None or values in ("stored", "display"):
            return ""
        ds = found.attributes(frame)
        return unit_of(ds, found.sop_class) if values == "modality" else realworld.real_world_named(ds, values).unit

    def volume(self, which: Selector | Iterable[Selector] | Stack, at: Mapping[str, Any] | None = None) -> Volume:
        """See `Session.volume`."""
        if isinstance(which, Stack):
            stack = which
        else:
            stack = _one_stack(_across_series(self._inventory.stacks(which)), which, "volume")
        frames, affine = slices_of(stack, at)
        headers = [i.attributes(n) for i, n in frames]
        scales = [modality_of(ds)[0] for ds in headers]
        middle = len(frames) // 2
        signed = headers[middle].get("PixelRepresentation") == 1
        paddings = {padding_of(ds, signed=signed) for ds in headers}
        return assemble(
            frames,
            affine,
            self._store.frame,
            tuple(scales[:1] if all(s == scales[0] for s in scales) else scales),
            unit_of(headers[middle], frames[middle][0].sop_class),
            paddings.pop() if len(paddings) == 1 else None,
            stack.missing(of=frames, timeless=True),
        )

    def planes(
        self, which: Selector | Iterable[Selector] | Stack | Volume, at: Mapping[str, Any] | None = None
    ) -> Planes:
        """See `Session.planes`."""
        volume = which if isinstance(which, Volume) else self.volume(which, at)
        instance, number = volume.frames[len(volume.frames) // 2]
        return Planes(volume, self._presenter.picture(instance, number))

    def pullback(self, which: Selector | Stack) -> Pullback:
        """See `Session.pullback`."""
        if isinstance(which, Stack):
            frames = which.frames
        else:
            frames = _one_stack(self._inventory.stacks(which), which, "pullback").frames
        distances = [distance_of(i.attributes(n)) for i, n in frames]
        return pullback_of((self._presenter.picture(i, n) for i, n in frames), distances)


def _modality_values(instance: Instance, frame: int, stored: np.ndarray) -> np.ndarray:
    """Return modality values; colours have no Modality LUT and stay."""
    return stored if stored.ndim == 3 else modality_of(instance.attributes(frame))[0](stored)


def _real_world_values(mapping: realworld.RealWorld, instance: Instance, stored: np.ndarray) -> np.ndarray:
    if stored.ndim == 3:
        raise NotAnImage(f"{instance!r} is in colour, so it has no real world values.")
    return mapping(stored)


def _across_series(found: tuple[Stack, ...]) -> tuple[Stack, ...]:
    """Return single images as the stacks that they form together; stacks of several frames as they are."""
    if any(len(s.frames) > 1 for s in found):
        return found
    return stacks_of((i for s in found for i, _ in s.frames), across=True)


def _one_stack(found: tuple[Stack, ...], which: Any, wanted: str) -> Stack:
    """Return the one stack that has several frames, or raise GeometryError with how to choose."""
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


def _frame_numbers(instance: Instance, frame: int | None) -> Iterable[int]:
    return range(1, instance.frames + 1) if frame is None else (frame,)


def _check_stackable(instances: list[Instance]) -> None:
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
