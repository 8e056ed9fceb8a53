"""Peers that misbehave, for fault tests.

with Misbehaving("mute") as peer:
    session.echo(peer.remote_with(dimse_timeout=1))
"""

from __future__ import annotations

import contextlib
import io
import socket
import threading
import time
from socketserver import BaseServer
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from pydicom.config import IGNORE
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_GET, C_MOVE, C_STORE
from pynetdicom.dsutils import decode, encode
from pynetdicom.presentation import build_context
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
    from collections.abc import Callable, Iterator, Sequence

    from pynetdicom.association import Association
    from pynetdicom.events import Event
    from pynetdicom.presentation import PresentationContext

LEVELS = ("STUDY", "SERIES", "IMAGE")
UIDS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
Mode = Literal["silent", "mute", "refuse", "reject", "empty", "abort", "trickle", "modest", "forgetful", "garbled"]

SERVICES = (
    Verification,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)


class ClosingSocket(AssociationSocket):
    """A socket that is closed even where the other side hung up first; pynetdicom leaves that to garbage collection."""

    def _shutdown_socket(self) -> None:
        super()._shutdown_socket()
        if self.socket is not None:
            self.socket.close()


def closing(event: Event) -> None:
    """Close the socket of an association in any case: a handler of EVT_CONN_OPEN."""
    event.assoc.dul.socket.__class__ = ClosingSocket


