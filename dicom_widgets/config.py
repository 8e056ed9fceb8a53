"""One TOML file: remote AEs, our AE title, the listener's port; and the options of this process.

ae_title = "MY_NOTEBOOK"
listen_port = 11113

[remotes.hospital]
ae_title = "PACS"
host = "pacs.example.org"
port = 104
way = "C-MOVE"
store_from = [["ARCHIVE", "10.1.0.0/16"]]
auth = "PACS_TOKEN"          # the name of an environment variable that holds the token, or user:password
identity = "PACS_USER"       # the same for the association: a user name, or user:password
tls = {ca = "/etc/pacs/ca.pem", certificate = "/etc/pacs/us.pem", key = "/etc/pacs/us.key"}     # or tls = true
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, Literal

import platformdirs

from dicom_widgets.errors import ConfigError

VARIABLE = "DICOM_WIDGETS_CONFIG"
_SECRET = {"auth", "identity"}
"""Arguments of RemoteAE that do not stand in the file."""
_CHOICES: Final[dict[str, tuple[object, ...]]] = {
    "phi": ("live", "mask", "show"),
    "static": (False, True),
    "script": (False, True),
}
AE_TITLE = "1 to 16 characters of ASCII, none of them a backslash or a control character (PS3.5 6.2)"


@dataclass
class Options:
    """Options of this process: `dw.options`; what does not exist is refused: a misspelt "mask" must not show names."""

    phi: Literal["live", "mask", "show"] = "live"
    """Where names, IDs and dates of patients appear: in live widgets, and not in what a saved notebook keeps; nowhere
    ("mask"); everywhere ("show")."""
    static: bool = False
    """Whether a saved notebook keeps a picture of each view, as it was when it was displayed."""

    script: bool = True
    """Whether views are painted by the page's script; False where that is blocked, then the kernel draws them."""

    pixel_pitch: float | None = None
    """Millimetres from one pixel of the screen to the next (the data sheet of the screen says it: 25.4 / its dpi), for
    true sizes; None leaves it to what the user matched in the page."""

    luminance: tuple[float, float] | None = None
    """Luminance of black and of white on the display in cd/m², measured with the light of the room: what is presented
    from then on is painted by the Grayscale Standard Display Function (PS3.14). None takes P-values as they are."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an option, if it can mean something."""
        known = [f.name for f in fields(self)]
        if name not in known:
            raise AttributeError(f"There is no option {name!r}; there are {', '.join(known)}.")
        if name in _CHOICES and value not in _CHOICES[name]:
            raise ValueError(f"dw.options.{name} = {value!r}: give one of {', '.join(map(repr, _CHOICES[name]))}.")
        if name == "pixel_pitch" and value is not None and not is_pitch(value):
            raise ValueError(
                f"dw.options.pixel_pitch = {value!r}: give the millimetres from one pixel of the screen to the next,"
                f" {_PITCHES[0]:g} to {_PITCHES[1]:g}; a screen of 96 pixels an inch has 25.4 / 96 = 0.2646."
            )
        if name == "luminance" and value is not None:
            darkest, brightest = (float(x) for x in value)
            if not 0.05 <= darkest < brightest <= 3993:
                raise ValueError(
                    f"dw.options.luminance = {value!r}: give those of black and of white in cd/m², from 0.05 to 3993,"
                    " (0.5, 400) for example."
                )
            value = darkest, brightest
        super().__setattr__(name, value)


_PITCHES: Final = (0.02, 5.0)
"""Millimetres between which the pixels of all screens lie, from a telephone's to a video wall's."""


def is_pitch(value: object) -> bool:
    """Whether it may be the distance of two pixels of a screen in millimetres."""
    return isinstance(value, int | float) and _PITCHES[0] <= value <= _PITCHES[1]


options = Options()


@dataclass(frozen=True)
class Config:
    """What the configuration file says."""

    ae_title: str = "DICOM_WIDGETS"
    listen_port: int = 11112
    remotes: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Name -> arguments of RemoteAE."""


def path() -> Path:
    """Return where the configuration is looked for, whether or not the file exists."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(platformdirs.user_config_dir("dicom_widgets")) / "remotes.toml"


def load() -> Config:
    """Read the configuration file; without one, the defaults.

    Raises
    ------
    ConfigError
        The file named by the environment is missing, or the file cannot be read or understood.

    """
    where = path()
    if not where.exists():
        if os.environ.get(VARIABLE):
            raise ConfigError(
                f"${VARIABLE} names {where}, which does not exist. Correct the path or unset the variable."
            )
        return Config()
    try:
        content = tomllib.loads(where.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The configuration {where} cannot be read: {error}. Correct that line.") from error
    unknown = sorted(content.keys() - {"ae_title", "listen_port", "remotes"})
    if unknown:
        raise ConfigError(
            f"The configuration {where} has the unknown entry {unknown[0]!r};"
            " known are ae_title, listen_port and [remotes.NAME] tables."
        )
    _checked(where, content)
    return Config(**{**content, "remotes": {k: _secrets(k, dict(v)) for k, v in content.get("remotes", {}).items()}})


def _checked(where: Path, content: dict[str, Any]) -> None:
    """Refuse entries of a kind that they cannot have; what is in the remotes' tables is RemoteAE's to judge."""
    if not is_ae_title(title := content.get("ae_title", "DICOM_WIDGETS")):
        raise ConfigError(f"In the configuration {where} ae_title is {title!r}, which is no AE title: {AE_TITLE}.")
    port = content.get("listen_port", 0)
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port < 65536:
        raise ConfigError(f"In the configuration {where} listen_port is {port!r}; it is a whole number below 65536.")
    tables = content.get("remotes", {})
    wrong = [tables] if not isinstance(tables, dict) else [k for k, v in tables.items() if not isinstance(v, dict)]
    if wrong:
        raise ConfigError(
            f"In the configuration {where} {wrong[0]!r} stands where a table [remotes.NAME] belongs, with ae_title,"
            " host and port."
        )


def is_ae_title(title: object) -> bool:
    """Whether it may be an AE title."""
    return (
        isinstance(title, str)
        and 0 < len(title.strip()) <= len(title) <= 16
        and title.isascii()
        and title.isprintable()
        and "\\" not in title
    )


def _secrets(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Replace the names of environment variables by the secrets in them."""
    for keyword in _SECRET & arguments.keys():
        variable = arguments[keyword]
        if not isinstance(variable, str):
            raise ConfigError(
                f"{keyword} of [remotes.{name}] in {path()} is no text; it is the name of an environment variable"
                " that holds the secret."
            )
        if variable not in os.environ:
            raise ConfigError(
                f"[remotes.{name}] in {path()} takes a secret from ${variable}, which is not set. Set it before the"
                " kernel starts."
            )
        user, colon, password = os.environ[variable].partition(":")
        arguments[keyword] = (user, password) if colon else user
    return arguments
