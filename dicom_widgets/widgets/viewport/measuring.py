"""What a viewport does with measurements: those of what it shows, taken, given and drawn."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from dicom_widgets.errors import NotFound
from dicom_widgets.measurements.measurement import Measurement
from dicom_widgets.measurements.measurements import Measured, measurements_of
from dicom_widgets.widgets.viewport.subtracting import Subtracting

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicom_widgets.display.picture.picture import Picture
    from dicom_widgets.geometry.point import Point


class Measuring(Subtracting):
    """A viewport's measurements; they belong to the session."""

    def measured(self) -> Picture:
        """Return the Picture of what is shown now, with the measurements among its shapes."""
        here, surface, picture = self._here(), self._surface, self.picture()
        place, (height, width) = picture.to_screen(self._size, surface.zoom, surface.pan), self._size
        for m in self.session.measurements.of(here[0].uid, here[1]) if here else ():
            seen = any(0 <= x < width and 0 <= y < height for x, y in map(place, m.points))
            shapes = m.shapes() if seen else m.shapes()[:1]  # words without their shape would mean nothing
            picture = dataclasses.replace(picture, shapes=(*picture.shapes, *shapes))
        return picture

    @property
    def measurements(self) -> Measured:
        """The measurements on all that this viewport scrolls through; they belong to the session.

        It takes a list of measurements or the text of `measurements.to_json()` in place of them; those of other images
        are added to the session.

        Raises
        ------
        ValueError
            One of what is given is no measurement, with the reason; then nothing has changed.

        """
        here = (self._reel.source(i) for i in range(len(self._reel.frames)))
        shown = {(f[0].uid, f[1]) for f in here if f}
        return Measured(m for m in self.session.measurements if (m.instance, m.frame) in shown)

    @measurements.setter
    def measurements(self, source: str | Iterable[Any]) -> None:
        wanted = measurements_of(source)
        kept = {m.uid for m in wanted}
        self.session.measurements.remove(*(m for m in self.measurements if m.uid not in kept))
        self.session.measurements.add(*wanted)

    def measure(self, kind: str, *points: Point, label: str = "") -> Measurement:
        """Measure on the frame that is shown, or on its difference; the measurement stays there.

        Parameters
        ----------
        kind : str
            length, angle (its corner is the second point), rectangle, ellipse (two opposite corners) or probe.
        *points : (x, y)
            Pixels of the image; 0, 0 is the outer corner of the first pixel and 0.5, 0.5 its centre.
        label : str
            What it is called.

        Raises
        ------
        NotFound
            Nothing is shown.
        SessionClosed
        ValueError
            It is no measurement, with the reason.

        """
        here = self._here()
        if here is None and self._reel.frames:
            raise NotFound(
                "A plane of a volume, or a sheet of frames, is no image of the object: measure on its slices."
            )
        if here is None:
            raise self._nothing()
        below = self.picture().meaning.subtraction if self._subtracted else None
        one = Measurement(kind, points, here[0].uid, here[1], label, subtraction=below)
        self.session.measurements.add(one)
        return self.session.measurements[one.uid]
