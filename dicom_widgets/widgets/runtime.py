"""The page runtime: one hidden widget a session that serves frames to the pages, and carries their script.

Pages say what they want, nearest first; a sender thread presents and sends it, at most `CREDITS` frames under way to
each client. Messages may arrive in any order, be lost, and come on any thread: they are numbered, time gives back a
credit but not the frame, and a page asks again after three seconds.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import secrets
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import asdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import anywidget
import numpy as np
import traitlets

from dicom_widgets.config import options
from dicom_widgets.display.graphics import message
from dicom_widgets.display.grayscale import Table
from dicom_widgets.display.layer import Grey, Layer, words
from dicom_widgets.display.look import Window
from dicom_widgets.display.picture import Page, Picture, Shown, page
from dicom_widgets.errors import DicomWidgetsError
from dicom_widgets.privacy import MASK, PATIENT, without
from dicom_widgets.values import text
from dicom_widgets.widgets.layers import layer_message

if TYPE_CHECKING:
    from dicom_widgets.model import Entity
    from dicom_widgets.session import Session

_PARTS: Final = (
    "register",
    "dom",
    "lut",
    "resample",
    "pool",
    "figures",
    "marks",
    "layers",
    "drawing",
    "paint",
    "surface",
    "crossing",
    "links",
    "measure",
    "probe",
    "cross",
    "tools",
    "commands",
    "cine",
    "dims",
    "hand",
    "help",
    "toolbar",
    "viewport",
    "mpr",
    "cells",
    "doctor",
    "browser",
    "series",
    "tags",
    "picker",
    "main",
)
Present = Callable[[int], Shown]
Prepare = Callable[[list[int]], None]


def _script(*parts: str) -> str:
    folder = files("dicom_widgets.widgets") / "js"
    return "\n".join((folder / f"{p}.js").read_text("utf-8") for p in parts)


def _style() -> str:
    return f"const STYLE = {json.dumps((files('dicom_widgets.widgets') / 'js' / 'style.css').read_text('utf-8'))};\n"


class Runtime(anywidget.AnyWidget):
    """The frames of the page; never displayed."""

    _esm = _style() + _script(*_PARTS)
    CREDITS, PATIENCE, LOST = 2, 0.3, 2.5  # frames, seconds, seconds
    uid = traitlets.Unicode().tag(sync=True)
    budget = traitlets.Int(256 << 20).tag(sync=True)
    """Bytes of frames that a page holds."""
    ahead = traitlets.Int(24).tag(sync=True)
    """Frames that a page asks for on each side of the one it shows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(uid=secrets.token_hex(4), **kwargs)
        self.sent = self.sent_bytes = 0
        self._series: dict[str, tuple[str, Hashable, Present]] = {}
        self._prepare: dict[str, Prepare] = {}
        self._ears: dict[str, Callable[[dict[str, Any]], None]] = {}
        self._count = itertools.count()
        self._newest: dict[str, int] = {}
        self._wants: dict[str, list[str]] = {}
        self._buffers: dict[str, set[str]] = {}
        self._flying: dict[str, dict[str, tuple[float, str]]] = {}  # client -> key -> when it left, with which buffer
        self._changed = threading.Condition()
        self._ended = False
        self.on_msg(self._heard)
        self._sender = threading.Thread(target=self._serve, name="dicom_widgets frames", daemon=True)
        self._sender.start()

    def offer(self, present: Present, sources: Hashable, prepare: Prepare | None = None) -> tuple[str, str]:
        """Offer a series of frames: a function of the index that presents one.

        Parameters
        ----------
        present : callable
            Index from 0 -> what is shown; called by the sender thread when a page wants the frame.
        sources : hashable
            Equal for offers with the same stored values: these travel once, whatever is presented of them.
        prepare : callable, optional
            Indices -> nothing: called with what a page wants, nearest first, before it is presented one by one.

        Returns
        -------
        (name, pixels)
            Names of the series and of its stored values, for the page.

        """
        name = f"{self.uid}.s{next(self._count)}"
        with self._changed:
            same = next((pixels for pixels, s, _ in self._series.values() if s == sources), None)
            pixels = same or f"{self.uid}.p{next(self._count)}"
            self._series[name] = (pixels, sources, present)
            if prepare is not None:
                self._prepare[name] = prepare
        return name, pixels

    def withdraw(self, name: str) -> None:
        """Offer a series no longer."""
        with self._changed:
            self._series.pop(name, None)
            self._prepare.pop(name, None)

    def hear(self, kind: str, ear: Callable[[dict[str, Any]], None]) -> None:
        """Hand messages of a kind, which are not about frames, to somebody else; on any thread."""
        self._ears[kind] = ear

    @property
    def busy(self) -> bool:
        """Whether pages wait for frames."""
        return any(self._wants.values())

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
        client = str(content.get("client", ""))
        with self._changed:
            newest = content["n"] > self._newest.get(client, -1)  # two threads may hear them in the wrong order
            self._newest[client] = max(content["n"], self._newest.get(client, -1))
            if content["type"] == "want" and newest:
                flying = self._flying.setdefault(client, {})
                for key in [k for k, (t, _) in flying.items() if time.monotonic() - t > self.LOST]:
                    del flying[key]
                self._wants[client] = [k for k in content["keys"] if k not in flying]
                self._buffers[client] = {*content["buffers"], *(buffer for _, buffer in flying.values())}
            elif content["type"] == "ack":
                self._flying.get(client, {}).pop(content["key"], None)
            ahead = self._nearest(client) if content["type"] == "want" and newest else None
            self._changed.notify_all()
        if ahead is not None:
            prepare, indices = ahead
            prepare(indices)
        return None

    def _nearest(self, client: str) -> tuple[Prepare, list[int]] | None:
        """Return what prepares frames of the series that a page looks at, and which it wants."""
        keys = [k.rpartition(".") for k in self._wants[client]]
        prepare = self._prepare.get(keys[0][0]) if keys else None
        return (prepare, [int(i) for name, _, i in keys if name == keys[0][0]]) if prepare else None

    def _serve(self) -> None:
        while True:
            with self._changed:
                if self._ended:
                    return
                job = self._next()
                if job is None:
                    self._changed.wait(self.PATIENCE if any(self._wants.values()) else None)
                    continue
            self._emit(*job)  # no lock is held while presenting and sending

    def _next(self) -> tuple[str, str, Present, bool] | None:
        """Return the next frame to send: key, name of its pixels, how to present it, whether pixels must go along."""
        now = time.monotonic()
        for client, keys in self._wants.items():
            keys[:] = [k for k in keys if k.rpartition(".")[0] in self._series]
            under_way = sum(now - t < self.PATIENCE for t, _ in self._flying[client].values())
            if keys and under_way < self.CREDITS:
                key = keys[0]
                series, _, index = key.rpartition(".")
                pixels, _, present = self._series[series]
                buffer = f"{pixels}.{index}"
                takers = [c for c, wanted in self._wants.items() if key in wanted]
                bare = any(buffer not in self._buffers[c] for c in takers)
                for c in takers:  # a message reaches every client: one sending serves all that want it
                    self._wants[c].remove(key)
                    self._flying[c][key] = now, buffer
                    self._buffers[c].add(buffer)
                return key, buffer, present, bare
        return None

    def _emit(self, key: str, buffer: str, present: Present, with_pixels: bool) -> None:
        try:
            shown = present(int(key.rpartition(".")[2]))
        except Exception as error:  # noqa: BLE001  one frame must not end the service of all others
            words = str(error) if isinstance(error, DicomWidgetsError) else f"It cannot be shown: {error!r}."
            shown = page("image", "Not shown", words, [], {"why": words})
        content, buffers = frame_message(shown, with_pixels=with_pixels)
        with contextlib.suppress(Exception):  # the comm closes with the kernel
            self.send({**content, "type": "frame", "key": key, "buffer": buffer}, buffers=buffers)
        self.sent, self.sent_bytes = self.sent + 1, self.sent_bytes + sum(len(b) for b in buffers)


