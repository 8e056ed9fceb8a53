"""The messages of a frame: a picture as JSON, and buffers of stored values, tables and bits."""

from __future__ import annotations

import math
import zlib
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from dicom_widgets.display.graphics.shapes import shapes_message
from dicom_widgets.display.picture.layer import Grey, Layer, rgba_pixels
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.picture.shown import Page, Shown
from dicom_widgets.display.pipeline import gsdf
from dicom_widgets.display.pipeline.grayscale import Table
from dicom_widgets.display.pipeline.view_settings import Window

Message = tuple[dict[str, Any], list[memoryview]]
"""What `Widget.send` takes: JSON (`PictureMessage`, `SentValues`), and buffers, which its `parts` describe."""

_SMALL: Final = 32 << 10
"""Bytes that a preview may have before it is deflated."""


def frame_message(shown: Shown, *, step: int = 1, packed: bool = False) -> Message:
    """Return a picture or a page as the page's script gets it.

    Parameters
    ----------
    shown : Picture or Page
        What is shown.
    step : int
        1 sends the stored values along, 0 does not; a larger one sends each so many-th row and column: a preview.
    packed : bool
        Whether buffers are deflated.

    """
    if not isinstance(shown, Picture):
        html = shown.html if isinstance(shown, Page) else ""
        return {"page": html, "parts": [], "label": shown.title, "texts": {}, "shapes": [], "state": {}}, []
    layer = shown.layers[0]
    described, tables = _grey(shown, layer) if isinstance(layer, Grey) else (_COLOR, {})
    covers = _covers(shown)
    tables |= _value_tables(shown, layer)
    parts = {"values": (_kind(layer), layer.values[::step, ::step])} if step else {}
    parts |= {name: (str(array.dtype), array) for name, array in tables.items()}
    parts |= {name: ("bits", np.packbits(bits, bitorder="little")) for name, _, bits in covers}
    layers, added = _layers(shown)
    parts |= added
    rows, columns = layer.shape
    content = {
        **described,
        "preview": step if step > 1 else 0,
        "base": 0,
        "rows": rows,
        "columns": columns,
        "strideX": 1,
        "strideY": columns,
        "smooth": layer.smooth,
        "layers": layers,
        "covers": [{"name": name, "color": color} for name, color, _ in covers],
        **_around_values(shown),
    }
    return _message(content, parts, packed=packed)


def _around_values(shown: Picture) -> dict[str, Any]:
    """Return how a picture lies on the screen, what its values mean, and what is written and drawn over it."""
    return {
        "home": asdict(shown.home) if shown.home else None,
        "turns": shown.turns,
        "flip": shown.flip,
        "aspect": shown.aspect,
        "spacing": asdict(shown.spacing),
        "meaning": shown.meaning.message(),
        "runs": shown.runs,
        "texts": shown.texts,
        "shapes": shapes_message(shown.shapes),
        "switches": shown.switches,
        "state": shown.state,
        "label": shown.title,
        "fidelity": shown.record["fidelity"],
    }


def values_message(layer: Layer, *, packed: bool = False) -> Message:
    """Return the stored values of a picture whose preview was sent."""
    return _message({}, {"values": (_kind(layer), layer.values)}, packed=packed)


def values_bytes(shown: Shown) -> int:
    """Return the bytes of the stored values of what is shown."""
    return shown.layers[0].values.nbytes if isinstance(shown, Picture) else 0


def preview_step(nbytes: int) -> int:
    """Return how many rows and columns lie between those of a preview."""
    return math.ceil(math.sqrt(nbytes / _SMALL))


def _message(content: dict[str, Any], parts: dict[str, tuple[str, np.ndarray]], *, packed: bool) -> Message:
    """Return a message with its buffers; deflated ones come as planes: first the low bytes of all values, and so on."""
    planes = {name: (3 if kind == "rgb" else array.itemsize) if packed else 0 for name, (kind, array) in parts.items()}
    named = [[name, kind, planes[name]] for name, (kind, _) in parts.items()]
    buffers = [_pack(array, planes[name]) for name, (_, array) in parts.items()]
    return {**content, "parts": named}, buffers


