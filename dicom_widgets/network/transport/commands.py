"""The command sets of C-STORE, read and written as bytes (PS3.7 9.3.1): thousands of them are alike.

pynetdicom makes a data set of each request and of each response. Here an ordinary request is read, and an ordinary
response written, without one; everything else is left to pynetdicom.
"""

from __future__ import annotations

from io import BytesIO
from struct import Struct
from struct import error as StructError  # noqa: N812  it is an exception
from typing import TYPE_CHECKING, Any, Final

from pynetdicom import evt
from pynetdicom.dimse import DIMSEServiceProvider
from pynetdicom.dimse_messages import C_STORE_RQ
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.dsutils import decode
from pynetdicom.pdu_primitives import P_DATA

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_ELEMENT: Final = Struct("<HHL")
_US: Final = Struct("<H")
_LENGTH, _FIELD, _DATA_SET = 0x0000, 0x0100, 0x0800
_REQUEST, _RESPONSE, _NO_DATA_SET = 0x0001, 0x8001, 0x0101
_NUMBERS: Final = {0x0110: "MessageID", 0x0700: "Priority", 0x1031: "MoveOriginatorMessageID"}
_TEXTS: Final = {
    0x0002: "AffectedSOPClassUID",
    0x1000: "AffectedSOPInstanceUID",
    0x1030: "MoveOriginatorApplicationEntityTitle",
}
_NEEDED: Final = frozenset({"MessageID", "Priority", "AffectedSOPClassUID", "AffectedSOPInstanceUID"})


class StoreRequest(C_STORE_RQ):
    """A C-STORE request of which the data set is still to come."""

    def __init__(self, command: bytes, values: dict[str, Any], context: int) -> None:
        self.context_id = context
        self.encoded_command_set = BytesIO(command)
        self.data_set = BytesIO()
        self._data_set_path = self._data_set_file = None
        self._values = values

    @property
    def command_set(self) -> Dataset:  # type: ignore[override]  # an attribute there
        """The command as a data set, for handlers of events."""
        return decode(self.encoded_command_set, True, True)

    def message_to_primitive(self) -> C_STORE:
        """Return the request as the service takes it; ValueError where a value is invalid."""
        primitive = C_STORE()
        for keyword, value in self._values.items():
            setattr(primitive, keyword, value)
        primitive.DataSet = self.data_set
        primitive._context_id = self.context_id  # noqa: SLF001
        primitive._dataset_path = primitive._dataset_file = None  # noqa: SLF001
        return primitive


StoreRequest.__name__ = C_STORE_RQ.__name__  # handlers of events tell messages apart by it


def store_request(command: bytes, context: int) -> StoreRequest | None:
    """Read a command set; None where it is anything but an ordinary C-STORE request with a data set."""
    values: dict[str, Any] = {}
    field = data_set = at = 0
    try:
        while at < len(command):
            group, element, length = _ELEMENT.unpack_from(command, at)
            value, at = command[at + 8 : at + 8 + length], at + 8 + length
            if group:
                return None
            if element in _TEXTS:
                values[_TEXTS[element]] = value.decode("ascii").strip("\0 ")
            elif element in _NUMBERS:
                (values[_NUMBERS[element]],) = _US.unpack(value)
            elif element == _FIELD:
                (field,) = _US.unpack(value)
            elif element == _DATA_SET:
                (data_set,) = _US.unpack(value)
            elif element != _LENGTH:
                return None
    except (StructError, UnicodeDecodeError):
        return None
    ordinary = field == _REQUEST and data_set != _NO_DATA_SET and at == len(command) and values.keys() >= _NEEDED
    return StoreRequest(command, values, context) if ordinary else None


def store_response(response: Any) -> bytes:
    """Write a C-STORE response."""
    comment = (response.ErrorComment or "").encode("ascii", "replace")
    elements = [
        (0x0002, _padded(str(response.AffectedSOPClassUID or "").encode(), b"\0")),
        (_FIELD, _US.pack(_RESPONSE)),
        (0x0120, _US.pack(response.MessageIDBeingRespondedTo)),
        (_DATA_SET, _US.pack(_NO_DATA_SET)),
        (0x0900, _US.pack(response.Status)),
        *([(0x0902, _padded(comment, b" "))] if comment else []),
        (0x1000, _padded(str(response.AffectedSOPInstanceUID or "").encode(), b"\0")),
    ]
    body = b"".join(_ELEMENT.pack(0, element, len(value)) + value for element, value in elements)
    return _ELEMENT.pack(0, _LENGTH, 4) + len(body).to_bytes(4, "little") + body


def _padded(value: bytes, by: bytes) -> bytes:
    return value + by * (len(value) % 2)


class FastDIMSE(DIMSEServiceProvider):
    """The message layer, which writes ordinary responses to C-STORE without a data set."""

    def send_msg(self, primitive: Any, context_id: int) -> None:
        """Send a message; write an ordinary response to a C-STORE here."""
        stored = primitive if type(primitive) is C_STORE else None
        ordinary = (
            stored is not None
            and primitive.MessageIDBeingRespondedTo is not None
            and primitive.OffendingElement is None
            and not self.assoc.get_handlers(evt.EVT_DIMSE_SENT)  # they expect a message
        )
        if ordinary:
            response = b"\x03" + store_response(primitive)  # a command, its last fragment (PS3.8 E.2)
            if not 0 < self.maximum_pdu_size < len(response) + 6:
                data = P_DATA()
                data.presentation_data_value_list.append((context_id, response))
                self.dul.send_pdu(data)
                return
        super().send_msg(primitive, context_id)
