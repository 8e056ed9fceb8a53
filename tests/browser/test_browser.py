"""The PACS browser on a page: the way of retrieval, the ledger, the doctor, cancel."""

from __future__ import annotations

from tests.peers.loopback import free_port


def notebook(lab, name, *cells):
    lab.write(name, "import dicom_widgets as dw", *cells)
    return name


def test_c_move_from_a_real_pacs_with_its_ledger_and_the_doctor(lab, page, start_orthanc, artefacts):
    port = free_port()
    pacs = start_orthanc(peers={"BROWSER": port})
    page.open(
        notebook(
            lab,
            "move.ipynb",
            f"session = dw.Session('BROWSER', listen_port={port})\n"
            f"browser = dw.Browser(session, dw.RemoteAE({pacs.ae_title!r}, '127.0.0.1', {pacs.port}))\nbrowser",
        )
    )
    page.run_all()
    page.until(lambda: page.locator(".dw-query").count() == 1, what="the form")
    page.locator(".dw-check input").check()
    page.locator(".dw-query").click()
    status, rows = page.locator(".dw-status"), page.tab.locator(".dw-table tbody tr")
    page.until(lambda: "instances at" in status.inner_text(), seconds=20, what="the whole tree")
    rows.first.click()
    page.locator(".dw-way").select_option("C-MOVE")
    assert f"BROWSER at 127.0.0.1:{port}" in page.locator(".dw-hint").inner_text()
    page.locator(".dw-retrieve").click()
    ledger = page.locator(".dw-ledger")
    page.until(lambda: ledger.is_visible() and "C-MOVE from" in ledger.inner_text(), seconds=20, what="the ledger")
    assert "✓" in rows.first.inner_text()
    page.screenshot(artefacts / "browser-ledger.png")
    page.locator(".dw-examine").click()
    page.until(lambda: "failed" in status.inner_text(), seconds=30, what="the end of the examination")
    steps = page.tab.locator(".dw-findings li")
    assert "C-MOVE" in " ".join(steps.all_inner_texts())
    assert page.tab.locator(".dw-findings .dw-bad").count() == 0
    page.screenshot(artefacts / "browser-doctor.png")


def test_what_does_not_work_is_said_with_what_to_do(lab, page, artefacts):
    page.open(
        notebook(
            lab,
            "stranger.ipynb",
            "pacs = dw.PracticePacs(destinations={})\nsession = dw.Session('STRANGER', listen_port=0)\n"
            "browser = dw.Browser(session, pacs.remote)\nbrowser",
        )
    )
    page.run_all()
    page.until(lambda: page.locator(".dw-query").count() == 1, what="the form")
    page.locator("[data-key=PatientName]").fill("Phantom*")
    page.locator(".dw-query").click()
    rows, status = page.tab.locator(".dw-table tbody tr"), page.locator(".dw-status")
    page.until(lambda: rows.count() == 1, what="one study")
    rows.first.click()
    page.locator(".dw-way").select_option("C-MOVE")
    page.locator(".dw-retrieve").click()
    page.until(lambda: "0xA801" in status.inner_text(), seconds=20, what="the peer's answer in words")
    assert "does not know the destination" in status.inner_text()
    page.locator(".dw-examine").click()
    page.until(lambda: page.tab.locator(".dw-findings .dw-bad").count() == 1, seconds=30, what="a finding")
    page.until(lambda: "1 failed" in status.inner_text(), seconds=30, what="the end of the examination")
    assert "STRANGER" in page.tab.locator(".dw-findings .dw-bad").inner_text()
    page.screenshot(artefacts / "browser-stranger.png")
