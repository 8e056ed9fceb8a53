"""The doctor's steps on our side: the configuration, and our own listener."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

from dicom_widgets.config import AE_TITLE, is_ae_title
from dicom_widgets.network.association.addresses import is_here, is_loopback, is_wildcard
from dicom_widgets.network.doctor.examination import NotTried
from dicom_widgets.network.doctor.tls import unverified
from dicom_widgets.network.remote import RemoteAE

if TYPE_CHECKING:
    from dicom_widgets.network.doctor.examination import Examination
    from dicom_widgets.sources.way import Outcome

_ANSWER: Final = 3.0
"""Seconds that our own listener has for an answer."""


def configuration(examination: Examination) -> Outcome:
    """Check our own configuration before anything is sent."""
    ours, remote = examination.ours, examination.remote
    words = f"We are {ours.ae_title!r}; instances of a C-MOVE are received at {ours.host}:{ours.port}."
    if not is_ae_title(ours.ae_title):
        return False, words, f"{ours.ae_title!r} is no AE title: {AE_TITLE}."
    here = is_here(remote.host)
    if here and remote.port == ours.port:
        return False, f"{words} {remote} has the same port.", "Give us another one: Session(listen_port=...)."
    if here or not is_loopback(ours.host):
        return True, words, ""
    words += f" Only this machine reaches that address, and {remote.host} is another one, so no C-MOVE would arrive."
    fix = "For C-MOVE open the listener to the network: Session(listen_host='0.0.0.0'). C-GET needs no listener."
    return (False if remote.ways[remote.way].listens else None), words, fix


def listener(examination: Examination) -> Outcome:
    """Send a C-ECHO to our own listener."""
    receiver, ours = examination.listen(), examination.ours
    host = ("::1" if ":" in ours.host else "127.0.0.1") if is_wildcard(ours.host) else ours.host
    if ours.tls is not None and ours.tls.verify_mode != ssl.CERT_NONE:
        raise NotTried("our listener wants certificates of its callers, and this examination has none")
    own = RemoteAE(
        ours.ae_title,
        host,
        receiver.port,
        tls=unverified() if ours.tls else None,
        connect_timeout=_ANSWER,
        acse_timeout=_ANSWER,
        dimse_timeout=_ANSWER,
    )
    seconds = own.echo(ours, examination.cancellation)
    words = f"Our listener {ours.ae_title!r} at {ours.host}:{receiver.port} answers a C-ECHO of this machine"
    return True, f"{words} in {seconds:.2f} s.", ""
