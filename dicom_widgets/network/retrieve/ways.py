"""The ways of retrieval: generators of one signature that put instances into a sink and tell the progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from dicom_widgets.media.read import read_media
from dicom_widgets.network.retrieve.get import c_get
from dicom_widgets.network.retrieve.move import c_move
from dicom_widgets.network.web.wado import wado_uri

if TYPE_CHECKING:
    from dicom_widgets.sources.order import Order
    from dicom_widgets.sources.retrieval import Progress

Way = Callable[["Order"], "Iterator[Progress]"]

WAYS: Final[dict[str, Way]] = {"C-GET": c_get, "C-MOVE": c_move, "WADO-URI": wado_uri, "Read": read_media}
"""How instances are fetched."""
