"""What a saved notebook keeps: no name, ID or date of a patient anywhere, and a picture where it is wanted."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from contextlib import contextmanager

import nbformat
import numpy as np
import pytest

from tests import samples
from tests.browser.comparison import same
from tests.identity import SECRETS
from tests.identity import WORDS as ALL

WORDS = [w for w in ALL if w != "Reader"]  # which scripts say too; the creator is another here
CELLS = [
    """
import dicom_widgets as dw, ipywidgets
from dicom_widgets.widgets.panels.series import SeriesList
session = dw.Session(listen_port=0)
medium = dw.Media('incoming')
found = session.find(medium)
session.retrieve(medium, found.one())
held = {i.SOPClassUID: i for i in session.studies[0].instances}
image, report = (held['1.2.840.10008.5.1.4.1.1.' + suffix] for suffix in ('2', '88.11'))
""",
    "found",
    "found.one()",
    "session.tree(medium).one().children",
    "session.retrieve(medium, found)",
    "session.studies",
    "[session, session.memory, session.instance(image.uid), session.stacks(image), session.presentation_states(image)]",
    "session.present(image)",
    "session.present(report)",
    "session.probe(image, 1, 1)",
    """
for wrong in (
    lambda: session.instance(session.studies),
    lambda: session.array(session.studies, values='nonsense'),
    lambda: session.present(image, window='nothing'),
    lambda: session.present(image, presentation='1.2.3.999'),
    lambda: session.find(medium, PatientName='nobody').one(),
):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__, error)
""",
    "viewport = dw.Viewport(session, image, static=True)\nviewport",
    """
viewer = dw.Viewer(session, medium)
viewer.show(session.studies)
viewer._more('tags', viewer.viewport.instance)
viewer
""",
    "picker = dw.FilePicker(session, 'incoming')\npicker",
    "picker.show('incoming')",
    "ipywidgets.VBox([dw.Browser(session, medium), SeriesList(session, lambda _: None), dw.Tags(session, image.uid)])",
]


@pytest.fixture
def notebook(lab):
    """A notebook that uses everything, with a patient whose names are in no line of its code."""
    folder = lab.folder / "incoming"
    folder.mkdir(exist_ok=True)
    y, x = np.mgrid[:64, :64]
    ds = samples.image((y * 700 + x * 300).astype(np.uint16), **SECRETS, Modality="CT")
    state = samples.state(ds, ContentCreatorName="Refsecret^R", **SECRETS)
    report = samples.plain(samples.PREFIX + "88.11", **{**SECRETS, "Modality": "SR", "SeriesInstanceUID": "1.2.3.1.9"})
    for name, one in (("Secretname.dcm", ds), ("ID-77", state), ("19610917.dcm", report)):
        (folder / name).write_bytes(samples.part10(one))
    return lab.write("kept.ipynb", *CELLS)


def kept(path) -> str:
    """Return all that a file says: its text, and what is in base64 in it."""
    notebook = nbformat.read(path, as_version=4)
    texts = [path.read_text()]

    def walk(value, key=""):
        if isinstance(value, dict):
            for name, one in value.items():
                walk(one, name)
        elif isinstance(value, list):
            for one in value:
                walk(one)
        elif isinstance(value, str) and key in ("data", "image/png"):
            texts.append(base64.b64decode(value).decode("latin-1"))

    walk(notebook.metadata)
    walk([dict(output.get("data", {})) for cell in notebook.cells for output in cell.get("outputs", [])])
    return "\n".join(texts)


def states(path) -> list[str]:
    """Return the names of the widgets whose state is in a file."""
    widgets = nbformat.read(path, as_version=4).metadata["widgets"]["application/vnd.jupyter.widget-state+json"]
    return [model["state"].get("part", model["model_name"]) for model in widgets["state"].values()]


@contextmanager
def saving_states(lab):
    """Switch JupyterLab's "Save Widget State Automatically" on."""
    path = lab.home / "settings" / "@jupyter-widgets" / "jupyterlab-manager" / "plugin.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"saveState": True}))
    try:
        yield
    finally:
        path.unlink()


def converted(lab, path, *options) -> None:
    """Run nbconvert on a notebook, as a user would in a terminal."""
    command = [sys.executable, "-m", "nbconvert", "--execute", *options, path.name]
    done = subprocess.run(
        command, cwd=lab.folder, env=lab._environment(), capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_saved_notebook_names_nobody(lab, page, notebook):
    """Decision 12: every widget and every output, in the file that JupyterLab saves with the widgets' state."""
    with saving_states(lab):
        page.open(notebook.name)
        page.run_all()
        same(page, "viewport")
        for selector in (".dw-tl", ".dw-series h4", ".dw-level-STUDY", ".dw-files", ".dw-tags tbody"):
            seen = lambda s=selector: any(w in page.locator(s).inner_text() for w in WORDS)  # noqa: E731
            page.until(seen, what=f"the patient, live in {selector}")
        page.save()
        page.until(lambda: "widgets" in nbformat.read(notebook, as_version=4).metadata, what="the state in the file")
    assert {"viewport", "browser", "series", "picker", "tags"} <= set(states(notebook))
    text = kept(notebook)
    assert [w for w in WORDS if w in text] == []
    assert "•••" in text
    assert "Viewer()" in text


def test_a_converted_notebook_names_nobody_and_shows_a_picture(lab, page, notebook, artefacts):
    """nbconvert keeps the state of all widgets, with their scripts; without it the HTML has the picture."""
    converted(lab, notebook, "--to", "notebook", "--output", "executed.ipynb")
    executed = lab.folder / "executed.ipynb"
    assert {"viewport", "browser", "series", "picker", "tags"} <= set(states(executed))
    text = kept(executed)
    assert [w for w in WORDS if w in text] == []
    # the same notebook as a page to send around
    lab.write("sent.ipynb", *CELLS[:1], *CELLS[-5:-3])
    without = "--ExecutePreprocessor.store_widget_state=False"
    converted(lab, lab.folder / "sent.ipynb", "--to", "html", without, "--output", "sent.html")
    html = lab.folder / "sent.html"
    assert [w for w in WORDS if w in html.read_text()] == []
    tab = page.context.new_page()
    tab.goto(html.as_uri(), wait_until="domcontentloaded")
    image = tab.locator("img[src^='data:image/png']")
    assert image.count() == 1
    assert image.evaluate("i => [i.naturalWidth, i.naturalHeight]") == [512, 512]
    image.scroll_into_view_if_needed()
    tab.screenshot(path=artefacts / "sent.png")
    tab.close()
