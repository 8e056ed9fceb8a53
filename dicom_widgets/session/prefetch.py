"""Frames decoded before they are asked for, by two threads that follow the newest wish."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dicom_widgets.dicom.instance import Instance

THREADS: Final = 2
"""Most decoders release the interpreter, but two are enough for a scrolling hand."""

Wanted = tuple["Instance", int]


class Prefetch:
    """Calls a function for each wished frame, the first one first; a newer wish replaces what is left of an old one."""

    def __init__(self, decode: Callable[[Instance, int], object]) -> None:
        self._decode = decode
        self._changed = threading.Condition()
        self._wishes: list[Wanted] = []
        self._threads: list[threading.Thread] = []
        self._ended = False

    def wish(self, frames: Sequence[Wanted]) -> None:
        """Have these frames decoded; returns at once."""
        with self._changed:
            if self._ended:
                return
            self._wishes = list(reversed(frames))
            while self._wishes and len(self._threads) < THREADS:
                thread = threading.Thread(target=self._work, name="dicom_widgets ahead", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """Wish for nothing any more, and wait for the threads."""
        with self._changed:
            self._ended = True
            self._wishes = []
            self._changed.notify_all()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(5)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._wishes and not self._ended:
                    self._changed.wait()
                if self._ended:
                    return
                instance, number = self._wishes.pop()
            with contextlib.suppress(Exception):  # whoever asks for it is told; the thread lives on
                self._decode(instance, number)
