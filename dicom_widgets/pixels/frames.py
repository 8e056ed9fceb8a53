"""Stored values of a frame: a view of native pixel data, or the output of a decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.dicom.values import text
from dicom_widgets.errors import DecodeError, NotAnImage
from dicom_widgets.pixels import codecs, codestream, compressed, native
from dicom_widgets.pixels.colorspace import ColorSpace, color_space_of, to_rgb

if TYPE_CHECKING:
    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.pixels.codestream import Codestream

LARGEST_FRAME: Final = 1 << 30
"""The largest decoded frame, in bytes; a larger one is refused by its header, before anything is allocated."""
_LARGE: Final = 1 << 26
_DENSEST: Final = 20_000
"""The largest ratio of decoded to compressed bytes for a frame of more than 64 MiB."""

_INTEGERS: Final = (b"\xe0\x7f\x10\x00", b"\x7f\xe0\x00\x10")  # (7FE0,0010), little and big endian
_FLOATS: Final[dict[int, np.dtype]] = {8: np.dtype("f4"), 9: np.dtype("f8")}  # (7FE0,0008), (7FE0,0009)


def frame_shape(instance: Instance) -> tuple[int, int]:
    """Return rows and columns of a frame.

    Raises
    ------
    NotAnImage
        The object has no pixel data.
    DecodeError
        The header does not say how large it is.

    """
    if instance.pixels_at is None:
        raise NotAnImage(
            f"{instance!r} has no pixels, so there is no array of it; session.dataset(...) gives its attributes."
        )
    if not all(instance.size):
        raise DecodeError(
            f"{instance!r} has pixels, but its Rows (0028,0010) and Columns (0028,0011) do not say how many, so they"
            " cannot be read; session.dataset(...) gives its attributes."
        )
    return instance.size


def stored_frame(instance: Instance, number: int = 1) -> np.ndarray:
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
    stored, stream, space = _decoded(instance, number)
    if stored.dtype.kind != "f":
        stored = _significant(stored, instance, stream)
    if space is not None and space.ybr:
        bits = bits_stored(instance.number("BitsStored"), 8 * stored.itemsize)
        stored = to_rgb(stored, bits, partial=space.partial)
    stored = stored.view()
    stored.flags.writeable = False
    return stored


def frame_with_all_bits(instance: Instance, number: int = 1) -> np.ndarray:
    """Return the samples of a frame with all their bits; retired overlays lie in those outside of Bits Stored.

    Returns
    -------
    ndarray
        (rows, columns), unsigned.

    Raises
    ------
    NotAnImage, DecodeError

    """
    stored = _decoded(instance, number)[0]
    return stored.view(f"u{stored.itemsize}")


def color_conversion(instance: Instance, number: int = 1) -> str:
    """Return how the colours of a frame were converted, and why so (requirement CO2); empty for one sample a pixel."""
    if _samples(instance) != 3:
        return ""
    encapsulated = instance.blob.transfer_syntax.is_encapsulated
    return str(
        _space(
            instance, codestream.codestream_of(compressed.codestream_bytes(instance, number)) if encapsulated else None
        )
    )


def _samples(instance: Instance) -> int:
    samples = int(instance.number("SamplesPerPixel") or 1)
    if samples not in (1, 3):
        raise DecodeError(
            f"{instance!r} has {samples} samples a pixel; 1 and 3 can be decoded. The header may be wrong."
        )
    return samples


def _space(instance: Instance, stream: Codestream | None) -> ColorSpace:
    meant = str(instance.value("PhotometricInterpretation", "RGB"))
    space = color_space_of(meant, stream)
    if space is None:
        raise DecodeError(
            f"{instance!r} has colours of a kind that is not known: Photometric Interpretation {text(meant, 20)}."
        )
    return space


def _decoded(instance: Instance, number: int) -> tuple[np.ndarray, Codestream | None, ColorSpace | None]:
    """Return samples with all their bits, the codestream's header, and the colour space unless it is RGB already."""
    if not 1 <= number <= instance.frames:
        raise DecodeError(f"Frame {number} of {instance!r} does not exist: it has {instance.frames}, counted from 1.")
    (rows, columns), samples = frame_shape(instance), _samples(instance)
    dtype, single = _dtype(instance)
    size = rows * columns * samples * dtype.itemsize
    if size > LARGEST_FRAME:
        raise DecodeError(
            f"A frame of {instance!r} would be {columns} x {rows} x {samples} pixels ({size >> 20} MiB);"
            f" more than {LARGEST_FRAME >> 20} MiB is not decoded. The header may be wrong."
        )
    stream, syntax = None, instance.blob.transfer_syntax
    if syntax.is_encapsulated:
        source = compressed.codestream_bytes(instance, number)
        if size > _LARGE and size > len(source) * _DENSEST:
            raise DecodeError(
                f"Frame {number} of {instance!r} would be {size >> 20} MiB, made of {len(source):,} bytes: nothing that"
                " is an image compresses so well, so it is not decoded."
            )
        stream = codestream.codestream_of(source)
    space = _space(instance, stream) if samples == 3 else None
    if syntax.is_encapsulated:
        ybr = space is not None and space.ybr and not space.partial and codecs.converts(syntax)
        stored = compressed.decompress(instance, number, source, stream, (rows, columns, samples), ybr=ybr)
        space = None if ybr else space
    else:
        stored = native.native_frame(instance, number, (rows, columns, samples), dtype, single=single)
    return stored.reshape((rows, columns, samples)[: 3 if samples == 3 else 2]), stream, space


