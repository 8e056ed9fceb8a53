"""Peers that misbehave, for fault tests.

with Misbehaving("mute") as peer:
    session.echo(peer.remote_with(dimse_timeout=1))
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)
from pynetdicom.transport import AssociationSocket

from tests.peers.loopback import HOST, Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pynetdicom.events import Event

Mode = Literal["silent", "mute", "refuse", "reject", "empty", "abort", "trickle"]

SERVICES = (
    Verification,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)


class ClosingSocket(AssociationSocket):
    """A socket that is closed also where the other side has hung up first: pynetdicom leaves it to the collector."""

    def _shutdown_socket(self) -> None:
        super()._shutdown_socket()
        if self.socket is not None:
            self.socket.close()


def closing(event: Event) -> None:
    """Give an association such a socket."""
    event.assoc.dul.socket.__class__ = ClosingSocket


class Misbehaving(Peer):
    """One listener with one bad habit.

    ========= ==================================================================================
    silent    TCP is accepted, then nothing is ever said
    mute      the association is accepted, no request is ever answered
    refuse    the association is accepted, each presentation context is refused
    reject    the association is rejected: called AE title not recognised
    empty     C-FIND, C-GET and C-MOVE end at once with Success, nothing is sent
    abort     C-GET sends ``count`` instances, then A-ABORT; C-STORE aborts at the ``count``-th
    trickle   C-GET sends ``count`` instances, one every ``delay`` seconds
    ========= ==================================================================================
    """

    def __init__(self, mode: Mode, *, ae_title: str = "MISBEHAVING", count: int = 2, delay: float = 0.5) -> None:
        if mode not in get_args(Mode):
            sentence = f"mode {mode!r}: one of {', '.join(get_args(Mode))}"
            raise ValueError(sentence)
        self.mode, self.ae_title, self.count, self.delay = mode, ae_title, count, delay
        self.study, self.series = generate_uid(), generate_uid()
        """What `abort` and `trickle` send instances of."""
        self.received = 0
        """How many instances were stored here."""
        self._closing, self._open = threading.Event(), contextlib.ExitStack()

    def __enter__(self) -> Self:
        if self.mode == "silent":
            self._listen_in_silence()
        else:
            self._serve()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._open.close()

    def _listen_in_silence(self) -> None:
        listener = self._open.enter_context(socket.create_server((HOST, 0)))
        listener.settimeout(0.1)
        self.port = listener.getsockname()[1]

        def accept() -> None:
            with contextlib.ExitStack() as connections:
                while not self._closing.is_set():
                    with contextlib.suppress(TimeoutError):
                        connections.enter_context(listener.accept()[0])

        thread = threading.Thread(target=accept, name="silent peer", daemon=True)
        thread.start()
        self._open.callback(thread.join)

    def _serve(self) -> None:
        ae = AE(self.ae_title)
        ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 30
        if self.mode == "refuse":
            ae.add_supported_context(generate_uid())
        else:
            for service in SERVICES:
                ae.add_supported_context(service)
            ae.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
        if self.mode == "reject":
            ae.ae_title, ae.require_called_aet = "NOBODY", True
        habits = [(evt.EVT_CONN_OPEN, closing), *self._habits()]
        server = ae.start_server((HOST, 0), block=False, evt_handlers=habits)
        self.port = server.server_address[1]
        self._open.callback(server.shutdown)

    def _habits(self) -> list[Any]:
        queries = (evt.EVT_C_FIND, evt.EVT_C_GET, evt.EVT_C_MOVE)
        if self.mode == "mute":
            short = [(kind, self._wait) for kind in (evt.EVT_C_ECHO, evt.EVT_C_STORE)]
            return short + [(kind, self._wait_long) for kind in queries]
        if self.mode == "empty":
            answers: tuple[list[Any], ...] = ([], [0], [(HOST, 1), 0])  # a MOVE names its destination first
            return [(kind, lambda _, a=a: iter(a)) for kind, a in zip(queries, answers, strict=True)]
        if self.mode in {"abort", "trickle"}:
            return [(evt.EVT_C_GET, self._send), (evt.EVT_C_STORE, self._take)]
        return []

    def _wait(self, _: Event) -> int:
        self._closing.wait(600)
        return 0

    def _wait_long(self, _: Event) -> Iterator[Any]:
        self._closing.wait(600)
        yield from ()

    def _take(self, event: Event) -> int:
        self.received += 1
        if self.mode == "abort" and self.received >= self.count:
            event.assoc.abort()
        return 0

    def _send(self, event: Event) -> Iterator[Any]:
        yield self.count + 3 if self.mode == "abort" else self.count
        for _ in range(self.count):
            yield 0xFF00, self._image()
            if self.mode == "trickle":
                self._closing.wait(self.delay)
        if self.mode == "abort":
            event.assoc.abort()

    def _image(self) -> Dataset:
        image = Dataset()
        image.SOPClassUID, image.SOPInstanceUID = CTImageStorage, generate_uid()
        image.StudyInstanceUID, image.SeriesInstanceUID, image.Modality = self.study, self.series, "CT"
        image.PatientName, image.PatientID = "Misbehaving^Peer", "MISBEHAVING"
        image.Rows = image.Columns = 16
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
        image.SamplesPerPixel, image.PhotometricInterpretation, image.PixelData = 1, "MONOCHROME2", bytes(512)
        image.ensure_file_meta()
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        return image
