"""C-FIND at real peers; what they hold is known from pydicom's reading of the files, never from their answers."""

from __future__ import annotations

import datetime as dt
import fnmatch
import socket
import threading
from html.parser import HTMLParser

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets import errors
from dicom_widgets.dicom.conformance import KEYS
from tests import samples
from tests.peers.dcmqrscp import Dcmqrscp
from tests.peers.loopback import HOST, free_port
from tests.peers.orthanc import Orthanc


@pytest.fixture(scope="module")
def studies(loaded):
    """Study Instance UID -> headers of its files."""
    found = {}
    for header in loaded.datasets.values():
        found.setdefault(header.StudyInstanceUID, []).append(header)
    return found


def uids(entities):
    return sorted(e.uid for e in entities)


def where(studies, holds):
    """The studies of which a header fulfils something."""
    return sorted(uid for uid, headers in studies.items() if any(holds(h) for h in headers))


def same(answered, written):
    """Whether an answered value is one that the files have; absent and empty are the same."""
    return (str(answered) if answered is not None else "") in {str(w) if w is not None else "" for w in written}


# --- three levels


def test_all_studies_are_found_and_each_is_found_once(session, pacs, studies):
    assert uids(session.find(pacs.remote)) == sorted(studies)


def test_each_key_of_the_statement_is_an_attribute_of_every_answer(session, pacs, loaded):
    study, series, _ = loaded.largest_series
    found = [
        *session.find(pacs.remote),
        *session.find(pacs.remote, "SERIES", StudyInstanceUID=study),
        *session.find(pacs.remote, "IMAGE", StudyInstanceUID=study, SeriesInstanceUID=series),
    ]
    assert {e.level for e in found} == {"STUDY", "SERIES", "IMAGE"}
    for entity in found:
        assert entity.attributes.keys() >= KEYS[entity.level].keys()
        assert all(getattr(entity, keyword) != "" for keyword in KEYS[entity.level])
        assert entity.source == pacs.remote


def test_what_a_peer_leaves_out_is_none(session, dcmqrscp, loaded):
    study, series, _ = loaded.largest_series
    image = session.find(dcmqrscp.remote, "IMAGE", StudyInstanceUID=study, SeriesInstanceUID=series)[0]
    assert image.SOPClassUID is None
    assert image.Rows is None
    assert session.find(dcmqrscp.remote)[0].NumberOfStudyRelatedInstances is None


def test_studies_are_told_as_the_files_have_them(session, pacs, studies):
    keywords = (
        "PatientName PatientID StudyDate StudyTime StudyDescription AccessionNumber StudyID PatientSex"
        " PatientBirthDate ReferringPhysicianName"
    ).split()
    for study in session.find(pacs.remote):
        for keyword in keywords:
            written = [h.get(keyword) for h in studies[study.uid]]
            assert same(study.attributes[keyword], written), (keyword, study.attributes[keyword], written)


def test_orthanc_counts_what_the_files_have(session, orthanc, studies):
    for study in session.find(orthanc.remote):
        headers = studies[study.uid]
        assert int(study.NumberOfStudyRelatedInstances) == len(headers)
        assert int(study.NumberOfStudyRelatedSeries) == len({h.SeriesInstanceUID for h in headers})
        assert sorted(study.ModalitiesInStudy) == sorted({h.Modality for h in headers})
        assert study.sop_classes == {h.SOPClassUID for h in headers}


def test_series_are_those_of_their_study(session, pacs, loaded, studies):
    for study, series in loaded.tree.items():
        found = session.find(pacs.remote, "SERIES", StudyInstanceUID=study)
        assert uids(found) == sorted(series)
        for one in found:
            assert one.path == (study, one.uid)
            headers = [h for h in studies[study] if h.SeriesInstanceUID == one.uid]
            assert same(one.Modality, [h.get("Modality") for h in headers])
            assert same(one.SeriesNumber, [h.get("SeriesNumber") for h in headers])


def test_instances_are_those_of_their_series(session, pacs, loaded):
    study, series, wanted = loaded.largest_series
    found = session.find(pacs.remote, "IMAGE", StudyInstanceUID=study, SeriesInstanceUID=series)
    assert uids(found) == sorted(wanted)
    for one in found:
        assert one.path == (study, series, one.uid)
        assert int(one.InstanceNumber) == loaded.datasets[one.uid].InstanceNumber


