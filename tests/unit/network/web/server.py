"""An HTTP server whose answers a test writes, the files that it has, and a retrieval from it."""

from __future__ import annotations

import io
import socket
import threading

import pydicom
from pydicom.data import get_testdata_file

from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.instance import path_of
from dicom_widgets.errors import NotDicom
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.network.web.wado import wado_uri
from dicom_widgets.sources.cancellation import Cancellation
from dicom_widgets.sources.ledger import Ledger
from dicom_widgets.sources.local import LocalAE
from dicom_widgets.sources.order import Order

SECRET = "s3cr:et"
TYPE = "application/dicom"


class Request:
    """A request and its connection."""

    def __init__(self, connection, line, headers, number):
        self.connection, self.line, self.headers, self.number = connection, line, headers, number
        self.instance = line.partition("objectUID=")[2].partition("&")[0]

    def send(self, body=b"", code=200, length=None, **headers):
        """Send an answer; `length` is the length that it claims."""
        told = {"Content-Type": TYPE, "Content-Length": len(body) if length is None else length}
        told |= {k.replace("_", "-"): v for k, v in headers.items()}
        head = "".join(f"{k}: {v}\r\n" for k, v in told.items() if v is not None)
        self.connection.sendall(f"HTTP/1.1 {code} Words\r\n{head}\r\n".encode())
        self.connection.sendall(body)


class Server:
    """An HTTP server: `behave(request)` answers, and returns True to end the connection."""

    def __init__(self, behave):
        self.behave, self.requests, self.connections, self.busiest, self._busy = behave, [], 0, 0, 0
        self._lock, self._open, self._threads = threading.Lock(), [], []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.uri = f"http://127.0.0.1:{self.port}/wado"
        self.ended = threading.Event()

    def __enter__(self):
        self._start(self._accept)
        return self

    def __exit__(self, *_):
        self.ended.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            connection.close()
        for thread in self._threads:
            thread.join(10)

    def _start(self, *what):
        thread = threading.Thread(target=what[0], args=what[1:], daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.settimeout(20)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.append(connection)
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection):
        with connection, connection.makefile("rb") as file:
            try:
                while line := file.readline().decode("latin-1").strip():
                    headers = dict(
                        iter(lambda: file.readline().decode("latin-1").strip().partition(": ")[::2], ("", ""))
                    )
                    with self._lock:
                        self.requests.append(request := Request(connection, line, headers, len(self.requests)))
                        self._busy += 1
                        self.busiest = max(self.busiest, self._busy)
                    try:
                        if self.behave(request):
                            return
                    finally:
                        with self._lock:
                            self._busy -= 1
            except OSError:  # the client hung up
                return


class Sink:
    """A store of blobs with a limit of bytes."""

    def __init__(self, limit=1 << 40):
        self.blobs, self.limit = [], limit

    def add(self, blob, uid=""):
        if blob.nbytes > self.room():
            return 0xA700
        try:
            if uid != path_of(blob)[2]:
                return 0xA900
        except NotDicom:
            return 0xC000
        self.blobs.append(blob)
        return 0

    def room(self):
        return self.limit - sum(b.nbytes for b in self.blobs)


def a_file(number, pad=0):
    """Return a file of instance 1.9.`number`, with `pad` bytes of pixels."""
    ds = pydicom.dcmread(get_testdata_file("MR_small.dcm"))
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.SOPInstanceUID = "1.7", "1.8", f"1.9.{number}"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    if pad:
        ds.PixelData = bytes(range(256)) * (pad // 256)
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


FILES = {f"1.9.{n}": a_file(n) for n in range(1, 13)}
DATA = {u: f[144 + int.from_bytes(f[140:144], "little") :] for u, f in FILES.items()}
"""The data sets behind the meta information."""


def well(request):
    """Answer with the file that was asked for."""
    request.send(FILES[request.instance])


def ordered(uri, count=4, sink=None, **options):
    """Return an order of instances 1 to `count`."""
    options = {"connect_timeout": 5, "http_timeout": 5, **options}
    remote = RemoteAE("PACS", "127.0.0.1", 104, wado_uri=uri, **options)
    entities = [Entity.of("1.7", "1.8", f"1.9.{n}") for n in range(1, count + 1)]
    book = Ledger.of("WADO-URI", remote, entities, sink or Sink())
    return Order(remote, LocalAE("OURS"), entities, book, Cancellation(), lambda: None)


def fetched(order):
    """Carry an order out; return its ledger. No thread may be left."""
    before = threading.active_count()
    try:
        steps = list(wado_uri(order))
    finally:
        assert not [t for t in threading.enumerate() if t.name.startswith("WADO-URI")]
        assert threading.active_count() <= before + len(order.entities) + 1  # the server's own
    assert steps
    return order.ledger
