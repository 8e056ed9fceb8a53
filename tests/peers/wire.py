"""DICOM byte by byte: PDUs built around what pynetdicom encodes, and sockets that send them in any order and size."""

from __future__ import annotations

import io
import socket
import struct
from typing import TYPE_CHECKING, Any, Self

from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context, build_role
from pynetdicom._globals import APPLICATION_CONTEXT_NAME
from pynetdicom.dimse_messages import C_ECHO_RQ, C_ECHO_RSP, C_GET_RSP, C_STORE_RQ
from pynetdicom.dimse_primitives import C_ECHO, C_GET, C_STORE
from pynetdicom.dsutils import encode
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ, A_RELEASE_RP, A_RELEASE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    A_RELEASE,
    ImplementationClassUIDNotification,
    MaximumLengthNotification,
)
from pynetdicom.sop_class import CTImageStorage, StudyRootQueryRetrieveInformationModelGet, Verification

from tests.peers.loopback import HOST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GET = StudyRootQueryRetrieveInformationModelGet
ECHO_CONTEXT, STORE_CONTEXT, GET_CONTEXT = 1, 3, 1
"""Numbers of the contexts: a sender proposes C-ECHO and storage, our C-GET itself and storage."""
HEAD = struct.Struct(">BxL")


def pdu(kind: int, body: bytes = b"", length: int | None = None) -> bytes:
    """Return a PDU; `length` is the length that it announces where that is not its own."""
    return HEAD.pack(kind, len(body) if length is None else length) + body


def pdv(context: int, head: int, data: bytes) -> bytes:
    """Return a fragment; `head` is 1 for a command, plus 2 for the last one."""
    return struct.pack(">LBB", len(data) + 2, context, head) + data


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Yield pieces of at most `size` bytes."""
    yield from (data[i : i + size] for i in range(0, len(data), size))


def fragments(context: int, kind: int, data: bytes, size: int) -> list[bytes]:
    """Return the fragments of a command (kind 1) or a data set (0) with at most so many bytes each."""
    cut = list(pieces(data, size)) or [b""]
    return [pdv(context, kind | 2 * (i == len(cut) - 1), piece) for i, piece in enumerate(cut)]


def message(context: int, command: bytes, data: bytes | None, size: int = 16378, *, together: bool = False) -> bytes:
    """Return a whole message: each fragment in a PDU of its own, or all `together` in one."""
    parts = fragments(context, 1, command, size)
    if data is not None:
        parts += fragments(context, 0, data, size)
    return pdu(4, b"".join(parts)) if together else b"".join(pdu(4, part) for part in parts)


def store_command(uid: str, number: int = 1) -> bytes:
    """Return the command set of a C-STORE request."""
    asked = C_STORE()
    asked.MessageID, asked.AffectedSOPClassUID, asked.AffectedSOPInstanceUID = number, CTImageStorage, uid
    asked.Priority, asked.DataSet = 2, io.BytesIO(b"\0\0")
    made = C_STORE_RQ()
    made.primitive_to_message(asked)
    return encode(made.command_set, True, True) or b""


def echo_command(number: int = 1) -> bytes:
    """Return the command set of a C-ECHO request."""
    asked = C_ECHO()
    asked.MessageID, asked.AffectedSOPClassUID = number, Verification
    made = C_ECHO_RQ()
    made.primitive_to_message(asked)
    return encode(made.command_set, True, True) or b""


def got(status: int, number: int = 1) -> bytes:
    """Return a C-GET response as one PDU."""
    answer = C_GET()
    answer.MessageIDBeingRespondedTo, answer.AffectedSOPClassUID, answer.Status = number, GET, status
    made = C_GET_RSP()
    made.primitive_to_message(answer)
    return message(GET_CONTEXT, encode(made.command_set, True, True) or b"", None)


def echoed() -> bytes:
    """Return a C-ECHO response as one PDU."""
    answer = C_ECHO()
    answer.MessageIDBeingRespondedTo, answer.Status = 1, 0
    made = C_ECHO_RSP()
    made.primitive_to_message(answer)
    return message(ECHO_CONTEXT, encode(made.command_set, True, True) or b"", None)


def request(max_pdu: int = 16384, classes: Iterable[str] = (Verification, CTImageStorage)) -> bytes:
    """Return an A-ASSOCIATE-RQ, for C-ECHO and C-STORE."""
    return A_ASSOCIATE_RQ(_association(classes, max_pdu)).encode()


def accept(asked: bytes, max_pdu: int = 16384) -> bytes:
    """Return an A-ASSOCIATE-AC that accepts everything that was asked for."""
    received = A_ASSOCIATE_RQ()
    received.decode(asked)
    wanted: Any = received.to_primitive()
    answer = _association([], max_pdu)
    answer.result = 0
    for context in wanted.presentation_context_definition_list:
        context.result, context.transfer_syntax = 0, context.transfer_syntax[:1]
    answer.presentation_context_definition_results_list = wanted.presentation_context_definition_list
    answer.user_information += [build_role(CTImageStorage, scp_role=True)]
    return A_ASSOCIATE_AC(answer).encode()


def _association(syntaxes: Iterable[str], max_pdu: int) -> A_ASSOCIATE:
    made: Any = A_ASSOCIATE()
    made.application_context_name = APPLICATION_CONTEXT_NAME
    made.calling_ae_title, made.called_ae_title = "WIRE", "RECEIVER"
    length, implementation = MaximumLengthNotification(), ImplementationClassUIDNotification()
    length.maximum_length_received, implementation.implementation_class_uid = max_pdu, "1.2.3"
    made.user_information = [length, implementation]
    contexts = [build_context(s, [ExplicitVRLittleEndian, ImplicitVRLittleEndian]) for s in syntaxes]
    for i, context in enumerate(contexts):
        context.context_id = 2 * i + 1
    if contexts:
        made.presentation_context_definition_list = contexts
    return made


def _release(cls: Any, result: str | None) -> bytes:
    primitive = A_RELEASE()
    primitive.result = result
    return cls(primitive).encode()


RELEASE, RELEASED = _release(A_RELEASE_RQ, None), _release(A_RELEASE_RP, "affirmative")
ABORT = pdu(7, bytes(4))


class Wire:
    """A connection that sends bytes and receives single PDUs."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @classmethod
    def to(cls, port: int, *, seconds: float = 10, tls: Any = None) -> Wire:
        """Connect to a port on loopback."""
        connection = socket.create_connection((HOST, port), seconds)
        return cls(tls.wrap_socket(connection, server_hostname=HOST) if tls else connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self.connection.sendall(data)

    def hear(self) -> bytes:
        """Return the next PDU, empty where the connection was closed."""
        head = self._take(6)
        return head + self._take(HEAD.unpack(head)[1]) if len(head) == 6 else b""

    def rest(self) -> list[int]:
        """Return the types of the PDUs that come until the connection is closed."""
        return list(iter(lambda: (self.hear() or b"\0")[0], 0))

    def associate(self, max_pdu: int = 16384) -> Wire:
        """Request an association, as a peer that stores does."""
        self.say(request(max_pdu))
        assert self.hear()[0] == 2
        return self

    def _take(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            try:
                more = self.connection.recv(count - len(data))
            except ConnectionError:  # closed with something unread
                return data
            if not more:
                return data
            data += more
        return data


def identifier() -> Dataset:
    """Return the identifier of a C-GET request."""
    made = Dataset()
    made.QueryRetrieveLevel, made.StudyInstanceUID = "STUDY", "1.2.3"
    return made
