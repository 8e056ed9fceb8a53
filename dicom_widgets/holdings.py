"""What a session holds: loading, the tree, data sets, arrays, pictures. No network."""

from __future__ import annotations

import dataclasses
import itertools
import threading
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dicom_widgets import geometry, stacks
from dicom_widgets.display import realworld, states
from dicom_widgets.display.defect import defect_of
from dicom_widgets.display.difference import meaning_of_difference, scale_of, words_of
from dicom_widgets.display.figures import Figures, figures
from dicom_widgets.display.grayscale import modality_of, padding_of
from dicom_widgets.display.look import Look, VoiLut, Window
from dicom_widgets.display.meaning import meaning_of, unit_of
from dicom_widgets.display.picture import Picture
from dicom_widgets.display.planes import Planes
from dicom_widgets.display.present import present
from dicom_widgets.display.probe import Probe, probe
from dicom_widgets.display.pullback import Pullback, distance_of, pullback_of
from dicom_widgets.display.request import Request
from dicom_widgets.display.subtraction import RECOMMENDED, Subtraction, Wish, checked, chosen, has_mask
from dicom_widgets.errors import (
    DicomWidgetsError,
    GeometryError,
    NotAnImage,
    NotDicom,
    NotFound,
    SessionClosed,
    StoreFull,
)
from dicom_widgets.instance import Instance
from dicom_widgets.measurements import Measurements
from dicom_widgets.memory import Memory
from dicom_widgets.model import Entities, Entity
from dicom_widgets.sources import fileset, media
from dicom_widgets.store import OUT_OF_RESOURCES, Store, Watcher
from dicom_widgets.volume import Volume, assembled, slices_of

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping

    from pydicom.dataset import Dataset

    from dicom_widgets.display.meaning import Meaning
    from dicom_widgets.display.shown import Shown
    from dicom_widgets.measurement import Measurement
    from dicom_widgets.stacks import Stack

Which = Entity | Instance | str
"""An entity, an instance, or a SOP Instance UID."""
Values = str
"""What an array holds: "modality", "stored", "display", "real world", or the name of a Real World Value Mapping."""


