"""Compressed frames of an instance: joined from their fragments, checked against the header, decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dicom_widgets.dicom.values import text
from dicom_widgets.errors import DecodeError
from dicom_widgets.pixels import codecs
from dicom_widgets.pixels.colorspace import to_rgb

if TYPE_CHECKING:
    import numpy as np

    from dicom_widgets.dicom.instance import Instance
    from dicom_widgets.pixels.codestream import Codestream


def codestream_bytes(instance: Instance, number: int) -> bytes:
    """Return the codestream of a frame: its fragments, joined.

    Raises
    ------
    DecodeError
        The frame is not there.

    """
    found = instance.fragments
    if len(found) < number:
        raise DecodeError(
            f"Frame {number} of {instance!r} is not there: its pixel data hold {len(found)} of {instance.frames}"
            " frames. The object was cut off; retrieve or copy it again."
        )
    data = instance.blob.data
    return b"".join(data[start:stop] for start, stop in found[number - 1])


def decompress(
    instance: Instance, number: int, src: bytes, stream: Codestream | None, shape: codecs.Shape, *, ybr: bool
) -> np.ndarray:
    """Decode a codestream whose size is that of the header; nothing is allocated for another one.

    Parameters
    ----------
    instance, number : Instance, int
        The object and the frame, from 1.
    src : bytes
        The codestream.
    stream : Codestream or None
        What its own header says.
    shape : tuple of int
        Rows, columns and samples a pixel, by the header of the instance.
    ybr : bool
        Whether the codec converts YCbCr to RGB; only where `codecs.converts`.

    Returns
    -------
    ndarray
        `shape`, of as many bytes a sample as the codestream needs.

    Raises
    ------
    DecodeError

    """
    syntax, allocated = instance.blob.transfer_syntax, int(instance.number("BitsAllocated") or 8)
    title = f"Frame {number} of {instance!r} ({text(syntax.name, 80)})"
    if not codecs.is_known(syntax):
        raise DecodeError(
            f"{title} cannot be decoded: there is no decoder of images in this transfer syntax."
            " Export or retrieve it in another one."
        )
    if stream is None and syntax != codecs.RLE:
        raise DecodeError(
            f"{title} cannot be decoded: it does not begin as JPEG, JPEG-LS and JPEG 2000 do."
            " The data may be damaged, or in another transfer syntax than it says; the other images are not affected."
        )
    if stream is not None and (stream.rows, stream.columns, stream.samples) != shape:
        raise DecodeError(
            f"{title} says that it is {stream.columns} x {stream.rows} x {stream.samples}, but the header says"
            f" {shape[1]} x {shape[0]} x {shape[2]} (columns, rows, samples). One of"
            " them is wrong, so it is not decoded."
        )
    if stream is not None and stream.precision > max(8, allocated):
        raise DecodeError(
            f"{title} has {stream.precision} bits a sample, but the header allocates {allocated}. One of them is"
            " wrong, so it is not decoded."
        )
    src = codecs.with_end(src, syntax)
    try:
        return codecs.decode(src, syntax, shape, allocated, ybr=ybr)
    except Exception as error:  # noqa: BLE001  a codec may raise anything for broken data
        problem = text(error)
    try:
        samples = codecs.decode_by_plugins(
            src,
            syntax,
            shape,
            bits_allocated=allocated,
            bits_stored=int(instance.number("BitsStored") or allocated),
            pixel_representation=int(instance.number("PixelRepresentation") or 0),
            photometric_interpretation=str(instance.value("PhotometricInterpretation", "MONOCHROME2")),
            planar_configuration=0,
        )
    except Exception:  # noqa: BLE001
        raise DecodeError(
            f"{title} cannot be decoded: {problem}. The data may be damaged; the other images are not affected."
        ) from None
    return to_rgb(samples) if ybr else samples
