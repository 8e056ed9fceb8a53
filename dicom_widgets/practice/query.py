"""The identifier of a C-FIND, C-GET or C-MOVE request, and the answers to it (PS3.4 C.4, C.6.2: study root)."""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicom_widgets.dicom.conformance import KEYS, LEVELS, UNIQUE_KEYS
from dicom_widgets.practice.matching import matches
from dicom_widgets.practice.strings import TEXT, strings_of, vr_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pydicom.tag import BaseTag

    from dicom_widgets.dicom.conformance import Level
    from dicom_widgets.practice.archive import Archive, Holding

_FURTHER: Final[dict[Level, str]] = {
    "STUDY": """AdditionalPatientHistory AdmittingDiagnosesDescription EthnicGroup InstanceAvailability
        NameOfPhysiciansReadingStudy Occupation OtherPatientIDs PatientAge PatientComments PatientSize PatientWeight""",
    "SERIES": """BodyPartExamined FrameOfReferenceUID InstitutionName Laterality Manufacturer ManufacturerModelName
        OperatorsName PatientPosition PerformingPhysicianName ProtocolName SeriesTime StationName""",
    "IMAGE": "",
}
"""Attributes that are keys here besides those of `conformance.KEYS`; at the level IMAGE every attribute is."""
_ABOUT_THE_QUERY: Final = frozenset({"SpecificCharacterSet", "QueryRetrieveLevel", "RetrieveAETitle"})
_PIXELS: Final = 0x7FE0


def _known(level: Level) -> frozenset[BaseTag]:
    """Return the keys of a level and of those above it."""
    levels = LEVELS[: LEVELS.index(level) + 1]
    keywords = {keyword for one in levels for keyword in (*KEYS[one], *_FURTHER[one].split(), UNIQUE_KEYS[one])}
    return frozenset(Tag(keyword) for keyword in keywords)


_KNOWN: Final[dict[Level, frozenset[BaseTag]]] = {level: _known(level) for level in LEVELS}


class Refused(Exception):
    """An identifier that does not fit to the service: status 0xA900 and a comment (PS3.4 C.4.1.1.4)."""

    @property
    def status(self) -> Dataset:
        """The status with the comment, as pynetdicom sends it; an Error Comment has at most 64 characters."""
        status = Dataset()
        status.Status = 0xA900
        status.ErrorComment = str(self)[:64]
        return status


@dataclass(frozen=True)
class Request:
    """A level, the unique keys down to it, and the identifier."""

    level: Level
    uids: dict[Level, tuple[str, ...]]
    identifier: Dataset

    @classmethod
    def of(cls, identifier: Dataset) -> Request:
        """Read a C-FIND identifier.

        The unique key of each level above must be there (PS3.4 C.4.1.2.1: hierarchical). Zero length and lists are
        taken for what they mean at other keys, as Orthanc and dcmqrscp do.

        Raises
        ------
        Refused

        """
        named = "".join(strings_of(identifier, Tag("QueryRetrieveLevel")))
        level = next((level for level in LEVELS if level == named), None)
        if level is None:
            raise Refused(f"Query/Retrieve Level {named!r} is none of {', '.join(LEVELS)}")
        for above in LEVELS[: LEVELS.index(level)]:
            if UNIQUE_KEYS[above] not in identifier:
                raise Refused(f"{UNIQUE_KEYS[above]} is missing at the level {level}")
        levels = LEVELS[: LEVELS.index(level) + 1]
        return cls(level, {one: strings_of(identifier, Tag(UNIQUE_KEYS[one])) for one in levels}, identifier)

    @classmethod
    def to_retrieve(cls, identifier: Dataset) -> Request:
        """Read a C-GET or C-MOVE identifier: here the unique keys need values (PS3.4 C.4.2.2.1, C.4.3.2.1).

        Raises
        ------
        Refused

        """
        query = cls.of(identifier)
        for level, uids in query.uids.items():
            if not any(uids):
                raise Refused(f"{UNIQUE_KEYS[level]} has no value")
        return query

    def answers(self, archive: Archive, ae_title: str) -> Iterator[Dataset]:
        """Yield a response identifier for each entity that matches (PS3.4 C.4.1.1.3.2)."""
        entities: defaultdict[str, list[Holding]] = defaultdict(list)
        for holding in archive.under(self.uids):
            entities[holding.uid(self.level)].append(holding)
        for holdings in entities.values():
            entity = _Entity(self.level, holdings, archive)
            if all(self._matches(tag, entity) for tag in self.identifier.keys()):  # noqa: SIM118  iterating converts
                yield self._answer(entity, ae_title)

    def _matches(self, tag: BaseTag, entity: _Entity) -> bool:
        """Whether the entity has what the key asks for; keys that are not known here match (PS3.4 C.4.1.2)."""
        vr = vr_of(self.identifier, tag)
        if vr == "SQ" or not entity.knows(tag):
            return True
        return matches(vr, strings_of(self.identifier, tag), entity.strings(tag))

    def _answer(self, entity: _Entity, ae_title: str) -> Dataset:
        """Return the keys that were asked for and are known, in UTF-8 where ASCII does not suffice."""
        answer = Dataset()
        for tag in self.identifier.keys():  # noqa: SIM118  iterating converts
            if entity.knows(tag):
                answer.add(entity.element(tag))
        answer.QueryRetrieveLevel = self.level
        answer.RetrieveAETitle = ae_title
        if any(not str(element.value).isascii() for element in answer.iterall()):
            answer.SpecificCharacterSet = "ISO_IR 192"
        return answer


