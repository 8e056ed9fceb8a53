"""An instance: its encoded data set and a small header index; the complete data set is made when it is asked for."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import BaseTag, Tag
from pydicom.uid import UID

from dicom_widgets.dicom import fragments
from dicom_widgets.dicom.conformance import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME, STORAGE, storage_name
from dicom_widgets.dicom.functional_groups import Groups, flatten, groups_of
from dicom_widgets.dicom.header import Unusual, header
from dicom_widgets.dicom.readable import read
from dicom_widgets.dicom.values import items, listed, moment, number, numbers, text, value
from dicom_widgets.errors import NotDicom

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Container, Iterator

    from dicom_widgets.dicom.blob import Blob

HEADER: Final = """
    SpecificCharacterSet TimezoneOffsetFromUTC ImageType SOPClassUID SOPInstanceUID StudyDate SeriesDate
    AcquisitionDate ContentDate StudyTime SeriesTime ContentTime AccessionNumber Modality InstitutionName
    ReferringPhysicianName StudyDescription SeriesDescription PatientName PatientID IssuerOfPatientID
    PatientBirthDate PatientSex PatientOrientation StudyInstanceUID SeriesInstanceUID StudyID SeriesNumber
    AcquisitionNumber InstanceNumber ImagePositionPatient ImageOrientationPatient FrameOfReferenceUID SliceLocation
    SliceThickness SpacingBetweenSlices PixelSpacing ImagerPixelSpacing NominalScannedPixelSpacing
    PixelAspectRatio SamplesPerPixel
    PhotometricInterpretation NumberOfFrames Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation
    PlanarConfiguration ReferencedSeriesSequence ContentLabel ContentDescription PresentationCreationDate
    PresentationCreationTime ContentCreatorName BodyPartExamined LossyImageCompression LossyImageCompressionRatio
    SmallestImagePixelValue PixelPaddingValue AcquisitionTime TemporalPositionIdentifier TriggerTime EchoNumbers
    EchoTime DiffusionBValue NominalPercentageOfCardiacPhase FrameReferenceTime RecommendedViewingMode
    MaskSubtractionSequence PositionerMotion PositionerPrimaryAngle PositionerSecondaryAngle ConcatenationUID
    InConcatenationNumber InConcatenationTotalNumber ConcatenationFrameOffsetNumber