@contextlib.contextmanager
def servers_that_end_quickly() -> Iterator[None]:
    """Have servers of this process check twenty times a second, instead of twice, whether they are to shut down."""
    serve: Any = BaseServer.serve_forever
    before, serve.__defaults__ = serve.__defaults__, (0.05,)
    try:
        yield
    finally:
        serve.__defaults__ = before


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
    modest    C-GET sends one instance of each of ``classes``, and confirms the role for none of them
    forgetful has one instance of each of ``classes``, of which SOP Classes in Study has the first; classes are told
              at the levels of ``levels``
    garbled   C-FIND answers ``count`` studies with an instance each; the Series Instance UID of the first has a letter,
              and two more studies have no Study Instance UID
    ========= ==================================================================================
    """

    def __init__(
        self,
        mode: Mode,
        *,
        ae_title: str = "MISBEHAVING",
        count: int = 2,
        delay: float = 0.5,
        classes: Sequence[str] = (CTImageStorage,),
        levels: Sequence[str] = (),
    ) -> None:
        if mode not in get_args(Mode):
            sentence = f"mode {mode!r}: one of {', '.join(get_args(Mode))}"
            raise ValueError(sentence)
        self.mode, self.ae_title, self.count, self.delay = mode, ae_title, count, delay
        self.classes, self.levels = classes, levels
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
            for sop_class in self.classes:
                role = None if self.mode == "modest" else True
                ae.add_supported_context(sop_class, scu_role=role, scp_role=role)
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
        if self.mode == "modest":
            return [(evt.EVT_ACCEPTED, _sends_all_the_same), (evt.EVT_C_GET, self._send_classes)]
        if self.mode == "forgetful":
            self._held = [self._image(sop_class) for sop_class in self.classes]
            return [(evt.EVT_C_FIND, self._tell), (evt.EVT_C_GET, self._send_held)]
        if self.mode == "garbled":
            return [(evt.EVT_C_FIND, self._garble)]
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

    def _send_classes(self, _: Event) -> Iterator[Any]:
        yield len(self.classes)
        for sop_class in self.classes:
            yield 0xFF00, self._image(sop_class)

    def _tell(self, event: Event) -> Iterator[Any]:
        level = event.identifier.QueryRetrieveLevel
        for image in self._held if level == "IMAGE" else self._held[:1]:
            answer = Dataset()
            answer.QueryRetrieveLevel, answer.StudyInstanceUID = level, self.study
            if level == "STUDY":
                answer.NumberOfStudyRelatedInstances = len(self._held)
            if level in self.levels:
                setattr(answer, "SOPClassUID" if level == "IMAGE" else "SOPClassesInStudy", image.SOPClassUID)
            if level != "STUDY":
                answer.SeriesInstanceUID = self.series
            if level == "IMAGE":
                answer.SOPInstanceUID = image.SOPInstanceUID
            yield 0xFF00, answer

    def _garble(self, event: Event) -> Iterator[Any]:
        level, asked = event.identifier.QueryRetrieveLevel, event.identifier.get("StudyInstanceUID")
        for number in range(self.count):
            answer, study = Dataset(), f"{self.study[:50].rstrip('.')}.{number + 1}"
            if asked and asked != study:
                continue
            answer.QueryRetrieveLevel, answer.StudyInstanceUID = level, study
            if level != "STUDY":
                series = "1.2.x.4" if number == 0 else f"{study}.1"
                answer.add(DataElement("SeriesInstanceUID", "UI", series, validation_mode=IGNORE))
                answer.Modality = "CT"
            if level == "IMAGE":
                answer.SOPInstanceUID = f"{study}.1.1"
            yield 0xFF00, answer
        for name in ("A", "B") if level == "STUDY" else ():
            answer = Dataset()
            answer.QueryRetrieveLevel, answer.PatientName, answer.StudyInstanceUID = level, name, ""
            yield 0xFF00, answer

    def _send_held(self, event: Event) -> Iterator[Any]:
        named = event.identifier.get("SOPInstanceUID") or [image.SOPInstanceUID for image in self._held]
        wanted = [image for image in self._held if image.SOPInstanceUID in named]
        yield len(wanted)
        for image in wanted:
            yield 0xFF00, image

    def _image(self, sop_class: str = CTImageStorage) -> Dataset:
        image = Dataset()
        image.SOPClassUID, image.SOPInstanceUID = sop_class, generate_uid()
        image.StudyInstanceUID, image.SeriesInstanceUID, image.Modality = self.study, self.series, "CT"
        image.PatientName, image.PatientID = "Misbehaving^Peer", "MISBEHAVING"
        image.Rows = image.Columns = 16
        image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 16, 12, 11, 0
        image.SamplesPerPixel, image.PhotometricInterpretation, image.PixelData = 1, "MONOCHROME2", bytes(512)
        image.ensure_file_meta()
        image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        return image


def _sends_all_the_same(event: Event) -> None:
    """Send over contexts for which no role was agreed on."""
    for context in event.assoc.accepted_contexts:
        context._as_scu = True


class Move:
    """A C-MOVE or C-GET request that a `Mover` received, and what a script can do about it."""

    def __init__(self, mover: Mover, association: Association, context_id: int, request: C_MOVE | C_GET) -> None:
        self.mover, self.association, self.context_id, self.request = mover, association, context_id, request
        self.destination = str(getattr(request, "MoveDestination", "")).strip()
        accepted = {c.context_id: c.transfer_syntax[0] for c in association.accepted_contexts}
        self.implicit = accepted[context_id].is_implicit_VR
        self.identifier = decode(request.Identifier, self.implicit, is_little_endian=True)

    @property
    def wanted(self) -> list[Dataset]:
        """What the mover holds of what was asked for."""
        return [ds for ds in self.mover.holds if _fits(ds, self.identifier)]

    @property
    def cancelled(self) -> bool:
        """Whether a C-CANCEL came for it."""
        return self.request.MessageID in self.association.dimse.cancel_req

    @property
    def deserted(self) -> bool:
        """Whether the requestor has gone, or the test is over."""
        return self.mover.closing.is_set() or not self.association.dul.is_alive()

    def wait(self, seconds: float = 600) -> None:
        """Wait for a C-CANCEL, for the end of the test, or for some seconds."""
        end = time.monotonic() + seconds
        while not self.cancelled and not self.deserted and time.monotonic() < end:
            self.mover.closing.wait(0.01)

    def answer(self, status: int = 0, named: Sequence[str] = (), comment: str = "", **counts: int) -> None:
        """Send a response: ``answer(0xFF00, Remaining=3, Completed=1)``."""
        response = type(self.request)()
        response.MessageID = response.MessageIDBeingRespondedTo = self.request.MessageID
        response.AffectedSOPClassUID, response.Status = self.request.AffectedSOPClassUID, status
        for kind, count in counts.items():
            setattr(response, f"NumberOf{kind}Suboperations", count)
        if comment:
            response.ErrorComment = comment
        if named:
            identifier = Dataset()
            identifier.FailedSOPInstanceUIDList = list(named)
            response.Identifier = io.BytesIO(encode(identifier, self.implicit, True))
        self.association.dimse.send_msg(response, self.context_id)

    def store(self, *datasets: Dataset, **options: Any) -> list[int | None]:
        """Send data sets to the destination over one association, of a C-GET over its own; return the statuses."""
        if isinstance(self.request, C_GET):
            self.association._is_paused = True  # as where pynetdicom serves a request by itself
            return [self.association.send_c_store(ds).get("Status") for ds in datasets]
        options = {"calling": self.mover.ae_title, "called": self.destination, **options}
        contexts = {(ds.SOPClassUID, ds.file_meta.TransferSyntaxUID) for ds in datasets}
        with storing(self.mover.destination, [build_context(*c) for c in sorted(contexts)], **options) as association:
            return [association.send_c_store(ds).get("Status") for ds in datasets]


class Mover(Peer):
    """A peer whose C-MOVE does what a test wants: ``Mover(lambda move: move.answer(0xA900))``.

    Parameters
    ----------
    script
        Is called with each `Move`, in the thread of its association.
    destination
        The port on loopback of whatever AE title it is told to send to.
    holds
        Data sets that it names in queries, without counts.
    """

    def __init__(
        self,
        script: Callable[[Move], None],
        destination: int = 0,
        ae_title: str = "MOVER",
        holds: Sequence[Dataset] = (),
    ) -> None:
        self.script, self.destination, self.ae_title, self.holds = script, destination, ae_title, holds
        self.counts: int | None = None
        """What its queries say to be the number of instances of a study."""
        self.finds = True
        """Whether its queries succeed."""
        self.queries: list[str] = []
        """Levels at which it was queried."""
        self.closing = threading.Event()
        self.moves: list[Move] = []
        """What it was asked for."""
        self.troubles: list[BaseException] = []

    def __enter__(self) -> Self:
        self._ae = AE(self.ae_title)
        self._ae.acse_timeout, self._ae.dimse_timeout, self._ae.network_timeout = 30, 600, 600
        for service in SERVICES:
            self._ae.add_supported_context(service)
        self._ae.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
        habits: list[Any] = [(evt.EVT_CONN_OPEN, self._opened)]
        habits += [(evt.EVT_C_FIND, self._find)] * bool(self.holds)
        server = self._ae.start_server((HOST, 0), block=False, evt_handlers=habits)
        self.port = server.server_address[1]
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._ae.shutdown()
        if self.troubles:
            raise self.troubles[0]

    def _opened(self, event: Event) -> None:
        closing(event)
        association, serve = event.assoc, event.assoc._serve_request

        def instead(message: Any, context_id: int) -> None:
            if not isinstance(message, C_MOVE | C_GET):
                serve(message, context_id)
                return
            try:
                self.moves.append(Move(self, association, context_id, message))
                self.script(self.moves[-1])
            except BaseException as trouble:  # noqa: BLE001  raised again where the test sees it
                self.troubles.append(trouble)

        association._serve_request = instead

    def _find(self, event: Event) -> Iterator[tuple[int, Dataset | None]]:
        self.queries.append(event.identifier.QueryRetrieveLevel)
        if not self.finds:
            yield 0xC001, None
            return
        keys = UIDS[: LEVELS.index(event.identifier.QueryRetrieveLevel) + 1]
        found = {tuple(ds[k].value for k in keys) for ds in self.holds if _fits(ds, event.identifier)}
        for values in sorted(found):
            answer = Dataset()
            answer.QueryRetrieveLevel = event.identifier.QueryRetrieveLevel
            for keyword, uid in zip(keys, values, strict=True):
                setattr(answer, keyword, uid)
            if len(keys) == 1:
                answer.SOPClassesInStudy = [CTImageStorage]
                if self.counts is not None:
                    answer.NumberOfStudyRelatedInstances = self.counts
            yield 0xFF00, answer


def _fits(ds: Dataset, identifier: Dataset) -> bool:
    """Whether a data set is among what an identifier names."""
    named = {k: identifier.get(k) or () for k in UIDS}
    return all(not uids or ds[k].value in ([uids] if isinstance(uids, str) else uids) for k, uids in named.items())


def says_nothing(move: Move) -> None:
    """Answer nothing until the C-MOVE is cancelled: a script of `Mover` for tests that store by themselves."""
    move.wait()
    move.answer(0xFE00)


def fails(move: Move, status: int = 0xA801) -> None:
    """Send nothing, and answer that the destination is unknown, or another status: a script of `Mover`."""
    move.answer(status)


# The habits of issue 15 as scripts of a `Mover` that holds something; each is for C-MOVE and C-GET.


def answers_the_first(move: Move) -> None:
    """Send and count all of the first request, and hang up at the second."""
    if len(move.mover.moves) > 1:
        move.association.abort()
        return
    move.store(*move.wanted)
    move.answer(0, Completed=len(move.wanted), Failed=0, Warning=0)


def hangs_up_after(count: int) -> Callable[[Move], None]:
    """Return a script that sends so many, and hangs up."""

    def script(move: Move) -> None:
        move.store(*move.wanted[:count])
        move.association.abort()

    return script


def sends_uncounted(count: int) -> Callable[[Move], None]:
    """Return a script that sends so many, and answers Success without any count."""

    def script(move: Move) -> None:
        move.store(*move.wanted[:count])
        move.answer()

    return script


def stores_without_pending(delay: float, *, late: int = 0) -> Callable[[Move], None]:
    """Return a script that sends one after the other and answers Success without counts, before the last `late`."""

    def script(move: Move) -> None:
        wanted = move.wanted
        for number, ds in enumerate(wanted):
            if number == len(wanted) - late:
                move.answer()
            move.mover.closing.wait(delay)
            move.store(ds)
        if not late:
            move.answer()

    return script


def keeps_its_answers(association: Association) -> None:
    """Keep a requestor's own thread from reading messages: it would take an early response for a request."""
    take = association.dimse.get_msg
    association.dimse.get_msg = lambda block=False: take(block) if block else (None, None)


