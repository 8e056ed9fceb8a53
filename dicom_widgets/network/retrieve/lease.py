"""Leases: the sessions of this process share one listener for each address, which the last of them closes.

A port can be listened at only once, and a PACS knows one address of ours.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from dicom_widgets.errors import ListenerFailed
from dicom_widgets.network.retrieve.listener import Listener

if TYPE_CHECKING:
    from dicom_widgets.sources.local import LocalAE

_listeners: Final[dict[tuple[str, int], Listener]] = {}
"""The listeners of this process by address: a port can be listened at only once, so sessions have to share it."""
_leasing: Final = threading.Lock()


class Lease:
    """A session's share in the listener at its address; closing the last one closes the listener."""

    def __init__(self, ours: LocalAE) -> None:
        self._ours = ours
        with _leasing:
            self.listener = _listeners.get((ours.host, ours.port)) or Listener(ours)
            if self.listener.tls is not ours.tls:
                raise ListenerFailed(
                    f"The listener of C-MOVE at {ours.host}:{ours.port} is another session's, and secured otherwise"
                    " (listen_tls). Give both the same context, or this one another port: Session(listen_port=...)."
                )
            _listeners[ours.host, ours.port] = self.listener
            self.listener.admit(ours)

    def close(self) -> None:
        """End the share."""
        with _leasing:
            if self.listener.dismiss(self._ours):
                del _listeners[self._ours.host, self._ours.port]
                self.listener.close()