def frame_message(shown: Shown, *, with_pixels: bool) -> tuple[dict[str, Any], list[memoryview]]:
    """Return a picture or a page as the page's script gets it: JSON, and buffers named and typed by `parts`."""
    if not isinstance(shown, Picture):
        html = shown.html if isinstance(shown, Page) else ""
        return {"page": html, "parts": [], "label": shown.title, "texts": {}, "shapes": [], "state": {}}, []
    layer = shown.layers[0]
    described, tables = _grey(shown, layer) if isinstance(layer, Grey) else (_COLOR, {})
    covers = _covers(shown)
    tables |= _meant(shown, layer)
    parts = {"values": (described["format"], layer.values)} if with_pixels else {}
    parts |= {name: (str(array.dtype), array) for name, array in tables.items()}
    parts |= {name: ("bits", np.packbits(bits, bitorder="little")) for name, _, bits in covers}
    layers, added = layer_message(shown)
    parts |= added
    rows, columns = layer.shape
    content = {
        **described,
        "parts": [[name, kind] for name, (kind, _) in parts.items()],
        "base": 0,
        "rows": rows,
        "columns": columns,
        "strideX": 1,
        "strideY": columns,
        "smooth": layer.smooth,
        "layers": layers,
        "covers": [{"name": name, "color": color} for name, color, _ in covers],
        "home": asdict(shown.home) if shown.home else None,
        "turns": shown.turns,
        "flip": shown.flip,
        "aspect": shown.aspect,
        "spacing": asdict(shown.spacing),
        "meaning": shown.meaning.message(),
        "runs": shown.runs,
        "texts": shown.texts,
        "shapes": message(shown.shapes),
        "switches": shown.switches,
        "state": shown.state,
        "label": shown.title,
        "fidelity": shown.record["fidelity"],
    }
    return content, [np.ascontiguousarray(array).data.cast("B") for _, array in parts.values()]


