"""The page runtime: one hidden widget a session that serves frames to the pages, and carries their script.

Pages say what they want, nearest first; a sender thread presents and sends it, at most two frames under way to each
client. Messages may arrive in any order, be lost, and come on any thread: they are numbered, time gives back a credit
but not the frame, and a page asks again after three seconds without one. Stored values are named by instance and frame,
so they travel once, whatever is presented of them and however a series grows.
"""

from __future__ import annotations

import contextlib
import contextvars
import itertools
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

import anywidget
import traitlets

from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.picture.shown import Shown, page
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.widgets.runtime.client import Client
from dicom_widgets.widgets.runtime.frame_message import frame_message, preview_step, values_bytes, values_message
from dicom_widgets.widgets.runtime.script import script

if TYPE_CHECKING:
    from dicom_widgets.session.session import Session

Frame = tuple[Any, ...]
"""An instance, or what else stored values belong to, and which of them: a frame's number; equal ones are the same."""
Present = Callable[..., Shown]
Prepare = Callable[[list[Frame]], None]

PREVIEW: Final = 0.2
"""Seconds that a frame may be on its way without a preview."""
HURRY: Final = 0.1
"""Seconds that it may take by itself while a hand scrolls."""


def stem(name: str) -> str:
    """Return the name of a frame, whatever is made of its values."""
    return name.partition("-")[0]


@dataclass
class Offer:
    """Frames that pages may ask for, and how they are presented."""

    present: Present
    prepare: Prepare | None
    frames: dict[str, Frame] = field(default_factory=dict)
    variants: dict[str, Any] = field(default_factory=dict)
    """Name -> what else than the frame's own values is presented of it; not there for its own ones."""


