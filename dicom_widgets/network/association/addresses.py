"""Host names and addresses: whether they are this machine, and who can reach them."""

from __future__ import annotations

import ipaddress
import socket
from contextlib import suppress


def is_loopback(host: str) -> bool:
    """Whether a host is a loopback address, which only this machine reaches."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_here(host: str) -> bool:
    """Whether a host is this machine; True also where its name cannot be resolved, as it may be."""
    try:
        found = {(family, at[0]) for family, _, _, _, at in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return True
    return any(_is_ours(family, str(address)) for family, address in found)


def _is_ours(family: socket.AddressFamily, address: str) -> bool:
    """Whether an address is one of this machine: no other can be bound to."""
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as candidate:
        candidate.bind((address, 0))
        return True
    return False


def is_wildcard(host: str) -> bool:
    """Whether a host stands for every address of this machine."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_unspecified
    return not host
