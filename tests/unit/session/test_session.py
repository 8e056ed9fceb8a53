"""A session: arrays in physical units, saving, dropping, memory, one activity at a time, and its end (X3)."""

from __future__ import annotations

import gc
import threading
import warnings
import weakref

import numpy as np
import pytest
from pydicom import dcmread

import dicom_widgets as dw
from dicom_widgets.errors import GeometryError, NotAnImage, NotFound, SessionBusy, SessionClosed
from tests import samples

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
GRID = np.arange(12, dtype=np.int16).reshape(3, 4)


def piece(z: float, value: int = 0, **attributes):
    cosines = {"ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "ImagePositionPatient": [0, 0, z]}
    return samples.image(GRID + value, **(cosines | attributes))


def load(session, *objects):
    return session.load(list(objects)).one()


# --- arrays


def test_ct_is_in_hounsfield_units(session, wheel_file):
    """X3: stored x slope + intercept, of pydicom's own decoding."""
    ds = dcmread(wheel_file("CT_small.dcm"))
    found = session.array(session.load(wheel_file("CT_small.dcm")).one())
    assert (ds.RescaleSlope, ds.RescaleIntercept) == (1, -1024)
    assert found.dtype == np.float32
    assert np.array_equal(found, ds.pixel_array.astype(np.float32) - 1024)


def test_mr_without_a_rescale_is_as_stored(session, wheel_file):
    ds = dcmread(wheel_file("MR_small.dcm"))
    entity = session.load(wheel_file("MR_small.dcm")).one()
    assert np.array_equal(session.array(entity), ds.pixel_array)
    stored = session.array(entity, values="stored")
    assert stored.dtype == np.int16
    assert np.array_equal(stored, ds.pixel_array)


def test_real_ct_series_is_stacked_along_its_normal(data, session):
    """GE1, X3: sorted here by position, rescaled here."""
    folder = data / "series" / "ct_head_tiny_slicer"
    all_of_them = sorted(
        (dcmread(p) for p in folder.rglob("*") if p.is_file()), key=lambda d: d.ImagePositionPatient[2]
    )
    expected = np.stack([d.pixel_array * float(d.RescaleSlope) + float(d.RescaleIntercept) for d in all_of_them])
    found = session.array(session.load(folder).one())
    assert found.shape == expected.shape
    assert np.array_equal(found, expected.astype(np.float32))


def test_each_slice_has_its_own_rescale(session):
    """GP2, NP4: the first slice's slope is not the series'."""
    study = load(session, piece(2, RescaleSlope="3"), piece(1, RescaleSlope="2"), piece(0, RescaleIntercept="5"))
    assert np.array_equal(session.array(study.children[0]), [GRID + 5, GRID * 2, GRID * 3])


def test_each_frame_of_an_enhanced_object_has_its_own_rescale(session):
    """MF1."""
    frames = [
        samples.item(PixelValueTransformationSequence=[samples.item(RescaleSlope=s, RescaleIntercept="-1")])
        for s in ("2", "3")
    ]
    ds = samples.image(np.stack([GRID, GRID]), samples.PREFIX + "2.1", PerFrameFunctionalGroupsSequence=frames)
    study = load(session, ds)
    assert np.array_equal(session.array(study), [GRID * 2 - 1, GRID * 3 - 1])
    assert np.array_equal(session.array(study, frame=2), GRID * 3 - 1)


def test_the_rescale_of_a_real_enhanced_ct_is_its_frames(data, session):
    """MF1 on a file that has it in functional groups only."""
    path = data / "classes" / "enhanced_ct" / "test001.dcm"
    ds = dcmread(path)
    groups = [*ds.get("PerFrameFunctionalGroupsSequence", []), *ds.get("SharedFunctionalGroupsSequence", [])]
    line = next(g.PixelValueTransformationSequence[0] for g in groups if "PixelValueTransformationSequence" in g)
    expected = ds.pixel_array * float(line.RescaleSlope) + float(line.RescaleIntercept)
    assert np.allclose(session.array(session.load(path).one()), expected)


def test_dose_is_in_gray(session, wheel_file):
    """RT4, X3: pydicom's rtdose.dcm has 32 bits and a maximum of 1.254."""
    found = session.array(session.load(wheel_file("rtdose.dcm")).one())
    assert found.shape[0] == 15
    assert found.max() == pytest.approx(1.254, abs=5e-4)


def test_display_values_are_bytes(session):
    ds = piece(0, WindowCenter="6", WindowWidth="12")
    found = session.array(load(session, ds), values="display")
    assert found.dtype == np.uint8
    assert found.ravel().tolist() == [int(x / 11 * 255 + 0.5) for x in range(12)]


def test_display_values_are_those_of_the_image_not_of_a_state(session):
    ds = piece(0)
    load(session, ds, samples.state(ds, PresentationLUTShape="INVERSE"))
    assert session.array(str(ds.SOPInstanceUID), values="display")[0, 0] == 0


@pytest.mark.parametrize("dtype", [np.int16, np.float64, "float32"])
def test_the_dtype_can_be_chosen(session, dtype):
    assert session.array(load(session, piece(0)), dtype=dtype).dtype == np.dtype(dtype)


def test_frames(session):
    study = load(session, samples.image(np.stack([GRID, GRID + 1, GRID + 2])))
    assert session.array(study).shape == (3, 3, 4)
    assert np.array_equal(session.array(study, frame=3), GRID + 2)


def test_the_unit_of_an_array(session, wheel_file):
    """X3."""
    ct = session.load(wheel_file("CT_small.dcm"))[0]
    assert session.unit(ct) == "HU"
    pet = samples.image(np.zeros((2, 2), np.uint16), samples.PREFIX + "128", Units="BQML")
    assert session.unit(session.load(samples.part10(pet))[0]) == "Bq/ml"
    assert session.unit(session.load(wheel_file("test-SR.dcm"))[0]) == ""


def test_changing_an_array_does_not_change_what_is_held(session):
    study = load(session, piece(0))
    first = session.array(study)
    first[:] = -1
    assert np.array_equal(session.array(study), GRID)


@pytest.mark.parametrize("values", ["Modality", "hu", ""])
def test_unknown_values_are_refused(session, values):
    with pytest.raises(ValueError, match="modality"):
        session.array(load(session, piece(0)), values=values)


def test_what_has_no_pixels_has_no_array(session, wheel_file):
    with pytest.raises(NotAnImage, match="dataset"):
        session.array(session.load(wheel_file("rtplan.dcm")).one())


def test_slices_of_different_sizes_or_directions_are_no_array(session):
    """GE4: no volume is built silently."""
    study = load(session, piece(0), samples.image(np.zeros((5, 5), np.int16)))
    with pytest.raises(GeometryError, match="sizes"):
        session.array(study)
    with dw.Session(listen_port=0) as other:
        study = load(other, piece(0), piece(1, ImageOrientationPatient=[0, 1, 0, 0, 0, -1]))
        with pytest.raises(GeometryError, match="directions"):
            other.array(study)


# --- what is held


def test_what_is_named_in_every_way_is_the_same(session):
    ds = piece(0)
    study = load(session, ds)
    entity = study.instances[0]
    held = session.instance(str(ds.SOPInstanceUID))
    assert {session.instance(w) for w in (study, study.children[0], entity, held)} == {held}
    for which in (study, entity, held, held.uid):
        assert session.dataset(which) == ds
    assert len(session.instances([entity, held.uid])) == 2


def test_what_is_not_held_or_more_than_one_is_not_found(session):
    study = load(session, piece(0), piece(1))
    for wrong in ("1.2.3.4", dw.Entity.of("1.2.3.999"), study):
        with pytest.raises(NotFound):
            session.instance(wrong)


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_jp2klossless.dcm", "rtplan.dcm", "reportsi.dcm"])
def test_a_data_set_always_has_file_meta(session, wheel_file, name):
    """PS3.10 7.1: what a Part 10 file needs."""
    ds, study = dcmread(wheel_file(name)), session.load(wheel_file(name)).one()
    meta = session.dataset(study).file_meta
    assert meta.TransferSyntaxUID == ds.file_meta.TransferSyntaxUID
    assert (meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID) == (ds.SOPClassUID, ds.SOPInstanceUID)
    assert meta.ImplementationClassUID


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_bigendian.dcm", "MR_small_jpeg_ls_lossless.dcm", "image_dfl.dcm", "reportsi.dcm"]
)
def test_saving_goes_round(session, wheel_file, tmp_path, name):
    (path,) = session.save(session.load(wheel_file(name)).one(), tmp_path / "new" / "folder")
    before, after = dcmread(wheel_file(name)), dcmread(path)
    assert after == before
    assert after.file_meta.MediaStorageSOPInstanceUID == before.SOPInstanceUID
    with dw.Session(listen_port=0) as other:
        assert other.load(path).one().uid == before.StudyInstanceUID


