"""The viewer against a real PACS, several of them on one session, and themes."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.comparison import PIXELS, same


@pytest.fixture
def orthanc(start_orthanc):
    """An Orthanc with the lumbar MR, or with what the pydicom wheel has."""
    return start_orthanc()


def test_query_retrieve_view_and_drag_with_a_real_pacs(lab, page, orthanc, artefacts):
    lab.write(
        "orthanc.ipynb",
        "import dicom_widgets as dw\nsession = dw.Session(listen_port=0)\n"
        f"remote = dw.RemoteAE({orthanc.ae_title!r}, '127.0.0.1', {orthanc.port})",
        "viewer = dw.Viewer(session, remote)\nviewer",
    )
    page.open("orthanc.ipynb")
    page.run_all()
    page.until(lambda: page.locator(".dw-query").count() == 1, what="the form")
    page.locator("[data-key=ModalitiesInStudy]").fill("MR")
    page.locator(".dw-query").click()
    rows = page.tab.locator(".dw-table tbody tr")
    page.until(lambda: rows.count() == 1, what="one study")
    rows.first.locator(".dw-twist").click()
    page.until(lambda: rows.count() >= 2, what="its series")
    rows.nth(1).click()
    page.locator(".dw-view").click()
    page.until(lambda: page.locator(PIXELS).get_attribute("data-index") is not None, seconds=30, what="a picture")
    first = same(page, "viewer.viewport", least_levels=65)
    assert (first[..., 0] > 0).mean() > 0.05
    page.drag(PIXELS, 50, -30)
    assert not np.array_equal(same(page, "viewer.viewport"), first)
    assert "instances" in page.locator(".dw-status").inner_text()
    page.screenshot(artefacts / "orthanc.png")


def test_several_viewers_share_a_session_and_the_frames_of_the_page(lab, page):
    lab.write(
        "several.ipynb",
        "import dicom_widgets as dw\npacs = dw.PracticePacs()\nsession = dw.Session(listen_port=0)\n"
        "session.retrieve(session.find(pacs.remote, PatientName='Sample*').one(), progress=False)\n"
        "series = session.studies[0].children[0]",
        "a = dw.Viewport(session, series, height='300px')\nb = dw.Viewport(session, series, height='200px')\na",
        "b",
        "import ipywidgets\nipywidgets.HBox([dw.Viewport(session, series, height='150px')])",
    )
    page.open("several.ipynb")
    page.run_all()
    same(page, "a", 0)
    same(page, "b", 1)
    page.until(lambda: page.locator(PIXELS, 2).get_attribute("data-index") is not None, what="the third view")
    before = page.pixels(PIXELS, 1)
    page.drag(PIXELS, 60, 20, index=0)
    same(page, "a", 0)
    assert np.array_equal(same(page, "b", 1), before)
    held = "() => globalThis[Symbol.for('dicom_widgets@1')]"
    page.until(lambda: page.tab.evaluate(f"{held}.pictures.size") >= 3 * 22, what="all frames of all views")
    stats = page.tab.evaluate(f"{held}.stats")
    frame = 256 * 256 * 2
    assert stats["bytes"] == 22 * frame  # three views, and each frame travelled once


def test_sharp_at_two_device_pixels(lab, open_page):
    page = open_page(scale=2)
    lab.write(
        "sharp.ipynb",
        "import numpy as np, dicom_widgets as dw\nsession = dw.Session(listen_port=0)\n"
        "viewport = dw.view(np.indices((64, 64)).sum(0) % 2 * 100, session)\nviewport",
    )
    page.open("sharp.ipynb")
    page.run_all()
    seen = same(page)
    box = page.box(PIXELS)
    assert seen.shape[:2] == (round(box["height"] * 2), round(box["width"] * 2))
