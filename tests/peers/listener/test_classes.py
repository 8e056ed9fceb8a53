"""Every class and transfer syntax that the listener takes, from real peers and one by one, and what it refuses."""

from __future__ import annotations

import subprocess

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import UID
from pynetdicom.presentation import build_context

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom.conformance import DEFLATED, EXPLICIT, IMPLICIT, RECEIVED_SYNTAXES, STORAGE
from tests import samples
from tests.peers.listener.sending import moving
from tests.peers.loopback import HOST, environment, free_port
from tests.peers.misbehaving import Mover, store_bytes, storing

pytestmark = pytest.mark.usefixtures("quick_ends")
IMAGES = [uid for uid, c in STORAGE.items() if c.kind in ("image", "dose", "segmentation")]
STUDY, SERIES = "1.2.826.0.1.45", "1.2.826.0.1.45.1"


def made(sop_class, syntax=EXPLICIT, **attributes):
    """A small object of a class in a transfer syntax; what is in its fragment nobody looks at here."""
    own = {"StudyInstanceUID": STUDY, "SeriesInstanceUID": SERIES, "InstanceNumber": 1}
    if sop_class in IMAGES:
        ds = samples.image(np.arange(64, dtype=np.uint8).reshape(8, 8), sop_class, **(own | attributes))
        if UID(syntax).is_encapsulated:
            ds.PixelData = encapsulate([b"\xff\xd8 no picture \xff\xd9"])
            ds["PixelData"].is_undefined_length = True
            ds["PixelData"].VR = "OB"
    else:
        ds = samples.plain(sop_class, ContentLabel="SAMPLE", **(own | attributes))
    ds.file_meta.TransferSyntaxUID = syntax
    return ds


@pytest.fixture(scope="module")
def all_classes():
    """SOP Class UID -> one object of it, all of one study."""
    return {uid: made(uid) for uid in STORAGE}


@pytest.fixture(scope="module")
def folder(all_classes, tmp_path_factory):
    """The same as files."""
    where = tmp_path_factory.mktemp("classes")
    for number, ds in enumerate(all_classes.values()):
        (where / f"{number:02d}.dcm").write_bytes(samples.part10(ds))
    return where


@pytest.fixture(scope="module")
def waiting():
    """A session that waits for all of a study from a mover that sends nothing: what is stored comes from the tests."""
    with dw.Session(listen_port=0) as session, moving(session, STUDY):
        yield session


def test_the_table_of_classes_and_of_syntaxes_is_the_one_of_the_statement():
    assert (len(STORAGE), len(RECEIVED_SYNTAXES)) == (45, 16)


# --- a real peer


def test_an_object_of_each_class_is_moved_by_a_real_peer(start_orthanc, folder, all_classes):
    port = free_port()
    pacs = start_orthanc([folder], peers={"DICOM_WIDGETS": port})
    assert len(pacs.loaded) == 45
    with dw.Session(listen_port=port) as session:
        study = session.tree(pacs.remote).one()
        done = session.retrieve(study, way="C-MOVE", progress=False)
        assert done.complete, done
        assert {i.sop_class for i in session.instances(study)} == set(STORAGE)
        assert dict(session.listener.refusals) == {}
        for sop_class, ds in all_classes.items():
            held = session.instance(ds.SOPInstanceUID)
            assert held.sop_class == sop_class
            assert held.dataset().get("PixelData") == ds.get("PixelData")
            assert held.dataset().PatientName == ds.PatientName


def test_an_object_of_each_class_is_moved_by_the_practice_pacs(all_classes):
    with dw.PracticePacs() as pacs, dw.Session(listen_port=0) as session:
        pacs.destinations["DICOM_WIDGETS"] = (HOST, session.local.port)
        for ds in all_classes.values():
            pacs.add(ds)
        done = session.retrieve(session.tree(pacs.remote, StudyInstanceUID=STUDY), way="C-MOVE", progress=False)
        assert done.complete, done
        assert {i.sop_class for i in session.instances(done.received)} == set(STORAGE)


@pytest.fixture
def storescu(dcmtk, folder):
    """Send the objects of all classes by DCMTK; return how often it failed and what it said."""

    def send(port, *options, title="DICOM_WIDGETS"):
        command = [dcmtk("storescu"), "-nh", "-v", "-aec", title, *options, "+sd", HOST, str(port), str(folder)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, env=environment(nodelay=True)
        )
        return done.returncode, done.stdout + done.stderr

    return send


@pytest.mark.parametrize("options", [(), ("-R",), ("-xs",), ("-xd",), ("-aet", "MOVER")], ids=" ".join)
def test_whoever_stores_without_a_move_of_ours_is_refused_and_counted(idle, storescu, options):
    before = dict(idle.listener.refusals)
    code, said = storescu(idle.local.port, *options)
    assert code
    assert "Association Rejected" in said
    after = idle.listener.refusals
    (why,) = [w for w in after if after[w] != before.get(w, 0)]
    assert after[why] == before.get(why, 0) + 1
    assert repr("MOVER" if "MOVER" in options else "STORESCU") in why
    assert "no C-MOVE of ours is outstanding" in why
    assert "session.retrieve(..., way='C-MOVE')" in why
    assert not idle.studies