def test_saved_bytes_are_the_bytes_that_came(session, tmp_path):
    bare = samples.encoded(piece(0, PatientComments="as it is"))
    session.store.add(samples.Blob.of(bare, samples.EXPLICIT))
    (path,) = session.save(session.studies, tmp_path)
    assert path.read_bytes().endswith(bare)


def test_saved_names_are_uids_and_stay_in_the_folder(session, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ds = piece(0, SOPInstanceUID="../../1.2/3", PatientName="../../etc")
        load(session, ds)
        (path,) = session.save(session.studies, tmp_path / "in")
    assert path.parent == tmp_path / "in"
    assert set(path.stem) <= set("0123456789.")
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_dropping(session):
    study = load(session, piece(0), piece(1))
    assert session.memory > 0
    assert session.drop(study.instances[0]) == 1
    assert len(session.studies.one().instances) == 1
    assert session.drop(session.studies) == 1
    assert (session.studies, session.memory, session.memory.frames) == ([], 0, 0)


def test_memory_says_how_much_of_what(session):
    study = load(session, piece(0))
    session.array(study)
    assert session.memory == sum(session.instance(i).blob.nbytes for i in study.instances)
    assert (session.memory.frames, session.memory.limit) == (GRID.nbytes, session.store.limit)
    assert "MB of" in repr(session.memory)


def test_sessions_do_not_see_each_other(session):
    with dw.Session(listen_port=0) as other:
        load(session, piece(0))
        assert other.studies == []


def test_watchers_see_what_is_loaded(session):
    seen = []
    end = session.watch(lambda i: seen.append(i.uid))
    ds = piece(0)
    load(session, ds)
    end()
    load(session, piece(1))
    assert seen == [ds.SOPInstanceUID]


def test_what_another_thread_brings_meanwhile_is_not_called_loaded(session):
    ds, other = piece(0), piece(1)
    session.watch(lambda i: bring() if i.uid == ds.SOPInstanceUID else None)

    def bring() -> None:
        thread = threading.Thread(target=session.store.add, args=(samples.blob(other),))
        thread.start()
        thread.join()

    assert [e.uid for e in load(session, ds).instances] == [ds.SOPInstanceUID]


@pytest.mark.parametrize("wrong", [{"zoomm": 2}, {"Window": (1, 2)}, {"colour": "red"}])
def test_an_unknown_word_to_present_is_a_type_error(session, wrong):
    ds = piece(0)
    load(session, ds)
    with pytest.raises(TypeError, match=next(iter(wrong))):
        session.present(str(ds.SOPInstanceUID), **wrong)


# --- activities and the end


def test_a_second_activity_says_what_the_first_is(session):
    """The Statement: one SCU activity a session."""
    remote = dw.RemoteAE("NOBODY", "127.0.0.1", 9)
    with session._exclusive.doing("a stub of an activity"):
        assert session.busy == "a stub of an activity"
        for start in (session.echo, session.find, lambda r: session.fetch(r, dw.Entity.of("1.2"))):
            with pytest.raises(SessionBusy, match="a stub of an activity"):
                start(remote)
        assert len(load(session, piece(0)).instances) == 1  # media are no activity
    assert session.busy == ""


def test_an_activity_that_fails_ends(session):
    with pytest.raises(ZeroDivisionError), session._exclusive.doing("something"):
        1 / 0  # noqa: B018
    assert session.busy == ""


def test_closing_twice_is_closing_once():
    closed = []
    session = dw.Session(listen_port=0)
    session.on_close(lambda: closed.append("first"))
    session.own("thing", lambda: "thing", closed.append)
    load(session, piece(0))
    session.close()
    session.close()
    assert closed == ["thing", "first"]  # the last is closed first
    assert session.memory == 0


@pytest.mark.parametrize(
    "use",
    [
        lambda s: s.load(piece(0)),
        lambda s: s.array("1.2.3"),
        lambda s: s.present("1.2.3"),
        lambda s: s.dataset("1.2.3"),
        lambda s: s.echo(dw.RemoteAE("NOBODY", "127.0.0.1", 9)),
        lambda s: s.find(dw.RemoteAE("NOBODY", "127.0.0.1", 9)),
        lambda s: s.fetch(dw.RemoteAE("NOBODY", "127.0.0.1", 9), dw.Entity.of("1.2")),
        lambda s: s.own("thing", list),
    ],
)
def test_a_closed_session_says_so(use):
    session = dw.Session(listen_port=0)
    session.close()
    with pytest.raises(SessionClosed, match="Session"):
        use(session)


def test_a_session_that_nobody_holds_goes_away():
    session = dw.Session(listen_port=0)
    load(session, piece(0))
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None


def test_what_a_session_owns_is_made_once(session):
    made = []
    assert session.own("x", lambda: made.append(1) or "x") == session.own("x", lambda: made.append(2) or "y") == "x"
    assert made == [1]
