"""An invented head in an invented CT: bone, brain, and a bleed to be found."""

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

CT: Final = "1.2.840.10008.5.1.4.1.1.2"
SLICES, SIZE = 64, 256
SPACING, DISTANCE = 0.9, 2.5
"""Between pixels and between slices, in mm."""
LOWEST: Final = -65.0
"""Position of the first slice in mm, above the middle of the head."""
INTERCEPT: Final = -1024
BLEED: Final = (56.4, 12.3, 32.0)
"""Middle of the bleed in mm: on the patient's left (x), behind the middle (y), above it (z)."""
BLEED_HEIGHT: Final = 24.0
"""How far the bleed reaches up and down from there, in mm."""
_LATERAL, _SAGITTAL, _CRANIAL = 76.0, 94.0, 92.0
"""Semi-axes of the head in mm."""


def planes() -> Values:
    """Return the positions of the slices in mm."""
    return (LOWEST + DISTANCE * np.arange(SLICES)).astype(np.float32)


class Head:
    """The volume, painted when the first slice is asked for."""

    @cached_property
    def stored(self) -> NDArray[np.uint16]:
        """Stored values, shape (slice, row, column): 12 bits, Hounsfield units minus the intercept."""
        grid = VoxelGrid.of(planes(), _across(), _across(), -1000)
        radius = _radius(grid)
        _paint_skull(grid, radius)
        _paint_brain(grid, radius)
        _paint_face(grid)
        _paint_table(grid, radius)
        noise = np.random.default_rng(64).standard_normal(grid.values.shape, dtype=np.float32)
        hounsfield = smooth(grid.values + 8 * noise)  # the blur leaves 3 of the noise's 8
        return np.clip(np.rint(hounsfield) - INTERCEPT, 0, 4095).astype(np.uint16)

    def plane(self, index: int) -> DataElement:
        """Return the Pixel Data of a slice."""
        return pixel_data(self.stored[index])


def slices(series: Series) -> Iterator[Holding]:
    """Yield the CT slices from the skull base upwards; all share one volume."""
    head = Head()
    for index, z in enumerate(planes()):
        yield Holding(_header(series, index, float(z)), partial(head.plane, index))


def _header(series: Series, index: int, z: float) -> Dataset:
    """Return the header of a slice: CT image, plane and frame of reference modules (PS3.3 C.8.2.1, C.7.6.2)."""
    dataset = series.instance(index + 1)
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.AcquisitionNumber, dataset.AcquisitionDate = 1, series.study.date
    dataset.AcquisitionTime, dataset.BodyPartExamined = series.study.time, "HEAD"
    dataset.KVP, dataset.XRayTubeCurrent, dataset.ExposureTime = 120, 250, 1000
    dataset.ConvolutionKernel, dataset.GantryDetectorTilt = "PRACTICE_SOFT", 0
    dataset.ReconstructionDiameter, dataset.PatientPosition = SPACING * SIZE, "HFS"
    dataset.FrameOfReferenceUID, dataset.PositionReferenceIndicator = uid("head", "frame of reference"), "OM"
    first = float(_across()[0])
    dataset.ImagePositionPatient = [round(first, 3), round(first, 3), z]
    dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    dataset.PixelSpacing = [SPACING, SPACING]
    dataset.SliceThickness, dataset.SliceLocation = DISTANCE, z
    describe_pixels(dataset, SIZE, SIZE, 12)
    dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType = INTERCEPT, 1, "HU"
    dataset.WindowCenter, dataset.WindowWidth = [40, 480], [80, 2500]
    dataset.WindowCenterWidthExplanation = ["BRAIN", "BONE"]
    return dataset


def _across() -> Values:
    """Return the positions of rows and columns in mm: to the back, to the patient's left."""
    return (SPACING * (np.arange(SIZE) - (SIZE - 1) / 2)).astype(np.float32)


