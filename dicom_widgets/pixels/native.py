"""Native pixel data: the bytes of a frame as they lie in the data set (PS3.5 8.1, 8.2, annexes A and D)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from dicom_widgets.dicom.fragments import header_length
from dicom_widgets.errors import DecodeError

if TYPE_CHECKING:
    from dicom_widgets.dicom.instance import Instance

SMALL: Final = 1 << 22
"""Size in bytes below which a frame of a mapped file is copied: a view would keep the file open."""
_UNDEFINED: Final = 0xFFFFFFFF


def native_frame(
    instance: Instance, number: int, shape: tuple[int, int, int], dtype: np.dtype, *, single: bool
) -> np.ndarray:
    """Return the samples of a frame.

    Parameters
    ----------
    instance : Instance
        An object with native pixel data.
    number : int
        Frame number, from 1.
    shape : tuple of int
        Rows, columns and samples a pixel.
    dtype : dtype
        Of a sample, of the machine's byte order.
    single : bool
        Whether the samples are single bits, which become 0 and 1.

    Returns
    -------
    ndarray
        One-dimensional, colour by pixel. A view of the blob where the byte order is the machine's, unless the frame is
        a small one of a mapped file.

    Raises
    ------
    DecodeError
        The object was cut off.

    """
    little, data = instance.blob.transfer_syntax.is_little_endian, instance.blob.data
    at = instance.pixels_at or 0
    start = at + header_length(data, at)
    count, samples = shape[0] * shape[1], shape[2]
    length = int.from_bytes(data[start - 4 : start].tobytes(), "little" if little else "big")
    halved = (
        samples == 3
        and count % 2 == 0
        and instance.value("PhotometricInterpretation") in ("YBR_FULL_422", "YBR_PARTIAL_422")
        and length < count * 3 * instance.frames  # some write all samples although they say 4:2:2
    )
    nbits = count * (2 if halved else samples) * (1 if single else 8 * dtype.itemsize)
    first = (number - 1) * nbits  # frames of single bits follow each other without a gap
    begin, end = start + first // 8, start + -(-(first + nbits) // 8)
    last = len(data) if length == _UNDEFINED else start + length  # what follows are other elements
    part, nbytes = data[begin : min(end, last)], end - begin
    if part.nbytes < nbytes:
        raise DecodeError(
            f"Frame {number} of {instance!r} should have {nbytes} bytes of pixel data, but"
            f" {part.nbytes} are there: the object was cut off, or its header is wrong. Retrieve or copy it again."
        )
    if dtype.itemsize == 1 and not little and data[at + 4 : at + 6].tobytes() == b"OW":
        part = memoryview(_swapped(data[start:], begin - start, nbytes))
    if single:
        return np.unpackbits(np.frombuffer(part, np.uint8), bitorder="little")[first % 8 :][:nbits]
    stored = np.frombuffer(part, dtype.newbyteorder("<" if little else ">"))
    if halved:  # Y Y Cb Cr for two pixels (PS3.3 C.7.6.3.1.2)
        stored = stored.reshape(-1, 4)[:, [0, 2, 3, 1, 2, 3]].reshape(-1)
    elif samples > 1 and instance.number("PlanarConfiguration") == 1:
        stored = np.ascontiguousarray(stored.reshape(samples, -1).T).reshape(-1)
    # a view keeps its file open, and a process may open few: only large frames are worth it
    small = not instance.blob.owned and nbytes < SMALL
    return stored.astype(stored.dtype.newbyteorder("="), copy=small)


def _swapped(data: memoryview, begin: int, nbytes: int) -> bytes:
    """Return bytes that are stored as big endian words (PS3.5 8.1.2, A.3)."""
    low, high = begin - begin % 2, begin + nbytes + (begin + nbytes) % 2
    words = np.frombuffer(data[low:high], np.uint8)
    return words[: len(words) // 2 * 2].reshape(-1, 2)[:, ::-1].reshape(-1)[begin - low :][:nbytes].tobytes()
