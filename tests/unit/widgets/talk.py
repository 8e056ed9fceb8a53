"""The page of a widget, for tests of its kernel side."""

from __future__ import annotations

import json
import threading


class Talk:
    """The page's end of a widget: `tell` sends the widget a message, `said` holds its answers."""

    def __init__(self, widget):
        self.widget, self.said, self.changed = widget, [], threading.Condition()
        widget.send = self._hear

    def _hear(self, content, buffers=None):
        json.dumps(content)  # a page gets JSON: anything else is an error here
        with self.changed:
            self.said.append(content)
            self.changed.notify_all()

    def tell(self, kind, **content):
        """Send a message as the page does."""
        self.widget._receive(self.widget, {"type": kind, "client": "page", **content}, [])

    def until(self, true, seconds=20):
        """Wait for an answer for which something is true; return the first one."""
        with self.changed:
            assert self.changed.wait_for(lambda: any(true(c) for c in self.said), seconds), self.said[-3:]
            return next(c for c in self.said if true(c))

    def status(self, words, **also):
        """Wait for a line of status with these words; return its message."""
        return self.until(
            lambda c: c["type"] == "status" and words in c["words"] and all(c.get(k) == v for k, v in also.items())
        )
