"""Names of frames: they never change, and say of which frame values are made."""

from __future__ import annotations

from dicom_widgets.widgets.runtime.frame_names import FrameNames, stem


class Owner:
    """What frames belong to."""


def test_a_frame_keeps_its_name_and_other_values_of_it_have_one_with_its_stem():
    names, owner = FrameNames(), Owner()
    plain = names.of([(owner, 1), (owner, 2)])
    assert names.of([(owner, 2), (owner, 1)]) == plain[::-1]
    made = names.of([(owner, 1), (owner, 2)], ["mask", None])
    assert made[1] == plain[1]
    assert made[0] != plain[0]
    assert stem(made[0]) == plain[0]
    assert names.of([(owner, 1)], ["mask"]) == made[:1]
    assert names.of([(owner, 1)], ["other"]) != made[:1]


def test_frames_of_another_owner_have_other_names():
    names = FrameNames()
    assert names.of([(Owner(), 1)]) != names.of([(Owner(), 1)])
