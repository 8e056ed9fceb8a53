"""The presenters: kind of object -> what is shown of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dicom_widgets.conformance import STORAGE, storage_name, syntax_name
from dicom_widgets.display import states as presentation
from dicom_widgets.display.grayscale import Chain, Table, modality_of, padding_of, stored_range, voi_choices
from dicom_widgets.display.look import Look, Window, presets
from dicom_widgets.display.picture import Layer, Page, Picture, Record, Shown, page
from dicom_widgets.errors import DecodeError, NotAnImage
from dicom_widgets.geometry import aspect, direction, plane
from dicom_widgets.model import PATIENT, masked
from dicom_widgets.values import items, listed, number, text, value

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from dicom_widgets.instance import Instance

Frames = Callable[["Instance", int], np.ndarray]

_XRAY: Final = frozenset({"1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2"})
_LOSSY: Final = frozenset({50, 51, 81, 91})


@dataclass(frozen=True)
class Request:
    """What is to be shown, and how."""

    instance: Instance
    frame: int
    frames: Frames
    """Decodes a frame, or takes it from a cache."""
    states: tuple[presentation.State, ...] = ()
    """All states that refer to the frame, the newest first."""
    state: presentation.State | None = None
    """The one to apply."""
    why: str = ""
    """Why that one."""
    look: Look = Look()


def present(request: Request) -> Shown:
    """Return what is shown of an instance; of an unknown kind, a page of its attributes (requirement X4)."""
    return PRESENTERS.get(request.instance.kind, attributes)(request)


def attributes(request: Request) -> Page:
    """Present the main attributes and a sentence: the floor under every kind."""
    kind = request.instance.kind
    outside = (
        "This object is outside of the classes that are displayed" if kind == "other" else f"A {kind} is not drawn yet"
    )
    return _page(request, f"{outside}; its main attributes are below, session.dataset(...) gives all of them.")


def image(request: Request) -> Shown:
    """Present a frame of an image; what cannot be painted yet, or at all, becomes a page that says why."""
    instance = request.instance
    ds = instance.attributes()
    color = text(value(ds, "PhotometricInterpretation", "MONOCHROME2"))
    if not color.startswith("MONOCHROME") or (number(ds, "SamplesPerPixel") or 1) != 1:
        return _page(
            request, f"Colour images ({color}) are not painted yet; session.array(...) gives their stored values."
        )
    if items(ds, "PerFrameFunctionalGroupsSequence") or items(ds, "SharedFunctionalGroupsSequence"):
        return _page(
            request, "Images with functional groups are not painted yet; session.array(...) gives their stored values."
        )
    try:
        stored = request.frames(instance, request.frame)
    except (DecodeError, NotAnImage) as error:
        return _page(request, str(error), failed=True)
    if stored.dtype.itemsize > 2:
        return _page(request, "Images of 32 bits are not painted yet; session.array(...) gives their values.")
    return _picture(request, ds, stored)


def _picture(request: Request, ds: Dataset, stored: np.ndarray) -> Picture:
    instance, state = request.instance, request.state
    own = _own(request, ds, stored)
    applied = presentation.apply(state.instance.attributes(), ds, instance.uid, request.frame) if state else own
    source = aspect(instance)
    here = plane(instance)
    runs = here.letters() if here else _patient_orientation(instance)
    if value(ds, "AnatomicalOrientationType") == "QUADRUPED":  # the letters are those of a person (requirement TX2)
        runs = ("", "")
    partly = [*applied.partly, *_unpainted(ds, state)]
    lossy = _is_lossy(instance)
    record: Record = {
        "sop_instance": instance.uid,
        "sop_class": storage_name(instance.sop_class),
        "frame": request.frame,
        "stages": [
            {"stage": "decode", "used": syntax_name(instance.blob.transfer_syntax), "from": instance.blob.origin},
            *({"stage": s, "used": used, "from": origin} for s, used, origin in applied.stages),
            {"stage": "padding", "used": list(applied.chain.padding or ()), "from": "(0028,0120), (0028,0121)"},
            {"stage": "pixel aspect", "used": source, "from": "spacing or Pixel Aspect Ratio"},
        ],
        "presentation_state": {**state.summary(), "why": request.why} if state else None,
        "presentation_states_refused": [s.summary() for s in request.states if s.refused],
        "why": request.why,
        "not_applied": partly,
        "fidelity": "guessed header" if instance.blob.guessed else "lossy source" if lossy else "exact",
    }
    number_of = int(instance.number("InstanceNumber") or 0)
    return Picture(
        kind="image",
        title=f"{text(instance.value('Modality', 'image'))} {number_of or ''} frame {request.frame}",
        record=record,
        key=f"{instance.uid}/{request.frame}/{state.uid if state else ''}",
        layers=(Layer(_words16(stored), applied.chain),),
        turns=applied.turns,
        flip=applied.flip,
        aspect=source,
        shapes=applied.shapes,
        runs=runs,
        texts=_corners(instance, ds, partly, refused=[s for s in request.states if s.refused], lossy=lossy),
        windows=_windows(ds, instance),
        state={**state.summary(), "partly": ", ".join(partly)} if state else {},
        look=request.look,
    )


def _words16(stored: np.ndarray) -> np.ndarray:
    """Return 16-bit words: one size of table serves all."""
    wide = stored if stored.dtype.itemsize == 2 else stored.astype(np.int16 if stored.dtype.kind == "i" else np.uint16)
    wide = np.ascontiguousarray(wide)
    wide.flags.writeable = False
    return wide


def _own(request: Request, ds: Dataset, stored: np.ndarray) -> presentation.Applied:
    """Return the image's own stages."""
    signed = stored.dtype.kind == "i"
    modality, source = modality_of(ds)
    if request.instance.sop_class in _XRAY:  # maps back to X-ray intensity: not for display (requirement GP3)
        modality, source = (
            dataclasses.replace(modality, slope=1.0, intercept=0.0, table=None),
            "not applied for display: XA/RF",
        )
    padding = padding_of(ds, signed=signed)
    choices = list(voi_choices(ds, signed=modality.span(*stored_range(ds))[0] < 0))
    windows = [c for c in choices if isinstance(c, Window)]
    voi: Window | Table
    if choices:
        voi = (windows or choices)[0]
        origin = "Window Center and Width (0028,1050/1051)" if windows else "VOI LUT Sequence (0028,3010)"
    elif STORAGE[request.instance.sop_class].p_values:
        voi = Window.over(*modality.span(*stored_range(ds)), explanation="full range")
        origin = "absent: full range, as the class is defined to be shown"
    else:
        seen = stored
        if padding is not None and not (kept := (stored < padding[0]) | (stored > padding[1])).all() and kept.any():
            seen = stored[kept]
        ends = modality(np.array([seen.min(), seen.max()]))
        voi = Window.over(float(ends.min()), float(ends.max()), explanation="auto")
        origin = "absent: smallest to largest value of the frame"
    shape = text(value(ds, "PresentationLUTShape", ""))
    inverse = (
        shape == "INVERSE"
        if shape in ("IDENTITY", "INVERSE")
        else value(ds, "PhotometricInterpretation") == "MONOCHROME1"
    )
    why = (
        "Presentation LUT Shape (2050,0020)"
        if shape in ("IDENTITY", "INVERSE")
        else "Photometric Interpretation (0028,0004)"
    )
    stages = (
        ("modality", str(modality), source),
        ("voi", str(voi), origin),
        ("presentation LUT", "inverse" if inverse else "identity", why),
    )
    return presentation.Applied(Chain(modality, voi, inverse, padding, signed), 0, False, (), (), stages)