def test_orthanc_tells_the_size_of_each_image(session, orthanc, loaded):
    study, series, wanted = loaded.largest_series
    found = session.find(orthanc.remote, "IMAGE", StudyInstanceUID=study, SeriesInstanceUID=series)
    header = loaded.datasets[wanted[0]]
    assert {(i.Rows, i.Columns, i.SOPClassUID) for i in found} == {(header.Rows, header.Columns, header.SOPClassUID)}


def test_under_takes_the_entity_above(session, pacs, loaded):
    study, series, wanted = loaded.largest_series
    above = session.find(pacs.remote, StudyInstanceUID=study).one()
    below = session.find(pacs.remote, "SERIES", under=above)
    assert uids(below) == sorted(loaded.tree[study])
    (one,) = [s for s in below if s.uid == series]
    assert uids(session.find(pacs.remote, "IMAGE", under=one)) == sorted(wanted)
    assert uids(session.find(pacs.remote, "SERIES", under=one)) == sorted(loaded.tree[study])


# --- matching


def test_a_name_with_wildcards_finds_those_that_match(session, pacs, studies):
    for name in {str(headers[0].PatientName) for headers in studies.values()}:
        for pattern in (name, name[:3] + "*", "?" + name[1:]):
            expected = where(studies, lambda h, p=pattern: fnmatch.fnmatchcase(str(h.PatientName), p))
            assert uids(session.find(pacs.remote, PatientName=pattern)) == expected
            assert expected


def test_a_patient_id_finds_exactly_its_studies(session, pacs, studies):
    for patient in {headers[0].PatientID for headers in studies.values()}:
        expected = where(studies, lambda h, p=patient: h.PatientID == p)
        assert uids(session.find(pacs.remote, PatientID=patient)) == expected


@pytest.mark.parametrize("keys", [{"PatientID": "NOBODY-HAS-THIS"}, {"PatientName": "Zzz*"}, {"StudyDate": "18991231"}])
def test_nothing_is_an_empty_list(session, pacs, keys):
    found = session.find(pacs.remote, **keys)
    assert found == []
    assert isinstance(found, dw.Entities)
    with pytest.raises(errors.NotFound, match=r"nothing matches\. Widen"):
        found.one()


def test_one_of_several_studies_says_how_many_there_are(session, pacs, studies):
    with pytest.raises(errors.NotFound, match=f"{len(studies)} match. Narrow"):
        session.find(pacs.remote).one()


def day(text):
    return dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))


FORMS = {
    "one day": lambda d: (d, lambda x: x == d),
    "one date": lambda d: (day(d), lambda x: x == d),
    "ISO": lambda d: (f"{d[:4]}-{d[4:6]}-{d[6:]}", lambda x: x == d),
    "range": lambda d: (f"{d}-{d}", lambda x: x == d),
    "from": lambda d: (f"{d}-", lambda x: x >= d),
    "until": lambda d: (f"-{d}", lambda x: x <= d),
    "tuple": lambda d: ((d, d), lambda x: x == d),
    "dates": lambda d: ((day(d), day(d)), lambda x: x == d),
    "dates from": lambda d: ((day(d), None), lambda x: x >= d),
    "dates until": lambda d: ((None, day(d)), lambda x: x <= d),
    "before": lambda d: ((None, day(d) - dt.timedelta(1)), lambda x: x < d),
    "after": lambda d: ((day(d) + dt.timedelta(1), None), lambda x: x > d),
}


@pytest.mark.parametrize("form", FORMS)
def test_dates_are_found_in_every_form(session, pacs, studies, form):
    days = sorted({headers[0].StudyDate for headers in studies.values()})
    for one in days:
        asked, holds = FORMS[form](one)
        expected = where(studies, lambda h, holds=holds: holds(h.StudyDate))
        assert uids(session.find(pacs.remote, StudyDate=asked)) == expected


def test_a_time_of_the_day_is_a_range_too(session, pacs, studies):
    for study in {headers[0].StudyTime for headers in studies.values() if headers[0].get("StudyTime")}:
        expected = where(studies, lambda h, t=study: bool(h.get("StudyTime")) and h.StudyTime[:2] <= t[:2])
        assert uids(session.find(pacs.remote, StudyTime=f"-{study[:2]}5959")) == expected


