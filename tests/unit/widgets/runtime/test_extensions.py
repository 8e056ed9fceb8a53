"""Tools and kinds of layers from outside of the package: they come, are used from the kernel's side, and go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import traitlets

import dicom_widgets as dw
from dicom_widgets.measurements import kinds
from dicom_widgets.measurements.figures import Figures
from dicom_widgets.measurements.kind import MeasurementKind, as_given
from dicom_widgets.widgets import tools
from dicom_widgets.widgets.tools import TOOLS, Tool
from dicom_widgets.widgets.viewport import layer_kinds
from dicom_widgets.widgets.viewport.layer_kinds import LayerValues
from tests.unit.widgets.talk import Talk

STAMP = Tool("stamp", "Stamp", "j", "export default {down: () => null, move() {}, up() {}};")


@pytest.fixture
def session():
    with dw.Session(listen_port=0, memory_limit=1 << 28) as session:
        yield session


@pytest.fixture
def viewport(session):
    return dw.view(np.stack([np.full((4, 6), 10 * i, np.int16) for i in range(5)]), session)


def extensions(talk):
    return [c for c in talk.said if c["type"] == "extensions"]


def test_without_a_row_from_outside_a_page_hears_nothing_of_extensions(viewport):
    runtime, page = Talk(viewport.runtime), Talk(viewport)
    page.tell("ready")
    page.until(lambda c: "series" in c)
    assert extensions(runtime) == []


def test_a_tool_comes_is_taken_up_and_goes(viewport):
    runtime, page = Talk(viewport.runtime), Talk(viewport)
    with pytest.raises(traitlets.TraitError):
        viewport.tool = "stamp"
    with tools.register(STAMP):
        row = {"name": "stamp", "label": "Stamp", "key": "j", "script": STAMP.script}
        assert [c["tools"] for c in extensions(runtime)] == [[row]]
        page.tell("ready")
        assert [c["tools"] for c in extensions(runtime)] == [[row], [row]]
        viewport.tool = "stamp"
        state = page.until(lambda c: c["type"] == "state" and c["tool"] == "stamp")
    assert extensions(runtime)[-1] == {"type": "extensions", "tools": [], "measurements": []}
    settled = {name: state[name] for name in state["fields"]}
    page.tell("settle", n=1, **settled)  # its page has not heard yet that the tool is gone
    assert viewport.tool == "window"
    assert "stamp" not in TOOLS


def test_a_kind_of_measurement_with_a_script_is_told(viewport):
    runtime = Talk(viewport.runtime)
    kind = MeasurementKind("cross", 2, as_given, lambda *_: Figures(), script="export default {};")
    with kinds.register(kind):
        assert extensions(runtime)[-1]["measurements"] == [{"name": "cross", "script": "export default {};"}]
    assert extensions(runtime)[-1]["measurements"] == []


@dataclass
class Spot:
    """Something that `viewport.add` knows nothing of."""

    row: int
    column: int


def spots(request):
    values = np.zeros(request.here[0].size, bool)
    values[request.what.row, request.what.column] = True
    instance, frame = request.here
    return LayerValues({(instance.uid, frame): lambda: values}, None, "spot")


@pytest.mark.parametrize("kind", [Spot, lambda what: hasattr(what, "column")], ids=["type", "predicate"])
def test_a_kind_of_layer_comes_is_laid_over_and_goes(viewport, kind):
    with pytest.raises(TypeError, match="Spot"):
        viewport.add(Spot(1, 2))
    bare = viewport.picture().rgba()
    with layer_kinds.register(kind, spots):
        layer = viewport.add(Spot(1, 2), opacity=1)
        assert layer.name == "spot"
        assert np.argwhere((viewport.picture().rgba() != bare).any(axis=2)).tolist() == [[1, 2]]
        assert viewport.add(np.ones((4, 6), bool)).name == "layer 1"  # what was there before is taken as before
    with pytest.raises(TypeError, match="Spot"):
        viewport.add(Spot(1, 2))
    assert np.argwhere((viewport.picture().rgba() != bare).any(axis=2)).shape == (24, 2)  # what was added stays
