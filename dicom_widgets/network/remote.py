"""A remote AE: a source that is asked by C-FIND and retrieved from by C-GET, C-MOVE or WADO-URI."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from dicom_widgets.dicom.conformance import VERIFICATION
from dicom_widgets.dicom.statuses import explain
from dicom_widgets.errors import AssociationAborted
from dicom_widgets.network.association.association import answered, service_context
from dicom_widgets.network.association.operation import operation
from dicom_widgets.network.peer import Peer
from dicom_widgets.network.query import query
from dicom_widgets.network.ways import WAYS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from dicom_widgets.sources.cancellation import Cancellation
    from dicom_widgets.sources.catalog import Catalog
    from dicom_widgets.sources.local import LocalAE
    from dicom_widgets.sources.way import Way


@dataclass(frozen=True)
class RemoteAE(Peer):
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
    pending_timeout : float
        Seconds in which a peer that keeps saying that a retrieval is pending has to send an instance.
    invented : bool
        Whether its patients are invented ones, as the practice PACS's: nothing is masked.

    """

    ways: ClassVar[Mapping[str, Way[Peer]]] = WAYS
    """Name -> way, of all ways in which it may be retrieved from."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.way not in self.ways:
            raise ValueError(f"The way {self.way!r} is not known; {', '.join(self.ways)} are.")

    def __repr__(self) -> str:
        return f"RemoteAE({self.ae_title!r}, {self.host!r}, {self.port}, way={self.way!r})"

    def catalog(self, ours: LocalAE, cancellation: Cancellation) -> AbstractContextManager[Catalog]:
        """Open an association for queries (C-FIND, PS3.4 C.4.1).

        Raises
        ------
        Cancelled
        NetworkError

        """
        return query(self, ours, cancellation)

    def echo(self, ours: LocalAE, cancellation: Cancellation) -> float:
        """Verify the connection by C-ECHO (PS3.4 A); return the seconds that it took.

        Raises
        ------
        NetworkError
            With the reason in words.
        Cancelled

        """
        start = time.perf_counter()
        with operation(self, ours, [service_context(VERIFICATION)], cancellation) as (_, association):
            status = association.send_c_echo()
            code = answered(status, self, "C-ECHO")
        if code:
            raise AssociationAborted(f"{self} answered the C-ECHO with a failure: {explain(code)}.")
        return time.perf_counter() - start
