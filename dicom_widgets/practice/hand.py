"""An invented right hand on an imaging plate: MONOCHROME1, compressed without loss by JPEG 2000."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from pydicom.uid import JPEG2000Lossless

from dicom_widgets.practice.archive import Holding
from dicom_widgets.practice.modules import Series, Study, describe_pixels, encapsulated
from dicom_widgets.practice.paint import smooth, texture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from dicom_widgets.practice.paint import Values

    Joint = tuple[float, float]

CR: Final = "1.2.840.10008.5.1.4.1.1.1"
ROWS, COLUMNS = 1120, 896
SPACING: Final = 0.2
"""Between pixels on the plate, in mm."""
_FINGERS: Final[tuple[tuple[tuple[Joint, ...], float], ...]] = (
    (((70, 150), (46, 126), (32, 99), (24, 77)), 6.6),
    (((80, 140), (70, 94), (62, 55), (58, 33), (56, 16)), 6.0),
    (((89, 138), (89, 88), (89, 44), (89, 18), (89, 0)), 6.2),
    (((98, 140), (106, 92), (113, 51), (117, 28), (119, 10)), 5.8),
    (((106, 144), (123, 101), (134, 70), (140, 52), (144, 37)), 5.2),
)
"""Joints of each finger in mm (to the right, down; 10 mm from the upper edge), and half the width of its bones."""
_CARPALS: Final = ((76, 156, 7), (88, 151, 8), (99, 154, 8), (107, 160, 6), (78, 168, 8), (91, 166, 7), (103, 169, 6))
_FOREARM: Final = (((80, 178), (78, 240), 12.0), ((106, 181), (104, 240), 8.5))


class Hand:
    """The exposure, painted and compressed when it is asked for."""

    @cached_property
    def stored(self) -> NDArray[np.uint16]:
        """Stored values, shape (row, column): 12 bits, the more radiation the higher."""
        flesh = np.zeros((ROWS, COLUMNS), np.float32)
        bone = np.zeros((ROWS, COLUMNS), np.float32)
        _paint_palm(flesh)
        for joints, half in _FINGERS:
            _paint_finger(flesh, bone, joints, half)
        for right, down, radius in _CARPALS:
            _capsule(bone, (right, down), (right + 2, down + 2), radius, radius)
        for start, end, half in _FOREARM:
            _capsule(flesh, start, end, 22, 22)
            _capsule(bone, start, end, 1.25 * half, 0.9 * half)
        y, x = (np.arange(n, dtype=np.float32) * SPACING for n in (ROWS, COLUMNS))
        grain = 1 + 0.10 * texture(np.zeros(1, np.float32), y[:, None], x, 2.3)
        absorbed = np.exp(-0.028 * smooth(flesh) - 0.115 * smooth(bone) * grain)
        noise = 9 * np.random.default_rng(1).standard_normal(absorbed.shape, dtype=np.float32)
        edge = _collimator(y, x)
        return np.clip(np.rint((180 + 3500 * absorbed + noise) * edge + 60 * (1 - edge)), 0, 4095).astype(np.uint16)

    @cached_property
    def fragment(self) -> bytes:
        """A JPEG 2000 code stream, reversible, 12 bits."""
        import imagecodecs

        return bytes(
            imagecodecs.jpeg2k_encode(self.stored, level=0, codecformat="j2k", reversible=True, bitspersample=12)
        )


def radiograph(study: Study) -> Iterator[Holding]:
    """Yield the one image of the study."""
    series = Series(study, 1, "CR", CR, "Hand right, dorsopalmar", transfer_syntax=JPEG2000Lossless)
    hand = Hand()
    yield Holding(_header(series), lambda: encapsulated(hand.fragment))


def _header(series: Series) -> Dataset:
    """Return the header: CR series and image modules (PS3.3 C.8.1.1, C.8.1.2)."""
    dataset = series.instance(1)
    dataset.ImageType = ["ORIGINAL", "PRIMARY"]
    dataset.BodyPartExamined, dataset.ViewPosition, dataset.Laterality = "HAND", "PA", "R"
    dataset.PatientOrientation = ["L", "H"]  # seen from the back of the hand, fingers up
    dataset.KVP, dataset.Exposure, dataset.DistanceSourceToDetector = 50, 4, 1050
    dataset.PlateID, dataset.ImagerPixelSpacing = "PRACTICE1", [SPACING, SPACING]
    dataset.AcquisitionDate, dataset.AcquisitionTime = series.study.date, series.study.time
    describe_pixels(dataset, ROWS, COLUMNS, 12, "MONOCHROME1")
    dataset.WindowCenter, dataset.WindowWidth = 2000, 3800
    dataset.LossyImageCompression = "00"
    return dataset


def _paint_finger(flesh: Values, bone: Values, joints: tuple[Joint, ...], half: float) -> None:
    """Paint a finger: its bones are thick at the joints, which are gaps of a few mm."""
    for number, (start, end) in enumerate(pairwise(joints)):
        run, rise = end[0] - start[0], end[1] - start[1]
        length = (run**2 + rise**2) ** 0.5
        gap = (half * 0.8 + 0.8) / length
        first, last = ((start[0] + t * run, start[1] + t * rise) for t in (gap, 1 - gap))
        width = half * (1 - 0.14 * number)
        _capsule(flesh, start, end, 2.1 * width, 1.8 * width)
        _capsule(bone, first, last, width, 0.62 * width)


def _paint_palm(flesh: Values) -> None:
    for start, end, radius in (((78, 108), (88, 175), 22), ((104, 108), (98, 175), 22), ((60, 150), (80, 160), 17)):
        _capsule(flesh, start, end, radius, radius)


def _capsule(thickness: Values, start: Joint, end: Joint, at_ends: float, in_middle: float) -> None:
    """Add a rod of tissue by its thickness in mm along the ray; where bodies overlap, the thicker counts."""
    (x0, y0), (x1, y1) = start, end
    y0, y1 = y0 + 10, y1 + 10
    reach = at_ends + 1
    rows = slice(max(0, int((min(y0, y1) - reach) / SPACING)), max(0, int((max(y0, y1) + reach) / SPACING)))
    columns = slice(max(0, int((min(x0, x1) - reach) / SPACING)), int((max(x0, x1) + reach) / SPACING))
    part = thickness[rows, columns]
    y = (np.float32(SPACING) * np.arange(ROWS, dtype=np.float32)[rows])[:, None] - y0
    x = (np.float32(SPACING) * np.arange(COLUMNS, dtype=np.float32)[columns]) - x0
    run, rise = x1 - x0, y1 - y0
    along = np.clip((x * run + y * rise) / (run**2 + rise**2), 0, 1)
    half = in_middle + (at_ends - in_middle) * (2 * along - 1) ** 2
    squared = half**2 - (x - along * run) ** 2 - (y - along * rise) ** 2
    np.maximum(part, 2 * np.sqrt(np.clip(squared, 0, None)), out=part)


def _collimator(y: Values, x: Values) -> Values:
    """Return 1 in the field of exposure and 0 outside, with a soft edge."""
    inside_y = np.minimum(y - 4, ROWS * SPACING - 4 - y)
    inside_x = np.minimum(x - 5, COLUMNS * SPACING - 5 - x)
    edge: Values = np.clip(np.minimum(inside_y[:, None], inside_x) / 0.8 + 0.5, 0, 1)
    return edge
