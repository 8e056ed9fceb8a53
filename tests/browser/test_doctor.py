"""The connection doctor in JupyterLab: findings as they come, in both themes, by keyboard."""

from __future__ import annotations


def test_findings_are_listed_and_the_keyboard_does(lab, page, artefacts):
    lab.write(
        "doctor.ipynb",
        "import dicom_widgets as dw\nsession = dw.Session(listen_port=0)\npacs = dw.PracticePacs()\n"
        "pacs.destinations.clear()\ndoctor = dw.Doctor(session, pacs.remote)\ndoctor",
        "dw.Doctor(session, dw.RemoteAE('<b>X</b>', '127.0.0.1', 1))",
    )
    page.open("doctor.ipynb")
    page.run_all()
    page.until(lambda: page.locator(".dw-start", 1).count() == 1, what="two doctors")
    page.locator(".dw-start", 0).focus()
    page.tab.keyboard.press("Enter")
    first, second = (page.locator(".dw-doctor", i) for i in (0, 1))
    page.until(lambda: first.locator("li").count() == 11, seconds=30, what="eleven findings")
    assert first.locator("li.dw-bad b").all_inner_texts() == ["C-MOVE"]
    assert "AE title DICOM_WIDGETS" in first.locator(".dw-fix").inner_text()
    page.until(lambda: first.locator(".dw-start").is_enabled(), what="an end")
    assert page.tab.evaluate("document.activeElement.className") == "dw-start"
    second.locator(".dw-start").click()
    page.until(lambda: second.locator("li").count() == 11, seconds=30, what="eleven more")
    assert second.locator(".dw-status b").count() == 0
    assert "<b>X</b>" in second.locator(".dw-status").inner_text()
    page.screenshot(artefacts / "doctor.png")
    page.tab.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'})")
    dark = "getComputedStyle(document.querySelector('.dw-doctor')).backgroundColor"
    page.until(lambda: page.tab.evaluate(dark) != "rgb(255, 255, 255)", what="the dark theme")
    page.until(lambda: page.locator("#jupyterlab-splash").count() == 0, what="the end of the splash")
    page.screenshot(artefacts / "doctor-dark.png")
