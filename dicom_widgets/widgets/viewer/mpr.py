"""Three linked viewports of the axial, coronal and sagittal planes of a volume, with a crosshair and slabs.

The crosshair is no state of its own: the index of each plane is where it crosses the other two, so a view in the page
moves the indices of the others, and each tells the kernel when it rests. Window, inversion, tool and fit go to all
three; zoom, pan and turns stay with each.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import traitlets

from dicom_widgets.dicom.entities import Entity
from dicom_widgets.dicom.instance import Instance
from dicom_widgets.display.derived.planes import CROSSED, PLANE_NAMES, PlaneName, Planes
from dicom_widgets.display.derived.slab import SLAB_MODES
from dicom_widgets.display.values.subtraction import RECOMMENDED, SubtractionChoice
from dicom_widgets.errors import DicomWidgetsError, GeometryError, SessionClosed
from dicom_widgets.widgets.frames.frame_sequence import DerivedFrames
from dicom_widgets.widgets.runtime.base import SessionWidget, reference
from dicom_widgets.widgets.runtime.handlers import handles
from dicom_widgets.widgets.viewport.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.geometry.stack import Stack
    from dicom_widgets.geometry.volume import Volume
    from dicom_widgets.session.inventory import Selector
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.runtime.kernel_messages import MprState
    from dicom_widgets.widgets.runtime.page_messages import PageMessage, Slab


class MPR(SessionWidget):
    """Three planes of a volume that move together: drag the crosshair, scroll, or set `mpr.position`.

    What is no regular volume is refused with the reason, which is shown and stands in `mpr.note`. Slices that arrive
    later are not taken in: make another one.

    Parameters
    ----------
    session : Session
        Where the instances are.
    entity : Entity, Instance, UID, several, Stack or Volume
        A series or a multi-frame object; a volume or a stack where there are several.
    at : mapping of axis -> value, optional
        Which time, echo, b-value, ... where there are several, as `session.volume` takes it.

    """

    part = traitlets.Unicode("mpr").tag(sync=True)
    width = traitlets.Unicode("100%").tag(sync=True)
    """CSS width."""
    height = traitlets.Unicode("420px").tag(sync=True)
    """CSS height of each plane."""
    views: traitlets.List[Any] = traitlets.List().tag(sync=True, to_json=lambda views, _: [reference(v) for v in views])
    """The three viewports, for the page."""
    slab = traitlets.Float(0.0, min=0.0)
    """Thickness of a slab in mm; 0 is one voxel. Each plane takes the whole number of voxels that is nearest."""
    mode = traitlets.Enum(SLAB_MODES, "MIP")
    """What is shown of a slab: largest, smallest or mean value."""

    def __init__(
        self,
        session: Session,
        entity: Selector | Iterable[Selector] | Stack | Volume,
        at: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(session, **kwargs)
        self.note = ""
        """Why there are no planes; empty where there are."""
        self.planes: Planes | None = None
        self.viewports: dict[PlaneName, Viewport] = {}
        """Plane -> its viewport; empty where there are no planes."""
        self._last_wish: list[Any] = ["", 0]
        """Client and number of the last slab that a page set: no answer to an older one may undo a newer one there."""
        self._group = secrets.token_hex(4)
        self._words = ""
        try:
            self.planes = session.planes(entity, at)
        except DicomWidgetsError as error:
            self.note = str(error)
            return
        self._words = _arguments(session, entity, at, self.planes.volume)
        self.viewports = {
            n: Viewport(session, height=self.height, mask=self.mask, tool="crosshair") for n in PLANE_NAMES
        }
        self._endings += [v.close for v in self.viewports.values()]
        self._cut()
        self.views = list(self.viewports.values())
        self.observe(self._cut, names=("slab", "mode"))

    @property
    def position(self) -> tuple[float, float, float]:
        """Where the three planes meet in the patient (LPS, mm); set it to move them to the nearest voxel.

        Raises
        ------
        GeometryError
            There are no planes, with the reason.

        """
        return self._planes().point({name: view.index for name, view in self.viewports.items()})

    @position.setter
    def position(self, point: Sequence[float]) -> None:
        for name, index in self._planes().indices(point).items():
            self.viewports[name].index = index

    def _planes(self) -> Planes:
        if self.planes is None:
            raise GeometryError(self.note)
        return self.planes

    def _cut(self, _change: object = None) -> None:
        """Show planes of the slab as it is now; the crosshair and the view settings stay."""
        planes = self._planes()
        thick = {name: max(1, int(self.slab / planes.step(name) + 0.5)) for name in PLANE_NAMES}
        for name, view in self.viewports.items():
            mode = (
                self.mode if thick[name] > 1 else SLAB_MODES[0]
            )  # one voxel is the same in every mode, and travels once
            down, across = CROSSED[name]
            link = {"group": self._group, "plane": name, "down": down, "across": across, "thick": thick}
            frames = tuple((planes, name, i, thick[name], mode) for i in range(planes.count(name)))
            view.show(_Cuts(frames, (), link, self._words), view.index if self.views else None, keep=True)
        self._tell()

    @handles("ready")
    def _answer(self, _message: PageMessage) -> None:
        self._tell()

    @handles("slab")
    def _set_slab(self, message: Slab) -> None:
        self._last_wish = [message["client"], message["n"]]
        self.slab = float(message["slab"])
        self.set_trait("mode", message["mode"])

    def _tell(self, note: str = "") -> None:
        words = self.redact(note or self.note)
        content: MprState = {
            "type": "mpr",
            "slab": self.slab,
            "mode": self.mode,
            "modes": SLAB_MODES,
            "note": words,
            "echo": self._last_wish,
        }
        self.send(content)

    def show_error(self, words: str) -> None:
        """Show an error in place of the planes."""
        self._tell(words)

    def _renew(self) -> None:
        for view in self.viewports.values():
            view.mask = self.mask

    def _let_go(self) -> None:
        self.planes, self.viewports, self.note = None, {}, str(SessionClosed())


def _arguments(session: Session, entity: Any, at: Mapping[str, Any] | None, volume: Volume) -> str:
    """Return the arguments, as code, with which `session.planes` makes the same volume."""
    path = entity.path if isinstance(entity, Entity) else volume.instances[0].path[:2]
    words = f"dw.Entity.of({', '.join(map(repr, path))})"
    if isinstance(entity, (str, Instance)):
        words = repr(str(getattr(entity, "uid", entity)))
    elif not isinstance(entity, Entity):  # what was made elsewhere: found again by its frames
        wanted = {*volume.frames}
        for k, stack in enumerate(session.stacks(Entity.of(*path))):
            kept = [i for i, frame in enumerate(stack.frames) if frame in wanted]
            if len(kept) == len(wanted):
                words = f"session.stacks({words})[{k}]"
                at = {a.name: a.values[kept[0]] for a in stack.axes if len({a.values[i] for i in kept}) == 1}
    return f"{words}, at={dict(at)!r}" if at else words


@dataclass(frozen=True)
class _Cuts(DerivedFrames):
    """The planes of one name."""

    cross: dict[str, Any] = field(default_factory=dict)
    """How the page finds the other two planes and draws where they cross."""
    words: str = ""
    """What `session.planes` was given, as code."""

    @property
    def first(self) -> int:
        return len(self.frames) // 2

    def present(
        self,
        session: Session,  # noqa: ARG002
        index: int,
        presentation: str | None,  # noqa: ARG002
        subtraction: SubtractionChoice = RECOMMENDED,  # noqa: ARG002
    ) -> Shown:
        planes, name, at, slab, mode = self.frames[index]
        shown: Shown = planes.picture(name, at, slab=slab, mode=mode)
        return shown

    def code(self, index: int, presentation: str | None, words: list[str]) -> str:  # noqa: ARG002
        _, name, at, slab, mode = self.frames[index]
        slabs = [f"slab={slab}", f"mode={mode!r}"] if slab > 1 else []
        return f"session.planes({self.words}).picture({', '.join([repr(name), str(at), *slabs, *words])})"

    def message(self, *, timeless: bool = False) -> dict[str, Any]:
        planes, name, *_ = self.frames[0]
        rows, columns = planes.shape(name)
        sizes = [2 * rows * columns] * len(self.frames)
        words = planes.volume.missing
        gaps = [{"from": 0, "to": len(self.frames), "words": f"Missing: {words}"}] if words else []
        return {**super().message(timeless=timeless), "sizes": sizes, "cross": self.cross, "missing": gaps}
