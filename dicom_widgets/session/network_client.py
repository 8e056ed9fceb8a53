"""What a session does over the network: verify, query, retrieve, examine, and listen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dicom_widgets.dicom.entities import Entities, Entity, flat
from dicom_widgets.errors import NotFound
from dicom_widgets.network.doctor.doctor import diagnose
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.network.retrieve.lease import Lease
from dicom_widgets.session.transfer import Transfer
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.catalog import search
from dicom_widgets.sources.ledger import Ledger
from dicom_widgets.sources.order import Order
from dicom_widgets.sources.source import Source
from dicom_widgets.sources.terms import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from dicom_widgets.dicom.conformance import Level
    from dicom_widgets.network.doctor.diagnosis import Diagnosis, Finding
    from dicom_widgets.network.retrieve.listener import Listener
    from dicom_widgets.session.exclusive import Exclusive
    from dicom_widgets.session.lifetime import Lifetime
    from dicom_widgets.session.store import Store
    from dicom_widgets.sources.catalog import Catalog
    from dicom_widgets.sources.local import LocalAE
    from dicom_widgets.sources.retrieval import Progress, Retrieval


class NetworkClient:
    """The network side of a session, one operation at a time (`Exclusive`); `Session` documents its methods.

    Parameters
    ----------
    local : LocalAE
        Our side of each association.
    store : Store
        Takes what is retrieved.
    exclusive : Exclusive
        Lets one operation run at a time.
    lifetime : Lifetime
        Owns the lease of the listener.

    """

    def __init__(self, local: LocalAE, store: Store, exclusive: Exclusive, lifetime: Lifetime) -> None:
        self._local, self._store, self._exclusive, self._lifetime = local, store, exclusive, lifetime
        self._transfer: Transfer | None = None
        self._earlier: Retrieval | None = None

    def close(self) -> None:
        """Cancel what is running, and wait for the end of a transfer."""
        running = self._exclusive.running
        if isinstance(running, Transfer):
            running.close()
        elif running is not None:
            running.cancel()

    @property
    def listener(self) -> Listener | None:
        """The listener of C-MOVE; None before the first one."""
        lease: Lease | None = self._lifetime.owned("listener")
        return lease.listener if lease else None

    def _listen(self) -> Listener:
        return self._lifetime.own("listener", lambda: Lease(self._local), Lease.close).listener

    @property
    def last(self) -> Retrieval | None:
        """See `Session.last`."""
        newest = self._transfer
        return newest.retrieval if newest is not None and newest.done else self._earlier

    def echo(self, remote: RemoteAE, *, wait: bool = False) -> float:
        """See `Session.echo`."""
        with self._exclusive.asking(f"a C-ECHO to {remote}", wait=wait) as cancellation:
            return _remote_ae(remote).echo(self._local, cancellation)

    def doctor(
        self, remote: RemoteAE, *, progress: Callable[[Finding], None] | None = None, wait: bool = False
    ) -> Diagnosis:
        """See `Session.doctor`."""
        with self._exclusive.asking(f"an examination of {remote}", wait=wait) as cancellation:
            return diagnose(_remote_ae(remote), self._local, self._listen, cancellation, progress)

    def find(
        self, remote: Source, level: Level = "STUDY", under: Entity | None = None, *, wait: bool = False, **keys: Any
    ) -> Entities:
        """See `Session.find`."""
        path = under.path if under else ()
        checked(level, path, keys)
        with (
            self._exclusive.asking(f"a {level} query of {remote}", wait=wait) as cancellation,
            self._catalog(remote, cancellation) as catalog,
        ):
            return catalog.find(level, path, **keys)

    def _catalog(self, source: Source, cancellation: Cancellation) -> AbstractContextManager[Catalog]:
        if not isinstance(source, Source):
            raise TypeError(_no_source(source, ", or a dw.Media(path)"))
        return source.catalog(self._local, cancellation)

    def search(self, remote: Source, *, wait: bool = False, **keys: Any) -> Iterator[Entities]:
        """See `Session.search`."""
        checked("STUDY", (), keys)
        with (
            self._exclusive.asking(f"a query of {remote}", wait=wait) as cancellation,
            self._catalog(remote, cancellation) as catalog,
        ):
            yield from search(catalog, **keys)

    def tree(self, remote: Source, *, wait: bool = False, **keys: Any) -> Entities:
        """See `Session.tree`."""
        found = Entities()
        for found in self.search(remote, wait=wait, **keys):  # noqa: B007  the last one is the whole
            pass
        return found

    def expand(self, entity: Entity, *, wait: bool = False) -> Entities:
        """See `Session.expand`."""
        if not entity.complete:
            remote = entity.source
            if not isinstance(remote, Source):
                raise NotFound(
                    f"{entity!r} does not say where it is. Find it at a remote AE first: session.find(remote, ...)."
                )
            with (
                self._exclusive.asking(f"a query of {remote}", wait=wait) as cancellation,
                self._catalog(remote, cancellation) as catalog,
            ):
                catalog.expand(entity)
        return entity.children

    def fetch(self, *entities: Any, way: str | None = None, wait: bool = False) -> Transfer:
        """See `Session.fetch`."""
        self._lifetime.check()
        source, wanted = _addressed(entities)
        name = way or source.way
        if name not in source.ways:
            ways = " or ".join(map(repr, source.ways))
            raise ValueError(f"{source} cannot be retrieved from by {name!r}. Give way={ways}, or leave it out.")
        ledger = Ledger.of(name, source, wanted, self._store)
        order = Order(source, self._local, wanted, ledger, Cancellation(), self._listen)
        transfer = Transfer(order, source.ways[name].run, lambda made: self._exclusive.doing(made, wait=wait))
        self._earlier, self._transfer = self.last, transfer
        return transfer

    def retrieve(
        self,
        *entities: Any,
        way: str | None = None,
        progress: bool | Callable[[Progress], None] = True,
        wait: bool = False,
    ) -> Retrieval:
        """See `Session.retrieve`."""
        with self.fetch(*entities, way=way, wait=wait) as transfer:
            try:
                for step in transfer:
                    if callable(progress):
                        progress(step)
                    elif progress:
                        _print(step)
                if progress is True:
                    print()  # noqa: T201
                return transfer.result()
            except KeyboardInterrupt as interrupt:
                transfer.cancel()
                transfer.wait()
                interrupt.retrieval = transfer.retrieval  # type: ignore[attr-defined]
                raise


def _addressed(arguments: tuple[Any, ...]) -> tuple[Source, list[Entity]]:
    """Return where to ask and for what."""
    if len(arguments) == 1 and isinstance(arguments[0], tuple):
        arguments = arguments[0]
    remote = arguments[0] if arguments and isinstance(arguments[0], Source) else None
    wanted: list[Any] = [e for a in arguments[1 if remote else 0 :] for e in flat(a)]
    strange = next((e for e in wanted if not isinstance(e, Entity)), None)
    if strange is not None:
        raise TypeError(
            f"Entities are retrieved, not this {type(strange).__name__}: pass what find or tree returned, or"
            " Entity.of(study, series, instance) with UIDs; the remote AE, a dw.RemoteAE, may go first."
        )
    if not wanted:
        raise ValueError("Nothing was given to retrieve: pass an entity that find or tree returned, or Entity.of(...).")
    found = remote or wanted[0].source
    if not isinstance(found, Source):
        raise NotFound(
            f"{wanted[0]!r} does not say where it is: pass the remote AE first, session.retrieve(remote, entity)."
        )
    return found, wanted


def _remote_ae(source: object) -> RemoteAE:
    """Return a remote AE as it is, or say in words that it is none."""
    if not isinstance(source, RemoteAE):
        raise TypeError(_no_source(source))
    return source


def _no_source(given: object, others: str = "") -> str:
    """Say that something is not what can be asked, and what can be."""
    return (
        f"This {type(given).__name__} is no remote AE: give a dw.RemoteAE(title, host, port), or one of"
        f" dw.remotes() by its name{others}."
    )


def _print(step: Progress) -> None:
    of = f" of {step.expected}" if step.expected is not None else ""
    print(f"\r{step.received}{of} instances, {step.nbytes / 1e6:.1f} MB", end="")  # noqa: T201