def _pack(array: np.ndarray, planes: int) -> memoryview:
    whole = np.ascontiguousarray(array)
    if not planes:
        return whole.data.cast("B")
    split = whole.reshape(-1).view(np.uint8).reshape(-1, planes).T
    return memoryview(zlib.compress(split.tobytes(), 1))  # level 6 takes four times as long for 3 % less


def _kind(layer: Layer) -> str:
    return str(layer.values.dtype) if isinstance(layer, Grey) else "rgb"


_COLOR: Final[dict[str, Any]] = {"format": "rgb", "chain": "", "voi": None, "windows": []}


def _grey(shown: Picture, layer: Grey) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return how the page makes grey of stored values, and the tables for it."""
    chain = layer.chain
    stages = {"modality": chain.modality.table, "voi": chain.voi, "presentation": chain.presentation}
    stages |= {f"lut{i}": t for i, t in enumerate(shown.luts, 1)}
    tables = {name: t.entries for name, t in stages.items() if isinstance(t, Table)}
    if layer.palette is not None:
        tables["palette"] = rgba_pixels(layer.palette.entries)
    modality = {"slope": chain.modality.slope, "intercept": chain.modality.intercept}
    if chain.modality.table is not None:
        modality = {"first": chain.modality.table.first}
    voi = asdict(chain.voi) if isinstance(chain.voi, Window) else _describe(chain.voi)
    luts = [{"lut": i, "explanation": t.explanation} for i, t in enumerate(shown.luts, 1)]
    light = chain.luminance
    described = {
        "format": str(layer.values.dtype),
        "chain": repr((shown.key if tables else (modality, voi, chain.inverse, chain.padding, chain.signed), light)),
        "signed": chain.signed,
        "modality": modality,
        "voi": voi,
        "presentation": _describe(chain.presentation) if chain.presentation else None,
        "palette": layer.palette.first if layer.palette else None,
        "luts": [_describe(t) for t in shown.luts],
        "linear": asdict(Window.over(*layer.range)),
        "inverse": chain.inverse,
        "padding": chain.padding,
        "windows": [asdict(w) for w in shown.windows] + luts,
    }
    if light is not None:
        tables["display"] = gsdf.table(*light)
    return described, tables


def _value_tables(shown: Picture, layer: Layer) -> dict[str, np.ndarray]:
    """Return the tables by which the page reads values: what codes stand for, and the object's own Modality LUT."""
    modality = shown.meaning.modality
    found = {
        "coded": layer.code_values if isinstance(layer, Grey) else None,
        "meant": modality.table if modality else None,
    }
    real = {f"real{i}": r.table for i, r in enumerate(shown.meaning.real) if r.table is not None}
    return {name: table.entries for name, table in found.items() if table} | real


def _layers(picture: Picture) -> tuple[list[dict[str, Any]], dict[str, tuple[str, np.ndarray]]]:
    """Return what is laid over a picture: descriptions for the page, and parts by name with their type."""
    described: list[dict[str, Any]] = []
    parts: dict[str, tuple[str, np.ndarray]] = {}
    for i, added in enumerate(picture.tints):
        words, colors = f"words{i}", f"colors{i}"
        parts |= {words: (str(added.values.dtype), added.values), colors: ("uint32", added.words)}
        described.append(
            {
                "name": added.switch,
                "opacity": added.opacity,
                "smooth": added.smooth,
                "words": words,
                "colors": colors,
            }
        )
    return described, parts


def _covers(shown: Picture) -> list[tuple[str, str, np.ndarray]]:
    """Return what is painted over the image: name, colour and bits, in the order of painting."""
    found = [("shutter", shown.shutter.color, shown.shutter.hidden)] if shown.shutter else []
    return found + [(overlay.name, overlay.color, overlay.bits) for overlay in shown.overlays]


def _describe(table: Table) -> dict[str, Any]:
    return {"first": table.first, "bits": table.bits, "explanation": table.explanation}
