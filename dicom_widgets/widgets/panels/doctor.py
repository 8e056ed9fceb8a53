"""What works of a connection to a remote AE, step by step."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import traitlets

from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.widgets.runtime.base import SessionWidget
from dicom_widgets.widgets.runtime.handlers import handles

if TYPE_CHECKING:
    from dicom_widgets.network.doctor.diagnosis import Diagnosis, Finding
    from dicom_widgets.network.remote import RemoteAE
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.runtime.page_messages import PageMessage


class Doctor(SessionWidget):
    """Examines the connection to a remote AE when its button is pressed, and lists the findings as they are made.

    Parameters
    ----------
    session : Session
        Whose AE title and listener are tried; it does one thing at a time.
    remote : RemoteAE

    """

    part = traitlets.Unicode("doctor").tag(sync=True)

    def __init__(self, session: Session, remote: RemoteAE, **kwargs: Any) -> None:
        super().__init__(session, **kwargs)
        self._remote = remote
        self._diagnosis: Diagnosis | None = None
        self._findings: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._busy = self._begun = self._ending = False
        self._words, self._error = f"Press Start to examine the connection to {remote}.", False
        self._endings.append(self._cancel)

    @property
    def diagnosis(self) -> Diagnosis | None:
        """What the last examination found; None before."""
        return self._diagnosis

    @handles("ready")
    def _tell(self, _message: PageMessage) -> None:
        self.send({"type": "findings", "findings": self._findings})
        self._say()

    @handles("start")
    def _start(self, _message: PageMessage) -> None:
        """Examine without holding up the notebook."""
        with self._lock:
            if self._busy:
                return
            self._busy, self._begun, self._ending = True, False, False
        self._findings = []
        self.send({"type": "findings", "findings": []})
        self._say(f"Examining the connection to {self._remote} …")
        threading.Thread(target=self._examine, name="dicom_widgets doctor", daemon=True).start()

    def _examine(self) -> None:
        words, error = "", True
        try:
            self._diagnosis = self.session.doctor(self._remote, progress=self._found)
            words, error = self._diagnosis.summary, not self._diagnosis.ok
        except DicomWidgetsError as refused:
            words = str(refused)
        except Exception as unexpected:  # noqa: BLE001  a thread's errors are seen by nobody else
            words = f"{type(unexpected).__name__}: {unexpected}"
        with self._lock:
            self._busy = False
        self._say(words, error=error)

    def _found(self, finding: Finding) -> None:
        with self._lock:
            self._begun, ending = True, self._ending
        if ending:
            self.session.cancel()
        self._findings.append(asdict(finding))
        self.send({"type": "finding", "finding": self._findings[-1]})

    @handles("cancel")
    def _cancel(self, _message: PageMessage | None = None) -> None:
        """Cancel the examination; before its first finding the session may still be doing something else."""
        with self._lock:
            self._ending, begun = True, self._busy and self._begun
        if begun:
            self.session.cancel()

    def _say(self, words: str | None = None, *, error: bool = False) -> None:
        if words is not None:
            self._words, self._error = words, error
        self.send({"type": "status", "words": self._words, "busy": self._busy, "error": self._error})

    def show_error(self, words: str) -> None:
        """Show an error below the findings."""
        self._say(words, error=True)
