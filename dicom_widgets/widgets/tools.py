"""The tools of a viewport: what the left button does. Other packages may add some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dicom_widgets.registry import Registry

if TYPE_CHECKING:
    from dicom_widgets.registry import Registration


@dataclass(frozen=True)
class Tool:
    """A tool of the viewport.

    The page's script knows the tools of this package itself; a tool from outside brings its own script.
    """

    name: str
    """What it is called in code: `viewport.tool = name`."""
    label: str = ""
    """What its button says."""
    key: str = ""
    """The key that takes it up."""
    script: str = ""
    """The text of an ES module. Its default export has the functions `down`, `move` and `up`, as the rows of `TOOLS` in
    the page's script have; empty for the tools of this package."""


TOOLS: Final[Registry[str, Tool]] = Registry(
    "A tool",
    {
        name: Tool(name)
        for name in (
            *("window", "levels", "pan", "zoom", "scroll", "probe"),
            *("length", "angle", "rectangle", "ellipse", "magnifier", "crosshair"),
        )
    },
)
"""Name -> tool."""


def register(tool: Tool) -> Registration:
    """Add a tool; closing what is returned takes it away again.

    Raises
    ------
    ValueError
        There is a tool of this name already.

    """
    return TOOLS.register(tool.name, tool)
