"""One JupyterLab for the test session, one Chromium for each test."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pydicom.data
import pytest

from tests.browser.lab import Lab, Page, chromium, chromium_path
from tests.peers.loopback import files, tool
from tests.peers.orthanc import Orthanc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def chromium_here(missing: Callable[[str, str], NoReturn]) -> None:
    """Without Chromium a test that uses this does not run."""
    if chromium_path() is None:
        missing("Chromium", "apt-get install chromium fonts-dejavu-core fonts-noto-core fonts-noto-cjk")


@pytest.fixture(scope="session")
def lab(chromium_here: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab on an empty folder, with no remotes configured: ``lab.write("a.ipynb", "1 + 1")``."""
    env = {"DICOM_WIDGETS_CONFIG": os.environ["DICOM_WIDGETS_CONFIG"]}
    with Lab(tmp_path_factory.mktemp("notebooks"), env=env) as server:
        yield server


@pytest.fixture
def open_page(
    lab: Lab, artefacts: Path, has_failed: Callable[[], bool], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open a page in a Chromium of its own: ``open_page(scale=2)``. Its console has to stay free of errors."""
    pages: list[Page] = []
    with contextlib.ExitStack() as stack:

        def start(**options: Any) -> Page:
            page = Page(lab, stack.enter_context(chromium(**options)))
            pages.append(page)
            return page

        yield start
        if has_failed():
            name = re.sub(r"\W+", "-", request.node.name).strip("-")
            for number, page in enumerate(pages):
                page.screenshot(artefacts / f"failed-{name}-{number}.png")
        complaints = [complaint for page in pages for complaint in page.complaints]
    assert not complaints, f"errors in the console: {complaints}"


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A page of 1400 by 1000 at one device pixel per CSS pixel: ``page.open("a.ipynb")``."""
    return open_page()


@pytest.fixture
def start_orthanc(
    missing: Callable[[str, str], NoReturn], data_or_none: Path | None
) -> Iterator[Callable[..., Orthanc]]:
    """Start an Orthanc with the lumbar MR, or with what the pydicom wheel has: ``start_orthanc(peers={...})``."""
    if tool("Orthanc") is None:
        missing("Orthanc", "apt-get install orthanc orthanc-dicomweb orthanc-gdcm")
    content = files([data_or_none / "series" / "mr_lumbar_4series"]) if data_or_none else None
    if content is None:
        content = [Path(pydicom.data.get_testdata_file("MR_small.dcm", download=False))]
    with contextlib.ExitStack() as stack:
        yield lambda **options: stack.enter_context(Orthanc(content, **options))
