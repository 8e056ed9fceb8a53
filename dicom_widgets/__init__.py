"""A DICOM viewer and PACS client for Jupyter notebooks.

A public name is imported when it is first used, so that `import dicom_widgets` takes no time, and a script that only
reads files needs neither Jupyter nor the network.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what type checkers and editors see; `_HOMES` says the same for the run time
    from dicom_widgets import errors, extensions
    from dicom_widgets.config import options
    from dicom_widgets.dicom.entities import Entities, Entity
    from dicom_widgets.display.derived.sheet import sheet
    from dicom_widgets.display.picture.picture import Picture
    from dicom_widgets.display.picture.shown import Page
    from dicom_widgets.display.pipeline.view_settings import Window
    from dicom_widgets.display.values.subtraction import Subtraction
    from dicom_widgets.measurements.measurement import Measurement
    from dicom_widgets.media.fileset import Media
    from dicom_widgets.network.remote import RemoteAE
    from dicom_widgets.practice import PracticePacs
    from dicom_widgets.session.remotes import remotes
    from dicom_widgets.session.session import Session, default_session
    from dicom_widgets.sources.retrieval import Progress, Retrieval
    from dicom_widgets.widgets.panels.browser import Browser
    from dicom_widgets.widgets.panels.doctor import Doctor
    from dicom_widgets.widgets.panels.tags import Tags
    from dicom_widgets.widgets.viewer.mpr import MPR
    from dicom_widgets.widgets.viewer.picker import FilePicker
    from dicom_widgets.widgets.viewer.viewer import Viewer, view
    from dicom_widgets.widgets.viewport.links import link
    from dicom_widgets.widgets.viewport.viewport import Viewport

__version__ = "0.1.0"

__all__ = [
    "MPR",
    "Browser",
    "Doctor",
    "Entities",
    "Entity",
    "FilePicker",
    "Measurement",
    "Media",
    "Page",
    "Picture",
    "PracticePacs",
    "Progress",
    "RemoteAE",
    "Retrieval",
    "Session",
    "Subtraction",
    "Tags",
    "Viewer",
    "Viewport",
    "Window",
    "default_session",
    "errors",
    "extensions",
    "link",
    "options",
    "remotes",
    "sheet",
    "view",
]

_HOMES = {
    "MPR": "widgets.viewer.mpr",
    "Browser": "widgets.panels.browser",
    "Doctor": "widgets.panels.doctor",
    "Entities": "dicom.entities",
    "Entity": "dicom.entities",
    "FilePicker": "widgets.viewer.picker",
    "Measurement": "measurements.measurement",
    "Media": "media.fileset",
    "Page": "display.picture.shown",
    "Picture": "display.picture.picture",
    "PracticePacs": "practice",
    "Progress": "sources.retrieval",
    "RemoteAE": "network.remote",
    "Retrieval": "sources.retrieval",
    "Session": "session.session",
    "Subtraction": "display.values.subtraction",
    "Tags": "widgets.panels.tags",
    "Viewer": "widgets.viewer.viewer",
    "Viewport": "widgets.viewport.viewport",
    "Window": "display.pipeline.view_settings",
    "default_session": "session.session",
    "link": "widgets.viewport.links",
    "options": "config",
    "remotes": "session.remotes",
    "sheet": "display.derived.sheet",
    "view": "widgets.viewer.viewer",
}
"""Public name -> the module of this package that has it."""

if not TYPE_CHECKING:  # else a type checker believes that every name exists

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used."""
        if name in ("errors", "extensions"):
            return import_module(f"{__name__}.{name}")  # which sets itself as an attribute
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return found

    def __dir__() -> list[str]:
        """Return the public names, whether or not they were imported yet."""
        return __all__
