"""C-ECHO with real peers, and each way in which an association fails: the right class, and a sentence that helps."""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
import time
import warnings

import pytest
from pynetdicom import AE, evt
from pynetdicom.dimse_primitives import C_ECHO
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import CTImageStorage, Verification

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom import conformance
from dicom_widgets.network.association import association as associations
from dicom_widgets.sources.local import LocalAE
from tests.peers.loopback import HOST, free_port
from tests.peers.misbehaving import Misbehaving, closing
from tests.peers.orthanc import Orthanc

CT = str(CTImageStorage)


@pytest.fixture
def session():
    with dw.Session("NOTEBOOK", listen_port=0) as made:
        yield made


@pytest.fixture
def says():
    """Do something that fails; return the sentence, after a look at what each one must have."""

    def run(error, remote, action):
        start = time.monotonic()
        with pytest.raises(error) as caught:
            action()
        assert caught.type is error
        sentence = str(caught.value)
        assert remote.ae_title in sentence  # with whom
        assert f"{remote.host}:{remote.port}" in sentence
        assert sentence.endswith((".", "?"))
        assert ". " in sentence or ", " in sentence  # why, and what to do
        return sentence, time.monotonic() - start

    return run


ACTIONS = ["echo", "find", "tree", "retrieve"]


@pytest.fixture(scope="module")
def rejecting():
    with Misbehaving("reject") as peer:
        yield peer.remote


@pytest.fixture(scope="module")
def refusing():
    with Misbehaving("refuse") as peer:
        yield peer.remote


@pytest.fixture(scope="module")
def mute():
    with Misbehaving("mute") as peer:
        yield peer


def act(session, remote, name):
    study = dw.Entity.of("1.2.3", sop_classes=[CT])
    return {
        "echo": lambda: session.echo(remote),
        "find": lambda: session.find(remote),
        "tree": lambda: session.tree(remote),
        "retrieve": lambda: session.retrieve(remote, study, progress=False),
    }[name]


def ours(before):
    """Threads that are new since; those of peers in this process are acceptors."""
    return [t for t in set(threading.enumerate()) - before if "Acceptor" not in t.name]


# --- what works


def test_a_real_peer_answers_an_echo_within_a_second(session, pacs):
    assert 0 < session.echo(pacs.remote) < 1
    assert session.busy == ""


def test_a_peer_that_is_named_instead_of_numbered_answers(session, pacs):
    assert session.echo(pacs.remote_with(host="localhost")) > 0


def test_nothing_is_left_of_an_association_when_its_call_returns(session, pacs):
    before = set(threading.enumerate())
    for _ in range(5):
        session.echo(pacs.remote)
        session.find(pacs.remote)
        assert ours(before) == []


def test_the_association_carries_our_title_and_the_implementation_of_the_statement(session):
    seen = []

    def look(event):
        who = event.assoc.requestor
        seen.append((who.primitive, who.implementation_version_name, str(who.implementation_class_uid)))

    ae = AE("PEER")
    ae.add_supported_context(Verification)
    server = ae.start_server(
        (HOST, 0), block=False, evt_handlers=[(evt.EVT_CONN_OPEN, closing), (evt.EVT_ACCEPTED, look)]
    )
    try:
        session.echo(dw.RemoteAE("PEER", HOST, server.server_address[1]))
    finally:
        server.shutdown()
    ((request, version, class_uid),) = seen
    assert (request.calling_ae_title, request.called_ae_title) == ("NOTEBOOK", "PEER")
    assert version == "DICOM_WIDGETS_01"
    assert class_uid == conformance.IMPLEMENTATION_CLASS_UID
    assert request.maximum_length_received == 16384
    (context,) = request.presentation_context_definition_list
    assert [str(s) for s in context.transfer_syntax] == ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2"]


@pytest.mark.parametrize("action", ["find", "retrieve"])
def test_the_size_of_pdus_that_the_session_was_given_is_announced(action):
    sizes = []
    ae = AE("PEER")
    ae.add_supported_context(Verification)
    handlers = [
        (evt.EVT_CONN_OPEN, closing),
        (evt.EVT_REQUESTED, lambda event: sizes.append(event.assoc.requestor.primitive.maximum_length_received)),
    ]
    server = ae.start_server((HOST, 0), block=False, evt_handlers=handlers)
    try:
        with dw.Session(max_pdu=65536, listen_port=0) as session, pytest.raises(errors.ContextsRefused):
            act(session, dw.RemoteAE("PEER", HOST, server.server_address[1]), action)()
    finally:
        server.shutdown()
    assert sizes == [65536]


# --- no connection


@pytest.mark.parametrize("action", ACTIONS)
def test_a_closed_port_is_told_as_such(session, says, action):
    remote = dw.RemoteAE("PACS", HOST, free_port())
    sentence, seconds = says(errors.ConnectionFailed, remote, act(session, remote, action))
    assert "Nothing listens" in sentence
    assert "Is the peer running" in sentence
    assert seconds < 2


