"""The file picker in JupyterLab: by keyboard and mouse, upload in pieces, drag and drop."""

from __future__ import annotations

import json

import numpy as np

from tests.browser.comparison import PIXELS

SETUP = """
import numpy as np, tempfile, pathlib
import dicom_widgets as dw
from dicom_widgets.dicom.datasets import datasets_of
folder = pathlib.Path(tempfile.mkdtemp())
rng = np.random.default_rng(5)
(big,) = datasets_of(rng.integers(0, 4000, (2400, 2600)).astype(np.uint16), 'big')
(small,) = datasets_of(np.arange(4096).reshape(64, 64), 'small')
(folder / 'disk').mkdir()
big.save_as(folder / 'big file.dcm', enforce_file_format=True)
small.save_as(folder / 'disk' / 'small.dcm', enforce_file_format=True)
(folder / 'notes.txt').write_text('no DICOM')
session = dw.Session(listen_port=0)
picker = dw.FilePicker(session, folder)
"""


DROP = """data => {
    const dataTransfer = new DataTransfer(), more = {bubbles: true, cancelable: true};
    dataTransfer.items.add(new File([new Uint8Array(data)], 'dropped.dcm'));
    document.querySelector('.dw-picker').dispatchEvent(new DragEvent('drop', {dataTransfer, ...more}));
}"""


def status(page, words: str) -> None:
    page.until(lambda: words in page.locator(".dw-picker .dw-status").inner_text(), what=words, seconds=30)


def test_browse_open_upload_and_drop(lab, page, artefacts):
    lab.write("picker.ipynb", SETUP, "picker")
    page.open("picker.ipynb")
    page.run_all()
    page.until(lambda: page.locator(".dw-files [role=option]", 2).is_visible(), what="the files")
    names = page.tab.locator(".dw-files .dw-name").all_inner_texts()
    assert names == ["disk", "big file.dcm", "notes.txt"]

    listing = page.locator(".dw-files")
    listing.focus()
    for key in ("Home", "Enter"):  # into the folder by the keyboard
        page.tab.keyboard.press(key)
    page.until(lambda: page.tab.locator(".dw-files .dw-name").all_inner_texts() == ["small.dcm"], what="the folder")
    for key in ("ArrowDown", "Enter"):
        page.tab.keyboard.press(key)
    page.until(lambda: page.locator(PIXELS).get_attribute("data-index") is not None, what="the picture")
    assert len(np.unique(page.pixels(PIXELS)[..., 0])) > 100
    page.screenshot(artefacts / "picker.png")

    path = page.kernel("print(folder / 'big file.dcm')").strip()  # 12.5 MB: four pieces
    page.tab.locator(".dw-picker input[type=file]").first.set_input_files(path)
    status(page, "Opened 1 uploaded file")
    page.kernel("held, file = bytes(picker.opened.instance.blob.data), (folder / 'big file.dcm').read_bytes()")
    assert page.kernel("print(len(held) > 12_000_000 and held == file[-len(held):])").strip() == "True"

    dropped = json.loads(page.kernel("print(list((folder / 'disk' / 'small.dcm').read_bytes()))"))
    page.tab.evaluate(DROP, dropped)
    page.until(lambda: page.kernel("print(picker.opened.instance.number('Rows'))").strip() == "64.0", what="the drop")

    page.locator(".dw-picker button", 0).click()
    page.until(lambda: "notes.txt" in page.tab.locator(".dw-files .dw-name").all_inner_texts(), what="the folder above")
    page.tab.locator(".dw-files [role=option]", has_text="notes.txt").dblclick()
    status(page, "no DICOM file")

    page.tab.get_by_text("Open folder", exact=True).click()
    page.until(lambda: page.tab.locator(".dw-table tbody tr").count() >= 2, what="the studies of the folder")
    page.screenshot(artefacts / "picker-medium.png")
