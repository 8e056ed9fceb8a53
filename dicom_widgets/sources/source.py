"""A source: whatever can be queried and retrieved from. A remote AE and a medium are sources, others may be added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from dicom_widgets.sources.catalog import Queryable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dicom_widgets.sources.way import Way


@runtime_checkable
class Source(Queryable, Protocol):
    """Something that can be queried and retrieved from; `str` of it is what sentences call it.

    Every object with these attributes can be given to `session.find`, `tree`, `retrieve` and to a Browser.
    """

    @property
    def way(self) -> str:
        """The name of the way in which it is retrieved from, unless another one is asked for."""

    @property
    def ways(self) -> Mapping[str, Way[Any]]:
        """Name -> way, of all ways in which it can be retrieved from."""
