"""A session: what it holds, what it is doing, and every way from a remote AE to an array or a picture."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import itertools
import socket
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np

from dicom_widgets import config, geometry
from dicom_widgets.display import states
from dicom_widgets.display.grayscale import modality_of
from dicom_widgets.display.look import Look, Window
from dicom_widgets.display.picture import Picture, Shown
from dicom_widgets.display.present import Request, present
from dicom_widgets.doctor import diagnose
from dicom_widgets.errors import (
    GeometryError,
    NotAnImage,
    NotDicom,
    NotFound,
    SessionBusy,
    SessionClosed,
    StoreFull,
)
from dicom_widgets.instance import Instance
from dicom_widgets.memory import Memory, available_memory
from dicom_widgets.model import Entities, Entity, Progress, Retrieval, flat
from dicom_widgets.sources import media
from dicom_widgets.sources import query as queries
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.ledger import Ledger
from dicom_widgets.sources.listener import Lease
from dicom_widgets.sources.local import LocalAE
from dicom_widgets.sources.order import Order
from dicom_widgets.sources.remote import WAYS, RemoteAE
from dicom_widgets.store import OUT_OF_RESOURCES, Store, Watcher
from dicom_widgets.transfer import Transfer

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

    from pydicom.dataset import Dataset

    from dicom_widgets.conformance import Level
    from dicom_widgets.diagnosis import Diagnosis, Finding
    from dicom_widgets.sources.listener import Listener

Which = Entity | Instance | str
"""An entity, an instance, or a SOP Instance UID."""
Values = Literal["modality", "stored", "display"]
T = TypeVar("T")


class Session:
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
        self.store = Store(limit, cache_limit=max(1 << 20, min(limit // 2, 1 << 30)))
        self._lock = threading.Lock()
        self._owning = threading.RLock()  # making a thing may take long, and may need another
        self._idle = threading.Condition(self._lock)
        self._activity: Transfer | Cancellation | None = None
        self._closers: list[Callable[[], None]] = []
        self._owned: dict[str, Any] = {}
        self._closed = False
        _at_exit(_close, weakref.ref(self))

    # --- life

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        count = len(self.store.under(()))
        return (
            f"<Session {self.local.ae_title}: {count} instances, {self.memory!r}{', closed' if self._closed else ''}>"
        )

    def close(self) -> None:
        """End what the session started, and forget what it holds. May be called again."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            running = self._activity
        if running is not None:
            running.cancel()
        if isinstance(running, Transfer):
            running.wait()
        for close in [*reversed(self._closers)]:  # also of what it started while it was being cancelled
            close()
        self.store.clear()

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

    def _check(self) -> None:
        if self._closed:
            raise SessionClosed("This session is closed. Make a new one: dicom_widgets.Session().")

    @contextlib.contextmanager
    def _doing(self, what: Transfer | Cancellation, *, wait: bool = False) -> Iterator[None]:
        """Hold the session's one activity (the Statement: one SCU activity a session)."""
        with self._lock:
            while wait and self._activity is not None and not self._closed:
                self._idle.wait()
            self._check()
            if self._activity is not None:
                raise SessionBusy(
                    f"The session is busy with {self._activity}, so it cannot start {what}."
                    " Wait for it (wait=True), cancel it (session.cancel()), or use a second session."
                )
            self._activity = what
        try:
            yield
        finally:
            with self._lock:
                self._activity = None
                self._idle.notify_all()

    @contextlib.contextmanager
    def _querying(self, what: str, wait: bool) -> Iterator[Cancellation]:
        """Hold the session's one activity with something that can be cancelled."""
        cancellation = Cancellation(what)
        with self._doing(cancellation, wait=wait):
            yield cancellation

    @property
    def busy(self) -> str:
        """What the session is doing, in words; empty when nothing."""
        return str(self._activity or "")

    def cancel(self) -> None:
        """Cancel what the session is doing: C-CANCEL, then hang up; what a retrieval brought is kept."""
        running = self._activity
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
        with self._querying(f"a C-ECHO to {remote}", wait) as cancellation:
            return remote.echo(self.local, cancellation)

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
        with self._querying(f"an examination of {remote}", wait) as cancellation:
            return diagnose(remote, self.local, self._listen, cancellation, progress)

    def find(
        self, remote: RemoteAE, level: Level = "STUDY", under: Entity | None = None, *, wait: bool = False, **keys: Any
    ) -> Entities:
        """Query one level of a remote AE (C-FIND).

        Parameters
        ----------
        remote : RemoteAE
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
        queries.checked(level, path, keys)
        with (
            self._querying(f"a {level} query of {remote}", wait) as cancellation,
            queries.query(remote, self.local, cancellation) as asked,
        ):
            return asked.find(level, path, **keys)

    def search(self, remote: RemoteAE, *, wait: bool = False, **keys: Any) -> Iterator[Entities]:
        """Yield the tree of a recursive query as it grows: studies, then their series, then the instances.

        All goes over one association; what was yielded stays valid when it is cancelled or ends early.
        """
        with self._querying(f"a query of {remote}", wait) as cancellation:
            yield from queries.search(remote, self.local, cancellation, **keys)

    def tree(self, remote: RemoteAE, *, wait: bool = False, **keys: Any) -> Entities:
        """Query recursively: studies that match, with `.children` filled down to the instances."""
        found = Entities()
        for found in self.search(remote, wait=wait, **keys):  # noqa: B007  the last one is the whole
            pass
        return found

    def expand(self, entity: Entity, *, wait: bool = False) -> Entities:
        """Ask for the series of a study, or the instances of a series, that a query found; return them."""
        if not entity.complete:
            remote = entity.source
            if not isinstance(remote, RemoteAE):
                raise NotFound(
                    f"{entity!r} does not say where it is. Find it at a remote AE first: session.find(remote, ...)."
                )
            with (
                self._querying(f"a query of {remote}", wait) as cancellation,
                queries.query(remote, self.local, cancellation) as asked,
            ):
                asked.expand(entity)
        return entity.children

    def fetch(self, *entities: Any, way: str | None = None, wait: bool = False) -> Transfer:
        """Start a retrieval in a thread of its own.

        Parameters
        ----------
        *entities : Entity or several
            What was found at a remote AE; the remote AE goes before what was not: `fetch(remote, entity)`.
        way : "C-GET", "C-MOVE" or "WADO-URI", optional
            Instead of the remote AE's own.
        wait : bool
            Wait for what the session is doing, instead of raising SessionBusy.

        Returns
        -------
        Transfer
            Iterate it for Progress; `.cancel()`, `.result()`.

        """
        self._check()
        remote, wanted = _addressed(entities)
        chosen = way or remote.way
        if chosen not in WAYS:
            raise ValueError(f"The way {chosen!r} is not available; {', '.join(WAYS)} are. Give one of them as way=.")
        book = Ledger.of(chosen, remote, wanted, self.store)
        order = Order(remote, self.local, wanted, book, Cancellation(), self._listen)
        return Transfer(order, lambda transfer: self._doing(transfer, wait=wait))

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

    # --- media

    def load(self, source: Any) -> Entities:
        """Load files, folders, bytes or pydicom data sets; files are mapped, not read into memory.

        Returns
        -------
        Entities
            The studies of what was loaded; `.skipped` names the files that were not.

        Raises
        ------
        NotDicom
            Nothing could be loaded.
        StoreFull
            Nothing could be loaded, as the memory limit is reached.

        """
        self._check()
        loaded: list[str] = []
        skipped: dict[str, str] = {}
        full = False
        here = threading.get_ident()  # what a retrieval brings meanwhile is not loaded by us
        end = self.store.watch(lambda instance: loaded.append(instance.uid) if threading.get_ident() == here else None)
        try:
            for blob in media.blobs(source):
                if isinstance(blob, media.Skipped):
                    skipped[blob.origin] = blob.why
                elif status := self.store.add(blob):
                    skipped[blob.origin] = media.refusal(status, blob)
                    full = full or status == OUT_OF_RESOURCES
        finally:
            end()
        if not loaded:
            why = next(iter(skipped.values()), "There is no file in it.")
            raise (StoreFull if full else NotDicom)(
                f"Nothing could be loaded: {why}" + (f" ({len(skipped)} files like this)" if len(skipped) > 1 else "")
            )
        studies = self._holding(frozenset(loaded))
        studies.skipped = skipped
        return studies

    def _holding(self, uids: frozenset[str]) -> Entities:
        """Return the tree of some of the instances."""
        studies = self.studies
        for study in studies:
            for series in study.children:
                series.children = Entities(i for i in series.children if i.uid in uids)
            study.children = Entities(s for s in study.children if s.children)
        return Entities(s for s in studies if s.children)

    # --- what is held

    @property
    def studies(self) -> Entities:
        """What the session holds: studies, with series, with instances."""
        return self.store.tree()

    @property
    def memory(self) -> Memory:
        """Bytes of instances in memory of ours, as an int with `.limit` and `.frames`."""
        found = Memory(self.store.nbytes)
        found.limit, found.frames = self.store.limit, self.store.frames.nbytes
        return found

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with each Instance that arrives; return what ends it."""
        return self.store.watch(watcher)

    def instance(self, which: Which) -> Instance:
        """Return one held instance.

        Raises
        ------
        NotFound
            It is not held, or there is more than one.

        """
        self._check()
        if isinstance(which, Instance):
            return which
        if isinstance(which, str):
            return self.store.get(which)
        found = self.instances(which)
        if len(found) != 1:
            raise NotFound(f"One instance was expected, but the session holds {len(found)} of {which!r}.")
        return found[0]

    def instances(self, which: Which | Iterable[Which]) -> list[Instance]:
        """Return held instances, images in the order of their geometry."""
        self._check()
        if isinstance(which, (Instance, str)):
            return [self.instance(which)]
        if isinstance(which, Entity):
            found = self.store.under(which.path)
            if not found:
                raise NotFound(f"The session holds nothing of {which!r}. Retrieve it first: session.retrieve(entity).")
            return geometry.ordered(found)
        several: Iterable[Which] = which
        return list(itertools.chain.from_iterable(self.instances(w) for w in several))

    def dataset(self, which: Which) -> Dataset:
        """Return a fresh pydicom Dataset: pixel data undecoded, file meta information always present."""
        return self.instance(which).dataset()

    def save(self, entity: Which | Iterable[Which], folder: str | os.PathLike[str]) -> list[Path]:
        """Write instances as Part 10 files into a folder; return their paths: UIDs, never texts of the object."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        paths = []
        for instance in self.instances(entity):
            name = "".join(c for c in instance.uid if c in "0123456789.")[:64].strip(".") or "instance"
            paths.append(target / f"{name}.dcm")
            instance.dataset().save_as(paths[-1], enforce_file_format=True)
        return paths

    def drop(self, entity: Which | Iterable[Which]) -> int:
        """Forget instances; return how many there were."""
        return self.store.drop([i.uid for i in self.instances(entity)])

    # --- arrays

    def array(
        self,
        which: Which | Iterable[Which],
        frame: int | None = None,
        values: Values = "modality",
        dtype: Any = None,
    ) -> np.ndarray:
        """Return pixels as an array.

        Parameters
        ----------
        which : Entity, Instance, UID, or several
            An instance gives (row, column), or (frame, row, column) if it has several; a series gives
            (slice, row, column), ordered along the normal of the slices.
        frame : int, optional
            One frame, from 1.
        values : "modality", "stored" or "display"
            Modality values (HU, Bq/ml, ...; float32), stored values, or what the image's own window makes (uint8).
        dtype : optional
            Of the result.

        Raises
        ------
        NotAnImage, DecodeError
        GeometryError
            The slices of a series differ in size or direction, so they form no array.

        """
        found = [i for i in self.instances(which) if i.pixels_at is not None]
        if not found:
            raise NotAnImage(
                f"{which!r} has no pixels, so there is no array of it; session.dataset(...) gives its attributes."
            )
        single = len(found) == 1
        _stackable(found)
        grids = [grid for i in found for grid in self._values(i, _frames(i, frame), values)]
        array = grids[0] if single and len(grids) == 1 else np.stack(grids)
        wanted = dtype or (np.float32 if values == "modality" else array.dtype)
        return array.astype(wanted, copy=False)

    def _values(self, instance: Instance, numbers: Iterable[int], values: Values) -> Iterator[np.ndarray]:
        if values not in ("modality", "stored", "display"):
            raise ValueError(f"values={values!r} is not known; modality, stored and display are.")
        attributes = instance.attributes()
        for number in numbers:
            if values == "display":
                shown = self.present(instance, number, presentation=None)
                if not isinstance(shown, Picture):
                    raise NotAnImage(str(shown.record["why"]))
                yield shown.display()
                continue
            stored = self.store.frame(instance, number)
            yield stored if values == "stored" else modality_of(attributes, number)[0](stored)

    # --- pictures

    def presentation_states(self, which: Which, frame: int = 1) -> list[states.State]:
        """Return the presentation states that apply to a frame, the newest first."""
        return [s for s in self._states(self.instance(which), frame) if not s.refused]

    def _states(self, image: Instance, frame: int) -> list[states.State]:
        return states.applicable(self.store.states_of(image.uid), image, frame)

    def present(
        self,
        which: Which,
        frame: int = 1,
        presentation: Any = "newest",
        window: Window | tuple[float, float] | str | None = None,
        **look: Any,
    ) -> Shown:
        """Present an instance: a Picture, or a Page of what is no picture.

        Parameters
        ----------
        which : Entity, Instance or UID
        frame : int
            From 1.
        presentation : "newest", None, UID, State or Entity
            The presentation state to apply: the newest that refers to the frame, none, or this one.
        window : Window, (center, width) or name, optional
            Instead of the picture's own: a name is that of a preset ("lung") or one that the object gives.
        **look
            invert, turns, flip (`Look`).

        """
        image = self.instance(which)
        unknown = look.keys() - {f.name for f in dataclasses.fields(Look)}
        if unknown:
            raise TypeError(f"{min(unknown)!r} is nothing that can be changed; invert, turns and flip are.")
        found = self._states(image, frame)
        state, why = _chosen(presentation, found)
        shown = present(Request(image, frame, self.store.frame, tuple(found), state, why, Look(**look)))
        if window is None or not isinstance(shown, Picture):
            return shown
        return shown.looking(dataclasses.replace(shown.look, window=named_window(shown, window)))


def _chosen(presentation: Any, found: list[states.State]) -> tuple[states.State | None, str]:
    """Return the state to apply, and why that one (requirement PS2, PS3)."""
    usable = [s for s in found if not s.refused]
    if presentation is None:
        return None, "taken off by the user"
    if presentation == "newest":
        return (
            (usable[0], f"the newest of {len(usable)} that refer to this frame")
            if usable
            else (None, "none refers to this frame")
        )
    uid = str(getattr(presentation, "uid", presentation))
    for state in found:
        if state.uid == uid:
            return state, "chosen" + (f" although {state.refused}" if state.refused else "")
    raise NotFound(
        f"The presentation state {uid} does not refer to this frame, or is not held;"
        " session.presentation_states(...) lists those that do."
    )


def named_window(picture: Picture, window: Window | tuple[float, float] | str) -> Window:
    """Return a window by what a user says: itself, (center, width), or a name."""
    if isinstance(window, Window):
        return window
    if isinstance(window, str):
        for choice in picture.windows:
            if choice.explanation.casefold() == window.casefold():
                return choice
        known = ", ".join(w.explanation for w in picture.windows) or "none"
        raise ValueError(f"There is no window {window!r} for this image; there are: {known}.")
    return Window(*window)


def _addressed(arguments: tuple[Any, ...]) -> tuple[RemoteAE, list[Entity]]:
    """Return where to ask and for what."""
    if len(arguments) == 1 and isinstance(arguments[0], tuple):
        arguments = arguments[0]
    remote = arguments[0] if arguments and isinstance(arguments[0], RemoteAE) else None
    wanted = [e for a in arguments[1 if remote else 0 :] for e in flat(a)]
    if not wanted:
        raise ValueError("Nothing was given to retrieve: pass an entity that find or tree returned, or Entity.of(...).")
    found = remote or wanted[0].source
    if not isinstance(found, RemoteAE):
        raise NotFound(
            f"{wanted[0]!r} does not say where it is: pass the remote AE first, session.retrieve(remote, entity)."
        )
    return found, wanted


def _free_port(host: str) -> int:
    """Return a port that is free now."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        return int(server.getsockname()[1])


def _frames(instance: Instance, frame: int | None) -> Iterable[int]:
    return range(1, instance.frames + 1) if frame is None else (frame,)


def _stackable(instances: list[Instance]) -> None:
    sizes = {(i.number("Rows"), i.number("Columns"), i.number("SamplesPerPixel") or 1) for i in instances}
    if len(sizes) > 1:
        words = ", ".join(sorted(f"{c:g} x {r:g}" for r, c, _ in sizes if r and c))
        raise GeometryError(
            f"The images have different sizes ({words}), so they form no array. Pass some of them, or one at a time."
        )
    normals = [p.normal for i in instances if (p := geometry.plane(i))]
    if any(float(np.dot(normals[0], n)) < geometry.PARALLEL for n in normals[1:]):
        raise GeometryError(
            "The slices lie in different directions (a localizer among them?), so they form no array."
            " Pass those of one direction."
        )


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
