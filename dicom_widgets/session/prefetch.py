"""Decoding of frames before they are needed, in two threads."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dicom_widgets.dicom.instance import Instance

THREADS: Final = 2
"""Most decoders release the interpreter, but two threads keep up with a user who scrolls."""

Frame = tuple["Instance", int]
"""An instance and the number of a frame, from 1."""


class Prefetch:
    """Decodes the frames of the newest request, in its order; what is left of an older one is dropped."""

    def __init__(self, decode: Callable[[Instance, int], object]) -> None:
        self._decode = decode
        self._changed = threading.Condition()
        self._requested: list[Frame] = []
        self._threads: list[threading.Thread] = []
        self._ended = False

    def request(self, frames: Sequence[Frame]) -> None:
        """Have these frames decoded in the background."""
        with self._changed:
            if self._ended:
                return
            self._requested = list(reversed(frames))
            while self._requested and len(self._threads) < THREADS:
                thread = threading.Thread(target=self._work, name="dicom_widgets prefetch", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Drop what is requested, and wait for the threads."""
        with self._changed:
            self._ended = True
            self._requested = []
            self._changed.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(5)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._requested and not self._ended:
                    self._changed.wait()
                if self._ended:
                    return
                instance, number = self._requested.pop()
            with contextlib.suppress(Exception):  # who needs the frame gets the error; the thread goes on
                self._decode(instance, number)