@contextlib.contextmanager
def storing(
    port: int,
    contexts: Sequence[PresentationContext],
    *,
    calling: str = "MOVER",
    called: str = "DICOM_WIDGETS",
    origin: str = HOST,
) -> Iterator[Association]:
    """Request an association for C-STORE, accepted or not, from the address ``origin``."""
    ae = AE(calling)
    ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 5
    association = ae.associate(
        HOST,
        port,
        list(contexts),
        ae_title=called,
        bind_address=(origin, 0),
        evt_handlers=[(evt.EVT_CONN_OPEN, closing)],
    )
    keeps_its_answers(association)
    try:
        yield association
    finally:
        if association.is_established:
            association.release()
        for thread in (association, association.dul):
            if thread.is_alive():
                thread.join(5)
        if association.dul.socket is not None:
            association.dul.socket._shutdown_socket()


def store_bytes(
    association: Association, sop_class: str, uid: str, data: bytes, context_id: int | None = None
) -> int | None:
    """Send an encoded data set unchanged; return the status, or None where there was no response."""
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = sop_class, uid
    request.DataSet = io.BytesIO(data)
    own = [c.context_id for c in association.accepted_contexts if c.abstract_syntax == sop_class]
    association.dimse.send_msg(request, context_id or own[0])
    _, response = association.dimse.get_msg(block=True)
    return None if response is None else response.Status
