"""The page runtime: one hidden widget a session that serves frames to the pages, and carries their script.

The visible widgets are stubs of which the script makes a viewport, a browser or a list.

Pages say what they want, nearest first; a sender thread presents and sends it, at most two frames under way to each
client. Messages may arrive in any order, be lost, and come on any thread: they are numbered, time gives back a credit
but not the frame, and a page asks again after three seconds without one. Stored values are named by instance and frame,
so they travel once, whatever is presented of them and however a series grows.

Pixels and names travel as messages and never as traits: a notebook saves the traits.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import anywidget
import traitlets

from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.picture.shown import Shown, page
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.widgets.runtime import extensions
from dicom_widgets.widgets.runtime.client import Client
from dicom_widgets.widgets.runtime.frame_message import frame_message, preview_step, values_bytes, values_message
from dicom_widgets.widgets.runtime.frame_names import FrameNames
from dicom_widgets.widgets.runtime.script import script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dicom_widgets.session.session import Session
    from dicom_widgets.widgets.runtime.frame_names import Frame
    from dicom_widgets.widgets.runtime.kernel_messages import Mark
    from dicom_widgets.widgets.runtime.page_messages import Want

Present = Callable[[int], Shown]
"""Index of a frame in its offer -> what is shown of it."""
Prepare = Callable[[list[int]], None]

PREVIEW: Final = 0.2
"""Seconds that a frame may be on its way to a view that waits for it, without a preview in the meantime."""
HURRY: Final = 0.1
"""Seconds that a frame may take while a hand scrolls; where it takes longer, previews go alone."""


@dataclass(frozen=True)
class Offer:
    """Frames that pages may ask for, and how they are presented."""

    present: Present
    prepare: Prepare | None
    indices: Mapping[str, int]
    """Name of a frame -> which one it is."""


@dataclass(frozen=True)
class Job:
    """A frame to be sent."""

    key: str
    buffer: str
    present: Present
    index: int
    takers: list[Client]
    bare: bool
    """Whether some taker has not got the stored values."""

    def make(self) -> Shown:
        """Return what is shown; a failure is a page that says why."""
        try:
            return self.present(self.index)
        except Exception as error:  # noqa: BLE001  one frame must not end the service of all others
            why = str(error) if isinstance(error, DicomWidgetsError) else f"It cannot be shown: {error!r}."
            return page("image", "Not shown", why, [], {"why": why})


class Runtime(anywidget.AnyWidget):
    """The frames of the page; never displayed."""

    _esm = script("main.js")
    uid = traitlets.Unicode().tag(sync=True)
    budget = traitlets.Int(256 << 20).tag(sync=True)
    """Bytes of frames that a page holds."""
    ahead = traitlets.Int(24).tag(sync=True)
    """Frames that a page asks for on each side of the one it shows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(uid=secrets.token_hex(4), **kwargs)
        self.sent = self.sent_bytes = 0
        """How many frames were sent, and their bytes."""
        self._offers: dict[str, Offer | None] = {}
        """Name -> offer; None until it is filled."""
        self._handlers: dict[str, Callable[[Any], None]] = {"want": self._want}
        """Kind of message -> what takes it; on any thread."""
        self._count = itertools.count()
        self._names = FrameNames()
        self._clients: defaultdict[str, Client] = defaultdict(Client)
        self._wish = contextvars.copy_context()
        """The context of the newest wish. What is sent in it answers that wish, so ipykernel routes what the page says
        next to where the wish was heard: a subshell, and not a main thread that may be busy."""
        self._changed = threading.Condition()
        self._ended = self._extended = False
        self._end_watching = extensions.watch(self.extend)
        self.on_msg(self._receive)
        self._sender = threading.Thread(target=self._serve, name="dicom_widgets frames", daemon=True)
        self._sender.start()

    def offer(self) -> str:
        """Return a new name, under which `fill` offers frames."""
        name = f"{self.uid}.s{next(self._count)}"
        with self._changed:
            self._offers[name] = None
        return name

    def fill(
        self,
        name: str,
        frames: Sequence[Frame],
        present: Present,
        prepare: Prepare | None = None,
        variants: Sequence[Any] = (),
    ) -> list[str]:
        """Say which frames an offer has now, and return their names.

        Parameters
        ----------
        name : str
            Of the offer.
        frames : sequence of Frame
            What the stored values of each frame belong to.
        present : callable
            Index of a frame -> what is shown; called by the sender thread when a page wants it.
        prepare : callable, optional
            Called with the indices of what a page wants, nearest first, before it is presented one by one.
        variants : sequence, optional
            For each frame, what makes other values of it (`FrameNames.of`).

        """
        with self._changed:
            names = self._names.of(frames, variants)
            if name in self._offers:  # else it was withdrawn meanwhile
                self._offers[name] = Offer(present, prepare, {n: i for i, n in reversed([*enumerate(names)])})
        return names

    def withdraw(self, name: str) -> None:
        """Offer nothing under a name any longer."""
        with self._changed:
            self._offers.pop(name, None)

    def handle(self, kind: str, handler: Callable[[Any], None]) -> None:
        """Have messages of a kind, which are not about frames, handled by somebody else; on any thread."""
        self._handlers[kind] = handler

    @property
    def busy(self) -> bool:
        """Whether pages wait for frames."""
        with self._changed:
            return any(c.wants for c in self._clients.values())

    def extend(self) -> None:
        """Tell pages what other packages add to their script, where there is something or was."""
        content = extensions.extensions()
        extended = bool(content["tools"] or content["measurements"])
        if extended or self._extended:
            self.send(content)
        self._extended = extended

    def end(self) -> None:
        """Stop the sender, and close the widget with its models."""
        self._end_watching()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if threading.current_thread() is not self._sender:
            self._sender.join(5)
        with contextlib.suppress(Exception):  # the kernel may be on its way out
            self.close()

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        if handler := self._handlers.get(content["type"]):
            handler(content)

    def _want(self, message: Want) -> None:
        """Take what a page wants, holds and acknowledges."""
        wish, now = None, time.monotonic()
        with self._changed:
            client = self._clients[str(message.get("client", ""))]
            client.heard = now
            for name in [n for n, c in self._clients.items() if now - c.heard > Client.GONE]:
                del self._clients[name]  # closed or loaded anew, as others are heard; if not, it asks again
            newest = client.is_newest(message["n"])
            for ack in message["acks"]:
                client.acknowledge(**ack)
            if newest:
                client.want(message, now)
                self._wish = contextvars.copy_context()
                wish = self._nearest(client)
            self._changed.notify_all()
        if wish is not None:
            prepare, indices = wish
            prepare(indices)

    def _nearest(self, client: Client) -> tuple[Prepare, list[int]] | None:
        """Return what prepares frames of the series that a page looks at, and which it wants."""
        keys = [(series, name) for series, _, name in (k.rpartition(".") for k in client.wants)]
        offer = self._offers.get(keys[0][0]) if keys else None
        if offer is None or offer.prepare is None:
            return None
        wanted = [name for series, name in keys if series == keys[0][0]]
        return offer.prepare, [offer.indices[name] for name in wanted if name in offer.indices]

    def _serve(self) -> None:
        while True:
            with self._changed:
                if self._ended:
                    return
                job = self._next()
                if job is None:
                    self._changed.wait(Client.PATIENCE if self.busy else None)
                    continue
            self._emit(job)  # no lock is held while presenting and sending

    def _next(self) -> Job | None:
        """Return the next frame to send."""
        now = time.monotonic()
        for client in self._clients.values():
            wanted = [(key, found) for key in client.wants if (found := self._find(key))]
            client.wants = [key for key, _ in wanted]
            if not client.may_have(now):
                continue
            key, (offer, index) = wanted[0]
            buffer = f"{self.uid}.{key.rpartition('.')[2]}"
            # A message reaches every client: one sending serves all that want it.
            takers = [c for c in self._clients.values() if key in c.wants]
            bare = any(buffer not in c.buffers for c in takers)
            for taker in takers:
                taker.take(key, buffer)
            return Job(key, buffer, offer.present, index, takers, bare)
        return None

    def _find(self, key: str) -> tuple[Offer, int] | None:
        """Return the offer of a frame that a page wants, and which of its frames that is."""
        series, _, name = key.rpartition(".")
        offer = self._offers.get(series)
        index = offer.indices.get(name) if offer is not None else None
        return None if offer is None or index is None else (offer, index)

    def _emit(self, job: Job) -> None:
        """Present and send a frame: the mark, from which its time is measured, then the picture with its values.

        Where the values would take long and a view waits for them, a preview goes first: each so many-th row and
        column. While a hand scrolls previews go alone, also those of frames ahead, and the whole follows where the hand
        rests. A message reaches all clients, so the slowest of those that want it decides.
        """
        shown = job.make()
        nbytes = values_bytes(shown) if job.bare else 0
        with self._changed:
            speed = min((c.speed for c in job.takers), key=lambda speed: speed.rate)
            packed = not speed.raw and all(c.inflates for c in job.takers)
            looked_at = any(job.key in c.shown for c in job.takers)
            scrolling = all(c.scrolling for c in job.takers)
            previewed = all(job.key in c.previews for c in job.takers)
            before = max(sum(f.nbytes for f in c.flying.values()) for c in job.takers)
            takes = speed.seconds(nbytes // 2 if packed else nbytes)
            late = takes > HURRY if scrolling else looked_at and takes + speed.seconds(before) > PREVIEW
        step = preview_step(nbytes) if late and not previewed else 1
        more = step > 1 and not scrolling
        content, buffers = frame_message(shown, step=step if job.bare else 0, packed=packed)
        messages = [("frame", ({**content, "more": more}, buffers))]
        if more and isinstance(shown, Picture):
            messages.append(("values", values_message(shown.layers[0], packed=packed)))
        size = sum(len(b) for _, (_, buffers) in messages for b in buffers)
        now = time.monotonic()
        with self._changed:
            within = max(c.leaves(job.key, size, now, whole=step == 1 or more) for c in job.takers)
        mark: Mark = {"type": "mark", "key": job.key, "within": round(within * 1e3)}
        self._tell(mark)
        for kind, (content, buffers) in messages:
            self._tell({**content, "type": kind, "key": job.key, "buffer": job.buffer}, buffers)
        self.sent, self.sent_bytes = self.sent + 1, self.sent_bytes + size

    def _tell(self, content: Mapping[str, Any], buffers: list[memoryview] | None = None) -> None:
        with contextlib.suppress(Exception):  # the comm closes with the kernel
            self._wish.copy().run(self.send, content, buffers=buffers or [])


def runtime_of(session: Session) -> Runtime:
    """Return the session's runtime."""
    return session.own("runtime", Runtime, Runtime.end)
