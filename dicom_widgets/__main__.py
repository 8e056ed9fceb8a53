"""Commands: `demo`, JupyterLab on the quickstart notebook; `doctor`, what works of a connection to a PACS."""

from __future__ import annotations

import argparse
import importlib.util
import os
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dicom_widgets import config
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.network.ways import WAYS
from dicom_widgets.session.remotes import remotes
from dicom_widgets.session.session import Session

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTEBOOK = Path("notebooks") / "01_quickstart.ipynb"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    parser = argparse.ArgumentParser(prog="dicom-widgets", description="A DICOM viewer and PACS client for notebooks.")
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="start JupyterLab on the quickstart notebook, on this machine only")
    demo.add_argument("--no-browser", action="store_true", help="do not open a browser")
    demo.add_argument("--port", type=int, default=8888, help="port to try first (default: %(default)s)")
    _add_doctor(commands.add_parser("doctor", help="say what works of a connection to a PACS, and what to do"))
    chosen = parser.parse_args(arguments)
    return _doctor(chosen) if chosen.command == "doctor" else _demo(chosen.port, browser=not chosen.no_browser)


# --- doctor


def _add_doctor(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the doctor."""
    parser.description = (
        "Try every step of a connection to a PACS, down to one retrieved instance, which is not kept."
        " The exit code is 0 where no step failed, 1 where one did, 2 where the arguments are not right."
    )
    parser.add_argument("peer", metavar="HOST | NAME", help="host of the peer, or the name of a configured remote AE")
    parser.add_argument("port", type=int, nargs="?", help="DICOM port of the peer; with a NAME it is configured")
    peer = parser.add_argument_group("the peer")
    peer.add_argument("--ae-title", metavar="TITLE", help="its AE title; upper and lower case count")
    peer.add_argument(
        "--way", choices=[*WAYS], default=RemoteAE.way, help="how instances will be retrieved (%(default)s)"
    )
    peer.add_argument("--wado-uri", metavar="URI", help="base address of its WADO-URI service")
    peer.add_argument("--identity", metavar="USER", help="who we are, for a peer that asks")
    peer.add_argument(
        "--identity-password", metavar="VARIABLE", help="name of the environment variable with that user's password"
    )
    peer.add_argument("--tls", action="store_true", help="secure the association")
    peer.add_argument("--ca-file", metavar="FILE", help="certificates to trust, instead of the system's")
    peer.add_argument("--cert", metavar="FILE", help="our certificate, for a peer that wants one")
    peer.add_argument("--key", metavar="FILE", help="its private key, if not in the same file")
    ours = parser.add_argument_group("our side")
    ours.add_argument("--our-title", metavar="TITLE", help="our AE title (the configured one)")
    ours.add_argument(
        "--listen-host", metavar="HOST", default="127.0.0.1", help="of the listener of C-MOVE (%(default)s)"
    )
    ours.add_argument("--listen-port", metavar="PORT", type=int, help="of the listener of C-MOVE (the configured one)")


def _doctor(chosen: argparse.Namespace) -> int:
    """Examine a connection and print the findings as they are made."""
    try:
        remote = _remote(chosen)
        session = Session(chosen.our_title, listen_host=chosen.listen_host, listen_port=chosen.listen_port)
    except (DicomWidgetsError, ValueError, OSError) as error:  # what was given is not right
        print(f"dicom-widgets doctor: {error}", file=sys.stderr)
        return 2
    with session:
        try:
            diagnosis = session.doctor(remote, progress=lambda finding: print(finding, flush=True))
        except KeyboardInterrupt:
            print("Interrupted.", file=sys.stderr)
            return 130
    print(f"\n{diagnosis.summary}")
    return 0 if diagnosis.ok else 1


def _remote(chosen: argparse.Namespace) -> RemoteAE:
    """Return the remote AE that was named or described."""
    if chosen.port is None:
        known = remotes() if config.load().remotes else {}
        if chosen.peer not in known:
            names = ", ".join(sorted(known)) or "none"
            raise ValueError(
                f"{chosen.peer!r} is no configured remote AE (there are: {names}). Configure it in {config.path()},"
                " or give host, port and --ae-title."
            )
        return known[chosen.peer]
    if chosen.ae_title is None:
        raise ValueError("A peer is known by host, port and AE title: give --ae-title too.")
    return RemoteAE(
        chosen.ae_title,
        chosen.peer,
        chosen.port,
        way=chosen.way,
        wado_uri=chosen.wado_uri,
        tls=_tls(chosen),
        identity=_identity(chosen),
    )


def _tls(chosen: argparse.Namespace) -> ssl.SSLContext | None:
    if not (chosen.tls or chosen.ca_file or chosen.cert):
        return None
    context = ssl.create_default_context(cafile=chosen.ca_file)
    if chosen.cert:
        context.load_cert_chain(chosen.cert, chosen.key)
    return context


def _identity(chosen: argparse.Namespace) -> str | tuple[str, str] | None:
    """Return user, or user and password; a password on the command line would be seen by every process."""
    if chosen.identity_password is None:
        given: str | None = chosen.identity
        return given
    if chosen.identity is None or chosen.identity_password not in os.environ:
        raise ValueError(
            "--identity-password names an environment variable that holds the password of --identity: set both."
        )
    return chosen.identity, os.environ[chosen.identity_password]


# --- demo


def _demo(port: int, *, browser: bool) -> int:
    if importlib.util.find_spec("jupyterlab") is None:
        print("JupyterLab is not installed; install it with: pip install 'dicom-widgets[lab]'", file=sys.stderr)
        return 1
    root = Path(__file__).resolve().parent.parent
    notebook = root / NOTEBOOK
    if not notebook.exists():
        print(f"{NOTEBOOK} is not here: the demo runs from a clone of the project.", file=sys.stderr)
        return 1
    command = [
        sys.executable, "-m", "jupyterlab",
        f"--LabApp.default_url=/lab/tree/{NOTEBOOK.as_posix()}", "--ServerApp.log_level=WARN",
        "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={root}",
        *(["--no-browser"] if not browser else []),
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
    ]  # fmt: skip
    print("Starting JupyterLab; its address follows. Ctrl-C ends it.", flush=True)
    return os.execv(sys.executable, command)  # noqa: S606  the server takes this process's place, so that signals reach it


if __name__ == "__main__":
    sys.exit(main())
