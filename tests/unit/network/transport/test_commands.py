"""C-STORE commands in bytes against pynetdicom's own encoding and decoding."""

from __future__ import annotations

from io import BytesIO

import pytest
from pynetdicom.dimse_messages import C_ECHO_RQ, C_STORE_RQ, C_STORE_RSP, DIMSEMessage
from pynetdicom.dimse_primitives import C_ECHO, C_STORE
from pynetdicom.dsutils import encode
from pynetdicom.pdu_primitives import P_DATA

from dicom_widgets.network.transport.commands import store_request, store_response

CT = "1.2.840.10008.5.1.4.1.1.2"


def request(**changes):
    made = C_STORE()
    made.MessageID, made.Priority, made.AffectedSOPClassUID, made.AffectedSOPInstanceUID = 7, 2, CT, "2.25.1"
    made.DataSet = BytesIO(b"data")
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def command(primitive, message):
    """Return a command set as pynetdicom encodes it."""
    made = message()
    made.primitive_to_message(primitive)
    return encode(made.command_set, True, True)


FIELDS = [
    "MessageID", "Priority", "AffectedSOPClassUID", "AffectedSOPInstanceUID", "MoveOriginatorMessageID",
    "MoveOriginatorApplicationEntityTitle", "_context_id", "is_valid_request", "DataSet",
]  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"MessageID": 65535, "Priority": 0},
        {"AffectedSOPInstanceUID": "2.25." + "9" * 30},
        {"MoveOriginatorMessageID": 3, "MoveOriginatorApplicationEntityTitle": "MOVER"},
    ],
)
def test_a_request_is_read_as_pynetdicom_reads_it(changes):
    encoded = command(request(**changes), C_STORE_RQ)
    stock = DIMSEMessage()
    for part in (b"\x03" + encoded, b"\x02data"):
        whole = P_DATA()
        whole.presentation_data_value_list = [[5, part]]
        done = stock.decode_msg(whole)
    assert done
    ours = store_request(encoded, 5)
    ours.data_set.write(b"data")
    theirs, mine = stock.message_to_primitive(), ours.message_to_primitive()
    for field in FIELDS[:-1]:
        assert getattr(mine, field) == getattr(theirs, field), field
    assert mine.DataSet.getvalue() == theirs.DataSet.getvalue()
    assert ours.command_set == stock.command_set


def test_everything_else_is_left_to_pynetdicom():
    echo = C_ECHO()
    echo.MessageID, echo.AffectedSOPClassUID = 1, "1.2.840.10008.1.1"
    encoded = command(request(), C_STORE_RQ)
    assert store_request(command(echo, C_ECHO_RQ), 1) is None
    assert store_request(command(request(DataSet=None), C_STORE_RQ), 1) is None  # nothing follows
    assert store_request(encoded[:-1], 1) is None
    assert store_request(encoded + b"\x08\0\x05\0\0\0\0\0", 1) is None  # not of group 0
    assert store_request(b"\0\0\x01\0\0\0\0\0" + encoded, 1) is None  # unknown in group 0
    assert store_request(b"", 1) is None


@pytest.mark.parametrize("status", [0x0000, 0xA700, 0xC001, 0xB000])
@pytest.mark.parametrize("comment", [None, "odd", "even"])
@pytest.mark.parametrize("uid", ["2.25.1", "2.25.12"])
def test_a_response_is_written_as_pynetdicom_writes_it(status, comment, uid):
    response = C_STORE()
    response.MessageIDBeingRespondedTo, response.Status, response.ErrorComment = 7, status, comment
    response.AffectedSOPClassUID, response.AffectedSOPInstanceUID = CT, uid
    assert store_response(response) == command(response, C_STORE_RSP)
