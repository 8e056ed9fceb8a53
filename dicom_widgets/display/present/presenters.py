"""The presenters: kind of object -> what is shown of it. Other packages may add theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.conformance import STORAGE
from dicom_widgets.display.picture.shown import Shown
from dicom_widgets.display.present.attributes import present_attributes
from dicom_widgets.display.present.image import present_image
from dicom_widgets.display.present.request import Request
from dicom_widgets.registry import Registration, Registry

if TYPE_CHECKING:
    from dicom_widgets.dicom.conformance import StorageClass

Presenter = Callable[[Request], Shown]

PRESENTERS: Final = Registry[str, Presenter]("A presenter of a kind", {"image": present_image})
"""Kind of a SOP class -> presenter; an object of another kind is shown as a page of its attributes."""


def register(storage_class: StorageClass, presenter: Presenter) -> Registration:
    """Add a SOP class of a new kind, and what presents it.

    The class is then negotiated by associations that are opened, and listeners that are started, from now on; its
    objects are shown by the presenter in every session. Further classes of the same kind are added by
    `STORAGE.register(uid, storage_class)`.

    Parameters
    ----------
    storage_class : StorageClass
        Its `kind` is the name of the new kind.
    presenter : callable
        Takes a `Request` and returns a `Picture` or a `Page`.

    Returns
    -------
    Registration
        Closing it takes both out again: objects that are held become pages of their attributes.

    Raises
    ------
    ValueError
        The class or the kind is there already.

    """
    shown = PRESENTERS.register(storage_class.kind, presenter)
    try:
        known = STORAGE.register(storage_class.uid, storage_class)
    except ValueError:
        shown.close()
        raise

    def end() -> None:
        known.close()
        shown.close()

    return Registration(end)


def presenter(kind: str) -> Presenter:
    """Return what presents a kind; its annotation says whether that is a Picture, a Page, or one of them."""
    return PRESENTERS.get(kind, present_attributes)


def present(request: Request) -> Shown:
    """Return what is shown of an instance; of an unknown kind, a page of its attributes."""
    return presenter(request.instance.kind)(request)
