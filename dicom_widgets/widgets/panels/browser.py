"""Browser: ask a remote AE, look into its studies, retrieve, view."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import traitlets

from dicom_widgets.dicom.conformance import storage_name
from dicom_widgets.dicom.entities import Entities, Entity, Retrieval
from dicom_widgets.dicom.privacy import PATIENT
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import Cancelled, DicomWidgetsError, NotFound
from dicom_widgets.media.fileset import Media
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.session.remotes import remotes
from dicom_widgets.sources.source import Source
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.runtime.debounce import Debounce

if TYPE_CHECKING:
    from dicom_widgets.network.doctor.diagnosis import Finding
    from dicom_widgets.session.session import Session
    from dicom_widgets.session.transfer import Transfer

OnView = Callable[[Entity], None]
MEDIUM: Final = "medium"
"""The name of a medium that was given without one."""
LISTED: Final = 200
"""Instances that did not come, of a ledger, that the page lists."""


class Browser(SessionWidget):
    """A browser of a PACS or a medium: query form, results down to the instances, retrieval with progress and ledger.

    Parameters
    ----------
    session : Session
        What is retrieved goes there; the session does one thing at a time.
    source : RemoteAE, Media, another Source, or mapping of name -> source, optional
        Where to ask; without it the preconfigured remote AEs (`remotes()`) are offered. What a medium holds is shown
        at once.
    on_view : callable, optional
        Called with an entity that the session holds, when the user wants to see it.

    """

    part = traitlets.Unicode("browser").tag(sync=True)

    def __init__(
        self,
        session: Session,
        source: Source | Mapping[str, Source] | None = None,
        on_view: OnView | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(session, **kwargs)
        self._remotes: dict[str, Source] = _named(source)
        self._remote = next(iter(self._remotes))
        self._on_view = on_view
        self._found = Entities()
        self._selected: tuple[str, ...] = ()
        self._transfer: Transfer | None = None
        self._asking = False
        self._ledger: Retrieval | None = None
        self._findings: list[dict[str, Any]] = []
        self._status: dict[str, Any] = {"words": "Fill in what you know and press Query.", "busy": False}
        self._arrived = Debounce(self._rows, 0.5)
        self._endings += [session.watch(self._arrived), self._arrived.close, self._cancel]

    @property
    def ledger(self) -> Retrieval | None:
        """What became of the last retrieval."""
        return self._ledger

    @property
    def results(self) -> Entities:
        """The studies that the last query found, with what was looked into."""
        return self._found

    @property
    def selected(self) -> Entity | None:
        """The study, series or instance that is selected."""
        return _at(self._found, self._selected)

    # --- the page's side

    def _heard(self, content: dict[str, Any]) -> None:
        kind, path = content["type"], tuple(p for p in str(content.get("path", "")).split("/") if p)
        if kind == "ready":
            self._ready()
        elif kind == "select":
            self._selected = path
        elif kind == "query":
            self._remote = content["remote"] if content["remote"] in self._remotes else self._remote
            self._start(partial(self._query, content["keys"], deep=bool(content.get("deep"))))
        elif kind == "doctor":
            self._remote = content["remote"] if content["remote"] in self._remotes else self._remote
            self._start(self._examine)
        elif kind == "expand":
            closed = _at(self._found, path)
            if closed is not None and not closed.complete:
                self._start(partial(self._expand, closed))
        elif kind in ("retrieve", "view"):
            entity = _at(self._found, path)
            if entity is None:
                raise NotFound("Select a study, a series or an instance first.")
            way = content.get("way")
            self._start(partial(self._bring, entity, way if way in entity.source.ways else None, view=kind == "view"))
        elif kind == "cancel" and (self._transfer is not None or self._asking):
            self._say("Cancelling …", busy=True)
            self._cancel()

    def _ready(self) -> None:
        """Tell a page that has come everything; what a medium holds is looked for at once."""
        self.send(
            {
                "type": "remotes",
                "remotes": [self._offer(name, source) for name, source in self._remotes.items()],
                "chosen": self._remote,
                "views": self._on_view is not None,
                "address": "{} at {}:{}".format(*self.session.address),
                "hints": self._hints(),
            }
        )
        self._rows()
        self._say()
        self._tell_ledger()
        self.send({"type": "findings", "findings": self._findings})
        if isinstance(self._remotes[self._remote], Media) and not self._found and not self._asking:
            self._start(partial(self._query, {}, deep=False))

    def _cancel(self) -> None:
        if self._transfer is not None:
            self._transfer.cancel()
        elif self._asking:
            self.session.cancel()

    def _start(self, work: Callable[[], None]) -> None:
        """Do something that takes its time, without holding up the notebook."""
        threading.Thread(target=self._guarded, args=(work,), name="dicom_widgets browser", daemon=True).start()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Cancelled:
            self._rows()
            self._say("Cancelled. What was found is shown.")
        except DicomWidgetsError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  a thread's errors are seen by nobody else
            self._fail(f"{type(error).__name__}: {error}")

    @contextmanager
    def _questions(self) -> Iterator[None]:
        """Have the session ask; the button Cancel ends it."""
        self._asking = True
        try:
            yield
        finally:
            self._asking = False

    def _query(self, form: Mapping[str, str], *, deep: bool) -> None:
        """Ask for studies; `deep` looks into all of them, down to the instances."""
        remote = self._remotes[self._remote]
        keys: dict[str, Any] = {k: v for k, v in form.items() if v and k not in ("from", "to")}
        if form.get("from") or form.get("to"):
            keys["StudyDate"] = (form.get("from") or None, form.get("to") or None)
        asked = self._place(remote)
        self._say(f"Asking {asked} …", busy=True)
        with self._questions(), self._scanning(remote):
            for found in self.session.search(remote, **keys) if deep else [self.session.find(remote, **keys)]:
                self._found = Entities(sorted(found, key=lambda s: text(s.attributes.get("StudyDate")), reverse=True))
                self._arrived()
                if deep:
                    self._say(_counts(found), busy=True)
        self._rows()
        skipped = len(remote.skipped) if isinstance(remote, Media) else 0
        files = f" {skipped:,} file{'s' * (skipped != 1)} skipped." if skipped else ""
        self._say(
            f"{_counts(self._found)} at {asked}.{files}"
            if self._found
            else f"No study of {asked} matches. Leave fields empty, or use * in them."
        )

    @contextmanager
    def _scanning(self, remote: Source) -> Iterator[None]:
        """Say how far a medium is whose headers have to be read."""
        done = threading.Event()

        def watch(medium: Media) -> None:
            while not done.wait(0.2):
                step = medium.progress
                if step.expected:
                    words = f"Reading headers: {step.received + step.failed:,} of {step.expected:,} files"
                    self._say(words, busy=True, fraction=(step.received + step.failed) / step.expected)

        if isinstance(remote, Media):
            threading.Thread(target=watch, args=(remote,), name="dicom_widgets scan", daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def _examine(self) -> None:
        """Examine the connection to the remote AE."""
        remote = self._remotes[self._remote]
        if not isinstance(remote, RemoteAE):
            raise NotFound(f"There is no connection to examine: {remote} is read directly.")
        self._findings.clear()
        self.send({"type": "findings", "findings": []})
        self._say(f"Examining the connection to {remote} …", busy=True)
        with self._questions():
            diagnosis = self.session.doctor(remote, progress=self._examined)
        self._say(diagnosis.summary, error=not diagnosis.ok)

    def _examined(self, finding: Finding) -> None:
        self._findings.append(asdict(finding))
        self.send({"type": "finding", "finding": self._findings[-1]})

    def _expand(self, entity: Entity) -> None:
        self._say(f"Looking into the {entity.level.lower()} …", busy=True)
        with self._questions():
            self.session.expand(entity)
        self._rows()
        self._say(f"{len(entity.children)} {'series' if entity.level == 'STUDY' else 'instances'}.")

    def _bring(self, entity: Entity, way: str | None, *, view: bool) -> None:
        """Retrieve what is not here yet, and show it where that is wanted."""
        if not (view and self._is_here(entity)):
            with self.session.fetch(entity, way=way) as transfer:
                self._transfer = transfer
                try:
                    for step in transfer:
                        of = f" of {step.expected}" if step.expected is not None else ""
                        failed = f", {step.failed} failed" if step.failed else ""
                        words = step.words or f"{step.received}{of} instances, {step.nbytes / 1e6:.1f} MB{failed}"
                        self._say(words, busy=not transfer.done, fraction=step.fraction)
                finally:
                    self._transfer = None
                self._ledger = ledger = transfer.result()
            self._tell_ledger()
            self._say(self.spared(str(ledger)), error=not (ledger.complete or ledger.cancelled))
        self._rows()
        if view and self._on_view is not None:
            self._on_view(entity)
            self.send({"type": "viewed"})

    def _is_here(self, entity: Entity) -> bool:
        held, expected = len(self.session.store.under(entity.path)), _count(entity)
        return held > 0 and (expected is None or held >= expected)

    # --- what the page shows

    def _say(
        self, words: str | None = None, *, busy: bool = False, fraction: float | None = None, error: bool = False
    ) -> None:
        if words is not None:
            self._status = {"words": words, "busy": busy, "fraction": fraction, "error": error}
        self.send({"type": "status", **self._status})

    def _fail(self, words: str) -> None:
        self._say(self.spared(words), error=True)

    def _known(self) -> Entities:
        return Entities([*super()._known(), *self._found])

    def _offer(self, name: str, source: Source) -> dict[str, Any]:
        """Return what the page needs to know of a source: its ways of retrieval where it has several, its own first."""
        ways = sorted((w.name for w in source.ways.values() if w.serves(source)), key=lambda w: w != source.way)
        return {"name": name, "words": self._called(name), "ways": ways if len(ways) > 1 else []}

    def _hints(self) -> dict[str, str]:
        """Return what the page says while a way is chosen: name of the way -> words, with {source} and {address}."""
        return {w.name: w.hint for source in self._remotes.values() for w in source.ways.values() if w.hint}

    def _called(self, name: str) -> str:
        """Return what a source is called in the page: a medium without a name of its own by its path."""
        return self._place(self._remotes[name]) if name == MEDIUM else name

    def _place(self, source: Source) -> str:
        """Return where something is; the path of a medium may name the patient, a peer's address does not."""
        return self.spared(str(source)) if isinstance(source, Media) else str(source)

    def _tell_ledger(self) -> None:
        if self._ledger is not None:
            self.send({"type": "ledger", **_ledger(self._ledger, self.spared)})

    def _rows(self) -> None:
        held: dict[tuple[str, ...], int] = {}
        for instance in self.session.store.under(()):
            for depth in (1, 2, 3):
                held[instance.path[:depth]] = held.get(instance.path[:depth], 0) + 1
        rows = [_row(e, held, self.covered) for e in _walk(self._found)]
        self.send({"type": "rows", "rows": rows})


