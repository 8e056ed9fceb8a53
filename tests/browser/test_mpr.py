"""Three planes of a volume in a real JupyterLab: pixels, crosshair by hand and by key, slabs, refusal (GE4, GE5)."""

from __future__ import annotations

import numpy as np

from tests.browser.comparison import PIXELS, same

SETUP = """
import dicom_widgets as dw
pacs, session = dw.PracticePacs().__enter__(), dw.Session(listen_port=0)
study = session.find(pacs.remote, ModalitiesInStudy="CT", PatientName="*")
session.retrieve(study, progress=False)
series = next(s for e in session.studies for s in e.children if s.SeriesDescription == "Head 2.5 mm")
mpr = dw.MPR(session, series, height="380px")
"""
NAMES = ("axial", "coronal", "sagittal")
SHARED = "[...globalThis[Symbol.for('dicom_widgets@1')].pictures.keys()].length"


def planes(page, least=20):
    """Compare all three planes with the kernel's; return their pixels."""
    return [same(page, f"mpr.viewports['{n}']", i, least_levels=least) for i, n in enumerate(NAMES)]


def indices(page):
    return [int(page.locator(PIXELS, i).get_attribute("data-index") or -1) for i in range(3)]


def at(page, *wanted):
    """Wait until page and kernel show these indices."""
    page.until(lambda: indices(page) == list(wanted), what=f"the planes at {wanted}")
    told = f"print([v.index for v in mpr.viewports.values()] == {list(wanted)})"
    page.until(lambda: page.kernel(told).strip() == "True", what="the kernel knows")


def test_three_planes_move_together(lab, page, artefacts):
    """GE4, GE5: pixels of each plane, the crosshair while the kernel sleeps, window and slab of all three, keyboard."""
    lab.write("mpr.ipynb", SETUP, "mpr")
    page.open("mpr.ipynb")
    page.run_all()
    first = planes(page)
    assert indices(page) == [32, 128, 128]
    page.screenshot(artefacts / "mpr.png")
    moved, scale = the_crosshair_is_dragged_while_the_kernel_sleeps(page, first)
    the_wheel_on_one_plane_draws_its_line_on_the_others(page, moved)
    keys_move_the_crosshair_and_make_a_slab(page, scale, artefacts)
    the_notebook_and_a_reload(page)


def the_crosshair_is_dragged_while_the_kernel_sleeps(page, first):
    """A drag over the axial plane moves the others over frames that are sent; return indices and CSS pixels a voxel."""
    page.until(lambda: page.tab.evaluate(SHARED) >= 3 * 49, what="frames around the crosshair are in the page")
    page.tab.evaluate(
        "() => { const k = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel; window.slept = false;"
        " k.requestExecute({code: 'import time; time.sleep(8)'}).done.then(() => { window.slept = true; }); }"
    )
    box = page.box(PIXELS, 0)
    scale = min(box["width"], box["height"]) / 256  # CSS pixels of a voxel: the axial plane is square
    with page.holding(PIXELS, 0) as move:
        for step in range(1, 11):
            move(-2 * scale * step, 1 * scale * step)
        page.until(
            lambda: abs(indices(page)[2] - 108) <= 1 and abs(indices(page)[1] - 138) <= 1,
            what="the others follow the hand",
        )
        assert page.tab.evaluate("() => window.slept") is False
    moved = indices(page)
    assert moved[0] == 32
    at(page, *moved)
    second = planes(page, 2)
    assert np.array_equal(first[0], second[0])
    assert not np.array_equal(first[1], second[1])
    assert not np.array_equal(first[2], second[2])
    u, v = (float(x) for x in page.locator("canvas.dw-graphics", 0).get_attribute("data-cross").split())
    assert (u, v) == (moved[2] + 0.5, moved[1] + 0.5)
    point = page.kernel("print(*mpr.position)").split()
    truth = page.kernel(f"print(*mpr.planes.volume.to_patient({tuple(moved)}))").split()
    assert point == truth
    return moved, scale


def the_wheel_on_one_plane_draws_its_line_on_the_others(page, moved):
    """A click on the coronal plane moves the axial one."""
    line = page.locator("canvas.dw-graphics", 0)
    page.locator("div.dw-surface", 1).click(position={"x": 20, "y": 190})
    page.wheel(PIXELS, 3, index=1)
    page.until(lambda: indices(page)[1] == moved[1] + 3, what="the wheel")
    page.until(
        lambda: line.get_attribute("data-cross").endswith(f" {moved[1] + 3.5:g}"), what="its line on the axial plane"
    )
    same(page, "mpr.viewports['coronal']", 1)


def keys_move_the_crosshair_and_make_a_slab(page, scale, artefacts):
    """Keys set a preset for all planes, thickness and mode of the slab, too."""
    page.locator("div.dw-surface", 0).focus()
    for key in ("Shift+ArrowLeft", "Enter", "Shift+ArrowRight", "Shift+ArrowRight", "Enter", "Escape"):
        page.tab.keyboard.press(key)
    page.until(lambda: abs(indices(page)[2] - (128 + round(8 / scale))) <= 1, what="the crosshair by key")
    page.tab.keyboard.press("2")
    told = "print(*[getattr(v.window, 'explanation', None) for v in mpr.viewports.values()])"
    page.until(lambda: page.kernel(told).strip() == "BONE BONE BONE", what="one window for three planes")
    thin = planes(page, 2)
    page.tab.keyboard.press("k")
    page.tab.keyboard.press("k")
    page.tab.keyboard.press("k")
    page.until(lambda: page.kernel("print(mpr.slab, mpr.mode)").strip() == "10.0 MIP", what="the slab by key")
    thick = planes(page, 2)
    assert all(not np.array_equal(a, b) for a, b in zip(thin, thick, strict=True))
    page.screenshot(artefacts / "mpr-slab.png")
    page.locator("select[aria-label='Slab mode']").select_option("mean")
    page.until(lambda: page.kernel("print(mpr.mode)").strip() == "mean", what="the mode by its menu")
    assert not np.array_equal(planes(page, 2)[0], thick[0])


def the_notebook_and_a_reload(page):
    page.kernel("mpr.slab = 0; mpr.position = mpr.planes.volume.to_patient((20, 100, 90))")
    at(page, 20, 100, 90)
    page.reload()
    at(page, 20, 100, 90)
    planes(page, 2)


def test_no_volume_says_why_in_the_widget(lab, page):
    """GE4: a gap, in the widget and as `mpr.note`; nothing else is shown."""
    lab.write(
        "gap.ipynb", SETUP + "session.drop(session.instances(series)[20].uid)\nmpr = dw.MPR(session, series)", "mpr"
    )
    page.open("gap.ipynb")
    page.run_all()
    words = page.until(lambda: page.locator(".dw-mpr-note").text_content() or None, what="the reason")
    assert "the distances of slices differ: 2.5 to 5 mm" in words
    assert words == page.kernel("print(mpr.note)").strip()
    assert page.tab.locator(PIXELS).count() == 0
