"""C-GET from real peers: what is held afterwards equals the files, and the ledger says what happened."""

from __future__ import annotations

import socket

import pydicom
import pytest
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom.sop_class import CTImageStorage

import dicom_widgets as dw
from dicom_widgets import errors
from tests.peers.misbehaving import Misbehaving

CT = str(CTImageStorage)
PLAIN = {ExplicitVRLittleEndian, ImplicitVRLittleEndian}
PIXELS = 0x7FE00010
PADDING = 0xFFFCFFFC
"""Data Set Trailing Padding: of files only, no application attaches a meaning to it (PS3.10 7.2)."""


@pytest.fixture(scope="module")
def stored(loaded):
    """SOP Instance UID -> the whole file as pydicom reads it."""
    whole = (pydicom.dcmread(path) for path in loaded.files)
    return {ds.SOPInstanceUID: ds for ds in whole}


@pytest.fixture(scope="module")
def sendable(stored):
    """The peer's instances that it can send: dcmqrscp as it is installed neither takes nor converts packed syntaxes."""

    def choose(pacs):
        every = pacs.ae_title == "ORTHANC"
        return {uid for uid, ds in stored.items() if every or ds.file_meta.TransferSyntaxUID in PLAIN}

    return choose


@pytest.fixture
def series_of(loaded, sendable):
    """Study, series and instances of the largest series that a peer can send."""

    def choose(pacs):
        rows = [
            (study, series, instances)
            for study, all_series in loaded.tree.items()
            for series, instances in all_series.items()
            if set(instances) <= sendable(pacs)
        ]
        return max(rows, key=lambda row: len(row[2]))

    return choose


def assert_equal(session, stored, uids):
    """Each held data set has the elements of its file, pixel data included, in the syntax it came in."""
    held = {i.uid for study in session.studies for i in study.instances}
    assert held == set(uids)
    for uid in uids:
        ours, file = session.dataset(uid), stored[uid]
        elements = [e for e in file if e.tag != PADDING]
        assert [e.tag for e in ours] == [e.tag for e in elements]
        for element in elements:
            if element.tag == PIXELS:
                assert ours[PIXELS].value == element.value
            else:
                assert ours[element.tag].value == element.value, element
        assert ours.file_meta.MediaStorageSOPInstanceUID == uid
        assert ours.file_meta.MediaStorageSOPClassUID == file.SOPClassUID


# --- study, series, image


def test_every_study_arrives_with_every_element_as_in_its_files(session, pacs, loaded, stored, sendable):
    arrived = set()
    for study, series in loaded.tree.items():
        expected = {i for instances in series.values() for i in instances} & sendable(pacs)
        found = session.find(pacs.remote, StudyInstanceUID=study).one()
        if not expected:
            with pytest.raises(errors.RetrieveFailed):
                session.retrieve(found, progress=False)
            continue
        done = session.retrieve(found, progress=False)
        assert set(done.received) == expected
        arrived |= expected
    assert arrived
    assert_equal(session, stored, arrived)


def test_orthanc_sends_each_instance_in_the_syntax_in_which_it_is_stored(session, orthanc, loaded, stored):
    for study in session.find(orthanc.remote):
        assert session.retrieve(study, progress=False).complete
    syntaxes = {uid: session.dataset(uid).file_meta.TransferSyntaxUID for uid in loaded.datasets}
    assert syntaxes == {uid: ds.file_meta.TransferSyntaxUID for uid, ds in stored.items()}
    assert len(set(syntaxes.values())) > 1


def test_a_series_arrives_alone(session, pacs, stored, series_of):
    study, series, wanted = series_of(pacs)
    found = session.find(pacs.remote, "SERIES", StudyInstanceUID=study, SeriesInstanceUID=series).one()
    done = session.retrieve(found, progress=False)
    assert sorted(done.received) == sorted(wanted)
    assert_equal(session, stored, wanted)


def test_an_instance_arrives_alone(session, pacs, stored, series_of):
    study, series, wanted = series_of(pacs)
    keys = {"StudyInstanceUID": study, "SeriesInstanceUID": series, "SOPInstanceUID": wanted[0]}
    found = session.find(pacs.remote, "IMAGE", **keys).one()
    done = session.retrieve(found, progress=False)
    assert (done.received, done.expected, done.complete) == ((wanted[0],), 1, True)
    assert_equal(session, stored, wanted[:1])


def test_a_list_of_instances_arrives_and_nothing_else(session, pacs, stored, series_of):
    study, series, _ = series_of(pacs)
    found = session.find(pacs.remote, "IMAGE", StudyInstanceUID=study, SeriesInstanceUID=series)
    some = found[::2]
    done = session.retrieve(some, progress=False)
    assert sorted(done.received) == sorted(i.uid for i in some)
    assert (done.expected, done.missing, done.complete) == (len(some), {}, True)
    assert_equal(session, stored, [i.uid for i in some])