_COLOR: Final[dict[str, Any]] = {"format": "rgb", "chain": "", "voi": None, "windows": []}


def _grey(shown: Picture, layer: Grey) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return how the page makes grey of stored values, and the tables for it."""
    chain = layer.chain
    stages = {"modality": chain.modality.table, "voi": chain.voi, "presentation": chain.presentation}
    stages |= {f"lut{i}": t for i, t in enumerate(shown.luts, 1)}
    tables = {name: t.entries for name, t in stages.items() if isinstance(t, Table)}
    if layer.palette is not None:
        tables["palette"] = words(layer.palette.entries)
    modality = {"slope": chain.modality.slope, "intercept": chain.modality.intercept}
    if chain.modality.table is not None:
        modality = {"first": chain.modality.table.first}
    voi = asdict(chain.voi) if isinstance(chain.voi, Window) else _described(chain.voi)
    luts = [{"lut": i, "explanation": t.explanation} for i, t in enumerate(shown.luts, 1)]
    described = {
        "format": str(layer.values.dtype),
        "chain": shown.key if tables else repr((modality, voi, chain.inverse, chain.padding, chain.signed)),
        "signed": chain.signed,
        "modality": modality,
        "voi": voi,
        "presentation": _described(chain.presentation) if chain.presentation else None,
        "palette": layer.palette.first if layer.palette else None,
        "luts": [_described(t) for t in shown.luts],
        "linear": asdict(Window.over(*layer.range)),
        "inverse": chain.inverse,
        "padding": chain.padding,
        "windows": [asdict(w) for w in shown.windows] + luts,
    }
    return described, tables


def _meant(shown: Picture, layer: Layer) -> dict[str, np.ndarray]:
    """Return the tables by which the page reads values: what codes stand for, and the object's own Modality LUT."""
    modality = shown.meaning.modality
    found = {"coded": layer.behind if isinstance(layer, Grey) else None, "meant": modality.table if modality else None}
    return {name: table.entries for name, table in found.items() if table}


