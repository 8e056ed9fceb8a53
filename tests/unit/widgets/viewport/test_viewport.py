"""`view` shows anything; viewports follow the notebook, and say what is wrong."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
import traitlets

import dicom_widgets as dw
from dicom_widgets.dicom.datasets import datasets_of
from dicom_widgets.errors import NotFound, SessionClosed
from dicom_widgets.widgets.viewport.surface import Surface
from tests import samples
from tests.unit.widgets.talk import Talk

CT = pydicom.data.get_testdata_file("CT_small.dcm", download=False)
MR = pydicom.data.get_testdata_file("MR_small.dcm", download=False)


@pytest.mark.parametrize(
    "anything",
    [
        CT,
        lambda: Path(CT).read_bytes(),
        lambda: pydicom.dcmread(CT),
        lambda: np.arange(600, dtype=np.int16).reshape(20, 30),
        lambda: np.linspace(-1, 1, 6000).reshape(10, 20, 30),
        lambda: np.ones((4, 5), bool),
        lambda: [CT, CT],
    ],
    ids=["path", "bytes", "Dataset", "int16", "float volume", "mask", "list"],
)
def test_view_shows_one_series_in_a_viewport(session, anything):
    thing = anything() if callable(anything) else anything
    viewport = dw.view(thing, session)
    assert isinstance(viewport, dw.Viewport)
    assert viewport.picture().rgba((50, 60)).shape == (50, 60, 4)


def test_view_of_an_entity_and_of_an_instance(session):
    series = session.load(CT)[0].children[0]
    assert dw.view(series, session).instance.uid == series.children[0].uid
    assert dw.view(series.children[0].uid, session).frame == 1


def test_view_of_several_series_is_a_viewer(session):
    assert isinstance(dw.view([CT, MR], session), dw.Viewer)


def test_view_of_a_remote_entity_retrieves_it_first(session):
    with dw.PracticePacs() as pacs:
        study = session.find(pacs.remote, PatientName="Example*").one()
        viewport = dw.view(study, session)
        assert viewport.picture().record["sop_class"] == "Computed Radiography Image Storage"


def test_a_float_array_keeps_its_values(session):
    values = np.linspace(-1.5, 2.5, 600).reshape(20, 30)
    viewport = dw.view(values, session)
    got = session.array(viewport.instance)
    assert np.abs(got - values).max() <= 4 / 0xFFFF


def test_the_slices_of_an_array_have_one_window(session):
    """A volume must not change its brightness as one scrolls."""
    values = np.stack([np.linspace(0, top, 600).reshape(20, 30) for top in (1.0, 5.0, 2.5)])
    viewport = dw.view(values, session)
    windows = set()
    for viewport.index in range(3):
        windows.add(tuple(np.round(viewport.picture().window.levels, 3)))
    assert windows == {(0.0, 5.0)}


def test_what_cannot_be_shown_is_refused_in_words(session):
    with pytest.raises(TypeError, match="cannot be shown"):
        dw.view(np.zeros((2, 2, 2, 2)), session)
    with pytest.raises(TypeError, match="cannot be loaded"):
        dw.view(3.5, session)


@pytest.mark.parametrize("shape", [(3, 5, 3), (2, 3, 5, 3)])
def test_bytes_of_three_channels_are_rgb(session, shape):
    """CO1: an array of a photograph is no stack of narrow slices."""
    values = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    viewport = dw.view(values, session)
    assert viewport.count == (2 if len(shape) == 4 else 1)
    assert (session.array(viewport._state.entity).reshape(shape) == values).all()
    shown = viewport.picture().rgba((3, 5))
    assert (shown[..., :3] == (values[1] if len(shape) == 4 else values)).all()  # of two the middle one is the second


def test_an_open_file_is_read(session, tmp_path):
    with Path(CT).open("rb") as file:
        assert dw.view(file, session).count == 1
    with Path(__file__).open() as file, pytest.raises(TypeError, match="'rb'"):
        dw.view(file, session)


def test_an_unknown_keyword_is_an_error(session):
    with pytest.raises(TypeError, match=r"'colour'; it has flip, .* zoom") as caught:
        dw.Viewport(session, colour="red")
    assert "_model" not in str(caught.value)


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda s, e: dw.Viewport(e), "takes the session first.* this Entity"),
        (lambda s, e: dw.Viewer(e), "takes the session first.* this Entity"),
        (dw.Viewer, "viewer.show"),
        (lambda s, e: dw.MPR(s, None), "names nothing that a session holds"),
        (lambda s, e: dw.link(dw.Viewer(s, browser=False), dw.Viewer(s, browser=False)), "viewer.viewports"),
        (lambda s, e: s.array(None), "names nothing that a session holds"),
        (lambda s, e: s.find("hospital"), "no remote AE: .*dw.remotes"),
        (lambda s, e: s.echo("hospital"), "no remote AE"),
        (lambda s, e: s.retrieve(e.uid), "Entities are retrieved, not this str"),
        (lambda s, e: s.load({"a": 1}), "cannot be loaded"),
    ],
)
@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_what_is_mixed_up_is_said_in_words(session, use, words):
    series = session.load(CT)[0].children[0]
    with pytest.raises(TypeError, match=words):
        use(session, series)


@pytest.mark.parametrize("wrong", ["bonee", 40, (1, 2, 3), (40, -5), ("a", "b"), (1,)])
def test_a_window_that_is_none_leaves_the_old_one(session, wrong):
    viewport = dw.view(CT, session)
    viewport.window = "lung"
    with pytest.raises(ValueError, match="window"):
        viewport.window = wrong
    assert viewport.window == viewport.picture().window == dw.Window(-600, 1500, explanation="lung")


def test_rows_and_columns_and_rates_that_cannot_be_are_refused_in_words(session):
    viewer = dw.Viewer(session, browser=False)
    for grid in ((4, 1), (0, 2)):
        with pytest.raises(traitlets.TraitError, match=r"give \(rows, columns\), each from 1 to 3"):
            viewer.grid = grid
    assert viewer.grid == viewer.cells.grid == (1, 1)
    with pytest.raises(traitlets.TraitError, match="frames a second"):
        viewer.viewport.rate = -3


def test_traits_clip_refuse_and_name(session):
    viewport = dw.view(np.stack([np.full((4, 4), i, np.int16) for i in range(5)]), session)
    assert viewport.index == 2
    viewport.index = 99
    assert viewport.index == 4
    with pytest.raises(traitlets.TraitError):
        viewport.zoom = -1
    with pytest.raises(traitlets.TraitError):
        viewport.tool = "scissors"
    with pytest.raises(ValueError, match="lung"):
        viewport.window = "lung"  # no preset of an array


def test_the_look_of_the_notebook_is_in_the_picture_and_the_code(session):
    viewport = dw.view(CT, session)
    viewport.window, viewport.invert = (40, 400), True
    picture = viewport.picture()
    assert (picture.window.center, picture.window.width) == (40, 400)
    assert picture.look.invert
    assert "window=(40, 400, 'LINEAR')" in viewport.code()
    scope = {"session": session}
    exec(viewport.code(), scope)
    assert np.array_equal(scope["picture"].rgba((64, 64)), picture.rgba((64, 64)))


def test_representations_say_nothing_about_a_patient(session):
    ds = pydicom.dcmread(CT)
    ds.PatientName = "Secret^Person"
    viewport = dw.view(ds, session)
    viewer = dw.Viewer(session, browser=False)
    viewer.show(viewport.instance)
    bundles = [viewport._repr_mimebundle_()[0], viewer._repr_mimebundle_(), repr(viewport), repr(viewer), repr(session)]
    states = [w.get_state() for w in (viewport, viewer, viewer.series)]
    assert "Secret" not in repr((bundles, states))


def test_the_selector_has_what_applies_and_what_is_broken_with_its_reason(session):
    """PS3, PS20."""
    ds = samples.image(np.zeros((2, 2), np.uint16))
    states = [samples.state(ds), samples.state(ds, ContentLabel="BROKEN", ImageRotation=45)]
    for one in (ds, *states):
        session.load(samples.part10(one))
    viewport = dw.Viewport(session, str(ds.SOPInstanceUID))
    talk = Talk(viewport)
    talk.tell("ready")
    listed = {s["label"]: s["refused"] for s in talk.until(lambda c: "states" in c)["states"]}
    assert listed["SAMPLE"] == ""
    assert "Image Rotation" in listed["BROKEN"]
    viewport.presentation = str(states[1].SOPInstanceUID)  # is not offered: the newest that applies (PS3)
    assert viewport.picture().state["label"] == "SAMPLE"


def test_a_closed_viewport_follows_the_session_no_longer(session):
    viewport = dw.view(CT, session)
    viewport.close()
    before = viewport._state.frames.frames
    session.load(MR)
    assert viewport._state.frames.frames == before


def test_views_of_a_closed_session_stay_and_say_so(session):
    """Its objects are let go; what is done with a view then says why it cannot be."""
    viewport = dw.view(CT, session)
    tags = dw.Tags(session, viewport.instance)
    gone, cells = weakref.ref(viewport.instance), dw.Viewer(session, browser=False).cells
    viewport.canvas.fill_rect(0, 0, 1, 1)
    session.close()
    for widget in (viewport, tags, cells):  # as a page asks for it when it is loaded anew
        assert widget.get_state()["runtime"] is None
    assert (viewport.ended, tags.ended) == (True, True)
    assert viewport.comm is not None
    for action in (viewport.picture, lambda: viewport.measure("probe", (1, 1)), lambda: viewport.show("1.2.3")):
        with pytest.raises(SessionClosed, match="This session is closed"):
            action()
    viewport.mask = tags.mask = True
    Talk(viewport).tell("ready")
    gc.collect()
    assert gone() is None
    viewport.close()
    assert viewport.comm is None


@pytest.mark.parametrize("name", ["foo", "1.2.3", CT])
def test_a_presentation_state_that_is_not_held_is_refused(session, name):
    """PS3: nothing of it stays; neither does an image that is named as one."""
    viewport = dw.view(CT, session)
    with pytest.raises(NotFound, match="holds no presentation state"):
        viewport.presentation = viewport.instance if name == CT else name
    assert viewport.presentation == "newest"
    assert viewport.picture().rgba((5, 5)).any()


def growing(session):
    """Return a viewport on the middle of three slices, its page, and the data sets of the other four."""
    sets = datasets_of(np.arange(7 * 6).reshape(7, 2, 3).astype(np.int16))
    viewport = dw.Viewport(session, session.load(sets[2:5])[0].children[0])
    return viewport, Talk(viewport), sets[:2] + sets[5:]


def test_a_series_grows_around_the_image_that_is_shown(session):
    """Its frames keep their names, so nothing of them is sent again."""
    viewport, page, rest = growing(session)
    page.tell("ready")
    few = page.until(lambda c: "series" in c)["series"]
    assert viewport.instance.number("InstanceNumber") == 4  # the middle one comes first
    session.load(rest)
    all_ = page.until(lambda c: len(c.get("series", few)["frames"]) == 7)["series"]
    assert all_["sid"] == few["sid"]
    assert all_["frames"][2:5] == few["frames"]
    assert (viewport.index, viewport.instance.number("InstanceNumber")) == (3, 4)


def test_a_presentation_state_that_comes_is_presented_under_new_names(session):
    ds = samples.image(samples.ramp(0, 4))
    viewport = dw.Viewport(session, session.load(ds)[0].children[0])
    page = Talk(viewport)
    page.tell("ready")
    old = page.until(lambda c: "series" in c)["series"]
    session.load(samples.state(ds))
    new = page.until(lambda c: c.get("series", old)["sid"] != old["sid"])["series"]
    assert new["frames"] == old["frames"]  # of the stored values


def test_a_pet_that_turns_out_to_have_begun_earlier_is_presented_anew(session):
    """NP5: its frames keep their stored values, and get another scale."""
    ten, late = pets("100000", "101000")
    viewport = dw.Viewport(session, session.load(late)[0].children[0])
    page = Talk(viewport)
    page.tell("ready")
    old, before = page.until(lambda c: "series" in c)["series"], viewport.picture().meaning.suv
    session.load(ten)
    new = page.until(lambda c: len(c.get("series", old)["frames"]) == 2)["series"]
    assert new["sid"] != old["sid"]
    assert old["frames"][0] in new["frames"]
    assert before / viewport.picture().meaning.suv == pytest.approx(2 ** (600 / 6586.2))


def pets(*times):
    """Return PET images of a series that was made later than all of them, one above the other."""
    drug = samples.item(
        RadionuclideTotalDose="370000000", RadionuclideHalfLife="6586.2", RadiopharmaceuticalStartTime="090000"
    )
    for n, time in enumerate(times):
        yield samples.image(
            samples.ramp(0, 4, np.uint16),
            samples.PET,
            Modality="PT",
            Units="BQML",
            CorrectedImage=["DECY", "ATTN"],
            DecayCorrection="START",
            PatientWeight="70",
            RadiopharmaceuticalInformationSequence=[drug],
            SeriesDate="20240131",
            SeriesTime="120000",
            AcquisitionDate="20240131",
            AcquisitionTime=time,
            InstanceNumber=n + 1,
        )


def test_where_the_hand_rests_is_told_by_the_name_of_the_frame(session):
    viewport, page, rest = growing(session)
    page.tell("ready")
    names = page.until(lambda c: "series" in c)["series"]["frames"]
    session.load(rest)
    page.until(lambda c: len(c.get("series", {"frames": ()})["frames"]) == 7)
    hand = Surface().message()
    del hand["index"]
    page.tell("settle", n=2, index=2, frame=names[2], **hand)  # the third of three, as the page knew them
    assert (viewport.index, viewport.instance.number("InstanceNumber")) == (4, 5)
    assert page.said[-1]["settled"] == {"page": 2}
    page.tell("settle", n=1, index=0, frame=names[0], **hand)  # heard too late
    assert viewport.index == 4


def test_nothing_shown_yet_is_said(session):
    with pytest.raises(dw.errors.NotFound, match="nothing yet"):
        dw.Viewport(session).picture()


def test_the_viewer_looks_into_what_it_shows(session):
    """The toolbar's Tags: below the picture, and away again."""
    study = session.load(samples.image(samples.ramp(0, 4)))
    viewer = dw.Viewer(session, browser=False)
    viewer.show(study[0].children[0])
    page = Talk(viewer.viewport)
    page.tell("tags")
    assert viewer.tags.uid_shown == viewer.viewport.instance.uid
    assert viewer.children[-1] is viewer.tags
    page.tell("tags")
    assert viewer.tags is None
    assert len(viewer.children) == 1


def test_true_size_is_refused_where_nothing_says_what_a_pixel_measures(session):
    """PS10, ME5: an array has no spacing, the MR has one."""
    viewport = dw.view(np.arange(600, dtype=np.int16).reshape(20, 30), session)
    with pytest.raises(traitlets.TraitError, match="what a pixel measures is not known"):
        viewport.zoom = "true size"
    assert viewport.zoom == "fit"
    viewport.show(session.load(MR)[0].children[0])
    viewport.zoom = "true size"
    assert "not calibrated" in viewport.picture().true_size.why
    talk = Talk(viewport)
    talk.tell("size", size=[300, 400], pitch=0.1)
    spacing = float(pydicom.dcmread(MR).PixelSpacing[1])
    assert viewport.picture().true_size.zoom == spacing / 0.1
    assert "dw.options.pixel_pitch = 0.1\n" in viewport.code()
    talk.tell("size", size=[300, 400], pitch="wide")
    assert viewport.picture().true_size.zoom is None


def test_a_pixel_pitch_is_in_millimetres():
    """PS10: dots an inch are none."""
    with pytest.raises(ValueError, match=r"25\.4 / 96"):
        dw.options.pixel_pitch = 96
    assert dw.options.pixel_pitch is None
