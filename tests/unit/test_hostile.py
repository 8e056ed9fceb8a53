"""Values that nobody should write, in every module: the image is seen, or one sentence says why not (X2, X4, X6)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

import dicom_widgets as dw
from dicom_widgets.errors import GeometryError
from tests import classes, samples
from tests.samples import image, item, lut

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

pytestmark = pytest.mark.filterwarnings("ignore")  # pydicom's, of values

GRID = np.arange(256, dtype=np.int16).reshape(16, 16)
NAN, INFINITE, LARGEST = (np.array(x, "<f8").tobytes() for x in (np.nan, np.inf, 1e308))


def run() -> Dataset:
    """Return several frames that say how they follow each other."""
    frames = np.zeros((3, 4, 4), np.uint8)
    return image(frames, samples.PREFIX + "3.1", FrameIncrementPointer=0x00181065, FrameTimeVector=["0", "10", "20"])


def embedded() -> Dataset:
    """Return an image whose overlay lies in the highest bit of its bytes."""
    ds = image(GRID.astype(np.uint8), BitsStored=7)
    for number, vr, value in ((0x0010, "US", 16), (0x0011, "US", 16), (0x0050, "SS", [1, 1]), (0x0102, "US", 7)):
        ds.add_new((0x6000, number), vr, value)
    return ds


def deep() -> Dataset:
    """Return colours of 16 bits."""
    grid = np.zeros((3, 4), np.uint16)
    ds = image(grid, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    ds.PixelData = np.arange(36, dtype="<u2").tobytes()
    return ds


def mapped() -> Dataset:
    """Return an image with a VOI LUT, padding, a shutter and a place."""
    return image(
        GRID,
        VOILUTSequence=[lut([1, 2, 3])],
        ShutterShape="CIRCULAR",
        CenterOfCircularShutter=[8, 8],
        RadiusOfCircularShutter=9,
        PixelPaddingValue=3,
        ImagePositionPatient=[0, 0, 0],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PixelSpacing=[1, 1],
    )


def masked() -> Dataset:
    """Return an angiogram with a mask."""
    mask = item(MaskOperation="AVG_SUB", MaskFrameNumbers=[1], ApplicableFrameRange=[1, 4])
    return classes.angiogram(np.zeros((4, 8, 8), np.uint16), mask)


FRAMES, FIRST = "PerFrameFunctionalGroupsSequence", "SharedFunctionalGroupsSequence"
BROKEN = [
    (run, "FrameIncrementPointer", "LO", b"abc "),
    (run, "FrameIncrementPointer", "DS", b"nan "),
    (run, "FrameIncrementPointer", "FD", INFINITE),
    (embedded, (0x6000, 0x0102), "US", b"\0\1"),
    (embedded, (0x6000, 0x0102), "FD", INFINITE),
    (deep, "BitsStored", "SL", b"\xff\xff\xff\xff"),
    (mapped, "BitsStored", "SS", b"\xff\xff"),
    (mapped, "PixelPaddingValue", "FD", INFINITE),
    (mapped, "RadiusOfCircularShutter", "FD", LARGEST),
    (mapped, "CenterOfCircularShutter", "FD", LARGEST * 2),
    (mapped, "ImagePositionPatient", "FD", LARGEST * 3),
    (mapped, "ImageOrientationPatient", "FD", LARGEST * 6),
    (mapped, "Rows", "SS", b"\xff\xff"),
    (mapped, "Columns", "DS", b"1e308 "),
    (mapped, ("VOILUTSequence", "LUTDescriptor"), "FD", INFINITE * 3),
    (masked, ("MaskSubtractionSequence", "ApplicableFrameRange"), "FD", INFINITE * 2),
    (classes.tomosynthesis, (FRAMES, "FrameVOILUTSequence"), "UN", b"\1\2\3"),
    (classes.tomosynthesis, (FRAMES, "FrameContentSequence", "DimensionIndexValues"), "LO", b"abc "),
    (classes.tomosynthesis, (FIRST, "PixelMeasuresSequence", "PixelSpacing"), "DS", b"nan "),
    (classes.tomosynthesis, (FIRST, "PlaneOrientationSequence", "ImageOrientationPatient"), "FD", NAN),
    (classes.tomosynthesis, (FRAMES, "PlanePositionSequence", "ImagePositionPatient"), "LO", b"a\\b\\c "),
]


def broken(ds: Dataset, path: object, vr: str, data: bytes) -> bytes:
    """Put bytes with any VR in the place of an element; a path of keywords leads to the first item of sequences."""
    ds = dcmread(io.BytesIO(samples.part10(ds)))  # what comes from a file is written as it is
    *above, last = path if isinstance(path, tuple) and isinstance(path[0], str) else (path,)
    inner = ds
    for keyword in above:
        inner = inner[keyword].value[0]
    tag = Tag(last)
    inner._dict[tag] = RawDataElement(tag, vr, len(data), data, 0, is_implicit_VR=False, is_little_endian=True)
    buffer = io.BytesIO()
    ds.save_as(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(("make", "path", "vr", "data"), BROKEN)
def test_an_impossible_value_is_left_out_or_said(session, make, path, vr, data):
    """X4, X6: and the other instances of the series are seen."""
    ds = make()
    series = {k: ds[k].value for k in ("StudyInstanceUID", "SeriesInstanceUID")}
    other = image(GRID, InstanceNumber=99, **series)
    session.load(samples.part10(other))
    session.load(broken(ds, path, vr, data))
    (study,) = session.studies
    uid = str(ds.SOPInstanceUID)
    for frame in range(1, session.instance(uid).frames + 1):
        shown = session.present(uid, frame)
        if isinstance(shown, dw.Picture):
            shown.display()
            str(session.probe(uid, 1, 1, frame))
        else:
            assert shown.record["failed"]
    assert sum(len(s.frames) for s in session.stacks(study)) == 1 + session.instance(uid).frames
    viewport = dw.Viewport(session, study)
    viewport.snapshot()
    assert viewport.code().startswith("picture")
    assert isinstance(session.present(str(other.SOPInstanceUID)), dw.Picture)


def test_a_damaged_functional_group_leaves_the_other_frames_in_their_order(session):
    """MF2: a length in the groups of one frame that leads behind the end of the file."""
    ds = classes.tomosynthesis()
    data = bytearray(samples.part10(ds))
    at = data.rindex(b"\x20\0\x32\0DS")  # Image Position of the last frame
    data[at + 6 : at + 8] = b"\xff\xff"
    session.load(bytes(data))
    count = session.instance(str(ds.SOPInstanceUID)).frames
    assert sum(len(s.frames) for s in session.stacks(str(ds.SOPInstanceUID))) == count
    assert isinstance(session.present(str(ds.SOPInstanceUID), count), dw.Picture)


def test_of_several_uids_the_first_is_meant(session):
    ds = image(GRID, SOPInstanceUID=["1.2.3.4", "1.2.3.5"], SOPClassUID=[samples.CT, samples.CT])
    session.load(samples.part10(ds))
    assert session.present("1.2.3.4").kind == "image"


def test_why_colours_and_grey_form_no_array(session):
    grey, color = image(GRID), image(GRID, SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    for ds in (grey, color):
        session.load(samples.part10(ds))
    with pytest.raises(GeometryError, match=r"\(16 x 16, 16 x 16 in colour\)"):
        session.array(session.studies)
