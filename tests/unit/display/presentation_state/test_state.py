"""PS1 to PS7, X8: which presentation state applies to a frame, which is the newest, and what its stages do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dicom_widgets import Page, Window
from dicom_widgets.errors import NotFound
from tests import samples
from tests.samples import image, item, lut, ramp, refer, state

STORED = np.array([[0, 1024, 2048, 4095]], np.uint16)


def load(session, *objects) -> None:
    for ds in objects:
        session.load(samples.part10(ds))


def labels(session, ds, frame: int = 1) -> list[str]:
    return [s.label for s in session.presentation_states(str(ds.SOPInstanceUID), frame)]


def grey(picture) -> list[int]:
    return picture.display()[0].tolist()


# --- applicability (PS1)


def test_a_state_applies_to_the_images_it_names(session):
    first, second, third = (image(STORED) for _ in range(3))
    load(session, first, second, third, state(first, second))
    assert [labels(session, ds) for ds in (first, second, third)] == [["SAMPLE"], ["SAMPLE"], []]


def test_a_state_of_another_study_and_one_that_came_before_its_image_apply(session):
    """PS1: the series or study of the state does not matter, nor what came first."""
    ds = image(STORED)
    load(session, state(ds, StudyInstanceUID="1.2.3.77"), ds)
    assert labels(session, ds) == ["SAMPLE"]


def test_the_images_of_one_series_are_told_apart(session):
    """PS1: not matched by series."""
    ds, other = image(STORED), image(STORED)
    load(session, ds, other, state(ds))
    assert session.present(str(other.SOPInstanceUID)).state == {}
    assert session.present(str(ds.SOPInstanceUID)).state["label"] == "SAMPLE"


@pytest.mark.parametrize(
    ("named", "frame", "applies"),
    [(None, 1, True), (None, 3, True), ([2], 2, True), ([2], 1, False), ([1, 3], 3, True), ([1, 3], 2, False)],
)
def test_frames_are_told_apart(session, named, frame, applies):
    """PS1: Referenced Frame Number absent means all frames."""
    ds = image(np.zeros((3, 2, 2), np.uint16))
    load(session, ds, state(ds, frames=named))
    assert labels(session, ds, frame) == (["SAMPLE"] if applies else [])
    assert bool(session.present(str(ds.SOPInstanceUID), frame).state) == applies


def test_the_newest_is_decided_per_frame(session):
    """PS2."""
    ds = image(np.zeros((2, 2, 2), np.uint16))
    load(session, ds, state(ds, ContentLabel="OLD", PresentationCreationDate="20200101"))
    load(session, state(ds, frames=[2], ContentLabel="NEW", PresentationCreationDate="20210101"))
    uid = str(ds.SOPInstanceUID)
    assert [session.present(uid, n).state["label"] for n in (1, 2)] == ["OLD", "NEW"]


@pytest.mark.filterwarnings("ignore:.*for VR:UserWarning")
def test_a_broken_frame_number_names_no_frame_and_does_no_harm(session):
    ds, broken = image(STORED), state(image(STORED))
    reference = refer(ds)
    reference.update(samples.raw(ReferencedFrameNumber=("IS", b"abc ")))
    broken.ReferencedSeriesSequence = [item(ReferencedImageSequence=[reference])]
    load(session, ds, broken)
    assert labels(session, ds) == []


@pytest.mark.parametrize("vr", ["US", "LO"])
def test_a_reference_that_is_no_sequence_does_no_harm(session, vr):
    """X6; it came from the network, where an exception would end the association."""
    ds, broken = image(STORED), state(image(STORED))
    del broken.ReferencedSeriesSequence
    broken.update(samples.raw(ReferencedSeriesSequence=(vr, b"\1\0")))
    load(session, ds, broken)
    assert labels(session, ds) == []


# --- the newest (PS2)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"PresentationCreationDate": "20240101"}, {"PresentationCreationDate": "20240102"}),
        ({"PresentationCreationTime": "115959.999"}, {"PresentationCreationTime": "120000"}),
        ({"PresentationCreationTime": "120000"}, {"PresentationCreationTime": "120000.5"}),
        ({"PresentationCreationTime": "12"}, {"PresentationCreationTime": "1201"}),
        ({"PresentationCreationDate": None}, {"PresentationCreationDate": "19000101"}),
        ({"PresentationCreationDate": None, "InstanceNumber": 99}, {"InstanceNumber": 1}),
        ({"InstanceNumber": 2}, {"InstanceNumber": 10}),
        ({"InstanceNumber": None}, {"InstanceNumber": 1}),
        ({"SOPInstanceUID": "1.2.3.4"}, {"SOPInstanceUID": "1.2.3.5"}),
        # 11:00 in Tokyo is before 09:00 in London
        (
            {"PresentationCreationTime": "110000", "TimezoneOffsetFromUTC": "+0900"},
            {"PresentationCreationTime": "090000", "TimezoneOffsetFromUTC": "+0000"},
        ),
        # 23:59 on the day before, at UTC-12, is 11:59
        (
            {"PresentationCreationTime": "1158", "TimezoneOffsetFromUTC": "+0000"},
            {
                "PresentationCreationDate": "20240131",
                "PresentationCreationTime": "2359",
                "TimezoneOffsetFromUTC": "-1200",
            },
        ),
    ],
)
@pytest.mark.parametrize("order", ["older first", "newer first"])
def test_the_newest_wins_whatever_came_first(session, older, newer, order):
    ds = image(STORED)
    both = [state(ds, ContentLabel="OLDER", **older), state(ds, ContentLabel="NEWER", **newer)]
    load(session, ds, *(both if order == "older first" else both[::-1]))
    assert labels(session, ds) == ["NEWER", "OLDER"]
    assert session.present(str(ds.SOPInstanceUID)).state["label"] == "NEWER"


def test_when_the_newest_goes_the_next_is_applied(session):
    """PS21."""
    ds = image(STORED)
    old, new = state(ds, ContentLabel="OLD", PresentationCreationDate="2020"), state(ds, ContentLabel="NEW")
    load(session, ds, old, new)
    session.drop(str(new.SOPInstanceUID))
    assert session.present(str(ds.SOPInstanceUID)).state["label"] == "OLD"
    session.drop(str(old.SOPInstanceUID))
    assert session.present(str(ds.SOPInstanceUID)).state == {}


# --- the selector (PS3, PS4)


@pytest.fixture
def two(session):
    ds = image(STORED)
    old = state(ds, ContentLabel="OLD", ContentDescription="first thoughts", PresentationCreationDate="20200101")
    new = state(ds, ContentLabel="NEW", PresentationLUTShape="INVERSE", ContentCreatorName="Reader^R")
    load(session, ds, old, new)
    return str(ds.SOPInstanceUID), old, new


def test_the_selector_lists_what_applies_newest_first(session, two):
    found = session.presentation_states(two[0])
    assert [(s.label, s.description, s.uid) for s in found] == [
        ("NEW", "", str(two[2].SOPInstanceUID)),
        ("OLD", "first thoughts", str(two[1].SOPInstanceUID)),
    ]
    assert [s.creator for s in found] == ["Reader, R", ""]
    assert found[0].created.startswith("20240201")


def test_newest_none_and_a_uid(session, two):
    uid, old, new = two
    assert session.present(uid).state["label"] == "NEW"
    assert session.present(uid, presentation="newest").state["label"] == "NEW"
    assert session.present(uid, presentation=None).state == {}
    for chosen in (str(old.SOPInstanceUID), session.presentation_states(uid)[1]):
        assert session.present(uid, presentation=chosen).state["label"] == "OLD"
    entity = next(e for s in session.studies for r in s.children for e in r.children if e.uid == new.SOPInstanceUID)
    assert session.present(uid, presentation=entity).state["label"] == "NEW"


def test_an_unknown_state_is_an_error(session, two):
    with pytest.raises(NotFound, match=r"1\.2\.3\.999"):
        session.present(two[0], presentation="1.2.3.999")


def test_a_state_of_another_image_is_not_offered_and_not_applied(session, two):
    """PS3."""
    other = image(STORED)
    load(session, other)
    with pytest.raises(NotFound):
        session.present(str(other.SOPInstanceUID), presentation=str(two[1].SOPInstanceUID))


def test_the_record_says_which_and_why(session, two):
    """X1, PS4."""
    record = session.present(two[0]).record
    assert record["presentation_state"]["label"] == "NEW"
    assert "newest" in record["presentation_state"]["why"]
    assert session.present(two[0], presentation=None).record["presentation_state"] is None


def test_a_state_itself_is_a_page(session, two):
    shown = session.present(str(two[1].SOPInstanceUID))
    assert isinstance(shown, Page)
    assert "first thoughts" in shown.html


# --- the identity guard (X8)


@pytest.mark.parametrize(
    "other", [{"PatientID": "0815"}, {"IssuerOfPatientID": "ELSEWHERE"}, {"PatientID": None}, {"PatientID": "471"}]
)
def test_a_state_of_another_patient_is_refused_visibly(session, other):
    ds = image(STORED, samples.MR)
    wrong = state(ds, ContentLabel="WRONG", PresentationLUTShape="INVERSE", **other)
    load(session, ds, wrong)
    picture = session.present(str(ds.SOPInstanceUID))
    assert picture.state == {}
    assert labels(session, ds) == []
    assert any("WRONG refused" in line and "Patient ID" in line for line in picture.texts["br"])
    assert [s["label"] for s in picture.record["presentation_states_refused"]] == ["WRONG"]


def test_it_can_be_applied_explicitly(session):
    """X8: an override is explicit, and in the record."""
    ds = image(STORED)
    wrong = state(ds, PatientID="0815")
    load(session, ds, wrong)
    picture = session.present(str(ds.SOPInstanceUID), presentation=str(wrong.SOPInstanceUID))
    assert picture.state["label"] == "SAMPLE"
    assert "Patient ID" in picture.record["presentation_state"]["why"]


def test_an_older_state_of_the_right_patient_is_used_instead(session):
    ds = image(STORED)
    right = state(ds, ContentLabel="RIGHT", PresentationCreationDate="20100101")
    load(session, ds, right, state(ds, PatientID="0815"))
    assert session.present(str(ds.SOPInstanceUID)).state["label"] == "RIGHT"


# --- broken states, and states of colour images (PS20)


def table(*descriptor: int) -> object:
    """Return an item of a LUT sequence with that descriptor and no data."""
    ds = item()
    ds.add_new("LUTDescriptor", "US", list(descriptor))
    return ds


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"ModalityLUTSequence": [table(4, 0, 8)]}, "Modality LUT"),
        ({"SoftcopyVOILUTSequence": [item(WindowCenter="40", WindowWidth="0")]}, "neither a window nor"),
        ({"SoftcopyVOILUTSequence": [item(VOILUTSequence=[table(4, 0, 16)])]}, "neither a window nor"),
        ({"PresentationLUTSequence": [table(0, 0, 12)]}, "Presentation LUT"),
        ({"ImageRotation": 45}, "Image Rotation"),
    ],
)
def test_a_broken_state_is_passed_over_and_says_why(session, wrong, why):
    """PS20, X2: the next newest is used; the broken one can still be asked for."""
    ds, older = image(STORED, BitsStored=12), {"ContentLabel": "OLDER", "PresentationCreationDate": "20200101"}
    broken = state(ds, ContentLabel="BROKEN", **wrong)
    load(session, ds, broken, state(ds, **older, SoftcopyVOILUTSequence=[item(WindowCenter="7", WindowWidth="9")]))
    picture = session.present(str(ds.SOPInstanceUID))
    assert (picture.state["label"], picture.window.center) == ("OLDER", 7)
    assert labels(session, ds) == ["OLDER"]
    refused = session.presentation_states(str(ds.SOPInstanceUID), refused=True)
    assert [(s.label, why in s.refused) for s in refused] == [("BROKEN", True), ("OLDER", False)]
    assert any("BROKEN refused" in line and why in line for line in picture.texts["br"])
    chosen = session.present(str(ds.SOPInstanceUID), presentation=str(broken.SOPInstanceUID))
    assert chosen.state["label"] == "BROKEN"
    assert why in chosen.record["presentation_state"]["why"]


@pytest.mark.parametrize("missing", [1, 20, 40])
def test_a_state_that_is_cut_off_is_passed_over(session, missing):
    """PS20: what is missing may be a shutter, or the mark that somebody wanted to be seen."""
    ds, older = image(STORED), state(image(STORED), ContentLabel="OLDER", PresentationCreationDate="20200101")
    older.ReferencedSeriesSequence = state(ds).ReferencedSeriesSequence
    whole = samples.part10(state(ds, ContentLabel="SHORT", RescaleSlope="1", ImageRotation=0))
    load(session, ds, older)
    session.load(whole[:-missing])
    assert labels(session, ds) == ["OLDER"]
    refused = session.presentation_states(str(ds.SOPInstanceUID), refused=True)
    assert {s.label: s.refused for s in refused} == {"SHORT": "it is cut off", "OLDER": ""}


def test_a_whole_state_of_unusual_encoding_is_fit(session):
    """PS20: undefined lengths and private sequences are no defect."""
    ds, made = image(STORED), state(image(STORED))
    made.ReferencedSeriesSequence = state(ds).ReferencedSeriesSequence
    made.private_block(0x0099, "SOMEBODY", create=True).add_new(1, "SQ", [item(PatientID="1")])
    for element in made:
        element.is_undefined_length = element.VR == "SQ"
    load(session, ds, made)
    assert labels(session, ds) == ["SAMPLE"]


def test_on_colours_a_state_turns_and_draws_only(session):
    """PS20: its grey stages mean nothing, which is said; X1: the record says what is drawn."""
    colors = np.arange(18, dtype=np.uint8).reshape(2, 3, 3)
    ds = image(colors[..., 0], samples.SC, PhotometricInterpretation="RGB", SamplesPerPixel=3, PlanarConfiguration=0)
    ds.PixelData = colors.tobytes()
    drawn = item(GraphicType="POINT", GraphicData=[1, 1], GraphicDimensions=2, NumberOfGraphicPoints=1)
    drawn.GraphicAnnotationUnits, drawn.GraphicFilled = "PIXEL", "N"
    note = item(GraphicLayer="A", GraphicObjectSequence=[drawn])
    load(session, ds, state(ds, ImageRotation=90, PresentationLUTShape="INVERSE", GraphicAnnotationSequence=[note]))
    picture = session.present(str(ds.SOPInstanceUID))
    assert picture.rgba()[..., :3].tolist() == np.rot90(colors, -1).tolist()
    assert len(picture.shapes) == 1
    stages = {s["stage"]: s["used"] for s in picture.record["stages"]}
    assert (stages["spatial"], stages["annotations"]) == ("90 degrees clockwise", "1 in A")
    assert not {"modality", "voi", "presentation LUT"} & set(stages)
    assert picture.record["not_applied"] == ["grey stages (the image is in colour)"]
    assert "in colour" in picture.state["partly"]


# --- stages (PS5, PS6)


def test_an_absent_stage_is_the_identity(session):
    """PS5, PS3.4 N.2: the image's own rescale, window and Photometric Interpretation are not used."""
    ds = image(STORED, BitsStored=12, RescaleSlope="-3", RescaleIntercept="77", WindowCenter="1", WindowWidth="2")
    ds.PhotometricInterpretation, ds.PresentationLUTShape = "MONOCHROME1", "INVERSE"
    load(session, ds, state(ds))
    picture = session.present(str(ds.SOPInstanceUID))
    assert grey(picture) == [math.floor(x / 4095 * 255 + 0.5) for x in (0, 1024, 2048, 4095)]