""".split()
"""Keywords of the header index."""

_MANY: Final = 10_000
"""The number of frames up to which Number of Frames is taken as it is; more only as far as there are bytes for them."""
_SMALLEST: Final = 72
"""Bytes of the smallest possible compressed frame: an item with an RLE header (PS3.5 G.5); a JPEG is larger."""
_NM: Final = "1.2.840.10008.5.1.4.1.1.20"
_TAGS: Final = frozenset(Tag(t) for k in HEADER if (t := tag_for_keyword(k)) is not None)
_PIXELS: Final = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_PATH: Final = frozenset(Tag(t) for t in (0x00080018, 0x0020000D, 0x0020000E))
_BEHIND_PATH: Final = range(0x0020000F, 1 << 32)


@dataclass(frozen=True)
class Reference:
    """An image that a presentation state refers to, and which of its frames; empty means all (PS3.3 C.11.11)."""

    uid: str
    frames: frozenset[int] = frozenset()


class Instance:
    """One SOP instance of the session.

    Attributes
    ----------
    blob : Blob
        The encoded data set.
    header : Dataset
        About sixty attributes, decoded by the object's own character set; use `value` to read one of them.
    references : tuple of Reference
        What a presentation state refers to; empty for other objects.

    """

    def __init__(self, blob: Blob) -> None:
        self.blob = blob
        self._numbers: dict[str, float | None] = {}  # decoding each frame reads the same dozen
        self._several: dict[tuple[str, int], tuple[float, ...] | None] = {}
        self.header, self.pixels_at = _indexed(blob, _TAGS, _PIXELS)
        self.uid, self.sop_class = _uids(self.header, "SOPInstanceUID", "SOPClassUID")
        if not self.uid or not self.sop_class:
            raise NotDicom(
                f"{blob.origin or 'The object'} has no SOP Instance UID or no SOP Class UID, so it is not a DICOM"
                " object that can be kept. If it is a DICOMDIR or a damaged file, look at it with pydicom."
            )
        self.references = tuple(_references(self.header)) if self.kind == "presentation state" else ()

    def __repr__(self) -> str:
        return f"<Instance {text(storage_name(self.sop_class), 80)} {text(self.uid, 80)}>"

    @property
    def kind(self) -> str:
        """How it is displayed (`StorageClass.kind`); "other" for a SOP class that is not in `STORAGE`."""
        return STORAGE[self.sop_class].kind if self.sop_class in STORAGE else "other"

    @cached_property
    def path(self) -> tuple[str, str, str]:
        """Study, series and SOP Instance UID."""
        study, series = _uids(self.header, "StudyInstanceUID", "SeriesInstanceUID")
        return study, series, self.uid

    @cached_property
    def acquired(self) -> dt.datetime | None:
        """When its acquisition began, by the clock at the scanner; None where it does not say."""
        return moment(self.value("AcquisitionDate") or self.value("SeriesDate"), self.value("AcquisitionTime"))

    @cached_property
    def size(self) -> tuple[int, int]:
        """Rows and columns; (0, 0) where the header lacks them or they do not fit into 16 bits."""
        rows, columns = (int(self.number(k) or 0) for k in ("Rows", "Columns"))
        return (rows, columns) if 0 < rows < 1 << 16 and 0 < columns < 1 << 16 else (0, 0)

    @cached_property
    def frames(self) -> int:
        """Number of frames, at least 1.

        As the header says, but more than 10,000 only as far as there are bytes for them.
        """
        said = max(1, int(self.number("NumberOfFrames") or 1))
        return said if said <= _MANY else min(said, max(_MANY, self._room()))

    def _room(self) -> int:
        """Return how many frames the bytes after the header could hold at most."""
        if self.pixels_at is None:
            return 0
        nbits = math.prod(self.size) * int(self.number("BitsAllocated") or 1)
        each = 8 * _SMALLEST if self.blob.transfer_syntax.is_encapsulated else max(1, nbits)
        return 8 * (self.blob.nbytes - self.pixels_at) // each

    @cached_property
    def fragments(self) -> tuple[tuple[fragments.Span, ...], ...]:
        """Positions of the fragments of each frame in the blob; empty for native pixel data.

        Indexed once an instance.
        """
        if self.pixels_at is None or not self.blob.transfer_syntax.is_encapsulated:
            return ()
        return fragments.fragments_by_frame(self.blob.data, self.pixels_at, self.frames)

    def value(self, keyword: str, default: Any = None) -> Any:
        """Return a header value, or `default` where it is absent, empty or undecodable."""
        return value(self.header, keyword, default)

    def number(self, keyword: str) -> float | None:
        """Return a header value as a float, the first one of several, or None."""
        if keyword not in self._numbers:
            self._numbers[keyword] = number(self.header, keyword)
        return self._numbers[keyword]

    def numbers(self, keyword: str, count: int) -> tuple[float, ...] | None:
        """Return exactly `count` numbers of a multi-valued attribute, or None."""
        key = keyword, count
        if key not in self._several:
            self._several[key] = numbers(self.header, keyword, count)
        return self._several[key]

    def dataset(self) -> Dataset:
        """Return a fresh, complete data set with file meta information; pixel data stay encoded."""
        ds, _ = _read(self.blob, None, frozenset())
        ds.file_meta = self.file_meta()
        return ds

    def attributes(self, frame: int | None = None) -> Dataset:
        """Return the attributes in front of the pixel data.

        Parameters
        ----------
        frame : int, optional
            From 1: the functional groups of this frame are laid over the top level (PS3.3 C.7.6.16; requirement MF1).
            Do not change nested values: they are shared with the data sets of other frames.

        """
        if frame is None or self.groups is None:
            return _read(self.blob, None, _PIXELS)[0]
        if isinstance(self.groups, Groups):
            return self.groups.attributes(frame)
        return flatten(_read(self.blob, None, _PIXELS)[0], frame)

    @cached_property
    def has_modality_lut(self) -> bool:
        """Whether it has a Modality LUT Sequence (0028,3000), which is too large for the header index."""
        with suppress(NotDicom):  # damaged after the header: presenting it says so
            return bool(items(self.attributes(), "ModalityLUTSequence"))
        return False

    @cached_property
    def groups(self) -> Groups | Literal["as a whole"] | None:
        """The functional groups.

        None where there are none, "as a whole" where pydicom has to read the data set for them.
        """
        if "NumberOfFrames" not in self.header:  # which every object with groups has (PS3.3 C.7.6.16)
            return None
        syntax = self.blob.transfer_syntax
        with suppress(Unusual):
            if syntax.is_little_endian:
                return groups_of(lambda: self.blob.data, self.pixels_at, implicit=syntax.is_implicit_VR)
        return "as a whole"

    @cached_property
    def slices(self) -> tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]:
        """Direction cosines and position of each frame of a nuclear medicine reconstruction; empty for other objects.

        Such objects have no functional groups: the detector gives the position of the first slice, the Slice Vector the
        order, and the sign of Spacing Between Slices (0018,0088) the direction of the steps along the normal (PS3.3
        C.8.4.11, C.8.4.15; requirement NP3).
        """
        if self.sop_class != _NM:
            return ()
        ds = self.attributes()
        kind, step = listed(ds, "ImageType")[2:3], number(ds, "SpacingBetweenSlices")
        order = numbers(ds, "SliceVector", self.frames) or ((1.0,) if self.frames == 1 else None)
        if not kind or not text(kind[0]).upper().startswith("RECON") or order is None or not (step or max(order) == 1):
            return ()
        for source in (*items(ds, "DetectorInformationSequence"), ds):
            cosines, first = numbers(source, "ImageOrientationPatient", 6), numbers(source, "ImagePositionPatient", 3)
            if cosines and first:
                (a, b, c), (d, e, f) = cosines[:3], cosines[3:]
                normal = b * f - c * e, c * d - a * f, a * e - b * d
                length = math.hypot(*normal) or 1.0
                steps = [(which - 1) * (step or 0.0) / length for which in order]
                return tuple((cosines, tuple(p + s * n for p, n in zip(first, normal, strict=True))) for s in steps)
        return ()

    def file_meta(self) -> FileMetaDataset:
        """Return the file meta information that a Part 10 file of this instance has (PS3.10 7.1)."""
        meta = FileMetaDataset()
        meta.FileMetaInformationVersion = b"\x00\x01"
        meta.MediaStorageSOPClassUID = UID(self.sop_class)
        meta.MediaStorageSOPInstanceUID = UID(self.uid)
        meta.TransferSyntaxUID = self.blob.transfer_syntax
        meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
        meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
        return meta


def path_of(blob: Blob) -> tuple[str, str, str]:
    """Return study, series and SOP Instance UID without making an instance; a missing one is empty.

    Raises
    ------
    NotDicom

    """
    header, _ = _indexed(blob, _PATH, _BEHIND_PATH)
    study, series, uid = _uids(header, "StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    return study, series, uid


def _uids(header: Dataset, *keywords: str) -> list[str]:
    """Return the values of UID attributes, the first one where there are several."""
    return [str(next(iter(listed(header, k)), "")) for k in keywords]


def _indexed(blob: Blob, tags: frozenset[BaseTag], stop: Container[int]) -> tuple[Dataset, int | None]:
    """Read the wanted elements, up to certain tags; also return where the first of those begins."""
    syntax = blob.transfer_syntax
    if syntax.is_little_endian:
        with suppress(Unusual):
            return header(blob.data, implicit=syntax.is_implicit_VR, wanted=tags, stop=stop)
    return _read(blob, tags, stop)


def _read(blob: Blob, tags: frozenset[BaseTag] | None, stop: Container[int]) -> tuple[Dataset, int | None]:
    """Do the same with pydicom; `tags` None reads all elements."""
    stopped = False

    def at_end(tag: BaseTag, _vr: str | None, _length: int) -> bool:
        nonlocal stopped
        stopped = int(tag) in stop  # a BaseTag is compared with each number of a range
        return stopped

    syntax = blob.transfer_syntax
    with blob.open() as reader:
        try:
            ds = read(
                reader,
                syntax.is_implicit_VR,
                syntax.is_little_endian,
                stop_when=at_end,
                specific_tags=None if tags is None else list(tags),
            )
        except RecursionError:
            raise NotDicom(f"{blob.origin or 'The object'} nests sequences too deeply to be read.") from None
        except Exception as error:
            raise NotDicom(
                f"{blob.origin or 'The object'} cannot be read as {syntax.name}: {text(error)}."
                " It may be damaged or not be DICOM; other tools (dcmdump) may say where it ends."
            ) from error
        return ds, reader.tell() if stopped else None


def _references(state: Dataset) -> Iterator[Reference]:
    for series in items(state, "ReferencedSeriesSequence"):
        for image in items(series, "ReferencedImageSequence"):
            uid = value(image, "ReferencedSOPInstanceUID")
            if uid:
                yield Reference(str(uid), frozenset(frames_of(image)))


def frames_of(image: Dataset) -> list[int]:
    """Return the Referenced Frame Numbers of an item; empty means all frames.

    What is not a number becomes 0: no frame.
    """
    numbers_of = [str(f).strip() for f in listed(image, "ReferencedFrameNumber")]
    return [int(f) if f.isdecimal() else 0 for f in numbers_of]
