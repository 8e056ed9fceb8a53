"""The practice PACS spoken to by DCMTK, pynetdicom and requests."""

from __future__ import annotations

import io
import re
import socket
import subprocess
import threading
import time
from types import SimpleNamespace

import pydicom
import pytest
import requests
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.presentation import build_context

from dicom_widgets.dicom.conformance import FIND, GET, MOVE, STORAGE, TRANSFER_SYNTAXES
from dicom_widgets.practice import PracticePacs, people
from dicom_widgets.practice.phantom import HEAD_CT, SPINE_MR
from tests.peers.loopback import HOST, environment, free_port
from tests.peers.misbehaving import keeps_its_answers

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT, IMPLICIT = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2"


@pytest.fixture(scope="module")
def pacs():
    """One for all tests that do not disturb each other."""
    with PracticePacs() as practice:
        yield practice


@pytest.fixture
def run(dcmtk, pacs, tmp_path):
    """Run a DCMTK tool against the PACS; return its exit code and what it said."""

    def call(name, *options, port=None, files=()):
        done = subprocess.run(
            [dcmtk(name), *options, HOST, str(port or pacs.remote.port), *files],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
            cwd=tmp_path,
            env=environment(nodelay=True),
        )
        return done.returncode, done.stdout + done.stderr

    return call


def identifier(**keys):
    dataset = Dataset()
    for keyword, value in keys.items():
        setattr(dataset, keyword, value)
    return dataset


def associate(pacs, contexts, **options):
    association = AE("TESTER").associate(HOST, pacs.remote.port, contexts=contexts, **options)
    assert association.is_established
    keeps_its_answers(association)
    return association


def find(pacs, **keys):
    """Return the answers and the final status."""
    association = associate(pacs, [build_context(FIND)])
    try:
        responses = list(association.send_c_find(identifier(**keys), FIND))
    finally:
        association.release()
    return [answer for _, answer in responses if answer is not None], responses[-1][0]


def get(pacs, keys, contexts, at_store=lambda association, number: None):
    """Return the instances that came (syntax, data set) and the responses."""
    received = []

    def keep(event):
        received.append((str(event.context.transfer_syntax), event.dataset))
        at_store(event.assoc, len(received))
        return 0

    roles = [build_role(uid, scp_role=True) for uid in {str(context.abstract_syntax) for context in contexts}]
    association = associate(
        pacs, [build_context(GET), *contexts], ext_neg=roles, evt_handlers=[(evt.EVT_C_STORE, keep)]
    )
    try:
        responses = list(association.send_c_get(identifier(**keys), GET))
    finally:
        association.release()
    return received, responses


@pytest.fixture
def listener():
    """A storage SCP in this process: its address, what it has received, and what to do at each store."""
    received, hooks = [], []

    def keep(event):
        received.append((str(event.context.transfer_syntax), event.dataset, event.request))
        for hook in hooks:
            hook(len(received))
        return 0

    ae = AE("LISTENER")
    for uid in STORAGE:
        ae.add_supported_context(uid, list(TRANSFER_SYNTAXES))
    server = ae.start_server((HOST, 0), block=False, evt_handlers=[(evt.EVT_C_STORE, keep)])
    yield (HOST, server.server_address[1]), received, hooks
    ae.shutdown()


# ------------------------------------------------------------------------------------------------------------- DCMTK


def test_echoscu_is_answered(run):
    assert run("echoscu") == (0, "")


def test_findscu_gets_names_in_utf_8(run, tmp_path):
    code, _ = run(
        "findscu", "-S", "-X", "-k", "QueryRetrieveLevel=STUDY", "-k", "PatientName", "-k", "StudyInstanceUID"
    )
    assert code == 0
    answers = [pydicom.dcmread(path, force=True) for path in tmp_path.glob("rsp*.dcm")]
    by_uid = {answer.StudyInstanceUID: answer for answer in answers}
    for study in people.OTHERS:
        assert str(by_uid[study.uid].PatientName) == study.patient.name
        assert by_uid[study.uid].get("SpecificCharacterSet", "") == (
            "" if study.patient.name.isascii() else "ISO_IR 192"
        )


