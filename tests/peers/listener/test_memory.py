"""What the listener receives takes no memory that there is no room for, and no disk."""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import zlib
from contextlib import contextmanager
from pathlib import Path

import pytest
from pynetdicom.presentation import build_context

import dicom_widgets as dw
from dicom_widgets.dicom.conformance import DEFLATED
from dicom_widgets.sources.ledger import FULL
from tests import samples
from tests.peers.listener.sending import CONTEXT, ECHO, association_context, ended, moving, store
from tests.peers.loopback import HOST, eventually
from tests.peers.misbehaving import Mover, says_nothing, store_bytes, storing
from tests.peers.study import CT, ct

pytestmark = pytest.mark.usefixtures("quick_ends")


CHILD = """
import re, sys
import dicom_widgets as dw

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024

session = dw.Session(listen_port=0, memory_limit={limit})
remote = dw.RemoteAE("MOVER", "127.0.0.1", {port})
transfer = session.fetch(remote, dw.Entity.of("1.2.826.0.1.1"), way="C-MOVE")
print(session.local.port, flush=True)
for line in sys.stdin:
    print(peak(), flush=True)
session.close()
"""


class Child:
    """A kernel of its own whose session waits for a study; its memory is looked at."""

    def __init__(self, limit):
        self.limit = limit

    def __enter__(self):
        self.mover = Mover(says_nothing).__enter__()
        code = CHILD.format(limit=self.limit, port=self.mover.port)
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline())
        eventually(lambda: self.mover.moves)
        return self

    def __exit__(self, *_):
        self.process.communicate(timeout=20)
        self.mover.__exit__()

    def ask(self, what):
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    @contextmanager
    def grows_by_less_than(self, megabytes):
        before = int(self.ask("peak"))
        yield
        assert int(self.ask("peak")) - before < megabytes


on_linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read from /proc")


@pytest.fixture(scope="module")
def tight():
    """One that has room for a megabyte."""
    with Child(1 << 20) as child:
        yield child


@pytest.fixture(scope="module")
def roomy():
    """One that has room for much."""
    with Child(1 << 31) as child:
        yield child


@on_linux
@pytest.mark.parametrize("size", [2, 64])
def test_an_instance_without_room_takes_no_memory_and_is_refused_by_name(tight, size):
    data = samples.encoded(ct("1.2.826.0.1.1", PixelData=bytes(size << 20), BitsAllocated=16))
    with tight.grows_by_less_than(12), storing(tight.port, [CONTEXT]) as association:
        assert store_bytes(association, CT, f"2.25.{size}", data) == 0xA700


@on_linux
def test_what_is_deflated_is_bounded_by_what_it_inflates_to(tight):
    ds = samples.encoded(ct("1.2.826.0.1.1"))
    tail = struct.pack("<HH2sHL", 0x7FE0, 0x10, b"OB", 0, 200 << 20)
    squeeze = zlib.compressobj(wbits=-15)
    data = squeeze.compress(ds + tail) + b"".join(squeeze.compress(bytes(1 << 20)) for _ in range(200))
    data += squeeze.flush()
    assert len(data) < 1 << 20
    with tight.grows_by_less_than(12), storing(tight.port, [build_context(CT, DEFLATED)]) as association:
        assert store_bytes(association, CT, "2.25.99", data + bytes(len(data) % 2)) in {0xA700, 0xC000}


def flood(connection, data, count):
    """Send much until it is all sent, or the other side has had enough."""
    for _ in range(count):
        try:
            connection.sendall(data)
        except OSError:
            return


@on_linux
@pytest.mark.parametrize("length", [100 << 20, 0xFFFFFFFF])
def test_a_huge_association_request_takes_no_memory(tight, length):
    with tight.grows_by_less_than(12), socket.create_connection((HOST, tight.port), 5) as connection:
        connection.sendall(struct.pack(">BxL", 1, length))
        flood(connection, bytes(1 << 20), 100)
        assert ended(connection) < 5


@on_linux
def test_a_pdu_of_data_that_is_longer_than_announced_takes_no_memory(roomy):
    with roomy.grows_by_less_than(12), storing(roomy.port, [CONTEXT]) as association:
        connection = association.dul.socket.socket
        flood(connection, struct.pack(">BxL", 4, 100 << 20) + bytes(1 << 20), 1)
        eventually(lambda: association.is_aborted)


@on_linux
def test_an_association_that_anybody_may_have_takes_no_memory(roomy):
    """It is for C-ECHO, there is room, and a C-MOVE is outstanding."""
    with roomy.grows_by_less_than(12), storing(roomy.port, [ECHO], calling="ANYBODY") as association:
        store_bytes(association, CT, "2.25.5", bytes(64 << 20), association_context(association))


def test_the_ledger_names_what_there_was_no_room_for(session, study):
    with dw.Session(listen_port=0, memory_limit=2000) as small, moving(small, study) as transfer:
        big, little = ct(study, ImageComments="x" * 5000), ct(study)
        assert store(small, big, little) == [0xA700, 0]
        transfer.cancel()
        done = transfer.result()
        assert (done.received, dict(done.failed)) == ((little.SOPInstanceUID,), {big.SOPInstanceUID: FULL})


WRITES = """
import os, sys
import dicom_widgets as dw
written = []

def look(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and path != os.devnull:
            written.append(str(path))
    elif event in ("os.mkdir", "os.rename", "tempfile.mkstemp"):
        written.append(f"{event} {arguments}")

with dw.PracticePacs() as pacs, dw.Session(listen_port=0) as session:
    pacs.destinations["DICOM_WIDGETS"] = ("127.0.0.1", session.local.port)
    study = session.find(pacs.remote, PatientName="*Hand*")[:1] or session.find(pacs.remote)[:1]
    sys.addaudithook(look)
    done = session.retrieve(study, way="C-MOVE", progress=False)
    assert done.complete, done
    session.array(session.instances(study[0])[0])
print(written)
"""


def test_nothing_that_is_received_is_written_to_a_disk(tmp_path):
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", WRITES], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert list(tmp_path.iterdir()) == []
