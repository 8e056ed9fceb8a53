"""The practice PACS: C-ECHO, C-FIND, C-GET, C-MOVE, C-STORE and WADO-URI for invented patients."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Self

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.presentation import build_context
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import register_uid

from dicom_widgets import config
from dicom_widgets.dicom.conformance import (
    EXPLICIT,
    FIND,
    GET,
    IMPLEMENTATION_CLASS_UID,
    IMPLEMENTATION_VERSION_NAME,
    IMPLICIT,
    MAXIMUM_PDU,
    MOVE,
    RETIRED,
    STORAGE,
    TRANSFER_SYNTAXES,
    VERIFICATION,
)
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.network.transport.bounds import bound, quiet
from dicom_widgets.network.transport.requestor import own
from dicom_widgets.practice.archive import Archive, Holding
from dicom_widgets.practice.phantom import holdings
from dicom_widgets.practice.query import Refused, Request
from dicom_widgets.practice.wado import WadoServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pydicom.uid import UID
    from pynetdicom.presentation import PresentationContext

_HOST: Final = "127.0.0.1"
_PATIENCE: Final = 30.0
_SUCCESS, _PENDING, _CANCELLED = 0x0000, 0xFF00, 0xFE00
_PLAIN: Final = (EXPLICIT, IMPLICIT)
_MAXIMUM_CONTEXTS: Final = 128

Answer = tuple[int | Dataset, Dataset | None]
"""A status, or a data set with it, and an identifier or the instance to send: what pynetdicom wants to be yielded."""


class PracticePacs:
    """A PACS in this process, on free ports of 127.0.0.1; it starts when it is made.

    Parameters
    ----------
    ae_title
        Its AE title; it answers to any.
    destinations
        Where a C-MOVE may send to: AE title -> (host, port). By default the listener of a session that was made
        without arguments.

    Examples
    --------
    >>> with Session() as session, PracticePacs() as pacs:
    ...     session.find(pacs.remote)

    """

    remote: RemoteAE
    """The peer, as `Session.find` and the others want it."""
    wado_uri: str
    """Base address of its WADO-URI service."""
    destinations: dict[str, tuple[str, int]]
    """Destinations of C-MOVE, AE title -> (host, port); may be changed at any time."""

    def __init__(
        self, *, ae_title: str = "PRACTICE", destinations: Mapping[str, tuple[str, int]] | None = None
    ) -> None:
        known = config.load()
        self.destinations = dict({known.ae_title: (_HOST, known.listen_port)} if destinations is None else destinations)
        self._archive = Archive(holdings())
        self._closing = Lock()
        self._process = os.getpid()
        self._closed = False
        self._ae = _entity(ae_title)
        handlers: list[Any] = [
            (evt.EVT_CONN_OPEN, lambda event: bound(event.assoc, _PATIENCE)),
            (evt.EVT_C_ECHO, lambda _: _SUCCESS),
            (evt.EVT_C_FIND, self._find),
            (evt.EVT_C_GET, self._get),
            (evt.EVT_C_MOVE, self._move),
            (evt.EVT_C_STORE, self._store),
        ]
        server = self._ae.start_server((_HOST, 0), block=False, evt_handlers=handlers)
        assert server is not None  # it is None only with block=True
        quiet(server)
        self._wado = WadoServer(self._archive)
        self.wado_uri = self._wado.uri
        port = int(server.server_address[1])
        self.remote = RemoteAE(ae_title, _HOST, port, way="C-GET", wado_uri=self.wado_uri, invented=True)

    def add(self, dataset: Dataset) -> None:
        """Take a data set, as a C-STORE would; it has to have study, series and SOP Instance UID."""
        self._archive.add(Holding.of(dataset))

    def close(self) -> None:
        """End both servers and all associations; a second call does nothing, nor does a forked child's."""
        if os.getpid() != self._process:
            return
        with self._closing:
            closed, self._closed = self._closed, True
        if closed:
            return
        self._wado.close()
        associations = self._ae.active_associations
        self._ae.shutdown()
        for association in associations:
            requests: Any = association.dul.to_user_queue
            requests.put(None)  # one without a request would wait for it
            association.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<PracticePacs {self.remote}, {self.wado_uri}{', closed' if self._closed else ''}>"

    def _find(self, event: evt.Event) -> Iterator[Answer]:
        """Answer a C-FIND (PS3.4 C.4.1)."""
        try:
            query = Request.of(event.identifier)
        except Refused as refusal:
            yield refusal.status, None
            return
        for answer in query.answers(self._archive, self.remote.ae_title):
            if event.is_cancelled:
                yield _CANCELLED, None
                return
            yield _PENDING, answer

    def _get(self, event: evt.Event) -> Iterator[int | Answer]:
        """Send what a C-GET asks for on the same association (PS3.4 C.4.3)."""
        try:
            wanted = self._asked_for(event)
        except Refused as refusal:
            yield 1  # with 0 pynetdicom would report success
            yield refusal.status, None
            return
        yield len(wanted)
        yield from _sub_operations(event, wanted)

    def _move(self, event: evt.Event) -> Iterator[tuple[Any, ...] | int]:
        """Send what a C-MOVE asks for to its destination (PS3.4 C.4.2); an unknown one becomes status 0xA801."""
        title = str(event.move_destination or "").strip()
        if title not in self.destinations:
            yield None, None
            return
        try:
            wanted = self._asked_for(event)
        except Refused as refusal:
            yield *self.destinations[title], _sending(())
            yield 1
            yield refusal.status, None
            return
        yield *self.destinations[title], _sending(wanted)
        yield len(wanted)
        yield from _sub_operations(event, wanted)

    def _store(self, event: evt.Event) -> int:
        """Keep what arrives, in memory."""
        dataset = event.dataset
        dataset.file_meta = event.file_meta
        self.add(dataset)
        return _SUCCESS

    def _asked_for(self, event: evt.Event) -> list[Holding]:
        return self._archive.under(Request.to_retrieve(event.identifier).uids)