def test_padding_stays_padding(session):
    """GP10: not overridable by a state."""
    ds = image(STORED, BitsStored=12, PixelPaddingValue=4095)
    load(session, ds, state(ds, PresentationLUTShape="INVERSE"))
    assert grey(session.present(str(ds.SOPInstanceUID))) == [255, 191, 127, 0]


def window(center: float, width: float, *images) -> object:
    return item(WindowCenter=center, WindowWidth=width, ReferencedImageSequence=list(images) or None)


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (lambda a, b: [window(100, 10, refer(a))], (100, 10)),
        (lambda a, b: [window(7, 7, refer(b)), window(100, 10, refer(a))], (100, 10)),
        (lambda a, b: [window(7, 7, refer(b)), window(100, 10)], (100, 10)),
        (lambda a, b: [window(100, 10), window(7, 7, refer(b))], (100, 10)),
        (lambda a, b: [window(7, 7, refer(a, [2])), window(100, 10, refer(a, [1, 3]))], (100, 10)),
        (lambda a, b: [window(7, 7, refer(b))], None),
        (lambda a, b: [], None),
    ],
)
def test_voi_items_are_scoped(session, make, shown):
    """PS6: the item that names the image and frame, or none at all; never simply the first."""
    ds, other = image(STORED, BitsStored=12), image(STORED, BitsStored=12)
    load(session, ds, other, state(ds, other, SoftcopyVOILUTSequence=make(ds, other) or None))
    found = session.present(str(ds.SOPInstanceUID)).window
    expected = Window(*shown) if shown else Window.over(0, 4095)
    assert (found.center, found.width) == (expected.center, expected.width)


