"""The stages of an image without a presentation state (PS3.4 N.2; requirements GP2 to GP10).

Windows and VOI LUTs are both choices; the first window is the default. Without any, P-values take the full range of
Bits Stored, with two exceptions that the record names: a frame that fills the range of fewer bits exactly is shown over
those, and one that would have fewer than eight grey levels is spread from its smallest to its largest value. A PET
begins in inverse grey with one scale of SUVbw, as windows of files are often of one slice each, and one scale lets
slices, examinations and patients be compared.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.dicom.conformance import STORAGE
from dicom_widgets.dicom.values import number, text, value
from dicom_widgets.display.graphics.overlay import overlays_of
from dicom_widgets.display.graphics.shutter import shutter_of
from dicom_widgets.display.pipeline.grayscale import (
    FULL,
    Chain,
    Modality,
    Table,
    modality_of,
    padding_of,
    problems_of,
    stored_range,
    voi_choices,
)
from dicom_widgets.display.pipeline.view_settings import Window
from dicom_widgets.display.presentation_state.applied import Applied
from dicom_widgets.display.values.suv import USUAL, suvbw
from dicom_widgets.geometry.plane import pixel_aspect_of

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from pydicom.dataset import Dataset

_SEEN: Final = 32
"""A frame has to fill 1/32 of the full range: otherwise it would have fewer than eight grey levels."""
_OF_FRAME: Final = "absent: smallest to largest value of the frame"
_PET: Final = "1.2.840.10008.5.1.4.1.1.128"
_XRAY: Final = frozenset({"1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2"})


def color_stages() -> Applied:
    """Return the stages of a colour image, which has none of the grey ones."""
    return Applied(Chain(Modality(), Window.over(0, 255)), 0, False, (), (), ())


def image_stages(sop_class: str, ds: Dataset, stored: np.ndarray, earliest: dt.datetime | None = None) -> Applied:
    """Return the stages that a grey image itself defines.

    Parameters
    ----------
    sop_class : str
    ds : Dataset
        Attributes of the frame.
    stored : ndarray
        (rows, columns); used only where nothing gives a window.
    earliest : datetime, optional
        The earliest acquisition of the series, as `suvbw` takes it.

    """
    signed = stored.dtype.kind == "i"
    modality, source = modality_of(ds)
    if sop_class in _XRAY:  # it maps back to X-ray intensity and is not for display (requirement GP3)
        modality, source = (
            dataclasses.replace(modality, slope=1.0, intercept=0.0, table=None),
            ("not applied for display: XA/RF"),
        )
    padding = padding_of(ds, signed=signed)
    scale = (suv := suvbw(ds, earliest)).window(USUAL) if sop_class == _PET else None
    if scale is not None:  # requirement NP6
        voi: Window | Table = scale
        origin = f"{suv}; one scale for all slices and patients, the windows of the file can be chosen"
    else:
        voi, origin = _voi(sop_class, ds, stored, modality, padding)
    shape = text(value(ds, "PresentationLUTShape", ""))
    by_shape = shape in ("IDENTITY", "INVERSE")
    inverse = shape == "INVERSE" if by_shape else value(ds, "PhotometricInterpretation") == "MONOCHROME1"
    why = "Presentation LUT Shape (2050,0020)" if by_shape else "Photometric Interpretation (0028,0004)"
    if sop_class == _PET and not by_shape:  # requirement NP6
        inverse, why = True, "PET: high uptake is dark, as it is read, whatever (0028,0004) says"
    stages = (
        ("modality", str(modality), source),
        ("voi", str(voi), origin),
        ("presentation LUT", "inverse" if inverse else "identity", why),
    )
    chain = Chain(modality, voi, inverse, padding, signed)
    return Applied(chain, 0, False, (), problems_of(ds), stages, automatic=origin == _OF_FRAME)


def with_covers(
    applied: Applied, ds: Dataset, shape: tuple[int, int], frame: int, words: Callable[[], np.ndarray]
) -> Applied:
    """Return the stages with the shutter and the overlays of the image itself (requirements OV4, SH1)."""
    found = list(overlays_of(ds, shape, frame, words))
    notes = [f for f in found if isinstance(f, str)]
    return dataclasses.replace(
        applied,
        overlays=tuple(f for f in found if not isinstance(f, str)),
        shutter=shutter_of(ds, shape, aspect=pixel_aspect_of(ds)),
        not_applied=(*applied.not_applied, *notes),
    )


def _voi(
    sop_class: str, ds: Dataset, stored: np.ndarray, modality: Modality, padding: tuple[int, int] | None
) -> tuple[Window | Table, str]:
    """Return the first window or LUT, or what the class or the frame suggests (GP4, GP5, GP8), and where it is from."""
    span = modality.span(*stored_range(ds))
    choices = list(voi_choices(ds, signed=span[0] < 0))
    windows = [c for c in choices if isinstance(c, Window)]
    if windows:
        meant = _of_stored_values(windows[0], ds, modality)
        if meant is not None:
            return meant, (
                "Window Center and Width (0028,1050/1051), taken for stored values: no modality value lies in it"
            )
        return windows[0], "Window Center and Width (0028,1050/1051)"
    if choices:
        return choices[0], "VOI LUT Sequence (0028,3010)"
    if sop_class in STORAGE and STORAGE[sop_class].p_values:
        bits = _filled(stored)
        if bits and bits < int(number(ds, "BitsStored") or 16):
            window = Window.over(*modality.span(0, (1 << bits) - 1), explanation=FULL)
            return window, f"absent: the range of {bits} bits, which the frame fills exactly; Bits Stored says more"
        extent = (float(stored.max()) - float(stored.min())) * abs(modality.slope)
        if extent == 0 or span[1] - span[0] < _SEEN * extent:
            return Window.over(*span, FULL), "absent: full range, as the class is defined to be shown"
    seen = stored
    if padding is not None:
        kept = (stored < padding[0]) | (stored > padding[1])
        seen = stored[kept] if kept.any() else stored
    ends = modality(np.array([seen.min(), seen.max()]))
    automatic = Window.over(float(ends.min()), float(ends.max()), "auto")
    return automatic, _OF_FRAME


def _filled(stored: np.ndarray) -> int:
    """Return the number of bits whose range, from 0 to the largest value, a frame fills exactly; else 0.

    Some writers put Bits Allocated into Bits Stored; over the full range their images would be nearly black.
    """
    low, high = int(stored.min()), int(stored.max())
    return high.bit_length() if low == 0 and high >= 255 and high & (high + 1) == 0 else 0


def _of_stored_values(window: Window, ds: Dataset, modality: Modality) -> Window | None:
    """Return a window that was meant for stored values as a window of modality values (GP4), or None.

    Some MR and PET writers give such windows: they lie outside of all modality values and inside of the stored ones.
    The offsets of LINEAR (1/2 and 1) are of stored values too, so it becomes LINEAR_EXACT.
    """
    if modality.table is not None or modality.slope <= 0:
        return None
    low, high = stored_range(ds)
    first, last = modality.span(low, high)
    below, above = window.center - window.width / 2, window.center + window.width / 2
    if (below <= last and above >= first) or below < low or above > high:
        return None
    (dark, bright), linear = window.levels, window.function == "LINEAR"
    center, width = (dark + bright) / 2 * modality.slope + modality.intercept, (bright - dark) * modality.slope
    function = "LINEAR_EXACT" if linear else window.function
    return Window(center, width, function, window.explanation) if width > 0 else None