@pytest.mark.parametrize(
    ("key", "numbers"),
    [
        ("PatientName=PHANTOM*", {1}),
        ("PatientID=practice-1", set()),
        ("StudyDate=20210101-20231231", {2, 3, 4}),
        ("StudyDate=-20041231", {11}),
        ("ModalitiesInStudy=PR", {1}),
        ("StudyDescription=MR*", {2}),
        ("StudyTime=16-1601", {4}),
    ],
)
def test_findscu_filters(run, tmp_path, key, numbers):
    code, _ = run("findscu", "-S", "-X", "-k", "QueryRetrieveLevel=STUDY", "-k", "IssuerOfPatientID=PRACTICE",
                  "-k", "StudyID", "-k", key)  # fmt: skip
    assert code == 0
    assert {int(pydicom.dcmread(path, force=True).StudyID) for path in tmp_path.glob("rsp*.dcm")} == numbers


def test_findscu_below_a_study_without_its_uid_is_refused(run):
    _, said = run("findscu", "-v", "-S", "-k", "QueryRetrieveLevel=SERIES", "-k", "SeriesInstanceUID")
    assert "DataSetDoesNotMatchSOPClass" in said


def test_a_query_below_a_study_without_its_uid_is_refused_with_a_reason(pacs):
    answers, status = find(pacs, QueryRetrieveLevel="SERIES", SeriesInstanceUID="")
    assert not answers
    assert status.Status == 0xA900
    assert "StudyInstanceUID" in status.ErrorComment


def test_getscu_gets_a_series_whole(run, tmp_path):
    code, _ = run("getscu", "-S", "-k", "QueryRetrieveLevel=SERIES", "-k", f"StudyInstanceUID={SPINE_MR.study.uid}",
                  "-k", f"SeriesInstanceUID={SPINE_MR.uid}", "-od", str(tmp_path))  # fmt: skip
    assert code == 0
    received = [pydicom.dcmread(path) for path in tmp_path.iterdir()]
    assert sorted(int(one.InstanceNumber) for one in received) == list(range(1, 23))
    assert all(one.pixel_array.std() > 50 for one in received)


def test_movescu_moves_to_storescp(run, pacs, dcmtk, tmp_path):
    port = free_port()
    out = tmp_path / "received"
    out.mkdir()
    with subprocess.Popen([dcmtk("storescp"), "-od", str(out), str(port)], env=environment(nodelay=True)) as scp:
        try:
            end = time.monotonic() + 20
            while run("echoscu", port=port)[0] and time.monotonic() < end:
                pass
            pacs.destinations["STORESCP"] = (HOST, port)
            code, said = run("movescu", "-S", "-aem", "STORESCP", "-k", "QueryRetrieveLevel=SERIES",
                             "-k", f"StudyInstanceUID={SPINE_MR.study.uid}",
                             "-k", f"SeriesInstanceUID={SPINE_MR.uid}")  # fmt: skip
        finally:
            pacs.destinations.pop("STORESCP", None)
            scp.terminate()
    assert code == 0, said
    assert len(list(out.iterdir())) == 22


def test_movescu_to_an_unknown_destination_is_refused(run):
    code, said = run("movescu", "-v", "-S", "-aem", "NOBODY", "-k", "QueryRetrieveLevel=STUDY",
                     "-k", f"StudyInstanceUID={HEAD_CT.study.uid}")  # fmt: skip
    assert code != 0
    assert "0xa801" in said.lower() or "MoveDestinationUnknown" in said


def test_storescu_stores(run, pacs, tmp_path):
    dataset = pydicom.dcmread(get_testdata_file("MR_small_implicit.dcm", download=False))
    dataset.StudyInstanceUID = "1.2.3.4.5"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3.4.5.6"
    dataset.save_as(tmp_path / "new.dcm")
    code, said = run("storescu", "-R", "-xi", files=["new.dcm"])
    assert code == 0, said
    answers, _ = find(
        pacs, QueryRetrieveLevel="STUDY", StudyInstanceUID="1.2.3.4.5", NumberOfStudyRelatedInstances=None
    )
    assert [answer.NumberOfStudyRelatedInstances for answer in answers] == [1]


