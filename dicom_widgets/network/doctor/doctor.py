"""The connection doctor: every step from our configuration to one instance that has come, each in a plain sentence.

No step asks who a patient is, and what is retrieved is thrown away at once.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.network.doctor.connection import association, connection, echo, tls
from dicom_widgets.network.doctor.diagnosis import Diagnosis, Finding
from dicom_widgets.network.doctor.examination import Examination, NotTried
from dicom_widgets.network.doctor.our_side import configuration, listener
from dicom_widgets.network.doctor.retrieval import retrieval
from dicom_widgets.network.doctor.services import find, services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dicom_widgets.network.remote import RemoteAE
    from dicom_widgets.network.retrieve.listener import Listener
    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.local import LocalAE
    from dicom_widgets.sources.way import Outcome


@dataclass(frozen=True)
class Step:
    """One step of an examination."""

    name: str
    run: Callable[[Examination], Outcome]
    needs: tuple[str, ...] = ()
    """Steps without which it cannot be tried."""


_ASSOCIATED: Final = ("Connection", "Association")
_STEPS: Final = (
    Step("Configuration", configuration),
    Step("Connection", connection),
    Step("TLS", tls, ("Connection",)),
    Step("Association", association, ("Connection",)),
    Step("C-ECHO", echo, _ASSOCIATED),
    Step("Services", services, _ASSOCIATED),
    Step("C-FIND", find, _ASSOCIATED),
)
"""The steps that do not depend on a way of retrieval, in order."""
_WITHOUT: Final[dict[str, str]] = {
    "Connection": "there is no connection",
    "TLS": "the connection is not secure",
    "Association": "there is no association",
}


def diagnose(
    remote: RemoteAE,
    ours: LocalAE,
    listen: Callable[[], Listener],
    cancellation: Cancellation,
    progress: Callable[[Finding], None] | None = None,
) -> Diagnosis:
    """Examine a connection to its end; `progress` gets each finding as it is made."""
    findings = []
    for finding in examine(remote, ours, listen, cancellation):
        findings.append(finding)
        if progress is not None:
            progress(finding)
    return Diagnosis(str(remote), tuple(findings), cancellation.requested)


def examine(
    remote: RemoteAE, ours: LocalAE, listen: Callable[[], Listener], cancellation: Cancellation
) -> Iterator[Finding]:
    """Yield the findings about a connection, step after step.

    Parameters
    ----------
    remote, ours : RemoteAE, LocalAE
    listen : callable
        Returns our listener, started when it is first asked for.
    cancellation : Cancellation
        The steps that are left when it is requested are not tried.

    """
    examination = Examination(remote, ours, listen, cancellation)
    for step in _steps(remote):
        examination.findings[step.name] = finding = _taken(examination, step)
        yield finding


def _steps(remote: RemoteAE) -> Iterator[Step]:
    """Yield all steps: those of the connection and the services, then one for each way of retrieval."""
    yield from _STEPS
    for way in remote.ways.values():
        yield Step(way.name, partial(retrieval, way=way), _ASSOCIATED if way.service else ())
        if way.listens:
            yield Step("Listener", listener)


def _taken(examination: Examination, step: Step) -> Finding:
    """Do one step; whatever happens is a finding."""
    start = time.perf_counter()
    if examination.cancellation.requested:
        return Finding(step.name, None, "Not tried, because it was cancelled.")
    try:
        _check(examination, step)
        ok, words, fix = step.run(examination)
    except NotTried as reason:
        ok, words, fix = None, f"Not tried, because {reason}.", ""
    except DicomWidgetsError as error:
        ok, (words, fix) = False, _parted(str(error))
    except Exception as error:  # noqa: BLE001  a peer may answer anything, and the other steps still say something
        ok, words, fix = False, f"It ended with an error of this program: {type(error).__name__}.", "Report it."
    if examination.cancellation.requested and not ok:
        ok, words, fix = None, "Not tried to its end, because it was cancelled.", ""
    return Finding(step.name, ok, words, fix, time.perf_counter() - start)


def _check(examination: Examination, step: Step) -> None:
    """Refuse a step that cannot be tried after those before it."""
    secured = ("TLS",) if step.name == "Association" and examination.remote.tls else ()
    for need in (*step.needs, *secured):
        if examination.findings[need].ok is not True:
            raise NotTried(_WITHOUT[need])


def _parted(sentence: str) -> tuple[str, str]:
    """Return what happened and what to do: our errors say them in this order.

    What a peer comments on a status is left out; it may name a patient.
    """
    kept, _, rest = sentence.partition(". ")
    status = re.search(r" \(status 0x[0-9A-F]{4}", sentence)
    cut = re.compile(r" \(status 0x[0-9A-F]{4}.*?\)(?=\.|$)")
    words, fix = cut.sub("", kept).rstrip("."), cut.sub("", rest)
    return f"{words}{f'{status[0]})' if status else ''}.", fix
