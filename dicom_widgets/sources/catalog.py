"""What a source holds, as its answers to queries."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from dicom_widgets.dicom.conformance import Level
    from dicom_widgets.dicom.entities import Entities, Entity
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.local import LocalAE


class Catalog(Protocol):
    """What answers queries: a remote AE over one association, or a medium."""

    def find(self, level: Level, path: tuple[str, ...] = (), **keys: Any) -> Entities:
        """Return the entities of one level that match, below the study or series whose UIDs `path` has."""

    def expand(self, entity: Entity) -> None:
        """Give a study or a series its children, and mark it as complete."""

    def instances(self, entity: Entity) -> list[Entity]:
        """Return all instances of an entity, without changing it."""


class Queryable(Protocol):
    """Something that can be queried; `str` of it is what sentences call it."""

    @property
    def invented(self) -> bool:
        """Whether its patients are invented ones, of whom nothing is masked."""

    @abstractmethod
    def catalog(self, ours: LocalAE, cancellation: Cancellation) -> AbstractContextManager[Catalog]:
        """Open what answers queries, and close it at the end of the block.

        Parameters
        ----------
        ours : LocalAE
            Our application entity, for a source that is asked over an association.
        cancellation : Cancellation
            Ends it when the user wants to stop.

        Raises
        ------
        Cancelled
            It was requested.
        DicomWidgetsError
            There is no answer, for the reason that it says.

        """


def search(catalog: Catalog, **keys: Any) -> Iterator[Entities]:
    """Yield the tree as it grows, level after level: studies, then their series, then the instances."""
    studies = catalog.find("STUDY", **keys)
    yield studies
    for study in studies:
        catalog.expand(study)
        yield studies
    for study in studies:
        for series in study.children:
            catalog.expand(series)
        yield studies
