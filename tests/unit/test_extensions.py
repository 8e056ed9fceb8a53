"""What `dw.extensions` shows is all that another package needs; each kind of row has its own tests in its room."""

from __future__ import annotations

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets import extensions
from dicom_widgets.display.picture.shown import page
from dicom_widgets.measurements.figures import Figures
from tests import samples
from tests.unit.sources.shelf import Shelf

TOY = extensions.StorageClass("1.2.826.0.1.3680043.10.543.9", "Toy Storage", "toy")
CROSS = extensions.MeasurementKind("cross", 2, lambda points: (points,), lambda *_: Figures((("size", 7.0, "mm"),)))


class Spot:
    """Something that `viewport.add` knows nothing of."""


def spot(request):
    instance, frame = request.here
    return extensions.LayerValues({(instance.uid, frame): lambda: np.eye(4, 6, dtype=bool)}, None, "spot")


def test_everything_comes_is_used_and_goes(session):
    """A SOP class, a tool, a measurement, a layer, a way and a source."""
    toy, ct = samples.plain(TOY.uid), samples.image(np.arange(24, dtype=np.int16).reshape(4, 6))
    session.load(toy), session.load(ct)
    viewport = dw.Viewport(session, str(ct.SOPInstanceUID))
    before = session.present(toy.SOPInstanceUID).html
    remote = dw.RemoteAE("PACS", "127.0.0.1", 104)
    with (
        extensions.add_presenter(TOY, lambda _: page("toy", "A toy", "It is one.", [], {"stages": []})),
        extensions.add_tool(extensions.Tool("stamp", script="export default {};")),
        extensions.add_measurement(CROSS),
        extensions.add_layer(Spot, spot),
        extensions.add_way(extensions.Way("Pigeon", lambda _: iter(()))),
    ):
        assert "It is one." in session.present(toy.SOPInstanceUID).html
        viewport.tool = "stamp"
        assert viewport.measure("cross", (1, 1), (2, 2)).figures["size"] == 7
        assert viewport.add(Spot()).name == "spot"
        assert "Pigeon" in remote.ways
    assert session.present(toy.SOPInstanceUID).html == before
    with pytest.raises(ValueError, match="cross"):
        viewport.measure("cross", (1, 1), (2, 2))
    with pytest.raises(TypeError, match="Spot"):
        viewport.add(Spot())
    assert "Pigeon" not in remote.ways
    shelf = Shelf(samples.image(samples.ramp(0, 16)))
    assert isinstance(shelf, extensions.Source)
    assert session.find(shelf).one().source is shelf
