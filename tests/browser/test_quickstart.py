"""The quickstart notebook as a user meets it: run it, query, retrieve, view, drag, reload."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.browser.comparison import PIXELS, same

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "01_quickstart.ipynb"


@pytest.fixture
def quickstart(lab, page):
    """The executed notebook in a page."""
    shutil.copy(NOTEBOOK, lab.folder / "quickstart.ipynb")
    page.open("quickstart.ipynb")
    page.run_all(seconds=120)
    return page


def in_view(page, selector):
    page.locator(selector).first.scroll_into_view_if_needed()


def test_quickstart_from_query_to_a_windowed_picture(quickstart, artefacts):
    page = quickstart
    seen = same(page, "viewer.viewport", least_levels=65)
    assert (seen[..., 0] > 0).mean() > 0.1
    assert "Phantom, Henry" in page.locator(".dw-tl").inner_text()
    assert "SUBDURAL" in page.locator(".dw-br").inner_text()
    assert "Narrow window with the finding marked" in page.locator(".dw-br").inner_text()
    assert "Not for diagnostic use" in page.locator(".dw-br").inner_text()
    assert [page.locator(f".dw-{e}").inner_text() for e in ("left", "top", "right", "bottom")] == ["R", "A", "L", "P"]
    assert int(page.locator(".dw-graphics").get_attribute("data-shapes")) >= 3

    page.locator(".dw-query").click()  # the browser: query, look into a study, choose a series, view it
    page.until(lambda: page.tab.locator(".dw-table tbody tr").count() > 10, what="studies in the table")
    rows = page.tab.locator(".dw-table tbody tr")
    assert "山田 太郎" in page.locator(".dw-table").inner_text()
    mr = rows.filter(has_text="MR lumbar")
    mr.locator(".dw-twist").click()
    page.until(lambda: page.locator(".dw-level-SERIES").count() > 0, what="the series of the study")
    page.locator(".dw-level-SERIES").first.dblclick()
    page.until(lambda: "Sagitta" in page.locator(".dw-tl").inner_text(), seconds=20, what="the MR in the viewport")
    first = same(page, "viewer.viewport", least_levels=65)
    page.drag(PIXELS, 70, -40)
    assert not np.array_equal(same(page, "viewer.viewport"), first)
    page.until(lambda: page.tab.locator(".dw-series .dw-card").count() >= 3, what="the list of series")
    in_view(page, ".dw-form")
    page.screenshot(artefacts / "quickstart.png")

    page.save()
    page.reload()
    in_view(page, PIXELS)
    same(page, "viewer.viewport")


def test_the_presentation_state_menu_changes_the_picture_and_takes_it_off(quickstart):
    """PS3, PS4, PS18."""
    page = quickstart
    newest = same(page, "viewer.viewport")
    menu = page.locator(".dw-states")
    options = menu.locator("option").all_inner_texts()
    assert options[0].startswith("Newest: SUBDURAL")
    assert options[-1] == "None"
    menu.select_option(label="None")
    page.until(lambda: "SUBDURAL" not in page.locator(".dw-br").inner_text(), what="no state")
    plain = same(page, "viewer.viewport")
    assert not np.array_equal(newest, plain)
    assert page.locator(".dw-graphics").get_attribute("data-shapes") == "0"
    menu.select_option(label=next(o for o in options if o.startswith("BRAIN")))
    page.until(lambda: "BRAIN" in page.locator(".dw-br").inner_text(), what="the older state")
    assert not np.array_equal(same(page, "viewer.viewport"), plain)
    letters = [page.locator(f".dw-{e}").inner_text() for e in ("left", "top", "right", "bottom")]
    assert letters == ["A", "R", "P", "L"]  # turned clockwise by 90 degrees (bottom comes to the left), then flipped
    for change in ("zoom = 2", "pan = (9, 0)"):
        page.kernel(f"viewer.viewport.{change}")
        page.until(lambda: "BRAIN (modified)" in page.locator(".dw-br").inner_text(), what="the mark of another place")
        page.kernel("viewer.viewport.reset()")
        page.until(lambda: "modified" not in page.locator(".dw-br").inner_text(), what="as it was presented")
    page.drag(PIXELS, 30, 20)
    page.until(lambda: "BRAIN (modified)" in page.locator(".dw-br").inner_text(), what="the mark of a change by hand")
    page.kernel("viewer.viewport.presentation = 'newest'")
    page.until(lambda: "modified" not in page.locator(".dw-br").inner_text(), what="a clean start")
    page.until(lambda: "SUBDURAL" in page.locator(".dw-br").inner_text(), what="the newest again")
    assert np.array_equal(same(page, "viewer.viewport"), newest)
    page.kernel("viewer.viewport.hidden = tuple(viewer.viewport.picture().switches)[:1]")
    page.until(
        lambda: "SUBDURAL (modified)" in page.locator(".dw-br").inner_text(), what="the mark of a layer taken away"
    )
    page.kernel("viewer.viewport.reset()")


def test_objects_that_are_no_pictures_are_pages(quickstart):
    page = quickstart
    page.locator(".dw-query").click()
    row = page.tab.locator(".dw-table tbody tr").filter(has_text="Structured Reporting")
    row.first.dblclick()
    page.until(lambda: page.locator(".dw-sheet").is_visible(), seconds=20, what="a page in place of the picture")
    assert "SR" in page.locator(".dw-sheet").inner_text()


def test_errors_are_sentences_in_the_widget(lab, page):
    lab.write(
        "errors.ipynb",
        "import dicom_widgets as dw\nsession = dw.Session(listen_port=0)",
        "dw.Viewer(session, dw.RemoteAE('NOBODY', '127.0.0.1', 1))",
    )
    page.open("errors.ipynb")
    page.run_all()
    page.until(lambda: page.locator(".dw-query").count() == 1, what="the form")
    page.locator(".dw-query").click()
    page.until(lambda: page.locator(".dw-status.dw-error").count() == 1, what="an error in the widget")
    assert "Nothing listens at 127.0.0.1:1" in page.locator(".dw-status").inner_text()
    page.locator("[data-key=AccessionNumber]").fill("*?*")
    page.locator("[data-key=from]").fill("2024-05-01")
    page.locator(".dw-query").click()
    page.until(lambda: page.kernel("print(session.busy == '')").strip() == "True", what="a session that is free again")