def _radius(grid: VoxelGrid) -> Values:
    """Return how far out a voxel lies: 0 in the middle of the head, 1 at the skin; it tapers to the neck."""
    z = grid.z[:, None, None]
    vertical = np.where(z > 0, (z / _CRANIAL) ** 2, 0.30 * (z / 70) ** 2)
    flat = (grid.y[:, None] / _SAGITTAL) ** 2 + (grid.x / _LATERAL) ** 2
    return np.sqrt(vertical + flat, dtype=np.float32)


def _above_base(grid: VoxelGrid) -> Values:
    """Return how far a voxel lies above the skull base in mm, which falls from the forehead to the nape, in waves."""
    ridges = np.float32(9) * np.sin(np.float32(np.pi / 46) * (np.abs(grid.x) - 6))
    return grid.z[:, None, None] + 35 + np.float32(0.38) * grid.y[:, None] + ridges


def _paint_skull(grid: VoxelGrid, radius: Values) -> None:
    """Paint skin, fat, muscle, the three layers of the skull, and its base."""
    above, values = _above_base(grid), grid.values
    values[radius < 1] = 45
    soft = texture(grid.z[:26, None, None], grid.y[:, None], grid.x, 34) > 0.25
    values[:26][soft & (radius[:26] < 1)] = -60  # fat between the muscles of face and nape
    values[(radius > 0.955) & (radius < 0.985)] = -75
    for inner, outer, value in ((0.875, 0.945, 1250), (0.893, 0.927, 650)):
        values[(radius > inner) & (radius < outer) & (above > -6)] = value
    base = (radius < 0.9) & (np.abs(above) < 2.5)
    values[base] = 750
    for side in (-1, 1):
        grid.ellipsoid((side * 42, 22, -48), (26, 13, 12), 1050)
        grid.ellipsoid((side * 62, 32, -50), (10, 13, 14), 550)


def _paint_brain(grid: VoxelGrid, radius: Values) -> None:
    """Paint grey and white matter, the folds with their fluid, ventricles, cerebellum, and the bleed."""
    above, values = _above_base(grid), grid.values
    folds = texture(grid.z[:, None, None], grid.y[:, None], grid.x, 19)
    brain = (radius < 0.875) & (above > 3)
    values[brain] = 37
    values[brain & (radius < 0.775 + 0.05 * folds)] = 28
    values[brain & (radius > 0.79) & (np.abs(folds) > 0.62)] = 10
    values[brain & (radius > 0.862)] = 12
    cerebellum = brain & (grid.z < -12)[:, None, None] & (grid.y > 12)[:, None] & (radius < 0.855)
    fine = texture(grid.z[:26, None, None], grid.y[:, None], grid.x, 7)
    values[:26][cerebellum[:26]] = (39 + 5 * fine)[cerebellum[:26]]
    tentorium = np.abs(grid.z[:, None, None] + 10) < 1.3
    values[brain & tentorium & (grid.y > 12)[:, None]] = 52
    falx = (np.abs(grid.x) < 0.9) & (radius > 0.6) & (grid.z > -5)[:, None, None]
    values[brain & falx] = 55
    _paint_inner_brain(grid)
    _paint_bleed(grid, radius)


def _paint_inner_brain(grid: VoxelGrid) -> None:
    """Paint the deep grey matter, the fluid inside, and the harmless calcifications."""
    for side in (-1, 1):
        for center, half, value in (
            ((11, 8, 12), (8, 14, 9), 37),  # thalamus
            ((26, -8, 12), (6, 17, 11), 38),  # putamen
            ((14, -25, 20), (5, 9, 10), 38),  # head of the caudate nucleus
            ((9, -28, 18), (4, 15, 8), 8),  # frontal horn
            ((13, 5, 26), (6, 28, 6), 8),  # body of the lateral ventricle
            ((22, 38, 17), (5, 18, 6), 8),  # occipital horn
            ((34, 0, -14), (2.5, 11, 3), 8),  # temporal horn
            ((23, 32, 18), (2.2, 3, 3), 260),  # choroid plexus, calcified
        ):
            grid.ellipsoid((side * center[0], center[1], center[2]), half, value)
    grid.ellipsoid((0, 2, 8), (1.8, 14, 9), 8)  # third ventricle
    grid.ellipsoid((0, 22, 8), (2, 2.5, 3), 190)  # pineal gland, calcified
    grid.ellipsoid((0, -12, -22), (14, 8, 6), 8)  # suprasellar cistern
    grid.ellipsoid((0, 10, -30), (15, 13, 22), 31, over=-100)  # brain stem
    grid.ellipsoid((0, 28, -36), (6, 4, 7), 8)  # fourth ventricle


