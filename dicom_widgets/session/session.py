"""A session: what it holds, what it is doing, and every way to a remote AE."""

from __future__ import annotations

import atexit
import contextlib
import socket
import threading
import weakref
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from dicom_widgets import config
from dicom_widgets.dicom.entities import Entities, Entity, Progress, Retrieval, flat
from dicom_widgets.errors import NotFound
from dicom_widgets.network.doctor.doctor import diagnose
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.network.retrieve.lease import Lease
from dicom_widgets.session.arrays import Holdings
from dicom_widgets.session.exclusive import Exclusive
from dicom_widgets.session.memory import available_memory
from dicom_widgets.session.transfer import Transfer
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.catalog import search
from dicom_widgets.sources.ledger import Ledger
from dicom_widgets.sources.local import LocalAE
from dicom_widgets.sources.order import Order
from dicom_widgets.sources.source import Source
from dicom_widgets.sources.terms import checked

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from typing import Self

    from dicom_widgets.dicom.conformance import Level
    from dicom_widgets.network.doctor.diagnosis import Diagnosis, Finding
    from dicom_widgets.network.retrieve.listener import Listener
    from dicom_widgets.sources.catalog import Catalog

T = TypeVar("T")


class Session(Holdings):
    """Everything that belongs together in a kernel: instances, activities, widgets. A context manager.

    Parameters
    ----------
    ae_title : str
        Our AE title; None takes the configured one (default DICOM_WIDGETS).
    listen_host, listen_port : str, int
        Where instances of a C-MOVE are received, from the first one on; only this machine reaches the default host,
        "0.0.0.0" is every address of it. Port None is the configured one (default 11112), 0 any free one.
    listen_tls : ssl.SSLContext, optional
        Secures what is received there: a context for the server's side, with a certificate.
    max_associations : int
        Associations that the listener accepts at the same time.
    max_pdu : int
        Largest PDU that we announce to receive, in bytes; 0 is no maximum.
    memory_limit : int or "half"
        Bytes of instances that are held at most, or half of the memory that is available now.

    """

    def __init__(
        self,
        ae_title: str | None = None,
        *,
        listen_host: str = "127.0.0.1",
        listen_port: int | None = None,
        listen_tls: ssl.SSLContext | None = None,
        max_associations: int = 10,
        max_pdu: int = 16384,
        memory_limit: int | Literal["half"] = "half",
    ) -> None:
        known = config.load()
        title = ae_title or known.ae_title
        if not config.is_ae_title(title):
            raise ValueError(f"{title!r} is no AE title: {config.AE_TITLE}.")
        port = (known.listen_port if listen_port is None else listen_port) or _free_port(listen_host)
        self.local = LocalAE(title, listen_host, port, max_associations, max_pdu, listen_tls)
        limit = available_memory() // 2 if memory_limit == "half" else memory_limit
        super().__init__(limit, cache_limit=max(1 << 20, min(limit // 2, 1 << 30)))
        self._lock = threading.Lock()
        self._owning = threading.RLock()  # making a thing may take long, and may need another
        self._turn = Exclusive(self._check)
        self._closers: list[Callable[[], None]] = []
        self._owned: dict[str, Any] = {}
        _at_exit(_close, weakref.ref(self))

    # --- life

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        count = len(self.store.under(()))
        closed = ", closed" if self._closed else ""
        return f"<Session {self.ae_title}: {count} instances, {self.memory!r}{closed}>"

    def close(self) -> None:
        """End what the session started, and forget what it holds. May be called again."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        running = self._turn.running
        if running is not None:
            running.cancel()
        if isinstance(running, Transfer):
            running.wait()
        for close in [*reversed(self._closers)]:  # also of what it started while it was being cancelled
            close()
        self.store.close()

    def own(self, name: str, make: Callable[[], T], close: Callable[[T], None] = lambda _: None) -> T:
        """Return the one thing of this name that the session owns, made at first use and closed with the session."""
        self._check()
        with self._owning:
            if name not in self._owned:
                self._owned[name] = thing = make()
                self._closers.append(lambda: close(thing))
            owned: T = self._owned[name]
            return owned

    def on_close(self, action: Callable[[], None]) -> Callable[[], None]:
        """Call something when the session closes; return what takes that back."""
        self._closers.append(action)

        def end() -> None:
            with contextlib.suppress(ValueError):
                self._closers.remove(action)

        return end

    @property
    def busy(self) -> str:
        """What the session is doing, in words; empty when nothing."""
        return str(self._turn.running or "")

    def cancel(self) -> None:
        """Cancel what the session is doing: C-CANCEL, then hang up; what a retrieval brought is kept."""
        running = self._turn.running
        if running is not None:
            running.cancel()

    # --- the listener

    @property
    def ae_title(self) -> str:
        """Our AE title."""
        return self.local.ae_title

    @property
    def address(self) -> tuple[str, str, int]:
        """AE title, host and port of the listener, for the administrator of a peer; known before it starts."""
        return self.local.ae_title, self.local.host, self.local.port

    @property
    def listener(self) -> Listener | None:
        """The listener with its `.port` and `.refusals`; None before the first C-MOVE."""
        lease: Lease | None = self._owned.get("listener")
        return lease.listener if lease and not self._closed else None

    def _listen(self) -> Listener:
        return self.own("listener", lambda: Lease(self.local), Lease.close).listener

    # --- remote AEs

    def echo(self, remote: RemoteAE, *, wait: bool = False) -> float:
        """Verify the connection to a remote AE by C-ECHO; return the seconds that it took.

        Raises
        ------
        NetworkError
            With the reason in words.

        """
        with self._turn.asking(f"a C-ECHO to {remote}", wait=wait) as cancellation:
            return _remote_ae(remote).echo(self.local, cancellation)

    def doctor(
        self, remote: RemoteAE, *, progress: Callable[[Finding], None] | None = None, wait: bool = False
    ) -> Diagnosis:
        """Try every step from the configuration to one retrieved instance, which is not kept; nothing is raised.

        Parameters
        ----------
        remote : RemoteAE
        progress : callable, optional
            Gets each finding as it is made.
        wait : bool
            Wait for what the session is doing, instead of raising SessionBusy.

        Returns
        -------
        Diagnosis
            What was tried and seen, and what to do; `.ok`, `.findings`.

        """
        with self._turn.asking(f"an examination of {remote}", wait=wait) as cancellation:
            return diagnose(_remote_ae(remote), self.local, self._listen, cancellation, progress)

    def find(
        self, remote: Source, level: Level = "STUDY", under: Entity | None = None, *, wait: bool = False, **keys: Any
    ) -> Entities:
        """Query one level of a remote AE (C-FIND).

        Parameters
        ----------
        remote : RemoteAE, Media or another Source
        level : "STUDY", "SERIES" or "IMAGE"
        under : Entity, optional
            The study or series to look into; its UIDs may be given as keys instead.
        wait : bool
            Wait for what the session is doing, instead of raising SessionBusy.
        **keys
            DICOM keywords of the level: text (with * and ? where the Statement has wildcards), dates as YYYYMMDD,
            `datetime.date`, a range `"20240101-20240630"` or a tuple (from, to) in which one may be None.

        Raises
        ------
        QueryKeyError
            A key that does not exist at this level or cannot be matched so, or a missing unique key.
        NetworkError
        Cancelled
            By `session.cancel()`.

        """
        path = under.path if under else ()
        checked(level, path, keys)
        with (
            self._turn.asking(f"a {level} query of {remote}", wait=wait) as cancellation,
            self._catalog(remote, cancellation) as catalog,
        ):
            return catalog.find(level, path, **keys)

    def _catalog(self, source: Source, cancellation: Cancellation) -> contextlib.AbstractContextManager[Catalog]:
        if not isinstance(source, Source):
            raise TypeError(_no_source(source, ", or a dw.Media(path)"))
        return source.catalog(self.local, cancellation)

    def search(self, remote: Source, *, wait: bool = False, **keys: Any) -> Iterator[Entities]:
        """Yield the tree of a recursive query as it grows: studies, then their series, then the instances.

        All goes over one association; what was yielded stays valid when it is cancelled or ends early.
        """
        checked("STUDY", (), keys)
        with (
            self._turn.asking(f"a query of {remote}", wait=wait) as cancellation,
            self._catalog(remote, cancellation) as catalog,
        ):
            yield from search(catalog, **keys)

    def tree(self, remote: Source, *, wait: bool = False, **keys: Any) -> Entities:
        """Query recursively: studies that match, with `.children` filled down to the instances."""
        found = Entities()
        for found in self.search(remote, wait=wait, **keys):  # noqa: B007  the last one is the whole
            pass
        return found

    def expand(self, entity: Entity, *, wait: bool = False) -> Entities:
        """Ask for the series of a study, or the instances of a series, that a query found; return them."""
        if not entity.complete:
            remote = entity.source
            if not isinstance(remote, Source):
                raise NotFound(
                    f"{entity!r} does not say where it is. Find it at a remote AE first: session.find(remote, ...)."
                )
            with (
                self._turn.asking(f"a query of {remote}", wait=wait) as cancellation,
                self._catalog(remote, cancellation) as catalog,
            ):
                catalog.expand(entity)
        return entity.children

    def fetch(self, *entities: Any, way: str | None = None, wait: bool = False) -> Transfer:
        """Start a retrieval in a thread of its own.

        Parameters
        ----------
        *entities : Entity or several
            What was found at a remote AE; the remote AE goes before what was not: `fetch(remote, entity)`.
        way : "C-GET", "C-MOVE" or "WADO-URI", optional
            Instead of the remote AE's own; a medium has only "Read".
        wait : bool
            Wait for what the session is doing, instead of raising SessionBusy.

        Returns
        -------
        Transfer
            Iterate it for Progress; `.cancel()`, `.result()`.

        """
        self._check()
        source, wanted = _addressed(entities)
        name = way or source.way
        if name not in source.ways:
            ways = " or ".join(map(repr, source.ways))
            raise ValueError(f"{source} cannot be retrieved from by {name!r}. Give way={ways}, or leave it out.")
        ledger = Ledger.of(name, source, wanted, self.store)
        order = Order(source, self.local, wanted, ledger, Cancellation(), self._listen)
        return Transfer(order, source.ways[name].run, lambda transfer: self._turn.doing(transfer, wait=wait))

    def retrieve(
        self,
        *entities: Any,
        way: str | None = None,
        progress: bool | Callable[[Progress], None] = True,
        wait: bool = False,
    ) -> Retrieval:
        """Retrieve entities and wait for them; what arrived is kept whatever happens.

        Parameters
        ----------
        *entities : Entity or several
            As for `fetch`.
        way : str, optional
            Instead of the remote AE's own.
        progress : bool or callable
            True prints one line that follows, a callable gets each Progress.
        wait : bool
            Wait for what the session is doing, instead of raising SessionBusy.

        Returns
        -------
        Retrieval
            The ledger.

        Raises
        ------
        RetrieveFailed
            Nothing came.
        ListenerFailed
            A C-MOVE, and its listener cannot be started.
        NetworkError

        """
        with self.fetch(*entities, way=way, wait=wait) as transfer:
            for step in transfer:
                if callable(progress):
                    progress(step)
                elif progress:
                    _print(step)
            if progress is True:
                print()  # noqa: T201
            return transfer.result()


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


def _free_port(host: str) -> int:
    """Return a port that is free now."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        return int(server.getsockname()[1])


def _print(step: Progress) -> None:
    of = f" of {step.expected}" if step.expected is not None else ""
    print(f"\r{step.received}{of} instances, {step.nbytes / 1e6:.1f} MB", end="")  # noqa: T201


_at_exit: Callable[..., object] = getattr(threading, "_register_atexit", atexit.register)
"""Before Python waits for threads that are no daemons: pynetdicom's end only with their association."""


def _close(reference: weakref.ref[Session]) -> None:
    session = reference()
    if session is not None:
        session.close()


_default: list[Session] = []


def default_session() -> Session:
    """Return the kernel's own session; a new one if it was closed."""
    if not _default or _default[0]._closed:  # noqa: SLF001  its own module
        _default[:] = [Session()]
    return _default[0]
