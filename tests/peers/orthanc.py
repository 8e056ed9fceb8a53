"""A throw-away Orthanc on loopback.

with Orthanc(["folder", "file.dcm"], peers={"LISTENER": 11113}) as pacs:
    pacs.remote, pacs.wado_uri, pacs.rest
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from tests.peers.loopback import Peer, accepts, environment, files, free_port, tool, until

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PLUGINS = tuple(Path(f"/usr/share/orthanc/plugins/libOrthanc{name}.so") for name in ("DicomWeb", "Gdcm"))
ALLOWED = dict.fromkeys(("AllowEcho", "AllowFind", "AllowGet", "AllowMove", "AllowStore"), True)


class Orthanc(Peer):
    """One process with storage and configuration in a temporary folder.

    Parameters
    ----------
    sources
        Files, and folders with all below them, that it holds.
    peers
        The destinations of C-MOVE: AE title and port on loopback.
    nodelay
        Without it each instance takes 40 ms, as with an Orthanc that nobody has configured.
    options
        Further configuration, by Orthanc's own names: ``SynchronousCMove=False``.
    """

    def __init__(
        self,
        sources: Iterable[str | Path] = (),
        *,
        peers: Mapping[str, int] | None = None,
        ae_title: str = "ORTHANC",
        port: int | None = None,
        http_port: int | None = None,
        nodelay: bool = True,
        **options: Any,
    ) -> None:
        self.sources, self.peers, self.ae_title, self.options = list(sources), dict(peers or {}), ae_title, options
        self.port, self.http_port, self.nodelay = port or free_port(), http_port or free_port(), nodelay
        self.rest = f"http://{self.host}:{self.http_port}"
        self.wado_uri = self.rest + "/wado"
        self.loaded: list[Path] = []
        """The files that it took."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="orthanc-")
        root = Path(self._folder.name)
        self.log = root / "log.txt"
        configuration = root / "orthanc.json"
        configuration.write_text(json.dumps(self.configuration(root / "db"), indent=1))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [tool("Orthanc") or "Orthanc", str(configuration)],
                stdout=log,
                stderr=log,
                env=environment(nodelay=self.nodelay),
            )
        try:
            until(self._ready, self.process, self.log, seconds=30)
            self.load(*self.sources)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process; delete its folder."""
        self.process.kill()  # to end by itself it takes seconds, and there is nothing to keep
        self.process.wait(10)
        self._folder.cleanup()

    def configuration(self, storage: Path) -> dict[str, Any]:
        """Return the configuration file: open to every caller, answers in UTF-8, WADO-URI on."""
        known = {"Host": self.host, **ALLOWED}
        peers = {title: {"AET": title, "Port": port, **known} for title, port in self.peers.items()}
        always = {name.replace("Allow", "DicomAlwaysAllow"): True for name in ALLOWED}
        return {
            "Name": self.ae_title,
            "DicomAet": self.ae_title,
            "DicomPort": self.port,
            "HttpPort": self.http_port,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "StorageDirectory": str(storage),
            "IndexDirectory": str(storage),
            "DefaultEncoding": "Utf8",
            "DicomModalities": peers,
            "DicomScuTimeout": 10,
            "DicomScpTimeout": 30,
            "UnknownSopClassAccepted": True,
            "OverwriteInstances": True,
            "Plugins": [str(path) for path in PLUGINS if path.exists()],
            "DicomWeb": {"Enable": True, "EnableWado": True, "WadoRoot": "/wado"},
            **always,
            **self.options,
        }

    def get(self, path: str) -> Any:
        """Ask the REST interface: ``get("/statistics")``."""
        with urllib.request.urlopen(self.rest + path, timeout=30) as answer:
            return json.load(answer)

    def post(self, path: str, body: bytes, content_type: str = "application/dicom") -> Any:
        """Send something to the REST interface."""
        request = urllib.request.Request(self.rest + path, body, {"Content-Type": content_type})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def load(self, *sources: str | Path) -> list[Path]:
        """Store files; return those that it took (it refuses what is not DICOM with 400 or 404)."""
        taken = []
        for path in files(sources):
            try:
                self.post("/instances", path.read_bytes())
            except urllib.error.HTTPError as refusal:
                refusal.close()
            else:
                taken.append(path)
        self.loaded += taken
        return taken

    def _ready(self) -> bool:
        try:
            self.get("/system")
        except OSError:  # an HTTPError while it starts is one too
            return False
        return accepts(self.port)
