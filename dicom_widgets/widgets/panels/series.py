"""The list of series that a session holds, stack by stack, each with a small picture, to choose one."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import traitlets

from dicom_widgets.dicom.values import finite, text
from dicom_widgets.display.texts.positioner import angles_of
from dicom_widgets.widgets.frames.frame_sequence import frame_sequence_at, is_image
from dicom_widgets.widgets.panels.thumbnails import thumbnails_of
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.runtime.debounce import Debounce
from dicom_widgets.widgets.runtime.handlers import handles

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.geometry.stack import Stack
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.frames.frame_sequence import FrameSequence
    from dicom_widgets.widgets.runtime.kernel_messages import SeriesCard, SeriesListMessage
    from dicom_widgets.widgets.runtime.page_messages import PageMessage, ShowSeries, ThumbnailWish


class SeriesList(SessionWidget):
    """The series of a session; a click calls `on_show` with it, and it can be dragged into a viewer's cell.

    Below a series of several stacks (directions, a localizer among slices) each stack has a card (requirement X7); it
    shows the frames that are there when it is pressed.
    """

    part = traitlets.Unicode("series").tag(sync=True)
    height = traitlets.Unicode("560px").tag(sync=True)
    """CSS height."""

    def __init__(self, session: Session, on_show: Callable[[Entity | FrameSequence], None], **kwargs: Any) -> None:
        super().__init__(session, **kwargs)
        self._on_show = on_show
        self._chosen = ""
        self._stacks: dict[tuple[str, ...], tuple[int, list[tuple[str, str]]]] = {}
        """Series -> how many instances it has, and what its stacks are."""
        self._debounce = Debounce(self._tell)
        self._endings += [session.watch(self._debounce), self._debounce.close]

    def choose(self, path: tuple[str, ...]) -> None:
        """Mark the series that is shown."""
        self._chosen = "/".join(path[:2])
        self.send({"type": "chosen", "chosen": self._chosen})

    @handles("ready")
    def _answer(self, _message: PageMessage) -> None:
        self._tell()

    @handles("show")
    def _show(self, message: ShowSeries) -> None:
        if shown := frame_sequence_at(self.session, message["path"]):
            self._on_show(shown)

    @handles("thumbnail")
    def _make_thumbnail(self, message: ThumbnailWish) -> None:
        path, count = str(message["path"]), int(message["count"])
        if frame_sequence_at(self.session, path):
            thumbnails_of(self.session).ask((path, count), partial(self._picture, path, count))

    def _picture(self, path: str, count: int, png: bytes) -> None:
        self.send({"type": "thumbnail", "path": path, "count": count}, buffers=[png] if png else [])

    def _tell(self) -> None:
        studies = [
            {"title": self._title(e), "series": [c for s in sorted(e.children, key=_number) for c in self._cards(s)]}
            for e in self.session.studies
        ]
        content: SeriesListMessage = {"type": "series", "studies": studies, "chosen": self._chosen}
        self.send(content)

    def _cards(self, series: Entity) -> list[SeriesCard]:
        """Return the card of a series, and one for each of its stacks where it has several."""
        card, count = _card(series), len(series.children)
        known, found = self._stacks.get(series.path, (0, []))
        if known != count:  # finding stacks takes a while, and series grow
            found = [_describe(s) for s in self.session.stacks(series)] if card["image"] else []
            self._stacks[series.path] = count, found
        if len(found) < 2:
            return [card]
        stacks: list[SeriesCard] = [
            {
                **card,
                "path": f"{card['path']}/{k}",
                "title": f"{name} {k + 1}/{len(found)}",
                "detail": detail,
                "part": True,
            }
            for k, (name, detail) in enumerate(found)
        ]
        return [card, *stacks]

    def _title(self, study: Entity) -> str:
        words = self.mask_text(text(study.PatientName, 60)), text(study.StudyDescription, 60)
        return " · ".join(w for w in words if w) or "Study"

    def show_error(self, words: str) -> None:
        """Show an error in place of the series."""
        self.send({"type": "series", "studies": [{"title": self.redact(words), "series": []}], "chosen": ""})


def _describe(stack: Stack) -> tuple[str, str]:
    """Return what a stack is, and what is in it: of runs of an X-ray tube also the angles of the tube (CI4)."""
    count, (first, _) = len(stack.frames), stack.frames[0]
    if first.frames < 2 or text(first.value("Modality", "")) not in ("XA", "RF"):
        return "Stack", f"{count} image{'s' * (count != 1)}"
    return "Run", " · ".join(w for w in (f"{count} frames", angles_of(first.header)) if w)


def _number(series: Entity) -> float:
    """Return by what series are ordered: their number; those without one come last."""
    number = finite(series.SeriesNumber)
    return math.inf if number is None else number


def _card(series: Entity) -> SeriesCard:
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
        "part": False,
    }
