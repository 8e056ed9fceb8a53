"""The browser of a PACS or a medium: ask, look into studies, retrieve, view."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import traitlets

from dicom_widgets.dicom.entities import Entities, Entity
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import Cancelled, DicomWidgetsError, NotFound
from dicom_widgets.media.fileset import Media
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.session.remotes import remotes
from dicom_widgets.sources.source import Source
from dicom_widgets.widgets.panels.results import counts, expected_count, find, row, walk
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.runtime.debounce import Debounce
from dicom_widgets.widgets.runtime.handlers import handles

if TYPE_CHECKING:
    from dicom_widgets.network.doctor.diagnosis import Finding
    from dicom_widgets.session.session import Session
    from dicom_widgets.session.transfer import Transfer
    from dicom_widgets.sources.retrieval import Retrieval
    from dicom_widgets.widgets.runtime.kernel_messages import LedgerMessage
    from dicom_widgets.widgets.runtime.page_messages import Examine, PageMessage, Query, Selection

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
        self._sources: dict[str, Source] = _source_table(source)
        self._source = next(iter(self._sources))
        self._on_view = on_view
        self._found = Entities()
        self._selected: tuple[str, ...] = ()
        self._transfer: Transfer | None = None
        self._asking = False
        self._ledger: Retrieval | None = None
        self._findings: list[dict[str, Any]] = []
        self._status: dict[str, Any] = {"words": "Fill in what you know and press Query.", "busy": False}
        self._update = Debounce(self._tell_rows, 0.5)
        self._endings += [session.watch(self._update), self._update.close, self._cancel]

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
        return find(self._found, self._selected)

    # --- the page's side

    @handles("select")
    def _select(self, message: Selection) -> None:
        self._selected = _path(message)

    @handles("query")
    def _start_query(self, message: Query) -> None:
        self._choose(message["remote"])
        self._start(partial(self._query, message["keys"], deep=bool(message.get("deep"))))

    @handles("doctor")
    def _start_doctor(self, message: Examine) -> None:
        self._choose(message["remote"])
        self._start(self._examine)

    def _choose(self, remote: str) -> None:
        self._source = remote if remote in self._sources else self._source

    @handles("expand")
    def _start_expanding(self, message: Selection) -> None:
        entity = find(self._found, _path(message))
        if entity is not None and not entity.complete:
            self._start(partial(self._expand, entity))

    @handles("retrieve", "view")
    def _start_retrieval(self, message: Selection) -> None:
        entity = find(self._found, _path(message))
        if entity is None:
            raise NotFound("Select a study, a series or an instance first.")
        way = message.get("way")
        self._start(
            partial(self._bring, entity, way if way in entity.source.ways else None, view=message["type"] == "view")
        )

    @handles("cancel")
    def _cancel_for_page(self, _message: PageMessage) -> None:
        if self._transfer is not None or self._asking:
            self._say("Cancelling …", busy=True)
            self._cancel()

    @handles("ready")
    def _tell_all(self, _message: PageMessage) -> None:
        """Tell a page everything; what a medium holds is looked for at once."""
        self.send(
            {
                "type": "remotes",
                "remotes": [
                    {"words": self._label(name), **_source_message(name, r)} for name, r in self._sources.items()
                ],
                "chosen": self._source,
                "views": self._on_view is not None,
                "address": "{} at {}:{}".format(*self.session.address),
                "hints": {w.name: w.hint for s in self._sources.values() for w in s.ways.values() if w.hint},
            }
        )
        self._tell_rows()
        self._say()
        self._tell_ledger()
        self.send({"type": "findings", "findings": self._findings})
        if isinstance(self._sources[self._source], Media) and not self._found and not self._asking:
            self._start(partial(self._query, {}, deep=False))

    def _cancel(self) -> None:
        if self._transfer is not None:
            self._transfer.cancel()
        elif self._asking:
            self.session.cancel()

    def _start(self, work: Callable[[], None]) -> None:
        """Do something that takes a while, without holding up the notebook."""
        threading.Thread(target=self._run, args=(work,), name="dicom_widgets browser", daemon=True).start()

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Cancelled:
            self._tell_rows()
            self._say("Cancelled. What was found is shown.")
        except DicomWidgetsError as error:
            self.show_error(str(error))
        except Exception as error:  # noqa: BLE001  a thread's errors are seen by nobody else
            self.show_error(f"{type(error).__name__}: {error}")

    @contextmanager
    def _questions(self) -> Iterator[None]:
        """Note that the session asks a peer meanwhile, so that Cancel ends that."""
        self._asking = True
        try:
            yield
        finally:
            self._asking = False

    def _query(self, form: Mapping[str, str], *, deep: bool) -> None:
        """Ask for studies; `deep` looks into all of them, down to the instances."""
        remote = self._sources[self._source]
        keys: dict[str, Any] = {k: v for k, v in form.items() if v and k not in ("from", "to")}
        if form.get("from") or form.get("to"):
            keys["StudyDate"] = (form.get("from") or None, form.get("to") or None)
        place = self._place(remote)
        self._say(f"Asking {place} …", busy=True)
        with self._questions(), self._scanning(remote):
            for found in self.session.search(remote, **keys) if deep else [self.session.find(remote, **keys)]:
                self._found = Entities(sorted(found, key=lambda s: text(s.attributes.get("StudyDate")), reverse=True))
                self._update()
                if deep:
                    self._say(counts(found), busy=True)
        self._tell_rows()
        skipped = len(remote.skipped) if isinstance(remote, Media) else 0
        files = f" {skipped:,} file{'s' * (skipped != 1)} skipped." if skipped else ""
        self._say(
            f"{counts(self._found)} at {place}.{files}"
            if self._found
            else f"No study of {place} matches. Leave fields empty, or use * in them."
        )

    @contextmanager
    def _scanning(self, remote: Source) -> Iterator[None]:
        """Say meanwhile how many headers of a medium have been read."""
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
        remote = self._sources[self._source]
        if not isinstance(remote, RemoteAE):
            raise NotFound(f"There is no connection to examine: {remote} is read directly.")
        self._findings.clear()
        self.send({"type": "findings", "findings": []})
        self._say(f"Examining the connection to {remote} …", busy=True)
        with self._questions():
            diagnosis = self.session.doctor(remote, progress=self._add_finding)
        self._say(diagnosis.summary, error=not diagnosis.ok)

    def _add_finding(self, finding: Finding) -> None:
        self._findings.append(asdict(finding))
        self.send({"type": "finding", "finding": self._findings[-1]})

    def _expand(self, entity: Entity) -> None:
        self._say(f"Looking into the {entity.level.lower()} …", busy=True)
        with self._questions():
            self.session.expand(entity)
        self._tell_rows()
        self._say(f"{len(entity.children)} {'series' if entity.level == 'STUDY' else 'instances'}.")

    def _bring(self, entity: Entity, way: str | None, *, view: bool) -> None:
        """Retrieve what the session does not hold yet, and show it where that is wanted."""
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
            self._say(self.redact(str(ledger)), error=not (ledger.complete or ledger.cancelled))
        self._tell_rows()
        if view and self._on_view is not None:
            self._on_view(entity)
            self.send({"type": "viewed"})

    def _is_here(self, entity: Entity) -> bool:
        held, count = len(self.session.store.under(entity.path)), expected_count(entity)
        return held > 0 and (count is None or held >= count)

    # --- what the page shows

    def _say(
        self, words: str | None = None, *, busy: bool = False, fraction: float | None = None, error: bool = False
    ) -> None:
        if words is not None:
            self._status = {"words": words, "busy": busy, "fraction": fraction, "error": error}
        self.send({"type": "status", **self._status})

    def show_error(self, words: str) -> None:
        """Show an error below the form."""
        self._say(self.redact(words), error=True)

    def _known_studies(self) -> Entities:
        return Entities([*super()._known_studies(), *self._found])

    def _label(self, name: str) -> str:
        """Return what pages call a source: a medium that was given without a name by its path."""
        return self._place(self._sources[name]) if name == MEDIUM else name

    def _place(self, source: Source) -> str:
        """Return where a source is; the path of a medium may name the patient, a peer's address does not."""
        return self.redact(str(source)) if isinstance(source, Media) else str(source)

    def _tell_ledger(self) -> None:
        if self._ledger is not None:
            self.send(_ledger(self._ledger, self.redact))

    def _tell_rows(self) -> None:
        held: dict[tuple[str, ...], int] = {}
        for instance in self.session.store.under(()):
            for depth in (1, 2, 3):
                held[instance.path[:depth]] = held.get(instance.path[:depth], 0) + 1
        rows = [row(e, held, self.mask_text) for e in walk(self._found)]
        self.send({"type": "rows", "rows": rows})