def test_modalities_are_a_filter_also_where_the_peer_ignores_them(session, pacs, studies):
    """The peer dcmqrscp returns every study, and tells no modalities: they are looked up in the series."""
    all_of_them = sorted({h.Modality for headers in studies.values() for h in headers})
    for modality in [*all_of_them, "XA"]:
        expected = where(studies, lambda h, m=modality: h.Modality == m)
        found = session.find(pacs.remote, ModalitiesInStudy=modality)
        assert uids(found) == expected
        for study in found:
            assert sorted(study.ModalitiesInStudy) == sorted({h.Modality for h in studies[study.uid]})
    assert uids(session.find(pacs.remote, ModalitiesInStudy=all_of_them[:2])) == where(
        studies, lambda h: h.Modality in all_of_them[:2]
    )


def test_modality_and_series_number_are_filters_of_series(session, pacs, loaded, studies):
    for study, series in loaded.tree.items():
        for keyword in ("Modality", "SeriesNumber"):
            for value in {str(h.get(keyword)) for h in studies[study] if h.get(keyword) is not None}:
                expected = {h.SeriesInstanceUID for h in studies[study] if str(h.get(keyword)) == value}
                found = session.find(pacs.remote, "SERIES", StudyInstanceUID=study, **{keyword: value})
                assert uids(found) == sorted(expected)
        assert uids(session.find(pacs.remote, "SERIES", StudyInstanceUID=study, SeriesNumber="*")) == sorted(series)
        assert session.find(pacs.remote, "SERIES", StudyInstanceUID=study, Modality="X*") == []


def test_an_instance_is_found_by_its_number(session, pacs, loaded):
    study, series, wanted = loaded.largest_series
    header = loaded.datasets[wanted[-1]]
    found = session.find(
        pacs.remote, "IMAGE", StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=header.InstanceNumber
    )
    same_number = [u for u in wanted if loaded.datasets[u].InstanceNumber == header.InstanceNumber]
    assert uids(found) == sorted(same_number)


def test_a_list_of_uids_finds_these(session, pacs, studies):
    wanted = sorted(studies)[:2]
    assert uids(session.find(pacs.remote, StudyInstanceUID=wanted)) == wanted


def test_the_description_that_the_files_have_finds_their_study(session, pacs, studies):
    for words in {h[0].get("StudyDescription") for h in studies.values()} - {None, ""}:
        if not set(words) & set("*?\\"):
            expected = where(studies, lambda h, w=words: h.get("StudyDescription") == w)
            assert uids(session.find(pacs.remote, StudyDescription=words)) == expected


# --- the tree


def test_the_tree_is_the_one_of_the_files_down_to_the_instances(session, pacs, loaded):
    tree = session.tree(pacs.remote)
    assert {s.uid: {r.uid: uids(r.children) for r in s.children} for s in tree} == {
        study: {one: sorted(instances) for one, instances in series.items()} for study, series in loaded.tree.items()
    }
    assert all(s.complete and all(r.complete for r in s.children) for s in tree)
    assert sorted(i.uid for s in tree for i in s.instances) == sorted(loaded.datasets)


def test_the_tree_of_a_query_has_only_what_matches(session, pacs, loaded):
    study = loaded.largest_series[0]
    (found,) = session.tree(pacs.remote, StudyInstanceUID=study)
    assert uids(found.instances) == sorted(i for series in loaded.tree[study].values() for i in series)


def test_a_search_yields_the_same_tree_as_it_grows(session, pacs, loaded):
    sizes, seen = [], []
    for tree in session.search(pacs.remote):
        seen.append(tree)
        sizes.append((len(tree), sum(len(s.children) for s in tree), sum(len(s.instances) for s in tree)))
        assert "query" in session.busy
    assert session.busy == ""
    everything = (len(loaded.tree), sum(len(s) for s in loaded.tree.values()), len(loaded.datasets))
    assert sizes[0] == (len(loaded.tree), 0, 0)
    assert sizes == sorted(sizes)
    assert sizes[-1] == everything
    assert len(set(sizes)) > 2
    assert all(tree is seen[0] for tree in seen)


def test_a_search_that_is_left_in_the_middle_frees_the_session(session, pacs):
    before = set(threading.enumerate())
    search = session.search(pacs.remote)
    assert next(search)
    with pytest.raises(errors.SessionBusy, match=r"busy with a query of .* cannot start a C-ECHO"):
        session.echo(pacs.remote)
    search.close()
    assert session.busy == ""
    assert set(threading.enumerate()) <= before
    assert session.echo(pacs.remote) > 0