def test_a_hundred_and_more_instances_are_asked_for_in_pieces(session, orthanc, loaded):
    everything = [i for study in session.tree(orthanc.remote) for i in study.instances]
    done = session.retrieve(everything, progress=False)
    assert sorted(done.received) == sorted(loaded.datasets)
    assert done.complete


def test_several_series_are_one_retrieval(session, orthanc, loaded):
    tree = loaded.tree
    study = max(tree, key=lambda uid: len(tree[uid]))
    found = session.find(orthanc.remote, "SERIES", StudyInstanceUID=study)
    assert len(found) > 1
    done = session.retrieve(found, progress=False)
    assert sorted(done.received) == sorted(i for instances in tree[study].values() for i in instances)
    assert done.expected == len(done.received)


def test_what_was_found_is_fetched_again_without_being_held_twice(session, pacs, series_of):
    study, series, wanted = series_of(pacs)
    named = dw.Entity.of(study, series)
    first = session.retrieve(pacs.remote, named, progress=False)
    size = int(session.memory)
    again = session.retrieve(pacs.remote, named, progress=False)
    assert sorted(first.received) == sorted(again.received) == sorted(wanted)
    assert int(session.memory) == size == first.nbytes


# --- without a query


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_what_a_notebook_knows_already_is_retrieved_without_a_query(session, pacs, loaded, series_of, known, depth):
    study, series, wanted = series_of(pacs)
    everything = [i for instances in loaded.tree[study].values() for i in instances]
    expected = [everything, wanted, wanted[:1]][depth - 1]
    classes = {loaded.datasets[u].SOPClassUID for u in expected} if known else ()
    entity = dw.Entity.of(*(study, series, wanted[0])[:depth], sop_classes=classes)
    done = session.retrieve(pacs.remote, entity, progress=False)
    assert sorted(done.received) == sorted(expected)
    assert done.expected == len(expected)
    assert done.complete


def test_an_entity_that_does_not_know_its_peer_needs_one(session):
    with pytest.raises(errors.NotFound, match="pass the remote AE first"):
        session.retrieve(dw.Entity.of("1.2"), progress=False)


@pytest.mark.parametrize("nothing", [(), ([],)])
def test_nothing_to_retrieve_is_an_error_that_says_what_to_pass(session, nothing):
    with pytest.raises(ValueError, match="Nothing was given"):
        session.retrieve(*nothing, progress=False)


@pytest.mark.parametrize("way", ["FTP", "Read"])
def test_a_way_that_is_not_its_own_is_named_with_those_that_are(session, pacs, way):
    with pytest.raises(ValueError, match=rf"by '{way}'\. Give way='C-GET' or 'C-MOVE' or 'WADO-URI'") as caught:
        session.retrieve(pacs.remote, dw.Entity.of("1.2"), way=way, progress=False)
    assert str(pacs.remote) in str(caught.value)
    assert session.busy == ""


def test_an_unknown_study_is_an_error_with_an_explanation(session, pacs):
    with pytest.raises(errors.RetrieveFailed, match="brought nothing") as caught:
        session.retrieve(pacs.remote, dw.Entity.of("1.2.3.4.5"), progress=False)
    assert str(pacs.remote) in str(caught.value)
    assert "may not hold what was asked for (query it)" in str(caught.value)
    assert not session.studies


# --- the ledger


def test_the_ledger_of_a_whole_retrieval(session, pacs, loaded, stored, series_of):
    study, series, wanted = series_of(pacs)
    found = session.find(pacs.remote, "SERIES", StudyInstanceUID=study, SeriesInstanceUID=series).one()
    session.expand(found)
    done = session.retrieve(found, progress=False)
    assert (done.way, done.peer) == ("C-GET", str(pacs.remote))
    assert (done.expected, len(done.received)) == (len(wanted), len(wanted))
    assert (dict(done.failed), done.missing, done.warnings, done.cancelled) == ({}, {}, (), False)
    assert done.complete
    assert 0 < done.seconds < 60
    assert done.nbytes == int(session.memory) > sum(len(stored[u].PixelData) for u in wanted)
    for word in ("C-GET", str(pacs.remote), f"{len(wanted)} of {len(wanted)}"):
        assert word in str(done)