# -------------------------------------------------------------------------------------------------------- pynetdicom


@pytest.mark.parametrize(
    ("character_set", "name", "number"),
    [
        ("ISO_IR 192", "*山田*", 14),
        (["", "ISO 2022 IR 87"], "*山田*", 14),
        ("ISO_IR 192", "modèle^jérôme", 11),
        ("ISO_IR 100", "Modèle^J?r?me", 11),
        ("ISO_IR 126", "παράδειγμα*", 12),
        ("ISO_IR 144", "примеров*", 13),
        (["", "ISO 2022 IR 149"], "김*", 15),
        ("ISO_IR 138", "דוגמה*", 16),
        ("ISO_IR 192", "przykładowa*", 17),
    ],
)
def test_patients_are_found_by_their_own_script(pacs, character_set, name, number):
    answers, status = find(
        pacs, SpecificCharacterSet=character_set, QueryRetrieveLevel="STUDY", PatientName=name, StudyID=""
    )
    assert [answer.StudyID for answer in answers] == [str(number)]
    assert status.Status == 0


def test_a_get_sends_what_it_has_in_its_own_syntax(pacs):
    keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": people.HAND.uid}
    cr = "1.2.840.10008.5.1.4.1.1.1"
    received, responses = get(pacs, keys, [build_context(cr, syntax) for syntax in TRANSFER_SYNTAXES])
    assert [syntax for syntax, _ in received] == ["1.2.840.10008.1.2.4.90"]
    assert responses[-1][0].Status == 0


def test_a_get_converts_to_implicit_where_only_that_was_accepted(pacs):
    keys = {"QueryRetrieveLevel": "IMAGE", "StudyInstanceUID": HEAD_CT.study.uid, "SeriesInstanceUID": HEAD_CT.uid}
    keys["SOPInstanceUID"] = [HEAD_CT.instance_uid(40), HEAD_CT.instance_uid(41)]
    received, responses = get(pacs, keys, [build_context(CT, IMPLICIT)])
    assert [(syntax, one.InstanceNumber) for syntax, one in received] == [(IMPLICIT, 40), (IMPLICIT, 41)]
    assert [status.NumberOfRemainingSuboperations for status, _ in responses[:-1]] == [1, 0]
    assert responses[-1][0].NumberOfCompletedSuboperations == 2


def test_a_get_counts_what_it_cannot_send_and_goes_on(pacs):
    keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": HEAD_CT.study.uid}
    received, responses = get(pacs, keys, [build_context(CT, EXPLICIT)])  # no context for the two states
    status, failed = responses[-1]
    assert len(received) == 64
    assert (status.Status, status.NumberOfCompletedSuboperations, status.NumberOfFailedSuboperations) == (0xB000, 64, 2)
    assert len(failed.FailedSOPInstanceUIDList) == 2


def test_a_get_without_the_unique_key_is_refused(pacs):
    received, responses = get(pacs, {"QueryRetrieveLevel": "STUDY"}, [build_context(CT, EXPLICIT)])
    assert not received
    assert responses[-1][0].Status == 0xA900


def test_a_get_of_nothing_succeeds_with_nothing(pacs):
    keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": "1.2.3"}
    received, responses = get(pacs, keys, [build_context(CT, EXPLICIT)])
    assert not received
    assert responses[-1][0].Status == 0


