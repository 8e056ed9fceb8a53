"""The remote AEs of the configuration file; where there are none, the practice PACS."""

from __future__ import annotations

import ssl
from typing import Any

from dicom_widgets import config
from dicom_widgets.errors import ConfigError
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.session.session import default_session

_TLS = ("tls", "http_tls")


def remotes() -> dict[str, RemoteAE]:
    """Return the preconfigured remote AEs by name.

    They stand in the file that $DICOM_WIDGETS_CONFIG names, else in dicom_widgets/remotes.toml in the user's
    configuration folder. Where none is configured, a practice PACS is started: it belongs to the default session.

    Raises
    ------
    ConfigError

    """
    known = config.load().remotes
    if not known:
        from dicom_widgets.practice import PracticePacs  # only who has no remote AE of his own needs it

        pacs = default_session().own("practice", PracticePacs, PracticePacs.close)
        return {"Practice PACS": pacs.remote}
    found = {}
    for name, arguments in known.items():
        try:
            given: dict[str, Any] = {k: _context(v) if k in _TLS else v for k, v in arguments.items()}
            found[name] = RemoteAE(**given)
        except (TypeError, ValueError, OSError) as error:
            raise ConfigError(f"[remotes.{name}] in {config.path()} is not right: {error}") from error
    return found


def _context(given: Any) -> ssl.SSLContext | None:
    """Return the TLS context of a remote, with the system's authorities, or as a table says (ca, certificate, key)."""
    if isinstance(given, bool):
        return ssl.create_default_context() if given else None
    if not isinstance(given, dict) or given.keys() - {"ca", "certificate", "key"}:
        raise ValueError("tls is true, false, or a table with the paths ca, certificate and key.")
    context = ssl.create_default_context(cafile=given.get("ca"))
    if "certificate" in given:
        context.load_cert_chain(given["certificate"], given.get("key"))
    return context
