"""Leases: the sessions of this process share one listener for each address, which the last of them closes.

A port can be listened at only once, and a PACS knows one address of ours.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

from dicom_widgets.errors import ListenerFailed
from dicom_widgets.network.retrieve.listener import Listener

if TYPE_CHECKING:
    from dicom_widgets.sources.local import LocalAE

_listeners: Final[dict[tuple[int, str, int], Listener]] = {}
"""The listeners by process and address: a port can be listened at only once, so sessions have to share it.

A forked child inherits the table, but listens with none of them.
"""
_leasing: Final = threading.Lock()


class Lease:
    """A session's share in the listener at its address; closing the last one closes the listener."""

    def __init__(self, ours: LocalAE) -> None:
        self._ours, self._process = ours, os.getpid()
        self._key = (self._process, ours.host, ours.port)
        with _leasing:
            self.listener = _listeners.get(self._key) or Listener(ours)
            if self.listener.tls is not ours.tls:
                raise ListenerFailed(
                    f"The listener of C-MOVE at {ours.host}:{ours.port} is another session's, and secured otherwise"
                    " (listen_tls). Give both the same context, or this one another port: Session(listen_port=...)."
                )
            _listeners[self._key] = self.listener
            self.listener.admit(ours)

    def close(self) -> None:
        """Give it back; not in a forked child, which has no part in it."""
        if os.getpid() != self._process:
            return
        with _leasing:
            if self.listener.dismiss(self._ours):
                del _listeners[self._key]
                self.listener.close()
