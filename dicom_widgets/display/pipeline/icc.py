"""ICC profiles: conversion of device colours to sRGB (PS3.3 C.11.15; requirement CO5).

A profile can be switched off like a shutter; its colours are other values, so a picture keeps both.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PIL import Image, ImageCms

from dicom_widgets.dicom.values import items, text, value

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_LARGEST: Final = 16 << 20
"""The largest profile that is used, in bytes."""


def profile_of(ds: Dataset) -> bytes:
    """Return the profile of an image, or of its only optical path; empty where there is none or it is sRGB already."""
    if text(value(ds, "ColorSpace", "")).upper() == "SRGB":
        return b""
    paths = items(ds, "OpticalPathSequence")
    found = value(ds, "ICCProfile") or (value(paths[0], "ICCProfile") if len(paths) == 1 else None)
    return found if isinstance(found, bytes) and len(found) <= _LARGEST else b""


def to_srgb(rgb: np.ndarray, profile: bytes) -> tuple[np.ndarray, str]:
    """Return colours in sRGB, and what was done in words.

    Parameters
    ----------
    rgb : ndarray
        (rows, columns, 3) uint8.
    profile : bytes
        The ICC profile of the device.

    Returns
    -------
    (rgb, words)
        Where the profile cannot be used, the colours are unchanged and the words say why.

    """
    try:
        transform, intent = _transform(profile)
        image = ImageCms.applyTransform(Image.fromarray(np.ascontiguousarray(rgb)), transform)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        return rgb, f"the ICC profile cannot be used: {text(error, 100)}"
    return np.asarray(image), f"ICC profile -> sRGB, {intent}"


@lru_cache(maxsize=8)
def _transform(profile: bytes) -> tuple[Any, str]:
    """Return the transform of a profile; it takes milliseconds to make."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    intent = ImageCms.Intent.PERCEPTUAL
    if ImageCms.isIntentSupported(source, intent, ImageCms.Direction.INPUT) != 1:
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    target = ImageCms.createProfile("sRGB")
    return (
        ImageCms.buildTransform(source, target, "RGB", "RGB", renderingIntent=intent),
        intent.name.lower().replace("_", " "),
    )
