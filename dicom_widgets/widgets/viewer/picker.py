"""The picker of files, of the kernel's machine and of the user's own; what is chosen opens below."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from dicom_widgets.media.container import DICOMDIR, is_zip
from dicom_widgets.media.fileset import Media
from dicom_widgets.session.session import Session, default_session
from dicom_widgets.widgets.panels.browser import Browser
from dicom_widgets.widgets.panels.file_panel import FilePanel
from dicom_widgets.widgets.viewer.viewer import view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dicom_widgets.dicom.entities import Entity


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
        self.panel = FilePanel(self.session, Path(start or ".").expanduser(), self.show, mask=mask)
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
    """Return the medium that is to be browsed; None for a single file, which is shown at once."""
    if isinstance(chosen, (str, os.PathLike)):
        path = Path(chosen).expanduser()
        return Media(path) if path.is_dir() or is_zip(path) or path.name.upper() == DICOMDIR else None
    if len(chosen) > 1:
        return Media(chosen)
    data = _single(chosen)
    return Media(data) if is_zip(data) else None


def _single(chosen: str | os.PathLike[str] | Mapping[str, bytes]) -> Any:
    return chosen if isinstance(chosen, (str, os.PathLike)) else next(iter(chosen.values()), b"")