def test_the_ledger_lists_the_contexts_with_what_became_of_them(session, pacs, loaded, series_of):
    study, series, wanted = series_of(pacs)
    sop_class = loaded.datasets[wanted[0]].SOPClassUID
    done = session.retrieve(pacs.remote, dw.Entity.of(study, series, sop_classes=[sop_class]), progress=False)
    assert {c for c, _, _ in done.contexts} == {
        "Study Root Query/Retrieve Information Model - GET",
        pydicom.uid.UID(sop_class).name,
    }
    assert len(done.contexts) == 10  # the service, and the class in nine syntaxes
    accepted = {s for c, s, ok in done.contexts if ok}
    assert "Explicit VR Little Endian" in accepted
    refused = [c for c in done.contexts if not c[2]]
    if pacs.ae_title == "DCMQRSCP":  # as it is installed it takes what is not compressed
        assert len(refused) == 7
        assert all("JPEG" in s for _, s, _ in refused)
        assert len(set(refused)) == 7


def test_where_the_peer_tells_no_classes_all_of_the_statement_are_proposed(session, dcmqrscp, series_of):
    study, series, wanted = series_of(dcmqrscp)
    done = session.retrieve(dcmqrscp.remote, dw.Entity.of(study, series), progress=False)
    assert len({c for c, _, _ in done.contexts}) == 46
    assert len(done.received) == len(wanted)


def test_a_callable_gets_each_step_of_the_progress(session, pacs, series_of):
    study, series, wanted = series_of(pacs)
    steps = []
    session.retrieve(pacs.remote, dw.Entity.of(study, series), progress=steps.append)
    assert all(isinstance(s, dw.Progress) for s in steps)
    counts = [s.received for s in steps]
    assert counts == sorted(counts)
    assert (steps[-1].received, steps[-1].expected, steps[-1].fraction) == (len(wanted), len(wanted), 1.0)
    assert steps[-1].failed == 0
    assert [s.nbytes for s in steps] == sorted(s.nbytes for s in steps)


def test_one_line_is_printed_unless_it_is_not_wanted(session, pacs, series_of, capsys):
    study, series, wanted = series_of(pacs)
    session.retrieve(pacs.remote, dw.Entity.of(study, series, wanted[0]), progress=False)
    assert capsys.readouterr() == ("", "")
    session.retrieve(pacs.remote, dw.Entity.of(study, series))
    printed = "".join(capsys.readouterr())
    assert printed.count("\n") == 1
    assert f"{len(wanted)} of {len(wanted)} instances" in printed


def test_a_progress_that_raises_ends_the_retrieval_and_frees_the_session(session, pacs, series_of):
    study, series, _ = series_of(pacs)

    def broken(step):
        raise KeyError(step.received)

    with pytest.raises(KeyError):
        session.retrieve(pacs.remote, dw.Entity.of(study, series), progress=broken)
    assert session.busy == ""
    assert session.echo(pacs.remote) > 0


# --- what does not come


