"""Viewports in rows and columns, of which one is active.

The page mounts them itself, so that one toolbar, that of the active viewport, can stand above all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import traitlets

from dicom_widgets.config import options
from dicom_widgets.dicom.entities import Entity
from dicom_widgets.errors import NotFound
from dicom_widgets.widgets.frames.frame_sequence import frame_sequence_at, is_image
from dicom_widgets.widgets.frames.hanging import four_views
from dicom_widgets.widgets.runtime.base import SessionWidget, reference
from dicom_widgets.widgets.runtime.debounce import Debounce
from dicom_widgets.widgets.runtime.handlers import handles
from dicom_widgets.widgets.viewport.surface import LINKS
from dicom_widgets.widgets.viewport.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.session.inventory import Selector
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.frames.frame_sequence import FrameSequence
    from dicom_widgets.widgets.frames.hanging import HangingFrames
    from dicom_widgets.widgets.runtime.page_messages import Drop, PageMessage

MOST: Final = 3
"""Rows, and columns, at most."""


def check_grid(grid: tuple[int, int]) -> tuple[int, int]:
    """Return rows and columns, if there can be so many.

    Raises
    ------
    TraitError
        Too many, or none.

    """
    if not all(1 <= n <= MOST for n in grid):
        raise traitlets.TraitError(f"grid={grid!r}: give (rows, columns), each from 1 to {MOST}.")
    return grid


def _viewports(viewports: tuple[Viewport, ...], _widget: object) -> list[str | None]:
    return [reference(v) for v in viewports]


class Cells(SessionWidget):
    """Viewports in rows and columns; the toolbar above them is that of the active one.

    Parameters
    ----------
    session : Session
    on_more : callable, optional
        As for a Viewport.
    on_active : callable, optional
        Called with the active viewport when that is another one, or shows something else.

    """

    part = traitlets.Unicode("cells").tag(sync=True)
    static = traitlets.Bool(None, allow_none=True)
    """As of a Viewport."""
    height = traitlets.Unicode("560px").tag(sync=True)
    """CSS height of all rows."""
    grid = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(1, 1)).tag(sync=True)
    """Rows and columns. What goes away: empty cells first, then the last ones, never the active one."""
    active = traitlets.Int(0).tag(sync=True)
    """Index of the active viewport: the one that was touched or focused last."""
    links = traitlets.Tuple().tag(sync=True)
    """What the viewports do together: "scroll", "window", "zoom"."""
    hung = traitlets.Bool(False).tag(sync=True)
    """Whether the views of a mammography hang here (`hang`)."""
    viewports = traitlets.Tuple().tag(sync=True, to_json=_viewports, from_json=lambda _, widget: widget.viewports)
    """The viewports, row by row."""

    def __init__(
        self,
        session: Session,
        on_more: Callable[[str, Instance], None] | None = None,
        on_active: Callable[[Viewport], None] | None = None,
        **kwargs: Any,
    ) -> None:
        grid = kwargs.pop("grid", (1, 1))
        super().__init__(session, **kwargs)
        self._on_more, self._on_active = on_more, on_active
        self._study: tuple[str, ...] = ()
        self._before = (1, 1)
        """Rows and columns before the views of a mammography were hung."""
        self._debounce = Debounce(self._fill)
        self._endings += [session.watch(self._debounce), self._debounce.close, self._leave]
        self.viewports = (self._viewport(),)
        self.observe(self._arrange, names="grid")
        self.observe(self._tell_active, names="active")
        self.grid = grid

    @property
    def viewport(self) -> Viewport:
        """The active viewport."""
        found: Viewport = self.viewports[min(self.active, len(self.viewports) - 1)]
        return found

    def show(self, entity: Selector | Iterable[Selector] | FrameSequence) -> None:
        """Show something in the active cell; the series of a study fill all cells, also those that come later.

        A study takes all cells, so nothing of another patient stays beside it unless somebody puts it there. A
        mammography of which all four standard views are held is hung (`hang`); no other study is laid out by itself.
        """
        if isinstance(entity, Entity) and entity.level == "STUDY":
            if options.script and all(views := four_views(self.session, entity)):
                self._hang(entity, views)
                return
            self._take_down()
        self._show(entity)

    def hang(self, study: Entity | None = None, *, on: bool = True) -> None:
        """Hang the standard views of a mammography: R CC, L CC above R MLO, L MLO, in one scale, or take them down.

        The chest walls lie in the middle; further images of a view are scrolled to.

        Parameters
        ----------
        study : Entity, optional
            Without it the study that is shown.
        on : bool
            False puts back the rows and columns that were there before, with the series of the study.

        Raises
        ------
        NotFound
            The session holds fewer than two of the four views.

        """
        here = self.viewport.instance
        path = study.path[:1] if study is not None else here.path[:1] if here else self._study
        entity = Entity.of(*path) if path else None
        if not on:
            if self._take_down() and entity is not None:
                self._show(entity)
            return
        views = four_views(self.session, entity) if entity is not None else ()
        if entity is None or sum(view is not None for view in views) < 2:
            raise NotFound(
                "There is nothing to hang: the session holds fewer than two of the views R CC, L CC, R MLO and L MLO of"
                " this study. Show a mammography first: viewer.show(study)."
            )
        self._hang(entity, views)

    def _take_down(self) -> bool:
        """Give back the rows and columns that there were before something was hung; return whether anything was."""
        was, self.hung = self.hung, False
        if was:
            self.grid = self._before
        return was

    def _hang(self, study: Entity, views: Sequence[HangingFrames | None]) -> None:
        if not self.hung:
            self._before = self.grid
        self._study = study.path
        with self.hold_sync():
            self.unobserve(self._arrange, names="grid")
            self.grid = (2, 2)
            self.observe(self._arrange, names="grid")
            self._replace([self._viewport() for _ in views], 0)
            self.hung = True
        for viewport, view in zip(self.viewports, views, strict=True):
            if view is not None:
                viewport.show(view)
        self._tell_active()

    def _show(self, entity: Selector | Iterable[Selector] | FrameSequence) -> None:
        study = entity.path if isinstance(entity, Entity) and entity.level == "STUDY" else ()
        if study and len(self.viewports) > 1:
            self._replace([self._viewport() for _ in self.viewports], 0)
        elif (
            not study
            and (
                any(v is not self.viewport and v.instance for v in self.viewports)  # the others go on showing it
                or (isinstance(entity, Entity) and entity.path[:1] == self._study)
            )
        ):
            study = self._study
        self._study = study
        self.viewport.show(entity)
        self._fill()
        self._tell_active()

    # --- cells that come and go

    def _viewport(self) -> Viewport:
        return Viewport(self.session, on_more=self._on_more, height="100%", mask=self.mask, static=self.static)

    def _arrange(self, change: dict[str, Any]) -> None:
        self.hung = False
        rows, columns = change["new"]
        count, old, active = rows * columns, self.viewports, self.viewport
        first = sorted(range(len(old)), key=lambda i: (old[i] is not active, old[i].instance is None, i))
        kept = [old[i] for i in sorted(first[:count])]
        self._replace([*kept, *(self._viewport() for _ in range(count - len(kept)))], kept.index(active))
        self._fill()

    def _replace(self, viewports: list[Viewport], active: int) -> None:
        gone = [v for v in self.viewports if v not in viewports]
        with self.hold_sync():
            self.viewports = tuple(viewports)
            self.active = active
        for viewport in gone:
            viewport.close()

    def _fill(self) -> None:
        """Show series of the study that are not shown yet in empty cells."""
        empty = [v for v in self.viewports if v.instance is None]
        if not self._study or not empty or len(self.viewports) == 1 or self.hung:
            return
        shown = {v.instance.path[:2] for v in self.viewports if v.instance is not None}
        held = [s for e in self.session.studies if e.path == self._study for s in e.children]
        waiting = [s for s in held if s.path not in shown and is_image(s)]
        for viewport, series in zip(empty, waiting, strict=False):
            viewport.show(series)

    def _renew(self) -> None:
        for viewport in self.viewports:
            viewport.mask = self.mask

    def _leave(self) -> None:
        for viewport in self.viewports:
            viewport.close()

    # --- the page's side

    @traitlets.validate("active")
    def _check_active(self, proposal: dict[str, Any]) -> int:
        return max(0, min(int(proposal["value"]), len(self.viewports) - 1))

    @traitlets.validate("grid")
    def _check_grid(self, proposal: dict[str, Any]) -> tuple[int, int]:
        return check_grid(proposal["value"])

    @traitlets.validate("links")
    def _check_links(self, proposal: dict[str, Any]) -> tuple[str, ...]:
        wanted = tuple(proposal["value"])
        for kind in wanted:
            if kind not in LINKS:
                raise traitlets.TraitError(f"links={wanted!r}: give some of {', '.join(LINKS)}.")
        return tuple(kind for kind in LINKS if kind in wanted)

    def _tell_active(self, _change: object = None) -> None:
        if self._on_active is not None:
            self._on_active(self.viewport)

    @handles("hang")
    def _toggle_hanging(self, _message: PageMessage) -> None:
        self.hang(on=not self.hung)

    @handles("drop")
    def _drop(self, message: Drop) -> None:
        dropped = frame_sequence_at(self.session, message["path"])
        cell = next((i for i, v in enumerate(self.viewports) if v.model_id == message["cell"]), None)
        if cell is None or dropped is None:  # what a page says is checked
            return
        self.active = cell
        self.show(dropped)

    def show_error(self, words: str) -> None:
        """Show an error in the active viewport."""
        self.viewport.show_error(words)