def _entity(ae_title: str) -> AE:
    """Return the application entity with all that it supports; storage in both roles, for C-GET."""
    ae = AE(ae_title)
    ae.implementation_class_uid = IMPLEMENTATION_CLASS_UID
    ae.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    ae.maximum_pdu_size = MAXIMUM_PDU
    ae.maximum_associations = 20
    for service in (VERIFICATION, FIND, MOVE, GET):
        ae.add_supported_context(service, list(_PLAIN))
    for storage, keyword in RETIRED.items():
        register_uid(storage, keyword, StorageServiceClass)
    for storage in STORAGE:
        ae.add_supported_context(storage, list(TRANSFER_SYNTAXES), scu_role=True, scp_role=True)
    return ae


def _sub_operations(event: evt.Event, instances: Iterable[Holding]) -> Iterator[Answer]:
    """Yield one instance after the other, until the peer cancels.

    pynetdicom looks for a context of the native transfer syntax, converts between explicit and implicit VR, and
    counts what cannot be sent as failed.
    """
    for holding in instances:
        if event.is_cancelled:
            yield _CANCELLED, None
            return
        yield _PENDING, holding.dataset()


def _sending(instances: Iterable[Holding]) -> dict[str, Any]:
    """Return how a destination of C-MOVE is called: what is proposed, and who takes its answers."""
    return {
        "contexts": _contexts_for(instances),
        "evt_handlers": [(evt.EVT_CONN_OPEN, lambda event: own(event.assoc, _PATIENCE))],
    }


def _contexts_for(instances: Iterable[Holding]) -> list[PresentationContext]:
    """Return what to propose to a destination: each class with each syntax that occurs, or all classes."""
    pairs: set[tuple[str, tuple[UID, ...]]] = {
        (one.sop_class, _PLAIN if one.transfer_syntax in _PLAIN else (one.transfer_syntax,)) for one in instances
    }
    wanted = sorted(pairs) or [(uid, _PLAIN) for uid in STORAGE]
    return [build_context(sop_class, list(syntaxes)) for sop_class, syntaxes in wanted[:_MAXIMUM_CONTEXTS]]
