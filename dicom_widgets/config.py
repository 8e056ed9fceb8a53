"""The configuration file (TOML: remote AEs, our AE title, the listener's port), and the options of this process.

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
"""Arguments of RemoteAE that are secrets: the file has the name of an environment variable instead."""
_CHOICES: Final[dict[str, tuple[object, ...]]] = {
    "phi": ("live", "mask", "show"),
    "static": (False, True),
    "script": (False, True),
}
AE_TITLE = "1 to 16 characters of ASCII, none of them a backslash or a control character (PS3.5 6.2)"


@dataclass
class Options:
    """Options of this process (`dw.options`).

    Unknown names and values raise an error when they are set: a misspelt "mask" must not show names.
    """

    phi: Literal["live", "mask", "show"] = "live"
    """Where names, IDs and dates of patients appear.

    "live": in live widgets, and not in what a saved notebook keeps (tables, `repr`s, pages, errors, PNGs), which says
    `•••` instead, unless the patient is one of the practice PACS's. "mask": nowhere, invented patients included.
    "show": everywhere. Access to data is never masked; `dicom/privacy.py` says which attributes these are.
    """
    static: bool = False
    """Whether a saved notebook keeps a picture of each view, as it was when it was displayed."""

    script: bool = True
    """Whether views are painted by the page's script; False where that is blocked, then the kernel draws them."""

    pixel_pitch: float | None = None
    """Millimetres from one pixel of the screen to the next, for true sizes: 25.4 / dpi by the data sheet of the screen.
    With None the page takes what the user matched with a card or a ruler there."""

    luminance: tuple[float, float] | None = None
    """Luminance of black and of white on the display in cd/m², measured with the light of the room.

    Images that are presented from then on are painted by the Grayscale Standard Display Function (PS3.14), from these
    two numbers and a display function with a power of 2.2. It is the user's statement: nothing is measured. None paints
    P-values as they are.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an option, or raise AttributeError or ValueError with what there is to choose from."""
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
"""Smallest and largest pixel of a screen in millimetres, from a telephone to a video wall."""


def is_pitch(value: object) -> bool:
    """Whether a value can be the distance of two pixels of a screen in millimetres."""
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
    """Return the path of the configuration file, whether or not it exists."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else Path(platformdirs.user_config_dir("dicom_widgets")) / "remotes.toml"


def load() -> Config:
    """Read the configuration file; where there is none, return the defaults.

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
    _check(where, content)
    remotes = {name: _with_secrets(name, dict(table)) for name, table in content.get("remotes", {}).items()}
    return Config(**{**content, "remotes": remotes})


def _check(where: Path, content: dict[str, Any]) -> None:
    """Raise ConfigError for an entry of a wrong type; RemoteAE checks what is in the tables of the remotes."""
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
    """Whether a value is an AE title (PS3.5 6.2)."""
    return (
        isinstance(title, str)
        and 0 < len(title.strip()) <= len(title) <= 16
        and title.isascii()
        and title.isprintable()
        and "\\" not in title
    )


def _with_secrets(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a remote, with secrets in place of the names of environment variables."""
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
