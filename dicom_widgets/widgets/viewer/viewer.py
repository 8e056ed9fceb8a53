"""Browser, series and viewports in one widget; and `view`, the one line that shows anything."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import ipywidgets
import numpy as np
import traitlets

from dicom_widgets.config import options
from dicom_widgets.dicom.datasets import datasets_of
from dicom_widgets.dicom.entities import Entities, Entity
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.errors import NotFound
from dicom_widgets.geometry.volume import Volume
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.session.session import Session, default_session
from dicom_widgets.widgets.frames.frame_sequence import FrameSequence
from dicom_widgets.widgets.frames.hanging import four_views
from dicom_widgets.widgets.panels.browser import Browser
from dicom_widgets.widgets.panels.series import SeriesList
from dicom_widgets.widgets.panels.tags import Tags
from dicom_widgets.widgets.viewer.cells import Cells, check_grid
from dicom_widgets.widgets.viewer.mpr import MPR
from dicom_widgets.widgets.viewport.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dicom_widgets.session.inventory import Selector
    from dicom_widgets.widgets.viewport.snapshot import Bundle


class Viewer(ipywidgets.VBox):
    """A PACS browser above, the session's series on the left, images in rows and columns on the right.

    Parameters
    ----------
    session : Session, optional
        Without it the kernel's default session. Several viewers may share one.
    source : RemoteAE or mapping of name -> RemoteAE, optional
        Where the browser asks; without it the preconfigured remote AEs.
    browser : bool
        Whether there is a browser at all.
    grid : (int, int)
        Rows and columns of images, from 1 to 3.
    mask : bool
        Whether names, IDs and dates are hidden.
    static : bool, optional
        Whether a saved notebook keeps a picture, that of the active viewport; without it, as `options.static` says.

    """

    grid = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(1, 1))
    """Rows and columns of images; what is shown stays."""
    mask = traitlets.Bool(False)
    """Whether names, IDs and dates are hidden in all of it."""

    def __init__(
        self,
        session: Session | None = None,
        source: RemoteAE | Mapping[str, RemoteAE] | None = None,
        *,
        browser: bool = True,
        height: str = "560px",
        grid: tuple[int, int] = (1, 1),
        mask: bool = False,
        static: bool | None = None,
    ) -> None:
        self.session = session or default_session()
        self.tags: Tags | None = None
        """The elements of an instance, while they are shown."""
        self.planes: MPR | None = None
        """Three planes of a series, while they are shown."""
        self._about: dict[str, Any] = {}
        self.series = SeriesList(self.session, self.show, height=height, mask=mask)
        self.cells = Cells(self.session, self._more, self._mark, height=height, grid=grid, mask=mask, static=static)
        self.browser = Browser(self.session, source, self.show, mask=mask) if browser else None
        self.series.layout = ipywidgets.Layout(flex="0 1 230px", min_width="104px")
        self.cells.layout = ipywidgets.Layout(flex="1 1 440px", min_width="0", width="auto")
        below = ipywidgets.HBox([self.series, self.cells], layout=ipywidgets.Layout(width="100%"))
        self._rows: list[ipywidgets.Widget] = [self.browser, below] if self.browser else [below]
        if not options.script:
            self._rows = [self.viewport.fallback()]
        super().__init__(self._rows, layout=ipywidgets.Layout(width="100%"), mask=mask)
        self._same = traitlets.link((self.cells, "grid"), (self, "grid"))
        self.observe(self._follow_mask, names="mask")
        self._stay = self.session.on_close(self._leave_session)

    def __repr__(self) -> str:
        return "Viewer()"

    def _repr_mimebundle_(self, **kwargs: Any) -> Bundle:
        return self.viewport.kept((super()._repr_mimebundle_(**kwargs), {}))

    @property
    def viewport(self) -> Viewport:
        """The active viewport: the one that was touched or focused last."""
        return self.cells.viewport

    @property
    def viewports(self) -> tuple[Viewport, ...]:
        """All viewports, row by row."""
        found: tuple[Viewport, ...] = self.cells.viewports
        return found

    @traitlets.validate("grid")
    def _check_grid(self, proposal: dict[str, Any]) -> tuple[int, int]:
        return check_grid(proposal["value"])

    def _follow_mask(self, change: dict[str, Any]) -> None:
        for widget in (self.browser, self.series, self.cells, self.tags, self.planes):
            if widget is not None:
                widget.mask = change["new"]

    def show(self, entity: Selector | Iterable[Selector] | FrameSequence) -> None:
        """Show a series or instances in the active viewport; the series of a study in all of them.

        A mammography of which all four standard views are held is hung.
        """
        self.cells.show(entity)

    @property
    def hung(self) -> bool:
        """Whether the views of a mammography hang in the cells."""
        return bool(self.cells.hung)

    def hang(self, study: Entity | None = None, *, on: bool = True) -> None:
        """Hang the four standard views of a mammography, or take them down again (`Cells.hang`)."""
        self.cells.hang(study, on=on)

    def _mark(self, viewport: Viewport) -> None:
        here = viewport.instance
        self.series.choose(here.path if here else ())

    def _more(self, what: str, instance: Instance) -> None:
        """Show the elements or the planes of the instance below the images, or take them away again."""
        old, about = getattr(self, what), instance.uid if what == "tags" else instance.path[:2]
        new = None
        if old is None or self._about.get(what) != about:
            new = _BELOW[what](self.session, instance, mask=self.mask)
        setattr(self, what, new)
        self._about[what] = about
        self._rows = [*(c for c in self._rows if c is not old), *([new] if new else [])]
        self.children = self._rows
        if old is not None:
            old.close()

    def _leave_session(self) -> None:
        """Leave only the cells, which say that the session is closed."""
        with contextlib.suppress(Exception):  # the kernel may be on its way out
            self.children = self._rows = [self.cells] if options.script else self._rows

    def close(self) -> None:
        """Take everything off the page."""
        own = vars(self)  # also of one that could not be made: Python closes what it lets go
        if "_stay" in own:
            self._same.unlink()
            self._stay()
        for widget in map(own.get, ("browser", "series", "cells", "tags", "planes")):
            if widget is not None:
                widget.close()
        super().close()


def _planes(session: Session, instance: Instance, *, mask: bool) -> MPR:
    """Return the planes of the stack to which an instance belongs; where it is in none, they say why."""
    series = Entity.of(*instance.path[:2])
    own = next((s for s in session.stacks(series) if any(i.uid == instance.uid for i, _ in s.frames)), series)
    return MPR(session, own, mask=mask)


_BELOW: Final[dict[str, Callable[..., ipywidgets.Widget]]] = {"tags": Tags, "planes": _planes}


def view(anything: Any, session: Session | None = None, *, mask: bool = False) -> Viewport | Viewer:
    """Show anything: a path, bytes, a data set, an entity, an instance, a volume, an array, or a list of them.

    Parameters
    ----------
    anything
        What comes from a remote AE is retrieved first; an array is (rows, columns) or (slices, rows, columns).
    session : Session, optional
        Without it the kernel's default session.
    mask : bool
        Whether names, IDs and dates are hidden.

    Returns
    -------
    Viewport or Viewer
        A viewport of one series; a viewer where there are several, or the four views of a mammography.

    """
    session = session or default_session()
    if isinstance(anything, Volume):
        return Viewport(session, FrameSequence(anything.frames), mask=mask)
    found = _load(session, anything)
    series = {i.path[:2] for i in session.instances(found)}
    studies = {path[0] for path in series}
    hangs = options.script and len(studies) == 1 and all(four_views(session, found))
    if len(series) == 1 and not hangs:
        return Viewport(session, found, mask=mask)
    viewer = Viewer(session, browser=False, mask=mask)
    viewer.show(Entity.of(*studies) if hangs else found[0])
    return viewer


def _load(session: Session, anything: Any) -> list[Entity | Instance]:
    """Return what is to be shown, as entities or instances that the session holds: it is loaded or retrieved first."""
    if isinstance(anything, (Instance, Entity)):
        anything = [anything]
    if isinstance(anything, str) and anything in session.store:
        return [session.store.get(anything)]
    values = getattr(anything, "values", None) if hasattr(anything, "dims") else anything  # xarray
    if isinstance(values, np.ndarray):
        return list(session.load(datasets_of(values, str(getattr(anything, "name", None) or "array"))))
    if isinstance(anything, (list, tuple)) and anything and all(isinstance(a, (Entity, Instance)) for a in anything):
        for entity in anything:
            if isinstance(entity, Entity) and not session.store.under(entity.path):
                if not isinstance(entity.source, RemoteAE):
                    raise NotFound(
                        f"The session does not hold {entity!r}, and it does not say where it is. Retrieve it first."
                    )
                session.retrieve(entity, progress=False)
        return list(anything)
    loaded = session.load(anything)
    return list(Entities(s for study in loaded for s in study.children))