def test_the_memory_limit_refuses_by_name_and_everything_goes_on(pacs, loaded, series_of):
    study, series, wanted = series_of(pacs)
    sizes = [p.stat().st_size for p, uid in zip(loaded.files, loaded.datasets, strict=True) if uid in set(wanted)]
    with dw.Session(listen_port=0, memory_limit=sum(sizes) // 2) as session:
        done = session.retrieve(pacs.remote, dw.Entity.of(study, series), progress=False)
        assert 0 < len(done.received) < len(wanted)
        assert int(session.memory) <= session.memory.limit
        refused = {u: why for u, why in done.failed.items() if "memory limit is reached" in why}
        assert len(refused) + len(done.received) == len(wanted)
        assert set(refused) | set(done.received) == set(wanted)
        assert not done.complete
        assert any("memory limit" in w and "drop" in w for w in done.warnings)
        assert not any("could not be sent" in w for w in done.warnings)
        assert len(session.studies.one().instances) == len(done.received)
        assert session.echo(pacs.remote) > 0
        session.drop(session.studies)
        assert int(session.memory) == 0
        assert session.retrieve(pacs.remote, dw.Entity.of(study, series, done.received[0]), progress=False).complete


def test_a_limit_under_which_nothing_fits_is_an_error_that_names_it(pacs, series_of):
    study, series, wanted = series_of(pacs)
    with dw.Session(listen_port=0, memory_limit=1000) as session:
        with pytest.raises(errors.RetrieveFailed, match=f"{len(wanted)} failed: the session's memory limit"):
            session.retrieve(pacs.remote, dw.Entity.of(study, series), progress=False)
        assert not session.studies
        assert session.echo(pacs.remote) > 0


def test_failures_are_counted_once(dcmqrscp, series_of):
    """The peer names again what we refused; the progress must not count it twice."""
    study, series, wanted = series_of(dcmqrscp)
    steps = []
    with dw.Session(listen_port=0, memory_limit=1000) as session, pytest.raises(errors.RetrieveFailed):
        session.retrieve(dcmqrscp.remote, dw.Entity.of(study, series), progress=steps.append)
    assert (steps[-1].received, steps[-1].failed) == (0, len(wanted))


def test_what_a_watcher_breaks_is_written_down_and_the_rest_arrives(session, pacs, series_of):
    study, series, wanted = series_of(pacs)

    def broken(instance):
        if instance.uid == wanted[0]:
            raise OSError("the disk is full")

    session.watch(broken)
    done = session.retrieve(pacs.remote, dw.Entity.of(study, series), progress=False)
    assert "the disk is full" in done.failed[wanted[0]]
    assert set(done.received) == set(wanted) - {wanted[0]}


def packed(loaded, stored):
    """A study of which no instance is plain."""
    return next(
        (study, [i for instances in series.values() for i in instances])
        for study, series in loaded.tree.items()
        if all(stored[i].file_meta.TransferSyntaxUID not in PLAIN for instances in series.values() for i in instances)
    )


def test_a_peer_that_can_send_none_of_its_syntaxes_is_an_error_that_names_those_it_took(
    session, dcmqrscp, loaded, stored
):
    study, instances = packed(loaded, stored)
    with pytest.raises(errors.RetrieveFailed) as caught:
        session.retrieve(session.find(dcmqrscp.remote, StudyInstanceUID=study), progress=False)
    sentence = str(caught.value)
    for words in (
        f"C-GET from {dcmqrscp.remote} brought nothing of {len(instances)} instances",
        f"The peer could not send {len(instances)}",
        "it accepted Explicit VR Little Endian",
        "let its configuration allow",
        "0xA702",
    ):
        assert words in sentence
    assert "query it" not in sentence
    assert session.busy == ""


def test_one_that_cannot_be_sent_among_others_is_named(session, dcmqrscp, loaded, stored, series_of):
    study, series, wanted = series_of(dcmqrscp)
    packed_study, packed_ones = packed(loaded, stored)
    header = loaded.datasets[packed_ones[0]]
    entities = [dw.Entity.of(study, series), dw.Entity.of(packed_study, header.SeriesInstanceUID, packed_ones[0])]
    done = session.retrieve(dcmqrscp.remote, entities, progress=False)
    assert sorted(done.received) == sorted(wanted)
    assert dict(done.failed) == {packed_ones[0]: "the peer could not send it"}
    assert done.expected == len(wanted) + 1
    assert not done.complete
    assert any("could not send" in w for w in done.warnings)


def test_success_and_nothing_came_is_an_error(session, misbehaving):
    peer = misbehaving("empty")
    with pytest.raises(errors.RetrieveFailed) as caught:
        session.retrieve(peer.remote, dw.Entity.of("1.2", sop_classes=[CT]), progress=False)
    for words in (str(peer.remote), "brought nothing", "reported success and sent nothing", "query it"):
        assert words in str(caught.value)


def test_what_arrived_before_an_abort_is_kept_and_the_ledger_says_so(session, misbehaving):
    peer = misbehaving("abort", count=3)
    done = session.retrieve(peer.remote, dw.Entity.of(peer.study, sop_classes=[CT]), progress=False)
    assert len(done.received) == 3
    assert done.expected == 6
    assert not done.complete
    assert not done.cancelled
    assert any("did not answer the C-GET" in w or "ended the association" in w for w in done.warnings)
    assert len(session.studies.one().instances) == 3
    assert session.echo(peer.remote) > 0


def test_an_abort_before_anything_came_is_an_error(session, misbehaving):
    peer = misbehaving("abort", count=0)
    with pytest.raises(errors.AssociationAborted, match="C-GET"):
        session.retrieve(peer.remote, dw.Entity.of(peer.study, sop_classes=[CT]), progress=False)
    assert session.echo(peer.remote) > 0


def test_missing_instances_are_named_where_the_query_named_them(session):
    """A peer that promises an instance, sends another, and reports success."""
    with Misbehaving("trickle", count=1, delay=0) as peer:
        promised = dw.Entity.of(peer.study, peer.series, "2.25.404", [CT])
        done = session.retrieve(peer.remote, promised, progress=False)
    assert done.missing == {"2.25.404": "it did not come"}
    assert len(done.received) == 1
    assert not done.complete


# --- speed


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="quick acknowledgements are Linux's")
def test_an_orthanc_that_waits_for_acknowledgements_does_not_wait_for_ours(session, loaded, start_orthanc):
    """As it is installed it waits 40 ms for the acknowledgement of the end of each instance."""
    study, series, wanted = loaded.largest_series
    paths = [p for p, uid in zip(loaded.files, loaded.datasets, strict=True) if uid in set(wanted)]
    pacs = start_orthanc(paths, nodelay=False)
    classes = {loaded.datasets[u].SOPClassUID for u in wanted}
    done = session.retrieve(pacs.remote, dw.Entity.of(study, series, sop_classes=classes), progress=False)
    assert len(done.received) == len(wanted)
    assert done.seconds < max(1.0, 0.03 * len(wanted))  # 0.04 each without
