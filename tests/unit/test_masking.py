"""Design decision 11: what a saved notebook keeps names nobody; SR6, TX7: what comes from an object is never markup."""

from __future__ import annotations

import base64
import json
from html.parser import HTMLParser

import numpy as np
import pytest

import dicom_widgets as dw
from dicom_widgets.dicom.blob import Blob
from dicom_widgets.dicom.privacy import MASK, identifies, redact
from dicom_widgets.widgets.panels.series import SeriesList
from dicom_widgets.widgets.runtime.frame_message import frame_message
from tests import samples
from tests.identity import SECRETS, WORDS

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


# --- live widgets that are masked


class Said(list):
    """What widgets send to their pages, and the frames that the runtime would."""

    def of(self, widget):
        widget.send = lambda content, buffers=None: self.append(content)
        return widget

    def frames(self, viewport):
        """Have all frames presented as the sender thread does."""
        present = viewport.runtime._offers[viewport._offer.name].present
        self.extend(frame_message(present(i), step=0)[0] for i in range(viewport.count))

    def words(self):
        return [w for w in WORDS if w in json.dumps(self, ensure_ascii=False)]


def told(widget, kind, **content):
    widget._receive(widget, {"type": kind, "client": "page", **content}, [])


def everyone(session, patient, said, **kwargs):
    """Make one of each widget that shows something of a patient, and have it say all it can."""
    uid = str(patient.SOPInstanceUID)
    viewport = said.of(dw.Viewport(session, uid, lambda _: None, **kwargs))
    series = said.of(SeriesList(session, lambda _: None, **kwargs))
    browser = said.of(dw.Browser(session, dw.Media({"one.dcm": samples.part10(patient)}), **kwargs))
    tags = said.of(dw.Tags(session, uid, **kwargs))
    for widget in (viewport, series, browser, tags):
        told(widget, "ready", view="v")
    said.frames(viewport)
    browser._query({}, deep=True)
    told(tags, "rows", view="v", path=[], node=0)
    told(tags, "value", view="v", path=[0x00100010], all=True, copy=True)
    tags._find("v", 0, "secret", {"private": True, "empty": True})
    return viewport, series, browser, tags


@pytest.fixture
def marked(session):
    """A patient whose private elements and nested sequences say who it is too, with a presentation state."""
    ds = samples.image(np.arange(16, dtype=np.uint16).reshape(4, 4), **SECRETS, OperatorsName="Refsecret^Op")
    ds.RequestAttributesSequence = [samples.item(RequestedProcedureID="ID-77-P", PatientName="Secretname^Jane")]
    ds.private_block(0x0099, "SOMEONE", create=True).add_new(1, "LO", "Secretname again")
    session.load([ds, samples.state(ds, ContentCreatorName="Reader^R", **SECRETS, PresentationCreationDate="20240229")])
    return ds


def test_a_live_widget_names_the_patient_unless_it_is_masked(session, marked):
    """TX1: the names, IDs and dates of everything that a page gets: corners, lists, rows, tags, states."""
    said = Said()
    everyone(session, marked, said)
    assert set(said.words()) >= {"Secretname", "ID-77", "1961-09-17", "2024-02-29", "ACC-SECRET", "Reader"}
    masked = Said()
    everyone(session, marked, masked, mask=True)
    assert masked.words() == []
    assert MASK in json.dumps(masked, ensure_ascii=False)


def test_the_option_masks_every_widget(session, marked, monkeypatch):
    monkeypatch.setattr(dw.options, "phi", "mask")
    said = Said()
    everyone(session, marked, said)
    assert said.words() == []


def test_the_mask_is_put_on_and_taken_off_while_a_page_looks(session, marked):
    said = Said()
    viewer = dw.Viewer(session, dw.Media({"one.dcm": samples.part10(marked)}))
    viewer.show(session.studies)
    for widget in (viewer.viewport, viewer.series, viewer.browser):
        said.of(widget)
    viewer._more("tags", viewer.viewport.instance)
    said.of(viewer.tags)
    said.clear()
    viewer.mask = True
    said.frames(viewer.viewport)
    assert {c["type"] for c in said if "type" in c} >= {"state", "series", "rows", "renew"}
    assert said.words() == []
    viewer.mask = False
    said.frames(viewer.viewport)
    assert "Secretname" in said.words()


def test_invented_patients_are_hidden_where_it_is_asked_for(session, monkeypatch):
    ds = samples.plain(samples.PREFIX + "88.11", PatientName="Practice^Paula", PatientID="P1")
    session.store.add(Blob.of(samples.encoded(ds), samples.EXPLICIT, invented=True))
    viewport = dw.Viewport(session, str(ds.SOPInstanceUID), mask=True)
    assert "Paula" not in viewport.runtime._offers[viewport._offer.name].present(viewport.index).html
    monkeypatch.setattr(dw.options, "phi", "mask")
    assert "Paula" not in session.studies._repr_html_()