def test_expanding_asks_once_for_what_is_below(session, pacs, loaded):
    study, series, wanted = loaded.largest_series
    found = session.find(pacs.remote, StudyInstanceUID=study).one()
    assert not found.complete
    below = session.expand(found)
    assert uids(below) == sorted(loaded.tree[study])
    assert found.complete
    assert session.expand(found) is below
    (one,) = [s for s in below if s.uid == series]
    assert uids(session.expand(one)) == sorted(wanted)
    assert all(not session.expand(image) for image in one.children)


def test_what_was_not_found_anywhere_cannot_be_expanded(session):
    with pytest.raises(errors.NotFound, match="does not say where it is"):
        session.expand(dw.Entity.of("1.2"))


def test_a_data_frame_has_the_values_of_the_files(session, pacs, studies):
    frame = session.find(pacs.remote).to_dataframe()
    assert sorted(frame.StudyInstanceUID) == sorted(studies)
    assert set(frame.columns) >= {"level", *KEYS["STUDY"]}
    for uid, patient in zip(frame.StudyInstanceUID, frame.PatientID, strict=True):
        assert patient in {h.PatientID for h in studies[uid]}


# --- refused before anything is sent

NOT_SENT = [
    ("STUDY", {"Modality": "CT"}),
    ("STUDY", {"StudyDate": "2024*"}),
    ("STUDY", {"StudyInstanceUID": "1.2.*"}),
    ("STUDY", {"NumberOfStudyRelatedSeries": 1}),
    ("SERIES", {}),
    ("SERIES", {"StudyInstanceUID": "*"}),
    ("IMAGE", {"StudyInstanceUID": "1.2"}),
    ("IMAGE", {"SeriesInstanceUID": "1.2"}),
    ("PATIENT", {}),
]


@pytest.mark.parametrize(("level", "keys"), NOT_SENT)
def test_what_cannot_be_asked_is_refused_without_a_connection(session, level, keys):
    with socket.create_server((HOST, 0)) as server:
        server.setblocking(False)
        remote = dw.RemoteAE("PACS", HOST, server.getsockname()[1])
        with pytest.raises(errors.QueryKeyError):
            session.find(remote, level, **keys)
        if level == "STUDY":
            with pytest.raises(errors.QueryKeyError):
                session.tree(remote, **keys)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert session.busy == ""


def test_a_key_is_refused_before_the_connection_fails(session):
    closed = dw.RemoteAE("PACS", HOST, free_port())
    with pytest.raises(errors.QueryKeyError, match="no key at the STUDY level"):
        session.find(closed, Foo="x")
    with pytest.raises(errors.ConnectionFailed):
        session.find(closed)


# --- answers that are not right


def test_one_bad_uid_among_thirty_studies_does_not_lose_the_tree(session, misbehaving):
    """It is shown with what is known of it, and noted."""
    peer = misbehaving("garbled", count=30)
    tree = session.tree(peer.remote)
    assert len(tree) == 30
    assert sum(len(study.instances) for study in tree) == 29
    (bad,) = [series for study in tree for series in study.children if not series.complete]
    assert (bad.uid, bad.Modality) == ("1.2.x.4", "CT")
    assert bad.note == "its Series Instance UID '1.2.x.4' is no UID, so nothing below it can be asked for."
    assert session.expand(bad) == []
    with pytest.raises(errors.QueryFailed, match="is no UID"):  # nothing of it is passed over in silence
        session.retrieve(peer.remote_with(wado_uri="http://127.0.0.1:1/"), bad, way="WADO-URI", progress=False)


def test_answers_without_a_uid_are_counted_and_said(session, misbehaving):
    peer = misbehaving("garbled", count=2)
    for found in (session.find(peer.remote), session.tree(peer.remote)):
        (note,) = found.notes
        assert note == (
            f"2 answers of {peer.remote} had no Study Instance UID: what that is cannot be shown or asked for."
        )
        assert note in repr(found)
        assert note in found._repr_html_()
    nothing = session.find(misbehaving("garbled", count=0).remote)
    assert nothing == []
    assert "2 answers" in nothing._repr_html_()


# --- names in other alphabets, and hostile content