def _windows(ds: Dataset, instance: Instance) -> tuple[Window, ...]:
    own = [c for c in voi_choices(ds) if isinstance(c, Window)]
    named = [dataclasses.replace(w, explanation=w.explanation or f"file {i}") for i, w in enumerate(own, 1)]
    return (*named, *presets(text(instance.value("Modality", ""))))


def _unpainted(ds: Dataset, state: presentation.State | None) -> list[str]:
    """Name what the image itself brings and is not painted yet."""
    if state is not None:
        return []  # the image's own overlays and shutter are not used under a state (PS3.4 N.2)
    found = ["overlays"] * any(0x6000 <= e.tag.group <= 0x601E for e in ds)  # PS3.3 C.9.2
    return (
        found
        + ["shutter"] * bool(value(ds, "ShutterShape"))
        + ["mask subtraction"] * bool(value(ds, "MaskSubtractionSequence"))
    )


def _is_lossy(instance: Instance) -> bool:
    suffix = instance.blob.transfer_syntax.rpartition(".4.")[2]
    return text(instance.value("LossyImageCompression", "")) == "01" or (suffix.isdigit() and int(suffix) in _LOSSY)


def _patient_orientation(instance: Instance) -> tuple[str, str]:
    """Return Patient Orientation (0020,0020): where rows and columns run to (requirement XR2)."""
    found = listed(instance.header, "PatientOrientation")
    letters = [text(x).upper() for x in found] if len(found) == 2 else ["", ""]
    return tuple(x if x and set(x) <= set("RLAPHF") else "" for x in letters)  # type: ignore[return-value]


