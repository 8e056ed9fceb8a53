"""MF4: a tomosynthesis stored as three objects is one stack; what is missing of it is said."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from pydicom.uid import generate_uid

import dicom_widgets as dw
from tests.classes import GREY, pixels, tomosynthesis
from tests.samples import image, item, part10

PLACES = (15.0, 5.0, 0.0, 10.0)
"""Of the frames as they are stored."""


def whole(*, dimensions=True):
    """Return a tomosynthesis of four frames, which its dimension orders by place."""
    ds = tomosynthesis()
    ds.update(pixels(copy.deepcopy(ds), np.stack([GREY[0] + n for n in range(4)])))
    frames = [copy.deepcopy(ds.PerFrameFunctionalGroupsSequence[n % 2]) for n in range(4)]
    for frame, z in zip(frames, PLACES, strict=True):
        frame.PlanePositionSequence = [item(ImagePositionPatient=[0, 0, z])]
        content = frame.FrameContentSequence[0]
        content.DimensionIndexValues, content.InStackPositionNumber = [int(z / 5) + 1], int(z / 5) + 1
        if not dimensions:
            del content.DimensionIndexValues, content.InStackPositionNumber
    ds.PerFrameFunctionalGroupsSequence = frames
    return ds


def parts(ds, *sizes, total=True):
    """Return the same as a concatenation of so many frames each."""
    found, uid, source, first = [], generate_uid(), str(ds.SOPInstanceUID), 0
    values = ds.pixel_array
    for number, size in enumerate(sizes, 1):
        part = copy.deepcopy(ds)
        part.SOPInstanceUID, part.InstanceNumber, part.ConcatenationUID = generate_uid(), 1, uid
        part.SOPInstanceUIDOfConcatenationSource = source
        part.InConcatenationNumber, part.ConcatenationFrameOffsetNumber = number, first
        if total:
            part.InConcatenationTotalNumber = len(sizes)
        part.PerFrameFunctionalGroupsSequence = ds.PerFrameFunctionalGroupsSequence[first : first + size]
        pixels(part, values[first : first + size])
        found.append(part)
        first += size
    return found


def loaded(session, *objects):
    for ds in objects:
        session.load(part10(ds))
    return session.studies[0].children[0]


@pytest.mark.parametrize("dimensions", [True, False], ids=["by dimensions", "by place"])
def test_parts_are_one_stack_like_the_whole(session, dimensions):
    """In any order of arrival; the last part has a single frame."""
    ds = whole(dimensions=dimensions)
    one, two, three = parts(ds, 2, 1, 1)
    series = loaded(session, three, one, two)
    (stack,) = session.stacks(series)
    assert [i.uid for i, _ in stack.frames] == [str(p.SOPInstanceUID) for p in (two, one, three, one)]
    assert [n for _, n in stack.frames] == [1, 2, 1, 1]
    assert (stack.notes, stack.missing()) == ((), "")
    stored = session.array(series, values="stored")
    assert np.array_equal(stored, ds.pixel_array)
    by_place = [stored[i] for i in np.argsort(PLACES)]
    assert np.array_equal(session.volume(series).stored, by_place)
    with dw.Session(listen_port=0) as other:
        assert np.array_equal(other.volume(loaded(other, ds)).affine, session.volume(series).affine)


def test_a_part_is_valid(dciodvfy, tmp_path):
    part = parts(whole(), 2, 2)[1]
    part.save_as(tmp_path / "part.dcm", enforce_file_format=True)
    assert dciodvfy(tmp_path / "part.dcm") == []


@pytest.mark.parametrize(
    ("total", "there", "words"),
    [
        (True, [0, 2], "part 2 of 3 of this object"),
        (True, [1], "part 1 of 3 of this object, part 3 of 3 of this object"),
        (False, [1], "part 1 of 2 of this object"),
        (False, [0, 1], ""),
    ],
)
def test_missing_parts_are_said(session, total, there, words):
    """The total is optional: of parts behind the last one nobody knows then."""
    made = parts(whole(), 2, 1, 1, total=total)
    series = loaded(session, *(made[i] for i in there))
    (stack,) = session.stacks(series)
    assert stack.missing() == words
    viewport = dw.Viewport(session, series)
    assert viewport.count == sum((2, 1, 1)[i] for i in there)
    assert [m["words"] for m in viewport._state.frames.message()["missing"]] == ([f"Missing: {words}"] if words else [])


def test_a_volume_without_its_last_slice_says_which_part_is_missing(session):
    """MF4, GE4: without part 2, at 0 mm, the other three are a regular grid."""
    one, _, three = parts(whole(), 2, 1, 1)
    volume = session.volume(loaded(session, one, three))
    assert (volume.shape[0], volume.missing) == (3, "part 2 of 3 of this object")


def test_a_viewport_grows_into_the_whole(session):
    """Parts that arrive later join; another object of the series stays a stack of its own."""
    ds = whole()
    one, two = parts(ds, 2, 2)
    other = image(np.zeros((2, 2, 2), np.uint16), str(ds.SOPClassUID), StudyInstanceUID=ds.StudyInstanceUID)
    other.SeriesInstanceUID, other.InstanceNumber = ds.SeriesInstanceUID, 2
    series = loaded(session, one, other)
    viewport = dw.Viewport(session, series)
    assert viewport.count == 4
    session.load(part10(two))
    viewport._arrivals._refresh()
    assert viewport.count == 6
    assert [len(s.frames) for s in session.stacks(series)] == [4, 2]


def test_nonsense_does_no_harm(session):
    """X6: an endless total, a number that is none."""
    one, two = parts(whole(), 2, 2)
    one.InConcatenationTotalNumber = 65535
    del two.InConcatenationNumber
    series = loaded(session, one, two)
    (stack,) = session.stacks(series)
    assert len(stack.frames) == 4
    assert stack.missing() == ""
