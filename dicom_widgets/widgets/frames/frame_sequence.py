"""What a viewport scrolls through: frames in order, with their dimensions and their schedule."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dicom_widgets.dicom.conformance import STORAGE
from dicom_widgets.dicom.entities import Entity
from dicom_widgets.display.cine import schedule
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.present.automatic_window import common_window, sampled_frames, with_common_window
from dicom_widgets.display.present.digital_subtraction import mask_name
from dicom_widgets.display.values.subtraction import RECOMMENDED, Subtraction, SubtractionChoice
from dicom_widgets.errors import NotFound
from dicom_widgets.widgets.frames import frame_positions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.display.pipeline.view_settings import Window
    from dicom_widgets.geometry.stack import Frame, Stack
    from dicom_widgets.session.session import Session


@dataclass(frozen=True)
class FrameSequence:
    """Frames in the order of scrolling, and how each of them is presented.

    Other kinds derive from it: `show` of a viewport takes any. An instance is immutable; a series that grows is another
    one, whose frames have the same names in the page.
    """

    frames: tuple[Any, ...] = ()
    """Each an instance and a frame of it, or whatever a derived class presents; equal ones have equal stored values."""
    stacks: tuple[Stack, ...] = ()
    """The same frames in stacks; empty where nothing is an image."""
    began: tuple[Any, ...] = field(default=(), kw_only=True)
    """When each PET series began, as far as the session holds it: an earlier beginning that arrives changes SUVs."""
    _windows: dict[int, Window | None] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Index of the first frame of a stack -> its automatic window.

    An automatic window belongs to the stack and not to the frame, so that brightness stays while a hand scrolls."""

    @property
    def first(self) -> int:
        """The index to begin with: the middle slice of a series, the representative frame of an object (CI2)."""
        if len({i.uid for i, _ in self.frames}) != 1:
            return len(self.frames) // 2
        instance = self.frames[0][0]
        if instance.frames < 2:
            return 0
        number = schedule(instance.attributes(), instance.frames).first
        return next((i for i, (_, n) in enumerate(self.frames) if n == number), 0)

    def source(self, index: int) -> Frame | None:
        """Return the instance and the frame at an index; None where there is none."""
        return self.frames[index] if 0 <= index < len(self.frames) else None

    def owner(self, index: int) -> Instance | None:
        """Return the instance that is shown at an index, or the first of several; None where there is none."""
        found = self.source(index)
        return found[0] if found else None

    def renew(self) -> FrameSequence:
        """Return the same frames; under other names where their stored values depend on what is presented."""
        return self

    def present(
        self, session: Session, index: int, presentation: str | None, subtraction: SubtractionChoice = RECOMMENDED
    ) -> Shown:
        """Return what is shown at an index, with the presentation state where it applies, else the newest (PS3)."""
        instance, frame = self.frames[index]
        state = _applicable(session, instance, frame, presentation)
        shown = session.present(instance, frame, state, subtraction=subtraction)
        if not (isinstance(shown, Picture) and shown.automatic):
            return shown
        found = self.stack_at(index)
        if found is None:
            return shown
        start, stack = found
        window = self._window(session, start, stack)
        return shown if window is None or len(stack.frames) < 2 else with_common_window(shown, window, stack.frames)

    def stack_at(self, index: int) -> tuple[int, Stack] | None:
        """Return the index at which the stack of a frame starts, and the stack; None where nothing is an image."""
        return next((s for s in self.starts() if index < s[0] + len(s[1].frames)), None)

    def starts(self) -> Iterator[tuple[int, Stack]]:
        """Yield each stack, and the index at which it starts."""
        start = 0
        for stack in self.stacks:
            yield start, stack
            start += len(stack.frames)

    def _window(self, session: Session, start: int, stack: Stack) -> Window | None:
        """Return the automatic window of a stack: of some of its frames, presented when the first one needs it."""
        if start not in self._windows:
            some = (stack.frames[i] for i in sampled_frames(len(stack.frames)))
            shown = (session.present(*f, presentation=None, subtraction=False) for f in some)
            self._windows[start] = common_window(s for s in shown if isinstance(s, Picture))
        return self._windows[start]

    def as_before(self, session: Session, before: FrameSequence) -> bool:
        """Return whether frames that were there before are presented as they were, now that there are more.

        If so, a page is sent what is new, and nothing else.
        """
        windows = {start: self._window(session, start, stack) for start, stack in self.starts() if before._windows}
        return self.began == before.began and windows.items() >= before._windows.items()

    def subtractions(
        self, session: Session, presentation: str | None, wish: SubtractionChoice
    ) -> tuple[Subtraction, ...]:
        """Return the mask of each frame, which may be none; empty where no object has several frames."""
        if all(i.frames < 2 for i, _ in self.frames):
            return ()
        return tuple(session.subtraction(i, n, _applicable(session, i, n, presentation), wish) for i, n in self.frames)

    def prepare(self, session: Session, indices: list[int], subtractions: Sequence[Subtraction] = ()) -> None:
        """Decode ahead what will be presented, the first index first, and the masks that are subtracted from it."""
        frames: dict[Any, None] = {}
        for i in indices:
            instance, frame = self.frames[i]
            mask, needed = subtractions[i] if i < len(subtractions) else None, [frame]
            if mask:
                is_made = (instance, mask_name(mask)) in session.store.frames
                needed = [*mask.contrasts(frame), *(() if is_made else mask.masks(frame))]
            frames |= dict.fromkeys((instance, n) for n in needed)
        session.store.prefetch(list(frames))

    def code(self, index: int, presentation: str | None, words: list[str]) -> str:
        """Return the code that gives the picture at an index, with further arguments."""
        instance, frame = self.frames[index]
        state = [f"presentation={presentation!r}"] if presentation != "newest" else []
        return f"session.present({', '.join([repr(instance.uid), f'frame={frame}', *state, *words])})"

    def message(self, *, timeless: bool = False) -> dict[str, Any]:
        """Return what pages need to know: bytes, labels, gaps, dimensions, schedule and positions of the frames.

        With `timeless`, words leave out times of the day, which may say who a patient is.
        """
        images = self.frames if self.stacks else ()
        return {
            "sizes": [nbytes(i) for i, _ in self.frames],
            "labels": [s.label(i, timeless=timeless) for s in self.stacks for i in range(len(s.frames))],
            "missing": self.missing(timeless=timeless),
            "dims": [d for d in self._dimensions(timeless=timeless) if d["axes"]],
            "cine": self._cine(),
            "cross": None,
            "places": frame_positions.message(images),
            "modality": frame_positions.modality(images),
        }

    def missing(self, *, timeless: bool) -> list[dict[str, Any]]:
        """Return what its stacks lack, in words, and on which frames that is said: from an index to before another."""
        return [
            {"from": start, "to": start + len(stack.frames), "words": f"Missing: {words}"}
            for start, stack in self.starts()
            if (words := stack.missing(timeless=timeless))
        ]

    def _dimensions(self, *, timeless: bool) -> list[dict[str, Any]]:
        found = []
        for start, stack in self.starts():
            axes = [
                {"name": a.name, "values": a.indices, "labels": a.called(timeless=timeless)} for a in stack.dimensions()
            ]
            found.append({"from": start, "axes": axes})
        return found

    def _cine(self) -> dict[str, Any] | None:
        """Return the schedule of a cine: that of the object, or of a series one frame after the other."""
        if len(self.frames) < 2 or not self.stacks:
            return None
        instance = self.frames[0][0]
        single = len({i.uid for i, _ in self.frames}) == 1
        found = schedule(instance.attributes(), instance.frames if single else len(self.frames))
        index = (
            {n: i for i, (_, n) in enumerate(self.frames)} if single else {n + 1: n for n in range(len(self.frames))}
        )
        shown = [(index[n], d) for n, d in zip(found.frames, found.delays, strict=True) if n in index]
        frames, delays = zip(*sorted(shown), strict=True) if shown else ((), ())
        return {"frames": frames, "delays": delays, "sweep": found.sweep, "why": found.why}


