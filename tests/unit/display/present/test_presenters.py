"""A SOP class and its presenter from outside of the package: its objects are shown so, until it is taken away."""

from __future__ import annotations

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.dicom.conformance import STORAGE, StorageClass, storage_name
from dicom_widgets.display.picture.layer import Color
from dicom_widgets.display.picture.shown import page
from dicom_widgets.display.present import presenters
from dicom_widgets.display.present.presenters import PRESENTERS
from dicom_widgets.network.retrieve.negotiation import plan
from tests import samples

TOY = StorageClass("1.2.826.0.1.3680043.10.543.1", "Toy Storage", "toy")


def a_page(request):
    said = request.instance.value("SeriesDescription")
    return page("toy", "A toy", f"It says {said}.", [("Frame", str(request.frame))], {"stages": [], "toy": True})


def a_picture(request):
    """Return a square of the colour that Instance Number says."""
    values = np.full((4, 6, 3), int(request.instance.number("InstanceNumber")), np.uint8)
    return dw.Picture(kind="toy", key=request.instance.uid, layers=(Color(values),), record={"stages": []}, title="Toy")


@pytest.fixture
def session():
    with dw.Session(listen_port=0, memory_limit=1 << 28) as session:
        yield session


def test_a_toy_class_is_shown_by_its_own_presenter_and_then_as_a_page_of_attributes_again(session):
    toy = samples.plain(TOY.uid, SeriesDescription="hello", InstanceNumber=7)
    session.load(toy)
    before = session.present(toy.SOPInstanceUID)
    assert "outside of the classes" in before.record["why"]
    with presenters.register(TOY, a_page):
        shown = session.present(toy.SOPInstanceUID)
        assert isinstance(shown, dw.Page)
        assert "It says hello." in shown.html
        assert shown.record["toy"]
        assert storage_name(TOY.uid) == "Toy Storage"
        assert session.store.get(toy.SOPInstanceUID).kind == "toy"
    after = session.present(toy.SOPInstanceUID)
    assert after.html == before.html
    assert TOY.uid not in STORAGE
    assert TOY.kind not in PRESENTERS


def test_a_toy_class_may_be_a_picture(session):
    toy = samples.plain(TOY.uid, InstanceNumber=7)
    session.load(toy)
    with presenters.register(TOY, a_picture):
        shown = session.present(toy.SOPInstanceUID, window=None)
        assert isinstance(shown, dw.Picture)
        assert shown.rgba((8, 12))[4, 6].tolist() == [7, 7, 7, 255]
    assert isinstance(session.present(toy.SOPInstanceUID), dw.Page)


def test_a_toy_class_is_negotiated_while_it_is_there():
    def offered():
        return {context.abstract_syntax for contexts in plan([]) for context in contexts}

    with presenters.register(TOY, a_page):
        assert TOY.uid in offered()
    assert TOY.uid not in offered()


@pytest.mark.parametrize("taken", [StorageClass(samples.CT, "CT", "toy"), StorageClass("1.2.3", "Toy", "image")])
def test_what_is_there_already_stays_what_it_is(taken):
    with pytest.raises(ValueError, match="is there already"):
        presenters.register(taken, a_page)
    assert "toy" not in PRESENTERS
    assert STORAGE[samples.CT].kind == "image"
