"""Frames of multi-frame objects beside highdicom's: rescale and window of each frame (MF1, GP9)."""

from __future__ import annotations

import highdicom
import numpy as np
import pytest

from tests.classes import MADE

ASKED = {"apply_real_world_transform": False, "apply_modality_transform": True}


def compared(session, path, *, most: float) -> int:
    """Compare modality values and grey of every frame; return how many there were."""
    theirs = highdicom.imread(path)
    instance = session.instance(session.load(path)[0].children[0].children[0])
    for number in range(1, instance.frames + 1):
        values = theirs.get_frame(number, apply_voi_transform=False, **ASKED)
        assert np.allclose(session.array(instance, frame=number), values, rtol=1e-6)
        grey = theirs.get_frame(
            number, apply_voi_transform=True, voi_output_range=(0, 255), apply_presentation_lut=True, **ASKED
        )
        ours = session.present(instance, number).display()
        assert np.abs(ours - grey).max() <= most
    return instance.frames


@pytest.mark.parametrize("name", ["13.1.3", "14.1", "6.2"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_made_objects(session, tmp_path, name):
    """MF1: a window for each frame or one for all; half a level for the rounding."""
    MADE[name]().save_as(tmp_path / "made.dcm", enforce_file_format=True)
    assert compared(session, tmp_path / "made.dcm", most=0.51) == 2


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_real_enhanced_mr(data, session):
    """MF1: highdicom takes the halves of LINEAR (PS3.3 C.11.2.1.2.1) for stored values: 2.1 of modality values here."""
    path = data / "classes" / "enhanced_mr" / "IM-0001-0170-0001.dcm"
    assert compared(session, path, most=2) == 8