PEOPLE = {
    "2.25.101": ("ISO_IR 100", "Buc^Jérôme"),
    "2.25.102": ("ISO_IR 100", "Äneas^Rüdiger"),
    "2.25.103": ("ISO_IR 126", "Διονυσιος"),
    "2.25.104": ("ISO_IR 144", "Люкceмбypг"),
    "2.25.105": (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
    "2.25.106": ("ISO_IR 192", "Wang^XiaoDong=王^小東"),
}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Small objects of names in several character sets, one without a date, two that Orthanc takes for two studies."""
    made = [
        samples.image(np.zeros((4, 4), np.uint8), samples.SC, **given)
        for given in (
            *(
                {
                    "SpecificCharacterSet": character_set,
                    "PatientName": name,
                    "StudyInstanceUID": uid,
                    "SeriesInstanceUID": uid + ".1",
                    "PatientID": uid,
                }
                for uid, (character_set, name) in PEOPLE.items()
            ),
            {
                "StudyInstanceUID": "2.25.110",
                "SeriesInstanceUID": "2.25.110.1",
                "PatientID": "UNDATED",
                "StudyDate": "",
            },
            {
                "StudyInstanceUID": "2.25.111",
                "SeriesInstanceUID": "2.25.111.1",
                "PatientID": "HOSTILE",
                "StudyDescription": HOSTILE,
            },
            {"StudyInstanceUID": "2.25.112", "SeriesInstanceUID": "2.25.112.1", "PatientID": "TWICE1"},
            {"StudyInstanceUID": "2.25.112", "SeriesInstanceUID": "2.25.112.1", "PatientID": "TWICE2"},
        )
    ]
    where = tmp_path_factory.mktemp("people")
    for number, ds in enumerate(made):
        (where / f"{number}.dcm").write_bytes(samples.part10(ds))
    return where


@pytest.fixture(scope="module")
def orthanc_of_people(orthanc_here, folder):
    with Orthanc([folder]) as pacs:
        yield pacs


@pytest.fixture(scope="module")
def dcmqrscp_of_people(dcmqrscp_here, folder):
    with Dcmqrscp([folder]) as pacs:
        yield pacs


@pytest.fixture(params=["orthanc_of_people", "dcmqrscp_of_people"])
def people(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("uid", PEOPLE)
def test_a_name_in_another_alphabet_is_read_as_it_was_written(session, people, uid):
    found = session.find(people.remote, StudyInstanceUID=uid).one()
    name = found.PatientName
    written = [group.rstrip("^") for group in PEOPLE[uid][1].split("=")]
    assert [g for g in str(name).split("=") if g] == written


@pytest.mark.parametrize(
    ("asked", "uid"),
    [
        ("Buc^Jérôme", "2.25.101"),
        ("*Jérôme", "2.25.101"),
        ("Äneas*", "2.25.102"),
        ("Διονυσιος", "2.25.103"),
        ("*ονυσ*", "2.25.103"),
        ("Люкceмбypг", "2.25.104"),
        ("Yamada*", "2.25.105"),
        ("Wang^XiaoDong*", "2.25.106"),
    ],
)
def test_a_name_in_another_alphabet_is_found(session, people, asked, uid):
    assert session.find(people.remote, PatientName=asked).one().uid == uid


@pytest.mark.parametrize(("asked", "uid"), [("*山田*", "2.25.105"), ("*小東*", "2.25.106")])
def test_a_name_in_ideographs_is_found_where_the_peer_can_convert_them(session, orthanc_of_people, asked, uid):
    assert session.find(orthanc_of_people.remote, PatientName=asked).one().uid == uid


def test_a_study_without_a_date_is_in_no_range_of_dates(session, people):
    undated = {"PatientID": "UNDATED"}
    assert uids(session.find(people.remote, **undated)) == ["2.25.110"]
    for asked in ("-20991231", "19000101-", "19000101-20991231"):
        assert session.find(people.remote, StudyDate=asked, **undated) == []
    assert "2.25.110" not in uids(session.find(people.remote, StudyDate="-20991231"))


def test_a_study_that_a_peer_answers_twice_is_found_once(session, people):
    found = session.find(people.remote, StudyInstanceUID="2.25.112")
    assert uids(found) == ["2.25.112"]
    assert len(session.tree(people.remote, StudyInstanceUID="2.25.112").one().instances) == 2


class Tags(HTMLParser):
    def __init__(self, source):
        super().__init__()
        self.tags, self.words = set(), ""
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.words += data


def test_markup_in_an_answer_is_text_in_the_table(session, people):
    found = session.find(people.remote, PatientID="HOSTILE")
    assert found.one().StudyDescription == HOSTILE
    page = Tags(found._repr_html_())
    assert page.tags == {"table", "thead", "tbody", "tr", "th", "td", "p", "small"}  # the note below is ours
    assert HOSTILE in page.words
