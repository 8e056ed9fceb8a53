"""SeriesList: the series that a session holds, to choose one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from dicom_widgets.model import Entity
from dicom_widgets.values import text
from dicom_widgets.widgets.gather import Gather
from dicom_widgets.widgets.runtime import Part

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.session import Session


class SeriesList(Part):
    """The series of a session; a click calls `on_show` with the series."""

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
        elif content["type"] == "show":
            path = tuple(str(content["path"]).split("/"))
            if len(path) == 2 and self.session.store.under(path):
                self._on_show(Entity.of(*path))

    def _tell(self) -> None:
        studies = [{"title": self._title(e), "series": [_card(s) for s in e.children]} for e in self.session.studies]
        self.send({"type": "series", "studies": studies, "chosen": self._chosen})

    def _title(self, study: Entity) -> str:
        words = self.covered(text(study.PatientName, 60)), text(study.StudyDescription, 60)
        return " · ".join(w for w in words if w) or "Study"

    def _fail(self, words: str) -> None:
        self.send({"type": "series", "studies": [{"title": self.spared(words), "series": []}], "chosen": ""})


def _card(series: Entity) -> dict[str, str]:
    title = f"{text(series.Modality)} {text(series.SeriesNumber)}".strip()
    described = text(series.SeriesDescription, 80)
    count = len(series.children)
    return {
        "path": "/".join(series.path),
        "title": f"{title}: {described}" if described else title,
        "detail": f"{count} instance{'s' * (count != 1)}",
    }
