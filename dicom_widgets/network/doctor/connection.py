"""The doctor's steps on the way to a peer: connection, TLS, association, C-ECHO."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.errors import ConnectionFailed, ContextsRefused
from dicom_widgets.network.doctor.contact import connect, first_contact
from dicom_widgets.network.doctor.examination import NotTried
from dicom_widgets.network.doctor.tls import handshake, speaks_tls

if TYPE_CHECKING:
    from dicom_widgets.network.doctor.examination import Examination
    from dicom_widgets.sources.way import Outcome


def connection(examination: Examination) -> Outcome:
    """Request an association; where there was no connection, find out why by a TCP connection alone."""
    remote = examination.remote
    examination.contact = seen = first_contact(remote, examination.ours, examination.cancellation)
    if not seen.peer:
        seen.peer, seen.ours = connect(remote)
    name = "" if seen.peer == remote.host else f" ({seen.peer})"
    return True, f"{remote.host}{name} takes connections at port {remote.port}.", ""


def tls(examination: Examination) -> Outcome:
    """Say whether the connection is secure; without tls= of ours, whether the peer wants TLS."""
    remote, silent = examination.remote, isinstance(examination.contact.error, ConnectionFailed)
    if remote.tls is not None:  # without an answer the peer may not like our certificate
        seen = examination.contact.tls if examination.contact.tls and not silent else handshake(remote, remote.tls)
        return True, f"The connection is secure: {seen}.", ""
    if silent and speaks_tls(remote):
        words = f"The peer did not answer without TLS, and speaks TLS at port {remote.port}."
        return False, words, "Give RemoteAE(..., tls=ssl.create_default_context()), or the peer's port without TLS."
    raise NotTried("TLS is not configured for this remote AE")


def association(examination: Examination) -> Outcome:
    """Say whether the first contact ended in an association."""
    error = examination.contact.error
    if error is not None and not isinstance(error, ContextsRefused):  # which services it allows is another step
        raise error
    return True, f"{examination.remote} accepts associations of {examination.ours.ae_title!r}.", ""


def echo(examination: Examination) -> Outcome:
    """Verify the connection by C-ECHO."""
    seconds = examination.remote.echo(examination.ours, examination.cancellation)
    return True, f"{examination.remote} answers in {seconds:.2f} s.", ""