@pytest.mark.parametrize("options", [("-R",), ("-R", "-xs"), ("-R", "-xd"), ("-R", "-xi")], ids=" ".join)
def test_the_same_tool_stores_all_classes_where_it_is_the_mover(waiting, storescu, options):
    waiting.drop([i.uid for i in waiting.store.under(())])
    code, said = storescu(waiting.local.port, "-aet", "MOVER", *options)
    held = waiting.store.under(())
    assert (code, {i.sop_class for i in held}) == (0, set(STORAGE)), said
    assert {i.blob.transfer_syntax for i in held} == {IMPLICIT if "-xi" in options else EXPLICIT}
    assert dict(waiting.listener.refusals) == {}


# --- one by one


@pytest.mark.parametrize("syntax", RECEIVED_SYNTAXES, ids=lambda s: s.name)
def test_an_object_of_each_class_is_taken_in(waiting, syntax):
    objects = {uid: made(uid, syntax) for uid in STORAGE}
    contexts = [build_context(uid, syntax) for uid in STORAGE]
    with storing(waiting.local.port, contexts, called=waiting.ae_title) as association:
        assert {(c.abstract_syntax, *c.transfer_syntax) for c in association.accepted_contexts} == {
            (uid, syntax) for uid in STORAGE
        }
        statuses = {uid: association.send_c_store(ds).get("Status") for uid, ds in objects.items()}
    assert statuses == dict.fromkeys(STORAGE, 0)
    for uid, ds in objects.items():
        held = waiting.instance(ds.SOPInstanceUID)
        assert held.sop_class == uid
        assert held.blob.transfer_syntax == (EXPLICIT if syntax == DEFLATED else syntax)
        whole = held.dataset()
        assert whole.PatientID == "4711"
        assert whole.get("PixelData") == ds.get("PixelData")


def test_a_deflated_object_is_readable_to_its_pixels(waiting):
    ds = made("1.2.840.10008.5.1.4.1.1.2", DEFLATED)
    with storing(waiting.local.port, [build_context(ds.SOPClassUID, DEFLATED)]) as association:
        assert association.send_c_store(ds).Status == 0
    assert waiting.array(ds.SOPInstanceUID, values="stored").tolist() == np.arange(64).reshape(8, 8).tolist()
    out = pydicom.dcmread(samples.io.BytesIO(samples.part10(waiting.dataset(ds.SOPInstanceUID))))
    assert out.PixelData == ds.PixelData


def test_a_damaged_deflated_object_is_refused_as_unreadable(waiting):
    sop_class = "1.2.840.10008.5.1.4.1.1.2"
    with storing(waiting.local.port, [build_context(sop_class, DEFLATED)]) as association:
        assert store_bytes(association, sop_class, "2.25.77", b"\xff" * 100) == 0xC000
    assert "2.25.77" not in waiting.store


def test_of_several_syntaxes_in_one_context_the_first_of_our_list_is_taken(waiting):
    """Whatever the order in which they are offered."""
    offers = [RECEIVED_SYNTAXES[i:][::-1] for i in range(16)]
    contexts = [build_context(uid, list(offer)) for uid, offer in zip(STORAGE, offers, strict=False)]
    with storing(waiting.local.port, contexts) as association:
        chosen = [c.transfer_syntax for c in association.accepted_contexts]
    assert chosen == [[s] for s in RECEIVED_SYNTAXES]


def test_contexts_of_the_same_class_are_answered_each_by_itself(waiting):
    sop_class = "1.2.840.10008.5.1.4.1.1.2"
    contexts = [build_context(sop_class, s) for s in (IMPLICIT, EXPLICIT, RECEIVED_SYNTAXES[5])]
    with storing(waiting.local.port, contexts) as association:
        assert [c.transfer_syntax[0] for c in association.accepted_contexts] == [
            IMPLICIT,
            EXPLICIT,
            RECEIVED_SYNTAXES[5],
        ]


STANDARD_CLASSES = [
    "1.2.840.10008.5.1.4.1.1.88.40",  # Procedure Log
    "1.2.840.10008.5.1.4.1.1.77.1.6",  # VL Whole Slide Microscopy
    "1.2.840.10008.5.1.4.1.1.9.4.1",  # Basic Voice Audio
    "1.2.840.10008.5.1.4.1.1.1.1.1",  # Digital X-Ray, For Processing
    "1.2.840.10008.5.1.4.1.1.2.2",  # Legacy Converted Enhanced CT
    "1.2.840.10008.5.1.4.1.1.67",  # Real World Value Mapping
    "1.2.840.10008.5.1.4.1.1.66.7",  # Label Map Segmentation
    "1.2.840.10008.5.1.4.1.1.12.3",  # X-Ray Angiographic Bi-Plane, retired
]
OTHER_CLASSES = [
    "1.2.276.0.7230010.3.1.0.1",  # private
    "1.2.840.10008.5.1.4.1.2.2.1",  # a query
]
OTHER_SYNTAXES = ["1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.53", "1.2.840.113619.5.2"]


