"""FilePicker: files of the kernel's machine, and files from the user's own; what is chosen opens below."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import traitlets

from dicom_widgets.dicom.values import text
from dicom_widgets.errors import DicomWidgetsError, NotFound
from dicom_widgets.media.container import DICOMDIR, is_zip
from dicom_widgets.media.fileset import Media
from dicom_widgets.media.upload import PIECE, Announced, Upload
from dicom_widgets.session.session import Session, default_session
from dicom_widgets.widgets.panels.browser import Browser
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.viewer.viewer import view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dicom_widgets.dicom.entities import Entity

LISTED: Final = 1000
"""Names of a folder that the page shows."""
RECENT: Final = 8
Opened = Path | dict[str, bytes]
"""What was chosen: a file or a folder here, or uploaded files, name -> bytes."""


class FilePicker(ipywidgets.VBox):
    """Choose files: from the kernel's machine, or from your own by drag and drop or upload.

    A DICOMDIR, a folder or a zip file opens as a medium to browse, a single file is shown at once. The same by code:
    `picker.show(path)`.

    Parameters
    ----------
    session : Session, optional
        Without it the kernel's default session.
    start : path, optional
        The folder to begin with; without it the folder of the notebook.
    mask : bool
        Whether names of files and folders are hidden, and names, IDs and dates in what opens from then on.

    """

    mask = traitlets.Bool(False)
    """Whether names of files and folders are hidden, and names, IDs and dates in what opens from then on."""

    def __init__(
        self, session: Session | None = None, start: str | os.PathLike[str] | None = None, *, mask: bool = False
    ) -> None:
        self.session = session or default_session()
        self.panel = Panel(self.session, Path(start or ".").expanduser(), self.show, mask=mask)
        self.opened: ipywidgets.Widget | None = None
        """The Browser, Viewport or Viewer that shows what was chosen."""
        self._area = ipywidgets.VBox([], layout=ipywidgets.Layout(width="100%"))
        super().__init__([self.panel, self._area], layout=ipywidgets.Layout(width="100%"), mask=mask)
        traitlets.dlink((self, "mask"), (self.panel, "mask"))

    def __repr__(self) -> str:
        return "FilePicker()"

    def show(self, chosen: str | os.PathLike[str] | Mapping[str, bytes]) -> ipywidgets.Widget:
        """Open a path, or files in memory (name -> bytes); return the widget that shows it.

        Raises
        ------
        NotDicom, FileNotFoundError, StoreFull

        """
        medium = _medium(chosen)
        shown = self._browser(medium) if medium else view(_single(chosen), self.session, mask=self.mask)
        if self.opened is not None:
            self.opened.close()
        self.opened = shown
        self._area.children = [shown]
        return shown

    def _browser(self, medium: Media) -> ipywidgets.Widget:
        below = ipywidgets.VBox([], layout=ipywidgets.Layout(width="100%"))

        def show(entity: Entity) -> None:
            for old in below.children:
                old.close()
            below.children = [view([entity], self.session, mask=self.mask)]

        browser = Browser(self.session, medium, show, mask=self.mask)
        return ipywidgets.VBox([browser, below], layout=ipywidgets.Layout(width="100%"))

    def close(self) -> None:
        """Take everything off the page."""
        self.panel.close()
        if self.opened is not None:
            self.opened.close()
        super().close()


def _medium(chosen: str | os.PathLike[str] | Mapping[str, bytes]) -> Media | None:
    """Return what is to be browsed as a medium, or None for a single file."""
    if isinstance(chosen, (str, os.PathLike)):
        path = Path(chosen).expanduser()
        return Media(path) if path.is_dir() or is_zip(path) or path.name.upper() == DICOMDIR else None
    if len(chosen) > 1:
        return Media(chosen)
    data = _single(chosen)
    return Media(data) if is_zip(data) else None


def _single(chosen: str | os.PathLike[str] | Mapping[str, bytes]) -> Any:
    return chosen if isinstance(chosen, (str, os.PathLike)) else next(iter(chosen.values()), b"")


class Panel(SessionWidget):
    """The list of a folder, recent places, and the upload."""

    part = traitlets.Unicode("picker").tag(sync=True)
    height = traitlets.Unicode("260px").tag(sync=True)
    """CSS height of the list."""

    def __init__(self, session: Session, start: Path, on_open: Callable[[Any], Any], **kwargs: Any) -> None:
        super().__init__(session, **kwargs)
        self._on_open = on_open
        self._folder = start.resolve() if start.is_dir() else Path.cwd()
        self._recent: list[Path] = []
        self._numbered: dict[str, str] = {}
        self._names: list[str] = []  # of what is being opened
        self._filter = ""
        self._upload: Upload | None = None
        self._lock = threading.Lock()
        self._status: dict[str, Any] = {"words": "Choose a file or a folder, or drop files here.", "error": False}

    def _received(self, widget: object, content: dict[str, Any], buffers: list[memoryview]) -> None:
        if content["type"] == "piece":  # the only message with bytes
            content = {**content, "data": bytes(buffers[0]) if buffers else b""}
        super()._received(widget, content, buffers)

    def _heard(self, content: dict[str, Any]) -> None:
        kind = content["type"]
        if kind == "ready":
            self._list()
            self._say()
        elif kind == "filter":
            self._filter = str(content["words"])[:100].casefold()
            self._list()
        elif kind in ("enter", "up", "recent", "path"):
            self._go(self._meant(content))
        elif kind == "open":
            self._start(self._folder if content.get("name") is None else self._folder / self._named(content))
        elif kind == "upload":
            self._announced(content)
        elif kind == "piece":
            self._piece(content)
        elif kind == "cancel":
            with self._lock:
                self._upload = None
            self._say("The upload was cancelled; nothing of it is kept.")

    def _meant(self, content: dict[str, Any]) -> Path:
        if content["type"] == "up":
            return self._folder.parent
        if content["type"] == "recent":
            return self._recent[int(content["index"])]
        if content["type"] == "path":
            return self._folder / Path(str(content["name"])).expanduser()
        return self._folder / self._named(content)

    def _named(self, content: dict[str, Any]) -> str:
        """Return the name of an entry that the page means; hidden names are numbers of the list."""
        said = str(content["name"])
        return self._numbered.get(said, said)

    def _go(self, path: Path) -> None:
        """Show a folder; a file is opened."""
        if path.is_dir():
            self._folder, self._filter = path.resolve(), ""
            self._list()
        elif path.exists():
            self._start(path)
        else:
            raise NotFound(f"There is no file or folder {path}. Is it spelt right, and on the kernel's machine?")

    # --- opening

    def _start(self, chosen: Opened) -> None:
        """Open something without holding up the notebook: large media take their time."""
        threading.Thread(target=self._open, args=(chosen,), name="dicom_widgets picker", daemon=True).start()

    def _open(self, chosen: Opened) -> None:
        named = str(chosen) if isinstance(chosen, Path) else f"{len(chosen)} uploaded file{'s' * (len(chosen) != 1)}"
        named = self.covered(text(named, 300))
        self._names = [chosen.name] if isinstance(chosen, Path) else list(chosen)
        self._say(f"Opening {named} …")
        try:
            self._on_open(chosen)
        except (DicomWidgetsError, OSError) as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  a thread's errors are seen by nobody else
            self._fail(f"{type(error).__name__}: {error}")
        else:
            if isinstance(chosen, Path):
                place = chosen if chosen.is_dir() else chosen.parent
                self._recent = [place, *(p for p in self._recent if p != place)][:RECENT]
                self._list()
            self._say(f"Opened {named}.")

    # --- upload

    def _announced(self, content: dict[str, Any]) -> None:
        files = [Announced(str(f["name"]), max(0, int(f["size"]))) for f in content["files"]]
        upload = Upload(files, self.session.store.room())
        with self._lock:
            self._upload = upload
        self.send({"type": "go", "id": content["id"], "piece": PIECE})
        if upload.complete:  # only empty files
            self._finish(upload)

    def _piece(self, content: dict[str, Any]) -> None:
        with self._lock:
            upload = self._upload
        if upload is None:
            return
        taken = upload.take(int(content["file"]), int(content["n"]), content["data"], int(content["crc"]))
        named = {"id": content["id"], "file": content["file"], "n": content["n"], "ok": taken}
        self.send({"type": "ack", **named, "received": upload.received, "total": upload.total})
        if upload.complete:
            self._finish(upload)

    def _finish(self, upload: Upload) -> None:
        with self._lock:
            if self._upload is not upload:  # a second piece of the same came just now
                return
            self._upload = None
        self._start(upload.contents())

    # --- what the page shows

    def _list(self) -> None:
        try:
            with os.scandir(self._folder) as found:
                names = [e for e in found if not e.name.startswith(".") and self._filter in e.name.casefold()]
        except OSError as error:
            names = []
            self._fail(f"{self._folder} cannot be read: {error.strerror or error}.")
        folders = {e.name: _is_folder(e) for e in names}
        names.sort(key=lambda e: (not folders[e.name], e.name.casefold()))
        entries = [_entry(e, folder=folders[e.name]) for e in names[:LISTED]]
        self._numbered = {}
        for number, entry in enumerate(entries if self.masks else (), 1):
            real, entry["name"] = entry["name"], f"{'Folder' if entry['folder'] else 'File'} {number}"
            self._numbered[entry["name"]] = real
        self.send(
            {
                "type": "folder",
                "path": self.covered(text(self._folder, 1000)),
                "entries": entries,
                "more": max(0, len(names) - LISTED),
                "recent": [f"Place {i}" if self.masks else text(p, 300) for i, p in enumerate(self._recent, 1)],
                "filter": self._filter,
            }
        )

    def _say(self, words: str | None = None, *, error: bool = False) -> None:
        if words is not None:
            self._status = {"words": words, "error": error}
        self.send({"type": "status", **self._status})

    def _fail(self, words: str) -> None:
        self._say(self.spared(text(words, 600)), error=True)

    def _secrets(self) -> Iterator[str]:
        yield from super()._secrets()
        yield from self._names


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _entry(entry: os.DirEntry[str], *, folder: bool) -> dict[str, Any]:
    """Return a row of the list; of a file 132 bytes are read at most, to see whether it is DICOM."""
    size, mark = None, ""
    with contextlib.suppress(OSError):
        if entry.name.upper() == DICOMDIR:
            mark = "DICOMDIR"
        elif entry.is_file():
            size = entry.stat().st_size
            with open(entry.path, "rb") as file:  # noqa: PTH123  an entry is no path, and there may be a thousand
                head = file.read(132)
            mark = "DICOM" if head[128:] == b"DICM" else "zip" if head[:4] == b"PK\3\4" else ""
    return {"name": entry.name[:400], "folder": folder, "size": size, "mark": mark}
