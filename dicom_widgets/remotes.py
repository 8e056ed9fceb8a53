"""The remote AEs that a user has to choose from: the configured ones, else the practice PACS."""

from __future__ import annotations

from dicom_widgets import config
from dicom_widgets.errors import ConfigError
from dicom_widgets.practice import PracticePacs
from dicom_widgets.session import default_session
from dicom_widgets.sources.remote import RemoteAE


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
        pacs = default_session().own("practice", PracticePacs, PracticePacs.close)
        return {"Practice PACS": pacs.remote}
    found = {}
    for name, arguments in known.items():
        try:
            found[name] = RemoteAE(**arguments)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"[remotes.{name}] in {config.path()} is not right: {error}") from error
    return found