def test_a_get_can_be_cancelled(pacs):
    def cancel(association, number):
        if number == 3:
            association.send_c_cancel(1, query_model=GET)

    keys = {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": HEAD_CT.study.uid}
    received, responses = get(pacs, keys, [build_context(CT, EXPLICIT)], cancel)
    status = responses[-1][0]
    assert (status.Status, len(received)) == (0xFE00, 3)
    assert (status.NumberOfCompletedSuboperations, status.NumberOfRemainingSuboperations) == (3, 63)


def move(pacs, destination, **keys):
    association = associate(pacs, [build_context(MOVE)])
    try:
        return list(association.send_c_move(identifier(**keys), destination, MOVE))
    finally:
        association.release()


def test_a_move_sends_each_in_its_own_syntax_and_names_the_mover(listener):
    address, received, _ = listener
    with PracticePacs(destinations={"LISTENER": address}) as pacs:
        responses = move(
            pacs,
            "LISTENER",
            QueryRetrieveLevel="STUDY",
            StudyInstanceUID=[people.HAND.uid, people.EYE.uid],
        )
    assert responses[-1][0].Status == 0
    assert [syntax for syntax, _, _ in received] == ["1.2.840.10008.1.2.4.90", EXPLICIT]
    assert {request.MoveOriginatorApplicationEntityTitle for *_, request in received} == {"PRACTICE"}


def test_no_answer_to_a_move_is_taken_by_the_thread_that_looks_for_requests(listener, monkeypatch):
    class Hesitant(threading.Event):
        """One that who waited leaves late, as on a busy machine: the next request has been sent by then."""

        def wait(self, timeout=None):
            done = super().wait(timeout)
            time.sleep(0.02)
            return done

    address, received, _ = listener
    with PracticePacs(destinations={"LISTENER": address}) as pacs:
        peer = associate(pacs, [build_context(MOVE)])
        hesitant = SimpleNamespace(**{**vars(threading), "Event": Hesitant})
        monkeypatch.setattr("pynetdicom.association.threading", hesitant)
        keys = identifier(QueryRetrieveLevel="STUDY", StudyInstanceUID=HEAD_CT.study.uid)
        status = list(peer.send_c_move(keys, "LISTENER", MOVE))[-1][0]
        peer.release()
    assert (status.Status, len(received)) == (0, 66)


def test_a_move_can_be_cancelled(listener):
    address, received, hooks = listener
    with PracticePacs(destinations={"LISTENER": address}) as pacs:
        association = associate(pacs, [build_context(MOVE)])
        hooks.append(lambda number: number == 2 and association.send_c_cancel(1, query_model=MOVE))
        keys = identifier(QueryRetrieveLevel="STUDY", StudyInstanceUID=HEAD_CT.study.uid)
        status = list(association.send_c_move(keys, "LISTENER", MOVE))[-1][0]
        association.release()
    assert status.Status == 0xFE00
    assert len(received) == status.NumberOfCompletedSuboperations < 66


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # pynetdicom's, where a connection is refused
def test_a_move_to_where_nobody_listens_fails(pacs):
    pacs.destinations["GONE"] = (HOST, free_port())
    responses = move(pacs, "GONE", QueryRetrieveLevel="STUDY", StudyInstanceUID=people.EYE.uid)
    assert responses[-1][0].Status == 0xA801


@pytest.mark.parametrize("sop_class", ["1.2.840.10008.5.1.4.1.1.6", "1.2.840.10008.5.1.4.1.1.88.68", CT])
def test_what_is_stored_is_found_and_can_be_got(sop_class):
    dataset = identifier(
        SOPClassUID=sop_class,
        SOPInstanceUID="1.2.3.4",
        StudyInstanceUID="1.2",
        SeriesInstanceUID="1.2.3",
        PatientName="New^Ned",
        Modality="OT",
    )
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = EXPLICIT
    with PracticePacs() as pacs:
        association = associate(pacs, [build_context(sop_class, EXPLICIT)])
        assert association.send_c_store(dataset).Status == 0
        association.release()
        (answer,), _ = find(pacs, QueryRetrieveLevel="STUDY", StudyInstanceUID="1.2", PatientName="")
        received, _ = get(
            pacs, {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": "1.2"}, [build_context(sop_class, EXPLICIT)]
        )
    assert str(answer.PatientName) == "New^Ned"
    assert [one.SOPInstanceUID for _, one in received] == ["1.2.3.4"]


def test_every_instance_can_be_got(pacs):
    """Also the objects of the pydicom wheel: nothing that is listed may be impossible to send."""
    studies, _ = find(pacs, QueryRetrieveLevel="STUDY", StudyInstanceUID="", SOPClassesInStudy="")
    for study in studies:
        classes = study.SOPClassesInStudy
        classes = [classes] if isinstance(classes, str) else list(classes)
        contexts = [build_context(uid, syntax) for uid in classes for syntax in TRANSFER_SYNTAXES]
        _, responses = get(pacs, {"QueryRetrieveLevel": "STUDY", "StudyInstanceUID": study.StudyInstanceUID}, contexts)
        assert responses[-1][0].Status == 0
        assert responses[-1][0].NumberOfFailedSuboperations == 0


# --------------------------------------------------------------------------------------------------------- WADO-URI


def wado(pacs, session=requests, **changed):
    parameters = {
        "requestType": "WADO",
        "studyUID": HEAD_CT.study.uid,
        "seriesUID": HEAD_CT.uid,
        "objectUID": HEAD_CT.instance_uid(7),
        "contentType": "application/dicom",
        **changed,
    }
    return session.get(pacs.wado_uri, params={k: v for k, v in parameters.items() if v is not None}, timeout=10)


def test_wado_gives_a_dicom_file(pacs):
    with requests.Session() as session:
        answers = [wado(pacs, session, objectUID=HEAD_CT.instance_uid(number)) for number in (7, 8)]
    for answer, number in zip(answers, (7, 8), strict=True):
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/dicom")
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        assert answer.content[128:132] == b"DICM"
        assert pydicom.dcmread(io.BytesIO(answer.content)).InstanceNumber == number


def test_wado_takes_a_literal_slash_too(pacs):
    uids = f"studyUID={HEAD_CT.study.uid}&seriesUID={HEAD_CT.uid}&objectUID={HEAD_CT.instance_uid(1)}"
    address = f"{pacs.wado_uri}?requestType=WADO&{uids}&contentType=application/dicom"
    assert requests.get(address, timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"objectUID": "1.2.3"}, 404),
        ({"studyUID": "1.2.3"}, 404),
        ({"objectUID": None}, 400),
        ({"requestType": None}, 400),
        ({"requestType": "wado"}, 400),
        ({"contentType": "image/png"}, 400),
        ({"contentType": None}, 400),
    ],
)
def test_wado_says_what_is_wrong(pacs, changed, status):
    answer = wado(pacs, **changed)
    assert answer.status_code == status
    assert answer.json()["HttpStatus"] == status
    assert answer.json()["Message"]


