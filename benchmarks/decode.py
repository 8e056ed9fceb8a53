"""Decoding: beside the bare codec and pydicom's own plug-ins, with two threads, and the first of 2,000 frames."""

from __future__ import annotations

import io
import statistics
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import imagecodecs
import numpy as np
from pydicom import dcmread, dcmwrite
from pydicom.encaps import encapsulate
from pydicom.pixels import pixel_array
from pydicom.uid import UID, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLosslessSV1, JPEGLSLossless

import dicom_widgets as dw
from benchmarks.report import Row, interleaved, table
from benchmarks.samples import slices
from dicom_widgets import pixels

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom.dataset import Dataset

    from dicom_widgets.instance import Instance

Codec = tuple["Callable[[np.ndarray], bytes]", "Callable[[bytes], np.ndarray]", bool]
SIDE: Final = 1024
CODECS: Final[dict[UID, Codec]] = {
    JPEGBaseline8Bit: (lambda a: imagecodecs.jpeg8_encode(a, level=90), imagecodecs.jpeg8_decode, True),
    JPEGLosslessSV1: (lambda a: imagecodecs.jpeg8_encode(a, lossless=True), imagecodecs.jpeg8_decode, True),
    JPEGLSLossless: (imagecodecs.jpegls_encode, imagecodecs.jpegls_decode, False),
    JPEG2000Lossless: (
        lambda a: imagecodecs.jpeg2k_encode(a, codecformat="j2k", reversible=True),
        imagecodecs.jpeg2k_decode,
        False,
    ),
}
"""Transfer syntax -> encoder, decoder, whether of 8 bits."""
DISTS: Final = ("imagecodecs", "pydicom", "pylibjpeg-openjpeg", "numpy")


def grid(*, eight: bool) -> np.ndarray:
    """Return an image of a megapixel that is neither flat nor noise."""
    y, x = np.mgrid[:SIDE, :SIDE]
    noise = np.random.default_rng(1).integers(0, 40, x.shape)
    values = (np.hypot(x - 400, y - 500) * 4) % 3000 + 500 + noise
    return (values / 16).astype(np.uint8) if eight else values.astype(np.uint16)


def compressed(syntax: UID, frames: int = 1) -> tuple[Dataset, bytes]:
    """Return an object, and the codestream of its frames, which are all the same."""
    encode, _, eight = CODECS[syntax]
    array = grid(eight=eight)
    stream = encode(array)
    ds = slices(1, SIDE)[0]
    ds.BitsAllocated, ds.BitsStored, ds.PixelRepresentation = (8, 8, 0) if eight else (16, 12, 0)
    ds.HighBit = ds.BitsStored - 1
    ds.NumberOfFrames = frames
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate([stream] * frames)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    return ds, stream


def instance_of(session: dw.Session, ds: Dataset) -> Instance:
    """Return an object as the session holds it: in bytes."""
    out = io.BytesIO()
    dcmwrite(out, ds, enforce_file_format=True)
    return session.instance(session.load(out.getvalue())[0].children[0].children[0])


def syntaxes(session: dw.Session) -> None:
    for syntax, (_, decode, _) in CODECS.items():
        ds, stream = compressed(syntax)
        instance = instance_of(session, ds)
        threads = ThreadPoolExecutor(2)

        def twice(each: Callable[[Callable[[int], object], range], Any], held: Instance = instance) -> None:
            list(each(lambda _: pixels.frame(held), range(2)))

        ways: dict[str, Callable[[], object]] = {
            "ours": lambda held=instance: pixels.frame(held),
            "bare": lambda d=decode, s=stream: d(s),
            "pydicom": lambda d=ds: pixel_array(d),
            "one": lambda f=twice: f(map),
            "two": lambda f=twice, t=threads: f(t.map),
        }
        taken = interleaved(ways, runs=15)
        middle = {name: statistics.median(ms) for name, ms in taken.items()}
        near, gain = middle["ours"] / middle["bare"], middle["one"] / middle["two"]
        rows = [
            Row("dicom_widgets, one frame", taken["ours"], more=f"{near:.2f} of the codec (goal 1.2)"),
            Row("imagecodecs, the bare codec", taken["bare"]),
            Row("pydicom, its own choice of plug-ins", taken["pydicom"]),
            Row("dicom_widgets, two frames one after the other", taken["one"]),
            Row("dicom_widgets, two frames by two threads", taken["two"], more=f"{gain:.2f} times (goal 1.4)"),
        ]
        table(f"{syntax.name}, {SIDE} x {SIDE}, {len(stream) / 1e6:.2f} MB", rows, DISTS)
        threads.shutdown()


def many_frames() -> None:
    """Show the first of 2,000 frames, from bytes in memory."""
    ds = slices(1)[0]
    array = grid(eight=False)[:512, :512]
    ds.NumberOfFrames, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 2000, 12, 11, 0
    ds.file_meta.TransferSyntaxUID = JPEGLSLossless
    ds.PixelData = encapsulate([imagecodecs.jpegls_encode(array)] * 2000, has_bot=False)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    out = io.BytesIO()
    dcmwrite(out, ds, enforce_file_format=True)
    whole = out.getvalue()

    def first() -> None:
        with dw.Session(listen_port=0) as fresh:
            fresh.present(fresh.load(whole)[0].children[0].children[0])

    taken = interleaved({"ours": first, "reading": lambda: dcmread(io.BytesIO(whole)).PixelData}, runs=5)
    tracemalloc.start()
    first()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    rows = [
        Row("dicom_widgets, first picture", taken["ours"], more=f"{peak / 1e6:.1f} MB at most beside the object"),
        Row("pydicom, reading the object, nothing decoded", taken["reading"]),
    ]
    table(f"First of 2,000 frames of 512 x 512, JPEG-LS, {len(whole) / 1e6:.0f} MB", rows, DISTS)


def scrolling() -> None:
    """Scroll through 500 slices: the cache keeps to its bound."""
    with dw.Session(listen_port=0, memory_limit=600 << 20) as session:
        found = session.load(list(slices(500)))[0]
        instances = session.instances(found)
        start, most = time.perf_counter(), 0
        for instance in instances:
            session.store.frame(instance, 1)
            most = max(most, session.memory.frames)
        seconds, limit = time.perf_counter() - start, session.store.frames.limit
    verdict = "met" if most <= limit else "MISSED"
    print(f"\nScrolling 500 slices of 512 x 512: {seconds * 1e3 / 500:.2f} ms a slice, decoded frames at most")
    print(f"  {most / 1e6:.0f} MB of {limit / 1e6:.0f} MB: {verdict}")


def main() -> None:
    with dw.Session(listen_port=0) as session:
        syntaxes(session)
    many_frames()
    scrolling()
