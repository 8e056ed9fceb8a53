"""From "view" to the first picture of a series that is stored, beside pydicom and matplotlib in the same page.

The page's own clock runs from the click (or from the start of the cell) to the end of the animation frame in which
the picture is there: the pixels of the new series, or matplotlib's image, loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.page import DISTS, page
from benchmarks.report import Row, table

if TYPE_CHECKING:
    from tests.browser.lab import Page

RUNS, SLICES = 10, 30
GOAL = 300.0
REST = 2000  # ms between two measurements: the slices around the first one are sent meanwhile

SETUP = f"""
import matplotlib.pyplot as plt, matplotlib.style, pydicom
from pydicom.pixels import apply_modality_lut
import dicom_widgets as dw
from benchmarks.samples import CENTER, WIDTH, slices
matplotlib.style.use("fast")  # matplotlib's guide to speed
pacs, session = dw.PracticePacs(), dw.Session(listen_port=0)
for name in ("Phantom*", "Sample*"):  # a CT and an MR
    session.retrieve(session.find(pacs.remote, PatientName=name).one(), progress=False)
for i in range({RUNS} + 1):
    session.load(slices({SLICES}, name=f"listed {{i}}"))
    slices(1, name=f"plotted {{i}}")[0].save_as(f"plotted{{i}}.dcm", enforce_file_format=True)
series = iter([session.load(slices({SLICES}, name=f"viewed {{i}}"))[0].children[0] for i in range({RUNS} + 1)])
middles = iter([f"plotted{{i}}.dcm" for i in range({RUNS} + 1)])
"""
VIEWER = "viewer = dw.Viewer(session, pacs.remote)\nviewer"
VIEW = "dw.view(next(series), session)"
PLOT = """
ds = pydicom.dcmread(next(middles))
hu = apply_modality_lut(ds.pixel_array, ds)
plt.imshow(hu, cmap="gray", vmin=CENTER - WIDTH / 2, vmax=CENTER + WIDTH / 2);
"""

CLOCK = """() => new Promise((resolve, reject) => {
    const lit = (c) => {
        const { data } = c.getContext("2d").getImageData(0, c.height >> 1, c.width, 1);
        const whole = "index" in c.dataset && !("waiting" in c.dataset) && !("preview" in c.dataset);
        return whole && data.some((v, i) => i % 4 < 3 && v > 0);
    };
    const run = (i) => {
        window.jupyterapp.shell.currentWidget.content.activeCellIndex = i;
        window.jupyterapp.commands.execute("notebook:run-cell");
    };
    const old = new Set(document.querySelectorAll("canvas.dw-pixels, .jp-OutputArea img"));
    const fresh = (selector) => [...document.querySelectorAll(selector)].find((e) => !old.has(e));
    const { port1, port2 } = new MessageChannel(), start = performance.now();
    port1.onmessage = () => {
        const now = performance.now();
        if (DONE) resolve(now - start);
        else if (now - start > 20000) reject(new Error("no picture within 20 s"));
        else requestAnimationFrame(() => port2.postMessage(0));
    };
    ACT;
    requestAnimationFrame(() => port2.postMessage(0));
})"""
SHOWN = 'document.querySelector(".dw-bl").textContent.includes("{}") && lit(document.querySelector("canvas.dw-pixels"))'


def clock(here: Page, act: str, done: str) -> float:
    """Return the milliseconds from an act in the page to the frame in which something is true."""
    here.tab.wait_for_timeout(REST)
    return float(here.tab.evaluate(CLOCK.replace("ACT", act).replace("DONE", done)))


def pressed(here: Page, i: int) -> float:
    name = f"listed {i}"
    button = f'[...document.querySelectorAll(".dw-series .dw-card")].find((b) => b.textContent.includes("{name}"))'
    # A number is not the beginning of another: the list says the count of instances after the name.
    button = button.replace(f'"{name}"', f'"{name}{SLICES} instances"')
    return clock(here, f"{button}.click()", SHOWN.format(name))


def clicked(here: Page, i: int) -> float:
    """Click the browser's View button: the CT and the MR of the practice PACS in turn."""
    described = ("Head 2.5 mm", "T2 TSE sagittal")[i % 2]
    here.tab.locator(".dw-level-SERIES").filter(has_text=described).click()
    return clock(here, 'document.querySelector(".dw-view").click()', SHOWN.format(described))


def viewed(here: Page, _: int) -> float:
    return clock(here, "run(2)", '(() => { const c = fresh("canvas.dw-pixels"); return c && lit(c); })()')


def plotted(here: Page, _: int) -> float:
    return clock(
        here, "run(3)", '(() => { const e = fresh(".jp-OutputArea img"); return e && e.complete && e.naturalWidth; })()'
    )


WAYS = {
    "dicom_widgets, a series pressed in the list": pressed,
    "dicom_widgets, the browser's View button": clicked,
    "dicom_widgets, a cell dw.view(series)": viewed,
    "pydicom + matplotlib, a cell with imshow of the middle slice": plotted,
}


def main() -> None:
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    with page("view", SETUP, VIEWER, VIEW, PLOT) as here:
        here.tab.locator(".dw-query").click()
        for name in ("Phantom, Henry", "Sample, Sagitta"):
            row = here.tab.locator(".dw-level-STUDY").filter(has_text=name)
            row.locator(".dw-twist").click()
            row.locator("xpath=following-sibling::tr[1][contains(@class, 'SERIES')]").wait_for()
        for i in range(RUNS):  # the two cells ran once already
            for name, way in WAYS.items():
                taken[name].append(way(here, i))
    rows = [
        Row(name, ms, goal=None if way is plotted else GOAL)
        for (name, ms), way in zip(taken.items(), WAYS.values(), strict=True)
    ]
    table(
        "From view to the first picture of a series that is stored (512 x 512 int16; View button: the practice PACS)",
        rows,
        ("pydicom", "matplotlib", *DISTS),
    )
