"""Axial, coronal and sagittal planes of a volume, each a voxel or a slab thick, as Pictures (MPR; requirement GE4).

A plane runs along the axes of the voxel grid that are nearest to the patient's, so nothing is interpolated and an
acquired plane has the bytes of its slice; an oblique acquisition gives planes that are as oblique. Planes have the VOI
of the middle slice. Presentation states are not applied, as they belong to other images.
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from dicom_widgets.display.derived.slab import SLAB_MODES, SlabMode, layer_of_stored, layer_of_values
from dicom_widgets.display.picture.layer import Grey
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.pipeline.grayscale import Modality, is_padding
from dicom_widgets.display.texts.corner_texts import series_of
from dicom_widgets.display.values.spacing import Spacing
from dicom_widgets.display.values.value_semantics import ValueSemantics
from dicom_widgets.errors import NotAnImage
from dicom_widgets.geometry.plane import Plane, direction_letters, position_label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dicom_widgets.display.picture.shown import Record
    from dicom_widgets.display.pipeline.view_settings import VoiLut, Window
    from dicom_widgets.display.present.record import Stages
    from dicom_widgets.geometry.volume import Volume

PlaneName = Literal["axial", "coronal", "sagittal"]
PLANE_NAMES: Final[tuple[PlaneName, ...]] = get_args(PlaneName)

_RUNS: Final[dict[PlaneName, tuple[tuple[int, int], ...]]] = {
    "axial": ((2, 1), (1, 1), (0, 1)),
    "coronal": ((1, 1), (2, -1), (0, 1)),
    "sagittal": ((0, 1), (2, -1), (1, 1)),
}
"""Directions of the index of a plane, of its columns (down) and its rows (across): axis of the patient (x to L, y to P,
z to H) and sign. A patient is seen from the feet, from the front, and from the left."""
CROSSED: Final[dict[PlaneName, tuple[PlaneName, PlaneName]]] = {
    "axial": ("coronal", "sagittal"),
    "coronal": ("axial", "sagittal"),
    "sagittal": ("axial", "coronal"),
}
"""Which planes a plane crosses on the way down and across; axial ones are crossed from the last to the first."""
_GREY: Final = ("modality", "voi", "presentation LUT", "display")


@dataclass(frozen=True)
class Run:
    """One direction of a plane: along an axis of the array, forwards or backwards."""

    axis: int
    back: bool


@dataclass(frozen=True, eq=False)
class Planes:
    """The three planes of a volume; the index of a plane grows to L, P or H."""

    volume: Volume
    source: Picture
    """A slice as it is presented: planes have its windows and texts."""

    def __post_init__(self) -> None:
        if not isinstance(self.source.layers[0], Grey):
            raise NotAnImage("The slices are in colour: planes are made of grey images only.")

    def count(self, plane: PlaneName) -> int:
        """Return how many planes of this name there are."""
        return self.volume.shape[self._runs[plane][0].axis]

    def shape(self, plane: PlaneName) -> tuple[int, int]:
        """Return rows and columns of a plane."""
        _, down, across = self._runs[plane]
        return self.volume.shape[down.axis], self.volume.shape[across.axis]

    def step(self, plane: PlaneName) -> float:
        """Return the distance between neighbouring planes in mm."""
        return self.volume.spacing[self._runs[plane][0].axis]

    def indices(self, point: Sequence[float]) -> dict[PlaneName, int]:
        """Return which plane of each name is nearest to a point of the patient (LPS, mm)."""
        at = self.volume.to_index(point)
        found: dict[PlaneName, int] = {}
        for plane, (through, *_) in self._runs.items():
            last = self.count(plane) - 1
            index = max(0, min(last, int(np.floor(at[through.axis] + 0.5))))
            found[plane] = last - index if through.back else index
        return found

    def point(self, indices: Mapping[PlaneName, int]) -> tuple[float, float, float]:
        """Return where three planes meet in the patient (LPS, mm)."""
        at = [0.0, 0.0, 0.0]
        for plane, (through, *_) in self._runs.items():
            at[through.axis] = self._place(plane, indices[plane])
        return self.volume.to_patient(at)

    def picture(
        self,
        plane: PlaneName,
        index: int | None = None,
        *,
        slab: int = 1,
        mode: SlabMode = "MIP",
        window: Window | VoiLut | tuple[float, float] | str | None = None,
        **look: Any,
    ) -> Picture:
        """Return a plane.

        Parameters
        ----------
        plane : "axial", "coronal" or "sagittal"
            A patient is seen from the feet, from the front, from the left: rows run to L, L and P, columns to P, F, F.
        index : int, optional
            From 0 (most right, anterior or caudal); without it the middle one.
        slab : int
            How many planes are put together, around this one; fewer at the ends of the volume.
        mode : "MIP", "MinIP" or "mean"
            Largest, smallest or mean value of a slab; padding is left out.
        window : Window, (center, width) or name, optional
            Instead of the one of the slices.
        **look
            invert, turns, flip (`ViewSettings`).

        Raises
        ------
        ValueError
            An unknown plane or mode, or a slab below 1.
        IndexError
            There is no such plane.

        """
        if plane not in PLANE_NAMES or mode not in SLAB_MODES or slab < 1:
            raise ValueError(
                f"plane={plane!r}, mode={mode!r}, slab={slab!r}: the planes are {', '.join(PLANE_NAMES)}, the modes"
                f" {', '.join(SLAB_MODES)}, and a slab has one plane at least."
            )
        count = self.count(plane)
        index = count // 2 if index is None else int(index)
        if not 0 <= index < count:
            raise IndexError(f"There is no {plane} plane {index}: there are {count}, from 0.")
        first, last = max(0, index - (slab - 1) // 2), min(count, index + slab // 2 + 1)
        made = self._picture(plane, index, last - first, mode, *self._layer(plane, first, last, mode))
        return made.looked_at(window, **look)

    # --- where planes lie

    @cached_property
    def _runs(self) -> dict[PlaneName, tuple[Run, Run, Run]]:
        """Index, down and across of each plane as runs of the array: of the axes nearest to the patient's."""
        unit = self.volume.affine[:3, :3] / self.volume.spacing
        axes = max(itertools.permutations(range(3)), key=lambda p: sum(abs(unit[i, a]) for i, a in enumerate(p)))
        return {
            plane: tuple(Run(axes[i], bool(unit[i, axes[i]] * sign < 0)) for i, sign in runs)  # type: ignore[misc]
            for plane, runs in _RUNS.items()
        }

    def _place(self, plane: PlaneName, index: int) -> int:
        through = self._runs[plane][0]
        return self.count(plane) - 1 - index if through.back else index

    def _direction(self, run: Run) -> np.ndarray:
        vector = self.volume.affine[:3, run.axis] / self.volume.spacing[run.axis]
        return -vector if run.back else vector

    # --- what is on them

    def _layer(self, plane: PlaneName, first: int, last: int, mode: SlabMode) -> tuple[Grey, Stages, Modality]:
        volume, source = self.volume, self.source.layers[0]
        assert isinstance(source, Grey)
        through, down, across = self._runs[plane]
        ends = sorted((self._place(plane, first), self._place(plane, last - 1)))
        cut = [slice(ends[0], ends[1] + 1) if axis == through.axis else slice(None) for axis in range(3)]

        def lying(grid: np.ndarray) -> np.ndarray:
            """(slice, row, column) -> (through, down, across)."""
            grid = grid.transpose(through.axis, down.axis, across.axis)
            return grid[:, :: -1 if down.back else 1, :: -1 if across.back else 1]

        part = volume.stored[tuple(cut)]
        hidden = None
        if volume.padding is not None:
            hidden = lying(is_padding(part, volume.padding))
        scales = volume.scales if len(volume.scales) == 1 else volume.scales[cut[0]]
        chain = dataclasses.replace(source.chain, padding=volume.padding, signed=volume.stored.dtype.kind == "i")
        if len(scales) == 1 and isinstance(scales[0], Modality) and scales[0].table is None:
            line = scales[0]
            return *layer_of_stored(dataclasses.replace(chain, modality=line), lying(part), mode, hidden), line
        return *layer_of_values(chain, lying(volume.measured(*cut)), mode, hidden), Modality()

    def _picture(
        self, plane: PlaneName, index: int, thick: int, mode: SlabMode, layer: Grey, stages: Stages, line: Modality
    ) -> Picture:
        volume, source = self.volume, self.source
        through, down, across = self._runs[plane]
        heights, widths = volume.spacing[down.axis], volume.spacing[across.axis]
        centre = [(n - 1) / 2 for n in volume.shape]
        centre[through.axis] = self._place(plane, index)
        normal = self._direction(through)
        place = position_label(normal, float(normal @ volume.to_patient(centre)))
        slab = f"{mode} {thick * self.step(plane):.4g} mm" if thick > 1 else ""
        header = volume.frames[0][0].header
        texts = {
            **{corner: source.texts.get(corner, []) for corner in ("tl", "tr")},
            "bl": [w for w in (series_of(header), f"MPR {plane}", place, slab) if w],
            "br": source.texts.get("br", []),
        }
        known = source.runs != ("", "")  # animals have no letters (requirement TX2)
        letters = [direction_letters(self._direction(run).tolist()) if known else "" for run in (across, down)]
        series = volume.frames[0][0].path[1]
        return Picture(
            kind="image",
            title=f"MPR {plane}",
            record=self._record(plane, index, slab, series, stages),
            key=f"{series}/{plane}/{index}/{mode} {thick}",
            layers=(layer,),
            aspect=heights / widths,
            meaning=self._meaning(plane, index, line),
            burned=source.burned,
            runs=(letters[0], letters[1]),
            texts=texts,
            private=source.private,
            windows=source.windows,
            luts=source.luts,
        )

    def _meaning(self, plane: PlaneName, index: int, line: Modality) -> ValueSemantics:
        """Return the value semantics of a plane; it belongs to no instance, so measurements are not kept on it."""
        volume, was = self.volume, self.source.meaning
        through, down, across = self._runs[plane]
        corner = [0, 0, 0]
        corner[through.axis] = self._place(plane, index)
        for run in (down, across):
            corner[run.axis] = volume.shape[run.axis] - 1 if run.back else 0
        row, column = (tuple(self._direction(run).tolist()) for run in (across, down))
        pitch = volume.spacing[down.axis], volume.spacing[across.axis]
        return ValueSemantics(
            modality=line,
            unit=volume.unit,
            padding=volume.padding,
            spacing=Spacing(*pitch, "mm", was.spacing.label, "Pixel Spacing and the positions of the slices"),
            aspect=pitch[0] / pitch[1],
            plane=Plane(volume.to_patient(corner), row, column),
            pitch=pitch,
            suv=was.suv,
            note=was.note,
        )

    def _record(self, plane: PlaneName, index: int, slab: str, series: str, made: Stages) -> Record:
        volume, source = self.volume, self.source
        count = len(volume.frames)
        own = [s for s in source.record["stages"] if s["stage"] in _GREY]
        stages = (
            ("volume", repr(volume), f"Image Position and Orientation (Patient), Pixel Spacing of {count} slices"),
            ("plane", f"{plane} {index} of {self.count(plane)}, from 0", "voxels as they are, nothing is interpolated"),
            ("slab", slab or "one voxel", "the user"),
            *made,
        )
        return {
            "series": series,
            "stages": [*({"stage": s, "used": used, "from": origin} for s, used, origin in stages), *own],
            "presentation_state": None,
            "why": "presentation states are not applied to planes of a volume",
            "not_applied": [],
            "notes": [*source.record["notes"], *([f"Missing: {volume.missing}"] if volume.missing else [])],
            "fidelity": "resampled",
        }