class Holdings:
    """Instances in memory or in mapped files, and all that is made of them."""

    def __init__(self, limit: int, cache_limit: int) -> None:
        self.store = Store(limit, cache_limit=cache_limit)
        self.measurements = Measurements(self._figures)
        """Lengths, angles and regions on its images; they stay when an image is dropped."""
        self._closed = False
        self._defects: weakref.WeakKeyDictionary[Instance, str] = weakref.WeakKeyDictionary()
        """Presentation state -> why it is broken, or nothing; to look takes as long as a frame."""

    def _check(self) -> None:
        if self._closed:
            raise SessionClosed("This session is closed. Make a new one: dicom_widgets.Session().")

    # --- media

    def load(self, source: Any) -> Entities:
        """Load files, folders, DICOMDIRs, zip files, bytes, open files, pydicom data sets; files are mapped, not read.

        Returns
        -------
        Entities
            The studies of what was loaded; `.skipped` names the files that were not.

        Raises
        ------
        NotDicom
            Nothing could be loaded.
        StoreFull
            Nothing could be loaded, as the memory limit is reached.

        """
        self._check()
        loaded: list[str] = []
        skipped: dict[str, str] = {}
        full = False
        here = threading.get_ident()  # what a retrieval brings meanwhile is not loaded by us
        end = self.store.watch(lambda instance: loaded.append(instance.uid) if threading.get_ident() == here else None)
        try:
            for blob in fileset.blobs(source):
                if isinstance(blob, media.Skipped):
                    skipped[blob.origin] = blob.why
                elif status := self.store.add(blob):
                    skipped[blob.origin] = media.refusal(status, blob)
                    full = full or status == OUT_OF_RESOURCES
        finally:
            end()
        if not loaded:
            why = next(iter(skipped.values()), "There is no file in it.")
            raise (StoreFull if full else NotDicom)(
                f"Nothing could be loaded: {why}" + (f" ({len(skipped)} files like this)" if len(skipped) > 1 else "")
            )
        studies = self._holding(frozenset(loaded))
        studies.skipped = skipped
        return studies

    def _holding(self, uids: frozenset[str]) -> Entities:
        """Return the tree of some of the instances."""
        studies = self.studies
        for study in studies:
            for series in study.children:
                series.children = Entities(i for i in series.children if i.uid in uids)
            study.children = Entities(s for s in study.children if s.children)
        return Entities(s for s in studies if s.children)

    # --- what is held

    @property
    def studies(self) -> Entities:
        """What the session holds: studies, with series, with instances."""
        return self.store.tree()

    @property
    def memory(self) -> Memory:
        """Bytes of instances in memory of ours, as an int with `.limit` and `.frames`."""
        found = Memory(self.store.nbytes)
        found.limit, found.frames = self.store.limit, self.store.frames.nbytes
        return found

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with each Instance that arrives; return what ends it."""
        return self.store.watch(watcher)

    def instance(self, which: Which) -> Instance:
        """Return one held instance.

        Raises
        ------
        NotFound
            It is not held, or there is more than one.

        """
        self._check()
        if isinstance(which, Instance):
            return which
        if isinstance(which, str):
            return self.store.get(which)
        found = self.instances(which)
        if len(found) != 1:
            raise NotFound(f"One instance was expected, but the session holds {len(found)} of {which!r}.")
        return found[0]

    def instances(self, which: Which | Iterable[Which]) -> list[Instance]:
        """Return held instances, images in the order of their geometry."""
        self._check()
        if isinstance(which, (Instance, str)):
            return [self.instance(which)]
        if isinstance(which, Entity):
            found = self.store.under(which.path)
            if not found:
                raise NotFound(f"The session holds nothing of {which!r}. Retrieve it first: session.retrieve(entity).")
            return stacks.ordered(found)
        if not isinstance(which, Iterable):
            raise TypeError(
                f"{which!r} names nothing that a session holds: give an entity, an instance, a SOP Instance UID, or"
                " several of them."
            )
        several: Iterable[Which] = which
        return list(itertools.chain.from_iterable(self.instances(w) for w in several))

    def stacks(self, which: Which | Iterable[Which]) -> tuple[Stack, ...]:
        """Return the images of a series, or the frames of an object, as stacks in display order.

        A stack has frames (instance, frame number), axes (time, echo, ..., the slowest first) and notes that say why it
        is no regular volume.
        """
        if isinstance(which, (Instance, str, Entity)) or not isinstance(which, Iterable):
            return stacks.stacks(i for i in self.instances(which) if i.pixels_at is not None)
        several: Iterable[Which] = which
        return tuple(itertools.chain.from_iterable(self.stacks(w) for w in several))

    def dataset(self, which: Which) -> Dataset:
        """Return a fresh pydicom Dataset: pixel data undecoded, file meta information always present."""
        return self.instance(which).dataset()

    def save(self, entity: Which | Iterable[Which], folder: str | os.PathLike[str]) -> list[Path]:
        """Write instances as Part 10 files into a folder; return their paths: UIDs, never texts of the object."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        paths = []
        for instance in self.instances(entity):
            name = "".join(c for c in instance.uid if c in "0123456789.")[:64].strip(".") or "instance"
            paths.append(target / f"{name}.dcm")
            instance.dataset().save_as(paths[-1], enforce_file_format=True)
        return paths

    def drop(self, entity: Which | Iterable[Which]) -> int:
        """Forget instances; return how many there were."""
        return self.store.drop([i.uid for i in self.instances(entity)])

    # --- arrays

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
                shown = self.present(instance, number, presentation=None, subtraction=False)
                if not isinstance(shown, Picture):
                    raise NotAnImage(str(shown.record["why"]))
                yield shown.display()
            elif values == "stored":
                yield self.store.frame(instance, number)
            elif values == "modality":
                yield _measured(instance, number, self.store.frame(instance, number))
            else:
                mapping = realworld.chosen(instance.attributes(number), values)
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
        return unit_of(ds, found.sop_class) if values == "modality" else realworld.chosen(ds, values).unit

    def volume(self, which: Which | Iterable[Which] | Stack, at: Mapping[str, Any] | None = None) -> Volume:
        """Return a regular stack of slices as one grid in the patient's coordinates.

        Parameters
        ----------
        which : Entity, Instance, UID, several, or Stack
            A series or a multi-frame object; where it has several stacks, one of `session.stacks(series)`.
        at : mapping of axis -> value, optional
            Which time, echo, b-value, ... where there are several: `at={"echo": 2}`.

        Returns
        -------
        Volume
            `.array` (slice, row, column) float32 of modality values, `.stored`, `.affine` (LPS), `.spacing` in mm,
            `.unit`, `.instances`; `.to_xarray()`, `.to_dask()`, `.to_nifti(path)`.

        Raises
        ------
        GeometryError
            The slices are no regular grid, with the reason, or they are several, with how to choose one.
        NotAnImage, DecodeError

        """
        stack = which if isinstance(which, stacks.Stack) else _only(self.stacks(which), which)
        frames, affine = slices_of(stack, at)
        headers = [i.attributes(n) for i, n in frames]
        scales = [modality_of(ds)[0] for ds in headers]
        middle = len(frames) // 2
        signed = headers[middle].get("PixelRepresentation") == 1
        paddings = {padding_of(ds, signed=signed) for ds in headers}
        return assembled(
            frames,
            affine,
            self.store.frame,
            tuple(scales[:1] if all(s == scales[0] for s in scales) else scales),
            unit_of(headers[middle], frames[middle][0].sop_class),
            paddings.pop() if len(paddings) == 1 else None,
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
        frames = (which if isinstance(which, stacks.Stack) else _only(self.stacks(which), which)).frames
        distances = [distance_of(i.attributes(n)) for i, n in frames]
        return pullback_of((self._picture(i, n) for i, n in frames), distances)

    def _picture(self, instance: Instance, frame: int) -> Picture:
        """Return a frame as it is presented without a presentation state and a mask."""
        shown = self.present(instance, frame, presentation=None, subtraction=False)
        if not isinstance(shown, Picture):
            raise NotAnImage(f"Frame {frame} is no picture: {shown.record['why']}")
        return shown

    def probe(self, which: Which, column: int, row: int, frame: int = 1, subtraction: Wish = False) -> Probe:
        """Return what a pixel is: stored value, modality value and unit, and where it lies in the patient.

        Parameters
        ----------
        which : Entity, Instance or UID
        column, row : int
            From 1, as DICOM counts.
        frame : int
            From 1.
        subtraction : bool, "recommended" or Subtraction
            As `present` takes it: the value is that of the difference then.

        Raises
        ------
        NotAnImage, DecodeError
        IndexError
            There is no such pixel.

        """
        instance = self.instance(which)
        wanted = self.subtraction(instance, frame, subtraction=subtraction) if subtraction else None
        return probe(*self._meant(instance, frame, wanted), column, row)

    def _meant(self, instance: Instance, frame: int, wanted: Subtraction | None) -> tuple[Meaning, np.ndarray]:
        """Return the values of a frame, or of its difference, and what they mean."""
        if not wanted:
            return meaning_of(instance, frame), self.store.frame(instance, frame)
        ds, lut = instance.attributes(frame), None
        if wanted.behind:
            lut = states.modality_stage(self.store.get(wanted.behind).attributes(), ds)[0].table
        scale = scale_of(ds, lut)
        words = words_of(instance, frame, wanted, scale, self.store.frame, self.store.kept)
        return meaning_of_difference(instance, frame, wanted, scale), words

    def _figures(self, measurement: Measurement) -> Figures:
        """Return the figures of a measurement, or why there are none."""
        frame = measurement.frame
        try:
            instance = self.instance(measurement.instance)
            return figures(measurement.kind, measurement.points, *self._meant(instance, frame, measurement.subtraction))
        except DicomWidgetsError as error:
            return Figures(why=str(error))

    # --- pictures

    def subtraction(
        self, which: Which, frame: int = 1, presentation: Any = "newest", subtraction: Wish = RECOMMENDED
    ) -> Subtraction:
        """Return the mask that `present` subtracts with these arguments; one that is false where there is none.

        Its `source` says by which attribute, and `why` what hinders it.
        """
        image, wish = self.instance(which), checked(subtraction)
        if not (has_mask(image) or isinstance(wish, Subtraction) or self.store.states_of(image.uid)):
            return chosen(image, frame, None, wish)  # the usual case: thousands of slices are asked at once
        state, _ = _chosen(presentation, self._states(image, frame))
        return chosen(image, frame, state.instance if state else None, wish)

    def presentation_states(self, which: Which, frame: int = 1, *, refused: bool = False) -> list[states.State]:
        """Return the presentation states that apply to a frame, the newest first.

        Parameters
        ----------
        which : Entity, Instance or UID
        frame : int
            From 1.
        refused : bool
            Also those that refer to it and are not applied by themselves; `.refused` says why.

        """
        return [s for s in self._states(self.instance(which), frame) if refused or not s.refused]

    def _states(self, image: Instance, frame: int) -> list[states.State]:
        return states.applicable(self.store.states_of(image.uid), image, frame, self._defect)

    def _defect(self, state: Instance) -> str:
        if state not in self._defects:
            self._defects[state] = defect_of(state)
        return self._defects[state]

    def present(
        self,
        which: Which,
        frame: int = 1,
        presentation: Any = "newest",
        window: Window | VoiLut | tuple[float, float] | str | None = None,
        subtraction: Wish = RECOMMENDED,
        **look: Any,
    ) -> Shown:
        """Present an instance: a Picture, or a Page of what is no picture.

        Parameters
        ----------
        which : Entity, Instance or UID
        frame : int
            From 1.
        presentation : "newest", None, UID, State or Entity
            The presentation state to apply: the newest that refers to the frame, none, or this one.
        window : Window, (center, width) or name, optional
            Instead of the picture's own: a name is that of a preset ("lung") or one that the object gives.
        subtraction : "recommended", bool or Subtraction
            Which mask is subtracted: as the object, or the presentation state, recommends it; the one that they name
            (True), none (False), or this one.
        **look
            invert, turns, flip, hidden (`Look`).

        """
        image = self.instance(which)
        unknown = look.keys() - {f.name for f in dataclasses.fields(Look)}
        if unknown:
            raise TypeError(f"{min(unknown)!r} is nothing that can be changed; invert, turns, flip and hidden are.")
        found = self._states(image, frame)
        state, why = _chosen(presentation, found)
        store, wish = self.store, checked(subtraction)
        shown = present(Request(image, frame, store.frame, store.kept, tuple(found), state, why, Look(**look), wish))
        if window is None or not isinstance(shown, Picture):
            return shown
        return shown.looked_at(window, **look)


def _chosen(presentation: Any, found: list[states.State]) -> tuple[states.State | None, str]:
    """Return the state to apply, and why that one (requirement PS2, PS3)."""
    usable = [s for s in found if not s.refused]
    if presentation is None:
        return None, "taken off by the user"
    if presentation == "newest":
        return (
            (usable[0], f"the newest of {len(usable)} that refer to this frame")
            if usable
            else (None, "none refers to this frame")
        )
    uid = str(getattr(presentation, "uid", presentation))
    for state in found:
        if state.uid == uid:
            return state, "chosen" + (f" although {state.refused}" if state.refused else "")
    raise NotFound(
        f"The presentation state {uid} does not refer to this frame, or is not held;"
        " session.presentation_states(...) lists those that do."
    )


def _measured(instance: Instance, frame: int, stored: np.ndarray) -> np.ndarray:
    """Return modality values; colours are what they are."""
    return stored if stored.ndim == 3 else modality_of(instance.attributes(frame))[0](stored)


def _real(mapping: realworld.RealWorld, instance: Instance, stored: np.ndarray) -> np.ndarray:
    if stored.ndim == 3:
        raise NotAnImage(f"{instance!r} is in colour, so it has no real world values.")
    return mapping(stored)


def _only(found: tuple[Stack, ...], which: Any) -> Stack:
    """Return the one stack that may be a volume."""
    deep = [(i, s) for i, s in enumerate(found) if len(s.frames) > 1]
    if len(deep) == 1:
        return deep[0][1]
    if not deep:
        raise GeometryError(f"{which!r} has no stack of slices, so no volume can be made of it.")
    words = ", ".join(f"{i}: {len(s.frames)} slices" for i, s in deep[:8])
    raise GeometryError(
        f"{which!r} has several stacks of slices ({words}), which lie apart or differ in direction or size. Choose one:"
        f" session.volume(session.stacks(series)[{deep[0][0]}])."
    )


def _frames(instance: Instance, frame: int | None) -> Iterable[int]:
    return range(1, instance.frames + 1) if frame is None else (frame,)


def _stackable(instances: list[Instance]) -> None:
    sizes = {(i.number("Rows"), i.number("Columns"), i.number("SamplesPerPixel") or 1) for i in instances}
    if len(sizes) > 1:
        words = ", ".join(sorted(f"{c:g} x {r:g}" for r, c, _ in sizes if r and c))
        raise GeometryError(
            f"The images have different sizes ({words}), so they form no array. Pass some of them, or one at a time."
        )
    normals = [p.normal for i in instances if (p := geometry.plane(i))]
    if any(float(np.dot(normals[0], n)) < geometry.PARALLEL for n in normals[1:]):
        raise GeometryError(
            "The slices lie in different directions (a localizer among them?), so they form no array."
            " Pass those of one direction."
        )