def _source_table(source: Source | Mapping[str, Source] | None) -> dict[str, Source]:
    if isinstance(source, Source):
        return {MEDIUM if isinstance(source, Media) else str(source): source}
    if source is not None and not isinstance(source, Mapping):
        raise TypeError(
            f"A source is a RemoteAE, a Media or a mapping of name -> one of them, not this {type(source).__name__}."
            " What a session holds is shown by viewer.show(...) and dw.view(...)."
        )
    return dict(source or remotes())


def _source_message(name: str, source: Source) -> dict[str, Any]:
    """Return what pages need to know of a source: its ways of retrieval where it has several, its own first."""
    ways = sorted((w.name for w in source.ways.values() if w.serves(source)), key=lambda w: w != source.way)
    return {"name": name, "ways": ways if len(ways) > 1 else []}


def _ledger(done: Retrieval, redact: Callable[[str], str] = str) -> LedgerMessage:
    """Return a ledger as pages show it: bounded, and set as text."""
    absent = [*done.failed.items(), *done.missing.items()]
    return {
        "type": "ledger",
        "words": redact(text(done, 300)),
        "warnings": [redact(text(w, 600)) for w in done.warnings],
        "absent": [f"{text(uid, 64)}: {redact(text(why, 300))}" for uid, why in absent[:LISTED]],
        "more": max(0, len(absent) - LISTED),
        "accepted": sorted({f"{c}: {s}" for c, s, ok in done.contexts if ok}),
        "refused": sorted({f"{c}: {s}" for c, s, ok in done.contexts if not ok}),
    }


def _path(message: Selection) -> tuple[str, ...]:
    return tuple(p for p in str(message.get("path", "")).split("/") if p)
