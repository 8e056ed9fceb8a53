"""Entities: studies, series and instances, wherever they are."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pydicom.config import IGNORE
from pydicom.uid import UID

from dicom_widgets.dicom.conformance import LEVELS, STORAGE, Level, storage_name
from dicom_widgets.dicom.privacy import HOW_TO_SHOW, MASK, PATIENT, masked
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

_COLUMNS: Final[dict[Level, tuple[str, ...]]] = {
    "STUDY": (
        "PatientName PatientID PatientBirthDate StudyDate ModalitiesInStudy StudyDescription AccessionNumber"
        " NumberOfStudyRelatedSeries NumberOfStudyRelatedInstances"
    ).split(),  # type: ignore[dict-item]
    "SERIES": "Modality SeriesNumber SeriesDescription NumberOfSeriesRelatedInstances SeriesDate".split(),  # type: ignore[dict-item]
    "IMAGE": "InstanceNumber SOPClassUID Rows Columns NumberOfFrames ContentDate".split(),  # type: ignore[dict-item]
}


@dataclass(eq=False)
class Entity:
    """A study, a series or an instance: found at a remote AE, held by a session, or named by the notebook.

    Every attribute that was asked for is there under its keyword (`entity.PatientName`), None where the source left
    it out. Entities are alike whatever they come from, so every browser and every retrieval takes them.
    """

    level: Level
    path: tuple[str, ...]
    """Study Instance UID, then Series Instance UID, then SOP Instance UID: as many as the level has."""
    attributes: dict[str, Any] = field(default_factory=dict)
    children: Entities = field(default_factory=lambda: Entities())  # noqa: PLW0108  defined below
    complete: bool = False
    """Whether `children` is known to be complete; False where they were not asked for."""
    source: Any = None
    """Where it was found: a RemoteAE, or None."""
    note: str = ""
    """A remark that is shown beside it, as that its transfer syntax is a guess."""

    @classmethod
    def of(
        cls, study: str, series: str | None = None, instance: str | None = None, sop_classes: Iterable[str] = ()
    ) -> Entity:
        """Make an entity from known UIDs, to retrieve it without a query.

        Parameters
        ----------
        study, series, instance : str
            The UIDs, from the study down to the entity.
        sop_classes : iterable of str
            The SOP classes inside, if known: the retrieval then proposes only those.

        """
        if instance and not series:
            raise ValueError("An instance is named by its study, its series and itself: give series too.")
        path = tuple(u for u in (study, series, instance) if u)
        level = LEVELS[len(path) - 1]
        classes = list(sop_classes)
        known = {"SOPClassUID": classes[0]} if classes and level == "IMAGE" else {"SOPClassesInStudy": classes}
        keys = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
        return cls(level, path, {**dict(zip(keys, path, strict=False)), **(known if classes else {})})

    @property
    def uid(self) -> str:
        """The UID of the entity itself."""
        return self.path[-1]

    @property
    def sop_classes(self) -> frozenset[str]:
        """The SOP classes inside as far as they are known."""
        own = self.attributes.get("SOPClassUID") or self.attributes.get("SOPClassesInStudy") or ()
        listed = {str(own)} if isinstance(own, str) else {str(u) for u in own}
        return frozenset(listed.union(*(c.sop_classes for c in self.children)))

    @property
    def instances(self) -> list[Entity]:
        """All instances below (or the entity itself), as far as they are known."""
        return [self] if self.level == "IMAGE" else [i for child in self.children for i in child.instances]

    def __getattr__(self, keyword: str) -> Any:
        """Return an attribute by its DICOM keyword."""
        attributes = self.__dict__.get("attributes", {})
        if keyword in attributes:
            return attributes[keyword]
        raise AttributeError(
            f"This {self.__dict__.get('level', 'entity').lower()} has no attribute {keyword}; it has"
            f" {', '.join(sorted(attributes)) or 'none'}."
        )

    def __repr__(self) -> str:
        return f"<{self.level} {label(self)}>"

    def _repr_html_(self) -> str:
        return Entities([self])._repr_html_()


class Entities(list[Entity]):
    """A list of entities; a table in a notebook."""

    skipped: Mapping[str, str] = MappingProxyType({})
    """Path -> why it was not loaded."""
    notes: tuple[str, ...] = ()
    """Sentences about what a source answered and is not among them."""

    def one(self) -> Entity:
        """Return the only entity.

        Raises
        ------
        NotFound
            There is none, or more than one.

        """
        if len(self) != 1:
            many = f"{len(self)} match" if self else "nothing matches"
            raise NotFound(
                f"Exactly one was expected, but {many}. {'Narrow' if self else 'Widen'} the keys of the query."
            )
        return self[0]

    def to_dataframe(self) -> pd.DataFrame:
        """Return one row for each entity, one column for each attribute; nothing is masked. Needs pandas."""
        import pandas as pd

        rows = [
            {"level": e.level, **{k: text(v) if k.endswith("Name") else v for k, v in e.attributes.items()}}
            for e in self
        ]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        return "\n".join([f"{len(self)} {plural(self)}", *(f"  {label(e)}" for e in self[:20]), *self.notes])

    def _repr_html_(self) -> str:
        notes = "".join(f"<p>⚠ {html.escape(note)}</p>" for note in self.notes)
        if not self:
            return f"<p>Nothing found.</p>{notes}"
        columns = [c for c in _COLUMNS[self[0].level] if any(c in e.attributes for e in self)]
        rows = [[shown(e, c) for c in columns] for e in self[:100]]
        head = "".join(f"<th>{html.escape(_heading(c))}</th>" for c in columns)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(v)}</td>" for v in row) + "</tr>" for row in rows)
        more = f"<p>… and {len(self) - 100} more</p>" if len(self) > 100 else ""
        why = f"<p><small>{HOW_TO_SHOW}</small></p>" if any(MASK in row for row in rows) else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}{why}{notes}"


def plural(entities: Entities) -> str:
    """Return what the entities are called: studies, series, instances."""
    one = len(entities) == 1
    names = {"STUDY": "study" if one else "studies", "SERIES": "series", "IMAGE": "instance" if one else "instances"}
    return names[entities[0].level] if entities else "entities"


def shown(entity: Entity, keyword: str) -> str:
    """Return an attribute as text for a static output: masked where it says who the patient is."""
    found = entity.attributes.get(keyword)
    if keyword == "SOPClassUID" and found:
        return storage_name(str(found))
    return masked(text(found), entity.source) if keyword in PATIENT else text(found)


def label(entity: Entity) -> str:
    """Return one masked line that identifies the entity."""
    keys = {
        "STUDY": ("PatientName", "PatientID", "StudyDate", "StudyDescription"),
        "SERIES": ("Modality", "SeriesNumber", "SeriesDescription"),
        "IMAGE": ("InstanceNumber", "SOPClassUID"),
    }[entity.level]
    words = " · ".join(w for k in keys if (w := shown(entity, k)))
    return f"{words} [{entity.uid[-12:]}]" if words else entity.uid


def _heading(keyword: str) -> str:
    words = "".join(f" {c}" if c.isupper() and i and not keyword[i - 1].isupper() else c for i, c in enumerate(keyword))
    return (
        words.removeprefix("Number Of Study Related ")
        .removeprefix("Number Of Series Related ")
        .removeprefix("Number Of ")
    )


def flat(entities: Entity | Iterable[Entity]) -> Iterator[Entity]:
    """Yield the entities, whether one or several are given."""
    if isinstance(entities, Entity):
        yield entities
    else:
        several: Iterable[Entity] = entities
        yield from several


def classes_of(entities: Iterable[Entity]) -> list[str]:
    """Return the known SOP classes of several entities, the Statement's first."""
    found = sorted(set[str]().union(*(e.sop_classes for e in entities)))
    valid = (u for u in found if UID(u, validation_mode=IGNORE).is_valid)  # a peer may say anything, warned of or not
    return sorted(valid, key=lambda u: u not in STORAGE)
