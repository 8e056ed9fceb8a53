"""C-GET from a peer that tells no classes: a second association, refused roles, one association for a tree."""

from __future__ import annotations

import pydicom
import pytest
from pydicom.uid import JPEGLossless, RLELossless
from pynetdicom import AE, evt

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom.conformance import EXPLICIT, FIND, GET, IMPLICIT
from tests import samples
from tests.peers.loopback import HOST
from tests.peers.misbehaving import closing
from tests.peers.study import CT, SERIES, STUDY, ct

pytestmark = pytest.mark.usefixtures("quick_ends")


class Archive:
    """A PACS that tells no classes, takes the first syntax that it is offered, and cannot convert."""

    def __init__(self, *datasets, refuse_roles=False):
        self.datasets = {ds.SOPInstanceUID: ds for ds in datasets}
        self.associations = 0
        self.queries = []
        ae = AE("ARCHIVE")
        ae.add_supported_context(FIND, [EXPLICIT, IMPLICIT])
        ae.add_supported_context(GET, [EXPLICIT, IMPLICIT])
        for syntaxes in ([EXPLICIT, JPEGLossless],):
            ae.add_supported_context(CT, syntaxes, scu_role=not refuse_roles, scp_role=not refuse_roles)
        ae.acse_timeout = ae.dimse_timeout = ae.network_timeout = 10
        handlers = [
            (evt.EVT_CONN_OPEN, closing),
            (evt.EVT_ACCEPTED, self._accepted),
            (evt.EVT_C_FIND, self._find),
            (evt.EVT_C_GET, self._get),
        ]
        self.ae = ae
        server = ae.start_server((HOST, 0), block=False, evt_handlers=handlers)
        self.remote = dw.RemoteAE("ARCHIVE", HOST, server.server_address[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ae.shutdown()

    def _accepted(self, _):
        self.associations += 1

    def _find(self, event):
        level = event.identifier.QueryRetrieveLevel
        self.queries.append(level)
        keys = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")[
            : ("STUDY", "SERIES", "IMAGE").index(level) + 1
        ]
        found = {tuple(ds.get(k) for k in keys) for ds in self.datasets.values()}
        for values in sorted(found):
            if all(event.identifier.get(k) in (None, "", v) for k, v in zip(keys, values, strict=True)):
                yield 0xFF00, samples.item(QueryRetrieveLevel=level, **dict(zip(keys, values, strict=True)))

    def _get(self, event):
        uids = event.identifier.get("SOPInstanceUID") or list(self.datasets)
        uids = [uids] if isinstance(uids, str) else list(uids)
        yield len(uids)
        for uid in uids:
            yield 0xFF00, self.datasets[uid]


def packed():
    ds = samples.image(samples.ramp(0, 64).reshape(8, 8), StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES)
    ds.PixelData = pydicom.encaps.encapsulate([b"\xff\xd8 no picture \xff\xd9"])
    ds["PixelData"].is_undefined_length, ds["PixelData"].VR = True, "OB"
    ds.file_meta.TransferSyntaxUID = JPEGLossless
    return ds


def test_what_the_first_association_could_not_carry_comes_over_a_second(session):
    """The classes are unknown, so each has one context, in which explicit VR is taken; a second has the packed ones."""
    plain, hard = ct(), packed()
    with Archive(plain, hard) as archive:
        done = session.retrieve(archive.remote, dw.Entity.of(STUDY), progress=False)
    assert set(done.received) == {plain.SOPInstanceUID, hard.SOPInstanceUID}
    assert done.complete, done
    assert session.dataset(hard.SOPInstanceUID).PixelData == hard.PixelData
    assert session.instance(hard.SOPInstanceUID).blob.transfer_syntax == JPEGLossless


def test_what_no_association_can_carry_is_named(session):
    plain, hard = ct(), packed()
    hard.file_meta.TransferSyntaxUID = RLELossless
    with Archive(plain, hard) as archive:
        done = session.retrieve(archive.remote, dw.Entity.of(STUDY), progress=False)
    assert done.received == (plain.SOPInstanceUID,)
    assert dict(done.failed) == {hard.SOPInstanceUID: "the peer could not send it"}


def test_a_peer_that_refuses_the_roles_is_told(session):
    with Archive(ct(), refuse_roles=True) as archive, pytest.raises(errors.RetrieveFailed) as caught:
        session.retrieve(archive.remote, dw.Entity.of(STUDY, sop_classes=[CT]), progress=False)
    assert "could not send" in str(caught.value)


YOUNG = ["1.2.840.10008.5.1.4.1.1.66.7", "1.2.840.10008.5.1.4.1.1.66.8", "1.2.840.10008.5.1.4.1.1.999.1", "1.2.3.4.5"]
"""Classes that pydicom's dictionary does not know."""


def test_classes_that_no_dictionary_knows_come_where_the_peer_names_them(session, misbehaving):
    """Over contexts that it accepts, whatever it says of the roles."""
    peer = misbehaving("modest", classes=[CT, *YOUNG])
    study = dw.Entity.of(peer.study, sop_classes=[CT, *YOUNG])
    done = session.retrieve(peer.remote, study, progress=False)
    assert (len(done.received), done.expected, done.complete) == (5, 5, True), done
    assert {str(session.instance(uid).sop_class) for uid in done.received} == {CT, *YOUNG}


def test_young_classes_come_from_a_real_peer(session, start_orthanc, tmp_path):
    """Orthanc takes and names them, but confirms the role only for classes that it knows."""
    for number, sop_class in enumerate([CT, *YOUNG[:3]]):
        ds = samples.plain(sop_class, StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES, InstanceNumber=number)
        (tmp_path / f"{number}.dcm").write_bytes(samples.part10(ds))
    peer = start_orthanc([tmp_path])
    for study in (session.find(peer.remote).one(), session.tree(peer.remote).one()):
        done = session.retrieve(study, way="C-GET", progress=False)
        assert (len(done.received), done.expected, done.complete) == (4, 4, True), done


SR = "1.2.840.10008.5.1.4.1.1.88.11"


@pytest.mark.parametrize("levels", [("STUDY",), ("STUDY", "IMAGE")])
def test_classes_that_the_study_leaves_out_come_over_a_second_association(session, misbehaving, levels):
    """SOP Classes in Study says CT, and an SR is in it."""
    peer = misbehaving("forgetful", classes=[CT, SR], levels=levels)
    study = session.find(peer.remote).one()
    assert study.sop_classes == {CT}
    done = session.retrieve(study, progress=False)
    assert (len(done.received), done.expected, done.complete) == (2, 2, True), done
    assert {str(session.instance(uid).sop_class) for uid in done.received} == {CT, SR}
    assert not any("transfer syntaxes" in w for w in done.warnings)


# --- queries


def test_a_whole_tree_is_asked_for_over_one_association(session):
    datasets = [ct(f"{STUDY}.{s}", SeriesInstanceUID=f"{STUDY}.{s}.{n}") for s in (1, 2, 3) for n in (1, 2)]
    with Archive(*datasets) as archive:
        tree = session.tree(archive.remote)
        assert {i.uid for study in tree for i in study.instances} == {ds.SOPInstanceUID for ds in datasets}
        assert archive.associations == 1
        assert [archive.queries.count(level) for level in ("STUDY", "SERIES", "IMAGE")] == [1, 3, 6]
