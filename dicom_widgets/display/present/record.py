"""The record of a picture: what each stage from stored values to the screen used, from which attribute, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dicom_widgets.dicom.conformance import storage_name, syntax_name
from dicom_widgets.display.texts.corner_texts import is_lossy
from dicom_widgets.display.values.suv import suv_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom.dataset import Dataset

    from dicom_widgets.display.graphics.overlay import Overlay
    from dicom_widgets.display.picture.shown import Record
    from dicom_widgets.display.present.digital_subtraction import Subtracted
    from dicom_widgets.display.present.request import Request
    from dicom_widgets.display.values.value_semantics import ValueSemantics

Stages = list[tuple[str, str, str]]
"""Stage, what was used, and from which attribute."""
_GREY: Final = ("modality", "mask subtraction", "voi", "presentation LUT")
"""Stages that colour images do not have."""
_LIGHT: Final = "dw.options.luminance"
_UNCALIBRATED: Final = "not calibrated: P-values are taken as sRGB"


def record_of(
    request: Request,
    ds: Dataset,
    difference: Subtracted,
    meaning: ValueSemantics,
    aspect: float,
    stages: Stages,
    notes: list[str],
    *,
    grey: bool,
) -> Record:
    """Return the record of a picture, JSON-able.

    Parameters
    ----------
    request : Request
    ds : Dataset
        Attributes of the frame.
    difference : Subtracted
        The stages that were applied, and the difference if there is one.
    meaning : ValueSemantics
    aspect : float
        Height of a stored pixel divided by its width.
    stages : list
        Stages of the layer itself: colours, codes, an ICC profile.
    notes : list of str
        Notes on the picture.
    grey : bool
        Whether it is a grey image.

    """
    instance, state, applied = request.instance, request.state, difference.applied
    every: Stages = [
        ("decode", syntax_name(instance.blob.transfer_syntax), instance.blob.origin),
        *stages,
        *(s for s in applied.stages if grey or s[0] not in _GREY),
        *(_grey(request, ds, difference, meaning) if grey else ()),
        *_common(difference, meaning, aspect),
    ]
    return {
        "sop_instance": instance.uid,
        "sop_class": storage_name(instance.sop_class),
        "frame": request.frame,
        "stages": [{"stage": stage, "used": words, "from": origin} for stage, words, origin in every],
        "presentation_state": {**state.summary(), "why": request.why} if state else None,
        "presentation_states_refused": [s.summary() for s in request.states if s.refused],
        "why": request.why,
        "not_applied": list(applied.not_applied),
        "notes": notes,
        "fidelity": _fidelity(request, ds),
    }


def _grey(
    request: Request, ds: Dataset, difference: Subtracted, meaning: ValueSemantics
) -> Iterator[tuple[str, str, str]]:
    chain, plain = difference.applied.chain, difference.words is None
    origin = "(0028,0120), (0028,0121)" if plain else "no value in the frame, or none in its mask"
    yield "padding", str(list(chain.padding or ())), origin
    suv = suv_of(ds, request.earliest) if plain else None
    if suv is not None:
        factor = f"{suv.factor:g} g/ml for each {meaning.unit or 'value'}" if suv.factor else "n/a"
        yield "SUVbw", factor, suv.why
    light = chain.luminance
    yield "display", f"GSDF from {light[0]:g} to {light[1]:g} cd/m²" if light else _UNCALIBRATED, _LIGHT


def _common(difference: Subtracted, meaning: ValueSemantics, aspect: float) -> Iterator[tuple[str, str, str]]:
    applied, spacing = difference.applied, meaning.spacing
    yield "shutter", applied.shutter.words if applied.shutter else "none", "Shutter Shape (0018,1600)"
    yield "overlays", ", ".join(_said(o) for o in applied.overlays) or "none", "groups 6000 to 601E"
    pixel = f"{spacing.down:g} x {spacing.across:g} {spacing.unit} {spacing.label}".strip()
    yield "spacing", pixel, spacing.source
    yield "pixel aspect", f"{aspect:g}", "the presentation state" if applied.aspect else "spacing or Pixel Aspect Ratio"


def _said(overlay: Overlay) -> str:
    return f"{overlay.group:04X}" + (f" ({overlay.facts})" if overlay.facts else "")


def _fidelity(request: Request, ds: Dataset) -> str:
    if request.instance.blob.guessed:
        return "guessed header"
    return "lossy source" if is_lossy(request.instance, ds) else "exact"
