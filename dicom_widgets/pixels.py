"""Stored values of a frame: the bytes of native pixel data as they are, or the output of a decoder.

pydicom does the bookkeeping of encapsulated data (fragments, offset tables); the decoders are plug-ins of its own
registry. This module is such a plug-in too: `imagecodecs`, for all that JPEG, JPEG-LS and JPEG 2000 can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder

from dicom_widgets import codestream
from dicom_widgets.errors import DecodeError, NotAnImage
from dicom_widgets.fragments import head
from dicom_widgets.values import text
from dicom_widgets.ybr import to_rgb

if TYPE_CHECKING:
    from pydicom.pixels.decoders.base import DecodeRunner
    from pydicom.uid import UID

    from dicom_widgets.codestream import Codestream
    from dicom_widgets.instance import Instance

SMALL: Final = 1 << 22
"""Bytes below which a frame of a mapped file is copied."""
LARGEST_FRAME: Final = 1 << 30
"""Bytes of a decoded frame that are refused by the numbers in the header, before anything is allocated."""
_LARGE: Final = 1 << 26
_DENSEST: Final = 20_000
"""Decoded bytes for each compressed one that a frame of more than 64 MiB may have."""

_CODECS: Final[dict[str, str]] = {
    **{f"1.2.840.10008.1.2.4.{n}": "jpeg8_decode" for n in (50, 51, 57, 70)},
    **{f"1.2.840.10008.1.2.4.{n}": "jpegls_decode" for n in (80, 81)},
    **{f"1.2.840.10008.1.2.4.{n}": "jpeg2k_decode" for n in (90, 91)},
    **{f"1.2.840.10008.1.2.4.{n}": "htj2k_decode" for n in (201, 202, 203)},
    "1.2.840.10008.1.2.5": "dicomrle_decode",
}
_INTEGERS: Final = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")  # (7FE0,0010), little and big endian
_FLOATS: Final = {8: "f4", 9: "f8"}  # (7FE0,0008), (7FE0,0009)
DECODER_DEPENDENCIES: Final[dict[str, tuple[str, ...]]] = dict.fromkeys(_CODECS, ("imagecodecs",))
"""What pydicom's registry asks of a plug-in: transfer syntax -> what must be installed."""


def is_available(uid: str) -> bool:
    """Whether this plug-in decodes the transfer syntax on this machine (pydicom's registry asks)."""
    return uid in _CODECS and find_spec("imagecodecs") is not None


