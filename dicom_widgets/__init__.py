"""A DICOM viewer and PACS client for Jupyter notebooks."""

from dicom_widgets import errors
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
    "link",
    "options",
    "remotes",
    "sheet",
    "view",
]