def _named(source: Source | Mapping[str, Source] | None) -> dict[str, Source]:
    if isinstance(source, Source):
        return {MEDIUM if isinstance(source, Media) else str(source): source}
    if source is not None and not isinstance(source, Mapping):
        raise TypeError(
            f"A source is a RemoteAE, a Media or a mapping of name -> one of them, not this {type(source).__name__}."
            " What a session holds is shown by viewer.show(...) and dw.view(...)."
        )
    return dict(source or remotes())


def _ledger(done: Retrieval, spared: Callable[[str], str] = str) -> dict[str, Any]:
    """Return a ledger as the page shows it: bounded, to be set as text."""
    absent = [*done.failed.items(), *done.missing.items()]
    return {
        "words": spared(text(done, 300)),
        "warnings": [spared(text(w, 600)) for w in done.warnings],
        "absent": [f"{text(uid, 64)}: {spared(text(why, 300))}" for uid, why in absent[:LISTED]],
        "more": max(0, len(absent) - LISTED),
        "accepted": sorted({f"{c}: {s}" for c, s, ok in done.contexts if ok}),
        "refused": sorted({f"{c}: {s}" for c, s, ok in done.contexts if not ok}),
    }


def _counts(studies: Entities) -> str:
    series = [s for study in studies for s in study.children]
    images = sum(len(s.children) for s in series)
    words = [f"{len(studies)} {'study' if len(studies) == 1 else 'studies'}"]
    return ", ".join(
        [*words, *([f"{len(series)} series"] if series else []), *([f"{images} instances"] if images else [])]
    )


