"""Codecs of compressed frames: imagecodecs for JPEG, JPEG-LS, JPEG 2000 and RLE, else pydicom's other plug-ins.

This module is a plug-in of pydicom's registry too, so that `pixel_array` of a data set gives what the session shows.
The session calls `decode` directly, without the copies of each frame that the registry makes.
"""

from __future__ import annotations

from importlib.util import find_spec
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

if TYPE_CHECKING:
    from pydicom.pixels.decoders.base import DecodeRunner

Shape = tuple[int, int, int]
"""Rows, columns and samples a pixel."""

RLE: Final = UID("1.2.840.10008.1.2.5")
_JPEG: Final = "jpeg8_decode"
_JPEG_LS: Final = "jpegls_decode"
_END: Final = b"\xff\xd9"
"""The marker EOI of JPEG and JPEG-LS."""
_CODECS: Final[dict[str, str]] = {
    **{f"1.2.840.10008.1.2.4.{n}": _JPEG for n in (50, 51, 57, 70)},
    **{f"1.2.840.10008.1.2.4.{n}": _JPEG_LS for n in (80, 81)},
    # not htj2k_decode for the last three: it is twice as fast, but damaged data may end the whole process
    **{f"1.2.840.10008.1.2.4.{n}": "jpeg2k_decode" for n in (90, 91, 201, 202, 203)},
    RLE: "dicomrle_decode",
}
_NAME: Final = "imagecodecs"
DECODER_DEPENDENCIES: Final[dict[str, tuple[str, ...]]] = dict.fromkeys(_CODECS, (_NAME,))
"""Transfer syntax -> packages that it needs; pydicom's registry reads this attribute of a plug-in."""


def is_known(syntax: str) -> bool:
    """Whether frames of a transfer syntax can be decoded."""
    return syntax in _CODECS


def converts(syntax: str) -> bool:
    """Whether `decode` can convert YCbCr to RGB, which libjpeg does at no cost."""
    return _CODECS.get(syntax) == _JPEG


def with_end(src: bytes, syntax: str) -> bytes:
    """Return a JPEG-LS codestream with the end marker that it may lack; others as they are.

    Without it CharLS reads past the end of a truncated stream, for up to half a minute, and refuses a stream that is
    complete but for the marker.
    """
    cut = _CODECS.get(syntax) == _JPEG_LS and not src.rstrip(b"\0").endswith(_END)
    return src + _END if cut else src


def decode(src: bytes, syntax: str, shape: Shape, allocated: int, *, ybr: bool = False) -> np.ndarray:
    """Decode a frame with imagecodecs.

    Parameters
    ----------
    src : bytes
        The codestream. Callers have compared its size with `shape`; RLE, which has none, is compared here.
    syntax : str
        A transfer syntax that is known.
    shape : tuple of int
        Rows, columns and samples a pixel.
    allocated : int
        Bits Allocated (0028,0100): the width of RLE samples.
    ybr : bool
        Whether to convert YCbCr to RGB, only where `converts`; else colours are those of the stream.

    Returns
    -------
    ndarray
        `shape`, of as many bytes a sample as the codestream needs.

    Raises
    ------
    Exception
        Whatever the codec raises for broken data.

    """
    import imagecodecs

    if syntax == RLE:
        width = max(1, allocated // 8)
        planes = np.frombuffer(imagecodecs.dicomrle_decode(src, f"<u{width}", out=prod(shape) * width), f"<u{width}")
        if planes.size != prod(shape):
            raise ValueError(f"it holds {planes.size} samples instead of {prod(shape)}")
        return planes.reshape(shape[2], -1).T.reshape(shape)
    options = {"colorspace": "YCBCR" if ybr else "RGB", "outcolorspace": "RGB"} if shape[2] == 3 else {}
    samples: np.ndarray = getattr(imagecodecs, _CODECS[syntax])(src, **(options if converts(syntax) else {}))
    return samples.reshape(shape)


def decode_by_plugins(src: bytes, syntax: str, shape: Shape, **options: Any) -> np.ndarray:
    """Decode a frame with any other installed plug-in of pydicom's registry; RLE is refused.

    The size of an RLE frame shows only while it is decoded, and those plug-ins accept data of another size.

    Parameters
    ----------
    src, syntax, shape
        As of `decode`.
    **options
        The attributes of the Image Pixel module that pydicom asks for, and `photometric_interpretation`.

    """
    decoder = get_decoder(UID(syntax))
    given = options | {"rows": shape[0], "columns": shape[1], "samples_per_pixel": shape[2]}
    given |= {"number_of_frames": 1, "pixel_keyword": "PixelData"}
    problem: Exception = NotImplementedError("no other decoder is installed")
    for plugin in decoder.available_plugins:
        if plugin == _NAME or syntax == RLE:
            continue
        try:
            alone = encapsulate([src], has_bot=False)
            array, _ = decoder.as_array(alone, index=0, raw=True, decoding_plugin=plugin, **given)
        except Exception as error:  # noqa: BLE001  a codec may raise anything for broken data
            problem = error
        else:
            return np.asarray(array).reshape(shape)
    raise problem


def is_available(uid: str) -> bool:
    """Whether this plug-in decodes the transfer syntax on this machine (pydicom's registry asks)."""
    return is_known(uid) and find_spec(_NAME) is not None


def decode_frame(src: bytes, runner: DecodeRunner) -> bytes:
    """Decode one frame, as pydicom's registry calls a plug-in."""
    shape = (runner.rows, runner.columns, runner.samples_per_pixel)
    samples = decode(src, runner.transfer_syntax, shape, runner.bits_allocated)
    runner.set_option("bits_allocated", 8 * samples.itemsize)
    runner.set_option("planar_configuration", 0)
    return samples.tobytes()


def _register() -> None:
    for syntax in _CODECS:
        decoder = get_decoder(UID(syntax))
        if _NAME not in decoder.available_plugins:
            decoder.add_plugin(_NAME, (__name__, "decode_frame"))


_register()
