"""Links between viewports: where the hand moves one, the others follow.

They are made in the page, within the frame of the screen in which the hand moves. Only the hand leads: what a view
takes over, or hears from the kernel, is not passed on, so there is no echo. Each view tells the kernel by its own
`settle`.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from dicom_widgets.widgets.viewport.surface import LINKS

if TYPE_CHECKING:
    from dicom_widgets.widgets.viewport.viewport import Viewport


def link(*viewports: Viewport, scroll: bool = True, window: bool = True, zoom: bool = True) -> None:
    """Let viewports follow each other while the hand moves one of them; what is set from code moves one alone.

    Scrolling goes to the nearest slice where both lie parallel in one Frame of Reference, else by as many slices;
    images of one Frame of Reference that are not parallel get reference lines instead. A window is taken over within
    one modality. `viewport.link = {}` ends it.

    Parameters
    ----------
    *viewports : Viewport
        At least two, of one session; they may stand in different cells of the notebook.
    scroll, window, zoom : bool
        What is linked; zoom goes with pan.

    Raises
    ------
    ValueError, TypeError
        There is nothing to link, they are of different sessions, or something else than viewports.

    """
    if len(viewports) < 2:
        raise ValueError(f"A link needs at least two viewports, not {len(viewports)}: dw.link(a, b).")
    strange = next((v for v in viewports if not hasattr(v, "link")), None)
    if strange is not None:
        raise TypeError(
            f"Viewports are linked, not this {type(strange).__name__}; a viewer has them: viewer.viewports."
        )
    if any(v.session is not viewports[0].session for v in viewports):
        raise ValueError("Viewports of different sessions cannot be linked: show both series in one session.")
    group = secrets.token_hex(4)
    chosen = dict(zip(LINKS, (scroll, window, zoom), strict=True))
    for viewport in viewports:
        viewport.link = {kind: group for kind, on in chosen.items() if on}