def bits_stored(said: float | None, width: int) -> int:
    """Return Bits Stored (0028,0101) of samples of `width` bits, or `width` where it is impossible (requirement X6)."""
    found = int(said or width)
    return found if 1 <= found <= width else width


def _dtype(instance: Instance) -> tuple[np.dtype, bool]:
    """Return the dtype of a sample by the header, unsigned or floating point, and whether samples are single bits."""
    at = instance.pixels_at or 0
    tag = instance.blob.data[at : at + 4].tobytes()
    if tag not in _INTEGERS:
        return _FLOATS[tag[2] or tag[3]], False
    allocated = int(instance.number("BitsAllocated") or 0)
    if allocated not in (1, 8, 16, 32):
        raise DecodeError(
            f"{instance!r} has {allocated} bits allocated; 1, 8, 16 and 32 bits can be decoded."
            " The header may be wrong."
        )
    return np.dtype(f"u{max(8, allocated) // 8}"), allocated == 1


def _significant(stored: np.ndarray, instance: Instance, stream: Codestream | None) -> np.ndarray:
    """Keep Bits Stored bits that end at High Bit, and extend the sign (PS3.5 8.1.1; requirement GP1).

    A codestream has its own precision, in the lower bits of its words; where that is less than Bits Stored, the sign
    bit is that of the codestream.
    """
    width = 8 * stored.itemsize
    signed = stored.ndim == 2 and instance.number("PixelRepresentation") == 1
    filled = min(width, stream.precision) if stream is not None else width
    bits = min(bits_stored(instance.number("BitsStored"), width), filled if signed else width)
    high = int(instance.number("HighBit") or bits - 1)
    if not bits - 1 <= high < filled:
        high = bits - 1
    kind, raw = "i" if signed else "u", stored.view(f"u{stored.itemsize}")
    if bits < width:
        raw = _shifted(raw, np.left_shift, width - 1 - high)
    raw = raw.view(f"{kind}{stored.itemsize}")
    if bits < width:
        raw = _shifted(raw, np.right_shift, width - bits)
    allocated = max(width, int(instance.number("BitsAllocated") or width))
    return raw.astype(f"{kind}{allocated // 8}", copy=False)


def _shifted(words: np.ndarray, shift: np.ufunc, count: int) -> np.ndarray:
    """Shift, in place where the words are our own."""
    if not count:
        return words
    return shift(words, words.dtype.type(count), out=words if words.flags.writeable else None)