@pytest.mark.parametrize("host", ["no-such-host.invalid", "two..dots", "a" * 70 + ".invalid"])
@pytest.mark.parametrize("action", ["echo", "retrieve"])
def test_an_unknown_host_name_is_told_as_such(session, says, host, action):
    remote = dw.RemoteAE("PACS", host, 104)
    sentence, _ = says(errors.ConnectionFailed, remote, act(session, remote, action))
    assert repr(host) in sentence
    assert "not known here" in sentence
    assert "Correct it" in sentence


def test_a_host_that_drops_what_is_sent_to_it_is_given_up_after_the_connect_timeout(session, says):
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen(0)
        crowd = [socket.socket() for _ in range(4)]  # the queue of the kernel is full: further SYNs are dropped
        try:
            for one in crowd:
                one.setblocking(False)
                one.connect_ex(server.getsockname())
            remote = dw.RemoteAE("PACS", HOST, server.getsockname()[1], connect_timeout=0.5)
            sentence, seconds = says(errors.ConnectionFailed, remote, act(session, remote, "echo"))
        finally:
            for one in crowd:
                one.close()
    assert "did not answer the connection within 0.5 s" in sentence
    assert "firewall" in sentence
    assert 0.5 <= seconds < 1.5


# --- no association


@pytest.mark.parametrize("action", ACTIONS)
def test_a_silent_peer_is_given_up_after_the_acse_timeout(session, says, misbehaving, action):
    remote = misbehaving("silent").remote_with(acse_timeout=0.5, dimse_timeout=60)
    sentence, seconds = says(errors.ConnectionFailed, remote, act(session, remote, action))
    assert "did not answer the association request of 'NOTEBOOK' within 0.5 s" in sentence
    assert "may not be a DICOM port" in sentence
    assert 0.5 <= seconds < 2


@pytest.fixture
def no_dicom():
    """Start a peer that answers the first bytes with others, and hangs up."""
    threads = []

    def start(answer):
        server = socket.create_server((HOST, 0))

        def serve():
            with server, server.accept()[0] as connection:
                connection.recv(10)
                connection.sendall(answer)

        threads.append(threading.Thread(target=serve, name="Acceptor of one"))
        threads[-1].start()
        return dw.RemoteAE("WEB", HOST, server.getsockname()[1], acse_timeout=3)

    yield start
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(100), b"\xff" * 100])
def test_a_peer_that_is_no_dicom_peer_is_told_from_one(session, says, no_dicom, answer):
    remote = no_dicom(answer)
    sentence, seconds = says(errors.ConnectionFailed, remote, act(session, remote, "echo"))
    assert "may not be a DICOM port" in sentence
    assert seconds < 5


@pytest.mark.parametrize("action", ACTIONS)
def test_a_rejection_says_which_title_was_wrong(session, says, rejecting, action):
    sentence, seconds = says(errors.AssociationRejected, rejecting, act(session, rejecting, action))
    assert "rejected the association of 'NOTEBOOK'" in sentence
    assert "its AE title is not 'MISBEHAVING'" in sentence
    assert seconds < 2


def test_a_wrong_title_at_dcmqrscp_is_always_a_rejection_although_it_hangs_up_at_once(session, says, dcmqrscp):
    remote = dcmqrscp.remote_with(ae_title="WRONG")
    sentences = {says(errors.AssociationRejected, remote, act(session, remote, "echo"))[0] for _ in range(10)}
    assert len(sentences) == 1
    assert "its AE title is not 'WRONG'" in sentences.pop()
    assert session.echo(dcmqrscp.remote) > 0


def test_a_caller_that_dcmqrscp_does_not_know_is_rejected(session, says, start_dcmqrscp):
    remote = start_dcmqrscp(callers=["SOMEBODY"]).remote
    sentence, _ = says(errors.AssociationRejected, remote, act(session, remote, "find"))
    assert "NOTEBOOK" in sentence
    with dw.Session("SOMEBODY", listen_port=0) as known:
        assert known.find(remote) == []


@pytest.mark.parametrize("action", ACTIONS)
def test_a_wrong_title_at_an_orthanc_that_checks_it_is_a_rejection(session, says, checking_orthanc, action):
    remote = checking_orthanc.remote_with(ae_title="WRONG")
    sentence, _ = says(errors.AssociationRejected, remote, act(session, remote, action))
    assert "its AE title is not 'WRONG'" in sentence
    assert session.echo(checking_orthanc.remote) > 0


@pytest.fixture(scope="module")
def checking_orthanc(orthanc_here):
    """One that minds its own title, and talks to nobody but us."""
    allowed = dict.fromkeys((f"DicomAlwaysAllow{what}" for what in ("Echo", "Find", "Get", "Move", "Store")), False)
    with Orthanc(peers={"NOTEBOOK": free_port()}, DicomCheckCalledAet=True, **allowed) as pacs:
        yield pacs


def test_an_orthanc_that_does_not_know_us_says_so(says, checking_orthanc):
    remote = checking_orthanc.remote
    with dw.Session("SOMEBODY", listen_port=0) as session:
        sentence, _ = says(errors.AssociationRejected, remote, act(session, remote, "echo"))
    assert "does not know our AE title 'SOMEBODY'" in sentence
    assert "Add it to the peer's list" in sentence


