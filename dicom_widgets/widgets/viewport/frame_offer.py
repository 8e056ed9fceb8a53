"""What a viewport offers to pages: its frames, each with what is made of it, and the state in which it is shown."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from dicom_widgets.config import options
from dicom_widgets.display.picture.layer import ICC
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.values.subtraction import Subtraction, SubtractionChoice
from dicom_widgets.widgets.runtime.runtime import stem
from dicom_widgets.widgets.viewport.drawing import Drawn
from dicom_widgets.widgets.viewport.layers import Layered
from dicom_widgets.widgets.viewport.subtracting import Subtracting
from dicom_widgets.widgets.viewport.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.display.picture.shown import Shown
    from dicom_widgets.display.presentation_state.state import State
    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.frames.frame_sequence import FrameSequence


class Offered(Layered, Drawn, Subtracting):
    """A viewport's side to the runtime and to its pages."""

    presentation: str | None
    _on_more: Callable[[str, Instance], None] | None = None
    _offer = ""
    """By which the runtime knows it."""
    _plain = False
    """Whether the frames that are offered have the colours of the device, without ICC profiles."""
    _seq = 0
    _note = ""

    def __init__(self, session: Session, **kwargs: Any) -> None:
        super().__init__(session, **kwargs)
        self._names: list[str] = []
        """Of the frames of the reel, as the page knows them."""
        self._settled: dict[str, int] = {}
        """Client -> number of the last `settle` that was heard."""

    def _presented(self, reel: FrameSequence, index: int, subtraction: SubtractionChoice | None = None) -> Shown:
        wish = self.subtraction if subtraction is None else subtraction
        shown, source = reel.present(self.session, index, self.presentation, wish), reel.source(index)
        place = (source[0].uid, source[1]) if source else None
        return self.layered(shown, place) if isinstance(shown, Picture) else shown

    def _offered(self) -> None:
        """Offer the frames under a new name, as what is presented has changed; stored values keep theirs."""
        with self._lock:
            self._reel = self._reel.renewed()
        old, self._offer = self._offer, self.runtime.offer(self._shown, self._prepare)
        self._filled()
        if old:
            self.runtime.withdraw(old)

    def _filled(self) -> None:
        """Say which frames there are now."""
        reel, plain = self._reel, ICC in self._surface.look.hidden
        subtractions, able = self._weighed(reel)
        variants = [s or ICC for s in subtractions or (None,) * len(reel.frames)] if plain else subtractions
        names = self.runtime.fill(self._offer, reel.frames, variants)
        with self._lock:
            self._plain = plain
            if reel is self._reel:
                self._names, self._subtractions, self._able = names, subtractions, able
        self._tell(series=True)

    def _tell(self, *, series: bool = False) -> None:
        if not series and self._offer and self._plain != (ICC in self._surface.look.hidden):
            self._offered()  # other stored values
            return
        with self._lock:
            self._seq += 1
            content = {"type": "state", "seq": self._seq, "note": self._note, **self._surface.message()}
            content["settled"] = dict(self._settled)
            here = self._here()
        content["presentation"] = self.presentation
        content["pitch"] = options.pixel_pitch
        content["more"] = self._on_more is not None
        content["subtraction"] = self._subtraction_state(here)
        if series:
            content["series"] = {"sid": self._offer, "frames": self._names, **self._reel.message(timeless=self.masks)}
            if self._subtracted:  # no window of other images is one of differences
                content["series"]["modality"] += " subtracted"
        if here:
            content["states"] = [self._described(s) for s in self.session.presentation_states(*here, refused=True)]
        self.send(content)
        self._follow()

    def _rested(self, content: dict[str, Any]) -> None:
        """Take the state in which the hand left a page."""
        surface = Surface.of(content)
        with self._lock:
            if content["n"] <= self._settled.get(content["client"], 0):
                return  # two threads may hear them in the wrong order
            self._settled[content["client"]] = content["n"]
            names, index = [stem(n) for n in self._names], surface.index
            if (shown := stem(str(content.get("frame", "")))) in names:  # the series may have grown since it was known
                index = names.index(shown)
            self._surface = dataclasses.replace(surface, index=max(0, min(index, len(names) - 1)))
        self._mirror()
        self._tell()

    def _described(self, state: State) -> dict[str, str]:
        said = state.summary()
        return {**said, "creator": self.covered(said["creator"]), "created": self.covered(said["created"])}

    def _shown(self, *frame: Any, variant: Subtraction | str | None = None) -> Shown:
        reel = self._reel
        shown = self._presented(reel, reel.frames.index(frame), variant if isinstance(variant, Subtraction) else None)
        if variant == ICC and isinstance(shown, Picture):
            shown = shown.unprofiled()
        return shown.anonymous() if self.masks else shown

    def _prepare(self, wanted: list[Any]) -> None:
        reel = self._reel
        places = {frame: i for i, frame in enumerate(reel.frames)}
        reel.prepare(self.session, [places[frame] for frame in wanted if frame in places], self._subtractions)

    def _renew(self) -> None:
        self._offered()

    def _fail(self, words: str) -> None:
        self._note = self.spared(words)
        self._tell()
