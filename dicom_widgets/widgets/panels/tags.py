"""The elements of an instance, to look through and to search."""

from __future__ import annotations

import threading
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

import traitlets

from dicom_widgets.dicom.conformance import storage_name
from dicom_widgets.dicom.privacy import MASK, identifies
from dicom_widgets.dicom.tags import elements
from dicom_widgets.dicom.tags.bulk import without_bulk
from dicom_widgets.dicom.tags.search import search
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import DicomWidgetsError, NotFound
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.runtime.handlers import handles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dicom_widgets.session.inventory import Selector
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.runtime.page_messages import RowsWish, Search, TagsMessage, ValueWish

PAGE: Final = 200
"""Rows of a level that are sent at a time."""
FOUND: Final = 500
"""Elements that a search shows."""
BATCH: Final = 50
"""Elements of a search that are sent at a time."""
WHOLE: Final = 1_000_000
"""Characters of a value that are shown or copied at most."""


class Tags(SessionWidget):
    """A browser of the elements of one instance, image or not: nested ones, private ones, and where they are.

    The page gets what is unfolded, in pages of 200 rows. Bulk data are shown as their length.

    Parameters
    ----------
    session : Session
    which : Entity, Instance or str
        One instance that the session holds, or its SOP Instance UID.

    Raises
    ------
    NotFound
        It is not held, or there is more than one.
    NotDicom
        It cannot be read.

    """

    part = traitlets.Unicode("tags").tag(sync=True)
    height = traitlets.Unicode("460px").tag(sync=True)
    """CSS height of the table."""

    def __init__(self, session: Session, which: Selector, **kwargs: Any) -> None:
        super().__init__(session, **kwargs)
        try:
            self._instance = session.instance(which)
            self._ds = without_bulk(self._instance)
        except DicomWidgetsError:
            self.close()
            raise
        self.uid_shown = self._instance.uid
        """SOP Instance UID of the instance."""
        self._newest: dict[str, int] = {}  # the number of the last search of each view

    def _let_go(self) -> None:
        del self._instance, self._ds

    @handles("ready")
    def _head(self, message: TagsMessage) -> None:
        instance = self._instance
        said = {
            "title": text(storage_name(instance.sop_class), 80),
            "detail": f"{text(instance.blob.transfer_syntax.name, 80)} · {instance.blob.nbytes:,} bytes",
        }
        self.send({"type": "head", "to": _view(message), **said})

    @handles("rows")
    def _rows(self, message: RowsWish) -> None:
        path, start, which = _path(message), max(0, int(message.get("start", 0))), _which(message)
        found = elements.rows(self._ds, path, **which, start=start, stop=start + PAGE)
        total = elements.count(self._ds, path, **which)
        said = {
            "node": message.get("node"),
            "start": start,
            "total": total,
            "rows": [self._row_message(r) for r in found],
        }
        self.send({"type": "rows", "to": _view(message), **said})

    @handles("value")
    def _value(self, message: ValueWish) -> None:
        path, all_of_it = _path(message), bool(message.get("all"))
        said, cut = elements.value(self._ds, path, WHOLE if all_of_it else elements.LONG)
        if self.masks and _identifies(elements.row(self._ds, path)):
            said, cut = MASK, False
        answer = {"path": list(path), "text": said, "cut": cut, "all": all_of_it, "copy": bool(message.get("copy"))}
        self.send({"type": "value", "to": _view(message), **answer})

    @handles("search")
    def _start_search(self, message: Search) -> None:
        self._newest[_view(message)] = int(message["n"])
        threading.Thread(target=self._search, args=(message,), name="dicom_widgets tags", daemon=True).start()

    def _search(self, message: Search) -> None:
        """Send what is found as it is found; a newer search of the same view ends this one."""
        try:
            self._find(_view(message), int(message["n"]), str(message.get("words", ""))[:200], _which(message))
        except DicomWidgetsError as error:
            self.show_error(str(error))
        except Exception as error:  # noqa: BLE001  a thread's errors are seen by nobody else
            self.show_error(f"{type(error).__name__}: {error}")

    def _find(self, view: str, n: int, words: str, which: Mapping[str, bool]) -> None:
        batch: list[dict[str, Any]] = []
        more = False
        for i, row in enumerate(search(self._ds, words, private=which["private"], empty=which["empty"])):
            if self._newest.get(view) != n:
                return
            if i == FOUND:
                more = True
                break
            batch.append(self._row_message(row))
            if len(batch) == BATCH:
                self.send({"type": "found", "to": view, "n": n, "rows": batch, "done": False, "more": False})
                batch = []
        self.send({"type": "found", "to": view, "n": n, "rows": batch, "done": True, "more": more})

    def _renew(self) -> None:
        self.send({"type": "renew", "to": ""})

    def _row_message(self, row: elements.Row) -> dict[str, Any]:
        """Return a row as pages get it; its texts are bounded, and the page sets them as text."""
        if self.masks and row.value and _identifies(row):
            row = replace(row, value=MASK, meaning="", cut=False, note="")
        said = elements.expression(row.path)
        around = elements.expression(row.path[:-1] if row.tag else row.path, "").removeprefix(".")
        return {**asdict(row), "path": list(row.path), "expression": said, "where": around}


def _identifies(row: elements.Row) -> bool:
    group = row.path[-1] >> 16 if row.tag else 0
    return identifies(row.keyword, row.vr, group, private=row.private)


def _view(message: TagsMessage) -> str:
    return str(message.get("view", ""))


def _which(message: TagsMessage) -> dict[str, bool]:
    return {"private": bool(message.get("private", True)), "empty": bool(message.get("empty", True))}


def _path(message: TagsMessage) -> tuple[int, ...]:
    path: Any = message.get("path", ())
    if not all(isinstance(step, int) and 0 <= step < 1 << 32 for step in path):
        raise NotFound("That is no path to an element.")
    return tuple(path)