def test_both_servers_are_on_loopback_only(pacs):
    assert re.match(r"http://127\.0\.0\.1:\d+/wado", pacs.wado_uri)
    assert pacs.remote.host == "127.0.0.1"
    assert pacs.remote.wado_uri == pacs.wado_uri
    assert pacs.remote.invented


# ---------------------------------------------------------------------------------------------------------- closing


def test_close_ends_everything_and_may_be_called_twice():
    before = set(threading.enumerate())
    pacs = PracticePacs()
    session = requests.Session()
    wado(pacs, session)  # a connection that is kept alive
    association = associate(pacs, [build_context(FIND)])
    pacs.close()
    pacs.close()
    association.join()
    session.close()
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert not set(threading.enumerate()) - before
    for port in (pacs.remote.port, int(pacs.wado_uri.split(":")[2].split("/")[0])):
        with pytest.raises(OSError), socket.create_connection((HOST, port), 1):
            pass


def test_two_of_them_do_not_share_anything():
    with PracticePacs(ae_title="ONE") as one, PracticePacs(ae_title="TWO") as two:
        one.add(identifier(SOPClassUID=CT, SOPInstanceUID="1.2.9", StudyInstanceUID="1.2.7", SeriesInstanceUID="1.2.8"))
        found = [len(find(pacs, QueryRetrieveLevel="STUDY", StudyInstanceUID="1.2.7")[0]) for pacs in (one, two)]
    assert found == [1, 0]


def test_it_starts_quickly():
    start = time.perf_counter()
    pacs = PracticePacs()
    seconds = time.perf_counter() - start
    pacs.close()
    assert seconds < 1.5
