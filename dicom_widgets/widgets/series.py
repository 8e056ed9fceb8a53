"""SeriesList: the series that a session holds, each with a small picture, to choose one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import traitlets

from dicom_widgets.model import Entity
from dicom_widgets.values import text
from dicom_widgets.widgets.gather import Gather
from dicom_widgets.widgets.part import Part
from dicom_widgets.widgets.reel import is_image
from dicom_widgets.widgets.thumbnails import thumbnails_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.session import Session


class SeriesList(Part):
    """The series of a session; a click calls `on_show` with the series, and it can be dragged into a viewer's cell."""

    part = traitlets.Unicode("series").tag(sync=True)
    height = traitlets.Unicode("560px").tag(sync=True)
    """CSS height."""

    def __init__(self, session: Session, on_show: Callable[[Entity], None], **kwargs: Any) -> None:
        super().__init__(session, **kwargs)
        self._on_show = on_show
        self._chosen = ""
        self._arrived = Gather(self._tell)
        self._endings += [session.watch(self._arrived), self._arrived.close]

    def choose(self, path: tuple[str, ...]) -> None:
        """Mark the series that is shown."""
        self._chosen = "/".join(path[:2])
        self.send({"type": "chosen", "chosen": self._chosen})

    def _heard(self, content: dict[str, Any]) -> None:
        if content["type"] == "ready":
            self._tell()
        elif content["type"] == "show" and (series := self._held(content["path"])):
            self._on_show(series)
        elif content["type"] == "thumbnail" and (series := self._held(content["path"])):
            study, uid = series.path[:2]
            count = int(content["count"])
            thumbnails_of(self.session).ask((study, uid, count), partial(self._picture, content["path"], count))

    def _held(self, words: Any) -> Entity | None:
        """Return the series that a page names, if the session holds it."""
        path = tuple(str(words).split("/"))
        return Entity.of(*path) if len(path) == 2 and self.session.store.under(path) else None

    def _picture(self, path: str, count: int, png: bytes) -> None:
        self.send({"type": "thumbnail", "path": path, "count": count}, buffers=[png] if png else [])

    def _tell(self) -> None:
        studies = [{"title": self._title(e), "series": [_card(s) for s in e.children]} for e in self.session.studies]
        self.send({"type": "series", "studies": studies, "chosen": self._chosen})

    def _title(self, study: Entity) -> str:
        words = self.covered(text(study.PatientName, 60)), text(study.StudyDescription, 60)
        return " · ".join(w for w in words if w) or "Study"

    def _fail(self, words: str) -> None:
        self.send({"type": "series", "studies": [{"title": self.spared(words), "series": []}], "chosen": ""})


def _card(series: Entity) -> dict[str, Any]:
    modality, described = text(series.Modality, 16), text(series.SeriesDescription, 80)
    title = f"{modality} {text(series.SeriesNumber)}".strip()
    count = len(series.children)
    return {
        "path": "/".join(series.path),
        "title": f"{title}: {described}" if described else title,
        "detail": f"{count} instance{'s' * (count != 1)}",
        "tile": modality or "?",
        "count": count,
        "image": is_image(series),
    }
