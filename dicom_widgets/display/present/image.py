"""The presenter of images: a frame becomes a Picture, or a page that says why not."""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from dicom_widgets.config import options
from dicom_widgets.dicom.values import number, text, value
from dicom_widgets.display.picture.layer import ICC, Color, Grey, Layer
from dicom_widgets.display.picture.picture import Picture
from dicom_widgets.display.pipeline.color import palette_of
from dicom_widgets.display.pipeline.grayscale import Chain, Modality, Table, stored_range, to_codes, voi_choices
from dicom_widgets.display.pipeline.icc import profile_of, to_srgb
from dicom_widgets.display.pipeline.view_settings import Window, presets, with_names
from dicom_widgets.display.present import blending
from dicom_widgets.display.present.attributes import page_of
from dicom_widgets.display.present.digital_subtraction import subtract
from dicom_widgets.display.present.image_stages import color_stages, image_stages, with_covers
from dicom_widgets.display.present.record import Stages, record_of
from dicom_widgets.display.presentation_state.applied import apply_state
from dicom_widgets.display.texts.corner_texts import corner_texts, orientation_letters
from dicom_widgets.display.values.suv import TOPS, Suv
from dicom_widgets.display.values.value_semantics import semantics_of
from dicom_widgets.errors import DecodeError, NotAnImage, NotDicom
from dicom_widgets.geometry.plane import pixel_aspect
from dicom_widgets.pixels.frames import bits_stored, color_conversion, frame_with_all_bits

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicom_widgets.display.picture.shown import Page
    from dicom_widgets.display.pipeline.color import Palette
    from dicom_widgets.display.present.digital_subtraction import Subtracted
    from dicom_widgets.display.present.request import Request
    from dicom_widgets.display.values.value_semantics import ValueSemantics


def present_image(request: Request) -> Picture | Page:
    """Present a frame of an image; what cannot be painted becomes a page that says why (requirement X2)."""
    instance = request.instance
    try:
        ds = instance.attributes(request.frame)
        stored = request.frames(instance, request.frame)
        state = request.state.instance.attributes() if request.state else None
    except (DecodeError, NotAnImage, NotDicom) as error:
        return page_of(request, str(error), failed=True)
    palette = palette_of(ds, signed=stored.dtype.kind == "i") if stored.ndim == 2 else None
    if value(ds, "PhotometricInterpretation") == "PALETTE COLOR":
        if palette is None:
            return page_of(request, "The image has no usable palette (0028,1101 to 0028,1223).", failed=True)
        stored = palette.rgb(stored)
    mix = blending.blend(request, ds, stored)
    stored = stored if mix.rgb is None else mix.rgb
    words = partial(frame_with_all_bits, instance, request.frame)
    if state is not None:
        applied = apply_state(state, ds, instance.uid, request.frame, words)
        if (
            stored.ndim == 3
        ):  # spatial stages and graphics apply only: PS3.4 N.2 is about grey values (requirement PS20)
            applied = dataclasses.replace(
                applied, not_applied=(*applied.not_applied, "grey stages (the image is in colour)")
            )
    else:
        stages_of = (
            color_stages() if stored.ndim == 3 else image_stages(instance.sop_class, ds, stored, request.earliest)
        )
        applied = with_covers(stages_of, ds, stored.shape[:2], request.frame, words)
    applied = dataclasses.replace(applied, chain=dataclasses.replace(applied.chain, luminance=options.luminance))
    if mix.words and mix.rgb is None:
        applied = dataclasses.replace(applied, not_applied=(*applied.not_applied, mix.words))
    notes = [f"Partly applied: {', '.join(applied.not_applied)}"] if applied.not_applied else []
    difference = subtract(request, ds, applied)
    applied, stored = difference.applied, stored if difference.words is None else difference.words
    notes += [difference.note] if difference.note else []
    meant = text(value(ds, "PhotometricInterpretation", ""))
    if stored.ndim == 2 and not meant.startswith(("MONOCHROME", "PALETTE")):
        notes.append(f"Photometric Interpretation {meant or 'absent'}: shown as MONOCHROME2")
    layer, stages = (
        _color(ds, stored, *_kind(request, palette, mix))
        if stored.ndim == 3
        else grey_layer(applied.chain, stored, _supplement(ds, palette))
    )
    if isinstance(layer, Grey) and value(ds, "AliasedDataType") == "YES":  # velocities wrap, so two have no mean (US9)
        layer = dataclasses.replace(layer, aliased=True)
        stages = [*stages, ("interpolation", "nearest only", "Aliased Data Type (0018,980B)")]
    return _picture(request, ds, difference, layer, stages, notes)


def _supplement(ds: Dataset, palette: Palette | None) -> Palette | None:
    """Return a palette that colours some values of a grey image (PS3.3 C.7.6.19; requirement CO4)."""
    return palette if value(ds, "PixelPresentation") in ("COLOR", "MIXED") else None