@dataclass(frozen=True)
class Job:
    """A frame to be sent."""

    key: str
    buffer: str
    offer: Offer
    frame: Frame
    takers: list[Client]
    bare: bool
    """Whether some taker lacks the stored values."""
    variant: dict[str, Any]
    """What else is presented of it than its own values."""

    def present(self) -> Shown:
        """Return what is shown; a failure is a page that says why."""
        try:
            return self.offer.present(*self.frame, **self.variant)
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
        self._offers: dict[str, Offer] = {}
        self._ears: dict[str, Callable[[dict[str, Any]], None]] = {}
        self._count = itertools.count()
        self._numbers: WeakKeyDictionary[Any, dict[tuple[Any, ...], int]] = WeakKeyDictionary()
        self._variants: dict[Any, int] = {}
        self._clients: defaultdict[str, Client] = defaultdict(Client)
        self._asked = contextvars.copy_context()
        """The context of the newest wish. What is sent in it answers that wish, so ipykernel routes what the page says
        next to where the wish was heard: a subshell, and not a main thread that may be busy."""
        self._changed = threading.Condition()
        self._ended = False
        self.on_msg(self._heard)
        self._sender = threading.Thread(target=self._serve, name="dicom_widgets frames", daemon=True)
        self._sender.start()

    def offer(self, present: Present, prepare: Prepare | None = None) -> str:
        """Offer frames under a new name; `fill` says which.

        Parameters
        ----------
        present : callable
            (instance, frame), or whatever a `Frame` has, and `variant=` where it has one -> what is shown; called by
            the sender thread when a page wants it.
        prepare : callable, optional
            Frames -> nothing: called with what a page wants, nearest first, before it is presented one by one.

        """
        name = f"{self.uid}.s{next(self._count)}"
        with self._changed:
            self._offers[name] = Offer(present, prepare)
        return name

    def fill(self, name: str, frames: Sequence[Frame], variants: Sequence[Any] = ()) -> list[str]:
        """Say which frames an offer has now, and return their names: those of an instance and frame never change.

        Parameters
        ----------
        name : str
            Of the offer.
        frames : sequence of Frame
        variants : sequence, optional
            For each frame, what makes other values of it, and is given to `present` as `variant`; what is false makes
            none, and equal ones make equal values. Such a name is that of the frame, a dash, and a number (`stem`).

        """
        with self._changed:
            names, made = [], {}
            for (owner, *which), variant in itertools.zip_longest(frames, variants):
                numbers = self._numbers.setdefault(owner, {})
                names.append(str(numbers.setdefault(tuple(which), next(self._count))))
                if variant:
                    names[-1] += f"-{self._variants.setdefault(variant, next(self._count))}"
                if variant is not None:
                    made[names[-1]] = variant
            if name in self._offers:  # else it was withdrawn meanwhile
                self._offers[name].frames = dict(zip(names, frames, strict=True))
                self._offers[name].variants = made
        return names

    def withdraw(self, name: str) -> None:
        """Offer a series no longer."""
        with self._changed:
            self._offers.pop(name, None)

    def hear(self, kind: str, ear: Callable[[dict[str, Any]], None]) -> None:
        """Hand messages of a kind, which are not about frames, to somebody else; on any thread."""
        self._ears[kind] = ear

    @property
    def busy(self) -> bool:
        """Whether pages wait for frames."""
        with self._changed:
            return any(c.wants for c in self._clients.values())

    def end(self) -> None:
        """Stop the sender, and close the widget with its models."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if threading.current_thread() is not self._sender:
            self._sender.join(5)
        with contextlib.suppress(Exception):  # the kernel may be on its way out
            self.close()

    def _heard(self, _widget: object, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        if ear := self._ears.get(content["type"]):
            return ear(content)
        ahead, now = None, time.monotonic()
        with self._changed:
            client = self._clients[str(content.get("client", ""))]
            client.heard = now
            for name in [n for n, c in self._clients.items() if now - c.heard > Client.GONE]:
                del self._clients[name]  # closed or loaded anew, as others are heard; if not, it asks again
            newest = client.is_newest(content["n"])
            for ack in content["acks"]:
                client.acknowledged(**ack)
            if newest:
                client.wanted(content, now)
                self._asked = contextvars.copy_context()
                ahead = self._nearest(client)
            self._changed.notify_all()
        if ahead is not None:
            prepare, frames = ahead
            prepare(frames)
        return None

    def _nearest(self, client: Client) -> tuple[Prepare, list[Frame]] | None:
        """Return what prepares frames of the series that a page looks at, and which it wants."""
        keys = [(series, name) for series, _, name in (k.rpartition(".") for k in client.wants)]
        offer = self._offers.get(keys[0][0]) if keys else None
        if offer is None or offer.prepare is None:
            return None
        return offer.prepare, [offer.frames[n] for series, n in keys if series == keys[0][0] and n in offer.frames]

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
            client.wants = [k for k in client.wants if self._offered(k)]
            if client.may_have(now):
                key = client.wants[0]
                series, _, name = key.rpartition(".")
                offer, buffer = self._offers[series], f"{self.uid}.{name}"
                # A message reaches every client: one sending serves all that want it.
                takers = [c for c in self._clients.values() if key in c.wants]
                bare = any(buffer not in c.buffers for c in takers)
                for taker in takers:
                    taker.take(key, buffer)
                variant = {"variant": offer.variants[name]} if name in offer.variants else {}
                return Job(key, buffer, offer, offer.frames[name], takers, bare, variant)
        return None

    def _offered(self, key: str) -> bool:
        series, _, name = key.rpartition(".")
        return series in self._offers and name in self._offers[series].frames

    def _emit(self, job: Job) -> None:
        """Present and send a frame: the mark, by which its time is measured, then the picture; the values with it.

        Where the values would be long on their way, and a view waits for them, a few of them go with the picture; those
        alone while a hand scrolls.
        """
        shown = job.present()
        nbytes = values_bytes(shown) if job.bare else 0
        with self._changed:
            pace = min((c.pace for c in job.takers), key=lambda pace: pace.rate)
            packed = not pace.raw and all(c.inflates for c in job.takers)
            looked_at = any(job.key in c.shown for c in job.takers)
            scrolling = all(c.scrolling for c in job.takers)
            previewed = all(job.key in c.previews for c in job.takers)
            before = max(sum(f.nbytes for f in c.flying.values()) for c in job.takers)
            takes = pace.seconds(nbytes // 2 if packed else nbytes)
            late = takes > HURRY if scrolling else looked_at and takes + pace.seconds(before) > PREVIEW
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
        self._tell({"type": "mark", "key": job.key, "within": round(within * 1e3)})
        for kind, (content, buffers) in messages:
            self._tell({**content, "type": kind, "key": job.key, "buffer": job.buffer}, buffers)
        self.sent, self.sent_bytes = self.sent + 1, self.sent_bytes + size

    def _tell(self, content: dict[str, Any], buffers: list[memoryview] | None = None) -> None:
        with contextlib.suppress(Exception):  # the comm closes with the kernel
            self._asked.copy().run(self.send, content, buffers=buffers or [])


def runtime_of(session: Session) -> Runtime:
    """Return the session's runtime."""
    return session.own("runtime", Runtime, Runtime.end)