@dataclass(frozen=True)
class DerivedFrames(FrameSequence):
    """Pictures that are made of several frames each, as planes and cuts are: without masks, layers or measurements."""

    def source(self, index: int) -> Frame | None:  # noqa: ARG002
        """Return None: there is no single frame."""
        return None

    def subtractions(self, *_: Any) -> tuple[Subtraction, ...]:
        """Return nothing: there are no masks."""
        return ()

    def prepare(self, *_: Any) -> None:
        """Do nothing: the values are in memory."""

    def message(self, *, timeless: bool = False) -> dict[str, Any]:  # noqa: ARG002  nothing is said of times
        """Return what pages need to know; derived classes add the rest."""
        empty: dict[str, Any] = {name: [] for name in ("labels", "missing", "dims")}
        return {**empty, "cine": None, "cross": None, "places": None, "modality": ""}


def _applicable(session: Session, instance: Instance, frame: int, presentation: str | None) -> str | None:
    """Return a presentation state, or "newest" where it does not apply to a frame."""
    if presentation in ("newest", None):
        return presentation
    known = session.presentation_states(instance, frame)
    return presentation if any(s.uid == presentation for s in known) else "newest"


def frame_sequence_of(session: Session, entity: Any) -> FrameSequence:
    """Return what there is to scroll through: images if there are any, else whatever there is."""
    if isinstance(entity, FrameSequence):
        return entity
    stacks = session.stacks(entity)
    if not stacks:
        return FrameSequence(tuple((i, 1) for i in session.instances(entity)))
    frames = tuple(f for s in stacks for f in s.frames)
    series = {i.path[:2]: i for i, _ in frames}
    return FrameSequence(frames, tuple(stacks), began=tuple(b for i in series.values() if (b := session.began(i))))


def is_image(series: Entity) -> bool:
    """Return whether a series has images."""
    return any(STORAGE[c].kind == "image" for c in series.sop_classes if c in STORAGE)


def first_series(session: Session, study: Entity) -> Entity:
    """Return the first series with images of a held study, else its first."""
    held = [s for e in session.studies if e.path == study.path for s in e.children]
    if not held:
        raise NotFound(f"The session holds nothing of {study!r}. Retrieve it first: session.retrieve(study).")
    return next((s for s in held if is_image(s)), held[0])


def frame_sequence_at(session: Session, path: Any) -> Entity | FrameSequence | None:
    """Return what a page means by a path, `study/series` or `study/series/stack`, if the session holds it."""
    study, series, *stack = (*str(path).split("/"), "")[:4]
    whole = Entity.of(study, series) if series and session.store.under((study, series)) else None
    if whole is None or not stack[0]:
        return whole
    found = session.stacks(whole)
    if not stack[0].isdecimal() or int(stack[0]) >= len(found):
        return None
    one = found[int(stack[0])]
    return FrameSequence(one.frames, (one,))


def nbytes(instance: Instance) -> int:
    """Return the bytes of a frame in the page: 16 bits a pixel, or 32 of colour."""
    color = not str(instance.value("PhotometricInterpretation", "MONOCHROME2")).startswith("MONOCHROME")
    return math.prod(instance.size) * (4 if color else 2)
