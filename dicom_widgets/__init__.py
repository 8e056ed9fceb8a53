"""A DICOM viewer and PACS client for Jupyter notebooks."""

from dicom_widgets import errors
from dicom_widgets.config import options
from dicom_widgets.display.look import Window
from dicom_widgets.display.picture import Picture
from dicom_widgets.display.sheet import sheet
from dicom_widgets.display.shown import Page
from dicom_widgets.display.subtraction import Subtraction
from dicom_widgets.measurement import Measurement
from dicom_widgets.model import Entities, Entity, Progress, Retrieval
from dicom_widgets.practice import PracticePacs
from dicom_widgets.remotes import remotes
from dicom_widgets.session import Session, default_session
from dicom_widgets.sources.fileset import Media
from dicom_widgets.sources.remote import RemoteAE
from dicom_widgets.widgets.browser import Browser
from dicom_widgets.widgets.doctor import Doctor
from dicom_widgets.widgets.links import link
from dicom_widgets.widgets.mpr import MPR
from dicom_widgets.widgets.picker import FilePicker
from dicom_widgets.widgets.tags import Tags
from dicom_widgets.widgets.viewer import Viewer, view
from dicom_widgets.widgets.viewport import Viewport

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
