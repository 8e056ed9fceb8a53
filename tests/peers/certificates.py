"""Certificates for TLS on loopback, made by openssl."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.peers.loopback import HOST, tool

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """A certificate with its key, in files."""

    certificate: Path
    key: Path


class Authority:
    """An authority that makes certificates in a folder.

    Parameters
    ----------
    folder
        Where the files go.
    name
        Whose they are.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self.certificate, self._key = folder / f"{name}.pem", folder / f"{name}.key"
        _openssl("req", "-x509", "-nodes", *_NEW_KEY, self._key, "-out", self.certificate, "-subj", f"/CN={name}")

    def issue(self, name: str, *, host: str = HOST, expired: bool = False) -> Certificate:
        """Make a certificate for a host."""
        stem = self._folder / f"{self._name}-{name}"
        made = Certificate(stem.with_suffix(".pem"), stem.with_suffix(".key"))
        request, extensions = stem.with_suffix(".csr"), stem.with_suffix(".ext")
        alternatives = f"IP:{host}" if host[0].isdigit() else f"DNS:{host}"
        extensions.write_text(f"subjectAltName={alternatives}\n")
        _openssl("req", "-nodes", *_NEW_KEY, made.key, "-out", request, "-subj", f"/CN={host}")
        days = "-1" if expired else "30"
        signed = ("-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial", "-days", days)
        _openssl("x509", "-req", "-in", request, *signed, "-extfile", extensions, "-out", made.certificate)
        return made

    def client(self, own: Certificate | None = None) -> ssl.SSLContext:
        """Return a TLS context for a client: it trusts this authority."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        if own is not None:
            context.load_cert_chain(own.certificate, own.key)
        return context

    def server(self, own: Certificate, *, mutual: bool = True) -> ssl.SSLContext:
        """Return a TLS context for a server; with `mutual` clients need a certificate of this authority."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.certificate))
        context.load_cert_chain(own.certificate, own.key)
        if mutual:
            context.verify_mode = ssl.CERT_REQUIRED
        return context


_NEW_KEY = ("-newkey", "rsa:2048", "-keyout")


def _openssl(*arguments: object) -> None:
    subprocess.run([tool("openssl") or "openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
