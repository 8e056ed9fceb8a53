"""Presentation states of the head CT: how somebody looked at it, and what somebody marked (PS3.3 A.33.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydicom.dataset import Dataset

from dicom_widgets.dicom.conformance import GRAYSCALE_PRESENTATION_STATE
from dicom_widgets.practice.archive import Holding
from dicom_widgets.practice.head import BLEED, BLEED_HEIGHT, CT, INTERCEPT, SIZE, SPACING, planes
from dicom_widgets.practice.modules import Series

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydicom.uid import UID

_LAYER: Final = "FINDING"
_RADIUS: Final = 38.0
"""Radius of the circle around the bleed in pixels."""


def states(images: Series) -> Iterator[Holding]:
    """Yield two states over all slices: an older turned one, and a newer one that marks the finding.

    The circle, the text and the arrow belong to the slices that show the bleed; window and area to all.
    """
    series = Series(images.study, 90, "PR", GRAYSCALE_PRESENTATION_STATE, "Presentation states")
    yield Holding(_turned(series, images))
    yield Holding(_marked(series, images))


def marked_slices() -> list[int]:
    """Return the instance numbers of the slices on which the bleed is marked."""
    reach = BLEED_HEIGHT - 4  # it tapers off
    return [index + 1 for index, z in enumerate(planes()) if abs(float(z) - BLEED[2]) <= reach]


def _turned(series: Series, images: Series) -> Dataset:
    """Return the older state: the brain's window, turned and mirrored."""
    state = _state(series, images, 1, "BRAIN", "Turned by 90 degrees and mirrored", "090000")
    state.SoftcopyVOILUTSequence = [_window(40, 80)]
    state.ImageRotation, state.ImageHorizontalFlip = 90, "Y"
    return state


def _marked(series: Series, images: Series) -> Dataset:
    """Return the newer state: a window for blood and three graphics on the slices with the bleed."""
    state = _state(series, images, 2, "SUBDURAL", "Narrow window with the finding marked", "101500")
    state.SoftcopyVOILUTSequence = [_window(60, 150)]
    state.ImageRotation, state.ImageHorizontalFlip = 0, "N"
    layer = Dataset()
    layer.GraphicLayer, layer.GraphicLayerOrder = _LAYER, 1
    layer.GraphicLayerRecommendedDisplayGrayscaleValue = 0xFFFF
    layer.GraphicLayerDescription = "The finding"
    state.GraphicLayerSequence = [layer]
    column, row = ((millimetres / SPACING + SIZE / 2) for millimetres in BLEED[:2])
    annotation = Dataset()
    annotation.ReferencedImageSequence = [_reference(images.instance_uid(number)) for number in marked_slices()]
    annotation.GraphicLayer = _LAYER
    annotation.TextObjectSequence = [_text("Bleed?", (200, 22), (254, 40))]
    annotation.GraphicObjectSequence = [
        _graphic("CIRCLE", [column, row, column, row + _RADIUS]),
        _arrow((226, 44), (column + 12, row - 40)),
    ]
    state.GraphicAnnotationSequence = [annotation]
    return state


def _state(series: Series, images: Series, number: int, label: str, description: str, time: str) -> Dataset:
    """Return a state without a window: identification, relationship, modality LUT, area (PS3.3 C.11.10 to C.11.12)."""
    state = series.instance(number)
    state.BodyPartExamined = "HEAD"
    state.ContentLabel, state.ContentDescription = label, description
    state.PresentationCreationDate, state.PresentationCreationTime = series.study.date, time
    state.ContentCreatorName = "Reader^Rita"
    everything = [images.instance_uid(index + 1) for index in range(len(planes()))]
    of_series = Dataset()
    of_series.SeriesInstanceUID = images.uid
    of_series.ReferencedImageSequence = [_reference(one) for one in everything]
    state.ReferencedSeriesSequence = [of_series]
    state.RescaleIntercept, state.RescaleSlope, state.RescaleType = INTERCEPT, 1, "HU"
    area = Dataset()
    area.DisplayedAreaTopLeftHandCorner, area.DisplayedAreaBottomRightHandCorner = [1, 1], [SIZE, SIZE]
    area.PresentationSizeMode, area.PresentationPixelSpacing = "SCALE TO FIT", [SPACING, SPACING]
    state.DisplayedAreaSelectionSequence = [area]
    state.PresentationLUTShape = "IDENTITY"
    return state


def _reference(instance: UID) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CT, instance
    return item


def _window(center: float, width: float) -> Dataset:
    item = Dataset()
    item.WindowCenter, item.WindowWidth = center, width
    return item


def _text(words: str, corner: tuple[int, int], opposite: tuple[int, int]) -> Dataset:
    """Return a text in a box; (column, row) in pixels, where 0 is the edge of the image (PS3.3 C.10.5)."""
    item = Dataset()
    item.BoundingBoxAnnotationUnits = "PIXEL"
    item.UnformattedTextValue = words
    item.BoundingBoxTopLeftHandCorner, item.BoundingBoxBottomRightHandCorner = list(corner), list(opposite)
    item.BoundingBoxTextHorizontalJustification = "LEFT"
    return item


def _graphic(kind: str, numbers: Sequence[float]) -> Dataset:
    """Return a graphic of points column, row, column, row ... in pixels."""
    item = Dataset()
    item.GraphicAnnotationUnits = "PIXEL"
    item.GraphicDimensions, item.NumberOfGraphicPoints = 2, len(numbers) // 2
    item.GraphicData = [round(number, 2) for number in numbers]
    item.GraphicType, item.GraphicFilled = kind, "N"
    return item


def _arrow(tail: tuple[float, float], tip: tuple[float, float]) -> Dataset:
    """Return an arrow as one polyline: to the tip, along one barb, back, along the other."""
    run, rise = tip[0] - tail[0], tip[1] - tail[1]
    shrink = 10 / (run**2 + rise**2) ** 0.5  # barbs of 10 pixels
    points = [tail, tip]
    for turn in (-0.5, 0.5):
        barb = (tip[0] - shrink * (run - turn * rise), tip[1] - shrink * (rise + turn * run))
        points += [barb, tip]
    return _graphic("POLYLINE", [number for point in points for number in point])
