"""The measurements of a viewport: those of what it shows, taken, given and drawn."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from dicom_widgets.errors import NotFound
from dicom_widgets.measurements.measurement import Measurement
from dicom_widgets.measurements.measurements import MeasurementList, measurements_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicom_widgets.display.picture.picture import Picture
    from dicom_widgets.geometry.point import Point
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.viewport.masks import Masks
    from dicom_widgets.widgets.viewport.view_presenter import ViewPresenter
    from dicom_widgets.widgets.viewport.view_state import ViewState


class Measuring:
    """Measures on the frames of a view; the measurements themselves belong to the session."""

    def __init__(self, session: Session, state: ViewState, presenter: ViewPresenter, masks: Masks) -> None:
        self._session, self._state, self._presenter, self._masks = session, state, presenter, masks

    def picture(self) -> Picture:
        """Return the picture that is shown now, with the measurements among its shapes."""
        state = self._state
        here, surface, picture = state.here, state.surface, self._presenter.picture()
        place, (height, width) = picture.to_screen(state.size, surface.zoom, surface.pan), state.size
        for m in self._session.measurements.of(here[0].uid, here[1]) if here else ():
            seen = any(0 <= x < width and 0 <= y < height for x, y in map(place, m.points))
            shapes = m.shapes() if seen else m.shapes()[:1]  # words without their shape would mean nothing
            picture = dataclasses.replace(picture, shapes=(*picture.shapes, *shapes))
        return picture

    def all(self) -> MeasurementList:
        """Return the measurements on all that is scrolled through."""
        frames = self._state.frames
        sources = (frames.source(i) for i in range(len(frames.frames)))
        shown = {(f[0].uid, f[1]) for f in sources if f}
        return MeasurementList(m for m in self._session.measurements if (m.instance, m.frame) in shown)

    def replace(self, source: str | Iterable[Any]) -> None:
        """Put other measurements in place of those; what belongs to other images is added to the session."""
        wanted = measurements_of(source)
        kept = {m.uid for m in wanted}
        self._session.measurements.remove(*(m for m in self.all() if m.uid not in kept))
        self._session.measurements.add(*wanted)

    def add(self, kind: str, points: tuple[Point, ...], label: str) -> Measurement:
        """Measure on the frame that is shown, or on its difference."""
        here = self._state.here
        if here is None and self._state.count:
            raise NotFound(
                "A plane of a volume, or a sheet of frames, is no image of the object: measure on its slices."
            )
        if here is None:
            raise self._presenter.nothing()
        below = self._presenter.picture().meaning.subtraction if self._masks.on else None
        one = Measurement(kind, points, here[0].uid, here[1], label, subtraction=below)
        self._session.measurements.add(one)
        return self._session.measurements[one.uid]
