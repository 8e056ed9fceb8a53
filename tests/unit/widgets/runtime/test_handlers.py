"""Messages find their methods."""

from __future__ import annotations

import inspect
import re

import pytest

from dicom_widgets.widgets.panels.browser import Browser
from dicom_widgets.widgets.panels.doctor import Doctor
from dicom_widgets.widgets.panels.file_panel import FilePanel
from dicom_widgets.widgets.panels.series import SeriesList
from dicom_widgets.widgets.panels.tags import Tags
from dicom_widgets.widgets.runtime import page_messages
from dicom_widgets.widgets.runtime.handlers import handlers_of, handles
from dicom_widgets.widgets.viewer.cells import Cells
from dicom_widgets.widgets.viewer.mpr import MPR
from dicom_widgets.widgets.viewport.viewport import Viewport

WIDGETS = (Browser, Doctor, FilePanel, SeriesList, Tags, Cells, MPR, Viewport)


class Base:
    @handles("ready", "again")
    def answer(self, message):
        return message


class Derived(Base):
    @handles("more")
    def more(self, message):
        return message

    def answer(self, message):
        return [message]


def test_a_class_has_the_table_of_its_bases_and_its_own_methods():
    assert handlers_of(Derived) == {"ready": "answer", "again": "answer", "more": "more"}


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda cls: cls.__name__)
def test_each_handler_takes_a_message_of_a_declared_type(widget):
    """The kinds that a type is for stand in its docstring."""
    assert widget._handlers
    for kind, method in widget._handlers.items():
        (parameter,) = [p for p in inspect.signature(getattr(widget, method)).parameters.values() if p.name != "self"]
        name = str(parameter.annotation).removesuffix(" | None")
        declared = getattr(page_messages, name)
        if declared is not page_messages.PageMessage and kind != "ready":
            assert kind in re.findall(r"`(\w+)`", declared.__doc__.splitlines()[0])
