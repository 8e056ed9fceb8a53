"""Stored values -> display values, beside pydicom's apply_modality_lut and apply_voi_lut."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from pydicom.pixels import apply_modality_lut, apply_voi_lut

import dicom_widgets as dw
from benchmarks.report import Row, interleaved, table
from benchmarks.samples import WIDTH, slices
from dicom_widgets.display.pipeline.view_settings import ViewSettings

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

VIEWPORT = (768, 768)
DISTS = ("pydicom", "numpy")


def pydicom_display(ds: Dataset, values: Any) -> Any:
    return apply_voi_lut(apply_modality_lut(values, ds), ds)


def small(session: dw.Session) -> None:
    ds = slices(1)[0]
    values = ds.pixel_array
    picture: Any = session.present(session.load(ds)[0])
    centers = count()
    taken = interleaved(
        {
            "ours": picture.display,
            "changed": lambda: picture.looking(ViewSettings(window=dw.Window(next(centers), WIDTH))).display(),
            "pydicom": lambda: pydicom_display(ds, values),
        },
        runs=200,
    )
    rows = [
        Row("dicom_widgets, Picture.display()", taken["ours"], goal=0.5),
        Row("dicom_widgets, the same at another window", taken["changed"]),
        Row("pydicom, apply_modality_lut + apply_voi_lut", taken["pydicom"]),
    ]
    table("Stored values -> display, 512 x 512 int16", rows, DISTS)


def large(session: dw.Session) -> None:
    ds = slices(1, 3000)[0]
    values = ds.pixel_array
    instance = session.load(ds)[0]
    picture: Any = session.present(instance)
    centers = count()
    taken = interleaved(
        {
            "ours": lambda: picture.looking(ViewSettings(window=dw.Window(next(centers), WIDTH))).rgba(VIEWPORT),
            "pydicom": lambda: pydicom_display(ds, values),
        },
        runs=20,
    )
    fresh: list[Any] = [session.present(instance) for _ in range(11)]  # each makes a reduction of its own
    once = interleaved({"reduction": lambda: fresh.pop().rgba(VIEWPORT)}, runs=10)
    rows = [
        Row("dicom_widgets, Picture.rgba((768, 768))", taken["ours"], goal=5),
        Row("dicom_widgets, the first of a frame (reduces it)", once["reduction"], goal=60),
        Row("pydicom, apply_modality_lut + apply_voi_lut, 3000 x 3000", taken["pydicom"]),
    ]
    table("Per change of window, 3000 x 3000 int16 in a viewport of 768 x 768", rows, DISTS)


def main() -> None:
    with dw.Session(listen_port=0) as session:
        small(session)
        large(session)
