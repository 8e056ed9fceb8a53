"""WADO-URI over HTTP (PS3.18 9): one instance per request, as a DICOM file, on 127.0.0.1 only."""

from __future__ import annotations

import io
import json
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from pydicom.filewriter import dcmwrite

if TYPE_CHECKING:
    import socket

    from dicom_widgets.dicom.conformance import Level
    from dicom_widgets.practice.archive import Archive, Holding

_PATH: Final = "/wado"
_UIDS: Final[dict[str, Level]] = {"studyUID": "STUDY", "seriesUID": "SERIES", "objectUID": "IMAGE"}
_TYPE: Final = "application/dicom"


class WadoServer(ThreadingHTTPServer):
    """Serves an archive on a free port from the moment it is made, until `close`."""

    daemon_threads = True
    block_on_close = False  # close() hangs up on connections that are kept alive, and waits for nobody

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self._connections: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(("127.0.0.1", 0), _Request)
        self.uri = f"http://127.0.0.1:{self.server_port}{_PATH}"
        self._thread = Thread(target=self.serve_forever, args=(0.05,), name="practice WADO-URI", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and hang up."""
        self.shutdown()
        self._thread.join()
        self.server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            self.shutdown_request(connection)

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Remember the connection, and serve it in a thread."""
        assert not isinstance(request, tuple)  # that is UDP
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Forget the connection and end it."""
        assert not isinstance(request, tuple)
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that hangs up is no event."""


class _Request(BaseHTTPRequestHandler):
    """The requests of one connection."""

    protocol_version = "HTTP/1.1"  # keep-alive
    disable_nagle_algorithm = True
    wbufsize = -1  # header and body in one go
    server: WadoServer

    def do_GET(self) -> None:
        """Answer a request for an instance; every parameter that is wrong is named in the answer."""
        address = urlsplit(self.path)
        if address.path != _PATH:
            self._refuse(HTTPStatus.NOT_FOUND, f"There is only {_PATH} here")
            return
        values = {name: texts[-1] for name, texts in parse_qs(address.query).items()}
        if wrong := _wrong(values):
            self._refuse(HTTPStatus.BAD_REQUEST, wrong)
            return
        holding = self.server.archive.get(values["objectUID"])
        if holding is None or any(holding.uid(level) != values[name] for name, level in _UIDS.items()):
            self._refuse(HTTPStatus.NOT_FOUND, "Unknown resource")
            return
        self._send(HTTPStatus.OK, _TYPE, _file(holding))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  its name in the standard library
        """Keep no log."""

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        body = {"HttpError": status.phrase, "HttpStatus": int(status), "Message": message}
        self._send(status, "application/json", json.dumps(body).encode())

    def _send(self, status: HTTPStatus, content_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _wrong(values: dict[str, str]) -> str:
    """Return what is wrong with the parameters (PS3.18 9.1.2), or nothing."""
    if values.get("requestType") != "WADO":
        return "requestType must be WADO"
    if missing := [name for name in _UIDS if name not in values]:
        return f"Missing: {', '.join(missing)}"
    if (wanted := values.get("contentType", "nothing")) != _TYPE:
        return f"contentType must be {_TYPE}, not {wanted}"
    return ""


def _file(holding: Holding) -> bytes:
    """Return an instance in the file format (PS3.10), in its own transfer syntax."""
    file = io.BytesIO()
    dcmwrite(file, holding.dataset(), enforce_file_format=True)
    return file.getvalue()
