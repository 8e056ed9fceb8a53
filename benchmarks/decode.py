"""Decoding: beside the bare codec and pydicom's own plug-ins, with two threads, and the first of 2,000 frames."""

from __future__ import annotations

import io
import statistics
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import imagecodecs
import numpy as np
from pydicom import dcmread, dcmwrite
from pydicom.encaps import encapsulate
from pydicom.pixels import pixel_array
from pydicom.pixels.encoders import RLELosslessEncoder
from pydicom.uid import (
    UID,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

import dicom_widgets as dw
from benchmarks.report import Row, interleaved, table
from benchmarks.samples import slices
from dicom_widgets.pixels.frames import stored_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydicom.dataset import Dataset

    from dicom_widgets.dicom.instance import Instance

SIDE: Final = 1024
FRAMES: Final = 8
"""Decoded one after the other, and by two threads: what the threads cost to be told is not the question."""
DISTS: Final = ("imagecodecs", "pydicom", "pillow", "pylibjpeg-openjpeg", "numpy")


def grid() -> np.ndarray:
    """Return an image of a megapixel and 12 bits that is neither flat nor noise."""
    y, x = np.mgrid[:SIDE, :SIDE]
    noise = np.random.default_rng(1).integers(0, 40, x.shape)
    return ((np.hypot(x - 400, y - 500) * 4) % 3000 + 500 + noise).astype(np.uint16)


@dataclass(frozen=True)
class Case:
    """A frame, its bare codec, and the plug-in of pydicom that decodes it without ours."""

    syntax: UID
    array: np.ndarray
    stream: bytes
    decode: Callable[[bytes], np.ndarray]
    plugin: str = ""

    @property
    def name(self) -> str:
        """Syntax and kind of the frame."""
        kind = "colour" if self.array.ndim == 3 else f"{8 * self.array.itemsize} bits"
        return f"{self.syntax.name}, {kind}, {SIDE} x {SIDE}, {len(self.stream) / 1e6:.2f} MB"

    def dataset(self) -> Dataset:
        """Return an object of this one frame."""
        ds, colour = slices(1, SIDE)[0], self.array.ndim == 3
        ds.BitsAllocated = 8 * self.array.itemsize
        ds.BitsStored, ds.PixelRepresentation = min(ds.BitsAllocated, 12), 0
        ds.HighBit = ds.BitsStored - 1
        if colour:
            ds.SamplesPerPixel, ds.PlanarConfiguration, ds.PhotometricInterpretation = 3, 0, "YBR_FULL_422"
        ds.file_meta.TransferSyntaxUID = self.syntax
        _fill(ds, [self.stream])
        return ds


def _fill(ds: Dataset, streams: list[bytes]) -> None:
    ds.PixelData = encapsulate(streams, has_bot=False)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True


def cases() -> Iterator[Case]:
    """Yield a frame of each kind of compression."""
    ic, deep = imagecodecs, grid()
    eight = (deep >> 4).astype(np.uint8)
    rgb = np.stack([eight, np.roll(eight, 50, 0), np.roll(eight, 90, 1)], -1)
    rle = RLELosslessEncoder.encode(
        deep,
        rows=SIDE,
        columns=SIDE,
        samples_per_pixel=1,
        number_of_frames=1,
        bits_allocated=16,
        bits_stored=12,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
    )
    yield Case(JPEGBaseline8Bit, eight, ic.jpeg8_encode(eight, level=90), ic.jpeg8_decode, "pillow")
    yield Case(JPEGBaseline8Bit, rgb, ic.jpeg8_encode(rgb, level=90), ic.jpeg8_decode, "pillow")
    yield Case(JPEGLosslessSV1, deep, ic.jpeg8_encode(deep, lossless=True, bitspersample=12), ic.jpeg8_decode)
    yield Case(JPEGLSLossless, deep, ic.jpegls_encode(deep), ic.jpegls_decode)
    stream = ic.jpeg2k_encode(deep, codecformat="j2k", reversible=True)
    yield Case(JPEG2000Lossless, deep, stream, ic.jpeg2k_decode, "pylibjpeg")
    yield Case(HTJ2KLossless, deep, ic.htj2k_encode(deep, reversible=True), ic.htj2k_decode, "pylibjpeg")
    yield Case(RLELossless, deep, rle, lambda s: np.frombuffer(ic.dicomrle_decode(s, "<u2"), "<u2"), "pydicom")


def instance_of(session: dw.Session, ds: Dataset) -> Instance:
    """Return an object as the session holds it: in bytes."""
    out = io.BytesIO()
    dcmwrite(out, ds, enforce_file_format=True)
    return session.instance(session.load(out.getvalue())[0].children[0].children[0])


def syntaxes(session: dw.Session) -> None:
    for case in cases():
        ds = case.dataset()
        instance = instance_of(session, ds)
        threads = ThreadPoolExecutor(2)

        def several(each: Callable[[Callable[[int], object], range], Any], held: Instance = instance) -> None:
            list(each(lambda _: stored_frame(held), range(FRAMES)))

        ways: dict[str, Callable[[], object]] = {
            "ours": lambda held=instance: stored_frame(held),
            "bare": lambda c=case: c.decode(c.stream),
            "one": lambda f=several: f(map),
            "two": lambda f=several, t=threads: f(t.map),
        }
        if case.plugin:
            ways["pydicom"] = lambda d=ds, c=case: pixel_array(d, decoding_plugin=c.plugin)
        taken = interleaved(ways, runs=9)
        middle = {name: statistics.median(ms) for name, ms in taken.items()}
        near, gain = middle["ours"] / middle["bare"], middle["one"] / middle["two"]
        rows = [
            Row("dicom_widgets, one frame", taken["ours"], more=f"{near:.2f} of the codec (goal 1.2)"),
            Row("imagecodecs, the bare codec", taken["bare"]),
            *([Row(f"pydicom with {case.plugin}", taken["pydicom"])] if case.plugin else []),
            Row(f"dicom_widgets, {FRAMES} frames by one thread", taken["one"]),
            Row(f"dicom_widgets, {FRAMES} frames by two threads", taken["two"], more=f"{gain:.2f} times (goal 1.4)"),
        ]
        table(case.name, rows, DISTS)
        threads.shutdown()


def many_frames() -> None:
    """Show the first of 2,000 frames, from bytes in memory."""
    ds = slices(1)[0]
    array = grid()[:512, :512]
    ds.NumberOfFrames, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 2000, 12, 11, 0
    ds.file_meta.TransferSyntaxUID = JPEGLSLossless
    _fill(ds, [imagecodecs.jpegls_encode(array)] * 2000)
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
    """Scroll through 500 compressed slices: the cache keeps to its bound, which they would pass."""
    objects = slices(500)
    for ds in objects:
        ds.file_meta.TransferSyntaxUID = JPEGLSLossless
        _fill(ds, [imagecodecs.jpegls_encode(np.frombuffer(ds.PixelData, np.uint16).reshape(512, 512))])
    with dw.Session(listen_port=0, memory_limit=256 << 20) as session:
        found = session.load(objects)[0]
        instances = session.instances(found)
        whole, most = len(instances) * 512 * 512 * 2, 0
        start = time.perf_counter()
        for instance in instances:
            session.store.frame(instance, 1)
            most = max(most, session.memory.frames)
        seconds, limit = time.perf_counter() - start, session.store.frames.limit
    verdict = "met" if most <= limit else "MISSED"
    print(f"\nScrolling 500 slices of 512 x 512: {seconds * 1e3 / 500:.2f} ms a slice, decoded frames at most")
    print(f"  {most / 1e6:.0f} MB of {limit / 1e6:.0f} MB, where all of them are {whole / 1e6:.0f} MB: {verdict}")


def main() -> None:
    with dw.Session(listen_port=0) as session:
        syntaxes(session)
    many_frames()
    scrolling()
