"""The page of a widget, for tests of its kernel side."""

from __future__ import annotations

import threading


class Talk:
    """Sends a widget what its page would send, and keeps what it answers."""

    def __init__(self, widget):
        self.widget, self.said, self.changed = widget, [], threading.Condition()
        widget.send = self._hear

    def _hear(self, content, buffers=None):
        with self.changed:
            self.said.append(content)
            self.changed.notify_all()

    def tell(self, kind, **content):
        self.widget._receive(self.widget, {"type": kind, "client": "page", **content}, [])

    def until(self, true, seconds=10):
        """Return the first answer from now on, or before, for which something is true."""
        with self.changed:
            assert self.changed.wait_for(lambda: any(true(c) for c in self.said), seconds), self.said[-3:]
            return next(c for c in self.said if true(c))

    def status(self, words, **also):
        return self.until(
            lambda c: c["type"] == "status" and words in c["words"] and all(c.get(k) == v for k, v in also.items())
        )
