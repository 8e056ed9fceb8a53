"""The tag browser in JupyterLab: unfolding, search, copying, the keyboard, both themes; an object's text stays text."""

from __future__ import annotations

import nbformat

DARK = "window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})"
PAINTED = "getComputedStyle(document.querySelector('.dw-tags')).backgroundColor"
BIG = """
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
def item(**values):
    ds = Dataset()
    for k, v in values.items():
        setattr(ds, k, v)
    return ds
evil = "<img src=x onerror='window.hacked=1'>"
ds = item(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", SOPInstanceUID="1.2.3.4",
    StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.1", PatientName=evil[:60],
    StudyDescription=evil, Modality="SR", TextValue="line\\n" * 9000,
    PerFrameFunctionalGroupsSequence=Sequence([item(
        PlanePositionSequence=Sequence([item(ImagePositionPatient=[0, 0, i])]),
        FrameContentSequence=Sequence([item(StackID=str(i))])) for i in range(2000)]))
block = ds.private_block(0x0009, "ACME 1.1", create=True)
block.add_new(1, "LO", evil)
ds.PatientID = ""
ds.add_new(0x00189074, "LO", "soon")
ds.file_meta = FileMetaDataset()
ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
"""


def line(page, words):
    """Return the first row that has these words."""
    return page.tab.locator(".dw-tags tbody tr", has_text=words).first


def selected(page):
    return page.tab.locator(".dw-tags tr[aria-selected=true]")


def test_a_real_object_is_unfolded_searched_and_copied(lab, page, artefacts):
    lab.write(
        "tags.ipynb",
        "import dicom_widgets as dw\npacs = dw.PracticePacs()\nsession = dw.Session(listen_port=0)\n"
        "session.retrieve(session.find(pacs.remote), progress=False)\n"
        "states = [i for i in session.store.under(()) if i.kind == 'presentation state']",
        "dw.Tags(session, states[0])",
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.open("tags.ipynb")
    page.run_all()
    status = page.locator(".dw-tags .dw-status")
    page.until(lambda: "elements" in status.inner_text(), what="the elements")
    line(page, "Referenced Series Sequence").locator(".dw-twist").click()
    nested = line(page, "Series Instance UID")
    page.until(lambda: page.locator(".dw-tags-item").count() > 0, what="the items")
    table = page.locator(".dw-tags .dw-table")
    table.press("/")
    page.tab.keyboard.type("StudyInstanceUID")
    page.until(lambda: "found" in status.inner_text(), what="what was found")
    page.tab.keyboard.press("ArrowDown")
    page.until(lambda: selected(page).count() == 1, what="a selected row")
    assert "Study Instance UID" in selected(page).inner_text()
    page.tab.keyboard.press("Enter")
    page.until(lambda: "Copied" in status.inner_text(), what="the copy")
    copied = page.tab.evaluate("navigator.clipboard.readText()")
    assert copied.replace(".", "").isdigit()
    page.locator(".dw-copy-expression").click()
    page.until(lambda: "ds.StudyInstanceUID" in status.inner_text(), what="the expression")
    page.screenshot(artefacts / "tags-search.png")
    table.press("/")
    page.tab.keyboard.press("Escape")
    page.until(lambda: "elements" in status.inner_text() and nested.count() > 0, what="the tree again")
    line(page, "Referenced Series Sequence").click()
    page.screenshot(artefacts / "tags.png")
    page.tab.evaluate(DARK)
    page.until(lambda: page.tab.evaluate(PAINTED) != "rgb(255, 255, 255)", what="the dark theme")
    page.until(lambda: page.locator("#jupyterlab-splash").count() == 0, what="the end of the splash")
    page.screenshot(artefacts / "tags-dark.png")


def test_thousands_of_items_hostile_texts_and_the_keyboard(lab, page, artefacts):
    lab.write(
        "tags_big.ipynb",
        "import dicom_widgets as dw\nsession = dw.Session(listen_port=0)" + BIG,
        "session.load(ds)\ndw.Tags(session, '1.2.3.4')",
    )
    page.open("tags_big.ipynb")
    page.run_all()
    table, rows = page.locator(".dw-tags .dw-table"), page.tab.locator(".dw-tags tbody tr")
    page.until(lambda: rows.count() == 13, what="the elements")
    assert line(page, "onerror").count() == 1
    page.locator(".dw-tags-switch input", 0).uncheck()
    page.until(lambda: rows.count() == 11, what="no private ones")
    page.locator(".dw-tags-switch input", 1).uncheck()
    page.until(lambda: rows.count() == 10, what="no empty ones")
    page.locator(".dw-tags-switch input", 0).check()
    page.locator(".dw-tags-switch input", 1).check()
    page.until(lambda: rows.count() == 13, what="all again")
    table.press("End")
    assert "Per-Frame" in selected(page).inner_text()
    page.tab.keyboard.press("ArrowRight")
    page.until(lambda: rows.count() == 214, what="two hundred items and where it goes on")
    page.tab.keyboard.press("ArrowRight")
    assert "Item 1" in selected(page).inner_text()
    page.tab.keyboard.press("ArrowRight")
    page.until(lambda: rows.count() == 216, what="what is in the first")
    page.tab.keyboard.press("ArrowDown")
    page.tab.keyboard.press("ArrowRight")
    page.until(lambda: rows.count() == 218, what="a sequence of one item, and that")
    page.screenshot(artefacts / "tags-frames.png")
    page.tab.keyboard.press("End")
    page.tab.keyboard.press("Enter")
    page.until(lambda: rows.count() == 418, what="two hundred more")
    table.press("Home")
    for _ in range(10):
        page.tab.keyboard.press("ArrowDown")
    line(page, "Text Value").click()
    pane = page.locator(".dw-tags-pane")
    page.until(lambda: "first 20,000 characters" in pane.inner_text(), what="more of a long value")
    pane.locator("button").click()
    page.until(lambda: "The first" not in pane.inner_text(), what="all of it")
    assert page.tab.evaluate("window.hacked === undefined && !document.querySelector('.dw-tags img')")
    table.press("/")
    page.tab.keyboard.type("stack id")
    page.until(lambda: "The first 500" in page.locator(".dw-tags .dw-status").inner_text(), what="a search that ends")
    page.tab.keyboard.press("ArrowDown")
    assert "PerFrameFunctionalGroupsSequence[0].FrameContentSequence[0]" in selected(page).inner_text()
    page.screenshot(artefacts / "tags-found.png")
    page.locator(".dw-tags input[type=search]").fill("soon")
    page.until(lambda: rows.count() == 1, what="the one with a wrong VR")
    assert "the Standard says DT" in rows.inner_text()
    page.screenshot(artefacts / "tags-wrong.png")
    table.press("Escape")
    assert not page.tab.evaluate("document.querySelector('.dw-tags').contains(document.activeElement)")
    page.save()
    page.until(lambda: "onerror" not in saved_outputs(lab), what="a saved notebook without a name")


def saved_outputs(lab):
    cells = nbformat.read(lab.folder / "tags_big.ipynb", 4).cells
    return str([c.get("outputs") for c in cells])
