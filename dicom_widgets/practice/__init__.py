"""A teaching PACS in the same process: invented patients, DIMSE and WADO-URI on 127.0.0.1, nothing to download."""

from dicom_widgets.practice.pacs import PracticePacs

__all__ = ["PracticePacs"]
