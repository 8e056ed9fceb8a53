"""What other packages add to the page's script: tools, and kinds of measurements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.measurements.kinds import KINDS
from dicom_widgets.widgets.tools import TOOLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.widgets.runtime.kernel_messages import Extensions


def extensions() -> Extensions:
    """Return the rows from outside of this package as pages get them: those that bring a script."""
    return {
        "type": "extensions",
        "tools": [
            {"name": t.name, "label": t.label, "key": t.key, "script": t.script} for t in TOOLS.values() if t.script
        ],
        "measurements": [{"name": k.name, "script": k.script} for k in KINDS.values() if k.script],
    }


def watch(action: Callable[[], None]) -> Callable[[], None]:
    """Call something after each row that comes or goes; return what ends that."""
    ends = TOOLS.watch(action), KINDS.watch(action)

    def end() -> None:
        for one in ends:
            one()

    return end
