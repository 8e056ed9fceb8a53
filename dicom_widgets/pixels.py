"""Stored values of a frame: the bytes of native pixel data as they are, or the output of a decoder.

pydicom does the bookkeeping of encapsulated data (fragments, offset tables); the decoders are plug-ins of its own
registry. This module is such a plug-in too: `imagecodecs`, for all that JPEG, JPEG-LS and JPEG 2000 can be.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydicom.pixels.decoders.base import get_decoder

from dicom_widgets.errors import DecodeError, NotAnImage
from dicom_widgets.values import text

if TYPE_CHECKING:
    from pydicom.pixels.decoders.base import DecodeRunner
    from pydicom.uid import UID

    from dicom_widgets.instance import Instance

SMALL: Final = 1 << 22
"""Bytes below which a frame of a mapped file is copied."""
LARGEST_FRAME: Final = 1 << 30
"""Bytes of a decoded frame that are refused by the numbers in the header, before anything is allocated."""

_CODECS: Final[dict[str, str]] = {
    **{f"1.2.840.10008.1.2.4.{n}": "jpeg8_decode" for n in (50, 51, 57, 70)},
    **{f"1.2.840.10008.1.2.4.{n}": "jpegls_decode" for n in (80, 81)},
    **{f"1.2.840.10008.1.2.4.{n}": "jpeg2k_decode" for n in (90, 91)},
}
_PIXEL_DATA: Final = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")  # (7FE0,0010), little and big endian
DECODER_DEPENDENCIES: Final[dict[str, tuple[str, ...]]] = dict.fromkeys(_CODECS, ("imagecodecs",))
"""What pydicom's registry asks of a plug-in: transfer syntax -> what must be installed."""


def is_available(uid: str) -> bool:
    """Whether this plug-in decodes the transfer syntax on this machine (pydicom's registry asks)."""
    return uid in _CODECS and find_spec("imagecodecs") is not None


def decode_frame(src: bytes, runner: DecodeRunner) -> bytes:
    """Decode one frame with imagecodecs, as pydicom's registry calls a plug-in."""
    import imagecodecs

    codec = _CODECS[runner.transfer_syntax]
    colour = codec == "jpeg8_decode" and runner.samples_per_pixel == 3  # as it is in the stream: not converted
    options = {"colorspace": "RGB", "outcolorspace": "RGB"} if colour else {}
    samples: np.ndarray = getattr(imagecodecs, codec)(src, **options)
    runner.set_option("bits_allocated", 8 * samples.itemsize)
    runner.set_option("planar_configuration", 0)
    return samples.tobytes()


@cache
def _decoder(transfer_syntax: UID) -> Any:
    decoder = get_decoder(transfer_syntax)
    if transfer_syntax in _CODECS and "imagecodecs" not in (
        *decoder.available_plugins,
        *(d.split()[0] for d in decoder.missing_dependencies),
    ):
        decoder.add_plugin("imagecodecs", (__name__, "decode_frame"))
    return decoder


def shape(instance: Instance) -> tuple[int, int]:
    """Return rows and columns of a frame.

    Raises
    ------
    NotAnImage
        The object has no pixel data, or the header does not say how large it is.

    """
    rows, columns = instance.number("Rows"), instance.number("Columns")
    if instance.pixels_at is None or not rows or not columns:
        raise NotAnImage(
            f"{instance!r} has no pixels, so there is no array of it; session.dataset(...) gives its attributes."
        )
    return int(rows), int(columns)


def frame(instance: Instance, number: int = 1) -> np.ndarray:
    """Decode one frame.

    Parameters
    ----------
    instance : Instance
        An object with pixel data.
    number : int
        Frame number, from 1.

    Returns
    -------
    ndarray
        Stored values, read-only, (rows, columns) or (rows, columns, samples): 8, 16 or 32 bits, signed or unsigned
        as the header says, with the bits outside of Bits Stored removed (PS3.5 8.1.1). Colour is not converted.

    Raises
    ------
    NotAnImage, DecodeError

    """
    if not 1 <= number <= instance.frames:
        raise DecodeError(f"Frame {number} of {instance!r} does not exist: it has {instance.frames} (from 1).")
    rows, columns = shape(instance)
    samples = int(instance.number("SamplesPerPixel") or 1)
    allocated = int(instance.number("BitsAllocated") or 0)
    size = rows * columns * samples * max(8, allocated) // 8
    if allocated not in (8, 16, 32):
        raise DecodeError(f"{instance!r} has {allocated} bits allocated; frames of 8, 16 and 32 bits can be decoded.")
    if instance.blob.data[instance.pixels_at or 0 :][:4].tobytes() not in _PIXEL_DATA:
        raise DecodeError(f"{instance!r} has pixels of floating point, which are not decoded yet.")
    if size > LARGEST_FRAME:
        raise DecodeError(
            f"A frame of {instance!r} would be {columns} x {rows} x {samples} pixels ({size >> 20} MiB);"
            f" more than {LARGEST_FRAME >> 20} MiB is not decoded. The header may be wrong."
        )
    if instance.blob.transfer_syntax.is_encapsulated:
        stored = _decompressed(instance, number)
    else:
        stored = _native(instance, number, (rows, columns, samples), allocated)
    stored = _significant(stored, instance).reshape((rows, columns, samples) if samples > 1 else (rows, columns))
    stored.flags.writeable = False
    return stored


