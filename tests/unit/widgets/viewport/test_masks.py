"""CI5, CI7, CI8, PS17: masks of a viewport: names of frames, the switch, the hand's choice, code, what comes later."""

from __future__ import annotations

import time

import numpy as np
import pytest
import traitlets

import dicom_widgets as dw
from dicom_widgets.widgets.runtime.frame_names import stem
from tests import samples
from tests.classes import angiogram
from tests.samples import item
from tests.unit.widgets.talk import Talk

RUN = np.random.default_rng(5).integers(0, 1024, (5, 4, 6)).astype(np.uint16)
WHOLE = RUN.astype(float)
FIRST = item(MaskOperation="AVG_SUB", MaskFrameNumbers=[1])


@pytest.fixture
def shown(session):
    """Load a run and show it: (viewport, what it tells its page)."""

    def show(*masks, mode="SUB", **more):
        ds = angiogram(RUN, *masks, mode=mode, **more)
        session.load(samples.part10(ds))
        viewport = dw.Viewport(session, str(ds.SOPInstanceUID), index=2)
        talk = Talk(viewport)
        talk.tell("ready")
        return viewport, talk

    return show


def seen(viewport):
    layer = viewport.picture().layers[0]
    return layer.chain.modality(layer.values)


def state(talk, kind="series"):
    """Return the newest state that names the frames."""
    return [c for c in talk.said if c["type"] == "state" and kind in c][-1]


def settle(talk, told, **changes):
    names = ("look", "zoom", "pan", "tool", "texts", "interpolation", "opacity", "playing", "rate", "index")
    talk.tell("settle", n=1, frame=told["series"]["frames"][told["index"]], **({k: told[k] for k in names} | changes))


def test_values_of_a_difference_have_names_of_their_own(shown):
    """A page may hold both: what it holds of the frames is not sent again."""
    viewport, talk = shown(FIRST)
    names = {"difference": state(talk)["series"]["frames"]}
    assert state(talk)["subtraction"] == {"on": True, "able": True, "run": True}
    viewport.subtraction = False
    names["frames"] = state(talk)["series"]["frames"]
    assert state(talk)["subtraction"] == {"on": False, "able": True, "run": True}
    viewport.subtraction = dw.Subtraction(2)
    names["other"] = state(talk)["series"]["frames"]
    viewport.subtraction = "recommended"
    assert state(talk)["series"]["frames"] == names["difference"]
    assert len({n for several in names.values() for n in several}) == 15
    assert [stem(n) for n in names["difference"]] == names["frames"] == [stem(n) for n in names["other"]]
    assert state(talk)["series"]["modality"] == "XA subtracted"  # windows are linked within one


def test_an_offer_presents_what_its_names_say_whatever_came_since(session, shown):
    viewport, talk = shown(FIRST)
    offer = viewport.runtime._offers[state(talk)["series"]["sid"]]
    name = state(talk)["series"]["frames"][2]
    viewport.subtraction = False
    again = offer.present(offer.indices[name])
    assert np.array_equal(again.layers[0].values / 32, WHOLE[2] - WHOLE[0])


def test_the_switch_the_window_and_the_place(shown):
    viewport, talk = shown(FIRST)
    assert np.array_equal(seen(viewport), WHOLE[2] - WHOLE[0])
    viewport.window, viewport.invert = (10, 50), True
    talk.tell("subtraction", on=False)
    assert (viewport.subtraction, viewport.window, viewport.invert, viewport.index) == (False, None, True, 2)
    assert np.array_equal(seen(viewport), RUN[2])
    before = state(talk)
    talk.tell("subtraction", on=True)
    assert viewport.subtraction is True
    settle(talk, before, index=0)  # the page has not heard yet: it names the frame as it knew it
    assert viewport.index == 2


def test_a_window_of_differences_is_for_no_frame_that_is_shown_as_it_is(session, shown):
    """CI7: behind the Applicable Frame Range the frames keep their own window, and the reverse."""
    part = item(MaskOperation="AVG_SUB", MaskFrameNumbers=[1], ApplicableFrameRange=[2, 5])
    viewport, talk = shown(part, WindowCenter="500", WindowWidth="900")
    viewport.window = (3, 40)
    assert (viewport.picture().window.center, viewport.picture().window.width) == (3, 40)
    assert "window=(3, 40" in viewport.code()
    viewport.index = 0
    assert (viewport.picture().window.center, viewport.picture().window.width) == (500, 900)
    assert "window" not in viewport.code()
    viewport.window = (400, 100)
    assert viewport.picture().window.center == 400
    viewport.index = 1
    assert viewport.picture().window.center == 0
    told = state(talk)
    settle(
        talk, told, look={**told["look"], "window": {"center": 9, "width": 20, "function": "LINEAR"}}, difference=True
    )
    assert viewport.picture().window.center == 9