def test_a_masked_picker_shows_numbers_for_names(session, tmp_path):
    folder = tmp_path / "Secretname_Jane"
    folder.mkdir()
    (folder / "ID-77.dcm").write_bytes(b"no dicom")
    said, picker = Said(), dw.FilePicker(session, tmp_path, mask=True)
    panel = said.of(picker.panel)
    told(panel, "ready")
    assert [e["name"] for e in said[0]["entries"]] == ["Folder 1"]
    told(panel, "enter", name="Folder 1")
    assert [e["name"] for e in said[-1]["entries"]] == ["File 1"]
    panel._open(folder / panel._name({"name": "File 1"}))
    told(panel, "path", name=str(folder / "ID-77-gone"))
    assert [c["error"] for c in said if c["type"] == "status"][-1] is True
    assert said.words() == []
    assert str(tmp_path) not in json.dumps(said)
    picker.mask = False
    assert said[-2]["path"] == str(folder)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("'/data/Jane Doe/IM 1.dcm' cannot be read: no DICOM.", "'•••' cannot be read: no DICOM."),
        ("There is no file or folder /x/y. Is it spelt right?", "There is no file or folder •••. Is it spelt right?"),
        (r"C:\scans\a is damaged", "••• is damaged"),
        ("Unknown patient: DOE, JANE (4711)", "Unknown patient: •••, ••• (•••)"),
        ("512 x 512 at 3/4 of a second; see W/L.", "512 x 512 at 3/4 of a second; see W/L."),
        ("The Doer janed 47110 times", "The Doer janed 47110 times"),
        ("PACS of the General Hospital; a hospital", "PACS of the •••; a hospital"),
    ],
)
def test_sentences_lose_paths_and_secrets(sentence, expected):
    assert redact(sentence, ["Doe^Jane", "4711", "M", "General Hospital"]) == expected


@pytest.mark.parametrize(
    ("keyword", "vr", "group", "private", "expected"),
    [
        ("OperatorsName", "PN", 0x0008, False, True),
        ("AcquisitionDate", "DA", 0x0008, False, True),
        ("PatientWeight", "DS", 0x0010, False, True),
        ("AccessionNumber", "SH", 0x0008, False, True),
        ("", "LO", 0x0099, True, True),
        ("", "DS", 0x0099, True, False),
        ("SeriesInstanceUID", "UI", 0x0020, False, False),
        ("Modality", "CS", 0x0008, False, False),
        ("SeriesDescription", "LO", 0x0008, False, False),
        ("ImageComments", "LT", 0x0020, False, True),
        ("DerivationDescription", "ST", 0x0008, False, True),
        ("PerformedProcedureStepComments", "ST", 0x0040, False, True),
    ],
)
def test_which_elements_say_who_the_patient_is(keyword, vr, group, private, expected):
    assert identifies(keyword, vr, group, private=private) is expected


# --- pictures that are kept


def test_a_picture_is_kept_on_request(session, patient, monkeypatch):
    uid = str(patient.SOPInstanceUID)
    viewport = dw.Viewport(session, uid)
    bare = viewport._repr_mimebundle_()[0]
    assert "image/png" not in bare
    assert bare["text/plain"] == "Viewport(): seen while its kernel runs; static=True keeps a picture"
    kept = dw.Viewport(session, uid, static=True)._repr_mimebundle_()[0]
    assert base64.b64decode(kept["image/png"]) == viewport.picture().png((512, 512))
    assert "application/vnd.jupyter.widget-view+json" in kept
    viewer = dw.Viewer(session, browser=False)
    viewer.show(uid)
    monkeypatch.setattr(dw.options, "static", True)
    for widget in (viewport, viewer):
        assert widget._repr_mimebundle_()[0]["image/png"] == kept["image/png"]
    assert "image/png" not in dw.Viewport(session, uid, static=False)._repr_mimebundle_()[0]
    assert "image/png" not in dw.Viewport(session)._repr_mimebundle_()[0]


def test_pixels_that_name_the_patient_are_not_kept(session, monkeypatch):
    """Burned In Annotation (0028,0301) YES: neither of `present` nor of a viewport, but for `phi = "show"`."""
    ds = samples.image(np.arange(16, dtype=np.uint16).reshape(4, 4), BurnedInAnnotation="YES")
    session.load(ds)
    viewport = dw.Viewport(session, str(ds.SOPInstanceUID), static=True)
    bundles = [viewport.picture()._repr_mimebundle_(), viewport._repr_mimebundle_()[0]]
    for bundle in bundles:
        assert "image/png" not in bundle
        assert "not kept" in bundle["text/plain"]
    monkeypatch.setattr(dw.options, "phi", "show")
    assert "image/png" in viewport.picture()._repr_mimebundle_()
    assert "image/png" in viewport._repr_mimebundle_()[0]