class _Entity:
    """A study, series or instance, as C-FIND knows it."""

    def __init__(self, level: Level, holdings: Sequence[Holding], archive: Archive) -> None:
        self._level = level
        self._holdings = holdings
        self._archive = archive

    def knows(self, tag: BaseTag) -> bool:
        """Whether an attribute is a key at this level."""
        if tag in _ABOUT or tag.is_private or tag.element == 0:
            return False
        at_image = self._level == "IMAGE" and tag.group < _PIXELS and tag in self._holdings[0].header
        return tag in _KNOWN[self._level] or at_image

    def strings(self, tag: BaseTag) -> tuple[str, ...]:
        """Return the values of an attribute: counted, or those of the first instance that has some."""
        if tag in _COMPUTED:
            return _COMPUTED[tag](self)
        found = (strings_of(holding.header, tag) for holding in self._holdings)
        return next(filter(None, found), ())

    def element(self, tag: BaseTag) -> DataElement:
        """Return an attribute for an answer; empty where no instance has a value."""
        holders = [holding.header for holding in self._holdings if tag in holding.header]
        vr = vr_of(holders[0] if holders else Dataset(), tag)
        if vr in TEXT:
            strings = self.strings(tag)
            value = list(strings) if len(strings) > 1 else "".join(strings)
            return DataElement(tag, vr, value, validation_mode=IGNORE)
        if not holders:
            return DataElement(tag, vr, [] if vr == "SQ" else None)
        return _decoded_sequence(holders[0], tag) if vr == "SQ" else holders[0][tag]

    def in_study(self, keyword: str) -> tuple[str, ...]:
        """Return the different values of an attribute in the whole study, in their order."""
        tag, study = Tag(keyword), self._related("STUDY")
        return tuple(dict.fromkeys(text for holding in study for text in strings_of(holding.header, tag)))

    def number(self, level: Level, *, of: Level) -> tuple[str, ...]:
        """Return how many entities of one level there are in the entity of another that this one belongs to."""
        return (str(len({holding.uid(level) for holding in self._related(of)})),)

    def _related(self, level: Level) -> list[Holding]:
        """Return all that is held of the study or series that this entity is or belongs to."""
        return self._archive.under({level: (self._holdings[0].uid(level),)})


_COMPUTED: Final[dict[BaseTag, Callable[[_Entity], tuple[str, ...]]]] = {
    Tag("ModalitiesInStudy"): lambda entity: entity.in_study("Modality"),
    Tag("SOPClassesInStudy"): lambda entity: entity.in_study("SOPClassUID"),
    Tag("NumberOfStudyRelatedSeries"): lambda entity: entity.number("SERIES", of="STUDY"),
    Tag("NumberOfStudyRelatedInstances"): lambda entity: entity.number("IMAGE", of="STUDY"),
    Tag("NumberOfSeriesRelatedInstances"): lambda entity: entity.number("IMAGE", of="SERIES"),
    Tag("InstanceAvailability"): lambda _: ("ONLINE",),
}
"""Attributes that are in no instance (PS3.4 C.3.4)."""
_ABOUT: Final = frozenset(Tag(keyword) for keyword in _ABOUT_THE_QUERY)


def _decoded_sequence(header: Dataset, tag: BaseTag) -> DataElement:
    """Return a sequence whose texts are decoded, so that they can be written in another character set."""
    element = copy.deepcopy(header[tag])
    for item in element.value:
        item.decode()
        if "SpecificCharacterSet" in item:
            del item.SpecificCharacterSet
    return element