def test_a_frame_is_taken_as_the_mask_and_comes_back(shown):
    """CI8: by hand, and with a shift by code; off and on again is the same mask; another run starts anew."""
    viewport, talk = shown()
    assert state(talk)["subtraction"] == {"on": False, "able": False, "run": True}
    assert np.array_equal(seen(viewport), RUN[2])
    talk.tell("subtraction", given=[[2], None, 1, [0, 0]])
    assert viewport.subtraction == dw.Subtraction(2)
    viewport.subtraction = dw.Subtraction(mask=(2,), shift=(1, 0))
    assert np.array_equal(seen(viewport)[1:], WHOLE[2][1:] - WHOLE[1][:-1])
    talk.tell("subtraction", on=False)
    assert state(talk)["subtraction"] == {"on": False, "able": True, "run": True}
    talk.tell("subtraction", on=True)
    assert viewport.subtraction.shift == (1, 0)
    viewport.show(viewport.instance)
    assert viewport.subtraction == "recommended"
    assert np.array_equal(seen(viewport), RUN[viewport.index])


def test_its_code_makes_the_same_picture(session, shown):
    viewport, _ = shown(FIRST)
    for wish in ("recommended", False, True, dw.Subtraction(offset=1), dw.Subtraction(mask=(2, 3), shift=(0.5, -1))):
        viewport.subtraction = wish
        names = {"session": session, "dw": dw}
        exec(viewport.code().replace("picture.rgba", "pixels = picture.rgba"), names)
        assert np.array_equal(names["pixels"], viewport.picture().rgba((512, 512)))
    with pytest.raises(traitlets.TraitError, match="recommended"):
        viewport.subtraction = 3


def test_a_state_that_arrives_brings_its_mask(session, shown):
    """PS17, PS21."""
    viewport, talk = shown(mode=None)
    before = state(talk)["series"]["frames"]
    ds = session.dataset(viewport.instance)
    two = [item(MaskOperation="AVG_SUB", MaskFrameNumbers=[2])]
    session.load(samples.part10(samples.state(ds, MaskSubtractionSequence=two, RecommendedViewingMode="SUB")))
    talk.until(lambda c: c.get("series") and c["series"]["frames"] != before)
    assert np.array_equal(seen(viewport), WHOLE[2] - WHOLE[1])


def test_it_is_prepared_with_its_mask(session, shown):
    viewport, talk = shown(FIRST)
    offer, wished = viewport.runtime._offers[state(talk)["series"]["sid"]], []
    session.store.prefetch = wished.extend
    offer.prepare([3, 4])
    assert [n for _, n in wished] == [4, 1, 5]
    viewport.picture()
    wished.clear()
    offer.prepare([3])
    assert [n for _, n in wished] == [4]  # the mask is made


def test_what_is_measured_is_what_is_shown(session, shown):
    viewport, _ = shown(FIRST)
    assert viewport.measure("probe", (1.5, 2.5)).value == WHOLE[2, 2, 1] - WHOLE[0, 2, 1]
    viewport.subtraction = False
    plain = viewport.measure("probe", (1.5, 2.5))
    assert plain.subtraction is None
    assert len(viewport.measurements) == 2


def test_the_fallback_says_it_too(shown):
    viewport, _ = shown(FIRST)
    words = viewport.fallback((64, 80))._words
    end = time.monotonic() + 10
    while "Subtracted: frame 3 − mask 1" not in words.value and time.monotonic() < end:
        time.sleep(0.01)
    assert "Subtracted: frame 3 − mask 1" in words.value


def test_runs_have_cards_with_their_angles(session):
    """CI4: a card for each run of a series."""
    for number, angle in enumerate(("-30", "45"), 1):
        ds = angiogram(RUN[: number + 1], PositionerPrimaryAngle=angle)
        ds.InstanceNumber, ds.StudyInstanceUID, ds.SeriesInstanceUID = number, "1.2.3", "1.2.3.4"
        session.load(samples.part10(ds))
    viewer = dw.Viewer(session, browser=False)
    talk = Talk(viewer.series)
    talk.tell("ready")
    cards = talk.until(lambda c: c["type"] == "series" and c["studies"])["studies"][0]["series"]
    assert [(c["title"], c["detail"]) for c in cards[1:]] == [
        ("Run 1/2", "2 frames · RAO 30° CRA 15°"),
        ("Run 2/2", "3 frames · LAO 45° CRA 15°"),
    ]