def _walk(entities: Entities) -> list[Entity]:
    return [e for one in entities for e in (one, *_walk(one.children))]


def _at(entities: Entities, path: tuple[str, ...]) -> Entity | None:
    return next((e for e in _walk(entities) if e.path == path), None)


def _count(entity: Entity) -> int | None:
    keyword = {"STUDY": "NumberOfStudyRelatedInstances", "SERIES": "NumberOfSeriesRelatedInstances"}.get(entity.level)
    try:
        return int(entity.attributes.get(keyword) or 0) or None if keyword else 1
    except (TypeError, ValueError):
        return None


def _row(entity: Entity, held: Mapping[tuple[str, ...], int], covered: Callable[[str], str]) -> dict[str, Any]:
    """Return one row of the table: bounded text, to be set as text."""

    def get(*keywords: str) -> str:
        found = ((k, text(entity.attributes.get(k), 80)) for k in keywords)
        return next((covered(w) if k in PATIENT else w for k, w in found if w), "")

    count = _count(entity)
    here = held.get(entity.path, 0)
    first = {
        "STUDY": get("PatientName") or "(no name)",
        "SERIES": f"Series {get('SeriesNumber')}",
        "IMAGE": f"Instance {get('InstanceNumber')}",
    }
    described = get("StudyDescription", "SeriesDescription") or (
        storage_name(get("SOPClassUID")) if get("SOPClassUID") else ""
    )
    described += f" ({entity.note})" if entity.note else ""
    size = f"{get('Columns')} × {get('Rows')}" if get("Rows") else ""
    cells = [
        first[entity.level],
        get("PatientID") if entity.level == "STUDY" else "",
        _iso(get("StudyDate", "SeriesDate", "ContentDate")),
        get("ModalitiesInStudy", "Modality"),
        described,
        size if entity.level == "IMAGE" else str(count or ""),
        f"{here} of {count}" if here and count and here < count else "✓" if here else "",
        _iso(get("PatientBirthDate")),
        get("AccessionNumber"),
    ]
    return {"path": "/".join(entity.path), "level": entity.level, "cells": cells}


def _iso(date: str) -> str:
    return f"{date[:4]}-{date[4:6]}-{date[6:]}" if len(date) == 8 and date.isdigit() else date
