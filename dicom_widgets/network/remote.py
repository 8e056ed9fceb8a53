"""A remote AE: where it is, how things are fetched from it, how long to wait for it."""

from __future__ import annotations

import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeGuard

from pynetdicom.presentation import build_context

from dicom_widgets.config import AE_TITLE, is_ae_title
from dicom_widgets.dicom.conformance import EXPLICIT, IMPLICIT, VERIFICATION
from dicom_widgets.dicom.statuses import explain
from dicom_widgets.errors import AssociationAborted
from dicom_widgets.network.association.association import answered
from dicom_widgets.network.association.operation import operation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dicom_widgets.network.association.local import LocalAE
    from dicom_widgets.sources.cancellation import Cancellation

WAYS: Final = ("C-GET", "C-MOVE", "WADO-URI")


@dataclass(frozen=True)
class RemoteAE:
    """A remote application entity: where it is, how things are fetched from it, how long to wait.

    Parameters
    ----------
    ae_title, host, port
        The peer's AE title (at most 16 characters; upper and lower case count), host and port.
    way : "C-GET", "C-MOVE" or "WADO-URI"
        How instances are retrieved, unless a retrieval says otherwise.
    wado_uri : str, optional
        Base address of its WADO-URI service.
    store_from : tuple of (AE title, host or network)
        Further peers that may answer a C-MOVE.
    tls : ssl.SSLContext, optional
        Secures the association, as `ssl.create_default_context()` makes it.
    identity : str or (str, str), optional
        Who we are, for a peer that asks (PS3.7 D.3.3.7): a user name, or a user name and a password.
    auth : str or (str, str), optional
        Credentials for WADO-URI: (user, password), also as "user:password", or a token.
    http_tls : ssl.SSLContext, optional
        Secures WADO-URI where the certificates of the system do not do.
    http_parallel : int
        WADO-URI requests that are under way at the same time.
    connect_timeout, acse_timeout, dimse_timeout, http_timeout : float
        Seconds: for the TCP connection, for answers to association requests, between two messages of an operation,
        for an HTTP answer.
    invented : bool
        Whether its patients are invented ones, as the practice PACS's: nothing is masked.

    """

    ways: ClassVar[tuple[str, ...]] = WAYS
    ae_title: str
    host: str
    port: int
    way: str = "C-GET"
    wado_uri: str | None = None
    store_from: tuple[tuple[str, str], ...] = ()
    tls: ssl.SSLContext | None = None
    identity: str | tuple[str, str] | None = field(default=None, repr=False)
    auth: str | tuple[str, str] | None = field(default=None, repr=False)
    http_tls: ssl.SSLContext | None = None
    http_parallel: int = 4
    connect_timeout: float = 5
    acse_timeout: float = 10
    dimse_timeout: float = 30
    http_timeout: float = 30
    invented: bool = False

    def __post_init__(self) -> None:
        for name in ("identity", "auth"):
            if isinstance(given := vars(self)[name], list):  # a configuration file has no tuples
                object.__setattr__(self, name, tuple(given))
        for wrong in _wrong(dict(vars(self))):
            raise ValueError(wrong)
        object.__setattr__(self, "store_from", _peers(self.store_from))

    def __str__(self) -> str:
        return f"{self.ae_title} at {self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"RemoteAE({self.ae_title!r}, {self.host!r}, {self.port}, way={self.way!r})"

    def echo(self, ours: LocalAE, cancellation: Cancellation) -> float:
        """Verify the connection by C-ECHO (PS3.4 A); return the seconds that it took.

        Raises
        ------
        NetworkError
            With the reason in words.
        Cancelled

        """
        start = time.perf_counter()
        contexts = [build_context(VERIFICATION, [EXPLICIT, IMPLICIT])]
        with operation(self, ours, contexts, cancellation) as (_, association):
            status = association.send_c_echo()
            code = answered(status, self, "C-ECHO")
        if code:
            raise AssociationAborted(f"{self} answered the C-ECHO with a failure: {explain(code)}.")
        return time.perf_counter() - start


def _wrong(given: dict[str, Any]) -> Iterator[str]:  # noqa: C901  one line for each argument
    """Yield what is wrong with the arguments; from a file they may be anything."""
    port, host, way, uri = given["port"], given["host"], given["way"], given["wado_uri"]
    if not is_ae_title(given["ae_title"]):
        yield f"{given['ae_title']!r} is no AE title: {AE_TITLE}."
    if not _is_whole(port) or not 0 < port < 65536:
        yield f"{port!r} is no port: a whole number from 1 to 65535; 104 and 11112 are common."
    if not isinstance(host, str) or not host.strip():
        yield f"{host!r} is no host: give a name or an address."
    if way not in WAYS:
        yield f"The way {way!r} is not known; {', '.join(WAYS)} are."
    if uri is not None and not str(uri).startswith(("http://", "https://")):
        yield "wado_uri: give an address that begins with https:// or http://."  # it may hold a password
    if not _is_whole(given["http_parallel"]) or not 0 < given["http_parallel"] <= 32:
        yield f"http_parallel={given['http_parallel']!r}: give a number from 1 to 32."
    for name in ("tls", "http_tls"):
        if given[name] is not None and not isinstance(given[name], ssl.SSLContext):
            yield f"{name}={given[name]!r}: pass an ssl.SSLContext, as ssl.create_default_context() makes it."
    for name in ("identity", "auth"):
        if given[name] is not None and not _is_credential(given[name]):
            yield f"{name} is a text, or a pair of user name and password."  # nothing secret in it
    for name in ("connect_timeout", "acse_timeout", "dimse_timeout", "http_timeout"):
        seconds = given[name]
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not seconds > 0:
            yield f"{name}={seconds!r}: give the seconds, more than 0."


def _is_whole(given: object) -> TypeGuard[int]:
    return isinstance(given, int) and not isinstance(given, bool)


def _is_credential(given: object) -> bool:
    """Whether it is a text, or a pair of them."""
    if isinstance(given, tuple):
        return len(given) == 2 and all(isinstance(g, str) for g in given)
    return isinstance(given, str)


def _peers(given: Any) -> tuple[tuple[str, str], ...]:
    """Return (AE title, host or network) pairs; a configuration file has lists."""
    pairs = [] if isinstance(given, str) else [tuple(p) for p in given if not isinstance(p, str)]
    if len(pairs) != len(given) or any(len(p) != 2 or not is_ae_title(p[0]) for p in pairs):
        raise ValueError(f"store_from={given!r}: give pairs of AE title and host or network.")
    return tuple((title, str(host)) for title, host in pairs)
