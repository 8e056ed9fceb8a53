"""The pure modules of the page's script give what their Python twins give: `node --test` on cases that these write."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import re
import subprocess
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.display.graphics.label_placement import leader_line, place_label
from dicom_widgets.display.graphics.reference_lines import reference_line
from dicom_widgets.display.picture.color_overlay import color_overlay
from dicom_widgets.display.picture.placement import Home
from dicom_widgets.display.picture.true_size import true_size
from dicom_widgets.display.pipeline.view_settings import ViewSettings, VoiLut, Window
from dicom_widgets.display.values.spacing import Spacing
from dicom_widgets.geometry.plane import Plane
from dicom_widgets.measurements.figures import shown
from dicom_widgets.measurements.kinds import KINDS
from dicom_widgets.measurements.measurement import Measurement
from dicom_widgets.widgets.runtime.frame_message import frame_message
from dicom_widgets.widgets.viewport.surface import Surface
from tests import samples
from tests.samples import item

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

HERE = Path(__file__).parent
CT, XA, US, PET, SC = (f"1.2.840.10008.5.1.4.1.1.{n}" for n in ("2", "12.1", "6.1", "128", "7"))
RNG = np.random.default_rng(11)
GRID = RNG.integers(-1500, 1500, (40, 60)).astype(np.int16)


def text(data: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()


def message(picture: dw.Picture) -> dict[str, Any]:
    content, buffers = frame_message(picture)
    return {"content": content, "buffers": [base64.b64encode(b).decode() for b in buffers]}


def images() -> dict[str, Dataset]:
    """Return images of which each takes another way to the screen, or whose values mean something else."""
    spaced = {
        "PixelSpacing": [0.7, 0.4],
        "ImageOrientationPatient": [0, 1, 0, 0, 0, -1],
        "ImagePositionPatient": [1, 2, 3],
    }
    table = samples.lut(RNG.integers(0, 65535, 3000), first=-1500, bits=16, ModalityLUTType="OD")
    voi = samples.lut(np.arange(0, 4096, 2), first=-1024, bits=12, LUTExplanation="bone")
    edges = {f"Shutter{k}Edge": v for k, v in zip(("LeftVertical", "RightVertical"), (5, 50), strict=True)}
    edges |= {f"Shutter{k}Edge": v for k, v in zip(("UpperHorizontal", "LowerHorizontal"), (3, 30), strict=True)}
    rgb = samples.image(RNG.integers(0, 256, (40, 180)).astype(np.uint8), SC, Columns=60, SamplesPerPixel=3)
    rgb.PhotometricInterpretation, rgb.PlanarConfiguration = "RGB", 0
    return {
        "a CT": samples.image(
            GRID, CT, RescaleSlope="1.37", RescaleIntercept="-20.5", PixelPaddingValue=-700, **spaced
        ),
        "a range of padding": samples.image(
            GRID, CT, PixelPaddingValue=-900, PixelPaddingRangeLimit=900, PixelAspectRatio=[3, 2]
        ),
        "optical densities": samples.image(GRID, XA, ModalityLUTSequence=[table], ImagerPixelSpacing=[0.2, 0.3]),
        "32 bits": samples.image(
            RNG.integers(0, 1 << 31, (40, 60)).astype(np.uint32), CT, RescaleSlope="1.5e-8", PixelSpacing=[2, 3]
        ),
        "a PET": samples.image(GRID, PET, Units="GML", RescaleSlope="0.01", RescaleIntercept="0", PixelSpacing=[4, 4]),
        "colours": rgb,
        "a VOI LUT": samples.image(GRID, CT, VOILUTSequence=[voi], PhotometricInterpretation="MONOCHROME1"),
        "ultrasound": samples.image((GRID & 255).astype(np.uint8), US, SequenceOfUltrasoundRegions=regions()),
        "real world values": samples.image(
            GRID, CT, PixelPaddingValue=-700, RealWorldValueMappingSequence=real_world_values()
        ),
        "a shutter": samples.image(GRID, XA, ShutterShape="RECTANGULAR", ShutterPresentationValue=0x4000, **edges),
    }


def regions() -> list[Dataset]:
    boxes = [(0, 29, 3, 3, 0.1, 0.2), (30, 44, 4, 7, 0.5, -10), (45, 52, 4, 3, 0.01, 0.1), (53, 57, 0, 0, 1, 1)]
    return [
        item(
            RegionLocationMinX0=left, RegionLocationMinY0=0, RegionLocationMaxX1=right, RegionLocationMaxY1=35,
            PhysicalUnitsXDirection=x, PhysicalUnitsYDirection=y, PhysicalDeltaX=dx, PhysicalDeltaY=dy,
            ReferencePixelX0=3, ReferencePixelPhysicalValueX=1.5,
        )
        for left, right, x, y, dx, dy in boxes
    ]  # fmt: skip


def real_world_values() -> list[Dataset]:
    unit = {"MeasurementUnitsCodeSequence": [item(CodeValue="um2/s", CodingSchemeDesignator="UCUM", CodeMeaning="?")]}
    table = item(LUTLabel="T2", RealWorldValueLUTData=RNG.uniform(-9, 9, 1000).tolist(), **unit)
    line = item(LUTLabel="ADC", RealWorldValueSlope=1.7, RealWorldValueIntercept=-3.2, **unit)
    for mapping, ends in ((table, (-500, 499)), (line, (-1000, 1200))):
        for which, end in zip(("First", "Last"), ends, strict=True):
            mapping.add_new(f"RealWorldValue{which}ValueMapped", "SS", end)
    return [table, line, item(LUTLabel="R2", RealWorldValueSlope=-2.5, RealWorldValueIntercept=0.3)]


@pytest.fixture(scope="module")
def shown_images() -> Any:
    """Session, name -> (SOP Instance UID, picture)."""
    with dw.Session(listen_port=0) as session:
        found = {}
        for name, ds in images().items():
            session.load(samples.part10(ds))
            found[name] = str(ds.SOPInstanceUID), session.present(str(ds.SOPInstanceUID))
        yield session, found


def described(look: ViewSettings) -> dict[str, Any]:
    """Return a look as pages get it."""
    names = ("window", "invert", "turns", "flip", "hidden")
    return Surface().but(**{name: getattr(look, name) for name in names}).message()["look"]


def looked(picture: dw.Picture, look: ViewSettings) -> dict[str, Any]:
    return {"look": described(look), "lut": text(picture.looking(look).base.lut)}


def tables(shown_images: Any) -> list[dict[str, Any]]:
    windows = [Window(40, 400), Window(-300.5, 1, "LINEAR"), Window(10, 250, "LINEAR_EXACT"), Window(0, 700, "SIGMOID")]
    found = []
    for name, (_, picture) in shown_images[1].items():
        if name == "colours":
            continue
        looks = [ViewSettings(w, invert) for w in (None, *windows) for invert in (False, True)]
        looks += [ViewSettings(VoiLut(i), invert=True) for i in range(1, len(picture.luts) + 1)]
        found.append({"name": name, "message": message(picture), "looks": [looked(picture, look) for look in looks]})
    return found


def screens(shown_images: Any) -> list[dict[str, Any]]:
    found = []
    labels = RNG.integers(0, 4, GRID.shape).astype(np.uint8)
    heat = np.where(GRID > 900, np.nan, GRID).astype(float)
    for name, (_, picture) in shown_images[1].items():
        over = (color_overlay(labels, "mask", opacity=0.3), color_overlay(heat, "heat", "pet", 0.7))
        pictures = {name: picture, f"{name} with layers": picture.over(*over)}
        pictures[f"{name}, turned"] = dataclasses.replace(picture, turns=1, flip=True)
        for title, one in pictures.items():
            found.append({"name": title, "message": message(one), "views": [view(one) for _ in range(12)]})
    return found


def view(picture: dw.Picture) -> dict[str, Any]:
    """Return a view by chance, and its screen."""
    size = tuple(int(n) for n in RNG.integers(1, 130, 2))
    zoom = [None, float(RNG.uniform(0.1, 1)), float(RNG.uniform(1, 9)), 1.0][RNG.integers(4)]
    pan = tuple(float(p) for p in RNG.uniform(-40, 40, 2)) if zoom else (0.0, 0.0)
    interpolation = ("area", "linear")[RNG.integers(2)]
    hidden = tuple(s for s in picture.switches if RNG.integers(3) == 0)
    look = ViewSettings(None, bool(RNG.integers(2)), int(RNG.integers(4)), bool(RNG.integers(2)), hidden)
    seen = picture.looking(look)
    rgba = seen.rgba(size, "fit" if zoom is None else zoom, pan, interpolation)
    own = {"zoom": zoom, "pan": pan, "interpolation": interpolation, "pitch": None}
    return {"view": {**own, "look": described(look)}, "size": size, "rgba": text(rgba), "letters": seen.letters}


def figures(shown_images: Any) -> list[dict[str, Any]]:
    session, pictures = shown_images
    found = []
    for name, (uid, picture) in pictures.items():
        made = [
            Measurement(name, tuple(map(tuple, RNG.uniform((0, 0), (60, 40), (kind.points, 2)))), uid)
            for name, kind in KINDS.items()
            for _ in range(15)
        ]
        made += [Measurement("length", ((x, 3.2), (x + 4, 9.9)), uid) for x in (2, 32, 46, 53.5)]
        made += [
            Measurement("ellipse", ((9.0, 9.0), (9.0, 20.0)), uid),
            Measurement("angle", ((1, 1), (1, 1), (5, 5)), uid),
        ]
        session.measurements.add(*made)
        places = RNG.uniform((0, 0), (60, 40), (40, 2)).tolist()
        found.append({
            "name": name,
            "message": message(picture),
            "measurements": [
                {"mark": m.message(), "figures": asdict(m.figures), "lines": m.figures.lines(), "outline": m.line()}
                for m in session.measurements.of(uid)
            ],
            "probes": [{"at": [x, y], "words": str(session.probe(uid, int(x) + 1, int(y) + 1))} for x, y in places],
        })  # fmt: skip
    said = {q[0] for f in found for m in f["measurements"] for q in m["figures"]["quantities"]}
    assert {"SUVbw max", "ADC mean", "T2 SD", "R2", "velocity", "depth", "slope", "red", "horizontal"} <= said
    return found


def numbers(_: Any) -> list[dict[str, Any]]:
    values = [0.0, 0.5, 2.5, 12345.5, 99999.5, 1e-5, 1e16, 1234567.0, -0.00012345, 1e9, 5e-7]
    values += (RNG.uniform(-1, 1, 300) * 10.0 ** RNG.integers(-8, 12, 300)).tolist()
    return [{"x": x, "n": n, "words": f"{x:.{n}g}", "four": shown(x)} for x in values for n in (3, 4, 5, 6)]


def labels(_: Any) -> list[dict[str, Any]]:
    found = []
    for _ in range(300):
        points, taken = RNG.integers(0, 400, (RNG.integers(1, 4), 2)).tolist(), RNG.integers(0, 300, (9, 4)).tolist()
        size, room, gap = (90, 34), (400, 320), 12
        at = place_label([tuple(p) for p in points], size, room, [tuple(t) for t in taken], gap)
        boxes = [dict(zip(("x", "y", "wide", "high"), box, strict=True)) for box in taken]
        line = leader_line([tuple(p) for p in points], (*at, *size), gap)
        case = {"points": points, "size": size, "room": room, "taken": boxes, "gap": gap}
        found.append({**case, "at": at, "link": line})
    return found


def reference_lines(_: Any) -> list[dict[str, Any]]:
    found = []
    for turn in (*RNG.uniform(0, 1, 200), 0.0, 0.001):
        planes = [a_plane(0), a_plane(turn)]
        spacings = [Spacing(*RNG.uniform(0.3, 3, 2), "mm") for _ in planes]
        sizes = RNG.integers(8, 300, (2, 2)).tolist()
        grids = [
            [*p.row, *p.column, s.down, s.across, *size, "space"]
            for p, s, size in zip(planes, spacings, sizes, strict=True)
        ]
        at = [[i, *p.position] for i, p in enumerate(planes)]
        here, there = ((p, s, *size) for p, s, size in zip(planes, spacings, sizes, strict=True))
        found.append({"positions": {"grids": grids, "at": at}, "line": reference_line(here, there)})
    assert {case["line"] is None for case in found} == {True, False}
    return found


def a_plane(turn: float) -> Plane:
    """Return a plane that is turned by so many quarters about an axis by chance, around the same middle."""
    axis = RNG.normal(size=3)
    axis /= np.linalg.norm(axis)
    angle = turn * np.pi / 2

    def turned(v: list[float]) -> tuple[float, ...]:
        x = np.array(v)
        return tuple(
            (x * np.cos(angle) + np.cross(axis, x) * np.sin(angle) + axis * (axis @ x) * (1 - np.cos(angle))).tolist()
        )

    row, column = turned([1, 0, 0]), turned([0, 1, 0])
    position = (-np.array(row) * 60 - np.array(column) * 60 + RNG.uniform(-20, 20, 3)).tolist()
    return Plane(tuple(position), row, column)


def true_sizes(_: Any) -> list[dict[str, Any]]:
    homes = [None, Home(), Home(millimetres=0.5)]
    spacings = [
        Spacing(0.5, 0.25, "mm", source="s"),
        Spacing(0.5, 0.5, "mm", "at detector", "s"),
        Spacing(source="none"),
    ]
    return [
        {
            "home": asdict(home) if home else None,
            "spacing": asdict(spacing),
            "aspect": aspect,
            "pitch": pitch,
            "found": asdict(true_size(home, spacing, aspect, pitch)),
        }
        for home in homes
        for spacing in spacings
        for aspect in (1.0, 2.0, 1.005)
        for pitch in (None, 0.26)
    ]


def checksums(_: Any) -> list[dict[str, Any]]:
    found = [b"", b"123456789", RNG.bytes(5000)]
    return [{"data": base64.b64encode(data).decode(), "crc": zlib.crc32(data)} for data in found]


CASES = {
    "pixels": {"tables": tables, "screens": screens},
    "figures": {"figures": figures, "numbers": numbers},
    "geometry": {"labels": labels, "reference_lines": reference_lines, "true_size": true_sizes},
    "order": {"checksums": checksums},
}


@pytest.mark.parametrize("name", CASES)
def test_the_page_gives_what_the_kernel_gives(name, node, shown_images, tmp_path):
    for case, write in CASES[name].items():
        (tmp_path / f"{case}.json").write_text(json.dumps(write(shown_images)))
    command = [node, "--no-warnings", "--test", "--test-reporter=tap", HERE / f"{name}.test.js"]
    env = {**os.environ, "DICOM_WIDGETS_FIXTURES": str(tmp_path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"^# pass (\d+)$", done.stdout, re.MULTILINE)[1]) > 0


def test_every_file_of_tests_is_run():
    assert {path.name.removesuffix(".test.js") for path in HERE.glob("*.test.js")} == set(CASES)