def _covers(shown: Picture) -> list[tuple[str, str, np.ndarray]]:
    """Return what is painted over the image: name, colour and bits, in the order of painting."""
    found = [("shutter", shown.shutter.color, shown.shutter.hidden)] if shown.shutter else []
    return found + [(overlay.name, overlay.color, overlay.bits) for overlay in shown.overlays]


def _described(table: Table) -> dict[str, Any]:
    return {"first": table.first, "bits": table.bits, "explanation": table.explanation}


def runtime_of(session: Session) -> Runtime:
    """Return the session's runtime."""
    return session.own("runtime", Runtime, Runtime.end)


class Part(anywidget.AnyWidget):
    """A visible widget: a stub in the page that the session's runtime fills.

    Its `repr` and its static output say nothing about a patient. In the page it says who the patient is, unless `mask`
    is set, or `options.phi` is "mask" when something is sent.
    """

    _esm = _script("register", "stub")
    part = traitlets.Unicode().tag(sync=True)
    uid = traitlets.Unicode().tag(sync=True)
    mask = traitlets.Bool(False)
    """Whether names, IDs and dates are hidden in the page too."""
    runtime = traitlets.Any().tag(
        sync=True,
        to_json=lambda widget, _: f"IPY_MODEL_{widget.model_id}" if widget else None,
        from_json=lambda v, _: v,
    )

    def __init__(self, session: Session, **kwargs: Any) -> None:
        self._endings: list[Callable[[], None]] = []
        unknown = [k for k in kwargs if not self.has_trait(k)]
        if unknown:  # ipywidgets would only warn
            raise TypeError(
                f"{type(self).__name__} has no {unknown[0]!r}; it has {', '.join(sorted(self.trait_names()))}."
            )
        super().__init__(runtime=runtime_of(session), uid=secrets.token_hex(4), **kwargs)
        self.session = session
        self._endings.append(session.on_close(self.close))
        self.on_msg(self._received)
        self.observe(lambda _: self._renew(), names="mask")

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def _received(self, _widget: object, content: dict[str, Any], _buffers: list[memoryview]) -> None:
        try:
            self._heard(content)
        except DicomWidgetsError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  JupyterLab hides errors of callbacks
            self._fail(f"{type(error).__name__}: {error}")

    def _heard(self, content: dict[str, Any]) -> None:
        """Do what the page asks; on the main thread or on a subshell's."""
        raise NotImplementedError

    def _fail(self, words: str) -> None:
        """Show an error in the widget."""
        raise NotImplementedError

    # --- who the patient is

    @property
    def masks(self) -> bool:
        """Whether names, IDs and dates are hidden."""
        return self.mask or options.phi == "mask"

    def covered(self, words: str) -> str:
        """Return what says who the patient is, or the mask."""
        return MASK if words and self.masks else words

    def spared(self, sentence: str) -> str:
        """Return a sentence that was made elsewhere; where names are hidden, without them and without paths."""
        return without(sentence, self._secrets()) if self.masks else sentence

    def _secrets(self) -> Iterator[str]:
        """Yield what a sentence must not say: names and IDs that the session knows."""
        for study in self._known():
            yield from (text(study.attributes.get(keyword)) for keyword in PATIENT)

    def _known(self) -> Iterable[Entity]:
        return self.session.studies

    def _renew(self) -> None:
        """Send again what the page shows, as the mask was put on or taken off."""
        self._heard({"type": "ready"})

    def close(self) -> None:
        """Take the widget off the page, and stop following the session."""
        endings, self._endings = self._endings, []
        for end in endings:
            end()
        super().close()
