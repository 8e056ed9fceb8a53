"""Design decision 11: what a saved notebook keeps names nobody; SR6, TX7: what comes from an object is never markup."""

from __future__ import annotations

from html.parser import HTMLParser

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.blob import Blob
from dicom_widgets.privacy import MASK
from tests import samples

SECRETS = {
    "PatientName": "Secretname^Jane",
    "PatientID": "ID-77-SECRET",
    "PatientBirthDate": "19610917",
    "IssuerOfPatientID": "ISSUER-SECRET",
    "StudyDate": "20240229",
    "StudyTime": "131415",
    "AccessionNumber": "ACC-SECRET",
    "ReferringPhysicianName": "Refsecret^Doc",
    "InstitutionName": "CLINIC-SECRET",
}
WORDS = ["Secretname", "ID-77", "19610917", "1961-09-17", "ISSUER-SECRET", "20240229", "2024-02-29", "131415"]
WORDS += ["ACC-SECRET", "Refsecret", "CLINIC-SECRET", "Reader"]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'--><svg/onload=alert(1)>",
    "</td></table><h1>",
    "&lt;b&gt;",
    "javascript:alert(1)",
]


def everything(session, ds) -> dict[str, str]:
    """Return all static output about an object: what a notebook file would keep."""
    uid = str(ds.SOPInstanceUID)
    study = session.studies.one()
    outputs = {
        "study": study,
        "series": study.children[0],
        "instance": study.instances[0],
        "studies": session.studies,
        "list of series": study.children,
        "Instance": session.instance(uid),
        "Session": session,
        "shown": session.present(uid),
        "states": session.presentation_states(uid),
        "memory": session.memory,
    }
    texts = {}
    for name, one in outputs.items():
        texts[f"repr of {name}"], texts[f"str of {name}"] = repr(one), str(one)
        texts[f"repr of [{name}]"] = repr([one])
        if hasattr(one, "_repr_html_"):
            texts[f"html of {name}"] = one._repr_html_()
        if hasattr(one, "_repr_mimebundle_"):
            texts |= {f"{kind} of {name}": v for kind, v in one._repr_mimebundle_().items() if kind != "image/png"}
    for name, wrong in {
        "not found": lambda: session.instance(session.studies),
        "no array": lambda: session.array(session.studies, values="nonsense"),
        "no such state": lambda: session.present(uid, presentation="1.2.3.999"),
        "no window": lambda: session.present(uid, window="nothing"),
    }.items():
        with pytest.raises((dw.errors.DicomWidgetsError, ValueError)) as caught:
            wrong()
        texts[f"error: {name}"] = str(caught.value)
    return texts


@pytest.fixture
def patient(session):
    ds = samples.image(np.arange(16, dtype=np.uint16).reshape(4, 4), **SECRETS)
    session.load([ds, samples.state(ds, ContentCreatorName="Reader^R", **SECRETS)])
    return ds


def test_no_static_output_names_the_patient(session, patient):
    for where, text in everything(session, patient).items():
        assert not [w for w in WORDS if w in text], where


def test_a_page_names_nobody_either(session):
    ds = samples.plain(samples.PREFIX + "88.11", **SECRETS)
    session.load(ds)
    page = session.present(str(ds.SOPInstanceUID))
    for text in (page.html, repr(page), str(page), *page._repr_mimebundle_().values()):
        assert not [w for w in WORDS if w in text]
    assert MASK in page.html


def test_phi_show_shows_the_names(session, patient, monkeypatch):
    monkeypatch.setattr(dw.options, "phi", "show")
    table = session.studies._repr_html_()
    assert "Secretname, Jane" in table
    assert "ID-77-SECRET" in table
    assert MASK not in table
    report = samples.plain(samples.PREFIX + "88.11", **SECRETS)
    session.load(report)
    assert "Secretname, Jane" in session.present(str(report.SOPInstanceUID)).html


def test_data_are_never_masked(session, patient):
    """`entity.PatientName`, `.to_dataframe()`, `dataset()`."""
    study = session.studies.one()
    assert str(study.PatientName) == "Secretname^Jane"
    assert session.studies.to_dataframe().loc[0, "PatientID"] == "ID-77-SECRET"
    assert session.dataset(str(patient.SOPInstanceUID)).PatientID == "ID-77-SECRET"


def test_live_corners_name_the_patient(session, patient):
    """TX1: a live widget shows them; which corners are private is said."""
    picture = session.present(str(patient.SOPInstanceUID))
    assert picture.texts["tl"][0] == "Secretname, Jane"
    assert picture.private == {"tl", "tr"}


def test_invented_patients_are_shown(session):
    ds = samples.plain(samples.PREFIX + "88.11", PatientName="Practice^Paula", PatientID="P1")
    session.store.add(Blob.of(samples.encoded(ds), samples.EXPLICIT, invented=True))
    assert "Practice, Paula" in session.studies._repr_html_()
    assert "Practice, Paula" in repr(session.studies)
    assert "Practice, Paula" in session.present(str(ds.SOPInstanceUID)).html


# --- markup


class Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {k for k, _ in attrs}


@pytest.fixture
def shown_names(monkeypatch):
    monkeypatch.setattr(dw.options, "phi", "show")


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize(
    "keyword",
    "PatientName PatientID StudyDescription SeriesDescription Modality ContentLabel ContentDescription".split(),
)
def test_hostile_words_stay_words(session, shown_names, keyword, words):
    ds = samples.plain(samples.PREFIX + "88.11", **{keyword: words, "SOPInstanceUID": "1.2.3.4"})
    session.load(samples.part10(ds))
    study = session.studies.one()
    pages = [session.present("1.2.3.4").html, session.studies._repr_html_(), study.children._repr_html_()]
    for html in [*pages, study.children[0].children._repr_html_()]:
        found = Tags(html)
        assert found.seen <= {"div", "h3", "p", "table", "thead", "tbody", "tr", "th", "td"}
        assert found.attributes <= {"class"}
    assert "<script" not in "".join(pages)
    assert any(part in "".join(pages) for part in ("&lt;", "&amp;", "javascript:"))


@pytest.mark.filterwarnings("ignore:.*:UserWarning")
def test_a_hostile_uid_stays_words(session):
    ds = samples.plain("<img src=x>", SOPInstanceUID="<script>1</script>", SeriesInstanceUID='"><b>')
    session.load(samples.part10(ds))
    html = session.present("<script>1</script>").html + session.studies.one().children[0].children._repr_html_()
    assert Tags(html).seen <= {"div", "h3", "p", "table", "thead", "tbody", "tr", "th", "td"}
