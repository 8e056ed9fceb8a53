"""A way of retrieval: how instances come from a source, and what everything that offers it has to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from dicom_widgets.sources.catalog import Queryable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress

S = TypeVar("S", bound=Queryable)

Outcome = tuple[bool | None, str, str]
"""Of a step of the connection doctor: whether it went well (None: not tried), what was seen, what to do."""


@dataclass(frozen=True)
class Trial(Generic[S]):
    """What a way is tried with by the connection doctor: an order of one instance, which is not kept."""

    order: Order[S]
    address: str
    """Our address, as the peer sees it; empty where that is not known."""
    version: str
    """The peer's implementation version name (PS3.7 D.3.3.2.3)."""


@dataclass(frozen=True)
class Way(Generic[S]):
    """One way of retrieving instances from sources of one kind.

    A module that implements a way ends with its row; the rows of a kind of source are put together at one place
    (`network/ways.py` for remote AEs). Session, browser, connection doctor and commands read nothing else.
    """

    name: str
    """What a user gives as `way=`, and what the doctor's step is called."""
    run: Callable[[Order[S]], Iterator[Progress]]
    """Retrieves what an order asks for, and yields its progress; what comes goes into the order's ledger."""
    requires: str = ""
    """The attribute of a source without which it cannot be retrieved from in this way: "wado_uri"."""
    service: str = ""
    """The SOP class that a peer has to accept; empty for ways without an association."""
    listens: bool = False
    """Whether instances come to our listener, so that the peer has to know its address."""
    trial: Callable[[Trial[S]], Outcome] | None = None
    """The doctor's step, where retrieving one instance would not tell what is wrong."""
    hint: str = ""
    """What the browser says while this way is chosen; {source} and {address} stand for its name and our address."""

    def serves(self, source: S) -> bool:
        """Whether a source has what this way requires."""
        return not self.requires or getattr(source, self.requires, None) is not None
