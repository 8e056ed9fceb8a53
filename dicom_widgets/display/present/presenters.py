"""The presenters: kind of object -> what is shown of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.display.present.attributes import present_attributes
from dicom_widgets.display.present.image import present_image

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.display.present.request import Request

PRESENTERS: Final[dict[str, Callable[[Request], Shown]]] = {"image": present_image}
"""Kind -> presenter; kinds that are not here yet are shown as a page of their attributes."""


def presenter(kind: str) -> Callable[[Request], Shown]:
    """Return what presents a kind; its annotation says what that makes of an instance."""
    return PRESENTERS.get(kind, present_attributes)


def present(request: Request) -> Shown:
    """Return what is shown of an instance; of an unknown kind, a page of its attributes."""
    return presenter(request.instance.kind)(request)
