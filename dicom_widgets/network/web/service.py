"""A WADO-URI service: its address, our credentials, and how the connection is secured."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, quote, unquote, urljoin, urlsplit

import requests
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
from urllib3.util import Timeout

from dicom_widgets.dicom.conformance import IMPLEMENTATION_VERSION_NAME
from dicom_widgets.dicom.values import text
from dicom_widgets.errors import ConnectionFailed
from dicom_widgets.network.web.body import Refused

if TYPE_CHECKING:
    from requests import PreparedRequest

    from dicom_widgets.dicom.entities import Entity
    from dicom_widgets.network.peer import Peer

TYPE: Final = "application/dicom"


class WebService:
    """The WADO-URI service of a peer: makes requests, and says why there is no connection.

    Raises
    ------
    ValueError
        There is no address, it cannot be used, or the credentials cannot be sent.

    """

    def __init__(self, remote: Peer) -> None:
        if remote.wado_uri is None:
            raise ValueError(f"{remote} has no wado_uri: give it as RemoteAE(..., wado_uri='https://...').")
        self.remote = remote
        try:
            parts = urlsplit(remote.wado_uri)
            login, _, host = parts.netloc.rpartition("@")
            address = parts._replace(netloc=host, fragment="").geturl()
            self._first = requests.Request("GET", address, headers=_headers(_credentials(remote, login))).prepare()
        except (ValueError, OSError) as error:
            if isinstance(error, _Unsendable):
                raise
            raise ValueError(  # what is wrong with it is not quoted: it may hold a password
                f"The wado_uri of {remote} is no address that can be used. Write it as https://host:port/path."
            ) from None
        self.context = remote.http_tls or self._trusting()
        self.timeout = Timeout(connect=remote.connect_timeout, read=remote.http_timeout)
        self.patience = remote.http_timeout

    def request(self, entity: Entity) -> PreparedRequest:
        """Return the request for an instance (PS3.18 9.1.2).

        The content type has a literal slash: some peers compare it without decoding it.
        """
        made, base = self._first.copy(), self._first.url or ""
        given = urlsplit(base).query
        terms = {"requestType": "WADO", "studyUID": entity.path[0], "seriesUID": entity.path[1]}
        terms |= {"objectUID": entity.uid, "contentType": TYPE}
        known = parse_qs(given, keep_blank_values=True)
        query = "&".join(f"{k}={quote(v, safe='/')}" for k, v in terms.items() if k not in known)
        made.url = f"{base}{'&' if given else '' if base.endswith('?') else '?'}{query}"
        return made

    def redirected(self, request: PreparedRequest, location: str) -> PreparedRequest:
        """Return the request that a redirect asks for; another host does not get our credentials (RFC 9110 15.4)."""
        before, made = request.url or "", request.copy()
        try:
            parts = urlsplit(urljoin(before, location))
            after = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
            made.prepare_url(after, None)
        except (ValueError, OSError):
            raise Refused("it redirects to something that is no address. Correct wado_uri") from None
        if parts.scheme not in ("http", "https") or (parts.scheme == "http" and before.startswith("https:")):
            raise Refused("it redirects to where nothing is secured, which is refused. Correct wado_uri")
        if requests.Session().should_strip_auth(before, after):
            made.headers.pop("Authorization", None)
        return made

    def environment(self, request: PreparedRequest) -> Any:
        """Return the proxies, and the authorities to be trusted (`verify`), as the environment names them."""
        with requests.Session() as session:
            return session.merge_environment_settings(request.url or "", {}, True, None, None)

    def unreachable(self, request: PreparedRequest, error: BaseException) -> ConnectionFailed:
        """Say why there is no connection."""
        words = f"{_unreachable(_plain(request), self.remote, error)}"
        if select_proxy(request.url or "", self.environment(request)["proxies"]):
            words += " The environment names a proxy for it (HTTP_PROXY, HTTPS_PROXY, NO_PROXY)."
        return ConnectionFailed(words)

    def _trusting(self) -> ssl.SSLContext | None:
        """Return one context for all connections, unless the environment names other authorities."""
        if not (self._first.url or "").startswith("https:"):
            return None
        named = self.environment(self._first)["verify"] is not True
        return None if named else ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)


class _Unsendable(ValueError):
    """Credentials that HTTP cannot carry."""


def _credentials(remote: Peer, login: str) -> str:
    """Return the Authorization header (RFC 7617, RFC 6750), or nothing; `auth` precedes a login in the address."""
    given = remote.auth or (unquote(login) if login else None)
    if not given:
        return ""
    if isinstance(given, tuple) or ":" in given:
        pair = ":".join(given) if isinstance(given, tuple) else given
        return f"Basic {b64encode(pair.encode()).decode()}"
    token = given.strip().removeprefix("Bearer ")
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise _Unsendable(f"The token of {remote} (auth=) has characters that cannot be sent. Copy it again.")
    return f"Bearer {token}"


def _headers(authorization: str) -> dict[str, str]:
    """Return the headers of every request; no compression, which takes a peer ten times as long as sending."""
    always = {"Accept": TYPE, "Accept-Encoding": "identity", "User-Agent": IMPLEMENTATION_VERSION_NAME}
    return {**always, "Authorization": authorization} if authorization else always


def origin(request: PreparedRequest) -> str:
    """Return scheme, host and port of a request (RFC 6454)."""
    return "/".join((request.url or "").split("/", 3)[:3])


def _plain(request: PreparedRequest) -> str:
    """Return the address of a request without what may be secret: login, query and fragment."""
    parts = urlsplit(request.url or "")
    return text(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl())


def _unreachable(address: str, remote: Peer, error: BaseException) -> str:
    """Say why there is no connection, and what to do."""
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return f"The host name in {address} (WADO-URI of {remote}) is not known here. Correct it, or use the address."
    if isinstance(error, ConnectionRefusedError):
        return f"Nothing listens at {address} (WADO-URI of {remote}). Is its web server running, is this its port?"
    if isinstance(error, TimeoutError):
        return (
            f"{address} (WADO-URI of {remote}) did not answer the connection within {remote.connect_timeout:g} s. The"
            " address may be wrong, the port may not speak this protocol, or a firewall may be in between."
        )
    names = ("verify_message", "reason", "strerror")
    known = str(error) if isinstance(error, OSError) else ""  # others may quote the request
    why = str(next(filter(None, (getattr(error, n, None) for n in names)), known or type(error).__name__)).rstrip(".")
    if isinstance(error, ssl.SSLError) or (address.startswith("https:") and isinstance(error, ConnectionError)):
        return (
            f"There is no secure connection to {address} (WADO-URI of {remote}): {text(why)}. Does it speak TLS at this"
            " port, is its certificate made for this host by an authority that http_tls= trusts, and does it want one"
            " of ours?"
        )
    return f"There is no way to {address} (WADO-URI of {remote}): {text(why)}. Correct the address or the network."
