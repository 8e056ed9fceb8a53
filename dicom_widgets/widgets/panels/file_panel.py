"""The list of a folder on the kernel's machine, and the upload of files from the user's own."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import traitlets

from dicom_widgets.dicom.values import text
from dicom_widgets.errors import DicomWidgetsError, NotFound
from dicom_widgets.media.container import DICOMDIR
from dicom_widgets.media.upload import PIECE, Announced, Upload
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.runtime.handlers import handles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.runtime.kernel_messages import FolderEntry, FolderMessage
    from dicom_widgets.widgets.runtime.page_messages import Filter, Go, PageMessage, Piece, UploadStart

LISTED: Final = 1000
"""Names of a folder that the page shows."""
RECENT: Final = 8
"""Folders that are offered again."""
Opened = Path | dict[str, bytes]
"""What was chosen: a file or a folder here, or uploaded files, name -> bytes."""


class FilePanel(SessionWidget):
    """The list of a folder, recent folders, and the upload."""

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

    @handles("ready")
    def _tell_all(self, _message: PageMessage) -> None:
        self._list()
        self._say()

    @handles("filter")
    def _set_filter(self, message: Filter) -> None:
        self._filter = str(message["words"])[:100].casefold()
        self._list()

    @handles("enter")
    def _enter(self, message: Go) -> None:
        self._go(self._folder / self._name(message))

    @handles("up")
    def _go_up(self, _message: Go) -> None:
        self._go(self._folder.parent)

    @handles("recent")
    def _go_back(self, message: Go) -> None:
        self._go(self._recent[int(message["index"])])

    @handles("path")
    def _go_to_path(self, message: Go) -> None:
        self._go(self._folder / Path(str(message["name"])).expanduser())

    @handles("open")
    def _open_here(self, message: Go) -> None:
        self._start(self._folder if message.get("name") is None else self._folder / self._name(message))

    @handles("cancel")
    def _cancel(self, _message: PageMessage) -> None:
        with self._lock:
            self._upload = None
        self._say("The upload was cancelled; nothing of it is kept.")

    def _name(self, message: Go) -> str:
        """Return the name of an entry that the page means; hidden names are numbers of the list."""
        said = str(message["name"])
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
        """Open something without holding up the notebook: large media take a while."""
        threading.Thread(target=self._open, args=(chosen,), name="dicom_widgets picker", daemon=True).start()

    def _open(self, chosen: Opened) -> None:
        named = str(chosen) if isinstance(chosen, Path) else f"{len(chosen)} uploaded file{'s' * (len(chosen) != 1)}"
        named = self.mask_text(text(named, 300))
        self._names = [chosen.name] if isinstance(chosen, Path) else list(chosen)
        self._say(f"Opening {named} …")
        try:
            self._on_open(chosen)
        except (DicomWidgetsError, OSError) as error:
            self.show_error(str(error))
        except Exception as error:  # noqa: BLE001  a thread's errors are seen by nobody else
            self.show_error(f"{type(error).__name__}: {error}")
        else:
            if isinstance(chosen, Path):
                folder = chosen if chosen.is_dir() else chosen.parent
                self._recent = [folder, *(p for p in self._recent if p != folder)][:RECENT]
                self._list()
            self._say(f"Opened {named}.")

    # --- upload

    @handles("upload")
    def _start_upload(self, message: UploadStart) -> None:
        files = [Announced(str(f["name"]), max(0, int(f["size"]))) for f in message["files"]]
        upload = Upload(files, self.session.store.room())
        with self._lock:
            self._upload = upload
        self.send({"type": "go", "id": message["id"], "piece": PIECE})
        if upload.complete:  # only empty files
            self._finish(upload)

    @handles("piece")
    def _take_piece(self, message: Piece) -> None:
        with self._lock:
            upload = self._upload
        if upload is None:
            return
        taken = upload.take(int(message["file"]), int(message["n"]), message.get("data", b""), int(message["crc"]))
        answer = {"id": message["id"], "file": message["file"], "n": message["n"], "ok": taken}
        self.send({"type": "ack", **answer, "received": upload.received, "total": upload.total})
        if upload.complete:
            self._finish(upload)

    def _finish(self, upload: Upload) -> None:
        with self._lock:
            if self._upload is not upload:  # the last piece came twice, at the same time
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
            self.show_error(f"{self._folder} cannot be read: {error.strerror or error}.")
        folders = {e.name: _is_folder(e) for e in names}
        names.sort(key=lambda e: (not folders[e.name], e.name.casefold()))
        entries = [_entry(e, folder=folders[e.name]) for e in names[:LISTED]]
        self._numbered = {}
        for number, entry in enumerate(entries if self.masks else (), 1):
            real, entry["name"] = entry["name"], f"{'Folder' if entry['folder'] else 'File'} {number}"
            self._numbered[entry["name"]] = real
        content: FolderMessage = {
            "type": "folder",
            "path": self.mask_text(text(self._folder, 1000)),
            "entries": entries,
            "more": max(0, len(names) - LISTED),
            "recent": [f"Place {i}" if self.masks else text(p, 300) for i, p in enumerate(self._recent, 1)],
            "filter": self._filter,
        }
        self.send(content)

    def _say(self, words: str | None = None, *, error: bool = False) -> None:
        if words is not None:
            self._status = {"words": words, "error": error}
        self.send({"type": "status", **self._status})

    def show_error(self, words: str) -> None:
        """Show an error below the list."""
        self._say(self.redact(text(words, 600)), error=True)

    def _secrets(self) -> Iterator[str]:
        yield from super()._secrets()
        yield from self._names


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _entry(entry: os.DirEntry[str], *, folder: bool) -> FolderEntry:
    """Return a row of the list; at most 132 bytes of a file are read, to see whether it is DICOM."""
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
