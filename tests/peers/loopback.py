"""What all peers on loopback have in common: an address, a process of their own, and a way to be spoken to."""

from __future__ import annotations

import os
import random
import shutil
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from dicom_widgets.network.remote import RemoteAE

HOST = "127.0.0.1"
PORTS = range(20_000, 32_000)
"""Below the ports that the system gives to outgoing connections, so that none of these takes one before its server."""


_given: set[int] = set()
"""Ports that were given out: a peer takes two before it listens on the first."""


def free_port() -> int:
    """Return a port that nobody listens on, each only once."""
    for port in random.sample(PORTS, 200):
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            _given.add(port)
            return port
    sentence = f"no free port between {PORTS.start} and {PORTS.stop}"
    raise RuntimeError(sentence)


def until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, *, seconds: float) -> None:
    """Wait for ``ready``; where the process ends first or time is up, say so with the end of its log."""
    end = time.monotonic() + seconds
    while not ready():
        gone = process.poll() is not None
        if gone or time.monotonic() > end:
            said = log.read_text(errors="replace")[-2000:]
            sentence = f"{log.parent.name}: the peer {'ended' if gone else 'is not ready'}:\n{said}"
            raise RuntimeError(sentence)
        time.sleep(0.05)


def eventually(happens: Callable[[], object], seconds: float = 10) -> None:
    """Wait until something is true; fail where it does not become so in time."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.005)


def accepts(port: int) -> bool:
    """Whether somebody listens on that port."""
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return False
    return True


def environment(*, nodelay: bool) -> dict[str, str]:
    """Return the environment of a DCMTK process: without ``nodelay`` it waits 40 ms before each instance it sends."""
    kept = {name: value for name, value in os.environ.items() if name != "TCP_NODELAY"}
    return {**kept, "TCP_NODELAY": "1"} if nodelay else kept


def files(sources: Iterable[str | Path]) -> Iterator[Path]:
    """Yield every file that is named, or lies below a folder that is named, in a fixed order."""
    for source in map(Path, sources):
        if source.is_dir():
            yield from sorted(path for path in source.rglob("*") if path.is_file())
        else:
            yield source


def tool(name: str, *, folder: str = "/usr/sbin") -> str | None:
    """Return where a program lies; ``folder`` is looked at too, as only root has it in PATH."""
    return shutil.which(name) or shutil.which(name, path=folder)


class Peer:
    """Somebody on loopback: a context manager with an AE title, a host and a port."""

    host: ClassVar[str] = HOST
    ae_title: str
    port: int
    wado_uri: str | None = None

    @property
    def remote(self) -> RemoteAE:
        """The peer as the package sees it."""
        return self.remote_with()

    def remote_with(self, **options: Any) -> RemoteAE:
        """Return the same with other arguments of `RemoteAE`: ``pacs.remote_with(way="C-MOVE")``."""
        from dicom_widgets.network.remote import RemoteAE

        arguments: Mapping[str, Any] = {
            "ae_title": self.ae_title,
            "host": self.host,
            "port": self.port,
            "wado_uri": self.wado_uri,
            **options,
        }
        return RemoteAE(**arguments)
