"""A peer: where a remote AE is, how long to wait for it, who we are there."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

from dicom_widgets.config import AE_TITLE, is_ae_title
from dicom_widgets.sources.catalog import Queryable

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Peer(Queryable):
    """The values of a remote AE; `RemoteAE` has the same, says what each of them is, and adds what can be done with it.

    Associations, services and ways of retrieval take a Peer. `RemoteAE` starts them and so imports them; if they were
    written for a `RemoteAE`, they would have to import it in turn.
    """

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
    pending_timeout: float = 600

    def __post_init__(self) -> None:
        for name in ("identity", "auth"):
            if isinstance(given := vars(self)[name], list):  # a configuration file has no tuples
                object.__setattr__(self, name, tuple(given))
        for wrong in _wrong(dict(vars(self))):
            raise ValueError(wrong)
        object.__setattr__(self, "store_from", _peers(self.store_from))

    def __str__(self) -> str:
        return f"{self.ae_title} at {self.host}:{self.port}"


def _wrong(given: dict[str, Any]) -> Iterator[str]:  # noqa: C901  one line for each argument
    """Yield what is wrong with the arguments; from a file they may be anything."""
    port, host, uri = given["port"], given["host"], given["wado_uri"]
    if not is_ae_title(given["ae_title"]):
        yield f"{given['ae_title']!r} is no AE title: {AE_TITLE}."
    if not _is_whole(port) or not 0 < port < 65536:
        yield f"{port!r} is no port: a whole number from 1 to 65535; 104 and 11112 are common."
    if not isinstance(host, str) or not host.strip():
        yield f"{host!r} is no host: give a name or an address."
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
    for name in ("connect_timeout", "acse_timeout", "dimse_timeout", "pending_timeout", "http_timeout"):
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
