"""A session: what it holds, what is made of it, and every way to a remote AE."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydicom.config import IGNORE
from pydicom.uid import UID

from dicom_widgets import config
from dicom_widgets.dicom.conformance import STANDARD_STORAGE
from dicom_widgets.display.values.subtraction import RECOMMENDED
from dicom_widgets.measurements.measurements import Measurements
from dicom_widgets.session.arrays import Arrays
from dicom_widgets.session.exclusive import Exclusive
from dicom_widgets.session.inventory import Inventory
from dicom_widgets.session.lifetime import Lifetime, close_at_exit
from dicom_widgets.session.memory import available_memory
from dicom_widgets.session.network_client import NetworkClient
from dicom_widgets.session.presenter import Presenter
from dicom_widgets.session.store import Store
from dicom_widgets.sources.local import LocalAE

if TYPE_CHECKING:
    import datetime as dt
    import os
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from typing import Self

    import numpy as np
    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.conformance import Level
    from dicom_widgets.dicom.entities import Entities, Entity
    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.derived.planes import Planes
    from dicom_widgets.display.derived.pullback import Pullback
    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.display.pipeline.view_settings import VoiLut, Window
    from dicom_widgets.display.presentation_state.state import State
    from dicom_widgets.display.values.probe import Probe
    from dicom_widgets.display.values.subtraction import Subtraction, SubtractionChoice
    from dicom_widgets.geometry.stack import Stack
    from dicom_widgets.geometry.volume import Volume
    from dicom_widgets.network.doctor.diagnosis import Diagnosis, Finding
    from dicom_widgets.network.remote import RemoteAE
    from dicom_widgets.network.retrieve.listener import Listener
    from dicom_widgets.session.arrays import Values
    from dicom_widgets.session.inventory import Selector
    from dicom_widgets.session.memory import Memory
    from dicom_widgets.session.store import Watcher
    from dicom_widgets.session.transfer import Transfer
    from dicom_widgets.sources.retrieval import Progress, Retrieval
    from dicom_widgets.sources.source import Source

T = TypeVar("T")


class Session:
    """Everything that belongs together in a kernel: instances, network operations, widgets. A context manager.

    A session does one thing over the network at a time: a second one raises SessionBusy, or waits with `wait=True`.
    Where a method takes `which`, that is an Entity, an Instance or a SOP Instance UID; frames count from 1.

    Parameters
    ----------
    ae_title : str
        Our AE title; None takes the configured one (default DICOM_WIDGETS).
    listen_host, listen_port : str, int
        Where instances of a C-MOVE are received, from the first one on; only this machine reaches the default host,
        "0.0.0.0" is every address of it. Port None is the configured one (default 11112), 0 any free one.
    listen_tls : ssl.SSLContext, optional
        Secures what is received there: a context for the server's side, with a certificate.
    listen_for : iterable of str, optional
        SOP Class UIDs of what is received there. None is every storage class of the Standard, and so is the word
        "Standard" in the list: `["Standard", "1.2.276.0.7230010.3.1.0.1"]` takes a private class too, a list
        without it only what it names. Sessions that share a listener take what any of them does.
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
        listen_for: Iterable[str] | None = None,
        max_associations: int = 10,
        max_pdu: int = 16384,
        memory_limit: int | Literal["half"] = "half",
    ) -> None:
        known = config.load()
        title = ae_title or known.ae_title
        if not config.is_ae_title(title):
            raise ValueError(f"{title!r} is no AE title: {config.AE_TITLE}.")
        port = (known.listen_port if listen_port is None else listen_port) or _free_port(listen_host)
        self.local = LocalAE(title, listen_host, port, max_associations, max_pdu, listen_tls, _classes(listen_for))
        limit = available_memory() // 2 if memory_limit == "half" else memory_limit
        self.store = Store(limit, cache_limit=max(1 << 20, min(limit // 2, 1 << 30)))
        self._lifetime = Lifetime()
        self._exclusive = Exclusive(self._lifetime.check)
        self._inventory = Inventory(self.store, self._lifetime.check)
        self._presenter = Presenter(self._inventory)
        self._arrays = Arrays(self._inventory, self._presenter)
        self._network = NetworkClient(self.local, self.store, self._exclusive, self._lifetime)
        self.measurements = Measurements(self._presenter.figures_of)
        """Lengths, angles and regions on its images; they stay when an image is dropped."""
        close_at_exit(self)

    # --- its life

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        count = len(self.store.under(()))
        return f"<Session {self.ae_title}: {count} instances, {self.memory!r}{', closed' if self.closed else ''}>"

    @property
    def closed(self) -> bool:
        """Whether the session was closed: it holds nothing, and nothing can be done with it."""
        return self._lifetime.closed

    def close(self) -> None:
        """End what the session started, and forget what it holds. May be called again."""
        if self._lifetime.end():
            self._network.close()
            self._lifetime.close_owned()  # also what a transfer started while it was being cancelled
            self.store.close()

    def own(self, name: str, make: Callable[[], T], close: Callable[[T], None] = lambda _: None) -> T:
        """Return the one thing of this name that the session owns, made at first use and closed with the session."""
        return self._lifetime.own(name, make, close)

    def on_close(self, action: Callable[[], None]) -> Callable[[], None]:
        """Call something when the session closes; return what takes that back."""
        return self._lifetime.on_close(action)

    @property
    def busy(self) -> str:
        """What the session is doing, in words; empty when nothing."""
        return str(self._exclusive.running or "")

    def cancel(self) -> None:
        """Cancel what the session is doing: C-CANCEL, then hang up; what a retrieval brought is kept."""
        self._exclusive.cancel()

    # --- what it holds

    def load(self, source: Any) -> Entities:
        """Load files, folders, DICOMDIRs, zip files, bytes, open files, pydicom data sets; files are mapped, not read.

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
        return self._inventory.load(source)

    @property
    def studies(self) -> Entities:
        """What the session holds: studies, with series, with instances."""
        return self.store.tree()

    @property
    def memory(self) -> Memory:
        """Bytes of encoded instances in its memory, as an int with `.limit` and `.frames`."""
        return self._inventory.memory

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with each Instance that arrives, in the thread that brings it; return what ends it."""
        return self.store.watch(watcher)

    def instance(self, which: Selector) -> Instance:
        """Return one held instance, or raise NotFound where it is not held or there is more than one."""
        return self._inventory.instance(which)

    def instances(self, which: Selector | Iterable[Selector]) -> list[Instance]:
        """Return held instances, images in the order of their geometry; NotFound where an entity has none."""
        return self._inventory.instances(which)

    def stacks(self, which: Selector | Iterable[Selector]) -> tuple[Stack, ...]:
        """Return the images of a series, or the frames of an object, as stacks in display order.

        A stack has frames (instance, frame number), axes (time, echo, ..., the slowest first) and notes that say why it
        is no regular volume.
        """
        return self._inventory.stacks(which)

    def dataset(self, which: Selector) -> Dataset:
        """Return a fresh pydicom Dataset: pixel data undecoded, file meta information always present."""
        return self._inventory.instance(which).dataset()

    def save(self, entity: Selector | Iterable[Selector], folder: str | os.PathLike[str]) -> list[Path]:
        """Write instances as Part 10 files into a folder; return their paths: UIDs, never texts of the object."""
        return self._inventory.save(entity, folder)

    def drop(self, entity: Selector | Iterable[Selector]) -> int:
        """Forget instances; return how many there were."""
        return self._inventory.drop(entity)

    def began(self, image: Instance) -> dt.datetime | None:
        """Return when the series of a PET began, as far as it is held; None for others, or where nobody says."""
        return self._inventory.began(image)

    # --- arrays

    def array(
        self,
        which: Selector | Iterable[Selector],
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
        values : "modality", "stored", "display", "real world" or a name
            Modality values (HU, Bq/ml, ...; float32), stored values, what the image's own window makes (uint8), or the
            real world values of the first mapping, or of the one of that LUT Label: float32, NaN where a stored value
            is not mapped (PS3.3 C.7.6.16.2.11).
        dtype : optional
            Of the result.

        Raises
        ------
        NotAnImage, DecodeError
        NotFound
            An image has no real world values.
        GeometryError
            The slices of a series differ in size or direction, so they form no array.

        """
        return self._arrays.array(which, frame, values, dtype)

    def unit(self, which: Selector, frame: int = 1, values: Values = "modality") -> str:
        """Return the unit of the values of `array`: HU, Bq/ml, Gy, counts, ...; empty where the object does not say.

        Of a series or a study it is the unit of the first image. Stored and displayed values have no unit.
        """
        return self._arrays.unit(which, frame, values)

    def volume(self, which: Selector | Iterable[Selector] | Stack, at: Mapping[str, Any] | None = None) -> Volume:
        """Return a regular stack of slices as one grid in the patient's coordinates.

        Parameters
        ----------
        which : Entity, Instance, UID, several, or Stack
            A series or a multi-frame object; where it has several stacks, one of `session.stacks(series)`. Several
            single images, also of several series, are one stack where they agree in direction, size, spacing and
            frame of reference.
        at : mapping of axis -> value, optional
            Which time, echo, b-value, ... where there are several: `at={"echo": 2}`.

        Returns
        -------
        Volume
            `.array` (slice, row, column) float32 of modality values, `.stored`, `.affine` (LPS), `.spacing` in mm,
            `.unit`, `.instances`, `.missing`; `.to_xarray()`, `.to_dask()`, `.to_nifti(path)`.

        Raises
        ------
        GeometryError
            The slices are no regular grid, with the reason, or they are several, with how to choose one.
        NotAnImage, DecodeError

        """
        return self._arrays.volume(which, at)

    def planes(
        self, which: Selector | Iterable[Selector] | Stack | Volume, at: Mapping[str, Any] | None = None
    ) -> Planes:
        """Return the axial, coronal and sagittal planes of a volume: `.picture("coronal", 120, slab=5, mode="MIP")`.

        It takes a volume, or what `session.volume` takes, and raises the same. The planes are shown with the modality
        and VOI stages of the middle slice; presentation states are not applied.
        """
        return self._arrays.planes(which, at)

    def pullback(self, which: Selector | Stack) -> Pullback:
        """Return the longitudinal cuts through the frames of a pullback (intravascular OCT): `.picture(angle)`.

        It takes a multi-frame object, or one of its `session.stacks(...)`, and raises what `volume` raises.
        `dw.Viewport(session, session.pullback(run))` scrolls through the angles. Presentation states are not applied.
        """
        return self._arrays.pullback(which)

    # --- pictures

    def present(
        self,
        which: Selector,
        frame: int = 1,
        presentation: Any = "newest",
        window: Window | VoiLut | tuple[float, float] | str | None = None,
        subtraction: SubtractionChoice = RECOMMENDED,
        **look: Any,
    ) -> Shown:
        """Present an instance: a Picture, or a Page where it is no image.

        Parameters
        ----------
        which : Entity, Instance or UID
        frame : int
            From 1.
        presentation : "newest", None, UID, State or Entity
            The presentation state to apply: the newest that refers to the frame, none, or this one.
        window : Window, (center, width) or name, optional
            Instead of the picture's own: a name is that of a preset ("lung") or one that the object gives.
        subtraction : "recommended", bool or Subtraction
            Which mask is subtracted: as the object, or the presentation state, recommends it; the one that they name
            (True), none (False), or this one.
        **look
            invert, turns, flip, hidden (`ViewSettings`).

        """
        return self._presenter.present(which, frame, presentation, window, subtraction, **look)

    def subtraction(
        self,
        which: Selector,
        frame: int = 1,
        presentation: Any = "newest",
        subtraction: SubtractionChoice = RECOMMENDED,
    ) -> Subtraction:
        """Return the mask that `present` subtracts with these arguments; one that is false where there is none.

        Its `source` says by which attribute, and `why` what hinders it.
        """
        return self._presenter.subtraction(which, frame, presentation, subtraction)

    def presentation_states(self, which: Selector, frame: int = 1, *, refused: bool = False) -> list[State]:
        """Return the presentation states that apply to a frame, the newest first.

        With `refused` also those that refer to it and are not applied by themselves; their `.refused` says why.
        """
        return self._presenter.presentation_states(which, frame, refused=refused)

    def probe(
        self, which: Selector, column: int, row: int, frame: int = 1, subtraction: SubtractionChoice = False
    ) -> Probe:
        """Return what a pixel is: stored value, modality value and unit, and where it lies in the patient.

        Columns and rows count from 1, as in DICOM. With a `subtraction`, as `present` takes it, the value is that of
        the difference. Raises NotAnImage, DecodeError, and IndexError where there is no such pixel.
        """
        return self._presenter.probe(which, column, row, frame, subtraction)

    # --- the network

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
        return self._network.listener

    @property
    def last(self) -> Retrieval | None:
        """The ledger of the last retrieval that has ended, also by KeyboardInterrupt, which has it as `.retrieval` too.

        None before the first one, and where the last one raised an error.
        """
        return self._network.last

    def echo(self, remote: RemoteAE, *, wait: bool = False) -> float:
        """Verify the connection to a remote AE by C-ECHO; return the seconds that it took.

        Raises NetworkError with the reason in words.
        """
        return self._network.echo(remote, wait=wait)

    def doctor(
        self, remote: RemoteAE, *, progress: Callable[[Finding], None] | None = None, wait: bool = False
    ) -> Diagnosis:
        """Try every step from the configuration to one retrieved instance, which is not kept.

        It raises nothing of what goes wrong: the Diagnosis says what was tried and seen, and what to do (`.ok`,
        `.findings`). `progress` gets each finding as it is made.
        """
        return self._network.doctor(remote, progress=progress, wait=wait)

    def find(
        self, remote: Source, level: Level = "STUDY", under: Entity | None = None, *, wait: bool = False, **keys: Any
    ) -> Entities:
        """Query one level of a remote AE (C-FIND) or of a medium.

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
        return self._network.find(remote, level, under, wait=wait, **keys)

    def search(self, remote: Source, *, wait: bool = False, **keys: Any) -> Iterator[Entities]:
        """Yield the tree of a recursive query as it grows: studies, then their series, then the instances.

        All goes over one association; what was yielded stays valid when it is cancelled or ends early.
        """
        return self._network.search(remote, wait=wait, **keys)

    def tree(self, remote: Source, *, wait: bool = False, **keys: Any) -> Entities:
        """Query recursively: studies that match, with `.children` filled down to the instances."""
        return self._network.tree(remote, wait=wait, **keys)

    def expand(self, entity: Entity, *, wait: bool = False) -> Entities:
        """Ask for the series of a study, or the instances of a series, that a query found; return them."""
        return self._network.expand(entity, wait=wait)

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
        return self._network.fetch(*entities, way=way, wait=wait)

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
        *entities, way, wait
            As for `fetch`.
        progress : bool or callable
            True prints one line that follows, a callable gets each Progress.

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
        return self._network.retrieve(*entities, way=way, progress=progress, wait=wait)


def _classes(listen_for: Iterable[str] | None) -> tuple[str, ...]:
    """Return the SOP classes that the listener takes."""
    wanted = ["Standard"] if listen_for is None else listen_for
    if isinstance(wanted, str):
        raise TypeError(f"listen_for={wanted!r}: give a list of SOP Class UIDs, as [{wanted!r}].")
    named = list(map(str, wanted))
    wrong = next((uid for uid in named if uid != "Standard" and not UID(uid, validation_mode=IGNORE).is_valid), None)
    if wrong is not None:
        raise ValueError(f'{wrong!r} in listen_for is no UID: digits and dots, at most 64, or the word "Standard".')
    return tuple(dict.fromkeys(c for uid in named for c in (STANDARD_STORAGE if uid == "Standard" else (uid,))))


def _free_port(host: str) -> int:
    """Return a port that is free now: it is known when the session is made, so that a peer can be told."""
    with socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET) as server:
        return int(server.getsockname()[1])


_default: list[Session] = []
"""The default session, if it was used; with the table of listeners the only state of a module."""


def default_session() -> Session:
    """Return the kernel's own session; a new one if it was closed."""
    if not _default or _default[0].closed:
        _default[:] = [Session()]
    return _default[0]