# --- no service


@pytest.mark.parametrize(
    ("action", "service"), [("echo", "Verification"), ("find", "FIND"), ("tree", "FIND"), ("retrieve", "GET")]
)
def test_refused_contexts_are_named_with_what_they_were_for(session, says, refusing, action, service):
    sentence, seconds = says(errors.ContextsRefused, refusing, act(session, refusing, action))
    assert "accepted the association of 'NOTEBOOK' but not what it is for" in sentence
    assert service in sentence
    assert "Explicit VR Little Endian" in sentence
    assert "administrator" in sentence
    assert seconds < 2


def test_a_peer_that_stores_but_does_not_offer_c_get_refuses_the_retrieval(session, says):
    ae = AE("STORE")
    ae.add_supported_context(CTImageStorage, scu_role=True, scp_role=True)
    server = ae.start_server((HOST, 0), block=False, evt_handlers=[(evt.EVT_CONN_OPEN, closing)])
    try:
        remote = dw.RemoteAE("STORE", HOST, server.server_address[1])
        sentence, _ = says(errors.ContextsRefused, remote, act(session, remote, "retrieve"))
    finally:
        server.shutdown()
    assert "GET" in sentence
    assert "CT Image Storage" not in sentence


# --- no answer


@pytest.mark.parametrize(("action", "what"), [("echo", "C-ECHO"), ("find", "C-FIND"), ("retrieve", "C-GET")])
def test_a_mute_peer_is_given_up_after_the_dimse_timeout(session, says, mute, action, what):
    remote = mute.remote_with(dimse_timeout=0.5, acse_timeout=60)
    sentence, seconds = says(errors.AssociationAborted, remote, act(session, remote, action))
    assert f"did not answer the {what} within 0.5 s" in sentence
    assert "try again, or raise dimse_timeout" in sentence
    assert 0.5 <= seconds < 2


def test_a_peer_that_freezes_is_given_up_after_the_dimse_timeout_and_the_second_for_the_abort(says, start_dcmqrscp):
    pacs = start_dcmqrscp()
    remote = pacs.remote_with(acse_timeout=0.5, dimse_timeout=0.5)
    before = set(threading.enumerate())
    with dw.Session(listen_port=0) as session:
        os.killpg(pacs.process.pid, signal.SIGSTOP)
        try:
            sentence, seconds = says(errors.ConnectionFailed, remote, act(session, remote, "echo"))
        finally:
            os.killpg(pacs.process.pid, signal.SIGCONT)
        assert "did not answer the association request" in sentence
        assert seconds < 3
        assert session.echo(pacs.remote) > 0
    assert ours(before) == []


def test_a_query_that_the_peer_refuses_has_its_status_and_comment(session, says, misbehaving):
    remote = misbehaving("trickle").remote  # has no C-FIND: pynetdicom answers 0xC311
    sentence, _ = says(errors.QueryFailed, remote, act(session, remote, "find"))
    assert "refused the STUDY query" in sentence
    assert "0xC311" in sentence


# --- afterwards


@pytest.mark.parametrize("habit", ["silent", "mute", "reject", "refuse", "abort"])
def test_the_session_is_free_and_whole_after_each_failure(session, misbehaving, pacs, habit):
    before = set(threading.enumerate())
    with_habit = misbehaving(habit).remote_with(acse_timeout=0.3, dimse_timeout=0.3)
    for action in ("find", "retrieve"):
        with pytest.raises(errors.NetworkError):
            session.retrieve(with_habit, dw.Entity.of("1.2"), progress=False) if action == "retrieve" else session.find(
                with_habit
            )
        assert session.busy == ""
        assert [t for t in ours(before) if "silent peer" not in t.name and "run_reactor" not in t.name] == []
    assert session.echo(pacs.remote) > 0


def test_what_another_thread_says_after_we_hung_up_breaks_nothing(pacs):
    """A response behind the abort is an error of the state machine (PS3.8 9.2): its thread would end with it."""
    with associations.associate(pacs.remote, LocalAE("NOTEBOOK"), [build_context(Verification)]) as association:

        def abort():
            association._sent_abort = True
            association.acse.send_abort(0x00)
            response = C_ECHO()
            response.MessageIDBeingRespondedTo, response.Status = 1, 0
            association.dimse.send_msg(response, 1)  # as a thread does that is storing an instance
            association.kill()

        association.abort = abort
        associations.hang_up(association)
        assert not association.dul.is_alive()
        assert association.dul.state_machine.current_state == "Sta1"


def test_no_socket_is_left_open_by_failures(session, rejecting, no_dicom):
    """Python warns of sockets that nobody closed, and warnings are errors here."""
    closed = dw.RemoteAE("PACS", HOST, free_port())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        for _ in range(5):
            with pytest.raises(errors.ConnectionFailed):
                session.echo(closed)
            with pytest.raises(errors.AssociationRejected):
                session.echo(rejecting)
            for answer in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"):
                with pytest.raises(errors.ConnectionFailed):
                    session.echo(no_dicom(answer))
        gc.collect()
    assert [str(w.message) for w in caught] == []