def grey_layer(chain: Chain, stored: np.ndarray, supplement: Palette | None = None) -> tuple[Grey, Stages]:
    """Return a grey layer of 16-bit words, and its stages for the record.

    Values of more than 16 bits, or with fractions, become 16-bit codes with a table of their values: exact as long as a
    frame has at most 65,536 different values, else 65,536 steps of its range.
    """
    stages: Stages = []
    code_values: Table | None = None
    if stored.dtype.itemsize > 2 or stored.dtype.kind == "f":
        found, code_values, exact = to_codes(stored)
        entries = np.ascontiguousarray(chain.modality(code_values.entries))
        modality = Modality(table=Table(0, entries, 0), unit=chain.modality.unit)
        padding = None
        if chain.padding is not None and (outside := (stored < chain.padding[0]) | (stored > chain.padding[1])).any():
            hidden = found[~outside]
            padding = (int(hidden.min()), int(hidden.max())) if hidden.size else None
        chain = dataclasses.replace(chain, modality=modality, padding=padding, signed=False)
        used = "every value" if exact else "65,536 steps of the range of the frame"
        stages = [("codes", used, f"values of {stored.dtype}")]
        stored = found
    wide = stored if stored.dtype.itemsize == 2 else stored.astype(np.int16 if stored.dtype.kind == "i" else np.uint16)
    if supplement is not None:
        stages.append(("supplemental palette", f"values from {supplement.first} on", supplement.source))
    return Grey(_frozen(wide), chain, supplement, code_values), stages


def _kind(request: Request, palette: Palette | None, mix: blending.Blended) -> tuple[str, str]:
    """Return how colours were made, and from which attributes, for the record."""
    if mix.rgb is not None:
        return f"blended: {mix.words}", blending.SOURCE
    if palette is not None:
        return "palette", palette.source
    return color_conversion(request.instance, request.frame), "the codestream, or (0028,0004)"


def _color(ds: Dataset, rgb: np.ndarray, used: str, source: str) -> tuple[Layer, Stages]:
    """Return a colour layer of 8 bits."""
    stages: Stages = [("color", used, source)]
    if rgb.dtype != np.uint8:
        top = (1 << bits_stored(number(ds, "BitsStored"), 8 * rgb.itemsize)) - 1
        rgb = np.floor(rgb.astype(np.float64) * (255 / top) + 0.5).clip(0, 255).astype(np.uint8)
    profile = profile_of(ds)
    if not profile:
        return Color(_frozen(rgb)), stages
    converted, words = to_srgb(rgb, profile)
    stages.append((ICC, words, "ICC Profile (0028,2000)"))
    plain = None if converted is rgb else _frozen(rgb)
    return Color(_frozen(converted), plain=plain, profile=words), stages


def _frozen(values: np.ndarray) -> np.ndarray:
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values


def _picture(
    request: Request, ds: Dataset, difference: Subtracted, layer: Layer, stages: Stages, notes: list[str]
) -> Picture:
    instance, state, applied = request.instance, request.state, difference.applied
    notes += [f"State {s.label or s.uid[-8:]} refused: {s.refused}" for s in request.states if s.refused]
    notes += ["Guessed header"] if instance.blob.guessed else []
    ratio = applied.aspect or pixel_aspect(instance, request.frame)
    grey = isinstance(layer, Grey)
    meaning = _meant(request, difference, grey=grey)
    number_of = int(instance.number("InstanceNumber") or 0)
    tables, windows = _choices(request, ds, applied.chain) if grey else ((), ())
    if grey and meaning.suv:
        windows += tuple(w for top in TOPS if (w := Suv(meaning.suv, "").window(top)))
    if difference.words is not None:  # the windows of the frame do not fit a difference
        tables, windows = (), difference.windows
    name = f"/{meaning.subtraction!r}" if meaning.subtraction else ""
    return Picture(
        kind="image",
        title=f"{text(instance.value('Modality', 'image'))} {number_of or ''} frame {request.frame}",
        record=record_of(request, ds, difference, meaning, ratio, stages, notes, grey=grey),
        key=f"{instance.uid}/{request.frame}/{state.uid if state else ''}{name}",
        layers=(layer,),
        turns=applied.turns,
        flip=applied.flip,
        aspect=ratio,
        meaning=meaning,
        home=applied.home,
        shutter=applied.shutter,
        overlays=applied.overlays,
        shapes=applied.shapes,
        runs=orientation_letters(instance, request.frame, ds),
        texts=corner_texts(instance, request.frame, ds, notes),
        burned=text(value(ds, "BurnedInAnnotation", "")).upper() == "YES" and not instance.blob.invented,
        windows=windows,
        luts=tables,
        automatic="frame" if applied.automatic and difference.words is None else "",
        state={**state.summary(), "partly": ", ".join(applied.not_applied)} if state else {},
    ).looking(request.look)


def _meant(request: Request, difference: Subtracted, *, grey: bool) -> ValueSemantics:
    if difference.meaning:
        return difference.meaning
    found = semantics_of(request.instance, request.frame, request.earliest)
    if grey or found.modality is None:
        return found
    return dataclasses.replace(found, modality=None, unit="", padding=None, suv=None, note="", real=())  # blended


def _choices(request: Request, ds: Dataset, chain: Chain) -> tuple[tuple[Table, ...], tuple[Window, ...]]:
    """Return the VOI LUTs, and the windows that can be chosen: those of the image, then presets (GP5, GP7, GP13)."""
    choices = list(voi_choices(ds, signed=chain.modality.span(*stored_range(ds))[0] < 0))
    named = with_names(c for c in choices if isinstance(c, Window))
    tables = [c for c in choices if isinstance(c, Table)]
    luts = [dataclasses.replace(t, explanation=t.explanation or f"LUT {i}") for i, t in enumerate(tables, 1)]
    return tuple(luts), (*named, *presets(text(request.instance.value("Modality", ""))))