def _native(instance: Instance, number: int, size: tuple[int, int, int], allocated: int) -> np.ndarray:
    """Native pixel data: a view of the blob where the byte order is the machine's and the frame not a small one."""
    little, data = instance.blob.transfer_syntax.is_little_endian, instance.blob.data
    at = instance.pixels_at or 0
    start = at + _head(data, at)
    ybr422 = instance.value("PhotometricInterpretation") == "YBR_FULL_422"
    halved = ybr422 and size[2] == 3 and size[0] * size[1] % 2 == 0
    nbytes = size[0] * size[1] * (2 if halved else size[2]) * allocated // 8
    begin = start + (number - 1) * nbytes
    part = data[begin : begin + nbytes]
    if part.nbytes < nbytes:
        raise DecodeError(
            f"Frame {number} of {instance!r} should have {nbytes} bytes of pixel data, but"
            f" {part.nbytes} are there: the object was cut off. Retrieve or copy it again."
        )
    if allocated == 8 and not little and data[at + 4 : at + 6].tobytes() == b"OW":
        part = memoryview(_swapped(data[start:], begin - start, nbytes))
    stored = np.frombuffer(part, f"{'<' if little else '>'}u{allocated // 8}")
    if halved:  # Y Y Cb Cr for two pixels (PS3.3 C.7.6.3.1.2)
        stored = stored.reshape(-1, 4)[:, [0, 2, 3, 1, 2, 3]]
    elif size[2] > 1 and instance.number("PlanarConfiguration") == 1:
        stored = np.ascontiguousarray(stored.reshape(size[2], -1).T)
    # a frame that is held keeps its file open, and a process may open few: only what is worth it is not copied
    small = not instance.blob.owned and nbytes < SMALL
    return stored.astype(stored.dtype.newbyteorder("="), copy=small)


def _head(data: memoryview, at: int) -> int:
    """Length of tag, VR and value length: 12 for the long VRs, 8 for others and without VR (PS3.5 7.1.2, 7.1.3).

    It is read from the data, as some files are implicit where their meta information says explicit.
    """
    long = data[at + 4 : at + 6].tobytes() in (b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"UN")
    return 12 if long and data[at + 6 : at + 8].tobytes() == b"\0\0" else 8


def _swapped(data: memoryview, begin: int, nbytes: int) -> bytes:
    """Return bytes that are stored as big endian words (PS3.5 8.1.2, A.3)."""
    low, high = begin - begin % 2, begin + nbytes + (begin + nbytes) % 2
    words = np.frombuffer(data[low:high], np.uint8)
    return words[: len(words) // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)[begin - low :][:nbytes].tobytes()


def _decompressed(instance: Instance, number: int) -> np.ndarray:
    """Decode by the plug-ins: imagecodecs first, then whatever else pydicom finds."""
    syntax = instance.blob.transfer_syntax
    decoder = _decoder(syntax)
    options = {
        "rows": int(instance.number("Rows") or 0),
        "columns": int(instance.number("Columns") or 0),
        "samples_per_pixel": int(instance.number("SamplesPerPixel") or 1),
        "number_of_frames": instance.frames,
        "bits_allocated": int(instance.number("BitsAllocated") or 8),
        "bits_stored": int(instance.number("BitsStored") or instance.number("BitsAllocated") or 8),
        "pixel_representation": int(instance.number("PixelRepresentation") or 0),
        "photometric_interpretation": str(instance.value("PhotometricInterpretation", "MONOCHROME2")),
        "planar_configuration": int(instance.number("PlanarConfiguration") or 0),
        "pixel_keyword": "PixelData",
    }
    problems = []
    for plugin in ("imagecodecs", ""):
        if plugin and plugin not in decoder.available_plugins:
            continue
        with instance.blob.open() as reader:
            reader.seek((instance.pixels_at or 0) + _head(instance.blob.data, instance.pixels_at or 0))
            try:
                array, _ = decoder.as_array(reader, index=number - 1, raw=True, decoding_plugin=plugin, **options)
            except Exception as error:  # noqa: BLE001  a codec may raise anything for broken data
                problems.append(text(error))
            else:
                return np.asarray(array)
    raise DecodeError(
        f"Frame {number} of {instance!r} ({syntax.name}) cannot be decoded: {problems[-1]}."
        " The data may be damaged; the other images are not affected."
    )


def _significant(stored: np.ndarray, instance: Instance) -> np.ndarray:
    """Keep Bits Stored bits that end at High Bit, and extend the sign (PS3.5 8.1.1; requirement GP1)."""
    width = 8 * stored.itemsize
    bits = int(instance.number("BitsStored") or width)
    signed = instance.number("PixelRepresentation") == 1
    raw = stored.view(f"u{stored.itemsize}")
    if bits < width:
        high = (
            bits - 1 if instance.blob.transfer_syntax.is_encapsulated else int(instance.number("HighBit") or bits - 1)
        )
        up = max(0, width - 1 - high)
        raw = (raw << up).view(f"i{stored.itemsize}" if signed else raw.dtype) >> (width - bits)
    elif signed:
        raw = raw.view(f"i{stored.itemsize}")
    else:
        raw = raw.copy() if raw.base is None and raw.flags.writeable else raw
    return raw.view()
