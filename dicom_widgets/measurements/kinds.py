"""The kinds of measurement that there are, to which others may add (requirements ME1 to ME5, US1 to US4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.measurements.angle import ANGLE
from dicom_widgets.measurements.ellipse import ELLIPSE
from dicom_widgets.measurements.figures import Figures
from dicom_widgets.measurements.kind import MeasurementKind, as_given
from dicom_widgets.measurements.length import LENGTH
from dicom_widgets.measurements.probe import PROBE
from dicom_widgets.measurements.rectangle import RECTANGLE
from dicom_widgets.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from dicom_widgets.display.values.value_semantics import ValueSemantics
    from dicom_widgets.geometry.point import Point
    from dicom_widgets.registry import Registration

KINDS: Final[Registry[str, MeasurementKind]] = Registry(
    "A kind of measurement", {kind.name: kind for kind in (LENGTH, ANGLE, RECTANGLE, ELLIPSE, PROBE)}
)
"""Name -> kind."""


def register(kind: MeasurementKind) -> Registration:
    """Add a kind of measurement; closing what is returned takes it away again.

    Raises
    ------
    ValueError
        There is a kind of this name already.

    """
    return KINDS.register(kind.name, kind)


def kind_of(name: str) -> MeasurementKind:
    """Return a kind; of one that was taken away, what still draws its points and says why it has no figures."""
    gone = Figures(why=f"the kind of measurement {name!r} was taken away")
    return KINDS.get(name) or MeasurementKind(name, 1, as_given, lambda *_: gone, more=True)


def figures(kind: str, points: Sequence[Point], semantics: ValueSemantics, stored: np.ndarray) -> Figures:
    """Return the figures of a measurement.

    The page computes the same from the same numbers while the hand moves, so that they are there while the kernel is
    busy; a test compares both over kinds of images.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    points : sequence of (x, y)
        In image coordinates: 0, 0 is the outer corner of the first pixel and 0.5, 0.5 its centre (PS3.3 C.10.5.1.2).
    semantics : ValueSemantics
        What the values and distances of the frame mean, whatever window and presentation state it is seen with.
    stored : ndarray
        The decoded frame: (rows, columns) of stored values, or (rows, columns, 3) RGB.

    """
    centred = [(x - 0.5, y - 0.5) for x, y in points]  # the only place where the origin changes
    return kind_of(kind).figures(centred, semantics, stored)