def _date(raw: Any) -> str:
    d = text(raw)
    return f"{d[:4]}-{d[4:6]}-{d[6:8]}" if len(d) == 8 and d.isdigit() else d


def _corners(
    instance: Instance, ds: Dataset, partly: list[str], refused: list[presentation.State], *, lossy: bool
) -> dict[str, list[str]]:
    """Return the corner texts (requirements TX1, TX3, TX4); the page adds what changes: window, zoom, slice."""

    def get(keyword: str) -> str:
        return text(value(ds, keyword, ""), 64)

    born = " ".join(w for w in (_date(get("PatientBirthDate")), get("PatientSex")) if w)
    thick = number(ds, "SliceThickness")
    ratio = text(value(ds, "LossyImageCompressionRatio", ""))
    here = plane(instance)
    side = direction((here.normal if here.distance >= 0 else -here.normal).tolist())[:1] if here else ""
    place = f"{side} {abs(here.distance):.1f} mm" if here else ""
    return {
        "tl": [w for w in (get("PatientName"), get("PatientID"), born) if w],
        "tr": [
            w
            for w in (get("InstitutionName"), get("StudyDescription"), _date(get("StudyDate")), get("AccessionNumber"))
            if w
        ],
        "bl": [
            w
            for w in (
                f"{get('Modality')} {get('SeriesNumber')} {get('SeriesDescription')}".strip(),
                " · ".join(w for w in (place, f"{thick:g} mm thick" if thick else "") if w),
            )
            if w
        ],
        "br": [
            *(["Lossy" + (f" {ratio}:1" if ratio else "")] if lossy else []),
            *([f"Partly applied: {', '.join(partly)}"] if partly else []),
            *(f"State {s.label or s.uid[-8:]} refused: {s.refused}" for s in refused),
            *(["Guessed header"] if instance.blob.guessed else []),
        ],
    }


def _page(request: Request, sentence: str, *, failed: bool = False) -> Page:
    instance = request.instance
    keys = (
        "PatientName PatientID StudyDate StudyDescription Modality SeriesNumber SeriesDescription InstanceNumber"
        " ContentLabel ContentDescription Rows Columns NumberOfFrames PhotometricInterpretation SOPInstanceUID"
    ).split()
    rows = [
        ("SOP class", storage_name(instance.sop_class)),
        ("Transfer syntax", syntax_name(instance.blob.transfer_syntax)),
    ]
    values = [(k, text(found)) for k in keys if (found := instance.value(k)) is not None]
    rows += [(k, masked(v, instance.blob) if k in PATIENT else v) for k, v in values]
    record = {"sop_instance": instance.uid, "sop_class": storage_name(instance.sop_class), "frame": request.frame}
    record |= {"stages": [], "why": sentence, "failed": failed}
    title = text(instance.value("SeriesDescription", "")) or storage_name(instance.sop_class)
    return page(instance.kind, title, sentence, rows, record)


PRESENTERS: Final[dict[str, Callable[[Request], Shown]]] = {"image": image}
"""Kind -> presenter; kinds that are not here yet are shown as a page of their attributes."""
