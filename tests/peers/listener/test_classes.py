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
from dicom_widgets.dicom.conformance import DEFLATED, EXPLICIT, IMPLICIT, RECEIVED_SYNTAXES, STORAGE
from tests import samples
from tests.peers.listener.sending import moving
from tests.peers.loopback import HOST, environment, free_port
from tests.peers.misbehaving import store_bytes, storing

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


OTHER_CLASSES = [
    "1.2.840.10008.5.1.4.1.1.88.40",  # Procedure Log
    "1.2.840.10008.5.1.4.1.1.77.1.6",  # VL Whole Slide Microscopy
    "1.2.840.10008.5.1.4.1.1.9.4.1",  # Basic Voice Audio
    "1.2.276.0.7230010.3.1.0.1",  # private
    "1.2.840.10008.5.1.4.1.2.2.1",  # a query
]
OTHER_SYNTAXES = ["1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.53", "1.2.840.113619.5.2"]


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