@pytest.mark.parametrize("sop_class", STANDARD_CLASSES)
def test_classes_of_the_standard_beyond_the_statement_are_taken(waiting, sop_class):
    ds = made(sop_class)
    with storing(waiting.local.port, [build_context(sop_class, EXPLICIT)]) as association:
        assert association.send_c_store(ds).Status == 0
    assert waiting.instance(ds.SOPInstanceUID).sop_class == sop_class


def accepted(session, *classes):
    with storing(session.local.port, [build_context(uid, EXPLICIT) for uid in classes]) as association:
        return [str(c.abstract_syntax) for c in association.accepted_contexts]


CT_CLASS, MR_CLASS, PRIVATE = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4", "1.2.276.0.7230010.3.1.0.1"


@pytest.mark.parametrize(
    ("listen_for", "taken"),
    [
        (None, [CT_CLASS, MR_CLASS]),
        ([CT_CLASS], [CT_CLASS]),
        ([CT_CLASS, PRIVATE], [CT_CLASS, PRIVATE]),
        (["Standard", PRIVATE], [CT_CLASS, MR_CLASS, PRIVATE]),
    ],
)
def test_a_session_widens_or_narrows_what_its_listener_takes(listen_for, taken):
    with dw.Session(listen_port=0, listen_for=listen_for) as session, moving(session, STUDY):
        assert accepted(session, CT_CLASS, MR_CLASS, PRIVATE) == taken
        ds = made(taken[-1])
        with storing(session.local.port, [build_context(taken[-1], EXPLICIT)]) as association:
            assert association.send_c_store(ds).Status == 0
        assert ds.SOPInstanceUID in session.store


def test_sessions_that_share_a_listener_take_what_any_of_them_does():
    port = free_port()
    with (
        dw.Session(listen_port=port, listen_for=[CT_CLASS]) as one,
        moving(one, STUDY),
        dw.Session(listen_port=port, listen_for=[PRIVATE]) as two,
        moving(two, STUDY),
    ):
        assert accepted(one, CT_CLASS, MR_CLASS, PRIVATE) == [CT_CLASS, PRIVATE]


@pytest.mark.parametrize(("wrong", "error"), [(["CT"], ValueError), (CT_CLASS, TypeError), (["1..2"], ValueError)])
def test_what_is_no_list_of_classes_is_refused(wrong, error):
    with pytest.raises(error, match="listen_for"):
        dw.Session(listen_for=wrong)


def test_a_refused_context_is_named_with_class_and_syntax_as_ours():
    """In the refusals, and in the error of the retrieval."""

    def script(move):
        wanted = [build_context(CT_CLASS, "1.2.840.113619.5.2"), build_context(PRIVATE, EXPLICIT)]
        with storing(move.mover.destination, wanted, called=move.destination) as association:
            assert not association.accepted_contexts
        move.answer(0xB000, Completed=0, Failed=2, Warning=0)

    with dw.Session(listen_port=0) as session, Mover(script, session.local.port) as mover:
        with pytest.raises(errors.RetrieveFailed) as caught:
            session.retrieve(mover.remote, dw.Entity.of(STUDY), way="C-MOVE", progress=False)
        sentence = str(caught.value)
        assert f"Our listener refused {PRIVATE} in Explicit VR Little Endian of 'MOVER' from 127.0.0.1" in sentence
        assert f'Session(listen_for=["Standard", {PRIVATE!r}]) does' in sentence
        assert "CT Image Storage (1.2.840.10008.5.1.4.1.1.2) in 1.2.840.113619.5.2 of 'MOVER'" in sentence
        assert "of these transfer syntaxes it takes none" in sentence
        assert len(session.listener.refusals) == 2


def test_other_classes_and_other_syntaxes_are_refused_context_by_context(waiting):
    ct = "1.2.840.10008.5.1.4.1.1.2"
    contexts = [
        build_context(ct, EXPLICIT),
        *(build_context(uid, EXPLICIT) for uid in OTHER_CLASSES),
        *(build_context(ct, uid) for uid in OTHER_SYNTAXES),
    ]
    with storing(waiting.local.port, contexts) as association:
        assert [c.abstract_syntax for c in association.accepted_contexts] == [ct]
        results = [(c.abstract_syntax, c.result) for c in association.rejected_contexts]
        # PS3.8 9.3.3.2: 3 is an abstract syntax, 4 are transfer syntaxes that are not supported
        assert results == [*((uid, 3) for uid in OTHER_CLASSES), *((ct, 4) for _ in OTHER_SYNTAXES)]
