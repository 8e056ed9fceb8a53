"""What the practice PACS holds: instances in memory, whose pixels are made when somebody asks for them."""

from __future__ import annotations

import copy
from threading import Lock
from typing import TYPE_CHECKING

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import UID

from dicom_widgets.dicom.conformance import EXPLICIT, IMPLICIT, UNIQUE_KEYS
from dicom_widgets.practice.strings import strings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydicom.dataelem import DataElement

    from dicom_widgets.dicom.conformance import Level


class Holding:
    """One instance of the archive.

    Parameters
    ----------
    header
        The data set with its file meta information; also with its pixels where `pixels` is not given.
    pixels
        Makes the Pixel Data element.

    """

    def __init__(self, header: Dataset, pixels: Callable[[], DataElement] | None = None) -> None:
        self.header = header
        self._pixels = pixels
        self.sop_class = UID(_needed(header, "SOPClassUID"))
        self.transfer_syntax = UID(header.file_meta.TransferSyntaxUID)
        self._path: dict[Level, str] = {level: _needed(header, keyword) for level, keyword in UNIQUE_KEYS.items()}

    def uid(self, level: Level) -> str:
        """Return the UID of its study, of its series, or its own."""
        return self._path[level]

    def dataset(self) -> Dataset:
        """Return the whole data set; it is not to be changed."""
        if self._pixels is None:
            return self.header
        whole = Dataset()
        whole.update(self.header)
        whole.file_meta = self.header.file_meta
        whole.add(self._pixels())
        return whole

    @classmethod
    def of(cls, dataset: Dataset) -> Holding:
        """Hold a data set with its pixels; file meta information is made where it is missing."""
        held = copy.copy(dataset)  # the elements are shared, the file meta information is not
        held.file_meta = FileMetaDataset()
        held.file_meta.update(getattr(dataset, "file_meta", {}))
        held.file_meta.MediaStorageSOPClassUID = UID(_needed(dataset, "SOPClassUID"))
        held.file_meta.MediaStorageSOPInstanceUID = UID(_needed(dataset, "SOPInstanceUID"))
        if "TransferSyntaxUID" not in held.file_meta:
            held.file_meta.TransferSyntaxUID = IMPLICIT if dataset.original_encoding[0] else EXPLICIT
        return cls(held)


def _needed(dataset: Dataset, keyword: str) -> str:
    """Return a UID that an instance must have."""
    if strings := strings_of(dataset, Tag(keyword)):
        return strings[0]
    raise ValueError(f"A data set without {keyword} cannot be put into a PACS; give it one (pydicom.uid.generate_uid).")


class Archive:
    """Holdings by SOP Instance UID, in the order of arrival; may be used by several threads."""

    def __init__(self, holdings: Iterable[Holding] = ()) -> None:
        self._lock = Lock()
        self._holdings = {holding.uid("IMAGE"): holding for holding in holdings}

    def add(self, holding: Holding) -> None:
        """Put one more, in place of the same instance where it is held already."""
        with self._lock:
            self._holdings[holding.uid("IMAGE")] = holding

    def get(self, uid: str) -> Holding | None:
        """Return the one with this SOP Instance UID, if held."""
        with self._lock:
            return self._holdings.get(uid)

    def under(self, uids: dict[Level, tuple[str, ...]]) -> list[Holding]:
        """Return those whose UID at each of these levels is one of the given ones; no UIDs allow all."""
        with self._lock:
            holdings = list(self._holdings.values())
        return [
            holding
            for holding in holdings
            if all(not allowed or holding.uid(level) in allowed for level, allowed in uids.items())
        ]