def decode_frame(src: bytes, runner: DecodeRunner) -> bytes:
    """Decode one frame with imagecodecs, as pydicom's registry calls a plug-in."""
    import imagecodecs

    codec = _CODECS[runner.transfer_syntax]
    decode = getattr(imagecodecs, codec)
    if codec == "dicomrle_decode":
        runner.set_option("planar_configuration", 1)
        return bytes(decode(src, f"<u{max(1, runner.bits_allocated // 8)}"))
    colour = codec == "jpeg8_decode" and runner.samples_per_pixel == 3  # as it is in the stream: not converted
    options = {"colorspace": "RGB", "outcolorspace": "RGB"} if colour else {}
    samples: np.ndarray = decode(src, **options)
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
        Read-only. Grey and palette: stored values, (rows, columns), of 8, 16 or 32 bits, signed or unsigned as the
        header says, with the bits outside of Bits Stored removed (PS3.5 8.1.1), or floats; single bits are 0 and 1 of
        uint8. Colour: RGB, (rows, columns, 3), whatever the object holds (PS3.3 C.7.6.3.1.2).

    Raises
    ------
    NotAnImage, DecodeError

    """
    stored, space = _decoded(instance, number)
    if space.source == "YBR":
        stored = to_rgb(stored, partial=space.partial)
    stored.flags.writeable = False
    return stored


def words(instance: Instance, number: int = 1) -> np.ndarray:
    """Return the words of a frame with all their bits, also those outside of Bits Stored: overlays may lie there.

    Returns
    -------
    ndarray
        (rows, columns), unsigned.

    Raises
    ------
    NotAnImage, DecodeError

    """
    return _decoded(instance, number, significant=False)[0]


def color(instance: Instance, number: int = 1) -> str:
    """Return what was done to the colours of a frame, and by what (requirement CO2); empty for one sample a pixel."""
    if _samples(instance) != 3:
        return ""
    return str(_space(instance, _stream(instance, number)))


@dataclass(frozen=True)
class _Space:
    """The colours that a decoder gives, and by what that is known."""

    source: str
    why: str
    partial: bool = False

    def __str__(self) -> str:
        return f"{self.source} -> RGB ({self.why})" if self.source != "RGB" else f"RGB ({self.why})"


def _space(instance: Instance, stream: Codestream | None) -> _Space:
    """Decide by the codestream where it says something, else by Photometric Interpretation (requirement CO2)."""
    if stream is not None and stream.color:
        return _Space(stream.color, stream.why)
    meant = str(instance.value("PhotometricInterpretation", "RGB"))
    why = f"Photometric Interpretation {text(meant, 20)}"
    if meant in ("YBR_FULL", "YBR_FULL_422"):
        return _Space("YBR", why)
    if meant.startswith("YBR_PARTIAL"):
        return _Space("YBR", why, partial=True)
    if meant in ("RGB", "YBR_ICT", "YBR_RCT"):
        return _Space("RGB", why)
    raise DecodeError(f"{instance!r} has colours of a kind that is not known: {why}.")


def _samples(instance: Instance) -> int:
    return int(instance.number("SamplesPerPixel") or 1)


def _decoded(instance: Instance, number: int, *, significant: bool = True) -> tuple[np.ndarray, _Space]:
    if not 1 <= number <= instance.frames:
        raise DecodeError(f"Frame {number} of {instance!r} does not exist: it has {instance.frames} (from 1).")
    (rows, columns), samples = shape(instance), _samples(instance)
    at = instance.pixels_at or 0
    tag = instance.blob.data[at : at + 4].tobytes()
    allocated = int(instance.number("BitsAllocated") or 0)
    floats = "" if tag in _INTEGERS else _FLOATS.get(tag[2] or tag[3], "")
    allocated = 8 * int(floats[1:]) if floats else allocated
    if samples not in (1, 3):
        raise DecodeError(f"{instance!r} has {samples} samples a pixel; 1 and 3 can be decoded.")
    if allocated not in (1, 8, 16, 32, *((64,) if floats else ())):
        raise DecodeError(f"{instance!r} has {allocated} bits allocated; 1, 8, 16 and 32 bits can be decoded.")
    size = rows * columns * samples * max(8, allocated) // 8
    if size > LARGEST_FRAME:
        raise DecodeError(
            f"A frame of {instance!r} would be {columns} x {rows} x {samples} pixels ({size >> 20} MiB);"
            f" more than {LARGEST_FRAME >> 20} MiB is not decoded. The header may be wrong."
        )
    stream = None
    if instance.blob.transfer_syntax.is_encapsulated:
        source = _frame_bytes(instance, number)
        if size > _LARGE and size > len(source) * _DENSEST:
            raise DecodeError(
                f"Frame {number} of {instance!r} would be {size >> 20} MiB, made of {len(source):,} bytes: nothing that"
                " is an image compresses so well, so it is not decoded."
            )
        stream = codestream.read(source)
        stored = _decompressed(instance, number, source, stream)
    else:
        stored = _native(instance, number, (rows, columns, samples), allocated, floats)
    space = _space(instance, stream) if samples == 3 else _Space("", "")
    if significant and not floats:
        stored = _significant(stored, instance)
    return stored.reshape((rows, columns, samples) if samples > 1 else (rows, columns)), space


def _native(instance: Instance, number: int, size: tuple[int, int, int], allocated: int, floats: str) -> np.ndarray:
    """Native pixel data: a view of the blob where the byte order is the machine's and the frame not a small one."""
    little, data = instance.blob.transfer_syntax.is_little_endian, instance.blob.data
    at = instance.pixels_at or 0
    start = at + head(data, at)
    count = size[0] * size[1]
    length = int.from_bytes(data[start - 4 : start].tobytes(), "little" if little else "big")
    halved = (
        size[2] == 3
        and count % 2 == 0
        and instance.value("PhotometricInterpretation") == "YBR_FULL_422"
        and length < count * 3 * instance.frames  # some write all samples although they say 4:2:2
    )
    nbits = count * (2 if halved else size[2]) * allocated
    first = (number - 1) * nbits  # frames of single bits follow each other without a gap
    begin, end = start + first // 8, start + -(-(first + nbits) // 8)
    part, nbytes = data[begin:end], end - begin
    if part.nbytes < nbytes:
        raise DecodeError(
            f"Frame {number} of {instance!r} should have {nbytes} bytes of pixel data, but"
            f" {part.nbytes} are there: the object was cut off. Retrieve or copy it again."
        )
    if allocated <= 8 and not little and data[at + 4 : at + 6].tobytes() == b"OW":
        part = memoryview(_swapped(data[start:], begin - start, nbytes))
    if allocated == 1:
        return np.unpackbits(np.frombuffer(part, np.uint8), bitorder="little")[first % 8 :][:nbits]
    stored = np.frombuffer(part, f"{'<' if little else '>'}{floats or f'u{allocated // 8}'}")
    if halved:  # Y Y Cb Cr for two pixels (PS3.3 C.7.6.3.1.2)
        stored = stored.reshape(-1, 4)[:, [0, 2, 3, 1, 2, 3]]
    elif size[2] > 1 and instance.number("PlanarConfiguration") == 1:
        stored = np.ascontiguousarray(stored.reshape(size[2], -1).T)
    # a frame that is held keeps its file open, and a process may open few: only what is worth it is not copied
    small = not instance.blob.owned and nbytes < SMALL
    return stored.astype(stored.dtype.newbyteorder("="), copy=small)


