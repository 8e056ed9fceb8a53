"""An invented lumbar spine in an invented MR: sagittal slices, one disc worn out."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.practice.archive import Holding
from dicom_widgets.practice.modules import Series, describe_pixels, pixel_data, uid
from dicom_widgets.practice.paint import VoxelGrid, smooth, texture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

    from dicom_widgets.practice.paint import Values

MR: Final = "1.2.840.10008.5.1.4.1.1.4"
SLICES, SIZE = 22, 256
SPACING, THICKNESS, DISTANCE = 1.1, 3.0, 3.6
"""Between pixels, thickness of a slice, and between the middles of slices, in mm."""
_LEVELS: Final = 8
_HEIGHT: Final = 36.0
"""Of a vertebral body with its disc, in mm."""
_WORN: Final = 2
"""The disc, counted from below, that has lost its water and bulges."""


class Spine:
    """The volume, painted when the first slice is asked for; planes are x, rows go down, columns to the back."""

    @cached_property
    def stored(self) -> NDArray[np.uint16]:
        """Stored values, shape (slice, row, column): 12 bits."""
        grid = VoxelGrid.of(_right_to_left(), -_across(), _across(), 6)
        _paint_body(grid)
        _paint_vertebrae(grid)
        _paint_canal(grid)
        depth = np.clip((grid.x + 145) / 230, 0, 1)  # the coil lies behind the back
        signal = smooth(grid.values) * (0.35 + 0.75 * depth**1.5)
        rng = np.random.default_rng(22)
        real, imaginary = (18 * rng.standard_normal(signal.shape, dtype=np.float32) for _ in range(2))
        return np.clip(np.rint(np.hypot(signal + real, imaginary)), 0, 4095).astype(np.uint16)

    def plane(self, index: int) -> DataElement:
        """Return the Pixel Data of a slice."""
        return pixel_data(self.stored[index])


def slices(series: Series) -> Iterator[Holding]:
    """Yield the MR slices from the patient's right to the left; all share one volume."""
    spine = Spine()
    for index, x in enumerate(_right_to_left()):
        yield Holding(_header(series, index, float(x)), partial(spine.plane, index))


def _header(series: Series, index: int, x: float) -> Dataset:
    """Return the header of a slice: MR image, plane and frame of reference modules (PS3.3 C.8.3.1, C.7.6.2)."""
    dataset = series.instance(index + 1)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "OTHER"]
    dataset.AcquisitionNumber, dataset.BodyPartExamined = 1, "LSPINE"
    dataset.ScanningSequence, dataset.SequenceVariant = "SE", "SK"
    dataset.ScanOptions, dataset.MRAcquisitionType, dataset.SequenceName = "", "2D", "practice_tse"
    dataset.RepetitionTime, dataset.EchoTime, dataset.EchoTrainLength = 3500, 110, 15
    dataset.MagneticFieldStrength, dataset.FlipAngle, dataset.NumberOfAverages = 1.5, 150, 2
    dataset.PatientPosition = "HFS"
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = uid("spine", "frame of reference"), ""
    first = round(float(_across()[0]), 3)
    dataset.ImagePositionPatient = [round(x, 3), first, -first]
    dataset.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
    dataset.PixelSpacing = [SPACING, SPACING]
    dataset.SliceThickness, dataset.SpacingBetweenSlices, dataset.SliceLocation = THICKNESS, DISTANCE, round(x, 3)
    describe_pixels(dataset, SIZE, SIZE, 12)
    dataset.WindowCenter, dataset.WindowWidth = 450, 900
    return dataset


def _right_to_left() -> Values:
    """Return the positions of the slices in mm, to the patient's left."""
    return (DISTANCE * (np.arange(SLICES) - (SLICES - 1) / 2)).astype(np.float32)


