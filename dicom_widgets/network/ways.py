"""The table of the ways of retrieving from a remote AE; each row comes from the module that implements it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.network.retrieve.get import C_GET
from dicom_widgets.network.retrieve.move import C_MOVE
from dicom_widgets.network.web.wado import WADO_URI
from dicom_widgets.registry import Registry

if TYPE_CHECKING:
    from dicom_widgets.network.peer import Peer
    from dicom_widgets.sources.way import Way

WAYS: Final[Registry[str, Way[Peer]]] = Registry(
    "A way of retrieval", {way.name: way for way in (C_GET, C_MOVE, WADO_URI)}
)
"""Name -> way, in the order in which users see them. `WAYS.register` adds a way to all remote AEs."""