def _swapped(data: memoryview, begin: int, nbytes: int) -> bytes:
    """Return bytes that are stored as big endian words (PS3.5 8.1.2, A.3)."""
    low, high = begin - begin % 2, begin + nbytes + (begin + nbytes) % 2
    words = np.frombuffer(data[low:high], np.uint8)
    return words[: len(words) // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)[begin - low :][:nbytes].tobytes()


def _frame_bytes(instance: Instance, number: int) -> bytes:
    """Return the codestream of a frame, of all its fragments."""
    found = instance.fragments
    if len(found) < number:
        raise DecodeError(
            f"Frame {number} of {instance!r} is not there: its pixel data hold {len(found)} of {instance.frames}"
            " frames. The object was cut off; retrieve or copy it again."
        )
    data = instance.blob.data
    return b"".join(data[start:stop] for start, stop in found[number - 1])


def _stream(instance: Instance, number: int) -> Codestream | None:
    if not instance.blob.transfer_syntax.is_encapsulated:
        return None
    return codestream.read(_frame_bytes(instance, number))


def _decompressed(instance: Instance, number: int, source: bytes, stream: Codestream | None) -> np.ndarray:
    """Decode by the plug-ins: imagecodecs first, then whatever else pydicom finds."""
    syntax, (rows, columns) = instance.blob.transfer_syntax, shape(instance)
    samples = _samples(instance)
    if stream is not None and (stream.rows, stream.columns, stream.samples) != (rows, columns, samples):
        raise DecodeError(
            f"Frame {number} of {instance!r} ({syntax.name}) says that it is {stream.columns} x {stream.rows} x"
            f" {stream.samples}, but the header says {columns} x {rows} x {samples}. It is not decoded."
        )
    decoder = _decoder(syntax)
    options = {
        "rows": rows,
        "columns": columns,
        "samples_per_pixel": samples,
        "number_of_frames": 1,
        "bits_allocated": int(instance.number("BitsAllocated") or 8),
        "bits_stored": int(instance.number("BitsStored") or instance.number("BitsAllocated") or 8),
        "pixel_representation": int(instance.number("PixelRepresentation") or 0),
        "photometric_interpretation": str(instance.value("PhotometricInterpretation", "MONOCHROME2")),
        "planar_configuration": int(instance.number("PlanarConfiguration") or 0),
        "pixel_keyword": "PixelData",
    }
    alone = encapsulate([source], has_bot=False)
    problems = []
    for plugin in ("imagecodecs", ""):
        if plugin and plugin not in decoder.available_plugins:
            continue
        try:
            array, _ = decoder.as_array(alone, index=0, raw=True, decoding_plugin=plugin, **options)
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
