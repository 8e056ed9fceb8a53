"""First cells of notebooks: a session, and images that are made of numpy arrays in the kernel."""

from __future__ import annotations

SETUP = """
import numpy as np, pydicom, time
import dicom_widgets as dw
session = dw.Session(listen_port=0)
rng = np.random.default_rng(7)
y, x = np.mgrid[:200, :260]
signed = ((np.hypot(x - 120, y - 90) * 12) % 2000 - 1000 + rng.integers(-60, 60, x.shape)).astype(np.int16)
unsigned = (signed.astype(int) + 1000).clip(0).astype(np.uint16)

def series(arrays, **attributes):
    from dicom_widgets.dicom.datasets import datasets_of
    sets = datasets_of(np.stack(arrays))
    for ds in sets:
        for keyword, value in attributes.items():
            setattr(ds, keyword, value)
    return session.load(sets)[0].children[0]
"""
"""A session, the arrays `signed` and `unsigned`, and `series([array], Keyword=...)`."""

OBJECTS = """
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from dicom_widgets.dicom.datasets import datasets_of

def load(ds):
    return session.load(ds)[0].children[0]

def grey(stored, **attributes):
    (ds,) = datasets_of(stored.astype(np.uint16))
    if stored.dtype.itemsize == 4:
        ds.BitsAllocated = ds.BitsStored = 32
        ds.HighBit, ds.PixelData = 31, stored.astype('<u4').tobytes()
        del ds.WindowCenter, ds.WindowWidth
    for keyword, value in attributes.items():
        setattr(ds, keyword, value)
    return ds

def rgb(array):
    ds = grey(array[..., 0])
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, 'RGB', 0
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelData = 7, np.ascontiguousarray(array, np.uint8).tobytes()
    return ds

def lut(entries, bits, explanation):
    item = Dataset()
    item.LUTExplanation = explanation
    item.add_new('LUTDescriptor', 'US', [len(entries), 0, bits])
    item.add_new('LUTData', 'US', [int(e) for e in entries])
    return item

color = np.stack([(x * 3) % 256, (y * 2) % 256, (x + y) % 256], axis=2)
color[60:90, 100:180] = (250, 10, 20)
wide = (unsigned.astype(np.uint32) * 70001 + (x * y)).astype(np.uint32)
"""
"""After SETUP: `load(ds)`, images of other kinds (`grey`, `rgb`), tables (`lut`), the arrays `color` and `wide`."""