def _across() -> Values:
    """Return the positions of the columns in mm, to the back; the rows lie at the same ones, downwards."""
    return (SPACING * (np.arange(SIZE) - (SIZE - 1) / 2)).astype(np.float32)


def _curve(z: Values | float) -> Values:
    """Return how far behind the middle the vertebral bodies lie, in mm: forward in the loins, back below."""
    return np.asarray(18 - 16 * np.cos((np.asarray(z) + 35) / 62), np.float32)


def _paint_body(grid: VoxelGrid) -> None:
    """Paint skin, fat, muscles of the back, and the bowels in front; the grid's rows are z, its columns y."""
    x, z, y = grid.z[:, None, None], grid.y[:, None], grid.x
    back = 66 + 0.9 * _curve(z)
    folds = texture(x, z, y, 30)
    values = grid.values
    inside = (y < back + 18) & (y > -128 + 6 * np.cos(z / 70)) & (x < 400)
    np.copyto(values, 330 + 170 * folds, where=inside & (y < -20))
    np.copyto(values, 210 + 70 * texture(x, z, y, 13), where=inside & (y >= -20))
    np.copyto(values, 780 + 40 * folds, where=inside & ((y > back) | (y < -112)))
    vessel = np.abs(y - _curve(z) + 30 + np.abs(x) * 0.2) < 7 - np.abs(x + 6) * 0.5
    values[vessel & inside] = 60


def _paint_vertebrae(grid: VoxelGrid) -> None:
    """Paint bodies, discs and spinous processes from below."""
    for level in range(_LEVELS):
        z = -135 + _HEIGHT * level
        y = float(_curve(z))
        _block(grid, (0, z, y), (29, 13.5, 18.5), 90)
        _block(grid, (0, z, y), (27.5, 12, 17), 430)
        worn = level == _WORN
        z, y = z + _HEIGHT / 2, float(_curve(z + _HEIGHT / 2))
        _block(grid, (0, z, y + 2 * worn), (26, 3.5 if worn else 5, 20 if worn else 17.5), 110)
        if not worn:
            grid.ellipsoid((y, z, 0), (11, 3.6, 18), 720)
        spine = float(_curve(z)) + 46
        grid.ellipsoid((spine, z - 4, 0), (15, 10.5, 4.5), 90)
        grid.ellipsoid((spine, z - 4, 0), (13.5, 9, 3.5), 400)


def _block(grid: VoxelGrid, center: tuple[float, float, float], half: tuple[float, float, float], value: float) -> None:
    """Paint a box with round edges, as a vertebral body is; order (x, z, y) of the patient."""
    turned, size = (center[2], center[1], center[0]), (half[2], half[1], half[0])
    part, _ = grid.box(turned, size)
    columns, rows, planes = (
        np.abs((axis - c) / h) ** 5 for axis, c, h in zip((part.x, part.y, part.z), turned, size, strict=True)
    )
    part.values[planes[:, None, None] + rows[:, None] + columns < 1] = value


def _paint_canal(grid: VoxelGrid) -> None:
    """Paint the canal with its fluid, the end of the cord, and the nerve roots below it."""
    x, z, y = grid.z[:, None, None], grid.y[:, None], grid.x
    behind = y - _curve(z) - 26
    narrowed = 2.5 * np.exp(-(((z + 135 - _HEIGHT * (_WORN + 0.5)) / 6) ** 2))  # where the worn disc bulges
    canal = ((behind - narrowed) / (8.5 - narrowed)) ** 2 + (x / 10) ** 2 < 1
    np.copyto(grid.values, np.float32(980), where=canal)
    cord = (behind / 4.2) ** 2 + (x / 5) ** 2 < np.clip((z - 20) / 25, 0, 1)
    np.copyto(grid.values, np.float32(430), where=cord)
    roots = canal & (z < 22) & (np.sin(2.2 * (behind + 0.05 * z) + x) > 0.55) & (behind > -3)
    np.copyto(grid.values, np.float32(560), where=roots)
