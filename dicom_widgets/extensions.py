"""What other packages may add to this one; each function adds a row to a table and returns what takes it out again.

```python
with dw.extensions.add_tool(dw.extensions.Tool("stamp", "Stamp", script=text)):
    viewport.tool = "stamp"
```

A source needs no function: every object that fulfils the `Source` protocol can be queried, browsed and retrieved from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dicom_widgets.dicom.conformance import StorageClass
from dicom_widgets.display.present.presenters import register as add_presenter
from dicom_widgets.measurements.kind import MeasurementKind
from dicom_widgets.measurements.kinds import register as add_measurement
from dicom_widgets.network.ways import WAYS
from dicom_widgets.sources.source import Source
from dicom_widgets.sources.way import Way
from dicom_widgets.widgets.tools import Tool
from dicom_widgets.widgets.tools import register as add_tool
from dicom_widgets.widgets.viewport.layer_kinds import LayerRequest, LayerValues
from dicom_widgets.widgets.viewport.layer_kinds import register as add_layer

if TYPE_CHECKING:
    from dicom_widgets.registry import Registration

__all__ = [
    "LayerRequest",
    "LayerValues",
    "MeasurementKind",
    "Source",
    "StorageClass",
    "Tool",
    "Way",
    "add_layer",
    "add_measurement",
    "add_presenter",
    "add_tool",
    "add_way",
]


def add_way(way: Way[Any]) -> Registration:
    """Add a way of retrieving from remote AEs.

    Raises
    ------
    ValueError
        There is a way of this name already.

    """
    return WAYS.register(way.name, way)
