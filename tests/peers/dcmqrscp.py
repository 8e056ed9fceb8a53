"""A throw-away DCMTK dcmqrscp on loopback.

with Dcmqrscp(["folder", "file.dcm"], peers={"LISTENER": 11113}) as pacs:
    pacs.remote
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.peers.loopback import Peer, accepts, environment, files, free_port, tool, until

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Dcmqrscp(Peer):
    """One process with its storage area and configuration in a temporary folder.

    Parameters
    ----------
    sources
        Files, and folders with all below them, that it holds. Indexing takes some 20 ms a file.
    peers
        The destinations of C-MOVE: AE title and port on loopback.
    callers
        The AE titles that it talks to; None is everybody.
    arguments
        Options of its command line: ``["-v"]``, ``["+xs"]``.
    nodelay
        Without it each instance takes 40 ms, as with a dcmqrscp that nobody has configured.
    """

    def __init__(
        self,
        sources: Iterable[str | Path] = (),
        *,
        peers: Mapping[str, int] | None = None,
        ae_title: str = "DCMQRSCP",
        port: int | None = None,
        callers: Sequence[str] | None = None,
        max_pdu: int = 16384,
        arguments: Sequence[str] = (),
        nodelay: bool = True,
    ) -> None:
        self.sources, self.peers, self.ae_title = list(sources), dict(peers or {}), ae_title
        self.port, self.callers, self.max_pdu = port or free_port(), callers, max_pdu
        self.arguments, self.nodelay = list(arguments), nodelay
        self.loaded: list[Path] = []
        """The files that it took."""

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="dcmqrscp-")
        root = Path(self._folder.name)
        self._area, self.log = root / "db", root / "log.txt"
        self._area.mkdir()
        configuration = root / "dcmqrscp.cfg"
        configuration.write_text(self.configuration())
        self.loaded = self._index(self.sources)  # before it starts: it reads its index once for each association
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [tool("dcmqrscp") or "dcmqrscp", "-c", str(configuration), *self.arguments],
                stdout=log,
                stderr=log,
                env=environment(nodelay=self.nodelay),
                start_new_session=True,
            )
        try:
            until(lambda: accepts(self.port), self.process, self.log, seconds=10)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process and those that it forks, one for each association; delete its folder."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)
        self._folder.cleanup()

    def configuration(self) -> str:
        """Return the configuration file; dcmqrscp compares callers by their resolved name: `localhost`."""
        hosts = "".join(f"{title} = ({title}, {self.host}, {port})\n" for title, port in self.peers.items())
        callers = "ANY" if self.callers is None else ", ".join(f"({title}, localhost, 1)" for title in self.callers)
        return (
            f"NetworkTCPPort = {self.port}\nMaxPDUSize = {self.max_pdu}\nMaxAssociations = 16\n\n"
            f"HostTable BEGIN\n{hosts}HostTable END\n\nVendorTable BEGIN\nVendorTable END\n\n"
            f"AETable BEGIN\n{self.ae_title} {self._area} RW (500, 1024mb) {callers}\nAETable END\n"
        )

    def _index(self, sources: Iterable[str | Path]) -> list[Path]:
        """Copy files into the storage area and index them; return those that were taken."""
        taken, program = [], tool("dcmqridx") or "dcmqridx"
        for number, path in enumerate(files(sources)):
            with path.open("rb") as file:
                if file.read(132)[128:] != b"DICM":
                    continue
            copy = self._area / f"{number:06d}.dcm"
            shutil.copyfile(path, copy)
            done = subprocess.run([program, str(self._area), str(copy)], capture_output=True, timeout=60, check=False)
            if done.returncode or b"E:" in done.stderr:  # what lacks a UID is refused in words only
                copy.unlink()
            else:
                taken.append(path)
        return taken
