"""Stacks of slices: made on a regular grid, or real and read by SimpleITK."""

from __future__ import annotations

import numpy as np
import SimpleITK

from tests import samples
from tests.samples import AXIAL

TURN = np.deg2rad(20)
OBLIQUE = [np.cos(TURN), np.sin(TURN), 0, -np.sin(TURN), np.cos(TURN), 0]


def grid(count=5, *, first=1, cosines=AXIAL, step=(0.0, 0.0, 2.0), size=(4, 6), seed=0, **attributes):
    """Return images of a regular grid: 0.5 mm between rows and 0.75 mm between columns."""
    rng = np.random.default_rng(seed)
    found = []
    for k in range(count):
        ds = samples.image(rng.integers(-900, 900, size).astype(np.int16), InstanceNumber=first + k, **attributes)
        ds.ImagePositionPatient = [float(v) for v in np.array([-10.0, 20.0, 30.0]) + k * np.array(step)]
        ds.ImageOrientationPatient, ds.PixelSpacing = [float(c) for c in cosines], [0.5, 0.75]
        ds.FrameOfReferenceUID, ds.Modality = "1.2.3", "CT"
        found.append(ds)
    return found


def loaded(session, sets):
    """Load data sets or files of one series; return it."""
    return session.load(sets)[0].children[0]


def itk(folder, count, which=0):
    """Return SimpleITK's image of a real series of `count` slices, and the names of its files."""
    found = []
    for where in sorted({str(p.parent) for p in folder.rglob("*.dcm")}):
        for uid in SimpleITK.ImageSeriesReader.GetGDCMSeriesIDs(where):
            names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(where, uid)
            found += [(uid, list(names))] if len(names) == count else []
    names = sorted(found)[which][1]
    return SimpleITK.ReadImage(names), names