def _paint_bleed(grid: VoxelGrid, radius: Values) -> None:
    """Paint a crescent of fresh blood between the skull and the left side of the brain."""
    k = slice(*np.searchsorted(grid.z, (BLEED[2] - BLEED_HEIGHT, BLEED[2] + BLEED_HEIGHT)))
    angle = np.degrees(np.arctan2(grid.y[:, None] / _SAGITTAL, grid.x / _LATERAL))
    along = 1 - ((angle - 10) / 28) ** 2
    upward = 1 - ((grid.z[k, None, None] - BLEED[2]) / BLEED_HEIGHT) ** 2
    thickness = 0.10 * np.clip(along, 0, None) * upward
    blood = (radius[k] > 0.875 - thickness) & (radius[k] < 0.875)
    grid.values[k][blood] = 72


def _paint_face(grid: VoxelGrid) -> None:
    """Paint the eyes with their fat, and the air of nose, sinuses and ears."""
    grid.ellipsoid((0, -94, -52), (11, 15, 16), 25)  # nose
    for side in (-1, 1):
        for center, half, value in (
            ((30, -56, -32), (20, 27, 19), 650),  # wall of the orbit
            ((30, -58, -32), (18, 27, 17), -95),  # its fat
            ((24, -46, -32), (2.2, 17, 2.2), 35),  # optic nerve
            ((31, -70, -32), (12, 12, 12), 45),  # eye
            ((31, -70, -32), (10.8, 10.8, 10.8), 10),
            ((31, -79, -32), (4.5, 2.2, 4.5), 95),  # lens
            ((8, -86, 0), (8, 3.4, 10), -1000),  # frontal sinus
            ((7, -52, -31), (4.5, 17, 11), -950),  # ethmoid cells
            ((8, -20, -37), (9, 12, 9), 600),  # sphenoid sinus
            ((8, -20, -37), (7.5, 10.5, 7.5), -1000),
            ((27, -54, -64), (15.5, 16.5, 13), 600),  # maxillary sinus
            ((27, -54, -64), (14, 15, 12), -1000),
            ((5, -62, -60), (3.5, 22, 15), -1000),  # nose, inside
            ((79, 14, -40), (4, 13, 20), 50),  # ear
            ((68, 8, -47), (13, 2.8, 2.8), -1000),  # ear canal
        ):
            grid.ellipsoid((side * center[0], center[1], center[2]), half, value)
        part, _ = grid.box((side * 62, 32, -50), (9, 12, 13))
        cells = texture(part.z[:, None, None], part.y[:, None], part.x, 8) > 0.1
        part.values[cells & (part.radius((side * 62, 32, -50), (9, 12, 13)) < 1)] = -850  # mastoid cells


def _paint_table(grid: VoxelGrid, radius: Values) -> None:
    """Paint the head rest with its cushion, and the table under it, into the air."""
    y, x = grid.y[:, None], grid.x
    rest = np.sqrt((x / 88) ** 2 + (y / 104) ** 2)
    depth = y - 107 + 10 * (x / 115) ** 2
    flat = np.full(rest.shape, -1000, np.float32)
    flat[(rest < 1) & (y > 15)] = -960
    flat[(np.abs(depth) < 1.4) & (rest > 1)] = 20
    flat[(depth >= 1.4) & (rest > 1)] = -930
    flat[(np.abs(rest - 1) < 0.014) & (y > 15)] = 70
    outside = (grid.values == -1000) & (radius > 1)
    np.copyto(grid.values, flat, where=outside)
