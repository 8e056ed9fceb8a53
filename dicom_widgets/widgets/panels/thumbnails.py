"""Small pictures of the middle image of each series or stack, made when a page wants them."""

from __future__ import annotations

import contextlib
import queue
import threading
from typing import TYPE_CHECKING, Final

from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.widgets.frames.frame_sequence import FrameSequence, frame_sequence_at, frame_sequence_of
from dicom_widgets.widgets.runtime.runtime import runtime_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dicom_widgets.session.session import Session

Key = tuple[str, int]
"""`study/series` or `study/series/stack`, and how many instances there are: more of them have another middle."""
Answer = "Callable[[bytes], None]"
SIZE: Final = 96
"""Pixels of a side."""
KEPT: Final = 512
"""Pictures of a session."""


class Thumbnails:
    """Makes them one after the other in a thread of its own, after the frames that pages wait for; keeps the newest.

    They travel as messages: a trait would be saved with the notebook.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = threading.Lock()
        self._made: dict[Key, bytes] = {}
        self._waiting: dict[Key, list[Callable[[bytes], None]]] = {}
        self._jobs: queue.SimpleQueue[Key | None] = queue.SimpleQueue()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="dicom_widgets thumbnails", daemon=True)
        self._thread.start()

    def ask(self, key: Key, answer: Callable[[bytes], None]) -> None:
        """Call `answer` with a PNG, now or later and in another thread; empty where there is no picture."""
        with self._lock:
            made = self._made.get(key)
            if made is None:
                answers = self._waiting.setdefault(key, [])
                answers.append(answer)
                if len(answers) == 1:
                    self._jobs.put(key)
        if made is not None:
            answer(made)

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._jobs.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join(5)

    def _work(self) -> None:
        while (key := self._jobs.get()) is not None and not self._ended.is_set():
            for _ in range(20):  # the frames that a hand waits for go first, for a second at most
                if not runtime_of(self._session).busy or self._ended.wait(0.05):
                    break
            made = self._make(key)
            with self._lock:
                self._made[key] = made
                while len(self._made) > KEPT:
                    del self._made[next(iter(self._made))]
                answers = self._waiting.pop(key, [])
            for answer in answers:
                with contextlib.suppress(Exception):  # its widget may be closed
                    answer(made)

    def _make(self, key: Key) -> bytes:
        try:
            named = frame_sequence_at(self._session, key[0])
            frames = frame_sequence_of(self._session, named) if named else FrameSequence()
            shown = self._session.present(*frames.frames[frames.first]) if frames.stacks else None
        except (DicomWidgetsError, IndexError, ValueError):  # the viewport says it where the series is shown
            return b""
        return shown.png((SIZE, SIZE), graphics=False) if isinstance(shown, Picture) else b""


def thumbnails_of(session: Session) -> Thumbnails:
    """Return the session's thumbnails."""
    return session.own("thumbnails", lambda: Thumbnails(session), Thumbnails.close)