def test_the_stages_of_a_state(session):
    """Its own rescale, window function and shape."""
    ds = image(ramp(0, 5, np.uint8), samples.MR)
    voi = item(WindowCenter=20, WindowWidth=40, VOILUTFunction="LINEAR_EXACT")
    pieces = {"RescaleSlope": "10", "RescaleIntercept": "0", "RescaleType": "US", "SoftcopyVOILUTSequence": [voi]}
    load(session, ds, state(ds, **pieces, PresentationLUTShape="INVERSE"))
    assert grey(session.present(str(ds.SOPInstanceUID))) == [255, 191, 128, 64, 0]


def test_the_tables_of_a_state_are_signed_as_their_input(session):
    """GP7: neither the state nor its item has a Pixel Representation: the image's and the modality stage count."""
    ds = image(np.array([[-3, -2, -1, 0]], np.int16))
    load(session, ds, state(ds, SoftcopyVOILUTSequence=[item(VOILUTSequence=[lut([10, 20, 30], first=-2)])]))
    assert grey(session.present(str(ds.SOPInstanceUID))) == [10, 10, 20, 30]


def test_a_users_window_replaces_that_of_the_state_and_keeps_the_rest(session):
    ds = image(ramp(0, 4, np.uint8))
    load(session, ds, state(ds, PresentationLUTShape="INVERSE", SoftcopyVOILUTSequence=[window(1, 1)]))
    assert grey(session.present(str(ds.SOPInstanceUID), window=(2, 4))) == [255, 170, 85, 0]
