"""The fast receiving path beside the bounded one and stock pynetdicom: the same bytes, events and outcomes."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from socketserver import BaseServer
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.sop_class import CTImageStorage, Verification
from pynetdicom.transport import AssociationServer

from dicom_widgets import errors
from dicom_widgets.network.association import association as associations
from dicom_widgets.network.remote import RemoteAE
from dicom_widgets.network.transport import fast
from dicom_widgets.network.transport.bounds import bound
from dicom_widgets.sources.local import LocalAE
from tests.peers import wire
from tests.peers.certificates import Authority
from tests.peers.loopback import HOST
from tests.peers.misbehaving import closing
from tests.peers.wire import Wire

KINDS = ("fast", "bounded", "stock")
ROOM = 1 << 28
WATCHED = {
    "accepted": evt.EVT_ACCEPTED,
    "rejected": evt.EVT_REJECTED,
    "released": evt.EVT_RELEASED,
    "aborted": evt.EVT_ABORTED,
    "closed": evt.EVT_CONN_CLOSE,
}


@pytest.fixture(autouse=True)
def nothing_is_left():
    """No thread of an association outlives its test, and none ends by an exception."""
    before, broken = set(threading.enumerate()), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", broken.append)
        yield
        for thread in set(threading.enumerate()) - before:
            thread.join(5)
    assert [t.name for t in set(threading.enumerate()) - before] == []
    assert [repr(b.exc_value) for b in broken] == []


class Log:
    """What happened on an association, by event: the order between two threads is no matter."""

    def __init__(self) -> None:
        self.seen: dict[str, list[Any]] = defaultdict(list)
        self.handlers: list[Any] = [
            (event, lambda _, name=name: self.seen[name].append(True)) for name, event in WATCHED.items()
        ]
        self.handlers += [(evt.EVT_DIMSE_RECV, self._message), (evt.EVT_C_STORE, self._store)]

    def _message(self, event: Any) -> None:
        data = event.message.data_set
        held = digest(data.getvalue()) if data else None
        self.seen["messages"].append((type(event.message).__name__, event.message.context_id, held))

    def _store(self, event: Any) -> int:
        self.seen["stored"].append((event.request.AffectedSOPInstanceUID, digest(event.request.DataSet.getvalue())))
        return 0


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


@contextmanager
def kind_of(kind):
    with pytest.MonkeyPatch.context() as patch:
        if kind != "fast":
            patch.setattr(fast, "KNOWN", "no version")
        yield


@contextmanager
def acceptor(kind, log, *, max_pdu=16384, tls=None, title="RECEIVER", patience=5.0):
    """Serve C-ECHO and C-STORE; yield the port."""
    ae = AE(title)
    ae.require_called_aet = True
    ae.maximum_pdu_size, ae.acse_timeout, ae.dimse_timeout, ae.network_timeout = max_pdu, 5, 5, 5
    ae.maximum_associations = 50
    ae.add_supported_context(Verification)
    ae.add_supported_context(CTImageStorage)

    def opened(event):
        if kind == "stock":
            closing(event)
        else:
            bound(event.assoc, patience)
            fast.quicken(event.assoc, lambda: ROOM)

    handlers = [*log.handlers, (evt.EVT_CONN_OPEN, opened), (evt.EVT_C_ECHO, lambda _: 0)]
    with kind_of(kind), pytest.MonkeyPatch.context() as patch:
        patch.setattr(AssociationServer, "serve_forever", lambda server: BaseServer.serve_forever(server, 0.02))
        server = ae.start_server((HOST, 0), block=False, evt_handlers=handlers, ssl_context=tls)
        try:
            yield server.server_address[1]
        finally:
            running = ae.active_associations
            server.shutdown()
            for association in running:
                association.join(5)
                association.dul.join(5)


def received(kind, play, **options):
    """What an acceptor has seen of a sender that plays by itself, and what the sender got."""
    log = Log()
    with acceptor(kind, log, **options) as port, Wire.to(port) as sender:
        got = play(sender)
    return dict(log.seen), got


def stored(uid, data, size=16378, *, number=1, together=False):
    return wire.message(wire.STORE_CONTEXT, wire.store_command(uid, number), data, size, together=together)


def one_by_one(sender, messages, end=wire.RELEASE):
    """Send messages, each after the answer to the one before; return the types of all PDUs that came."""
    heard = []
    for each in messages:
        sender.say(each)
        heard.append(sender.hear()[0])
    sender.say(end)
    return heard + sender.rest()


# --- the same bytes and events for who is sent to


DATA = [bytes(range(256)) * 500, b"", b"\1", b"odd", bytes(3 << 20)]


@pytest.mark.parametrize("max_pdu", [4096, 16384, 65536, 0])
def test_data_sets_of_all_lengths_are_the_same_for_each_size_of_pdu(max_pdu):
    size = (max_pdu or (2 << 20)) - 6
    messages = [stored(f"1.2.{i}", data, size, number=i + 1) for i, data in enumerate(DATA)]
    seen = {k: received(k, lambda s: one_by_one(s.associate(), messages), max_pdu=max_pdu) for k in KINDS}
    assert seen["fast"] == seen["bounded"] == seen["stock"]
    events, heard = seen["fast"]
    assert events["stored"] == [(f"1.2.{i}", digest(data)) for i, data in enumerate(DATA)]
    assert (events["accepted"], events["released"], events["closed"]) == ([True], [True], [True])
    assert heard == [4] * len(DATA) + [6]


def test_a_data_set_of_100_mb_is_the_same():
    data = b"0123456789abcdef" * (100 * (1 << 20) // 16)
    sent = stored("1.2.3", data, 65530)
    seen = {k: received(k, lambda s: one_by_one(s.associate(), [sent]), max_pdu=65536) for k in KINDS}
    assert seen["fast"] == seen["bounded"] == seen["stock"]
    assert seen["fast"][0]["stored"] == [("1.2.3", digest(data))]


ODD = {
    "fragments of one byte": stored("1.2.3", b"some data", 1),
    "fragments of one byte in one PDU": stored("1.2.3", b"some data" * 50, 1, together=True),
    "command and data in one PDU": stored("1.2.3", b"some data", together=True),
    "a last fragment of no length": b"".join(
        wire.pdu(4, p)
        for p in (
            *wire.fragments(3, 1, wire.store_command("1.2.3"), 9999),
            wire.pdv(3, 0, b"some data"),
            wire.pdv(3, 2, b""),
        )
    ),
    "fragments of no length everywhere": b"".join(
        wire.pdu(4, p)
        for p in (
            wire.pdv(3, 1, b""),
            *wire.fragments(3, 1, wire.store_command("1.2.3"), 50),
            wire.pdv(3, 0, b""),
            wire.pdv(3, 0, b"x"),
            wire.pdv(3, 0, b""),
            wire.pdv(3, 2, b""),
        )
    ),
    "a PDU without a fragment": wire.pdu(4) + stored("1.2.3", b"some data"),
    "reserved bits in the head of a fragment": wire.pdu(
        4, wire.pdv(3, 0xF3, wire.store_command("1.2.3")) + wire.pdv(3, 0xF2, b"some data")
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_unusual_but_right_is_the_same(what):
    seen = {k: received(k, lambda s: one_by_one(s.associate(), [ODD[what]])) for k in KINDS}
    assert seen["fast"] == seen["bounded"] == seen["stock"]
    assert len(seen["fast"][0]["stored"]) == 1


def test_all_that_can_come_at_once_may_come_in_single_bytes():
    log, stream = Log(), stored("1.2.3", b"some data") + wire.RELEASE
    with acceptor("fast", log) as port, Wire.to(port) as sender:
        for byte in wire.pieces(wire.request(), 1):
            sender.say(byte)
        assert sender.hear()[0] == 2
        for byte in wire.pieces(stream, 1):
            sender.say(byte)
        assert sender.rest() == [4, 6]
    assert log.seen["stored"] == [("1.2.3", digest(b"some data"))]


@pytest.mark.parametrize(("end", "outcome"), [(wire.RELEASE, "released"), (wire.ABORT, "aborted")])
def test_the_end_may_come_in_one_piece_with_the_last_data(end, outcome):
    for i in range(20):  # stock pynetdicom loses the instance now and then
        log = Log()
        with acceptor("fast", log) as port, Wire.to(port) as sender:
            sender.associate().say(stored("1.2.3", bytes(100 * i)) + end)
            heard = sender.rest()
        assert log.seen["stored"] == [("1.2.3", digest(bytes(100 * i)))]
        assert log.seen[outcome] == [True]
        assert heard == [4, 6] or outcome == "aborted"


BEGUN = wire.message(3, wire.store_command("1.2.9"), None) + wire.pdu(4, wire.pdv(3, 0, b"x" * 100))
"""A data set of which more should come."""
PART = stored("1.2.9", bytes(100_000))[:50_000]
ENDINGS = {
    "abort in the middle of a data set": BEGUN + wire.ABORT,
    "nothing in the middle of a data set": BEGUN,
    "nothing in the middle of a PDU": PART,
    "an association request": wire.request(),
    "an answer to a release that nobody asked for": wire.RELEASED,
}


@pytest.mark.parametrize("what", ENDINGS)
def test_each_end_has_the_same_events_and_keeps_what_came_before(what):
    def play(sender):
        sender.associate().say(stored("1.2.3", b"whole"))
        assert sender.hear()[0] == 4
        sender.say(ENDINGS[what])
        if "nothing" in what:
            sender.connection.shutdown(socket.SHUT_WR)
        sender.rest()

    seen = {k: received(k, play)[0] for k in KINDS}
    assert seen["fast"] == seen["bounded"] == seen["stock"]
    assert seen["fast"]["stored"] == [("1.2.3", digest(b"whole"))]
    assert seen["fast"]["aborted"] == [True]


def aborting(kind, sent):
    """Abort as the receiver behind something that was sent; return what the sender heard, and the events."""
    log, held = Log(), []
    log.handlers.append((evt.EVT_ACCEPTED, lambda event: held.append(event.assoc)))
    with acceptor(kind, log) as port, Wire.to(port) as sender:
        sender.associate().say(sent)
        time.sleep(0.05)
        held[0].abort()
        return sender.rest(), dict(log.seen)


def test_an_abort_by_the_receiver_in_the_middle_of_a_data_set_reaches_the_sender():
    seen = {k: aborting(k, BEGUN) for k in KINDS}
    assert seen["fast"][1] == seen["bounded"][1] == seen["stock"][1]
    assert seen["fast"][0] == [7]  # stock pynetdicom often closes the connection before it has said so


def test_an_abort_by_the_receiver_does_not_wait_for_the_rest_of_a_pdu():
    assert aborting("fast", PART)[0] == [7]


def test_an_association_that_is_rejected_has_the_same_events():
    def play(sender):
        sender.say(wire.request())
        return sender.rest()

    seen = {k: received(k, play, title="ANOTHER") for k in KINDS}
    assert seen["fast"] == seen["bounded"] == seen["stock"]
    assert seen["fast"][1] == [3]


def test_many_senders_at_once_do_not_get_into_each_others_way():
    def send(port, number):
        with Wire.to(port) as sender:
            sender.associate()
            messages = [stored(f"1.{number}.{i}", bytes([number, i]) * 50_000, number=i + 1) for i in range(10)]
            assert one_by_one(sender, messages) == [4] * 10 + [6]

    log = Log()
    with acceptor("fast", log) as port:
        threads = [threading.Thread(target=send, args=(port, n)) for n in range(1, 9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    expected = {(f"1.{n}.{i}", digest(bytes([n, i]) * 50_000)) for n in range(1, 9) for i in range(10)}
    assert set(log.seen["stored"]) == expected
    assert len(log.seen["stored"]) == 80
    assert len(log.seen["released"]) == 8


def test_over_tls_the_same_comes(tmp_path):
    authority = Authority(tmp_path, "authority")
    own = authority.issue("server")
    messages = [stored(f"1.2.{i}", data, number=i + 1) for i, data in enumerate(DATA)]
    seen = {}
    for kind in KINDS:
        log = Log()
        server, client = authority.server(own, mutual=False), authority.client()
        with acceptor(kind, log, tls=server) as port, Wire.to(port, tls=client) as sender:
            heard = one_by_one(sender.associate(), messages, wire.ABORT)
        seen[kind] = (heard, dict(log.seen))
    assert seen["fast"] == seen["bounded"] == seen["stock"]
    assert len(seen["fast"][1]["stored"]) == len(DATA)


# --- whatever comes


@pytest.fixture(scope="module")
def hardened():
    log = Log()
    with acceptor("fast", log, patience=1) as port:
        yield port


STREAM = wire.request() + stored("1.2.3", bytes(2000), 500) + wire.message(1, wire.echo_command(), None) + wire.RELEASE


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_changed_stream_ends_its_association_without_an_exception(hardened, data):
    changed = bytearray(STREAM)
    for _ in range(data.draw(st.integers(1, 5))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with Wire.to(hardened, seconds=8) as sender:
        with contextlib.suppress(ConnectionError):
            sender.say(bytes(changed))
            sender.connection.shutdown(socket.SHUT_WR)
        sender.rest()  # a time-out is a failure


# --- the same for who asks


@contextmanager
def provider(script, *, associate=True):
    """Answer one association request, and the C-GET over it, by a script; yield a remote."""
    server = socket.create_server((HOST, 0))
    server.settimeout(10)
    failed = []

    def serve():
        connection, _ = server.accept()
        connection.settimeout(10)
        with Wire(connection) as peer:
            try:
                asked = peer.hear()
                if associate:
                    peer.say(wire.accept(asked))
                    peer.hear(), peer.hear()  # command set and identifier
                script(peer)
            except (OSError, AssertionError) as error:
                failed.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield RemoteAE("PROVIDER", HOST, server.getsockname()[1], acse_timeout=2, dimse_timeout=2)
    finally:
        thread.join()
        server.close()
    assert failed == []


@contextmanager
def requestor(kind, remote, log):
    """Associate for C-GET in each way."""
    contexts = [build_context(wire.GET), build_context(CTImageStorage, ExplicitVRLittleEndian)]
    roles = [build_role(CTImageStorage, scp_role=True)]
    if kind != "stock":
        with (
            kind_of(kind),
            associations.associate(
                remote, LocalAE("WE"), contexts, roles=roles, handlers=log.handlers, room=lambda: ROOM
            ) as made,
        ):
            yield made
        return
    ae = AE("WE")
    ae.acse_timeout, ae.dimse_timeout = remote.acse_timeout, remote.dimse_timeout
    made = ae.associate(
        remote.host,
        remote.port,
        contexts,
        ext_neg=roles,
        evt_handlers=[*log.handlers, (evt.EVT_CONN_OPEN, closing)],
    )
    yield made
    if made.is_established:
        made.release()
    made.join(2)
    made.dul.join(2)


def fetched(kind, script, act=None):
    """What a requestor has seen, and the statuses that its C-GET had."""
    log, statuses = Log(), []
    with provider(script) as remote, requestor(kind, remote, log) as association:
        for status, _ in association.send_c_get(wire.identifier(), wire.GET):
            statuses.append(status.get("Status"))
            if act is not None:
                act(association, len(statuses))
    return dict(log.seen), statuses


def each(count, end):
    """A script: so many instances with the answers to them, then `end`."""

    def play(peer):
        for i in range(count):
            peer.say(stored(f"1.2.{i}", bytes([i]) * 40_000 * i, number=i + 1) + (wire.got(0xFF00) if i % 2 else b""))
            assert peer.hear()[0] == 4
        end(peer)

    return play


def goodbye(peer):
    peer.say(wire.got(0))
    assert peer.hear() == wire.RELEASE
    peer.say(wire.RELEASED)


def cancelled(peer):
    peer.say(wire.got(0xFF00))
    assert peer.hear()[0] == 4  # C-CANCEL
    peer.say(wire.got(0xFE00))
    assert peer.hear() == wire.RELEASE
    peer.say(wire.RELEASED)


def silent(peer):
    peer.say(BEGUN)
    assert peer.hear()[:1] == b"\7"


def cancel(association, count):
    if count == 3:
        association.send_c_cancel(1, query_model=wire.GET)


def abort(association, count):
    if count == 3:
        association.abort()


def aborted(peer):
    peer.say(wire.got(0xFF00) + BEGUN)
    while (heard := peer.hear()) and heard[0] != 7:
        pass


FETCHES = {
    "all of it": (each(5, goodbye), None, [0xFF00, 0xFF00, 0], "released"),
    "a cancel": (each(4, cancelled), cancel, [0xFF00, 0xFF00, 0xFF00, 0xFE00], "released"),
    "an abort by the peer in the middle of a data set": (
        each(4, lambda p: p.say(BEGUN + wire.ABORT)),
        None,
        [0xFF00, 0xFF00, None],
        "aborted",
    ),
    "an abort by the peer directly behind the last": (
        each(4, lambda p: p.say(wire.got(0) + wire.ABORT)),
        None,
        [0xFF00, 0xFF00, 0],
        "aborted",
    ),
    "a peer that is gone in the middle of a PDU": (
        each(4, lambda p: p.say(PART)),
        None,
        [0xFF00, 0xFF00, None],
        "aborted",
    ),
    "a peer that falls silent": (each(4, silent), None, [0xFF00, 0xFF00, None], "aborted"),
    "an abort by us in the middle of a data set": (each(4, aborted), abort, [0xFF00, 0xFF00, 0xFF00, None], "aborted"),
}


@pytest.mark.parametrize("what", FETCHES)
def test_a_retrieval_has_the_same_instances_events_and_statuses(what):
    script, act, statuses, outcome = FETCHES[what]
    seen = {k: fetched(k, script, act) for k in KINDS}
    for events, _ in seen.values():  # who of our two threads notices the end is a matter of chance, or both do
        events.update({name: True for name in ("aborted", "closed") if name in events})
        if "directly behind" in what or "gone" in what:
            for name in ("aborted", "released", "closed"):
                events.pop(name, None)
    assert seen["fast"] == seen["bounded"] == seen["stock"]
    events, heard = seen["fast"]
    assert heard == statuses
    assert len(events["stored"]) == 5 if what == "all of it" else 4
    if "directly behind" not in what and "gone" not in what:
        assert events[outcome]


def test_release_and_the_last_answer_may_come_in_one_piece():
    def script(peer):
        peer.say(wire.got(0) + wire.RELEASE)
        if peer.hear()[0] == 5:  # we asked for a release too, so both answer (PS3.8 9.2.3)
            assert peer.hear()[0] == 6
            peer.say(wire.RELEASED)

    for _ in range(5):
        assert fetched("fast", script)[1] == [0]


def test_data_behind_the_request_for_a_release_breaks_nothing():
    def script(peer):
        peer.say(wire.got(0))
        assert peer.hear() == wire.RELEASE
        peer.say(stored("1.2.8", b"late") + wire.RELEASED)

    seen = {k: fetched(k, script) for k in KINDS}
    assert seen["fast"] == seen["bounded"] == seen["stock"]
    assert seen["fast"][0]["released"] == [True]


def test_what_is_no_data_behind_the_request_for_a_release_breaks_nothing():
    def script(peer):
        peer.say(wire.got(0))
        assert peer.hear() == wire.RELEASE
        peer.say(wire.pdu(4, wire.pdv(3, 2, b"no command")))
        peer.rest()

    events, _ = fetched("fast", script)
    assert "released" not in events


def test_eight_retrievals_at_once_do_not_get_into_each_others_way():
    outcomes = []
    threads = [threading.Thread(target=lambda: outcomes.append(fetched("fast", each(5, goodbye)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    assert all(o == outcomes[0] for o in outcomes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("no transfer syntax", "did not answer the association request"),  # no PDU that can be read
        ("another transfer syntax", "makes no sense: a presentation context"),
        ("no maximum length", "makes no sense: no maximum length"),
    ],
)
def test_an_answer_to_the_request_that_makes_no_sense_is_said(change, words):
    syntax, other = ExplicitVRLittleEndian.encode(), b"1.2.840.10008.1.2.9"
    accepted = accepting()
    changes = {
        "no transfer syntax": (b"\x40\0\0\x13" + syntax, b"\x41\0\0\x13" + syntax),
        "another transfer syntax": (syntax, other),
        "no maximum length": (b"\x51\0\0\x04", b"\x59\0\0\x04"),
    }
    assert changes[change][0] in accepted

    def play(peer):
        peer.say(accepted.replace(*changes[change]))
        peer.rest()

    with (
        provider(play, associate=False) as remote,
        pytest.raises(errors.NetworkError, match=words),
        requestor("fast", remote, Log()),
    ):
        pass


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_changed_answer_ends_the_retrieval_with_an_error_of_ours_or_none(data):
    accepted = accepting()
    stream = bytearray(accepted + stored("1.2.3", bytes(2000), 500) + wire.got(0xFF00) + wire.got(0))
    for _ in range(data.draw(st.integers(1, 4))):
        stream[data.draw(st.integers(0, len(stream) - 1))] = data.draw(st.integers(0, 255))

    def play(peer):
        with contextlib.suppress(OSError):
            peer.say(bytes(stream))
            peer.connection.shutdown(socket.SHUT_WR)
        peer.rest()

    start = time.monotonic()
    with (
        provider(play, associate=False) as remote,
        contextlib.suppress(errors.NetworkError),
        requestor("fast", remote, Log()) as association,
    ):
        for _ in association.send_c_get(wire.identifier(), wire.GET):
            pass
    assert time.monotonic() - start < 4


def accepting():
    """Return the A-ASSOCIATE-AC that `requestor` gets."""
    contexts = [build_context(wire.GET), build_context(CTImageStorage, ExplicitVRLittleEndian)]
    for i, context in enumerate(contexts):
        context.context_id = 2 * i + 1
    asked = wire._association([], 16384)
    asked.presentation_context_definition_list = contexts
    return wire.accept(wire.A_ASSOCIATE_RQ(asked).encode())
